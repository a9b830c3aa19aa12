/**
 * No question waits for somebody who is gone or away: it goes to who stands in for them, as src/domain/task/people/heirs.ts
 * has it; so does what waits for nobody, where a model was unsure.
 */
import { assignsIn } from '../domain/handler/of-step.ts'
import type { Moved } from '../domain/task/people/ask.ts'
import { type Attendance, heirsOf } from '../domain/task/people/heirs.ts'
import type { Story, StoryAsk } from '../domain/task/told/story.ts'
import { questionName } from '../domain/workflow/consequence.ts'
import { stepOf } from '../domain/workflow/definition.ts'
import { stepName } from '../domain/workflow/parts.ts'
import type { Env } from '../env.ts'
import {
  absencesToLookAt,
  awayFrom,
  listAbsences,
  lookAtAbsenceAgain,
  type OpenAbsence,
} from '../records/people/absences.ts'
import {
  formerMembers,
  goneFrom,
  isGone,
  lookAgain,
  type OpenRemoval,
  removalsToLookAt,
} from '../records/people/former-members.ts'
import { hasRole, listMembers } from '../records/people/teams.ts'
import { tasksWaitingFor } from '../records/task/approvals.ts'
import { callTask } from '../task/call.ts'
import type { Notice } from '../task/notice.ts'

type HandOverEnv = Pick<Env, 'DB' | 'TASKS'>

/** Removals that the minute's sweep looks at. */
const AT_A_TIME = 20
/** The index trails the tasks by 2 s: a question asked just before the removal is found by a later look. */
const SETTLED_MS = 60_000

/** Whether something of what the notice tells of waits for somebody else from now on: it is then told of anew, and to them. */
export async function handOverFirst(env: HandOverEnv, { trouble, asked }: Notice): Promise<boolean> {
  const subject = asked[0] ?? trouble
  if (subject === null || subject === undefined) return false
  const recipients = [...new Set(asked.flatMap(each => each.recipients))]
  const waitsForNobody = trouble?.cause === 'nobody_assigned' || asked.some(each => each.recipients.length === 0)
  const concerns = waitsForNobody || (await isAnyAbsent(env.DB, subject.team, recipients))
  return concerns && (await handOverTask(env, subject.team, subject.task, await attendance(env.DB, subject.team)))
}

async function isAnyAbsent(db: D1Database, team: string, recipients: string[]): Promise<boolean> {
  const [gone, away] = await Promise.all([goneFrom(db, team, recipients), awayFrom(db, team, recipients, Date.now())])
  return gone.size + away.size > 0
}

/** Who is there in the team; what it says of a step and a workflow is added for each question. */
type Present = Pick<Attendance, 'gone' | 'away' | 'backups'> & { members: { email: string; role: string }[] }

/** What is to become of somebody: it is shown before it is so. */
export interface Assumed {
  email: string
  removed: boolean
  backup: string | null
}

async function attendance(db: D1Database, team: string, assumed?: Assumed): Promise<Present> {
  const [former, absences, members] = await Promise.all([
    formerMembers(db, team),
    listAbsences(db, team),
    listMembers(db, team),
  ])
  const now = Date.now()
  const gone = new Set(former)
  const away = new Set(absences.filter(({ awayUntil }) => (awayUntil ?? 0) > now).map(({ email }) => email))
  const backups = new Map(absences.flatMap(({ email, backup }) => (backup === null ? [] : [[email, backup] as const])))
  const people = members.map(({ email, role }) => ({ email: email.toLowerCase(), role }))
  if (assumed === undefined) return { gone, away, backups, members: people }
  const { email, removed, backup } = assumed
  if (!removed && backup === null) backups.delete(email)
  if (backup !== null) backups.set(email, backup)
  ;(removed ? gone : away).add(email)
  return { gone, away, backups, members: people.filter(one => !removed || one.email !== email) }
}

/** Hands over what waits in this task for people who are gone; whether there was any. */
async function handOverTask(env: HandOverEnv, team: string, task: string, there: Present): Promise<boolean> {
  const story = await callTask(env, team, task, stub => stub.story())
  let handedOver = false
  for (const ask of story?.asks ?? []) {
    const heirs = heirsIn(story!, ask, there)
    if (heirs === null) continue
    const { to, moved } = heirs
    const command = { type: 'assign', to, because: moved, visit: ask.visit, run: ask.run } as const
    const context = { actor: { kind: 'system' } as const, flushed: false }
    // Twice is once: the second time nobody is gone. A question that was settled meanwhile refuses, and that is as good.
    handedOver = (await callTask(env, team, task, stub => stub.command(command, context))).ok || handedOver
  }
  return handedOver
}

/** Whom the question is put to instead; null: it may stay as it is. */
function heirsIn(
  story: Story,
  ask: StoryAsk,
  { members, ...present }: Present,
): { to: string[]; moved: Moved[] } | null {
  const starter = 'id' in story.startedBy ? story.startedBy.id.toLowerCase() : null
  const step = stepOf(story.definition, ask.step)
  const roles = assignsIn(step === undefined ? [] : [step]).flatMap(name =>
    name.startsWith(ROLE) ? [name.slice(ROLE.length)] : [],
  )
  const inRoles = (wanted: string[]) =>
    members.filter(({ role }) => wanted.some(one => hasRole(role, one))).map(({ email }) => email)
  const owner = story.definition.owner?.toLowerCase() ?? null
  return heirsOf(ask, starter, { ...present, owner, owners: inRoles(['owner']), inRole: inRoles(roles) })
}

const ROLE = 'role:'

/** Hands over a page of what waits for this address; how many questions it was, how many were moved, and how many could not be. */
export async function handOverFrom(env: HandOverEnv, team: string, email: string) {
  const [tasks, there] = await Promise.all([
    tasksWaitingFor(env.DB, team, email.toLowerCase()),
    attendance(env.DB, team),
  ])
  const outcomes = await Promise.allSettled(tasks.map(task => handOverTask(env, team, task, there)))
  const failed = outcomes.filter(({ status }) => status === 'rejected').length
  const moved = outcomes.filter(each => each.status === 'fulfilled' && each.value).length
  return { found: tasks.length, moved, failed }
}

/** A question that waits for somebody, and to whom it would go; null: it stays with them, as nobody else can decide it. */
export interface Planned {
  task: string
  title: string
  workflow: string
  stepName: string
  to: string[] | null
}

/** What waits for this person and where it would go, the first page of it: nothing is changed. */
export async function planHandOver(env: HandOverEnv, team: string, assumed: Assumed): Promise<Planned[]> {
  const { email } = assumed
  const [tasks, there] = await Promise.all([tasksWaitingFor(env.DB, team, email), attendance(env.DB, team, assumed)])
  const planned = tasks.map(async task => {
    const story = await callTask(env, team, task, stub => stub.story())
    const theirs = story?.asks.filter(ask => ask.assignees.some(each => each.email === email && !each.decided)) ?? []
    return theirs.map(ask => planOf(story!, ask, there, email))
  })
  return (await Promise.all(planned)).flat()
}

function planOf(story: Story, ask: StoryAsk, there: Present, email: string): Planned {
  const step = stepOf(story.definition, ask.step)
  const { id: task, title } = story.view
  const heirs = heirsIn(story, ask, there)?.to.filter(one => one !== email) ?? null
  const name = questionName(step === undefined ? ask.step : stepName(step), ask.name)
  return { task, title, workflow: story.definition.name, stepName: name, to: heirs }
}

/** The minute's sweep: goes on with removals until nothing is left that waits for who was removed. */
export async function sweepRemovals(env: HandOverEnv, now: number): Promise<void> {
  for (const removal of await removalsToLookAt(env.DB, now, AT_A_TIME)) {
    try {
      await lookAgain(env.DB, removal, await nextLook(env, removal, now))
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', at: 'hand-over', team: removal.team, message: String(error) }))
      await lookAgain(env.DB, removal, now + SETTLED_MS).catch(() => {})
    }
  }
}

async function nextLook(env: HandOverEnv, { team, email, at }: OpenRemoval, now: number): Promise<number | null> {
  if (!(await isGone(env.DB, team, email))) return null
  const { found } = await handOverFrom(env, team, email)
  return found === 0 && now - at > SETTLED_MS ? null : now + SETTLED_MS
}

/** The same for those who are away, until they are back. */
export async function sweepAbsences(env: HandOverEnv, now: number): Promise<void> {
  for (const absence of await absencesToLookAt(env.DB, now, AT_A_TIME)) {
    try {
      await lookAtAbsenceAgain(env.DB, absence, await nextLookAt(env, absence, now))
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', at: 'absence', team: absence.team, message: String(error) }))
      await lookAtAbsenceAgain(env.DB, absence, now + SETTLED_MS).catch(() => {})
    }
  }
}

async function nextLookAt(env: HandOverEnv, { team, email, since, awayUntil }: OpenAbsence, now: number) {
  if (awayUntil <= now) return null
  const { moved, failed } = await handOverFrom(env, team, email)
  return moved + failed === 0 && now - since > SETTLED_MS ? null : now + SETTLED_MS
}
