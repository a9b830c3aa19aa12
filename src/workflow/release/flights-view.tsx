/** The tasks in flight on a publish's form: what is to become of all of them, of those at a step, and of each. */
import { type Definition, stepOf } from '../../domain/workflow/definition.ts'
import { stepName } from '../../domain/workflow/parts.ts'
import { STATE_LABEL } from '../../http/components/badge.tsx'
import { Icon } from '../../http/components/icon.tsx'
import type { OpenTask } from '../../records/task/flights.ts'

export interface FlightsView {
  tasks: OpenTask[]
  total: number
  /** How many stand at each step. */
  steps: [step: string, n: number][]
}

export const Flights = ({ view, definition }: { view: FlightsView; definition: Definition }) => {
  const { tasks, total } = view
  const crowd = total > tasks.length
  return (
    <section class="panel stack-tight">
      <h2>Tasks in flight ({total})</h2>
      {total === 0 ? (
        <p>No task is under way, so nobody is affected.</p>
      ) : (
        <>
          <p class="secondary">
            Each finishes on the version that it began on, unless you choose otherwise. A task that is moved keeps its
            outputs and its log, and whoever is asked then gets a new link. One that is restarted begins anew with the
            same input, and the old one is cancelled.
          </p>
          <div class="field">
            <label class="field-label" for="all">
              All {total} of these
            </label>
            <ChoiceSelect id="all" name="all" definition={definition} first={['each', 'As chosen below']} />
          </div>
          {crowd && <ByStep view={view} definition={definition} />}
          <div class="table-scroll">
            <table class="table flights">
              {crowd && <caption class="secondary small">The oldest {tasks.length}, one by one</caption>}
              <thead>
                <tr>
                  <th scope="col">Task</th>
                  <th scope="col">On</th>
                  <th scope="col">At</th>
                  <th scope="col">Then</th>
                </tr>
              </thead>
              <tbody>
                {tasks.map(task => (
                  <FlightRow task={task} definition={definition} crowd={crowd} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  )
}

/** More tasks than are listed: those at one step go one way. */
const ByStep = ({ view: { steps }, definition }: { view: FlightsView; definition: Definition }) => (
  <div class="table-scroll">
    <table class="table flights">
      <caption class="secondary small">By the step they are at</caption>
      <thead>
        <tr>
          <th scope="col">At</th>
          <th scope="col" class="number">
            Tasks
          </th>
          <th scope="col">Then</th>
        </tr>
      </thead>
      <tbody>
        {steps.map(([key, n]) => (
          <tr>
            <th scope="row" hx-ignore>
              <StepAt step={key} definition={definition} />
            </th>
            <td class="number">{n}</td>
            <td>
              <ChoiceSelect
                name={`at-${key}`}
                label={`What becomes of those at ${key}`}
                definition={definition}
                here={stepOf(definition, key)?.key}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const StepAt = ({ step, definition }: { step: string | null; definition: Definition }) => {
  const known = step === null ? undefined : stepOf(definition, step)
  return (
    <>
      {known ? stepName(known) : (step ?? '–')}{' '}
      {step !== null && !known && (
        <span class="state bare" data-state="stuck">
          <Icon name="flag" size={14} />
          gone in this draft
        </span>
      )}
    </>
  )
}

const FlightRow = ({ task, definition, crowd }: { task: OpenTask; definition: Definition; crowd: boolean }) => (
  <tr>
    <th scope="row">
      <a href={`/tasks/${task.id}`} hx-ignore>
        {task.title}
      </a>
    </th>
    <td>v{task.version}</td>
    <td hx-ignore>
      <StepAt step={task.step} definition={definition} />
      <span class="secondary small"> {STATE_LABEL[task.status as keyof typeof STATE_LABEL] ?? task.status}</span>
    </td>
    <td>
      <input type="hidden" name={`visit-${task.id}`} value={String(task.visit)} />
      <ChoiceSelect
        name={`task-${task.id}`}
        label={`What becomes of ${task.title}`}
        definition={definition}
        here={task.step ?? undefined}
        first={crowd ? ['', 'As those at its step'] : undefined}
      />
    </td>
  </tr>
)

const ChoiceSelect = (props: {
  id?: string
  name: string
  label?: string
  definition: Definition
  first?: [value: string, label: string]
  here?: string
}) => (
  <select class="input" id={props.id} name={props.name} aria-label={props.label}>
    {props.first && <option value={props.first[0]}>{props.first[1]}</option>}
    <option value="finish">Finish on its version</option>
    {props.definition.steps.map(step => (
      <option value={`step:${step.key}`}>
        Move to {stepName(step)}
        {step.key === props.here ? ' (where it is)' : ''}
      </option>
    ))}
    <option value="restart">Restart with the same input</option>
  </select>
)
