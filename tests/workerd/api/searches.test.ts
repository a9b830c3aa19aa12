/** What is searched for: any text of the length that is let in is looked for, whatever D1 says to patterns; none breaks. */
import { beforeAll, describe, expect, test } from 'vitest'
import { Browser } from '../team/browser.ts'
import { anIntake, aTask, aTeam, aWorkflow, eventually, fetchApi, type Team } from './client.ts'

let team: Team
let owner: Browser
let ids: Record<string, string>
beforeAll(async () => {
  team = await aTeam()
  owner = new Browser()
  await owner.signIn(team.owner)
  const workflow = await aWorkflow(team)
  const intake = await anIntake(team, workflow)
  ids = { workflow, task: await aTask(team, workflow, LONG), intake: intake.id }
  await send(intake.path, { company: LONG })
})

const LONG = 'The quick brown fox jumps over the lazy dog and looks for 100% of what_is here'
const send = (path: string, body: object) =>
  fetchApi(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${team.key}` },
    body: JSON.stringify(body),
  })
/** More than 50 bytes, in ways that patterns, JSON and SQL take for something. */
const TEXTS = [
  LONG,
  'é'.repeat(26),
  '😀'.repeat(50),
  `%_*?["${'%'.repeat(194)}`,
  '\\'.repeat(100),
  `'; DROP TABLE tasks; --${' '.repeat(60)}x`,
]

test('a delivery is found by a part of more than 50 bytes, in any case, and not by another', async () => {
  const found = async (q: string) =>
    (await team.call('GET', `/intakes/${ids.intake}/deliveries?q=${encodeURIComponent(q)}`)).body.items.length
  await eventually(async () => expect(await found(LONG)).toBe(1))
  expect(await found(LONG.toUpperCase())).toBe(1)
  expect(await found(`${LONG}!`)).toBe(0)
  // What was a wildcard is a character.
  expect(await found('100% of what_is')).toBe(1)
  expect(await found('100_ of what%is')).toBe(0)
})

describe.each(TEXTS)('%s', text => {
  const q = encodeURIComponent(text)
  test('is looked for on every page that searches', async () => {
    const pages = ['/workflows', '/audit', '/audit.csv', '/search', `/workflows/${ids.workflow}`]
    for (const page of [...pages, `/workflows/${ids.workflow}/intakes/${ids.intake}`]) {
      expect([page, (await owner.open(`${page}?q=${q}`)).status]).toEqual([page, 200])
    }
    for (const name of ['actor', 'type', 'task', 'workflow']) {
      expect([name, (await owner.open(`/audit?${name}=${q}`)).status]).toEqual([name, 200])
    }
    expect((await owner.open(`/workflows/${ids.workflow}?assignee=${q}`)).status).toBe(200)
    expect((await owner.open(`/workflows?owner=${q}&tag=${q}`)).status).toBe(200)
  })

  test('is taken or refused, with a word, by every list of the API', async () => {
    const { paths } = (await team.call('GET', '/openapi.json')).body
    let asked = 0
    for (const [path, operations] of Object.entries<Record<string, { parameters?: { in: string; name: string }[] }>>(
      paths,
    )) {
      const names = (operations.get?.parameters ?? []).filter(one => one.in === 'query').map(one => one.name)
      const at = path
        .replace('/api/v1', '')
        .replace(
          /\{[^}]*\}/g,
          path.includes('/intakes/') ? ids.intake! : path.includes('/tasks/') ? ids.task! : ids.workflow!,
        )
      for (const name of path.startsWith('/api/v1/') ? names : []) {
        const { status, body } = await team.call('GET', `${at}?${name}=${q}`)
        expect([at, name, status < 500 && (status < 400 || body.error.code !== 'unexpected')]).toEqual([at, name, true])
        asked++
      }
    }
    expect(asked).toBeGreaterThan(20)
  })
})
