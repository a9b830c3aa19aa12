/** The files of the task that a step's model is given. */
import { TextField } from '../../../http/components/field.tsx'
import type { ErrorOf, Values } from '../../forms/form-values.ts'

export const FilesField = ({ values, error }: { values: Values; error: ErrorOf }) => (
  <TextField
    label="Files for the model"
    name="files"
    value={values.files}
    maxlength={2000}
    error={error('files')}
    hint="Such as {{ files }} for all, or {{ input.invoice }}, between commas. Pictures and PDFs go to models that see as they are, the text of others."
  />
)
