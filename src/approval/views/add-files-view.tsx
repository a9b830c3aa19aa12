/** Files that a person adds to their decision, in the question's own form; it works without a script. */
import { MAX_FILES } from '../../domain/file/file.ts'
import { TextField } from '../../http/components/field.tsx'

/** Stands after all that is typed: of a form whose files are too large what came before them is given back. `lost`: some were sent. */
export const AddFiles = ({ lost }: { lost: boolean }) => {
  const error = lost ? 'Choose your files again: those that you sent were not kept.' : undefined
  return (
    <details class="explain no-print" open={error !== undefined}>
      <summary>Add files to your decision</summary>
      <div class="form">
        <TextField
          type="file"
          multiple
          name="file"
          label="Your files"
          hint={`They become the task’s, for the steps that follow. At most ${MAX_FILES} a task, 25 MB each.`}
          error={error}
        />
      </div>
    </details>
  )
}
