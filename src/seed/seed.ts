/** Fills an empty local state with a small believable world; run again, it adds nothing and answers the same. */
import { saveAgent } from '../agent/agents.ts'
import { SCOPES } from '../domain/caller.ts'
import type { Actor } from '../domain/task/events.ts'
import type { TaskView } from '../domain/task/told/views.ts'
import { type Env, taskStub } from '../env.ts'
import { publicUrl } from '../http/context.ts'
import { keepWebhook, keyWebhook } from '../intake/settings.ts'
import { agentByKey } from '../records/definitions/agents.ts'
import { insertKnowledgeVersion, knowledgeByKey } from '../records/definitions/knowledge.ts'
import { insertSkillVersion, skillByKey } from '../records/definitions/skills.ts'
import { insertWorkflow, liveVersion, workflowByName } from '../records/definitions/workflows.ts'
import { derivedTaskId, newId } from '../records/ids.ts'
import { listIntakes } from '../records/intake/intakes.ts'
import { insertKey } from '../records/people/keys.ts'
import { ensureMember, ensureTeam, teamBySlug } from '../records/people/teams.ts'
import { countTasks } from '../records/task/tasks.ts'
import { openTargetOf, startOnce } from '../task/start.ts'
import { hashToken, writeToken } from '../team/keys/keys.ts'
import { derive } from '../team/secret.ts'
import { signInToken } from '../team/sign-in/local-sign-in.ts'
import { factsOf, firstError, lintText, publish } from '../workflow/publish.ts'
import { AGENTS, KNOWLEDGE, MEMBER, ONBOARDING, OWNER, type SeedTask, SKILLS, TASKS, WORKFLOWS } from './definitions.ts'

export interface Seeded {
  team: string
  apiKey: string
  intake: string
  signIn: string
  /** Whether this call made it. */
  seeded: boolean
}

const SLUG = 'acme'
const ANA: Actor = { kind: 'person', id: OWNER, name: 'Ana' }
/** How long the seed waits for its tasks to come to rest; those that take longer go on by themselves. */
const PATIENCE_MS = 6000
const LOOK_EVERY_MS = 150

/** Makes what is missing of the seed. Every part asks first whether it is there, so a seed that was cut off is completed. */
export async function seed(env: Env, now: Date): Promise<Seeded> {
  const empty = (await teamBySlug(env.DB, SLUG)) === null
  const { id: team } = await ensureTeam(env.DB, { id: newId('team'), name: 'Acme', slug: SLUG, at: now })
  await ensurePerson(env.DB, team, OWNER, 'Ana', 'owner', now)
  await ensurePerson(env.DB, team, MEMBER, 'Ben', 'member', now)
  const apiKey = await ensureKey(env, team, now.getTime())
  for (const skill of SKILLS) {
    if (!(await skillByKey(env.DB, team, skill.key)))
      await insertSkillVersion(env.DB, team, skill, 'new', ANA, now.getTime())
  }
  for (const text of KNOWLEDGE) {
    if (!(await knowledgeByKey(env.DB, team, text.key)))
      await insertKnowledgeVersion(env.DB, team, text, 'new', ANA, now.getTime())
  }
  for (const agent of AGENTS) {
    if (!(await agentByKey(env.DB, team, agent.key))) await saveAgent(env.DB, team, agent, 'new', ANA, now.getTime())
  }
  const workflows = await ensureWorkflows(env, team, now.getTime())
  const intake = await ensureIntake(env, team, workflows.get(ONBOARDING)!, now.getTime())
  if ((await countTasks(env.DB, team)) === 0) await runTasks(env, team, workflows)
  return { team, apiKey, intake, signIn: publicUrl(env, `/sign-in/local/${await signInToken(env)}`), seeded: empty }
}

function ensurePerson(
  db: D1Database,
  team: string,
  email: string,
  name: string,
  role: string,
  at: Date,
): Promise<void> {
  return ensureMember(db, team, { id: newId('user'), membership: newId('member'), email, name, role, at })
}

/** The key with every scope. Its secret derives from BATON_SECRET: it is shown at every start and stored nowhere. */
async function ensureKey(env: Env, team: string, at: number): Promise<string> {
  const secret = await derive(env.BATON_SECRET, 'local-team-key')
  // The id is public: it is made from the secret's hash, not of its bytes.
  const id = new Uint8Array(await crypto.subtle.digest('SHA-256', secret))
  const { keyId, token } = writeToken(id, secret)
  const row = {
    id: keyId,
    team,
    name: 'Local',
    hash: await hashToken(token),
    last4: token.slice(-4),
    scopes: SCOPES.join(' '),
  }
  const ends = { expiresAt: null, revokedAt: null, lastUsedAt: null }
  await insertKey(env.DB, { ...row, ...ends, createdAt: at, createdBy: OWNER })
  return token
}

async function ensureWorkflows(env: Env, team: string, at: number): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  // The first in the list is the newest, as lists show the newest first.
  for (const [index, { name, text }] of [...WORKFLOWS].reverse().entries()) {
    const known = await workflowByName(env.DB, team, name)
    ids.set(name, known?.live ? known.id : await makeWorkflow(env, team, known?.id ?? null, text, at + index))
  }
  return ids
}

async function makeWorkflow(env: Env, team: string, known: string | null, text: string, at: number): Promise<string> {
  const linted = await lintText(env, team, { text, format: 'yaml' })
  if (!linted.ok) throw new Error(`a seeded workflow cannot be read: ${JSON.stringify(linted.problem)}`)
  const { definition, agents, lint } = linted.value
  if (!definition || firstError(lint))
    throw new Error(`a seeded workflow is wrong: ${JSON.stringify(firstError(lint))}`)
  const id = known ?? newId('wf')
  if (known === null) {
    const empty = { status: 'draft' as const, live: null, draft: null, draftFormat: null, deletedAt: null }
    await insertWorkflow(
      env.DB,
      {
        ...factsOf(definition),
        ...empty,
        id,
        team,
        createdAt: at,
        createdBy: OWNER,
        updatedAt: at,
      },
      ANA,
    )
  }
  const publication = {
    team,
    workflow: id,
    text,
    format: 'yaml',
    definition,
    agents,
    by: ANA,
    note: null,
    at,
  } as const
  const published = await publish(env.DB, publication)
  if (!published.ok) throw new Error(`a seeded workflow was not published: ${JSON.stringify(published.problem)}`)
  return id
}

async function ensureIntake(env: Env, team: string, workflow: string, at: number): Promise<string> {
  const known = (await listIntakes(env.DB, team, workflow, null)).items.at(-1)
  const row = known ?? keyWebhook(team, workflow, 'Website sign-up form', at)
  if (!known) await keepWebhook(env, row, ANA)
  return publicUrl(env, `/in/${row.id}`)
}

/** Starts the tasks side by side and does with each what its story says, by really running them. */
async function runTasks(env: Env, team: string, workflows: Map<string, string>): Promise<void> {
  const until = Date.now() + PATIENCE_MS
  await Promise.all(TASKS.map(task => runTask(env, team, workflows.get(task.workflow)!, task, until)))
}

async function runTask(env: Env, team: string, workflow: string, task: SeedTask, until: number): Promise<void> {
  const id = await derivedTaskId(team, 'seed', task.id)
  const into = await openTargetOf(env.DB, await liveVersion(env.DB, team, workflow))
  if (!into.ok) throw new Error(`a seeded workflow takes no tasks: ${into.problem.kind}`)
  await startOnce(env, {
    task: id,
    team,
    into: into.value,
    input: task.input,
    source: { kind: 'hand' },
    actor: ANA,
    flushed: false,
  })
  const view = await atRest(env, team, id, until)
  if (task.after === undefined || view === null) return
  const command = task.after === 'cancel' ? { type: 'cancel' as const } : { type: 'decide' as const, ...task.after }
  await taskStub(env, team, id).command(command, { actor: ANA, flushed: true })
}

/** The task once it waits for someone or is over; null when that takes too long. */
async function atRest(env: Env, team: string, id: string, until: number): Promise<TaskView | null> {
  for (;;) {
    const view = await taskStub(env, team, id).view()
    if (view && view.status !== 'running') return view
    if (Date.now() > until) return null
    await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS))
  }
}
