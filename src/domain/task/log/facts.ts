/** What the audit keeps of a task's log: who, what kinds of events, and a few facts of each. */
import { shorten } from '../../text/cut.ts'
import type { LogRow, TaskEvent } from '../events.ts'
import { originOf } from './source.ts'
import { upcast } from './upcast.ts'

const MAX_FACTS = 2048

/** A log row as the audit keeps it: who, what kinds, which step, and at most 2 KiB of facts; never a definition, prompt or output. */
export function auditFacts(row: LogRow): { types: string; step: string | null; facts: string } {
  const types = row.events.map(event => event.type).join(' ')
  const facts = upcast(row)
    .map(factsOf)
    .filter(fact => fact !== null)
  const entered = row.events.find(event => event.type === 'entered')
  let text = JSON.stringify(facts)
  while (text.length > MAX_FACTS && facts.length > 0) {
    facts.pop()
    text = JSON.stringify([...facts, { more: true }])
  }
  return { types, step: entered?.type === 'entered' ? entered.step : null, facts: text }
}

const short = (text: string | null | undefined) => (text == null ? text : shorten(text, 300))

function factsOf(event: TaskEvent): Record<string, unknown> | null {
  const { type } = event
  switch (event.type) {
    case 'created':
      return {
        type,
        workflow: event.workflow,
        version: event.version,
        title: event.title,
        key: event.key,
        duplicateOf: event.duplicateOf,
        files: event.files?.map(({ id, name }) => ({ id, name })),
        source: event.source && originOf(event.source),
      }
    case 'entered':
      return {
        type,
        visit: event.visit,
        step: event.step,
        by: event.by,
        from: event.from,
        edited: event.input !== undefined || undefined,
      }
    case 'planned':
      return { type, visit: event.visit, runs: event.names.length, atOnce: event.atOnce }
    case 'reported':
      return {
        type,
        visit: event.visit,
        branch: event.name,
        attempt: event.attempt,
        outcome: event.outcome.kind,
        ...(event.outcome.kind === 'failed'
          ? { code: event.outcome.failure.code, message: short(event.outcome.failure.message) }
          : { handoff: event.outcome.handoff, confidence: event.outcome.confidence }),
        model: event.usage?.model,
        cost: event.usage?.cost,
      }
    case 'decided':
      return {
        type,
        visit: event.visit,
        handoff: event.handoff,
        note: short(event.note),
        counted: event.counted,
        needs: event.needs,
        digest: event.digest,
        until: event.until,
        ...(event.until !== undefined && { run: event.run }),
      }
    case 'filled':
      return { type, visit: event.visit, digest: event.digest }
    case 'staged':
      return { type, visit: event.visit, stage: event.stage + 1, assignees: event.assignees }
    case 'reminded':
      return { type, visit: event.visit, to: event.to }
    case 'undone':
      return { type, visit: event.visit, run: event.run }
    case 'skipped':
      return { type, visit: event.visit, handoff: event.handoff, oneIn: event.oneIn }
    case 'routed':
      return {
        type,
        visit: event.visit,
        outcome: event.outcome,
        to: event.to,
        by: event.by,
        matched: event.trace.find(t => t.verdict === 'matched')?.index,
      }
    case 'asked':
      return {
        type,
        visit: event.visit,
        branch: event.name,
        // Of a question about a call; a step's own is known by its step.
        ...(event.ask.call === undefined ? {} : { kind: event.ask.kind, tool: event.ask.call.tool }),
        assignees: event.ask.assignees,
        needs: event.ask.needs,
        digest: event.ask.digest,
        due: event.ask.due,
      }
    case 'stuck':
      return { type, visit: event.visit, cause: event.cause, message: short(event.message) }
    case 'failed':
      return { type, visit: event.visit, code: event.code, message: short(event.message) }
    case 'held':
      return { type, visit: event.visit, reason: event.reason, until: event.until }
    case 'due':
      return event.attempt > 1
        ? { type, visit: event.visit, branch: event.name, attempt: event.attempt, at: event.at, why: event.why }
        : null
    case 'assigned':
      return { type, visit: event.visit, to: event.to, by: event.by, because: event.because }
    case 'edited':
      return { type, visit: event.visit, step: event.step, digest: event.digest }
    case 'raised':
      return { type, limits: event.limits }
    case 'migrated':
      return { type, version: event.version }
    case 'noticed':
      return { type, name: event.name }
    case 'attached':
      return { type, files: event.files.map(({ id, name, bytes, from }) => ({ id, name, bytes, from })) }
    // What was said stands in the task's own log alone, where it can be taken out.
    case 'commented':
      return { type, to: event.to }
    case 'detached':
      return { type, file: event.file, name: event.name }
    case 'read':
      return { type, file: event.file, noText: event.noText }
    case 'listening':
      return { type, visit: event.visit, names: event.names, until: event.until }
    case 'awaited':
      return event.took === undefined ? null : { type, visit: event.visit, took: event.took.name }
    case 'weighed':
      return { type, visit: event.visit, verdict: event.verdict, error: short(event.error) }
    case 'started':
      return { type, visit: event.visit, branch: event.name, child: event.child, workflow: event.workflow }
    case 'recalled':
      return { type, visit: event.visit, child: event.child }
    case 'returned':
      return {
        type,
        visit: event.visit,
        child: event.child,
        standing: event.standing,
        message: short(event.message) ?? undefined,
      }
    case 'told':
      return { type, standing: event.standing }
    case 'cancelled':
      return { type, note: short(event.note) }
    case 'called':
      // Calls of logs of format 1 do not say what they were.
      return event.tool === ''
        ? null
        : { type, visit: event.visit, call: event.call, tool: event.tool, safe: event.safe }
    case 'answered':
      return event.call === null
        ? null
        : { type, visit: event.visit, call: event.call, ok: event.ok, status: event.status, ms: event.ms }
    case 'turned':
      return { type, visit: event.visit, turn: event.turn, model: event.usage.model, cost: event.usage.cost }
    case 'allowed':
      return { type, visit: event.visit, call: event.call }
    case 'lapsed':
      return { type, visit: event.visit, attempt: event.attempt, lapses: event.lapses }
    case 'booked':
      return { type, visit: event.visit, model: event.usage.model, cost: event.usage.cost }
    case 'claimed':
    case 'queued':
    case 'joined':
    case 'fenced':
    case 'effected':
    case 'asking':
    case 'awaiting':
    case 'left':
    case 'released':
    case 'finished':
      return null
  }
}
