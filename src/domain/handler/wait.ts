/** The kind `wait`: nobody works, and the task goes on by itself once a time is over or an event from outside is there. */
import { evaluateEvent } from '../handoff/condition.ts'
import type { JsonSchema } from '../json/json.ts'
import { isTimezone } from '../schedule/cron.ts'
import { momentOf } from '../schedule/moment.ts'
import { renderText } from '../template/template.ts'
import { shorten } from '../text/cut.ts'
import { durationMs } from '../workflow/parts.ts'
import type { Handler, Start, View } from './handler.ts'
import { lintWait } from './parts/wait-lint.ts'
import { namesOf, namesText, type Wait, type WaitJob, waitSchema, waitText } from './parts/wait-shape.ts'

const shape = { wait: waitSchema.optional() }
type Own = { wait?: Wait }

export const wait: Handler<WaitJob, Own> = {
  shape,
  settings: [],
  words: {
    who: 'a wait',
    work: 'what it waits for',
    lesson: job => `Tasks wait here ${waitText(job.wait)}, then go on by themselves.`,
    rule: ({ frame, wait: own }) => `“${frame.name ?? frame.key}” waits ${waitText(own)}.`,
  },
  gives: ['done', 'failed', 'timeout'],
  chooses: null,
  read: step => ({ kind: 'wait', frame: step, wait: step.wait ?? {} }),
  labels: job => {
    const names = namesOf(job.wait)
    return names.length === 0 ? ['done'] : names
  },
  outputSchema: job => (namesOf(job.wait).length === 0 ? NOTHING : ANYTHING),
  texts: ({ wait: own }) => {
    if (own === undefined) return []
    const templates = (['until', 'timezone'] as const).flatMap(key =>
      own[key] === undefined ? [] : [{ path: ['wait', key], text: own[key] }],
    )
    const weighs = { path: ['wait', 'if'], text: own.if ?? '', expression: true as const, weighs: true as const }
    return own.if === undefined ? templates : [...templates, weighs]
  },
  lint: (job, path, _around, report) => lintWait(job, path, report),
  spends: null,
  begin: (job, view) => [startOf(job.wait, view)],
  takes: ({ wait: { if: condition } }, scope, event) => {
    if (condition === undefined) return { verdict: 'taken' }
    const evaluated = evaluateEvent(condition, scope, { ...event })
    const { reads } = evaluated
    if ('error' in evaluated) return { verdict: 'error', error: evaluated.error, reads }
    return evaluated.verdict ? { verdict: 'taken' } : { verdict: 'no_match', reads }
  },
  missed: ({ wait: own }) => `${namesText(namesOf(own))} did not come within ${own.for ?? 'its time'}.`,
  judge: (_job, { handoff }) => ({ kind: 'completed', label: handoff ?? 'done' }),
}

const NOTHING: JsonSchema = { type: 'null' }
const ANYTHING: JsonSchema = {}

function startOf(own: Wait, view: View): Start {
  // What is published was linted, so it is a length of time.
  const end = own.for === undefined ? null : view.now + (durationMs(own.for) ?? 0)
  const names = namesOf(own)
  if (names.length > 0) return { kind: 'awaiting', until: end, names }
  return own.until === undefined ? { kind: 'awaiting', until: end ?? view.now } : untilStart(own.until, own, view)
}

function untilStart(until: string, { timezone = 'UTC' }: Wait, view: View): Start {
  const scope = view.scope()
  const [moment, zone] = [renderText(until, scope), renderText(timezone, scope)]
  if (!moment.ok) return failed('template', moment.message)
  if (!zone.ok) return failed('template', zone.message)
  const where = zone.text.trim()
  if (!isTimezone(where)) return failed('bad_time', `\`timezone\` came to ${said(where)}, which is no time zone.`)
  const at = momentOf(moment.text, where)
  if (at === null)
    return failed('bad_time', `\`until\` came to ${said(moment.text)}, which is no ISO time and no date.`)
  return { kind: 'awaiting', until: at }
}

function said(text: string): string {
  return text.trim() === '' ? 'nothing' : JSON.stringify(shorten(text.trim(), 80))
}

function failed(code: 'template' | 'bad_time', message: string): Start {
  return { kind: 'failed', failure: { code, message, retryable: false } }
}
