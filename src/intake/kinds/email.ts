/** The kind `email`: an address whose mail becomes tasks. */
import type { Read } from '../../http/request/body.ts'
import { base32, newId } from '../../records/ids.ts'
import { insertIntakeStatements } from '../../records/intake/intake-writes.ts'
import { freeAddress, moveAddress, ownerOfAddress, takeAddress } from '../../records/intake/open-intakes.ts'
import { changeIntake } from '../change.ts'
import { type EmailSettings, mailDomain, readEmailSettings } from '../mail/settings.ts'
import { asConfig, type Env, type IntakeKind, type IntakeRow, intakeRow, settingsOf } from './kind.ts'

export const emailKind: IntakeKind = {
  title: 'E-mail',
  keys: ['address', 'allow', 'filter', 'map', 'event', 'duplicates', 'dedupe', 'limit'],

  async create(env, place, name, given, actor) {
    const read = readEmailSettings(env, { address: `inbox-${randomPart()}`, ...given })
    if (!read.ok) return read
    const row = intakeRow(newId('int'), 'email', place, name, read.value, Date.now())
    const refused = await takeFor(env, row, read.value.address)
    if (refused) return refused
    await env.DB.batch(await insertIntakeStatements(env.DB, row, actor))
    return { ok: true, value: row }
  },

  async change(env, row, name, given, actor) {
    const make = async (before: IntakeRow) => {
      const read = readEmailSettings(env, { ...settingsOf<EmailSettings>(before), ...given })
      if (!read.ok) return read
      const owner = await ownerOfAddress(env.DB, read.value.address)
      if (owner !== null && owner !== row.id) return taken(env, read.value.address)
      const changed = { ...before, name: name ?? before.name, config: asConfig(read.value), updatedAt: Date.now() }
      return { ok: true as const, value: changed }
    }
    return changeIntake(env.DB, row, make, (before, changed) =>
      moveAddress(env.DB, before, changed, settingsOf<EmailSettings>(changed).address, actor),
    )
  },

  async close(env, row) {
    await freeAddress(env.DB, row.id)
  },

  answer(env, row) {
    const { address, ...rest } = settingsOf<EmailSettings>(row)
    const whole = `${address}@${mailDomain(env)}`
    return { ...rest, address: whole, url: `mailto:${whole}` }
  },
}

/** Takes the address before the intake is there: two who want the same cannot both have it. */
async function takeFor(env: Env, row: IntakeRow, address: string): Promise<Read<never> | null> {
  await env.DB.batch(takeAddress(env.DB, row.id, row.team, address))
  return (await ownerOfAddress(env.DB, address)) === row.id ? null : taken(env, address)
}

function taken(env: Env, address: string): Read<never> {
  const message = `address: ${address}@${mailDomain(env)} is taken.`
  const hint = 'Choose another one.'
  return { ok: false, problem: { kind: 'conflict', code: 'address_taken', message, hint } }
}

function randomPart(): string {
  return base32(crypto.getRandomValues(new Uint8Array(5)), 8)
}
