/** A call tried from a step's form: first what would be sent, where and as whom; then, on a second click, what came back. */
import { handlerOf } from '../../../domain/handler/registry.ts'
import { Button } from '../../../http/components/button.tsx'
import { ErrorNotice } from '../../../http/components/feedback.tsx'
import { TextArea } from '../../../http/components/field.tsx'
import { JsonText } from '../../../http/components/value/value.tsx'
import { kindOf } from '../../forms/step-form.ts'
import { STEP_FORM, type StepView } from '../steps/step.ts'
import type { CallTrial, Came, ShownTrial } from './call-trial.ts'
import { callsIn, EACH } from './tried-work.ts'

/** What only a step that calls has: a curl line to paste, and the try-out. */
export const CallPanels = ({ view }: { view: StepView }) => {
  const kind = kindOf(view.values, view.step)
  const isOwn = kind === 'http' || kind === 'tool'
  const tried = isOwn ? [''] : kind === handlerOf(view.step) ? callsIn(view.step) : []
  if (tried.length === 0 && view.call === null) return null
  const action = `/workflows/${view.workflow}/edit/steps/${view.step.key}`
  const call = (at: string) => (view.call?.at === at ? view.call : null)
  return (
    <>
      {[...new Set([...tried, ...(view.call === null ? [] : [view.call.at])])].map(at => (
        <TryPanel action={`${action}/call`} at={at} call={call(at)} />
      ))}
      {kind === 'http' && <CurlPanel view={view} action={action} />}
    </>
  )
}

const CurlPanel = ({ view, action }: { view: StepView; action: string }) => (
  <section class="panel stack-tight" id="curl">
    <h3>From a curl line</h3>
    <TextArea
      label="Paste a curl line"
      name="curl"
      value={view.curl.line}
      form={STEP_FORM}
      code
      rows={3}
      spellcheck={false}
      error={view.curl.problem ?? undefined}
      hint="As documentation shows it. It fills in the form; a token in it becomes a secret, and nothing is sent or saved yet."
    />
    <div>
      <Button size="small" icon="edit" form={STEP_FORM} formaction={`${action}/curl#${STEP_FORM}`} formnovalidate>
        Fill in the form
      </Button>
    </div>
  </section>
)

const TryPanel = ({ action: path, at, call }: { action: string; at: string; call: CallTrial | null }) => {
  const id = at === '' ? 'call' : `call-${at}`
  const action = `${path}${at === '' ? '' : `?at=${encodeURIComponent(at)}`}#${id}`
  return (
    <section class="panel stack-tight" id={id} aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`} hx-ignore>
        Try it{at === '' ? '' : at === EACH ? ' on the first item' : `: ${at}`}
      </h3>
      <p class="secondary small">
        With the values of the task that is chosen above. You first see what would be sent, and to whom.
      </p>
      {call?.problem && (
        <ErrorNotice>
          <span hx-ignore>{call.problem}</span>
        </ErrorNotice>
      )}
      {call?.shown && <Shown shown={call.shown} sent={call.came !== null} />}
      {call?.came && <Answer came={call.came} />}
      <div class="row">
        {call?.shown && call.came === null && (
          <Button
            look="primary"
            size="small"
            icon="play"
            form={STEP_FORM}
            formaction={action}
            formnovalidate
            name="send"
            value={call.shown.digest}
          >
            {call.shown.curl === null ? 'Call' : 'Send it to'} {call.shown.to}
          </Button>
        )}
        <Button size="small" icon="eye" form={STEP_FORM} formaction={action} formnovalidate>
          {call?.shown ? 'Show it again' : 'Show what it would send'}
        </Button>
      </div>
    </section>
  )
}

const Shown = ({ shown: { task, to, secrets, reads, text, curl }, sent }: { shown: ShownTrial; sent: boolean }) => {
  const isTool = curl === null
  return (
    <>
      <p hx-ignore>
        {isTool ? (sent ? 'It called the tool ' : 'It would call the tool ') : sent ? 'It went to ' : 'It would go to '}
        <strong>{to}</strong>
        {secrets.length > 0 && <>, signed with {secrets.map(name => `the secret ${name}`).join(' and ')}</>},{' '}
        {task ? (
          <>
            for <a href={`/tasks/${task.id}`}>{task.title}</a>
          </>
        ) : (
          'with sample values'
        )}
        . {reads ? 'It only reads.' : 'It may change something there, really.'}
      </p>
      <pre class="code preview-text" tabindex={0} hx-ignore>
        {text}
      </pre>
      {curl !== null && (
        <details class="explain">
          <summary>As a curl line</summary>
          <pre class="code preview-text" tabindex={0} hx-ignore>
            {curl}
          </pre>
        </details>
      )}
    </>
  )
}

const Answer = ({ came: { ok, problem, status, ms, headers, body } }: { came: Came }) => (
  <div class="stack-tight" role="status">
    <h4>
      {problem === null
        ? `${ok ? 'It answered' : 'It counts as failed'}${status === null ? '' : ` · ${status}`}`
        : 'It failed'}{' '}
      · {ms} ms
    </h4>
    {problem !== null && (
      <ErrorNotice>
        <span hx-ignore>{problem}</span>
      </ErrorNotice>
    )}
    {problem === null && (
      <>
        <JsonText value={body} />
        {Object.keys(headers).length > 0 && (
          <details class="explain">
            <summary>Headers</summary>
            <JsonText value={headers} />
          </details>
        )}
      </>
    )}
  </div>
)
