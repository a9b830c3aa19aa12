/** What the observer knows of events from outside and of waits: which events are there, what a wait must take, and when it is over. */
import { namesOf, type Wait } from '../../../src/domain/handler/parts/wait-shape.ts'
import type { TaskEvent } from '../../../src/domain/task/events.ts'
import type { TaskState } from '../../../src/domain/task/state.ts'
import { durationMs } from '../../../src/domain/workflow/parts.ts'
import type { Coverage } from './chances.ts'
import { must } from './run-books.ts'

type EventOf<T extends TaskEvent['type']> = Extract<TaskEvent, { type: T }>

/** What every event of these schedules says of itself; conditions ask whether it is good. */
interface Sent {
  n: number
  good: boolean
}

interface Kept {
  seq: number
  at: number
  name: string
  data: Sent
}

/** How late the end of a wait may be when nothing is wrong. */
const SOON_MS = 5000

export class WaitBook {
  /** What was sent, by its number, under which name. */
  readonly sent = new Map<number, string>()
  /** Numbers of the events that are in the log. */
  readonly noticed = new Set<number>()
  #kept: Kept[] = []
  #open: { names: string[]; began: number; until: number | null; asks: boolean } | null = null
  /** Whether the task stands still: nothing ends its wait then, not even its time. */
  #halted = false
  readonly #coverage: Coverage

  constructor(coverage: Coverage) {
    this.#coverage = coverage
  }

  came(event: EventOf<'noticed'>, seq: number, at: number): void {
    const data = event.data as unknown as Sent | null
    // What people send by hand is of no name that a wait has.
    if (data === null) return void this.#kept.push({ seq, at, name: event.name, data: { n: 0, good: true } })
    must(!this.noticed.has(data.n), `event ${data.n} is in the log twice`)
    must(this.sent.get(data.n) === event.name, `event ${data.n} goes by another name than it was sent under`)
    this.noticed.add(data.n)
    this.#kept.push({ seq, at, name: event.name, data })
  }

  began(event: EventOf<'awaiting'> | EventOf<'listening'>, wait: Wait | undefined, at: number): void {
    must(wait !== undefined, 'it waits at a step that is no wait')
    const names = event.type === 'listening' ? event.names : []
    must(String(names) === String(namesOf(wait)), `it waits for ${names}`)
    const ends = wait.for === undefined ? null : at + durationMs(wait.for)!
    if (wait.until === undefined) must(event.until === ends, `it waits until ${event.until}, not ${ends}`)
    this.#open = { names, began: at, until: event.until, asks: wait.if !== undefined }
  }

  passed(event: EventOf<'weighed'>): void {
    const kept = this.#kept.find(({ seq }) => seq === event.event)
    must(this.#open?.asks === true && kept?.data.good === false, 'an event is passed over that the condition takes')
    this.#coverage.eventsPassed++
  }

  ended(event: EventOf<'awaited'>, at: number, punctualFrom: number): void {
    const wait = this.#open
    must(wait !== null, 'a wait ends that did not begin')
    if (event.took === undefined) {
      must(wait.names.length === 0, 'a wait for events ends as if one had come')
      this.#over(at, punctualFrom)
      this.#coverage.waitsOver++
    } else {
      const first = this.#first()
      must(first?.seq === event.took.event, `it takes event ${event.took.event}, the first that fits is ${first?.seq}`)
      must(first.name === event.took.name, 'it takes an event under another name')
      must((event.output as unknown as Sent).n === first.data.n, 'the output is not what came with the event')
      this.#kept = this.#kept.filter(each => each !== first)
      this.#coverage.eventsTaken++
    }
    this.#open = null
  }

  missed(at: number, punctualFrom: number): void {
    must(this.#open !== null && this.#open.names.length > 0, 'a wait is missed that waits for no event')
    must(this.#first() === undefined, 'a wait is over though its event is there')
    this.#over(at, punctualFrom)
    this.#coverage.waitsMissed++
    this.#open = null
  }

  left(): void {
    this.#open = null
  }

  /** Nothing waits for what is there, and the state has what was not taken. */
  agree({ events, halted }: TaskState): void {
    must(halted !== null || this.#first() === undefined, 'it waits for an event that is there')
    must(String(events.map(({ seq }) => seq)) === String(this.#kept.map(({ seq }) => seq)), 'other events are kept')
    this.#halted = halted !== null
    if (events.length > 0) this.#coverage.eventsKept++
  }

  /** The event that the open wait is to take. */
  #first(): Kept | undefined {
    const wait = this.#open
    if (wait === null) return undefined
    const fits = ({ name, at, data }: Kept) =>
      wait.names.includes(name) && (wait.until === null || at < wait.until) && (!wait.asks || data.good)
    return this.#kept.find(fits)
  }

  #over(at: number, punctualFrom: number): void {
    const { until = null, began = 0 } = this.#open ?? {}
    must(until !== null && until <= at, 'a wait is over before its time')
    const late = at - Math.max(until ?? 0, began)
    must(this.#halted || until < punctualFrom || late <= SOON_MS, `a wait is over ${late} ms late`)
  }
}
