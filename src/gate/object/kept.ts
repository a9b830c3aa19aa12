/**
 * What a Gate keeps over an eviction, written a while after it changed: who comes and goes within that while costs no write.
 * What a crash takes of it, its runs' own alarms and leases make good.
 */
import { beforeOf, type GateState, type Grant, keyOf, newGate, type Waiting } from '../../domain/gate/state.ts'

/** Where it is kept: texts by key, written in one go. */
export interface GateStorage {
  read(): Iterable<readonly [key: string, value: string]>
  write(put: Map<string, string>, remove: string[]): void
}

/** Changes are gathered for so long. */
const WRITE_AFTER_MS = 1000
const REST = 'rest'

type Rest = Pick<GateState, 'limits' | 'lanes' | 'spending'>

export class Kept {
  readonly #storage: GateStorage
  readonly #after: (ms: number, act: () => void) => void
  /** What storage has: of runs the very objects, which never change. */
  readonly #stored = new Map<string, Waiting | Grant | string>()
  #next: GateState | null = null

  constructor(storage: GateStorage, after: (ms: number, act: () => void) => void) {
    this.#storage = storage
    this.#after = after
  }

  /** The Gate as it was written last. */
  restore(): GateState {
    let rest: Rest = newGate()
    // One that never differed from a new one is not written at all.
    this.#stored.set(REST, restText(rest))
    const waiting: Waiting[] = []
    const grants = new Map<string, Grant>()
    for (const [key, text] of this.#storage.read()) {
      const value = JSON.parse(text)
      if (key === REST) rest = value as Rest
      else if (key.startsWith('waiting:')) waiting.push(value as Waiting)
      else grants.set(key.slice(key.indexOf(':') + 1), value as Grant)
      this.#stored.set(key, key === REST ? text : value)
    }
    // By age, as their keys do not sort that way.
    waiting.sort((a, b) => beforeOf(a, b))
    return { ...newGate(), ...rest, waiting, grants }
  }

  /** Has it written before long. */
  keep(state: GateState): void {
    const isWaiting = this.#next !== null
    this.#next = state
    if (!isWaiting) this.#after(WRITE_AFTER_MS, () => this.#write())
  }

  #write(): void {
    if (this.#next === null) return
    const { waiting, grants } = this.#next
    const rest = restText(this.#next)
    this.#next = null
    const now = new Map<string, Waiting | Grant | string>([[REST, rest]])
    for (const each of waiting) now.set(`waiting:${keyOf(each)}`, each)
    for (const [key, grant] of grants) now.set(`grant:${key}`, grant)
    const put = new Map<string, string>()
    for (const [key, value] of now) {
      if (this.#stored.get(key) !== value) put.set(key, typeof value === 'string' ? value : JSON.stringify(value))
    }
    const remove = [...this.#stored.keys()].filter(key => !now.has(key))
    if (put.size + remove.length === 0) return
    this.#storage.write(put, remove)
    for (const key of remove) this.#stored.delete(key)
    for (const [key, value] of now) this.#stored.set(key, value)
  }
}

function restText({ limits, lanes, spending }: Rest): string {
  return JSON.stringify({ limits, lanes, spending })
}
