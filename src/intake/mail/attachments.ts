/** What came attached to a mail, as files of the task that it makes or answers. */
import type { Json } from '../../domain/json/json.ts'
import type { Env } from '../../env.ts'
import type { FoundIntake } from '../../records/intake/open-intakes.ts'
import { attachFiles } from '../../task/files/attach.ts'
import type { Delivery } from '../arrival/delivery.ts'
import type { ReadMail } from './read-mail.ts'
import { keepAttached } from './take-in.ts'

/** The delivery with its attachments as files of the task that it makes. */
export async function withFiles(
  env: Env,
  intake: FoundIntake,
  task: string,
  mail: ReadMail,
  delivery: Delivery,
): Promise<Delivery> {
  const by = { kind: 'link', id: mail.from } as const
  const kept = await keepAttached(env, { team: intake.team, task, from: 'mail', by }, mail.files)
  if (kept.length === 0) return delivery
  const files = kept.map(file => ({ field: 'file', file }))
  const named = [mail.body.attachments ?? []].flat()
  const left = [...kept]
  const attachments = named.map(one => {
    const { size } = one as { size: number }
    const at = left.findIndex(file => file.bytes === size)
    const [file] = at === -1 ? [] : left.splice(at, 1)
    return file === undefined ? one : { ...(one as object), id: file.id, sha256: file.sha256 }
  }) as Json
  const scope = { ...delivery.scope, body: { ...mail.body, attachments } }
  return { ...delivery, scope, files }
}

/** What came with an answer is the task's, as far as there is room for it. */
export async function attachToReplied(
  env: Env,
  { team, task }: { team: string; task: string },
  mail: ReadMail,
): Promise<void> {
  const by = { kind: 'link', id: mail.from } as const
  const files = await keepAttached(env, { team, task, from: 'mail', by }, mail.files)
  if (files.length > 0) await attachFiles(env, { team, task, files, actor: by })
}
