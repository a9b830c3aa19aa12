/** Files as the rules see them: names that harm nobody, types by content, what a task takes and lets go of, what templates read. */
import { describe, expect, it } from 'vitest'
import { MAX_FILES } from '../../../../src/domain/file/file.ts'
import { harmlessName } from '../../../../src/domain/file/name.ts'
import { textStateOf } from '../../../../src/domain/file/text.ts'
import { shownAs, typeOfFile } from '../../../../src/domain/file/type.ts'
import type { Json, JsonSchema } from '../../../../src/domain/json/json.ts'
import { due, nextAlarm } from '../../../../src/domain/task/due.ts'
import { workOf } from '../../../../src/domain/task/run/attempts.ts'
import { whyOf } from '../../../../src/domain/task/told/why.ts'
import {
  ANA,
  aFile,
  approve,
  aTask,
  BEN,
  BOSS,
  HOUR,
  type Journey,
  onboarding,
} from '../../../support/task-builders.ts'

describe('names', () => {
  it.each([
    ['invoice.pdf', 'invoice.pdf'],
    ['../../x', 'x'],
    ['..\\..\\windows\\system32\\x.dll', 'x.dll'],
    ['/etc/passwd', 'passwd'],
    ['C:\\Users\\ana\\r.txt', 'r.txt'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['CON', '_CON'],
    ['con.txt', '_con.txt'],
    ['Aux.tar.gz', '_Aux.tar.gz'],
    ['LPT1.', '_LPT1'],
    ['console.txt', 'console.txt'],
    ['.htaccess', 'htaccess'],
    ['a. . .', 'a'],
    ['...', 'file'],
    ['', 'file'],
    [null, 'file'],
    ['a\r\nSet-Cookie: x.txt', 'a Set-Cookie_ x.txt'],
    ['a\0b.txt', 'ab.txt'],
    ['a"b<c>|d?*.txt', 'a_b_c__d__.txt'],
    ['Résumé – Zoë.docx', 'Résumé – Zoë.docx'],
    ['דוח.pdf', 'דוח.pdf'],
    ['👩‍👩‍👧 family 🧾.png', '👩‍👩‍👧 family 🧾.png'],
    ['x\ud800.txt', 'x\ufffd.txt'],
  ])('%j is kept as %j', (given, kept) => {
    expect(harmlessName(given)).toBe(kept)
    // What is kept is kept as it is.
    expect(harmlessName(kept)).toBe(kept)
  })

  it('300 characters become as many as every disk takes, the extension among them', () => {
    for (const long of [`${'x'.repeat(300)}.pdf`, `${'ä'.repeat(300)}.pdf`, `${'👩‍👩‍👧'.repeat(100)}.pdf`]) {
      const kept = harmlessName(long)
      expect(new TextEncoder().encode(kept).length).toBeLessThanOrEqual(200)
      expect(new TextEncoder().encode(kept).length).toBeGreaterThan(170)
      expect(kept).toMatch(/\.pdf$/)
      expect(kept).not.toContain('\ufffd')
    }
    expect(harmlessName(`a.${'x'.repeat(300)}`).length).toBe(200)
  })
})

const bytes = (text: string) => Uint8Array.from(text, char => char.charCodeAt(0) & 255)
const ZIP = 'PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0'

describe('types', () => {
  it.each([
    ['%PDF-1.7', 'a.pdf', 'application/pdf', 'application/pdf', undefined],
    ['\n %PDF-1.7', 'a.pdf', null, 'application/pdf', undefined],
    ['MZ\x90\0', 'invoice.pdf', 'application/pdf', 'application/vnd.microsoft.portable-executable', 'application/pdf'],
    ['%PDF-1.7', 'a.png', 'image/png', 'application/pdf', 'image/png'],
    ['\xff\xd8\xff\xe0', 'a.jpg', 'image/jpg', 'image/jpeg', undefined],
    ['\x89PNG\r\n\x1a\n', 'a', 'application/octet-stream', 'image/png', undefined],
    [`${ZIP}[Content_Types].xml…word/document.xml`, 'a.docx', null, docx(), undefined],
    [`${ZIP}[Content_Types].xml`, 'a.docx', docx(), docx(), undefined],
    [`${ZIP}[Content_Types].xml…xl/workbook.xml`, 'a.zip', 'application/x-zip-compressed', xlsx(), 'application/zip'],
    [`${ZIP}hello.txt`, 'a.docx', docx(), 'application/zip', docx()],
    ['a,b\n1,2', 'a.csv', 'text/csv; charset=utf-8', 'text/csv', undefined],
    ['a,b\n1,2', 'a.csv', 'application/vnd.ms-excel', 'text/csv', 'application/vnd.ms-excel'],
    ['just words', 'a', 'text/markdown', 'text/markdown', undefined],
    ['just words', 'a.pdf', 'application/pdf', 'text/plain', 'application/pdf'],
    ['<!DOCTYPE html><script>', 'a.txt', 'text/plain', 'text/html', 'text/plain'],
    ['\xef\xbb\xbf <ScRiPt>alert(1)', 'a.png', 'image/png', 'text/html', 'image/png'],
    ['<?xml version="1.0"?><!-- x --><svg onload="x">', 'a.txt', null, 'image/svg+xml', undefined],
    ['<?xml version="1.0"?><a/>', 'a.xml', 'text/xml', 'application/xml', undefined],
    ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'a.doc', 'application/msword', 'application/msword', undefined],
    ['\0\x01\x02', 'a.bin', 'image/png', 'application/octet-stream', 'image/png'],
    ['', 'a.txt', 'text/plain', 'text/plain', undefined],
    ['words', 'a.txt', 'nonsense', 'text/plain', undefined],
    ['words', 'a.txt', 'text/plain\r\nx: y', 'text/plain', undefined],
  ])('%j named %s and declared %s is %s', (head, name, declared, type, differs) => {
    expect(typeOfFile(bytes(head), name, declared)).toEqual(
      differs === undefined ? { type } : { type, declared: differs },
    )
  })

  it('nothing that a browser runs is shown', () => {
    for (const type of ['text/html', 'image/svg+xml', 'application/xhtml+xml', 'text/javascript', 'text/css', docx()])
      expect(shownAs(type)).toBeNull()
    expect(['image/png', 'application/pdf', 'text/csv', 'message/rfc822'].map(shownAs)).toEqual([
      'image',
      'pdf',
      'text',
      'text',
    ])
  })
})

function docx(): string {
  return 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
}

function xlsx(): string {
  return 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
}

describe('a task', () => {
  it('takes files, lets go of them, and says so in its log', () => {
    const task = aTask(onboarding())
    expect(task.do({ type: 'attach', files: [aFile(), aFile({ id: 'fil_2', name: 'b.pdf' })] }, ANA)).toEqual([
      'attached',
    ])
    expect(task.do({ type: 'attach', files: [aFile()] }, ANA)).toEqual([])
    expect(task.state.files.map(({ id }) => id)).toEqual(['fil_1', 'fil_2'])
    expect(task.state.files[0]).not.toHaveProperty('until')
    expect(task.do({ type: 'detach', file: 'fil_1' }, ANA)).toEqual(['detached'])
    expect(task.do({ type: 'detach', file: 'fil_1' }, ANA)).toEqual([])
    expect(task.state.files.map(({ id }) => id)).toEqual(['fil_2'])
    expect(task.reread()).toEqual(task.state)
  })

  it(`has ${MAX_FILES} at most, those that it was made with among them`, () => {
    const task = aTask(onboarding())
    const many = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => aFile({ id: `fil_${from + index}` }))
    expect(task.try({ type: 'attach', files: many(0, 11) })).toEqual({ kind: 'too_many_files', has: 0, most: 10 })
    expect(task.try({ type: 'attach', files: many(0, 10) })).toBeNull()
    expect(task.try({ type: 'attach', files: many(10, 11) })).toEqual({ kind: 'too_many_files', has: 10, most: 10 })
    // The same again brings nothing new.
    expect(task.try({ type: 'attach', files: many(0, 10) })).toBeNull()
  })

  it('takes none whose time is over, as the sweep may have had it', () => {
    const task = aTask(onboarding())
    expect(task.try({ type: 'attach', files: [aFile({ until: task.now })] })).toEqual({ kind: 'upload_expired' })
    expect(task.try({ type: 'attach', files: [aFile({ until: task.now + 1 })] })).toBeNull()
  })
})

describe('the text of a file', () => {
  const filed = (prompt: string, files = [aFile({ toRead: true })]) =>
    aTask({ ...onboarding(), steps: [{ key: 'draft', prompt, handoffs: [{ to: 'complete' }] }] }, { files })
  const asksForReading = (task: Journey, at = task.now) => due(task.state, at, at).filter(({ kind }) => kind === 'read')

  it('is waited for by a step that names it, and is in its prompt', () => {
    const task = filed('Read {{ files[0].text }}')
    expect(task.types()).toEqual(['created', 'entered'])
    expect(asksForReading(task)).toEqual([{ kind: 'read', file: 'fil_1' }])
    expect(task.state.status).toBe('running')
    expect(whyOf(task.state, task.definition, task.now).sentence).toBe('"draft" begins once “a.pdf” is read.')
    expect(task.do({ type: 'read', file: 'fil_1', text: 'Invoice 17' })).toEqual(['read', 'due'])
    expect(task.state.visit.runs[0]?.prompt).toBe('Read Invoice 17')
    expect(asksForReading(task)).toEqual([])
    // What comes again changes nothing.
    expect(task.do({ type: 'read', file: 'fil_1', noText: 'broken' })).toEqual([])
    expect(task.state.files.map(textStateOf)).toEqual([{ text: 'read', why: null }])
    expect(task.reread()).toEqual(task.state)
  })

  it.each([
    ['a field that holds the file', { prompt: 'Read {{ input.invoice }}' }],
    ['a condition', { handoffs: [{ if: 'files[0].text.contains("x")', to: 'complete' }, { to: 'complete' }] }],
  ])('is waited for by a step that names it by %s', (_how, over) => {
    const steps = [{ key: 'draft', prompt: 'Go.', handoffs: [{ to: 'complete' }], ...over }]
    expect(aTask({ ...onboarding(), steps }, { files: [aFile({ toRead: true })] }).state.visit.runs).toEqual([])
  })

  it('is not waited for by a step that names no file', () => {
    expect(filed('Write a letter.').state.visit.runs).toHaveLength(1)
  })

  it('that cannot be read stops nothing, and why is told', () => {
    const task = filed('Read [{{ files[0].text }}]')
    expect(task.do({ type: 'read', file: 'fil_1', noText: 'encrypted' })).toEqual(['read', 'due'])
    expect(task.state.visit.runs[0]?.prompt).toBe('Read []')
    expect(task.state.files.map(textStateOf)).toMatchObject([{ text: 'none', why: { code: 'encrypted' } }])
  })

  it('is asked for again while nobody has read it, and given up after an hour', () => {
    const task = filed('Read [{{ files[0].text }}]')
    const start = task.now
    const alarm = () => nextAlarm(task.state, task.definition, task.now)
    expect(alarm()).toBe(start + 10_000)
    expect(asksForReading(task, start + 10_000)).toHaveLength(1)
    expect(asksForReading(task, start + 9_999)).toEqual([])
    task.now = start + HOUR - 1
    expect(task.do({ type: 'wake' })).toEqual([])
    expect(alarm()).toBe(start + HOUR)
    task.now = start + HOUR
    expect(task.do({ type: 'wake' })).toEqual(['read', 'due'])
    expect(task.state.files.map(textStateOf)).toMatchObject([{ text: 'none', why: { code: 'not_finished' } }])
  })

  it('begins nothing in a task that stopped meanwhile, or has another file to be read', () => {
    const task = filed('Read {{ files[0].text }}', [aFile({ toRead: true }), aFile({ id: 'fil_2', toRead: true })])
    expect(task.do({ type: 'read', file: 'fil_1', text: 'one' })).toEqual(['read'])
    task.do({ type: 'cancel' }, ANA)
    expect(task.do({ type: 'read', file: 'fil_2', text: 'two' })).toEqual(['read'])
    expect(task.state.status).toBe('cancelled')
    expect(asksForReading(filed('x', [aFile({ noText: 'not_read' })]))).toEqual([])
  })
})

describe('files that a step gives to its model', () => {
  const PDF = aFile({ id: 'fil_1', name: 'a.pdf', toRead: true })
  const PICTURE = aFile({ id: 'fil_2', name: 'b.png', type: 'image/png', noText: 'not_read' })
  const schema = { type: 'object', properties: { scan: { type: 'string', format: 'file' } } } as const
  const giving = (files: string[], input: Json = { scan: 'fil_2' }) => {
    const steps = [{ key: 'draft', prompt: 'Look.', files, handoffs: [{ to: 'complete' }] }]
    const task = aTask({ ...onboarding(), input: schema, steps }, { input, files: [PDF, PICTURE] })
    task.do({ type: 'read', file: 'fil_1', text: 'x'.repeat(400_000) })
    return task
  }

  it.each([
    [['{{ files }}'], ['fil_1', 'fil_2']],
    [
      ['{{ input.scan }}', '{{ files[0] }}', '{{ files }}'],
      ['fil_2', 'fil_1'],
    ],
    [['{{ files[1].id }}'], ['fil_2']],
  ])('are those that %j come to', (templates, ids) => {
    const task = giving(templates)
    expect(task.state.visit.runs[0]?.files).toEqual(ids)
    const lease = task.claim()
    const order = workOf(task.state, task.context(), lease)?.order
    expect(order).toMatchObject({ kind: 'model', files: ids.toSorted().map(id => ({ id })) })
    expect(task.reread()).toEqual(task.state)
  })

  it.each(['{{ files }}', '{{ input.scans }}'])('may be one for each item of %s, and each item is that file', over => {
    const input = {
      type: 'object',
      properties: { scans: { type: 'array', items: { type: 'string', format: 'file' } } },
    }
    const work = { prompt: 'Read {{ item.name }}: {{ item.text | size }}', files: ['{{ item }}'] }
    const steps = [{ key: 'each', map: { over, do: work }, handoffs: [{ to: 'complete' }] }]
    const files = [PDF, PICTURE]
    const task = aTask({ ...onboarding(), input, steps } as never, { input: { scans: ['fil_1', 'fil_2'] }, files })
    // More than a template may come to.
    task.do({ type: 'read', file: 'fil_1', text: 'x'.repeat(600_000) })
    const { runs, plan } = task.state.visit
    expect(plan?.items).toEqual(['fil_1', 'fil_2'])
    expect(runs.map(run => [run.prompt, run.files])).toEqual([
      ['Read a.pdf: 600000', ['fil_1']],
      ['Read b.png: 0', ['fil_2']],
    ])
    const visit = task.state.visit.n
    task.do({ type: 'claim', visit, run: 2, attempt: 1 })
    const { phase } = task.state.visit.runs[1]!
    const order = workOf(task.state, task.context(), phase.name === 'claimed' ? phase.lease : '')?.order
    expect(order).toMatchObject({ kind: 'model', files: [{ id: 'fil_2' }] })
    expect(task.reread()).toEqual(task.state)
  })

  it.each<[string, Json, Json]>([
    ['a file', { scan: '{{ input.scan }}' }, { scan: 'fil_2' }],
    ['all of them', { all: '{{ files }}' }, { all: ['fil_1', 'fil_2'] }],
    ['a name', { name: 'the {{ files[0].name }}' }, { name: 'the a.pdf' }],
    ['a text', { text: '{{ files[1].text }}', scan: '{{ input.scan }}' }, { text: null, scan: 'fil_2' }],
  ])('are named by their ids in the input of a task that is started with %s', (_what, input, comesTo) => {
    const steps = [{ key: 'start', workflow: { use: 'Contract review', input }, handoffs: [{ to: 'complete' }] }]
    const task = aTask({ ...onboarding(), input: schema, steps }, { input: { scan: 'fil_2' }, files: [PDF, PICTURE] })
    task.do({ type: 'read', file: 'fil_1', text: 'x'.repeat(400_000) })
    const lease = task.claim()
    const order = workOf(task.state, task.context(), lease)?.order
    expect(order).toMatchObject({ kind: 'start', input: comesTo })
  })

  it('that are none fail the step, and say so', () => {
    const task = giving(['{{ input.scan }} and more'])
    expect(task.state.error).toMatchObject({
      code: 'template',
      message: expect.stringContaining('no file of the task'),
    })
  })
})

describe('files that come with a decision', () => {
  const given = (over = {}) => aFile({ from: 'decision', toRead: true, ...over })
  const output: JsonSchema = {
    type: 'object',
    required: ['receipt'],
    properties: { receipt: { type: 'string', format: 'file' }, others: { type: 'array', items: { format: 'file' } } },
  }
  const handoffs = [
    { when: 'approved', to: 'send' },
    { when: 'rejected', to: 'approve' },
  ]
  const asked = (form = false) => {
    const prompt = form ? 'Pay {{ steps.approve.output.receipt.text }}' : 'Pay {{ files[0].text }}'
    const send = { key: 'send', prompt, handoffs: [{ to: 'complete' }] }
    return aTask(onboarding({ steps: [approve({}, { handoffs, ...(form && { output }) }), send] }))
  }

  it('are the task’s in the same row as the decision, say who brought them, and are read before what comes of it', () => {
    const task = asked()
    expect(task.decide('approved', ANA, { files: [given()] })).toEqual(['attached', 'decided', 'routed', 'entered'])
    expect(task.rows.at(-1)?.actor).toEqual(ANA)
    expect(task.events.find(({ type }) => type === 'decided')).toMatchObject({
      files: [{ id: 'fil_1', name: 'a.pdf' }],
    })
    expect(task.state.files).toMatchObject([{ id: 'fil_1', from: 'decision', by: ANA }])
    expect(task.do({ type: 'read', file: 'fil_1', text: 'Invoice 17' })).toEqual(['read', 'due'])
    expect(task.run.prompt).toBe('Pay Invoice 17')
    expect(task.reread()).toEqual(task.state)
  })

  it('are not, where the decision is refused', () => {
    const task = asked()
    const before = task.state
    const files = [given()]
    const refused = (over: object, by = ANA) =>
      task.try({ type: 'decide', handoff: 'approved', files, ...over }, by)?.kind
    expect(refused({ handoff: 'maybe' })).toBe('unknown_label')
    expect(refused({ seen: 'another' })).toBe('content_changed')
    expect(refused({ edits: 'x' })).toBe('edits_not_allowed')
    expect(refused({}, BOSS)).toBe('not_assigned')
    expect(refused({ files: [given({ until: task.now })] })).toBe('upload_expired')
    const many = Array.from({ length: MAX_FILES + 1 }, (_, n) => given({ id: `fil_${n}` }))
    expect(refused({ files: many })).toBe('too_many_files')
    expect(task.state).toBe(before)
    task.decide('approved', ANA)
    expect(refused({ visit: 1, run: 1 })).toBe('already_decided')
    expect(task.state.files).toEqual([])
  })

  it('stay where others have still to decide, where it is undone, and where it leads back', () => {
    const two = aTask(
      onboarding({ steps: [approve({ needs: 2 }, { handoffs: [{ when: 'approved', to: 'complete' }] })] }),
    )
    two.decide('approved', ANA, { files: [given()] })
    two.decide('approved', BEN, { files: [given({ id: 'fil_2' })] })
    expect(two.state.files.map(({ by }) => by)).toEqual([ANA, BEN])
    const task = asked()
    task.decide('rejected', ANA, { files: [given()] })
    expect(task.state).toMatchObject({ visit: { n: 2 }, files: [{ id: 'fil_1' }] })
  })

  it('fill in a field for files, which later steps read; one that the task does not have fits none', () => {
    const task = asked(true)
    const refused = (fields: Json) => task.try({ type: 'decide', handoff: 'approved', fields, files: [given()] }, ANA)
    expect(refused({ receipt: 'fil_2' })).toMatchObject({
      kind: 'invalid_fields',
      problems: [{ path: 'receipt', message: expect.stringContaining('no file of the task') }],
    })
    expect(refused({ receipt: 'fil_1', others: ['fil_1', 'fil_9'] })).toMatchObject({ problems: [{ path: 'others' }] })
    expect(task.state.files).toEqual([])
    expect(refused({ receipt: 'fil_1' })).toBeNull()
    expect(task.value(task.state.steps.approve!.output)).toEqual({ receipt: 'fil_1' })
    expect(task.state.visit.runs).toEqual([])
    task.do({ type: 'read', file: 'fil_1', text: 'Invoice 17' })
    expect(task.run.prompt).toBe('Pay Invoice 17')
  })
})
