/** The lint of the whole flow: steps that nothing leads to, and loops that nothing leads out of. */
import type { Definition } from '../definition.ts'
import { COMPLETE } from '../parts.ts'
import { isDeadEnd } from './handoffs.ts'
import { listed, type Report } from './item.ts'

/** Lints how the steps hang together. */
export function lintFlow(definition: Definition, report: Report): void {
  const { steps, limits } = definition
  const entry = steps[0]
  if (entry === undefined) return
  const leads = new Map(steps.map(step => [step.key, (step.handoffs ?? []).map(handoff => handoff.to)]))
  const starts = [entry.key, ...(limits?.reached === undefined ? [] : [limits.reached])]
  const reached = closure(starts, key => leads.get(key) ?? [])
  for (const [index, { key }] of steps.entries()) {
    if (reached.has(key)) continue
    report.warn(
      ['steps', index],
      'unreachable',
      `No handoff leads to \`${key}\`.`,
      `Hand off to \`${key}\`, or remove it.`,
    )
  }
  const ends = [COMPLETE, ...steps.filter(isDeadEnd).map(step => step.key)]
  const leaving = closure(ends, key => steps.filter(step => leads.get(step.key)?.includes(key)).map(step => step.key))
  const caught = steps.filter(({ key }) => reached.has(key) && !leaving.has(key)).map(step => step.key)
  if (caught.length === 0) return
  const index = steps.findIndex(step => step.key === caught[0])
  const message = `A task never gets out of ${listed(caught)}, except by a limit.`
  report.warn(['steps', index], 'loop_without_exit', message, 'Add a handoff that leads on or to `complete`.')
}

/** What can be got to from these keys, themselves included. */
function closure(from: string[], next: (key: string) => string[]): Set<string> {
  const found = new Set(from)
  for (const key of found) for (const other of next(key)) found.add(other)
  return found
}
