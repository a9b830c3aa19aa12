/** Mistakes in conditions that CEL reads as something else or refuses without help: told with what was meant. */
import type { ASTNode } from '@marcbachmann/cel-js'

const TEXT = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g
/** CEL's own words after a dot; any other may be a field's name. */
const WORD_AS_FIELD = /([A-Za-z_]\w*(?:\.\w+|\[\w*\])*)\s*\.\s*(in|true|false|null)\b/

/** Why a condition that cannot be parsed cannot: a field is called like a word of CEL. Null when that is not it. */
export function reservedFieldIn(expression: string): string | null {
  // Texts keep their length, so that places are the same in both.
  const bare = expression.replace(TEXT, text => '0'.repeat(text.length))
  const found = WORD_AS_FIELD.exec(bare)
  if (found === null) return null
  const [written, , word] = found as unknown as [string, string, string]
  const at = found.index
  const base = expression.slice(at, at + written.length - word.length).replace(/\s*\.\s*$/, '')
  const isInHas = /\bhas\s*\(\s*$/.test(bare.slice(0, at))
  const meant = isInHas ? `"${word}" in ${base}` : `${base}["${word}"]`
  return `\`${word}\` is a word of CEL and cannot stand behind a dot: write \`${meant}\``
}

/**
 * What in a condition is likely to mean something else than its author does, in words: `headers.x-github-event` is a
 * subtraction, and `has()` takes no brackets. `roots` are the variables. Null when there is nothing of the kind.
 */
export function mistakeIn(root: ASTNode, expression: string, roots: readonly string[]): string | null {
  return visit(root, new Set(), false)

  function visit(node: ASTNode, bound: ReadonlySet<string>, inHas: boolean): string | null {
    if (node.op === '-') {
      const found = subtraction(node, expression, roots, bound, inHas)
      if (found !== null) return found
    }
    if (node.op === 'call' && node.args[0] === 'has') {
      const [asked] = node.args[1]
      return asked === undefined ? null : (visit(asked, bound, true) ?? bracketsInHas(asked, expression))
    }
    const names =
      node.op === 'rcall' && node.args[2][0]?.op === 'id' ? new Set([...bound, node.args[2][0].args]) : bound
    for (const child of nodesIn(node.args)) {
      const found = visit(child, names, false)
      if (found !== null) return found
    }
    return null
  }
}

/** `a.b-c-d`, without blanks, where `c` or `d` is nothing that could be subtracted. */
function subtraction(
  node: ASTNode,
  expression: string,
  roots: readonly string[],
  bound: ReadonlySet<string>,
  inHas: boolean,
): string | null {
  const parts: ASTNode[] = []
  let left: ASTNode = node
  while (left.op === '-') {
    parts.unshift(left.args[1])
    left = left.args[0]
  }
  if (left.op !== '.') return null
  const end = endOfName(parts.at(-1)!)
  const name = expression.slice(left.end, end)
  if (!/^(-\w+)+$/.test(name)) return null
  const isHeader = rootOf(left) === 'headers'
  const isOdd = (part: ASTNode) => {
    if (isHeader) return true
    const by = rootOf(part)
    if (by === null || bound.has(by)) return false
    // A root as a whole is an object: nothing to subtract.
    return part.op === 'id' || !roots.includes(by)
  }
  if (!parts.some(isOdd)) return null
  const base = expression.slice(left.start, left.args[0].end)
  const field = `${left.args[1]}${name}`
  const meant = inHas ? `"${field}" in ${base}` : `${base}["${field}"]`
  return `\`${base}.${field}\` is a subtraction: write \`${meant}\``
}

function bracketsInHas(asked: ASTNode, expression: string): string | null {
  if (asked.op !== '[]') return null
  const [base, key] = asked.args
  const text = (part: ASTNode) => expression.slice(part.start, part.end)
  return `\`has()\` takes \`a.b\`, not brackets: write \`${text(key)} in ${text(base)}\``
}

/** The name that a path begins with. */
function rootOf(node: ASTNode): string | null {
  if (node.op === 'id') return node.args
  if (node.op === 'rcall') return rootOf(node.args[1])
  return node.op === '.' || node.op === '[]' ? rootOf(node.args[0]) : null
}

/** Where the first name of a path ends, as in `c.d`; a number is one, too. */
function endOfName(node: ASTNode): number {
  if (node.op === 'rcall') return endOfName(node.args[1])
  return node.op === '.' || node.op === '[]' ? endOfName(node.args[0]) : node.end
}

function nodesIn(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn)
  return typeof args === 'object' && args !== null && 'op' in args && 'args' in args ? [args as ASTNode] : []
}
