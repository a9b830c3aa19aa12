/** An agent: a model with its own description, instructions and context, used by many steps and versioned like a workflow. */
import { z } from 'zod'
import { type Known, knownBy, knownSchema, unknownKnowledge } from './knowledge.ts'
import { type KnownProviders, unknownProvider } from './models/provider.ts'
import { nearest } from './nearest.ts'
import { unknownSkill } from './skill.ts'
import { kindOfText } from './text/file-kind.ts'
import { suggestion } from './workflow/lint/item.ts'
import { KEY_PATTERN, skillNamesSchema } from './workflow/parts.ts'

export const agentSchema = z.strictObject({
  key: z.string().regex(KEY_PATTERN, 'must start with a letter and hold only a–z, 0–9 and _, 40 at most'),
  name: z.string().trim().min(1).max(120),
  /** The system prompt: role, rules, edge cases, "You must never". */
  description: z.string().min(1).max(120_000),
  model: z.string().min(1).max(120).optional(),
  /** Texts the agent always has before it: team material, never a task's. */
  context: z
    .array(z.strictObject({ name: z.string().min(1).max(120), text: z.string().max(200_000) }))
    .max(20)
    .optional(),
  tools: z.array(z.string().min(1).max(100)).max(15).optional(),
  /** Reusable instructions that it is given besides. */
  skills: skillNamesSchema.optional(),
  /** What the team knows that it has before it always, or looks up. */
  knowledge: knownSchema.optional(),
})

export type Agent = z.infer<typeof agentSchema>
/** An immutable version of an agent, as a task's pinned definition names it. */
export type AgentVersion = Agent & { version: number }

/** What an agent may not be saved with. */
export interface AgentFault {
  /** `tools[1]`, `context[0].text`, `knowledge[0].file`. */
  path: string
  code:
    | 'unknown_tool'
    | 'unknown_skill'
    | 'unknown_knowledge'
    | 'searched_without_tool'
    | 'not_text'
    | 'unknown_provider'
    | 'provider_not_bound'
  message: string
  fix: string
}

/** What a file that is no text is told; `kind` as in text/file-kind.ts. */
function notText(name: string, kind: string): Pick<AgentFault, 'message' | 'fix'> {
  return {
    message: `“${name}” is ${kind}. An agent’s context holds text and Markdown.`,
    fix: 'Paste its words as a text, or upload the file on the agent’s page: the words in it are kept.',
  }
}

/** What a team has that an agent may name. */
interface Names {
  tools: readonly string[]
  skills: readonly string[]
  knowledge: readonly string[]
  providers?: KnownProviders
}

/** What is wrong with an agent whose team has these tools, skills and texts; all of it, in the order of its fields. */
export function agentFaults(agent: Agent, { tools, skills, knowledge, providers }: Names): AgentFault[] {
  const { model } = agent
  const nobody = model === undefined || model === 'default' || !providers ? null : unknownProvider(model, providers)
  const files = (agent.context ?? []).flatMap(({ name, text }, index): AgentFault[] => {
    const kind = kindOfText(text)
    return kind === null ? [] : [{ path: `context[${index}].text`, code: 'not_text', ...notText(name, kind) }]
  })
  const unknown = (agent.tools ?? []).flatMap((tool, index): AgentFault[] => {
    if (tools.includes(tool)) return []
    const message = `There is no tool \`${tool}\` in this team.`
    const fix = suggestion(nearest(tool, tools), tools, 'Make the tool first.')
    return [{ path: `tools[${index}]`, code: 'unknown_tool', message, fix }]
  })
  const lost = (agent.skills ?? []).flatMap((skill, index): AgentFault[] => {
    const wrong = unknownSkill(skill, skills)
    return wrong === null ? [] : [{ path: `skills[${index}]`, code: 'unknown_skill', ...wrong }]
  })
  return [
    ...(nobody === null ? [] : [{ path: 'model', ...nobody }]),
    ...files,
    ...unknown,
    ...lost,
    ...knowledgeFaults(agent, knowledge),
  ]
}

function knowledgeFaults({ knowledge: known, tools = [] }: Agent, there: readonly string[]): AgentFault[] {
  const strange = (known ?? []).flatMap(({ file }, index): AgentFault[] => {
    const wrong = unknownKnowledge(file, there)
    return wrong === null ? [] : [{ path: `knowledge[${index}].file`, code: 'unknown_knowledge', ...wrong }]
  })
  return [...strange, ...searchedWithoutTool(known, tools)]
}

function searchedWithoutTool(known: Known | undefined, tools: readonly string[]): AgentFault[] {
  const [first] = knownBy(known, 'searched')
  if (first === undefined || tools.includes('read_context')) return []
  const message = `The agent is to look things up in \`${first}\`, but has no tool to do so.`
  const fix = 'Give it the tool `read_context`, or say `use: always`.'
  return [{ path: 'tools', code: 'searched_without_tool', message, fix }]
}
