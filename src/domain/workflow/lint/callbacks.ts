/** The lint of callbacks: that their address can be called. */
import { readAddress } from '../../call/address.ts'
import type { Definition } from '../definition.ts'
import type { Report } from './item.ts'
import type { Known } from './known.ts'

/** Lints where services are told of tasks. */
export function lintCallbacks({ callbacks }: Definition, { local = false }: Known, report: Report): void {
  if (callbacks === undefined) return
  const address = readAddress(callbacks.url, local)
  if (address.ok) return
  const fix = 'Use a public https address, written out.'
  report.error(['callbacks', 'url'], 'host_not_allowed', address.refusal.message, fix)
}
