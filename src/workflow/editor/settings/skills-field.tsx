/** The reusable instructions that a step's model is given besides. */
import { TextField } from '../../../http/components/field.tsx'
import type { ErrorOf, Values } from '../../forms/form-values.ts'

interface SkillsFieldProps {
  values: Values
  error: ErrorOf
  /** Those that the team has. */
  known: string[] | undefined
}

export const SkillsField = ({ values, error, known = [] }: SkillsFieldProps) => (
  <TextField
    label="Skills"
    name="skills"
    value={values.skills}
    maxlength={500}
    error={error('skills')}
    hint={
      <>
        Reusable instructions that the model is given besides, between commas.{' '}
        {known.length > 0 ? `Your team has ${known.join(', ')}. ` : ''}
        <a href="/skills">Skills</a>
      </>
    }
  />
)
