/** A step's text as it would be for a task: typed on the left, seen here, and what is wrong with it in words. */
import { type HandlerKind, handlerOf } from '../../domain/handler/registry.ts'
import { Button } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { STEP_FORM } from './step-form-view.tsx'
import type { StepView } from './step-view.tsx'

export interface PreviewView {
  kind: HandlerKind
  /** On which task it was made; null: on sample values. */
  task: { id: string; title: string } | null
  /** What should be known of it: that the task was never here, say. */
  remark: string | null
  rendered: { ok: true; text: string } | { ok: false; message: string }
}

const WHOSE: Record<HandlerKind, string> = {
  prompt: 'What the model gets',
  agent: 'What the agent gets, besides its description and context',
  human: 'What the person reads, above what is to be decided on',
}

export const PreviewPanel = ({ view }: { view: StepView }) => {
  const action = `/workflows/${view.workflow}/edit/steps/${view.step.key}/preview`
  return (
    <section class="panel stack-tight" aria-labelledby="preview-title">
      <h3 id="preview-title">Preview</h3>
      <div class="row">
        <label class="row" for="sample">
          On
          <select class="input" id="sample" name="sample" form={STEP_FORM} hx-ignore>
            {view.tasks.map(({ id, title }, index) => (
              <option value={id} selected={id === view.values.sample}>
                {index === 0 ? `the latest task: ${title}` : title}
              </option>
            ))}
            <option value="sample" selected={view.values.sample === 'sample'}>
              sample values
            </option>
          </select>
        </label>
        <Button size="small" icon="eye" form={STEP_FORM} formaction={action} formnovalidate>
          Preview
        </Button>
      </div>
      <div
        id="preview"
        aria-live="polite"
        hx-post={action}
        hx-trigger={`load, input delay:400ms from:#${STEP_FORM}, change from:#${STEP_FORM}, change from:#sample`}
        hx-include={`#${STEP_FORM}`}
        hx-target="this"
        hx-swap="innerHTML"
        hx-sync="this:replace"
      >
        {view.preview ? (
          <Preview preview={view.preview} />
        ) : (
          <p class="secondary small">
            {WHOSE[handlerOf(view.step)]}, with the values of a task in place of the braces.
          </p>
        )}
      </div>
    </section>
  )
}

export const Preview = ({ preview: { kind, task, remark, rendered } }: { preview: PreviewView }) => (
  <div class="stack-tight">
    <p class="secondary small" hx-ignore>
      {WHOSE[kind]}
      {task ? (
        <>
          , for <a href={`/tasks/${task.id}`}>{task.title}</a>
        </>
      ) : (
        ', with sample values'
      )}
      . {remark}
    </p>
    {rendered.ok ? (
      <pre class="code preview-text" tabindex={0} hx-ignore>
        {rendered.text}
      </pre>
    ) : (
      <ErrorNotice>
        <span hx-ignore>{rendered.message}</span>
      </ErrorNotice>
    )}
  </div>
)
