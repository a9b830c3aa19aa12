/** Form fields: a label, the control, a hint and what was wrong, tied together for every reader. */
import { type Child, createContext, type JSX, useContext } from 'hono/jsx'
import { Icon } from './icon.tsx'

/** What the names and ids of all fields inside begin with: a form may stand in a form several times. */
export const Within = createContext('')

function within<T extends { name: string }>(it: T): T {
  return { ...it, name: useContext(Within) + it.name }
}

interface Labelled {
  label: string
  name: string
  hint?: Child
  /** What is wrong with the value; the field is then marked. */
  error?: string
  /** Unless the name is unique on the page. */
  id?: string
}

/** The frame around a control whose id is `id` (or the name); the typed fields below are made of it. */
export const Field = (props: Labelled & { required?: boolean; children?: Child }) => {
  const id = idOf(props)
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {props.label}
        {props.required === false && <span class="field-optional"> (optional)</span>}
      </label>
      {props.children}
      {props.hint !== undefined && (
        <p class="field-hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {props.error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          <Icon name="alert" size={14} />
          {props.error}
        </p>
      )}
    </div>
  )
}

type Attributes<E extends 'input' | 'textarea' | 'select'> = Omit<
  JSX.IntrinsicElements[E],
  'label' | 'name' | 'id' | 'children'
>

export const TextField = ({ label, hint, error, id, name, ...input }: Labelled & Attributes<'input'>) => {
  const it = within({ label, hint, error, id, name })
  return (
    <Field {...it} required={isRequired(input)}>
      <input type="text" {...input} {...described(it)} class="input" />
    </Field>
  )
}

export const TextArea = ({
  label,
  hint,
  error,
  id,
  name,
  value,
  code,
  ...input
}: Labelled & { value?: string; code?: boolean } & Omit<Attributes<'textarea'>, 'value'>) => {
  const it = within({ label, hint, error, id, name })
  return (
    <Field {...it} required={isRequired(input)}>
      <textarea {...input} {...described(it)} class={code ? 'input input--code' : 'input'}>
        {value}
      </textarea>
    </Field>
  )
}

export interface Option {
  value: string
  label: string
}

/** What stands first where a choice is required: without it the first answer would be given by whoever gave none. */
const NOTHING_YET: Option = { value: '', label: 'Choose one' }

export const Select = ({
  label,
  hint,
  error,
  id,
  name,
  value,
  options,
  ...input
}: Labelled & { value?: string; options: Option[] } & Omit<Attributes<'select'>, 'value'>) => {
  const it = within({ label, hint, error, id, name })
  const choices = isRequired(input) && options[0]?.value !== '' ? [NOTHING_YET, ...options] : options
  // One of its choices always stands there, so that none is “optional”.
  return (
    <Field {...it}>
      <select {...input} {...described(it)} class="input">
        {choices.map(option => (
          <option value={option.value} selected={option.value === value}>
            {option.label}
          </option>
        ))}
      </select>
    </Field>
  )
}

/** A checkbox, or one radio of several, with its label behind it. */
export const Check = ({
  label,
  hint,
  type = 'checkbox',
  ...input
}: { label: Child; hint?: string; type?: 'checkbox' | 'radio' } & Omit<Attributes<'input'>, 'type'> & {
    name: string
  }) => (
  <label class="check">
    <input {...within(input)} type={type} />
    <span>
      {label}
      {hint !== undefined && <small>{hint}</small>}
    </span>
  </label>
)

/** A search field in a plain GET form, so that what was found has an address. `/` focuses it. */
export const Search = ({ name = 'q', label, ...input }: { name?: string; label: string } & Attributes<'input'>) => (
  <div class="search">
    <Icon name="search" />
    <input type="search" {...input} name={name} aria-label={label} placeholder={label} class="input" data-key-filter />
  </div>
)

function idOf({ id, name }: Pick<Labelled, 'id' | 'name'>): string {
  return id ?? `field-${name}`
}

/** Optional fields say so; required ones do not, as most are. */
function isRequired({ required, 'aria-required': needed }: { required?: unknown; 'aria-required'?: unknown }): boolean {
  // `aria-required`: needed by the form, but not asked for by the browser, which would also ask for what is not shown.
  return required === true || required === '' || needed === 'true'
}

function described(it: Labelled) {
  const id = idOf(it)
  const by = [it.hint !== undefined && `${id}-hint`, it.error !== undefined && `${id}-error`].filter(Boolean).join(' ')
  return {
    id,
    name: it.name,
    'aria-describedby': by || undefined,
    'aria-invalid': it.error === undefined ? undefined : ('true' as const),
  }
}

/** Narrows a list to one workflow, in a plain GET form. */
export const WorkflowSelect = ({ workflows, value }: { workflows: { id: string; name: string }[]; value: string }) => (
  <select class="input" name="workflow" aria-label="Workflow">
    <option value="">Any workflow</option>
    {workflows.map(({ id, name }) => (
      <option value={id} selected={id === value}>
        {name}
      </option>
    ))}
  </select>
)
