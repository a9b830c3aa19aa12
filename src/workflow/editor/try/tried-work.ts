/** Which work of a step calls the outside and can be tried: its own, that of a branch, or that on the first item; pure. */
import { withFiles } from '../../../domain/file/file.ts'
import { renderNamingFiles } from '../../../domain/file/given.ts'
import type { Branch } from '../../../domain/handler/parts/branch.ts'
import type { Scope } from '../../../domain/template/scope.ts'
import type { Step } from '../../../domain/workflow/definition.ts'

/** How the work on each item is named where branches have their names. */
export const EACH = 'each'

export type CallingWork = Pick<Branch, 'http' | 'tool' | 'with'>

/** The names of the work that calls; '': the step's own. */
export function callsIn(step: Step): string[] {
  if (calls(step)) return ['']
  if (step.parallel !== undefined)
    return Object.entries(step.parallel.branches).flatMap(([name, branch]) => (calls(branch) ? [name] : []))
  return calls(step.map?.do as Branch | undefined) ? [EACH] : []
}

function calls(work: CallingWork | undefined): boolean {
  return work?.http !== undefined || work?.tool !== undefined
}

/** The work of this name, and what it reads; or why there is none, in words. */
export function workAt(
  step: Step,
  name: string,
  scope: Scope,
): { ok: true; work: CallingWork; scope: Scope } | { ok: false; message: string } {
  const missing = { ok: false as const, message: 'The step calls nothing there yet.' }
  if (!callsIn(step).includes(name)) return missing
  if (step.map === undefined) {
    const work = name === '' ? step : step.parallel?.branches[name]
    return work === undefined ? missing : { ok: true, work, scope }
  }
  const { over, as = 'item', do: work } = step.map
  const list = renderNamingFiles(over, scope)
  if (!list.ok) return list
  const [item] = Array.isArray(list.value) ? list.value : []
  if (item === undefined) return { ok: false, message: 'The list of this task has no item.' }
  const files = new Map((scope.files ?? []).map(file => [(file as { id: string }).id, file]))
  return { ok: true, work: work as Branch, scope: { ...scope, [as]: withFiles(item, files), index: 0 } }
}
