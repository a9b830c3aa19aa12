/** Publishing: a linted document becomes an immutable, numbered version that names the agent versions of its day. */

import { agentsIn, assignsIn, namedBy, skillsIn, toolsIn, workflowsIn } from '../domain/handler/of-step.ts'
import { usedWorkflow } from '../domain/handler/workflow.ts'
import type { Actor } from '../domain/task/events.ts'
import { cut } from '../domain/text/cut.ts'
import type { Definition, Pinned } from '../domain/workflow/definition.ts'
import { type LintItem, lintDefinition } from '../domain/workflow/lint.ts'
import type { Read } from '../http/request/body.ts'
import { actorId } from '../records/acts.ts'
import { currentSkills } from '../records/definitions/skills.ts'
import { currentTools } from '../records/definitions/tools.ts'
import { startableWorkflows } from '../records/definitions/workflow-uses.ts'
import { insertVersion, latestVersion, type Shown, type WorkflowFacts } from '../records/definitions/workflows.ts'
import { sha256Hex } from '../records/ids.ts'
import { GUEST, welcomeGuests } from '../records/people/former-members.ts'
import type { DocumentFormat } from '../records/schema/definitions.ts'
import { readDocument } from './document/document.ts'
import { knownFor, type LintEnv } from './known.ts'

export type Lint = LintItem[]

export interface Linted {
  definition: Definition | null
  document: unknown
  lint: Lint
  /** Agent key → current version, of all agents of the team. */
  agents: Record<string, number>
}

/** Reads and lints a text against the team's agents and members. `workflow`: whose text it is, if that is made. */
export async function lintText(
  env: LintEnv,
  team: string,
  source: { text: string; format: DocumentFormat },
  workflow?: string,
): Promise<Read<Linted>> {
  const document = readDocument(source.text, source.format)
  if (!document.ok) return document
  const { known, agents } = await knownFor(env, team, document.value, [], [], [], workflow)
  return { ok: true, value: { ...lintDefinition(document.value, known), document: document.value, agents } }
}

/** What is wrong enough to stand in the way of publishing. */
export function firstError(lint: Lint): Lint[number] | null {
  return lint.find(entry => entry.level === 'error') ?? null
}

export interface Publication {
  team: string
  workflow: string
  text: string
  format: DocumentFormat
  definition: Definition
  agents: Record<string, number>
  by: Actor
  note: string | null
  at: number
  /** The draft that this publishes, as it is kept; the text itself unless said. */
  draft?: string
  /** Only over this state of the workflow: what its publisher looked at. */
  shown?: Shown
}

/** How often a publish tries again when another took the next number: of many at once each round lets one pass at least. */
const TRIES = 64
const PAUSE_MS = 20

/**
 * Writes the definition as the workflow's next version and makes it live. Two at once get two numbers; who is always
 * overtaken learns which version won.
 */
export async function publish(db: D1Database, publication: Publication): Promise<Read<number>> {
  const { team, workflow, text, format, definition, by, note, at } = publication
  const agents = Object.fromEntries(namedBy(definition.steps, step => agentsIn([step])))
  const pins = await currentPins(db, team, definition)
  for (let attempt = 0; attempt < TRIES; attempt++) {
    // The digest is over the number, too, so the number must be known before it is written: others may write it first.
    if (attempt > 0) await scheduler.wait(Math.random() * PAUSE_MS)
    const version = (await latestVersion(db, team, workflow)) + 1
    const pinned = JSON.stringify(pin(publication, version, pins))
    const row = {
      workflow,
      version,
      team,
      pinned,
      digest: await sha256Hex(pinned),
      text,
      format,
      note,
      createdAt: at,
      createdBy: actorId(by),
    }
    const { draft: published = text, shown = null } = publication
    const written = await insertVersion(db, row, { facts: factsOf(definition), agents, published, shown, actor: by })
    if (written === 'written') {
      await welcomeGuests(db, team, guestsOf(definition))
      return { ok: true, value: version }
    }
    if (written === 'changed') break
  }
  const latest = await latestVersion(db, team, workflow)
  return latest === 0 ? { ok: false, problem: { kind: 'not_found' } } : overtaken(latest)
}

/** Whoever the definition names as a guest. */
function guestsOf({ steps }: Definition): string[] {
  return assignsIn(steps)
    .filter(name => name.startsWith(GUEST))
    .map(name => name.slice(GUEST.length))
}

function overtaken(version: number): Read<never> {
  const message = `Version ${version} was published meanwhile.`
  const hint = 'Look at it, then publish yours again.'
  const details = { version }
  return { ok: false, problem: { kind: 'conflict', code: 'published_meanwhile', message, hint, details } }
}

/** Whether a step calls tools, or an agent may. Which ones an agent calls is for its own version to say. */
function usesTools({ steps }: Definition): boolean {
  return agentsIn(steps).length > 0 || toolsIn(steps).length > 0
}

/** Whether a step names skills, or an agent may. */
function usesSkills({ steps }: Definition): boolean {
  return agentsIn(steps).length > 0 || skillsIn(steps).length > 0
}

/** The workflows that the definition starts, as it names them, by id: a rename changes nothing for it then. */
async function startedBy(db: D1Database, team: string, { steps }: Definition): Promise<Record<string, string>> {
  const uses = workflowsIn(steps)
  if (uses.length === 0) return {}
  const all = await startableWorkflows(db, team, uses)
  const found = uses.map(use => [use, usedWorkflow(use, all)?.id] as const)
  return Object.fromEntries(found.filter((each): each is [string, string] => each[1] !== undefined))
}

type Pins = Required<Pick<Pinned, 'tools' | 'skills' | 'workflows'>>

/** What a version of the definition that was made now would keep to, besides its agents. */
export async function currentPins(db: D1Database, team: string, definition: Definition): Promise<Pins> {
  const tools = usesTools(definition) ? await currentTools(db, team) : {}
  const skills = usesSkills(definition) ? await currentSkills(db, team) : {}
  return { tools, skills, workflows: await startedBy(db, team, definition) }
}

/** The definition with each agent that it uses, and the team's tools and skills, resolved to their current versions. */
export function pin(
  { workflow, definition, agents }: Pick<Publication, 'workflow' | 'definition' | 'agents'>,
  version: number,
  { tools, skills, workflows }: Pins,
): Pinned {
  const used = agentsIn(definition.steps)
  const pinned = { workflow, version, definition, agents: Object.fromEntries(used.map(key => [key, agents[key] ?? 0])) }
  return {
    ...pinned,
    ...(Object.keys(tools).length > 0 && { tools }),
    ...(Object.keys(skills).length > 0 && { skills }),
    ...(Object.keys(workflows).length > 0 && { workflows }),
  }
}

/** What a list shows of a workflow. */
export function factsOf(definition: Pick<Definition, 'name' | 'description' | 'owner' | 'tags'>): WorkflowFacts {
  const { name, description, owner, tags } = definition
  return { name, description: description ?? null, owner: owner ?? null, tags: tags ?? [] }
}

/** The same of a draft, which may be wrong in every part. */
export function draftFacts(document: unknown): WorkflowFacts {
  const draft = (typeof document === 'object' && document !== null ? document : {}) as Record<string, unknown>
  const text = (value: unknown, max: number) =>
    typeof value === 'string' && value.trim() ? cut(value.trim(), max) : null
  const tags = Array.isArray(draft.tags) ? draft.tags.filter(tag => typeof tag === 'string').slice(0, 20) : []
  return {
    name: text(draft.name, 120) ?? 'Untitled workflow',
    description: text(draft.description, 2000),
    owner: text(draft.owner, 254),
    tags,
  }
}
