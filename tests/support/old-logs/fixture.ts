/** The stored logs of the engine before the redesign, with what it made of them (see make.mjs for how they came about). */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Json } from '../../../src/domain/json/json.ts'

const FILE = path.resolve(import.meta.dirname, '../../node/domain/task/fixtures/old-logs.gen.json')

/** A row of the table `log`, its texts parsed. */
export interface OldRow {
  seq: number
  v: number
  at: number
  actor: Json
  events: ({ type: string } & Record<string, Json>)[]
  key: Json
  flushed: number
}

export interface OldLog {
  name: string
  /** When it was looked at, in ms since the epoch. */
  now: number
  log: OldRow[]
  /** The table `blob`: digest → value. */
  blobs: Record<string, Json>
  /** What each reader made of it, by the reader's name. */
  made: Record<string, Json> & { view: { status: string; stuck: { cause: string } | null } }
}

/** Every kept log. */
export function oldLogs(): OldLog[] {
  const { shared, logs } = JSON.parse(readFileSync(FILE, 'utf8')) as { shared: Record<string, Json>; logs: Json }
  return unpacked(logs, shared) as unknown as OldLog[]
}

/** The value with what was kept apart back in its place. */
function unpacked(value: Json, shared: Record<string, Json>): Json {
  if (typeof value === 'string') {
    const key = /^⟦(\w+)⟧$/.exec(value)?.[1]
    return key === undefined ? value : unpacked(shared[key]!, shared)
  }
  if (Array.isArray(value)) return value.map(item => unpacked(item, shared))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unpacked(item, shared)]))
}
