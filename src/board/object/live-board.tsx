/**
 * What a Board DO tells the browsers that watch it: changed cards as soon as a flush arrives, and how many tasks stand
 * where. It keeps nothing: sockets hibernate, and the tally is read anew when there is something to say.
 */
import { isOver, type Status } from '../../domain/task/state.ts'
import type { IndexRow } from '../../records/task/flush.ts'
import { CardItem, DoneItem } from '../card.tsx'
import { cardOfFlush } from '../card-view.ts'
import type { Watcher } from '../rpc.ts'
import { type Counts, type Tallied, Tally } from './tally.ts'

/** At most ten pushes a second; what comes meanwhile goes together. */
export const PUSH_EVERY_MS = 100
/** Cards of one push; a burst's rest follows with the next. */
const PUSH_CARDS = 200
/** How long a session that was found valid is taken for valid. */
const RECHECK_MS = 60_000

/** Codes that sockets are closed with: the browser comes again (1012), or shows that it may not. */
const CLOSE_AGAIN = 1012
export const CLOSE_FOR_GOOD = 4401

/** One card's news. `seq` lets a browser drop what is older than what it shows. */
interface CardNews {
  id: string
  seq: number
  step: string
  rank: number
  /** The card; null: it is not on the board any more. */
  html: string | null
  /** The line of "Recently completed", for a task that is done. */
  done: string | null
}

export interface BoardNews {
  cards: CardNews[]
  counts: Counts | null
  /** The board itself has changed: fetch it again. */
  refresh?: true
}

/** A socket with who watches through it. */
export interface LiveSocket {
  watcher: Watcher
  send(text: string): void
  close(code: number, reason: string): void
}

export interface LiveShell {
  sockets(): LiveSocket[]
  /** Every open task of the board, from D1. */
  openTasks(): Promise<Tallied[]>
  /** Which of these watchers may still watch. */
  admitted(watchers: Watcher[]): Promise<Set<Watcher>>
  now(): number
  after(ms: number, then: () => void): void
}

export class LiveBoard {
  #shell: LiveShell
  #changed = new Map<string, IndexRow>()
  /** Arrived and not known to be in D1: what a tally read from there may lack. */
  #inFlight = new Map<string, IndexRow>()
  #tally: Tally | null = null
  #pushing = false
  #lastPush = 0
  #lastCheck = 0

  constructor(shell: LiveShell) {
    this.#shell = shell
  }

  /** A flush has arrived. */
  show(row: IndexRow): void {
    this.#inFlight.set(row.id, row)
    if (this.#shell.sockets().length === 0) return this.#forget()
    const known = this.#changed.get(row.id)
    if (known === undefined || known.seq < row.seq) this.#changed.set(row.id, row)
    this.#tally?.apply(row)
    this.#schedule()
  }

  /** D1 has the flush, or will be given it again. */
  settled(row: IndexRow): void {
    if (this.#inFlight.get(row.id)?.seq === row.seq) this.#inFlight.delete(row.id)
  }

  /** Somebody begins to watch: what D1 may lack yet is said at once, and how many tasks stand where. */
  welcome(): void {
    for (const row of this.#inFlight.values()) if (!this.#changed.has(row.id)) this.#changed.set(row.id, row)
    this.#schedule()
  }

  /** The workflow itself has changed: paused, activated, published. */
  refresh(): void {
    const text = JSON.stringify({ cards: [], counts: null, refresh: true } satisfies BoardNews)
    for (const socket of this.#shell.sockets()) socket.send(text)
  }

  #forget(): void {
    this.#changed.clear()
    this.#tally = null
  }

  #schedule(): void {
    if (this.#pushing) return
    this.#pushing = true
    const wait = this.#lastPush + PUSH_EVERY_MS - this.#shell.now()
    if (wait <= 0) void this.#push()
    else this.#shell.after(wait, () => void this.#push())
  }

  async #push(): Promise<void> {
    try {
      const sockets = await this.#watching()
      if (sockets.length === 0) this.#forget()
      else await this.#tell(sockets)
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', what: 'board push', error: String(error) }))
    }
    this.#lastPush = this.#shell.now()
    this.#pushing = false
    if (this.#changed.size > 0) this.#schedule()
  }

  async #tell(sockets: LiveSocket[]): Promise<void> {
    const tally = await this.#tallied()
    const rows = [...this.#changed.values()].slice(0, PUSH_CARDS)
    for (const row of rows) this.#changed.delete(row.id)
    const news: BoardNews = { cards: rows.map(newsOf), counts: tally?.counts() ?? null }
    const text = JSON.stringify(news)
    for (const socket of sockets) socket.send(text)
  }

  /** D1 being away takes the counts from a push, not the cards. */
  async #tallied(): Promise<Tally | null> {
    if (this.#tally !== null) return this.#tally
    try {
      const stored = await this.#shell.openTasks()
      // What came while D1 was read is in both; the higher seq wins.
      this.#tally = new Tally(stored, [...this.#inFlight.values(), ...this.#changed.values()])
    } catch {
      this.#tally = null
    }
    return this.#tally
  }

  /** Those who may watch now. The others' sockets are closed before anything is sent. */
  async #watching(): Promise<LiveSocket[]> {
    const now = this.#shell.now()
    const live = this.#shell.sockets().filter(socket => {
      if (socket.watcher.until > now) return true
      socket.close(CLOSE_AGAIN, 'an hour is over')
      return false
    })
    if (live.length === 0 || now - this.#lastCheck < RECHECK_MS) return live
    const admitted = await this.#recheck(live)
    return live.filter(socket => {
      if (admitted.has(socket.watcher)) return true
      socket.close(CLOSE_FOR_GOOD, 'no longer signed in')
      return false
    })
  }

  async #recheck(sockets: LiveSocket[]): Promise<Set<Watcher>> {
    const watchers = sockets.map(socket => socket.watcher)
    try {
      const admitted = await this.#shell.admitted(watchers)
      this.#lastCheck = this.#shell.now()
      return admitted
    } catch {
      // While D1 is away nobody can be removed or signed out either.
      return new Set(watchers)
    }
  }
}

function newsOf(row: IndexRow): CardNews {
  const card = cardOfFlush(row)
  const over = isOver(row.status as Status)
  return {
    id: card.id,
    seq: card.seq,
    step: card.step ?? '',
    rank: over ? (card.finishedAt ?? 0) : card.rank,
    html: over ? null : String(<CardItem card={card} />),
    done: card.status === 'done' ? String(<DoneItem card={card} />) : null,
  }
}
