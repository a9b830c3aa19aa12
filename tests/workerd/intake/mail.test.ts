/** The `email` handler: mail becomes tasks, answers become events, and what is refused goes back with its reason. */

import { beforeAll, describe, expect, test, vi } from 'vitest'
import { htmlToText } from '../../../src/domain/text/html.ts'
import { toolNamed } from '../../../src/execution/tools/known.ts'
import worker from '../../../src/index.ts'
import { callTask } from '../../../src/task/call.ts'
import { replyAddress } from '../../../src/team/mail/reply-address.ts'
import { activateAsItIsKept, aTask, aTeam, aWorkflow, env, eventually, type Team } from '../api/client.ts'

let team: Team
let workflow: string
beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team, { input: undefined })
})

let made = 0
async function anAddress(over: Record<string, unknown> = {}, of = workflow) {
  const body = { kind: 'email', address: `in-${++made}`, allow: ['hank@shop.test', '@partner.test'], ...over }
  const answer = await team.call('POST', `/workflows/${of}/intakes`, body)
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body as { id: string; address: string; url: string }
}

interface Mail {
  from?: string
  subject?: string
  headers?: string[]
  body?: string
}

/** Hands a mail to the Worker as the platform does; answers why it went back, or null. */
async function send(
  to: string,
  { from = 'hank@shop.test', subject = 'Hello', headers = [], body = 'The text.' }: Mail = {},
) {
  const all = [`From: Hank <${from}>`, `To: <${to}>`, `Subject: ${subject}`, 'MIME-Version: 1.0', ...headers]
  if (!headers.some(line => /^content-type/i.test(line))) all.push('Content-Type: text/plain; charset=utf-8')
  return sendRaw(to, `${all.join('\r\n')}\r\n\r\n${body}`, from)
}

async function sendRaw(to: string, mime: string | Uint8Array, from = 'hank@shop.test'): Promise<string | null> {
  const raw = typeof mime === 'string' ? new TextEncoder().encode(mime) : mime
  let rejected: string | null = null
  const message = {
    from,
    to,
    raw: new Response(raw).body!,
    rawSize: raw.byteLength,
    headers: new Headers(),
    setReject: (reason: string) => {
      rejected = reason
    },
  }
  await worker.email(message as never, env)
  return rejected
}

async function tasks(of = workflow) {
  return (await team.call('GET', `/tasks?workflow=${of}`)).body.items as { id: string }[]
}

async function newest(count: number, of = workflow) {
  return eventually(async () => {
    const items = await tasks(of)
    expect(items).toHaveLength(count)
    return (await team.call('GET', `/tasks/${items[0]!.id}`)).body
  })
}

describe('the address', () => {
  test('it is answered whole, belongs to one intake, and is free again once that is closed', async () => {
    const { id, address, url } = await anAddress({ address: 'orders' })
    expect([address, url]).toEqual(['orders@baton.test', 'mailto:orders@baton.test'])
    const again = await team.call('POST', `/workflows/${workflow}/intakes`, {
      kind: 'email',
      address: 'Orders@baton.test',
    })
    expect([again.status, again.body.error.code]).toEqual([409, 'address_taken'])
    await team.call('DELETE', `/intakes/${id}`)
    expect(await send(address)).toBe('There is no such address here.')
    expect((await anAddress({ address: 'orders' })).address).toBe(address)
  })

  test.each([
    [{ address: 'a b' }, 'address'],
    [{ address: 'x+y' }, 'address'],
    [{ address: 'postmaster' }, 'address'],
    [{ address: 'reply' }, 'address'],
    [{ limit: { count: 0, seconds: 60 } }, 'limit.count'],
    [{ address: 'x@elsewhere.test' }, 'address'],
    [{ address: '' }, 'address'],
    [{ allow: 'hank@shop.test' }, 'allow'],
    [{ allow: ['nobody'] }, 'allow[0]'],
    [{ map: { a: '{{ input.x }}' } }, 'map.a'],
    [{ filter: '((' }, 'filter'],
    [{ colour: 'red' }, 'colour'],
  ])('settings that are wrong are refused with their place: %j', async (over, path) => {
    const body = { kind: 'email', address: 'fine', ...over }
    const refused = await team.call('POST', `/workflows/${workflow}/intakes`, body)
    expect([refused.status, refused.body.error.path], refused.text).toEqual([422, path])
  })
})

describe('a mail', () => {
  test('becomes a task with its texts and the names of its attachments', async () => {
    const of = await aWorkflow(team, { input: undefined })
    const { address } = await anAddress({}, of)
    const body = [
      '--b',
      'Content-Type: text/html; charset=utf-8',
      '',
      '<style>p{}</style><p>Dear <b>team</b>,</p><script>alert(1)</script><p>2 &lt; 3 &amp; so on</p>',
      '--b',
      'Content-Type: application/pdf; name="offer.pdf"',
      'Content-Disposition: attachment; filename="offer.pdf"',
      'Content-Transfer-Encoding: base64',
      '',
      btoa('not really a pdf'),
      '--b--',
    ].join('\r\n')
    const headers = ['Message-ID: <a1@shop.test>', 'Content-Type: multipart/mixed; boundary=b']
    expect(await send(address, { subject: '=?utf-8?q?Gr=C3=BC=C3=9Fe?=', headers, body })).toBeNull()
    const task = await newest(1, of)
    expect(task.input).toMatchObject({
      from: 'hank@shop.test',
      to: address,
      subject: 'Grüße',
      text: 'Dear team,\n\n2 < 3 & so on',
      attachments: [{ name: 'offer.pdf', type: 'application/pdf', size: 16 }],
    })
    expect(task.input.html).toContain('<b>team</b>')
  })

  test('comes twice and is one task; without a Message-ID its bytes tell', async () => {
    const of = await aWorkflow(team, { input: undefined })
    const { address } = await anAddress({}, of)
    for (const headers of [['Message-ID: <b1@shop.test>'], []]) {
      await send(address, { headers })
      await send(address, { headers })
    }
    await newest(2, of)
  })

  test('is mapped to the input and filtered as its intake says', async () => {
    const of = await aWorkflow(team)
    const map = { company: '{{ body.from | split: "@" | last }}' }
    const { address } = await anAddress({ map, filter: 'body.subject.startsWith("Order")' }, of)
    expect(await send(address, { subject: 'Other' })).toBeNull()
    expect(await send(address, { subject: 'Order 7', headers: ['Message-ID: <c1@shop.test>'] })).toBeNull()
    expect((await newest(1, of)).input).toEqual({ company: 'shop.test' })
  })

  test('that does not fit the input schema goes back with the reason', async () => {
    const of = await aWorkflow(team)
    const { address } = await anAddress({}, of)
    expect(await send(address)).toContain('company')
    expect(await tasks(of)).toEqual([])
  })

  test('from someone who is not on the list goes back; a forged one, too; on the list are addresses and domains', async () => {
    const of = await aWorkflow(team, { input: undefined })
    const { address } = await anAddress({}, of)
    expect(await send(address, { from: 'eve@evil.test' })).toBe('Mail from eve@evil.test is not taken at this address.')
    expect(await send(address, { from: 'eve@notpartner.test' })).toContain('not taken')
    const forged = 'Authentication-Results: mx.cloudflare.net; dmarc=fail header.from=shop.test'
    expect(await send(address, { headers: [forged] })).toContain('not taken')
    expect(await send(address, { from: 'anyone@partner.test', headers: ['Message-ID: <d1@x>'] })).toBeNull()
    await newest(1, of)
    const members = await anAddress({ allow: [] }, of)
    expect(await send(members.address)).toContain('not taken')
    expect(await send(members.address, { from: team.owner, headers: ['Message-ID: <d2@x>'] })).toBeNull()
    await newest(2, of)
  })

  test('that a machine sent in answer makes nothing and does not go back', async () => {
    const of = await aWorkflow(team, { input: undefined })
    const { address } = await anAddress({}, of)
    expect(await send(address, { headers: ['Auto-Submitted: auto-replied'] })).toBeNull()
    expect(await tasks(of)).toEqual([])
  })

  test('to a paused workflow is kept and starts on activation', async () => {
    const of = await aWorkflow(team, { input: undefined })
    const { address } = await anAddress({}, of)
    await team.call('POST', `/workflows/${of}/pause`)
    expect(await send(address, { headers: ['Message-ID: <e1@x>'] })).toBeNull()
    expect((await team.call('GET', `/workflows/${of}/held`)).body.total).toBe(1)
    await team.call('POST', `/workflows/${of}/activate`)
    expect((await team.call('POST', `/workflows/${of}/held`, { start: true })).body).toMatchObject({ started: 1 })
  })

  test('as the pause ends is never taken and kept nowhere: its task starts', async () => {
    const of = await aWorkflow(team, { input: undefined })
    const { address } = await anAddress({}, of)
    await team.call('POST', `/workflows/${of}/pause`)
    const wasEnded = activateAsItIsKept(team, of)
    const back = await send(address, { headers: ['Message-ID: <e2@x>'] })
    vi.restoreAllMocks()
    expect([wasEnded(), back]).toEqual([true, null])
    await newest(1, of)
    expect((await team.call('GET', `/workflows/${of}/held`)).body.total).toBe(0)
  })

  const HEAD = 'From: Hank <hank@shop.test>\r\nSubject: x\r\nMIME-Version: 1.0\r\n'
  const part = (type: string, body: string) => `${HEAD}Content-Type: ${type}\r\n\r\n${body}`
  const bytes = (text: string, ...more: number[]) => new Uint8Array([...new TextEncoder().encode(text), ...more])
  const mixed = (inside: string) => part('multipart/mixed; boundary=b', `--b\r\n${inside}`)

  test.each<[string, string | Uint8Array, string]>([
    ['empty', '', 'cannot be read'],
    ['blank', ' \r\n\r\n ', 'cannot be read'],
    ['no headers', 'just text', 'cannot be read'],
    ['JSON', '{"from": "hank@shop.test"}', 'cannot be read'],
    ['no sender', 'Subject: x\r\n\r\nbody', 'cannot be read'],
    ['a sender that is none', 'From: nobody at all\r\n\r\nbody', 'cannot be read'],
    ['random bytes', new Uint8Array(2000).map((_, n) => (n * 37) % 256), 'cannot be read'],
    ['gzip', new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), 'cannot be read'],
    ['UTF-16', new Uint8Array([...HEAD].flatMap(c => [c.charCodeAt(0), 0])), 'cannot be read'],
    ['of too many lines', `From: <hank@shop.test>\r\n\r\n${'x\n'.repeat(20_001)}`, 'over 20,000 lines'],
    ['of too many borders', `From: <hank@shop.test>\r\n\r\n${'--\n'.repeat(1001)}`, 'that begin with --'],
    ['over 1 MiB', `From: <hank@shop.test>\r\n\r\n${'x'.repeat(1_100_000)}`, 'its text than 1 MiB'],
    ['headers without end', `${HEAD}X-Long: ${'x'.repeat(200_000)}\r\n\r\nbody`, 'cannot be read'],
    ['parts in parts in parts', nested(40), 'cannot be read'],
    ['a sender with a second one in it', 'From: <eve@evil.test>, <hank@shop.test>\r\n\r\nbody', 'not taken'],
    ['a sender who breaks out of the line', 'From: <eve@evil.test\r\nFrom: <hank@shop.test>>\r\n\r\nbody', 'not taken'],
  ])('that is no mail goes back: %s', async (_name, mime, says) => {
    const { address } = await anAddress()
    expect(await sendRaw(address, mime)).toContain(says)
  })

  test.each<[string, string | Uint8Array]>([
    ['truncated within a part', mixed('Content-Type: text/plain\r\n\r\nhal')],
    ['a boundary that never comes', mixed('')],
    ['not UTF-8, though it says so', bytes(part('text/plain; charset=utf-8', 'a'), 0xc3, 0x28)],
    ['a byte order mark', bytes(part('text/plain', ''), 0xef, 0xbb, 0xbf, 0x61)],
    ['an unknown charset', part('text/plain; charset=klingon-1', 'a')],
    ['base64 that is none', `${HEAD}Content-Transfer-Encoding: base64\r\n\r\n!!! not base64 %%%`],
    ['quoted-printable that is none', `${HEAD}Content-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=`],
    ['a type that is none', part('<script>', 'a')],
    ['thousands of headers', `${HEAD}${'X-A: b\r\n'.repeat(5000)}\r\nbody`],
    ['prototype keys as headers', `${HEAD}__proto__: x\r\nconstructor: y\r\n\r\nbody`],
    [
      'a file that climbs out of its folder',
      mixed('Content-Disposition: attachment; filename="../../etc/passwd"\r\n\r\nx\r\n--b--'),
    ],
    ['a formula', part('text/plain', '=HYPERLINK("https://evil.test")')],
  ])('is taken as text, whatever is in it, and as one task: %s', async (_name, mime) => {
    const of = await aWorkflow(team, { input: undefined })
    const { address } = await anAddress({}, of)
    expect(await sendRaw(address, mime)).toBeNull()
    const { input } = await newest(1, of)
    expect(input.from).toBe('hank@shop.test')
    expect(JSON.stringify(input)).not.toContain('\\u0000')
  })

  test('with hostile content is taken as text: NUL, half a character, deep nesting, formulas', async () => {
    const of = await aWorkflow(team, { input: undefined })
    const { address } = await anAddress({}, of)
    const hostile = '=HYPERLINK("x") \u0000 \u202e {{ input }} <script>alert(1)</script> __proto__'
    expect(await send(address, { subject: hostile, body: hostile, headers: ['Message-ID: <f1@x>'] })).toBeNull()
    const task = await newest(1, of)
    expect(task.input.text).toContain('{{ input }}')
    expect(JSON.stringify(task.input)).not.toContain('\\u0000')
  })
})

function nested(deep: number): string {
  const open = (n: number): string =>
    n === 0
      ? 'Content-Type: text/plain\r\n\r\ndeep'
      : `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n${open(n - 1)}\r\n--b${n}--`
  return `From: <hank@shop.test>\r\nMIME-Version: 1.0\r\n${open(deep)}`
}

describe('an answer', () => {
  test('in the same thread is an event of its task, once', async () => {
    const of = await aWorkflow(team, { input: undefined })
    const { address } = await anAddress({}, of)
    await send(address, { headers: ['Message-ID: <g1@shop.test>'] })
    const { id } = await newest(1, of)
    const headers = ['Message-ID: <g2@shop.test>', 'In-Reply-To: <g1@shop.test>']
    expect(await send(address, { headers, body: 'One more thing' })).toBeNull()
    expect(await send(address, { headers, body: 'One more thing' })).toBeNull()
    expect(await tasks(of)).toHaveLength(1)
    const events = (await team.call('GET', `/tasks/${id}/events`)).body.items
    const replies = events.filter((one: { data: { name?: string } }) => one.data.name === 'reply')
    expect(replies).toHaveLength(1)
    expect(JSON.stringify(replies[0])).toContain('One more thing')
  })

  test('to the signed address of one of our mails reaches its task from any sender; a forged one, and one to a task that is over, go back', async () => {
    const id = await aTask(team, await aWorkflow(team))
    const to = (await replyAddress({ ...env, BATON_MAIL_DOMAIN: 'baton.test' }, team.id, id))!
    expect(to.split('@')[0]!.length).toBeLessThanOrEqual(64)
    const headers = ['Message-ID: <h1@else.test>']
    for (let n = 0; n < 2; n++) expect(await send(to, { from: 'guest@else.test', headers, body: 'Yes' })).toBeNull()
    const replies = await repliesTo(id)
    expect(replies).toHaveLength(1)
    expect(replies[0]).toMatchObject({
      actor: { kind: 'link', id: 'guest@else.test' },
      data: { data: { text: 'Yes' } },
    })
    for (const forged of [
      to.replace(/.@/, last => (last[0] === 'a' ? 'b@' : 'a@')),
      'reply@baton.test',
      'reply+x@baton.test',
    ])
      expect(await send(forged, { from: 'guest@else.test' }), forged).toContain('not valid')
    const elsewhere = to.replace(/\+(.{26}).{20}/, `+$1${(await aTeam()).id.slice(5)}`)
    expect(await send(elsewhere)).toContain('not valid')
    await team.call('POST', `/tasks/${id}/cancel`)
    expect(await send(to, { from: 'guest@else.test', body: 'Still?' })).toContain('over')
  })

  test('is kept without the mail that it quotes, as in that is a link of one person alone', async () => {
    const id = await aTask(team, await aWorkflow(team))
    const [address, token] = await eventually(async () => {
      const { items } = (await team.call('GET', '/approvals')).body
      const ask = items.find((one: { task: { id: string } }) => one.task.id === id)
      expect(ask).toBeDefined()
      const link = Object.values(ask.links as Record<string, string>)[0]!
      return [link, link.split('/a/')[1]!] as const
    })
    const to = (await replyAddress({ ...env, BATON_MAIL_DOMAIN: 'baton.test' }, team.id, id))!
    const quoted = `Looks good.\r\n\r\nOn Monday Baton wrote:\r\n> Look at it and decide here:\r\n> ${address}\r\n`
    expect(await send(to, { body: quoted })).toBeNull()
    const html = `<p>And this.</p><blockquote>decide here: <a href="${address}">${address}</a></blockquote>`
    expect(await send(to, { headers: ['Content-Type: text/html; charset=utf-8'], body: html })).toBeNull()
    const replies = JSON.stringify(await repliesTo(id))
    for (const part of ['Looks good.', 'And this.']) expect(replies).toContain(part)
    expect(replies).not.toContain(token.slice(0, 30))
    expect(replies).not.toContain(token.slice(-20))
  })

  test('to what a step sent by send_email is the event `reply` of its task: the mail says where answers go', async () => {
    const waits = { key: 'wait', wait: { event: 'reply', for: '3d' }, handoffs: [{ when: 'reply', to: 'complete' }] }
    const id = await aTask(team, await aWorkflow(team, { steps: [waits], input: undefined }))
    const withMail = { ...env, BATON_MAIL_DOMAIN: 'baton.test' }
    const tool = (await toolNamed(withMail, team.id, 'send_email', 0))!
    const args = { to: team.owner, subject: 'Hi there', text: 'Well?' }
    const facts = { input: {}, task: { id, title: 'Hi', visit: 1 }, people: [], depth: 0 }
    const use = { env: withMail, team: team.id, facts, agent: null, key: 'k', written: '', timeoutMs: 1000 }
    const ready = await tool.ready(args, use)
    expect(await (ready as () => Promise<unknown>)()).toMatchObject({ kind: 'done' })
    const sql = "SELECT reply_to FROM outbox WHERE recipient = ?1 AND subject = 'Hi there'"
    const to = (await env.DB.prepare(sql).bind(team.owner).first<string>('reply_to'))!
    expect(to).toMatch(/^reply\+[a-z2-7]+@baton\.test$/)
    await eventually(async () => expect((await shownTask(id)).status).toBe('waiting'))
    expect(await send(to, { body: 'Very.', from: 'guest@else.test' })).toBeNull()
    await eventually(async () => expect((await shownTask(id)).status).toBe('done'))
    expect((await shownTask(id)).outputs.wait).toMatchObject({ from: 'guest@else.test', text: 'Very.' })
  })

  test('of a machine is dropped, and nobody is told', async () => {
    const id = await aTask(team, await aWorkflow(team))
    const to = (await replyAddress({ ...env, BATON_MAIL_DOMAIN: 'baton.test' }, team.id, id))!
    expect(await send(to, { headers: ['Auto-Submitted: auto-replied'], body: 'I am away' })).toBeNull()
    expect(await repliesTo(id)).toEqual([])
  })

  const asking = (with_: object, more: object[] = []) =>
    aWorkflow(team, {
      input: undefined,
      steps: [
        { key: 'question', tool: 'ask_person', with: with_, handoffs: [{ to: more.length > 0 ? 'next' : 'complete' }] },
        ...more,
      ],
    })
  const asked = (id: string) =>
    eventually(async () => {
      const { items } = (await team.call('GET', '/approvals')).body
      const ask = items.find((one: { task: { id: string } }) => one.task.id === id)
      expect(ask).toBeDefined()
      return ask as { kind: string; question: string }
    })
  /** The address that the mail about this question carries. */
  const replyTo = (id: string, question: string) =>
    eventually(async () => {
      const open = (await callTask(env, team.id, id, stub => stub.asks())) ?? []
      const ask = open.find(one => (one.artefact?.output as { question?: string } | null)?.question === question)
      expect(ask).toBeDefined()
      return (await replyAddress({ ...env, BATON_MAIL_DOMAIN: 'baton.test' }, team.id, id, ask!.digest))!
    })
  const shown = async (id: string) => (await team.call('GET', `/tasks/${id}`)).body

  test('to what an agent asked is its answer, from whoever was asked alone, and once', async () => {
    const id = await aTask(team, await asking({ question: 'Which colour (of three)?' }))
    const to = await replyTo(id, 'Which colour (of three)?')
    expect(await send(to, { body: 'Green', from: 'hank@shop.test' })).toBeNull()
    expect((await shown(id)).status).toBe('waiting')
    expect(await repliesTo(id)).toHaveLength(1)
    const body = `Blue, please.\r\n\r\nOn Monday Baton wrote:\r\n> Which colour (of three)?\r\n`
    expect(await send(to, { body, from: team.owner })).toBeNull()
    const { status, outputs } = await shown(id)
    expect([status, outputs.question]).toEqual(['done', { answer: 'Blue, please.', note: null, by: team.owner }])
    expect(await send(to, { body: 'Or red', from: team.owner })).toContain('is over')
  })

  test('of several to choose from is taken when it names one, and noted when it does not', async () => {
    const id = await aTask(team, await asking({ question: 'Red or blue (two)?', options: ['Red', 'Blue'] }))
    const to = await replyTo(id, 'Red or blue (two)?')
    await send(to, { body: 'Rather not red', from: team.owner })
    expect((await shown(id)).status).toBe('waiting')
    await send(to, { body: 'blue.\r\n\r\nBest, Ana', from: team.owner })
    expect((await shown(id)).outputs.question).toMatchObject({ answer: 'Blue' })
  })

  test('to an earlier question answers no later one, and no mail allows, approves or says what happened', async () => {
    const later = {
      key: 'next',
      tool: 'ask_person',
      with: { question: 'And the second size?' },
      handoffs: [{ to: 'ok' }],
    }
    const human = { assign: [team.owner], instructions: 'Look.', reason: ['approved'] }
    const ok = { key: 'ok', human, handoffs: [{ when: 'approved', to: 'complete' }] }
    const id = await aTask(team, await asking({ question: 'And the first size?' }, [later, ok]))
    const first = await replyTo(id, 'And the first size?')
    await team.call('POST', `/tasks/${id}/decide`, { handoff: 'answer', note: 'S' })
    const second = await replyTo(id, 'And the second size?')
    await send(first, { body: 'XXL', from: team.owner })
    expect((await asked(id)).question).toBe('And the second size?')
    await send(second, { body: 'M', from: team.owner })
    await eventually(async () => expect(await asked(id)).toMatchObject({ kind: 'decide' }))
    const { digest } = (await callTask(env, team.id, id, stub => stub.asks()))![0]!
    const forged = (await replyAddress({ ...env, BATON_MAIL_DOMAIN: 'baton.test' }, team.id, id, digest))!
    for (const body of ['approved', 'Approved.']) await send(forged, { body, from: team.owner })
    expect(await shown(id)).toMatchObject({ status: 'waiting', outputs: { next: { answer: 'M' } } })
  })

  test('has no address where no mail comes in', async () => {
    const id = await aTask(team, await aWorkflow(team))
    expect(await replyAddress({ ...env, BATON_MAIL_DOMAIN: '' }, team.id, id)).toBeUndefined()
  })
})

const shownTask = async (id: string) => (await team.call('GET', `/tasks/${id}`)).body

async function repliesTo(task: string) {
  const { items } = (await team.call('GET', `/tasks/${task}/events`)).body
  return items.filter((one: { data: { name?: string } }) => one.data.name === 'reply')
}

describe('the limit of an address', () => {
  test('beyond it mail goes back with the reason; what came before is no second task', async () => {
    const of = await aWorkflow(team, { input: undefined })
    const { address } = await anAddress({ limit: { count: 2, seconds: 3600 } }, of)
    for (let n = 0; n < 3; n++) expect(await send(address, { headers: ['Message-ID: <l1@x>'] })).toBeNull()
    expect(await send(address, { headers: ['Message-ID: <l2@x>'] })).toBeNull()
    expect(await send(address, { headers: ['Message-ID: <l3@x>'] })).toContain('takes no more mail for now')
    await newest(2, of)
  })
})

describe('the text of HTML', () => {
  test.each([
    ['<p>a</p><p>b</p>', 'a\n\nb'],
    ['a<br>b', 'a\nb'],
    ['<ul><li>x</li><li>y</li></ul>', '- x\n\n- y'],
    ['<style>p{color:red}</style>x', 'x'],
    ['<SCRIPT>alert("<b>")</SCRIPT >x', 'x'],
    ['<!-- <p>hidden</p> -->x', 'x'],
    ['1 < 2 &amp;&lt;b&gt;', '1 < 2 &<b>'],
    ['&#65;&#x42;&#0;&unknown;', 'AB &unknown;'],
    ['<img src=x onerror=alert(1)>x', 'x'],
    ['<p', ''],
  ])('%s', (html, text) => {
    expect(htmlToText(html)).toBe(text)
  })

  test('takes time in proportion to its length', () => {
    for (const part of ['<', '<!--', '<a ', '&', '<script>', '</', '<p>']) {
      const began = performance.now()
      htmlToText(part.repeat(20_000))
      expect(performance.now() - began, part).toBeLessThan(3000)
    }
  })
})
