/** A task that runs in memory alone, by the very rules of real ones, on a clock that jumps to whatever is due next. */
import type { Command, CreateTask, Refusal, Work } from '../task/commands.ts'
import type { Context } from '../task/context.ts'
import { decide } from '../task/decide.ts'
import { due, nextAlarm } from '../task/due.ts'
import { type Actor, LOG_VERSION, type LogRow } from '../task/events.ts'
import { type AskedRun, openAsks } from '../task/people/asking.ts'
import { workOf } from '../task/run/attempts.ts'
import { isOver, type TaskState } from '../task/state.ts'
import type { Pinned } from '../workflow/definition.ts'

/** What the task needs now, from whoever runs it. */
export type Need =
  /** A run's work, under a lease. */
  | { kind: 'work'; work: Work }
  /** An answer of people. */
  | { kind: 'answer'; run: AskedRun }
  /** An event from outside, of one of these names; else its time passes. */
  | { kind: 'event'; names: string[] }
  /** Nothing: it is over, or stands still until somebody acts by hand. */
  | { kind: 'end' }

/** What the rules may not make up. */
export interface Chance {
  /** ms since the epoch, when it begins. */
  now: number
  sha256: Context['sha256']
  token: Context['token']
  random: Context['random']
}

const SYSTEM: Actor = { kind: 'system' }
/** People that a role stands for: as many as the most that a step may need. */
const ROLE_SIZE = 10

export class Rehearsal {
  readonly rows: LogRow[] = []
  state: TaskState | null = null
  /** Its clock, in ms since the epoch: it stands still while work is done and jumps over every wait. */
  now: number
  readonly #pinned: Pinned
  readonly #chance: Chance
  /** The last visit in which an event was asked for. */
  #toldIn = 0

  constructor(pinned: Pinned, chance: Chance) {
    this.#pinned = pinned
    this.#chance = chance
    this.now = chance.now
  }

  /** Begins the task; null, or why it cannot begin. */
  begin(command: Omit<CreateTask, 'type' | 'pinned' | 'digest'>, actor: Actor): Refusal | null {
    return this.apply({ type: 'create', ...command, pinned: '', digest: '' }, actor)
  }

  /** Carries a command out; null, or its refusal, which leaves nothing behind. */
  apply(command: Command, actor: Actor = SYSTEM): Refusal | null {
    const decision = decide(this.state, command, this.#context(actor))
    if ('refusal' in decision) return decision.refusal
    if (decision.events.length > 0) {
      const row = {
        seq: (this.rows.at(-1)?.seq ?? 0) + 1,
        v: LOG_VERSION,
        at: this.now,
        actor,
        events: decision.events,
      }
      this.rows.push(row)
      this.state = decision.state
    }
    return null
  }

  /** Does what needs nobody, and answers what is needed now. */
  next(): Need {
    for (;;) {
      const state = this.state
      if (state === null || isOver(state.status)) return { kind: 'end' }
      const need = this.#serve(state) ?? this.#asked(state)
      if (need !== null) return need
      if (this.state !== state) continue
      const event = this.#awaited(state)
      if (event !== null) return event
      const at = nextAlarm(state, this.#pinned.definition, this.now)
      if (at === null) return { kind: 'end' }
      this.now = at
      this.apply({ type: 'wake' })
    }
  }

  /** Takes up what is due: a run that is to be worked on; people and hours are looked up at once. */
  #serve(state: TaskState): Need | null {
    for (const each of due(state, this.now, this.now)) {
      if (each.kind === 'send') {
        const { visit, run, attempt } = each
        if (this.apply({ type: 'claim', visit, run, attempt }) !== null) continue
        const phase = this.state!.visit.runs.find(({ id }) => id === run)?.phase
        const work = phase?.name === 'claimed' ? workOf(this.state!, this.#context(SYSTEM), phase.lease) : null
        if (work !== null) return { kind: 'work', work }
      } else if (each.kind === 'resolve') {
        const { visit, run, roles, hours } = each
        const people = Object.fromEntries(roles.map(role => [role, madeUpPeople(role)]))
        this.apply({ type: 'resolve', visit, run, people, ...(hours && { hours: null }) })
      } else this.apply({ type: 'read', file: each.file, noText: 'not_read' })
      // What was done may have changed what is due.
      return null
    }
    return null
  }

  #asked(state: TaskState): Need | null {
    if (this.state !== state || state.halted !== null) return null
    const [run] = openAsks(state)
    return run === undefined ? null : { kind: 'answer', run }
  }

  /** The event that it waits for, once in each visit: where that is not the one, its time passes. */
  #awaited({ halted, visit }: TaskState): Need | null {
    const names = visit.runs.flatMap(({ phase }) => (phase.name === 'awaiting' ? phase.names : []))
    if (names.length === 0 || halted !== null || this.#toldIn === visit.n) return null
    this.#toldIn = visit.n
    return { kind: 'event', names }
  }

  #context(actor: Actor): Context {
    const { sha256, token, random } = this.#chance
    return { now: this.now, actor, pinned: () => this.#pinned, blob: () => null, sha256, token, random }
  }
}

function madeUpPeople(role: string): string[] {
  const name = role.replace(/[^a-z]+/g, '-')
  return Array.from({ length: ROLE_SIZE }, (_, index) => `${name}-${index + 1}@dry-run.example`)
}
