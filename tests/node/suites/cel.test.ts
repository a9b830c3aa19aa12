/** CEL's own conformance tests, those without messages, bytes and extensions, against conditions. */
import { expect, test } from 'vitest'
import { evaluateCondition } from '../../../src/domain/handoff/condition.ts'
import { withOutput } from '../domain/scope.ts'
import { distinctNames, expectOnlyKnown, type Known, readSuite } from './differences.ts'

/** A value as the suite writes it: of CEL's types, in the JSON of protocol buffers. */
interface Value {
  int64Value?: string
  uint64Value?: string
  doubleValue?: number | string
  stringValue?: string
  boolValue?: boolean
  nullValue?: number | string
  listValue?: { values?: Value[] }
  mapValue?: { entries?: { key: Value; value: Value }[] }
}

interface Case {
  name: string
  expr: string
  value?: Value
  error?: true
}

const suite = readSuite<Case[]>('cel.json')
const known = readSuite<Known>('cel.known.json')

/** A condition comes to true or false; what comes to something else is compared with that. */
function conditionOf({ expr, value }: Case): string {
  if (value === undefined) return expr
  return value.boolValue === true ? expr : `(${expr}) == ${literal(value)}`
}

function literal(value: Value): string {
  if (value.int64Value !== undefined) return value.int64Value
  if (value.uint64Value !== undefined) return `${value.uint64Value}u`
  if (value.doubleValue !== undefined) return double(value.doubleValue)
  if (value.stringValue !== undefined) return JSON.stringify(value.stringValue)
  if (value.boolValue !== undefined) return String(value.boolValue)
  if (value.listValue !== undefined) return `[${(value.listValue.values ?? []).map(literal).join()}]`
  const entries = value.mapValue?.entries?.map(entry => `${literal(entry.key)}: ${literal(entry.value)}`) ?? []
  return value.mapValue === undefined ? 'null' : `{${entries.join()}}`
}

function double(value: number | string): string {
  if (typeof value === 'string') return `double("${value.replace('Infinity', 'inf')}")`
  if (Object.is(value, -0)) return '-0.0'
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value)
}

test('conditions come to what the suite says, but for those listed', () => {
  expect(suite.length).toBeGreaterThan(900)
  const scope = withOutput(null)
  const names = distinctNames(suite.map(({ name }) => name))
  const differs = (each: Case) => {
    const evaluated = evaluateCondition(conditionOf(each), scope)
    return each.error ? !('error' in evaluated) : !('verdict' in evaluated && evaluated.verdict)
  }
  expectOnlyKnown(
    names.filter((_, place) => differs(suite[place]!)),
    known,
  )
})
