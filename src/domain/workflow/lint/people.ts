/** The lint of who owns a workflow. Who is asked at its steps is the business of the handler `human`. */
import type { Definition } from '../definition.ts'
import { lintPerson } from './common.ts'
import type { Report } from './item.ts'
import type { Known } from './known.ts'

/** Lints the workflow's owner. */
export function lintOwner({ owner }: Definition, known: Known, report: Report): void {
  if (owner !== undefined) lintPerson(owner, ['owner'], known, report)
}
