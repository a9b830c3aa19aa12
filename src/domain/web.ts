/** The pure functions of the web platform that rules need. Workers and Node have them; the domain knows no other part of either. */

/** An address as the WHATWG parser reads it. */
export interface WebAddress {
  readonly protocol: string
  readonly username: string
  readonly password: string
  readonly host: string
  readonly hostname: string
  readonly port: string
  readonly pathname: string
}

const { URL, TextEncoder, btoa } = globalThis as unknown as {
  URL: { new (text: string): WebAddress; canParse(text: string): boolean }
  TextEncoder: new () => { encode(text: string): Uint8Array }
  btoa(text: string): string
}

/** The parts of an absolute address; null: it is none. */
export function parseAddress(text: string): WebAddress | null {
  return URL.canParse(text) ? new URL(text) : null
}

/** The base64 of a text's UTF-8. */
export function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
