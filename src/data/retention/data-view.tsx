/** The page of a team's data: how long it is kept, a rehearsal of what would go, and the archives. */
import type { Retention } from '../../domain/retention.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { Notice } from '../../http/components/feedback.tsx'
import { Check, TextField } from '../../http/components/field.tsx'
import { HeadWithActions } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { ArchiveRow } from '../../records/data/archives.ts'
import type { Rehearsed } from '../../records/data/retention.ts'
import type { FoundTask } from '../../records/task/searched.ts'
import { Settings } from '../../team/settings-frame.tsx'

interface DataProps {
  given: Retention
  wrong?: { path: string; message: string }
  rehearsed?: Rehearsed
  archives: ArchiveRow[]
  /** Whether there is one to keep archives in. */
  bucket: boolean
  /** Whose data is looked for; '': nobody's. */
  person: string
  found: FoundTask[] | null
}

export const DataPage = (props: DataProps) => (
  <Settings at="data">
    <header class="page-head">
      <div>
        <h1>Data</h1>
        <p>
          How long the team keeps what is over. What is older is written to an archive and then deleted, hour by hour.
          Figures stay.
        </p>
      </div>
    </header>
    <div class="stack">
      <RetentionForm {...props} />
      <Archives archives={props.archives} bucket={props.bucket} />
      <PersonalData person={props.person} found={props.found} />
      <section class="panel stack-tight" aria-labelledby="export">
        <h2 id="export">Save everything</h2>
        <p class="secondary">
          A zip archive of all that the team has, without secrets: definitions with their versions, people, settings,
          the audit log, and tasks with their logs and files, 1,000 tasks at a time. Its README.txt says after which
          task the next part begins.
        </p>
        <form class="form form--inline" method="post" action="/settings/data/export">
          <TextField label="After the task" name="after" placeholder="The beginning" autocomplete="off" />
          <Button>Save everything</Button>
        </form>
      </section>
      <section class="panel stack-tight" aria-labelledby="end">
        <h2 id="end">Delete this team</h2>
        <p class="secondary">With everything in it, 7 days after you said so by its name.</p>
        <p>
          <ButtonLink href="/settings/data/end">Delete this team…</ButtonLink>
        </p>
      </section>
    </div>
  </Settings>
)

/** Tasks that tell of somebody, each with the way to delete it and what the audit quotes of it. */
const PersonalData = ({ person, found }: Pick<DataProps, 'person' | 'found'>) => (
  <section class="panel stack-tight" aria-labelledby="person">
    <h2 id="person">Personal data of one person</h2>
    <p class="secondary">
      Finds tasks by words of their titles, keys, inputs, outputs and comments. Words of files are not among them, and
      archives that were made before keep what they hold.
    </p>
    <form class="form form--inline" method="get" action="/settings/data">
      <TextField label="Mail address, name or other words" name="person" value={person} autocomplete="off" />
      <Button icon="search">Find</Button>
    </form>
    {found?.length === 0 && <p>No task tells of that.</p>}
    {found !== null && found.length > 0 && (
      <ul class="stack-tight">
        {found.map(({ id, title, status, workflowName }) => (
          <li>
            <a href={`/tasks/${id}`} hx-ignore>
              {title}
            </a>{' '}
            <span class="secondary" hx-ignore>
              {workflowName}, {status}
            </span>{' '}
            <a href={`/tasks/${id}/erase?text=${encodeURIComponent(person)}`}>Erase it there…</a>{' '}
            <a href={`/tasks/${id}/delete?erase=yes`}>Delete and erase…</a>
          </li>
        ))}
      </ul>
    )}
  </section>
)

const RetentionForm = ({ given, wrong, rehearsed, bucket }: DataProps) => {
  const { auditDays, taskDays } = given
  const error = (name: string) => (wrong?.path === name ? wrong.message : undefined)
  return (
    <form class="panel form narrow" method="post" action="/settings/data/retention">
      <h2>How long things are kept</h2>
      <TextField
        label="Audit log, in days"
        name="auditDays"
        inputmode="numeric"
        required
        value={Number.isNaN(auditDays) ? '' : String(auditDays)}
        error={error('auditDays')}
        hint="From 90 days to 7 years (2,557 days)."
      />
      <TextField
        label="Tasks that are done or cancelled, in days"
        name="taskDays"
        inputmode="numeric"
        value={taskDays === null ? '' : String(taskDays)}
        error={error('taskDays')}
        placeholder="Kept"
        hint="Counted from their end. Leave it empty to keep them."
      />
      {!bucket && (
        <Check
          name="unarchived"
          value="yes"
          checked={given.unarchived}
          label="Delete without an archive. No bucket is bound, so nothing is deleted otherwise."
        />
      )}
      {rehearsed && (
        <Notice>
          <p>
            <Rehearsal told={rehearsed} />
          </p>
        </Notice>
      )}
      <div class="form-actions">
        <Button look="primary">Save</Button>
        <Button name="rehearse" value="yes" formmethod="get" formaction="/settings/data">
          See what would be deleted
        </Button>
      </div>
    </form>
  )
}

const Rehearsal = ({ told: { rows, oldestRow, tasks, oldestTask } }: { told: Rehearsed }) => {
  if (rows + tasks === 0) return <>Nothing is as old as that: nothing would be deleted.</>
  return (
    <>
      This would delete {many(rows, 'row')} of the audit log
      {oldestRow !== null && (
        <>
          , the oldest of <Day at={oldestRow} />,
        </>
      )}{' '}
      and {many(tasks, 'task')}
      {oldestTask !== null && (
        <>
          , the first of which ended on <Day at={oldestTask} />
        </>
      )}
      .
    </>
  )
}

const Day = ({ at }: { at: number }) => <time datetime={new Date(at).toISOString()}>{day(at)}</time>

function day(at: number): string {
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
}

function many(n: number, what: string): string {
  return `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`
}

const Archives = ({ archives, bucket }: Pick<DataProps, 'archives' | 'bucket'>) => (
  <section class="panel stack-tight" aria-labelledby="archives">
    <h2 id="archives">Archives</h2>
    {archives.length === 0 ? (
      <p class="secondary">
        {bucket ? 'Nothing was archived yet.' : 'There are none: this Baton has no bucket (README, “Deploy”).'}
      </p>
    ) : (
      <>
        <p class="secondary">
          JSON Lines, gzip. The contents of tasks’ files lie beside them (`GET /api/v1/archives/:id/content?file=`).
          What you delete here is nowhere any more.
        </p>
        <div class="table-scroll">
          <table class="table">
            <HeadWithActions names={['Made', 'Holds', 'Of', 'Size', 'SHA-256']} />
            <tbody>
              {archives.map(archive => (
                <ArchiveLine archive={archive} />
              ))}
            </tbody>
          </table>
        </div>
      </>
    )}
  </section>
)

const ArchiveLine = ({ archive }: { archive: ArchiveRow }) => {
  const { id, kind, rows, fromAt, toAt, bytes, sha256, createdAt, status } = archive
  const path = `/settings/data/archives/${id}`
  return (
    <tr>
      <td>
        <Time at={createdAt} />
      </td>
      <td>
        <a href={path} download>
          {many(rows ?? 0, kind === 'audit' ? 'row' : 'task')}
        </a>
      </td>
      <td>
        {day(fromAt ?? 0)} to {day(toAt ?? 0)}
      </td>
      <td>{Math.max(1, Math.round((bytes ?? 0) / 1024)).toLocaleString('en-US')} KB</td>
      <td>
        <code title={sha256 ?? ''}>{sha256?.slice(0, 12)}…</code>
      </td>
      <td>
        {status === 'done' && (
          <form method="post" action={`${path}/delete`}>
            <Button size="small" look="danger">
              Delete
            </Button>
          </form>
        )}
      </td>
    </tr>
  )
}
