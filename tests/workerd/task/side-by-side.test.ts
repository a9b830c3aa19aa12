/** Visits of many runs in real workerd: lanes, consumer, Task DO and D1, with scripted models and people. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Json } from '../../../src/domain/json/json.ts'
import type { Definition, Step } from '../../../src/domain/workflow/definition.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { ANA, aTask, env, fails, modelsAnswer, promptOf, says, until } from '../../support/engine.ts'

afterEach(() => scriptModels(null))

const flow = (step: Partial<Step>, over: Partial<Definition> = {}): Definition => ({
  baton: 1,
  name: 'Side by side',
  owner: 'ana@acme.test',
  steps: [
    { key: 'it', handoffs: [{ to: 'end' }], ...step },
    { key: 'end', prompt: 'End with {{ steps.it.output }}', model: 'demo', handoffs: [{ to: 'complete' }] },
  ],
  ...over,
})

/** Models that answer when they are let, by the first word of their prompt. */
function heldModels() {
  const begun = new Set<string>()
  const let_ = new Set<string>(['End'])
  modelsAnswer(async request => {
    const word = promptOf(request).split(' ')[0]!
    begun.add(word)
    while (!let_.has(word)) await new Promise(resolve => setTimeout(resolve, 10))
    return says(`${word} done`)
  })
  const all = (...words: string[]) => vi.waitFor(() => expect([...begun].toSorted()).toEqual(words.toSorted()))
  return { begun: all, let: (word: string) => let_.add(word) }
}

const BRANCHES = {
  legal: { prompt: 'Legal {{ input.company }}', model: 'demo' },
  tone: { prompt: 'Tone {{ input.company }}', model: 'demo' },
  boss: { human: { assign: ['ana@acme.test'], instructions: 'Fine?', labels: ['yes', 'no'] } },
}

describe('a map of 200 items', () => {
  test('is worked on five at a time, each once, with one in ten that fails kept in its place', async () => {
    let inFlight = 0
    let most = 0
    const { requests } = modelsAnswer(async request => {
      const prompt = promptOf(request)
      if (prompt.startsWith('End')) return says('over')
      most = Math.max(most, ++inFlight)
      await new Promise(resolve => setTimeout(resolve, 1))
      inFlight--
      const n = Number(prompt.split(' ')[1])
      return n % 10 === 3 ? fails('bad_request', false) : says({ n })
    })
    const items: Json = Array.from({ length: 200 }, (_, n) => ({ n }))
    const map = {
      over: '{{ input.items }}',
      do: { prompt: 'Item {{ item.n }} at {{ index }}', model: 'demo', output: { type: 'object' } },
      concurrency: 5,
      onError: 'keep' as const,
    }
    const task = await aTask(flow({ map }), { company: 'Nimbus', items })
    // In the midst of it the object is thrown out of memory.
    await vi.waitFor(() => expect(requests.length).toBeGreaterThan(60), { timeout: 20_000 })
    await evictDurableObject(task.stub)
    const done = await until(task, view => view.status === 'done', 60_000)
    const output = done.outputs.it as Json[]
    expect(output).toHaveLength(200)
    for (const [n, each] of output.entries()) {
      if (n % 10 === 3) expect(each).toMatchObject({ error: { code: 'bad_request' } })
      else expect(each).toEqual({ n })
    }
    expect(most).toBeLessThanOrEqual(5)
    const asked = requests.map(promptOf).filter(prompt => prompt.startsWith('Item'))
    expect([asked.length, new Set(asked).size]).toEqual([200, 200])
    expect(done.usage.inputTokens).toBe(180 * 10 + 20 + 10)
    await isBounded(task)
  })

  /** The log, what D1 keeps of it, and each row stay small. */
  async function isBounded(task: Awaited<ReturnType<typeof aTask>>): Promise<void> {
    const types = await task.types()
    const count = (type: string) => types.filter(each => each === type).length
    expect([count('planned'), count('claimed'), count('reported'), count('joined')]).toEqual([1, 201, 201, 2])
    const rows = await runInDurableObject(task.stub, (_object, { storage }) =>
      storage.sql.exec<{ n: number; most: number }>('SELECT count(*) AS n, max(length(events)) AS most FROM log').one(),
    )
    expect(rows.n).toBeLessThan(420)
    expect(rows.most).toBeLessThan(64 * 1024)
    await vi.waitFor(async () => {
      const audit = await env.DB.prepare('SELECT count(*) AS n, sum(length(facts)) AS bytes FROM audit WHERE task = ?')
        .bind(task.id)
        .first<{ n: number; bytes: number }>()
      expect(audit!.n).toBe(rows.n)
      expect(audit!.bytes).toBeLessThan(100 * 1024)
    })
    const { card } = (await env.DB.prepare('SELECT card FROM tasks WHERE id = ?')
      .bind(task.id)
      .first<{ card: string }>())!
    expect(card.length).toBeLessThan(2048)
  }
})

describe('branches side by side, a person among them', () => {
  test('all: the person decides while the models work; the step goes on when the last is done', async () => {
    const models = heldModels()
    const task = await aTask(flow({ parallel: { branches: BRANCHES } }))
    await models.begun('Legal', 'Tone')
    expect(await task.view()).toMatchObject({ status: 'waiting', step: 'it' })
    expect(await task.command({ type: 'decide', handoff: 'yes', visit: 1, run: 3, note: 'go' })).toMatchObject({
      ok: true,
    })
    expect(await task.command({ type: 'decide', handoff: 'no', visit: 1, run: 3 })).toMatchObject({
      refusal: { kind: 'already_decided', by: ANA, handoff: 'yes' },
    })
    expect((await task.view()).status).toBe('running')
    models.let('Tone')
    models.let('Legal')
    const done = await until(task, view => view.status === 'done')
    expect(done.outputs.it).toEqual({
      legal: 'Legal done',
      tone: 'Tone done',
      boss: { decision: 'yes', note: 'go', by: 'ana@acme.test' },
    })
    const types = await task.types()
    expect(types.filter(type => type === 'decided')).toHaveLength(1)
    expect(types.filter(type => type === 'joined')).toHaveLength(2)
  })

  test('any: the first is enough; what others bring late is paid and counts for nothing', async () => {
    const models = heldModels()
    const task = await aTask(flow({ parallel: { branches: BRANCHES, join: 'any' } }))
    await models.begun('Legal', 'Tone')
    models.let('Tone')
    const done = await until(task, view => view.status === 'done')
    expect(done.outputs.it).toEqual({ tone: 'Tone done' })
    expect(done.usage.inputTokens).toBe(20)
    models.let('Legal')
    const late = await until(task, view => view.usage.inputTokens === 30)
    expect(late.outputs).toEqual(done.outputs)
    expect(await task.command({ type: 'decide', handoff: 'yes', visit: 1, run: 3 })).toMatchObject({ ok: false })
    expect((await task.types()).filter(type => type === 'fenced')).toHaveLength(2)
  })

  test('two of three: one may fail; the person and the other model are enough', async () => {
    modelsAnswer(request =>
      promptOf(request).startsWith('Legal') ? fails('bad_request', false) : says(promptOf(request).split(' ')[0]!),
    )
    const task = await aTask(flow({ parallel: { branches: BRANCHES, join: 2 } }))
    await until(task, view => view.why.includes('"legal" failed'))
    await until(task, view => view.why.includes('1 of 3 are done'))
    expect(await task.command({ type: 'decide', handoff: 'no', run: 3 })).toMatchObject({ ok: true })
    const done = await until(task, view => view.status === 'done')
    expect(done.outputs.it).toEqual({ tone: 'Tone', boss: { decision: 'no', note: null, by: 'ana@acme.test' } })
  })

  test('one that fails for good fails the step at once; done again by itself, it goes on where the others were', async () => {
    let mended = false
    const { requests } = modelsAnswer(request => {
      const [word] = promptOf(request).split(' ')
      return word === 'Legal' && !mended ? fails('bad_request', false) : says(`${word} done`)
    })
    const task = await aTask(flow({ parallel: { branches: BRANCHES } }))
    const failed = await until(task, view => view.status === 'failed')
    expect(failed.error).toMatchObject({ code: 'bad_request', message: 'legal: scripted bad_request' })
    expect(failed.runs!.map(({ run, name, status }) => [run, name, status])).toEqual([
      [1, 'legal', 'failed'],
      [2, 'tone', expect.stringMatching(/done|fenced/)],
      [3, 'boss', 'fenced'],
    ])
    mended = true
    expect(await task.command({ type: 'retry', run: 1 })).toMatchObject({ ok: true })
    await until(task, view => view.status === 'waiting' && view.why.includes('2 of 3 are done'))
    expect(await task.command({ type: 'decide', handoff: 'yes' })).toMatchObject({ ok: true })
    expect((await until(task, view => view.status === 'done')).outputs.it).toMatchObject({ legal: 'Legal done' })
    // What was done before is not done, or paid, again: at most the one that was cut short.
    expect(requests.filter(request => promptOf(request).startsWith('Tone')).length).toBeLessThanOrEqual(2)
  })
})
