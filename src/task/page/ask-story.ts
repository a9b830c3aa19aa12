/** A question in the timeline, as it becomes: others asked, edits, what was filled in, stages, votes, and one taken back. */
import type { Actor, TaskEvent } from '../../domain/task/events.ts'
import type { AskStory, EditStory } from './visit-story.ts'

interface Stamped {
  seq: number
  at: number
  actor: Actor
}
type Told<T extends TaskEvent['type']> = Extract<TaskEvent, { type: T }> & Stamped

export function tellAssigned(asked: AskStory | undefined, { at, actor: by, to, ...event }: Told<'assigned'>): void {
  asked?.assigned.push({ at, by, to, overdue: event.by === 'overdue', because: event.because ?? [] })
}

/** What is shown, or filled in, is another now. */
export function tellEdited(
  asked: AskStory | undefined,
  { at, actor: by, seq }: Stamped,
  { step, output, digest, filled }: Pick<EditStory, 'step' | 'output' | 'digest' | 'filled'>,
): void {
  asked?.edits.push({ at, by, seq, step, output, digest, ...(filled && { filled }) })
}

export function tellStaged(asked: AskStory | undefined, event: Told<'staged'>): void {
  const { at, seq, digest, stage, assignees, needs, note = null } = event
  asked?.again.push({ at, seq, digest, stage: { n: stage + 1, assignees, needs, note } })
}

export function tellVote(asked: AskStory | undefined, event: Told<'decided'>): void {
  const { at, actor: by, handoff, note, counted, needs, digest, settles, until = null, files = [] } = event
  asked?.votes.push({ at, by, handoff, note, counted, needs, digest, settles, until, undone: null, files })
}

/** The last vote counts no more; approvals of others count on. */
export function tellUndone(asked: AskStory | undefined, { at, actor: by, seq, digest }: Told<'undone'>): void {
  const vote = asked?.votes.at(-1)
  if (asked === undefined || vote === undefined) return
  for (const other of asked.votes) if (other.digest === vote.digest && other.undone === null) other.digest = digest
  asked.again.push({ at, seq, digest, stage: null })
  Object.assign(vote, { settles: false, undone: { at, by } })
}

/** The last vote holds. */
export function tellEffected(asked: AskStory | undefined): void {
  const vote = asked?.votes.at(-1)
  if (vote !== undefined) vote.until = null
}
