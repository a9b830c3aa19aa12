/** A workflow and the agents and tools that it uses as one file: written for export, read for import. */

import { Document, isMap, type Node, stringify } from 'yaml'
import type { z } from 'zod'
import { type Agent, agentSchema } from '../../domain/agent.ts'
import { type Knowledge, knowledgeSchema } from '../../domain/knowledge.ts'
import { type Skill, skillSchema } from '../../domain/skill.ts'
import { type TeamTool, toolSchema } from '../../domain/tools/tool.ts'
import { explain } from '../../http/errors.ts'
import { readDocument } from '../document/document.ts'
import { parseYaml } from '../document/yaml.ts'

const FORMAT = 'baton-export-1'

export interface Bundle {
  /** The definition as YAML. */
  text: string
  agents: Agent[]
  /** The team's own; they name secrets and hold none. */
  tools?: TeamTool[]
  skills?: Skill[]
  /** What the agents know: the team's texts. */
  knowledge?: Knowledge[]
}

/** The file. The author's text is indented, not written anew, so that its comments travel along. */
export function writeBundle({ text, agents, tools = [], skills = [], knowledge = [] }: Bundle): string {
  const { kept, left } = fitting(knowledge)
  const besides = Object.entries({ tools, skills, knowledge: kept }).filter(([, list]) => list.length > 0)
  const others = { agents, ...Object.fromEntries(besides) }
  const note =
    left.length === 0 ? '' : `# Too long for this file, so add it to the other team by hand first: ${left.join(', ')}\n`
  const head = `# A workflow of Baton with the agents, tools, skills and knowledge that it uses. Import it at /workflows/import.\n${note}format: ${FORMAT}\n`
  const indented = text.split('\n').map(line => (line === '' ? '' : `  ${line}`))
  const written = `${head}workflow:\n${indented.join('\n').trimEnd()}\n${stringify(others, { lineWidth: 0 })}`
  const read = readBundle(written)
  if (read.ok && same(read.bundle.text, text)) return written
  const document = readDocument(text, 'yaml')
  return `${head}${stringify({ workflow: document.ok ? document.value : null, ...others }, { lineWidth: 0 })}`
}

/** Characters and lines of knowledge in a file, so that it can be read again. */
const MOST_KNOWN = 500_000
const MOST_LINES = 20_000

/** As many of the texts as a file takes, and the keys of the others. */
function fitting(knowledge: Knowledge[]): { kept: Knowledge[]; left: string[] } {
  const kept: Knowledge[] = []
  const left: string[] = []
  const has = { chars: 0, lines: 0 }
  for (const one of knowledge) {
    const [chars, lines] = [one.text.length, one.text.split('\n').length]
    if (has.chars + chars > MOST_KNOWN || has.lines + lines > MOST_LINES) left.push(one.key)
    else {
      kept.push(one)
      has.chars += chars
      has.lines += lines
    }
  }
  return { kept, left }
}

export type ReadBundle = { ok: true; bundle: Bundle } | { ok: false; message: string }

/** Reads a file: an export, or a definition alone, as YAML or JSON. */
export function readBundle(file: string): ReadBundle {
  const read = readDocument(file, 'yaml')
  if (!read.ok) return { ok: false, message: explain(read.problem).message }
  const { value } = read
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { ok: false, message: 'The file holds no workflow.' }
  if (!('workflow' in value))
    return { ok: true, bundle: { text: file, agents: [], tools: [], skills: [], knowledge: [] } }
  const {
    format,
    workflow,
    agents = [],
    tools = [],
    skills = [],
    knowledge = [],
  } = value as Partial<Record<string, unknown>>
  if (format !== undefined && format !== FORMAT) return { ok: false, message: `Its format must be ${FORMAT}.` }
  const readAgents = listOf(agentSchema, agents, 'agents')
  if ('message' in readAgents) return { ok: false, ...readAgents }
  const readTools = listOf(toolSchema, tools, 'tools')
  if ('message' in readTools) return { ok: false, ...readTools }
  const readSkills = listOf(skillSchema, skills, 'skills')
  if ('message' in readSkills) return { ok: false, ...readSkills }
  const readKnowledge = listOf(knowledgeSchema, knowledge, 'knowledge')
  if ('message' in readKnowledge) return { ok: false, ...readKnowledge }
  const all = {
    ...{ agents: readAgents.all, tools: readTools.all },
    ...{ skills: readSkills.all, knowledge: readKnowledge.all },
  }
  return { ok: true, bundle: { text: workflowText(file, workflow), ...all } }
}

/** Each of a list as its schema has it, or what is wrong with which. */
function listOf<S extends z.ZodType>(
  schema: S,
  list: unknown,
  name: string,
): { all: z.output<S>[] } | { message: string } {
  if (!Array.isArray(list)) return { message: `\`${name}\` must be a list.` }
  const all: z.output<S>[] = []
  for (const [index, item] of list.entries()) {
    const parsed = schema.safeParse(item)
    if (parsed.success) {
      all.push(parsed.data)
      continue
    }
    const [issue] = parsed.error.issues
    return { message: `${name}[${index}]${issue ? ` ${issue.path.join('.')}: ${issue.message}` : ''}` }
  }
  return { all }
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
