/** Schedules on a workflow's page of intakes: read as sentences, run and paused by a button, changed in place, made by a form. */
import { Tag } from '../../http/components/badge.tsx'
import { Button } from '../../http/components/button.tsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { Select, TextArea, TextField } from '../../http/components/field.tsx'
import { Time } from '../../http/components/time.tsx'
import type { ScheduleView } from './view.ts'

/** What was filled in and is wrong; it is shown again. */
export interface Faulty {
  /** The intake it was about; null: a new one. */
  id: string | null
  kind: string
  message: string
  given: Record<string, string>
}

export const ScheduleSection = ({
  workflow,
  schedules,
  faulty,
}: {
  workflow: string
  schedules: ScheduleView[]
  faulty: Faulty | null
}) => (
  <section class="section stack" id="schedules">
    <h2>Schedules</h2>
    {schedules.length === 0 && (
      <p class="secondary">A schedule starts a task at set times, in a time zone of your choice.</p>
    )}
    {schedules.map(schedule => (
      <ScheduleCard schedule={schedule} faulty={faulty?.id === schedule.id ? faulty : null} />
    ))}
    <details class="explain" open={faulty?.kind === 'schedule' && faulty.id === null}>
      <summary>New schedule</summary>
      <form class="form" method="post" action={`/workflows/${workflow}/intakes/new`}>
        <input type="hidden" name="kind" value="schedule" />
        {faulty?.kind === 'schedule' && faulty.id === null && <ErrorNotice>{faulty.message}</ErrorNotice>}
        <Fields id="new" given={faulty?.id === null ? faulty.given : DEFAULTS} />
        <div class="form-actions">
          <Button>Make schedule</Button>
        </div>
      </form>
    </details>
  </section>
)

const DEFAULTS = { name: '', cron: '0 9 * * 1-5', timezone: 'UTC', overlap: 'allow', catchUp: 'last', input: '' }

const ScheduleCard = ({ schedule, faulty }: { schedule: ScheduleView; faulty: Faulty | null }) => {
  const { id, name, sentence, settings, next, notes, slots, input } = schedule
  const given = {
    name,
    input,
    cron: settings.cron,
    timezone: settings.timezone,
    overlap: settings.overlap,
    catchUp: settings.catchUp,
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
      </div>
      <Slots slots={slots} />
      <details class="explain" open={faulty !== null}>
        <summary>Change</summary>
        <form class="form" method="post" action={`/intakes/${id}/change`}>
          {faulty && <ErrorNotice>{faulty.message}</ErrorNotice>}
          <Fields id={id} given={faulty?.given ?? given} />
          <div class="form-actions">
            <Button>Save</Button>
          </div>
        </form>
        <Act id={id} act="close" icon="trash">
          Close this schedule
        </Act>
      </details>
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

/** A button that does one thing to an intake. */
export const Act = ({
  id,
  act,
  icon,
  children,
}: {
  id: string
  act: string
  icon: 'play' | 'pause' | 'trash'
  children: string
}) => (
  <form method="post" action={`/intakes/${id}/${act}`}>
    <Button size="small" look={act === 'close' ? 'danger' : 'plain'} icon={icon}>
      {children}
    </Button>
  </form>
)

const Slots = ({ slots }: Pick<ScheduleView, 'slots'>) => {
  if (slots.length === 0) return <p class="small secondary">No run yet.</p>
  return (
    <div class="table-scroll">
      <table class="table">
        <thead>
          <tr>
            <th>Run</th>
            <th>What became of it</th>
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
    </div>
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
  </>
)
