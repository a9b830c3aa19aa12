/** Definitions as text: both spellings, the author's comments, and YAML that means harm. */
import { describe, expect, test } from 'vitest'
import { asYaml, readDocument } from '../../../src/workflow/document/document.ts'
import { brokenLine } from '../../../src/workflow/document/lines.ts'

const code = (text: string) => {
  const read = readDocument(text, 'yaml')
  if (read.ok) return 'ok'
  return 'code' in read.problem ? read.problem.code : read.problem.kind
}

describe('a YAML definition', () => {
  test('reads as the JSON that it spells', () => {
    const yaml =
      'name: Hello # a comment\nsteps:\n  - key: a\n    handoffs: [{ when: "yes", to: complete }]\nversion: 1.0\nopen: yes\n'
    expect(readDocument(yaml, 'yaml')).toEqual({
      ok: true,
      value: {
        name: 'Hello',
        steps: [{ key: 'a', handoffs: [{ when: 'yes', to: 'complete' }] }],
        version: 1,
        open: 'yes',
      },
    })
  })

  test('keeps its text, comments and all; JSON becomes YAML when asked for', () => {
    expect(asYaml('a: 1 # why\n', 'yaml')).toBe('a: 1 # why\n')
    expect(asYaml('{"a":{"b":[1,"two"]}}', 'json')).toBe('a:\n  b:\n    - 1\n    - two\n')
  })

  test('may use an anchor', () => {
    const read = readDocument('a: &x { retry: 3 }\nb: *x\n', 'yaml')
    expect(read).toEqual({ ok: true, value: { a: { retry: 3 }, b: { retry: 3 } } })
  })

  test.each([
    ['empty', '', 'empty_body'],
    ['only a comment', '# nothing\n', 'ok'],
    ['unclosed', 'a: [1, 2', 'malformed_yaml'],
    ['a key twice', 'a: 1\na: 2\n', 'malformed_yaml'],
    ['tabs as indent', 'a:\n\tb: 1\n', 'malformed_yaml'],
    ['two documents', 'a: 1\n---\nb: 2\n', 'malformed_yaml'],
    ['a tag that makes code', 'a: !!js/function "x"\n', 'malformed_yaml'],
    ['a missing anchor', 'a: *nowhere\n', 'malformed_yaml'],
    ['__proto__', '__proto__: { admin: true }\n', 'forbidden_key'],
    ['constructor, deep', 'a: [{ constructor: 1 }]\n', 'forbidden_key'],
    ['not a number', 'a: .nan\n', 'bad_number'],
    ['infinity', 'a: .inf\n', 'bad_number'],
    ['NUL', 'a: "\\0"\n', 'json_nul'],
    ['brackets', '['.repeat(100_000), 'too_deep'],
    ['dashes', `${'- '.repeat(50_000)}a`, 'too_deep'],
    ['quotation marks', '"'.repeat(200_000), 'too_large'],
    ['quotation marks, fewer', '"'.repeat(20_000), 'malformed_yaml'],
    ['closing brackets', ']'.repeat(65_536), 'malformed_yaml'],
    ['commas', `[${','.repeat(500_000)}`, 'too_large'],
    ['keys', Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n'), 'too_large'],
    [
      'a key twice among many',
      `${Array.from({ length: 5000 }, (_, i) => `k${i}: 1`).join('\n')}\nk7: 2\n`,
      'malformed_yaml',
    ],
    ['a key twice, deep', 'a:\n  - b: { c: 1, d: 2, "c": 3 }\n', 'malformed_yaml'],
    ['anchors', Array.from({ length: 20_000 }, (_, i) => `- &a${i} 1`).join('\n'), 'too_many_aliases'],
    ['aliases', `- &a 1\n${'- *a\n'.repeat(500)}`, 'too_many_aliases'],
    ['lines', `a: |\n${' x\n'.repeat(100_000)}`, 'too_large'],
    ['bytes', `a: ${'x'.repeat(1024 * 1024)}`, 'too_large'],
    ['mappings as keys', '{a: b}: '.repeat(2000), 'malformed_yaml'],
    ['indents', Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), 'too_deep'],
  ])('%s: refused, and what it costs is held in tests/node/cost', (_name, text, expected) => {
    expect(code(text)).toBe(expected)
  })

  test.each([
    ['a: 1\nb: [1, 2\nc: 3\n', 3],
    ['a: 1\n\n\na: 2\n', 4],
    ['a: ]\n', 1],
    ['a: "open\n', 2],
    ['a: 1\n---\nb: 2\n', 2],
    ['a: 1\nb: !odd c\n', 2],
  ])('that cannot be read names the line: %j', (text, line) => {
    const read = readDocument(text, 'yaml')
    expect('problem' in read && 'message' in read.problem ? read.problem.message : '').toContain(
      ` at line ${line}, column`,
    )
    expect(brokenLine(text)).toBe(line)
  })

  test.each([
    ['a: 8202522731445525542\n', 'a', 1],
    [
      'steps:\n  - key: one\n  - key: two\n    output: { properties: { id: { const: -9007199254740993 } } }\n',
      'steps[1].output.properties.id.const',
      4,
    ],
    ['a: [1, [2, 36028797018963968]]\n', 'a[1][1]', 1],
    ['a: 3.14159265358979323846\n', 'a', 1],
    ['a: +9007199254740993\n', 'a', 1],
    ['a: 0xffffffffffffffff\n', 'a', 1],
    ['a: 0o7777777777777777777777\n', 'a', 1],
    ['"a b": &x 9007199254740993\nc: *x\n', '["a b"]', 1],
    ['a: 1e-400\n', 'a', 1],
    ['- 1\n- 9007199254740993\n', '[1]', 2],
  ])('with a number that would become another is refused, and the field named: %j', (text, path, line) => {
    const read = readDocument(text, 'yaml')
    expect(read).toMatchObject({ ok: false, problem: { kind: 'invalid', code: 'bad_number', path } })
    expect('problem' in read && 'message' in read.problem ? read.problem.message : '').toContain(` at line ${line}, `)
    expect(brokenLine(text)).toBe(line)
  })

  test.each<[string, unknown]>([
    ['a: "8202522731445525542"\n', '8202522731445525542'],
    ["a: '8202522731445525542'\n", '8202522731445525542'],
    ['a: !!str 8202522731445525542\n', '8202522731445525542'],
    ['a: |-\n  8202522731445525542\n', '8202522731445525542'],
    ['a: 9007199254740992\n', 9007199254740992],
    ['a: 0.1\n', 0.1],
    ['a: 1.50\n', 1.5],
    ['a: +7\n', 7],
    ['a: 1e3\n', 1000],
    ['a: 0xff\n', 255],
    ['a: 0.30000000000000004\n', 0.30000000000000004],
  ])('with a number that is kept, or with digits as text, is read: %j', (text, value) => {
    expect(readDocument(text, 'yaml')).toEqual({ ok: true, value: { a: value } })
  })

  test('in JSON says the same', () => {
    expect(readDocument('{"steps":[{"id":8202522731445525542}]}', 'json')).toMatchObject({
      ok: false,
      problem: { code: 'json_number_inexact', path: 'steps[0].id' },
    })
  })

  test('as large as the format allows is read: 100 steps of 20 handoffs each', () => {
    const handoffs = Array.from(
      { length: 20 },
      (_, i) => `      - { if: "output.score < ${i}", to: step_${i} }\n`,
    ).join('')
    const steps = Array.from(
      { length: 100 },
      (_, i) => `  - key: step_${i}\n    prompt: ${'word '.repeat(200)}\n    handoffs:\n${handoffs}`,
    )
    const read = readDocument(`baton: 1\nsteps:\n${steps.join('')}`, 'yaml')
    expect(read.ok && (read.value as { steps: unknown[] }).steps).toHaveLength(100)
  })

  test('that multiplies by its anchors is refused before it has grown', () => {
    const names = 'abcdefghi'.split('')
    const lines = names.map((name, index) => {
      const parts = index === 0 ? ['lol', 'lol'] : Array.from({ length: 9 }, () => `*${names[index - 1]}`)
      return `${name}: &${name} [${parts.join(', ')}]`
    })
    expect(code(lines.join('\n'))).toBe('too_many_aliases')
    const wide = `a: &a "${'x'.repeat(100_000)}"\nb: [${Array.from({ length: 40 }, () => '*a').join(', ')}]\n`
    expect(code(wide)).toBe('too_large')
  })
})
