/** The parts of an archive that are wanted, unpacked under limits: what it says of its sizes is not believed, what comes out is counted. */
import { Unzip, type UnzipFile, UnzipInflate } from 'fflate'

const MOST_ENTRIES = 5000
/** Bytes of all wanted parts together. */
const MOST_INFLATED = 16 * 1024 * 1024
/** Deflate makes at most 1,032 bytes of one, so no step makes more than about 8 MiB. */
const STEP = 8 * 1024

class Beyond extends Error {}

/** Parts by name; `beyond`: they hold more than is unpacked; `broken`: it is no whole archive. */
export function unzipped(
  bytes: Uint8Array,
  wants: (name: string) => boolean,
): ReadonlyMap<string, string> | 'beyond' | 'broken' {
  const parts = new Map<string, Uint8Array[]>()
  const whole = new Set<string>()
  let entries = 0
  let inflated = 0
  const take = (file: UnzipFile) => {
    if (++entries > MOST_ENTRIES) throw new Beyond()
    if (!wants(file.name) || parts.has(file.name)) return
    const chunks: Uint8Array[] = []
    parts.set(file.name, chunks)
    file.ondata = (error, chunk, final) => {
      if (error) throw error
      inflated += chunk.byteLength
      if (inflated > MOST_INFLATED) throw new Beyond()
      chunks.push(chunk)
      if (final) whole.add(file.name)
    }
    file.start()
  }
  try {
    const archive = new Unzip(take)
    archive.register(UnzipInflate)
    for (let at = 0; at < bytes.byteLength; at += STEP)
      archive.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.byteLength)
  } catch (error) {
    return error instanceof Beyond ? 'beyond' : 'broken'
  }
  if ([...parts.keys()].some(name => !whole.has(name))) return 'broken'
  return new Map([...parts].map(([name, chunks]) => [name, decoded(chunks)]))
}

function decoded(chunks: Uint8Array[]): string {
  const decoder = new TextDecoder()
  return chunks.map(chunk => decoder.decode(chunk, { stream: true })).join('') + decoder.decode()
}
