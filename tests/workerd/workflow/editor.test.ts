/** The editor by its forms alone: from an empty workflow to a published one, text that stays, and two people at once. */
import { beforeAll, describe, expect, it } from 'vitest'
import { aDefinition, aTask, aTeam, aWorkflow, eventually, type Team } from '../api/client.ts'
import { aMember, Browser, type Seen } from '../team/browser.ts'

let team: Team
let ana: Browser

beforeAll(async () => {
  team = await aTeam()
  ana = new Browser()
  await ana.signIn(team.owner)
})

const revision = (seen: Seen) => /name="revision" value="(\w+)"/.exec(seen.text)![1]!
/** Sends a form of a page, as the page was when it was opened. */
async function submit(page: string, action: string, fields: Record<string, string>, by = ana): Promise<Seen> {
  const seen = await by.open(page)
  expect(seen.status).toBe(200)
  expect(seen.text).toContain(`action="${action}"`)
  return by.send(action, { revision: revision(seen), ...fields })
}
const textOf = async (at: string) =>
  (await team.call('GET', `/workflows/${at}?draft=1`, undefined, { accept: 'application/yaml' })).text

describe('from nothing to a published workflow, by forms', () => {
  it('adds three steps, a branch and an approval, publishes, and takes a task', async () => {
    const made = await ana.send('/workflows/new', { name: 'Offers', description: '' })
    const at = made.location!.replace(/\/edit$/, '')
    expect((await ana.open(at)).text).toContain('This board has no steps yet')
    const empty = await ana.open(`${at}/edit`)
    expect(empty.text).toContain('Add the first step')

    const added = await submit(`${at}/edit`, `${at}/edit/steps`, { name: 'Score the lead', kind: 'prompt' })
    expect(added.location).toBe(`${at}/edit/steps/score_the_lead`)
    expect((await ana.open(`${at}/edit`)).text).toContain('Add next step')
    await submit(`${at}/edit`, `${at}/edit/steps`, { name: 'Write the offer', kind: 'prompt', from: 'score_the_lead' })
    await submit(`${at}/edit`, `${at}/edit/steps`, {
      name: 'Approve the offer',
      kind: 'human',
      from: 'write_the_offer',
    })

    const score = `${at}/edit/steps/score_the_lead`
    const configured = await submit(score, score, {
      name: 'Score the lead',
      key: 'score',
      kind: 'prompt',
      prompt: 'Score this lead: {{ input }}',
      model: 'demo',
      output_as: 'fields',
      'field-0-name': 'score',
      'field-0-type': 'number',
      'field-0-required': 'on',
      'field-1-name': 'size',
      'field-1-type': 'choice',
      'field-1-choices': 'small, large',
    })
    expect(configured.location).toBe(`${at}/edit/steps/score`)
    const routes = await submit(`${at}/edit/steps/score`, `${at}/edit/steps/score/handoffs`, {
      'to-0': 'write_the_offer',
      'field-1': 'output.score',
      'op-1': '<',
      'value-1': '20',
      'to-1': 'complete',
      do: 'up-1',
    })
    expect(routes.status).toBe(303)
    const write = `${at}/edit/steps/write_the_offer`
    await submit(write, write, {
      key: 'write',
      name: 'Write',
      kind: 'prompt',
      prompt: 'Write to {{ input.name }}.',
      model: 'demo',
    })
    await submit(`${at}/edit/steps/approve_the_offer`, `${at}/edit/steps/approve_the_offer/handoffs`, {
      'when-0': 'approved',
      'to-0': 'complete',
      'when-1': 'rejected',
      'to-1': 'write',
      do: 'save',
    })
    const steps = await ana.open(`${at}/edit`)
    expect(steps.text).toContain('Nothing is wrong with this draft.')
    expect(steps.text).toMatch(/if output\.score &lt; 20/)

    const published = await submit(`${at}/publish`, `${at}/publish`, { note: 'First' })
    expect(published.location).toBe(at)
    const read = await team.call('GET', `${at.replace('/workflows', '/workflows')}`)
    expect(read.body.steps.map((step: { key: string }) => step.key)).toEqual(['score', 'write', 'approve_the_offer'])
    expect(read.body.steps[0].handoffs).toEqual([{ if: 'output.score < 20', to: 'complete' }, { to: 'write' }])
    expect(read.body.steps[0].output.properties).toEqual({
      score: { type: 'number' },
      size: { type: 'string', enum: ['small', 'large'] },
    })
    const started = await team.call('POST', `${at}/tasks`, { input: { name: 'Kim' } })
    expect(started.status).toBe(201)
    await eventually(async () =>
      expect((await team.call('GET', `/tasks/${started.body.id}`)).body.status).not.toBe('running'),
    )
  })

  it('says what is wrong where it is wrong, and keeps what was typed', async () => {
    const at = `/workflows/${await aWorkflow(team)}`
    const step = `${at}/edit/steps/review`
    const wrong = await submit(step, step, { key: 'review', kind: 'human', ask: 'Kept text', due: 'soon' })
    expect(wrong.status).toBe(422)
    expect(wrong.text).toContain('Write it like 4h or 2d')
    expect(wrong.text).toContain('Kept text')
    const taken = await submit(step, step, { key: 'again', kind: 'human', ask: 'x' })
    expect([taken.status, taken.text.includes('Another step has the key')]).toEqual([422, true])
    const nowhere = await submit(step, `${step}/handoffs`, { 'when-0': 'approved', 'to-0': '' })
    expect([nowhere.status, nowhere.text.includes('Choose where this handoff leads')]).toEqual([422, true])
    await submit(step, step, { key: 'review', kind: 'human', ask: 'x' })
    const steps = await ana.open(`${at}/edit`)
    expect(steps.text).toMatch(/id="step-review".*?class="finding"/s)
  })

  it('moves and deletes steps without a mouse', async () => {
    const at = `/workflows/${await aWorkflow(team)}`
    const draft = async () => (await team.call('GET', `${at}?draft=1`)).body
    await submit(`${at}/edit`, `${at}/edit/move`, { step: 'again', to: '0' })
    expect((await draft()).steps.map((step: { key: string }) => step.key)).toEqual(['again', 'review'])
    await submit(`${at}/edit`, `${at}/edit/delete`, { step: 'again' })
    expect((await draft()).steps[0].handoffs[1]).toEqual({ when: 'rejected', to: 'complete' })
    expect((await team.call('GET', at)).body.steps).toHaveLength(2)
  })
})

describe('the text', () => {
  it('stays as people wrote it where a form does not change it', async () => {
    const at = `/workflows/${await aWorkflow(team)}`
    const text = `# On top
baton: 1
name: Notes # the name
owner: ${team.owner}
steps:
  # about the first
  - key: one
    prompt: >-
      Say
      hello.
    handoffs: [ { to: two } ] # flow style
  - key: two # the second
    human: { assign: [${team.owner}] }
    handoffs:
      # done at last
      - { when: done, to: complete }
`
    const kept = await submit(`${at}/edit/yaml`, `${at}/edit/yaml`, { text })
    expect(kept.status).toBe(303)
    expect(await textOf(at.slice(11))).toBe(text)
    const step = `${at}/edit/steps/one`
    await submit(step, step, { key: 'one', name: 'One', kind: 'prompt', prompt: 'Say hello.' })
    const after = await textOf(at.slice(11))
    for (const comment of ['# On top', '# the name', '# about the first', '# the second', '# done at last'])
      expect(after).toContain(comment)
    expect(after).toContain('name: One')
  })

  it('tells errors by their line, and what cannot be read', async () => {
    const at = `/workflows/${await aWorkflow(team)}`
    const text = `baton: 1\nname: X\nsteps:\n  - key: a\n    prompt: x\n    handoffs:\n      - { to: nowhere }\n`
    await submit(`${at}/edit/yaml`, `${at}/edit/yaml`, { text })
    expect((await ana.open(`${at}/edit/yaml`)).text).toMatch(/data-line="7">Line 7<.*?There is no step/s)
    const broken = await submit(`${at}/edit/yaml`, `${at}/edit/yaml`, { text: 'baton: [1' })
    expect(broken.status).toBe(422)
    expect(broken.text).toContain('baton: [1')
    const shapeless = await submit(`${at}/edit/yaml`, `${at}/edit/yaml`, { text: 'baton: 1\nsteps: 7\n' })
    expect(shapeless.status).toBe(303)
    expect((await ana.open(`${at}/edit`)).location).toBe(`${at}/edit/yaml`)
  })
})

describe('two people at once', () => {
  it('shows the second who and when, and both sides; nothing is overwritten', async () => {
    const ben = new Browser()
    const email = await aMember(team.id)
    await ben.signIn(email)
    const at = `/workflows/${await aWorkflow(team)}`
    const step = `${at}/edit/steps/review`
    const seenByAna = revision(await ana.open(step))
    await submit(step, step, { key: 'review', kind: 'human', ask: 'What Ben wants' }, ben)
    const late = await ana.send(step, { revision: seenByAna, key: 'review', kind: 'human', ask: 'What Ana wants' })
    expect(late.status).toBe(409)
    expect(late.text).toContain(email)
    expect(late.text).toContain('What Ben wants')
    expect(late.text).toContain('What Ana wants')
    expect(await textOf(at.slice(11))).toContain('What Ben wants')
    const text = await ana.send(`${at}/edit/yaml`, { revision: seenByAna, text: 'baton: 1\nname: Mine\nsteps: []\n' })
    expect([text.status, text.text.includes('name: Mine')]).toEqual([409, true])
    const publish = await ana.send(`${at}/publish`, { revision: seenByAna })
    expect(publish.status).toBe(409)
  })

  it('is for nobody of another team, who may not even look', async () => {
    const at = `/workflows/${await aWorkflow(team)}`
    const seen = await ana.open(`${at}/edit`)
    const stranger = new Browser()
    await stranger.signIn((await aTeam()).owner)
    for (const path of ['/edit', '/edit/yaml', '/edit/settings', '/edit/steps/review', '/publish', '/versions'])
      expect((await stranger.open(at + path)).status).toBe(404)
    expect((await stranger.send(`${at}/edit/delete`, { revision: revision(seen), step: 'again' })).status).toBe(404)
    expect((await stranger.send(`${at}/publish`, { revision: revision(seen) })).status).toBe(404)
  })
})

describe('publishing with tasks in flight', () => {
  it('changes only what was chosen: one stays, one is moved, one restarts', async () => {
    const id = await aWorkflow(team)
    const at = `/workflows/${id}`
    const [stays, moves, restarts] = [
      await aTask(team, id, 'A'),
      await aTask(team, id, 'B'),
      await aTask(team, id, 'C'),
    ]
    const logBefore = (await team.call('GET', `/tasks/${moves}/events`)).body.items.length
    const step = `${at}/edit/steps/again`
    await submit(step, step, { key: 'second', name: 'Second look', kind: 'human', assign: team.owner, ask: 'New' })
    await eventually(async () => expect((await ana.open(`${at}/publish`)).text).toContain(`name="task-${restarts}"`))
    const preview = (await ana.open(`${at}/publish`)).text
    expect(preview).toContain('The step “again” is gone.')
    expect(preview).toContain('Tasks in flight (3)')
    const done = await submit(`${at}/publish`, `${at}/publish`, {
      note: 'Second look',
      all: 'each',
      [`task-${stays}`]: 'finish',
      [`task-${moves}`]: 'step:second',
      [`visit-${moves}`]: '1',
      [`task-${restarts}`]: 'restart',
      [`visit-${restarts}`]: '1',
    })
    expect(done.location).toBe(at)
    const read = async (task: string) => (await team.call('GET', `/tasks/${task}`)).body
    expect(await read(stays)).toMatchObject({ version: 1, step: 'review', status: 'waiting' })
    expect(await read(moves)).toMatchObject({ version: 2, step: 'second', status: 'waiting', input: { company: 'B' } })
    expect((await team.call('GET', `/tasks/${moves}/events`)).body.items.length).toBeGreaterThan(logBefore)
    expect((await read(restarts)).status).toBe('cancelled')
    await eventually(async () => {
      const { items } = (await team.call('GET', `/tasks?workflow=${id}`)).body
      expect(items.filter((item: { version: number }) => item.version === 2)).toHaveLength(2)
    })
  })

  it('keeps versions to compare and to go back to', async () => {
    const id = await aWorkflow(team)
    const at = `/workflows/${id}`
    const step = `${at}/edit/steps/again`
    await submit(step, step, { key: 'again', name: 'Once more', kind: 'human', assign: team.owner })
    await submit(`${at}/publish`, `${at}/publish`, { note: 'Names <b>' })
    const versions = await ana.open(`${at}/versions?from=1&to=2`)
    expect(versions.text).toContain('“again” is now called “Once more”.')
    expect(versions.text).toContain('Names &lt;b&gt;')
    expect(versions.text).toContain(team.owner)
    const back = await ana.send(`${at}/versions/revert`, { version: '1' })
    expect(back.status).toBe(303)
    expect((await team.call('GET', at)).body).toMatchObject({ version: 3 })
    expect((await ana.send(`${at}/versions/revert`, { version: '99' })).status).toBe(404)
    expect((await ana.open(`${at}/publish`)).text).toContain('Nothing to publish')
  })

  it('is blocked by errors', async () => {
    const at = `/workflows/${await aWorkflow(team, aDefinition(team))}`
    await submit(`${at}/edit/yaml`, `${at}/edit/yaml`, {
      text: 'baton: 1\nname: X\nsteps:\n  - key: a\n    agent: nobody\n',
    })
    const page = await ana.open(`${at}/publish`)
    expect(page.text).toContain('This cannot be published yet')
    expect((await ana.send(`${at}/publish`, { revision: revision(page) })).status).toBe(422)
    expect((await team.call('GET', at)).body.version).toBe(1)
  })
})
