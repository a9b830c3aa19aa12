/** A step tried before it is saved: its text and its routes on real tasks are what the engine made of them, to the letter. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { TEMPLATES } from '../../../src/workflow/templates/templates.ts'
import { json, outsideAnswers } from '../../support/outside.ts'
import { oneWindow } from '../../support/rate-window.ts'
import { aTask, aTeam, aWorkflow, eventually, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'
import { formOf } from './form-of.ts'

let team: Team
let ana: Browser

beforeAll(async () => {
  team = await aTeam()
  ana = new Browser()
  await ana.signIn(team.owner)
})

const PART = { 'HX-Request': 'true', 'HX-Request-Type': 'partial' }
const plain = (html: string) =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
const shown = (html: string) => plain(/<pre class="code preview-text"[^>]*>([\s\S]*?)<\/pre>/.exec(html)?.[1] ?? html)

interface Logged {
  type: string
  step: string
  data: { visit: number; prompt?: string; to?: string; trace?: { index: number; verdict: string }[]; by?: string }
}

/** Those in which a model is asked: a step that only calls or waits for a person has no prompt. */
const ASKING = TEMPLATES.filter(template => /^ {4}(?:prompt|agent):/m.test(template.text))

describe.each(ASKING.map(template => [template.slug, template] as const))('on a task of %s', (slug, template) => {
  it('the preview is the prompt that was sent, and the trial takes the route that was taken', async () => {
    const used = await ana.send(`/templates/${slug}`, {})
    const at = used.location!
    const started = await team.call('POST', `${at}/tasks`, { input: template.sample })
    await eventually(async () =>
      expect((await team.call('GET', `/tasks/${started.body.id}`)).body.status).not.toBe('running'),
    )
    const log = (await team.call('GET', `/tasks/${started.body.id}/events`)).body.items as Logged[]
    const steps: { key: string; prompt?: string; agent?: string }[] = (await team.call('GET', at)).body.steps
    const asked = steps.filter(step => (step.prompt ?? step.agent) !== undefined).map(step => step.key)
    const prompts = log.filter(event => event.type === 'due' && event.data.prompt && asked.includes(event.step))
    const routed = log.filter(event => event.type === 'routed' && event.data.by !== 'hand')
    // Some ask their models in branches alone before a person is asked.
    expect(log.some(event => event.type === 'due' && event.data.prompt)).toBe(true)
    expect(routed.length).toBeGreaterThan(0)
    for (const { step, data } of prompts) {
      const page = `${at}/edit/steps/${step}`
      const form = formOf((await ana.open(page)).text, 'step-form')
      const preview = await ana.send(`${page}/preview`, { ...form, sample: started.body.id }, PART)
      expect(preview.status).toBe(200)
      expect(shown(preview.text)).toBe(data.prompt)
    }
    for (const { step, data } of routed) {
      const page = `${at}/edit/steps/${step}`
      const form = formOf((await ana.open(page)).text, 'handoffs')
      const trial = await ana.send(`${page}/try`, { ...form, past: started.body.id, visit: String(data.visit) }, PART)
      const matched = data.trace?.find(tried => tried.verdict === 'matched')?.index
      expect(trial.text).toMatch(matched === undefined ? /no route takes it/ : /class="is-matched"/)
      const row = /class="is-matched"[^>]*>\s*<td>(\d+)</.exec(trial.text)?.[1]
      expect(row && Number(row) - 1).toBe(matched)
    }
  })
})

describe('without a script', () => {
  it('preview and trial come as the page, with what was typed; nothing is saved', async () => {
    const id = await aWorkflow(team)
    const at = `/workflows/${id}/edit/steps/review`
    await aTask(team, id, 'Globex <b>')
    await eventually(async () => expect((await ana.open(at)).text).toContain('the latest task'))
    const form = formOf((await ana.open(at)).text, 'step-form')
    const typed = { ...form, ask: 'Look at {{ input.company }}.' }
    const preview = await ana.send(`${at}/preview`, typed)
    expect(preview.text).toContain('Look at {{ input.company }}.')
    expect(shown(preview.text)).toBe('Look at Globex <b>.')
    expect(preview.text).toContain('Globex &lt;b&gt;')
    const wrong = await ana.send(`${at}/preview`, { ...form, ask: 'Oh {{ input.', sample: 'sample' })
    expect(wrong.text).toMatch(/id="preview"[\s\S]*role="alert"/)
    const never = await ana.send(`${at.replace('review', 'again')}/preview`, { kind: 'human', ask: 'x' })
    expect(never.text).toContain('It has not been at this step')

    const handoffs = formOf((await ana.open(at)).text, 'handoffs')
    const pasted = { ...handoffs, past: 'sample', pasted: '{"score": 3}', 'field-2': 'output.score', 'op-2': '<' }
    const trial = await ana.send(`${at}/try`, { ...pasted, 'value-2': '5', 'to-2': 'again', outcome: 'other' })
    expect(trial.text).toContain('output.score = 3')
    expect(trial.text).toMatch(/goes to again/)
    expect(trial.text).toContain('did not match')
    const broken = await ana.send(`${at}/try`, { ...pasted, 'value-2': '5', 'to-2': '' })
    expect(broken.text).toContain('Choose where this handoff leads.')
    const unseen = await ana.send(`${at.replace('review', 'again')}/try`, { 'to-0': 'complete' })
    expect(unseen.text).toContain('has not been at this step')
    expect((await team.call('GET', `/workflows/${id}?draft=1`)).body.steps[0].handoffs).toHaveLength(2)
  })

  it('viewers may not; another team’s workflow is not there, and another workflow’s task is not read', async () => {
    const id = await aWorkflow(team)
    const other = await aWorkflow(team, { name: 'Other' })
    const task = await aTask(team, other, 'Secret of the other')
    const at = `/workflows/${id}/edit/steps/review`
    const viewer = new Browser()
    await viewer.signIn(await aMember(team.id, 'viewer'))
    expect((await viewer.send(`${at}/preview`, { ask: 'x', kind: 'human' })).status).toBe(403)
    const tried = await ana.send(`${at}/preview`, { ask: 'For {{ input.company }}', kind: 'human', sample: task })
    expect(tried.status).toBe(200)
    expect(tried.text).not.toContain('Secret of the other')
    expect(tried.text).toContain('with sample values')
    const stranger = new Browser()
    await stranger.signIn((await aTeam()).owner)
    expect((await stranger.send(`${at}/preview`, { ask: 'x' })).status).toBe(404)
    expect((await stranger.send(`${at}/try`, {})).status).toBe(404)
    expect((await new Browser().send(`${at}/try`, {})).status).toBe(303)
  })
})

describe('a call', () => {
  const CANARY = 'canary-7c41aa09e2'
  afterEach(() => setNetwork(null))

  /** A workflow whose one step calls, and a page of that step. */
  async function aCaller(values: object = { http: { method: 'POST', url: 'https://api.crm.example/contacts' } }) {
    const steps = [{ key: 'add', ...values, handoffs: [{ to: 'complete' }] }]
    const id = await aWorkflow(team, { name: `Caller ${crypto.randomUUID()}`, steps })
    return { id, at: `/workflows/${id}/edit/steps/add` }
  }

  it('is filled in from a curl line, shown with its host and secret, and sent by the second click alone', async () => {
    const { id, at } = await aCaller()
    const { heard } = outsideAnswers(() => json({ id: 9, echo: CANARY }, 201, { 'x-request': 'r1' }))
    const task = await aTask(team, id, 'Globex')
    // The task itself calls, too, at the address that is published.
    const tried = () => heard.filter(({ url }) => !url.endsWith('/contacts'))
    const line = `curl https://api.crm.example/people -H 'Authorization: Bearer ${CANARY}' --json '{"company":"{{ input.company }}"}'`
    const before = formOf((await ana.open(at)).text, 'step-form')
    const filled = await ana.send(`${at}/curl`, { ...before, name: 'Add them', curl: line })
    const form = formOf(filled.text, 'step-form')
    expect(form).toMatchObject({
      ...{ name: 'Add them', http_url: 'https://api.crm.example/people', http_sign: 'crm', http_body_as: 'fields' },
      ...{ 'http_row-0-name': 'company', 'http_row-0-value': '{{ input.company }}', secret_0_value: CANARY },
    })
    // The secret is set with the step, for its host alone.
    expect((await ana.send(at, form)).status).toBe(303)
    expect((await team.call('GET', '/secrets')).body.items).toMatchObject([{ name: 'crm', hosts: ['api.crm.example'] }])
    expect((await team.call('GET', `/workflows/${id}?draft=1`)).body.steps[0].http).toEqual({
      method: 'POST',
      url: 'https://api.crm.example/people',
      headers: { authorization: 'Bearer {{ secrets.crm }}' },
      body: { company: '{{ input.company }}' },
    })
    const now = { ...formOf((await ana.open(at)).text, 'step-form'), sample: task }
    const first = await ana.send(`${at}/call`, now)
    expect(first.text).toMatch(/It would go to <strong>api\.crm\.example<\/strong>, signed with the secret crm/)
    expect(first.text).toContain('It may change something there, really.')
    expect(shown(first.text)).toBe(
      'POST https://api.crm.example/people\nauthorization: Bearer {{ secrets.crm }}\n\n{\n  "company": "Globex"\n}',
    )
    expect(tried()).toHaveLength(0)
    const digest = /name="send" value="([0-9a-f]+)"/.exec(first.text)?.[1] ?? ''
    // What was changed meanwhile is shown again, not sent.
    const changed = await ana.send(`${at}/call`, { ...now, http_url: 'https://api.crm.example/others', send: digest })
    expect([changed.status, tried().length]).toEqual([422, 0])
    const sent = await ana.send(`${at}/call`, { ...now, send: digest })
    expect(sent.text).toMatch(/It answered · 201/)
    expect(sent.text).toContain('x-request')
    expect(sent.text).toContain('[secret: crm]')
    expect(sent.text).not.toContain(CANARY)
    expect(tried()).toMatchObject([{ headers: { authorization: `Bearer ${CANARY}` }, body: '{"company":"Globex"}' }])
    const acts = await team.call('GET', '/audit?type=call.tried')
    expect(acts.body.items).toHaveLength(1)
    expect(acts.text).toContain('POST api.crm.example')
    expect(acts.text).not.toContain(CANARY)
  })

  it('of a tool, of a branch and on the first item is shown with its curl line, and sent by the second click', async () => {
    const { heard } = outsideAnswers(() => json({ id: 9 }))
    const http = { method: 'POST', url: 'https://api.crm.example/tried', body: { email: '{{ args.email }}' } }
    const parameters = { type: 'object', required: ['email'], properties: { email: { type: 'string' } } }
    await team.call('POST', '/tools', { key: 'note_it', description: 'Notes.', parameters, http })
    const call = { tool: 'note_it', with: { email: '{{ input.company }}' } }
    const branch = {
      method: 'POST' as const,
      url: 'https://api.crm.example/branch',
      body: { n: '{{ input.company }}' },
    }
    const asked = { prompt: 'x' }
    const sample = 'sample'
    const both = async (at: string, of: string, who = ana) => {
      const form = { ...formOf((await ana.open(at)).text, 'step-form'), sample }
      const first = await who.send(`${at}/call?at=${of}`, form)
      const before = heard.length
      const digest = /name="send" value="([0-9a-f]+)"/.exec(first.text)?.[1]
      const second = digest === undefined ? first : await who.send(`${at}/call?at=${of}`, { ...form, send: digest })
      return { first, second, sent: heard.slice(before).map(({ url }) => url) }
    }
    const tool = await aCaller(call)
    const tried = await both(tool.at, '')
    expect(tried.first.text).toMatch(/It would go to <strong>api\.crm\.example<\/strong>/)
    expect(plain(tried.first.text)).toContain(`curl 'https://api.crm.example/tried'`)
    expect(tried.second.text).toMatch(/It answered · 200/)
    expect(tried.sent).toEqual(['https://api.crm.example/tried'])

    const parallel = await aCaller({ parallel: { branches: { tell: { http: branch }, note: call, look: asked } } })
    const page = (await ana.open(parallel.at)).text
    for (const name of ['tell', 'note']) expect(page).toContain(`Try it: ${name}`)
    expect(page).not.toContain('Try it: look')
    expect((await both(parallel.at, 'tell')).sent).toEqual(['https://api.crm.example/branch'])
    expect((await both(parallel.at, 'note')).sent).toEqual(['https://api.crm.example/tried'])
    expect((await both(parallel.at, 'look')).first.status).toBe(422)

    const over = '{{ input.company | split: "," }}'
    const map = await aCaller({ map: { over, do: { http: { ...branch, body: { n: '{{ item }}' } } } } })
    expect((await ana.open(map.at)).text).toContain('Try it on the first item')
    expect((await both(map.at, 'each')).sent).toEqual(['https://api.crm.example/branch'])

    // A try asks nobody, whatever the tool's rule.
    const member = new Browser()
    await member.signIn(await aMember(team.id))
    const refused = await both(tool.at, '', member)
    expect([refused.first.status, refused.sent]).toEqual([422, []])
    expect(refused.first.text).toContain('may try tools out')
    const acts = (await team.call('GET', '/audit?type=call.tried')).text
    for (const part of ['note_it', 'POST api.crm.example']) expect(acts).toContain(part)
  })

  it('is refused where it cannot be: other kinds, addresses, lines that are none, viewers, too many', async () => {
    const { at } = await aCaller()
    const { heard } = outsideAnswers(() => json({}))
    const send = async (over: object = {}, who = ana) => {
      const form = formOf((await ana.open(at)).text, 'step-form')
      const first = await who.send(`${at}/call`, { ...form, ...over })
      const digest = /name="send" value="([0-9a-f]+)"/.exec(first.text)?.[1]
      return digest === undefined ? first : who.send(`${at}/call`, { ...form, ...over, send: digest })
    }
    expect((await send({ http_url: 'https://10.0.0.1/x' })).text).toContain('services are called by their names')
    expect((await send({ kind: 'human' })).text).toContain('calls nothing there yet')
    expect((await send({ http_url: '' })).text).toContain('Give the address that is called.')
    expect((await send({ http_url: 'https://a.example/{{ input.nothing.here }}' })).status).toBe(422)
    const wrong = await ana.send(`${at}/curl`, { kind: 'http', curl: 'wget x' })
    expect([wrong.status, wrong.text.includes('must begin with curl')]).toEqual([422, true])
    const viewer = new Browser()
    await viewer.signIn(await aMember(team.id, 'viewer'))
    expect((await send({}, viewer)).status).toBe(403)
    expect((await viewer.send(`${at}/curl`, { curl: 'curl https://a.example' })).status).toBe(403)
    expect(heard).toHaveLength(0)
    const member = new Browser()
    await member.signIn(await aMember(team.id))
    const statuses = new Set<number>()
    const form = { kind: 'http', http_url: 'https://a.example/x', sample: 'sample' }
    const first = await member.send(`${at}/call`, form)
    const digest = /name="send" value="([0-9a-f]+)"/.exec(first.text)?.[1] ?? ''
    await oneWindow()
    for (let n = 0; n < 31; n++) statuses.add((await member.send(`${at}/call`, { ...form, send: digest })).status)
    expect([...statuses]).toEqual([200, 429])
    expect(heard).toHaveLength(30)
  })
})
