/** Whether a PDF unpacks to more than is read. Its library unpacks whatever it is given, so this is asked before. */
import { Inflate } from 'fflate'
import { joinBytes } from '../../domain/bytes.ts'

/** Bytes of all packed streams together. */
const MOST_INFLATED = 64 * 1024 * 1024
/** A stream in a stream in a stream: more no program makes. */
const MOST_LAYERS = 3
/** Deflate makes at most 1,032 bytes of one, so no step makes more than about 2 MiB. */
const STEP = 2 * 1024
/** Bytes in codes that are not looked through, as they may hold packed ones. */
const MOST_CODED = 128 * 1024

/**
 * Looks through whatever stands between `stream` and `endstream` and begins as packed bytes do, whatever its dictionary says of
 * it. Packed bytes in another code are not unpacked: there may be few of them.
 */
export function unpacksTooFar(bytes: Uint8Array): boolean {
  const budget = { left: MOST_INFLATED }
  let coded = 0
  for (let at = find(bytes, STREAM, 0); at >= 0; ) {
    const begin = lineAfter(bytes, at + STREAM.length)
    const next = find(bytes, STREAM, begin)
    const end = next < 0 ? bytes.length : next
    const head = latin(bytes.subarray(Math.max(0, at - 512), at))
    const dictionary = unescaped(head.slice(Math.max(0, head.lastIndexOf('obj'))))
    if (/\/(?:ASCII85Decode|ASCIIHexDecode|LZWDecode|A85|AHx|LZW)\b/.test(dictionary) && !dictionary.includes('/Image'))
      coded += end - begin
    if (coded > MOST_CODED || !fits(bytes.subarray(begin, end), MOST_LAYERS, budget)) return true
    at = next
  }
  return false
}

const STREAM = Uint8Array.from('stream', char => char.charCodeAt(0))

/** Takes what the bytes unpack to off the budget; false: it does not last. */
function fits(bytes: Uint8Array, layers: number, budget: { left: number }): boolean {
  if (!looksPacked(bytes)) return true
  if (layers === 0) return false
  let inner: Uint8Array[] = []
  let isPacked: boolean | null = null
  const inflate = new Inflate(chunk => {
    budget.left -= chunk.byteLength
    isPacked ??= looksPacked(chunk)
    if (isPacked) inner.push(chunk)
  })
  try {
    // Two bytes of zlib stand before what is deflated.
    for (let at = 2; at < bytes.length && budget.left >= 0; at += STEP)
      inflate.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.length)
  } catch {
    // What is broken is so for the library, too, from here on.
  }
  if (budget.left < 0) return false
  if (inner.length === 0) return true
  const whole = joinBytes(inner)
  inner = []
  return fits(whole, layers - 1, budget)
}

/** The two bytes that zlib begins with, of whichever level. */
function looksPacked(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  return bytes.length > 6 && (first & 0x0f) === 8 && first >> 4 < 8 && ((first << 8) | second) % 31 === 0
}

function find(bytes: Uint8Array, sought: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(sought[0]!, from); at >= 0; at = bytes.indexOf(sought[0]!, at + 1))
    if (sought.every((byte, index) => bytes[at + index] === byte)) return at
  return -1
}

function lineAfter(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 13) return bytes[at + 1] === 10 ? at + 2 : at + 1
  return bytes[at] === 10 ? at + 1 : at
}

const latin = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes)

/** Names may be written by the numbers of their letters. */
function unescaped(dictionary: string): string {
  return dictionary.replaceAll(/#([0-9a-f]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
}
