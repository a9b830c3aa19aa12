/** What the kinds `http` and `tool` have in common: one call, whose result is the step's output. */
import type { Json } from '../../json/json.ts'
import type { EngineLabel, Start, TextPlace } from '../handler.ts'

/** A call ends by itself after this, in ms, unless the step says otherwise (features D3). */
const CALL_TIMEOUT_MS = 30_000

/** The parts of a handler that are the same for every call. */
export const CALL = {
  settings: ['timeout', 'retry', 'output'] as const,
  gives: ['ok', 'failed', 'timeout'] as readonly EngineLabel[],
  chooses: null,
  spends: null,
  patienceMs: CALL_TIMEOUT_MS,
  labels: () => ['ok'],
  judge: () => ({ kind: 'completed' as const, label: 'ok' }),
}

/** A call whose templates cannot be filled in. */
export function failedStart(message: string): Start {
  return { kind: 'failed', failure: { code: 'template', message, retryable: false } }
}

/** Every text under a value, with where it stands. */
export function textsAt(value: Json | undefined, path: string[]): TextPlace[] {
  if (typeof value === 'string') return [{ path, text: value }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => textsAt(part, [...path, key]))
}
