/** Names to choose among, on an agent's form: tools, skills. */
import { Check, TextField } from '../../http/components/field.tsx'

interface ChoiceProps {
  legend: string
  hint: string
  /** The field of those that are not among them. */
  name: string
  /** What the names of the boxes begin with. */
  start: string
  chosen: string[]
  /** Those that there are. */
  among: string[]
  error?: string
}

/** What there is, to be ticked; any other can be named, so that nothing that was saved is lost. */
export const Choice = ({ legend, hint, name, start, chosen, among, error }: ChoiceProps) => (
  <fieldset class="stack-tight">
    <legend class="field-label">{legend}</legend>
    <p class="field-hint">{hint}</p>
    <div class="row">
      {among.map(one => (
        <Check name={`${start}${one}`} value="yes" checked={chosen.includes(one)} label={<code>{one}</code>} />
      ))}
    </div>
    <TextField
      label={`Other ${name}`}
      name={name}
      value={chosen.filter(one => !among.includes(one)).join(', ')}
      hint="Names, between commas."
      error={error}
    />
  </fieldset>
)
