/** What people make of models' drafts, with real objects and D1: the ledger and its figures by API and page. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { aTeam, env, eventually, fetchApi } from '../api/client.ts'
import { ANA, aQuestion, BEN, choose, drafts, type World, waiting } from '../approval/world.ts'
import { Browser } from '../team/browser.ts'

afterEach(() => scriptModels(null))

let world: World
let owner: Browser

beforeAll(async () => {
  world = await aQuestion(drafts(), 'Hi Nimbus team, welcome.')
  owner = new Browser()
  await owner.signIn(world.team.owner)
})

test('an edit, and a draft that was sent back, are in the ledger with who, why and which fields; filters find them', async () => {
  const { team, workflow, task } = world
  await choose(await world.link(BEN), 'rejected', { note: 'Too loud.' })
  await waiting(world, 2)
  await choose(await world.link(ANA), 'approved', { edits: 'Dear Nimbus team, welcome.' })
  await eventually(async () => expect((await team.call('GET', '/corrections')).body.items).toHaveLength(1))
  const { items } = (await team.call('GET', `/corrections?workflow=${workflow}&step=draft`)).body
  expect(items).toMatchObject([
    { task, workflow, step: 'draft', askedAt: 'approve', person: ANA, why: 'edited', field: '', agent: null },
  ])
  expect(items[0]).toMatchObject({ before: 'Hi Nimbus team, welcome.', after: 'Dear Nimbus team, welcome.' })
  for (const none of ['step=other', 'agent=nobody', 'workflow=wf_other', 'to=2001-01-01'])
    expect((await team.call('GET', `/corrections?${none}`)).body, none).toEqual({ items: [], next: null })
  expect((await team.call('GET', '/corrections?from=soon')).status).toBe(422)

  const { steps, spans } = (await team.call('GET', '/reviews')).body
  const counts = { decided: 2, unchanged: 0, edited: 1, rejected: 1, sampled: 0, unchangedRate: 0, correctionRate: 1 }
  expect(steps).toEqual([{ workflow, step: 'draft', askedAt: 'approve', agent: null, ...counts }])
  expect(spans).toMatchObject([counts])
  expect((await team.call('GET', '/reviews?from=2026-02-01&to=2026-01-01')).status).toBe(422)
})

test('another team sees nothing of it', async () => {
  const other = await aTeam()
  expect((await other.call('GET', '/corrections')).body.items).toEqual([])
  expect((await other.call('GET', '/reviews')).body).toMatchObject({ steps: [], spans: [] })
})

test('the page shows figures and ledger, and what is an agent’s becomes a note in one click', async () => {
  const { team, workflow, task } = world
  const { text, status } = await owner.open(`/corrections?workflow=${workflow}`)
  expect(status).toBe(200)
  expect(text).toContain('<ins>Dear Nimbus team, welcome.</ins>')
  expect(text).toContain('decided at approve')
  expect(text).not.toContain('correction=')
  // The same of an agent.
  await env.DB.prepare("UPDATE corrections SET agent = 'writer', agent_version = 2, note = 'Too loud.' WHERE task = ?1")
    .bind(task)
    .run()
  const href = /href="(\/knowledge\/new\?correction=[^"]+)"/.exec((await owner.open('/corrections')).text)?.[1]
  const form = await owner.open(href!)
  expect(form.text).toContain('value="Corrections for writer"')
  const line = '- At draft: write “Dear Nimbus team, welcome.”, not “Hi Nimbus team, welcome.”. Why: Too loud.'
  expect(form.text).toContain(line)
  const kept = { key: 'writer_notes', name: 'Corrections for writer', text: line }
  expect((await team.call('POST', '/knowledge', kept)).status).toBe(201)
  const again = await owner.open(href!)
  expect(again.status).toBe(303)
  expect((await owner.open(again.location!)).text).toContain(`${line}\n${line}`)
  expect((await fetchApi('/corrections')).status).toBe(303)
})
