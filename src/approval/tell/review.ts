/** Reviews by mail: once a week or a month a workflow's owner is told where models were unsure, what failed, what was corrected, and what was slow or dear. */
import { dollars } from '../../domain/money.ts'
import { type Alike, type Review, reviewOf } from '../../domain/review/review.ts'
import { nextReview } from '../../domain/review/schedule.ts'
import { shorten } from '../../domain/text/cut.ts'
import type { Env } from '../../env.ts'
import { duration } from '../../http/components/value/time.tsx'
import { type WorkflowRow, workflowById } from '../../records/definitions/workflows.ts'
import { isGone } from '../../records/people/former-members.ts'
import { readSettings } from '../../records/people/limits.ts'
import { membersByRole } from '../../records/people/teams.ts'
import {
  dueReviewMails,
  type ReviewMail,
  rowsInReview,
  settleReviewMail,
} from '../../records/task/reviews/in-review.ts'
import { sumReviews } from '../../records/task/reviews/learned.ts'
import { tellPerson } from './message.ts'
import { oneLine } from './notify.ts'

/** What happened later than this before a slot may not be in the audit yet. */
const SETTLED_MS = 60_000
const LINES = 5

/** The minute's sweep. One that cannot be settled now is settled by the next: it is kept once, by its slot. */
export async function sweepReviews(env: Env, now: number): Promise<void> {
  for (const due of await dueReviewMails(env.DB, now - SETTLED_MS)) {
    try {
      const row = await workflowById(env.DB, due.team, due.workflow)
      if (row !== null) await tellReview(env, due, row, now)
      const { timezone } = await readSettings(env.DB, due.team)
      await settleReviewMail(env.DB, due, row && nextReview(due.how, timezone, now))
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', at: 'review', team: due.team, message: String(error) }))
    }
  }
}

async function tellReview(env: Env, { since, nextAt }: ReviewMail, row: WorkflowRow, now: number): Promise<void> {
  const { team, id, owner } = row
  const { rows } = await rowsInReview(env.DB, { team, workflow: id, from: since, to: nextAt })
  // Of a period in which nothing happened nothing is told.
  if (rows.length === 0) return
  const sums = await sumReviews(env.DB, team, since, nextAt, { workflow: id })
  const days = [since, nextAt - 1].map(at => new Date(at).toISOString().slice(0, 10))
  const told = {
    kind: 'other' as const,
    team,
    subject: shorten(`In review: ${oneLine(row.name)}, ${days.join(' to ')}`, 200),
    text: textOf(row.name, reviewOf(rows), sums),
    path: `/workflows/${id}/review?from=${days[0]}&to=${days[1]}`,
    key: `review:${id}:${nextAt}`,
  }
  const isThere = owner !== null && !(await isGone(env.DB, team, owner))
  const people = isThere ? [owner] : await membersByRole(env.DB, team, 'owner')
  for (const to of people) await tellPerson(env, { ...told, to }, now)
}

function textOf(
  name: string,
  { tasks, escalations, failures, steps }: Review,
  sums: { decided: number; edited: number; rejected: number }[],
): string {
  const sum = (of: (one: (typeof sums)[number]) => number) => sums.reduce((all, one) => all + of(one), 0)
  const [decided, corrected] = [sum(one => one.decided), sum(one => one.edited + one.rejected)]
  const slow = steps.filter(({ ended }) => ended > 0).slice(0, LINES)
  const dear = steps.filter(({ cost }) => cost > 0).toSorted((a, b) => b.cost - a.cost)
  return [
    `${oneLine(name)} worked on ${tasks} ${tasks === 1 ? 'task' : 'tasks'}.`,
    linesOf('Models were unsure', escalations),
    linesOf('Failed or stuck', failures),
    decided === 0 ? '' : `People edited or rejected ${corrected} of ${decided} drafts that they decided on.`,
    slow.length === 0
      ? ''
      : `Slowest steps, on average:\n${slow.map(({ step, ms, ended }) => `- ${step}: ${duration(ms / ended)}`).join('\n')}`,
    dear.length === 0
      ? ''
      : `Dearest steps:\n${dear
          .slice(0, LINES)
          .map(({ step, cost }) => `- ${step}: ${dollars(cost)}`)
          .join('\n')}`,
    'The link opens the review, with the tasks behind each line. How often it comes is set there.',
  ]
    .filter(Boolean)
    .join('\n\n')
}

function linesOf(what: string, alike: Alike[]): string {
  if (alike.length === 0) return ''
  const line = ({ step, code, message, times }: Alike) =>
    `- ${step || 'an earlier step'}: ${times}${code === '' ? '' : ` × ${code}, ${shorten(oneLine(message), 120)}`}`
  const rest = alike.length > LINES ? `\n… and ${alike.length - LINES} more.` : ''
  const times = alike.reduce((sum, one) => sum + one.times, 0)
  return `${what} ${times === 1 ? 'once' : `${times} times`}:\n${alike.slice(0, LINES).map(line).join('\n')}${rest}`
}
