/** Makes a workflow of a text, with the agents and tools that the team lacks: what import, templates and copies share. */
import { saveAgent } from '../../agent/agents.ts'
import { saveKnowledge } from '../../agent/knowledge/knowledge.ts'
import type { Agent } from '../../domain/agent.ts'
import { type Person, personActor } from '../../domain/caller.ts'
import { type Knowledge, unknownKnowledge } from '../../domain/knowledge.ts'
import { nearest } from '../../domain/nearest.ts'
import { type Skill, unknownSkill } from '../../domain/skill.ts'
import { kindOfText } from '../../domain/text/file-kind.ts'
import { BUILT_IN_TOOLS } from '../../domain/tools/built-in.ts'
import { lintTool } from '../../domain/tools/lint-tool.ts'
import type { TeamTool } from '../../domain/tools/tool.ts'
import { type Known, lintDefinition } from '../../domain/workflow/lint.ts'
import type { Env } from '../../env.ts'
import { knowledgeNames } from '../../records/definitions/knowledge.ts'
import { currentSkills, insertSkillVersion } from '../../records/definitions/skills.ts'
import { currentTools, insertToolVersion } from '../../records/definitions/tools.ts'
import { insertWorkflow } from '../../records/definitions/workflows.ts'
import { newId } from '../../records/ids.ts'
import { readDocument } from '../document/document.ts'
import { knownFor, type LintEnv } from '../known.ts'
import { draftFacts, firstError, type Lint, lintText, publish } from '../publish.ts'
import type { Bundle } from './bundle.ts'

export interface Plan {
  lint: Lint
  /** Agents that are to be made, and those that the team has already: these are used as they are. */
  missing: Agent[]
  there: string[]
  /** The same of tools. */
  missingTools: TeamTool[]
  thereTools: string[]
  /** The same of skills. */
  missingSkills: Skill[]
  thereSkills: string[]
  /** The same of what agents know. */
  missingKnowledge: Knowledge[]
  thereKnowledge: string[]
  /** What is wrong with a tool or an agent that is to be made, but for secrets, which are set later; null: nothing. */
  fault: string | null
  document: unknown
}

/** What making it would do; null when the text cannot be read. */
export async function planOf(env: LintEnv, team: string, bundle: Bundle): Promise<Plan | null> {
  const read = readDocument(bundle.text, 'yaml')
  if (!read.ok) return null
  const [tools, skills, knowledge] = await Promise.all([
    currentTools(env.DB, team),
    currentSkills(env.DB, team),
    knowledgeNames(env.DB, team),
  ])
  const ownSkills = bundle.skills ?? []
  const missingSkills = ownSkills.filter(({ key }) => !Object.hasOwn(skills, key))
  const ownKnowledge = bundle.knowledge ?? []
  const missingKnowledge = ownKnowledge.filter(({ key }) => !knowledge.has(key))
  const knows = [...knowledge.keys(), ...missingKnowledge.map(({ key }) => key)]
  const own = bundle.tools ?? []
  const missingTools = own.filter(({ key }) => !Object.hasOwn(tools, key))
  const names = missingTools.map(({ key }) => key)
  const { known, agents } = await knownFor(
    env,
    team,
    read.value,
    bundle.agents,
    names,
    missingSkills.map(({ key }) => key),
  )
  const has = (agent: Agent) => Object.hasOwn(agents, agent.key)
  return {
    lint: lintDefinition(read.value, known).lint,
    missing: bundle.agents.filter(agent => !has(agent)),
    there: bundle.agents.filter(has).map(agent => agent.key),
    missingTools,
    thereTools: own.filter(({ key }) => Object.hasOwn(tools, key)).map(({ key }) => key),
    missingSkills,
    thereSkills: ownSkills.filter(({ key }) => Object.hasOwn(skills, key)).map(({ key }) => key),
    missingKnowledge,
    thereKnowledge: ownKnowledge.filter(({ key }) => knowledge.has(key)).map(({ key }) => key),
    fault: firstFault([
      ...missingKnowledge.map(noText),
      ...missingTools.map(tool => faultOf(tool, known)),
      ...bundle.agents.filter(agent => !has(agent)).map(agent => strangeTool(agent, known.toolNames ?? [])),
      ...bundle.agents.filter(agent => !has(agent)).map(agent => strangeSkill(agent, known.skills ?? [])),
      ...bundle.agents.filter(agent => !has(agent)).map(agent => strangeKnowledge(agent, knows)),
    ]),
    document: read.value,
  }
}

function faultOf(tool: TeamTool, { local }: Pick<Known, 'local'>): string | null {
  if (Object.hasOwn(BUILT_IN_TOOLS, tool.key)) return `The tool ${tool.key} has the name of one that every team has.`
  const fault = lintTool(tool, { local }).find(({ level }) => level === 'error')
  return fault === undefined ? null : `The tool ${tool.key}: ${fault.message}`
}

function firstFault(faults: (string | null)[]): string | null {
  return faults.find(fault => fault !== null) ?? null
}

/** An agent is not made with a tool that does not exist, whichever way it comes. */
function strangeTool({ key, tools = [] }: Agent, there: readonly string[]): string | null {
  const strange = tools.find(tool => !there.includes(tool))
  if (strange === undefined) return null
  const near = nearest(strange, there)
  const meant = near === null ? '' : ` Did you mean ${near}?`
  return `The agent ${key} names the tool ${strange}, which is neither in this file nor in your team.${meant} Put it into the file, make it first, or take it out of the agent.`
}

/** Makes the missing agents and the workflow: a draft, or published when that is asked for and nothing is wrong with it. */
export async function makeWorkflow(
  env: Env,
  person: Pick<Person, 'team' | 'email' | 'name'>,
  bundle: Bundle,
  plan: Plan,
  options: { live: boolean; note?: string },
): Promise<string> {
  const { id: team } = person.team
  const at = Date.now()
  // One that is there by now is used as it is.
  const by = personActor(person)
  for (const tool of plan.missingTools) await insertToolVersion(env.DB, team, tool, 'new', by, at)
  for (const skill of plan.missingSkills) await insertSkillVersion(env.DB, team, skill, 'new', by, at)
  for (const text of plan.missingKnowledge) await saveKnowledge(env.DB, team, text, 'new', by)
  for (const agent of plan.missing) await saveAgent(env.DB, team, agent, 'new', by, at)
  const id = newId('wf')
  await insertWorkflow(
    env.DB,
    {
      ...draftFacts(plan.document),
      id,
      team,
      status: 'draft',
      live: null,
      draft: bundle.text,
      draftFormat: 'yaml',
      createdAt: at,
      createdBy: person.email,
      updatedAt: at,
      deletedAt: null,
    },
    by,
  )
  if (options.live && !firstError(plan.lint)) await publishMade(env, person, id, bundle.text, options.note ?? null)
  return id
}

async function publishMade(
  env: Env,
  person: Pick<Person, 'team' | 'email' | 'name'>,
  workflow: string,
  text: string,
  note: string | null,
): Promise<void> {
  const team = person.team.id
  const read = await lintText(env, team, { text, format: 'yaml' }, workflow)
  if (!read.ok || read.value.definition === null || firstError(read.value.lint)) return
  const { definition, agents } = read.value
  const publication = {
    team,
    workflow,
    text,
    format: 'yaml',
    definition,
    agents,
    by: personActor(person),
    note,
  } as const
  await publish(env.DB, { ...publication, at: Date.now() })
}

function noText({ key, text }: Knowledge): string | null {
  const kind = kindOfText(text)
  return kind === null ? null : `The knowledge ${key} is ${kind}, and no text.`
}

/** The same of what an agent knows. */
function strangeKnowledge({ key, knowledge = [] }: Agent, known: readonly string[]): string | null {
  const wrong = knowledge.map(({ file }) => unknownKnowledge(file, known)).find(fault => fault !== null)
  return wrong == null ? null : `The agent ${key}: ${wrong.message} ${wrong.fix}`.replaceAll('`', '')
}

/** The same of a skill that an agent names. */
function strangeSkill({ key, skills = [] }: Agent, known: readonly string[]): string | null {
  const wrong = skills.map(skill => unknownSkill(skill, known)).find(fault => fault !== null)
  return wrong == null ? null : `The agent ${key}: ${wrong.message} ${wrong.fix}`.replaceAll('`', '')
}
