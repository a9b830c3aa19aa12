/** scripts/verify.mjs finds whatever was done to an export, and names the row; what is honest passes. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Fault, verify } from '../../../scripts/verify.mjs'
import { digestOfFacts, linkText } from '../../../src/domain/proof/link.ts'
import { signedText } from '../../../src/domain/proof/root.ts'
import { erased, honestRows, inOrder, newKey, proofFile, type Row, TEAM } from '../../support/proof-file.ts'
import { mulberry32 } from '../../support/random.ts'
import { sha256 } from '../../support/task-builders.ts'

const faultsOf = async (...given: Parameters<typeof verify>) => (await verify(...given)).faults
const rowIn = (line: string) => (JSON.parse(line) as { row?: Row }).row
const lined = (row: Row) => JSON.stringify({ row })
const FIRST_ROW = 3
const SEEDS = Array.from({ length: 40 }, (_, seed) => seed)

/** The lines that hold rows of tasks (or of the team), by number. */
function placesOf(lines: string[], fits: (row: Row) => boolean = row => row.task !== TEAM): number[] {
  return lines.flatMap((line, index) => {
    const row = rowIn(line)
    return row !== undefined && fits(row) ? [index] : []
  })
}

function isNamed(faults: Fault[], row: Row): boolean {
  const name = row.task === TEAM ? `act ${row.seq} of the team` : `entry ${row.seq} of task ${row.task} `
  return `${faults[0]?.text.toLowerCase()} `.includes(`${name.toLowerCase()}`)
}

test('honest files pass, with late rows, and whatever was erased', async () => {
  for (const seed of SEEDS) {
    const rows = honestRows(seed)
    expect(await faultsOf(proofFile({ rows }))).toEqual([])
    // Erased after the roots were made.
    const lines = proofFile({ rows: rows.map(row => (row.seq % 2 === 1 ? erased(row) : row)) })
    expect(lines.join('').includes('"facts":"{\\"erased')).toBe(true)
    expect(await faultsOf(lines)).toEqual([])
  }
})

describe.each([
  ['a task’s row', (row: Row) => row.task !== TEAM],
  ['an act', (row: Row) => row.task === TEAM],
])('of %s', (_, fits) => {
  test.each(['types', 'actor', 'workflow', 'step', 'facts', 'at', 'digest'] as const)(
    'a changed %s is named',
    async field => {
      for (const seed of SEEDS) {
        const lines = proofFile({ rows: honestRows(seed) })
        const places = placesOf(lines, fits)
        const place = places[Math.floor(mulberry32(seed)() * places.length)]!
        const row = rowIn(lines[place]!)!
        const changed = { ...row, [field]: field === 'at' ? row.at + 1 : otherByte(String(row[field])) }
        lines[place] = lined(changed)
        const faults = await faultsOf(lines)
        expect([seed, faults[0]?.kind, isNamed(faults, row)]).toEqual([
          seed,
          faults[0]?.kind === 'moved' ? 'moved' : 'changed',
          true,
        ])
      }
    },
  )

  test.each(['first', 'middle', 'last'])(
    'the %s one that is removed is named, or the task that is gone',
    async which => {
      for (const seed of SEEDS) {
        const rows = honestRows(seed)
        const lines = proofFile({ rows })
        const own = rows.filter(fits)
        const task = own[Math.floor(mulberry32(seed)() * own.length)]!.task
        const chain = own.filter(row => row.task === task).sort((a, b) => a.seq - b.seq)
        const gone = which === 'first' ? chain[0]! : which === 'last' ? chain.at(-1)! : chain[chain.length >> 1]!
        const place = placesOf(lines, row => row.task === task && row.seq === gone.seq)[0]!
        const faults = await faultsOf(lines.toSpliced(place, 1))
        expect([seed, faults[0]?.kind]).toEqual([seed, 'removed'])
        const said = faults[0]!.text
        expect(isNamed(faults, gone) || (chain.length === 1 && said.includes(task))).toBe(true)
      }
    },
  )

  test('two lines that change places', async () => {
    for (const seed of SEEDS) {
      const lines = proofFile({ rows: honestRows(seed) })
      const place = placesOf(lines, fits).find(one => one + 1 < lines.length - 1)!
      const [a, b] = [lines[place]!, lines[place + 1]!]
      const faults = await faultsOf(lines.toSpliced(place, 2, b, a))
      expect(faults[0]).toMatchObject({ line: place + 2, kind: 'moved' })
      expect(isNamed(faults, rowIn(a)!)).toBe(true)
    }
  })

  test('one that is added, though its digest is right', async () => {
    for (const seed of SEEDS) {
      const rows = honestRows(seed)
      const lines = proofFile({ rows })
      const places = placesOf(lines, fits)
      const last = rows
        .filter(fits)
        .sort((a, b) => a.seq - b.seq)
        .at(-1)!
      const row = following(
        rows
          .filter(({ task }) => task === last.task)
          .sort((a, b) => a.seq - b.seq)
          .at(-1)!,
      )
      const added = [...lines.slice(FIRST_ROW, -1), lined(row)].sort((a, b) => inOrder(rowIn(a)!, rowIn(b)!))
      expect(places.length).toBeGreaterThan(0)
      const faults = await faultsOf([...lines.slice(0, FIRST_ROW), ...added, lines.at(-1)!])
      expect([seed, faults[0]?.kind, isNamed(faults, row)]).toEqual([seed, 'added', true])
    }
  })
})

test('a chain that was changed and computed anew up to its end is found by its root, or the end, and the row is named', async () => {
  for (const seed of SEEDS) {
    const lines = proofFile({ rows: honestRows(seed) })
    const places = placesOf(lines)
    const place = places[Math.floor(mulberry32(seed)() * places.length)]!
    const row = rowIn(lines[place]!)!
    let before = ''
    for (const one of placesOf(lines, each => each.task === row.task)) {
      const each = rowIn(lines[one]!)!
      if (each.seq === row.seq) each.facts = '[{"type":"commented","to":["somebody@else.test"]}]'
      each.digest = sha256(linkText(before, { team: TEAM, ...each }, digestOfFacts(each.facts, sha256), each.log!))
      before = each.digest
      lines[one] = lined(each)
    }
    const faults = await faultsOf(lines)
    expect([seed, faults[0]?.kind, isNamed(faults, row)]).toEqual([seed, 'changed', true])
  }
})

test('two tasks that exchange their facts', async () => {
  const lines = proofFile({ rows: honestRows(3) })
  const [a, b] = placesOf(lines, row => row.task !== TEAM && row.facts !== '[]')
  const [first, second] = [rowIn(lines[a!]!)!, rowIn(lines[b!]!)!]
  lines[a!] = lined({ ...first, facts: second.facts })
  lines[b!] = lined({ ...second, facts: first.facts })
  const faults = await faultsOf(lines)
  expect(faults.map(({ kind }) => kind)).toEqual(['changed', 'changed'])
  expect(isNamed(faults, first)).toBe(true)
})

describe('a root', () => {
  const rows = honestRows(5)
  const key = newKey('k1')
  const lines = proofFile({ rows, key })
  const rootIn = (line: string) =>
    JSON.parse(line) as { root: number; body: string; digest: string; signature: string; kid: string }

  test('that was changed, and one whose digest was computed anew', async () => {
    const root = rootIn(lines[1]!)
    const body = root.body.replace(/"at":\d+/, '"at":1')
    expect((await faultsOf(lines.with(1, JSON.stringify({ ...root, body }))))[0]).toMatchObject({
      line: 2,
      kind: 'root',
    })
    const forged = { ...root, body, digest: sha256(body) }
    const faults = await faultsOf(lines.with(1, JSON.stringify(forged)))
    expect(faults.filter(({ kind }) => kind !== 'root')).toEqual([])
    expect(faults[0]!.text).toBe('Root 1 has a signature that is not genuine.')
  })

  test('that somebody signed with a key of their own, also where the file names that key', async () => {
    const mine = newKey('k2')
    const forged = proofFile({ rows, key: mine })
    expect((await faultsOf(lines.with(1, forged[1]!)))[0]!.text).toContain('which nobody vouches for')
    const head = JSON.parse(lines[0]!) as { keys: object[] }
    const { private: _, ...named } = mine
    const retired = { ...named, since: 0, retired: 1, endorsedBy: 'k1', endorsement: 'AAAA' }
    const faults = await faultsOf([
      JSON.stringify({ ...head, keys: [...head.keys, retired] }),
      forged[1]!,
      ...lines.slice(2),
    ])
    expect(faults[0]).toMatchObject({ line: 1, kind: 'key' })
    // A file that is forged as a whole is honest in itself: the published keys tell.
    expect(await faultsOf(forged)).toEqual([])
    expect((await faultsOf(forged, [{ kid: 'k1', public: key.public, endorsedBy: null }]))[0]!.text).toContain(
      'nobody vouches for',
    )
  })

  test('that is missing, at the beginning or at the end, and one that is known from its mail', async () => {
    expect((await faultsOf(lines.toSpliced(1, 1)))[0]).toMatchObject({
      kind: 'root',
      text: 'Root 1 is missing, or out of its place.',
    })
    expect(
      (await faultsOf(lines.toSpliced(2, 1))).some(({ text }) => text.startsWith('The last root is missing')),
    ).toBe(true)
    const known = new Map([[2, rootIn(lines[2]!).digest]])
    expect(await faultsOf(lines, null, known)).toEqual([])
    expect((await faultsOf(proofFile({ rows: honestRows(6), key }), null, known))[0]!.text).toBe(
      'Root 2 is not the one that you know.',
    )
  })

  test('that a key signed which was replaced since, and is vouched for by the one in use', async () => {
    expect(await faultsOf(proofFile({ rows, key: newKey('new'), former: newKey('old') }))).toEqual([])
  })
})

test('a file that breaks off, has something behind its end, or another key than the published one', async () => {
  const lines = proofFile({ rows: honestRows(8) })
  expect((await faultsOf(lines.slice(0, -1)))[0]!.kind).toBe('file')
  expect((await faultsOf([...lines, lines[3]!])).at(-1)!.text).toContain('after the end')
  const row = rowIn(lines[4]!)!
  expect((await faultsOf(lines.with(4, lined({ ...row, arrived: row.arrived + 1 }))))[0]!.text).toContain(
    'not as it was made',
  )
  expect((await faultsOf(lines.with(4, '{')))[0]).toMatchObject({ line: 5, kind: 'changed' })
  await expect(faultsOf(['{"items":[]}'])).rejects.toThrow('no export with proof')
})

describe('what was archived and deleted, on record', () => {
  const rows = honestRows(11, { tasks: 30 })
  const until = Date.UTC(2026, 10, 2, 20)
  const isOld = (row: Row) => row.at <= until
  const gone = rows.filter(row => isOld(row))
  const record = (count: number): Row[] => {
    const facts = JSON.stringify([{ type: 'data.deleted', kind: 'audit', rows: count }])
    const at = Date.UTC(2026, 10, 4, 23, 59)
    const act = { at, task: TEAM, seq: 6, workflow: '', types: 'data.deleted', actor: '{"kind":"system"}', step: null }
    return [...rows, { ...act, facts, digest: sha256(facts), log: null, arrived: Math.floor(at / 3_600_000) }]
  }
  const heads = [...new Set(gone.map(({ task }) => task))].map(task => {
    const { seq, digest } = gone
      .filter(row => row.task === task)
      .sort((a, b) => a.seq - b.seq)
      .at(-1)!
    return { task, seq, digest }
  })

  test('passes, and what is left is checked from there on', async () => {
    expect(gone.length).toBeGreaterThan(10)
    const lines = proofFile({ rows: record(gone.length), without: isOld, heads })
    expect(await faultsOf(lines)).toEqual([])
    for (const place of placesOf(lines)) {
      const row = rowIn(lines[place]!)!
      const faults = await faultsOf(lines.with(place, lined({ ...row, types: otherByte(row.types) })))
      expect(isNamed(faults, row)).toBe(true)
    }
  })

  test('without a record of it, and with more missing than was archived, it does not', async () => {
    const faults = await faultsOf(proofFile({ rows, without: isOld, heads }))
    expect(faults[0]?.kind).toBe('removed')
    const more = await faultsOf(
      proofFile({
        rows: record(gone.length - 1 - gone.filter(({ task }) => task === TEAM).length),
        without: isOld,
        heads,
      }),
    )
    expect(more[0]?.text).toContain('were archived')
  })
})

test('the command says what it found, and ends with 0, 1 or 2', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'proof-')), 'audit.jsonl')
  const run = (...args: string[]) => spawnSync('node', ['scripts/verify.mjs', ...args], { encoding: 'utf8' })
  const lines = proofFile({ rows: honestRows(9) })
  writeFileSync(file, `${lines.join('\n')}\n`)
  expect(execFileSync('node', ['scripts/verify.mjs', file], { encoding: 'utf8' })).toContain('are as they were written')
  writeFileSync(file, lines.toSpliced(4, 1).join('\n'))
  expect(run(file)).toMatchObject({ status: 1, stdout: expect.stringContaining('NOT AS IT WAS. Line') })
  expect(run(`${file}.not`)).toMatchObject({ status: 2, stdout: '' })
  expect(run()).toMatchObject({ status: 2 })
})

test('100,000 honest rows pass', async () => {
  const rows = honestRows(1, { tasks: 22_600, days: 5 })
  expect(rows.length).toBeGreaterThan(100_000)
  const found = await verify(proofFile({ rows, days: 4 }))
  expect(found.faults).toEqual([])
  expect(found.rows).toBe(rows.length)
})

test('what is signed says what it is', () => {
  expect(signedText('root', 'd')).not.toBe(signedText('end', 'd'))
})

/** The text with one character changed, still of as many words and as valid as before where it is JSON. */
function otherByte(text: string): string {
  const at = text.search(/[a-y0-8](?=[^a-z0-9]*$)/)
  const place = at < 0 ? 0 : at
  return `${text.slice(0, place)}${String.fromCharCode(text.charCodeAt(place) + 1)}${text.slice(place + 1)}`
}

/** One more row after this, linked as Baton would. */
function following(last: Row): Row {
  const seq = last.task === TEAM ? last.seq + 1 : last.seq + last.types.split(' ').length
  const row = { ...last, at: last.at + 1, seq }
  if (last.task === TEAM) return row
  const digest = sha256(linkText(last.digest, { team: TEAM, ...row }, digestOfFacts(row.facts, sha256), row.log!))
  return { ...row, digest }
}
