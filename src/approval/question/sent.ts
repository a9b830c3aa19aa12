/** A question's form as it is sent, with the files that a person adds to their decision: the task's once it is taken, nobody's before. */
import type { NewFile } from '../../domain/file/file.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import { giveBack } from '../../files/keep.ts'
import { isMultipart } from '../../files/multipart.ts'
import { readPageForm } from '../../files/page-form.ts'
import { errorPage, type PageContext } from '../../http/page/page.tsx'
import { type ReadForm, readForm } from '../../http/request/form.ts'
import type { Loaded } from '../../task/page/load.ts'
import { formReader } from './decision.ts'
import { keeping } from './draft.ts'
import type { FormReader } from './edit.ts'
import { FIELDS } from './fill.ts'
import { showQuestion, showStanding, type Viewing } from './show.tsx'
import type { Standing } from './standing.ts'

/** A form without files; null: it may bring some, so it is read once it is known whose they are to be. */
export async function readPlain(c: PageContext): Promise<ReadForm | null> {
  return isMultipart(c.req.header('content-type')) ? null : readForm(c)
}

export type Sent =
  | { ok: true; form: URLSearchParams; read: FormReader; files: NewFile[] }
  /** `message`: what is wrong with its files; `read`: what came before them. */
  | { ok: false; status: 400 | 408 | 413 | 415 | 422; message?: string; read: FormReader }

/** Reads the form of a question of this task. Its files must be given to the task or given back. */
export async function readSent(
  c: PageContext,
  { team, loaded }: { team: string; loaded: Loaded },
  by: Actor,
  plain: ReadForm | null,
): Promise<Sent> {
  const { id: task, files: own } = loaded.story.view
  const sending = { team, task, from: 'decision', by, has: own.length } as const
  const sent = plain?.ok ? { ...plain, files: [] } : await readPageForm(c, sending)
  const read = formReader(sent.form ?? new URLSearchParams())
  if (!sent.ok) return { ...sent, read }
  const files = sent.files.map(({ file }) => file)
  if (keeping(read) !== null) return { ok: true, form: sent.form, read, files }
  // What a field asks for is named in it by its id.
  const form = new URLSearchParams(sent.form)
  for (const field of new Set(sent.files.map(each => each.field).filter(name => name.startsWith(FIELDS)))) {
    const ids = sent.files.filter(each => each.field === field).map(({ file }) => file.id)
    form.set(field, ids.join('\n'))
  }
  return { ok: true, form, read: formReader(form), files }
}

/** The page of a question whose form could not be read. */
export function refuseSent(
  c: PageContext,
  viewing: Viewing,
  standing: Standing,
  { status, message, read }: Extract<Sent, { ok: false }>,
): Response | Promise<Response> {
  if (message === undefined) return errorPage(c, status)
  if (standing.kind !== 'open') return showStanding(c, viewing, standing, true)
  const problem = { field: 'files', message: `${message} Nothing was decided yet.` } as const
  return showQuestion(c, viewing, standing.ask, { read, problem, status })
}

/** Does this with the files that came, and gives them back unless they were taken on the way. */
export async function withFilesOf(
  env: Pick<Env, 'DB' | 'FILES'>,
  team: string,
  files: NewFile[],
  answer: (take: () => NewFile[]) => Promise<Response>,
): Promise<Response> {
  let taken = false
  try {
    return await answer(() => {
      taken = true
      return files
    })
  } finally {
    if (!taken) await giveBack(env, team, files)
  }
}
