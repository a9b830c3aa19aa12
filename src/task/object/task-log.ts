/** The Task DO's storage: an append-only log and the values too big for it. Nothing else of a task is stored. */
import { hash } from 'node:crypto'
import { isBlobRef } from '../../domain/task/context.ts'
import type { Actor, LogRow, TaskEvent } from '../../domain/task/events.ts'
import type { BlobRef } from '../../domain/task/log/blob.ts'
import { mapStored } from '../../domain/task/log/stored.ts'
import type { AuditRow } from '../../records/task/flush.ts'

/** A value over this is a row of its own. */
const INLINE_LIMIT = 16 * 1024
/** SQLite rows of a Durable Object end at 2 MB; nothing may come near. */
const ROW_LIMIT = 1_500_000
const HEAD_CHARS = 200

export interface StoredRow extends LogRow {
  /** SHA-256 of the row as stored, for the audit. */
  digest(): string
  /** Its place in the chain of the audit; undefined: it was written before there was one. */
  linked?: Linked
}

/** What the audit's chain has of a row: its digest there and that of its facts, `''` where it has none. */
export interface Linked {
  digest: string
  facts: string
  /** The digest of the row in the log as it was first stored, where words were erased since. */
  own?: string
  /** The audit's row, where it was just made. */
  row?: AuditRow
}

/** Links a row, as it is to be stored and with its digest there, to the one before. */
export type Link = (row: LogRow, own: string) => Linked

export function sha256(text: string): string {
  return hash('sha256', text)
}

export class TaskLog {
  #sql: SqlStorage
  #storage: DurableObjectStorage
  #exists = false
  #hasBlobs = false
  /** Whether its task was deleted: nothing is kept of it but that. */
  isGone = false
  /** Whether its table has the column of the chain: those of before do not. */
  #hasLinks = false
  /** The seq up to which D1 has the log, as far as was noted. */
  flushed = 0

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
    this.#sql = storage.sql
    this.#look()
  }

  #look(): void {
    const tables = this.#sql
      .exec<{ name: string; sql: string }>(`SELECT name, sql FROM sqlite_master WHERE name IN ('log', 'blob', 'gone')`)
      .toArray()
    const log = tables.find(table => table.name === 'log')
    this.#exists = log !== undefined
    this.#hasLinks = log?.sql.includes('linked') ?? false
    this.#hasBlobs = tables.some(table => table.name === 'blob')
    this.isGone = tables.some(table => table.name === 'gone')
  }

  /** Every row, in order. */
  rows(): StoredRow[] {
    if (!this.#exists) return []
    const rows = this.#sql
      .exec<{
        seq: number
        v: number
        at: number
        actor: string
        events: string
        key: string | null
        flushed: number
        linked: string | null
      }>(
        `SELECT seq, v, at, actor, events, key, flushed, ${this.#hasLinks ? 'linked' : 'NULL AS linked'} FROM log ORDER BY seq`,
      )
      .toArray()
    this.flushed = rows.reduce((most, row) => Math.max(most, row.flushed), this.flushed)
    return rows.map(row => {
      const link = row.linked === null ? undefined : readLink(row.linked)
      return {
        seq: row.seq,
        v: row.v,
        at: row.at,
        actor: JSON.parse(row.actor) as Actor,
        events: JSON.parse(row.events) as TaskEvent[],
        key: row.key === null ? undefined : (JSON.parse(row.key) as LogRow['key']),
        digest: () => link?.own ?? rowDigest(row.seq, row.at, row.actor, row.events),
        // Words may be erased of a row from before the chain, too; it has no place in it all the same.
        ...(link !== undefined && link.digest !== '' && { linked: link }),
      }
    })
  }

  /** Appends one command's events, with the flush cursor as it stands: all of it or nothing. Answers the row as stored. */
  append(row: LogRow, link: Link): StoredRow {
    const text = JSON.stringify(row.events)
    // A lone INSERT needs no transaction of its own: what follows it without a pause, the alarm, is committed with it anyway.
    if (text.length <= INLINE_LIMIT) return this.#insert(row, row.events, text, link)
    try {
      return this.#storage.transactionSync(() => {
        const events = row.events.map(event => this.#spill(event))
        return this.#insert(row, events, JSON.stringify(events), link)
      })
    } catch (error) {
      // What was undone may have been the making of a table.
      this.#look()
      throw error
    }
  }

  #insert(row: LogRow, events: TaskEvent[], text: string, link: Link): StoredRow {
    assertFits(text)
    this.#create()
    const actor = JSON.stringify(row.actor)
    const own = rowDigest(row.seq, row.at, actor, text)
    const linked = link({ ...row, events }, own)
    this.#sql.exec(
      'INSERT INTO log (seq, v, at, actor, events, key, flushed, linked) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      row.seq,
      row.v,
      row.at,
      actor,
      text,
      row.key === undefined ? null : JSON.stringify(row.key),
      this.flushed,
      `${linked.digest} ${linked.facts}`,
    )
    return { ...row, events, digest: () => own, linked }
  }

  /** Takes words out of rows that are stored, all or none: `erase` gives each event without them. Each keeps the digest it had. */
  rewrite(erase: (event: TaskEvent, keep: (value: unknown) => unknown) => TaskEvent): void {
    this.#storage.transactionSync(() => {
      const keep = (value: unknown) => {
        const json = JSON.stringify(value)
        return json.length > INLINE_LIMIT ? this.#keep(json) : value
      }
      this.#create()
      for (const row of this.rows()) {
        const events = row.events.map(event => erase(event, keep))
        const text = JSON.stringify(events)
        if (text === JSON.stringify(row.events)) continue
        const { digest = '', facts = '' } = row.linked ?? {}
        const linked = `${digest} ${facts} ${row.digest()}`
        this.#sql.exec('UPDATE log SET events = ?, linked = ? WHERE seq = ?', text, linked, row.seq)
      }
      this.#dropUnused()
    })
  }

  /** Big values that no row refers to any more go. */
  #dropUnused(): void {
    if (!this.#hasBlobs) return
    this.#sql.exec('DELETE FROM blob WHERE NOT EXISTS (SELECT 1 FROM log WHERE instr(events, digest) > 0)')
  }

  /** Writes the cursor by itself; worth a write only when no further row will carry it. */
  noteFlushed(): void {
    this.#sql.exec('UPDATE log SET flushed = ? WHERE seq = (SELECT max(seq) FROM log)', this.flushed)
  }

  /** Empties all storage, the alarm included, for good. An empty table tells from here on that there was a task. */
  async empty(): Promise<void> {
    await this.#storage.deleteAlarm()
    await this.#storage.deleteAll()
    this.#sql.exec('CREATE TABLE gone (never INTEGER)')
    this.#look()
  }

  /** The JSON text of a value that was too big for its row; null: none is kept under this digest. */
  blob(digest: string): string | null {
    if (!this.#hasBlobs) return null
    const [row] = this.#sql.exec<{ bytes: string }>('SELECT bytes FROM blob WHERE digest = ?', digest).toArray()
    return row?.bytes ?? null
  }

  #create(): void {
    if (this.#exists && this.#hasLinks) return
    this.#sql.exec(
      this.#exists
        ? 'ALTER TABLE log ADD COLUMN linked TEXT'
        : 'CREATE TABLE log (seq INTEGER PRIMARY KEY, v INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, events TEXT NOT NULL, key TEXT, flushed INTEGER NOT NULL, linked TEXT)',
    )
    this.#exists = true
    this.#hasLinks = true
  }

  /** The event with each big value replaced by a reference to its own row. */
  #spill(event: TaskEvent): TaskEvent {
    return mapStored(event, value => {
      if (isBlobRef(value)) return value
      const json = JSON.stringify(value)
      return json.length > INLINE_LIMIT ? this.#keep(json) : value
    })
  }

  #keep(json: string): BlobRef {
    assertFits(json)
    if (!this.#hasBlobs) {
      this.#sql.exec('CREATE TABLE blob (digest TEXT PRIMARY KEY, bytes TEXT NOT NULL) WITHOUT ROWID')
      this.#hasBlobs = true
    }
    const digest = sha256(json)
    this.#sql.exec('INSERT INTO blob (digest, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING', digest, json)
    return { $blob: digest, bytes: json.length, head: json.slice(0, HEAD_CHARS) }
  }
}

function assertFits(text: string): void {
  if (text.length > ROW_LIMIT) throw new Error(`a row of ${text.length} characters is beyond what storage takes`)
}

function readLink(text: string): Linked {
  const [digest = '', facts = '', own] = text.split(' ')
  return { digest, facts, ...(own !== undefined && { own }) }
}

function rowDigest(seq: number, at: number, actor: string, events: string): string {
  return sha256(`${seq}\n${at}\n${actor}\n${events}`)
}
