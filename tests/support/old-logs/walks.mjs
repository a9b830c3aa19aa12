/** Walks of chance through the simulation's workflows: commands that nobody would think of, one after another. */

import { SYSTEM } from './kept-task.mjs'
import { ANA, ANA_BY_LINK, BEN, BOT, SIGNUP } from './scenarios.mjs'

const PEOPLE = [ANA, ANA_BY_LINK, BEN, BOT, { kind: 'person', id: 'boss@acme.test' }]
const MOVES = 14
const TRIES = 200

/** A task that took up to 14 commands of chance; the seed alone makes the same again. */
export function walk(seed, code, KeptTask) {
  const random = code.mulberry32(seed)
  const among = list => list[Math.floor(random() * list.length)]
  const { definition, first, second } = code.WORKFLOWS[seed % code.WORKFLOWS.length]
  const task = new KeptTask(code.START, random)
  task.do(
    { type: 'create', task: `tsk_${seed}`, team: 'acme', ...first, input: { company: 'Acme' } },
    among([SIGNUP, ANA]),
  )
  const steps = definition.steps.map(step => step.key)

  const moves = {
    claim: () => task.claim(),
    answer: () =>
      task.answer(among(['text', { missing: 4 }, 7]), {
        handoff: among([undefined, 'good', 'poor']),
        confidence: random(),
        chain: random() < 0.5,
      }),
    fail: () =>
      task.fail(
        { code: among(['timeout', 'provider_error', 'rate_limited']), retryable: random() < 0.7 },
        among([null, code.usage()]),
      ),
    hold: () => task.hold(among(['provider_offline', 'provider_not_configured'])),
    beat: () => task.beat(among([undefined, { id: 'call_1', repeatable: random() < 0.5 }])),
    wake: () => task.wake(),
    resolve: () => task.do({ type: 'resolve', visit: task.state.visit.n, run: 1, people: code.ROLES }, SYSTEM),
    decide: () => {
      const { labels } = task.run.phase.ask
      return task.decide(among(labels), among(PEOPLE), {
        note: 'Seen.',
        edits: random() < 0.3 ? among(['Other', 'Words']) : undefined,
      })
    },
    assign: () =>
      task.do({ type: 'assign', to: among([[], ['ben@acme.test'], ['ana@acme.test', 'boss@acme.test']]) }, ANA),
    route: () =>
      task.do(
        { type: 'route', handoff: among([...steps, 'approved', 'rejected']), note: among([undefined, 'By hand.']) },
        BEN,
      ),
    retry: () => task.do({ type: 'retry' }, BOT),
    move: () => task.do({ type: 'move', step: among(steps) }, ANA),
    raise: () => task.do({ type: 'raise', limits: among([{ steps: 9 }, { cost: 1 }, { duration: '2h' }]) }, ANA),
    migrate: () => task.do({ type: 'migrate', ...second, step: among(steps) }, BOT),
    event: () => task.do({ type: 'event', name: 'ping', data: { n: task.rows.length } }, BOT),
  }
  // What moves a task on is drawn more often than what is rare in life.
  const often = [
    'answer',
    'answer',
    'answer',
    'answer',
    'decide',
    'decide',
    'decide',
    'fail',
    'wake',
    'resolve',
    'resolve',
  ]
  const drawn = [...often, ...often, ...Object.keys(moves)]
  for (let tries = 0; task.rows.length < MOVES && tries < TRIES; tries++) {
    try {
      moves[among(drawn)]()
    } catch {
      // Not what this state takes: nothing was stored.
    }
  }
  return task
}
