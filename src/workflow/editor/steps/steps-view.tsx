/** The editor's first page: the board in edit mode. Steps are columns, and every change is a plain form. */
import { handlerOf } from '../../../domain/handler/registry.ts'
import { type Definition, type Step, stepOf } from '../../../domain/workflow/definition.ts'
import { isDeadEnd } from '../../../domain/workflow/lint/handoffs.ts'
import { COMPLETE, type Handoff, stepName } from '../../../domain/workflow/parts.ts'
import { HandlerBadge } from '../../../http/components/badge.tsx'
import { Button, ButtonLink } from '../../../http/components/button.tsx'
import { EmptyState, ErrorNotice } from '../../../http/components/feedback.tsx'
import { Icon } from '../../../http/components/icon.tsx'
import type { Lint } from '../../publish.ts'
import { inputNames } from '../../variables.ts'
import { Findings, findingsOf, findingsOfWhole, LintSum } from '../findings.tsx'
import { lineFor } from '../handlers/registry.ts'
import { AddNext, AddStep } from './add-step.tsx'

export interface StepsView {
  workflow: string
  revision: string
  definition: Definition
  lint: Lint
  agents: string[]
  /** What was wrong with the change that was sent. */
  problem: string | null
  /** The step that was just moved: its buttons have the focus. */
  moved: string | null
}

export const StepsEditor = ({ view }: { view: StepsView }) => {
  const { steps } = view.definition
  return (
    <div class="stack">
      {view.problem !== null && <ErrorNotice>{view.problem}</ErrorNotice>}
      {steps.length === 0 ? <FirstStep view={view} /> : <Steps view={view} />}
    </div>
  )
}

/** Nothing is wrong with a workflow that was only just begun: it says what to do, not what it lacks. */
const FirstStep = ({ view }: { view: StepsView }) => (
  <EmptyState icon="columns" title="This board has no steps yet">
    <p>
      A step is one thing that is done with each task: by a prompt, by one of your agents, or by a person. Each becomes
      a column, and tasks travel through them from left to right. What is done first?
    </p>
    <AddStep view={view} primary />
    <details class="explain">
      <summary>Or begin with an example</summary>
      <form method="post" action={`/workflows/${view.workflow}/edit/example`}>
        <input type="hidden" name="revision" value={view.revision} />
        <Button icon="copy">Start from the example: a prompt drafts, a person approves</Button>
      </form>
    </details>
  </EmptyState>
)

const Steps = ({ view }: { view: StepsView }) => (
  <>
    <div class="row-between row">
      <LintSum lint={view.lint} />
      <ButtonLink href={`/workflows/${view.workflow}/edit/settings`} icon="settings" size="small">
        Name, input and limits
      </ButtonLink>
    </div>
    <Findings lint={findingsOfWhole(view.lint)} />
    <p class="secondary small">
      A task brings <InputNames definition={view.definition} />.{' '}
      <a href={`/workflows/${view.workflow}/edit/settings#input`}>Change what it brings</a>
    </p>
    <div class="edit-columns" data-sort-steps={`/workflows/${view.workflow}/edit/move`} data-revision={view.revision}>
      {view.definition.steps.map((step, place) => (
        <StepColumn step={step} place={place} view={view} />
      ))}
      <section class="edit-add" aria-labelledby="add-step">
        <h2 id="add-step">Add a step</h2>
        <AddStep view={view} />
      </section>
    </div>
  </>
)

const InputNames = ({ definition }: { definition: Definition }) => {
  const names = inputNames(definition)
  if (names.length === 0) return <>anything, such as a text</>
  return (
    <span hx-ignore>
      {names.map((name, index) => (
        <>
          {index > 0 && ', '}
          <code>{name}</code>
        </>
      ))}
    </span>
  )
}

const StepColumn = ({ step, place, view }: { step: Step; place: number; view: StepsView }) => {
  const at = `/workflows/${view.workflow}/edit/steps/${step.key}`
  const last = view.definition.steps.length - 1
  return (
    <section
      class="column edit-column"
      id={`step-${step.key}`}
      data-step={step.key}
      aria-labelledby={`name-${step.key}`}
    >
      <header class="column-head">
        <h2 class="column-name" id={`name-${step.key}`}>
          <span class="column-number edit-grip">{place + 1}</span>
          <a href={at} hx-ignore>
            {stepName(step)}
          </a>
        </h2>
        <p class="column-meta">
          <HandlerBadge handler={handlerOf(step)} />
          {place === 0 && <span>Tasks begin here</span>}
        </p>
      </header>
      <div class="edit-body">
        <p class="edit-summary" hx-ignore>
          {lineFor(step)}
        </p>
        <Findings lint={findingsOf(view.lint, place)} />
        <div class="row edit-tools">
          <ButtonLink href={at} size="small" icon="edit">
            Configure
          </ButtonLink>
          <MoveButtons view={view} step={step} place={place} last={last} />
          <DeleteStep view={view} step={step} />
        </div>
      </div>
      <footer class="column-foot edit-foot">
        {isDeadEnd(step) ? (
          <AddNext view={view} step={step} />
        ) : (
          <>
            <a href={`${at}#handoffs`}>Routes to:</a>
            {(step.handoffs ?? []).map(handoff => (
              <RouteItem handoff={handoff} definition={view.definition} />
            ))}
          </>
        )}
      </footer>
    </section>
  )
}

export const RouteItem = ({ handoff, definition }: { handoff: Handoff; definition: Definition }) => {
  const target = stepOf(definition, handoff.to)
  const to = handoff.to === COMPLETE ? 'Complete' : target ? stepName(target) : `${handoff.to} (not there)`
  const by = [handoff.when, handoff.if && `if ${handoff.if}`].filter(Boolean).join(' and ')
  return (
    <span class="route" hx-ignore>
      {by && <span class="route-by">{by}</span>}
      <Icon name="route-to" />
      {to}
    </span>
  )
}

const MoveButtons = ({ view, step, place, last }: { view: StepsView; step: Step; place: number; last: number }) => (
  <form class="row edit-move" method="post" action={`/workflows/${view.workflow}/edit/move`}>
    <input type="hidden" name="revision" value={view.revision} />
    <input type="hidden" name="step" value={step.key} />
    {place > 0 && (
      <Button
        size="small"
        look="quiet"
        icon="arrow-left"
        label={`Move ${stepName(step)} up, to place ${place}`}
        name="to"
        value={String(place - 1)}
        autofocus={view.moved === step.key}
      />
    )}
    {place < last && (
      <Button
        size="small"
        look="quiet"
        icon="arrow-right"
        label={`Move ${stepName(step)} down, to place ${place + 2}`}
        name="to"
        value={String(place + 1)}
        autofocus={view.moved === step.key && place === 0}
      />
    )}
  </form>
)

const DeleteStep = ({ view, step }: { view: StepsView; step: Step }) => (
  <details class="menu" data-menu>
    <summary
      class="button button--quiet button--small button--icon"
      aria-label={`Delete ${stepName(step)}`}
      title="Delete"
    >
      <Icon name="trash" />
    </summary>
    <form class="menu-body stack-tight" method="post" action={`/workflows/${view.workflow}/edit/delete`}>
      <p class="menu-note">Steps that lead here will lead to where it led.</p>
      <input type="hidden" name="revision" value={view.revision} />
      <input type="hidden" name="step" value={step.key} />
      <Button look="danger" size="small" icon="trash">
        Delete the step
      </Button>
    </form>
  </details>
)
