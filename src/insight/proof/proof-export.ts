/**
 * All of a team's audit in one file that anybody can check without Baton (`scripts/verify.mjs`), as JSON Lines: the keys, the
 * roots, every row as it lies there, oldest first, and an end that is signed like a root, over those that no root covers yet.
 */
import { createHash } from 'node:crypto'
import { actLine, Lines, signedText } from '../../domain/proof/root.ts'
import type { Env } from '../../env.ts'
import { actsThatCame, archivedHeads, lastRoot, type RawRow, rawRows, rootOf } from '../../records/proof.ts'
import { publishedKeys, signerOf } from './audit-keys.ts'
import { sha256 } from './seal.ts'

export const PROOF_TYPE = 'application/jsonl; charset=utf-8'

type ProofEnv = Pick<Env, 'DB' | 'BATON_SECRET' | 'BATON_SECRET_OLD'>

/** Of rows this young one may be missing whose successor came: it was on its way while the file was made. */
const ON_ITS_WAY_MS = 120_000
const ALL = Number.MAX_SAFE_INTEGER

/** The file, made while it is sent. A read that fails breaks it off: without its end nobody takes it for whole. */
export function exportProof(env: ProofEnv, team: string, now: number): ReadableStream<Uint8Array> {
  const parts = linesOf(env, team, now)
  const bytes = new TextEncoder()
  return new ReadableStream({
    async pull(to) {
      const { value, done } = await parts.next()
      if (done) to.close()
      else to.enqueue(bytes.encode(value))
    },
    async cancel() {
      await parts.return(undefined)
    },
  })
}

/** The file's text, some lines at a time. */
async function* linesOf(env: ProofEnv, team: string, now: number) {
  const { DB } = env
  const running = createHash('sha256')
  const told = (lines: unknown[]) => {
    const text = lines.map(line => `${JSON.stringify(line)}\n`).join('')
    running.update(text)
    return text
  }
  const last = await lastRoot(DB, team)
  const keys = await publishedKeys(env, now)
  const heads = await archivedHeads(DB, team)
  yield told([{ baton: 'audit-proof-1', team, at: now, keys, heads }])
  for (let n = 1; n <= (last?.n ?? 0); n++) {
    const root = await rootOf(DB, team, n)
    if (root !== null)
      yield told([{ root: n, digest: root.digest, kid: root.kid, signature: root.signature, body: root.body }])
  }
  const open = new Lines()
  const isSealed = (row: RawRow) =>
    last !== null &&
    row.arrived !== null &&
    (last.upto === '' ? row.arrived < last.toHour : row.arrived < last.fromHour)
  const wholeTasks = new WholeTasks(now - ON_ITS_WAY_MS)
  // Acts are numbered in the order that D1 takes them: all up to the last one are there already.
  const acts = await actsThatCame(DB, team, last?.act ?? 0, ALL, ALL)
  const lastAct = acts.at(-1)?.seq ?? last?.act ?? 0
  let rows = 0
  for await (const some of rawRows(DB, team)) {
    const kept = some.filter(row => (row.task === team ? row.seq <= lastAct : wholeTasks.take(row)))
    for (const row of kept) {
      if (row.task !== team && row.log !== null && !isSealed(row)) open.add(row)
    }
    rows += kept.length
    yield told(kept.map(row => ({ row })))
  }
  const line = actLine(last?.actLink ?? '', acts, sha256)
  const signer = await signerOf(env)
  const body = JSON.stringify({
    v: 1,
    team,
    at: now,
    rows,
    roots: last?.n ?? 0,
    before: last?.digest ?? '',
    file: running.digest('hex'),
    tasks: open.all(),
    acts: line,
  })
  const digest = sha256(body)
  const signature = await signer.sign(signedText('end', digest))
  yield `${JSON.stringify({ end: rows, digest, kid: signer.kid, signature, body })}\n`
}

/** Leaves out what follows a row of its task that is not there yet: while the file is made rows come that lie behind it. */
class WholeTasks {
  readonly #next = new Map<string, number>()
  readonly #since: number

  constructor(since: number) {
    this.#since = since
  }

  take({ at, task, seq, types }: RawRow): boolean {
    const next = this.#next.get(task)
    if (at >= this.#since && next !== undefined && seq > next) return false
    // A row takes as many numbers as it has events.
    this.#next.set(task, seq + types.split(' ').length)
    return true
  }
}
