/** The people page: who is in, who is invited, who may change what, and what ends when somebody is removed. */
import { exports } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { aMember, Browser, ORIGIN } from './browser.ts'

const worker = exports as unknown as { default: { fetch(url: string, init?: RequestInit): Promise<Response> } }

let team: Team
let owner: Browser

beforeEach(async () => {
  team = await aTeam()
  owner = new Browser()
  await owner.signIn(team.owner)
})

const idOf = async (email: string) =>
  (await env.DB.prepare(
    'SELECT m.id FROM member m JOIN user u ON u.id = m.userId WHERE u.email = ?1 AND m.organizationId = ?2',
  )
    .bind(email, team.id)
    .first<string>('id')) ?? ''
const roleOf = async (email: string) =>
  env.DB.prepare(
    'SELECT m.role FROM member m JOIN user u ON u.id = m.userId WHERE u.email = ?1 AND m.organizationId = ?2',
  )
    .bind(email, team.id)
    .first<string>('role')

async function signedIn(role: string) {
  const email = await aMember(team.id, role)
  const browser = new Browser()
  await browser.signIn(email)
  return { email, browser }
}

/** The path of the link in the newest mail to this address. */
async function linkTo(email: string): Promise<string> {
  const text = await env.DB.prepare('SELECT text FROM outbox WHERE recipient = ?1 ORDER BY id DESC')
    .bind(email)
    .first<string>('text')
  return new URL(/https:\S+/.exec(text ?? '')![0]).pathname
}

const acts = async () =>
  (
    await env.DB.prepare('SELECT seq, types, actor, facts FROM audit WHERE task = ?1 ORDER BY seq').bind(team.id).all<{
      seq: number
      types: string
      actor: string
      facts: string
    }>()
  ).results

let count = 0
const aStranger = () => `stranger${++count}-${crypto.randomUUID().slice(0, 6)}@new.test`

describe('an invitation', () => {
  test('comes by mail, asks for a name, and makes a member who is signed in', async () => {
    const email = aStranger()
    const sent = await owner.send('/settings/people', { email: ` ${email.toUpperCase()} `, role: 'viewer' })
    expect([sent.status, sent.location]).toEqual([303, '/settings/people'])
    expect((await owner.open('/settings/people')).text).toContain(email)
    const path = await linkTo(email)
    const guest = new Browser()
    const seen = await guest.open(path)
    expect(seen.status).toBe(200)
    expect(seen.text).toContain('Your name')
    // A scanner that opens it has joined nobody.
    expect(await roleOf(email)).toBeNull()
    const joined = await guest.send(path, { name: 'Nora <b>New</b>' })
    expect([joined.status, joined.location]).toEqual([303, '/workflows'])
    expect(await roleOf(email)).toBe('viewer')
    const page = await guest.open('/settings/people')
    expect(page.text).toContain('Nora &lt;b&gt;New&lt;/b&gt;')
    expect(page.text).not.toContain('Invite someone')
    // Spent: nobody else gets in by it.
    const other = new Browser()
    expect([(await other.open(path)).status, (await other.send(path, { name: 'x' })).status]).toEqual([410, 410])
    expect(other.cookies.size).toBe(0)
    expect((await acts()).map(act => act.types)).toEqual(['person.invited', 'person.joined'])
  })

  test('of someone who has an account already keeps their name, and they can go between their teams', async () => {
    const other = await aTeam()
    await owner.send('/settings/people', { email: other.owner, role: 'member' })
    const browser = new Browser()
    await browser.signIn(other.owner)
    // Signing in proves the address as well as the link does.
    const { text } = await browser.open(`/settings/people?team=${other.id}`)
    expect(text).toContain('Go to ')
    const there = await browser.send('/settings/switch', { team: team.id })
    expect(there.status).toBe(303)
    expect((await browser.open((await browser.open('/settings/people')).location!)).text).toContain(team.owner)
    expect((await browser.send('/settings/switch', { team: 'team_aaaaaaaaaaaaaaaaaaaa' })).status).toBe(404)
  })

  test('that was withdrawn, sent again or has run out is dead', async () => {
    const email = aStranger()
    await owner.send('/settings/people', { email, role: 'member' })
    const first = await linkTo(email)
    const id = (await env.DB.prepare('SELECT id FROM invitation WHERE email = ?1').bind(email).first<string>('id'))!
    await owner.send(`/settings/invitations/${id}/send`, {})
    const second = await linkTo(email)
    expect(second).not.toBe(first)
    expect((await new Browser().open(first)).status).toBe(410)
    expect((await new Browser().open(second)).status).toBe(200)
    const renewed = (await env.DB.prepare('SELECT id FROM invitation WHERE email = ?1')
      .bind(email)
      .first<string>('id'))!
    const yesterday = new Date(Date.now() - 86_400_000).toISOString()
    await env.DB.prepare('UPDATE invitation SET expiresAt = ?2 WHERE id = ?1').bind(renewed, yesterday).run()
    expect((await new Browser().send(second, { name: 'x' })).status).toBe(410)
    await owner.send(`/settings/invitations/${renewed}/send`, {})
    const third = (await env.DB.prepare('SELECT id FROM invitation WHERE email = ?1').bind(email).first<string>('id'))!
    await owner.send(`/settings/invitations/${third}/withdraw`, {})
    expect((await new Browser().send(await linkTo(email), { name: 'x' })).status).toBe(410)
    expect(await roleOf(email)).toBeNull()
  })

  test('is not forged: no changed character of its link opens it', async () => {
    const email = aStranger()
    await owner.send('/settings/people', { email, role: 'member' })
    const path = await linkTo(email)
    const token = path.slice('/join/'.length)
    for (let at = 0; at < token.length; at += 7) {
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
      expect((await new Browser().open(`/join/${changed}`)).status, String(at)).toBe(410)
    }
  })

  test.each([
    ['no address', 'nonsense', 'member', 422],
    ['a member', 'OWNER', 'member', 422],
    ['an unknown role', 'x@new.test', 'root', 403],
  ])('to %s is not made', async (_, email, role, status) => {
    const given = email === 'OWNER' ? team.owner : email
    expect((await owner.send('/settings/people', { email: given, role })).status).toBe(status)
    expect(await acts()).toEqual([])
  })
})

describe('a role', () => {
  test('is changed, on record, and holds with the next page', async () => {
    const { email, browser } = await signedIn('member')
    const changed = await owner.send(`/settings/people/${await idOf(email)}/role`, { role: 'admin' })
    expect(changed.status).toBe(303)
    expect((await browser.open('/settings/people')).text).toContain('Invite someone')
    const [act] = await acts()
    expect(JSON.parse(act!.facts)).toEqual([{ type: 'role.changed', email, from: 'member', to: 'admin' }])
    expect(JSON.parse(act!.actor)).toMatchObject({ kind: 'person', id: team.owner })
  })

  test('the last owner keeps theirs, and cannot leave; with a second one both can', async () => {
    const own = await idOf(team.owner)
    expect((await owner.send(`/settings/people/${own}/role`, { role: 'member' })).status).toBe(409)
    expect((await owner.send(`/settings/people/${own}/remove`, {})).status).toBe(409)
    expect(await roleOf(team.owner)).toBe('owner')
    expect(await acts()).toEqual([])
    const { email } = await signedIn('member')
    await owner.send(`/settings/people/${await idOf(email)}/role`, { role: 'owner' })
    const left = await owner.send(`/settings/people/${own}/remove`, {})
    expect([left.status, left.location]).toEqual([303, '/sign-in'])
    expect((await owner.open('/workflows')).status).toBe(303)
    expect((await acts()).at(-1)!.types).toBe('person.left')
  })

  test('eight invitations of one address at once leave one that holds', async () => {
    const email = aStranger()
    await Promise.all(Array.from({ length: 8 }, () => owner.send('/settings/people', { email, role: 'member' })))
    const { results } = await env.DB.prepare('SELECT status FROM invitation WHERE email = ?').bind(email).all()
    expect(results).toEqual([{ status: 'pending' }])
  })

  test('two owners who go at once leave one', async () => {
    const { email, browser } = await signedIn('owner')
    const [one, two] = [await idOf(team.owner), await idOf(email)]
    await Promise.all([
      owner.send(`/settings/people/${two}/remove`, {}),
      browser.send(`/settings/people/${one}/remove`, {}),
    ])
    const owners = await env.DB.prepare("SELECT count(*) AS n FROM member WHERE organizationId = ?1 AND role = 'owner'")
      .bind(team.id)
      .first('n')
    expect(owners).toBe(1)
  })

  test('of owners is for owners: an admin makes none, changes none, removes none', async () => {
    const { browser, email } = await signedIn('admin')
    const { email: other } = await signedIn('member')
    const own = await idOf(team.owner)
    expect((await browser.send(`/settings/people/${await idOf(other)}/role`, { role: 'owner' })).status).toBe(403)
    expect((await browser.send(`/settings/people/${await idOf(email)}/role`, { role: 'owner' })).status).toBe(403)
    expect((await browser.send(`/settings/people/${own}/role`, { role: 'viewer' })).status).toBe(403)
    expect((await browser.send(`/settings/people/${own}/remove`, {})).status).toBe(403)
    expect((await browser.send('/settings/people', { email: aStranger(), role: 'owner' })).status).toBe(403)
    expect((await browser.send(`/settings/people/${await idOf(other)}/role`, { role: 'viewer' })).status).toBe(303)
  })

  test.each(['member', 'viewer'])('a %s sees the list and no button, and is refused', async role => {
    const { browser } = await signedIn(role)
    const { email: other } = await signedIn('member')
    const { text } = await browser.open('/settings/people')
    expect(text).toContain(other)
    expect(text).not.toContain('Invite someone')
    expect(text).not.toContain('Remove from the team')
    const id = await idOf(other)
    const answers = [
      await browser.send('/settings/people', { email: aStranger(), role: 'member' }),
      await browser.send(`/settings/people/${id}/role`, { role: 'viewer' }),
      await browser.send(`/settings/people/${id}/remove`, {}),
    ]
    expect(answers.map(answer => answer.status)).toEqual([403, 403, 403])
    expect(await acts()).toEqual([])
  })

  test('another team’s people and invitations are not there', async () => {
    const other = await aTeam()
    const foreign = await env.DB.prepare('SELECT id FROM member WHERE organizationId = ?1')
      .bind(other.id)
      .first<string>('id')
    expect((await owner.send(`/settings/people/${foreign}/role`, { role: 'viewer' })).status).toBe(404)
    expect((await owner.send(`/settings/people/${foreign}/remove`, {})).status).toBe(404)
    const theirs = new Browser()
    await theirs.signIn(other.owner)
    const email = aStranger()
    await theirs.send('/settings/people', { email, role: 'member' })
    const id = await env.DB.prepare('SELECT id FROM invitation WHERE email = ?1').bind(email).first<string>('id')
    expect((await owner.send(`/settings/invitations/${id}/withdraw`, {})).status).toBe(404)
    expect((await owner.send(`/settings/invitations/${id}/send`, {})).status).toBe(404)
    expect((await owner.open('/settings/people')).text).not.toContain(email)
  })
})

describe('whoever is removed', () => {
  async function watching(browser: Browser, workflow: string) {
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await worker.default.fetch(`${ORIGIN}/workflows/${workflow}/live`, {
      headers: { Upgrade: 'websocket', Cookie: cookie, Origin: ORIGIN },
    })
    expect(response.status).toBe(101)
    const seen = { closed: null as number | null }
    const socket = response.webSocket!
    socket.addEventListener('close', event => {
      seen.closed = event.code
    })
    socket.accept()
    return seen
  }

  test('is signed out everywhere, and the boards they watch close; nobody else’s do', async () => {
    const workflow = await aWorkflow(team)
    const { email, browser } = await signedIn('member')
    const elsewhere = new Browser()
    await elsewhere.signIn(email)
    const [one, two, mine] = [
      await watching(browser, workflow),
      await watching(elsewhere, workflow),
      await watching(owner, workflow),
    ]
    expect((await owner.send(`/settings/people/${await idOf(email)}/remove`, {})).status).toBe(303)
    await eventually(async () => expect([one.closed, two.closed]).toEqual([4401, 4401]))
    expect(mine.closed).toBeNull()
    expect((await browser.open('/workflows')).location).toContain('/sign-in')
    const sessions = await env.DB.prepare(
      'SELECT count(*) AS n FROM session s JOIN user u ON u.id = s.userId WHERE u.email = ?1',
    )
      .bind(email)
      .first('n')
    expect(sessions).toBe(0)
    expect((await acts()).at(-1)!.types).toBe('person.removed')
    // No link signs them in any more; invited again, they are let in again.
    expect(await new Browser().askForLink(email)).toBeNull()
    await owner.send('/settings/people', { email, role: 'viewer' })
    const back = new Browser()
    expect((await back.send(await linkTo(email), {})).status).toBe(303)
    expect(await roleOf(email)).toBe('viewer')
  })

  test('and whose role changes comes again to their boards as who they are now', async () => {
    const workflow = await aWorkflow(team)
    const { email, browser } = await signedIn('member')
    const seen = await watching(browser, workflow)
    expect((await browser.open(`/workflows/${workflow}`)).text).toContain('/tasks/new"')
    await owner.send(`/settings/people/${await idOf(email)}/role`, { role: 'viewer' })
    await eventually(async () => expect(seen.closed).toBe(4401))
    const board = await browser.open(`/workflows/${workflow}`)
    expect(board.status).toBe(200)
    expect(board.text).not.toContain('/tasks/new"')
    expect(board.text).not.toMatch(/>Pause</)
  })
})

describe('on record', () => {
  test('keys made, rolled and revoked are in the audit log, with no text of a key', async () => {
    const made = await owner.send('/settings/keys', { name: 'The shop', scope: ['tasks:read'], lifetime: 'never' })
    const key = /btn_live_[a-z2-7]{10}_\w{43}_[0-9a-f]{8}/.exec(made.text)![0]
    const id = `key_${key.split('_')[2]}`
    await owner.send(`/settings/keys/${id}/roll`, {})
    await owner.send(`/settings/keys/${id}/revoke`, { name: 'The shop' })
    const found = await fetchApi(`/api/v1/audit?actor=${encodeURIComponent(team.owner)}`, {
      headers: { Authorization: `Bearer ${team.key}` },
    })
    expect(found.body.items.map((item: { types: string[] }) => item.types[0])).toEqual([
      'key.revoked',
      'key.rolled',
      'key.made',
    ])
    expect(JSON.stringify(found.body)).not.toContain(key.split('_')[3]!)
    expect(found.body.items[0].facts[0]).toMatchObject({ key: id, name: 'The shop' })
  })
})
