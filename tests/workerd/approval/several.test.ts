/** A task that asks several people at once: every page and link tells the questions apart, and a decision is of the one that was meant. */
import { describe, expect, test } from 'vitest'
import { signLink } from '../../../src/approval/links.ts'
import { taskStub } from '../../../src/env.ts'
import { aTeam, env, eventually, fetchApi } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'
import { ANA, BEN, choose, hiddenFields, send } from './world.ts'

const branch = (assign: string[], over = {}) => ({ human: { assign, instructions: 'Fine?', ...over } })

/** A task whose one step asks Ana and Ben (or these people) about the same, each for a branch of their own. */
async function askingBoth({ legal = [ANA], boss = [BEN], any = false, over = {} } = {}) {
  const team = await aTeam()
  const parallel = { branches: { legal: branch(legal), boss: branch(boss, over) }, ...(any && { join: 'any' }) }
  const step = { key: 'review', name: 'Review', parallel, handoffs: [{ to: 'complete' }] }
  const made = await team.call('POST', '/workflows', { baton: 1, name: 'Reviews', owner: ANA, steps: [step] })
  const workflow = made.body.id as string
  const title = `Contract ${team.id}`
  const started = await team.call('POST', `/workflows/${workflow}/tasks`, { input: { text: 'A contract' }, title })
  const task = started.body.id as string
  const stub = taskStub(env, team.id, task)
  const asks = (await stub.asks())!
  expect(asks.map(({ run, name }) => [run, name])).toEqual([
    [1, 'legal'],
    [2, 'boss'],
  ])
  const link = async (recipient: string, index: number) => {
    const { visit, run, digest } = asks[index]!
    return `/a/${await signLink(env, { team: team.id, task, visit, run, digest, recipient }, Date.now())}`
  }
  return { team, task, title, stub, link, workflow, path: `/approvals/${task}` }
}

async function signedIn(email: string): Promise<Browser> {
  const browser = new Browser()
  await browser.signIn(email)
  return browser
}

const phaseOf = async (stub: ReturnType<typeof taskStub>) => (await stub.asks())!.map(ask => ask.name)

describe('two open questions', () => {
  test('stand in the inbox, each for whom it waits, by their names', async () => {
    const world = await askingBoth()
    const owner = await signedIn(world.team.owner)
    await eventually(async () => expect((await owner.open('/approvals?show=all')).text).toContain('Review: legal'))
    const { text } = await owner.open('/approvals?show=all')
    for (const [run, name] of [[1, 'legal'] as const, [2, 'boss'] as const]) {
      expect(text).toContain(`Review: ${name}`)
      expect(text.match(new RegExp(`open=${world.task}%3A1%3A${run}"`, 'g'))).toHaveLength(1)
    }
  })

  test('have a page each, which leads to the other and sends visit and run', async () => {
    const world = await askingBoth()
    const owner = await signedIn(world.team.owner)
    const boss = (await owner.open(`${world.path}?visit=1&run=2`)).text
    expect(boss).toContain('Review: boss')
    expect(boss).toContain(`Only ${BEN} can decide this.`)
    expect(boss).toContain(`href="${world.path}?visit=1&amp;run=1">Review: legal</a>`)
    const fields = hiddenFields(boss.slice(boss.indexOf('class="approval"')))
    expect(fields).toMatchObject({ visit: '1', run: '2' })
  })

  test('are shown on the task’s page and its card with all whom it waits for', async () => {
    const world = await askingBoth()
    const owner = await signedIn(world.team.owner)
    const { text } = await owner.open(`/tasks/${world.task}`)
    for (const name of ['legal', 'boss']) expect(text).toContain(`Look at the question: ${name}`)
    expect(text).toContain('legal: Done → this part is done; &quot;Review&quot; goes on when it has all it needs')
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(match => match[1])
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
    await eventually(async () => {
      const board = (await owner.open(`/workflows/${world.workflow}`)).text
      expect(board).toContain(`title="${ANA}, ${BEN}"`)
    })
  })

  test('a decision is of the one that the link is for; the other goes on being asked', async () => {
    const world = await askingBoth()
    const [anas, bens] = [await world.link(ANA, 0), await world.link(BEN, 1)]
    expect((await choose(bens, 'done', { note: 'Fine' })).status).toBe(303)
    expect(await phaseOf(world.stub)).toEqual(['legal'])
    expect((await fetchApi(bens)).text).toContain('You decided this')
    expect((await fetchApi(anas)).text).toContain('Review: legal')
    // Sent again it decides nothing, though a question of the same words is open.
    expect((await choose(bens, 'done')).status).toBe(409)
    expect(await phaseOf(world.stub)).toEqual(['legal'])
    expect((await choose(anas, 'done')).status).toBe(303)
    expect((await world.stub.view())!.status).toBe('done')
    const timeline = (await (await signedIn(world.team.owner)).open(`/tasks/${world.task}`)).text
    for (const name of ['legal', 'boss']) expect(timeline).toMatch(new RegExp(`<h2[^>]*>\\s*${name}`))
  })

  test('whoever is asked in one of them is led to it, and decides no other', async () => {
    const world = await askingBoth()
    const member = await aMember(world.team.id)
    await world.team.call('POST', `/tasks/${world.task}/assign`, { to: [member], run: 2 })
    const browser = await signedIn(member)
    const page = (await browser.open(world.path)).text
    expect(page).toContain('Review: boss')
    const fields = hiddenFields(page.slice(page.indexOf('class="approval"')))
    expect(fields).toMatchObject({ visit: '1', run: '2' })
    const other = await browser.send(world.path, { ...fields, run: '1', handoff: 'done' })
    expect(other.status).toBe(403)
    const { run: _run, ...vague } = fields
    const asked = await browser.send(world.path, { ...vague, handoff: 'done' })
    expect([asked.status, asked.text.includes('Several questions are open')]).toEqual([409, true])
    expect(await phaseOf(world.stub)).toEqual(['legal', 'boss'])
    expect((await browser.send(world.path, { ...fields, handoff: 'done' })).status).toBe(303)
    expect(await phaseOf(world.stub)).toEqual(['legal'])
  })

  test('others can be asked for one of them, from the page and by the API, and the other keeps its people', async () => {
    const world = await askingBoth()
    const owner = await signedIn(world.team.owner)
    const form = (await owner.open(`/tasks/${world.task}?do=assign`)).text
    expect(form).toContain('<option value="1" selected="">Review: legal</option>')
    const given = { visit: '1', run: '2', to: 'cleo@guests.test' }
    expect((await owner.send(`/tasks/${world.task}/assign`, given)).status).toBe(303)
    const people = async () => (await world.stub.asks())!.map(ask => ask.assignees.map(each => each.email))
    expect(await people()).toEqual([[ANA], ['cleo@guests.test']])
    const vague = await world.team.call('POST', `/tasks/${world.task}/assign`, { to: BEN })
    expect([vague.status, vague.body.error.code]).toEqual([409, 'several_open'])
    expect((await world.team.call('POST', `/tasks/${world.task}/assign`, { to: BEN, run: 1 })).status).toBe(200)
    expect(await people()).toEqual([[BEN], ['cleo@guests.test']])
  })

  test('are told of in a mail each, with a link of its own', async () => {
    const world = await askingBoth()
    const mails = () =>
      env.DB.prepare('SELECT recipient, subject, text FROM outbox WHERE instr(subject, ?1) > 0 ORDER BY recipient')
        .bind(`(${world.title})`)
        .all<{ recipient: string; subject: string; text: string }>()
    await eventually(async () => expect((await mails()).results).toHaveLength(2))
    const [anas, bens] = (await mails()).results
    expect(anas).toMatchObject({ recipient: ANA, subject: `Your decision: Review: legal (${world.title})` })
    expect(bens).toMatchObject({ recipient: BEN, subject: `Your decision: Review: boss (${world.title})` })
    const pathOf = (text: string) => new URL(/https:\S+/.exec(text)![0]).pathname
    expect((await fetchApi(pathOf(bens!.text))).text).toContain('Review: boss')
  })
})

test('a question that the others made needless says so', async () => {
  const world = await askingBoth({ any: true })
  const [anas, bens] = [await world.link(ANA, 0), await world.link(BEN, 1)]
  const open = hiddenFields((await fetchApi(anas)).text)
  expect((await choose(bens, 'done')).status).toBe(303)
  const late = await fetchApi(anas)
  expect(late.status).toBe(410)
  expect(late.text).toContain('The others’ answers were enough')
  expect((await send(anas, { ...open, handoff: 'done' })).status).toBe(410)
})

test('a question that nobody is asked does not hide the other', async () => {
  const world = await askingBoth({ legal: [] })
  const owner = await signedIn(world.team.owner)
  const { text } = await owner.open(`/tasks/${world.task}`)
  expect(text).toContain('id="do-assign"')
  expect(text).toContain('<option value="1" selected="">Review: legal</option>')
  expect(text).toContain('Look at the question: boss')
  expect(text).not.toContain('Look at the question: legal')
})
