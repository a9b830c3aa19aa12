/** Headers that anyone can write beside a signed message: every name by which some scheme knows an id, and some that only look so. */
import { PRESET_NAMES, presetSettings } from '../../src/intake/signatures/presets.ts'

const NAMES = [
  'idempotency-key',
  'webhook-id',
  'svix-id',
  'x-github-delivery',
  'x-gitlab-event-uuid',
  'x-shopify-webhook-id',
  'x-request-id',
  'x-event-id',
  ...PRESET_NAMES.flatMap(name => presetSettings(name).idHeader ?? []),
]

/** Each name by itself, and all of them, with values of one's own; none that `signed` holds. */
export function besideSigned(signed: Headers, n: number): Record<string, string>[] {
  const free = NAMES.filter(name => !signed.has(name))
  const all = Object.fromEntries(free.map(name => [name, `forged-${n}`]))
  return [{}, all, ...free.map(name => ({ [name]: `forged-${n}` }))]
}
