/** Seals a team's audit: once a day all that came until then, in as many roots as it takes. */
import { hash } from 'node:crypto'
import { actLine, Lines, type RootBody, rowsOfLine, signedText } from '../../domain/proof/root.ts'
import type { Env } from '../../env.ts'
import {
  actsThatCame,
  allTeams,
  type Hours,
  hourAfter,
  hourOfD1,
  keepRoot,
  lastRoot,
  type RootHead,
  rowsThatCame,
} from '../../records/proof.ts'
import { keepPublished, type Signer, signerOf } from './audit-keys.ts'

export const sha256 = (text: string): string => hash('sha256', text)

const HOURS_A_DAY = 24
/** How much goes into one root: D1 takes 2 MB in one value, and a line is about 150 bytes. */
const MOST = { lines: 8000, rows: 200_000, acts: 2000 }

type SealEnv = Pick<Env, 'DB' | 'BATON_SECRET' | 'BATON_SECRET_OLD'>

/** The hourly pass: seals what came until midnight, UTC, of every team that is not sealed up to then. */
export async function sealDays(env: SealEnv, now: number): Promise<void> {
  const hour = await hourOfD1(env.DB)
  const until = hour - (hour % HOURS_A_DAY)
  let kept = false
  for await (const team of allTeams(env.DB)) {
    try {
      const last = await lastRoot(env.DB, team)
      if (last !== null && last.toHour >= until && last.upto === '') continue
      if (!kept) await keepPublished(env, now)
      kept = true
      await seal(env, team, until, now)
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', at: 'proof', team, message: String(error) }))
    }
  }
}

/**
 * Seals what D1 took before the hour `until`, which must be over: no row can come into it any more. Answers how many roots
 * it made. Two that seal at once make the same roots, and each is kept once.
 */
export async function seal(env: SealEnv, team: string, until: number, now: number, most = MOST): Promise<number> {
  const signer = await signerOf(env)
  for (let made = 0; ; made++) {
    const last = await lastRoot(env.DB, team)
    if (!(await sealNext(env.DB, signer, { team, last, until, now, most }))) return made
  }
}

interface Seal {
  team: string
  last: RootHead | null
  until: number
  now: number
  most: typeof MOST
}

/** Makes one root; false: there is nothing to seal, or somebody else was faster. */
async function sealNext(db: D1Database, signer: Signer, { team, last, until, now, most }: Seal): Promise<boolean> {
  const hours = await nextHours(db, team, last, until, most.rows)
  const lines = new Lines()
  for await (const rows of rowsThatCame(db, team, hours)) for (const row of rows) lines.add(row)
  const after = last !== null && last.upto !== '' ? last.upto : ''
  const left = lines.all().filter(([task]) => task > after)
  const tasks = left.slice(0, most.lines)
  const upto = left.length > tasks.length ? tasks.at(-1)![0] : ''
  const before = last?.actLink ?? ''
  const acts = actLine(before, await actsThatCame(db, team, last?.act ?? 0, hours.to, most.acts), sha256)
  const isOver = upto === '' && acts === null && hours.to >= until
  if (tasks.length === 0 && isOver && after === '') return false
  const entries = tasks.reduce((sum, line) => sum + rowsOfLine(line), 0) + (acts?.links.length ?? 0)
  const n = (last?.n ?? 0) + 1
  const { from, to } = hours
  const content: RootBody = { v: 1, team, n, at: now, from, to, before: last?.digest ?? '', tasks, acts }
  const body = JSON.stringify(content)
  const digest = sha256(body)
  const signature = await signer.sign(signedText('root', digest))
  const act = acts === null ? (last?.act ?? 0) : acts.first + acts.links.length - 1
  const actLink = acts?.links.at(-1) ?? before
  const own = { team, n, at: now, fromHour: from, toHour: to, upto, act, actLink, entries, digest }
  return keepRoot(db, { ...own, kid: signer.kid, signature, body })
}

/** The hours to seal: those that the last root did not come to the end of, else all that are left, or fewer of a busy team. */
async function nextHours(
  db: D1Database,
  team: string,
  last: RootHead | null,
  until: number,
  most: number,
): Promise<Hours> {
  if (last !== null && last.upto !== '') return { from: last.fromHour, to: last.toHour }
  const from = last?.toHour ?? 0
  const to = Math.max(until, from)
  const full = await hourAfter(db, team, { from, to }, most)
  return { from, to: full === null ? to : Math.max(full, from + 1) }
}
