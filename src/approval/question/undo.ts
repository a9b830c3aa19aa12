/** Taking a decision back from the page that shows it. */
import type { Actor } from '../../domain/task/events.ts'
import { type Env, taskStub } from '../../env.ts'
import { explain } from '../../http/errors.ts'
import type { VoteStory } from '../../task/page/visit-story.ts'
import type { Answer, TaskView } from '../../task/rpc.ts'
import type { FormReader } from './edit.ts'
import type { Subject } from './load.ts'

/** Whether the form asks to take the decision back. */
export function isUndo(read: FormReader): boolean {
  return read('undo') === '1'
}

/** Takes it back; `owner`: for an owner of the team. */
export function undo(
  env: Env,
  { team, task, visit, run }: Subject,
  actor: Actor,
  owner: boolean,
): Promise<Answer<TaskView>> {
  return taskStub(env, team, task).command({ type: 'undo', visit, run, owner }, { actor, flushed: true })
}

/** Why it was not taken back, in a sentence. */
export function whyNot(answer: Extract<Answer<TaskView>, { ok: false }>): string {
  const { refusal } = answer
  return refusal.kind === 'unknown_task' ? 'There is no such task.' : explain(refusal).message
}

/** Until when the decision can be taken back, in ms since the epoch; null: it holds. */
export function undoableUntil({ until, undone }: VoteStory, now: number): number | null {
  return until !== null && undone === null && until > now ? until : null
}
