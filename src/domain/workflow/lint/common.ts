/** Findings that several rules of the lint share: lengths of time, people, labels. */
import { nearest } from '../../nearest.ts'
import { durationMs } from '../parts.ts'
import { type LintPath, listed, type Report, suggestion } from './item.ts'
import type { Known } from './known.ts'

const ROLES = ['owner', 'admin', 'member']
const ADDRESS = /^[^\s@]+@[^\s@]+$/

/** Lints a length of time. */
export function lintDuration(text: string | undefined, path: LintPath, report: Report): void {
  if (text === undefined || (durationMs(text) ?? 0) > 0) return
  report.error(path, 'bad_duration', `\`${text}\` is not a length of time.`, 'Write it like `90s`, `5m`, `2h` or `3d`.')
}

/** Lints somebody who is to be asked: an address, or a role of the team. */
export function lintPerson(person: string, path: LintPath, { members, former = [] }: Known, report: Report): void {
  if (person.startsWith('guest:') && ADDRESS.test(person.slice('guest:'.length))) return
  if (person.startsWith('role:')) {
    const role = person.slice('role:'.length)
    if (ROLES.includes(role)) return
    report.error(path, 'bad_assignee', `There is no role \`${role}\`.`, suggestion(nearest(role, ROLES), ROLES, ''))
  } else if (!ADDRESS.test(person)) {
    const fix = 'Write an e-mail address, or a role such as `role:admin`.'
    report.error(path, 'bad_assignee', `\`${person}\` is neither an address nor a role.`, fix)
  } else if (former.includes(person.toLowerCase())) {
    const message = `${person} has left this team and counts as nobody: the owners will be asked instead.`
    report.warn(path, 'outside_person', message, `Name somebody else, or \`guest:${person}\` if a guest is meant.`)
  } else if (!members.some(member => member.toLowerCase() === person.toLowerCase())) {
    const message = `${person} is not in this team and will be asked by link, as a guest.`
    report.warn(path, 'outside_person', message, 'Invite them to the team, if they belong to it.')
  }
}

/** Lints a label that is to be one of the step's. */
export function lintLabel(label: string | undefined, labels: string[], path: LintPath, report: Report): void {
  if (label === undefined || labels.includes(label)) return
  const message = `\`${label}\` is not a label of this step; it has ${listed(labels)}.`
  const near = nearest(label, labels)
  const fix =
    near === null ? `Add a handoff with \`when: ${label}\`, or use another label.` : `Did you mean \`${near}\`?`
  report.error(path, 'unknown_label', message, fix)
}
