/** Time saved as it is shown: the sum, how it comes about, and the form in which a workflow's time before is set. */
import { type Baseline, explainSaved } from '../../domain/metrics/saved.ts'
import { Button } from '../../http/components/button.tsx'
import { TextField } from '../../http/components/field.tsx'
import type { Saved } from './saved.ts'

/** A span of people's work in hours, as a day of theirs is no 24 of them: "41 h 20 min", "− 2 h". */
export function workHours(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000)
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  const text = [
    ...(hours > 0 ? [`${hours.toLocaleString('en')} h`] : []),
    ...(rest > 0 || hours === 0 ? [`${rest} min`] : []),
  ]
  return `${ms < 0 && minutes > 0 ? '− ' : ''}${text.join(' ')}`
}

interface View {
  saved: Saved | null
  before: Saved | null
  /** The tasks that are done, of a workflow. */
  listOf(workflow: string): string
  nameOf(workflow: string): string
  /** null: of all workflows. */
  edit: EditBaseline | null
}

export interface EditBaseline {
  /** The workflow. */
  id: string
  baseline: Baseline | null
  mayChange: boolean
  wrong?: Wrong
}

export interface Wrong {
  path: keyof Baseline
  message: string
  given: Record<string, string>
}

export const TimeSaved = ({ saved, before, listOf, nameOf, edit }: View) => (
  <section class="stack" aria-labelledby="time-saved">
    <h2 id="time-saved">Time saved</h2>
    {saved === null ? (
      <p class="secondary">
        {edit === null
          ? 'Say on the metrics of a workflow how long a task took people without Baton, and what is saved is added up here.'
          : 'Say how long one of these tasks took a person without Baton, and what is saved is told here.'}
      </p>
    ) : (
      <>
        <p>
          <strong>{workHours(saved.ms)}</strong> of people’s work
          {before !== null && <span class="secondary">, {workHours(before.ms)} in the span before</span>}.
        </p>
        <ul class="small">
          {saved.workflows.map(one => (
            <li>
              {edit === null && (
                <>
                  <a href={`/workflows/${one.workflow}/metrics`} hx-ignore>
                    {nameOf(one.workflow)}
                  </a>
                  : {workHours(one.ms)} ={' '}
                </>
              )}
              <a href={listOf(one.workflow)}>{explainSaved(one.baseline, one)}</a>
            </li>
          ))}
        </ul>
      </>
    )}
    {edit?.mayChange && <BaselineForm {...edit} />}
  </section>
)

const BaselineForm = ({ id, baseline, wrong }: EditBaseline) => {
  const field = (name: keyof Baseline) => ({
    name,
    value: wrong?.given[name] ?? baseline?.[name]?.toString() ?? '',
    error: wrong?.path === name ? wrong.message : undefined,
    inputmode: 'decimal' as const,
    required: false,
  })
  return (
    <details class="explain" open={wrong !== undefined}>
      <summary>{baseline === null ? 'Say how long it took before' : 'Change how long it took before'}</summary>
      <form class="form narrow" method="post" action={`/workflows/${id}/baseline`}>
        <TextField
          label="Minutes a person needed for one task without Baton"
          {...field('minutes')}
          hint="Empty: time saved is not told."
        />
        <TextField
          label="Minutes people still need where they decide"
          {...field('ownMinutes')}
          hint="Taken off for each task in which people decided. Baton cannot see how long somebody thinks: without it nothing is taken off."
        />
        <div class="form-actions">
          <Button>Save</Button>
        </div>
      </form>
    </details>
  )
}
