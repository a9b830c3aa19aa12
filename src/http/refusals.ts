/** What a task's refusals mean to the one who is told: a status, a stable code, a sentence. */
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Refusal } from '../domain/task/commands.ts'
import type { Actor } from '../domain/task/events.ts'
import { shorten } from '../domain/text/cut.ts'

export interface Explained {
  status: ContentfulStatusCode
  code: string
  message: string
  hint?: string
  path?: string
  /** Facts of a refusal, listed beside the message for programs to read. */
  details?: Record<string, unknown>
  headers?: Record<string, string>
}

/** What a task's refusal means to the one who is told. */
export function explainRefusal(what: Exclude<Refusal, { kind: 'unknown_task' }>): Explained {
  switch (what.kind) {
    case 'idempotency_mismatch':
      return {
        status: 422,
        code: 'idempotency_mismatch',
        message: 'This Idempotency-Key came before with another request.',
        hint: 'Use a new key for a new request.',
      }
    case 'task_deleted':
      return {
        status: 410,
        code: 'task_deleted',
        message: 'The task that this request made before was deleted.',
        hint: 'Send it with another Idempotency-Key to make a new one.',
      }
    case 'duplicate_key':
      return {
        status: 409,
        code: 'duplicate_key',
        message: `There is a task with the key ${quote(what.key)} already.`,
        hint: `It is ${what.task}. Send another key, or act on that task.`,
      }
    case 'wrong_status':
      return {
        status: 409,
        code: 'wrong_status',
        message: `A task that is ${what.status} does not take ${quote(what.command)}.`,
        hint: what.allowed.length > 0 ? `It takes: ${what.allowed.join(', ')}.` : 'It is over; rerun makes a new task.',
        details: { status: what.status, allowed: what.allowed },
      }
    case 'already_decided':
      return {
        status: 409,
        code: 'already_decided',
        message: `${actorName(what.by)} chose ${quote(what.handoff)} at ${iso(what.at)}.`,
        hint: 'Nothing is left to decide here; read the task for what came next.',
        details: { visit: what.visit, by: what.by, at: iso(what.at), handoff: what.handoff },
      }
    case 'moved_on':
      return {
        status: 409,
        code: 'moved_on',
        message:
          what.step === null
            ? 'The task has moved on.'
            : `The task has moved on: it is at ${quote(what.step)}, visit ${what.visit}.`,
        hint: 'Read the task again and repeat what still applies.',
        details: { visit: what.visit, step: what.step },
      }
    case 'content_changed':
      return {
        status: 409,
        code: 'content_changed',
        message: 'What you decided on has changed since you saw it.',
        hint: 'Look at it again and decide on that.',
        details: { seen: what.seen, digest: what.digest },
      }
    case 'unknown_label':
      return {
        status: 422,
        code: 'unknown_label',
        message: `${quote(what.label)} is not a choice here.`,
        hint: what.labels.length > 0 ? `Choose one of: ${what.labels.join(', ')}.` : 'There is nothing to choose here.',
        path: 'handoff',
        details: { labels: what.labels },
      }
    case 'several_open': {
      const runs = what.runs.map(({ run, name }) => (name === null ? String(run) : `${run} (${name})`))
      return {
        status: 409,
        code: 'several_open',
        message: `Several questions are open: runs ${runs.join(', ')}.`,
        hint: 'Send `run` with the one that you mean.',
        path: 'run',
        details: { visit: what.visit, runs: what.runs },
      }
    }
    case 'unknown_step':
      return {
        status: 422,
        code: 'unknown_step',
        message: `This version of the workflow has no step ${quote(what.step)}.`,
        hint: `Its steps: ${what.steps.join(', ')}.`,
        path: 'step',
        details: { steps: what.steps },
      }
    case 'reason_required':
      return {
        status: 422,
        code: 'reason_required',
        message: `${quote(what.label)} needs a note that says why.`,
        hint: 'Send it as `note`.',
        path: 'note',
      }
    case 'requester_barred':
      return {
        status: 409,
        code: 'requester_barred',
        message: 'Whoever started this task may not decide on it.',
        hint: 'Ask another assignee.',
      }
    case 'code_required':
      return {
        status: 409,
        code: 'code_required',
        message: 'Deciding this by link needs the code from the message.',
        hint: 'Type the code, or sign in.',
      }
    case 'not_assigned':
      return {
        status: 409,
        code: 'not_assigned',
        message: 'Only its assignees may decide this.',
        hint: 'Assign the task first.',
        details: { assignees: what.assignees },
      }
    case 'cannot_delegate':
      return {
        status: 409,
        code: 'cannot_delegate',
        message:
          what.why === 'requester'
            ? `${what.to} started this task and may not decide on it.`
            : `${what.to} is asked already.`,
        hint: 'Name somebody else.',
        path: 'to',
      }
    case 'invalid_comment':
      return { status: 422, code: 'invalid_comment', message: what.message, path: 'text' }
    case 'no_member':
      return {
        status: 409,
        code: 'no_member',
        message: 'Whoever decided has left the team.',
        hint: 'Its owners are asked instead.',
      }
    case 'already_voted':
      return {
        status: 409,
        code: 'already_voted',
        message: `${what.by} has approved this already.`,
        hint: 'Further approvals must come from others.',
      }
    case 'edits_not_allowed':
      return {
        status: 422,
        code: 'edits_not_allowed',
        message: 'This step allows no edits.',
        hint: 'Decide without `edits`.',
        path: 'edits',
      }
    case 'invalid_edits':
      return {
        status: 422,
        code: 'invalid_edits',
        message: sentence(what.errors, 'The edits do not fit the output schema.'),
        path: 'edits',
      }
    case 'fields_not_allowed':
      return {
        status: 422,
        code: 'fields_not_allowed',
        message: what.labels.length > 0 ? 'This choice takes no fields.' : 'There is nothing to fill in here.',
        hint: what.labels.length > 0 ? `These do: ${what.labels.join(', ')}.` : 'Decide without `fields`.',
        path: 'fields',
      }
    case 'invalid_fields':
      return {
        status: 422,
        code: 'invalid_fields',
        message: sentence(
          what.problems.map(problem => problem.message),
          'What was filled in does not fit.',
        ),
        hint: 'Send all of it as `fields`; what they must fit is the `form` of the question.',
        path: 'fields',
        details: { fields: what.problems },
      }
    case 'too_late':
      return {
        status: 409,
        code: 'too_late',
        message: `What ${actorName(what.by)} chose at ${iso(what.at)} has taken effect: ${quote(what.handoff)}.`,
        hint: 'It cannot be undone any more. Move the task if it is to go another way.',
        details: { visit: what.visit, by: what.by, at: iso(what.at), handoff: what.handoff },
      }
    case 'nothing_to_undo':
      return {
        status: 409,
        code: 'nothing_to_undo',
        message: 'There is no decision here that can be undone.',
        hint: 'A step that says `undo: 60s` lets a decision be undone for that long.',
      }
    case 'not_yours':
      return {
        status: 409,
        code: 'not_yours',
        message: `${actorName(what.by)} decided this; only they and an owner can undo it.`,
        hint: 'Ask one of them.',
      }
    case 'invalid_input':
      return {
        status: 422,
        code: 'invalid_input',
        message: sentence(what.errors, 'The input does not fit.'),
        path: 'input',
      }
    case 'invalid_limits':
      return {
        status: 422,
        code: 'invalid_limits',
        message: what.message,
        hint: 'Limits can only be raised.',
        path: 'limits',
      }
    case 'too_many_files':
      return {
        status: 422,
        code: 'too_many_files',
        message: `A task has ${what.most} files at most.${what.has > 0 ? ` This one has ${what.has}.` : ''}`,
        hint: 'Send fewer, or delete one first.',
        path: 'file',
      }
    case 'upload_expired':
      return {
        status: 409,
        code: 'upload_expired',
        message: 'The upload took too long and was dropped.',
        hint: 'Send the file again.',
      }
    case 'not_claimable':
    case 'stale_attempt':
      return { status: 409, code: what.kind, message: 'This attempt is void.', hint: 'Nothing is to be done.' }
    case 'newer_version':
      return {
        status: 503,
        code: 'newer_version',
        message: 'This task was last changed by a newer version of Baton.',
        hint: 'Try again in a minute.',
        headers: { 'Retry-After': '60' },
      }
    default:
      return never(what)
  }
}

function actorName(actor: Actor): string {
  if (actor.kind === 'system') return 'Baton'
  return actor.kind === 'link' ? actor.id : (actor.name ?? actor.id)
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function sentence(errors: string[], otherwise: string): string {
  return errors.length > 0 ? errors.slice(0, 5).join('; ') : otherwise
}

/** Quotes what a client sent, shortened: an error must not become a mirror for a megabyte. */
export function quote(text: string): string {
  return `"${shorten(text, 80)}"`
}

/** Every kind is handled: another one does not compile. */
export function never(value: never): never {
  throw new Error(`unhandled: ${JSON.stringify(value)}`)
}
