/** A public form as its visitors see it: the fields of the input schema, and what is said once it was sent. */
import type { JsonSchema } from '../../domain/json/json.ts'
import { Button, Copyable } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { enctypeOf, InputField } from '../../http/components/input-field.tsx'
import { type FormField, type Given, type InputForm, inputForm } from '../../http/request/input-form.ts'
import { STATUS_DAYS } from './status-link.ts'
import { TURNSTILE_SCRIPT } from './turnstile.ts'

/** The token's field, and one that no person sees and no browser knows: what fills it in is a machine, as a rule. */
export const TOKEN_FIELD = '_token'
export const TRAP_FIELD = '_leave_empty'

/** Where the schema asks for nothing by name, one text is asked for. */
const MESSAGE: FormField = { name: 'text', label: 'Message', kind: 'lines', required: true, choices: [], initial: '' }

/** The fields of a public form: the schema's own, and nothing beside them. */
export function publicForm(schema: JsonSchema | undefined): InputForm & { fields: FormField[] } {
  return { fields: inputForm(schema, 'files').fields ?? [MESSAGE], more: false }
}

export interface FormView {
  action: string
  title: string
  fields: FormField[]
  given: Given
  /** Field → what is wrong; `''`: with all of it. */
  errors: Record<string, string>
  token: string
  /** Turnstile's, where it is set up. */
  siteKey: string | null
}

export const PublicForm = ({ view }: { view: FormView }) => {
  const { action, title, fields, given, errors, token, siteKey } = view
  return (
    // As large to a thumb as an approval: both are opened on phones, by people who come once.
    <form class="form approval" method="post" action={action} enctype={enctypeOf(fields)}>
      <h1>{title}</h1>
      {errors[''] !== undefined && <ErrorNotice>{errors['']}</ErrorNotice>}
      <input type="hidden" name={TOKEN_FIELD} value={token} />
      {fields.map(field => (
        <InputField field={field} given={given} error={errors[field.name]} first={false} />
      ))}
      <div class="visually-hidden" aria-hidden="true">
        <label for="form-leave-empty">Leave this empty</label>
        <input id="form-leave-empty" type="text" name={TRAP_FIELD} value="" tabindex={-1} autocomplete="off" />
      </div>
      {siteKey !== null && <Turnstile siteKey={siteKey} />}
      <div class="form-actions">
        <Button look="primary">Send</Button>
      </div>
    </form>
  )
}

/** Its script finds the element by its class and puts the answer into the form. */
const Turnstile = ({ siteKey }: { siteKey: string }) => (
  <div class="field">
    <div class="cf-turnstile" data-sitekey={siteKey} data-size="flexible" />
    <noscript>
      <p class="field-error">This form checks that you are a person, which needs JavaScript. Please switch it on.</p>
    </noscript>
    <script src={TURNSTILE_SCRIPT} async defer />
  </div>
)

export const Thanks = ({ title, text, link }: { title: string; text: string; link: string | null }) => (
  <section class="stack">
    <h1>{title}</h1>
    {text.split(/\n{2,}/).map(part => (
      <p>{part}</p>
    ))}
    {link !== null && (
      <div class="stack-tight" id="follow">
        <h2>See how it stands</h2>
        <p>Keep this link. It is yours alone: whoever has it sees what you sent. It works for {STATUS_DAYS} days.</p>
        <Copyable text={link} />
        <p>
          <a href={link}>Open it</a>
        </p>
      </div>
    )}
  </section>
)
