/** How it looks before somebody is away or leaves: what waits for them, and to whom it goes. */
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { Notice } from '../../http/components/feedback.tsx'
import { Check, Select, TextField } from '../../http/components/field.tsx'
import type { Planned } from '../hand-over.ts'

interface Whom {
  member: { id: string; name: string; email: string }
  isSelf: boolean
}

interface AwayView extends Whom {
  others: { email: string; name: string }[]
  backup: string | null
  awayUntil: number | null
  /** The last day away by the team's clock, if there is one. */
  day: string
  timezone: string
  now: number
  problem?: string
  /** Shown before it is confirmed. */
  planned?: Planned[]
}

export const AwayPage = ({ view }: { view: AwayView }) => {
  const { member, isSelf, others, backup, awayUntil, day, timezone, planned, problem, now } = view
  const isAway = planned === undefined && awayUntil !== null && awayUntil > now
  return (
    <form class="form narrow" method="post" action={`/settings/people/${member.id}/away`}>
      <h1>{isSelf ? 'You are away' : <span hx-ignore>{nameOf(member)} is away</span>}</h1>
      <p>
        Meanwhile questions go to who stands in: at once, on each task’s record. Without anybody named they go to the
        others of the step’s role, else to the workflow’s owner, else to the team’s owners.
      </p>
      <TextField
        label="Last day away"
        name="until"
        type="date"
        aria-required="true"
        value={day}
        error={problem}
        hint={`Until its end (${timezone}). Then new questions come again by themselves; what was handed over stays.`}
      />
      <Select
        label="Who stands in"
        name="backup"
        value={backup ?? ''}
        options={[
          { value: '', label: 'Nobody in particular' },
          ...others.map(each => ({ value: each.email, label: nameOf(each) })),
        ]}
        hint="Also for good, should the member leave the team."
      />
      {planned !== undefined && <Plan planned={planned} />}
      <div class="form-actions">
        {planned === undefined ? (
          <Button look="primary" name="do" value="look">
            Look where it goes
          </Button>
        ) : (
          <Button look="primary" name="do" value="set">
            Confirm
          </Button>
        )}
        {isAway && (
          <Button name="do" value="back">
            {isSelf ? 'I am back' : 'They are back'}
          </Button>
        )}
        <ButtonLink href="/settings/people" look="quiet">
          Cancel
        </ButtonLink>
      </div>
    </form>
  )
}

export const RemovePage = ({ member, isSelf, planned, keys }: Whom & { planned: Planned[]; keys: string[] }) => (
  <form class="form" method="post" action={`/settings/people/${member.id}/remove`}>
    <h1>{isSelf ? 'Leave the team?' : <span hx-ignore>Remove {nameOf(member)}?</span>}</h1>
    <p>
      {isSelf
        ? 'You are signed out and see nothing of this team any more. Somebody has to invite you to come back.'
        : 'They are signed out everywhere at once, and the links they were sent are dead. What they did stays on record; they can be invited again.'}
    </p>
    <Plan planned={planned} />
    {keys.length > 0 && (
      <Check
        name="keys"
        value="revoke"
        checked
        label={`Revoke the ${keys.length === 1 ? 'key' : `${keys.length} keys`} of their making`}
        hint={`${keys.join(', ')}. Whoever made a key has seen it. What still uses one needs another first.`}
      />
    )}
    <div class="form-actions">
      <Button look="danger" icon={isSelf ? 'sign-out' : 'trash'}>
        {isSelf ? 'Leave the team' : 'Remove from the team'}
      </Button>
      <ButtonLink href="/settings/people" look="quiet">
        Cancel
      </ButtonLink>
    </div>
  </form>
)

const Plan = ({ planned }: { planned: Planned[] }) =>
  planned.length === 0 ? (
    <Notice icon="check">Nothing waits for them now.</Notice>
  ) : (
    <section class="stack-tight">
      <h2>What waits, and to whom it goes</h2>
      <section class="table-scroll" aria-label="What waits" tabindex={0}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Task</th>
              <th scope="col">Question</th>
              <th scope="col">Goes to</th>
            </tr>
          </thead>
          <tbody>
            {planned.map(({ task, title, workflow, stepName, to }) => (
              <tr>
                <th scope="row">
                  <a href={`/tasks/${task}`} hx-ignore>
                    {title}
                  </a>
                </th>
                <td hx-ignore>
                  {stepName} <span class="secondary">in {workflow}</span>
                </td>
                <td hx-ignore>{to === null ? 'stays: nobody else can decide it' : to.join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {planned.length >= SHOWN && <p class="secondary">These are the first; all the others go the same way.</p>}
    </section>
  )

const SHOWN = 50

function nameOf({ name, email }: { name: string; email: string }): string {
  return name || email
}
