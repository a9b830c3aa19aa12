/** The page of a team's working hours: a form for owners and admins, which others read. */
import { Button } from '../../http/components/button.tsx'
import { Notice } from '../../http/components/feedback.tsx'
import { TextArea, TextField } from '../../http/components/field.tsx'
import { Settings } from '../settings-frame.tsx'
import { type Given, WEEK } from './form.ts'

interface HoursProps {
  given: Given
  wrong?: { path: string; message: string }
  admin: boolean
}

const DAYS = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
}

export const HoursPage = ({ given, wrong, admin }: HoursProps) => {
  const field = (name: string) => ({
    name,
    value: given[name] ?? '',
    error: wrong?.path === name ? wrong.message : undefined,
    readonly: !admin,
    required: false,
  })
  return (
    <Settings at="hours">
      <header class="page-head">
        <div>
          <h1>Working hours</h1>
          <p>
            A step that is due in “2 working days” counts these. Nobody is reminded outside of them. They hold for what
            is asked from now on.
          </p>
        </div>
      </header>
      <form class="stack narrow" method="post" action="/settings/hours">
        {!admin && <Notice>Owners and admins change these.</Notice>}
        <section class="panel form">
          <h2>Your week</h2>
          <TextField label="Time zone" {...field('timezone')} hint="Such as Europe/Berlin. Budgets follow it, too." />
          {WEEK.map((day, index) => (
            <TextField
              label={DAYS[day]}
              {...field(`hours.${day}`)}
              placeholder="Free"
              hint={index === 0 ? 'Such as 09:00-17:00, or 09:00-12:00, 13:00-17:00.' : undefined}
            />
          ))}
          <TextArea
            label="Holidays"
            name="holidays"
            value={given.holidays ?? ''}
            readonly={!admin}
            rows={4}
            error={wrong?.path === 'holidays' ? wrong.message : undefined}
            hint="One date a line, such as 2026-12-25."
          />
        </section>
        <section class="panel form">
          <h2>Reminders</h2>
          <TextField
            label="So long before it is due"
            {...field('remind.before')}
            placeholder="None"
            hint="Such as 1d, 2h. For human steps that set no reminders of their own, in tasks that begin from now on."
          />
          <TextField
            label="And every"
            {...field('remind.every')}
            placeholder="Never"
            hint="Such as 1d, while somebody has not decided or answered; for calls that ask and questions of models, too."
          />
        </section>
        {admin && <Button look="primary">Save</Button>}
      </form>
    </Settings>
  )
}
