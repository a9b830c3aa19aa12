/** What pages say of human steps: who is waited for, by which rules they decide, and what happens when they do not. */
import { shortName } from '../../address.ts'
import type { Remind } from '../../schedule/remind.ts'
import { stepName } from '../../workflow/parts.ts'
import type { Words } from '../handler.ts'
import { needingLabels } from './human-form.ts'
import { type Human, type HumanJob, labelsOf } from './human-shape.ts'

const ROLE = 'role:'

/** "ana@acme.test, then 2 of role:admin (Boss)". */
export function whoOf({ assign = [], stages }: Human): string {
  if (stages === undefined) return assign.length > 0 ? assign.join(', ') : 'nobody yet'
  const said = stages.map(({ name, assign: people, needs = 1 }) => {
    const who = `${needs > 1 ? `${needs} of ` : ''}${people.join(', ')}`
    return name === undefined ? who : `${who} (${name})`
  })
  return said.join(', then ')
}

/** "who has not decided is reminded 1d and 2h before it is due, and every 1d". */
function remindText({ before = [], every }: Remind): string {
  if (before.length === 0 && every === undefined) return 'nobody is reminded'
  const when = [
    before.length > 0 && `${before.join(' and ')} before it is due`,
    every !== undefined && `every ${every}`,
  ].filter(Boolean)
  return `who has not decided is reminded ${when.join(', and ')}`
}

export const HUMAN_WORDS: Words<HumanJob> = {
  who: 'a person',
  work: 'who is asked, or what for,',
  lesson: ({ human: { assign = [], stages } }) => {
    const people = (stages?.[0]?.assign ?? assign).map(one =>
      one.startsWith(ROLE) ? `one of the ${one.slice(ROLE.length)}s` : shortName(one),
    )
    return `Tasks pause here until ${people.length > 0 ? people.join(' or ') : 'a person'} decides.`
  },
  rule: job => {
    const { frame, human: own } = job
    const { needs = 1, stages, requester, reason = [], remind, undo, risk, sample } = own
    const who = whoOf(own)
    const more = [
      stages === undefined && needs > 1 && `${needs} people must approve`,
      requester === false && 'whoever started the task may not decide',
      reason.length > 0 && `${reason.join(', ')} needs a note`,
      frame.output !== undefined && `${needingLabels(job, labelsOf(job)).join(', ')} needs its fields filled in`,
      risk === 'high' && 'deciding by link needs the code from its message',
      remind !== undefined && remindText(remind),
      undo !== undefined && `a decision can be undone for ${undo}`,
      sample !== undefined && `1 in ${sample} is looked at once 20 in a row were approved unchanged`,
    ].filter(Boolean)
    const labels = labelsOf(job).join(', ')
    return `“${stepName(frame)}” is decided by ${who} (${labels})${more.length > 0 ? `; ${more.join('; ')}` : ''}.`
  },
  late: ({ frame, human: { due, overdue } }) => {
    if (!due) return null
    const then = overdue?.assign
      ? `${overdue.assign.join(', ')} is asked, too`
      : overdue?.handoff
        ? `“${overdue.handoff}” is decided`
        : 'the card shows it as overdue'
    return `“${stepName(frame)}” not decided within ${due}: ${then}.`
  },
}
