/**
 * Sees to it that people hear of what needs them: those who are asked of their question, the owner of a task that failed or
 * is stuck. Told again until it is settled, also after a crash.
 */

import { openAsks } from '../../domain/task/people/asking.ts'
import type { TaskState } from '../../domain/task/state.ts'
import { cardOf } from '../../domain/task/told/card.ts'
import { type Definition, stepOf } from '../../domain/workflow/definition.ts'
import { stepName } from '../../domain/workflow/parts.ts'
import { type Asked, type Mentioned, type Notice, troubleOf } from '../notice.ts'

const FIRST_PAUSE_MS = 5000
const LAST_PAUSE_MS = 3_600_000
/** An address that takes no mail is not tried for ever; the next change of the question tries anew. */
const MAX_TRIES = 12

export interface NoticeShell {
  now(): number
  /** What people are to hear of now; null: nothing. */
  notice(): Notice | null
  /** Mails those who were not told yet; false: some mail is still to be sent. */
  tell(notice: Notice): Promise<boolean>
  /** The next try is at this time. */
  postponed(at: number): void
}

export class Notices {
  /** Whether somebody may still have to be told. */
  waiting = false
  /** Not before this; 0: at once. */
  retryAt = 0
  #settled: string | null = null
  #tries = 0
  #inFlight: Promise<void> | null = null
  readonly #shell: NoticeShell

  constructor(shell: NoticeShell) {
    this.#shell = shell
  }

  /** Looks whether what is open, as it is now, has been told of. What was told is kept in D1, not here. */
  look(): void {
    const notice = this.#shell.notice()
    const isNew = notice !== null && keyOf(notice) !== this.#settled
    if (isNew && !this.waiting) this.#again()
    this.waiting = isNew
  }

  /** Tells whoever is to be told; never throws. Calls share one flight. */
  run(): Promise<void> {
    this.#inFlight ??= this.#tell().finally(() => {
      this.#inFlight = null
    })
    return this.#inFlight
  }

  #again(): void {
    this.retryAt = 0
    this.#tries = 0
  }

  async #tell(): Promise<void> {
    for (let notice = this.#shell.notice(); this.waiting && notice !== null; notice = this.#shell.notice()) {
      if (!(await this.#try(notice)) && ++this.#tries < MAX_TRIES) return this.#postpone()
      // The question may have changed meanwhile: then its new form is told of.
      this.#settled = keyOf(notice)
      this.#tries = 0
      this.look()
    }
  }

  async #try(notice: Notice): Promise<boolean> {
    try {
      return await this.#shell.tell(notice)
    } catch {
      return false
    }
  }

  #postpone(): void {
    this.retryAt = this.#shell.now() + Math.min(FIRST_PAUSE_MS * 2 ** (this.#tries - 1), LAST_PAUSE_MS)
    this.#shell.postponed(this.retryAt)
  }
}

/** What people are to hear of this task now; null: nothing. What stops it as a whole comes before what it still asks. */
export function noticeOf(state: TaskState, definition: Definition, now: number): Notice | null {
  const trouble = troubleOf(state, definition)
  const isStopped = state.status === 'failed' || state.stops.some(stop => stop.run === null)
  const asked = isStopped || openAsks(state).length === 0 ? [] : askedOf(state, definition, now)
  // Whoever is asked whether a call happened hears of the trouble by that: one mail is enough.
  const isAsked = asked.some(each => each.kind === 'outcome' && each.recipients.length > 0)
  const told = trouble?.cause === 'unknown_outcome' && isAsked ? null : trouble
  const mentioned = mentionedOf(state, definition, now)
  if (told === null && asked.length === 0 && mentioned.length === 0) return null
  return { trouble: told, asked, ...(mentioned.length > 0 && { mentioned }) }
}

/** What was said so long ago has been told, or cannot be. */
const SAID_MS = 86_400_000

/** The comments of late that name somebody. */
function mentionedOf({ team, task, title, comments }: TaskState, { name }: Definition, now: number): Mentioned[] {
  return comments
    .filter(({ at, to }) => to.length > 0 && at > now - SAID_MS)
    .map(({ seq, by, text, to }) => ({ team, task, title, workflow: name, seq, by, text, recipients: to }))
}

/** The questions that are open now, as their notices tell of them. */
function askedOf(state: TaskState, definition: Definition, now: number): Asked[] {
  return cardOf(state, definition, now).asks.map(
    ({ visit, run, name, kind, tool, step: key, digest, due, assignees, changed, risk, reminded }) => {
      const step = stepOf(definition, key)
      const known = step === undefined ? key : stepName(step)
      return {
        team: state.team,
        task: state.task,
        visit,
        run,
        digest,
        title: state.title,
        workflow: definition.name,
        stepName: name === undefined ? known : `${known}: ${name}`,
        kind,
        tool: tool ?? null,
        question: kind === 'question' ? questionIn(state, run) : null,
        due,
        recipients: assignees.filter(each => !each.decided).map(each => each.email),
        changed,
        ...(risk && { risk }),
        ...(reminded !== undefined && { reminded }),
      }
    },
  )
}

function questionIn({ visit }: TaskState, run: number): string | null {
  const phase = visit.runs.find(each => each.id === run)?.phase
  return phase?.name === 'asked' ? phase.ask.instructions : null
}

function keyOf({ trouble, asked, mentioned = [] }: Notice): string {
  const asks = asked.map(({ visit, run, digest, recipients, reminded = null }) => [
    visit,
    run,
    digest,
    recipients,
    reminded,
  ])
  return JSON.stringify([
    trouble && [trouble.visit, trouble.status, trouble.cause],
    asks,
    mentioned.map(({ seq }) => seq),
  ])
}
