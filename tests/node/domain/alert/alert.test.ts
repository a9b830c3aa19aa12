/** One alert over time: every row of looks against rules that are written down another way, and noise that must tell nobody anything. */
import { expect, test } from 'vitest'
import {
  type AlertState,
  afterLook,
  afterTold,
  type Bounds,
  QUIET,
  type Reading,
  toTell,
} from '../../../../src/domain/alert/alert.ts'
import { RULE_KEYS, RULES, ruleOf, rulesProblem, thresholdOf } from '../../../../src/domain/alert/rules.ts'
import { mulberry32 } from '../../../support/random.ts'

const MINUTE = 60_000
const BOUNDS: Bounds = { above: 10, below: 5, samples: 3, minutes: 5 }
const LOOKS: Record<string, Reading | null> = {
  high: { value: 10, samples: 3 },
  'high of few': { value: 99, samples: 2 },
  between: { value: 9.99, samples: 50 },
  'at the lower bound': { value: 5, samples: 50 },
  low: { value: 4.99, samples: 50 },
  'of nothing': { value: 0, samples: 0 },
  unknown: null,
}

/** What is to hear of these looks, five minutes apart, told by its definition: by the last unbroken stretch beyond a bound. */
function expected(names: string[]): string[] {
  const heard: string[] = []
  let firing = false
  let stretch = 0
  for (const name of names) {
    if (name === 'unknown') {
      if (stretch > 0) stretch++
      continue
    }
    const beyond = firing ? name === 'low' || name === 'of nothing' : name === 'high'
    stretch = beyond ? stretch + 1 : 0
    if (stretch < 2) continue
    firing = !firing
    stretch = 0
    heard.push(firing ? 'fired' : 'resolved')
  }
  return heard
}

function hear(names: string[]): string[] {
  let state: AlertState = QUIET
  const heard: string[] = []
  for (const [nth, name] of names.entries()) {
    state = afterLook(state, LOOKS[name]!, BOUNDS, 1_000_000 + nth * 5 * MINUTE)
    const what = toTell(state, null, 0)
    if (what === null) continue
    heard.push(what)
    state = afterTold(state, what)
  }
  return heard
}

function* rowsOf(length: number): Generator<string[]> {
  if (length === 0) return yield []
  for (const row of rowsOf(length - 1)) for (const name of Object.keys(LOOKS)) yield [...row, name]
}

test('every row of five looks tells what it should, each turn once', () => {
  let rows = 0
  for (const row of rowsOf(5)) {
    expect([row, hear(row)]).toEqual([row, expected(row)])
    rows++
  }
  expect(rows).toBe(7 ** 5)
})

test.each(RULE_KEYS.map(key => [key] as const))('noise just below where %s fires tells nobody anything', key => {
  const bounds = ruleOf(key).usual
  const random = mulberry32(14)
  let state: AlertState = QUIET
  for (let minute = 0; minute < 5000; minute += 5) {
    const value = bounds.above * (1 - random() * 0.999 - 1e-9)
    state = afterLook(state, { value, samples: bounds.samples + 50 }, bounds, minute * MINUTE)
    expect(toTell(state, null, minute * MINUTE)).toBeNull()
  }
})

test.each(RULE_KEYS.map(key => [key] as const))(
  'noise between the two bounds of %s keeps it firing, told once',
  key => {
    const bounds = ruleOf(key).usual
    const random = mulberry32(15)
    let state: AlertState = QUIET
    const heard: string[] = []
    for (let minute = 0; minute < 5000; minute += 5) {
      const isFirst = minute < 60
      const value = isFirst ? bounds.above : bounds.below + (bounds.above - bounds.below) * random() * 1.5
      state = afterLook(state, { value, samples: bounds.samples }, bounds, minute * MINUTE)
      const what = toTell(state, null, minute * MINUTE)
      if (what !== null) {
        heard.push(what)
        state = afterTold(state, what)
      }
    }
    expect(heard).toEqual(['fired'])
  },
)

test('short peaks that do not last tell nothing, however many', () => {
  const row = Array.from({ length: 400 }, (_, nth) => (nth % 2 === 0 ? 'high' : 'between'))
  expect(hear(row)).toEqual([])
})

test('muted it tells nothing; afterwards what holds is told, once, and what came and went is not', () => {
  let state = afterLook(QUIET, LOOKS.high!, { ...BOUNDS, minutes: 0 }, 1)
  expect(toTell(state, 100, 99)).toBeNull()
  expect(toTell(state, 100, 100)).toBe('fired')
  const over = afterLook(state, LOOKS.low!, { ...BOUNDS, minutes: 0 }, 2)
  expect(toTell(over, 100, 100)).toBeNull()
  state = afterLook(afterTold(state, 'fired'), LOOKS.low!, { ...BOUNDS, minutes: 0 }, 2)
  expect(toTell(state, 100, 99)).toBeNull()
  expect(toTell(state, 100, 100)).toBe('resolved')
  expect(toTell(afterTold(state, 'resolved'), null, 100)).toBeNull()
})

test('a clock that is set back makes nothing of hours that never were', () => {
  let state = afterLook(QUIET, LOOKS.high!, BOUNDS, 10 * MINUTE)
  state = afterLook(state, LOOKS.high!, BOUNDS, 1 * MINUTE)
  expect(state).toMatchObject({ firing: false, crossing: MINUTE })
  state = afterLook(state, LOOKS.high!, BOUNDS, 6 * MINUTE)
  expect(state.firing).toBe(true)
})

test('all rules are on, and what they are set to can be set', () => {
  for (const key of RULE_KEYS) expect([key, thresholdOf(key).on]).toEqual([key, true])
  expect(rulesProblem(Object.fromEntries(RULE_KEYS.map(key => [key, RULES[key].usual])))).toBeNull()
})

test.each([
  ['error_rate', { above: 1.01 }, 'error_rate.above'],
  ['error_rate', { above: 0 }, 'error_rate.above'],
  ['error_rate', { above: Number.NaN }, 'error_rate.above'],
  ['error_rate', { above: 0.05 }, 'error_rate.below'],
  ['error_rate', { below: 0 }, 'error_rate.below'],
  ['error_rate', { samples: 0 }, 'error_rate.samples'],
  ['error_rate', { samples: 1.5 }, 'error_rate.samples'],
  ['stuck', { above: 1.5, below: 1 }, 'stuck.above'],
  ['stuck', { minutes: 1441 }, 'stuck.minutes'],
  ['stuck', { minutes: -1 }, 'stuck.minutes'],
  ['cost_day', { least: -1 }, 'cost_day.least'],
] as const)('%s cannot be %o', (key, set, path) => {
  expect(rulesProblem({ [key]: set })).toMatchObject({ path })
})

test('a workflow’s word goes before its team’s, and that before the usual, field by field', () => {
  const team = { stuck: { above: 20, minutes: 1 }, overdue: { on: false } }
  expect(thresholdOf('stuck', team, { stuck: { above: 7 } })).toEqual({ ...RULES.stuck.usual, above: 7, minutes: 1 })
  expect(thresholdOf('overdue', team, {}).on).toBe(false)
  // What a workflow sets must fit what stands above it.
  expect(rulesProblem({ stuck: { below: 8 } }, team, { stuck: { above: 7 } })).toMatchObject({ path: 'stuck.below' })
})
