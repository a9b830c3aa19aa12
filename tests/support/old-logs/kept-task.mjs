/** A task whose every command goes the Task DO's way: decided, stored by the real `TaskLog`, folded from what was stored. */
import { storageInMemory } from './storage.mjs'

export const SYSTEM = { kind: 'system' }

/** `code` is the engine of the tree that the logs are made with. */
export function keptTasks(code) {
  return class KeptTask {
    state = null
    rows = []
    #tokens = 0

    constructor(now = code.START, random = () => 0.5) {
      this.now = now
      this.random = random
      this.disk = storageInMemory()
      this.log = new code.TaskLog(this.disk.storage)
    }

    blob = digest => this.log.blob(digest)

    get pinned() {
      return this.#pinnedOf(this.state.pinned)
    }

    get run() {
      return this.state.visit.runs[0]
    }

    #pinnedOf(stored) {
      return JSON.parse(code.readValue(stored, this.blob))
    }

    #context(actor) {
      return {
        now: this.now,
        actor,
        pinned: (_digest, stored) => this.#pinnedOf(stored),
        blob: this.blob,
        sha256: code.sha256,
        token: () => `lease_${++this.#tokens}`,
        random: this.random,
      }
    }

    /** Gives a command; answers why it was refused, or null. */
    try(command, actor = SYSTEM, key = undefined) {
      const decision = code.decide(this.state, command, this.#context(actor))
      if ('refusal' in decision) return decision.refusal
      if (decision.events.length > 0) this.keep({ at: this.now, actor, events: decision.events, key })
      return null
    }

    /** Stores one command's events as the Task DO does, the cursor as it stands. */
    keep({ at, actor, events, key }) {
      const row = { seq: (this.state?.seq ?? 0) + 1, v: code.LOG_VERSION, at, actor, events, key }
      const stored = this.log.append(row, (_row, own) => ({ digest: own, facts: '' }))
      this.rows.push(stored)
      this.state = code.replay([stored], this.state)
      this.log.flushed = this.state.seq
    }

    do(command, actor, key) {
      const refusal = this.try(command, actor, key)
      if (refusal !== null) throw new Error(`${command.type} was refused: ${JSON.stringify(refusal)}`)
      return this
    }

    later(ms) {
      this.now += ms
      return this
    }

    ref() {
      const { id, attempt, phase } = this.run
      return { visit: this.state.visit.n, run: id, attempt, lease: phase.lease }
    }

    claim() {
      this.now = Math.max(this.now, this.run.dueAt)
      return this.do({ type: 'claim', visit: this.state.visit.n, run: this.run.id, attempt: this.run.attempt })
    }

    report(outcome, usage, chain = false) {
      return this.later(1200).do({ type: 'report', ...this.ref(), outcome, usage, chain })
    }

    /** A consumer has the run, or takes it, and brings this answer. */
    answer(output, { usage = code.usage(), chain = false, ...judged } = {}) {
      if (this.run.phase.name === 'due') this.claim()
      return this.report({ kind: 'completed', output, confidence: 0.9, ...judged }, usage, chain)
    }

    fail(failure = {}, usage = null) {
      if (this.run.phase.name === 'due') this.claim()
      const told = { code: 'provider_error', message: 'The provider had an error.', retryable: true, ...failure }
      return this.report({ kind: 'failed', failure: told }, usage)
    }

    beat(call) {
      return this.later(5000).do({ type: 'beat', ...this.ref(), call })
    }

    /** A claimed run's worker vanishes. */
    lapse() {
      return this.claim().wake()
    }

    hold(reason, retryAfterMs) {
      if (this.run.phase.name === 'due') this.claim()
      return this.do({ type: 'hold', ...this.ref(), reason, message: 'No answer.', fix: 'Wait for it.', retryAfterMs })
    }

    decide(handoff, actor, over = {}, key = undefined) {
      return this.later(60_000).do({ type: 'decide', handoff, ...over }, actor, key)
    }

    /** Lets time pass until the alarm and wakes the task. */
    wake() {
      const at = code.nextAlarm(this.state, this.pinned.definition, this.now)
      if (at === null) throw new Error('no alarm is set')
      this.now = Math.max(this.now, at)
      return this.do({ type: 'wake' })
    }
  }
}
