/** The box to try an agent in, and what came of it. */
import type { Json } from '../../domain/json/json.ts'
import { estimateTokens } from '../../domain/text/tokens.ts'
import { Button } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { TextArea } from '../../http/components/field.tsx'

export interface TrialView {
  prompt: string
  system: string
  model: string
  answer: { text: Json; tokens: string } | null
  problem: string | null
}

export const Trial = ({ trial, agent }: { trial: TrialView | null; agent: string }) => (
  <section class="panel stack-tight" id="try">
    <h2>Try it out</h2>
    <p class="secondary small">
      Runs the saved version once, on its model. Nothing is kept; what it costs counts against the team’s budget, and
      for no task.
    </p>
    <form class="form" method="post" action={`/agents/${agent}/try#try`}>
      <TextArea label="Instructions" name="prompt" value={trial?.prompt} required rows={4} maxlength={60_000} />
      <div class="form-actions">
        <Button icon="play">Run it</Button>
        <Button icon="eye" look="quiet" name="do" value="show">
          Only show what it would get
        </Button>
      </div>
    </form>
    {trial && <TrialResult trial={trial} />}
  </section>
)

const TrialResult = ({ trial }: { trial: TrialView }) => (
  <>
    {trial.problem !== null && <ErrorNotice>{trial.problem}</ErrorNotice>}
    {trial.answer && (
      <>
        <h3>Answer</h3>
        <pre class="code" hx-ignore>
          {typeof trial.answer.text === 'string' ? trial.answer.text : JSON.stringify(trial.answer.text, null, 2)}
        </pre>
        <p class="secondary small">
          {trial.model} · {trial.answer.tokens}
        </p>
      </>
    )}
    <details class="explain" open={trial.answer === null}>
      <summary>Exactly what the model gets</summary>
      <div class="stack-tight">
        <p class="secondary small">
          System, about {estimateTokens(trial.system)} tokens, on {trial.model}
        </p>
        <pre class="code" hx-ignore>
          {trial.system}
        </pre>
        <p class="secondary small">Prompt</p>
        <pre class="code" hx-ignore>
          {trial.prompt}
        </pre>
      </div>
    </details>
  </>
)
