/** The live board's socket: who gets one, what comes through it, and when it ends. */
import { exports } from 'cloudflare:workers'
import { afterEach, describe, expect, it } from 'vitest'
import { WATCHER_HEADER } from '../../../src/board/live.ts'
import type { BoardNews } from '../../../src/board/object/live-board.tsx'
import { aTask, aTeam, aWorkflow, env, eventually, ORIGIN, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'

const worker = exports as unknown as { default: { fetch(url: string, init?: RequestInit): Promise<Response> } }
const opened: WebSocket[] = []

afterEach(() => {
  for (const socket of opened.splice(0)) socket.close(1000)
})

async function signedIn(team: Team): Promise<Browser> {
  const browser = new Browser()
  await browser.signIn(team.owner)
  return browser
}

/** Asks for the socket of a workflow's board. */
function ask(workflow: string, browser: Browser | null, headers: Record<string, string> = { Origin: ORIGIN }) {
  const cookie = browser ? [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ') : ''
  return worker.default.fetch(`${ORIGIN}/workflows/${workflow}/live`, {
    headers: { Upgrade: 'websocket', Cookie: cookie, ...headers },
  })
}

async function watch(workflow: string, browser: Browser) {
  const response = await ask(workflow, browser)
  expect(response.status).toBe(101)
  const socket = response.webSocket!
  const news: BoardNews[] = []
  const seen = { news, closed: null as number | null, pongs: 0, socket }
  socket.addEventListener('message', event => {
    if (event.data === 'pong') seen.pongs++
    else news.push(JSON.parse(event.data as string))
  })
  socket.addEventListener('close', event => {
    seen.closed = event.code
  })
  socket.accept()
  opened.push(socket)
  return seen
}

describe('a socket is refused', () => {
  it('to another origin, and to none', async () => {
    const team = await aTeam()
    const workflow = await aWorkflow(team)
    const browser = await signedIn(team)
    for (const headers of [
      { Origin: 'https://evil.test' },
      { Origin: 'null' },
      { Origin: `${ORIGIN}.evil.test` },
      {},
    ]) {
      const response = await ask(workflow, browser, headers as Record<string, string>)
      expect([response.status, response.webSocket]).toEqual([403, null])
    }
  })

  it('without a session, and with one that ended', async () => {
    const team = await aTeam()
    const workflow = await aWorkflow(team)
    expect((await ask(workflow, null)).status).toBe(401)
    const browser = await signedIn(team)
    const cookies = new Map(browser.cookies)
    await browser.send('/sign-out', {})
    for (const [name, value] of cookies) browser.cookies.set(name, value)
    expect((await ask(workflow, browser)).status).toBe(401)
  })

  it('to a person of another team, and to one who was removed', async () => {
    const team = await aTeam()
    const workflow = await aWorkflow(team)
    expect((await ask(workflow, await signedIn(await aTeam()))).status).toBe(404)
    const browser = await signedIn(team)
    await env.DB.prepare('DELETE FROM member WHERE organizationId = ?1').bind(team.id).run()
    expect((await ask(workflow, browser)).status).toBe(401)
  })

  it('when no socket was asked for', async () => {
    const team = await aTeam()
    const browser = await signedIn(team)
    expect((await browser.open(`/workflows/${await aWorkflow(team)}/live`)).status).toBe(426)
  })
})

describe('an open socket', () => {
  it('brings a new card, its move and its end, in order, with the counts', async () => {
    const team = await aTeam()
    const workflow = await aWorkflow(team)
    const seen = await watch(workflow, await signedIn(team))
    await eventually(async () => expect(seen.news.at(-1)?.counts).toEqual({}))
    const task = await aTask(team, workflow, 'Orbit')
    await eventually(async () => expect(seen.news.at(-1)?.counts).toEqual({ review: { waiting: 1 } }))
    await team.call('POST', `/tasks/${task}/decide`, { handoff: 'rejected', note: 'Too long.' })
    await eventually(async () => expect(seen.news.at(-1)?.counts).toEqual({ again: { waiting: 1 } }))
    await team.call('POST', `/tasks/${task}/decide`, { handoff: 'done' })
    await eventually(async () => expect(seen.news.at(-1)?.counts).toEqual({}))
    const cards = seen.news.flatMap(news => news.cards)
    const seqs = cards.map(card => card.seq)
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
    expect(cards[0]!.html).toContain('Orbit')
    expect(cards.at(-1)).toMatchObject({ id: task, html: null, done: expect.stringContaining('Orbit') })
  })

  it('takes a cancelled task away', async () => {
    const team = await aTeam()
    const workflow = await aWorkflow(team)
    const task = await aTask(team, workflow)
    const seen = await watch(workflow, await signedIn(team))
    await team.call('POST', `/tasks/${task}/cancel`)
    await eventually(async () =>
      expect(seen.news.flatMap(news => news.cards).at(-1)).toMatchObject({ html: null, done: null }),
    )
    expect(seen.news.at(-1)!.counts).toEqual({})
  })

  it('gives everybody the same', async () => {
    const team = await aTeam()
    const workflow = await aWorkflow(team)
    const [first, second] = [await watch(workflow, await signedIn(team)), await watch(workflow, await signedIn(team))]
    const task = await aTask(team, workflow)
    const of = (seen: typeof first) => seen.news.flatMap(news => news.cards).filter(card => card.id === task)
    await eventually(async () => {
      expect(of(first)).toHaveLength(1)
      expect(of(second)).toEqual(of(first))
    })
  })

  it('says that the board itself has changed', async () => {
    const team = await aTeam()
    const workflow = await aWorkflow(team)
    const seen = await watch(workflow, await signedIn(team))
    await team.call('POST', `/workflows/${workflow}/pause`)
    await eventually(async () => expect(seen.news.some(news => news.refresh)).toBe(true))
  })

  it('answers a ping', async () => {
    const team = await aTeam()
    const seen = await watch(await aWorkflow(team), await signedIn(team))
    seen.socket.send('ping')
    await eventually(async () => expect(seen.pongs).toBe(1))
  })

  it('ends with its session when that signs out, and no other does', async () => {
    const team = await aTeam()
    const workflow = await aWorkflow(team)
    const [browser, other] = [await signedIn(team), await signedIn(team)]
    const [leaving, staying] = [await watch(workflow, browser), await watch(workflow, other)]
    await browser.send('/sign-out', {})
    await eventually(async () => expect(leaving.closed).toBe(4401))
    await aTask(team, workflow)
    await eventually(async () => expect(staying.news.some(news => news.cards.length > 0)).toBe(true))
    expect(leaving.news.some(news => news.cards.length > 0)).toBe(false)
  })

  // What becomes of it when they are removed stands with all that ends then: tests/workerd/team/gone.test.ts.
  it('ends when its person gets another role', async () => {
    const team = await aTeam()
    const workflow = await aWorkflow(team)
    const [owner, browser] = [await signedIn(team), new Browser()]
    const email = await aMember(team.id)
    await browser.signIn(email)
    const [seen, staying] = [await watch(workflow, browser), await watch(workflow, owner)]
    const sql = 'SELECT m.id FROM member m JOIN user u ON u.id = m.userId WHERE u.email = ?1'
    const member = await env.DB.prepare(sql).bind(email).first<string>('id')
    expect((await owner.send(`/settings/people/${member}/role`, { role: 'viewer' })).status).toBe(303)
    await eventually(async () => expect(seen.closed).toBe(4401))
    expect(staying.closed).toBeNull()
  })

  it('is closed after its hour, before anything more is sent through it, and the browser may come again', async () => {
    const team = await aTeam()
    const workflow = await aWorkflow(team)
    const browser = await signedIn(team)
    const fresh = await watch(workflow, browser)
    // The Worker says how long a socket lives: this one's hour is nearly over.
    const session = await env.DB.prepare('SELECT s.id FROM session s JOIN user u ON u.id = s.userId WHERE u.email = ?1')
      .bind(team.owner)
      .first<string>('id')
    const watcher = { team: team.id, workflow, person: team.owner, session, role: 'owner', until: Date.now() + 300 }
    const response = await env.BOARDS.getByName(`${team.id}:${workflow}`).fetch('https://board/live', {
      headers: { upgrade: 'websocket', [WATCHER_HEADER]: encodeURIComponent(JSON.stringify(watcher)) },
    })
    const old = { news: 0, closed: null as number | null }
    const socket = response.webSocket!
    socket.addEventListener('message', event => {
      old.news += (JSON.parse(event.data as string) as BoardNews).cards.length
    })
    socket.addEventListener('close', event => {
      old.closed = event.code
    })
    socket.accept()
    await new Promise(resolve => setTimeout(resolve, 400))
    await aTask(team, workflow)
    await eventually(async () => expect(old.closed).toBe(1012))
    expect(old.news).toBe(0)
    await eventually(async () => expect(fresh.news.some(news => news.cards.length > 0)).toBe(true))
    expect(fresh.closed).toBeNull()
    expect((await watch(workflow, browser)).closed).toBeNull()
  })

  it('leaves the Board DO without anything stored', async () => {
    const team = await aTeam()
    const workflow = await aWorkflow(team)
    await watch(workflow, await signedIn(team))
    await aTask(team, workflow)
    const { runInDurableObject } = await import('cloudflare:test')
    const stub = env.BOARDS.getByName(`${team.id}:${workflow}`)
    const kept = await runInDurableObject(stub, async (_, state) => [
      (await state.storage.list()).size,
      await state.storage.getAlarm(),
    ])
    expect(kept).toEqual([0, null])
  })
})
