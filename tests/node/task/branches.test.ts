/** The runs of a visit side by side, as the task's page and its card tell them. */
import { jsx } from 'hono/jsx'
import { expect, test } from 'vitest'
import { cardOf } from '../../../src/domain/task/told/card.ts'
import { eventViews } from '../../../src/domain/task/told/view.ts'
import type { Step } from '../../../src/domain/workflow/definition.ts'
import { readCommand } from '../../../src/task/page/command-form.ts'
import { timelineOf } from '../../../src/task/page/timeline.ts'
import { Branches } from '../../../src/task/views/visit/branches-view.tsx'
import { ANA, aTask, type Journey, onboarding, usage } from '../../support/task-builders.ts'

const told = (task: Journey) => timelineOf(eventViews(task.rows, null), task.state.status)

function sideBySide(step: Partial<Step>, input = {}): Journey {
  const it = { key: 'it', name: 'Review', handoffs: [{ to: 'complete' }], ...step }
  return aTask(onboarding({ steps: [it] }), { input: { company: 'Acme', ...input } })
}

function report(task: Journey, id: number, outcome: 'ok' | 'failed' | null): void {
  const { attempt } = task.state.visit.runs.find(run => run.id === id)!
  const at = { visit: 1, run: id, attempt }
  task.do({ type: 'claim', ...at })
  const { phase } = task.state.visit.runs.find(run => run.id === id)!
  if (phase.name !== 'claimed' || outcome === null) return
  const failure = { code: 'bad_request' as const, message: 'It broke.', retryable: false }
  const came =
    outcome === 'ok' ? { kind: 'completed' as const, output: `out ${id}` } : { kind: 'failed' as const, failure }
  task.do({ type: 'report', ...at, lease: phase.lease, outcome: came, usage: usage(), chain: false })
}

const html = (task: Journey, mayAct = true) =>
  String(jsx(Branches as never, { visit: told(task)[0], task: 'tsk_1', to: task.now, now: task.now, mayAct } as never))

const BRANCHES = {
  legal: { prompt: 'Check the terms.' },
  known: { http: { url: 'https://api.crm.example/x', headers: { authorization: 'Bearer {{ secrets.crm }}' } } },
  boss: { human: { assign: ['ana@acme.test'], labels: ['yes', 'no'] } },
}

test('each branch says how it stands, whatever its kind, and a secret of one is told by its name', () => {
  const task = sideBySide({ parallel: { branches: BRANCHES } })
  report(task, 1, 'ok')
  report(task, 2, null)
  const [visit] = told(task)
  expect(visit!.runs.map(run => [run.name, run.handler, run.standing])).toEqual([
    ['legal', 'prompt', 'done'],
    ['known', 'http', 'running'],
    ['boss', null, 'waiting'],
  ])
  const page = html(task)
  expect(page).toContain('<strong>1 of 3</strong> done, 1 at work, 1 waiting')
  expect(page).toContain('href="/approvals/tsk_1?visit=1&amp;run=3"')
  expect(page).not.toContain('Retry')
  const due = eventViews(task.rows, null).filter(event => event.type === 'due')[1]!
  expect(JSON.parse(due.data.prompt as string)).toMatchObject({
    headers: { authorization: 'Bearer {{ secrets.crm }}' },
  })
  expect(JSON.stringify(eventViews(task.rows, null))).not.toContain('<<secret:')
  expect(cardOf(task.state, task.definition, task.now).parts).toEqual({ done: 1, of: 3 })
})

test('one that failed can be begun again by itself; what the others were cut short in says so', () => {
  const task = sideBySide({ parallel: { branches: BRANCHES } })
  report(task, 2, null)
  report(task, 1, 'failed')
  const [visit] = told(task)
  expect(visit!.runs.map(run => run.standing)).toEqual(['failed', 'cut', 'cut'])
  expect(visit!.runs[1]!.attempts[0]!.outcome).toBe('cut')
  const page = html(task)
  expect(page).toContain('Retry legal alone')
  expect(page.match(/action="\/tasks\/tsk_1\/retry"/g)).toHaveLength(1)
  expect(html(task, false)).not.toContain('/retry')
  const field = (name: string) => ({ visit: '1', run: '1' })[name]
  const read = readCommand('retry', field, { view: {} as never, asks: [] })
  expect(read).toEqual({ ok: true, command: { type: 'retry', visit: 1, run: 1 } })
  if (read.ok) task.do(read.command, ANA)
  expect(told(task)[0]!.runs.map(run => run.standing)).toEqual(['running', 'running', 'waiting'])
  report(task, 1, 'ok')
  expect(cardOf(task.state, task.definition, task.now).parts).toEqual({ done: 1, of: 3 })
})

test('of very many each is a number, and those that need a look are shown whole', () => {
  const lines = Array.from({ length: 200 }, (_, n) => n)
  const map = { over: '{{ input.lines }}', do: { prompt: 'Look at {{ item }}.' }, onError: 'keep' as const }
  const task = sideBySide({ map }, { lines })
  for (let id = 1; id <= 100; id++) report(task, id, id % 10 === 0 ? 'failed' : 'ok')
  const page = html(task)
  expect(page).toContain('<strong>90 of 200</strong> done, 10 failed, 5 at work, 95 in line')
  expect(page.match(/<li class="item"/g)).toHaveLength(200)
  expect(page.match(/<article class="branch/g)).toHaveLength(12)
  expect(page).toContain('aria-label="item 7: done"')
  expect(page.length).toBeLessThan(64 * 1024)
  const card = cardOf(task.state, task.definition, task.now)
  expect(card.parts).toEqual({ done: 90, of: 200 })
  expect(JSON.stringify(card).length).toBeLessThan(1024)
})

test('a plain step’s card tells no parts', () => {
  const task = aTask(onboarding())
  expect(cardOf(task.state, task.definition, task.now).parts).toBeUndefined()
})

test('an event that came early names the step that took it later; another is kept for one that waits for it', () => {
  const steps: Step[] = [
    { key: 'boss', human: { assign: ['ana@acme.test'] }, handoffs: [{ to: 'pay' }] },
    { key: 'pay', wait: { event: 'paid', for: '7d' }, handoffs: [{ to: 'look' }] },
    { key: 'look', human: { assign: ['ana@acme.test'] }, handoffs: [{ to: 'complete' }] },
  ]
  const task = aTask(onboarding({ steps }))
  for (const name of ['paid', 'other']) task.do({ type: 'event', name, data: { amount: 3 } })
  const news = () => told(task).flatMap(visit => visit.news.map(({ name, takenBy }) => [name, takenBy]))
  expect(news()).toEqual([
    ['paid', null],
    ['other', null],
  ])
  task.do({ type: 'decide', handoff: 'done' }, ANA)
  expect(task.state.visit.step).toBe('look')
  expect(news()).toEqual([
    ['paid', 'pay'],
    ['other', null],
  ])
})
