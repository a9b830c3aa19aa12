/** What an MCP server says, read as something that anybody may have written: names, lists, results. */
import { expect, test } from 'vitest'
import { readToolList, toldText } from '../../../../src/domain/tools/mcp/listed.ts'
import { readCallAnswer } from '../../../../src/domain/tools/mcp/result.ts'
import { fullName, serverTool } from '../../../../src/domain/tools/mcp/server.ts'

const FIND = { name: 'find', description: 'Finds.', inputSchema: { type: 'object', properties: { a: {} } } }
const read = (...tools: unknown[]) => readToolList('crm', tools, false)

test.each<[string, ReturnType<typeof serverTool>]>([
  ['crm.find', { server: 'crm', tool: 'find' }],
  ['crm.ns.find-it', { server: 'crm', tool: 'ns.find-it' }],
  ['crm.ns/find', { server: 'crm', tool: 'ns/find' }],
  ['send_email', null],
  ['.find', null],
  ['crm.', null],
  ['CRM.find', null],
  ['crm.a b', null],
  ['crm..', null],
  [`crm.${'a'.repeat(97)}`, null],
])('“%s” names a tool of a server or none', (name, named) => {
  expect(serverTool(name)).toEqual(named)
  if (named !== null) expect(fullName(named.server, named.tool)).toBe(name)
})

test('a tool is kept as it is told, its effect by its hint; what it is called stands in for a description', () => {
  const { tools, leftOut } = read(
    { ...FIND, annotations: { readOnlyHint: true, destructiveHint: false }, outputSchema: { type: 'nonsense' } },
    { ...FIND, name: 'book', description: '  ', title: 'Book a visit' },
    { ...FIND, name: 'bare', description: undefined, annotations: { readOnlyHint: 'yes' } },
  )
  expect(leftOut).toEqual([])
  expect(tools.map(({ name, description, effect }) => [name, description, effect])).toEqual([
    ['find', 'Finds.', 'read'],
    ['book', 'Book a visit', 'write'],
    ['bare', 'The tool bare of crm.', 'write'],
  ])
})

test.each<[string, unknown, RegExp]>([
  ['no object', null, /name cannot be used/],
  ['a name with a line', { ...FIND, name: 'a\nb' }, /name cannot be used/],
  ['a name too long', { ...FIND, name: 'a'.repeat(97) }, /name cannot be used/],
  ['a long description', { ...FIND, description: 'x'.repeat(8001) }, /longer than 8000/],
  ['no schema', { ...FIND, inputSchema: undefined }, /cannot be used/],
  ['a schema of no object', { ...FIND, inputSchema: { type: 'string' } }, /no object/],
  [
    'a pattern that looks ahead',
    { ...FIND, inputSchema: { type: 'object', properties: { a: { pattern: '(?=x)' } } } },
    /cannot be used/,
  ],
  ['a schema elsewhere', { ...FIND, inputSchema: { type: 'object', $ref: 'https://x.test/' } }, /cannot be used/],
  [
    'a schema that is a prototype',
    { ...FIND, inputSchema: JSON.parse('{"type":"object","__proto__":{}}') },
    /cannot be used/,
  ],
  ['a tool that runs as a task alone', { ...FIND, execution: { taskSupport: 'required' } }, /as a task/],
])('%s is left out, and said', (_what, tool, why) => {
  const { tools, leftOut } = read(tool, { ...FIND, name: 'other' })
  expect(tools.map(({ name }) => name)).toEqual(['other'])
  expect(leftOut).toHaveLength(1)
  expect(leftOut[0]!.why).toMatch(why)
})

test('nothing is kept that people would not see and models would', () => {
  const hidden = '\u{e0068}\u{e0069}\u202e\u200b'
  const schema = { type: 'object', properties: { a: { description: `A${hidden}` } } }
  const { tools } = read({ ...FIND, description: `Finds${hidden}.`, inputSchema: schema })
  expect(JSON.stringify(tools)).not.toMatch(/[\u{e0000}-\u{e007f}\u202e\u200b]/u)
  expect(tools[0]!.description).toBe('Finds.')
})

test('a list is bounded by tools and by size, a name counts once, and what is too much is summed up', () => {
  const twice = read(FIND, { ...FIND, description: 'Another.' })
  expect([twice.tools.length, twice.leftOut[0]!.why]).toEqual([1, 'It is listed twice; the first one counts.'])
  const many = readToolList(
    'crm',
    Array.from({ length: 250 }, (_, n) => ({ ...FIND, name: `t${n}` })),
    true,
  )
  expect([many.tools.length, many.leftOut]).toEqual([200, [{ name: '', why: expect.stringContaining('200 tools') }]])
  const large = Array.from({ length: 100 }, (_, n) => ({ ...FIND, name: `t${n}`, description: 'x'.repeat(7900) }))
  const { tools, leftOut } = read(...large)
  expect(tools.length).toBeLessThan(70)
  expect(leftOut).toHaveLength(1)
  const bad = read(...Array.from({ length: 50 }, () => ({ ...FIND, name: 'a b' })))
  expect([bad.leftOut.length, bad.leftOut.at(-1)!.why]).toEqual([21, '30 more could not be used.'])
})

test('what a tool says of itself is the same text whatever the order of its fields, and another where anything differs', () => {
  const text = (tool: object) => toldText(read({ ...FIND, ...tool }).tools[0]!)
  const schema = { properties: { a: {} }, type: 'object' }
  expect(text({ inputSchema: schema, title: 'Find' })).toBe(text({}))
  expect(text({ description: 'Finds!' })).not.toBe(text({}))
  expect(text({ annotations: { readOnlyHint: true } })).not.toBe(text({}))
  expect(text({ inputSchema: { ...schema, required: ['a'] } })).not.toBe(text({}))
})

const said = (text: string) => ({ type: 'text', text })
test.each<[string, object, object]>([
  ['its text', { content: [said('a'), said('b')] }, { kind: 'done', result: 'a\n\nb' }],
  [
    'its data before its text',
    { content: [said('a')], structuredContent: { n: 1 } },
    { kind: 'done', result: { n: 1 } },
  ],
  ['nothing', { content: [] }, { kind: 'done', result: '' }],
  ['no content at all', {}, { kind: 'done', result: '' }],
  ['a link', { content: [{ type: 'resource_link', uri: 'demo://1' }] }, { kind: 'done', result: 'demo://1' }],
  [
    'a file of text',
    { content: [{ type: 'resource', resource: { text: 'in it' } }] },
    { kind: 'done', result: 'in it' },
  ],
  [
    'a file of bytes',
    { content: [{ type: 'resource', resource: { blob: 'AAAA', mimeType: 'application/pdf' } }] },
    { kind: 'unreadable', message: 'Its result is no text: application/pdf.' },
  ],
  [
    'a failure in words',
    { isError: true, content: [said('No\nsuch day.')] },
    { kind: 'failed', message: 'No such day.' },
  ],
  ['a failure without any', { isError: true }, { kind: 'failed', message: 'It failed and does not say why.' }],
  ['data too deep, and text', { content: [said('a')], structuredContent: deep(40) }, { kind: 'done', result: 'a' }],
  ['data too deep alone', { content: [], structuredContent: deep(40) }, { kind: 'unreadable' }],
  ['half a character', { content: [said('a\ud800')] }, { kind: 'done', result: 'a\ufffd' }],
])('an answer of %s', (_what, answer, result) => {
  expect(readCallAnswer(answer)).toMatchObject(result)
})

function deep(levels: number): unknown {
  return levels === 0 ? 1 : [deep(levels - 1)]
}
