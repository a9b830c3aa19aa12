/** Passing a question on: one is asked in the place of another, on record, so that as many decide as before. */
import type { Command, Refusal } from '../commands.ts'
import type { TaskChange } from '../task-change.ts'
import { meantAsk } from './meant.ts'
import { voterOf } from './voter.ts'

/**
 * Asks one other person instead of the one who says so, or of `from`: whoever may ask others may do that for them; a link is
 * its own person's alone. Not somebody who is asked already, as fewer would decide than it takes; nor whoever started the
 * task where they may not decide.
 */
export function delegate(change: TaskChange, command: Extract<Command, { type: 'delegate' }>): Refusal | null {
  const found = meantAsk(change.state, command)
  if ('kind' in found) return found
  const { ask, votes } = found.phase
  const { actor } = change.ctx
  const from = actor.kind === 'link' ? voterOf(actor) : (command.from?.toLowerCase() ?? voterOf(actor))
  if (!ask.assignees.includes(from)) return { kind: 'not_assigned', assignees: ask.assignees }
  if (votes.some(vote => vote.voter === from && vote.digest === ask.digest)) return { kind: 'already_voted', by: from }
  if (ask.risk === 'high' && actor.kind === 'link' && command.proven !== true) return { kind: 'code_required' }
  const to = command.to.toLowerCase()
  if (ask.assignees.includes(to)) return { kind: 'cannot_delegate', to, why: 'asked_already' }
  if (!ask.requester && to === voterOf(change.state.startedBy)) return { kind: 'cannot_delegate', to, why: 'requester' }
  const people = ask.assignees.map(email => (email === from ? to : email))
  const because = [{ from, why: 'delegated' as const }]
  const visit = change.state.visit.n
  change.emit({ type: 'assigned', visit, run: found.id, to: people, by: 'command', because })
  return null
}
