/** A delivery as the API shows it. */
import { z } from '@hono/zod-openapi'
import type { Json } from '../domain/json/json.ts'
import { type ApiContext, publicUrl } from '../http/context.ts'
import { anyJson, iso, isoTime } from '../http/describe.ts'
import { explain } from '../http/errors.ts'
import type { DeliveryRequest, DeliveryRow } from '../records/intake/deliveries.ts'
import { contentOf } from './arrival/content.ts'
import type { Again } from './outcome/replay.ts'

export const VERDICTS = ['accepted', 'unmatched', 'duplicate', 'skipped', 'refused', 'held'] as const

export const deliveryEntry = z
  .object({
    id: z.string(),
    at: iso,
    verdict: z.enum(VERDICTS),
    status: z.int().openapi({ description: 'The status that its sender was answered with.' }),
    task: z.object({ id: z.string(), url: z.string() }).optional(),
    reason: z.string().optional().openapi({ description: 'Why there is no task: `code: sentence`.' }),
    ms: z.int().openapi({ description: 'From its arrival until it was handed on or answered.' }),
    body: anyJson.openapi({ description: 'The body as the filter and the map read it, else as text.' }),
    cut: z.boolean().optional().openapi({ description: 'Only the beginning of the body is shown, as text.' }),
    headers: z.record(z.string(), z.string()).openapi({ description: 'Without secrets.' }),
    query: z.record(z.string(), z.string()),
    type: z.string().nullable(),
    repaired: z.array(z.string()).openapi({
      description:
        'What its sender cannot change and was repaired: `bom`, `nul`, `surrogate`, `gzip`, `charset:…`, `payload`, `json_as_text`, `json_as_form`.',
    }),
  })
  .openapi('Delivery')

/** A delivery; `whole`: all of its body, where only the beginning is in the row. */
export async function deliveryOf(c: ApiContext, row: DeliveryRow, whole: string | null = null) {
  const { id, at, verdict, status, task, reason, ms } = row
  const { headers, query, type, body, length, repaired = [] } = JSON.parse(row.request) as DeliveryRequest
  const text = whole ?? (body.length === length ? body : null)
  // What is held names the task that it would be; of a refused one it is the task that had its key.
  const named = task !== null && verdict !== 'held'
  return {
    id,
    at: isoTime(at),
    verdict,
    status,
    task: named ? { id: task, url: publicUrl(c.env, `/tasks/${task}`) } : undefined,
    reason: reason ?? undefined,
    ms,
    body: text === null ? body : await shownValue(text, type, repaired.includes('payload')),
    cut: text === null || undefined,
    headers,
    query,
    type,
    repaired,
  }
}

/** The body as the filter reads it; what cannot be read is shown as text. */
async function shownValue(text: string, type: string | null, unwraps: boolean): Promise<Json> {
  if (type === null) return null
  const content = await contentOf(text, type, unwraps)
  return content.ok ? content.value.value : text
}

/** What became of one that was sent again with others. */
export async function againOf(c: ApiContext, { delivery, sent }: Again) {
  if (sent.ok) return { delivery, replay: await deliveryOf(c, sent.value) }
  const { code, message } = explain(sent.problem)
  return { delivery, error: { code, message } }
}
