/** A question's fields: what may be filled in, and what becomes of it. The values are part of what people approve. */
import { namedFiles } from '../../file/fields.ts'
import { canonical } from '../../json/canonical.ts'
import type { Json } from '../../json/json.ts'
import { type Problem, validate } from '../../schema/validate.ts'
import type { Command, Refusal } from '../commands.ts'
import type { TaskChange } from '../task-change.ts'
import type { Ask } from './ask.ts'
import { type AskedRun, digestOf, openAsks } from './asking.ts'
import { backToFirst } from './stages.ts'

/**
 * Takes what was filled in with a decision. Only labels that need the fields take them; left out, they are as they stand.
 * What differs from what others have approved clears their approvals, as an edit does.
 */
export function fill(
  change: TaskChange,
  id: number,
  { handoff, fields }: Pick<Extract<Command, { type: 'decide' }>, 'handoff' | 'fields'>,
  note: string | null,
): Refusal | null {
  const run = openAsks(change.state).find(each => each.id === id)
  const form = run?.phase.ask.form
  if (run === undefined || form === undefined || !form.labels.includes(handoff)) {
    return fields === undefined ? null : { kind: 'fields_not_allowed', labels: form?.labels ?? [] }
  }
  const stand = change.value<Json>(form.values)
  const given = fields ?? stand
  const problems = [...unfit(form.schema, given), ...unknownFiles(change, form.schema, given)]
  if (problems.length > 0) return { kind: 'invalid_fields', problems }
  if (canonical(given) === canonical(stand)) return null
  const digest = digestOf(change, { ...run.phase.ask, form: { ...form, values: given } })
  const visit = change.state.visit.n
  change.emit({ type: 'filled', visit, run: id, fields: given, digest, cleared: clearedBy(run) })
  backToFirst(change, id, note)
  return null
}

/** What an output may have at most, as JSON (definition.md, Sizes). */
const MAX_FIELDS = 256 * 1024

function unfit(schema: NonNullable<Ask['form']>['schema'], given: Json): Problem[] {
  if (JSON.stringify(given).length > MAX_FIELDS)
    return [{ path: '', message: 'what was filled in is larger than 256 KiB' }]
  return validate(schema, given)
}

/** A field for files takes those that the task has. */
function unknownFiles({ state }: TaskChange, schema: NonNullable<Ask['form']>['schema'], given: Json): Problem[] {
  return namedFiles(schema, given)
    .filter(({ id }) => !state.files.some(file => file.id === id))
    .map(({ id, field }) => ({
      path: field,
      message: `\`${field}\` names “${id.slice(0, 60)}”, which is no file of the task`,
    }))
}

/** What the run puts out with this decision; undefined: nothing was filled in for it. A branch says who decided, too. */
export function givenWith(
  change: TaskChange,
  { name, phase: { ask } }: AskedRun,
  { handoff, note, by }: { handoff: string; note: string | null; by: string },
): Json | undefined {
  if (ask.form === undefined || !ask.form.labels.includes(handoff)) return undefined
  const fields = change.value<Json>(ask.form.values)
  return name === null ? fields : { decision: handoff, note, by, fields }
}

/** Whose approvals count no more once the content changes, those that an earlier change had cleared included. */
export function clearedBy({ phase: { votes, changed } }: AskedRun): string[] {
  return [...new Set([...(changed?.cleared ?? []), ...votes.map(each => each.voter)])]
}
