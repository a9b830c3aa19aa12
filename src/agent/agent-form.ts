/** An agent as the fields of its form, and back; pure. */
import { type Agent, agentSchema } from '../domain/agent.ts'
import { type Known, USES } from '../domain/knowledge.ts'

export type Values = Record<string, string>
export type ReadAgent = { ok: true; agent: Agent } | { ok: false; field: string; message: string }

/** What the name of a tool's box begins with. */
export const TICKED = 'tool-'
export const TICKED_SKILL = 'skill-'
/** What the name of a text's field begins with; its value says how the agent has it. */
export const KNOWS = 'knows-'
const READ_CONTEXT = 'read_context'
const MAX_FILES = 20
const NEVER = 'You must never:'

export function agentValues(agent: Agent): Values {
  const { rest, never } = splitNever(agent.description)
  const files = (agent.context ?? []).flatMap((file, index) => [
    [`file-${index}-name`, file.name],
    [`file-${index}-text`, file.text],
  ])
  return {
    key: agent.key,
    name: agent.name,
    description: rest,
    never,
    model: agent.model ?? '',
    tools: (agent.tools ?? []).join(', '),
    skills: (agent.skills ?? []).join(', '),
    ...Object.fromEntries((agent.knowledge ?? []).map(({ file, use }) => [`${KNOWS}${file}`, use ?? 'searched'])),
    ...Object.fromEntries(files),
  }
}

/** Reads the form; a file that was uploaded is one more context text. */
export function readAgent(values: Values, key: string, upload?: { name: string; text: string }): ReadAgent {
  const text = (name: string) => (values[name] ?? '').replaceAll('\r\n', '\n').trim()
  const context = Array.from({ length: MAX_FILES + 1 }, (_, index) => {
    return { name: text(`file-${index}-name`), text: text(`file-${index}-text`) }
  }).filter(file => file.text !== '')
  if (upload) context.push(upload)
  if (context.length > MAX_FILES) return mistake('context', `At most ${MAX_FILES} context texts.`)
  if (context.some(file => file.name === '')) return mistake('context', 'Give each context text a name.')
  const knowledge = knownIn(values)
  // Whoever looks things up needs the tool for it.
  const looks = knowledge.some(({ use }) => use === 'searched')
  const tools = [...new Set([...toolsIn(values), ...(looks ? [READ_CONTEXT] : [])])]
  const skills = skillsIn(values)
  const parsed = agentSchema.safeParse({
    key,
    name: text('name'),
    description: joinNever(text('description'), text('never')),
    model: text('model') || undefined,
    context: context.length > 0 ? context : undefined,
    tools: tools.length > 0 ? tools : undefined,
    skills: skills.length > 0 ? skills : undefined,
    knowledge: knowledge.length > 0 ? knowledge : undefined,
  })
  if (parsed.success) return { ok: true, agent: withoutUndefined(parsed.data) }
  const issue = parsed.error.issues[0]
  const field = String(issue?.path[0] ?? 'name')
  return mistake(field, field === 'description' ? 'Say what the agent is and how it works.' : `${issue?.message}.`)
}

/** The tools that the form names: those that are ticked, and others between commas, each once. */
export function toolsIn(values: Values): string[] {
  return namesIn(values, TICKED, values.tools)
}

/** The same of skills. */
export function skillsIn(values: Values): string[] {
  return namesIn(values, TICKED_SKILL, values.skills)
}

/** The team's texts that the agent has, and how, in the order of the form. */
export function knownIn(values: Values): Known {
  return Object.entries(values).flatMap(([name, value]) => {
    const use = name.startsWith(KNOWS) ? USES.find(each => each === value) : undefined
    return use === undefined ? [] : [{ file: name.slice(KNOWS.length), use }]
  })
}

function namesIn(values: Values, start: string, others = ''): string[] {
  const ticked = Object.keys(values).flatMap(name => (name.startsWith(start) ? [name.slice(start.length)] : []))
  return [...new Set([...ticked, ...others.split(',').map(name => name.trim())])].filter(name => name !== '')
}

/** The description ends with what the agent must never do, when it says so in a paragraph of its own. */
function splitNever(description: string): { rest: string; never: string } {
  const at = description.lastIndexOf(`\n${NEVER}`)
  const never = description.slice(at + 1 + NEVER.length).trim()
  // A second look at the whole: what is joined again must be what was there.
  const rest = description.slice(0, at).trimEnd()
  return at > 0 && joinNever(rest, never) === description ? { rest, never } : { rest: description, never: '' }
}

function joinNever(rest: string, never: string): string {
  return never === '' ? rest : `${rest}\n${NEVER} ${never}`
}

function withoutUndefined(agent: Agent): Agent {
  return Object.fromEntries(Object.entries(agent).filter(([, value]) => value !== undefined)) as Agent
}

function mistake(field: string, message: string): ReadAgent {
  return { ok: false, field, message }
}
