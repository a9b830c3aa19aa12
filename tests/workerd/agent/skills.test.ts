/** Skills: written once, given to the models of the agents and steps that name them, in the version that was published. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { modelsAnswer, says } from '../../support/engine.ts'
import { aTeam, env, eventually, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'
import { formOf } from '../workflow/form-of.ts'

let team: Team
let ana: Browser
let at: string

const steps = [
  {
    key: 'draft',
    agent: 'clerk',
    instructions: 'Write to {{ input.name }}.',
    skills: ['legal', 'house_style'],
    handoffs: [{ to: 'judge' }],
  },
  { key: 'judge', prompt: 'Is it fine? {{ steps.draft.output }}', skills: ['legal'], handoffs: [{ to: 'plain' }] },
  { key: 'plain', prompt: 'Sum up.', handoffs: [{ to: 'complete' }] },
]
const definition = () => ({ baton: 1, name: 'Writing', owner: team.owner, steps })

beforeAll(async () => {
  team = await aTeam()
  ana = new Browser()
  await ana.signIn(team.owner)
})
afterEach(() => scriptModels(null))

/** What the models of a task's three steps were told before all else. */
async function systemsOf(): Promise<(string | undefined)[]> {
  const { requests } = modelsAnswer(() => says('done'))
  const started = await team.call('POST', `${at}/tasks`, { input: { name: 'Kim' } })
  await eventually(async () => expect((await team.call('GET', `/tasks/${started.body.id}`)).body.status).toBe('done'))
  last = started.body.id as string
  return requests.map(({ system }) => system)
}
let last = ''

test('a name that the team has no skill of is refused: at agents and when a workflow is published', async () => {
  const clerk = { key: 'clerk', name: 'Clerk', description: 'You write.', skills: ['house_style'] }
  const early = await team.call('POST', '/agents', clerk)
  expect([early.status, early.body.error]).toMatchObject([422, { code: 'unknown_skill', path: 'skills[0]' }])
  expect((await team.call('POST', '/skills', { key: 'house_style', text: 'Be brief.' })).body).toEqual({
    key: 'house_style',
    version: 1,
  })
  expect((await team.call('POST', '/skills', { key: 'house_style', text: 'x' })).body.error.code).toBe('skill_exists')
  expect((await team.call('POST', '/skills', { key: 'blank', text: '  ' })).status).toBe(422)
  expect((await team.call('POST', '/agents', clerk)).status).toBe(201)
  const refused = await team.call('POST', '/workflows', definition())
  expect([refused.status, JSON.stringify(refused.body.error)]).toEqual([
    422,
    expect.stringContaining('no skill `legal`'),
  ])
  // By the page, with its own mistakes told in place.
  const bad = await ana.send('/skills/new', { key: 'Legal', text: 'x' })
  expect([bad.status, bad.text.includes('Start with a letter')]).toEqual([422, true])
  const made = await ana.send('/skills/new', {
    key: 'legal',
    description: 'What may be promised',
    text: 'Promise\r\nnothing.',
  })
  expect([made.status, made.location]).toEqual([303, '/skills/legal'])
  const published = await team.call('POST', '/workflows', definition())
  expect(published.status).toBe(201)
  at = `/workflows/${published.body.id}`
})

test('its text goes behind what the agent is, once; a published workflow keeps the version, and takes the next one when it is published again', async () => {
  const legal = '# legal\n\nPromise\nnothing.'
  expect(await systemsOf()).toEqual([`You write.\n\n# house_style\n\nBe brief.\n\n${legal}`, legal, undefined])
  expect((await team.call('PUT', '/skills/legal', { text: 'Ask a lawyer.' })).body.version).toBe(2)
  expect((await systemsOf())[1]).toBe(legal)
  const page = (await ana.open(`/tasks/${last}`)).text
  expect(page).toContain('<a href="/agents/clerk?version=1">clerk v1</a>')
  expect(page).toContain('<a href="/skills/legal?version=1">legal v1</a>')
  expect((await team.call('PUT', at, definition())).status).toBe(200)
  expect((await systemsOf())[1]).toBe('# legal\n\nAsk a lawyer.')
  // The step's form and its preview tell of it.
  const step = `${at}/edit/steps/draft`
  const form = formOf((await ana.open(step)).text, 'step-form')
  expect(form.skills).toBe('legal, house_style')
  const preview = await ana.send(`${step}/preview`, { ...form, sample: 'sample' })
  expect(preview.text).toMatch(
    /Before it, the skill house_style[\s\S]*Be brief\.[\s\S]*Before it, the skill legal[\s\S]*Ask a lawyer\./,
  )
})

test('its page says where it is used and what it was; two who save at once do not overwrite each other', async () => {
  const page = await ana.open('/skills/house_style')
  expect(page.text).toContain('href="/agents/clerk"')
  expect(page.text).toMatch(/Writing<\/a>\s*<span class="secondary">draft/)
  const form = formOf(page.text, 'skill')
  expect((await ana.send('/skills/house_style', { ...form, text: 'Be brief and kind.' })).status).toBe(303)
  const late = await ana.send('/skills/house_style', { ...form, text: 'Mine' })
  expect([late.status, late.text.includes('Somebody saved version 2'), late.text.includes('Mine')]).toEqual([
    409,
    true,
    true,
  ])
  expect((await ana.open('/skills/house_style?version=1')).text).toContain('This is version 1')
  expect((await ana.open('/skills')).text).toContain('1 step, 1 agent')
  const clerk = formOf((await ana.open('/agents/clerk')).text, 'agent')
  expect(clerk).toMatchObject({ 'skill-house_style': 'yes', skills: '' })
  const acts = (await team.call('GET', '/audit?type=skill.changed')).body.items
  expect(acts.length).toBe(4)
  const viewer = new Browser()
  await viewer.signIn(await aMember(team.id, 'viewer'))
  expect((await viewer.open('/skills/legal')).text).toContain('Ask a lawyer.')
  expect((await viewer.send('/skills/legal', { text: 'x', version: '2' })).status).toBe(403)
})

test('an exported workflow carries its skills; another team has none of them, and uses its own where it has one', async () => {
  const file = (await ana.open(`${at}/export`)).text
  const other = await aTeam()
  const ben = new Browser()
  await ben.signIn(other.owner)
  expect((await other.call('GET', '/skills/legal')).status).toBe(404)
  expect((await ben.open('/skills/legal')).status).toBe(404)
  await other.call('POST', '/skills', { key: 'legal', text: 'Ours.' })
  const look = await ben.send('/workflows/import', { text: file, do: 'look' })
  expect(look.text).toContain('The skill house_style')
  expect(look.text).toContain('Nothing for the skill legal')
  expect((await ben.send('/workflows/import', { text: file, do: 'make' })).status).toBe(303)
  expect((await other.call('GET', '/skills/house_style')).body).toMatchObject({
    version: 1,
    text: 'Be brief and kind.',
  })
  expect((await other.call('GET', '/skills/legal')).body.text).toBe('Ours.')
})

test('what is deleted stays for what is published, and stands in the way of the next publish', async () => {
  expect((await ana.send('/skills/legal/delete', { typed: 'no' })).status).toBe(422)
  expect((await ana.send('/skills/legal/delete', { typed: 'legal' })).status).toBe(303)
  expect((await team.call('GET', '/skills/legal')).status).toBe(404)
  expect((await systemsOf())[1]).toBe('# legal\n\nAsk a lawyer.')
  const refused = await team.call('PUT', at, definition())
  expect([refused.status, JSON.stringify(refused.body)]).toEqual([422, expect.stringContaining('unknown_skill')])
  expect((await team.call('GET', '/audit?type=skill.deleted')).body.items).toHaveLength(1)
})

test('one whose version is not there fails its step by its own name, and the docs say what each is for', async () => {
  await team.call('POST', '/skills', { key: 'lost', description: 'How to be found', text: 'Be found.' })
  const step = { key: 'find', prompt: 'Look.', skills: ['lost'], handoffs: [{ to: 'complete' }] }
  const { body } = await team.call('POST', '/workflows', { ...definition(), name: 'Losing', steps: [step] })
  const docs = await ana.open(`/workflows/${body.id}/docs`)
  expect(docs.text).toContain('<a href="/skills/lost">lost</a>: How to be found')
  await env.DB.prepare("DELETE FROM skill_versions WHERE team = ?1 AND key = 'lost'").bind(team.id).run()
  const { id } = (await team.call('POST', `/workflows/${body.id}/tasks`, { input: {} })).body
  await eventually(async () => expect((await team.call('GET', `/tasks/${id}`)).body.status).toBe('failed'))
  const { error } = (await team.call('GET', `/tasks/${id}`)).body
  expect(error).toMatchObject({ code: 'skill_missing', message: 'The skill lost@1 is not there.' })
})
