/** Mails a team's new roots to where it wishes: a root that is noted elsewhere cannot be made anew unseen. */
import type { Env } from '../../env.ts'
import { publicUrl } from '../../http/context.ts'
import { HOUR_MS, type RootHead, rootsBefore } from '../../records/proof.ts'
import { noteMailed, openProofMails, type ProofMail } from '../../records/proof-mail.ts'
import { sendMail } from '../../team/mail/mail.ts'

/** Roots in one mail, at most: the last covers all before. */
const MOST = 10

/** Mails what was not mailed yet, of every team. What cannot be sent now is tried again in an hour. */
export async function mailRoots(env: Env): Promise<void> {
  for (let after = ''; ; ) {
    const open = await openProofMails(env.DB, after)
    for (const one of open) await mailRootsOf(env, one)
    if (open.length === 0) return
    after = open.at(-1)!.team
  }
}

async function mailRootsOf(env: Env, one: ProofMail): Promise<void> {
  const found = await rootsBefore(env.DB, one.team, Number.MAX_SAFE_INTEGER, MOST)
  const roots = found.filter(({ n }) => n > one.mailed)
  const [last] = roots
  if (last === undefined || !(await noteMailed(env.DB, one, last.n))) return
  const subject = `Proof of your audit log: root ${last.n}, until ${day(last)}`
  const sent = await sendMail(env, { to: one.mailTo, subject, text: textOf(env, roots) })
  if (sent === 'failed' || sent === 'unconfigured') await noteMailed(env.DB, { ...one, mailed: last.n }, one.mailed)
}

/** A mail address, as far as one can tell. */
export const ADDRESS = /^[^\s@<>",;]{1,64}@[^\s@<>",;]{1,189}$/

const day = ({ toHour }: RootHead) => new Date(toHour * HOUR_MS).toISOString().slice(0, 10)

function textOf(env: Env, roots: RootHead[]): string {
  const [last] = roots
  return [
    ...roots.map(
      ({ n, toHour, entries, digest, kid, signature }) =>
        `Root ${n}, until ${new Date(toHour * HOUR_MS).toISOString()}, ${entries} entries\nSHA-256: ${digest}\nKey: ${kid}\nSignature: ${signature}`,
    ),
    `Keep this mail. Whoever holds it can tell whether the audit log is still the one that it speaks of:\nnode scripts/verify.mjs audit-proof.jsonl --root ${last!.n}:${last!.digest}`,
    `The file and the roots: ${publicUrl(env, '/audit/proof')}\nThe keys: ${publicUrl(env, '/.well-known/baton-audit-keys.json')}`,
  ].join('\n\n')
}
