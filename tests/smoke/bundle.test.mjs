/** The minified bundle, as it would be uploaded, in the real runtime: what vitest's own runtime forgives (eval, above all) fails here. */
import net from 'node:net'
import { PDFDocument } from 'pdf-lib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle, openWorker } from '../../scripts/lib/worker.mjs'
import { describeCommandLine } from './command-line.mjs'

const token = 'smoke-token'
let worker
let seeded

beforeAll(async () => {
  const { modules, size } = await bundle({ minify: true })
  process.stdout.write(`Bundle: ${size}\n`)
  worker = await openWorker({
    modules,
    offline: true,
    bindings: {
      BATON_SECRET: 'smoke-secret-0123456789abcdef-0123456789abcdef-0123456789abcdef',
      BATON_URL: 'http://localhost:8787',
      BATON_LOCAL: '1',
      BATON_LOCAL_TOKEN: token,
    },
  })
  const response = await fetch(`${worker.url}/__local/seed`, { method: 'POST', headers: { 'x-baton-local': token } })
  expect(response.status, await response.clone().text()).toBe(200)
  seeded = await response.json()
}, 120_000)

afterAll(() => worker?.mf.dispose())

async function api(method, path, body) {
  const response = await fetch(`${worker.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${seeded.apiKey}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}

/** Polls a task, as a client would, until it is no longer being worked on. */
async function settled(id) {
  for (let tries = 0; tries < 150; tries++) {
    const { status, body } = await api('GET', `/tasks/${id}`)
    expect(status, JSON.stringify(body)).toBe(200)
    if (body.status !== 'running') return body
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`Task ${id} was still running after 15 s`)
}

test('the bundle answers its health', async () => {
  const response = await fetch(`${worker.url}/api/v1/health`)
  expect(response.status, await response.clone().text()).toBe(200)
  expect(await response.json()).toMatchObject({ ok: true })
})

test('seeding again changes nothing', async () => {
  const again = await fetch(`${worker.url}/__local/seed`, { method: 'POST', headers: { 'x-baton-local': token } })
  expect(await again.json()).toEqual({ ...seeded, seeded: false })
})

describeCommandLine(api, () => ({ url: worker.url, apiKey: seeded.apiKey }))

const verdictSchema = {
  $defs: { level: { enum: ['low', 'high'] } },
  type: 'object',
  required: ['urgency'],
  properties: { urgency: { $ref: '#/$defs/level' }, code: { type: 'string', pattern: '^[A-Z]{2,4}$' } },
  unevaluatedProperties: false,
}

const definition = output => ({
  baton: 1,
  name: 'Smoke',
  steps: [
    {
      key: 'judge',
      name: 'Judge',
      prompt: 'How urgent is this? {{ input.text }}',
      model: 'demo',
      output,
      handoffs: [{ to: 'complete' }],
    },
  ],
})

test('a people’s JSON Schema is checked and run without eval', async () => {
  const published = await api('POST', '/workflows', definition(verdictSchema))
  expect(published.status, JSON.stringify(published.body)).toBeLessThan(300)

  const created = await api('POST', `/workflows/${published.body.id}/tasks`, { input: { text: 'The roof leaks.' } })
  expect(created.status, JSON.stringify(created.body)).toBe(201)
  const task = await settled(created.body.id)
  expect(task, JSON.stringify(task.error)).toMatchObject({ status: 'done' })
  expect(verdictSchema.$defs.level.enum).toContain(task.outputs.judge.urgency)
})

test('a JSON Schema that is none is refused', async () => {
  const refused = await api('POST', '/workflows', definition({ type: 'objekt' }))
  expect(refused.status, JSON.stringify(refused.body)).toBe(422)
  expect(refused.body.error.code).toBe('invalid_definition')
})

test('a task sent to the seeded intake comes to the person it waits for', async () => {
  const sent = await fetch(`${worker.url}${new URL(seeded.intake, worker.url).pathname}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${seeded.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ company: 'Globex', email: 'hank@globex.test' }),
  })
  const text = await sent.text()
  expect(sent.status, text).toBe(202)
  const task = await settled(JSON.parse(text).task.id)
  expect(task, JSON.stringify(task)).toMatchObject({ status: 'waiting', input: { company: 'Globex' } })

  const { body } = await api('GET', `/workflows/${task.workflow}`)
  expect(body.steps.find(step => step.key === task.step)).toHaveProperty('human')
})

test('the library that speaks MCP is there and runs without eval: what it meets is told in words', async () => {
  const refused = await api('POST', '/mcp-servers', { key: 'crm', url: 'https://mcp.example.com/' })
  expect(refused.status, JSON.stringify(refused.body)).toBe(409)
  expect(refused.body.error).toMatchObject({
    code: 'mcp_server_failed',
    message: expect.stringMatching(/^mcp\.example\.com /),
  })
})

test('the library that reads PDFs is there, is loaded when one comes, and runs without eval', async () => {
  const pdf = await PDFDocument.create()
  pdf.addPage().drawText('Invoice 17', { x: 20, y: 100 })
  const { body: workflow } = await api('POST', '/workflows', {
    baton: 1,
    name: 'PDF',
    steps: [{ key: 'read', prompt: 'Say it: {{ files[0].text }}', model: 'demo', handoffs: [{ to: 'complete' }] }],
  })
  await api('POST', `/workflows/${workflow.id}/publish`, {})
  const form = new FormData()
  form.set('input', '{}')
  form.set('file', new Blob([await pdf.save()], { type: 'application/pdf' }), 'invoice.pdf')
  const response = await fetch(`${worker.url}/api/v1/workflows/${workflow.id}/tasks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${seeded.apiKey}` },
    body: form,
  })
  const made = await response.json()
  expect(response.status, JSON.stringify(made)).toBe(201)
  const task = await settled(made.id)
  expect(task.files).toMatchObject([{ name: 'invoice.pdf', text: 'read', why: null }])
  const { body: events } = await api('GET', `/tasks/${made.id}/events`)
  const due = events.items.find(({ type }) => type === 'due')
  expect(due.data.prompt).toBe('Say it: Invoice 17')
})

test('accounts work whoever comes first: nothing that one request began keeps the next ones waiting', async () => {
  const soon = { redirect: 'manual', signal: AbortSignal.timeout(10_000) }
  const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }
  const post = (path, fields) =>
    fetch(worker.url + path, { ...soon, method: 'POST', headers, body: new URLSearchParams(fields) })
  const open = async path => (await fetch(worker.url + path, { ...soon, signal: AbortSignal.timeout(10_000) })).text()
  expect((await fetch(worker.url + new URL(seeded.signIn).pathname, soon)).status).toBe(303)
  expect((await post('/sign-in', { email: 'ben@acme.test' })).status).toBe(200)
  const [mail] = (await open('/outbox')).match(/\/outbox\/\d+/)
  const [, token] = /sign-in\/link\?token=(\w+)/.exec(await open(mail))
  const entered = await post('/sign-in/link', { token })
  expect([entered.status, entered.headers.get('location')]).toEqual([303, '/workflows'])
  expect(entered.headers.get('set-cookie')).toContain('baton.session_token=')
  expect((await post('/sign-in/link', { token })).status).toBe(410)
})

test('a robot that opens an approval link a thousand times and sends its untouched form decides nothing', async () => {
  const { body } = await api('GET', '/approvals')
  const [item] = body.items.filter(each => each.links)
  const path = new URL(Object.values(item.links)[0]).pathname
  const before = await api('GET', `/tasks/${item.task.id}`)
  const ways = ['GET', 'HEAD', 'OPTIONS']
  for (let visit = 0; visit < 1000; visit += 50) {
    const open = Array.from({ length: 50 }, (_, n) =>
      fetch(worker.url + path, { method: ways[n % 3] }).then(r => r.status),
    )
    for (const status of await Promise.all(open)) expect([200, 204]).toContain(status)
  }
  const page = await (await fetch(worker.url + path)).text()
  const fields = new URLSearchParams()
  for (const [, name, value] of page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g))
    fields.set(name, value)
  expect([...fields.keys()]).toEqual(['seen', 'visit', 'run'])
  const sent = await fetch(worker.url + path, { method: 'POST', body: fields, redirect: 'manual' })
  expect([422, 429]).toContain(sent.status)
  const after = await api('GET', `/tasks/${item.task.id}`)
  expect(after.body).toEqual(before.body)
}, 60_000)

/** Sends a head and then pieces of a body, down one connection; answers the status, what was said of the connection, and whether it ended. */
function overOneLine({ path, headers, pieces }) {
  const { port } = new URL(worker.url)
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), '127.0.0.1')
    let said = ''
    let asked = false
    const done = ended => {
      socket.destroy()
      const statuses = [...said.matchAll(/HTTP\/1\.1 (\d+) /g)].map(match => Number(match[1]))
      resolve({ statuses, closes: /^connection: close/im.test(said), ended })
    }
    socket.on('error', error => (said ? done(true) : reject(error)))
    socket.on('end', () => done(true))
    socket.on('data', chunk => {
      said += chunk
      if (/"requestId":"[^"]+"\}\}/.test(said) && !asked && !/^connection: close/im.test(said)) {
        // A line that was not called closed must serve the next request.
        asked = true
        socket.write('GET /api/v1/health HTTP/1.1\r\nhost: localhost\r\n\r\n')
      } else if (asked && /"ok":/.test(said)) done(false)
    })
    socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\n${headers.join('\r\n')}\r\n\r\n`)
    for (const piece of pieces) socket.write(piece)
  })
}

/** The reset of a line that is closed under what is still being sent may overtake the answer: that is TCP's, and tells nothing. */
async function untilHeard(request, tries = 5) {
  for (let tried = 1; ; tried++) {
    try {
      return await overOneLine(request)
    } catch (error) {
      if (tried === tries) throw error
    }
  }
}

const MIB = 1024 * 1024
const chunk = size => `${size.toString(16)}\r\n${' '.repeat(size)}\r\n`

test.each([
  ['said to be too long, and kept back', 413, [`content-length: ${3 * MIB}`], []],
  ['said to be too long, and sent', 413, [`content-length: ${3 * MIB}`], [' '.repeat(3 * MIB)]],
  ['too long, its length not said', 413, ['transfer-encoding: chunked'], [chunk(MIB), chunk(MIB), '0\r\n\r\n']],
  ['too long by a byte, its end read', 413, ['transfer-encoding: chunked'], [chunk(MIB / 2), chunk(1), '0\r\n\r\n']],
  ['too long by a byte, its end not sent', 413, ['transfer-encoding: chunked'], [chunk(MIB / 2), chunk(1)]],
  ['sent without a key', 401, [`content-length: ${3 * MIB}`], [' '.repeat(3 * MIB)]],
])('a connection ends only where the answer says so: a body %s', async (_, status, more, pieces) => {
  const key = status === 401 ? [] : [`authorization: Bearer ${seeded.apiKey}`]
  const headers = [...key, 'content-type: application/json', ...more]
  const { statuses, closes, ended } = await untilHeard({ path: '/api/v1/workflows', headers, pieces })
  expect({ first: statuses[0], ended }).toEqual({ first: status, ended: closes })
  if (!closes) expect(statuses).toEqual([status, 200])
})
