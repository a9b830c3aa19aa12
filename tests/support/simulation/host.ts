/**
 * What the Task DO's shell (src/task/object) stands on, as a model: a disk and a memory that dies, the platform's alarm, D1,
 * calls that get lost. The shell itself, its memory, alarm and flusher are the real ones.
 */
import type { Command, Refusal, Work } from '../../../src/domain/task/commands.ts'
import type { DueWork } from '../../../src/domain/task/due.ts'
import type { Actor, LogRow } from '../../../src/domain/task/events.ts'
import type { replay } from '../../../src/domain/task/evolve.ts'
import { workOf } from '../../../src/domain/task/run/attempts.ts'
import { type BetweenTasks, betweenTasks } from '../../../src/domain/task/run/family.ts'
import { isOver, type Status, type TaskState } from '../../../src/domain/task/state.ts'
import type { Flush, FlushAnswer, FlushedRow } from '../../../src/records/task/flush.ts'
import { Alarm } from '../../../src/task/object/alarm.ts'
import { Flusher, type FlushShell } from '../../../src/task/object/flusher.ts'
import { type Applied, type Rules, Shell } from '../../../src/task/object/shell.ts'
import type { StoredRow } from '../../../src/task/object/task-log.ts'
import { type LogStorage, TaskMemory } from '../../../src/task/object/task-memory.ts'
import type { Idempotency } from '../../../src/task/rpc.ts'
import { SYSTEM, versionOf } from '../task-builders.ts'
import type { Agenda } from './agenda.ts'
import type { Chances } from './chances.ts'
import type { Observer } from './observer.ts'
import { must } from './run-books.ts'

/** The engine under test: the real functions, or with one of them broken. */
export interface Engine extends Rules {
  replay: typeof replay
}

/** Bugs that the shell, or what it stands on, could have; none is there as it stands. */
export interface HostBugs {
  /** An alarm counts slots from when it fires, not from when it was set for. */
  slotsFromNow?: boolean
  /** The flush cursor is moved when the flush is sent. */
  cursorBeforeConfirmation?: boolean
  /** A confirmed flush also counts the rows that were added while it was under way. */
  confirmsWhatCameLater?: boolean
  /** An alarm that throws is not set again. */
  alarmConsumed?: boolean
  /** The alarm is set after sending, not with the row. */
  alarmAfterCommit?: boolean
  /** An idempotency key is not looked at. */
  forgetsKeys?: boolean
  /** A restart folds the last row twice. */
  foldsLastRowTwice?: boolean
  /** A row that could not be written stays in memory. */
  memoryAheadOfDisk?: boolean
  /** Audit rows are inserted without looking whether they are there. */
  plainInsert?: boolean
  /** Each time that a run is handed out it starts a task of its own. */
  childPerDelivery?: boolean
  /** A task's row in the index is overwritten by an older one. */
  noSeqGuard?: boolean
  /** A task that is over takes its alarm back before D1 has all of it. */
  clearsAlarmEarly?: boolean
  /** After a restart nothing is flushed but what is new. */
  forgetsUnflushed?: boolean
}

/** Crashes of one alarm after which the platform would drop it are kept below this. */
const ALARM_RETRIES = 4

/** What D1 has of the task: the audit by seq, and its row in the index. */
export class D1 {
  readonly audit: number[] = []
  row: { seq: number; status: Status; dueAt: number | null } | null = null
  readonly #known = new Set<number>()
  readonly #bugs: HostBugs

  constructor(bugs: HostBugs) {
    this.#bugs = bugs
  }

  /** One transaction. Answers whether the index row was older than what is there. */
  commit(flush: Flush): boolean {
    for (const { seq } of flush.audit) {
      if (this.#known.has(seq) && !this.#bugs.plainInsert) continue
      this.#known.add(seq)
      this.audit.push(seq)
    }
    const { seq, status, due_at } = flush.row
    const stale = this.row !== null && seq <= this.row.seq
    if (!stale || this.#bugs.noSeqGuard) this.row = { seq, status: status as Status, dueAt: due_at }
    return stale
  }
}

/** The object died in the middle of what it did. */
class Died extends Error {}

/** The object as it is in memory; all of it is gone when it dies. */
interface Life {
  memory: TaskMemory
  alarm: Alarm
  flusher: Flusher
  shell: Shell
}

/** `null`: the object died on the way, or nothing came back; the caller cannot know how far it came. */
export type Reply<T> = T | null

export interface Outside {
  send(visit: number, run: number, attempt: number): void
  lookUp(visit: number, run: number, roles: string[]): void
  read(file: string): void
  /** Says it to another task; `heard`: that has it. */
  say(said: BetweenTasks, state: TaskState, heard: () => void): void
}

interface Parts {
  engine: Engine
  bugs: HostBugs
  agenda: Agenda
  chances: Chances
  observer: Observer
  /** Rows come back as JSON, as a disk would give them. */
  paper: boolean
}

export class Host {
  readonly rows: LogRow[] = []
  readonly d1: D1
  /** The flush cursor as the disk has it. */
  #flushed = 0
  #alarm: number | null = null
  /** Which setting of the alarm is the valid one. */
  #alarmSet = 0
  /** The alarm whose handler is under way: it fires again if the object dies. */
  #firing: { scheduled: number; tries: number } | null = null
  /** Alarms that failed or fire twice, and are still to fire. */
  #refires = 0
  #life: Life | null = null
  /** What the object had in memory when it was last alive, to compare with what it comes back with. */
  #before: TaskState | null = null
  /** It dies before it does what the row that was just written calls for. */
  #diesNext = false
  /** The row that was just written. */
  #written: LogRow | null = null
  /** Alarms set under way, where the shell sets them too late. */
  #late: number | null = null
  #tokens = 0
  /** The platform gave up on an alarm: only a call or the hourly pass helps then. */
  alarmWasLost = false
  readonly #parts: Parts
  readonly #outside: Outside

  constructor(parts: Parts, outside: Outside) {
    this.#parts = parts
    this.#outside = outside
    this.d1 = new D1(parts.bugs)
  }

  /** Whether an alarm is to fire, or the hourly pass to wake the task. */
  get isAwaited(): boolean {
    return this.#alarm !== null || this.#refires > 0 || (this.d1.row?.dueAt ?? null) !== null
  }

  // Verbs

  command(command: Command, actor: Actor, idempotency?: Idempotency): Reply<Applied> {
    const key = this.#parts.bugs.forgetsKeys ? undefined : idempotency
    return this.#call(life => this.#apply(life, command, actor, key))
  }

  claim(visit: number, run: number, attempt: number): Reply<Work | Refusal> {
    return this.#call(life => {
      const applied = this.#apply(life, { type: 'claim', visit, run, attempt }, SYSTEM)
      if (!applied.ok) return applied.refusal
      const state = life.memory.state!
      const phase = state.visit.runs.find(each => each.id === run)?.phase
      must(phase?.name === 'claimed', 'a claim was granted and is not there')
      return workOf(state, life.memory.context(SYSTEM), phase.lease) ?? { kind: 'not_claimable', why: 'stale' }
    })
  }

  report(command: Extract<Command, { type: 'report' | 'hold' }>): Reply<{ accepted: boolean; next: Work | null }> {
    return this.#call(life => {
      const applied = this.#apply(life, command, SYSTEM)
      const state = life.memory.state!
      const next = state.settled[command.lease ?? ''] ?? null
      return { accepted: applied.ok, next: next === null ? null : workOf(state, life.memory.context(SYSTEM), next) }
    })
  }

  #apply(life: Life, command: Command, actor: Actor, idempotency?: Idempotency): Applied {
    const applied = life.shell.apply(command, actor, idempotency)
    if (!applied.ok) this.#parts.chances.happened('refusals')
    return applied
  }

  /** The hourly pass: wakes the task if D1 says that its time has passed. */
  hourly(): void {
    const { row } = this.d1
    if (row === null || row.dueAt === null || row.dueAt >= this.#parts.agenda.now - 120_000) return
    this.#parts.chances.happened('hourlyWakes')
    this.#mortal(() => {
      const { alarm, shell } = this.#living()
      alarm.learn(this.#alarm)
      shell.wake(0)
    })
  }

  /** The object is thrown out of memory; what was under way is gone. */
  die(): void {
    if (this.#life === null) return
    this.#before = this.#life.memory.state
    this.#life = null
    this.#diesNext = false
    this.#late = null
    const firing = this.#firing
    this.#firing = null
    if (firing !== null && !this.#parts.bugs.alarmConsumed) this.#fireAgain(firing.scheduled, firing.tries + 1)
  }

  /** The state that the log comes to, and whether memory and D1 agree with it. */
  settled(): TaskState {
    const state = this.#parts.engine.replay(this.#read(), null)
    must(state !== null, 'no task was made')
    if (this.#life !== null) must(same(this.#life.memory.state, state), 'memory and log have come apart')
    const { audit, row } = this.d1
    must(audit.length === this.rows.length, `${audit.length} audit rows, ${this.rows.length} in the log`)
    const bySeq = [...audit].sort((a, b) => a - b)
    must(
      this.rows.every(({ seq }, index) => bySeq[index] === seq),
      'the audit is not the log',
    )
    must(row?.seq === state.seq && row.status === state.status, 'the index row is behind')
    return state
  }

  /** An outside call: it may meet a dying object, or lose its way there or back. */
  #call<T>(work: (life: Life) => T): Reply<T> {
    const { chances } = this.#parts
    if (chances.strikes('evicted')) this.die()
    if (chances.strikes('requestLost')) return null
    const reply = this.#mortal(() => {
      chances.happened('commands')
      const done = work(this.#living())
      this.#finished()
      return done
    })
    return reply !== null && chances.strikes('replyLost') ? null : reply
  }

  /** Does what the object may die of; null: it did. */
  #mortal<T>(work: () => T): T | null {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof Died)) throw error
      // A bug that leaves the row in memory shows only in an object that lives on.
      if (!this.#parts.bugs.memoryAheadOfDisk) this.die()
      return null
    }
  }

  /** What was put off by a planted bug happens, once nothing can go wrong any more. */
  #finished(): void {
    if (this.#diesNext) throw new Died()
    if (this.#late !== null) this.#setAlarm(this.#late)
    this.#late = null
    const state = this.#life?.memory.state
    if (this.#parts.bugs.clearsAlarmEarly && state && isOver(state.status)) this.#life!.alarm.clear()
  }

  // The object's life

  #living(): Life {
    if (this.#life !== null) return this.#life
    const { engine, bugs, agenda, chances, observer } = this.#parts
    const memory = new TaskMemory(this.#disk(), {
      now: () => agenda.now,
      token: () => `lease_${++this.#tokens}`,
      random: chances.random,
      sha256: shortHash,
      replay: engine.replay,
    })
    const alarm = new Alarm({
      getAlarm: async () => this.#alarm,
      setAlarm: async at => {
        if (bugs.alarmAfterCommit && this.#firing === null) this.#late = Number(at)
        else this.#setAlarm(Number(at))
      },
      deleteAlarm: async () => this.#clearAlarm(),
    })
    const life = {} as Life
    const flusher = new Flusher(this.#flushShell(life))
    const shell = new Shell({
      now: () => agenda.now,
      memory,
      alarm,
      flusher,
      notices: { waiting: false, retryAt: 0, look: () => {} },
      toFlush: ({ row }) => {
        flusher.add({ seq: row.seq, facts: '', types: '' } as FlushedRow)
        if (row !== this.#written) return
        this.#written = null
        observer.committed(row, memory.state!)
      },
      send: ({ visit, run, attempt }) => {
        if (!chances.strikes('sendFails')) this.#outside.send(visit, run, attempt)
      },
      resolve: ({ visit, run, roles }) => this.#outside.lookUp(visit, run, roles),
      read: ({ file }) => this.#outside.read(file),
      say: said => {
        const heard = () => {
          if (this.#life !== life || said.kind !== 'tell') return
          this.#mortal(() => {
            this.#apply(life, { type: 'told', standing: said.standing }, SYSTEM)
            this.#finished()
          })
        }
        if (!chances.strikes('wordLost')) this.#outside.say(said, memory.state!, heard)
      },
      flush: () => flusher.start(),
      notify: () => {},
      rules: {
        decide: engine.decide,
        due: (...args) => this.#doing(engine.due(...args)),
        dueBetween: engine.dueBetween,
        nextAlarm: (state, definition, now) => {
          const at = engine.nextAlarm(state, definition, now)
          must(at === null || at > now, `the next alarm is set for ${at}, it is ${now}`)
          const isSilent = at === null || !isOver(state.status) || betweenTasks(state).length > 0
          must(isSilent, 'a task that is over has an alarm of its own, and nothing to tell')
          return at
        },
      },
    })
    Object.assign(life, { memory, alarm, flusher, shell })
    this.#life = life
    const exists = shell.restore()
    if (this.#before !== null) {
      chances.happened('restarts')
      // Every fourth time: it is what takes most of the simulation's time.
      if (this.rows.length % 4 === 0)
        must(same(memory.state, this.#before), 'the log folds to another state than was lost')
    }
    alarm.learn(this.#alarm)
    if (exists && this.#firing === null) {
      if (!alarm.isSet) chances.happened('rearmed')
      shell.rearmIfLost()
    }
    return life
  }

  /** The object is about to do what its state calls for. */
  #doing(work: DueWork[]): DueWork[] {
    if (this.#diesNext) {
      this.#diesNext = false
      throw new Died()
    }
    return work
  }

  #disk(): LogStorage {
    const { bugs, chances } = this.#parts
    const disk: LogStorage = {
      flushed: bugs.forgetsUnflushed ? Number.POSITIVE_INFINITY : this.#flushed,
      rows: () => this.#read() as StoredRow[],
      append: row => {
        const dies = chances.strikes('crashBeforeCommit')
        if (dies && !bugs.memoryAheadOfDisk) throw new Died()
        if (!dies) this.#write(row, disk.flushed)
        else this.#diesNext = true
        return row as StoredRow
      },
      blob: () => null,
      noteFlushed: () => {
        this.#flushed = disk.flushed
      },
    }
    return disk
  }

  #write(row: LogRow, flushed: number): void {
    this.rows.push(row)
    if (Number.isFinite(flushed)) this.#flushed = flushed
    this.#written = row
    this.#diesNext = this.#parts.chances.strikes('crashAfterCommit')
  }

  #read(): LogRow[] {
    const rows = this.#parts.bugs.foldsLastRowTwice ? [...this.rows, ...this.rows.slice(-1)] : this.rows
    return this.#parts.paper ? (JSON.parse(JSON.stringify(rows)) as LogRow[]) : rows
  }

  // The alarm

  #setAlarm(at: number): void {
    const { agenda, chances } = this.#parts
    this.#alarm = at
    const set = ++this.#alarmSet
    const fire = () => {
      if (set === this.#alarmSet && this.#alarm === at) this.#fire(at)
    }
    agenda.at(at + chances.between(0, 30), () => {
      if (set === this.#alarmSet && chances.strikes('alarmLate')) agenda.after(chances.between(100, 20_000), fire)
      else fire()
    })
  }

  #clearAlarm(): void {
    this.#alarm = null
    this.#alarmSet++
  }

  #fire(scheduled: number): void {
    this.#alarm = null
    // The platform drops an alarm that failed too often. The index must know of the task, for the hourly pass to find it.
    const known = this.d1.row?.seq === this.#parts.observer.state?.seq
    if (known && !this.alarmWasLost && this.#parts.chances.strikes('alarmLost')) {
      this.alarmWasLost = true
      this.die()
      return
    }
    if (this.#parts.chances.strikes('alarmTwice')) this.#fireAgain(scheduled, 1)
    this.#handle(scheduled, 0)
  }

  #fireAgain(scheduled: number, tries: number): void {
    this.#parts.chances.happened('alarmsRetried')
    this.#refires++
    this.#parts.agenda.after(2000 * tries, () => {
      this.#refires--
      this.#handle(scheduled, tries)
    })
  }

  /** TaskObject.alarm, which may die or throw where it waits. */
  #handle(scheduled: number, tries: number): void {
    const { bugs, chances, agenda } = this.#parts
    chances.happened('alarms')
    this.#firing = { scheduled, tries }
    this.#mortal(() => {
      const life = this.#living()
      const { shell, flusher } = life
      shell.fired(bugs.slotsFromNow ? agenda.now : scheduled)
      const throws = tries < ALARM_RETRIES && chances.strikes('alarmThrows')
      if (throws && chances.chance(0.5)) throw new Died()
      if (!throws) shell.serve()
      if (this.#diesNext) throw new Died()
      this.#firing = null
      if (throws && bugs.alarmConsumed) return
      if (!throws && flusher.waiting && flusher.retryAt <= agenda.now) {
        flusher.start(() => {
          if (this.#life === life) shell.settle()
        })
      } else shell.settle()
    })
  }

  // Flushing

  #flushShell(life: Life): FlushShell {
    const { agenda, bugs, chances, engine } = this.#parts
    const alive = (act: () => void) => () => {
      if (this.#life === life) act()
    }
    return {
      now: () => agenda.now,
      row: () => {
        const state = life.memory.state!
        const due_at = engine.nextAlarm(state, versionOf(state.digest).definition, agenda.now)
        return { seq: state.seq, status: state.status, due_at } as Flush['row']
      },
      send: (flush, answered) => {
        chances.happened('flushes')
        const sent = { ...flush, audit: flush.audit.slice() }
        if (bugs.cursorBeforeConfirmation) life.memory.log.flushed = flush.audit.at(-1)!.seq
        const slow = chances.strikes('d1Slow') ? chances.between(1000, 60_000) : chances.between(5, 60)
        agenda.after(slow, () => {
          const failed = chances.strikes('d1Fails')
          if (!failed && this.d1.commit(sent)) chances.happened('staleFlushes')
          const told = !failed && !chances.strikes('d1ReplyLost')
          const answer: FlushAnswer = told ? { ok: true } : { ok: false, retryAfterMs: 0, reason: 'D1 is away' }
          alive(() => {
            if (bugs.confirmsWhatCameLater) flush.audit.push(...this.#laterThan(flush))
            answered(answer)
          })()
        })
      },
      after: (ms, act) => {
        let stopped = false
        agenda.after(
          ms,
          alive(() => {
            if (!stopped) act()
          }),
        )
        return () => {
          stopped = true
        }
      },
      confirmed: seq => life.shell.confirmed(seq),
      postponed: () => {
        chances.happened('flushesRefused')
        life.shell.arm()
      },
    }
  }

  #laterThan(flush: Flush): FlushedRow[] {
    const last = flush.audit.at(-1)!.seq
    return this.rows.filter(row => row.seq > last).map(({ seq }) => ({ seq, facts: '', types: '' }) as FlushedRow)
  }
}

/** A digest that is quick: the engine only compares them. */
function shortHash(text: string): string {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return (h >>> 0).toString(16)
}

/** Whether two values are the same throughout; parts that are one object need no look. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key in left) if (!same(left[key], right[key])) return false
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false
  return true
}
