/** Schedules on a workflow's page of intakes: read as sentences, run and paused by a button, changed in place, made by a form. */
import { Tag } from '../../http/components/badge.tsx'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { Select, TextArea, TextField } from '../../http/components/field.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { DuplicatesField, EventFields, eventGiven } from '../views/setting-fields.tsx'
import type { ScheduleView } from './view.ts'

/** A schedule that was filled in wrongly; it is shown again. */
export interface Faulty {
  /** The one it was about; null: a new one. */
  id: string | null
  message: string
  given: Record<string, string>
}

export const ScheduleSection = ({
  workflow,
  schedules,
  faulty,
  canChange,
}: {
  workflow: string
  schedules: ScheduleView[]
  faulty: Faulty | null
  canChange: boolean
}) => (
  <section class="section stack" id="schedules">
    <h2>Schedules</h2>
    {schedules.length === 0 && (
      <p class="secondary">A schedule starts a task at set times, in a time zone of your choice.</p>
    )}
    {schedules.map(schedule => (
      <ScheduleCard
        at={`/workflows/${workflow}/intakes/${schedule.id}`}
        schedule={schedule}
        faulty={faulty?.id === schedule.id ? faulty : null}
        canChange={canChange}
      />
    ))}
    {canChange && (
      <Settings
        title="New schedule"
        id="new"
        action={`/workflows/${workflow}/intakes/new`}
        given={DEFAULTS}
        faulty={faulty?.id === null ? faulty : null}
        button="Make schedule"
      />
    )}
  </section>
)

const DEFAULTS = { name: '', cron: '0 9 * * 1-5', timezone: 'UTC', overlap: 'allow', catchUp: 'last', input: '' }

interface CardProps {
  /** What can be done to it lies below this path. */
  at: string
  schedule: ScheduleView
  faulty: Faulty | null
  canChange: boolean
}

const ScheduleCard = ({ at, schedule, faulty, canChange }: CardProps) => {
  const { id, name, sentence, settings, next, notes, slots, input } = schedule
  const given = {
    name,
    input,
    cron: settings.cron,
    timezone: settings.timezone,
    overlap: settings.overlap,
    catchUp: settings.catchUp,
    ...eventGiven(settings.event),
    duplicates: settings.duplicates ?? '',
  }
  return (
    <article class="panel stack" id={id}>
      <header class="row">
        <h3 hx-ignore>{name}</h3>
        {settings.paused && <Tag>paused</Tag>}
      </header>
      <p>
        {sentence}.{' '}
        <span class="secondary">
          {HOW.overlap[settings.overlap]} {HOW.catchUp[settings.catchUp]}
        </span>
      </p>
      {next.length > 0 && (
        <>
          <h4>Next five runs, {settings.timezone}</h4>
          <ol class="small">
            {next.map(({ at, text }) => (
              <li>
                <time datetime={new Date(at).toISOString()}>{text}</time>
              </li>
            ))}
          </ol>
        </>
      )}
      {notes.map(note => (
        <Notice icon="clock">{note}</Notice>
      ))}
      {canChange && (
        <div class="row">
          <Act id={id} act="run" icon="play">
            Run now
          </Act>
          {settings.paused ? (
            <Act id={id} act="resume" icon="play">
              Resume
            </Act>
          ) : (
            <Act id={id} act="pause" icon="pause">
              Pause
            </Act>
          )}
          <ButtonLink href={`${at}/delete`} size="small" look="quiet" icon="trash">
            Close
          </ButtonLink>
        </div>
      )}
      <Slots slots={slots} />
      {canChange && (
        <Settings title="Change" id={id} action={`/intakes/${id}/change`} given={given} faulty={faulty} button="Save" />
      )}
    </article>
  )
}

const HOW = {
  overlap: {
    allow: 'Starts even while the previous task is open.',
    skip: 'Skips a run while the previous task is open.',
    queue: 'Waits while the previous task is open.',
  },
  catchUp: {
    none: 'Missed runs are skipped.',
    last: 'Of missed runs the last is made up for.',
    all: 'Missed runs of the last 24 hours are made up for, ten at most.',
  },
}

/** A button that does one thing to a schedule. */
const Act = ({ id, act, icon, children }: { id: string; act: string; icon: 'play' | 'pause'; children: string }) => (
  <form method="post" action={`/intakes/${id}/${act}`}>
    <Button size="small" icon={icon}>
      {children}
    </Button>
  </form>
)

interface SettingsProps {
  title: string
  /** Makes the fields' ids differ from those of other schedules. */
  id: string
  action: string
  given: Record<string, string>
  faulty: Faulty | null
  button: string
}

/** A schedule's settings, folded until they are wanted or wrong. */
const Settings = ({ title, id, action, given, faulty, button }: SettingsProps) => (
  <details class="explain" open={faulty !== null}>
    <summary>{title}</summary>
    <form class="form panel" method="post" action={action}>
      {faulty && <ErrorNotice>{faulty.message}</ErrorNotice>}
      <Fields id={id} given={faulty?.given ?? given} />
      <div class="form-actions">
        <Button>{button}</Button>
      </div>
    </form>
  </details>
)

const Slots = ({ slots }: Pick<ScheduleView, 'slots'>) => {
  if (slots.length === 0) return <p class="small secondary">No run yet.</p>
  return (
    <section class="table-scroll" aria-label="Runs" tabindex={0}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">What became of it</th>
          </tr>
        </thead>
        <tbody>
          {slots.map(({ text, slot, until, verdict, task, reason, byHand }) => (
            <tr>
              <td>
                {text}
                {until > slot && (
                  <>
                    {' '}
                    to <Time at={until} />
                  </>
                )}
                {byHand === 1 && <span class="secondary"> by hand</span>}
              </td>
              <td>
                {task === null ? verdict : <a href={`/tasks/${task}`}>{verdict}</a>}
                {reason !== null && <span class="small secondary"> {reason}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const Fields = ({ id, given }: { id: string; given: Record<string, string> }) => (
  <>
    <TextField
      id={`${id}-name`}
      name="name"
      label="Name"
      value={given.name ?? ''}
      maxlength={120}
      placeholder="Schedule"
      required={false}
    />
    <TextField
      id={`${id}-cron`}
      name="cron"
      label="When (cron)"
      value={given.cron ?? ''}
      hint="Minute, hour, day of month, month, day of week: 0 9 * * 1-5 is 9:00 on weekdays."
      required
    />
    <TextField
      id={`${id}-timezone`}
      name="timezone"
      label="Time zone"
      value={given.timezone ?? ''}
      hint="Such as Europe/Berlin."
      required
    />
    <TextArea
      id={`${id}-input`}
      name="input"
      label="Input, as JSON"
      value={given.input ?? ''}
      hint={'Texts are Liquid over slot and schedule: {"date": "{{ slot }}"}.'}
      rows={3}
      code
      required={false}
    />
    <Select
      id={`${id}-overlap`}
      name="overlap"
      label="While the previous task is open"
      value={given.overlap ?? 'allow'}
      options={[
        { value: 'allow', label: 'Start anyway' },
        { value: 'skip', label: 'Skip the run' },
        { value: 'queue', label: 'Wait for it' },
      ]}
    />
    <Select
      id={`${id}-catchUp`}
      name="catchUp"
      label="Missed runs"
      value={given.catchUp ?? 'last'}
      options={[
        { value: 'last', label: 'Make up for the last' },
        { value: 'all', label: 'Make up for all of 24 hours, ten at most' },
        { value: 'none', label: 'Skip them' },
      ]}
    />
    <DuplicatesField id={`${id}-`} given={given} fault={null} />
    <EventFields id={`${id}-`} given={given} fault={null} over="slot and schedule; the input is its data" />
  </>
)
