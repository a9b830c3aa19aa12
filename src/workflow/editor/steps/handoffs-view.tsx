/** Where a step routes to: its handoffs in order, each with a label or condition and a target; and a way to try them. */
import { chooserOf, givesOf, outcomesOf } from '../../../domain/handler/of-step.ts'
import type { Step } from '../../../domain/workflow/definition.ts'
import { COMPLETE, RESERVED_LABELS, stepName } from '../../../domain/workflow/parts.ts'
import { Button } from '../../../http/components/button.tsx'
import { ErrorNotice } from '../../../http/components/feedback.tsx'
import { Icon } from '../../../http/components/icon.tsx'
import type { Values } from '../../forms/form-values.ts'
import { COMPARISONS, fieldsFor, partsOf, valuesOf } from '../../forms/handoff-form.ts'
import { TRY, Trial } from '../try/trial-view.tsx'
import type { StepView } from './step.ts'

const MOST = 20

export const HandoffsForm = ({ view }: { view: StepView }) => {
  const values = view.sent ?? valuesOf(view.step.handoffs ?? [])
  const count = Object.keys(values).filter(name => name.startsWith('to-') && values[name] !== '').length
  const rows = Math.min(MOST, count + 1)
  const mistake = view.mistake?.form === 'handoffs' ? view.mistake : null
  const by = outcomesBy(view.step)
  const labels: string[] =
    by === 'person' ? ['approved', 'rejected'] : [...outcomesOf(view.step), ...givesOf(view.step)]
  return (
    <form
      class="form panel"
      id="handoffs"
      method="post"
      action={`/workflows/${view.workflow}/edit/steps/${view.step.key}/handoffs`}
    >
      <h3>Routes to</h3>
      <p class="secondary small">
        {ABOUT[by]}Tried from the top; the first that fits is taken. One without label and condition takes everything
        else.
      </p>
      {mistake && <ErrorNotice>{mistake.message}</ErrorNotice>}
      <input type="hidden" name="revision" value={view.revision} />
      {/* Enter in a field saves; it must not press the first row's buttons. */}
      <button type="submit" class="visually-hidden" name="do" value="save" tabindex={-1}>
        Save
      </button>
      <datalist id="labels">
        {[...new Set([...labels, ...RESERVED_LABELS])].map(label => (
          <option value={label} />
        ))}
      </datalist>
      <datalist id="fields">
        {fieldsFor(view.step, view.definition).map(field => (
          <option value={field} />
        ))}
      </datalist>
      <ol class="handoffs" data-sort-rows>
        {Array.from({ length: rows }, (_, index) => (
          <Row values={values} index={index} isNew={index >= count} last={count - 1} view={view} by={by} />
        ))}
      </ol>
      <div class="form-actions">
        <Button look="primary" name="do" value="save">
          Save the routes
        </Button>
      </div>
      <TryIt view={view} values={values} />
    </form>
  )
}

/** What tells a step's outcomes apart: what a person chose, which event came, or nothing but how it went. */
type By = 'person' | 'event' | 'itself'

function outcomesBy(step: Step): By {
  if (chooserOf(step) === 'person') return 'person'
  return step.wait?.event === undefined ? 'itself' : 'event'
}

const ABOUT: Record<By, string> = {
  person: 'Each label is a button that the person sees. ',
  event: 'The outcome is the name of the event that came; timeout, when none did. ',
  itself: '',
}

interface RowProps {
  values: Values
  index: number
  isNew: boolean
  last: number
  view: StepView
  by: By
}

const Row = ({ values, index, isNew, last, view, by }: RowProps) => {
  const name = (part: string) => `${part}-${index}`
  const label = isNew ? 'New route' : `Route ${index + 1}`
  const given = (...parts: string[]) => parts.some(part => Boolean(values[name(part)]))
  // What a row says stands open; of the rest, what this kind of step mostly needs.
  const outcome = (
    <OutcomeField
      values={values}
      index={index}
      by={by}
      hint={isNew ? (outcomesOf(view.step)[0] ?? '') : 'anything else'}
    />
  )
  const outcomeFirst = by !== 'itself'
  const builder = <Builder values={values} index={index} />
  const cel = <CelField values={values} index={index} />
  return (
    <li class="handoff" data-new={isNew ? '' : undefined}>
      <fieldset class="handoff-fields">
        <legend class="field-label">
          {!isNew && (
            <span class="handoff-grip needs-js" aria-hidden="true">
              <Icon name="grip" size={14} />
            </span>
          )}
          {label}
        </legend>
        <input type="hidden" name={name('was')} value={values[name('was')]} />
        {outcomeFirst ? outcome : builder}
        <Labelled id={name('to')} label="go to">
          <select class="input" id={name('to')} name={name('to')}>
            <option value="">{isNew ? 'Choose a step' : 'Nowhere (remove)'}</option>
            {targetsOf(view).map(([key, words]) => (
              <option value={key} selected={key === values[name('to')]}>
                {words}
              </option>
            ))}
          </select>
        </Labelled>
        <details
          class="explain"
          open={outcomeFirst ? given('if', 'field') : given('when') || isLong(values[name('if')])}
        >
          <summary>{outcomeFirst ? 'Only under a condition' : 'By outcome, or in CEL'}</summary>
          <div class="handoff-fields">
            {outcomeFirst ? builder : outcome}
            {cel}
          </div>
        </details>
      </fieldset>
      {!isNew && <RowButtons index={index} last={last} />}
    </li>
  )
}

const WHEN: Record<By, string> = {
  person: 'When they choose',
  event: 'When this comes',
  itself: 'When the outcome is',
}

const OutcomeField = ({ values, index, by, hint }: Pick<RowProps, 'values' | 'index' | 'by'> & { hint: string }) => (
  <Labelled id={`when-${index}`} label={WHEN[by]}>
    <input
      class="input"
      id={`when-${index}`}
      name={`when-${index}`}
      value={values[`when-${index}`]}
      list="labels"
      maxlength={80}
      placeholder={by === 'person' ? 'approved' : by === 'event' ? hint : 'anything'}
    />
  </Labelled>
)

const Builder = ({ values, index }: Pick<RowProps, 'values' | 'index'>) => {
  const name = (part: string) => `${part}-${index}`
  return (
    <div class="edit-pair">
      <Labelled id={name('field')} label="If the field">
        <input
          class="input"
          id={name('field')}
          name={name('field')}
          value={values[name('field')]}
          list="fields"
          placeholder="always"
        />
      </Labelled>
      <Labelled id={name('op')} label="Comparison">
        <select class="input" id={name('op')} name={name('op')}>
          {Object.entries(COMPARISONS).map(([value, words]) => (
            <option value={value} selected={value === values[name('op')]}>
              {words}
            </option>
          ))}
        </select>
      </Labelled>
      <Labelled id={name('value')} label="Value">
        <input class="input" id={name('value')} name={name('value')} value={values[name('value')]} />
      </Labelled>
    </div>
  )
}

const CelField = ({ values, index }: Pick<RowProps, 'values' | 'index'>) => (
  <Labelled id={`if-${index}`} label="and if (CEL)">
    <input
      class="input input--code"
      id={`if-${index}`}
      name={`if-${index}`}
      value={values[`if-${index}`]}
      maxlength={2000}
      spellcheck={false}
      placeholder="always"
    />
  </Labelled>
)

/** Moving and removing without a mouse, and without a script. */
const RowButtons = ({ index, last }: Pick<RowProps, 'index' | 'last'>) => (
  <div class="row">
    {index > 0 && (
      <Button size="small" look="quiet" name="do" value={`up-${index}`}>{`Move route ${index + 1} up`}</Button>
    )}
    {index < last && (
      <Button size="small" look="quiet" name="do" value={`down-${index}`}>{`Move route ${index + 1} down`}</Button>
    )}
    <Button
      size="small"
      look="quiet"
      icon="trash"
      name="do"
      value={`remove-${index}`}
    >{`Remove route ${index + 1}`}</Button>
  </div>
)

/** Tries the routes as they stand in the form, saved or not. */
const TryIt = ({ view, values }: { view: StepView; values: Values }) => {
  const action = `/workflows/${view.workflow}/edit/steps/${view.step.key}/try`
  const outcomes = [...new Set([...outcomesOf(view.step), 'done', ...givesOf(view.step)])]
  return (
    <details class="edit-section" id="try" open={view.trial !== null}>
      <summary>Try the routes</summary>
      <div class="form">
        <Labelled id="past" label="On what came out of this step for">
          <select class="input" id="past" name="past" hx-ignore>
            {view.tasks.map(({ id, title }, index) => (
              <option value={id} selected={id === values.past}>
                {index === 0 ? `the latest task: ${title}` : title}
              </option>
            ))}
            <option value="sample" selected={values.past === 'sample'}>
              sample values
            </option>
          </select>
        </Labelled>
        <Labelled id="pasted" label="or on this output, as JSON or text">
          <textarea class="input input--code" id="pasted" name="pasted" rows={3} spellcheck={false}>
            {values.pasted}
          </textarea>
        </Labelled>
        <Labelled id="outcome" label="With the outcome">
          <select class="input" id="outcome" name="outcome">
            <option value="">as it was</option>
            {outcomes.map(outcome => (
              <option value={outcome} selected={outcome === values.outcome}>
                {outcome}
              </option>
            ))}
          </select>
        </Labelled>
        <div>
          <Button icon="play" size="small" formaction={`${action}#try`} formnovalidate {...TRY} hx-post={action}>
            Try it
          </Button>
        </div>
        <div id="trial" aria-live="polite">
          {view.trial && <Trial trial={view.trial} />}
        </div>
      </div>
    </details>
  )
}

const Labelled = ({ id, label, children }: { id: string; label: string; children?: unknown }) => (
  <div class="field">
    <label class="field-label" for={id}>
      {label}
    </label>
    {children}
  </div>
)

/** Steps in board order, then the end; a target that is not there stays choosable, as it is what the draft says. */
function targetsOf({ definition, step }: StepView): [string, string][] {
  const steps = definition.steps.map((one): [string, string] => [
    one.key,
    one.key === step.key ? `${stepName(one)} (again)` : stepName(one),
  ])
  const known = new Set([...steps.map(([key]) => key), COMPLETE])
  const lost = (step.handoffs ?? []).filter(handoff => !known.has(handoff.to))
  return [...steps, [COMPLETE, 'Complete'], ...lost.map((one): [string, string] => [one.to, `${one.to} (not there)`])]
}

/** A condition that the builder cannot show. */
function isLong(cel: string | undefined): boolean {
  return cel !== undefined && cel !== '' && partsOf(cel) === null
}
