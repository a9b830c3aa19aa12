import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import Ajv2020 from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import type { Json, JsonSchema } from '../../../src/domain/json/json.ts'
import { checkSchema } from '../../../src/domain/schema/check.ts'
import { coerceScalars } from '../../../src/domain/schema/coerce.ts'
import { findField } from '../../../src/domain/schema/field.ts'
import { lintSchema } from '../../../src/domain/schema/lint.ts'
import { validate } from '../../../src/domain/schema/validate.ts'
import { RUNAWAY_MS, timed } from './scope.ts'

const mail: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://acme.test/mail',
  type: 'object',
  required: ['score', 'summary'],
  properties: {
    score: { type: 'number', minimum: 0 },
    summary: { type: 'string', minLength: 1, pattern: '^[a-z ]+$' },
    tags: { type: 'array', items: { $ref: '#/$defs/tag' }, uniqueItems: true },
    when: { type: 'string', format: 'date-time' },
    kind: { enum: ['a', 'b'] },
    id: { type: 'string' },
  },
  additionalProperties: false,
  $defs: { tag: { type: 'string', maxLength: 3 } },
}

describe('what is wrong with a value is said in words', () => {
  const cases: [schema: JsonSchema, value: Json, problems: [path: string, message: string][]][] = [
    [mail, { score: 1, summary: 'fine', tags: ['a'], when: '2026-01-31T12:30:00Z', kind: 'a', id: 'x' }, []],
    [mail, { score: 'x', summary: 'fine' }, [['score', '`score` must be a number, got text']]],
    [
      mail,
      { score: 1, sumary: 'x' },
      [
        ['summary', 'the value lacks `summary` (there is `sumary`)'],
        ['sumary', '`sumary` is not allowed here'],
      ],
    ],
    [
      mail,
      { score: -1, summary: '' },
      [
        ['score', '`score` must be 0 or more, got -1'],
        ['summary', '`summary` must not be empty'],
        ['summary', '`summary` must match the pattern ^[a-z ]+$'],
      ],
    ],
    [
      mail,
      { score: 1, summary: 'a', tags: ['abcd', 3] },
      [
        ['tags[0]', '`tags[0]` must have at most 3 characters'],
        ['tags[1]', '`tags[1]` must be text, got the number 3'],
      ],
    ],
    [
      mail,
      { score: 1, summary: 'a', tags: ['a', 'a'] },
      [['tags', '`tags` must not hold the same item twice (0 and 1)']],
    ],
    [
      mail,
      { score: 1, summary: 'a', when: 'soon', kind: 'c' },
      [
        ['when', '`when` must be a date and time like 2026-01-31T12:30:00Z'],
        ['kind', '`kind` must be one of "a", "b"'],
      ],
    ],
    [mail, 'text', [['', 'the value must be an object, got text']]],
    [mail, null, [['', 'the value must be an object, got null']]],
    [{ type: ['integer', 'null'] }, 1.5, [['', 'the value must be a whole number or null, got the number 1.5']]],
    [{ type: 'boolean' }, [], [['', 'the value must be true or false, got a list']]],
    [{ type: 'array' }, true, [['', 'the value must be a list, got true']]],
    [{ const: { a: 1 } }, 2, [['', 'the value must be {"a":1}']]],
    [
      { exclusiveMinimum: 3, multipleOf: 2 },
      3,
      [
        ['', 'the value must be more than 3, got 3'],
        ['', 'the value must be a multiple of 2, got 3'],
      ],
    ],
    [{ minItems: 2 }, [1], [['', 'the value must have at least 2 items, got 1']]],
    [{ maxItems: 0 }, [1], [['', 'the value must have at most 0 items, got 1']]],
    [{ contains: { type: 'string' } }, [1], [['', 'the value holds no item of the kind it must hold']]],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 3, [['', 'the value matches none of the forms it may have']]],
    [{ oneOf: [{ type: 'number' }, { minimum: 1 }] }, 3, [['', 'the value matches more than one form']]],
    [{ not: { type: 'number' } }, 3, [['', 'the value is of a form that is ruled out']]],
    [{ dependentRequired: { a: ['b'] } }, { a: 1 }, [['', 'the value lacks `b`, which `a` needs']]],
    [
      { propertyNames: { pattern: '^[a-z]+$' } },
      { aB: 1 },
      [['', 'the value has a field whose name is not allowed: aB']],
    ],
    [{ patternProperties: { '^n_': { type: 'number' } } }, { n_a: 'x' }, [['n_a', '`n_a` must be a number, got text']]],
    [{ properties: { a: { properties: { b: false } } } }, { a: { b: 1 } }, [['a.b', '`a.b` is not allowed here']]],
    [
      { properties: { 'odd key': { items: { type: 'null' } } } },
      { 'odd key': [1] },
      [['["odd key"][0]', '`["odd key"][0]` must be null, got the number 1']],
    ],
    [
      { $ref: '#/$defs/n', $defs: { n: { properties: { a: { $ref: '#/$defs/n' }, v: { type: 'number' } } } } },
      { a: { a: { v: 'x' } } },
      [['a.a.v', '`a.a.v` must be a number, got text']],
    ],
    [
      { $ref: '#tree', $defs: { x: { $anchor: 'tree', type: 'object' } } },
      1,
      [['', 'the value must be an object, got the number 1']],
    ],
    [
      JSON.parse('{"if":{"type":"string"},"then":{"minLength":2}}') as JsonSchema,
      'a',
      [['', 'the value must have at least 2 characters']],
    ],
    [{ $ref: '#/nowhere' }, 1, [['', expect.stringContaining('the schema cannot be used')]]],
  ]
  test.each(cases)('%j over %j', (schema, value, problems) => {
    expect(validate(schema, value).map(problem => [problem.path, problem.message])).toEqual(problems)
  })

  test('twenty problems at most', () => {
    expect(
      validate(
        { items: { type: 'string' } },
        Array.from({ length: 100 }, () => 1),
      ),
    ).toHaveLength(20)
  })
})

describe('our validation agrees with ajv', () => {
  const schemas: JsonSchema[] = [
    { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'string', pattern: 'x.*y' } }, required: ['a'] },
    {
      type: 'object',
      patternProperties: { '^s': { type: 'string' }, n$: { type: 'number' } },
      additionalProperties: false,
    },
    { prefixItems: [{ type: 'number' }, { type: 'string' }], items: false },
    {
      allOf: [{ properties: { a: { type: 'number' } } }],
      properties: { b: { type: 'string' } },
      unevaluatedProperties: false,
    },
    { anyOf: [{ required: ['a'] }, { required: ['b'] }], maxProperties: 2 },
    {
      oneOf: [
        { type: 'number', multipleOf: 2 },
        { type: 'number', multipleOf: 3 },
      ],
    },
    { contains: { type: 'number', minimum: 2 }, minContains: 1, maxContains: 2 },
    { enum: [1, 'a', null, { a: [1] }] },
    { uniqueItems: true },
    JSON.parse(
      '{"if":{"properties":{"k":{"const":"x"}},"required":["k"]},"then":{"required":["a"]},"else":{"required":["b"]}}',
    ),
    { dependentSchemas: { a: { required: ['b'] } }, propertyNames: { maxLength: 3 } },
    {
      $defs: {
        list: {
          type: ['object', 'null'],
          properties: { next: { $ref: '#/$defs/list' }, v: { type: 'number' } },
          required: ['v'],
        },
      },
      $ref: '#/$defs/list',
    },
    { type: 'string', minLength: 2, maxLength: 3 },
    { not: { type: ['string', 'number'] } },
  ]
  const values: Json[] = [
    null,
    true,
    0,
    1.5,
    0.3,
    2,
    '',
    'ab',
    '😀😀',
    'x1y',
    [],
    [1, 'a'],
    [1, 'a', 2],
    [2, 3, 4],
    [1, 1],
    [{ a: 1 }, { a: 1 }],
    {},
    { a: 1 },
    { a: 1.5, b: 'xy' },
    { a: 1, b: 'no' },
    { b: 'xy', k: 'x' },
    { k: 'x', a: 1 },
    { s: 'x', n: 1 },
    { s1: 2 },
    { on: 'x' },
    { v: 1, next: { v: 2, next: null } },
    { v: 1, next: { next: {} } },
    { a: [1] },
    { long_name: 1 },
    { a: 1, b: 2, c: 3 },
  ]
  const ajv = new Ajv2020({ strict: false })
  test.each(schemas)('on %j', schema => {
    const ours = values.map(value => validate(schema, value).length === 0)
    expect(ours).toEqual(values.map(value => ajv.validate(schema, value)))
  })
})

describe('what other drafts and OpenAPI write is read as they mean it', () => {
  const fits = (schema: JsonSchema, value: Json) => validate(schema, value).length === 0

  test('nullable lets null in beside the type, and only where there is one', () => {
    const schema: JsonSchema = {
      properties: { a: { type: 'string', nullable: true }, b: { type: ['integer', 'null'], nullable: true } },
    }
    expect(([{ a: null }, { a: 'x' }, { b: null }, { b: 1 }] as Json[]).map(value => fits(schema, value))).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(validate(schema, { a: 1 })).toEqual([{ path: 'a', message: '`a` must be text or null, got the number 1' }])
    expect(fits({ type: 'string', nullable: false }, null)).toBe(false)
    expect(fits({ type: 'string', nullable: true, enum: ['a'] }, null)).toBe(false)
    expect(fits({ properties: { nullable: { type: 'boolean' } } }, { nullable: true })).toBe(true)
  })

  test('dependencies are both of their successors', () => {
    const schema: JsonSchema = {
      dependencies: { card: ['name'], post: { required: ['street'] } },
      dependentRequired: { a: ['b'] },
    }
    expect(validate(schema, { card: 1 })).toEqual([{ path: '', message: 'the value lacks `name`, which `card` needs' }])
    expect(validate(schema, { post: 1 })).toMatchObject([{ path: 'street' }])
    expect([fits(schema, { card: 1, name: 2 }), fits(schema, { a: 1 }), fits(schema, {})]).toEqual([true, false, true])
    expect(checkSchema({ dependencies: { a: { $ref: '#/$defs/none' } } })).toMatchObject([
      { path: 'dependencies.a.$ref' },
    ])
  })

  test.each([
    ['https://example.com/a?b=c#d', true],
    ['mailto:ana@acme.test', true],
    ['urn:isbn:0451450523', true],
    ['example.com', false],
    ['/a/b', false],
    ['not a uri', false],
    ['https://exa mple.com', false],
  ])('the format uri is held to: %s', (text, ok) => expect(fits({ format: 'uri' }, text)).toBe(ok))
})

describe('what has no effect is told', () => {
  const hints = (schema: JsonSchema) =>
    lintSchema(schema).map(({ path, message, fix }) => `${path}: ${message}. ${fix}`)

  test.each<[JsonSchema, string[]]>([
    [{ propertys: {} }, ['propertys: `propertys` is no keyword and has no effect. Did you mean `properties`?']],
    [
      { properties: { a: { requierd: true, minLenght: 2 } } },
      [
        'properties.a.requierd: `requierd` is no keyword and has no effect. Did you mean `required`?',
        'properties.a.minLenght: `minLenght` is no keyword and has no effect. Did you mean `minLength`?',
      ],
    ],
    [
      { additionalItems: false },
      ['additionalItems: `additionalItems` is no keyword and has no effect. Use `items`, beside `prefixItems`.'],
    ],
    [
      { zzzzzzzzzzzzz: 1 },
      ['zzzzzzzzzzzzz: `zzzzzzzzzzzzz` is no keyword and has no effect. Leave it out, or begin its name with `x-`.'],
    ],
    [{ format: 'hostname' }, ['format: the format `hostname` is not checked. Add a `pattern` where it matters.']],
    [{ format: 'datetime' }, ['format: the format `datetime` is not checked. Did you mean `date-time`?']],
    [
      { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' },
      [
        '$schema: `http://json-schema.org/draft-07/schema#` is named, but the schema is read as JSON Schema 2020-12. Leave `$schema` out, or name 2020-12.',
      ],
    ],
    [
      { nullable: true },
      ['nullable: `nullable` says something only beside a `type`. Add the `type`, or leave it out.'],
    ],
    [
      {
        type: 'string',
        nullable: true,
        format: 'uri',
        'x-label': 'a',
        deprecated: true,
        example: 'b',
        dependencies: {},
      },
      [],
    ],
    [{ properties: { propertys: {}, format: {} }, enum: [{ propertys: 1 }], default: { formaat: 1 } }, []],
  ])('%j', (schema, wanted) => expect(hints(schema)).toEqual(wanted))

  test('twenty of them at most', () => {
    expect(hints(Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`odd${at}`, 1])))).toHaveLength(20)
  })
})

describe('hostile schemas and values are held to a count', () => {
  const twice = (n: number): Json => ({ allOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] })
  const doubling: JsonSchema = {
    $ref: '#/$defs/d0',
    $defs: { ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`d${n}`, twice(n)])), d40: {} },
  }
  const deep = Array.from({ length: 20_000 }).reduce<Json>(inner => ({ a: inner }), 1)
  const cases: [name: string, schema: JsonSchema, value: Json][] = [
    ['references that double', doubling, 1],
    [
      'many items to compare with each other',
      { uniqueItems: true },
      Array.from({ length: 50_000 }, (_, place) => place),
    ],
    [
      'a value deeper than the stack',
      { $ref: '#/$defs/n', $defs: { n: { properties: { a: { $ref: '#/$defs/n' } } } } },
      deep,
    ],
    [
      'many options for many items',
      { items: { enum: Array.from({ length: 5000 }, (_, place) => place) } },
      Array.from({ length: 50_000 }, () => -1),
    ],
    ['a pattern of a thousand letters', { pattern: '\\p{L}{1,1000}$' }, 'a'.repeat(64 * 1024)],
    ['a pattern for names', { patternProperties: { '\\p{L}{1,1000}$': {} } }, { ['é'.repeat(8 * 1024)]: 1 }],
    [
      'unique objects that differ at their ends',
      { uniqueItems: true },
      Array.from({ length: 500 }, (_, z) => ({
        ...Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`k${at}`, at])),
        z,
      })),
    ],
    [
      'names that are missing, item for item',
      { items: { required: Array.from({ length: 3000 }, (_, place) => `name${place}`) } },
      Array.from({ length: 500 }, () => ({})),
    ],
    [
      'long names under many schemas',
      { allOf: Array.from({ length: 1900 }, () => ({ additionalProperties: true })) },
      { ['n'.repeat(64 * 1024)]: 1 },
    ],
    [
      'a wide object under many schemas',
      { allOf: Array.from({ length: 1900 }, () => ({ minProperties: 1 })) },
      Object.fromEntries(Array.from({ length: 15_000 }, (_, place) => [`k${place}`, 1])),
    ],
  ]
  test.each(cases)('%s', (_, schema, value) => {
    const { result, ms } = timed(() => validate(schema, value))
    expect(result).toEqual([{ path: '', message: 'the value is too large to be checked against this schema' }])
    expect(ms).toBeLessThan(RUNAWAY_MS)
  })

  test('an ordinary pattern may look through a long text', () => {
    expect(validate({ pattern: '^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$' }, 'a'.repeat(256 * 1024))).toMatchObject([
      { path: '' },
    ])
    const mails = Array.from({ length: 10_000 }, (_, at) => `someone${at}@example.com`)
    expect(validate({ items: { pattern: '^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$' } }, mails)).toEqual([])
  })

  test('a schema’s patterns are bounded together, and one that is stored already cannot be used either', () => {
    const many: JsonSchema = { allOf: Array.from({ length: 1000 }, (_, at) => ({ pattern: `^[a-z]{1,20}${at}$` })) }
    const message = 'the schema’s patterns are too many, or too long'
    expect(checkSchema(many)).toMatchObject([{ message }])
    expect(validate(many, 'a')).toEqual([{ path: '', message: `the schema cannot be used: ${message}` }])
  })

  test('turning texts into numbers stops at a count of looks, and what is left is for the validation to say', () => {
    const schema = { allOf: Array.from({ length: 900 }, () => ({ additionalProperties: { type: 'number' } })) }
    const value = Object.fromEntries(Array.from({ length: 15_000 }, (_, at) => [`k${at}`, 'x']))
    expect(coerceScalars(schema, value)).toEqual(value)
    expect(coerceScalars(schema, { a: '1', b: 'x' })).toEqual({ a: 1, b: 'x' })
  })

  test.each(['^(a+)+$', '^(a|a)*$', '(a*)*b', '(.*a){12}$'])('the pattern %s runs in linear time', pattern => {
    const { ms } = timed(() => validate({ pattern, patternProperties: { [pattern]: {} } }, `${'a'.repeat(20_000)}!`))
    expect(ms).toBeLessThan(RUNAWAY_MS)
  })

  test.each([
    'date',
    'time',
    'date-time',
    'duration',
    'email',
    'ipv4',
    'ipv6',
    'uuid',
    'uri',
    'url',
    'regex',
    'hostname',
    'uri-template',
  ])('the format %s is quick on long text', format => {
    for (const text of [
      'a'.repeat(100_000),
      `${'1:'.repeat(50_000)}`,
      `http://${'a-'.repeat(50_000)}!`,
      `${'a.'.repeat(50_000)}@`,
    ]) {
      expect(timed(() => validate({ format }, text)).ms).toBeLessThan(RUNAWAY_MS)
    }
  })

  test('unknown formats and those nobody agrees on only describe', () => {
    expect(validate({ format: 'hostname' }, 'not a host')).toEqual([])
    expect(validate({ format: 'toString' }, 'x')).toEqual([])
  })

  test('the schema given is not written to', () => {
    const frozen = Object.freeze({
      type: 'object',
      properties: Object.freeze({ a: Object.freeze({ type: 'number' }) }),
    }) as unknown as JsonSchema
    expect(validate(frozen, { a: 'x' })).toHaveLength(1)
  })

  test('fields named like parts of the prototype are only fields', () => {
    const schema: JsonSchema = { required: ['toString'], properties: { hasOwnProperty: { type: 'number' } } }
    expect(validate(schema, {})).toMatchObject([{ path: 'toString' }])
    expect(validate(schema, { toString: 1, hasOwnProperty: 2 })).toEqual([])
  })
})

describe('a schema may be saved', () => {
  test.each<[JsonSchema]>([
    [mail],
    [{}],
    [{ properties: { n: { $ref: '#' } } }],
    [{ $ref: '#tree', $defs: { x: { $anchor: 'tree' } } }],
    [{ enum: [] }],
    [{ properties: { $ref: { type: 'string' }, pattern: { type: 'string' } } }],
    [{ $defs: { 'a/b': {} }, $ref: '#/$defs/a~1b' }],
    [{ examples: [{ $ref: 'anything' }], default: { $id: 1 } }],
  ])('%j', schema => {
    expect(checkSchema(schema)).toEqual([])
  })
})

describe('a schema is refused for', () => {
  const cycle = { $defs: { a: { $ref: '#/$defs/b' }, b: { anyOf: [{ $ref: '#/$defs/a' }] } }, $ref: '#/$defs/a' }
  const cases: [why: string, schema: unknown, path: string, message: RegExp][] = [
    ['not being an object', [], '', /is an object/],
    ['being a text', 'string', '', /is an object/],
    ['an unknown type', { type: 'strin' }, 'type', /null, boolean, object/],
    ['a type that is no type', { properties: { a: { type: 5 } } }, 'properties.a.type', /null, boolean, object/],
    ['a bound that is no number', { minimum: '3' }, 'minimum', /must be number/],
    ['required that is no list', { required: 'a' }, 'required', /must be array/],
    ['draft-07 items', { items: [{ type: 'string' }] }, 'items', /must be object or boolean/],
    ['a negative length', { minLength: -1 }, 'minLength', />= 0/],
    ['another document', { $ref: 'https://evil.test/schema' }, '$ref', /another document/],
    ['a file', { items: { $ref: 'other.json#/a' } }, 'items.$ref', /another document/],
    ['a reference to nothing', { $ref: '#/$defs/x' }, '$ref', /points to no schema/],
    ['a reference to what is no schema', { enum: [{}], $ref: '#/enum/0' }, '$ref', /points to no schema/],
    ['a reference to an unknown anchor', { $ref: '#nope' }, '$ref', /points to no schema/],
    ['a reference to itself', { $ref: '#' }, '$ref', /leads back to itself/],
    ['references in a circle', cycle, '$defs.a.$ref', /leads back to itself/],
    ['a circle through not', { not: { $ref: '#' } }, 'not.$ref', /leads back to itself/],
    ['$dynamicRef', { $dynamicRef: '#x' }, '$dynamicRef', /cannot be used/],
    ['$dynamicAnchor', { properties: { a: { $dynamicAnchor: 'x' } } }, 'properties.a.$dynamicAnchor', /cannot be used/],
    ['an $id inside', { properties: { a: { $id: 'x' } } }, 'properties.a.$id', /whole schema/],
    ['look-ahead', { pattern: '(?=a)' }, 'pattern', /look-around/],
    [
      'look-behind in a name',
      { patternProperties: { '(?<!a)b': {} } },
      'patternProperties["(?<!a)b"]',
      /cannot be used/,
    ],
    ['a back-reference', { pattern: '(a)\\1' }, 'pattern', /back-references/],
    ['a broken pattern', { pattern: '(a' }, 'pattern', /checked safely/],
    ['a long pattern', { pattern: 'a'.repeat(513) }, 'pattern', /longer than 512/],
    ['a pattern that repeats too much', { pattern: '((a{1,30}){1,30}){1,30}' }, 'pattern', /repeat/],
    ['size', { description: 'x'.repeat(70_000) }, '', /64 KiB/],
    [
      'depth',
      Array.from({ length: 40 }).reduce<object>(inner => ({ items: inner }), {}),
      expect.any(String) as unknown as string,
      /32 deep/,
    ],
    ['many schemas', { allOf: Array.from({ length: 2100 }, () => ({})) }, '', /over 2000 schemas/],
    ['a forbidden name', JSON.parse('{"properties":{"__proto__":{}}}'), 'properties.__proto__', /not allowed/],
  ]
  test.each(cases)('%s', (_, schema, at, message) => {
    const { result, ms } = timed(() => checkSchema(schema))
    expect(result[0]).toEqual({ path: at, message: expect.stringMatching(message) })
    expect(ms).toBeLessThan(RUNAWAY_MS)
  })
})

describe('scalars are turned into what the schema asks for', () => {
  const schema: JsonSchema = {
    properties: {
      n: { type: 'number' },
      i: { type: 'integer' },
      b: { type: 'boolean' },
      s: { type: 'string' },
      u: { type: ['number', 'null'] },
      l: { items: { $ref: '#/$defs/n' } },
      o: { additionalProperties: { type: 'number' } },
      p: { prefixItems: [{ type: 'number' }], items: { type: 'boolean' } },
      a: { allOf: [{ type: 'number' }] },
    },
    $defs: { n: { type: 'number' } },
  }
  const cases: [given: Json, coerced: Json][] = [
    [{ n: '7.5' }, { n: 7.5 }],
    [{ n: ' 7 ' }, { n: 7 }],
    [{ n: '1e3' }, { n: 1000 }],
    [{ n: '' }, { n: '' }],
    [{ n: '0x10' }, { n: '0x10' }],
    [{ n: '1e999' }, { n: '1e999' }],
    [{ n: 'NaN' }, { n: 'NaN' }],
    [{ i: '7' }, { i: 7 }],
    [{ i: '7.5' }, { i: '7.5' }],
    [{ i: '9007199254740993' }, { i: '9007199254740993' }],
    [{ b: 'true' }, { b: true }],
    [{ b: 'yes' }, { b: 'yes' }],
    [{ s: 7 }, { s: '7' }],
    [{ s: false }, { s: 'false' }],
    [{ s: { x: 1 } }, { s: { x: 1 } }],
    [{ u: '' }, { u: null }],
    [{ u: '3' }, { u: 3 }],
    [{ l: ['1', 'x', 2] }, { l: [1, 'x', 2] }],
    [{ o: { k: '4' } }, { o: { k: 4 } }],
    [{ p: ['1', 'true'] }, { p: [1, true] }],
    [{ a: '5' }, { a: 5 }],
    [{ other: '5' }, { other: '5' }],
    ['5', '5'],
  ]
  test.each(cases)('%j becomes %j', (given, coerced) => {
    expect(coerceScalars(schema, given)).toEqual(coerced)
  })
  test('at the top, too, and never without end', () => {
    expect(coerceScalars({ type: 'number' }, '5')).toBe(5)
    expect(coerceScalars({ $ref: '#' }, '5')).toBe('5')
  })
})

describe('lint asks a schema whether it knows a field', () => {
  const schema = {
    type: 'object',
    properties: {
      a: { type: 'string' },
      o: { properties: { x: {} } },
      l: { type: 'array', items: { properties: { y: {} } } },
      r: { $ref: '#/$defs/d' },
      any: {},
      e: { anyOf: [{ properties: { p: {} } }, { properties: { q: {} } }] },
      open: { type: 'object', additionalProperties: true },
      bare: { type: 'object' },
    },
    $defs: { d: { type: 'object', properties: { z: {} } } },
  }
  test.each([
    '',
    'a',
    'a.size',
    'o.x',
    'o.x.deeper',
    'l.0.y',
    'l.size',
    'l.first',
    'r.z',
    'any.thing',
    'e.p',
    'e.q',
    'open.x',
    'bare.x',
  ])('it knows %j', path => {
    expect(findField(schema, path === '' ? [] : path.split('.'))).toEqual({ known: true })
  })
  test.each([
    ['b', '', ['a', 'o', 'l', 'r', 'any', 'e', 'open', 'bare']],
    ['a.b', 'a', []],
    ['o.y', 'o', ['x']],
    ['l.0.z', 'l.0', ['y']],
    ['l.name', 'l', []],
    ['r.y', 'r', ['z']],
    ['e.r', 'e', ['p']],
  ] as const)('it does not know %j', (path, at, fields) => {
    expect(findField(schema, path.split('.'))).toEqual({ known: false, at: at === '' ? [] : at.split('.'), fields })
  })
})

test('the generated validators are plain JavaScript: nothing that workerd refuses', () => {
  for (const name of ['metaschema.gen.mjs', 'interpreter.gen.mjs']) {
    const code = readFileSync(path.join(import.meta.dirname, '../../../src/domain/schema', name), 'utf8')
    expect(code).not.toMatch(/\brequire\(|new Function\b|\beval\(/)
  }
})

test('the generated validators are those that the build script makes of the installed packages', () => {
  const script = path.join(import.meta.dirname, '../../../scripts/build-validators.mjs')
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow()
})
