/** An honest export with proof, made by the product's own rules without its D1: tasks, acts, roots and a signed end. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { digestOfFacts, erasedFacts, linkText } from '../../src/domain/proof/link.ts'
import { actLine, Lines, type RootBody, signedText } from '../../src/domain/proof/root.ts'
import { mulberry32 } from './random.ts'
import { sha256 } from './task-builders.ts'

export const TEAM = 'team_acme'
const HOUR = 3_600_000
const DAY = 24 * HOUR
const BEGIN = Date.UTC(2026, 10, 2)

export interface Row {
  at: number
  task: string
  seq: number
  workflow: string
  types: string
  actor: string
  step: string | null
  facts: string
  digest: string
  log: string | null
  arrived: number
}

export interface Key {
  kid: string
  public: string
  private: KeyObject
}

export function newKey(kid: string): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return { kid, public: (publicKey.export({ format: 'jwk' }) as { x: string }).x, private: privateKey }
}

const signed = (key: Key, text: string) => sign(null, Buffer.from(text), key.private).toString('base64url')

const TYPES = ['created entered due', 'claimed', 'reported routed', 'commented', 'left entered asked']

/** Rows of some tasks and acts over some days, by seed; a few come late, by hours or days. */
export function honestRows(seed: number, { tasks = 12, days = 3 } = {}): Row[] {
  const random = mulberry32(seed)
  const rows: Row[] = []
  for (let n = 0; n < tasks; n++) {
    const task = `tsk_${String(n).padStart(4, '0')}`
    let at = BEGIN + Math.floor(random() * (days - 1) * DAY)
    let arrived = 0
    let [seq, before] = [1, '']
    const length = 1 + Math.floor(random() * 8)
    for (let i = 0; i < length; i++) {
      at += Math.floor(random() * 2 * HOUR)
      // What comes later of a task comes later to D1.
      arrived = Math.max(arrived, Math.floor(at / HOUR) + (random() < 0.1 ? Math.floor(random() * 30) : 0))
      const facts = random() < 0.3 ? '[]' : JSON.stringify([{ type: 'commented', to: [`p${n}.${i}@acme.test`] }])
      const types = i === 0 ? TYPES[0]! : TYPES[Math.floor(random() * TYPES.length)]!
      const bare = { team: TEAM, task, seq, at, workflow: 'wf_1', types, actor: '{"kind":"system"}', step: 'draft' }
      const log = sha256(`${task} ${seq} events`)
      const digest = sha256(linkText(before, bare, digestOfFacts(facts, sha256), log))
      const { team: _team, ...rest } = bare
      rows.push({ ...rest, facts, digest, log, arrived })
      before = digest
      seq += types.split(' ').length
    }
  }
  for (let seq = 1; seq <= 5; seq++) {
    const at = BEGIN + Math.floor((seq / 5) * (days - 0.1) * DAY)
    const facts = JSON.stringify([{ type: 'key.made', name: `Key ${seq}` }])
    const rest = {
      at,
      task: TEAM,
      seq,
      workflow: '',
      types: 'key.made',
      actor: '{"kind":"person","id":"a@b.test"}',
      step: null,
    }
    rows.push({ ...rest, facts, digest: sha256(`${at} ${facts}`), log: null, arrived: Math.floor(at / HOUR) })
  }
  return rows
}

export interface Made {
  rows: Row[]
  key?: Key
  /** The key of the first roots, which `key` vouches for. */
  former?: Key
  days?: number
  /** Rows that were deleted after the roots were made, with the heads that are on record. */
  without?: (row: Row) => boolean
  heads?: { task: string; seq: number; digest: string }[]
}

/** The file, line by line. */
export function proofFile({
  rows,
  key = newKey('k1'),
  former,
  days = 2,
  without = () => false,
  heads = [],
}: Made): string[] {
  const lines: string[] = []
  const endorsement = former && signed(key, `baton-audit-key-1\n${former.kid}\n${former.public}`)
  const keys = [
    { kid: key.kid, public: key.public, since: 1, retired: null, endorsedBy: null, endorsement: null },
    ...(former
      ? [{ kid: former.kid, public: former.public, since: 0, retired: 1, endorsedBy: key.kid, endorsement }]
      : []),
  ]
  lines.push(JSON.stringify({ baton: 'audit-proof-1', team: TEAM, at: 1, keys, heads }))
  const isAct = ({ task }: Row) => task === TEAM
  const acts = rows.filter(isAct).map(row => ({ team: TEAM, ...row }))
  const begin = BEGIN / HOUR
  let [before, actLink, from] = ['', '', 0]
  for (let n = 1; n <= days; n++) {
    const to = begin + 24 * n
    const by = n === 1 && former ? former : key
    const gathered = new Lines()
    for (const row of rows) if (!isAct(row) && row.arrived >= from && row.arrived < to) gathered.add(row)
    const own = actLine(
      actLink,
      acts.filter(({ arrived }) => arrived >= from && arrived < to),
      sha256,
    )
    const content: RootBody = { v: 1, team: TEAM, n, at: to * HOUR, from, to, before, tasks: gathered.all(), acts: own }
    const body = JSON.stringify(content)
    const digest = sha256(body)
    lines.push(
      JSON.stringify({ root: n, digest, kid: by.kid, signature: signed(by, signedText('root', digest)), body }),
    )
    before = digest
    actLink = own?.links.at(-1) ?? actLink
    from = to
  }
  const left = rows.filter(row => !without(row)).sort(inOrder)
  for (const row of left) lines.push(JSON.stringify({ row }))
  const open = new Lines()
  for (const row of left) if (!isAct(row) && row.arrived >= from) open.add(row)
  const file = createHash('sha256')
    .update(lines.map(line => `${line}\n`).join(''))
    .digest('hex')
  const last = actLine(
    actLink,
    acts.filter(({ arrived }) => arrived >= from),
    sha256,
  )
  const end = { v: 1, team: TEAM, at: 1, rows: left.length, roots: days, before, file, tasks: open.all(), acts: last }
  const body = JSON.stringify(end)
  const digest = sha256(body)
  lines.push(
    JSON.stringify({ end: left.length, digest, kid: key.kid, signature: signed(key, signedText('end', digest)), body }),
  )
  return lines
}

export function inOrder(a: Row, b: Row): number {
  return a.at - b.at || (a.task < b.task ? -1 : a.task > b.task ? 1 : a.seq - b.seq)
}

/** The row without its facts, as an erasure leaves it. */
export function erased(row: Row): Row {
  return { ...row, facts: erasedFacts(digestOfFacts(row.facts, sha256)) }
}
