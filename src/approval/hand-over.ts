/**
 * No question waits for somebody who is gone: what waited for a former member goes to the workflow's owner, or to the team's
 * owners; so does what waits for nobody, where a model was unsure.
 */
import type { Story, StoryAsk } from '../domain/task/told/story.ts'
import type { Env } from '../env.ts'
import { goneFrom, isGone, lookAgain, type OpenRemoval, removalsToLookAt } from '../records/people/former-members.ts'
import { membersByRole } from '../records/people/teams.ts'
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
  const concerns = waitsForNobody || (await goneFrom(env.DB, subject.team, recipients)).size > 0
  return concerns && handOverTask(env, subject.team, subject.task)
}

/** Hands over what waits in this task for people who are gone; whether there was any. */
async function handOverTask(env: HandOverEnv, team: string, task: string): Promise<boolean> {
  const story = await callTask(env, team, task, stub => stub.story())
  let handedOver = false
  for (const ask of story?.asks ?? []) {
    const to = await heirsOf(env.DB, team, story!, ask)
    if (to === null) continue
    const command = { type: 'assign', to, visit: ask.visit, run: ask.run } as const
    const context = { actor: { kind: 'system' } as const, flushed: false }
    // Twice is once: the second time nobody is gone. A question that was settled meanwhile refuses, and that is as good.
    handedOver = (await callTask(env, team, task, stub => stub.command(command, context))).ok || handedOver
  }
  return handedOver
}

/** Whom the question is put to instead; null: it may stay as it is. */
async function heirsOf(db: D1Database, team: string, story: Story, ask: StoryAsk): Promise<string[] | null> {
  const owner = story.definition.owner?.toLowerCase()
  const open = ask.assignees.filter(each => !each.decided).map(each => each.email)
  const gone = await goneFrom(db, team, owner === undefined ? open : [...open, owner])
  const waitsForNobody = ask.kind !== 'decide' && ask.assignees.length === 0
  if (!waitsForNobody && !open.some(email => gone.has(email))) return null
  const kept = ask.assignees.filter(each => each.decided || !gone.has(each.email)).map(each => each.email)
  const to = owner !== undefined && !gone.has(owner) ? [...kept, owner] : kept
  const starter = 'id' in story.startedBy ? story.startedBy.id.toLowerCase() : null
  const able = new Set(to.filter(email => ask.requester || email !== starter))
  const isHeir = owner !== undefined && able.has(owner) && !gone.has(owner)
  if (isHeir && able.size >= ask.needs) return [...new Set(to)]
  const owners = (await membersByRole(db, team, 'owner')).map(email => email.toLowerCase())
  return [...new Set([...to, ...owners])]
}

/** Hands over a page of what waits for this address; how many questions it was, and how many could not be. */
export async function handOverFrom(env: HandOverEnv, team: string, email: string) {
  const tasks = await tasksWaitingFor(env.DB, team, email.toLowerCase())
  const outcomes = await Promise.allSettled(tasks.map(task => handOverTask(env, team, task)))
  const failed = outcomes.filter(({ status }) => status === 'rejected').length
  return { found: tasks.length, failed }
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
