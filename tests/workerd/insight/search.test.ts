/** Tasks by their words: what is found, of whom, from when on, and that what is deleted is gone from the index itself. */
import { beforeAll, describe, expect, test } from 'vitest'
import { statementsOf } from '../../../src/records/task/flush.ts'
import { tasksFound, tokensOf, writeSearched } from '../../../src/records/task/searched.ts'
import { aTeam, aWorkflow, env, eventually, type Team } from '../api/client.ts'
import { Browser } from '../team/browser.ts'

let team: Team
let other: Team
let owner: Browser
let workflow: string
let waiting: string

const look = (of: Team) => ({ key: 'look', human: { assign: [of.owner] }, handoffs: [{ to: 'complete' }] })

async function start(of: Team, into: string, input: object, title?: string): Promise<string> {
  const made = await of.call('POST', `/workflows/${into}/tasks`, { input, title })
  expect(made.status, made.text).toBe(201)
  return made.body.id
}

const idsOf = async (q: string, of = team, more = '') =>
  (await of.call('GET', `/tasks?q=${encodeURIComponent(q)}${more}`)).body.items.map(({ id }: { id: string }) => id)

const found = (q: string, ids: string[], of = team, more = '') =>
  eventually(async () => expect(await idsOf(q, of, more), q).toEqual(ids))

beforeAll(async () => {
  ;[team, other] = [await aTeam(), await aTeam()]
  owner = new Browser()
  await owner.signIn(team.owner)
  workflow = await aWorkflow(team, { key: '{{ input.no }}', steps: [look(team)], input: {} })
  waiting = await start(
    team,
    workflow,
    { no: 'INV-2207', vendor: 'Zoë Müller & Söhne', city: '東京都港区' },
    'An invoice',
  )
  const theirs = await aWorkflow(other, { steps: [look(other)], input: {} })
  await start(other, theirs, { no: 'INV-2207', vendor: 'Zoë Müller' }, 'Of another team')
})

describe('an open task is found', () => {
  test.each([
    ['its title', 'invoice'],
    ['its key', 'INV-2207'],
    ['a part of its key', '2207'],
    ['its input, whatever the marks on its letters', 'zoe MULLER'],
    ['the beginning of a word', 'söh'],
    ['words in any order, with what parts them', '“Söhne”, (Müller)'],
    ['letters that know no spaces', '東京'],
  ])('by %s', async (_what, q) => {
    await found(q, [waiting])
  })

  test('by its id, and by no word that it lacks', async () => {
    await found(waiting, [waiting])
    expect(await idsOf('invoice nimbus')).toEqual([])
    expect(await idsOf('"an" OR * NEAR(')).toEqual([])
  })

  test('with other filters beside the words', async () => {
    await found('invoice', [waiting], team, '&status=waiting&step=look')
    expect(await idsOf('invoice', team, '&status=done')).toEqual([])
    expect(await idsOf('invoice', team, `&workflow=${workflow}`)).toEqual([waiting])
    expect(await idsOf('invoice', team, '&workflow=wf_aaaaaaaaaaaaaaaaaaaa')).toEqual([])
  })

  test('by nobody of another team, not even with this one’s id as a word', async () => {
    await eventually(async () => expect(await idsOf('Müller', other)).toHaveLength(1))
    expect(await idsOf(`Müller ${team.id}`, other)).toEqual([])
    expect(await idsOf(waiting, other)).toEqual([])
    const spy = { words: tokensOf(`müller ${team.id}`) }
    expect((await tasksFound(env.DB, other.id, spy, null, 9)).items).toEqual([])
  })
})

test('once it is over it is found by what came out, too, and once', async () => {
  const step = { key: 'say', prompt: 'Say {{ input.word }}.', model: 'demo', handoffs: [{ to: 'complete' }] }
  const id = await start(team, await aWorkflow(team, { steps: [step], input: {} }), { word: 'Quokka' })
  await eventually(async () => expect((await team.call('GET', `/tasks/${id}`)).body.status).toBe('done'))
  const { outputs } = (await team.call('GET', `/tasks/${id}`)).body
  const [, output] = /(\w{5,})/.exec(outputs.say.replace(/say|quokka/gi, ''))!
  await found(`quokka ${output}`, [id])
  await found('quokka', [id])
})

test('pages follow each other without a gap and without a task twice', async () => {
  const fresh = await aTeam()
  const into = await aWorkflow(fresh, { steps: [look(fresh)], input: {} })
  const rows = Array.from({ length: 120 }, (_, n) => `tsk_${String(n).padStart(26, 'a')}`)
  const insert = env.DB.prepare(
    "INSERT INTO tasks (id, team, workflow, version, title, status, visit, over, seq, created_at, updated_at, card) SELECT value, ?1, ?2, 1, 'T', 'done', 1, 1, 1, 1000 + key, 1, '{}' FROM json_each(?3)",
  ).bind(fresh.id, into, JSON.stringify(rows))
  const words = (over: 0 | 1) => rows.map(task => ({ task, team: fresh.id, workflow: into, words: 'paged', over }))
  await env.DB.batch([...writeSearched(env.DB, words(0)), ...writeSearched(env.DB, words(1)), insert])
  // Told again, as a flush is whose answer was lost.
  await env.DB.batch(writeSearched(env.DB, [...words(1), ...words(0)]))
  const seen: string[] = []
  let cursor = ''
  do {
    const { items, next } = (await fresh.call('GET', `/tasks?q=paged${cursor}`)).body
    seen.push(...items.map(({ id }: { id: string }) => id))
    cursor = next === null ? '' : `&cursor=${next}`
  } while (cursor !== '')
  expect(seen).toEqual(rows.toReversed())
})

test('a task that is deleted leaves no word behind, in no part of the index', async () => {
  const text = 'Xylophonist'
  const id = await start(team, workflow, { name: text })
  await found(text, [id])
  const holds = async () => {
    const { results } = await env.DB.prepare('SELECT block FROM task_words_data').all<{ block: number[] }>()
    const { results: kept } = await env.DB.prepare('SELECT c0 FROM task_words_content').all<{ c0: string }>()
    // An index keeps of a word what its neighbour does not begin with.
    const blocks = results.map(({ block }) => new TextDecoder().decode(new Uint8Array(block)))
    return [...blocks, ...kept.map(({ c0 }) => c0)].some(each => each.includes(text.toLowerCase().slice(2)))
  }
  expect(await holds()).toBe(true)
  await env.DB.prepare('DELETE FROM tasks WHERE id = ?1').bind(id).run()
  expect(await holds()).toBe(false)
})

test('what a search costs a task is two rows, however often it is told', async () => {
  const row = { task: 'tsk_cost', team: team.id, workflow, words: 'a '.repeat(300) }
  const rows = async (over: 0 | 1) => {
    const [{ meta }] = (await env.DB.batch(writeSearched(env.DB, [{ ...row, over }]))) as [D1Result]
    return meta.rows_written
  }
  const ends = env.DB.prepare(
    "INSERT INTO tasks (id, team, workflow, version, title, status, visit, over, seq, created_at, updated_at, card) VALUES ('tsk_cost', ?1, ?2, 1, 'T', 'done', 1, 1, 1, 1, 1, '{}')",
  ).bind(team.id, workflow)
  expect([await rows(0), await rows(0), await rows(1)]).toEqual([1, 0, 1])
  await ends.run()
  expect([await rows(1), await rows(0)]).toEqual([0, 0])
  expect(statementsOf(env.DB, [])).toEqual([])
})

describe('the page', () => {
  test('shows where the words stand, as text, with the filters in the address', async () => {
    const hostile = await start(team, workflow, { note: '<img src=x onerror=alert(1)> peculiar \u0002<b>\u0003' })
    await found('peculiar', [hostile])
    const { text } = await owner.open('/search?q=peculiar&status=waiting')
    expect(text).toContain('<mark>peculiar</mark>')
    expect(text).not.toMatch(/<img src=x|<b>/)
    expect((await owner.open('/search?q=peculiar&status=done')).text).toContain('Take a filter away')
    expect((await owner.open('/search?q=is%3Awaiting+peculiar')).text).toContain(`/tasks/${hostile}`)
    expect((await owner.open('/search?q=is%3Adone+peculiar')).text).not.toContain(`/tasks/${hostile}`)
    expect((await owner.open('/search?q=peculiar&to=2001-01-01')).text).not.toContain(`/tasks/${hostile}`)
  })

  test('finds a part of a word in a recent title', async () => {
    const id = await start(team, workflow, {}, 'Metamorphosis')
    await eventually(async () => expect((await owner.open('/search?q=morphos')).text).toContain(`/tasks/${id}`))
  })

  test('the palette lists tasks and leads to all of them', async () => {
    const { text } = await owner.open('/search?q=inv-2207', {
      headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial' },
    })
    expect(text).toContain(`href="/tasks/${waiting}"`)
    expect(text).toContain('href="/search?q=inv-2207"')
  })
})
