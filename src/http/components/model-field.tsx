/** The field that names a model, with those that the team's providers offer; any other can be written, too. */
import { TextField } from './field.tsx'

/** Of one page; each stands there once. */
const LIST = 'models'

export const ModelField = (props: { value?: string; placeholder?: string; hint?: string; error?: string }) => (
  <TextField label="Model" name="model" {...props} list={LIST} maxlength={120} autocomplete="off" />
)

/** What its fields offer; once on a page. */
export const ModelList = ({ models }: { models: readonly string[] }) => (
  <datalist id={LIST}>
    {models.map(model => (
      <option value={model} />
    ))}
  </datalist>
)
