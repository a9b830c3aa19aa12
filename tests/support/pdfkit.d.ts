/** What the tests use of PDFKit, which brings no types. */
declare module 'pdfkit' {
  export default class PDFDocument {
    constructor(options?: object)
    on(event: 'data', listener: (chunk: Uint8Array) => void): this
    on(event: 'end', listener: () => void): this
    text(text: string): this
    font(name: string): this
    addPage(): this
    image(bytes: Buffer, options?: object): this
    file(bytes: Buffer, options?: object): this
    end(): void
  }
}
