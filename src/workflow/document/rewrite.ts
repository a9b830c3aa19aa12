/** Writes a changed definition into the YAML that people wrote: only what changed is touched, comments elsewhere stay. */
import { diffLines } from 'diff'
import { Document, isMap, isSeq, type Node, Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import { readDocument } from './document.ts'
import { parseYaml } from './yaml.ts'

/**
 * The text with `value` in place of what it says now. Where that cannot be done node by node (anchors, say), the whole
 * is written anew and its comments are lost: `kept` tells.
 */
export function rewriteYaml(text: string, value: unknown): { text: string; kept: boolean } {
  try {
    const parsed = parseYaml(text)
    if (parsed.ok && isMap(parsed.document.contents)) {
      const { document } = parsed
      const plain = document.toString(STYLE)
      writeInto(document, parsed.document.contents, document.toJS() as Was, value as object)
      const written = document.toString(STYLE)
      const dressed = dress(written, plain, text)
      if (says(dressed, value)) return { text: dressed, kept: true }
      if (says(written, value)) return { text: written, kept: true }
    }
  } catch {
    // A document that the library cannot walk is written anew.
  }
  return { text: new Document(value).toString(STYLE), kept: !text.includes('#') }
}

const STYLE = { lineWidth: 0 }
/** Beyond it the two spellings have little in common. */
const MAX_EDITS = 2000

/**
 * The library has a spelling of its own (`[ a ]` for `[a]`, folded texts on one line). What it made of the author's text
 * tells where they differ; wherever its spelling stands in the new text, too, the author's takes its place.
 */
function dress(written: string, plain: string, text: string): string {
  const parts = diffLines(plain, text, { maxEditLength: MAX_EDITS }) ?? []
  let lines = written.split('\n')
  let from = 0
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1]
    if (!part.removed || !next?.added) continue
    const old = linesOf(part.value)
    const at = indexOf(lines, old, from)
    if (at < 0) continue
    const own = linesOf(next.value)
    lines = lines.toSpliced(at, old.length, ...own)
    from = at + own.length
  }
  return lines.join('\n')
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n')
}

function indexOf(lines: string[], wanted: string[], from: number): number {
  for (let at = from; at + wanted.length <= lines.length; at++) {
    if (wanted.every((line, place) => lines[at + place] === line)) return at
  }
  return -1
}

function says(text: string, value: unknown): boolean {
  const read = readDocument(text, 'yaml')
  return read.ok && equal(read.value, value)
}

/** What a mapping's nodes say, by key: read once from the whole, as each node's own reading looks through the document for anchors. */
type Was = Record<string, unknown>

function writeInto(document: Document, map: YAMLMap, was: Was, value: object): void {
  for (const key of map.items.map(pair => keyOf(pair.key))) if (!Object.hasOwn(value, key)) map.delete(key)
  const nodes = new Map(map.items.map(pair => [keyOf(pair.key), pair.value as Node | null]))
  for (const [key, wanted] of Object.entries(value)) {
    const node = nodes.get(key)
    if (!node) map.set(key, document.createNode(wanted))
    else if (!writeNode(document, node, was[key], wanted)) map.set(key, document.createNode(wanted))
  }
}

/** Makes the node say `wanted`; false when it must be replaced. */
function writeNode(document: Document, node: Node, was: unknown, wanted: unknown): boolean {
  if (equal(was, wanted)) return true
  if (isMap(node) && typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)) {
    writeInto(document, node, was as Was, wanted)
    return true
  }
  if (isSeq(node) && Array.isArray(wanted)) {
    writeList(document, node, was as unknown[], wanted)
    return true
  }
  if (node instanceof Scalar && (typeof wanted !== 'object' || wanted === null)) {
    // A longer text may not fit the quotes that the old one had.
    if (typeof wanted !== typeof node.value) delete node.type
    node.value = wanted
    return true
  }
  return false
}

/** Items keep their nodes by what names them: a step's key, or being the same; else by place. */
function writeList(document: Document, list: YAMLSeq, was: unknown[], wanted: unknown[]): void {
  const old = (list.items as Node[]).map((node, index) => ({ node, value: was[index], used: false }))
  const take = (fits: (value: unknown, index: number) => boolean) => {
    const found = old.find((item, index) => !item.used && fits(item.value, index))
    if (found) found.used = true
    return found
  }
  // What was written as `[]` would go on as one line without end.
  if (old.length === 0) list.flow = false
  const exact = wanted.map(item =>
    take(value => (nameOf(item) === undefined ? equal(value, item) : nameOf(value) === nameOf(item))),
  )
  list.items = wanted.map((item, index) => {
    const named = nameOf(item) !== undefined && exact[index] === undefined
    const kept = exact[index] ?? take((value, place) => place === index && (!named || isRenamed(value, wanted)))
    return kept && writeNode(document, kept.node, kept.value, item) ? kept.node : document.createNode(item)
  })
}

/** A step in the same place whose key is nowhere any more: it was renamed. */
function isRenamed(value: unknown, wanted: unknown[]): boolean {
  return nameOf(value) !== undefined && !wanted.some(item => nameOf(item) === nameOf(value))
}

function nameOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'key' in value ? value.key : undefined
}

function keyOf(key: unknown): string {
  return String(key instanceof Scalar ? key.value : key)
}

function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [mine, others] = [Object.keys(a), Object.keys(b)]
  if (mine.length !== others.length) return false
  return mine.every(
    key => Object.hasOwn(b, key) && equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  )
}
