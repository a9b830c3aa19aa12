/** Where the sender of a delivery wants to be told of its task, as far as its intake lets it. */
import { readCallback } from '../../domain/call/callback-address.ts'
import type { Env } from '../../env.ts'
import type { Read } from '../../http/request/body.ts'
import type { OpenIntake } from '../../records/intake/intakes.ts'
import type { Delivery } from '../arrival/delivery.ts'

const CALLBACK_HEADER = 'baton-callback'

/** The address in the delivery's header; undefined: there is none. Mails have headers, too, and nobody is called back for them. */
export function callbackIn(
  env: Pick<Env, 'BATON_LOCAL'>,
  { kind, config }: Pick<OpenIntake, 'kind' | 'config'>,
  { scope }: Pick<Delivery, 'scope'>,
): Read<string | undefined> {
  const given = kind === 'webhook' ? scope.headers[CALLBACK_HEADER] : undefined
  if (given === undefined) return { ok: true, value: undefined }
  const read = readCallback(given, { local: env.BATON_LOCAL === '1', hosts: config.callbacks ?? [] })
  if (read.ok) return { ok: true, value: read.url }
  const { message, hint } = read
  return { ok: false, problem: { kind: 'invalid', code: 'host_not_allowed', message, hint, path: CALLBACK_HEADER } }
}
