/** The kind `form`: a public page made from the workflow's input schema. */
import { z } from '@hono/zod-openapi'
import { publicUrl } from '../../http/context.ts'
import { newId } from '../../records/ids.ts'
import { insertIntakeStatements, updateIntake } from '../../records/intake/intake-writes.ts'
import { changeIntake } from '../change.ts'
import { asConfig, type IntakeKind, type IntakeRow, intakeRow, settingsOf } from './kind.ts'
import { mappingFields, readMapped } from './mapping.ts'

/** How much of what became of it a sender may follow by a link of their own. */
const FOLLOW = ['no', 'status', 'result'] as const

export interface FormSettings {
  title?: string
  thanks?: string
  follow?: (typeof FOLLOW)[number]
}

export const formFields = {
  title: z.string().trim().min(1).max(200).openapi({ description: 'A form’s heading; else the workflow’s name.' }),
  thanks: z.string().trim().min(1).max(2000).openapi({ description: 'What a form says once it was sent.' }),
  follow: z.enum(FOLLOW).openapi({
    description:
      'Whether a form’s sender gets a link to how things stand: `no` (unless set), the `status`, or the `result`, too. Taken back, links that were given stop to work.',
  }),
}

const settings = z.strictObject({
  title: formFields.title.optional(),
  thanks: formFields.thanks.optional(),
  follow: formFields.follow.optional(),
  filter: mappingFields.filter,
  map: mappingFields.map,
  event: mappingFields.event,
  duplicates: mappingFields.duplicates,
  limit: mappingFields.limit,
})

export const formKind: IntakeKind = {
  title: 'Form',
  keys: ['title', 'thanks', 'follow', 'filter', 'map', 'event', 'duplicates', 'limit'],

  async create(env, place, name, given, actor) {
    const read = readMapped(settings, given)
    if (!read.ok) return read
    const row = intakeRow(newId('int'), 'form', place, name, read.value, Date.now())
    await env.DB.batch(await insertIntakeStatements(env.DB, row, actor))
    return { ok: true, value: row }
  },

  async change(env, row, name, given, actor) {
    const make = async (before: IntakeRow) => {
      const read = readMapped(settings, { ...settingsOf<FormSettings>(before), ...given })
      if (!read.ok) return read
      const changed = { ...before, name: name ?? before.name, config: asConfig(read.value), updatedAt: Date.now() }
      return { ok: true as const, value: changed }
    }
    return changeIntake(env.DB, row, make, (before, changed) => updateIntake(env.DB, before, changed, actor))
  },

  answer(env, row) {
    return { ...settingsOf<FormSettings>(row), url: publicUrl(env, `/f/${row.id}`) }
  },
}
