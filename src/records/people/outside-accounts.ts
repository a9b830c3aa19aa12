/** Which account of an outside provider belongs to which of our people: better-auth's table `account`, without any token. */
import { newId } from '../ids.ts'

/** An account of an outside provider: who issued it, and what it calls the person there. */
export interface OutsideAccount {
  provider: string
  subject: string
}

/** The person whom this outside account was linked to; null: nobody yet. */
export async function personOfAccount(
  db: D1Database,
  { provider, subject }: OutsideAccount,
): Promise<{ id: string; email: string } | null> {
  return db
    .prepare(
      'SELECT u.id, u.email FROM account a JOIN user u ON u.id = a.userId WHERE a.providerId = ?1 AND a.accountId = ?2',
    )
    .bind(provider, subject)
    .first()
}

// In one statement, so that of two who come at once for one person the second links nothing.
const LINK = `INSERT INTO account (id, accountId, providerId, userId, createdAt, updatedAt) SELECT ?1, ?2, ?3, ?4, ?5, ?5
  WHERE NOT EXISTS (SELECT 1 FROM account WHERE userId = ?4 AND providerId = ?3) ON CONFLICT DO NOTHING`

/** Links the account to this person; false: either of them is linked to another already. */
export async function linkAccount(
  db: D1Database,
  { provider, subject }: OutsideAccount,
  person: string,
  now: Date,
): Promise<boolean> {
  const link = db.prepare(LINK).bind(newId('user'), subject, provider, person, now.toISOString())
  return (await link.run()).meta.changes > 0
}
