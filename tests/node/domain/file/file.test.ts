/** Files as the rules see them: names that harm nobody, types by content, what a task takes and lets go of, what templates read. */
import { describe, expect, it } from 'vitest'
import { MAX_FILES } from '../../../../src/domain/file/file.ts'
import { harmlessName } from '../../../../src/domain/file/name.ts'
import { shownAs, typeOfFile } from '../../../../src/domain/file/type.ts'
import { ANA, aFile, aTask, onboarding } from '../../../support/task-builders.ts'

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
