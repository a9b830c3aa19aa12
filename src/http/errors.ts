/** The one place where refusals become answers: a status, a stable code and a sentence for the reader; details stay in the log. */

import type { KeyFault } from '../domain/caller.ts'
import type { Refusal } from '../domain/task/commands.ts'
import { type ApiContext, publicUrl } from './context.ts'
import { noteFailure } from './failures.ts'
import { type Explained, explainRefusal, never, quote } from './refusals.ts'

/** What the API itself refuses, beside the refusals of a task. */
export type ApiProblem =
  | { kind: 'unauthorized'; fault: KeyFault }
  | { kind: 'forbidden'; scope: string }
  | { kind: 'not_found' }
  | { kind: 'unknown_route' }
  | { kind: 'signature'; fault: SignatureFault; header: string }
  | { kind: 'too_many'; retryAfter: number; whose: 'key' | 'team' | 'intake' }
  | { kind: 'too_large'; limit: number }
  | { kind: 'file_too_large'; name: string; limit: number }
  | { kind: 'too_slow' }
  | { kind: 'content_encoding'; given: string }
  | { kind: 'content_type'; given: string | null; allowed: string[] }
  | { kind: 'malformed'; code: string; message: string; hint?: string; line?: number }
  /** It was read but is wrong: the body, a query parameter or a header, at `path`. */
  | { kind: 'invalid'; code?: string; message: string; hint?: string; path?: string; line?: number }
  | { kind: 'invalid_definition'; message: string; path: string; fix?: string; line?: number }
  | { kind: 'workflow_paused' }
  | { kind: 'workflow_archived' }
  | { kind: 'team_ending' }
  | { kind: 'not_published' }
  | { kind: 'conflict'; code: string; message: string; hint?: string; details?: Record<string, unknown> }
  | { kind: 'unavailable'; retryAfter: number }
  | { kind: 'unexpected' }

/** Why a signature does not hold; the words stay, as the answer's code is made of them. */
export type SignatureFault = 'missing' | 'malformed' | 'stale' | 'wrong'

export type Problem = Refusal | ApiProblem

/** Answers with a problem. `beside` joins the error in the body. */
export function problem(c: ApiContext, what: Problem, beside: Record<string, unknown> = {}): Response {
  const { status, code, message, hint, path, details, headers } = explain(what)
  for (const [name, value] of Object.entries(headers ?? {})) c.header(name, value)
  const more = what.kind === 'duplicate_key' ? { task: taskOf(c, what.task) } : details
  return c.json({ error: { code, message, hint, path, ...more, requestId: c.get('requestId') }, ...beside }, status)
}

/** A task as answers name it. */
function taskOf(c: ApiContext, id: string) {
  return { id, url: publicUrl(c.env, `/tasks/${id}`) }
}

/** A refusal as a value, for whoever reads before it acts. */
export function refuse<P extends Problem>(problem: P): { ok: false; problem: P } {
  return { ok: false, problem }
}

/** Answers for an exception: what broke goes to the log as one line, the reader gets the request's id. */
export function unexpected(c: ApiContext, error: unknown): Response {
  return problem(c, noteFailure(c, error) ? { kind: 'unavailable', retryAfter: 5 } : { kind: 'unexpected' })
}

/** The line of a text that is to blame, where one is. */
function lineOf({ line }: { line?: number }): { line: number } | undefined {
  return line === undefined ? undefined : { line }
}

/** What a problem means to the one who is told. Every kind has its line here. */
export function explain(what: Problem): Explained {
  switch (what.kind) {
    case 'unauthorized':
      return { status: 401, headers: { 'WWW-Authenticate': 'Bearer realm="baton"' }, ...explainFault(what.fault) }
    case 'signature':
      return { status: 401, ...explainSignature(what) }
    case 'forbidden':
      return {
        status: 403,
        code: 'missing_scope',
        message: `This key lacks the scope ${what.scope}.`,
        hint: 'Use a key that has it, or have an admin make one.',
        details: { scope: what.scope },
      }
    case 'not_found':
    case 'unknown_task':
      return {
        status: 404,
        code: 'not_found',
        message: 'Nothing is here under this id.',
        hint: 'Check the id, and that the key belongs to the team that owns it.',
      }
    case 'unknown_route':
      return {
        status: 404,
        code: 'unknown_route',
        message: 'There is no such route.',
        hint: 'GET /api/v1/openapi.json lists them all.',
      }
    case 'too_many':
      return {
        status: 429,
        code: 'too_many_requests',
        message:
          what.whose === 'intake' ? 'This intake takes no more for now.' : `Too many requests by this ${what.whose}.`,
        hint: `Wait ${what.retryAfter} s and try again.`,
        headers: { 'Retry-After': String(what.retryAfter) },
      }
    case 'too_large':
      return {
        status: 413,
        code: 'body_too_large',
        message: `The body is larger than ${Math.floor(what.limit / 1024)} KiB.`,
        hint: 'Send less, or a link to it.',
      }
    case 'file_too_large':
      return {
        status: 413,
        code: 'file_too_large',
        message: `${quote(what.name)} is larger than ${Math.floor(what.limit / 1024 / 1024)} MB.`,
        hint: 'Send a smaller file, or a link to it.',
        path: 'file',
      }
    case 'too_slow':
      return { status: 408, code: 'body_too_slow', message: 'The body did not arrive in time.', hint: 'Send it again.' }
    case 'content_encoding':
      return {
        status: 415,
        code: 'unsupported_encoding',
        message: `A body with Content-Encoding ${quote(what.given)} is not read.`,
        hint: 'Send it uncompressed.',
      }
    case 'content_type':
      return {
        status: 415,
        code: 'unsupported_content_type',
        message:
          what.given === null
            ? 'The request does not say what its body is.'
            : `A body of type ${quote(what.given)} is not read here.`,
        hint: `Send Content-Type: ${what.allowed.join(' or ')}, in UTF-8.`,
      }
    case 'malformed':
      return {
        status: 400,
        code: what.code,
        message: what.message,
        hint: what.hint ?? 'Send well-formed JSON in UTF-8.',
        details: lineOf(what),
      }
    case 'invalid':
      return {
        status: 422,
        code: what.code ?? 'invalid_request',
        message: what.message,
        hint: what.hint ?? 'GET /api/v1/openapi.json describes what is expected.',
        path: what.path,
        details: lineOf(what),
      }
    case 'invalid_definition':
      return {
        status: 422,
        code: 'invalid_definition',
        message: what.message,
        hint: what.fix ?? '`lint` lists everything that was found.',
        path: what.path,
        details: lineOf(what),
      }
    case 'workflow_paused':
      return {
        status: 409,
        code: 'workflow_paused',
        message:
          "This workflow is paused. Tasks already running keep going, but new ones won't start until you activate it.",
        hint: 'POST /api/v1/workflows/:id/activate activates it.',
      }
    case 'workflow_archived':
      return {
        status: 409,
        code: 'workflow_archived',
        message: 'This workflow is archived and takes no new tasks.',
        hint: 'POST /api/v1/workflows/:id/restore brings it back.',
      }
    case 'team_ending':
      return {
        status: 410,
        code: 'team_ending',
        message: 'This team is about to be deleted and takes no new tasks.',
        hint: 'An owner can keep it: Settings, Data, “Keep this team”.',
      }
    case 'not_published':
      return {
        status: 409,
        code: 'not_published',
        message: 'No version of this workflow is published yet.',
        hint: 'PUT /api/v1/workflows/:id publishes one.',
      }
    case 'conflict':
      return {
        status: 409,
        code: what.code,
        message: what.message,
        hint: what.hint ?? 'Read it again and repeat what still applies.',
        details: what.details,
      }
    case 'unavailable':
      return {
        status: 503,
        code: 'unavailable',
        message: 'This cannot be answered right now. Nothing was accepted.',
        hint: `Try again in ${what.retryAfter} s.`,
        headers: { 'Retry-After': String(what.retryAfter) },
      }
    case 'unexpected':
      return {
        status: 500,
        code: 'unexpected',
        message: 'Something went wrong on our side.',
        hint: 'Try again; if it stays, tell us the requestId.',
      }
    default:
      return explainRefusal(what)
  }
}

function explainFault(fault: KeyFault): Pick<Explained, 'code' | 'message' | 'hint'> {
  const hint = 'Send Authorization: Bearer btn_… with a key of the team.'
  switch (fault) {
    case 'missing':
      return { code: 'key_missing', message: 'The request brings no key.', hint }
    case 'malformed':
      return { code: 'key_malformed', message: 'This is not a Baton key; it may be cut off or mistyped.', hint }
    case 'unknown':
      return { code: 'key_unknown', message: 'This key is not known.', hint }
    case 'revoked':
      return { code: 'key_revoked', message: 'This key was revoked.', hint: 'Have an admin make a new one.' }
    case 'expired':
      return { code: 'key_expired', message: 'This key has expired.', hint: 'Have an admin make a new one.' }
    case 'wrong_team':
      return {
        code: 'key_wrong_team',
        message: "This key belongs to another team than the intake's.",
        hint: "Use a key of the intake's team.",
      }
    default:
      return never(fault)
  }
}

function explainSignature({ fault, header }: { fault: SignatureFault; header: string }) {
  const name = quote(header)
  switch (fault) {
    case 'missing':
      return {
        code: 'signature_missing',
        message: `The header ${name} is missing.`,
        hint: 'The sender must sign its deliveries as this intake asks for.',
      }
    case 'malformed':
      return {
        code: 'signature_malformed',
        message: `The header ${name} does not read as this scheme has it.`,
        hint: "Compare it with the scheme's documentation.",
      }
    case 'stale':
      return {
        code: 'signature_stale',
        message: 'It was signed more than 300 s ago, or by a clock that is off.',
        hint: 'Sign each try anew, and check the clock.',
      }
    case 'wrong':
      return {
        code: 'signature_wrong',
        message: 'The signature does not match the body.',
        hint: "Sign the raw bytes with this intake's current secret.",
      }
    default:
      return never(fault)
  }
}
