/** Channels in D1: where a team or one of its people is told besides by mail. */
import type { Actor } from '../../domain/task/events.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import type { SealedSecret } from '../schema/people.ts'
import type { channels } from '../schema/told.ts'

export type Channel = Omit<typeof channels.$inferSelect, 'tells' | 'version' | 'createdBy'> & {
  /** The kinds of messages that it gets. */
  tells: string[]
}

/** Who does something with a channel, and when. */
export interface ChannelBy {
  actor: Actor
  name: string
  at: number
}

type Row = Omit<Channel, 'tells' | 'sealed'> & { tells: string; sealed: string }

const COLUMNS = `team, id, person, kind, host, tells, sealed, created_at AS createdAt, failing_since AS failingSince,
  last_error AS lastError`

function read({ tells, sealed, ...row }: Row): Channel {
  return { ...row, tells: tells.split(' '), sealed: JSON.parse(sealed) as SealedSecret }
}

/** The team's own, and those of this person, in lower case; oldest first. */
export async function channelsFor(db: D1Database, team: string, person: string | null): Promise<Channel[]> {
  const sql = `SELECT ${COLUMNS} FROM channels WHERE team = ?1 AND (person IS NULL OR person = ?2) ORDER BY created_at, id`
  return (await db.prepare(sql).bind(team, person).all<Row>()).results.map(read)
}

/** One of them, whosesoever; null: the team has none of this id. */
export async function channelById(db: D1Database, team: string, id: string): Promise<Channel | null> {
  const sql = `SELECT ${COLUMNS} FROM channels WHERE team = ?1 AND id = ?2`
  const row = await db.prepare(sql).bind(team, id).first<Row>()
  return row && read(row)
}

const ADD = `INSERT INTO channels (team, id, person, kind, host, tells, sealed, version, created_at, created_by)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`

/** Keeps a new one, on record. */
export async function addChannel(
  db: D1Database,
  channel: Omit<Channel, 'createdAt' | 'failingSince' | 'lastError'>,
  by: ChannelBy,
): Promise<void> {
  const { team, id, person, kind, host, tells, sealed } = channel
  const values = [team, id, person, kind, host, tells.join(' '), JSON.stringify(sealed), sealed.version, by.at, by.name]
  await db.batch([
    db.prepare(ADD).bind(...values),
    await act(db, 'channel.made', channel, by, { changes: briefChange({}, saidOf(channel)) }),
  ])
}

const ROLL = 'UPDATE channels SET sealed = ?3, version = ?4 WHERE team = ?1 AND id = ?2 AND version = ?4 - 1'

/** Puts other contents in the place of the sealed ones, on record; false: somebody else did meanwhile. */
export async function resealChannel(
  db: D1Database,
  channel: Channel,
  sealed: SealedSecret,
  by: ChannelBy,
): Promise<boolean> {
  const { team, id } = channel
  const change = db.prepare(ROLL).bind(team, id, JSON.stringify(sealed), sealed.version)
  const versions = { from: sealed.version - 1, to: sealed.version }
  const [changed] = await db.batch([change, await act(db, 'channel.rolled', channel, by, versions)])
  return (changed?.meta.changes ?? 0) > 0
}

/** Takes it away, on record: what was still to be sent to it is not sent. */
export async function deleteChannel(db: D1Database, channel: Channel, by: ChannelBy): Promise<void> {
  const { team, id } = channel
  const change = db.prepare('DELETE FROM channels WHERE team = ?1 AND id = ?2').bind(team, id)
  await db.batch([change, await act(db, 'channel.deleted', channel, by, { changes: briefChange(saidOf(channel), {}) })])
}

/** Notes whether it took what it was sent. */
export async function noteHealth(db: D1Database, team: string, id: string, error: string | null, at: number) {
  const sql = `UPDATE channels SET failing_since = CASE WHEN ?3 IS NULL THEN NULL ELSE coalesce(failing_since, ?4) END,
    last_error = ?3 WHERE team = ?1 AND id = ?2 AND (?3 IS NOT NULL OR failing_since IS NOT NULL)`
  await db.prepare(sql).bind(team, id, error, at).run()
}

function act(
  db: D1Database,
  type: 'channel.made' | 'channel.rolled' | 'channel.deleted',
  { team, kind, host, person }: Pick<Channel, 'team' | 'kind' | 'host' | 'person'>,
  { actor, at }: ChannelBy,
  change: { changes: string } | { from: number; to: number },
) {
  return actStatement(db, { team, at, type, actor, facts: { kind, host, person, ...change } }, LAST_CHANGED)
}

/** What the log says of it: never the whole address, which is its secret. */
function saidOf({ kind, host, tells, person }: Pick<Channel, 'kind' | 'host' | 'tells' | 'person'>) {
  return { kind, host, tells, ...(person !== null && { person }) }
}
