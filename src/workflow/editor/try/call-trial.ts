/** A call tried from a step's form, as its page shows it. */
import type { Json } from '../../../domain/json/json.ts'

export interface CallTrial {
  /** Of which work of the step; '': its own. */
  at: string
  /** What stood in the way, or null. */
  problem: string | null
  shown: ShownTrial | null
  came: Came | null
}

export interface ShownTrial {
  /** On which task's values; null: sample values. */
  task: { id: string; title: string } | null
  /** The host, or the tool that is no call over HTTP. */
  to: string
  secrets: string[]
  reads: boolean
  text: string
  /** The line that makes it in a shell; null: it is no call over HTTP. */
  curl: string | null
  /** Of what is shown: only this very call is sent. */
  digest: string
}

export interface Came {
  ok: boolean
  /** Why nothing came back, or null. */
  problem: string | null
  status: number | null
  ms: number
  headers: Record<string, string>
  body: Json
}
