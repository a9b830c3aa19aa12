/** A step tried before it is saved: its text and its routes on real tasks are what the engine made of them, to the letter. */
import { beforeAll, describe, expect, it } from 'vitest'
import { TEMPLATES } from '../../../src/workflow/templates/templates.ts'
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
    expect(prompts.length).toBeGreaterThan(0)
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
