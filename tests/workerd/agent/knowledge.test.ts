/** Knowledge: a team's texts, told whole to the agents that have them always, or looked up, with their source, in the version of the moment. */
import { PDFDocument } from 'pdf-lib'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../../src/domain/json/json.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { passagesFor } from '../../../src/records/definitions/knowledge.ts'
import { modelsAnswer, says } from '../../support/engine.ts'
import { aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'

let team: Team
let other: Team
let ana: Browser

const POLICY = `Refunds\n\nWhoever asks within 30 days gets everything back.\fShipping\n\nParcels leave on working days; a dispatched parcel is tracked.`

beforeAll(async () => {
  ;[team, other] = [await aTeam(), await aTeam()]
  ana = new Browser()
  await ana.signIn(team.owner)
  for (const of of [team, other]) {
    const name = of === team ? 'Policy' : 'Policy of another team'
    const made = await of.call('POST', '/knowledge', { key: 'policy', name, text: POLICY, months: 6 })
    expect([made.status, made.body]).toEqual([201, { key: 'policy', version: 1 }])
  }
})
afterEach(() => scriptModels(null))

const look = async (q: string, of = team, more = '') =>
  (await of.call('GET', `/passages?q=${encodeURIComponent(q)}${more}`)).body.items

describe('a text', () => {
  test('is read, listed without its words, and refused where it is none', async () => {
    const { body } = await team.call('GET', '/knowledge/policy')
    expect(body).toMatchObject({ key: 'policy', name: 'Policy', text: POLICY, months: 6, version: 1 })
    const [line] = (await team.call('GET', '/knowledge')).body.items
    expect(line).toMatchObject({ key: 'policy', chars: POLICY.length, stale: false })
    expect(line.text).toBeUndefined()
    const again = await team.call('POST', '/knowledge', { key: 'policy', name: 'x', text: 'x' })
    expect([again.status, again.body.error.code]).toEqual([409, 'knowledge_exists'])
    const pdf = await team.call('POST', '/knowledge', { key: 'pdf', name: 'A', text: '%PDF-1.7\n1 0 obj' })
    expect([pdf.status, pdf.body.error.code]).toEqual([422, 'not_text'])
    const long = await team.call('POST', '/knowledge', { key: 'long', name: 'A', text: 'x'.repeat(300_001) })
    expect(long.status).toBe(422)
    expect((await other.call('GET', '/knowledge')).body.items).toHaveLength(1)
  })

  test('is found by its words in any form, by page, the best first, and never by another team', async () => {
    const [best, ...rest] = await look('When is a parcel tracked and dispatching done?')
    expect(best).toMatchObject({ file: 'policy', name: 'Policy', version: 1, page: 2 })
    expect(best.text).toContain('Parcels leave')
    for (const one of rest) expect(one.score).toBeLessThanOrEqual(best.score)
    expect((await look('refund')).map(({ page }: { page: number }) => page)).toEqual([1])
    expect(await look('refund', team, '&file=none')).toEqual([])
    expect(await look(`refund ${team.id}__policy`, other)).toMatchObject([{ name: 'Policy of another team' }])
    expect(await look('" OR NEAR( * ids:x')).toEqual([])
    expect(await passagesFor(env.DB, team.id, [], 'refund')).toEqual([])
  })

  test('is found as it is now: not as it was, and not once it is deleted, nor is it left in the index', async () => {
    await team.call('POST', '/knowledge', { key: 'fees', name: 'Fees', text: 'A zeppelin costs 9.' })
    await team.call('PUT', '/knowledge/fees', { name: 'Fees', text: 'An airship costs 12.' })
    expect(await look('zeppelin')).toEqual([])
    expect(await look('airship')).toMatchObject([{ file: 'fees', version: 2 }])
    expect((await team.call('GET', '/knowledge/fees/versions/1')).body.text).toBe('A zeppelin costs 9.')
    expect((await team.call('DELETE', '/knowledge/fees')).status).toBe(204)
    expect(await look('airship')).toEqual([])
    const { results } = await env.DB.prepare("SELECT 1 FROM passages_content WHERE c0 LIKE '%airship%'").all()
    expect(results).toEqual([])
  })

  test('of two who change it at once keeps one, whose passages are found', async () => {
    await team.call('POST', '/knowledge', { key: 'race', name: 'Race', text: 'start' })
    const texts = ['hare', 'tortoise', 'snail', 'fox']
    const sent = texts.map(text => team.call('PUT', '/knowledge/race', { name: 'Race', text }))
    for (const answer of await Promise.all(sent)) expect(answer.status).toBe(200)
    const { body } = await team.call('GET', '/knowledge/race')
    expect(body.version).toBe(5)
    const found = await look(`${texts.join(' ')} start`)
    expect(found.map(({ text }: { text: string }) => text)).toEqual([body.text])
  })
})

describe('an agent', () => {
  const agent = { key: 'clerk', name: 'Clerk', description: 'You answer.' }

  test('is refused a text that is not there, and looking up without the tool for it', async () => {
    const strange = { ...agent, knowledge: [{ file: 'polici', use: 'always' }] }
    const refused = await team.call('POST', '/agents', strange)
    expect(refused.body.error).toMatchObject({ code: 'unknown_knowledge', hint: 'Did you mean `policy`?' })
    const without = await team.call('POST', '/agents', { ...agent, knowledge: [{ file: 'policy' }] })
    expect(without.body.error.code).toBe('searched_without_tool')
  })

  test('has one before it and looks another up; the task says which versions, and where it stood', async () => {
    await team.call('POST', '/knowledge', { key: 'tone', name: 'Tone', text: 'Be brief.' })
    const knowledge = [{ file: 'policy' }, { file: 'tone', use: 'always' }]
    const made = await team.call('POST', '/agents', { ...agent, tools: ['read_context'], knowledge })
    expect(made.status, made.text).toBe(201)
    const steps = [{ key: 'answer', agent: 'clerk', instructions: 'Answer.', handoffs: [{ to: 'complete' }] }]
    const workflow = await aWorkflow(team, { steps, input: {} })
    const asks: Json[] = [{ query: 'refund within' }, { name: 'Policy' }, { name: 'nothing' }]
    const { requests } = modelsAnswer((_request, nth) =>
      nth === 1
        ? {
            kind: 'calls',
            text: null,
            calls: asks.map((args, n) => ({ id: `c${n}`, tool: 'read_context', args })),
            usage: { model: 'demo', inputTokens: 1, outputTokens: 1, calls: 1, durationMs: 1 },
          }
        : says('done'),
    )
    const { id } = (await team.call('POST', `/workflows/${workflow}/tasks`, { input: {} })).body
    await eventually(async () => expect((await team.call('GET', `/tasks/${id}`)).body.status).toBe('done'))
    const { system } = requests[0]!
    expect(system).toContain('# Tone\n\nBe brief.')
    expect(system).toContain('Context files, for read_context:\n- Policy (version 1)')
    expect(system).not.toContain('30 days')
    const told = requests[1]!.messages.flatMap(message => (message.role === 'tool' ? [message.result] : []))
    expect(told).toMatchObject([
      [{ name: 'Policy', file: 'policy', page: 1, version: 1, text: expect.stringContaining('30 days') }],
      { name: 'Policy', file: 'policy', version: 1, text: POLICY },
      { error: 'tool_failed', message: 'There is no context file “nothing”. There are: Policy, Tone.' },
    ])
    const { text } = await ana.open(`/tasks/${id}`)
    expect(text).toContain('href="/knowledge/tone?version=1"')
    expect((await ana.open('/knowledge/policy')).text).toContain('href="/agents/clerk"')
    // A text that is deleted is missing from then on; the work goes on without it.
    await team.call('DELETE', '/knowledge/tone')
    const later = modelsAnswer(() => says('done'))
    const next = (await team.call('POST', `/workflows/${workflow}/tasks`, { input: {} })).body.id
    await eventually(async () => expect((await team.call('GET', `/tasks/${next}`)).body.status).toBe('done'))
    expect(later.requests[0]!.system).not.toContain('Be brief.')
  })
})

describe('by the page', () => {
  test('a text is added from a file, changed, found, called right still, and deleted once its key is typed', async () => {
    const bad = await ana.send('/knowledge/new', { name: '', text: 'x' })
    expect([bad.status, bad.text.includes('Give it a name')]).toEqual([422, true])
    const made = await ana.send('/knowledge/new', { name: 'Opening hours', text: 'Open from 9 to 17.', months: '1' })
    expect(made.location).toBe('/knowledge/opening_hours')
    const old = Date.now() - 60 * 86_400_000
    await env.DB.prepare("UPDATE knowledge SET updated_at = ?1 WHERE key = 'opening_hours'").bind(old).run()
    expect((await ana.open('/knowledge')).text).toContain('may be out of date')
    expect((await ana.open('/knowledge/opening_hours')).text).toContain('It may be out of date')
    await ana.send('/knowledge/opening_hours/check', {})
    expect((await ana.open('/knowledge')).text).not.toContain('may be out of date')
    const saved = await ana.send('/knowledge/opening_hours', { name: 'Hours', text: 'From <b>10</b>', version: '1' })
    expect(saved.status).toBe(303)
    const stale = await ana.send('/knowledge/opening_hours', { name: 'Hours', text: 'From 11', version: '1' })
    expect([stale.status, stale.text.includes('Somebody saved version 2')]).toEqual([409, true])
    const { text } = await ana.open('/knowledge?q=10')
    expect(text).toContain('From &lt;b&gt;10&lt;/b&gt;')
    expect((await ana.send('/knowledge/opening_hours/delete', { typed: 'no' })).status).toBe(422)
    expect((await ana.send('/knowledge/opening_hours/delete', { typed: 'opening_hours' })).location).toContain(
      '/knowledge',
    )
  })

  test('a PDF is kept as the words on its pages, and what holds none is refused with the reason', async () => {
    const pdf = await PDFDocument.create()
    for (const words of ['Onboarding takes a week.', 'Laptops are ordered on Mondays.'])
      pdf.addPage().drawText(words, { x: 20, y: 100 })
    const file = new File([(await pdf.save()) as never], 'handbook.pdf')
    const made = await ana.send('/knowledge/new', { name: 'Handbook', text: '', upload: file })
    expect(made.location, made.text).toBe('/knowledge/handbook')
    expect(await look('laptop')).toMatchObject([
      { file: 'handbook', page: 2, text: expect.stringContaining('ordered on Mondays') },
    ])
    const scan = await PDFDocument.create()
    scan.addPage()
    for (const [bytes, why] of [
      [await scan.save(), 'its pages are pictures'],
      [new TextEncoder().encode('%PDF-1.7 nothing'), 'It is damaged'],
      [Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), 'Upload text, Markdown'],
    ] as const) {
      const refused = await ana.send('/knowledge/new', { name: 'X', upload: new File([bytes as never], 'x.pdf') })
      expect([refused.status, refused.text.includes(why)], why).toEqual([422, true])
    }
  })

  test('comes as a file by API, too: the words of a PDF, and its next version keeps what is not said anew', async () => {
    const send = async (method: string, path: string, fields: Record<string, string | File>, key = team.key) => {
      const body = new FormData()
      for (const [name, value] of Object.entries(fields)) body.append(name, value as string)
      return fetchApi(`/api/v1/knowledge${path}`, { method, body, headers: { authorization: `Bearer ${key}` } })
    }
    const pdfOf = async (words: string) => {
      const pdf = await PDFDocument.create()
      pdf.addPage().drawText(words, { x: 20, y: 100 })
      return new File([(await pdf.save()) as never], 'travel.pdf')
    }
    const made = await send('POST', '', { key: 'travel', months: '6', file: await pdfOf('Trains are booked in blue.') })
    expect([made.status, made.body]).toEqual([201, { key: 'travel', version: 1 }])
    expect((await team.call('GET', '/knowledge/travel')).body).toMatchObject({ name: 'travel.pdf', months: 6 })
    expect(await look('trains')).toMatchObject([{ file: 'travel' }])
    const next = await send('PUT', '/travel', { name: 'Travel', file: new File(['Trains are **green**.'], 't.md') })
    expect([next.status, next.body.version]).toEqual([200, 2])
    expect((await team.call('GET', '/knowledge/travel')).body).toMatchObject({ name: 'Travel', months: 6, version: 2 })
    for (const [fields, status, code] of [
      [{ key: 'travel', file: new File(['x'], 'x.txt') }, 409, 'knowledge_exists'],
      [{ key: 'other' }, 422, 'file_missing'],
      [{ key: '1', file: new File(['x'], 'x.txt') }, 422, 'invalid_request'],
      [{ key: 'odd', file: new File(['x'], 'x.txt'), color: 'red' }, 422, 'invalid_request'],
      [{ key: 'odd', file: new File(['x'], 'x.txt'), months: 'six' }, 422, 'invalid_request'],
      [{ key: 'odd', file: new File(['%PDF-1.7 nothing'], 'x.pdf') }, 422, 'not_text'],
      [{ key: 'odd', file: new File(['\0'.repeat(99)], 'x.txt') }, 422, 'not_text'],
      [{ key: 'big', file: new File(['x'.repeat(8 * 1024 * 1024 + 1)], 'x.txt') }, 413, 'body_too_large'],
    ] as const) {
      const refused = await send('POST', '', fields as Record<string, string | File>)
      expect([refused.status, refused.body.error.code], JSON.stringify(fields)).toEqual([status, code])
    }
    expect((await send('PUT', '/travel', { file: new File(['x'], 'x.txt') }, other.key)).status).toBe(404)
    // An agent's own context takes the same files.
    const fields = { name: 'Booker', description: 'Books.', upload: await pdfOf('Ask before noon.') }
    expect((await ana.send('/agents/new', fields)).status).toBe(303)
    const [text] = (await team.call('GET', '/agents/booker')).body.context
    expect(text).toMatchObject({ name: 'travel.pdf', text: expect.stringContaining('Ask before noon.') })
  })

  test('travels with the agents that know it, and takes nothing’s place', async () => {
    const agent = { key: 'courier', name: 'Courier', description: 'Answers.', model: 'demo', tools: ['read_context'] }
    const knowing = { ...agent, knowledge: [{ file: 'policy' }, { file: 'travel', use: 'always' }] }
    expect((await team.call('POST', '/agents', knowing)).status).toBe(201)
    const step = { key: 'reply', agent: 'courier', instructions: 'Reply.', handoffs: [{ to: 'complete' }] }
    const workflow = await aWorkflow(team, { name: 'Travels', steps: [step] })
    const file = (await ana.open(`/workflows/${workflow}/export`)).text
    const elsewhere = new Browser()
    await elsewhere.signIn(other.owner)
    const look = await elsewhere.send('/workflows/import', { text: file, do: 'look' })
    expect(look.text).toMatch(/The knowledge\s+travel/)
    expect(look.text).toContain('Nothing for the knowledge policy')
    expect((await elsewhere.send('/workflows/import', { text: file, do: 'make' })).status).toBe(303)
    expect((await other.call('GET', '/knowledge/travel')).body.text).toBe('Trains are **green**.')
    expect((await other.call('GET', '/knowledge/policy')).body).toMatchObject({
      name: 'Policy of another team',
      version: 1,
    })
    expect((await other.call('GET', '/agents/courier')).body.knowledge).toEqual(knowing.knowledge)
  })

  test('viewers read, and change nothing', async () => {
    const viewer = new Browser()
    await viewer.signIn(await aMember(team.id, 'viewer'))
    expect((await viewer.open('/knowledge/policy')).text).toContain('Whoever asks within 30 days')
    expect((await viewer.send('/knowledge/policy', { name: 'x', text: 'x', version: '1' })).status).toBe(403)
    expect((await viewer.send('/knowledge/policy/check', {})).status).toBe(403)
  })
})
