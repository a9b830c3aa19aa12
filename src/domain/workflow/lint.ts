/** The lint of a workflow definition: everything that can be said about it before a task runs. */
import type { Definition } from './definition.ts'
import { lintBranches } from './lint/branches.ts'
import { lintCallbacks } from './lint/callbacks.ts'
import { lintDuplicates } from './lint/duplicates.ts'
import { lintFlow } from './lint/flow.ts'
import { lintHandoffs } from './lint/handoffs.ts'
import { type LintItem, Report } from './lint/item.ts'
import type { Known } from './lint/known.ts'
import { lintOwner } from './lint/people.ts'
import { lintRedact } from './lint/redact.ts'
import { lintSampling } from './lint/sampling.ts'
import { readShape } from './lint/shape.ts'
import { lintSteps } from './lint/steps.ts'
import { lintTexts } from './lint/texts.ts'

export { LINT_CODES, type LintCode, type LintItem } from './lint/item.ts'
export type { Known } from './lint/known.ts'

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
    lintOwner(definition, known, report)
    lintTexts(definition, report)
    lintBranches(definition, report)
    lintDuplicates(definition, report)
    lintSampling(definition, known, report)
    lintRedact(definition, report)
    lintCallbacks(definition, known, report)
    lintFlow(definition, report)
  }
  return { definition, lint: inOrder(report.items) }
}

/** By place, numbers as numbers; findings of one place stay in the order of the rules. */
function inOrder(items: LintItem[]): LintItem[] {
  const collator = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true })
  return items.toSorted((a, b) => collator(a.path, b.path))
}
