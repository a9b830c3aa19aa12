/** The lint of a team's tool: what is said of it before it is ever called. */
import { describe, expect, test } from 'vitest'
import { lintSettings, lintTool } from '../../../../src/domain/tools/lint-tool.ts'
import { type TeamTool, toolSchema } from '../../../../src/domain/tools/tool.ts'

const secrets = new Map([['crm', ['api.crm.example']]])
const tool: TeamTool = {
  key: 'find_contact',
  description: 'Finds a contact.',
  parameters: { type: 'object', required: ['email'], properties: { email: { type: 'string' }, n: { type: 'number' } } },
  http: {
    url: 'https://api.crm.example/contacts/{{ args.email }}',
    headers: { authorization: 'Bearer {{ secrets.crm }}' },
    query: { task: '{{ task.id }}' },
  },
}
const found = (over: Partial<TeamTool>, local = false) =>
  lintTool({ ...tool, ...over }, { secrets, local }).map(({ path, level, code }) => [path, level, code])
const http = (over: Partial<TeamTool['http']>): Partial<TeamTool> => ({ http: { ...tool.http, ...over } })

describe('a tool', () => {
  test.each<[string, Partial<TeamTool>, unknown[]]>([
    ['that is right', {}, []],
    ['that asks by a rule over all it may', { ask: 'args.n > 5.0 && input.vip && task.visit == 1' }, []],
    [
      'whose host a template makes',
      http({ url: 'https://{{ args.email }}/' }),
      [['http.url', 'error', 'templated_host']],
    ],
    [
      'to a private name',
      http({ url: 'https://db.internal/' }),
      [
        ['http.url', 'error', 'host_not_allowed'],
        ['http.headers', 'error', 'secret_host'],
      ],
    ],
    [
      'that reads a task’s input',
      http({ query: { a: '{{ input.email }}' } }),
      [['http.query.a', 'error', 'unknown_variable']],
    ],
    [
      'that reads another step',
      http({ body: { a: ['{{ steps.a.output }}'] } }),
      [['http.body.a.0', 'error', 'unknown_variable']],
    ],
    [
      'that reads an argument that it does not take',
      http({ query: { a: '{{ args.mail }}' } }),
      [['http.query.a', 'warning', 'unknown_field']],
    ],
    [
      'with a secret in its address',
      http({ url: 'https://api.crm.example/{{ secrets.crm }}' }),
      [['http.url', 'error', 'bad_secret']],
    ],
    [
      'with a secret that is not there',
      http({ headers: { a: '{{ secrets.crn }}' } }),
      [['http.headers', 'error', 'secret_missing']],
    ],
    [
      'with a secret for another host',
      http({ url: 'https://other.example/' }),
      [['http.headers', 'error', 'secret_host']],
    ],
    [
      'with a secret behind a filter',
      http({ headers: { a: '{{ secrets.crm | upcase }}' } }),
      [['http.headers', 'error', 'bad_secret']],
    ],
    ['with a template that cannot be read', http({ body: '{{ args.email' }), [['http.body', 'error', 'bad_template']]],
    ['with a rule that cannot be read', { ask: 'args.n >' }, [['ask', 'error', 'bad_condition']]],
    ['with a rule over what it does not see', { ask: 'steps.a == 1' }, [['ask', 'error', 'bad_condition']]],
    [
      'whose arguments are a list',
      { parameters: { type: 'array', items: {} } },
      [
        ['parameters.type', 'error', 'bad_schema'],
        ['http.url', 'warning', 'unknown_field'],
      ],
    ],
    [
      'whose parameters are no schema',
      { parameters: { type: 'object', properties: 7 } as never },
      [
        ['parameters', 'error', 'bad_schema'],
        ['http.url', 'warning', 'unknown_field'],
      ],
    ],
  ])('%s', (_name, over, said) => {
    expect(found(over)).toEqual(said)
  })

  test('may call this machine in local mode alone', () => {
    const here = http({ url: 'http://localhost:9000/x', headers: {} })
    expect(found(here, true)).toEqual([])
    expect(found(here)).toEqual([['http.url', 'error', 'host_not_allowed']])
  })

  test('has a key that steps can name, and nothing that is not one of its fields', () => {
    expect(toolSchema.safeParse(tool).success).toBe(true)
    for (const wrong of [
      { key: 'Find' },
      { key: 'a.b' },
      { extra: 1 },
      { undoCost: -1 },
      { effect: 'none' },
      { http: {} },
    ])
      expect(toolSchema.safeParse({ ...tool, ...wrong }).success, JSON.stringify(wrong)).toBe(false)
  })
})

test('a rule that a team sets of a built-in tool is held to that tool’s arguments', () => {
  const parameters = { type: 'object', properties: { to: { type: 'string' } } }
  expect(lintSettings({ ask: 'args.to == "x"' }, parameters)).toEqual([])
  expect(lintSettings({ ask: true, recipients: 'any' }, parameters)).toEqual([])
  expect(lintSettings({ ask: 'steps.a' }, parameters)).toMatchObject([{ code: 'bad_condition', level: 'error' }])
  expect(lintSettings({ ask: 'args.too == "x"' }, parameters)).toMatchObject([{ code: 'unknown_field' }])
})
