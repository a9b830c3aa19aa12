/** The first owner of a team: the rows that make one, and the sign-in link they leave. No page can: whoever signs in belongs to a team already. */
import { createHash, randomBytes } from 'node:crypto'

/** As long as whoever runs the command needs to open it. */
export const LINK_MINUTES = 60

/**
 * SQL that makes the team (unless one of this name is there), the person (unless known) and their ownership, and a
 * sign-in link of theirs; `token` is the link's. Throws when address or name are not usable.
 */
export function ownerSql({ email, team, at = new Date() }) {
  const address = String(email ?? '')
    .trim()
    .toLowerCase()
  const name = String(team ?? '').trim()
  if (!/^[^\s@<>",;']+@[^\s@<>",;']+\.[^\s@<>",;']+$/.test(address) || address.length > 254)
    throw new Error(`${JSON.stringify(email ?? '')} is no mail address; one looks like ana@example.com.`)
  if (name === '' || name.length > 80) throw new Error('The team needs a name of at most 80 characters.')
  const now = at.toISOString()
  const until = new Date(at.getTime() + LINK_MINUTES * 60_000).toISOString()
  const token = randomBytes(24).toString('base64url')
  const identifier = createHash('sha256').update(token).digest('base64url')
  const slug = `${name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)}-${newId('').slice(1, 7)}`
  const value = JSON.stringify({ email: address })
  const sql = [
    `INSERT INTO organization (id, name, slug, createdAt) SELECT ${text(newId('team'))}, ${text(name)}, ${text(slug)}, ${text(now)} WHERE NOT EXISTS (SELECT 1 FROM organization WHERE name = ${text(name)})`,
    `INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt) VALUES (${text(newId('user'))}, ${text(address.split('@')[0])}, ${text(address)}, 1, ${text(now)}, ${text(now)}) ON CONFLICT DO NOTHING`,
    `INSERT INTO member (id, organizationId, userId, role, createdAt) SELECT ${text(newId('member'))}, o.id, u.id, 'owner', ${text(now)} FROM organization o, user u WHERE o.name = ${text(name)} AND u.email = ${text(address)} ON CONFLICT (organizationId, userId) DO UPDATE SET role = 'owner'`,
    `INSERT INTO verification (id, identifier, value, expiresAt, createdAt, updatedAt) VALUES (${text(newId('verification'))}, ${text(identifier)}, ${text(value)}, ${text(until)}, ${text(now)}, ${text(now)})`,
  ]
  return { sql: `${sql.join(';\n')};\n`, token }
}

/** An SQL string literal. */
function text(value) {
  return `'${value.replaceAll("'", "''")}'`
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

function newId(kind) {
  return `${kind}_${[...randomBytes(20)].map(byte => BASE32[byte % 32]).join('')}`
}
