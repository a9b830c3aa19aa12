/** The lint of human steps: who is asked, what they may choose, and what happens when they do not. */
import { nearest } from '../../nearest.ts'
import { type Definition, type Human, labelsOf, type Step } from '../definition.ts'
import type { Known } from '../lint.ts'
import { labelList } from './handoffs.ts'
import { type LintPath, type Report, suggestion } from './item.ts'

const ROLES = ['owner', 'admin', 'member']
const ADDRESS = /^[^\s@]+@[^\s@]+$/

/** Lints every human step, and the workflow's owner. */
export function lintPeople(definition: Definition, known: Known, report: Report): void {
  if (definition.owner !== undefined) lintPerson(definition.owner, ['owner'], known, report)
  for (const [index, step] of definition.steps.entries()) {
    if (step.human !== undefined) lintHuman(step, step.human, ['steps', index, 'human'], definition, known, report)
  }
}

function lintHuman(
  step: Step,
  human: Human,
  path: LintPath,
  definition: Definition,
  known: Known,
  report: Report,
): void {
  for (const [index, person] of (human.assign ?? []).entries())
    lintPerson(person, [...path, 'assign', index], known, report)
  for (const [index, person] of (human.overdue?.assign ?? []).entries()) {
    lintPerson(person, [...path, 'overdue', 'assign', index], known, report)
  }
  lintCount(human, path, report)
  lintEdits(step, human, path, definition, report)
  lintLabels(step, human, path, report)
  if (human.overdue !== undefined && human.due === undefined) {
    report.warn(
      [...path, 'overdue'],
      'overdue_without_due',
      'Without `due` the step is never overdue.',
      'Add `due`, such as `2d`.',
    )
  }
}

function lintPerson(person: string, path: LintPath, { members }: Known, report: Report): void {
  if (person.startsWith('role:')) {
    const role = person.slice('role:'.length)
    if (ROLES.includes(role)) return
    report.error(path, 'bad_assignee', `There is no role \`${role}\`.`, suggestion(nearest(role, ROLES), ROLES, ''))
  } else if (!ADDRESS.test(person)) {
    const fix = 'Write an e-mail address, or a role such as `role:admin`.'
    report.error(path, 'bad_assignee', `\`${person}\` is neither an address nor a role.`, fix)
  } else if (!members.some(member => member.toLowerCase() === person.toLowerCase())) {
    const message = `${person} is not in this team and will be asked by link, as a guest.`
    report.warn(path, 'outside_person', message, 'Invite them to the team, if they belong to it.')
  }
}

function lintCount({ assign = [], needs = 1 }: Human, path: LintPath, report: Report): void {
  if (assign.length === 0) {
    report.warn(
      path,
      'nobody_assigned',
      'Nobody is assigned: tasks will be stuck here.',
      'Add `assign` with an address or `role:admin`.',
    )
  } else if (
    !assign.some(name => name.startsWith('role:')) &&
    new Set(assign.map(name => name.toLowerCase())).size < needs
  ) {
    report.warn(
      [...path, 'needs'],
      'too_few_people',
      `${needs} people must approve, but fewer are assigned.`,
      'Assign more people or lower `needs`.',
    )
  }
}

function lintEdits({ key }: Step, { edits }: Human, path: LintPath, { steps }: Definition, report: Report): void {
  const others = steps.map(step => step.key).filter(name => name !== key)
  if (edits === undefined || others.includes(edits)) return
  const message =
    edits === key ? 'A person cannot edit the output of their own step.' : `There is no step \`${edits}\`.`
  report.error([...path, 'edits'], 'unknown_step', message, suggestion(nearest(edits, others), others, 'Leave it out.'))
}

function lintLabels(step: Step, human: Human, path: LintPath, report: Report): void {
  const labels = labelsOf(step)
  lintLabel(human.approve, [...path, 'approve'], step, report)
  lintLabel(human.overdue?.handoff, [...path, 'overdue', 'handoff'], step, report)
  for (const [index, label] of (human.reason ?? []).entries())
    lintLabel(label, [...path, 'reason', index], step, report)
  const approving = human.approve ?? (labels.includes('approved') ? 'approved' : labels[0])
  if (human.overdue?.handoff !== undefined && human.overdue.handoff === approving) {
    const message = `\`${approving}\` is the approving label: nobody may approve by letting time pass.`
    report.error(
      [...path, 'overdue', 'handoff'],
      'overdue_approves',
      message,
      'Choose another label, or `assign` someone else.',
    )
  }
}

function lintLabel(label: string | undefined, path: LintPath, step: Step, report: Report): void {
  const labels = labelsOf(step)
  if (label === undefined || labels.includes(label)) return
  const message = `\`${label}\` is not a label of this step; it has ${labelList(step)}.`
  const near = nearest(label, labels)
  const fix =
    near === null ? `Add a handoff with \`when: ${label}\`, or use another label.` : `Did you mean \`${near}\`?`
  report.error(path, 'unknown_label', message, fix)
}
