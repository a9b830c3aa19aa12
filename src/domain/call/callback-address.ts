/** Where whoever starts a task may have themselves told of it. */
import { readAddress } from './address.ts'

/** Longest address, in characters: what is kept of a delivery's header is no longer. */
const MAX_CHARS = 1000

export type CallbackAddress = { ok: true; url: string } | { ok: false; message: string; hint: string }

/** Reads a caller's own address. `hosts`: the only ones that it may lead to; null: any that can be called. */
export function readCallback(
  text: string,
  { local, hosts }: { local: boolean; hosts: string[] | null },
): CallbackAddress {
  const url = text.trim()
  if (url.length > MAX_CHARS) {
    return {
      ok: false,
      message: `The callback is longer than ${MAX_CHARS} characters.`,
      hint: 'Give a shorter address.',
    }
  }
  if (hosts !== null && hosts.length === 0) {
    const message = 'This intake calls nobody back: it names no host that a callback may go to.'
    return {
      ok: false,
      message,
      hint: 'Leave the callback out, or have the intake’s owner list your host in `callbacks`.',
    }
  }
  const address = readAddress(url, local)
  if (!address.ok)
    return { ok: false, message: address.refusal.message, hint: 'Give a public https address, written out.' }
  if (hosts === null || hosts.includes(address.host)) return { ok: true, url }
  const message = `This intake calls nobody back at ${address.host}.`
  return { ok: false, message, hint: `Its callbacks may go to ${hosts.join(', ')}.` }
}
