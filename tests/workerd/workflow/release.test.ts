/** Publishing where it could lose something: drafts kept in the same moment, and more tasks in flight than a page lists. */
import { beforeAll, describe, expect, it } from 'vitest'
import { keepDraft } from '../../../src/records/definitions/drafts.ts'
import { workflowById } from '../../../src/records/definitions/workflows.ts'
import { lintText, publish } from '../../../src/workflow/publish.ts'
import { land } from '../../../src/workflow/release/in-flight.ts'
import { planOf } from '../../../src/workflow/release/plan.ts'
import { aDefinition, aTask, aTeam, aWorkflow, env, eventually, type Team } from '../api/client.ts'
import { Browser } from '../team/browser.ts'

let team: Team
let ana: Browser

beforeAll(async () => {
  team = await aTeam()
  ana = new Browser()
  await ana.signIn(team.owner)
})

const PERSON = { kind: 'person', id: 'ana@acme.test' } as const
const revisionOf = (text: string) => /name="revision" value="(\w+)"/.exec(text)![1]!
const yamlOf = (name: string) =>
  `baton: 1\nname: ${name}\nsteps:\n  - key: a\n    human: { assign: [x@y.test] }\n    handoffs: [{ to: complete }]\n`

async function keep(workflow: string, text: string, by = 'ben@acme.test') {
  const row = (await workflowById(env.DB, team.id, workflow))!
  const facts = { name: row.name, description: null, owner: null, tags: [] }
  const digest = [...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))]
  const draft = { text, digest: digest.map(byte => byte.toString(16).padStart(2, '0')).join(''), facts, by, at: 1 }
  expect(await keepDraft(env.DB, team.id, workflow, { draft: row.draft, live: row.live }, draft)).toBe(true)
}

const draftOf = async (workflow: string) => (await workflowById(env.DB, team.id, workflow))!.draft

describe('a draft', () => {
  it('that was kept after the one that is published stays; the published one is gone', async () => {
    const id = await aWorkflow(team)
    const linted = await lintText(env, team.id, { text: yamlOf('First'), format: 'yaml' })
    if (!linted.ok) throw new Error('unreadable')
    const { definition, agents } = linted.value
    const publication = { team: team.id, workflow: id, text: yamlOf('First'), format: 'yaml', agents } as const
    const facts = { by: { kind: 'person', id: team.owner } as const, note: null, at: 1, definition: definition! }
    await keep(id, yamlOf('First'))
    // Ben saves in the moment between Ana's click and the write of her version.
    await keep(id, yamlOf('Second'))
    await publish(env.DB, { ...publication, ...facts })
    expect(await draftOf(id)).toBe(yamlOf('Second'))
    await publish(env.DB, { ...publication, ...facts, text: yamlOf('Second') })
    expect(await draftOf(id)).toBe(null)
  })

  it('that a person keeps outlives a publish by key and a revert; one that was kept by key does not', async () => {
    const id = await aWorkflow(team)
    await keep(id, yamlOf('Mine'))
    expect((await team.call('PUT', `/workflows/${id}`, aDefinition(team))).status).toBe(200)
    expect(await draftOf(id)).toBe(yamlOf('Mine'))
    expect((await team.call('POST', `/workflows/${id}/revert`, { version: 1 })).status).toBe(200)
    expect((await ana.send(`/workflows/${id}/versions/revert`, { version: '1' })).status).toBe(303)
    expect(await draftOf(id)).toBe(yamlOf('Mine'))
    await team.call('PUT', `/workflows/${id}?draft=1`, { name: 'By key' })
    await team.call('PUT', `/workflows/${id}`, aDefinition(team))
    expect(await draftOf(id)).toBe(null)
  })
})

describe('more tasks in flight than are listed', () => {
  it('all go the way that was chosen for their step, in rounds, and the rest is said', {
    timeout: 60_000,
  }, async () => {
    const id = await aWorkflow(team)
    const at = `/workflows/${id}`
    const names = Array.from({ length: 104 }, (_, n) => `Task ${n}`)
    const tasks: string[] = []
    for (let from = 0; from < names.length; from += 26)
      tasks.push(...(await Promise.all(names.slice(from, from + 26).map(name => aTask(team, id, name)))))
    await ana.send(`${at}/edit/move`, {
      revision: revisionOf((await ana.open(`${at}/edit`)).text),
      step: 'again',
      to: '0',
    })
    await eventually(async () => expect((await ana.open(`${at}/publish`)).text).toContain('Tasks in flight (104)'))
    const page = (await ana.open(`${at}/publish`)).text
    expect(page.match(/name="task-/g)).toHaveLength(100)
    expect(page).toContain('name="at-review"')
    const listed = [...page.matchAll(/name="task-(\w+)"/g)].map(match => match[1]!)
    const stays = listed[0]!

    const done = await ana.send(`${at}/publish`, {
      revision: revisionOf(page),
      note: '',
      all: 'each',
      'at-review': 'step:again',
      ...Object.fromEntries(listed.map(task => [`task-${task}`, ''])),
      [`task-${stays}`]: 'finish',
    })
    expect([done.status, done.location]).toEqual([303, at])
    const versionOf = async (task: string) => (await team.call('GET', `/tasks/${task}`)).body.version as number
    const versions = await Promise.all(tasks.map(versionOf))
    expect(versions.filter(version => version === 2)).toHaveLength(103)
    expect(await versionOf(stays)).toBe(1)
    await eventually(async () =>
      expect((await ana.open(`${at}/versions`)).text).toMatch(/v2 .*?class="number">103<.*?v1 .*?class="number">1</s),
    )

    // The next version, in rounds of forty: no task twice, none left out.
    expect((await team.call('PUT', at, aDefinition(team))).body.version).toBe(3)
    const plan = planOf({ all: 'step:review' })
    const whose = { team: team.id, workflow: id, plan }
    const first = await land(env, whose, PERSON, null, 40)
    expect([first.moved, first.remaining, first.refused]).toEqual([40, 64, []])
    const sent = { all: 'step:review', 'after-at': String(first.next!.at), 'after-id': first.next!.id, moved: '40' }
    expect((await ana.send(`${at}/publish/tasks`, { ...sent, version: '2' })).status).toBe(409)
    const second = await land(env, whose, PERSON, first.next, 40)
    expect([second.moved, second.remaining]).toEqual([40, 24])
    const mark = { 'after-at': String(second.next!.at), 'after-id': second.next!.id }
    // As the page goes on by itself: the last round leads the browser to the board.
    const rest = { all: 'step:review', ...mark, moved: '80', version: '3' }
    const last = await ana.send(`${at}/publish/tasks`, rest, { 'HX-Request': 'true', 'HX-Request-Type': 'partial' })
    expect([last.status, last.headers.get('HX-Redirect')]).toEqual([204, at])
    expect(new Set(await Promise.all(tasks.map(versionOf)))).toEqual(new Set([3]))
  })

  it('says which could not be moved, and why', async () => {
    const id = await aWorkflow(team)
    const at = `/workflows/${id}`
    const task = await aTask(team, id, 'Went on')
    await team.call('PUT', `${at}?draft=1`, aDefinition(team, { name: 'Second' }))
    await eventually(async () => expect((await ana.open(`${at}/publish`)).text).toContain(`name="task-${task}"`))
    const page = (await ana.open(`${at}/publish`)).text
    await team.call('POST', `/tasks/${task}/decide`, { handoff: 'rejected', note: 'No' })
    const landed = await ana.send(`${at}/publish`, {
      revision: revisionOf(page),
      [`task-${task}`]: 'step:review',
      [`visit-${task}`]: '1',
    })
    expect(landed.status).toBe(200)
    expect(landed.text).toContain('One task stayed as they were')
    expect(landed.text).toContain('Went on')
    expect((await team.call('GET', `/tasks/${task}`)).body).toMatchObject({ version: 1, step: 'again' })
    // Left behind, it can still be moved later.
    expect((await ana.open(`${at}/publish`)).text).toContain('One task is still on an older version')
  })
})
