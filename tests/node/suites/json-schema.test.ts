/** JSON Schema's own suite for 2020-12 against what people's schemas are checked and run with. */
import { expect, test } from 'vitest'
import type { Json, JsonSchema } from '../../../src/domain/json/json.ts'
import { checkSchema, validate } from '../../../src/domain/schema/validate.ts'
import { distinctNames, expectOnlyKnown, type Known, readSuite } from './differences.ts'

interface Group {
  description: string
  schema: JsonSchema
  tests: { description: string; data: Json; valid: boolean }[]
}

const suite = readSuite<Record<string, Group[]>>('json-schema.json')
const known = readSuite<{ refused: Known; judged: Known }>('json-schema.known.json')
const groups = Object.entries(suite).flatMap(([file, parts]) =>
  parts.map(group => ({ name: `${file} / ${group.description}`, ...group })),
)
const isRefused = ({ schema }: Group) => checkSchema(schema).length > 0

test('schemas are taken when they are written, but for those listed', () => {
  expect(groups.length).toBeGreaterThan(400)
  const names = distinctNames(groups.map(({ name }) => name))
  expectOnlyKnown(
    names.filter((_, place) => isRefused(groups[place]!)),
    known.refused,
  )
})

test('values are judged as the suite judges them, but for those listed', () => {
  const cases = groups
    .filter(group => !isRefused(group))
    .flatMap(({ name, schema, tests }) =>
      tests.map(each => ({ ...each, schema, name: `${name} / ${each.description}` })),
    )
  expect(cases.length).toBeGreaterThan(1600)
  const names = distinctNames(cases.map(({ name }) => name))
  const differs = ({ schema, data, valid }: (typeof cases)[number]) => (validate(schema, data).length === 0) !== valid
  expectOnlyKnown(
    names.filter((_, place) => differs(cases[place]!)),
    known.judged,
  )
})
