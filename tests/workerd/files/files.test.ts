/** Files of tasks by API: uploaded, read, deleted; every bad upload is refused by name and leaves nothing behind; a team has its own alone. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { strToU8, zipSync } from 'fflate'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { app } from '../../../src/app/app.ts'
import { signLink } from '../../../src/approval/links.ts'
import { taskStub } from '../../../src/env.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { fileLink } from '../../../src/files/links.ts'
import { modelsAnswer, says } from '../../support/engine.ts'
import { type Answer, aTask, aTeam, aWorkflow, env, fetchApi, type Team } from '../api/client.ts'
import { ANA, BEN, hiddenFields } from '../approval/world.ts'
import { Browser } from '../team/browser.ts'

let team: Team
let workflow: string
beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team)
})

const MIB = 1024 * 1024
type Told = { text: string; why: { code: string } | null }
type Part = { name?: string; file?: string; type?: string; body?: string | Uint8Array }

/** The bytes of a form as curl sends it, names as they are. */
function form(parts: Part[], end = '--b0--\r\n'): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder()
  const all = parts.flatMap(({ name = 'file', file, type, body = '' }) => [
    text.encode(
      `--b0\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}\r\n` +
        `${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n`,
    ),
    typeof body === 'string' ? text.encode(body) : body,
    text.encode('\r\n'),
  ])
  all.push(text.encode(end))
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const each of all) {
    bytes.set(each, at)
    at += each.length
  }
  return bytes
}

const TYPE = 'multipart/form-data; boundary=b0'

function send(path: string, body: BodyInit, by = team, headers: Record<string, string> = {}): Promise<Answer> {
  const all = { authorization: `Bearer ${by.key}`, 'content-type': TYPE, ...headers }
  return fetchApi(`/api/v1${path}`, { method: 'POST', headers: all, body })
}

const upload = (task: string, parts: Part[], headers = {}, by = team) =>
  send(`/tasks/${task}/files`, form(parts), by, headers)

const newTask = (by = team, of = workflow) => aTask(by, of)

/** What lies in storage for a team, and which rows know of it. */
async function kept(of = team): Promise<{ objects: string[]; rows: number; files: number }> {
  const { objects } = await env.FILES!.list({ prefix: `${of.id}/` })
  const count = (table: string) =>
    env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE team = ?1`).bind(of.id).first<number>('n')
  const [rows, files] = await Promise.all([count('file_objects'), count('files')])
  const contents = objects.map(({ key }) => key).filter(key => !key.endsWith('.text'))
  return { objects: contents, rows: rows!, files: files! }
}

const counts = async (of = team) => {
  const { objects, rows, files } = await kept(of)
  return { objects: objects.length, rows, files }
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(hash, byte => byte.toString(16).padStart(2, '0')).join('')
}

/** Bytes that no compression helps with, different for every seed. */
function noise(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(size / 4))
  let state = seed
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    words[i] = state
  }
  return new Uint8Array(words.buffer).slice(0, size)
}

describe('a file', () => {
  test('is uploaded, listed, described, downloaded as it was, and deleted', async () => {
    const task = await newTask()
    const content = '%PDF-1.7 an invoice'
    const made = await upload(task, [{ file: 'invoice.pdf', type: 'application/pdf', body: content }])
    expect(made.status, made.text).toBe(201)
    const sha256 = await digest(new TextEncoder().encode(content) as Uint8Array<ArrayBuffer>)
    const what = { id: made.body.id, name: 'invoice.pdf', type: 'application/pdf', bytes: 19, sha256 }
    const by = expect.objectContaining({ kind: 'key', id: team.keyId })
    const file = { ...what, text: made.body.text, why: made.body.why, from: 'api', by }
    expect(file.text).toMatch(/^(?:none|reading)$/)
    expect(made.body).toEqual({ ...file, files: [file] })
    expect(file.id).toMatch(/^fil_[a-z2-7]{20}$/)
    expect((await team.call('GET', `/tasks/${task}`)).body.files).toMatchObject([what])
    expect((await team.call('GET', `/tasks/${task}/files`)).body).toMatchObject({ items: [what], next: null })
    expect((await team.call('GET', `/files/${file.id}`)).body).toEqual({
      ...what,
      text: expect.any(String),
      why: expect.toSatisfy(() => true),
      task,
      declared: null,
      from: 'api',
      at: expect.any(String),
      by: expect.objectContaining({ kind: 'key', id: team.keyId }),
      url: `https://baton.test/tasks/${task}`,
    })
    const got = await team.call('GET', `/files/${file.id}/content`)
    expect(got.text).toBe(content)
    expect(Object.fromEntries(got.headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="invoice.pdf"; filename*=UTF-8''invoice.pdf`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    // What a reader has in hand is let go of a day later.
    const known = async () => (await team.call('GET', `/files/${file.id}`)).body.why?.code
    await vi.waitFor(async () => expect(await known()).toBe('broken'), 20_000)
    const before = await counts()
    expect((await team.call('DELETE', `/files/${file.id}`)).status).toBe(204)
    expect(await counts()).toEqual({ objects: before.objects - 1, rows: before.rows - 1, files: before.files - 1 })
    for (const path of [`/files/${file.id}`, `/files/${file.id}/content`])
      expect((await team.call('GET', path)).status).toBe(404)
    expect((await team.call('DELETE', `/files/${file.id}`)).status).toBe(404)
    expect((await team.call('GET', `/tasks/${task}`)).body.files).toEqual([])
    const log = (await team.call('GET', `/tasks/${task}/events`)).body.items
    expect(log.filter(({ type }: { type: string }) => type !== 'read').slice(-2)).toMatchObject([
      { type: 'attached', data: { files: [{ ...what, from: 'api' }] } },
      { type: 'detached', data: { file: file.id, name: 'invoice.pdf' } },
    ])
  })

  test('of many parts comes back byte for byte, and what it really is wins over what it is called', async () => {
    const task = await newTask()
    const content = noise(12 * MIB + 5)
    const made = await upload(task, [{ file: 'photo.png', type: 'image/png', body: content }])
    expect(made.body).toMatchObject({
      bytes: content.length,
      sha256: await digest(content),
      type: 'application/octet-stream',
    })
    expect((await team.call('GET', `/files/${made.body.id}`)).body.declared).toBe('image/png')
    const object = (await kept()).objects
    const row = await env.DB.prepare('SELECT object FROM files WHERE id = ?1')
      .bind(made.body.id)
      .first<string>('object')
    expect(object).toContain(row)
    const stored = new Uint8Array(await (await env.FILES!.get(row!))!.arrayBuffer())
    expect(await digest(stored)).toBe(made.body.sha256)
    await team.call('DELETE', `/files/${made.body.id}`)
  })

  test('of zero bytes is taken; one that nobody chose is none', async () => {
    const task = await newTask()
    const made = await upload(task, [
      { file: 'empty.txt', type: 'text/plain' },
      { file: '', type: 'application/octet-stream' },
    ])
    expect(made.body).toMatchObject({ name: 'empty.txt', bytes: 0, files: [{}] })
    expect((await team.call('GET', `/files/${made.body.id}/content`)).text).toBe('')
    await team.call('DELETE', `/files/${made.body.id}`)
  })

  test('is kept once for a team, however often it comes, until the last task lets go of it', async () => {
    const [one, two] = [await newTask(), await newTask()]
    const before = await counts()
    const body = noise(6 * MIB, 7)
    const sent = await Promise.all([one, two, one, two].map(task => upload(task, [{ file: 'same.bin', body }])))
    expect(sent.map(({ status }) => status)).toEqual([201, 201, 201, 201])
    expect(await counts()).toEqual({ objects: before.objects + 1, rows: before.rows + 1, files: before.files + 4 })
    for (const { body: file } of sent.slice(1)) await team.call('DELETE', `/files/${file.id}`)
    expect(
      (
        await fetchApi(`/api/v1/files/${sent[0]!.body.id}/content`, {
          headers: { authorization: `Bearer ${team.key}` },
        })
      ).status,
    ).toBe(200)
    await team.call('DELETE', `/files/${sent[0]!.body.id}`)
    expect(await counts()).toEqual(before)
  })

  test('sent twice with one Idempotency-Key is there once', async () => {
    const task = await newTask()
    const key = { 'Idempotency-Key': 'one' }
    const first = await upload(task, [{ file: 'a.txt', body: 'a' }], key)
    const again = await upload(task, [{ file: 'a.txt', body: 'a' }], key)
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body).toEqual(first.body)
    expect(again.headers.get('Idempotent-Replayed')).toBe('true')
    const other = await upload(task, [{ file: 'a.txt', body: 'b' }], key)
    expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_mismatch'])
    expect((await team.call('GET', `/tasks/${task}`)).body.files).toHaveLength(1)
    await team.call('DELETE', `/files/${first.body.id}`)
  })

  test.each([
    ['../../x', 'x'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['CON', '_CON'],
    ['👩‍👩‍👧 🧾.pdf', '👩‍👩‍👧 🧾.pdf'],
    [`${'n'.repeat(300)}.pdf`, `${'n'.repeat(196)}.pdf`],
  ])('called %j is kept and saved as %j', async (given, name) => {
    const task = await newTask()
    const { body } = await upload(task, [{ file: given, body: 'x' }])
    expect(body.name).toBe(name)
    const disposition = (await team.call('GET', `/files/${body.id}/content`)).headers.get('content-disposition')!
    expect(decodeURIComponent(/filename\*=UTF-8''(\S+)/.exec(disposition)![1]!)).toBe(name)
    await team.call('DELETE', `/files/${body.id}`)
  })
})

/** A body that sends this and then breaks off, or ends. */
function pieces(bytes: Uint8Array, how: 'ends' | 'breaks'): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes)
      if (how === 'ends') controller.close()
      else controller.error(new Error('the line is dead'))
    },
  })
}

describe('refused, with nothing left behind:', () => {
  const big = () => ({ file: 'big.bin', body: noise(26 * MIB, 3) })
  const eleven = Array.from({ length: 11 }, (_, n) => ({ file: `${n}.txt`, body: `${n}` }))
  const half = () =>
    form([
      { file: 'ok.txt', body: 'ok' },
      { file: 'b.bin', body: noise(7 * MIB, 5) },
    ])

  test.each<[string, () => BodyInit, number, string, Record<string, string>?]>([
    ['26 MB', () => form([big()]), 413, 'file_too_large'],
    ['26 MB behind one that is fine', () => form([{ file: 'a.txt', body: 'a' }, big()]), 413, 'file_too_large'],
    ['11 files', () => form(eleven), 422, 'too_many_files'],
    ['cut off in a file', () => half().slice(0, 6 * MIB), 400, 'upload_cut_off'],
    ['cut off before the end', () => form([{ file: 'a.txt', body: 'a' }], ''), 400, 'upload_cut_off'],
    ['no file', () => form([{ name: 'note', body: 'hello' }]), 422, 'file_missing'],
    ['an empty body', () => '', 400, 'upload_cut_off'],
    ['no form', () => 'just text', 400, 'upload_cut_off'],
    ['no boundary', () => form(eleven), 400, 'malformed_form', { 'content-type': 'multipart/form-data' }],
    ['another type', () => '{}', 415, 'unsupported_content_type', { 'content-type': 'application/json' }],
    ['a part without a name', () => 'x', 400, 'malformed_form', { 'content-type': 'multipart/form-data; boundary=' }],
    ['a field of 1 MB', () => form([{ name: 'note', body: 'x'.repeat(MIB) }]), 413, 'body_too_large'],
  ])('%s', async (_what, body, status, code, headers) => {
    const task = await newTask()
    const before = await counts()
    const answer = await send(`/tasks/${task}/files`, body(), team, headers)
    expect([answer.status, answer.body?.error.code], answer.text).toEqual([status, code])
    expect(await counts()).toEqual(before)
    expect((await team.call('GET', `/tasks/${task}`)).body.files).toEqual([])
  })

  test('a line that breaks, and a length that lies', async () => {
    const task = await newTask()
    const before = await counts()
    const broken = await send(`/tasks/${task}/files`, pieces(half().slice(0, 6 * MIB), 'breaks')).catch(() => null)
    if (broken !== null) expect(broken.status).toBe(400)
    const short = await send(`/tasks/${task}/files`, pieces(half().slice(0, 6 * MIB), 'ends'), team, {
      'content-length': '9',
    })
    expect(short.status).toBe(400)
    expect(await counts()).toEqual(before)
  })

  test('by a task that is full, over, unknown, or where no bucket is bound', async () => {
    const task = await newTask()
    const ten = eleven.slice(1)
    expect((await upload(task, ten)).body.files).toHaveLength(10)
    const before = await counts()
    const full = await upload(task, [{ file: 'a.txt', body: 'a' }])
    expect(full.body.error).toMatchObject({
      code: 'too_many_files',
      message: 'A task has 10 files at most. This one has 10.',
    })
    const other = await newTask()
    await team.call('POST', `/tasks/${other}/cancel`, {})
    expect((await upload(other, ten)).body.error.code).toBe('wrong_status')
    expect((await upload(`tsk_${'a'.repeat(26)}`, ten)).status).toBe(404)
    expect(await counts()).toEqual(before)
    for (const { id } of (await team.call('GET', `/tasks/${task}/files`)).body.items)
      await team.call('DELETE', `/files/${id}`)
  })

  test('of uploads side by side as many are taken as there is room for', async () => {
    const task = await newTask()
    const before = await counts()
    const sent = await Promise.all(
      Array.from({ length: 14 }, (_, n) => upload(task, [{ file: `${n}.txt`, body: `side ${n}` }])),
    )
    expect(sent.filter(({ status }) => status === 201)).toHaveLength(10)
    expect(new Set(sent.filter(({ status }) => status !== 201).map(each => each.body.error.code))).toEqual(
      new Set(['too_many_files']),
    )
    expect(await counts()).toEqual({ objects: before.objects + 10, rows: before.rows + 10, files: before.files + 10 })
  })
})

describe('another team', () => {
  test('reaches no file by its id, and gains nothing by knowing a digest', async () => {
    const other = await aTeam()
    const theirs = await newTask(other, await aWorkflow(other))
    const task = await newTask()
    const body = 'a secret of the first team'
    const { body: file } = await upload(task, [{ file: 's.txt', body }])
    for (const [method, path] of [
      ['GET', `/files/${file.id}`],
      ['GET', `/files/${file.id}/content`],
      ['DELETE', `/files/${file.id}`],
      ['GET', `/tasks/${task}/files`],
    ] as const) {
      const seen = await other.call(method, path)
      const unknown = await other.call(
        method,
        path.replace(file.id, `fil_${'a'.repeat(20)}`).replace(task, `tsk_${'a'.repeat(26)}`),
      )
      expect([seen.status, { ...seen.body.error, requestId: '' }]).toEqual([
        404,
        { ...unknown.body.error, requestId: '' },
      ])
    }
    expect((await upload(task, [{ file: 'x.txt', body: 'x' }], {}, other)).status).toBe(404)
    const same = await upload(theirs, [{ file: 'mine.txt', body }], {}, other)
    expect(same.body.sha256).toBe(file.sha256)
    // Each team has its own object: one goes, the other stays.
    expect(await counts(other)).toEqual({ objects: 1, rows: 1, files: 1 })
    await team.call('DELETE', `/files/${file.id}`)
    expect((await other.call('GET', `/files/${same.body.id}/content`)).text).toBe(body)
  })
})

describe('a task with files from the first', () => {
  const started = async (parts: Part[], headers = {}, into = workflow) =>
    send(`/workflows/${into}/tasks`, form(parts), team, headers)

  test('its templates read what stands in them, with the first and with ones that came later or are copied', async () => {
    const asks = { assign: [team.owner], instructions: '{% for file in files %}[{{ file.text }}]{% endfor %}' }
    const made = await team.call('POST', '/workflows', {
      baton: 1,
      name: 'Read files',
      owner: team.owner,
      title: '{{ files[0].name }}',
      steps: [
        { key: 'look', human: asks, handoffs: [{ to: 'again' }] },
        { key: 'again', human: asks, handoffs: [{ to: 'complete' }] },
      ],
    })
    expect(made.status, made.text).toBe(201)
    const long = 'Grüße '.repeat(20_000).trim()
    const letter = `<w:document><w:body><w:p><w:r><w:t>${long}</w:t></w:r></w:p></w:body></w:document>`
    const docx = zipSync({ '[Content_Types].xml': strToU8('<Types/>'), 'word/document.xml': strToU8(letter) })
    const answer = await started(
      [
        { file: 'letter.docx', body: docx },
        { file: 'broken.docx', body: docx.slice(0, docx.length - 400) },
        { file: 'scan.png', body: Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) },
      ],
      {},
      made.body.id,
    )
    expect(answer.status, answer.text).toBe(201)
    const { id } = answer.body
    const texts = async (task: string) =>
      (await team.call('GET', `/tasks/${task}`)).body.files.map(({ text, why }: Told) => why?.code ?? text)
    await vi.waitFor(async () => expect(await texts(id)).toEqual(['read', 'broken', 'not_read']), 20_000)
    expect((await upload(id, [{ file: 'note.txt', body: 'came later' }])).status).toBe(201)
    const asked = async (task: string) =>
      (await team.call('GET', `/tasks/${task}/events`)).body.items
        .filter(({ type }: { type: string }) => type === 'asked')
        .map(({ data }: { data: { ask: { instructions: string } } }) => data.ask.instructions)
    const again = (await team.call('POST', `/tasks/${id}/rerun`, {})).body.id
    // A file in which nothing can be read has an empty text, and stops nothing.
    expect(await asked(id)).toEqual([`[${long}][][]`])
    await vi.waitFor(async () => expect(await asked(again)).toEqual([`[${long}][][][came later]`]), 20_000)
    // The same content is read once, whoever refers to it, and its text goes with it.
    const rows = await env.DB.prepare('SELECT text, text_tries FROM file_objects WHERE team = ?1 AND text IS NOT NULL')
      .bind(team.id)
      .all()
    expect(rows.results).toEqual(
      expect.arrayContaining([
        { text: 'read', text_tries: 1 },
        { text: 'broken', text_tries: 1 },
      ]),
    )
    expect(rows.results.every(({ text_tries }) => text_tries === 1)).toBe(true)
    const [first] = (await team.call('GET', `/tasks/${id}`)).body.files
    const known = (await team.call('GET', `/files/${first.id}`)).body
    expect(known).toMatchObject({ name: 'letter.docx', text: 'read', why: null })
    const object = await env.DB.prepare('SELECT object FROM files WHERE id = ?1').bind(first.id).first<string>('object')
    expect(await (await env.FILES!.get(`${object}.text`))?.text()).toBe(long)
    for (const task of [id, again]) {
      const [{ id: file }] = (await team.call('GET', `/tasks/${task}`)).body.files
      expect((await team.call('DELETE', `/files/${file}`)).status).toBe(204)
    }
    expect([await env.FILES!.head(object!), await env.FILES!.head(`${object}.text`)]).toEqual([null, null])
  })

  test('a step gives them to its model, pictures as they are, and its record says which', async () => {
    const { requests } = modelsAnswer(() => says('Seen.'))
    const step = { key: 'see', prompt: 'Look.', model: 'demo', files: ['{{ files }}'], handoffs: [{ to: 'complete' }] }
    const of = await aWorkflow(team, { steps: [step] })
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    const files = [
      { name: 'input', body: '{"company":"Acme"}' },
      { file: 'scan.png', body: png },
      { file: 'note.txt', body: 'by the way' },
    ]
    const answer = await started(files, {}, of)
    expect(answer.status, answer.text).toBe(201)
    const task = async () => (await team.call('GET', `/tasks/${answer.body.id}`)).body
    await vi.waitFor(async () => expect((await task()).status).toBe('done'), 20_000)
    scriptModels(null)
    expect(requests.map(({ messages }) => messages[0])).toEqual([
      {
        role: 'user',
        text: 'Look.',
        files: [
          { name: 'scan.png', type: 'image/png', text: null, data: 'iVBORw0KGgo=' },
          { name: 'note.txt', type: 'text/plain', text: 'by the way' },
        ],
      },
    ])
    const log = (await team.call('GET', `/tasks/${answer.body.id}/events`)).body.items
    const reported = log.find(({ type }: { type: string }) => type === 'reported')
    expect(reported.data.usage).toMatchObject({ model: 'demo', saw: ['scan.png', 'note.txt'] })
  })

  test('has them when its first step begins, and its templates read them', async () => {
    const input = { type: 'object', required: ['invoice'], properties: { invoice: { type: 'string', format: 'file' } } }
    const steps = [
      {
        key: 'look',
        human: {
          assign: [team.owner],
          instructions:
            'Look at {{ input.invoice.name }} ({{ input.invoice.type }}) and {{ files[1].name }} of {{ files.size }}.',
        },
        handoffs: [{ if: 'files.size() > 5', to: 'look' }, { to: 'complete' }],
      },
    ]
    const made = await team.call('POST', '/workflows', {
      baton: 1,
      name: 'With files',
      owner: team.owner,
      title: '{{ input.invoice.name }}',
      input,
      steps,
    })
    expect([made.status, made.body.lint], made.text).toEqual([201, []])
    const answer = await started(
      [
        { name: 'input', body: '{}' },
        { name: 'invoice', file: 'i.pdf', body: '%PDF-1' },
        { name: 'file', file: 'note.txt', body: 'by the way' },
      ],
      {},
      made.body.id,
    )
    expect(answer.status, answer.text).toBe(201)
    const look = async () => (await team.call('GET', `/tasks/${answer.body.id}`)).body
    // It begins once its files are read.
    await vi.waitFor(async () => expect((await look()).status).toBe('waiting'), 20_000)
    const task = await look()
    expect(task.title).toBe('i.pdf')
    expect(task.files).toMatchObject([{ name: 'i.pdf' }, { name: 'note.txt' }])
    expect(task.input).toEqual({ invoice: task.files[0].id })
    const { items } = (await team.call('GET', '/approvals')).body
    const asked = (await team.call('GET', `/tasks/${task.id}/events`)).body.items.find(
      ({ type }: { type: string }) => type === 'asked',
    )
    expect(items.some((each: { task: { id: string } }) => each.task.id === task.id)).toBe(true)
    expect(asked.data.ask.instructions).toBe('Look at i.pdf (application/pdf) and note.txt of 2.')
    // Run again, it has files of its own, of the same content.
    const before = await counts()
    const again = await team.call('POST', `/tasks/${task.id}/rerun`, {})
    expect(again.status, again.text).toBe(201)
    const rerun = (await team.call('GET', `/tasks/${again.body.id}`)).body
    expect(rerun.files.map(({ sha256 }: { sha256: string }) => sha256)).toEqual(
      task.files.map(({ sha256 }: { sha256: string }) => sha256),
    )
    expect(rerun.input.invoice).toBe(rerun.files[0].id)
    expect(rerun.files[0].id).not.toBe(task.files[0].id)
    expect(await counts()).toEqual({ ...before, files: before.files + 2 })
    // By a file's id, too; of a file that there is not, it says so.
    const named = await team.call('POST', `/workflows/${made.body.id}/tasks`, { input: { invoice: task.files[0].id } })
    expect((await team.call('GET', `/tasks/${named.body.id}`)).body.files).toMatchObject([{ name: 'i.pdf' }])
    const other = await aTeam()
    const theirs = await newTask(other, await aWorkflow(other))
    const { body: foreign } = await upload(theirs, [{ file: 'x.txt', body: 'x' }], {}, other)
    for (const invoice of [foreign.id, 'fil_nothing', '']) {
      const refused = await team.call('POST', `/workflows/${made.body.id}/tasks`, { input: { invoice } })
      expect([refused.status, refused.body.error.code]).toEqual([422, 'unknown_file'])
    }
  })

  test('is one, however often it is sent with its key, and refused it leaves nothing', async () => {
    const before = await counts()
    const parts = [
      { name: 'input', body: '{"company":"Acme"}' },
      { file: 'a.txt', body: 'twice' },
      { name: 'title', body: 'By form' },
    ]
    const key = { 'Idempotency-Key': 'form' }
    const [one, two] = [await started(parts, key), await started(parts, key)]
    expect([one.status, two.status, two.body.id]).toEqual([201, 200, one.body.id])
    expect((await team.call('GET', `/tasks/${one.body.id}`)).body).toMatchObject({
      title: 'By form',
      files: [{ name: 'a.txt' }],
    })
    expect(await counts()).toEqual({ objects: before.objects + 1, rows: before.rows + 1, files: before.files + 1 })
    const after = await counts()
    const fresh = (n: string) => ({ file: 'b.txt', body: `refused ${n}` })
    for (const [refused, status, code] of [
      [await started([{ name: 'input', body: '{' }, fresh('1')]), 400, 'malformed_json'],
      [await started([{ name: 'input', body: '{"company":5}' }, fresh('2')]), 422, 'invalid_input'],
      [await started([{ name: 'inputs', body: '{}' }, fresh('3')]), 422, 'invalid_request'],
      [
        await started([{ name: 'input', body: '{"company":"A"}' }, fresh('4'), { name: 'callback', body: 'http://x' }]),
        422,
        'host_not_allowed',
      ],
      [await started([...parts, fresh('5')], key), 422, 'idempotency_mismatch'],
      [await started([fresh('6')], {}, `wf_${'a'.repeat(20)}`), 404, 'not_found'],
    ] as const)
      expect([refused.status, refused.body.error.code], refused.text).toEqual([status, code])
    expect(await counts()).toEqual(after)
  })
})

describe('files go along', () => {
  const read = {
    key: 'read',
    human: { assign: [ANA], instructions: '{{ files[0].text }}' },
    handoffs: [{ to: 'complete' }],
  }
  const files = async (of: Team, task: string) => (await of.call('GET', `/tasks/${task}`)).body.files
  const names = async (of: Team, task: string) => (await files(of, task)).map(({ name }: { name: string }) => name)

  test.each<[string, unknown, string[]]>([
    ['those that its input names', { scan: '{{ files[1] }}' }, ['b.txt']],
    ['all, where it names none', {}, ['a.txt', 'b.txt']],
  ])('to a task that a step starts: %s; they outlive where they came from', async (_which, input, expected) => {
    const own = await aTeam()
    const child = await aWorkflow(own, { name: 'Reads', input: { type: 'object' }, steps: [read] })
    const start = { key: 'start', workflow: { use: child, input }, handoffs: [{ to: 'complete' }] }
    const of = await aWorkflow(own, { name: 'Starts', input: { type: 'object' }, steps: [start] })
    const parts = [
      { file: 'a.txt', body: 'first' },
      { file: 'b.txt', body: 'second' },
    ]
    const made = await send(`/workflows/${of}/tasks`, form(parts), own)
    expect(made.status, made.text).toBe(201)
    const found = await vi.waitFor(async () => {
      const { children } = (await own.call('GET', `/tasks/${made.body.id}`)).body
      expect(children).toHaveLength(1)
      return children[0].id as string
    }, 20_000)
    await vi.waitFor(async () => expect(await names(own, found)).toEqual(expected), 20_000)
    const ids = (await files(own, found)).map(({ id }: { id: string }) => id)
    if (expected.length === 1) expect((await own.call('GET', `/tasks/${found}`)).body.input).toEqual({ scan: ids[0] })
    expect(await counts(own)).toEqual({ objects: 2, rows: 2, files: 2 + expected.length })
    for (const { id } of await files(own, made.body.id))
      expect((await own.call('DELETE', `/files/${id}`)).status).toBe(204)
    const text = expected.length === 1 ? 'second' : 'first'
    expect((await own.call('GET', `/files/${ids[0]}/content`)).text).toBe(text)
    const stub = taskStub(env, own.id, found)
    await vi.waitFor(async () => expect((await stub.asks())?.[0]?.instructions).toBe(text), 20_000)
    expect(await counts(own)).toEqual({ objects: expected.length, rows: expected.length, files: expected.length })
  })

  test('to a rerun, whose outputs then name the copies', async () => {
    const own = await aTeam()
    const output = { type: 'object', properties: { receipt: { type: 'string', format: 'file' } } }
    const look = { key: 'look', human: { assign: [ANA] }, output, handoffs: [{ when: 'approved', to: 'pay' }] }
    const instructions = '{{ steps.look.output.receipt.name }}'
    const pay = { key: 'pay', human: { assign: [ANA], instructions }, handoffs: [{ to: 'complete' }] }
    const task = await aTask(own, await aWorkflow(own, { steps: [look, pay] }))
    const parts = [
      { name: 'handoff', body: 'approved' },
      { name: 'receipt', file: 'receipt.txt', body: 'Paid' },
    ]
    const decided = await send(`/tasks/${task}/decide`, form(parts), own)
    expect(decided.status, decided.text).toBe(200)
    const again = await own.call('POST', `/tasks/${task}/rerun`, { from: 'pay' })
    expect(again.status, again.text).toBe(201)
    expect(await names(own, again.body.id)).toEqual(['receipt.txt'])
    const [first] = await files(own, task)
    expect((await own.call('DELETE', `/files/${first.id}`)).status).toBe(204)
    const stub = taskStub(env, own.id, again.body.id)
    await vi.waitFor(async () => expect((await stub.asks())?.[0]?.instructions).toBe('receipt.txt'), 20_000)
    expect(await counts(own)).toEqual({ objects: 1, rows: 1, files: 1 })
  })

  test('to a delivery that is sent again', async () => {
    const own = await aTeam()
    const of = await aWorkflow(own, { input: { type: 'object' }, steps: [read] })
    const intake = await own.call('POST', `/workflows/${of}/intakes`, { kind: 'webhook', auth: { type: 'open' } })
    const path = new URL(intake.body.url).pathname
    const body = form([
      { name: 'note', body: 'hi' },
      { file: 'a.txt', body: 'words' },
    ])
    const sent = await fetchApi(path, { method: 'POST', headers: { 'content-type': TYPE }, body })
    expect(sent.status, sent.text).toBe(202)
    const [delivery] = await vi.waitFor(async () => {
      const { items } = (await own.call('GET', `/intakes/${intake.body.id}/deliveries`)).body
      expect(items).toHaveLength(1)
      return items
    }, 20_000)
    expect((await upload(delivery.task.id, [{ file: 'later.txt', body: 'later' }], {}, own)).status).toBe(201)
    const replayed = await own.call('POST', `/deliveries/${delivery.id}/replay`)
    expect(replayed.status, replayed.text).toBeLessThan(300)
    expect(await names(own, replayed.body.task.id), replayed.text).toEqual(['a.txt'])
    expect(await counts(own)).toEqual({ objects: 2, rows: 2, files: 3 })
  })
})

describe('a link to a file', () => {
  test('shows what a browser may show, saves the rest, ends, and opens no other file', async () => {
    const task = await newTask()
    const { body } = await upload(task, [
      { file: 'p.pdf', body: '%PDF-1' },
      { file: 'n.txt', body: 'words' },
      { file: 'x.png', type: 'image/png', body: '<script>alert(1)</script>' },
      { file: 'x.svg', body: '<svg onload="alert(1)"/>' },
    ])
    const seen = async (id: string, now = Date.now()) => fetchApi(`${await fileLink(env, team.id, id, now)}?show=1`)
    const [pdf, text, html, svg] = await Promise.all(body.files.map(({ id }: { id: string }) => seen(id)))
    const told = ({ headers }: Answer) => [
      headers.get('content-type'),
      headers.get('content-disposition')!.split(';')[0],
      headers.get('content-security-policy')!.startsWith('sandbox;'),
    ]
    expect(told(pdf)).toEqual(['application/pdf', 'inline', false])
    expect(told(text)).toEqual(['text/plain; charset=utf-8', 'inline', true])
    expect(told(html)).toEqual(['application/octet-stream', 'attachment', true])
    expect(told(svg)).toEqual(['application/octet-stream', 'attachment', true])
    for (const { headers } of [pdf, text, html, svg]) {
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
    const file = body.files[0].id
    expect((await seen(file, Date.now() - 16 * 60_000)).status).toBe(410)
    const link = await fileLink(env, team.id, file, Date.now())
    for (const at of [3, 40, 80, 120, link.length - 1]) {
      const forged = link.slice(0, at) + (link[at] === 'A' ? 'B' : 'A') + link.slice(at + 1)
      expect([403, 404]).toContain((await fetchApi(forged)).status)
    }
    // Another team's signature over our file finds nothing.
    expect((await fetchApi(await fileLink(env, (await aTeam()).id, file, Date.now()))).status).toBe(404)
    await team.call('DELETE', `/files/${file}`)
    expect((await seen(file)).status).toBe(404)
  })
})

describe('a webhook’s form', () => {
  const intake = async (auth: object, over = {}) => {
    const made = await team.call('POST', `/workflows/${await aWorkflow(team, { input: undefined })}/intakes`, {
      kind: 'webhook',
      auth,
      ...over,
    })
    return { path: new URL(made.body.url).pathname, secret: made.body.secret as string }
  }
  const post = (path: string, body: BodyInit, headers = {}) =>
    fetchApi(path, { method: 'POST', headers: { 'content-type': TYPE, ...headers }, body })

  test('brings files, with a key, open or signed; the same again is one task', async () => {
    const parts = [
      { name: 'note', body: 'Hallo ü' },
      { name: 'scan', file: 's.pdf', type: 'application/pdf', body: '%PDF-1 webhook' },
    ]
    const body = form(parts)
    const open = await intake({ type: 'open' })
    const signed = await intake({ type: 'hmac', header: 'X-Sig', encoding: 'hex' })
    const key = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(signed.secret),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    )
    const signature = Array.from(new Uint8Array(await crypto.subtle.sign('HMAC', key, body)), byte =>
      byte.toString(16).padStart(2, '0'),
    ).join('')
    for (const [path, headers] of [
      [open.path, {}],
      [(await intake({ type: 'key' })).path, { authorization: `Bearer ${team.key}` }],
      [signed.path, { 'X-Sig': signature }],
    ] as const) {
      const before = await counts()
      const once = { 'Idempotency-Key': 'once', ...headers }
      const [one, two] = [await post(path, body, once), await post(path, body, once)]
      expect([one.status, two.body?.duplicate, two.body?.task?.id], one.text).toEqual([202, true, one.body.task.id])
      const task = (await team.call('GET', `/tasks/${one.body.task.id}`)).body
      expect(task.files).toMatchObject([{ name: 's.pdf', type: 'application/pdf' }])
      const { text: _text, why: _why, from: _from, by: _by, ...scan } = task.files[0]
      expect(task.input).toEqual({ note: 'Hallo ü', scan })
      expect((await counts()).files).toBe(before.files + 1)
    }
    const before = await counts()
    const refusedBy = [
      await post((await intake({ type: 'key' })).path, body),
      await post(signed.path, form([...parts, { file: 'x.txt', body: 'x' }]), { 'X-Sig': signature }),
      await post(open.path, body.slice(0, 150)),
      await post(
        (await intake({ type: 'open' }, { filter: 'body.note == "no"' })).path,
        form([
          { name: 'note', body: 'x' },
          { file: 'f.txt', body: 'filtered' },
        ]),
      ),
    ]
    expect(refusedBy.map(({ status }) => status)).toEqual([401, 401, 400, 200])
    expect(await counts()).toEqual(before)
  })

  test('is held with its files while the workflow is paused, and starts with them', async () => {
    const id = await aWorkflow(team, { input: undefined })
    const made = await team.call('POST', `/workflows/${id}/intakes`, { kind: 'webhook', auth: { type: 'open' } })
    const path = new URL(made.body.url).pathname
    await team.call('POST', `/workflows/${id}/pause`)
    await vi.waitFor(async () => {
      const held = await post(path, form([{ file: 'held.txt', body: 'held' }]))
      expect([held.status, held.body.held]).toEqual([202, true])
    }, 15_000)
    const before = await counts()
    await team.call('POST', `/workflows/${id}/activate`)
    const started = await team.call('POST', `/workflows/${id}/held`, { start: true })
    expect(started.status, started.text).toBe(200)
    await vi.waitFor(async () => {
      const { items } = (await team.call('GET', `/tasks?workflow=${id}`)).body
      expect(items.length).toBeGreaterThan(0)
      const task = (await team.call('GET', `/tasks/${items[0].id}`)).body
      expect(task.files).toMatchObject([{ name: 'held.txt' }])
      expect((await team.call('GET', `/files/${task.files[0].id}/content`)).text).toBe('held')
    }, 15_000)
    expect((await counts()).objects).toBe(before.objects)
  })
})

describe('a decision that brings files', () => {
  const output = { type: 'object', required: ['receipt'], properties: { receipt: { type: 'string', format: 'file' } } }
  /** Ana and Ben are asked; what follows names what Ana added. */
  async function asked(filling = false) {
    const human = { assign: [ANA, BEN], reason: ['rejected'] }
    const read = filling ? '{{ steps.look.output.receipt.text }}' : '{{ files[0].text }}'
    const handoffs = [
      { when: 'approved', to: 'pay' },
      { when: 'rejected', to: 'complete' },
    ]
    const steps = [
      { key: 'look', human, handoffs, ...(filling && { output }) },
      { key: 'pay', human: { assign: [BEN], instructions: `Pay: ${read}` }, handoffs: [{ to: 'complete' }] },
    ]
    const own = await aTeam()
    const task = await aTask(own, await aWorkflow(own, { steps }))
    const stub = taskStub(env, own.id, task)
    const [ask] = (await stub.asks())!
    const { visit, run, digest } = ask!
    const token = await signLink(env, { team: own.id, task, visit, run, digest, recipient: ANA }, Date.now())
    return { own, task, stub, seen: digest, path: `/a/${token}` }
  }
  const fields = (all: Record<string, string>) => Object.entries(all).map(([name, body]) => ({ name, body }))
  const press = (path: string, body: Uint8Array<ArrayBuffer>) =>
    fetchApi(path, { method: 'POST', headers: { 'content-type': TYPE, 'sec-fetch-site': 'same-origin' }, body })
  const NOTHING = { objects: 0, rows: 0, files: 0 }

  test('by link: they are the task’s, with whose they are, and are read before the next step', async () => {
    const { own, task, stub, seen, path } = await asked()
    const page = await fetchApi(path)
    expect(page.text).toMatch(/<form class="approval"[^>]*enctype="multipart\/form-data"/)
    expect(page.text).toMatch(/type="file"[^>]*name="file"|name="file"[^>]*type="file"/)
    const typed = { seen, visit: '1', run: '1', note: 'As agreed.', handoff: 'approved' }
    // A browser sends an empty part where nothing was chosen.
    const answer = await press(
      path,
      form([...fields(typed), { file: 'receipt.txt', body: 'Paid 40 EUR' }, { file: '', body: '' }]),
    )
    expect([answer.status, answer.text]).toEqual([303, ''])
    await vi.waitFor(async () => expect((await stub.asks())?.[0]?.instructions).toBe('Pay: Paid 40 EUR'), 20_000)
    const { files } = (await own.call('GET', `/tasks/${task}`)).body
    expect(files).toMatchObject([{ name: 'receipt.txt', from: 'decision', by: { kind: 'link', id: ANA } }])
    expect((await own.call('GET', `/files/${files[0].id}`)).body).toMatchObject({ from: 'decision', task })
    const decided = (await stub.events(0, 100))!.find(({ type }) => type === 'decided')
    expect(decided?.data.files).toEqual([{ id: files[0].id, name: 'receipt.txt' }])
    const shown = (await fetchApi(path)).text
    expect(shown).toContain('receipt.txt')
    expect(await counts(own)).toEqual({ objects: 1, rows: 1, files: 1 })
  })

  test('refused, cut off, kept for later or passed by, it leaves none, and what was typed is given back', async () => {
    const { own, stub, seen, path } = await asked()
    const typed = { seen, visit: '1', run: '1', note: 'My long reason' }
    const file = { file: 'a.txt', body: 'words' }
    const cases: [string, Uint8Array<ArrayBuffer>, number, string][] = [
      ['nothing chosen', form([...fields(typed), file]), 422, 'Choose your files again'],
      [
        'seen other',
        form([...fields({ ...typed, seen: 'x', handoff: 'approved' }), file]),
        409,
        'Choose your files again',
      ],
      ['for later', form([...fields({ ...typed, draft: '1' }), file]), 200, 'All but your files was kept'],
      ['a comment', form([...fields({ ...typed, say: '1', comment: 'Hm.' }), file]), 303, ''],
      [
        'eleven',
        form([...fields(typed), ...Array.from({ length: 11 }, (_, n) => ({ file: `${n}.txt`, body: `${n}` }))]),
        422,
        '10 files',
      ],
      ['cut off', form([...fields(typed), file], ''), 422, 'ends in its midst'],
      ['26 MB', form([...fields(typed), { file: 'big.bin', body: noise(26 * MIB) }]), 413, '25 MB'],
    ]
    for (const [what, body, status, says] of cases) {
      const answer = await press(path, body)
      expect([what, answer.status]).toEqual([what, status])
      expect(answer.text, what).toContain(says)
      if (status !== 303) expect(answer.text, what).toContain('My long reason')
      expect(await counts(own), what).toEqual(NOTHING)
    }
    expect(await stub.view()).toMatchObject({ visit: 1, files: [] })
    expect((await press('/a/forged', form([...fields(typed), file]))).status).toBe(403)
    const first = await press(path, form([...fields({ ...typed, handoff: 'approved' }), file]))
    const late = await press(
      path,
      form([...fields({ ...typed, handoff: 'approved' }), { file: 'b.txt', body: 'late' }]),
    )
    expect([first.status, late.status]).toEqual([303, 409])
    expect((await stub.view())?.files.map(({ name }) => name)).toEqual(['a.txt'])
    expect(await counts(own)).toEqual({ objects: 1, rows: 1, files: 1 })
  })

  test('a field for a file is filled in with one', async () => {
    const { own, stub, seen, path } = await asked(true)
    const page = (await fetchApi(path)).text
    expect(page).toMatch(/name="fields.receipt"/)
    const typed = { seen, visit: '1', run: '1', filled: '1', handoff: 'approved' }
    const none = await press(path, form(fields(typed)))
    expect([none.status, none.text.includes('This is needed.')]).toEqual([422, true])
    const answer = await press(
      path,
      form([...fields(typed), { name: 'fields.receipt', file: 'receipt.txt', body: 'Paid 40 EUR' }]),
    )
    expect(answer.status, answer.text).toBe(303)
    await vi.waitFor(async () => expect((await stub.asks())?.[0]?.instructions).toBe('Pay: Paid 40 EUR'), 20_000)
    const view = (await stub.view())!
    expect(view.outputs.look).toEqual({ receipt: view.files[0]!.id })
    // People read its name.
    const [next] = (await stub.asks())!
    const subject = {
      team: own.id,
      task: view.id,
      visit: next!.visit,
      run: next!.run,
      digest: next!.digest,
      recipient: BEN,
    }
    const after = await fetchApi(`/a/${await signLink(env, subject, Date.now())}`)
    expect(after.text).toContain('receipt.txt</')
    expect(after.text).not.toContain(view.files[0]!.id)
    expect(await counts(own)).toEqual({ objects: 1, rows: 1, files: 1 })
  })

  test('by API: as a form, once for each key; or with the id of a file that the task has', async () => {
    const { own, task, seen } = await asked(true)
    const decide = (parts: Part[], headers = {}) => send(`/tasks/${task}/decide`, form(parts), own, headers)
    const file = { name: 'receipt', file: 'receipt.txt', body: 'Paid 40 EUR' }
    const wrong = await decide([...fields({ handoff: 'maybe' }), file])
    expect([wrong.status, wrong.body.error.code]).toEqual([422, 'unknown_label'])
    const odd = await decide([...fields({ handoff: 'approved', fields: '{' }), file])
    expect(odd.status).toBe(400)
    const foreign = await decide(fields({ handoff: 'approved', fields: '{"receipt":"fil_x"}' }))
    expect(foreign.body.error).toMatchObject({ code: 'invalid_fields', fields: [{ path: 'receipt' }] })
    expect(await counts(own)).toEqual(NOTHING)
    const key = { 'idempotency-key': 'once' }
    const parts = [...fields({ handoff: 'approved', visit: '1', seen }), file]
    const done = await decide(parts, key)
    expect(done.status, done.text).toBe(200)
    const again = await decide(parts, key)
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true'])
    expect(again.body.files).toMatchObject([{ name: 'receipt.txt', by: { kind: 'key' } }])
    expect(done.body.outputs.look).toEqual({ receipt: done.body.files[0].id })
    expect(await counts(own)).toEqual({ objects: 1, rows: 1, files: 1 })

    const other = await asked(true)
    const sent = await upload(other.task, [{ file: 'before.txt', body: 'Before' }], {}, other.own)
    const body = { handoff: 'approved', fields: { receipt: sent.body.id } }
    expect((await other.own.call('POST', `/tasks/${other.task}/decide`, body)).status).toBe(200)
    await vi.waitFor(async () => expect((await other.stub.asks())?.[0]?.instructions).toBe('Pay: Before'), 20_000)
  })

  test('as somebody who is signed in, from the inbox', async () => {
    const { own, task, stub } = await asked()
    const browser = new Browser()
    await browser.signIn(own.owner)
    await own.call('POST', `/tasks/${task}/assign`, { to: [own.owner] })
    const path = `/approvals/${task}`
    const page = (await browser.open(`${path}?visit=1&run=1`)).text
    const hidden = hiddenFields(page.slice(page.indexOf('class="approval"')))
    const file = new File(['words'], 'a.txt')
    const answer = await browser.send(path, { ...hidden, handoff: 'approved', file })
    expect(answer.status, answer.text).toBe(303)
    expect((await stub.view())?.files).toMatchObject([{ name: 'a.txt', by: { kind: 'person', id: own.owner } }])
    expect((await browser.open(`/tasks/${task}`)).text).toMatch(/added by[^<]*/)
  })
})

describe('where no bucket is bound', () => {
  const without = async (path: string, body: BodyInit, type: string) => {
    const headers = { authorization: `Bearer ${team.key}`, 'content-type': type }
    const request = new Request(`https://baton.test/api/v1${path}`, { method: 'POST', headers, body })
    const ctx = createExecutionContext()
    const answer = await app.fetch(request, { ...env, FILES: undefined }, ctx)
    await waitOnExecutionContext(ctx)
    return { status: answer.status, body: (await answer.json()) as { id: string; error: { code: string } } }
  }

  test('files are refused by name, with a task that is there or with a new one, and all else works', async () => {
    const before = await counts()
    const task = await newTask()
    const parts = [
      { name: 'input', body: '{"company":"Acme"}' },
      { file: 'a.txt', body: 'words' },
    ]
    for (const path of [`/tasks/${task}/files`, `/workflows/${workflow}/tasks`]) {
      const refused = await without(path, form(parts), TYPE)
      expect([refused.status, refused.body.error.code], path).toEqual([409, 'files_not_set_up'])
    }
    const made = await without(`/workflows/${workflow}/tasks`, '{"input":{"company":"Acme"}}', 'application/json')
    expect(made.status).toBe(201)
    expect((await team.call('GET', `/tasks/${made.body.id}`)).body.files).toEqual([])
    expect(await counts()).toEqual(before)
  })
})
