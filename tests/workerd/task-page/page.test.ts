/** `/tasks/:id` and the commands on it: as a page, as a part for htmx, and as plain forms. */
import { afterEach, expect, test } from 'vitest'
import { taskStub } from '../../../src/env.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { fails, modelsAnswer, says } from '../../support/engine.ts'
import { env, eventually } from '../api/client.ts'
import { ANA, aQuestion, BEN, drafts, hiddenFields, waiting } from '../approval/world.ts'
import { aMember, Browser } from '../team/browser.ts'

afterEach(() => scriptModels(null))

const PARTIAL = { 'HX-Request': 'true', 'HX-Request-Type': 'partial' }
const FOR_PANEL = { ...PARTIAL, 'HX-Target': 'article#task-panel' }

/** A task that waits for Ana and Ben, and the team's owner in front of a browser. */
async function signedIn(definition = drafts()) {
  const world = await aQuestion(definition, () => says('Hi Nimbus.', { reasoning: 'Short is best.' }))
  const browser = new Browser()
  await browser.signIn(world.team.owner)
  return { ...world, browser, path: `/tasks/${world.task}` }
}

/** A task at rest in one prompt step whose models answer by this script. */
async function atRest(step: Record<string, unknown>, script: Parameters<typeof modelsAnswer>[0], over = {}) {
  const world = await signedIn()
  modelsAnswer(script)
  const definition = { baton: 1, name: 'One', owner: world.team.owner, ...over }
  const steps = [
    { key: 'sort', name: 'Sort it', prompt: 'Sort it', model: 'demo', ...step },
    { key: 'review', human: { assign: [ANA] }, handoffs: [{ to: 'complete' }] },
  ]
  const made = await world.team.call('POST', '/workflows', { ...definition, steps })
  const { id } = (await world.team.call('POST', `/workflows/${made.body.id}/tasks`, { input: {} })).body
  const stub = taskStub(env, world.team.id, id)
  await eventually(async () => expect((await stub.view())!.status).not.toBe('running'))
  return { ...world, workflow: made.body.id as string, task: id as string, stub, path: `/tasks/${id}` }
}

test('the page tells the story: facts, why, the act, each visit, the route, and the log', async () => {
  const { browser, path, task } = await signedIn()
  const page = await browser.open(path)
  expect(page.status).toBe(200)
  expect(page.text).toContain('<!doctype html>')
  for (const said of [
    'Nimbus',
    'Waiting',
    'Draft the welcome mail',
    'Short is best.',
    'Write to Nimbus.',
    'Check the tone.',
  ]) {
    expect(page.text).toContain(said)
  }
  expect(page.text).toContain(`${ANA} or ${BEN} to decide`)
  expect(page.text).toContain('Only those who are asked can decide.')
  expect(page.text).toContain('matched')
  expect(page.text).not.toContain('hx-trigger="every')
  const log = await browser.open(`${path}?tab=log`)
  expect(log.text).toContain('#1 ')
  expect(log.text).not.toContain('"pinned"')
  expect((await browser.open(`${path}?tab=log&seq=2`)).text).toContain('#2 entered')
  expect((await browser.open(`${path}?tab=log&seq=999`)).status).toBe(404)
  const part = await browser.open(path, { headers: PARTIAL })
  expect(part.text).not.toContain('<html')
  expect(part.text).toContain(`data-task="${task}"`)
  expect(part.headers.get('cache-control')).toBe('no-store')
})

test("another team's task, an unknown one and no session lead nowhere", async () => {
  const { path } = await signedIn()
  const { browser } = await signedIn()
  expect((await browser.open(path)).status).toBe(404)
  expect((await browser.open(`/tasks/tsk_${'a'.repeat(26)}`)).status).toBe(404)
  expect((await browser.open('/tasks/nonsense')).status).toBe(404)
  expect((await browser.send(`${path}/cancel`, {})).status).toBe(404)
  const stranger = new Browser()
  expect((await stranger.open(path)).location).toContain('/sign-in')
  expect((await stranger.send(`${path}/cancel`, {})).status).toBe(303)
})

test('a command comes back to where it was given, and says what it did', async () => {
  const { browser, path, stub, workflow } = await signedIn()
  const moved = await browser.send(`${path}/move`, { visit: '2', step: 'send', back: `/workflows/${workflow}` })
  expect([moved.status, moved.location]).toEqual([303, `/workflows/${workflow}`])
  expect(await stub.view()).toMatchObject({ step: 'send', visit: 3 })
  const evil = await browser.send(`${path}/move`, { visit: '3', step: 'send', back: 'https://evil.test/' })
  expect(evil.location).toBe('/workflows')
  const events = (await stub.events(0, 100))!
  expect(events.at(-1)!.actor).toMatchObject({ kind: 'person', name: 'Owner' })
  expect((await browser.open(path)).text).toContain('The task was moved.')
})

test('from the panel it answers with the panel as it is now; from the board with a toast', async () => {
  const { browser, path } = await signedIn()
  const panel = await browser.send(`${path}/assign`, { visit: '2', to: 'cleo@else.test, dan@else.test' }, FOR_PANEL)
  expect(panel.status).toBe(200)
  expect(panel.text).toContain('id="task-panel"')
  expect(panel.text).toContain('cleo@else.test or dan@else.test')
  expect(panel.text).toContain('They are asked now.')
  const toast = await browser.send(`${path}/cancel`, { visit: '2' }, PARTIAL)
  expect(toast.status).toBe(200)
  expect(toast.text).not.toContain('task-panel')
  expect(toast.text).toContain('The task was cancelled.')
})

test('one person is asked in the place of another, on record for whom, and the others stay asked', async () => {
  const { browser, path, stub } = await signedIn()
  const form = (await browser.open(`${path}?do=assign`)).text
  expect(form).toContain('Instead of')
  for (const email of [ANA, BEN]) expect(form).toContain(`<option value="${email}">${email}</option>`)
  const two = await browser.send(`${path}/assign`, { visit: '2', from: BEN, to: 'cleo@else.test, dan@else.test' })
  expect([two.status, two.text.includes(`in the place of ${BEN}`)]).toEqual([422, true])
  const asked = await browser.send(`${path}/assign`, { visit: '2', from: BEN, to: ANA })
  expect([asked.status, asked.text.includes(`${ANA} is asked already`)]).toEqual([422, true])
  expect((await browser.send(`${path}/assign`, { visit: '2', from: BEN, to: 'cleo@else.test' })).status).toBe(303)
  expect((await stub.asks())![0]!.assignees.map(({ email }) => email)).toEqual([ANA, 'cleo@else.test'])
  expect((await browser.open(path)).text).toContain(`passed it on for ${BEN}; asked now are`)
})

test('a form that was made for an earlier visit changes nothing, and says that the task has moved on', async () => {
  const { browser, path, stub } = await signedIn()
  await browser.send(`${path}/move`, { visit: '2', step: 'send' })
  const late = await browser.send(`${path}/cancel`, { visit: '2' }, FOR_PANEL)
  expect(late.status).toBe(409)
  expect(late.text).toContain('moved on')
  expect((await browser.send(`${path}/move`, { visit: '2', step: 'draft' }, PARTIAL)).status).toBe(409)
  expect((await browser.send(`${path}/retry`, { visit: '3' })).status).toBe(409)
  expect(await stub.view()).toMatchObject({ status: 'waiting', visit: 3 })
})

test('what is wrong in a form is said at its field, with what was typed', async () => {
  const { browser, path, stub } = await signedIn()
  const cases: [string, Record<string, string>, string][] = [
    ['move', { step: 'nowhere' }, 'no step'],
    ['move', { step: 'draft', input: '{"a": ' }, 'not usable JSON'],
    ['move', {}, 'Choose a step'],
    ['assign', { to: 'nobody' }, 'is not a mail address'],
    ['raise', { steps: '1.5' }, 'whole number'],
    ['raise', {}, 'Raise at least one'],
    ['raise', { duration: 'soon' }, 'not a duration'],
    ['rerun', { input: 'x y' }, 'not usable JSON'],
  ]
  for (const [command, fields, said] of cases) {
    const answer = await browser.send(`${path}/${command}`, fields)
    expect([command, answer.status]).toEqual([command, 422])
    expect(answer.text).toContain(said)
    for (const typed of Object.values(fields)) expect(answer.text).toContain(typed.replaceAll('"', '&quot;'))
  }
  expect((await stub.view())!.visit).toBe(2)
})

test('a viewer looks and steers nothing; a member from another site neither', async () => {
  const { team, path, browser, stub } = await signedIn()
  const viewer = new Browser()
  await viewer.signIn(await aMember(team.id, 'viewer'))
  const page = await viewer.open(path)
  expect(page.status).toBe(200)
  expect(page.text).not.toContain(`action="${path}/`)
  expect((await viewer.send(`${path}/cancel`, {})).status).toBe(403)
  expect((await browser.send(`${path}/cancel`, {}, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
  expect((await stub.view())!.status).toBe('waiting')
})

test('stuck: the ways on are buttons', async () => {
  const { browser, path, stub } = await atRest({ handoffs: [{ if: 'output == "x"', to: 'review' }] }, () => says('y'))
  const page = await browser.open(path)
  expect(page.text).toContain('Send to review')
  expect(page.text).toContain('did not match (false)')
  expect((await browser.send(`${path}/route`, { ...hiddenFields(page.text), handoff: 'review' })).status).toBe(303)
  expect(await stub.view()).toMatchObject({ status: 'waiting', step: 'review' })
})

test('failed: retry is the act, and each attempt shows why it failed', async () => {
  let failing = true
  const script = () => (failing ? fails('bad_request', false) : says('fine'))
  const { browser, path, stub } = await atRest({ handoffs: [{ to: 'review' }] }, script)
  const page = await browser.open(path)
  expect(page.text).toContain('Retry Sort it')
  expect(page.text).toContain('scripted bad_request')
  failing = false
  expect((await browser.send(`${path}/retry`, hiddenFields(page.text))).status).toBe(303)
  await eventually(async () => expect((await stub.view())!.step).toBe('review'))
})

test('out of its limit: the form that raises it is there', async () => {
  const { browser, path, stub } = await atRest({ handoffs: [{ to: 'review' }] }, () => says('fine'), {
    limits: { steps: 1 },
  })
  const page = await browser.open(path)
  expect(page.text).toContain('name="steps"')
  expect((await browser.send(`${path}/raise`, { visit: '1', steps: '5' })).status).toBe(303)
  expect((await stub.view())!.step).toBe('review')
})

test('while work goes on the page looks again by itself, and stops when it rests', async () => {
  const { team, browser } = await signedIn()
  let release = () => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  modelsAnswer(async () => {
    await held
    return says('done')
  })
  const made = await team.call('POST', '/workflows', {
    baton: 1,
    name: 'Slow',
    steps: [{ key: 'a', prompt: 'x', model: 'demo', handoffs: [{ to: 'complete' }] }],
  })
  const { id } = (await team.call('POST', `/workflows/${made.body.id}/tasks`, { input: {} })).body
  const live = await browser.open(`/tasks/${id}?part=live`, { headers: PARTIAL })
  expect(live.text).toContain('hx-trigger="every 2s"')
  expect(live.text).toMatch(/^<div id="task-live"/)
  release()
  await eventually(async () => {
    const rest = await browser.open(`/tasks/${id}?part=live`, { headers: PARTIAL })
    expect(rest.text).not.toContain('hx-trigger')
    expect(rest.text).toContain('It is done.')
  })
})

test('a rerun is a new task that leads back to this one, and a form sent twice starts one', async () => {
  const { browser, path, team } = await signedIn()
  const fields = hiddenFields((await browser.open(`${path}?do=rerun`)).text)
  expect(fields.key).toBeTruthy()
  const answers = await Promise.all(
    [1, 2].map(() => browser.send(`${path}/rerun`, { ...fields, input: '{"company":"Orbit"}' })),
  )
  expect(answers.map(answer => answer.status)).toEqual([303, 303])
  expect(new Set(answers.map(answer => answer.location)).size).toBe(1)
  const location = answers[0]!.location!
  await waiting({ team, task: location.split('/').at(-1)! })
  const page = await browser.open(location)
  expect(page.text).toContain(`href="${path}"`)
  expect(page.text).toContain('Orbit')
})

test('a rerun that begins at a later step has the outputs before it, big ones too, and says so', async () => {
  const { team, task } = await aQuestion(drafts({ assign: [ANA] }), 'Long words. '.repeat(3000))
  const browser = new Browser()
  await browser.signIn(team.owner)
  const path = `/tasks/${task}`
  const fields = hiddenFields((await browser.open(`${path}?do=rerun`)).text)
  const sent = await browser.send(`${path}/rerun`, { ...fields, input: '{"company":"Orbit"}', from: 'approve' })
  const page = await browser.open(sent.location!)
  expect(page.text).toContain('Long words.')
  expect(page.text).toMatch(/Began at.*Approve/s)
  const again = taskStub(env, team.id, sent.location!.split('/').at(-1)!)
  expect((await again.asks())![0]!.artefact!.output).toHaveLength(36_000)
})

test('a task of 200 events is shown whole, quickly, and big values only begin there', async () => {
  const big = 'Long words. '.repeat(3000)
  const { browser, path, stub, team, task } = await signedIn(drafts({ assign: [ANA] }))
  modelsAnswer(() => says(big))
  for (let visit = 2; visit < 40; visit += 2) {
    await stub.command(
      { type: 'decide', handoff: 'rejected', note: 'Again' },
      { actor: { kind: 'link', id: ANA }, flushed: false },
    )
    await stub.command(
      { type: 'raise', limits: { steps: 100 } },
      { actor: { kind: 'person', id: team.owner }, flushed: false },
    )
    await waiting({ team, task }, visit)
  }
  expect((await stub.events(0, 1000))!.length).toBeGreaterThan(150)
  const page = await browser.open(path)
  expect(page.status).toBe(200)
  expect(page.text.length).toBeLessThan(400_000)
  expect(page.text).toContain('Open all of it')
  const seq = /tab=log&amp;seq=(\d+)/.exec(page.text)![1]
  expect((await browser.open(`${path}?tab=log&seq=${seq}`)).text).toContain('Long words. Long words.')
})

test('an answer by mail is called one, and an event that a program calls “reply” is not', async () => {
  const { browser, path, team, task, stub } = await signedIn()
  const say = 'Please call me back.'
  const event = { name: 'reply', data: { from: 'kim@guest.test', text: say } }
  expect((await team.call('POST', `/tasks/${task}/events`, event)).status).toBeLessThan(300)
  const byProgram = await browser.open(path)
  expect(byProgram.text).toContain('Event <strong hx-ignore="true">reply</strong> by')
  expect(byProgram.text).not.toContain('Answer by mail')
  const from = { kind: 'link', id: 'kim@guest.test', name: 'kim@guest.test' } as const
  await stub.command({ type: 'event', ...event }, { actor: from, flushed: true })
  const byMail = await browser.open(path)
  expect(byMail.text).toMatch(/Answer by mail from kim@guest\.test/)
  expect(byMail.text.match(/Answer by mail/g)).toHaveLength(1)
})
