/** What people make of models' drafts, with real objects and D1: the ledger and its figures by API and page. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { drawOf } from '../../../src/team/draw.ts'
import { aTeam, env, eventually, fetchApi } from '../api/client.ts'
import { ANA, aQuestion, BEN, choose, drafts, type World, waiting } from '../approval/world.ts'
import { aMember, Browser } from '../team/browser.ts'

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

test('an answer that was approved unchanged becomes knowledge in one click, once an owner or admin took it', async () => {
  const kept = await aQuestion(drafts(), 'Dear Nimbus, welcome aboard.')
  const { team, workflow, task } = kept
  const [ben, ana] = [new Browser(), new Browser()]
  await ben.signIn(await aMember(team.id))
  await ana.signIn(team.owner)
  const offer = (browser: Browser, visit = '2') => browser.send(`/tasks/${task}/keep`, { visit, run: '1' })
  await offer(ben)
  expect((await ben.open(`/tasks/${task}`)).text).toContain('Only what a model drafted and people approved unchanged')
  await choose(await kept.link(ANA), 'approved')
  const page = `/workflows/${workflow}/review`
  await eventually(async () => expect((await ben.open(page)).text).toContain('Offer it'))
  expect((await ben.open(`/tasks/${task}`)).text).toContain('Offer as knowledge')
  for (const visit of ['1', '9', 'x']) await offer(ben, visit)
  expect((await ana.open('/answers')).text).toContain('Nothing waits')

  await offer(ben)
  await offer(ana)
  expect((await ana.open('/knowledge')).text).toContain('One approved answer waits')
  expect((await ben.open(page)).text).toContain('Waits to be looked at')
  // It counts for nobody yet.
  expect((await team.call('GET', '/knowledge')).body.items).toEqual([])
  const { items } = (await team.call('GET', '/audit?type=answer.offered')).body
  expect(items).toMatchObject([
    { actor: { kind: 'person' }, facts: [{ of: task, knowledge: 'draft_answers', to: 'offered' }] },
  ])

  const shown = await ana.open('/answers')
  expect(shown.text).toContain('Dear Nimbus, welcome aboard.')
  const take = /action="(\/answers\/[^"]+\/take)"/.exec(shown.text)![1]!
  expect((await ben.open('/answers')).text).not.toContain('/take"')
  expect((await ben.send(take, { text: 'x' })).status).toBe(403)
  expect((await ana.send(take, { text: ' ' })).status).toBe(422)
  expect((await ana.send(take, { text: 'Dear all, welcome aboard.' })).status).toBe(303)
  const { text } = (await team.call('GET', '/knowledge/draft_answers')).body
  expect(text).toMatch(/^## .+\n\nDear all, welcome aboard\.$/)
  expect((await team.call('GET', '/passages?q=aboard')).body.items).toMatchObject([{ file: 'draft_answers' }])
  expect((await ben.open(page)).text).toContain('Taken')
  const review = await team.call('GET', page)
  expect(review.body).toMatchObject({ tasks: 1, whole: true, approved: [{ task, step: 'draft', offer: 'taken' }] })
  expect(review.body.steps.map(({ step }: { step: string }) => step)).toEqual(
    expect.arrayContaining(['approve', 'draft']),
  )
  expect((await team.call('GET', `${page}?from=2026-02-01&to=2026-01-01`)).status).toBe(422)
  expect((await (await aTeam()).call('GET', page)).status).toBe(404)
  const stranger = new Browser()
  await stranger.signIn((await aTeam()).owner)
  expect((await stranger.send(`/tasks/${task}/keep`, { visit: '2', run: '1' })).status).toBe(404)
})

test('after twenty approvals one in so many is looked at, as the step says; an edit brings full review back at once', async () => {
  const steps = [
    { key: 'draft', prompt: 'Write.', model: 'demo', handoffs: [{ to: 'approve' }] },
    {
      key: 'approve',
      human: { assign: [ANA], edits: 'draft', sample: 5 },
      handoffs: [
        { when: 'approved', to: 'complete' },
        { when: 'rejected', to: 'draft' },
      ],
    },
  ]
  const first = await aQuestion({ ...drafts(), steps }, 'Dear Nimbus.')
  const { team, workflow } = first
  const decide = (task: string, body: object = {}) =>
    team.call('POST', `/tasks/${task}/decide`, { handoff: 'approved', ...body })
  const begin = async () => {
    const { body } = await team.call('POST', `/workflows/${workflow}/tasks`, { input: {} })
    return eventually(async () => {
      const view = (await team.call('GET', `/tasks/${body.id}`)).body
      expect(['waiting', 'done']).toContain(view.status)
      return view
    })
  }
  const standing = async () => (await team.call('GET', `/workflows/${workflow}/sampling`)).body.items[0]
  await decide(first.task)
  for (let n = 1; n < 20; n++) {
    const view = await begin()
    expect(view.status, `the ${n}. is looked at`).toBe('waiting')
    expect((await decide(view.id)).status).toBe(200)
  }
  const step = { step: 'approve', needed: 20, sample: 5, never: null, ended: null }
  await eventually(async () => expect(await standing()).toMatchObject({ ...step, unchanged: 20 }))
  const boss = new Browser()
  await boss.signIn(team.owner)
  const reviews = `/workflows/${workflow}/reviews`
  expect((await boss.open(reviews)).text).toContain('One draft in 5 is put to people.')

  // Which are looked at is drawn by task: until there is one of each.
  const seen: Record<string, string> = {}
  for (let n = 0; n < 100 && Object.keys(seen).length < 2; n++) {
    const view = await begin()
    const put = (await drawOf(env, `${team.id}:${view.id}:2`, 5)) === 0
    expect([view.status, view.skipped]).toEqual(put ? ['waiting', undefined] : ['done', ['approve']])
    seen[view.status] = view.id
  }
  expect((await boss.open(`/tasks/${seen.done}`)).text).toContain('not reviewed (sampled)')
  await eventually(async () => {
    const sum = (await team.call('GET', `/reviews?workflow=${workflow}`)).body.steps[0]
    expect(sum).toMatchObject({ decided: 20, unchanged: 20, unchangedRate: 1 })
    expect(sum.sampled).toBeGreaterThan(0)
  })

  // The edit is answered once D1 has it, or half a second later: what begins then is looked at.
  expect((await decide(seen.waiting!, { edits: 'Dear all.' })).status).toBe(200)
  await eventually(async () => expect((await standing()).unchanged).toBe(0))
  for (let n = 0; n < 5; n++) expect((await begin()).status).toBe('waiting')
  const { ended } = await standing()
  expect(ended).toMatchObject({ person: `key:${team.keyId}`, verdict: 'edited', task: seen.waiting })
  expect((await boss.open(reviews)).text).toContain('Counted anew since')
})

test('a step that has earned it is offered to whoever designs the workflow, and not where people look at each', async () => {
  const { team, workflow } = world
  const { items } = (await team.call('GET', `/workflows/${workflow}/sampling`)).body
  expect(items).toMatchObject([
    { step: 'approve', sample: null, never: null, ended: { verdict: 'edited', person: ANA } },
    { step: 'send', never: expect.stringContaining('one button') },
  ])
  const path = `/workflows/${workflow}/reviews`
  expect((await owner.open(path)).text).not.toContain('Look at one in five')
  // Twenty more, as flushes would tell of them.
  const basis = await env.DB.prepare(
    'SELECT max(at) AS at, basis FROM reviews WHERE workflow = ?1 AND basis IS NOT NULL',
  )
    .bind(workflow)
    .first<{ at: number; basis: string }>()
  const more = Array.from({ length: 20 }, (_, n) =>
    env.DB.prepare(
      `INSERT INTO reviews (team, task, visit, run, call, seq, workflow, at, kind, at_step, step, person, verdict, edited, basis)
       VALUES (?1, ?2, 2, 1, '', 1, ?3, ?4, 'decide', 'approve', 'draft', 'x@y.test', 'approved', 0, ?5)`,
    ).bind(team.id, `tsk_${n}`, workflow, basis!.at + 1 + n, basis!.basis),
  )
  await env.DB.batch(more)
  const { text } = await owner.open(path)
  expect(text).toContain('The last 20 drafts were approved unchanged.')
  expect(text).toContain(`href="/workflows/${workflow}/edit/steps/approve"`)
  const viewer = new Browser()
  await viewer.signIn(await aMember(team.id, 'viewer'))
  expect((await viewer.open(path)).text).not.toContain('Look at one in five…')
  // Drafts that come from something else have earned nothing yet.
  await env.DB.prepare("UPDATE reviews SET basis = 'other' WHERE workflow = ?1").bind(workflow).run()
  expect((await owner.open(path)).text).toContain('0 of 20 in a row')
})
