/** The kind `form`: a public page made from the workflow's input schema. */
import { z } from '@hono/zod-openapi'
import { publicUrl } from '../../http/context.ts'
import { fits } from '../../http/route.ts'
import { newId } from '../../records/ids.ts'
import { insertIntakeStatement, updateIntakeStatement } from '../../records/intake-writes.ts'
import { asConfig, type IntakeKind, type IntakeRow, intakeRow, settingsOf } from './kind.ts'
import { mappingFields } from './mapping.ts'

export interface FormSettings {
  title?: string
  thanks?: string
}

export const formFields = {
  title: z.string().trim().min(1).max(200).openapi({ description: 'A form’s heading; else the workflow’s name.' }),
  thanks: z.string().trim().min(1).max(2000).openapi({ description: 'What a form says once it was sent.' }),
}

const settings = z.strictObject({
  title: formFields.title.optional(),
  thanks: formFields.thanks.optional(),
  filter: mappingFields.filter,
  map: mappingFields.map,
})

export const formKind: IntakeKind = {
  title: 'Form',
  keys: ['title', 'thanks', 'filter', 'map'],

  async create(env, place, name, given) {
    const read = fits(settings, given)
    if (!read.ok) return read
    const row = intakeRow(newId('int'), 'form', place, name, read.value, Date.now())
    await insertIntakeStatement(env.DB, row).run()
    return { ok: true, value: row }
  },

  async change(env, row, name, given) {
    const read = fits(settings, { ...settingsOf<FormSettings>(row), ...given })
    if (!read.ok) return read
    const changed: IntakeRow = { ...row, name, config: asConfig(read.value), updatedAt: Date.now() }
    await updateIntakeStatement(env.DB, changed).run()
    return { ok: true, value: changed }
  },

  answer(env, row) {
    return { ...settingsOf<FormSettings>(row), url: publicUrl(env, `/f/${row.id}`) }
  },
}
