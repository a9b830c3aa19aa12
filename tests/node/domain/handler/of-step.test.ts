/** What steps name is found wherever a kind has it named: in the step, its branches, and the work on each item. */
import { expect, test } from 'vitest'
import { agentsIn, assignsIn, namedBy, toolsIn } from '../../../../src/domain/handler/of-step.ts'

const steps = [
  { key: 'plain', agent: 'reader', instructions: 'x' },
  {
    key: 'both',
    parallel: {
      branches: {
        legal: { human: { assign: ['guest:ben@else.test'], due: 'P1D', overdue: { assign: ['role:owner'] } } },
        read: { agent: 'reader', instructions: 'x' },
        call: { tool: 'add_contact', with: {} },
      },
    },
  },
  { key: 'each', map: { over: '{{ input.lines }}', do: { agent: 'writer', instructions: 'x' } } },
]

test('agents, tools and people are found in all of them, each with its steps', () => {
  expect(agentsIn(steps)).toEqual(['reader', 'writer'])
  expect(toolsIn(steps)).toEqual(['add_contact'])
  expect(assignsIn(steps)).toEqual(['guest:ben@else.test', 'role:owner'])
  expect(Object.fromEntries(namedBy(steps, step => agentsIn([step])))).toEqual({
    reader: ['plain', 'both'],
    writer: ['each'],
  })
})
