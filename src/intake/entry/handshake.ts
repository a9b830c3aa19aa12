/** A handshake in which a sender offers the secret that it will sign with, as Asana does, before anything can be signed. */
import type { Env } from '../../env.ts'
import type { Read } from '../../http/request/body.ts'
import { type IntakeRow, intakeById, type OpenIntake } from '../../records/intake/intakes.ts'
import { unseal } from '../../team/vault.ts'
import type { Probe } from '../arrival/probe.ts'
import { changeWebhook } from '../settings.ts'
import { currentSecret, type Offered, offeredSecret } from '../webhook-secret.ts'

/** The secret that this request offers, where the intake's sender is to offer one; null: it does not. */
export function offerIn({ auth }: OpenIntake['config'], headers: Headers): { header: string; secret: string } | null {
  const header = auth.type === 'hmac' ? auth.secretHeader : undefined
  const secret = header === undefined ? null : headers.get(header)
  return secret === null ? null : { header: header!, secret }
}

/** Takes the secret, if the intake has none yet, and gives it back to its sender, as that asks for. */
export async function takeOffer(
  env: Env,
  intake: OpenIntake,
  { header, secret }: { header: string; secret: string },
): Promise<Read<Probe>> {
  const row = await intakeById(env.DB, intake.team, intake.id)
  if (row === null) return { ok: false, problem: { kind: 'not_found' } }
  const isCurrent = async (now: IntakeRow) => (await unseal(env, now, currentSecret(now.config)!)) === secret
  const change = (now: IntakeRow) => offeredSecret(env, now, secret, isCurrent)
  const taken: Read<Offered> = await changeWebhook(env, row, change, { kind: 'system' })
  if (!taken.ok) return taken
  const reason =
    taken.value.is === 'taken'
      ? `Its sender offered a secret (${header}), which is this intake’s from now on.`
      : `Its sender offered the secret that this intake has already (${header}).`
  return { ok: true, value: { reason, reply: { header, value: secret } } }
}
