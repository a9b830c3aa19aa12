/** A step's text as it would be for a task: typed on the left, seen here, and what is wrong with it in words. */
import { Button } from '../../../http/components/button.tsx'
import { ErrorNotice } from '../../../http/components/feedback.tsx'
import { kindOf } from '../../forms/step-form.ts'
import { pagesFor } from '../handlers/registry.ts'
import { type PreviewView, STEP_FORM, type StepView } from '../steps/step.ts'

export const PreviewPanel = ({ view }: { view: StepView }) => {
  const action = `/workflows/${view.workflow}/edit/steps/${view.step.key}/preview`
  const { template, sends } = pagesFor(kindOf(view.values, view.step))
  const whose = template?.whose ?? sends?.whose
  if (whose === undefined) return null
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
          <p class="secondary small">{whose}, with the values of a task in place of the braces.</p>
        )}
      </div>
    </section>
  )
}

/** The kind that was chosen reads no text. */
export const NoPreview = () => <p class="secondary small">A step of this kind has nothing to preview.</p>

export const Preview = ({ preview: { whose, task, remark, skills = [], rendered } }: { preview: PreviewView }) => (
  <div class="stack-tight">
    <p class="secondary small" hx-ignore>
      {whose}
      {task ? (
        <>
          , for <a href={`/tasks/${task.id}`}>{task.title}</a>
        </>
      ) : (
        ', with sample values'
      )}
      . {remark}
    </p>
    {skills.map(({ key, text }) => (
      <details class="explain">
        <summary hx-ignore>Before it, the skill {key}</summary>
        <pre class="code" tabindex={0} hx-ignore>
          {text}
        </pre>
      </details>
    ))}
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
