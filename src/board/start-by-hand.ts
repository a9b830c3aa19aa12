/** A task that somebody starts by hand: from the form of its input to its first step. */
import { personActor } from '../domain/caller.ts'
import { renamed } from '../domain/file/fields.ts'
import { validate } from '../domain/schema/validate.ts'
import { cut } from '../domain/text/cut.ts'
import { giveBack } from '../files/keep.ts'
import { type CameFile, contentIds, forTask } from '../files/page-form.ts'
import { explain, type Problem } from '../http/errors.ts'
import type { PageContext } from '../http/page/page.tsx'
import { type Given, inputForm, readInput } from '../http/request/input-form.ts'
import { derivedTaskId, sha256Hex } from '../records/ids.ts'
import type { PinnedVersion } from '../task/pinned.ts'
import { startOnce, type Target } from '../task/start.ts'

type StartedByHand = { ok: true; title: string } | { ok: false; errors: Record<string, string> }

/** Starts a task of what somebody filled in, once for each form; else says at which field what is wrong. */
export async function startByHand(
  c: PageContext,
  workflow: string,
  into: Target,
  given: Given,
  came: CameFile[],
): Promise<StartedByHand> {
  const form = inputForm(into.version.pinned.definition.input, 'files')
  const read = readInput(form, given)
  const files = came.map(({ file }) => file)
  const person = c.get('person')
  if (!read.ok) {
    await giveBack(c.env, person.team.id, files)
    return read
  }
  const { _key: key = crypto.randomUUID(), _title: title = '' } = given
  const task = await derivedTaskId(person.team.id, 'hand', workflow, person.id, key)
  await forTask(c, person.team.id, came, task)
  const started = await startOnce(c.env, {
    task,
    idempotency: { id: key, hash: await sha256Hex(JSON.stringify([renamed(read.input, contentIds(came)), title])) },
    files,
    team: person.team.id,
    into,
    input: read.input,
    title: cut(title.trim(), 200) || undefined,
    source: { kind: 'hand', id: person.id },
    actor: personActor(person),
    flushed: true,
  })
  if (started.ok) return { ok: true, title: started.view.title }
  const names = form.fields?.map(field => field.name)
  return { ok: false, errors: errorsOf(into.version, read.input, started.problem, names) }
}

/** Each error at its field; what has no field is told above the form. */
function errorsOf(
  version: PinnedVersion,
  input: unknown,
  wrong: Problem,
  fields: string[] = [],
): Record<string, string> {
  const schema = version.pinned.definition.input
  const errors: Record<string, string> = {}
  for (const { path, message } of schema ? validate(schema, input as never) : []) {
    const field = path.split(/[.[]/)[0] ?? ''
    const at = fields.includes(field) ? field : ''
    // The field says its own name.
    errors[at] ??=
      at === '' ? `${path === '' ? 'The input' : path}: ${message}` : message.replace(`\`${field}\``, 'This')
  }
  if (Object.keys(errors).length > 0) return errors
  // Which task has the key is what whoever meant to start one wants to look at.
  return { '': wrong.kind === 'duplicate_key' ? `${messageOf(wrong)} It is ${wrong.task}.` : messageOf(wrong) }
}

function messageOf(problem: Problem): string {
  return explain(problem).message
}
