import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '../../../../../src/domain/json/json.ts'
import type { Asked } from '../../../../../src/execution/models/answer/envelope.ts'
import { problemWords, readAnswer } from '../../../../../src/execution/models/answer/read.ts'
import { validate } from '../../../../support/schema-check.ts'

const score: JsonSchema = {
  type: 'object',
  required: ['score'],
  properties: { score: { type: 'integer', minimum: 0 } },
  additionalProperties: false,
}
const read = (text: string, asked: Asked) => readAnswer(text, asked, validate)
const everything: Asked = { schema: score, labels: ['send', 'drop'], judged: true }

describe('what an answer comes to', () => {
  it('is the text itself where text was asked for', () => {
    expect(read(' {"not": "parsed"} \n', { judged: false })).toEqual({
      ok: true,
      answer: { output: '{"not": "parsed"}' },
    })
  })

  it('is output, label, confidence and reasoning where all were asked for', () => {
    const said = { reasoning: 'It is high.', output: { score: 9 }, handoff: 'send', confidence: 0.8 }
    expect(read(JSON.stringify(said), everything)).toEqual({ ok: true, answer: said })
  })

  it('leaves out what was not asked for', () => {
    const text = JSON.stringify({ output: { score: 9 }, handoff: 'send', confidence: 0.8, mood: 'fine' })
    expect(read(text, { schema: score, judged: false })).toEqual({ ok: true, answer: { output: { score: 9 } } })
  })

  it('may stand in a fence', () => {
    expect(read('```json\n{"output": {"score": 1}}\n```', { schema: score, judged: false }).ok).toBe(true)
  })

  it('may be the bare data where nothing else was asked for', () => {
    expect(read('{"score": 1}', { schema: score, judged: false })).toEqual({
      ok: true,
      answer: { output: { score: 1 } },
    })
    expect(read('{"score": 1}', everything).ok).toBe(false)
  })

  const good = { reasoning: 'r', output: { score: 1 }, handoff: 'send', confidence: 1 }
  const broken: [string, string, RegExp][] = [
    ['no JSON', 'Sure! Here it is', /not JSON/],
    ['a list', '[]', /must be a JSON object/],
    ['null', 'null', /must be a JSON object/],
    ['no output', JSON.stringify({ ...good, output: undefined }), /\/output is missing/],
    ['data that breaks the schema', JSON.stringify({ ...good, output: { score: -1 } }), /\/output\/score/],
    [
      'a label that was not offered',
      JSON.stringify({ ...good, handoff: 'sending' }),
      /\/handoff must be one of "send", "drop"/,
    ],
    ['no label', JSON.stringify({ ...good, handoff: undefined }), /\/handoff/],
    ['confidence in percent', JSON.stringify({ ...good, confidence: 85 }), /\/confidence must be a number from 0 to 1/],
    ['confidence as a word', JSON.stringify({ ...good, confidence: 'high' }), /\/confidence/],
    ['confidence in percent as text', JSON.stringify({ ...good, confidence: '85' }), /\/confidence/],
    ['a percentage', JSON.stringify({ ...good, confidence: '85%' }), /\/confidence/],
    ['a confidence that may be two', JSON.stringify({ ...good, confidence: '0,85' }), /\/confidence/],
    ['a confidence over 1 as text', JSON.stringify({ ...good, confidence: '1.5' }), /\/confidence/],
    ['a negative confidence as text', JSON.stringify({ ...good, confidence: '-0.5' }), /\/confidence/],
    ['no confidence as text', JSON.stringify({ ...good, confidence: '' }), /\/confidence/],
    ['null for a confidence', JSON.stringify({ ...good, confidence: null }), /\/confidence/],
    ['no reasoning', JSON.stringify({ ...good, reasoning: undefined }), /\/reasoning/],
    ['a key that reaches for the prototype', '{"output": {"__proto__": {"a": 1}}}', /__proto__/],
    ['too many levels', `{"output": ${'['.repeat(40)}${']'.repeat(40)}}`, /deeper than 32/],
  ]
  for (const [name, text, words] of broken) {
    it(`is a problem that says what to change: ${name}`, () => {
      const reading = read(text, everything)
      expect(reading.ok).toBe(false)
      expect(reading.ok ? '' : problemWords(reading.problems)).toMatch(words)
    })
  }

  it('names every problem at once', () => {
    const reading = read('{"output": 3}', everything)
    expect(reading.ok ? [] : reading.problems.map(problem => problem.path)).toEqual(
      expect.arrayContaining(['/output', '/handoff', '/confidence', '/reasoning']),
    )
  })

  it('must be text where labels were asked for without a schema', () => {
    expect(read('{"output": {}, "handoff": "a"}', { labels: ['a'], judged: false }).ok).toBe(false)
    expect(read('{"output": "Dear Ana", "handoff": "a"}', { labels: ['a'], judged: false }).ok).toBe(true)
  })

  it('tells a long list of problems in short', () => {
    const words = problemWords(
      Array.from({ length: 50 }, (_, at) => ({ path: `/output/${at}`, message: 'x'.repeat(400) })),
    )
    expect(words.length).toBeLessThanOrEqual(2000)
  })

  const enveloped = JSON.stringify(good)
  const wrapped: [string, string][] = [
    ['words in front', `Here you are:\n\n${enveloped}`],
    ['words behind', `${enveloped}\n\nLet me know if you need more!`],
    ['a fence', `\`\`\`\n${enveloped}\n\`\`\``],
    ['a fence with words around it', `Sure!\n\`\`\`json\n${enveloped}\n\`\`\`\nAnything else?`],
    ['a fence that does not end', `\`\`\`json\n${enveloped}`],
    ['brackets in the words', `As [1] says (see {docs}), here it is: ${enveloped} [end]`],
    ['a quotation mark in the words', `The "answer: ${enveloped}`],
    ['commas too many', '{"reasoning":"r","output":{"score":1,},"handoff":"send","confidence":1,\n}'],
    ['line breaks within a text', enveloped.replace('"r"', '"r"').replace('\\n', '\n')],
    ['a bracket too many', `${enveloped}}`],
    ['itself, twice', `${enveloped}\n\nOnce more: ${enveloped}`],
    ['thinking in front', `<think>\nIs it {"score": 2}? No.\n</think>\n${enveloped}`],
    ['thinking that its prompt opened', `It may be {"score": 2}.\n</think>\n\n${enveloped}`],
    ['a draft that does not fit', `First {"output": {"score": -4}}, but better: ${enveloped}`],
    ['itself as a JSON text', JSON.stringify(enveloped)],
    ['a mark of its end', `${enveloped}<|im_end|>`],
  ]
  for (const [name, text] of wrapped) {
    it(`is found with ${name}`, () => expect(read(text, everything)).toEqual({ ok: true, answer: good }))
  }

  it('keeps what stands in the texts of the JSON, fences and brackets too', () => {
    const reply = 'Run `npm ci`, then:\n```sh\nnpm start # {"output": 1}\n```\n,}'
    const text = `Here:\n\`\`\`json\n${JSON.stringify({ output: { reply } })}\n\`\`\`\nBye, {you}`
    const schema: JsonSchema = { type: 'object', required: ['reply'], properties: { reply: { type: 'string' } } }
    expect(read(text, { schema, judged: false })).toEqual({ ok: true, answer: { output: { reply } } })
  })

  it('is read with line breaks and tabs that JSON wants escaped', () => {
    const text = '{"reasoning":"a\n\tb","output":{"score":1},"handoff":"send","confidence":1}'
    expect(read(text, everything)).toMatchObject({ ok: true, answer: { reasoning: 'a\n\tb' } })
  })

  const other = JSON.stringify({ ...good, output: { score: 2 } })
  const unclear: [string, string, RegExp][] = [
    ['two that fit', `Either ${enveloped} or ${other}`, /several JSON values/],
    ['two in fences', `\`\`\`json\n${enveloped}\n\`\`\`\n\`\`\`json\n${other}\n\`\`\``, /several JSON values/],
    ['several and none that fits', '{"a": 1} {"b": 2}', /2 JSON values and none of them fits/],
    ['one that breaks off', enveloped.slice(0, -4), /not JSON/],
    ['one that breaks off behind one that is whole', `${other} and then ${enveloped.slice(0, -4)}`, /not JSON/],
    ['a whole part of one that breaks off', '{"handoff": "send", "output": {"score": 1}, "reason', /not JSON/],
    ['single quotes', "{'output': {'score': 1}}", /not JSON/],
  ]
  for (const [name, text, words] of unclear) {
    it(`is never a guess: ${name}`, () => {
      for (const asked of [everything, { schema: score, judged: false }]) {
        const reading = read(text, asked)
        expect(reading.ok, JSON.stringify(reading)).toBe(false)
        if (asked === everything) expect(reading.ok ? '' : problemWords(reading.problems)).toMatch(words)
      }
    })
  }

  const tolerated: [string, object, object][] = [
    ['confidence as text', { confidence: '0.85' }, { confidence: 0.85 }],
    ['confidence as text with blanks', { confidence: ' .5 ' }, { confidence: 0.5 }],
    ['certainty as text', { confidence: '1.0' }, { confidence: 1 }],
    ['no certainty at all as text', { confidence: '0' }, { confidence: 0 }],
    ['a label in capitals', { handoff: 'SEND' }, { handoff: 'send' }],
    ['a label with blanks around it', { handoff: ' Send\n' }, { handoff: 'send' }],
    ['data as a JSON text', { output: '{"score": 1}' }, { output: { score: 1 } }],
  ]
  for (const [name, came, meant] of tolerated) {
    it(`is understood with ${name}`, () =>
      expect(read(JSON.stringify({ ...good, ...came }), everything)).toEqual({
        ok: true,
        answer: { ...good, ...meant },
      }))
  }

  it('is one label of two that differ in case alone only when it is written as that one is', () => {
    const asked = { labels: ['Send', 'send'], judged: false }
    expect(read('{"output": "x", "handoff": "send"}', asked)).toMatchObject({ ok: true, answer: { handoff: 'send' } })
    expect(read('{"output": "x", "handoff": "SEND"}', asked).ok).toBe(false)
  })

  it('is a label whose own blanks are written otherwise', () => {
    const asked = { labels: ['Needs review', 'fine'], judged: false }
    expect(read('{"output": "x", "handoff": "needs  Review"}', asked)).toMatchObject({
      answer: { handoff: 'Needs review' },
    })
    expect(read('{"output": "x", "handoff": "needs_review"}', asked).ok).toBe(false)
  })

  it('stays the text that the schema takes, also where it reads like data', () => {
    const asked = { schema: { type: ['string', 'object'] }, judged: false }
    expect(read('{"output": "{\\"a\\": 1}"}', asked)).toEqual({ ok: true, answer: { output: '{"a": 1}' } })
  })

  it('holds no NUL and no half of a pair, in texts and in names', () => {
    expect(read('A\0B, half \ud83d. 👍', { judged: false })).toEqual({
      ok: true,
      answer: { output: 'AB, half \ufffd. 👍' },
    })
    const text = '{"output": {"a\\u0000b": ["x\\u0000\\udc4d", "👍"]}, "reasoning": "\\ud83d", "confidence": 1}'
    expect(read(text, { schema: { type: 'object' }, judged: true })).toEqual({
      ok: true,
      answer: { output: { ab: ['x\ufffd', '👍'] }, reasoning: '\ufffd', confidence: 1 },
    })
  })

  it('has no name that becomes the prototype’s when it is cleaned', () => {
    expect(read('{"output": {"__pro\\u0000to__": {"a": 1}}}', { schema: { type: 'object' }, judged: false }).ok).toBe(
      false,
    )
  })

  it('is cut between characters where its reasoning is too long', () => {
    const reasoning = `${'x'.repeat(3999)}👍 and more`
    expect(read(JSON.stringify({ ...good, reasoning }), everything)).toMatchObject({
      answer: { reasoning: 'x'.repeat(3999) },
    })
  })

  it('is read in no time, whatever it is', () => {
    const hostile = [
      '{',
      '[',
      '"',
      '{"a":',
      '[{',
      '<think>',
      '</think>\n',
      ', ',
      '\\',
      '{"a":1}',
      '<|end|>',
      '[1,',
      '[x',
      '<think></think>',
    ]
    const started = performance.now()
    for (const part of hostile) {
      read(part.repeat(256_000 / part.length), everything)
      read(`x${part.repeat(256_000 / part.length)}`, { schema: {}, judged: false })
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
