/** The page of a dry run: what goes in, what people say, and then where it went and what it would have done. */
import { labelsOf } from '../../domain/handler/of-step.ts'
import { nameOf } from '../../domain/task/told/document/telling.ts'
import type { Definition, Step } from '../../domain/workflow/definition.ts'
import { stepName } from '../../domain/workflow/parts.ts'
import { StatusPill } from '../../http/components/badge.tsx'
import { Button } from '../../http/components/button.tsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { Select, TextArea } from '../../http/components/field.tsx'
import { Money } from '../../http/components/value/money.tsx'
import { Value } from '../../http/components/value/value.tsx'
import type { DryRun, Effect } from './dry-run.ts'

export interface DryRunView {
  workflow: string
  /** null: it cannot be run as it is; `stands` says why. */
  definition: Definition | null
  stands: string | null
  given: Record<string, string>
  /** An input that fits. */
  sample: string
  /** What is wrong with what was sent. */
  wrong?: string
  ran?: DryRun
}

/** The steps at which people choose. */
export function decidedSteps({ steps }: Definition): Step[] {
  return steps.filter(step => step.human !== undefined)
}

export const DryRunPage = ({ view }: { view: DryRunView }) => {
  const { workflow, definition, stands, given, sample, wrong, ran } = view
  return (
    <div class="stack">
      <p class="secondary">
        Runs the draft once, for no task. Models are asked, and cost what they cost. No service, tool or other workflow
        is called, nobody is asked or told, and waits pass at once.
      </p>
      {definition === null ? (
        <ErrorNotice>
          It cannot run as it is: {stands} <a href={`/workflows/${workflow}/edit`}>Put it right</a>
        </ErrorNotice>
      ) : (
        <form class="form panel" method="post" action={`/workflows/${workflow}/dry-run`}>
          <TextArea
            label="Task input (JSON)"
            name="input"
            value={given.input ?? sample}
            code
            spellcheck={false}
            required
            rows={6}
            error={wrong}
          />
          {decidedSteps(definition).map(step => (
            <Select
              label={`What people choose at “${stepName(step)}”`}
              name={`decide-${step.key}`}
              value={given[`decide-${step.key}`] ?? ''}
              options={[
                { value: '', label: 'What approves' },
                ...labelsOf(step).map(label => ({ value: label, label })),
              ]}
            />
          ))}
          <div class="form-actions">
            <Button look="primary" icon="play">
              Run it once
            </Button>
          </div>
        </form>
      )}
      {ran !== undefined && definition !== null && <Ran ran={ran} definition={definition} />}
    </div>
  )
}

const Ran = ({ ran: { document, effects, broken }, definition }: { ran: DryRun; definition: Definition }) => {
  const { status, why, cost, tokens, steps, result } = document
  return (
    <section class="stack" id="ran" aria-labelledby="ran-title" hx-ignore>
      <header class="stack-tight">
        <h2 id="ran-title">What came of it</h2>
        <p class="row">
          <StatusPill status={status} />
          <span>
            <Money usd={cost} />, {tokens.input + tokens.output} tokens
          </span>
        </p>
        {broken !== null ? <Notice state="failed">{broken}</Notice> : status !== 'done' && why && <p>{why}</p>}
      </header>
      {steps.map(step => (
        <section class="panel stack-tight">
          <h3>
            {step.visit}. {step.step}
          </h3>
          <p class="secondary small">
            {[step.outcome, step.next !== null && `then ${step.next}`].filter(Boolean).join(' · ')}
          </p>
          {step.stopped.map(text => (
            <p>{text}</p>
          ))}
          {step.reasoning !== undefined && step.reasoning !== '' && <p>{step.reasoning}</p>}
          {step.output !== undefined && <Value value={step.output} />}
        </section>
      ))}
      <h3>What it would have done</h3>
      {effects.length === 0 && <p class="secondary">It would have called nothing and asked nobody.</p>}
      <ul class="stack-tight">
        {effects.map(effect => (
          <li>
            <WouldHave effect={effect} step={nameOf(definition, effect.step)} />
          </li>
        ))}
      </ul>
      {result !== null && (
        <section class="stack-tight">
          <h3>Result</h3>
          <Value value={result} />
        </section>
      )}
    </section>
  )
}

const WouldHave = ({ effect: { tool, to, args, chose }, step }: { effect: Effect; step: string }) =>
  tool === null ? (
    <>
      <strong>{step}</strong>: asked {to.join(', ') || 'nobody'}; here the answer was <strong>{chose}</strong>.
    </>
  ) : (
    <details>
      <summary>
        <strong>{step}</strong>: called {tool}
      </summary>
      <Value value={args} />
    </details>
  )
