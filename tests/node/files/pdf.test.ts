/** Texts out of PDFs and saved mails, made by libraries that nobody here wrote: right where there is text, refused by name where not. */
import { deflateSync } from 'node:zlib'
import MailComposer from 'nodemailer/lib/mail-composer'
import { degrees, PDFDocument, PDFName, PDFRawStream, StandardFonts } from 'pdf-lib'
import PdfKit from 'pdfkit'
import { describe, expect, test } from 'vitest'
import { typeOfFile } from '../../../src/domain/file/type.ts'
import { unpacksTooFar } from '../../../src/files/text/pdf-size.ts'
import { textOfFile } from '../../../src/files/text/text.ts'

const textOf = async (bytes: Uint8Array, name = 'a.pdf') => {
  const found = await textOfFile(bytes.slice(), typeOfFile(bytes.subarray(0, 8192), name, null).type)
  return found.kind === 'text' ? found.text : found.code
}

/** Written by pdf-lib: a page for each text. */
async function pages(
  texts: string[],
  change: (pdf: PDFDocument) => void = () => {},
  options = {},
): Promise<Uint8Array> {
  const pdf = await PDFDocument.create()
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  for (const text of texts) pdf.addPage([300, 400]).drawText(text, { x: 20, y: 350, size: 12, font })
  change(pdf)
  return pdf.save(options)
}

/** Written by PDFKit. */
async function kit(options: object, draw: (doc: InstanceType<typeof PdfKit>) => void): Promise<Uint8Array> {
  const doc = new PdfKit(options)
  const chunks: Uint8Array[] = []
  const ended = new Promise<void>(resolve => doc.on('data', chunk => void chunks.push(chunk)).on('end', resolve))
  draw(doc)
  doc.end()
  await ended
  return new Uint8Array(Buffer.concat(chunks))
}

/** Written by nodemailer. */
const composed = async (mail: ConstructorParameters<typeof MailComposer>[0]) =>
  new Uint8Array(await new MailComposer(mail).compile().build())

const latin = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

describe('a PDF', () => {
  test('is read page by page, with a form feed between two', async () => {
    expect(await textOf(await pages(['Invoice 17\nNimbus Ltd', 'Total EUR 1.200,00']))).toBe(
      'Invoice 17\nNimbus Ltd\n\fTotal EUR 1.200,00',
    )
  })

  test.each([
    ['with tables of what is where', { useObjectStreams: false }],
    ['with streams of them', { useObjectStreams: true }],
  ])('is read %s', async (_how, options) => {
    expect(await textOf(await pages(['plain words'], undefined, options))).toBe('plain words')
  })

  test.each([90, 180, 270])('is read rotated by %i°', async angle => {
    const rotated = await pages(['turned'], pdf => pdf.getPages()[0]!.setRotation(degrees(angle)))
    expect(await textOf(rotated)).toBe('turned')
    const drawn = await pages([], pdf => pdf.addPage().drawText('aslant', { x: 200, y: 200, rotate: degrees(angle) }))
    expect(await textOf(drawn)).toBe('aslant')
  })

  test.each(['1.3', '1.4', '1.5', '1.7'])('is read in version %s, unpacked and packed', async pdfVersion => {
    for (const compress of [true, false]) {
      const made = await kit({ pdfVersion, compress }, doc => {
        doc.text('Größe & <Preis>: £ 5')
        doc.addPage().font('Courier').text('second')
      })
      expect(await textOf(made)).toBe('Größe & <Preis>: £ 5\n\fsecond')
    }
  })

  test('with an empty page among others, metadata, a form and an attachment gives its words alone', async () => {
    const made = await pages(['one', '', 'three'], pdf => {
      pdf.setTitle('The title')
      const field = pdf.getForm().createTextField('name')
      field.setText('Ana')
      field.addToPage(pdf.getPages()[0]!)
    })
    expect((await textOf(made)).split('\f').map(page => page.trim())).toEqual([
      expect.stringContaining('one'),
      '',
      'three',
    ])
    const attached = await kit({}, doc => {
      doc.text('covers').file(Buffer.from('hidden'), { name: 'a.txt' })
    })
    expect(await textOf(attached)).toBe('covers')
  })

  test('that was added to after it was written is read as it is now', async () => {
    const pdf = await PDFDocument.load(await pages(['first']))
    pdf.addPage().drawText('added later', { x: 20, y: 100 })
    expect(await textOf(await pdf.save())).toBe('first\n\fadded later')
  })

  test.each([
    ['points nowhere', (text: string) => text.replace(/startxref\s+\d+/, 'startxref\n99999999')],
    ['is a lie', (text: string) => text.replaceAll(/\d{10} 00000 n/g, '0000000007 00000 n')],
    ['is gone', (text: string) => text.replace(/xref\n0[\s\S]*?trailer/, 'trailer')],
    ['stands after garbage', (text: string) => `\n\n${text}`],
  ])('whose table of what is where %s is read all the same', async (_how, breakIt) => {
    const made = await kit({ compress: false }, doc => void doc.text('found again'))
    expect(await textOf(bytesOf(breakIt(latin(made))))).toBe('found again')
  })

  test('of a scan is said to hold no text, and so is an empty one', async () => {
    expect(await textOf(await kit({}, doc => void doc.image(PNG, { width: 400 })))).toBe('scanned')
    expect(await textOf(await pages(['']))).toBe('scanned')
  })

  test.each(['1.3', '1.4', '1.6', '1.7ext3'] as const)('under a password is refused (version %s)', async pdfVersion => {
    const made = await kit({ pdfVersion, userPassword: 'secret' }, doc => void doc.text('hidden'))
    expect(await textOf(made)).toBe('encrypted')
  })

  test('that only its owner may change is read', async () => {
    const made = await kit({ pdfVersion: '1.6', ownerPassword: 'boss' }, doc => void doc.text('to be read'))
    expect(await textOf(made)).toBe('to be read')
  })

  test('of 500 pages is refused by name, one of 300 is read', async () => {
    const many = (count: number) => pages(Array.from({ length: count }, (_, n) => `page ${n + 1}`))
    expect(await textOf(await many(500))).toBe('too_many_pages')
    expect((await textOf(await many(300))).split('\f')).toHaveLength(300)
  })

  test('that is none, is cut off, or is full of noise is broken', async () => {
    const whole = await pages(['words'], undefined, { useObjectStreams: true })
    expect(await textOf(whole.slice(0, 120))).toBe('broken')
    expect(await textOf(bytesOf('%PDF-1.7\n'))).toBe('broken')
    const noise = Uint8Array.from({ length: 40_000 }, (_, n) => (n * 7919 + (n >> 3)) & 255)
    expect(await textOf(bytesOf(`%PDF-1.7\n${latin(noise)}`))).toBe('broken')
  })

  test('whose pages are each other’s parents ends', async () => {
    const made = latin(await pages(['words'], undefined, { useObjectStreams: false }))
    const circle = made.replace(
      /\/Kids \[ (\d+ 0 R) \]/,
      (_: string, kid: string) => `/Kids [ ${kid} ${/(\d+) 0 obj\s*<<\s*\/Type \/Pages/.exec(made)?.[1] ?? 2} 0 R ]`,
    )
    expect(circle).not.toBe(made)
    expect(await textOf(bytesOf(circle))).toMatch(/^(?:words|broken)$/)
  })
})

describe('a bomb', () => {
  /** A page whose content unpacks to so many bytes, packed so many times over. */
  const bomb = (mib: number, times = 1, filters: string | string[] = 'FlateDecode') =>
    pages(['words'], pdf => {
      let packed: Uint8Array = new Uint8Array(mib * 1024 * 1024).fill(32)
      for (let n = 0; n < times; n++) packed = deflateSync(packed)
      const names = [filters].flat().map(name => PDFName.of(name))
      const dict = pdf.context.obj({ Length: packed.length, Filter: names.length === 1 ? names[0]! : names })
      const ref = pdf.context.register(PDFRawStream.of(dict as never, packed))
      pdf.getPages()[0]!.node.set(PDFName.of('Contents'), ref)
    })

  test('is refused, in one stream, packed twice, and by other names', async () => {
    expect(await textOf(await bomb(80))).toBe('too_large_inside')
    expect(await textOf(await bomb(80, 2, ['FlateDecode', 'FlateDecode']))).toBe('too_large_inside')
    const renamed = bytesOf(latin(await bomb(80)).replaceAll('/FlateDecode', '/Fl#61teDecode'))
    expect(await textOf(renamed)).toBe('too_large_inside')
  })

  test('a page that is large and no bomb is read', async () => {
    expect(unpacksTooFar(await bomb(20))).toBe(false)
  })

  test('more in other codes than can be looked through is refused', () => {
    const coded = `%PDF-1.4\n1 0 obj\n<</Filter [/A85 /Fl]>>\nstream\n${'<~9jqo^'.repeat(30_000)}endstream`
    expect(unpacksTooFar(bytesOf(coded))).toBe(true)
  })
})

describe('a mail that was saved', () => {
  const eml = (lines: string[]) => textOf(bytesOf(lines.join('\r\n')), 'a.eml')
  const head = [
    'From: Hank <hank@shop.test>',
    'To: ana@acme.test',
    'Subject: Offer',
    'Date: Fri, 27 Nov 2026 10:00:00 +0000',
  ]

  test('says who wrote what to whom, and what is attached', async () => {
    const text = await eml([
      ...head,
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Gr=C3=BC=C3=9Fe,',
      '--b',
      'Content-Type: application/pdf; name="offer.pdf"',
      'Content-Disposition: attachment; filename="offer.pdf"',
      'Content-Transfer-Encoding: base64',
      '',
      'JVBERi0=',
      '--b--',
    ])
    expect(text).toBe(
      'From: Hank <hank@shop.test>\nTo: ana@acme.test\nDate: 2026-11-27T10:00:00.000Z\nSubject: Offer\n\nGrüße,\n\nAttached: offer.pdf',
    )
  })

  const MAIL = {
    from: 'Zoë Müller <zoe@shop.test>',
    to: 'ana@acme.test',
    subject: 'Angebot für Ä & Co',
    date: new Date(0),
  }
  const TOLD =
    'From: Zoë Müller <zoe@shop.test>\nTo: ana@acme.test\nDate: 1970-01-01T00:00:00.000Z\nSubject: Angebot für Ä & Co\n\n'
  const long = Array.from({ length: 40 }, (_, n) => `Grüße Nummer ${n}, mit allem was dazu gehört`).join(' ')
  const offer = { filename: 'Angebot für Ä.pdf', content: Buffer.from('%PDF-1.7') }
  const picture = { filename: 'logo.png', content: PNG, cid: 'logo' }

  test.each<[string, ConstructorParameters<typeof MailComposer>[0], string]>([
    ['a plain one', { text: 'Good day.' }, 'Good day.'],
    ['one in base64', { text: long, textEncoding: 'base64' }, long],
    ['one in quoted-printable, its lines broken', { text: long, textEncoding: 'quoted-printable' }, long],
    ['one in two forms', { text: 'as text', html: '<p>as <b>HTML</b></p>' }, 'as text'],
    ['one in HTML alone', { html: '<style>p{}</style><p>Dear <b>Ana</b></p><script>alert(1)</script>' }, 'Dear Ana'],
    [
      'one with a picture in it',
      { html: 'See <img src="cid:logo">.', attachments: [picture] },
      'See .\n\nAttached: logo.png',
    ],
    ['one with a file', { text: 'See it.', attachments: [offer] }, 'See it.\n\nAttached: Angebot für Ä.pdf'],
    [
      'one with an invitation',
      { text: 'Come.', icalEvent: { method: 'REQUEST', content: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR' } },
      'Come.\n\nAttached: invite.ics',
    ],
    ['one without words', { attachments: [offer] }, 'Attached: Angebot für Ä.pdf'],
  ])('made by a library is read: %s', async (_shape, mail, words) => {
    expect(await textOf(await composed({ ...MAIL, ...mail }), 'a.eml')).toBe(TOLD + words)
  })

  test('with another mail in it says what is in that', async () => {
    const inner = Buffer.from(await composed({ ...MAIL, text: 'What I forwarded.' }))
    const attachments = [{ filename: 'forwarded.eml', content: inner, contentType: 'message/rfc822' }]
    const text = await textOf(await composed({ ...MAIL, text: 'See below.', attachments }), 'a.eml')
    expect(text).toContain('See below.')
    expect(text).toMatch(/What I forwarded\.|forwarded\.eml/)
  })

  test('cut off anywhere is read as far as it goes, and never thrown at', async () => {
    const whole = await composed({ ...MAIL, text: long, html: `<p>${long}</p>`, attachments: [offer] })
    for (let length = 0; length < whole.length; length += 97) {
      const found = await textOf(whole.slice(0, length), 'a.eml')
      expect(typeof found).toBe('string')
    }
  })

  test('in HTML is read as text, and its scripts are not', async () => {
    const text = await eml([...head, 'Content-Type: text/html', '', '<p>Dear <b>Ana</b></p><script>alert(1)</script>'])
    expect(text).toContain('Dear Ana')
    expect(text).not.toContain('alert')
  })

  test('of parts in parts without end, or of lines without end, is refused', async () => {
    const nested = Array.from({ length: 60 }, (_, n) => [
      `Content-Type: multipart/mixed; boundary=b${n}`,
      '',
      `--b${n}`,
    ]).flat()
    expect(await eml([...head, ...nested])).toBe('broken')
    expect(await eml([...head, '', ...Array.from({ length: 30_000 }, () => 'x')])).toBe('too_large_inside')
  })
})
