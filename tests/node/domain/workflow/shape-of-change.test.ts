/** The change list and the graph of a definition. */
import { describe, expect, test } from 'vitest'
import { changesBetween } from '../../../../src/domain/workflow/changes.ts'
import type { Definition } from '../../../../src/domain/workflow/definition.ts'
import { graphOf } from '../../../../src/domain/workflow/graph.ts'

const base: Definition = {
  baton: 1,
  name: 'W',
  steps: [
    { key: 'a', name: 'First', prompt: 'x', handoffs: [{ if: 'output == "x"', to: 'b' }, { to: 'c' }] },
    { key: 'b', prompt: 'x', handoffs: [{ to: 'c' }] },
    {
      key: 'c',
      human: { assign: ['a@x.test'] },
      handoffs: [
        { when: 'approved', to: 'complete' },
        { when: 'rejected', to: 'a' },
      ],
    },
  ],
}
const [a, b, c] = base.steps as [Definition['steps'][0], Definition['steps'][0], Definition['steps'][0]]
const texts = (after: Definition) => changesBetween(base, after).map(change => change.text)

describe('changes', () => {
  test('of nothing are none, whatever the order of keys', () => {
    const { key, name, prompt, handoffs } = a
    expect(changesBetween(base, { ...base, steps: [{ handoffs, prompt, name, key }, b, c] })).toEqual([])
  })

  test.each<[string, Definition, string]>([
    ['a step gone', { ...base, steps: [a, c] }, 'The step “b” is gone.'],
    ['a step added', { ...base, steps: [a, b, c, { key: 'd', prompt: 'x' }] }, 'New step “d” (prompt).'],
    ['another prompt', { ...base, steps: [{ ...a, prompt: 'y' }, b, c] }, '“First”: the prompt changed.'],
    [
      'another handler',
      { ...base, steps: [a, { key: 'b', agent: 'x', handoffs: [{ to: 'c' }] }, c] },
      '“b” is now done by an agent, before by a prompt.',
    ],
    [
      'an output schema',
      { ...base, steps: [{ ...a, output: { type: 'object' } }, b, c] },
      '“First”: the output schema changed.',
    ],
    ['another route', { ...base, steps: [a, { ...b, handoffs: [] }, c] }, '“b” routes to nothing any more.'],
    [
      'another model',
      { ...base, steps: [a, { ...b, model: 'demo' }, c] },
      '“b”: model, time or retry settings changed.',
    ],
    ['a new name', { ...base, steps: [{ ...a, name: 'One' }, b, c] }, '“First” is now called “One”.'],
    ['another entry', { ...base, steps: [b, a, c] }, 'Tasks now begin at “b”.'],
    ['the input', { ...base, input: { type: 'object' } }, 'The input schema changed.'],
  ])('%s', (_name, after, text) => expect(texts(after)).toContain(text))

  test('say what they may mean for tasks in flight', () => {
    const risks = changesBetween(base, { ...base, steps: [{ ...a, output: { type: 'object' } }, c] }).map(
      one => one.risk,
    )
    expect(risks).toEqual([expect.stringContaining('another step'), expect.stringContaining('other fields')])
  })
})

describe('a graph', () => {
  test('ranks steps by the longest way and marks the edge that closes a loop', () => {
    const { nodes, edges } = graphOf(base)
    expect(nodes.map(node => [node.key, node.rank])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['complete', 3],
    ])
    expect(edges.filter(edge => edge.back).map(edge => `${edge.from}→${edge.to}`)).toEqual(['c→a'])
    expect(edges.find(edge => edge.from === 'a' && edge.to === 'b')?.labels).toEqual(['output == "x"'])
  })

  test('shows dead ends, and what nothing leads to, below', () => {
    const { nodes, rows } = graphOf({ ...base, steps: [...base.steps, { key: 'lost', prompt: 'x' }] })
    expect(nodes.find(node => node.key === 'lost')).toMatchObject({ unreachable: true, deadEnd: true, row: rows - 1 })
  })

  test('of nothing, of a step that leads to itself, and of a hundred in a row', () => {
    expect(graphOf({ ...base, steps: [] }).nodes).toEqual([])
    const branches = { legal: { prompt: 'x' }, boss: { human: {} } }
    const map = { over: '{{ input.lines }}', do: { prompt: 'x' }, concurrency: 3, join: 2 }
    const forked = graphOf({
      ...base,
      steps: [
        { key: 'p', parallel: { branches, join: 1 } },
        { key: 'm', map },
      ],
    })
    expect(forked.nodes.map(node => node.fork)).toEqual([
      { parts: ['legal', 'boss'], join: '1 of 2' },
      { parts: ['each of input.lines'], join: '2, 3 at a time' },
    ])
    const started = graphOf({
      ...base,
      steps: [
        { key: 's', workflow: { use: 'Reviews' } },
        { key: 'p', parallel: { branches: { ...branches, law: { workflow: { use: 'Law' } } } } },
        { key: 'm', map: { over: '{{ input.lines }}', do: { workflow: { use: 'Line' } } } },
      ],
    })
    expect(started.nodes.map(node => node.starts ?? node.fork?.parts)).toEqual([
      'Reviews',
      ['legal', 'boss', 'law ↗ Law'],
      ['each of input.lines ↗ Line'],
    ])
    const own = graphOf({ ...base, steps: [{ key: 'a', prompt: 'x', handoffs: [{ to: 'a' }, { to: 'gone' }] }] })
    expect(own.edges).toEqual([{ from: 'a', to: 'a', labels: [], back: true }])
    const row = Array.from({ length: 100 }, (_, n) => ({
      key: `s${n}`,
      prompt: 'x',
      handoffs: [{ to: n < 99 ? `s${n + 1}` : 'complete' }],
    }))
    expect(graphOf({ ...base, steps: row }).ranks).toBe(101)
  })

  test('no two nodes stand in one place', () => {
    const { nodes } = graphOf({ ...base, steps: [...base.steps, { key: 'x', prompt: 'x' }, { key: 'y', prompt: 'y' }] })
    expect(new Set(nodes.map(node => `${node.rank},${node.row}`)).size).toBe(nodes.length)
  })
})
