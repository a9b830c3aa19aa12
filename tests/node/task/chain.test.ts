/** The audit rows of a task are one chain, whatever restarts, releases and repeated flushes lie between them. */
import { expect, test } from 'vitest'
import { digestOfFacts, erasedFacts, linkText } from '../../../src/domain/proof/link.ts'
import { decide } from '../../../src/domain/task/decide.ts'
import type { Actor } from '../../../src/domain/task/events.ts'
import type { AuditRow } from '../../../src/records/task/flush.ts'
import { auditRow } from '../../../src/task/object/chain.ts'
import { TaskLog } from '../../../src/task/object/task-log.ts'
import { type Recorded, TaskMemory } from '../../../src/task/object/task-memory.ts'
// @ts-expect-error: plain JavaScript, as the old logs are made with it
import { storageInMemory } from '../../support/old-logs/storage.mjs'
import { mulberry32 } from '../../support/random.ts'
import { ACME, ANA, oneHuman, publish, SECOND, START, SYSTEM, sha256 } from '../../support/task-builders.ts'

/** A Task DO's memory over storage that outlives it, and an audit as D1 keeps it: what is there stays. */
class Kept {
  readonly disk = storageInMemory()
  readonly audit = new Map<number, AuditRow>()
  memory = this.#opened()
  now = START

  #opened(): TaskMemory {
    let tokens = 0
    const outside = { now: () => this.now, token: () => `lease_${++tokens}`, random: () => 0.5, sha256 }
    return new TaskMemory(new TaskLog(this.disk.storage), outside)
  }

  do(command: Parameters<typeof decide>[1], actor: Actor = SYSTEM): Recorded {
    this.now += SECOND
    const context = this.memory.context(actor)
    const decision = decide(this.memory.state, command, context)
    if ('refusal' in decision) throw new Error(JSON.stringify(decision.refusal))
    return this.memory.append(decision.events, decision.state, context, undefined)
  }

  flush({ row, before }: Recorded): void {
    if (!this.audit.has(row.seq)) this.audit.set(row.seq, this.told({ row, before }))
  }

  told({ row, before }: Recorded): AuditRow {
    return auditRow(row, this.memory.state!, before?.visit.step ?? null)
  }

  /** The object dies and comes back: all that it finds is flushed again. */
  restart(): Recorded[] {
    this.memory = this.#opened()
    const found = this.memory.restore()
    for (const each of found) this.flush(each)
    return found
  }

  begin(): Recorded {
    return this.do({ type: 'create', task: 'tsk_1', team: 'acme', ...publish(oneHuman()), input: ACME } as never)
  }

  comment(text: string): Recorded {
    return this.do({ type: 'comment', text, mentions: [] } as never, ANA)
  }

  rows(): AuditRow[] {
    return [...this.audit.values()].sort((a, b) => a.seq - b.seq)
  }
}

/** The first row that does not cover the one before it; null: the chain is whole. */
function broken(rows: AuditRow[]): number | null {
  for (const [index, row] of rows.entries()) {
    if (row.log_digest === null) continue
    const text = linkText(rows[index - 1]?.digest ?? '', row, digestOfFacts(row.facts, sha256), row.log_digest)
    if (sha256(text) !== row.digest) return row.seq
  }
  return null
}

test('100 tasks with restarts, and flushes that are lost or come twice, each have one chain', () => {
  const random = mulberry32(7)
  for (let n = 0; n < 100; n++) {
    const kept = new Kept()
    let made = [kept.begin()]
    for (let step = 0; step < 12; step++) {
      if (random() < 0.5) for (const each of made.splice(0)) kept.flush(each)
      if (random() < 0.3) kept.restart()
      if (random() < 0.3) made = []
      made.push(kept.comment(`Note ${step}`))
    }
    kept.restart()
    expect(kept.rows().length).toBe(13)
    expect(broken(kept.rows())).toBeNull()
  }
})

test('a flush that is repeated after a restart tells the same, to the byte', () => {
  const kept = new Kept()
  const first = [kept.begin(), kept.comment('One'), kept.comment('Two')].map(each => kept.told(each))
  expect(kept.restart().map(each => kept.told(each))).toEqual(first)
})

test('changed, erased and exchanged facts: only what was erased still verifies', () => {
  const kept = new Kept()
  for (const each of [kept.begin(), kept.comment('One'), kept.comment('Two')]) kept.flush(each)
  const rows = kept.rows()
  const first = rows[0]!
  expect(first.facts).toContain('Acme')
  const erased = { ...first, facts: erasedFacts(digestOfFacts(first.facts, sha256)) }
  expect(broken([erased, ...rows.slice(1)])).toBeNull()
  expect(broken([{ ...first, facts: first.facts.replace('Acme', 'Acmf') }, ...rows.slice(1)])).toBe(1)
  expect(broken([{ ...erased, types: 'cancelled' }, ...rows.slice(1)])).toBe(1)
  expect(broken([first, { ...rows[1]!, log_digest: sha256('other events') }, rows[2]!])).toBe(rows[1]!.seq)
  expect(broken([first, rows[2]!])).toBe(rows[2]!.seq)
})

test('a task that an earlier release began goes on with a chain that covers its last row of before', () => {
  const kept = new Kept()
  kept.begin()
  kept.comment('One')
  kept.disk.storage.sql.exec('ALTER TABLE log DROP COLUMN linked')
  kept.restart()
  kept.flush(kept.comment('Two'))
  kept.restart()
  kept.flush(kept.comment('Three'))
  const rows = kept.rows()
  expect(rows.map(({ log_digest }) => log_digest !== null)).toEqual([false, false, true, true])
  expect(broken(rows)).toBeNull()
  expect(broken([rows[0]!, { ...rows[1]!, digest: sha256('another') }, ...rows.slice(2)])).toBe(rows[2]!.seq)
})

test('a release that tells facts in other words keeps the digests of those that are on record', () => {
  const kept = new Kept()
  const [begun, noted] = [kept.begin(), kept.comment('One')]
  kept.flush(begun)
  // As an earlier release would have told of the second row, which never reached D1.
  const { digest } = noted.row.linked!
  const before = kept.told(noted)
  const facts = sha256('[{"type":"commented","in":"other words"}]')
  const link = sha256(linkText(kept.told(begun).digest, before, facts, before.log_digest!))
  kept.disk.storage.sql.exec('UPDATE log SET linked = ? WHERE seq = ?', `${link} ${facts}`, before.seq)
  kept.restart()
  kept.flush(kept.comment('Two'))
  const rows = kept.rows()
  expect(link).not.toBe(digest)
  expect(rows[1]).toMatchObject({ digest: link, facts: `{"erased":"${facts}"}`, types: 'commented' })
  expect(broken(rows)).toBeNull()
})
