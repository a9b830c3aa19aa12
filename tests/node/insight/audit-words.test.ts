/** The audit in words: every kind of event has one, and questions about calls say what is asked. */
import { expect, test } from 'vitest'
import { STORED_FIELDS } from '../../../src/domain/task/events.ts'
import { factsInWords, TYPE_WORDS, typesInWords } from '../../../src/insight/audit-words.ts'

test('no event goes by its type alone', () => {
  expect(Object.keys(STORED_FIELDS).filter(type => !Object.hasOwn(TYPE_WORDS, type))).toEqual([])
  expect(typesInWords('reported joined routed entered due')).toBe('Work reported, handed over, came to a step')
})

test('what is asked about a call, and what came of it, is told at a glance', () => {
  const facts = [
    { type: 'asked', kind: 'call', tool: 'refund', assignees: ['ana@acme.test'] },
    { type: 'called', tool: 'http', safe: false },
    { type: 'answered', ok: true, status: 201 },
    { type: 'turned', turn: 1, model: 'gpt-5-mini' },
  ]
  const words = 'may refund be called? ana@acme.test; the service; 201; gpt-5-mini'
  expect(factsInWords(JSON.stringify(facts))).toBe(words)
})
