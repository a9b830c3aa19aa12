/** Whoever has left the team has no say any more, and nothing waits for them. */
import { createExecutionContext, createScheduledController, waitOnExecutionContext } from 'cloudflare:test'
import { exports } from 'cloudflare:workers'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { app } from '../../../src/app/app.ts'
import { linkEnd, signLink } from '../../../src/approval/links.ts'
import worker from '../../../src/index.ts'
import { putAbsence } from '../../../src/records/people/absences.ts'
import { memberById, removeMember } from '../../../src/records/people/members.ts'
import type { TaskVerbs } from '../../../src/task/rpc.ts'
import { replyAddress } from '../../../src/team/mail/reply-address.ts'
import { modelsAnswer, says } from '../../support/engine.ts'
import { aDefinition, aKey, aTask, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { choose, send } from '../approval/world.ts'
import { deliver, mail } from '../intake/mail-world.ts'
import { aMember, Browser, ORIGIN } from './browser.ts'

let team: Team
let owner: Browser
let ben: string

beforeEach(async () => {
  team = await aTeam()
  owner = new Browser()
  await owner.signIn(team.owner)
  ben = await aMember(team.id)
})

const membershipOf = async (email: string) =>
  (await env.DB.prepare(
    'SELECT m.id FROM member m JOIN user u ON u.id = m.userId WHERE u.email = ?1 AND m.organizationId = ?2',
  )
    .bind(email, team.id)
    .first<string>('id'))!

async function remove(email = ben) {
  return owner.send(`/settings/people/${await membershipOf(email)}/remove`, {})
}

/** Takes them out without what follows, as when the Worker dies right after. */
async function removeOnly(email = ben, at = Date.now()) {
  const member = (await memberById(env.DB, team.id, await membershipOf(email)))!
  await removeMember(env.DB, member, { team: team.id, actor: { kind: 'person', id: team.owner }, at }, false)
}

const asking = (assign: string[], over: Record<string, unknown> = {}, human: Record<string, unknown> = {}) =>
  aWorkflow(team, {
    input: undefined,
    steps: [{ key: 'review', human: { assign, ...human }, handoffs: [{ when: 'approved', to: 'complete' }] }],
    ...over,
  })

// biome-ignore lint/suspicious/noExplicitAny: tests read answers freely.
async function askOf(task: string): Promise<any> {
  return eventually(async () => {
    const { items } = (await team.call('GET', '/approvals')).body
    const ask = items.find((one: { task: { id: string } }) => one.task.id === task)
    expect(ask).toBeDefined()
    return ask
  })
}

const askedIn = async (task: string) => (await askOf(task)).assignees.map((one: { email: string }) => one.email)

const eventsOf = async (task: string, type: string) =>
  (await team.call('GET', `/tasks/${task}/events`)).body.items.filter((one: { type: string }) => one.type === type)

/** The notices that this person was sent of the task. */
const mailsTo = async (email: string, task: string) =>
  (await env.DB.prepare('SELECT digest FROM notices WHERE task = ?1 AND recipient = ?2').bind(task, email).all())
    .results

const repliesTo = async (task: string) =>
  (await team.call('GET', `/tasks/${task}/events`)).body.items.filter(
    (one: { data: { name?: string } }) => one.data.name === 'reply',
  )

async function linkOf(task: string, recipient: string, at = Date.now()): Promise<string> {
  const { visit, run, digest } = await askOf(task)
  return `/a/${await signLink(env, { team: team.id, task, visit, run, digest, recipient }, at, linkEnd(at, null))}`
}

/** An open board of the workflow; `closed`: the code that it was closed with. */
async function watched(workflow: string, browser: Browser): Promise<{ closed: number | null }> {
  const Cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const worker = exports as unknown as { default: { fetch(url: string, init?: RequestInit): Promise<Response> } }
  const headers = { Upgrade: 'websocket', Cookie, Origin: ORIGIN }
  const { webSocket } = await worker.default.fetch(`${ORIGIN}/workflows/${workflow}/live`, { headers })
  const seen = { closed: null as number | null }
  webSocket!.addEventListener('close', event => {
    seen.closed = event.code
  })
  webSocket!.accept()
  return seen
}

/** Holds back the answer of the next look at who has left; others go on as they are. */
function heldLook() {
  // Plain values: no promise of the test may be settled by an object, nor the other way round.
  const state = { begun: false, released: false }
  const d1 = Object.getPrototypeOf(env.DB) as D1Database
  const { prepare } = d1
  const prepared = vi.spyOn(d1, 'prepare').mockImplementation(function (this: D1Database, sql: string) {
    const statement = prepare.call(this, sql)
    if (!sql.includes('FROM former_members f WHERE')) return statement
    prepared.mockRestore()
    const bind = statement.bind.bind(statement)
    statement.bind = (...values) => {
      const bound = bind(...values)
      const all = bound.all.bind(bound)
      bound.all = async <T>() => {
        const answer = await all<T>()
        state.begun = true
        while (!state.released) await scheduler.wait(5)
        return answer
      }
      return bound
    }
    return statement
  } as (query: unknown) => D1PreparedStatement)
  return {
    begun: () => eventually(async () => expect(state.begun).toBe(true)),
    release: () => {
      state.released = true
    },
  }
}

describe('the link of someone who is gone', () => {
  test('is dead at once: looked at, sent, or asked to be renewed; the page leads to the team', async () => {
    const task = await aTask(team, await asking([ben, 'guest@else.test']))
    const path = await linkOf(task, ben)
    const old = await linkOf(task, ben, Date.now() - 8 * 86_400_000)
    const seen = await fetchApi(path)
    expect(seen.status).toBe(200)
    // Whether or not what waited was handed over by then.
    await removeOnly()
    for (const link of [path, old]) {
      const page = await fetchApi(link)
      expect([page.status, page.text.includes(`mailto:${team.owner}`)], link).toEqual([410, true])
      expect((await fetchApi(link, { method: 'HEAD' })).status).toBe(410)
    }
    expect((await choose(path, 'approved')).status).toBe(410)
    const fields = Object.fromEntries(
      [...seen.text.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(m => [m[1], m[2]]),
    )
    expect((await send(path, { ...fields, note: '', handoff: 'approved' })).status).toBe(410)
    const before = (await mailsTo(ben, task)).length
    expect((await send(old, { renew: '1' })).status).toBe(410)
    expect(await mailsTo(ben, task)).toHaveLength(before)
    expect(await eventsOf(task, 'decided')).toEqual([])
    expect((await team.call('GET', `/tasks/${task}`)).body.status).toBe('waiting')
  })

  test('decides nothing either where the removal comes while the decision is on its way', async () => {
    const task = await aTask(team, await asking([ben, 'guest@else.test']))
    const path = await linkOf(task, ben)
    const page = await fetchApi(path)
    const fields = Object.fromEntries(
      [...page.text.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(m => [m[1]!, m[2]!]),
    )
    // The request has looked whether they belong to the team; they are removed just before the task is told.
    const getByName = (name: string) => {
      const stub = env.TASKS.getByName(name) as unknown as TaskVerbs
      const command: TaskVerbs['command'] = async (...given) => {
        await removeOnly()
        return stub.command(...given)
      }
      return { story: () => stub.story(), events: (...given: [number, number]) => stub.events(...given), command }
    }
    const slow = { ...env, TASKS: { getByName } }
    const body = new URLSearchParams({ ...fields, note: '', handoff: 'approved' })
    const init = { method: 'POST', body, headers: { 'Sec-Fetch-Site': 'same-origin' } }
    const answer = await app.request(`https://baton.test${path}`, init, slow, createExecutionContext())
    expect([answer.status, (await answer.text()).includes(`mailto:${team.owner}`)]).toEqual([410, true])
    expect(await eventsOf(task, 'decided')).toEqual([])
    expect((await team.call('GET', `/tasks/${task}`)).body.status).toBe('waiting')
    expect((await choose(await linkOf(task, 'guest@else.test'), 'approved')).status).toBe(303)
  })

  // The task's own look at D1, which began before the removal, answers when the removal and all that follows is over.
  test.each([
    ['what waited for them was handed over', false],
    ['the index knew of nothing that waited for them', true],
  ])('decides nothing once the removal was confirmed, whatever the task had seen before: %s', async (_, unknown) => {
    const task = await aTask(team, await asking([ben, 'guest@else.test']))
    const { visit, run, digest } = await askOf(task)
    if (unknown) await env.DB.prepare('DELETE FROM question_people WHERE task = ?1').bind(task).run()
    const look = heldLook()
    const decide = { type: 'decide', visit, run, digest, handoff: 'approved' } as const
    const stub = env.TASKS.getByName(`${team.id}:${task}`) as unknown as TaskVerbs
    const deciding = stub.command(decide, { actor: { kind: 'link', id: ben }, flushed: false })
    await look.begun()
    expect((await remove()).status).toBe(303)
    look.release()
    expect(await deciding).toMatchObject({ ok: false, refusal: { kind: 'no_member' } })
    expect(await eventsOf(task, 'decided')).toEqual([])
  })

  test('that was taken while the removal was under way counts as before it, and the removal is confirmed after', async () => {
    const task = await aTask(team, await asking([ben, 'guest@else.test']))
    const { visit, run, digest } = await askOf(task)
    const look = heldLook()
    const decide = { type: 'decide', visit, run, digest, handoff: 'approved' } as const
    const stub = env.TASKS.getByName(`${team.id}:${task}`) as unknown as TaskVerbs
    const order: string[] = []
    const deciding = stub
      .command(decide, { actor: { kind: 'link', id: ben }, flushed: false })
      .then(answer => order.push(answer.ok ? 'decided' : answer.refusal.kind))
    await look.begun()
    // Without what follows: were it handed over by then, the decision would be refused.
    await env.DB.prepare('DELETE FROM question_people WHERE task = ?1').bind(task).run()
    const removing = remove().then(() => order.push('removed'))
    await eventually(async () => expect(await memberById(env.DB, team.id, await membershipOf(ben))).toBeNull())
    look.release()
    await Promise.all([deciding, removing])
    // On a slow machine the task looks again, and refuses.
    expect(order.toSorted()).toEqual([expect.stringMatching(/^(decided|no_member)$/), 'removed'])
    expect(order.indexOf('decided')).toBeLessThan(order.indexOf('removed'))
  })

  test.each(['answer', 'cancel', 'retry', 'move', 'assign'])(
    'nothing else of theirs is taken either: %s',
    async type => {
      const task = await aTask(team, await asking([ben]))
      await askOf(task)
      await removeOnly()
      const stub = env.TASKS.getByName(`${team.id}:${task}`) as unknown as TaskVerbs
      const command = { type, to: type === 'move' ? 'review' : ['x@y.test'], happened: true } as never
      const answer = await stub.command(command, { actor: { kind: 'person', id: ben }, flushed: false })
      expect(answer).toMatchObject({ ok: false, refusal: { kind: 'no_member' } })
    },
  )

  test('is not given to keys either; a guest’s is', async () => {
    const task = await aTask(team, await asking([ben, 'guest@else.test']))
    expect(Object.keys((await askOf(task)).links)).toEqual([ben, 'guest@else.test'])
    await removeOnly()
    expect(Object.keys((await askOf(task)).links)).toEqual(['guest@else.test'])
    expect((await choose(await linkOf(task, 'guest@else.test'), 'approved')).status).toBe(303)
  })

  test('of another team’s question works on', async () => {
    const task = await aTask(team, await asking([ben]))
    const path = await linkOf(task, ben)
    const other = await aTeam()
    await env.DB.prepare('INSERT INTO former_members (team, email, at) VALUES (?1, ?2, 1)').bind(other.id, ben).run()
    expect((await choose(path, 'approved')).status).toBe(303)
  })
})

describe('what waited for someone who is gone', () => {
  test('goes to the workflow’s owner, who is told; others stay asked; the page says so', async () => {
    const boss = await aMember(team.id, 'admin')
    const workflow = await asking([ben, 'guest@else.test'], { owner: boss })
    const task = await aTask(team, workflow)
    await askOf(task)
    const answer = await remove()
    expect([answer.status, (await owner.open('/settings/people')).text.includes('waited for them')]).toEqual([
      303,
      true,
    ])
    await eventually(async () => expect(await askedIn(task)).toEqual(['guest@else.test', boss]))
    await eventually(async () => expect(await mailsTo(boss, task)).toHaveLength(1))
    expect(await eventsOf(task, 'assigned')).toMatchObject([{ actor: { kind: 'system' } }])
    expect((await choose(await linkOf(task, boss), 'approved')).status).toBe(303)
  })

  test('goes to the team’s owners where the workflow’s owner is the one who is gone', async () => {
    const task = await aTask(team, await asking([ben], { owner: ben }))
    await askOf(task)
    await remove()
    await eventually(async () => expect(await askedIn(task)).toEqual([team.owner]))
  })

  test('has enough people again, and keeps what was given while they were there', async () => {
    const [cat, dan] = [await aMember(team.id), await aMember(team.id)]
    const boss = await aMember(team.id, 'admin')
    const task = await aTask(team, await asking([ben, cat, dan], { owner: boss }, { needs: 3 }))
    expect((await choose(await linkOf(task, ben), 'approved')).status).toBe(303)
    await eventually(async () => expect((await askOf(task)).given).toBe(1))
    await remove(ben)
    await remove(cat)
    await eventually(async () => expect(await askedIn(task)).toEqual([ben, dan, boss]))
    expect((await askOf(task)).given).toBe(1)
    await remove(boss)
    await eventually(async () => expect(await askedIn(task)).toEqual([ben, dan, team.owner]))
    for (const one of [dan, team.owner]) expect((await choose(await linkOf(task, one), 'approved')).status).toBe(303)
    await eventually(async () => expect((await team.call('GET', `/tasks/${task}`)).body.status).toBe('done'))
  })

  test('does not go to somebody who may not decide it, alone', async () => {
    const workflow = await asking([ben], { owner: team.owner }, { requester: false })
    const second = await aMember(team.id, 'owner')
    const made = await owner.send(`/workflows/${workflow}/tasks`, { title: '' })
    expect(made.status).toBe(303)
    const task = /tsk_[a-z2-7]+/.exec(
      `${made.location} ${(await team.call('GET', `/tasks?workflow=${workflow}`)).text}`,
    )![0]
    await askOf(task)
    await remove()
    await eventually(async () => expect(await askedIn(task)).toEqual([second]))
  })

  test('that comes later, or was missed by a dying Worker, goes the same way', async () => {
    const workflow = await asking([ben])
    const missed = await aTask(team, workflow)
    await askOf(missed)
    const long = Date.now() - 120_000
    await removeOnly(ben, long)
    const later = await aTask(team, workflow)
    await eventually(async () => expect(await askedIn(later)).toEqual([team.owner]))
    expect(await mailsTo(ben, later)).toEqual([])
    expect(await askedIn(missed)).toEqual([ben])
    await aMinute()
    await eventually(async () => expect(await askedIn(missed)).toEqual([team.owner]))
    // Nothing is left: nothing is looked at any more.
    await env.DB.prepare('UPDATE former_members SET look_at = 1 WHERE team = ?1 AND look_at IS NOT NULL')
      .bind(team.id)
      .run()
    await aMinute()
    expect(await lookAt()).toBeNull()
  })

  test('goes by itself when its task could not be reached; nothing is given up', async () => {
    const task = await aTask(team, await asking([ben]))
    await askOf(task)
    await removeOnly()
    const broken = {
      ...env,
      TASKS: {
        ...env.TASKS,
        idFromName: () => {
          throw new Error('down')
        },
      },
    }
    await aMinute(broken as never)
    expect(await lookAt()).toBeGreaterThan(Date.now())
    expect(await askedIn(task)).toEqual([ben])
    await env.DB.prepare('UPDATE former_members SET look_at = 1 WHERE team = ?1').bind(team.id).run()
    await aMinute()
    await eventually(async () => expect(await askedIn(task)).toEqual([team.owner]))
  })

  test('also when they leave by themselves', async () => {
    const task = await aTask(team, await asking([ben]))
    await askOf(task)
    const browser = new Browser()
    await browser.signIn(ben)
    await browser.send(`/settings/people/${await membershipOf(ben)}/remove`, {})
    await eventually(async () => expect(await askedIn(task)).toEqual([team.owner]))
  })
})

const lookAt = () =>
  env.DB.prepare('SELECT look_at FROM former_members WHERE team = ?1 AND email = ?2')
    .bind(team.id, ben)
    .first('look_at')

async function aMinute(as = env) {
  const ctx = createExecutionContext()
  await worker.scheduled(createScheduledController({ cron: '* * * * *', scheduledTime: new Date() }), as, ctx)
  await waitOnExecutionContext(ctx)
}

describe('an address that belonged to a member', () => {
  test('is somebody again once it is invited, and nobody when that ends', async () => {
    const workflow = await asking([ben])
    await remove()
    await owner.send('/settings/people', { email: ben, role: 'member' })
    const task = await aTask(team, workflow)
    await eventually(async () => expect(await mailsTo(ben, task)).toHaveLength(1))
    const path = await linkOf(task, ben)
    expect((await fetchApi(path)).status).toBe(200)
    const id = await env.DB.prepare('SELECT id FROM invitation WHERE email = ?1').bind(ben).first<string>('id')
    await owner.send(`/settings/invitations/${id}/withdraw`, {})
    expect((await fetchApi(path)).status).toBe(410)
  })

  test('is a guest where somebody names it as one', async () => {
    await remove()
    const task = await aTask(team, await asking([team.owner]))
    await askOf(task)
    expect((await team.call('POST', `/tasks/${task}/assign`, { to: [`guest:${ben}`] })).status).toBe(200)
    await eventually(async () => expect(await askedIn(task)).toEqual([ben]))
    expect((await choose(await linkOf(task, ben), 'approved')).status).toBe(303)
  })

  test('is a guest where a workflow names it as one; the lint says what becomes of it elsewhere', async () => {
    await remove()
    const named = (assign: string, owner?: string) =>
      team.call(
        'POST',
        '/workflows?draft=1',
        aDefinition(team, { owner, steps: [{ key: 'a', human: { assign: [assign] } }] }),
      )
    const codes = (answer: { body: { lint: { code: string; message: string }[] } }) =>
      answer.body.lint.map(({ code, message }) => `${code} ${/has left/.test(message)}`)
    expect(codes(await named(ben))).toContain('outside_person true')
    expect(codes(await named(team.owner, ben))).toContain('no_owner true')
    const task = await aTask(team, await asking([`guest:${ben}`]))
    await eventually(async () => expect(await mailsTo(ben, task)).toHaveLength(1))
    expect(await askedIn(task)).toEqual([ben])
    expect((await choose(await linkOf(task, ben), 'approved')).status).toBe(303)
    expect(codes(await named(ben))).toContain('outside_person false')
  })

  test('counts as nobody where it is only named', async () => {
    await remove()
    const task = await aTask(team, await asking([team.owner, 'guest@else.test']))
    await askOf(task)
    await team.call('POST', `/tasks/${task}/assign`, { to: [ben] })
    await eventually(async () => expect(await askedIn(task)).toEqual([team.owner]))
    expect(await mailsTo(ben, task)).toEqual([])
  })
})

describe('besides, of someone who is gone', () => {
  test('answers by mail are refused; a guest’s are taken', async () => {
    const task = await aTask(team, await asking([ben]))
    const to = (await replyAddress({ ...env, BATON_MAIL_DOMAIN: 'baton.test' }, team.id, task))!
    await remove()
    const from = (address: string) => mail([`From: ${address}`, `Message-ID: <${crypto.randomUUID()}@x>`])
    expect(await deliver(to, from(ben.toUpperCase()))).toContain('no longer in the team')
    expect(await deliver(to, from('guest@else.test'))).toBeNull()
    expect(await repliesTo(task)).toHaveLength(1)
  })

  test('a forged answer in somebody’s name is refused, too', async () => {
    const task = await aTask(team, await asking([ben]))
    const to = (await replyAddress({ ...env, BATON_MAIL_DOMAIN: 'baton.test' }, team.id, task))!
    const forged = ['Authentication-Results: mx.cloudflare.net; dmarc=fail', `From: ${ben}`]
    expect(await deliver(to, mail(forged))).toContain('not taken')
    expect(await repliesTo(task)).toEqual([])
  })

  test('invitations that they gave are dead, and that is on record', async () => {
    const boss = await aMember(team.id, 'admin')
    const browser = new Browser()
    await browser.signIn(boss)
    const email = `new-${crypto.randomUUID().slice(0, 8)}@new.test`
    await browser.send('/settings/people', { email, role: 'member' })
    const text = await env.DB.prepare('SELECT text FROM outbox WHERE recipient = ?1').bind(email).first<string>('text')
    const path = new URL(/https:\S+/.exec(text!)![0]).pathname
    expect((await new Browser().open(path)).status).toBe(200)
    await remove(boss)
    const guest = new Browser()
    expect([(await guest.open(path)).status, (await guest.send(path, { name: 'X' })).status]).toEqual([410, 410])
    expect(await guest.askForLink(email)).toBeNull()
    const { results } = await env.DB.prepare('SELECT types FROM audit WHERE task = ?1 ORDER BY seq DESC LIMIT 2')
      .bind(team.id)
      .all<{ types: string }>()
    expect(results.map(({ types }) => types).sort()).toEqual(['invitation.withdrawn', 'person.removed'])
  })

  test('keys that they made are named before, and open nothing a second after, unless they are to stay', async () => {
    const boss = await aMember(team.id, 'admin')
    const made = await Promise.all(['One', 'Two'].map(name => aKey(team.id, { name, createdBy: boss })))
    const status = async ({ key }: { key: string }) =>
      (await fetchApi('/api/v1/tasks', { headers: { authorization: `Bearer ${key}` } })).status
    const page = await owner.open(`/settings/people/${await membershipOf(boss)}/remove`)
    expect([page.text.includes('Revoke the 2 keys of their making'), await status(made[0]!)]).toEqual([true, 200])
    await owner.send(`/settings/people/${await membershipOf(boss)}/remove`, { keys: 'revoke' })
    expect([await status(made[0]!), await status(made[1]!)]).toEqual([401, 401])
    const [kept] = [await aKey(team.id, { createdBy: ben })]
    await remove(ben)
    expect([await status(kept!), (await team.call('GET', '/tasks')).status]).toEqual([200, 200])
  })

  test('every door of theirs is shut when the removal is answered: no try of theirs comes through, and open boards end', async () => {
    const boss = await aMember(team.id, 'admin')
    const workflow = await asking([boss])
    const task = await aTask(team, workflow)
    const browser = new Browser()
    await browser.signIn(boss)
    const { key } = await aKey(team.id, { createdBy: boss })
    const email = `new-${crypto.randomUUID().slice(0, 8)}@new.test`
    await browser.send('/settings/people', { email, role: 'member' })
    const mailed = await env.DB.prepare('SELECT text FROM outbox WHERE recipient = ?1')
      .bind(email)
      .first<string>('text')
    const invitation = new URL(/https:\S+/.exec(mailed!)![0]).pathname
    const link = await linkOf(task, boss)
    const renewed = await linkOf(task, boss, Date.now() - 8 * 86_400_000)
    const answerTo = (await replyAddress({ ...env, BATON_MAIL_DOMAIN: 'baton.test' }, team.id, task))!
    const signInLink = (await new Browser().askForLink(boss))!
    const [board, tasks] = [await watched(workflow, browser), `/workflows/${workflow}/tasks`]
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const late = new Browser()
    const doors: Record<string, () => Promise<number | string | null>> = {
      'a page by session': async () => (await browser.open('/approvals')).status,
      'a form by session': async () => (await browser.send(tasks, { input: '{}' })).status,
      'a decision by session': async () =>
        (await browser.send(`/tasks/${task}/decide`, { handoff: 'approved' })).status,
      'a new board': async () => (await browser.open(`/workflows/${workflow}/live`)).status,
      'reading by key': async () => (await fetchApi(`/api/v1/tasks/${task}`, { headers })).status,
      'a command by key': async () => {
        const init = { method: 'POST', headers, body: '{"handoff":"approved"}' }
        return (await fetchApi(`/api/v1/tasks/${task}/decide`, init)).status
      },
      'the signed link': async () => (await fetchApi(link)).status,
      'a decision by it': async () => (await choose(link, 'approved')).status,
      'a new one for an old': async () => (await send(renewed, { renew: '1' })).status,
      'their invitation': async () => (await new Browser().open(invitation)).status,
      'an answer by mail': () => deliver(answerTo, mail([`From: ${boss}`, `Message-ID: <${crypto.randomUUID()}@x>`])),
      'a sign-in link from before': async () => {
        await late.send('/sign-in/link', { token: signInLink })
        return (await late.open(`/tasks/${task}`)).status
      },
    }
    const OPEN = ['a page by session', 'reading by key', 'the signed link', 'their invitation'] as const
    for (const door of OPEN) expect(await doors[door]!(), door).toBe(200)
    const answer = await owner.send(`/settings/people/${await membershipOf(boss)}/remove`, { keys: 'revoke' })
    expect(answer.status).toBeLessThan(400)
    // Each is tried at once, and once.
    const tried = Object.fromEntries(
      await Promise.all(Object.entries(doors).map(async ([door, through]) => [door, await through()] as const)),
    )
    expect(tried).toEqual({
      'a page by session': 303,
      'a form by session': 303,
      'a decision by session': 303,
      'a new board': 303,
      'reading by key': 401,
      'a command by key': 401,
      'the signed link': 410,
      'a decision by it': 410,
      'a new one for an old': 410,
      'their invitation': 410,
      'an answer by mail': expect.stringContaining('no longer in the team'),
      'a sign-in link from before': 303,
    })
    await eventually(async () => expect(board.closed).toBe(4401))
    expect((await team.call('GET', '/tasks')).body.items).toHaveLength(1)
    expect(await eventsOf(task, 'decided')).toEqual([])
    expect(await repliesTo(task)).toEqual([])
  })

  test('trouble of their workflow is told to the team’s owners', async () => {
    const workflow = await asking([], { owner: ben })
    await remove()
    const task = await aTask(team, workflow)
    await eventually(async () => expect(await mailsTo(team.owner, task)).toHaveLength(1))
    expect(await mailsTo(ben, task)).toEqual([])
  })

  test('the last owner stays, with all that is theirs', async () => {
    const answer = await owner.send(`/settings/people/${await membershipOf(team.owner)}/remove`, {})
    expect(answer.status).toBe(409)
    const row = env.DB.prepare('SELECT 1 AS n FROM former_members WHERE team = ?1').bind(team.id)
    expect(await row.first()).toBeNull()
  })
})

describe('whoever is away', () => {
  const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10)
  const away = async (fields: Record<string, string>) =>
    owner.send(`/settings/people/${await membershipOf(ben)}/away`, { until: day, ...fields })

  test('is shown first what waits and for whom; then it goes there at once, on the task’s record with why', async () => {
    const cat = await aMember(team.id)
    const task = await aTask(team, await asking([ben, 'guest@else.test'], { owner: team.owner }))
    await eventually(async () => expect(await askedIn(task)).toEqual([ben, 'guest@else.test']))
    const shown = await away({ backup: cat, do: 'look' })
    expect([shown.status, shown.text.includes(`>guest@else.test, ${cat}<`)]).toEqual([200, true])
    const removal = await owner.open(`/settings/people/${await membershipOf(ben)}/remove`)
    expect(removal.text).toContain(`>guest@else.test, ${team.owner}<`)
    // Looking moves nothing.
    expect(await askedIn(task)).toEqual([ben, 'guest@else.test'])
    expect((await away({ backup: cat, do: 'set' })).status).toBe(303)
    await eventually(async () => expect(await askedIn(task)).toEqual(['guest@else.test', cat]))
    const [event] = await eventsOf(task, 'assigned')
    expect(event).toMatchObject({ actor: { kind: 'system' }, data: { because: [{ from: ben, why: 'away' }] } })
    expect((await owner.open(`/tasks/${task}`)).text).toContain(`as ${ben} is away`)
    expect((await owner.open('/settings/people')).text).toContain('away until')
  })

  test('is not asked anew: it goes to who stands in at once, and nothing is mailed to them; back, they are asked again', async () => {
    const cat = await aMember(team.id)
    const workflow = await asking([ben])
    await away({ backup: cat, do: 'set' })
    const task = await aTask(team, workflow)
    await eventually(async () => expect(await askedIn(task)).toEqual([cat]))
    expect(await mailsTo(ben, task)).toEqual([])
    await eventually(async () => expect(await mailsTo(cat, task)).toHaveLength(1))
    await away({ backup: cat, do: 'back' })
    const later = await aTask(team, workflow)
    await eventually(async () => expect(await mailsTo(ben, later)).toHaveLength(1))
    expect(await askedIn(later)).toEqual([ben])
    // And whoever stood in is who it goes to for good.
    await remove(ben)
    await eventually(async () => expect(await askedIn(later)).toEqual([cat]))
  })

  test('that was missed by a dying Worker goes the same way within the minute', async () => {
    const task = await aTask(team, await asking([ben]))
    await askOf(task)
    const at = Date.now()
    const by = { team: team.id, actor: { kind: 'person', id: team.owner } as const, at }
    await putAbsence(env.DB, { email: ben, backup: null, awayUntil: at + 86_400_000 }, by)
    expect(await askedIn(task)).toEqual([ben])
    await aMinute()
    await eventually(async () => expect(await askedIn(task)).toEqual([team.owner]))
  })

  test('is set by oneself or by who manages people, for a member of the team who is another, and a day to come', async () => {
    const cat = await aMember(team.id)
    const browser = new Browser()
    await browser.signIn(cat)
    expect(
      (await browser.send(`/settings/people/${await membershipOf(ben)}/away`, { until: day, do: 'set' })).status,
    ).toBe(403)
    expect(
      (await browser.send(`/settings/people/${await membershipOf(cat)}/away`, { until: day, do: 'set' })).status,
    ).toBe(303)
    const wrongs: Record<string, string>[] = [{ until: '' }, { until: '2020-01-01' }, { until: '2999-01-01' }]
    for (const wrong of [...wrongs, { backup: ben }, { backup: 'x@else.test' }])
      expect((await away({ do: 'set', ...wrong })).status, JSON.stringify(wrong)).toBe(422)
  })
})

describe('an unsure answer', () => {
  const drafting = (over: Record<string, unknown>) =>
    aDefinition(team, {
      input: undefined,
      steps: [
        {
          key: 'draft',
          prompt: 'Write.',
          model: 'demo',
          confidence: 0.9,
          handoffs: [
            { when: 'good', to: 'complete' },
            { when: 'poor', to: 'complete' },
          ],
        },
      ],
      ...over,
    })

  test.each(['nobody', 'a former member'])('reaches the team’s owners where %s owns the workflow', async who => {
    modelsAnswer(() => says('Hi?', { handoff: 'good', confidence: 0.3 }))
    const made = await team.call('POST', '/workflows', drafting({ owner: who === 'nobody' ? undefined : ben }))
    expect(made.status, made.text).toBe(201)
    await remove()
    const task = await aTask(team, made.body.id)
    await eventually(async () => expect(await askedIn(task)).toEqual([team.owner]))
    expect((await team.call('GET', `/tasks/${task}`)).body.status).toBe('waiting')
    expect((await choose(await linkOf(task, team.owner), 'good')).status).toBe(303)
  })
})
