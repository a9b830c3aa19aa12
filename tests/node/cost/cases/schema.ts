/** The worst schemas, and the worst values for them: what each keyword can make of a body that is let in. */
import type { Json, JsonSchema } from '../../../../src/domain/json/json.ts'
import { coerceScalars } from '../../../../src/domain/schema/coerce.ts'
import { checkSchema, validate } from '../../../../src/domain/schema/validate.ts'
import type { CostCase } from '../../../support/cpu-time.ts'

const list = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => item(index))
const object = (count: number, entry: (index: number) => [string, Json]): Record<string, Json> =>
  Object.fromEntries(list(count, entry))
const long = 'a'.repeat(64 * 1024)
const wide = (count: number) => object(count, i => [`k${i}`, 1])

/** 24 definitions that each lead to the next twice. */
function doubling(keyword: 'allOf' | 'anyOf', last: JsonSchema): JsonSchema {
  const next = (n: number) => ({ $ref: `#/$defs/d${n + 1}` })
  return { $ref: '#/$defs/d0', $defs: { ...object(24, n => [`d${n}`, { [keyword]: [next(n), next(n)] }]), d24: last } }
}

const FORMATS = ['date', 'time', 'date-time', 'duration', 'email', 'ipv4', 'ipv6', 'uuid', 'uri']
const KINDS: Record<string, [schema: JsonSchema, value: Json]> = {
  'references that double': [doubling('allOf', {}), 1],
  'references that double and fail': [doubling('allOf', { type: 'string', minimum: 4 }), 1],
  'forms that double': [doubling('anyOf', { type: 'string', minimum: 4 }), 1],
  'forms of an object that double': [doubling('anyOf', { properties: { a: {}, b: {} } }), { a: 1, b: 2 }],
  'a chain of references': [
    { $ref: '#/$defs/r0', $defs: { r1500: {}, ...object(1500, i => [`r${i}`, { $ref: `#/$defs/r${i + 1}` }]) } },
    1,
  ],
  'a chain of forms': [
    {
      $ref: '#/$defs/d0',
      $defs: { d900: {}, ...object(900, i => [`d${i}`, { allOf: [{ $ref: `#/$defs/d${i + 1}` }] }]) },
    },
    1,
  ],
  'references by name': [
    { $defs: object(900, i => [`d${i}`, { $anchor: `a${i}` }]), allOf: list(900, i => ({ $ref: `#a${i}` })) },
    1,
  ],
  'references by place': [
    { $defs: object(900, i => [`d${i}`, {}]), allOf: list(900, i => ({ $ref: `#/$defs/d${i}` })) },
    1,
  ],
  'unique numbers': [{ uniqueItems: true }, list(5000, i => i)],
  'unique objects': [{ uniqueItems: true }, list(500, i => ({ ...wide(30), z: i }))],
  'unique objects, as many as may be': [{ uniqueItems: true }, list(80, i => ({ ...wide(30), z: i }))],
  'unique texts': [{ uniqueItems: true }, list(1200, i => 'x'.repeat(124) + String(i).padStart(4, '0'))],
  'options of texts': [{ items: { enum: list(3000, i => `word${i}`) } }, list(19_000, () => 'x')],
  'options of objects': [
    { items: { enum: list(200, i => ({ a: i, b: [1, 2, 3] })) } },
    list(2000, i => ({ a: -i, b: [1, 2, 3] })),
  ],
  'a wide object under many schemas': [{ allOf: list(1900, () => ({ minProperties: 1 })) }, wide(15_000)],
  'a wide object of wrong fields': [{ additionalProperties: { type: 'string' } }, wide(19_000)],
  'wrong fields under many schemas': [
    { allOf: list(100, () => ({ additionalProperties: { type: 'string' } })) },
    wide(1000),
  ],
  'fields that cannot be turned': [
    { allOf: list(900, () => ({ additionalProperties: { type: 'number' } })) },
    object(15_000, i => [`k${i}`, 'x']),
  ],
  'long names': [{ allOf: list(900, () => ({ additionalProperties: true })) }, { [long]: 1, [`${long}b`]: 2 }],
  'names held to schemas': [
    { allOf: list(900, () => ({ propertyNames: { minLength: 2 } })) },
    { [long]: 1, [`${long}b`]: 2 },
  ],
  'names held to patterns': [
    { patternProperties: object(40, i => [`^x{1,40}${i}`, {}]) },
    object(10_000, i => [`xxxxxxxxx${i}`, 1]),
  ],
  'a pattern of a thousand letters': [{ items: { pattern: '\\p{L}{1,1000}$' } }, [long]],
  'a pattern of a thousand letters, as a body': [{ pattern: '\\p{L}{1,1000}$' }, 'é'.repeat(3900)],
  'a large pattern for many texts': [{ items: { pattern: '\\p{L}{1,1000}$' } }, list(1000, i => `abcdefgh${i}`)],
  'patterns that repeat each other': [{ pattern: 'a{1000}'.repeat(73) }, long],
  'patterns of classes': [{ allOf: list(900, i => ({ pattern: `${'\\p{L}'.repeat(100)}${i}` })) }, 'abc'],
  'patterns of alternatives': [{ allOf: list(120, i => ({ pattern: `(${'\\p{L}|'.repeat(80)}${i}){1,8}` })) }, 'abc'],
  'patterns by the hundred': [{ allOf: list(1000, i => ({ pattern: `^[a-z]{1,20}${i}$` })) }, 'abc'],
  'patterns that outgrow the cache': [
    { items: { allOf: list(190, i => ({ pattern: `^${'a?'.repeat(240)}${i}` })) } },
    list(500, () => 'abc'),
  ],
  'an ordinary pattern for many texts': [
    { items: { pattern: '^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$' } },
    list(12_000, i => `someone${i}@example.com`),
  ],
  'an ordinary pattern for a long text': [{ pattern: '^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$' }, long],
  'a long text under many schemas': [{ allOf: list(1900, () => ({ minLength: 1 })) }, long + long + long],
  'formats of a long text': [{ allOf: FORMATS.flatMap(format => list(200, () => ({ format }))) }, `${long}@${long}`],
  'formats of many texts': [
    { items: { allOf: FORMATS.map(format => ({ format })) } },
    list(5000, () => `a.b.c.d@${'a-'.repeat(20)}`),
  ],
  'items that fail in every way': [
    { items: { type: 'string', minimum: 4, maximum: 1, multipleOf: 7, const: 9 } },
    list(19_000, () => 3),
  ],
  'failures far down': [
    { $ref: '#/$defs/n', $defs: { n: { items: { $ref: '#/$defs/n' }, type: 'object' } } },
    list(30, i => i).reduce<Json>(inner => [inner, ...list(600, () => 1)], 1),
  ],
  'fields that no schema took': [
    { allOf: list(300, i => ({ properties: { [`k${i}`]: true } })), unevaluatedProperties: false },
    wide(5000),
  ],
  'fields that many schemas took': [
    { anyOf: list(300, () => ({ patternProperties: { k: true } })), unevaluatedProperties: false },
    wide(3000),
  ],
  'items looked for': [{ allOf: list(100, i => ({ contains: { const: i + 0.5 } })) }, list(5000, i => i)],
  'names that are missing': [{ items: { required: list(3000, i => `name${i}`) } }, list(500, () => ({}))],
  'names that others need': [
    { items: { dependentRequired: object(50, i => [`a${i}`, list(50, j => `b${j}`)]) } },
    list(100, () => object(50, i => [`a${i}`, 1])),
  ],
  'multiples of next to nothing': [{ items: { multipleOf: 1e-300 } }, list(19_000, i => i + 1e300)],
}

/** What a schema that somebody saves, a body that comes in and a map's result go through; kept by no object. */
const cases = Object.entries(KINDS).map(
  ([name, [schema, value]]): CostCase => ({
    name,
    run: round => {
      const fresh = { ...schema, title: `round ${round}` }
      return [checkSchema(fresh), validate(fresh, value), coerceScalars(fresh, value)]
    },
  }),
)
export default cases

export function warmUp(): void {
  const schema: JsonSchema = { properties: { a: { type: 'string', minLength: 2 } }, anyOf: [{ required: ['a'] }, true] }
  for (let round = 0; round < 500; round++) validate({ ...schema }, { a: round })
}
