/** What the views of a task share: folded parts, step names, and the way to values that are too big for the page. */
import type { Child } from 'hono/jsx'
import { type Definition, stepOf } from '../../domain/workflow/definition.ts'
import { stepName } from '../../domain/workflow/parts.ts'

export const Fold = ({ title, open, children }: { title: string; open?: boolean; children?: Child }) => (
  <details class="fold" open={open}>
    <summary>{title}</summary>
    {children}
  </details>
)

/** A step as people know it; one that this version lacks by its key. */
export function nameOf(definition: Definition, key: string): string {
  const step = stepOf(definition, key)
  return step === undefined ? key : stepName(step)
}

/** Where a value that is too big for the page is shown whole. */
export function wholeOf(task: string, seq: number | null): string {
  return `/tasks/${task}?tab=log${seq === null ? '' : `&seq=${seq}`}`
}
