/** OpenAPI documents as tools: paths, queries, bodies, references, how they are signed in to; and documents that cannot be. */
import { describe, expect, test } from 'vitest'
import { lintTool } from '../../../../src/domain/tools/lint-tool.ts'
import { readOpenApi } from '../../../../src/domain/tools/openapi.ts'
import { toolSchema } from '../../../../src/domain/tools/tool.ts'

const contact = {
  type: 'object',
  required: ['email'],
  properties: {
    id: { type: 'string', readOnly: true },
    email: { type: 'string', example: 'a@b.test' },
    age: { type: 'integer', minimum: 0, exclusiveMinimum: true },
    parent: { $ref: '#/components/schemas/Contact' },
  },
}
const document = {
  openapi: '3.0.3',
  info: { title: 'CRM', version: '1' },
  servers: [{ url: 'https://{region}.crm.example/v1/', variables: { region: { default: 'eu' } } }],
  security: [{ token: [] }],
  paths: {
    '/contacts/{contact-id}': {
      parameters: [{ $ref: '#/components/parameters/Id' }],
      get: {
        operationId: 'getContactById',
        summary: 'Reads a contact.',
        parameters: [{ name: 'expand', in: 'query', schema: { type: 'string' }, description: 'What beside it.' }],
      },
      put: { requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Contact' } } } } },
    },
    '/files': { post: { operationId: 'upload', requestBody: { content: { 'multipart/form-data': {} } } } },
    '/notes': {
      post: {
        security: [{ key: [] }],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { type: 'array', items: { type: 'string' } } } },
        },
      },
    },
  },
  components: {
    parameters: { Id: { name: 'contact-id', in: 'path', required: true, schema: { type: 'string' } } },
    schemas: { Contact: contact },
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer' },
      key: { type: 'apiKey', in: 'query', name: 'api_key' },
    },
  },
}

describe('a document', () => {
  const read = readOpenApi(document, 'crm')
  if (!read.ok) throw new Error(read.message)
  const byId = new Map(read.tools.map(each => [each.id, each]))

  test('offers each operation, as a tool that the lint finds nothing wrong with', () => {
    expect([read.title, read.host]).toEqual(['CRM', 'eu.crm.example'])
    expect(read.tools.map(({ tool, problem }) => [tool.key, problem])).toEqual([
      ['get_contact_by_id', null],
      ['put_contacts_contact_id', null],
      ['upload', 'It sends multipart/form-data, which a tool cannot send.'],
      ['post_notes', null],
    ])
    const secrets = new Map([['crm', ['eu.crm.example']]])
    for (const { tool } of read.tools) {
      expect(toolSchema.safeParse(tool).success).toBe(true)
      expect(lintTool(tool, { secrets }).filter(({ level }) => level === 'error')).toEqual([])
    }
  })

  test('says the path, the query, and how it is signed in to', () => {
    expect(byId.get('GET /contacts/{contact-id}')!.tool).toMatchObject({
      description: 'Reads a contact.',
      parameters: {
        required: ['contact_id'],
        properties: { contact_id: { type: 'string' }, expand: { type: 'string', description: 'What beside it.' } },
      },
      http: {
        method: 'GET',
        url: 'https://eu.crm.example/v1/contacts/{{ args.contact_id }}',
        query: { expand: '{{ args.expand }}' },
        headers: { authorization: 'Bearer {{ secrets.crm }}' },
      },
    })
  })

  test('says the body by its fields, references in place and circles cut, without what is only read', () => {
    const { http, parameters } = byId.get('PUT /contacts/{contact-id}')!.tool
    expect(http.body).toEqual({ email: '{{ args.email }}', age: '{{ args.age }}', parent: '{{ args.parent }}' })
    expect(parameters.required).toEqual(['contact_id', 'email'])
    const text = JSON.stringify(parameters)
    expect(text).not.toContain('$ref')
    expect(text).not.toContain('exclusiveMinimum')
    expect(text.length).toBeLessThan(20_000)
  })

  test('says a body that is no object as one argument, and a key in the query', () => {
    const { http, parameters } = byId.get('POST /notes')!.tool
    expect(http).toMatchObject({
      body: '{{ args.body }}',
      headers: { 'content-type': 'application/json' },
      query: { api_key: '{{ secrets.crm }}' },
    })
    expect(parameters.required).toEqual(['body'])
  })
})

test.each<[unknown, string]>([
  ['x', 'no OpenAPI document'],
  [{ swagger: '2.0' }, 'Swagger 2'],
  [{ openapi: '4.0' }, 'openapi: 3'],
  [{ ...document, servers: [{ url: '/v1' }] }, 'servers'],
  [{ ...document, servers: [{ url: 'https://{x}.example' }] }, 'servers'],
  [{ ...document, paths: {} }, 'no operation'],
  [{ ...document, paths: { '/a': { $ref: 'https://evil.test/x.json' } } }, 'no operation'],
  [{ ...document, paths: { '/a': { $ref: '#/paths/~1a' } } }, 'no operation'],
])('a document that is none is refused in words (%#)', (wrong, words) => {
  expect(readOpenApi(wrong, 'crm')).toMatchObject({ ok: false, message: expect.stringContaining(words) })
})

test('schemas that multiply each other stay small', () => {
  const schemas: Record<string, object> = { s0: { type: 'string' } }
  for (let n = 1; n < 12; n++) {
    const ref = { $ref: `#/components/schemas/s${n - 1}` }
    schemas[`s${n}`] = { type: 'object', properties: { a: ref, b: ref, c: ref, d: ref, e: ref } }
  }
  const body = { content: { 'application/json': { schema: { $ref: '#/components/schemas/s11' } } } }
  const bomb = { ...document, paths: { '/a': { post: { requestBody: body } } }, components: { schemas } }
  const read = readOpenApi(bomb, 'crm')
  expect(JSON.stringify(read).length).toBeLessThan(500_000)
})
