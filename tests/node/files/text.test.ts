/** Texts out of files, made by libraries that nobody here wrote: right where there is text, refused by name where not. */
import { Document, Footer, Header, Packer, Paragraph, Table, TableCell, TableRow, TextRun } from 'docx'
import { strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import writeXlsx from 'write-excel-file/node'
import { typeOfFile } from '../../../src/domain/file/type.ts'
import { MAX_TEXT, textOfFile } from '../../../src/files/text/text.ts'

const read = (bytes: Uint8Array, name: string) =>
  textOfFile(bytes, typeOfFile(bytes.subarray(0, 8192), name, null).type)
const textOf = async (bytes: Uint8Array, name: string) => {
  const found = await read(bytes, name)
  return found.kind === 'text' ? found.text : found.code
}

async function word(children: (Paragraph | Table)[], more = {}): Promise<Uint8Array> {
  return new Uint8Array(await Packer.toBuffer(new Document({ sections: [{ children, ...more }] })))
}

async function sheets(
  rows: Parameters<typeof writeXlsx>[0],
  options: Record<string, unknown> = {},
): Promise<Uint8Array> {
  return new Uint8Array(await (writeXlsx(rows as never, options as never) as never as Made).toBuffer())
}
type Made = { toBuffer(): Promise<Buffer> }

/** The archive with parts put in their places. */
function with_(archive: Uint8Array, parts: Record<string, (text: string) => string>): Uint8Array {
  const all = unzipSync(archive)
  for (const [name, change] of Object.entries(parts))
    all[name] = strToU8(change(all[name] === undefined ? '' : new TextDecoder().decode(all[name])))
  return zipSync(all)
}

describe('Word', () => {
  test('paragraphs, breaks, tabs, scripts of the world, tables, headers, footers and footnotes', async () => {
    const cell = (text: string) => new TableCell({ children: [new Paragraph(text)] })
    const row = (...texts: string[]) => new TableRow({ children: texts.map(cell) })
    const bytes = new Uint8Array(
      await Packer.toBuffer(
        new Document({
          footnotes: { 1: { children: [new Paragraph('As agreed in May.')] } },
          sections: [
            {
              headers: { default: new Header({ children: [new Paragraph('Nimbus Ltd')] }) },
              footers: { default: new Footer({ children: [new Paragraph('Page of the contract')] }) },
              children: [
                new Paragraph('Term & <notice>: "3 months"'),
                new Paragraph({ children: [new TextRun('one'), new TextRun({ text: 'two', break: 1 })] }),
                new Paragraph('שלום עולם'),
                new Paragraph('契約書 – 甲と乙'),
                new Table({ rows: [row('Item', 'Price'), row('Hosting', '€ 1.200,00')] }),
              ],
            },
          ],
        }),
      ),
    )
    const text = await textOf(bytes, 'contract.docx')
    expect(text.split('\n').filter(line => line !== '')).toEqual([
      'Nimbus Ltd',
      'Term & <notice>: "3 months"',
      'one',
      'two',
      'שלום עולם',
      '契約書 – 甲と乙',
      'Item\tPrice',
      'Hosting\t€ 1.200,00',
      'Page of the contract',
      'As agreed in May.',
    ])
  })

  test('what was deleted, fields and what is there twice for older readers are not told', async () => {
    const made = await word([new Paragraph('kept')])
    const more =
      '<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r>' +
      '<mc:AlternateContent><mc:Choice><w:r><w:t>once</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t>once</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>'
    const bytes = with_(made, { 'word/document.xml': xml => xml.replace('</w:p>', `</w:p>${more}`) })
    expect(await textOf(bytes, 'a.docx')).toBe('kept\nonce')
  })

  test('macros are passed over', async () => {
    const bytes = with_(await word([new Paragraph('quarterly')]), { 'word/vbaProject.bin': () => 'Sub AutoOpen()' })
    expect(await textOf(bytes, 'a.docm')).toBe('quarterly')
  })

  test('an entity of its own is neither fetched nor expanded', async () => {
    const made = await word([new Paragraph('SECRET')])
    for (const type of [
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
      `<!DOCTYPE x [<!ENTITY e "${'lol'.repeat(100)}">]>`,
    ]) {
      const bytes = with_(made, {
        'word/document.xml': xml => xml.replace('<w:document', `${type}<w:document`).replace('SECRET', '&e;'),
      })
      expect(await textOf(bytes, 'a.docx')).toBe('doctype')
    }
  })

  test('no paragraph holds a letter', async () => {
    expect(await textOf(await word([new Paragraph('')]), 'a.docx')).toBe('no_text')
  })
})

describe('Excel', () => {
  test('sheets by name, numbers, dates, truths and merged cells', async () => {
    const bold = { value: 'Invoice', span: 2 }
    const day = { value: new Date(Date.UTC(2026, 1, 28)), type: Date, format: 'dd.mm.yyyy' }
    const bytes = await sheets([
      {
        sheet: 'Items',
        data: [
          [bold, null, { value: 'Due' }],
          [{ value: 'Hosting & mail' }, { value: 1200.5 }, day],
        ],
      },
      { sheet: 'Flags', data: [[{ value: true, type: Boolean }, { value: '数' }]] },
    ] as never)
    expect(await textOf(bytes, 'invoice.xlsx')).toBe(
      'Items\nInvoice\t\tDue\nHosting & mail\t1200.5\t2026-02-28\n\nFlags\nTRUE\t数',
    )
  })

  test('of a formula its last value; a lone cell far right makes no long line', async () => {
    const made = await sheets([[{ value: 2 }]] as never)
    const bytes = with_(made, {
      'xl/worksheets/sheet1.xml': xml =>
        xml.replace(
          '</row>',
          '<c r="B1"><f>A1*21</f><v>42</v></c><c r="XFD1" t="inlineStr"><is><t>far</t></is></c></row>',
        ),
    })
    const text = await textOf(bytes, 'a.xlsx')
    expect(text).toContain('2\t42')
    expect(text.endsWith('\tfar')).toBe(true)
    expect(text.length).toBeLessThan(100)
  })
})

describe('archives', () => {
  test('a bomb is given up, whatever it says of its size', async () => {
    const made = await word([new Paragraph('small')])
    const bomb = with_(made, { 'word/header9.xml': () => ' '.repeat(40 * 1024 * 1024) })
    expect(bomb.byteLength).toBeLessThan(100_000)
    expect(await textOf(bomb, 'a.docx')).toBe('too_large_inside')
  })

  test('one of 6,000 entries', async () => {
    const parts = Object.fromEntries(Array.from({ length: 6000 }, (_, n) => [`word/${n}`, new Uint8Array(0)]))
    expect(await textOf(zipSync(parts), 'a.docx')).toBe('too_large_inside')
  })

  test('cut off anywhere, it is broken and never hangs', async () => {
    const whole = await word([new Paragraph('cut me')])
    const at = new TextDecoder('latin1').decode(whole).indexOf('word/document.xml')
    for (const end of [at + 40, at + 100]) expect(await textOf(whole.slice(0, end), 'a.docx')).toBe('broken')
  })

  test('an office file under a password', async () => {
    const bytes = new Uint8Array(4096)
    bytes.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
    bytes.set(new TextEncoder().encode([...'EncryptedPackage'].join('\0')), 1024)
    expect(await textOf(bytes, 'a.docx')).toBe('encrypted')
    expect(await textOf(bytes.fill(0, 1024), 'a.doc')).toBe('not_read')
  })
})

describe('texts', () => {
  test.each<[string, Uint8Array, string]>([
    ['a.txt', strToU8('Grüße, 世界\r\nnext'), 'Grüße, 世界\nnext'],
    ['bom.csv', strToU8('\ufeffa;b\n1;2'), 'a;b\n1;2'],
    ['latin.txt', Uint8Array.from([0x47, 0x72, 0xfc, 0xdf, 0x65, 0x20, 0x80]), 'Grüße €'],
    ['wide.txt', Uint8Array.from([0xff, 0xfe, 0x48, 0, 0x69, 0]), 'Hi'],
    ['a.md', strToU8('# Title\n\n- one'), '# Title\n\n- one'],
    ['a.html', strToU8('<!doctype html><p>Total <b>5</b></p><script>alert(1)</script>'), 'Total 5'],
    ['empty.txt', new Uint8Array(0), 'no_text'],
    ['a.png', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), 'not_read'],
  ])('%s', async (name, bytes, text) => {
    expect(await textOf(bytes, name)).toBe(text)
  })

  test('a long one is cut, and says so', async () => {
    const found = await read(strToU8('x'.repeat(MAX_TEXT + 5)), 'a.txt')
    expect(found).toMatchObject({ kind: 'text', cut: true, text: 'x'.repeat(MAX_TEXT) })
  })
})
