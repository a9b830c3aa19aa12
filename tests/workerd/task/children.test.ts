/** Tasks that start one another, with real objects, lanes and D1: down the tree, back up, and called back. */
import { afterEach, expect, test } from 'vitest'
import type { Json } from '../../../src/domain/json/json.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { wakePastDue } from '../../../src/task/hourly.ts'
import { aDefinition, aTask, aTeam, aWorkflow, env, eventually, type Team } from '../api/client.ts'
import { Browser } from '../team/browser.ts'

afterEach(() => scriptModels(null))

const child = (use: string, over: object = {}) => ({
  workflow: { use, input: { company: '{{ input.company }}' }, ...over },
})
const toEnd = [{ when: 'ok', to: 'complete' }]

/** A workflow of one step, which starts a task of another. */
function starting(team: Team, name: string, use: string, over: object = {}, step: object = {}): Promise<string> {
  const steps = [{ key: 'start', ...child(use, over), handoffs: toEnd, ...step }]
  return aWorkflow(team, { name, steps, result: '{{ steps.start.output.result }}' })
}

async function viewOf(team: Team, id: string) {
  return (await team.call('GET', `/tasks/${id}`)).body
}

/** The task once it has this status. */
function standing(team: Team, id: string, status: string) {
  return eventually(async () => {
    const view = await viewOf(team, id)
    expect(view.status, view.why).toBe(status)
    return view
  })
}

interface Logged {
  type: string
  data: { [name: string]: Json }
}

async function eventsOf(team: Team, id: string, type: string): Promise<Logged[]> {
  const { items } = (await team.call('GET', `/tasks/${id}/events`)).body as { items: Logged[] }
  return items.filter(event => event.type === type)
}

/** Ids of the tasks that it started, once it has started so many. */
function startedBy(team: Team, id: string, count = 1): Promise<string[]> {
  return eventually(async () => {
    const started = await eventsOf(team, id, 'started')
    expect(started).toHaveLength(count)
    return started.map(({ data }) => data.child as string)
  })
}

test('a task waits for the one that it started, and goes on with what that came to', async () => {
  const team = await aTeam()
  await aWorkflow(team, { result: 'Approved: {{ input.company }}' })
  const top = await aTask(team, await starting(team, 'Top', 'Reviews'), 'Nimbus')
  const [review = ''] = await startedBy(team, top)
  const waiting = await standing(team, top, 'waiting')
  expect(waiting.why).toBe(`"start" waits for "Reviews" #${review.slice(4, 10)}.`)
  expect(await standing(team, review, 'waiting')).toMatchObject({ title: 'Nimbus', input: { company: 'Nimbus' } })
  expect((await eventsOf(team, review, 'created'))[0]?.data.source).toEqual({
    kind: 'task',
    id: top,
    depth: 1,
    parent: { visit: 1, run: 1, attempt: 1 },
  })
  const told = { id: review, name: 'Reviews', title: 'Nimbus', visit: 1, run: 1, waits: true }
  await eventually(async () =>
    expect((await viewOf(team, top)).children).toMatchObject([{ ...told, status: 'waiting' }]),
  )
  await team.call('POST', `/tasks/${review}/decide`, { handoff: 'approved' })
  const done = await standing(team, top, 'done')
  expect(done.children).toMatchObject([{ ...told, key: null, status: 'done' }])
  expect(await viewOf(team, review)).not.toHaveProperty('children')
  expect(done.result).toBe('Approved: Nimbus')
  expect(done.outputs.start).toEqual({ task: review, status: 'done', result: 'Approved: Nimbus' })
  // It is known to be heard, so that nothing is said again.
  await eventually(async () => expect(await eventsOf(team, review, 'told')).toHaveLength(1))
  expect(await eventsOf(team, top, 'returned')).toHaveLength(1)
})

test('a tree of three levels is cancelled from the top, to the last of its tasks', async () => {
  const team = await aTeam()
  await aWorkflow(team, { name: 'Bottom' })
  await starting(team, 'Middle', 'Bottom')
  const branches = { one: child('Middle'), two: child('Middle') }
  const steps = [{ key: 'both', parallel: { branches }, handoffs: [{ to: 'complete' }] }]
  const top = await aTask(team, await aWorkflow(team, { name: 'Top', steps }))
  const middle = await startedBy(team, top, 2)
  const bottom = (await Promise.all(middle.map(id => startedBy(team, id)))).flat()
  for (const id of [...middle, ...bottom]) await standing(team, id, 'waiting')
  expect((await team.call('POST', `/tasks/${top}/cancel`, {})).status).toBe(200)
  for (const id of [...middle, ...bottom]) await standing(team, id, 'cancelled')
  const [cancelled] = await eventsOf(team, bottom[0]!, 'cancelled')
  expect(cancelled?.data.note).toMatch(/which started it, no longer waits for it/)
  // Everybody knows by now, so that nobody has anything left to say.
  await eventually(async () => {
    for (const id of [top, ...middle]) expect(await eventsOf(team, id, 'returned')).toHaveLength(id === top ? 2 : 1)
    const all = JSON.stringify([top, ...middle, ...bottom])
    const left = `SELECT count(*) AS n FROM tasks WHERE id IN (SELECT value FROM json_each(?)) AND (over = 0 OR due_at IS NOT NULL)`
    expect(await env.DB.prepare(left).bind(all).first('n')).toBe(0)
  })
  expect(await wakePastDue(env, Date.now() + 3_600_000)).toBe(0)
})

test('a workflow that starts itself is not published, and a chain that is too long ends with a clear word, up to its top', async () => {
  const team = await aTeam()
  const last = await aWorkflow(team, { name: 'Level 6' })
  for (const level of [5, 4, 3, 2, 1]) await starting(team, `Level ${level}`, `Level ${level + 1}`)
  const steps = [{ key: 'start', ...child('Level 1'), handoffs: toEnd }]
  const closed = await team.call('PUT', `/workflows/${last}`, aDefinition(team, { name: 'Level 6', steps }))
  expect(closed).toMatchObject({ status: 422, body: { lint: [{ code: 'self_start' }] } })
  // Six below the first are one too many.
  const first = await starting(team, 'Level 0', 'Level 1')
  const { error } = await standing(team, await aTask(team, first), 'failed')
  expect(error.code).toBe('child_failed')
  expect(error.message).toMatch(
    /^The task of “Level 1” failed: .*“Level 5” failed: This task is the last of 5 that started/,
  )
  expect((await team.call('GET', `/tasks?workflow=${last}`)).body.items).toEqual([])
})

test('only started, it is not waited for: the step goes on at once, and a cancel leaves it alone', async () => {
  const team = await aTeam()
  await aWorkflow(team)
  const steps = [
    { key: 'start', ...child('Reviews', { wait: false }), handoffs: [{ to: 'look' }] },
    { key: 'look', human: { assign: [team.owner] }, handoffs: [{ to: 'complete' }] },
  ]
  const top = await aTask(team, await aWorkflow(team, { name: 'Top', steps }))
  const { outputs } = await standing(team, top, 'waiting')
  const [review = ''] = await startedBy(team, top)
  expect(outputs.start).toEqual({ task: review, status: 'waiting', result: null })
  await team.call('POST', `/tasks/${top}/cancel`, {})
  await standing(team, top, 'cancelled')
  expect((await viewOf(team, review)).status).toBe('waiting')
  expect(await eventsOf(team, top, 'recalled')).toEqual([])
})

test('while the other workflow is paused the task is held, and goes on by itself', async () => {
  const team = await aTeam()
  const reviews = await aWorkflow(team)
  const top = await starting(team, 'Top', 'Reviews')
  await team.call('POST', `/workflows/${reviews}/pause`)
  const task = await aTask(team, top)
  const { held } = await standing(team, task, 'held')
  expect(held).toMatchObject({ reason: 'workflow_paused', message: '“Reviews” is paused and takes no new tasks.' })
  await team.call('POST', `/workflows/${reviews}/activate`)
  await team.call('POST', `/tasks/${task}/retry`, {})
  await startedBy(team, task)
})

test.each<[string, Json, string, RegExp]>([
  ['an input that does not fit', 5, 'invalid_input', /“Reviews” does not take this input: .*company/],
  ['a workflow in the archive', 'Acme', 'workflow_closed', /No task of “Reviews” could be started: .*archive/],
])('%s is told in words', async (_name, company, code, words) => {
  const team = await aTeam()
  const reviews = await aWorkflow(team)
  const steps = [{ key: 'start', workflow: { use: reviews, input: { company } }, handoffs: toEnd }]
  const named = [{ ...steps[0], workflow: { use: 'Reviews', input: { company } } }]
  const top = await aWorkflow(team, { name: 'Top', steps: named })
  if (code === 'workflow_closed') await team.call('POST', `/workflows/${reviews}/archive`)
  const { error } = await standing(team, await aTask(team, top), 'failed')
  expect(error.code).toBe(code)
  expect(error.message).toMatch(words)
  expect((await team.call('GET', `/tasks?workflow=${reviews}`)).body.items).toEqual([])
})

test('a publish pins the workflow itself: whatever it is called later, and whichever version is live then', async () => {
  const team = await aTeam()
  const reviews = await aWorkflow(team)
  const top = await starting(team, 'Top', 'Reviews')
  const renamed = aDefinition(team, { name: 'Looks' })
  expect((await team.call('PUT', `/workflows/${reviews}`, renamed)).status).toBe(200)
  const task = await aTask(team, top)
  const [review = ''] = await startedBy(team, task)
  expect(await viewOf(team, review)).toMatchObject({ workflow: reviews, version: 2 })
})

test('the pages lead from the one to the other: what it waits for, whose part it is, who starts it, what it takes', async () => {
  const team = await aTeam()
  const browser = new Browser()
  await browser.signIn(team.owner)
  const reviews = await aWorkflow(team)
  const steps = [{ key: 'start', ...child(reviews), handoffs: toEnd }]
  const starter = await aWorkflow(team, { name: 'Top', steps, title: 'All of {{ input.company }}' })
  const top = await aTask(team, starter, 'Nimbus')
  const [review = ''] = await startedBy(team, top)
  await standing(team, review, 'waiting')
  const above = await eventually(async () => {
    const { text } = await browser.open(`/tasks/${top}`)
    expect(text).toContain(`waits for ${team.owner} to decide`)
    return text
  })
  expect(above).toMatch(new RegExp(`<a href="/tasks/${review}"[^>]*>Nimbus</a>`))
  expect(above).toContain('of “Reviews”')
  // Somebody else brings it on.
  expect(above).toContain('hx-trigger="every 10s"')
  const below = (await browser.open(`/tasks/${review}`)).text
  expect(below).toMatch(new RegExp(`<a href="/tasks/${top}"[^>]*>part of “All of Nimbus”</a>`))
  const manage = (await browser.open(`/workflows/${reviews}/manage`)).text
  expect(manage).toMatch(new RegExp(`Used by <a href="/workflows/${starter}"[^>]*>Top</a>`))
  expect(manage).toMatch(/Top<\/a> starts tasks of it: once it is deleted, those steps fail/)
  expect((await browser.open(`/workflows/${reviews}/edit/settings`)).text).toContain(
    'Used by Top: choose it there anew',
  )
  // By API the same is told, and confirmed in the same way.
  const refused = await team.call('DELETE', `/workflows/${reviews}`)
  expect(refused).toMatchObject({ status: 409, body: { error: { code: 'workflow_in_use' } } })
  expect(refused.body.error.message).toContain(`“Top” (${starter})`)
  const wrong = await team.call('DELETE', `/workflows/${reviews}?name=Review`)
  expect(wrong).toMatchObject({ status: 422, body: { error: { path: 'name' } } })
  const form = (await browser.open(`/workflows/${starter}/edit/steps/start`)).text
  expect(form).toContain(`<option value="${reviews}" selected="">Reviews</option>`)
  expect(form).toMatch(
    /name="workflow_in-company"[^>]*value="\{\{ input.company \}\}"|value="\{\{ input.company \}\}"[^>]*name="workflow_in-company"/,
  )
  expect((await browser.open(`/workflows/${starter}/graph`)).text).toContain('↗')
  // An id means nothing elsewhere.
  expect((await browser.open(`/workflows/${starter}/export`)).text).toContain('use: Reviews')
  expect((await team.call('DELETE', `/workflows/${reviews}?name=Reviews`)).status).toBe(204)
  expect((await team.call('DELETE', `/workflows/${starter}`)).status).toBe(204)
})

test('an export is made again where a workflow of that name is, and says so where there is none', async () => {
  const team = await aTeam()
  const browser = new Browser()
  await browser.signIn(team.owner)
  await aWorkflow(team)
  const file = (await browser.open(`/workflows/${await starting(team, 'Top', 'Reviews')}/export`)).text
  const other = await aTeam()
  const ben = new Browser()
  await ben.signIn(other.owner)
  const look = await ben.send('/workflows/import', { text: file, do: 'look' })
  expect(look.text).toContain('There is no workflow “Reviews” in this team.')
  await aWorkflow(other)
  const made = await ben.send('/workflows/import', { text: file, do: 'make' })
  const id = /wf_\w+/.exec(made.location ?? '')?.[0]
  const draft = await other.call('GET', `/workflows/${id}?draft=1`)
  expect(draft.body.steps[0].workflow.use).toBe('Reviews')
  const put = await other.call('PUT', `/workflows/${id}`, aDefinition(other, { steps: draft.body.steps }))
  expect(put.status, put.text).toBe(200)
})
