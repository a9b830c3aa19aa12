/** What mail and forms have in common with webhooks: filter, map, event, repeats and limit, checked the same way. */
import type { z } from '@hono/zod-openapi'
import type { Read } from '../../http/request/body.ts'
import { fits } from '../../http/route.ts'
import type { IntakeConfig } from '../../records/schema/intake-config.ts'
import { webhookFields, wrongFilter, wrongMap } from '../settings.ts'

/** The keys that every intake of deliveries has. */
export const mappingFields = {
  filter: webhookFields.filter.optional(),
  map: webhookFields.map.optional(),
  event: webhookFields.event.optional(),
  duplicates: webhookFields.duplicates.optional(),
  dedupe: webhookFields.dedupe.optional(),
  limit: webhookFields.limit.optional(),
}

/** Settings of this shape with a filter and a map that hold; null takes a setting away. */
export function readMapped<S extends z.ZodType>(schema: S, given: Record<string, unknown>): Read<z.output<S>> {
  const read = fits(schema, Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)))
  if (!read.ok) return read
  const { filter, map, event } = read.value as Pick<IntakeConfig, 'filter' | 'map' | 'event'>
  const wrong = wrongFilter(filter) ?? wrongMap(map) ?? wrongMap(event, 'event')
  return wrong ? { ok: false, problem: wrong } : read
}
