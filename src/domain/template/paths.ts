/** The paths that a template reads, for lint. liquidjs can tell them, too, but counts each one's line from the first character on. */
import { type Template, type Token, TypeGuards, toValueSync } from 'liquidjs'
import { tokensOf } from './inspect.ts'

/**
 * The paths a template reads that it did not itself assign, such as `['input', 'company']`, each once, up to the first part
 * that is computed at run time.
 */
export function pathsIn(templates: Template[]): string[][] {
  const found = new Map<string, string[]>()
  const assigned = new Set<string>()
  visit(templates, [])
  return [...found.values()]

  function visit(list: Template[], loops: readonly string[]): void {
    for (const template of list) {
      for (const argument of template.arguments?.() ?? []) {
        for (const token of tokensOf(argument)) add(pathOf(token), loops)
      }
      for (const { content } of template.localScope?.() ?? []) assigned.add(content)
      if (!template.children) continue
      const inside = template.blockScope ? [...loops, ...template.blockScope()] : loops
      visit(toValueSync(template.children(false, true)), inside)
    }
  }

  function add(path: string[], loops: readonly string[]): void {
    const [root] = path
    if (root === undefined || assigned.has(root) || loops.includes(root)) return
    found.set(JSON.stringify(path), path)
  }
}

/** Empty for what is no path, or begins with something computed. */
function pathOf(token: Token): string[] {
  if (!TypeGuards.isPropertyAccessToken(token) || token.variable !== undefined) return []
  const parts = token.props.map(prop => (prop as { content?: string | number }).content)
  const computed = parts.indexOf(undefined)
  return parts.slice(0, computed < 0 ? parts.length : computed).map(String)
}
