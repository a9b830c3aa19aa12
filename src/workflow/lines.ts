/** Where in a YAML text a finding's path stands, for whoever reads the text. */
import { type Document, isNode, LineCounter, type Node, parseDocument } from 'yaml'

/** A function from a path (`steps[1].handoffs[0].to`) to its line, from 1; null where the text cannot be read. */
export function lineFinder(text: string): (path: string) => number | null {
  const lines = new LineCounter()
  const document = parse(text, lines)
  return path => (document === null ? null : lineOf(document, lines, partsOf(path)))
}

/** The line at which the text stops being YAML, from 1; null when it is YAML. */
export function brokenLine(text: string): number | null {
  const lines = new LineCounter()
  const [error] = parse(text, lines)?.errors ?? []
  return error ? lines.linePos(error.pos[0]).line : null
}

function parse(text: string, lineCounter: LineCounter): Document | null {
  try {
    return parseDocument(text, {
      schema: 'core',
      version: '1.2',
      merge: false,
      stringKeys: true,
      lineCounter,
    }) as Document
  } catch {
    return null
  }
}

/** The place itself, else the nearest thing around it that is there. */
function lineOf(document: Document, lines: LineCounter, path: (string | number)[]): number | null {
  for (let length = path.length; length > 0; length--) {
    const node = nodeAt(document, path.slice(0, length))
    if (node?.range) return lines.linePos(node.range[0]).line
  }
  return null
}

function nodeAt(document: Document, path: (string | number)[]): Node | null {
  try {
    const node: unknown = document.getIn(path, true)
    return isNode(node) ? node : null
  } catch {
    return null
  }
}

/** Reads a path back: `steps[1].handoffs[0].to` → `['steps', 1, 'handoffs', 0, 'to']`. */
export function partsOf(path: string): (string | number)[] {
  const parts = path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)
  return [...parts].map(([, place, quoted, name]) => {
    if (place !== undefined) return Number(place)
    return quoted === undefined ? (name ?? '') : unquote(quoted)
  })
}

function unquote(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    return text
  }
}
