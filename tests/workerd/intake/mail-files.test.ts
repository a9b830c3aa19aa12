/** Mail with files: taken out as they come, made the task's, and nothing left of mail that is not taken. */
import { PDFDocument, StandardFonts } from 'pdf-lib'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { invoicesByMail } from '../../../src/workflow/templates/invoices-by-mail.ts'
import { aTeam, env, eventually, type Team } from '../api/client.ts'
import { aMailbox, deliver } from './mail-world.ts'

let team: Team
beforeAll(async () => {
  team = await aTeam()
})

describe('what is attached', () => {
  const base64 = (bytes: Uint8Array) => {
    const lines: string[] = []
    for (let at = 0; at < bytes.length; at += 57) lines.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 57))))
    return lines
  }
  const part = (name: string, type: string, bytes: Uint8Array, boundary = 'b0') => [
    `--${boundary}`,
    `Content-Type: ${type}; name="${name}"`,
    `Content-Disposition: attachment; filename="${name}"`,
    'Content-Transfer-Encoding: base64',
    '',
    ...base64(bytes),
  ]
  const mixed = (parts: string[][], id: string) => [
    'From: Hank <hank@shop.test>',
    'Subject: Files',
    `Message-ID: <${id}@shop.test>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="b0"',
    '',
    '--b0',
    'Content-Type: multipart/alternative; boundary=inner',
    '',
    '--inner',
    'Content-Type: text/plain',
    '',
    'Here they are.',
    '--inner--',
    ...parts.flat(),
    '--b0--',
  ]
  const bytes = (size: number, seed = 1) => Uint8Array.from({ length: size }, (_, n) => (n * seed + (n >> 7)) & 255)
  const stored = async () =>
    (await env.FILES!.list({ prefix: `${team.id}/` })).objects.filter(({ key }) => !key.endsWith('.text')).length

  test('becomes the task’s files, once, whatever it is called', async () => {
    const box = await aMailbox(team)
    const before = await stored()
    const parts = [
      part('invoice.pdf', 'application/pdf', new TextEncoder().encode('%PDF-1.7 text')),
      part('../../x.bin', 'application/octet-stream', bytes(5000, 3)),
      ['--b0', 'Content-Type: text/csv; name=a.csv', 'Content-Disposition: attachment', '', 'a,b', '1,2'],
    ]
    expect(await deliver(box.address, mixed(parts, 'files-1'))).toBeNull()
    expect(await deliver(box.address, mixed(parts, 'files-1'))).toBeNull()
    const [task] = await tasksOf(box)
    expect(
      task.files.map(({ name, type, bytes: size }: { name: string; type: string; bytes: number }) => [
        name,
        type,
        size,
      ]),
    ).toEqual([
      ['invoice.pdf', 'application/pdf', 13],
      ['x.bin', 'application/octet-stream', 5000],
      ['a.csv', 'text/csv', 8],
    ])
    expect(task.input.attachments[0]).toEqual({
      name: 'invoice.pdf',
      type: 'application/pdf',
      size: 13,
      id: task.files[0].id,
      sha256: task.files[0].sha256,
    })
    expect(task.input.text.trim()).toBe('Here they are.')
    const row = await env.DB.prepare('SELECT object FROM files WHERE id = ?1')
      .bind(task.files[1].id)
      .first<string>('object')
    expect(new Uint8Array(await (await env.FILES!.get(row!))!.arrayBuffer())).toEqual(bytes(5000, 3))
    expect(await stored()).toBe(before + 3)
  })

  test('of 25 MB in six files comes whole, and of a mail that is not taken nothing stays', async () => {
    const box = await aMailbox(team)
    const before = await stored()
    const six = Array.from({ length: 6 }, (_, n) => part(`${n}.bin`, 'application/zip', bytes(3_000_000, n + 5)))
    expect(await deliver(box.address, mixed(six, 'six'))).toBeNull()
    const [task] = await tasksOf(box)
    expect(task.files.map((file: { bytes: number }) => file.bytes)).toEqual(Array(6).fill(3_000_000))
    expect(await stored()).toBe(before + 6)
    const strange = mixed([part('s.bin', 'application/zip', bytes(900, 77))], 'strange').map(line =>
      line.replace('hank@', 'eve@'),
    )
    expect(await deliver(box.address, strange, { envelope: 'eve@shop.test' })).toContain('not taken')
    const over = Array.from({ length: 9 }, (_, n) => part(`${n}.bin`, 'application/zip', bytes(3_000_000, n + 15)))
    expect(await deliver(box.address, mixed(over, 'over'))).toContain('larger than 25 MB')
    expect(await stored()).toBe(before + 6)
  })

  test('fills the one field for files that the input has', async () => {
    const box = await aMailbox(team, { map: { about: '{{ body.subject }}' } })
    const input = {
      type: 'object',
      required: ['cv'],
      properties: { about: { type: 'string' }, cv: { type: 'string', format: 'file' } },
    }
    const { body: definition } = await team.call('GET', `/workflows/${box.workflow}`)
    const { id: _id, version: _version, status: _status, ...rest } = definition
    expect((await team.call('PUT', `/workflows/${box.workflow}`, { ...rest, input })).status).toBe(200)
    expect(await deliver(box.address, mixed([part('cv.pdf', 'application/pdf', bytes(90))], 'cv'))).toBeNull()
    const [task] = await tasksOf(box)
    expect(task.input).toEqual({ about: 'Files', cv: task.files[0].id })
    expect(await deliver(box.address, mixed([], 'none'))).toContain('does not fit')
  })

  test('is what the template for invoices reads: a new supplier and a number that came before are asked about', async () => {
    const of = await aTeam()
    const yaml = { 'content-type': 'application/yaml' }
    const { body } = await of.call('POST', '/workflows', invoicesByMail.text, yaml)
    const box = { kind: 'email', address: 'invoices', allow: ['hank@shop.test'] }
    const { address } = (await of.call('POST', `/workflows/${body.id}/intakes`, box)).body
    const invoice = async (id: string) => {
      const lines = ['supplier: Paper & Co', 'number: 2041', 'amount: 480.00']
      expect(await deliver(address, mixed([part('invoice.pdf', 'application/pdf', await pdf(lines))], id))).toBeNull()
    }
    // The first PDF brings its reader with it.
    // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely.
    const asked = (step: string): Promise<any> =>
      vi.waitFor(async () => {
        const { items } = (await of.call('GET', '/approvals')).body
        const ask = items.find((one: { step: string }) => one.step === step)
        expect(ask).toBeDefined()
        return ask
      }, 25_000)
    const wordsOf = async (task: string) =>
      (await of.call('GET', `/tasks/${task}/events`)).body.items.findLast(
        ({ type }: { type: string }) => type === 'asked',
      ).data.ask.instructions
    const decide = (task: string, handoff: string) => of.call('POST', `/tasks/${task}/decide`, { handoff })

    await invoice('invoice-1')
    const first = await asked('new_supplier')
    expect(await wordsOf(first.task.id)).toContain('Paper & Co (hank@shop.test) has sent no invoice before.')
    await decide(first.task.id, 'known')
    await asked('approve')
    expect(await wordsOf(first.task.id)).toBe('Pay 480 to Paper & Co for invoice 2041?')
    await decide(first.task.id, 'approved')
    await eventually(async () => expect((await of.call('GET', `/tasks/${first.task.id}`)).body.status).toBe('done'))
    // It is found by its number within the minute.
    await eventually(async () => expect((await of.call('GET', '/tasks?q=2041')).body.items).toHaveLength(1))

    await invoice('invoice-2')
    const again = await asked('duplicate')
    expect(await wordsOf(again.task.id)).toContain(`/tasks/${first.task.id}`)
    await decide(again.task.id, 'duplicate')
    await eventually(async () => expect((await of.call('GET', `/tasks/${again.task.id}`)).body.status).toBe('done'))
  }, 60_000)

  /** A page with these lines, made by a library that nobody here wrote. */
  async function pdf(lines: string[]): Promise<Uint8Array> {
    const made = await PDFDocument.create()
    const page = made.addPage()
    page.drawText(lines.join('\n'), { font: await made.embedFont(StandardFonts.Helvetica), size: 12, y: 700 })
    return made.save()
  }

  /** The workflow's tasks as the API has them. */
  async function tasksOf({ workflow }: { workflow: string }) {
    return eventually(async () => {
      const { items } = (await team.call('GET', `/tasks?workflow=${workflow}`)).body
      expect(items).not.toEqual([])
      return Promise.all(items.map(async ({ id }: { id: string }) => (await team.call('GET', `/tasks/${id}`)).body))
    })
  }
})
