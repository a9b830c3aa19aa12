/** A public form as its visitors see it: the fields of the input schema, and what is said once it was sent. */
import type { JsonSchema } from '../../domain/json.ts'
import { Button } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { InputField } from '../../http/components/input-field.tsx'
import { type FormField, type Given, type InputForm, inputForm } from '../../http/input-form.ts'

/** The token's field, and one that no person sees: what fills it in is a machine. */
export const TOKEN_FIELD = '_token'
export const TRAP_FIELD = '_website'

/** Where the schema asks for nothing by name, one text is asked for. */
const MESSAGE: FormField = { name: 'text', label: 'Message', kind: 'lines', required: true, choices: [], initial: '' }

/** The fields of a public form: the schema's own, and nothing beside them. */
export function publicForm(schema: JsonSchema | undefined): InputForm & { fields: FormField[] } {
  return { fields: inputForm(schema).fields ?? [MESSAGE], more: false }
}

export interface FormView {
  action: string
  title: string
  fields: FormField[]
  given: Given
  /** Field → what is wrong; `''`: with all of it. */
  errors: Record<string, string>
  token: string
}

export const PublicForm = ({ view }: { view: FormView }) => {
  const { action, title, fields, given, errors, token } = view
  return (
    <form class="form" method="post" action={action}>
      <h1>{title}</h1>
      {errors[''] !== undefined && <ErrorNotice>{errors['']}</ErrorNotice>}
      <input type="hidden" name={TOKEN_FIELD} value={token} />
      {fields.map(field => (
        <InputField field={field} given={given} error={errors[field.name]} first={false} />
      ))}
      <div class="visually-hidden" aria-hidden="true">
        <label for="form-website">Leave this empty</label>
        <input id="form-website" type="text" name={TRAP_FIELD} value="" tabindex={-1} autocomplete="off" />
      </div>
      <div class="form-actions">
        <Button look="primary">Send</Button>
      </div>
    </form>
  )
}

export const Thanks = ({ title, text }: { title: string; text: string }) => (
  <section class="stack">
    <h1>{title}</h1>
    {text.split(/\n{2,}/).map(part => (
      <p>{part}</p>
    ))}
  </section>
)
