/** The kind `wait` in the editor: how long, until when, or for which events, and what happens when none of them comes. */
import { namesOf, type Wait, waitText } from '../../../domain/handler/parts/wait-shape.ts'
import { isTimezone } from '../../../domain/schedule/cron.ts'
import { momentOf } from '../../../domain/schedule/moment.ts'
import { renderText } from '../../../domain/template/template.ts'
import { type Step, stepOf } from '../../../domain/workflow/definition.ts'
import { COMPLETE, durationMs, stepName } from '../../../domain/workflow/parts.ts'
import { Select, TextField } from '../../../http/components/field.tsx'
import { compact, inOrder, listOf, mistake, type Values, wordOf } from '../../forms/form-values.ts'
import { DURATION } from '../../forms/times-form.ts'
import type { FieldsProps, HandlerPages } from './pages.ts'

const ORDER = ['for', 'until', 'timezone', 'event', 'if']
const OFFERS = {
  wait: { label: 'Wait: a time that must pass', begin: { for: '1d' } },
  wait_until: { label: 'Wait: a moment that must come', begin: { until: '{{ input.date }}' } },
  wait_event: { label: 'Wait: an event from outside, such as a reply', begin: { event: 'reply', for: '7d' } },
} satisfies Record<string, { label: string; begin: Wait }>

export const wait: HandlerPages<'wait'> = {
  name: 'Wait',
  about: 'a time that must pass, or an event from outside',
  offers: () => Object.entries(OFFERS).map(([value, { label }]) => ({ value, label })),
  begin: offer => {
    if (!Object.hasOwn(OFFERS, offer)) return null
    const { begin: wait } = OFFERS[offer as keyof typeof OFFERS]
    // That silence has an outcome of its own is nothing that one must know.
    return 'event' in wait ? { wait, handoffs: [{ when: 'timeout', to: COMPLETE }] } : { wait }
  },
  Fields,
  marks: ['wait_for', 'wait_until', 'wait_timezone', 'wait_event', 'wait_if', 'wait_most'],
  values: ({ wait: own }) => {
    const names = namesOf(own)
    return {
      wait_what: whatOf(own),
      wait_for: names.length === 0 ? own.for : undefined,
      wait_until: own.until,
      wait_timezone: own.timezone,
      wait_event: names.join(', '),
      wait_if: own.if,
      wait_most: names.length > 0 ? own.for : undefined,
    }
  },
  read: (values, before) => {
    const read = READ[whatIn(values)](values, before.wait)
    return 'own' in read ? { ok: true, own: { wait: inOrder(compact(read.own), before.wait, ORDER) } } : read
  },
  sends: {
    whose: 'What it waits for',
    render: ({ wait: own }, scope) => {
      const { until, timezone = 'UTC' } = own
      if (until === undefined) return { ok: true, text: `It waits ${waitText(own)}.` }
      const [moment, zone] = [renderText(until, scope), renderText(timezone, scope)]
      if (!moment.ok) return moment
      if (!zone.ok) return zone
      const at = isTimezone(zone.text.trim()) ? momentOf(moment.text, zone.text.trim()) : null
      return at === null
        ? { ok: false, message: `“${moment.text}” in “${zone.text}” is no time to wait for.` }
        : { ok: true, text: `It waits until ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC.` }
    },
  },
  line: job => `Waits ${waitText(job.wait)}.`,
}

type What = 'for' | 'until' | 'event'
type Read = { own: Wait } | ReturnType<typeof mistake>

function whatOf({ event, until }: Wait): What {
  if (event !== undefined) return 'event'
  return until === undefined ? 'for' : 'until'
}

/** Forms that say nothing of it are about a length of time. */
function whatIn({ wait_what: what }: Values): What {
  return what === 'until' || what === 'event' ? what : 'for'
}

const READ: Record<What, (values: Values, before: Wait) => Read> = {
  for: values => {
    const text = wordOf(values, 'wait_for')
    return text === undefined || !isLong(text) ? mistake('wait_for', DURATION) : { own: { for: text } }
  },
  until: values => {
    const [until, timezone] = [wordOf(values, 'wait_until'), wordOf(values, 'wait_timezone')]
    if (until === undefined) return mistake('wait_until', 'Say until when, such as {{ input.date }} or 2027-01-31.')
    if (timezone !== undefined && !timezone.includes('{{') && !isTimezone(timezone))
      return mistake('wait_timezone', 'Give a time zone by its name, such as Europe/Berlin.')
    return { own: { until, timezone } }
  },
  event: (values, before) => {
    const names = listOf(wordOf(values, 'wait_event'))
    const [first] = names
    if (first === undefined) return mistake('wait_event', 'Name at least one event, such as reply.')
    const most = wordOf(values, 'wait_most')
    if (most !== undefined && !isLong(most)) return mistake('wait_most', DURATION)
    const single = names.length === 1 && !Array.isArray(before.event)
    return { own: { event: single ? first : names, if: wordOf(values, 'wait_if'), for: most } }
  },
}

function isLong(text: string): boolean {
  return (durationMs(text) ?? 0) > 0
}

function Fields({ view, error }: FieldsProps) {
  const { values } = view
  return (
    <div class="form wait-form">
      <Select
        label="Waits for"
        name="wait_what"
        value={whatIn(values)}
        options={[
          { value: 'for', label: 'A length of time' },
          { value: 'until', label: 'A moment' },
          { value: 'event', label: 'An event from outside' },
        ]}
      />
      <div class="wait-part wait-part--for">
        <TextField
          label="How long"
          name="wait_for"
          value={values.wait_for}
          aria-required="true"
          maxlength={20}
          error={error('wait_for')}
          hint="Such as 30s, 5m, 2h or 3d. Tasks go on by themselves then."
        />
      </div>
      <div class="wait-part wait-part--until edit-pair">
        <TextField
          label="Until"
          name="wait_until"
          value={values.wait_until}
          aria-required="true"
          maxlength={2000}
          error={error('wait_until')}
          hint="An ISO time or a date, such as {{ input.date }} or 2027-01-31T09:00. What is past is done at once."
        />
        <TextField
          label="By the clock of"
          name="wait_timezone"
          value={values.wait_timezone}
          maxlength={200}
          placeholder="UTC"
          error={error('wait_timezone')}
          hint="A time zone such as Europe/Berlin, for times that name no offset."
        />
      </div>
      <div class="wait-part wait-part--event form">
        <EventFields view={view} error={error} />
      </div>
    </div>
  )
}

const EventFields = ({ view: { values, step, definition }, error }: FieldsProps) => (
  <>
    <TextField
      label="Events"
      name="wait_event"
      value={values.wait_event}
      aria-required="true"
      error={error('wait_event')}
      hint="Names between commas, such as reply, unsubscribe. The first to come decides the route; its data is the output. An answer to a task’s mail is the event reply."
    />
    <TextField
      label="Only if"
      name="wait_if"
      value={values.wait_if}
      maxlength={2000}
      error={error('wait_if')}
      hint="A condition over the event, such as event.data.from == input.email. Events that do not fit are kept for later waits."
    />
    <TextField
      label="At most"
      name="wait_most"
      value={values.wait_most}
      maxlength={20}
      error={error('wait_most')}
      hint={nothingComes(step, definition)}
    />
  </>
)

/** What happens when nothing comes, as the step's handoffs have it now. */
function nothingComes(step: Step, definition: FieldsProps['view']['definition']): string {
  const { handoffs = [] } = step
  const { to } = ['timeout', 'failed'].flatMap(label => handoffs.find(({ when }) => when === label) ?? [])[0] ?? {}
  if (to === undefined)
    return 'Such as 7d; when nothing comes until then, the task fails, unless a handoff takes “timeout”. Empty: it waits without end.'
  const target = stepOf(definition, to)
  const where = to === COMPLETE ? 'is done' : `goes to “${target === undefined ? to : stepName(target)}”`
  return `Such as 7d; when nothing comes until then, the task ${where}. Empty: it waits without end.`
}
