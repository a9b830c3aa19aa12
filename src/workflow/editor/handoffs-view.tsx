/** Where a step routes to: its handoffs in order, each with a label, a condition and a target; a builder writes the condition. */
import { COMPLETE, type Handoff, handlerOf, RESERVED_LABELS, stepName } from '../../domain/workflow/definition.ts'
import { Button } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { COMPARISONS, fieldsFor } from '../handoff-form.ts'
import type { Values } from '../step-form.ts'
import type { StepView } from './step-view.tsx'

const MOST = 20

export const HandoffsForm = ({ view }: { view: StepView }) => {
  const values = view.sent ?? valuesOf(view.step.handoffs ?? [])
  const count = Object.keys(values).filter(name => name.startsWith('to-') && values[name] !== '').length
  const rows = Math.min(MOST, count + 1)
  const mistake = view.mistake?.form === 'handoffs' ? view.mistake : null
  const labels = handlerOf(view.step) === 'human' ? ['approved', 'rejected'] : ['failed', 'timeout', 'unsure']
  return (
    <form
      class="form panel"
      id="handoffs"
      method="post"
      action={`/workflows/${view.workflow}/edit/steps/${view.step.key}/handoffs`}
    >
      <h3>Routes to</h3>
      <p class="secondary small">
        Tried from the top; the first that fits is taken. One without label and condition takes everything else.
      </p>
      {mistake && <ErrorNotice>{mistake.message}</ErrorNotice>}
      <input type="hidden" name="revision" value={view.revision} />
      {/* Enter in a field saves; it must not press the first row's buttons. */}
      <button type="submit" class="visually-hidden" name="do" value="save" tabindex={-1}>
        Save
      </button>
      <datalist id="labels">
        {[...labels, ...RESERVED_LABELS.filter(label => !labels.includes(label))].map(label => (
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
          <Row values={values} index={index} isNew={index >= count} last={count - 1} view={view} />
        ))}
      </ol>
      <div class="form-actions">
        <Button look="primary" name="do" value="save">
          Save the routes
        </Button>
      </div>
    </form>
  )
}

const Row = (props: { values: Values; index: number; isNew: boolean; last: number; view: StepView }) => {
  const { values, index, isNew, last, view } = props
  const name = (part: string) => `${part}-${index}`
  const label = isNew ? 'New route' : `Route ${index + 1}`
  return (
    <li class="handoff" data-new={isNew ? '' : undefined}>
      <fieldset class="handoff-fields">
        <legend class="field-label">{label}</legend>
        <Labelled id={name('when')} label="When the outcome is">
          <input
            class="input"
            id={name('when')}
            name={name('when')}
            value={values[name('when')]}
            list="labels"
            maxlength={80}
            placeholder="anything"
          />
        </Labelled>
        <Labelled id={name('if')} label="and if (CEL)">
          <input
            class="input input--code"
            id={name('if')}
            name={name('if')}
            value={values[name('if')]}
            maxlength={2000}
            spellcheck={false}
            placeholder="always"
          />
        </Labelled>
        <details class="edit-section" open={Boolean(values[name('field')])}>
          <summary>Build the condition</summary>
          <div class="edit-pair">
            <Labelled id={name('field')} label="Field">
              <input
                class="input"
                id={name('field')}
                name={name('field')}
                value={values[name('field')]}
                list="fields"
                placeholder="output.score"
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
          <p class="field-hint">Filled in, it writes the condition above when you save.</p>
        </details>
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
      </fieldset>
      {!isNew && (
        <div class="row">
          {index > 0 && (
            <Button size="small" look="quiet" name="do" value={`up-${index}`}>{`Move route ${index + 1} up`}</Button>
          )}
          {index < last && (
            <Button
              size="small"
              look="quiet"
              name="do"
              value={`down-${index}`}
            >{`Move route ${index + 1} down`}</Button>
          )}
          <Button
            size="small"
            look="quiet"
            icon="trash"
            name="do"
            value={`remove-${index}`}
          >{`Remove route ${index + 1}`}</Button>
        </div>
      )}
    </li>
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

export function valuesOf(handoffs: Handoff[]): Values {
  const rows = handoffs.flatMap(({ when, if: condition, to }, index) => [
    [`when-${index}`, when ?? ''],
    [`if-${index}`, condition ?? ''],
    [`to-${index}`, to],
  ])
  return Object.fromEntries(rows)
}
