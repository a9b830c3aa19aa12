/** Shapes that several routes answer with, as the OpenAPI document names them. */
import { z } from '@hono/zod-openapi'
import { type Cursor, readCursor } from '../records/cursor.ts'
import type { Read } from './request/body.ts'

export const iso = z.string().openapi({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })

/** From where somebody did something. */
export const originDocument = z.string().optional().openapi({
  description: 'A mark of the network address it came from: the same for one address within a team and a month.',
})

/** An end of a period; in ms since the epoch once it is read. */
export const periodTime = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform(text => Date.parse(text))
  .optional()
  .openapi({ type: 'string', description: 'A date or an ISO time.' })

/** Any JSON value. */
export const anyJson = z.unknown().openapi({ description: 'Any JSON value.' })

/** Any JSON value, which must be there. */
export const someJson = anyJson.refine(value => value !== undefined, 'is required')

export const cursorQuery = z.object({
  cursor: z.string().max(300).optional().openapi({ description: "A page's `next`." }),
})

/** One version of what a team keeps in versions. */
export const versionEntry = z.object({ version: z.int(), createdAt: iso, createdBy: z.string() })

/** A page of items, newest first. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().openapi({ description: 'The next page’s cursor.' }),
  })
}

/** A finding of the lint. */
export const lintDocument = z
  .object({
    path: z.string(),
    level: z.enum(['error', 'warning']),
    code: z.string(),
    message: z.string(),
    fix: z.string(),
    line: z.int().optional().openapi({ description: 'The line of the YAML that was sent, from 1.' }),
  })
  .openapi('Lint')

/** The cursor of a list's query. */
export function cursorOf(query: { cursor?: string }): Read<Cursor | null> {
  if (query.cursor === undefined) return { ok: true, value: null }
  const cursor = readCursor(query.cursor)
  if (cursor) return { ok: true, value: cursor }
  const hint = "Pass a page's `next` unchanged, or leave it out to begin again."
  return {
    ok: false,
    problem: {
      kind: 'invalid',
      code: 'invalid_cursor',
      message: 'This cursor is not one of ours.',
      hint,
      path: 'cursor',
    },
  }
}

/** A time of the index as the API writes it. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms)
}
