/** What a person is to fill in: the fields of the step's output, with what is known of them already. */
import type { Json, JsonSchema } from '../../json/json.ts'
import { isSchemaObject } from '../../schema/walk.ts'
import type { Ask, AskForm } from '../../task/people/ask.ts'
import type { View } from '../handler.ts'
import { approvingLabel, type HumanJob } from './human-shape.ts'

/** The form of a question about this artefact; undefined: nothing is to be filled in. */
export function formOf(job: HumanJob, labels: string[], view: View, artefact: Ask['artefact']): AskForm | undefined {
  const schema = job.frame.output
  if (schema === undefined) return undefined
  const shown = artefact === null ? null : (view.scope().steps[artefact.step]?.output ?? null)
  return { schema, values: takenOver(schema, shown), labels: needingLabels(job, labels) }
}

/** The labels with which the form must be filled in. */
export function needingLabels({ human }: Pick<HumanJob, 'human'>, labels: string[]): string[] {
  const approving = approvingLabel(human, labels)
  return human.form ?? (approving === null ? [] : [approving])
}

/** What is shown fills in the fields of the same names. */
function takenOver({ properties }: JsonSchema, shown: Json): Json {
  if (!isSchemaObject(properties) || typeof shown !== 'object' || shown === null || Array.isArray(shown)) return {}
  return Object.fromEntries(
    Object.keys(properties).flatMap(name => (Object.hasOwn(shown, name) ? [[name, shown[name]!]] : [])),
  )
}
