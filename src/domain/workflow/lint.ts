/** The lint of a workflow definition: everything that can be said about it before a task runs (blueprint, definition.md, "Lint"). */
import type { Definition } from './definition.ts'
import { lintFlow } from './lint/flow.ts'
import { lintHandoffs } from './lint/handoffs.ts'
import { type LintItem, Report } from './lint/item.ts'
import { lintPeople } from './lint/people.ts'
import { readShape } from './lint/shape.ts'
import { lintSteps } from './lint/steps.ts'
import { lintTexts } from './lint/texts.ts'

export { LINT_CODES, type LintCode, type LintItem } from './lint/item.ts'

/** What the team has: names that a definition may use. */
export interface Known {
  /** Keys of agents. */
  agents: string[]
  /** What the agents may use, by their key; one that is not here is not judged. */
  tools?: ReadonlyMap<string, readonly string[]>
  /** Addresses of members. */
  members: string[]
  /** Models that can be used; any with a list price count as known, too. */
  models: string[]
}

/**
 * Lints a parsed document (YAML or JSON). Findings are sorted by place, errors and warnings mixed. The definition
 * is null when the document's shape leaves none; it may be there beside errors, which stand in the way of publishing.
 */
export function lintDefinition(document: unknown, known: Known): { definition: Definition | null; lint: LintItem[] } {
  const report = new Report()
  const definition = readShape(document, report)
  if (definition !== null) {
    lintSteps(definition, known, report)
    lintHandoffs(definition, report)
    lintPeople(definition, known, report)
    lintTexts(definition, report)
    lintFlow(definition, report)
  }
  return { definition, lint: inOrder(withoutEchoes(report.items)) }
}

/** A step whose only handler is one of those to come has no handler that we know: that was said already. */
function withoutEchoes(items: LintItem[]): LintItem[] {
  const later = items.filter(item => item.code === 'handler_unavailable').map(item => item.path)
  return items.filter(item => item.code !== 'handler_count' || !later.some(path => path.startsWith(`${item.path}.`)))
}

/** By place, numbers as numbers; findings of one place stay in the order of the rules. */
function inOrder(items: LintItem[]): LintItem[] {
  const collator = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true })
  return items.toSorted((a, b) => collator(a.path, b.path))
}
