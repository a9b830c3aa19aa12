/** Nothing open is left without somebody who can act, whoever is gone or away. */
import { describe, expect, test } from 'vitest'
import { type Attendance, heirsOf } from '../../../src/domain/task/people/heirs.ts'

const nobody: Attendance = {
  gone: new Set(),
  away: new Set(),
  backups: new Map(),
  owner: null,
  owners: ['own'],
  inRole: [],
}
const asked = (emails: string[], over: Partial<Parameters<typeof heirsOf>[0]> = {}) => ({
  ...{
    kind: 'decide' as const,
    needs: 1,
    requester: true,
    assignees: emails.map(email => ({ email, decided: false })),
  },
  ...over,
})
const to = (...given: Parameters<typeof heirsOf>) => heirsOf(...given)?.to ?? null

describe('a question of whom', () => {
  test.each<[string, string[], Partial<Attendance>, string[] | null]>([
    ['nobody is absent stays', ['ben'], {}, null],
    ['is away goes to the stand-in', ['ben'], { away: new Set(['ben']), backups: new Map([['ben', 'cat']]) }, ['cat']],
    ['has left goes to the stand-in', ['ben'], { gone: new Set(['ben']), backups: new Map([['ben', 'cat']]) }, ['cat']],
    [
      'stands in and is away goes on to theirs',
      ['ben'],
      {
        away: new Set(['ben', 'cat']),
        backups: new Map([
          ['ben', 'cat'],
          ['cat', 'dan'],
        ]),
      },
      ['dan'],
    ],
    [
      'stand in for each other goes to the owners',
      ['ben'],
      {
        away: new Set(['ben', 'cat']),
        backups: new Map([
          ['ben', 'cat'],
          ['cat', 'ben'],
        ]),
      },
      ['own'],
    ],
    [
      'has no stand-in goes to those of the role',
      ['ben'],
      { away: new Set(['ben']), inRole: ['ben', 'eve'], owner: 'boss' },
      ['eve'],
    ],
    [
      'has no stand-in nor role goes to the workflow’s owner',
      ['ben'],
      { away: new Set(['ben']), owner: 'boss' },
      ['boss'],
    ],
    ['owns the workflow goes to the team’s owners', ['ben'], { gone: new Set(['ben']), owner: 'ben' }, ['own']],
    [
      'is one of several stays with the others, too',
      ['ben', 'cat'],
      { away: new Set(['ben']), owner: 'boss' },
      ['cat', 'boss'],
    ],
    ['is the only owner stays with them', ['own'], { away: new Set(['own']) }, null],
    ['is away goes to owners who are, where all are', ['ben'], { away: new Set(['ben', 'own']) }, ['own']],
  ])('%s', (_, people, there, expected) => expect(to(asked(people), null, { ...nobody, ...there })).toEqual(expected))
})

test('whoever may not decide it is not who it goes to', () => {
  const there = { ...nobody, away: new Set(['ben']), backups: new Map([['ben', 'cat']]), owner: 'boss' }
  expect(to(asked(['ben'], { requester: false }), 'cat', there)).toEqual(['boss'])
  expect(to(asked(['ben'], { requester: false }), 'boss', { ...there, backups: new Map() })).toEqual(['own'])
})

test('it says from whom it was taken, and why', () => {
  const there = { ...nobody, gone: new Set(['ben']), away: new Set(['cat']) }
  expect(heirsOf(asked(['ben', 'cat', 'dan']), null, there)?.moved).toEqual([
    { from: 'ben', why: 'removed' },
    { from: 'cat', why: 'away' },
  ])
})

test('in 50,000 teams at random somebody can act, a second time moves nothing, and what was given counts', () => {
  let seed = 7
  const random = (n: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((seed / 2_147_483_648) * n)
  }
  const people = ['a', 'b', 'c', 'd', 'e', 'f']
  const some = (most: number) => people.filter(() => random(10) < most)
  let moved = 0
  for (let round = 0; round < 50_000; round++) {
    const gone = new Set(some(2))
    // The last owner cannot be removed.
    const owners = people.filter(one => !gone.has(one) && random(3) === 0)
    if (owners.length === 0) owners.push('z')
    const there: Attendance = {
      ...{
        gone,
        owners,
        away: new Set(some(3).filter(one => !gone.has(one))),
        inRole: some(2).filter(one => !gone.has(one)),
      },
      ...{
        backups: new Map(some(4).map(one => [one, people[random(6)]!])),
        owner: random(2) === 0 ? null : people[random(6)]!,
      },
    }
    const starter = random(2) === 0 ? null : people[random(6)]!
    const assignees = some(4).map(email => ({ email, decided: random(4) === 0 }))
    const ask = {
      kind: random(2) === 0 ? ('decide' as const) : ('unsure' as const),
      needs: 1,
      requester: random(4) > 0,
      assignees,
    }
    const heirs = heirsOf(ask, starter, there)
    if (heirs === null) {
      const open = assignees.filter(each => !each.decided).map(each => each.email)
      // Only those are left absent for whom nobody else is there.
      if (open.some(one => gone.has(one)))
        throw new Error(`left with somebody who is gone: ${JSON.stringify({ round, ask })}`)
      continue
    }
    moved++
    const decided = assignees.filter(each => each.decided).map(each => each.email)
    const able = heirs.to.filter(one => !gone.has(one) && !decided.includes(one) && (ask.requester || one !== starter))
    const others = owners.filter(one => (ask.requester || one !== starter) && !decided.includes(one))
    if (able.length === 0 && others.length > 0)
      throw new Error(`nobody can act: ${JSON.stringify({ round, ask, heirs })}`)
    const isThere = (one: string) => !there.away.has(one)
    if (!able.some(isThere) && others.some(isThere)) throw new Error(`an owner who is there was not asked: ${round}`)
    if (!decided.every(one => heirs.to.includes(one))) throw new Error(`a vote was lost: ${round}`)
    const after = { ...ask, assignees: heirs.to.map(email => ({ email, decided: decided.includes(email) })) }
    const again = heirsOf(after, starter, there)
    if (again !== null)
      throw new Error(
        `moved twice: ${JSON.stringify({ round, ask, heirs, again, there: [...there.away], gone: [...gone] })}`,
      )
  }
  expect(moved).toBeGreaterThan(10_000)
})
