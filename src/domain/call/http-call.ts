/** One call over HTTP as a step or a tool describes it: its shape, and what follows from it. */
import { z } from 'zod'
import type { Json } from '../json/json.ts'

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type Method = (typeof METHODS)[number]

const valueSchema = z.custom<Json>(value => value !== undefined, 'must be JSON')
/** A field name of HTTP (RFC 9110, 5.1: a token). */
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, 'must be the name of a header')

export const httpSchema = z.strictObject({
  method: z.enum(METHODS).optional(),
  url: z.string().min(1).max(4000),
  query: z.record(z.string().max(200), z.string().max(4000)).optional(),
  headers: z.record(headerName, z.string().max(8000)).optional(),
  body: valueSchema.optional(),
  ok: z.array(z.int().min(100).max(599)).min(1).max(50).optional(),
  key: headerName.optional(),
  safe: z.boolean().optional(),
})
export type HttpCall = z.infer<typeof httpSchema>

/** Methods that change nothing, or the same however often they are sent (RFC 9110, 9.2.2). */
const REPEATABLE: readonly Method[] = ['GET', 'HEAD', 'PUT', 'DELETE']

/** The method it is made with: as it says, else POST where there is a body, else GET. */
export function methodOf({ method, body }: Pick<HttpCall, 'method' | 'body'>): Method {
  return method ?? (body === undefined ? 'GET' : 'POST')
}

/** Whether it may be sent again though its answer was lost. */
export function isSafe(call: HttpCall): boolean {
  return call.safe ?? (call.key !== undefined || REPEATABLE.includes(methodOf(call)))
}

/** Whether the method only reads. */
export function isRead(call: Pick<HttpCall, 'method' | 'body'>): boolean {
  return ['GET', 'HEAD'].includes(methodOf(call))
}

/** Whether an answer with this status counts as the call having done what it should. */
export function isOk(ok: readonly number[] | null, status: number): boolean {
  return ok === null ? status >= 200 && status <= 299 : ok.includes(status)
}
