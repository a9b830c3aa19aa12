/** Where in a YAML text a finding's path stands, for whoever reads the text. */
import { type Document, isNode, type LineCounter, type Node } from 'yaml'
import { parseYaml } from './yaml.ts'

/** A function from a path (`steps[1].handoffs[0].to`) to its line, from 1; null where the text cannot be read. */
export function lineFinder(text: string): (path: string) => number | null {
  const parsed = parseYaml(text)
  return path => (parsed.ok ? lineOf(parsed.document, parsed.lines, partsOf(path)) : null)
}

/** The line at which the text stops being YAML, from 1; null when it is YAML. */
export function brokenLine(text: string): number | null {
  const parsed = parseYaml(text)
  return parsed.ok ? null : parsed.fault.line
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
function partsOf(path: string): (string | number)[] {
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
