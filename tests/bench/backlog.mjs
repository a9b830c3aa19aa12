/** A run that no consumer takes: how many messages the rules send for it, walked in virtual time with no clock. */
import { due, nextAlarm } from '../../src/domain/task/due.ts'

const MINUTES = 10

/** The consumer is stopped when the run becomes due, and for ten minutes; every alarm in between fires on time. */
export function backlog() {
  const run = { id: 0, dueAt: 0, attempt: 1, phase: { name: 'due' } }
  const state = {
    status: 'running',
    halted: null,
    stops: [],
    until: null,
    visit: { n: 1, step: 'read', open: true, runs: [run] },
  }
  const definition = { steps: [{ key: 'read', prompt: 'x' }] }
  let messages = 0
  for (let at = 0; at <= MINUTES * 60_000; ) {
    messages += due(state, at, at).filter(work => work.kind === 'send').length
    at = nextAlarm(state, definition, at)
  }
  return {
    minutes: MINUTES,
    messagesPerRun: messages,
    queueOperationsPerRun: messages * 3,
    how: 'the rules in virtual time',
  }
}
