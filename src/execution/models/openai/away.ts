/** Which failures mean that the provider is away or at its limit, so that the request waits and no attempt is spent. */
import type { Away } from '../port.ts'
import type { ProviderError } from './error-body.ts'

// 503 and 529: overloaded, or starting. The others: a network in front of it cannot reach it (Cloudflare's).
const OFFLINE = [503, 521, 522, 523, 529, 530]
// 402: nothing left to pay with. 498: no capacity of this tier (Groq).
const LIMIT = [402, 429, 498]

const OVERLOADED = /overloaded|unavailable/i
const QUOTA =
  /insufficient_(?:quota|balance|credits|funds)|quota_exceeded|exceeded_.{0,20}quota|billing|credit balance is too low|payment required/i
// It would be refused at any time, as one request asks for more than a minute's limit.
const TOO_LARGE = /request too large/i

/** Whether a status says that nobody is there to answer. */
export const isOffline = (status: number): boolean => OFFLINE.includes(status)

/** Why the request must wait, or null where it is for the request itself. `words` are the provider's, cleaned. */
export const awayFor = (
  status: number,
  said: ProviderError,
  words: string,
  retryAfterMs: number | null,
): Away | null => {
  // A provider that asks for no wait at all leaves it to us.
  const asked = retryAfterMs ? { retryAfterMs } : {}
  const kind = `${said.code} ${said.type}`
  if (QUOTA.test(`${kind} ${said.message}`) && status < 500) return { ...overQuota(status, words), ...asked }
  if (LIMIT.includes(status) && !TOO_LARGE.test(said.message)) return { ...limited(status, words), ...asked }
  if (isOffline(status) || (status >= 500 && OVERLOADED.test(kind))) return { ...overloaded(status, words), ...asked }
  return null
}

const overQuota = (status: number, words: string): Away => ({
  reason: 'provider_limit',
  message: `The provider's quota is used up (${status}): ${words}.`,
  fix: "Raise the quota or check the billing of the provider's account; the task goes on by itself then.",
})

const limited = (status: number, words: string): Away => ({
  reason: 'provider_limit',
  message: `The provider's rate limit was hit (${status}): ${words}.`,
  fix: 'The task goes on by itself. If this happens often, let fewer tasks run at once or raise the limit at the provider.',
})

const overloaded = (status: number, words: string): Away => ({
  reason: 'provider_offline',
  message: `The provider is overloaded or away (${status}): ${words}.`,
  fix: 'The task goes on by itself when the provider is back.',
})

/** Nobody answers at the address; `words` say how it was noticed, `address` where it is set. */
export const unreached = (host: string, words: string, address: string): Away => ({
  reason: 'provider_offline',
  message: `The provider at ${host} cannot be reached. ${words}`,
  fix: `Check that it runs and that ${address} is right; the task goes on by itself then.`,
})
