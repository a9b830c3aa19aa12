/** The kinds of intake beside webhooks, by name. */
import { z } from '@hono/zod-openapi'
import type { Actor } from '../../domain/task/events.ts'
import type { ApiProblem } from '../../http/errors.ts'
import type { Read } from '../../http/request/body.ts'
import { emailFields } from '../mail/settings.ts'
import { scheduleFields } from '../schedule/settings.ts'
import { emailKind } from './email.ts'
import { formFields, formKind } from './form.ts'
import type { Env, IntakeKind, IntakeRow, Place } from './kind.ts'
import { scheduleKind } from './schedule.ts'

const KINDS: Record<string, IntakeKind> = { schedule: scheduleKind, email: emailKind, form: formKind }

/** The kind of this name; undefined for webhooks and for what is none. */
export function kindOf(name: string): IntakeKind | undefined {
  return Object.hasOwn(KINDS, name) ? KINDS[name] : undefined
}

/** As a sentence names them. */
export const KIND_NAMES = `one of: webhook, ${Object.keys(KINDS).join(', ')}`

/** A request's body: `kind` and `name`, and the kind's own keys. */
type Given = { kind?: string; name?: string; [key: string]: unknown }

/** Makes an intake of this kind. */
export function createOfKind(
  env: Env,
  kind: IntakeKind,
  place: Place,
  body: Given,
  actor: Actor,
): Promise<Read<IntakeRow>> {
  const { kind: _kind, name, ...settings } = body
  return unless(unknownKey(kind, settings), () => kind.create(env, place, name ?? kind.title, settings, actor))
}

/** Changes an intake of this kind. */
export function changeOfKind(
  env: Env,
  kind: IntakeKind,
  row: IntakeRow,
  body: Given,
  actor: Actor,
): Promise<Read<IntakeRow>> {
  const { kind: asked, name, ...settings } = body
  const message = 'kind: an intake keeps its kind.'
  const other: ApiProblem | null =
    asked !== undefined && asked !== row.kind ? { kind: 'invalid', message, path: 'kind' } : null
  return unless(other ?? unknownKey(kind, settings), () => kind.change(env, row, name, settings, actor))
}

function unknownKey({ keys }: IntakeKind, settings: Record<string, unknown>): ApiProblem | null {
  const unknown = Object.keys(settings)
    .find(key => !keys.includes(key))
    ?.slice(0, 40)
  if (unknown === undefined) return null
  const message = `${unknown}: is not a key of this kind of intake.`
  return { kind: 'invalid', message, hint: `Its keys: ${keys.join(', ')}.`, path: unknown }
}

async function unless<T>(problem: ApiProblem | null, work: () => Promise<Read<T>>): Promise<Read<T>> {
  return problem ? { ok: false, problem } : work()
}

/** What these kinds take, for the API's description; each checks its own. */
export const kindFields = { ...scheduleFields, ...emailFields, ...formFields }

/** What these kinds answer beside the fields that all intakes have. */
export const kindAnswers = {
  cron: z.string().optional(),
  timezone: z.string().optional(),
  input: z.unknown().optional().openapi({ description: 'The input of a schedule’s tasks.' }),
  overlap: z.string().optional(),
  catchUp: z.string().optional(),
  paused: z.boolean().optional(),
  sentence: z.string().optional().openapi({ description: 'What the cron says, in words.' }),
  next: z.array(z.string()).optional().openapi({ description: 'The next five times.' }),
  address: z.string().optional().openapi({ description: 'Where mail is to be sent.' }),
  allow: z.array(z.string()).optional(),
  title: z.string().optional(),
  thanks: z.string().optional(),
  follow: z.string().optional(),
}
