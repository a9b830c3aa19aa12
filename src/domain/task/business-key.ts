/** A task's business key: the name, such as an invoice's number, by which outside events find it. */

import type { Scope } from '../template/scope.ts'
import { renderText } from '../template/template.ts'
import { cleanLine } from '../text/clean.ts'

/** What becomes of a new task whose key an earlier task of its workflow has: it begins, it begins and says so, or it is refused. */
export const DUPLICATES = ['allow', 'flag', 'refuse'] as const
export type Duplicates = (typeof DUPLICATES)[number]

/** Longest key, in characters. */
export const MAX_BUSINESS_KEY = 200

/** The text as keys are kept and compared; null: it is none, as it is empty or too long to be one. */
export function businessKey(text: string): string | null {
  const key = cleanLine(text).trim()
  return key === '' || key.length > MAX_BUSINESS_KEY ? null : key
}

/** The key that a definition's template gives a new task. One that cannot be rendered loses no task: it has none then. */
export function renderedKey(template: string | undefined, scope: Scope): string | null {
  const rendered = template === undefined ? null : renderText(template, scope)
  return rendered?.ok ? businessKey(rendered.text) : null
}
