/** The lint of a wait: that it waits for one thing, that it ends, and that its handoffs name events that it waits for. */
import { nearest } from '../../nearest.ts'
import { isTimezone } from '../../schedule/cron.ts'
import { momentOf } from '../../schedule/moment.ts'
import { lintDuration } from '../../workflow/lint/common.ts'
import { type LintPath, type Report, suggestion } from '../../workflow/lint/item.ts'
import { type Handoff, RESERVED_LABELS } from '../../workflow/parts.ts'
import { namesOf, namesText, type Wait, type WaitJob } from './wait-shape.ts'

const EXAMPLE = 'Wait `for: 3d`, `until: "{{ input.date }}"`, or for an `event: reply`.'

/** Lints a wait; `path` is that of its step. */
export function lintWait({ wait, frame }: WaitJob, path: LintPath, report: Report): void {
  const at = [...path, 'wait']
  lintOneThing(wait, at, report)
  lintDuration(wait.for, [...at, 'for'], report)
  lintUntil(wait, at, report)
  lintLabels(wait, frame.handoffs ?? [], path, report)
  const names = namesOf(wait)
  if (names.length === 0) return
  for (const name of names.filter(each => (RESERVED_LABELS as readonly string[]).includes(each))) {
    const message = `\`${name}\` is a word of the format: an event of this name could not be told from it.`
    report.error([...at, 'event'], 'bad_value', message, 'Give the event another name.')
  }
  const handoffs = frame.handoffs ?? []
  if (
    wait.for !== undefined &&
    handoffs.length > 0 &&
    !handoffs.some(({ when }) => when === 'timeout' || when === 'failed')
  ) {
    const message = `When ${namesText(names)} does not come within ${wait.for}, a task fails here: no handoff takes \`timeout\`.`
    report.warn(
      [...path, 'handoffs'],
      'missing_fallback',
      message,
      'Add a handoff such as `{ when: timeout, to: complete }`.',
    )
  }
  if (wait.for === undefined) {
    const message = `When ${namesText(names)} never comes, a task waits here without end.`
    report.warn(at, 'endless_wait', message, 'Say how long with `for: 7d`, and hand off `when: timeout`.')
  }
}

/** Labels that no wait gives are told of every kind; here those that this one does not give. */
function lintLabels(wait: Wait, handoffs: readonly Handoff[], path: LintPath, report: Report): void {
  const names = namesOf(wait)
  for (const [index, { when }] of handoffs.entries()) {
    if (when === undefined || when === 'default' || when === 'ok' || when === 'unsure' || names.includes(when)) continue
    const at = [...path, 'handoffs', index, 'when']
    if (names.length > 0) {
      if (when === 'failed' || (when === 'timeout' && wait.for !== undefined)) continue
      const never =
        when === 'timeout' ? 'It waits without end, so it is never over.' : `It does not wait for an event \`${when}\`.`
      const add = when === 'timeout' ? 'Say how long with `for: 7d`.' : `Add \`${when}\` to \`event\`.`
      report.warn(
        at,
        'label_never_given',
        never,
        when === 'timeout' ? add : suggestion(nearest(when, names), names, add),
      )
    } else if (when !== 'done' && !(when === 'failed' && wait.until !== undefined)) {
      const message = `A wait for a time never comes out as \`${when}\`.`
      report.warn(at, 'label_never_given', message, 'Use `done`, or leave the handoff out.')
    }
  }
}

function lintOneThing(wait: Wait, at: LintPath, report: Report): void {
  const { event, until, timezone, if: condition } = wait
  if (event === undefined && until === undefined && wait.for === undefined) {
    return report.error(at, 'missing_field', 'It is not said what is waited for.', EXAMPLE)
  }
  if (until !== undefined && (event !== undefined || wait.for !== undefined)) {
    const message = '`until` waits for a moment; nothing else can be waited for in the same step.'
    report.error([...at, 'until'], 'bad_value', message, `Keep one of them. ${EXAMPLE}`)
  }
  if (timezone !== undefined && until === undefined) {
    const message = '`timezone` says by whose clock `until` is meant, and there is no `until`.'
    report.error([...at, 'timezone'], 'bad_value', message, 'Leave it out.')
  }
  if (condition !== undefined && event === undefined) {
    const message = '`if` says which events are taken, and there is no `event`.'
    report.error([...at, 'if'], 'bad_value', message, 'Leave it out, or name the `event`.')
  }
}

function lintUntil({ until, timezone = 'UTC' }: Wait, at: LintPath, report: Report): void {
  if (!isTemplate(timezone) && !isTimezone(timezone)) {
    const fix = 'Use an IANA name, for instance `Europe/Berlin` or `America/New_York`.'
    return report.error([...at, 'timezone'], 'bad_value', `\`${timezone}\` is not a time zone.`, fix)
  }
  if (until === undefined || isTemplate(until) || isTemplate(timezone) || momentOf(until, timezone) !== null) return
  const fix = 'Write it like `2027-01-31` or `2027-01-31T09:00`, or take it from the input: `{{ input.date }}`.'
  report.error([...at, 'until'], 'bad_time', `\`${until}\` is neither an ISO time nor a date.`, fix)
}

function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%')
}
