/** The lint of who owns a workflow. Who is asked at its steps is the business of the handler `human`. */
import { isJudged } from '../../handler/of-step.ts'
import type { Definition } from '../definition.ts'
import { lintPerson } from './common.ts'
import type { Report } from './item.ts'
import type { Known } from './known.ts'

/** Lints the workflow's owner: whoever is asked where a model is unsure. */
export function lintOwner({ owner, steps }: Definition, known: Known, report: Report): void {
  const asks = steps.some(step => isJudged(step) && !step.handoffs?.some(({ when }) => when === 'unsure'))
  const fix = 'Name a member of the team as `owner`.'
  if (owner === undefined) {
    const message = 'Nobody owns this workflow: where a model is unsure, all owners of the team will be asked.'
    if (asks) report.warn(['owner'], 'no_owner', message, fix)
  } else if (known.former?.includes(owner.toLowerCase())) {
    const message = `${owner} has left the team: the team's owners will be asked and told instead.`
    report.warn(['owner'], 'no_owner', message, fix)
  } else lintPerson(owner, ['owner'], known, report)
}
