/** A team that has nothing yet, put into a served state while nobody serves it: no page makes one, and the seed's has workflows. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Baton, startBaton } from './baton.ts'

export const NEWCOMER = 'kim@newcomers.test'

/** Baton with the seed's team beside an empty one, whose only member is `NEWCOMER`. */
export async function startWithEmptyTeam(): Promise<Baton> {
  const state = mkdtempSync(path.join(tmpdir(), 'baton-empty-'))
  const first = await startBaton({ state })
  await first.stop()
  addTeam(state)
  const baton = await startBaton({ state })
  const stop = async () => {
    await baton.stop()
    rmSync(state, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
  return { ...baton, stop }
}

function addTeam(state: string): void {
  const folder = path.join(state, 'v3/d1/miniflare-D1DatabaseObject')
  const file = readdirSync(folder).find(name => /^[0-9a-f]{64}\.sqlite$/.test(name))
  if (file === undefined) throw new Error(`no database in ${folder}`)
  const db = new DatabaseSync(path.join(folder, file))
  const at = new Date().toISOString()
  db.prepare('INSERT INTO organization (id, name, slug, createdAt) VALUES (?, ?, ?, ?)').run(
    'team_newcomersaaaaaaaaaaa',
    'Newcomers',
    'newcomers',
    at,
  )
  db.prepare('INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt) VALUES (?, ?, ?, 1, ?, ?)').run(
    'user_kimaaaaaaaaaaaaaaaaa',
    'Kim',
    NEWCOMER,
    at,
    at,
  )
  db.prepare('INSERT INTO member (id, organizationId, userId, role, createdAt) VALUES (?, ?, ?, ?, ?)').run(
    'member_kimaaaaaaaaaaaaaaa',
    'team_newcomersaaaaaaaaaaa',
    'user_kimaaaaaaaaaaaaaaaaa',
    'owner',
    at,
  )
  db.close()
}
