/** A workflow and the agents that it uses as one file: written for export, read for import. */
import { Document, isMap, type Node, stringify } from 'yaml'
import { type Agent, agentSchema } from '../domain/agent.ts'
import { explain } from '../http/errors.ts'
import { readDocument } from './document.ts'
import { parseYaml } from './yaml.ts'

const FORMAT = 'baton-export-1'

export interface Bundle {
  /** The definition as YAML. */
  text: string
  agents: Agent[]
}

/** The file. The author's text is indented, not written anew, so that its comments travel along. */
export function writeBundle({ text, agents }: Bundle): string {
  const head = `# A workflow of Baton with the agents that it uses. Import it at /workflows/import.\nformat: ${FORMAT}\n`
  const indented = text.split('\n').map(line => (line === '' ? '' : `  ${line}`))
  const written = `${head}workflow:\n${indented.join('\n').trimEnd()}\n${stringify({ agents }, { lineWidth: 0 })}`
  const read = readBundle(written)
  if (read.ok && same(read.bundle.text, text)) return written
  const document = readDocument(text, 'yaml')
  return `${head}${stringify({ workflow: document.ok ? document.value : null, agents }, { lineWidth: 0 })}`
}

export type ReadBundle = { ok: true; bundle: Bundle } | { ok: false; message: string }

/** Reads a file: an export, or a definition alone, as YAML or JSON. */
export function readBundle(file: string): ReadBundle {
  const read = readDocument(file, 'yaml')
  if (!read.ok) return { ok: false, message: explain(read.problem).message }
  const { value } = read
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { ok: false, message: 'The file holds no workflow.' }
  if (!('workflow' in value)) return { ok: true, bundle: { text: file, agents: [] } }
  const { format, workflow, agents = [] } = value as { format?: unknown; workflow: unknown; agents?: unknown }
  if (format !== undefined && format !== FORMAT) return { ok: false, message: `Its format must be ${FORMAT}.` }
  if (!Array.isArray(agents)) return { ok: false, message: '`agents` must be a list.' }
  const parsed = agents.map(agent => agentSchema.safeParse(agent))
  const wrong = parsed.findIndex(one => !one.success)
  if (wrong >= 0) {
    const issue = parsed[wrong]?.error?.issues[0]
    return { ok: false, message: `agents[${wrong}]${issue ? ` ${issue.path.join('.')}: ${issue.message}` : ''}` }
  }
  return { ok: true, bundle: { text: workflowText(file, workflow), agents: parsed.map(one => one.data as Agent) } }
}

/** The workflow's part of the file, with its comments where it is a mapping of its own. */
function workflowText(file: string, workflow: unknown): string {
  const parsed = parseYaml(file)
  const node = parsed.ok ? (parsed.document.get('workflow', true) as Node | undefined) : undefined
  if (isMap(node)) {
    const own = new Document(null)
    own.contents = node as never
    try {
      const text = own.toString({ lineWidth: 0 })
      const read = readDocument(text, 'yaml')
      if (read.ok && JSON.stringify(read.value) === JSON.stringify(workflow)) return text
    } catch {
      // An anchor that stands elsewhere in the file.
    }
  }
  return stringify(workflow, { lineWidth: 0 })
}

function same(a: string, b: string): boolean {
  const [one, other] = [readDocument(a, 'yaml'), readDocument(b, 'yaml')]
  return one.ok && other.ok && JSON.stringify(one.value) === JSON.stringify(other.value)
}
