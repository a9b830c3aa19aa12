/** A task in memory alone, through the workflows of the simulation: it comes to an end, and its log is one that a real task could have. */
import { describe, expect, test } from 'vitest'
import { answerOf, type Script } from '../../../../src/domain/rehearsal/answers.ts'
import { type Need, Rehearsal } from '../../../../src/domain/rehearsal/rehearsal.ts'
import { replay } from '../../../../src/domain/task/evolve.ts'
import type { RunOutcome } from '../../../../src/domain/task/run/outcome.ts'
import { mulberry32 } from '../../../support/random.ts'
import { WORKFLOWS, type Workflow } from '../../../support/simulation/workflows.ts'
import { ANA, MINUTE, START, sha256, versionOf } from '../../../support/task-builders.ts'

const INPUT = { company: 'Acme', lines: ['one', 'two', 'three'], score: 5 }
const NOTHING: Script = { decisions: {}, answers: {} }

/** Runs one to its end; `outcome` says what each piece of work comes to. Answers how much was needed. */
function runThrough({ first: { digest } }: Workflow, seed: number, outcome: (random: () => number) => RunOutcome) {
  const random = mulberry32(seed)
  let tokens = 0
  const chance = { now: START, sha256, token: () => `lease_${++tokens}`, random }
  const rehearsal = new Rehearsal(versionOf(digest), chance)
  expect(rehearsal.begin({ task: 'tsk_dry', team: 'team_dry', input: INPUT }, ANA)).toBeNull()
  const needs: Need['kind'][] = []
  for (;;) {
    const need = rehearsal.next()
    needs.push(need.kind)
    if (need.kind === 'end' || needs.length > 400) return { rehearsal, needs }
    if (need.kind === 'work') {
      const { visit, run, attempt, lease } = need.work
      const report = { outcome: outcome(random), usage: null, chain: false }
      expect(rehearsal.apply({ type: 'report', visit, run, attempt, lease, ...report })).toBeNull()
    } else if (need.kind === 'event') rehearsal.apply({ type: 'event', name: need.names[0]!, data: {} })
    else {
      const { command, actor } = answerOf(rehearsal.state!.visit.step, need.run, 0, NOTHING)
      expect(rehearsal.apply(command, actor)).toBeNull()
    }
  }
}

const DONE: RunOutcome = { kind: 'completed', output: 'done' }
const FAILED: RunOutcome = { kind: 'failed', failure: { code: 'timeout', message: 'No answer.', retryable: true } }

describe.each(WORKFLOWS.map(workflow => [workflow.definition.name, workflow] as const))('%s', (_name, workflow) => {
  test('comes to an end or stands still, whatever work comes to, and its log folds to its state', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { rehearsal, needs } = runThrough(workflow, seed, random => (random() < 0.25 ? FAILED : DONE))
      expect(needs.at(-1)).toBe('end')
      expect(JSON.parse(JSON.stringify(replay(rehearsal.rows)))).toEqual(JSON.parse(JSON.stringify(rehearsal.state)))
      expect(rehearsal.rows.map(({ seq }) => seq)).toEqual(rehearsal.rows.map((_, index) => index + 1))
      // Once it is over nothing is needed, however often one asks.
      expect(rehearsal.next()).toEqual({ kind: 'end' })
    }
  })

  test('goes the same way twice', () => {
    const twice = [1, 1].map(seed => runThrough(workflow, seed, () => DONE).rehearsal.rows)
    expect(twice[0]).toEqual(twice[1])
  })
})

test('waits pass at once, by its own clock', () => {
  const waiting = WORKFLOWS.map(workflow => runThrough(workflow, 1, () => DONE).rehearsal.now - START)
  expect(Math.max(...waiting)).toBeGreaterThan(10 * MINUTE)
})
