/** A schedule's settings: what its owner may say, checked. */
import { z } from '@hono/zod-openapi'
import type { Json } from '../../domain/json/json.ts'
import { type Cron, readCron } from '../../domain/schedule/cron.ts'
import { CATCH_UP, OVERLAP } from '../../domain/schedule/due.ts'
import type { Duplicates } from '../../domain/task/business-key.ts'
import { SLOT_ROOTS } from '../../domain/template/scope.ts'
import { checkTemplate } from '../../domain/template/template.ts'
import type { Read } from '../../http/request/body.ts'
import { fits } from '../../http/route.ts'
import { webhookFields } from '../settings.ts'

export const scheduleFields = {
  cron: z.string().openapi({ description: 'Five fields: minute, hour, day of month, month, day of week.' }),
  timezone: z.string().openapi({ description: 'An IANA name, such as `Europe/Berlin`.' }),
  input: z.unknown().openapi({ description: 'The input, its texts Liquid over `slot` (ISO) and `schedule`.' }),
  overlap: z.enum(OVERLAP).openapi({ description: 'What happens while the previous task is open.' }),
  catchUp: z.enum(CATCH_UP).openapi({ description: 'What happens to slots that were missed.' }),
  paused: z.boolean(),
}

const settings = z.strictObject({
  cron: scheduleFields.cron.trim().min(1, 'is required'),
  timezone: scheduleFields.timezone.default('UTC'),
  input: scheduleFields.input.optional(),
  event: webhookFields.event.optional(),
  duplicates: webhookFields.duplicates.optional(),
  overlap: scheduleFields.overlap.default('allow'),
  catchUp: scheduleFields.catchUp.default('last'),
  paused: z.boolean().default(false),
})

export interface ScheduleSettings {
  cron: string
  timezone: string
  input?: Json
  /** A slot is an event for the tasks with this key, not a task; `input` is its data. */
  event?: { name: string; key: string }
  duplicates?: Duplicates
  overlap: (typeof OVERLAP)[number]
  catchUp: (typeof CATCH_UP)[number]
  paused: boolean
}

/** Reads settings, and the cron with them. */
export function readSettings(given: Record<string, unknown>): Read<{ settings: ScheduleSettings; cron: Cron }> {
  const read = fits(settings, Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)))
  if (!read.ok) return read
  const value = read.value as ScheduleSettings
  const cron = readCron(value.cron, value.timezone)
  if (!cron.ok) {
    const { path, message, hint } = cron.fault
    return {
      ok: false,
      problem: { kind: 'invalid', code: `invalid_${path}`, message: `${path}: ${message}`, hint, path },
    }
  }
  const wrong = templateFault(value.input, 'input') ?? templateFault(value.event, 'event')
  if (wrong) return { ok: false, problem: { kind: 'invalid', code: 'invalid_template', ...wrong } }
  return { ok: true, value: { settings: value, cron: cron.cron } }
}

/** The first text in a value that is no template, with its path. */
function templateFault(value: unknown, path: string): { message: string; path: string } | null {
  if (typeof value === 'string') return textFault(value, path)
  if (typeof value !== 'object' || value === null) return null
  for (const [key, part] of Object.entries(value)) {
    const fault = templateFault(part, `${path}.${key}`)
    if (fault) return fault
  }
  return null
}

function textFault(text: string, path: string): { message: string; path: string } | null {
  const checked = checkTemplate(text)
  if (!checked.ok) return { message: `${path}: ${checked.message}`, path }
  const strange = checked.paths.find(
    ([root]) => root !== undefined && !(SLOT_ROOTS as readonly string[]).includes(root),
  )
  if (!strange) return null
  return { message: `${path}: \`${strange.join('.')}\` is not there; a schedule has \`slot\` and \`schedule\`.`, path }
}
