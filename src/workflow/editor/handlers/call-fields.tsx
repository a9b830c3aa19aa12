/** The fields of a call over HTTP, for people who never made one: address, who signs in, what is sent; the rest is folded. */
import { useContext } from 'hono/jsx'
import { METHODS, type Method } from '../../../domain/call/http-call.ts'
import { type Option, Select, TextArea, TextField, Within } from '../../../http/components/field.tsx'
import { BODY_ROW, BODY_ROWS_MARK, bodyRowCount, SECRET_ROW } from '../../forms/body-form.ts'
import type { ErrorOf, Values } from '../../forms/form-values.ts'
import { SIGN_IN_WAYS } from '../../forms/sign-in-form.ts'

/** A secret as it is chosen: its name, and the hosts that it may go to. */
export interface ChoosableSecret {
  name: string
  hosts: string[]
}

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
      <TextArea
        label="Query"
        name="http_query"
        value={values.http_query}
        rows={2}
        error={error('http_query')}
        hint={<Hint text="One a line, such as  full: true" field="http_query" secrets={secrets} />}
      />
      <TextArea
        label="Other headers"
        name="http_headers"
        value={values.http_headers}
        rows={2}
        error={error('http_headers')}
        hint={<Hint text="One a line, such as  accept-language: de" field="http_headers" secrets={secrets} />}
      />
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

const BodyFields = ({ values, error, secrets, example }: CallFieldsProps) => {
  const within = useContext(Within)
  const places = Array.from({ length: bodyRowCount(values) }, (_, index) => index)
  const wrong = error(BODY_ROWS_MARK)
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
        {wrong && (
          <p class="field-error" id={`field-${within}${BODY_ROWS_MARK}-error`}>
            {wrong}
          </p>
        )}
        <div class="table-scroll">
          <table class="table edit-fields" data-grow>
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Is</th>
                <th scope="col">Value</th>
              </tr>
            </thead>
            <tbody>
              {places.map(index => (
                <Row values={values} secrets={secrets} index={index} />
              ))}
            </tbody>
          </table>
        </div>
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

const Row = ({ values, secrets, index }: Pick<CallFieldsProps, 'values' | 'secrets'> & { index: number }) => {
  const within = useContext(Within)
  const start = `${BODY_ROW}-${index}`
  const value = (part: string) => values[`${start}-${part}`]
  const as = value('as') ?? 'words'
  const chosen = as.startsWith(SECRET_ROW) ? as.slice(SECRET_ROW.length) : undefined
  const options = [
    { value: 'words', label: 'Text' },
    { value: 'value', label: 'Number, true or JSON' },
    ...secretOptions(secrets, SECRET_ROW, chosen),
  ]
  return (
    <tr>
      <td>
        <input
          class="input"
          name={`${within}${start}-name`}
          value={value('name')}
          aria-label={`Sent field ${index + 1}: name`}
        />
      </td>
      <td>
        <select class="input" name={`${within}${start}-as`} aria-label={`Sent field ${index + 1}: kind`} hx-ignore>
          {options.map(option => (
            <option value={option.value} selected={option.value === as}>
              {option.label}
            </option>
          ))}
        </select>
      </td>
      <td>
        <Value name={`${within}${start}-value`} value={value('value')} label={`Sent field ${index + 1}: value`} />
      </td>
    </tr>
  )
}

/** One line, unless it holds several. */
const Value = ({ name, value, label }: { name: string; value: string | undefined; label: string }) =>
  value?.includes('\n') ? (
    <textarea class="input" name={name} rows={2} aria-label={label}>
      {value}
    </textarea>
  ) : (
    <input class="input" name={name} value={value} aria-label={label} />
  )

/** Each with the hosts that it may go to; one that was chosen and is not there stays chosen. */
function secretOptions(secrets: readonly ChoosableSecret[], start: string, chosen: string | undefined): Option[] {
  const there = secrets.map(({ name, hosts }) => ({
    value: start + name,
    label: `Secret ${name} (${hosts.join(', ')})`,
  }))
  const isMissing = chosen !== undefined && chosen !== '' && !secrets.some(({ name }) => name === chosen)
  return isMissing ? [...there, { value: start + chosen, label: `Secret ${chosen} (not set yet)` }] : there
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
