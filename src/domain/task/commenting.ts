/** What people say about a task beside deciding it: kept in its log, with whom it is meant for. */
import type { Command, Refusal } from './commands.ts'
import { openAsks } from './people/asking.ts'
import type { TaskChange } from './task-change.ts'

/** Characters of one comment, and comments of one task. */
export const MAX_COMMENT = 4000
const MAX_COMMENTS = 500
const MAX_MENTIONS = 20

type Comment = Extract<Command, { type: 'comment' }>

/** Adds a comment. Whoever holds only a link may speak while they are asked. */
export function comment(change: TaskChange, { text, mentions }: Comment): Refusal | null {
  const { actor } = change.ctx
  const said = text.trim()
  if (said === '') return { kind: 'invalid_comment', message: 'Write something first.' }
  if (said.length > MAX_COMMENT)
    return { kind: 'invalid_comment', message: `A comment has ${MAX_COMMENT} characters at most.` }
  if (change.state.comments.length >= MAX_COMMENTS)
    return { kind: 'invalid_comment', message: `A task takes ${MAX_COMMENTS} comments at most.` }
  const asked = openAsks(change.state).flatMap(run => run.phase.ask.assignees)
  if (actor.kind === 'link' && !asked.includes(actor.id.toLowerCase()))
    return { kind: 'not_assigned', assignees: asked }
  const own = actor.kind === 'person' || actor.kind === 'link' ? actor.id.toLowerCase() : null
  const to = [...new Set(mentions.map(email => email.toLowerCase()))].filter(email => email !== own)
  if (to.length > MAX_MENTIONS)
    return { kind: 'invalid_comment', message: `A comment is for ${MAX_MENTIONS} people at most.` }
  change.emit({ type: 'commented', text: said, to })
  return null
}
