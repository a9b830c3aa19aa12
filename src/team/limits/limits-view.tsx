/** The page of a team's limits: a form for owners and admins, which others read. */

import { dollars } from '../../domain/money.ts'
import { type Stretch, stretchOf } from '../../domain/team-limits.ts'
import { Button } from '../../http/components/button.tsx'
import { Notice } from '../../http/components/feedback.tsx'
import { TextField } from '../../http/components/field.tsx'
import { Settings } from '../settings-frame.tsx'
import type { Given } from './form.ts'

/** USD of a budget that are spent, and held back for calls under way; `limit` null: there is no budget. */
interface Spent {
  spent: number
  reserved: number
  limit: number | null
}

export interface Spending {
  day: Spent
  month: Spent
}

interface LimitsProps {
  given: Given
  wrong?: { path: string; message: string }
  now: number
  timezone: string
  /** null: nobody knows. */
  spending: Spending | null
  admin: boolean
}

export const LimitsPage = ({ given, wrong, now, timezone, spending, admin }: LimitsProps) => {
  const field = (name: string) => ({
    name,
    value: given[name] ?? '',
    error: wrong?.path === name ? wrong.message : undefined,
    readonly: !admin,
    inputmode: 'decimal' as const,
    placeholder: 'No limit',
    required: false,
  })
  return (
    <Settings at="limits">
      <header class="page-head">
        <div>
          <h1>Limits</h1>
          <p>Beyond a limit tasks wait, say what they wait for, and go on by themselves. Nothing fails.</p>
        </div>
      </header>
      <form class="stack narrow" method="post" action="/settings/limits">
        {!admin && <Notice>Owners and admins change these.</Notice>}
        <section class="panel form">
          <h2>Budget of the team</h2>
          <TextField label="USD a day" {...field('budget.day')} hint={`Today, until ${endOf('day', timezone, now)}.`} />
          <Bar label="Spent today" of={spending?.day} />
          <TextField label="USD a month" {...field('budget.month')} hint={`Until ${endOf('month', timezone, now)}.`} />
          <Bar label="Spent this month" of={spending?.month} />
          <TextField
            label="Time zone"
            {...field('timezone')}
            inputmode="text"
            placeholder="UTC"
            hint="Days and months begin by this clock. Such as Europe/Berlin."
          />
        </section>
        <section class="panel form">
          <h2>Budget of a task</h2>
          <TextField
            label="USD a task"
            {...field('taskBudget')}
            hint="Holds for new tasks of workflows that set no cost limit of their own. A task that reaches it asks how to go on."
          />
        </section>
        <section class="panel form">
          <h2>Pace of providers</h2>
          <p class="secondary">How much a provider of models is asked, over all tasks of the team.</p>
          <div class="table-scroll">
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">Provider</th>
                  <th scope="col">At a time</th>
                  <th scope="col">A minute</th>
                </tr>
              </thead>
              <tbody>
                {rowsOf(given).map(index => (
                  <PaceRow given={given} wrong={wrong} index={index} admin={admin} />
                ))}
              </tbody>
            </table>
          </div>
          {wrong?.path.startsWith('provider_') && <p class="field-error">{wrong.message}</p>}
        </section>
        <section class="panel form">
          <h2>Pile of decisions</h2>
          <TextField
            label="Open decisions of one person"
            {...field('waiting')}
            inputmode="numeric"
            hint="From so many on, model steps that lead straight to that person wait, so that no drafts are bought that nobody reads in time."
          />
        </section>
        {admin && (
          <div class="form-actions">
            <Button look="primary">Save</Button>
          </div>
        )}
      </form>
    </Settings>
  )
}

/** How much of a budget is used; nothing, where there is no budget. */
const Bar = ({ label, of }: { label: string; of: Spent | undefined }) => {
  if (of === undefined || of.limit === null) return null
  const { spent, reserved, limit } = of
  return (
    <div class="stack-tight">
      <progress aria-label={label} value={Math.min(spent + reserved, limit)} max={limit} />
      <p class="small">
        {label}: {dollars(spent)} of {dollars(limit)}
        {reserved > 0 && `, and ${dollars(reserved)} is held back for calls under way`}.
      </p>
    </div>
  )
}

const PACE = { name: 'Provider', parallel: 'Calls at a time', perMinute: 'Calls a minute' }

const PaceRow = ({
  given,
  wrong,
  index,
  admin,
}: Pick<LimitsProps, 'given' | 'wrong' | 'admin'> & { index: number }) => (
  <tr>
    {Object.entries(PACE).map(([part, label]) => {
      const name = `provider_${index}_${part}`
      const of = part === 'name' ? '' : ` of ${given[`provider_${index}_name`] || 'another provider'}`
      return (
        <td>
          <input
            class="input"
            type="text"
            name={name}
            value={given[name] ?? ''}
            aria-label={`${label}${of}`}
            aria-invalid={wrong?.path === name ? 'true' : undefined}
            inputmode={part === 'name' ? 'text' : 'numeric'}
            placeholder={part === 'name' ? 'Another provider' : 'No limit'}
            readonly={!admin}
          />
        </td>
      )
    })}
  </tr>
)

function rowsOf(given: Given): number[] {
  return Object.keys(given)
    .flatMap(name => /^provider_(\d+)_name$/.exec(name)?.[1] ?? [])
    .map(Number)
}

/** "28 Nov 2026, 23:00 UTC". */
function endOf(period: 'day' | 'month', timezone: string, now: number): string {
  const { to }: Stretch = stretchOf(period, timezone, now)
  const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: timezone })
  return `${date.format(to)} (${timezone})`
}
