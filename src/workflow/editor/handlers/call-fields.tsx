/** The fields of a call over HTTP, for people who never made one: address, who signs in, what is sent; the rest is folded. */
import { type Child, useContext } from 'hono/jsx'
import { METHODS, type Method } from '../../../domain/call/http-call.ts'
import { Select, TextArea, TextField, Within } from '../../../http/components/field.tsx'
import { BODY_ROW } from '../../forms/body-form.ts'
import { HEADER_ROW, QUERY_ROW } from '../../forms/call-form.ts'
import type { ErrorOf, Values } from '../../forms/form-values.ts'
import { SIGN_IN_WAYS } from '../../forms/sign-in-form.ts'
import { type ChoosableSecret, PairRows, secretOptions } from './pair-rows.tsx'

/** `example`: what its templates may read, by way of an example. */
export interface CallFieldsProps {
  values: Values
  error: ErrorOf
  secrets: readonly ChoosableSecret[]
  example: { url: string; body: string }
}

export const CallFields = (props: CallFieldsProps) => {
  const { values, error, secrets, example } = props
  return (
    <>
      <Select
        label="Method"
        name="http_method"
        value={values.http_method ?? 'GET'}
        options={METHODS.map(method => ({ value: method, label: LABELS[method] }))}
      />
      <TextField
        label="Address"
        name="http_url"
        value={values.http_url}
        aria-required="true"
        maxlength={4000}
        error={error('http_url')}
        hint={`The host is written out; values may stand after it, as in ${example.url}`}
      />
      <Select
        label="Sign in with"
        name="http_sign"
        value={values.http_sign ?? ''}
        options={[{ value: '', label: 'Nothing' }, ...secretOptions(secrets, '', values.http_sign)]}
        hint={
          <>
            One of your team’s <a href="/settings/secrets">secrets</a>. It goes to its own hosts alone.
          </>
        }
      />
      <Select
        label="How the service takes it"
        name="http_sign_as"
        value={values.http_sign_as ?? 'bearer'}
        options={SIGN_IN_WAYS}
      />
      <BodyFields {...props} />
      <Pairs {...props} legend="Query" one="Query value" lines="http_query" row={QUERY_ROW}>
        Put behind the address, after a question mark.
      </Pairs>
      <Pairs {...props} legend="Other headers" one="Header" lines="http_headers" row={HEADER_ROW}>
        Such as accept-language: de. What signs in is chosen above.
      </Pairs>
      <TextField
        label="Counts as ok"
        name="http_ok"
        value={values.http_ok}
        error={error('http_ok')}
        hint="Statuses, such as 200, 404. Empty: 200 to 299."
      />
      <TextField
        label="Header for the key"
        name="http_key"
        value={values.http_key}
        maxlength={100}
        error={error('http_key')}
        hint="Such as Idempotency-Key, where the service knows repeated calls by it."
      />
      <Select
        label="May it be sent twice?"
        name="http_safe"
        value={values.http_safe ?? ''}
        options={[
          { value: '', label: 'As its method and key say' },
          { value: 'yes', label: 'Yes, it does no harm' },
          { value: 'no', label: 'No: ask a person when its answer is lost' },
        ]}
      />
    </>
  )
}

type PairsProps = CallFieldsProps & { legend: string; one: string; lines: string; row: string; children: Child }

/** Rows of texts and secrets; as lines only where rows would change what its author wrote. */
const Pairs = ({ values, error, secrets, legend, one, lines, row, children }: PairsProps) =>
  values[lines] === undefined ? (
    <fieldset class="stack-tight schema">
      <legend class="field-label">{legend}</legend>
      <PairRows one={one} row={row} values={values} secrets={secrets} error={error} />
      <p class="field-hint">{children}</p>
    </fieldset>
  ) : (
    <TextArea
      label={legend}
      name={lines}
      value={values[lines]}
      rows={2}
      error={error(lines)}
      hint={<Hint text="One a line, such as  full: true" field={lines} secrets={secrets} />}
    />
  )

const BodyFields = ({ values, error, secrets, example }: CallFieldsProps) => {
  return (
    <fieldset class="stack-tight schema">
      <legend class="field-label">What is sent</legend>
      <Select
        label="It sends"
        name="http_body_as"
        value={values.http_body_as ?? 'none'}
        options={[
          { value: 'none', label: 'Nothing besides' },
          { value: 'fields', label: 'Fields' },
          { value: 'json', label: 'Fields, written as JSON' },
          { value: 'text', label: 'A text, as it is' },
        ]}
      />
      <div class="stack-tight schema-as" data-as="fields">
        <PairRows one="Sent field" row={BODY_ROW} values={values} secrets={secrets} error={error} typed />
        <p class="field-hint">
          A value may be of the task, as in {example.body}. Empty a name to take its field away.
          <span class="no-js"> Two more rows appear when you save.</span>
        </p>
      </div>
      <div class="schema-as" data-as="json">
        <TextArea
          label="The whole of it"
          name="http_body"
          value={values.http_body}
          code
          rows={6}
          maxlength={60_000}
          spellcheck={false}
          error={error('http_body')}
          hint={<Hint text="JSON, or any text." field="http_body" secrets={secrets} />}
        />
      </div>
    </fieldset>
  )
}

/** What a field takes, and the team's secrets as buttons that write themselves into it. */
const Hint = ({ text, field, secrets }: { text: string; field: string } & Pick<CallFieldsProps, 'secrets'>) => {
  const within = useContext(Within)
  return (
    <>
      {text}
      {secrets.length > 0 && (
        <span class="variables" hx-ignore>
          {' '}
          Secrets:
          {secrets.map(({ name }) => (
            <>
              {' '}
              <button
                type="button"
                class="variable needs-js"
                data-insert={`{{ secrets.${name} }}`}
                data-into={`field-${within}${field}`}
              >
                {name}
              </button>
              <code class="no-js">{`{{ secrets.${name} }}`}</code>
            </>
          ))}
        </span>
      )}
    </>
  )
}

const LABELS: Record<Method, string> = {
  GET: 'GET: read',
  HEAD: 'HEAD: look whether it is there',
  POST: 'POST: send, create',
  PUT: 'PUT: replace',
  PATCH: 'PATCH: change',
  DELETE: 'DELETE: remove',
}
