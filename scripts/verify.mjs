#!/usr/bin/env node
/**
 * Checks a team's audit without Baton: `node scripts/verify.mjs <export> [--keys <file or address>] [--root <number>:<digest>]`.
 *
 * <export> is what `GET /api/v1/audit/proof` or the page Audit, Proof gives. It needs Node 20 or newer and nothing else. It says
 * which row was changed, removed, added or moved first, or which root is not the one that was signed, and ends with
 *   0  all of it is as it was written,
 *   1  something is not,
 *   2  it could not be checked (no such file, not an export, …).
 *
 * --keys: keys to trust, as they are published at /.well-known/baton-audit-keys.json. Without it those in the export are taken;
 *         then compare the key that it names with the published one.
 * --root: a root that you know from elsewhere, such as from its mail: it must be in the export, just as it is.
 */
import { createHash, createPublicKey, verify as verifies } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const HOUR_MS = 3_600_000
const BEGINNING = 6
const sha256 = text => createHash('sha256').update(text).digest('hex')
const ERASED = /^\{"erased":"([0-9a-f]{64})"\}$/

const digestOfFacts = facts => (facts === '[]' ? '' : (ERASED.exec(facts)?.[1] ?? sha256(facts)))
const linkOf = (team, before, row, own) =>
  sha256(
    JSON.stringify([
      'baton-audit-1',
      before,
      team,
      row.task,
      row.seq,
      row.at,
      row.workflow,
      row.types,
      row.actor,
      row.step,
      digestOfFacts(row.facts),
      own,
    ]),
  )

/** A row in words: which task, which number. */
const named = (team, { task, seq }) => (task === team ? `act ${seq} of the team` : `entry ${seq} of task ${task}`)
const timed = at => new Date(at).toISOString()

function isSigned(key, text, signature) {
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: key }
    return verifies(
      null,
      Buffer.from(text),
      createPublicKey({ key: jwk, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    )
  } catch {
    return false
  }
}

/**
 * Checks the lines of an export. `trusted`: keys from elsewhere; null: those of the export. `known`: roots from elsewhere, by
 * number. Answers the faults in order of the file, each with `line`, `kind` (changed, removed, added, moved, root, key, file)
 * and `text`, and what was found.
 */
export async function verify(lines, trusted = null, known = new Map()) {
  const faults = []
  const fault = (line, kind, text) => faults.push({ line, kind, text })
  const running = createHash('sha256')
  const roots = []
  /** Task → its rows, in the order of the file. */
  const chains = new Map()
  let head = null
  let end = null
  let count = 0
  let last = null
  let number = 0
  for await (const text of lines) {
    number++
    if (end !== null) {
      fault(number, 'added', 'There is something after the end.')
      break
    }
    let said
    try {
      said = JSON.parse(text)
    } catch {
      fault(number, 'changed', 'This line is not JSON.')
      running.update(`${text}\n`)
      continue
    }
    if (said?.end !== undefined) {
      end = { ...said, line: number }
      continue
    }
    running.update(`${text}\n`)
    if (number === 1) {
      if (said?.baton !== 'audit-proof-1' || typeof said.team !== 'string' || !Array.isArray(said.keys))
        throw new Error('This is no export with proof: its first line says nothing of "audit-proof-1".')
      head = said
    } else if (said?.root !== undefined) roots.push({ ...said, line: number })
    else if (isRow(said?.row)) {
      const { row } = said
      count++
      if (last !== null && compare(last, row) >= 0)
        fault(
          number,
          'moved',
          `${cap(named(head.team, row))} (${timed(row.at)}) stands behind ${named(head.team, last)}, which is later, or is the same.`,
        )
      else last = row
      const chain = chains.get(row.task)
      const kept = { ...row, line: number }
      if (chain === undefined) chains.set(row.task, [kept])
      else chain.push(kept)
    } else fault(number, 'changed', 'This line is neither a root nor a row.')
  }
  if (head === null) throw new Error('There is nothing in this file.')
  const { team } = head
  const keys = trustedKeys(head.keys, trusted, fault)
  if (end === null) fault(number + 1, 'file', 'The file breaks off: its end is missing. Export it again.')
  const read = readRoots(team, roots, keys, known, fault)
  const ending = end === null ? null : readEnd(team, end, keys, read, fault)
  // Where a root or the end does not hold, what it had is not known to be there or not.
  const isWhole = ending !== null && faults.every(({ kind }) => kind !== 'root')
  const links = linksOfActs(read, ending)
  if (links.size > 0 && !chains.has(team)) fault(number, 'removed', 'All acts of the team were removed.')
  const archive = archiveOf(head.heads ?? [], chains.get(team) ?? [])
  const oldest = [...chains.values()].reduce((least, [row]) => Math.min(least, row.at), Number.POSITIVE_INFINITY)
  const before = { rows: 0, until: 0 }
  /** Tasks that something is wrong with in themselves. */
  const faulty = new Set()
  for (const rows of chains.values()) {
    rows.sort((a, b) => a.seq - b.seq || a.line - b.line)
    const known = faults.length
    if (rows[0].task === team) checkActs(team, rows, links, archive, isWhole, fault)
    else checkTask(team, rows, archive, before, fault)
    if (faults.length > known) faulty.add(rows[0].task)
  }
  const covered = checkLines({ team, chains, read, ending, archive, oldest, faulty, isWhole, line: number, fault })
  if (ending !== null) {
    if (ending.body.rows !== count)
      fault(end.line, 'file', `The file has ${count} rows, and had ${ending.body.rows} when it was made.`)
    else if (faults.length === 0 && ending.body.file !== running.digest('hex'))
      fault(end.line, 'file', 'The file is not as it was made, though every row and root of it is.')
  }
  faults.sort((a, b) => a.line - b.line)
  const until = read.at(-1)?.body.to
  return {
    faults,
    rows: count,
    roots: read.length,
    tasks: chains.size - (chains.has(team) ? 1 : 0),
    team,
    until,
    ...covered,
    before,
    keys,
    end,
  }
}

const isRow = row =>
  row !== null &&
  typeof row === 'object' &&
  typeof row.task === 'string' &&
  Number.isInteger(row.seq) &&
  Number.isInteger(row.at) &&
  ['types', 'facts', 'digest', 'actor', 'workflow'].every(name => typeof row[name] === 'string')
const cap = text => text[0].toUpperCase() + text.slice(1)
const compare = (a, b) => a.at - b.at || (a.task < b.task ? -1 : a.task > b.task ? 1 : a.seq - b.seq)
const eventsIn = row => row.types.split(' ').length

/** Key id → public key, of those that are in use or vouched for by one that is trusted. */
function trustedKeys(given, trusted, fault) {
  const keys = new Map()
  const from = trusted ?? given
  for (const key of from) {
    if (typeof key?.kid !== 'string') continue
    // What is published is trusted as it stands; within the export only the key in use is.
    if (trusted !== null || key.endorsedBy === null) keys.set(key.kid, key.public ?? key.x)
  }
  if (trusted === null && keys.size > 1) fault(1, 'key', 'More than one key is said to be in use.')
  for (let more = true; more; ) {
    more = false
    for (const { kid, public: key, endorsedBy, endorsement } of given) {
      if (keys.has(kid) || !keys.has(endorsedBy)) continue
      if (!isSigned(keys.get(endorsedBy), `baton-audit-key-1\n${kid}\n${key}`, endorsement ?? '')) {
        fault(1, 'key', `The key ${kid} is not vouched for by ${endorsedBy}, as it says.`)
        continue
      }
      keys.set(kid, key)
      more = true
    }
    if (more && keys.size > 1000) break
  }
  return keys
}

/** What is wrong with a signed body; null: nothing. */
function signatureFault({ digest, kid, signature, body }, kind, keys) {
  if (typeof body !== 'string' || sha256(body) !== digest) return 'does not hold what its digest says'
  if (!keys.has(kid)) return `is signed with the key ${kid}, which nobody vouches for`
  if (!isSigned(keys.get(kid), `baton-audit-${kind}-1\n${digest}`, signature ?? ''))
    return 'has a signature that is not genuine'
  return null
}

/** The roots that hold, in order. */
function readRoots(team, roots, keys, known, fault) {
  const read = []
  let before = ''
  let n = 1
  for (const root of roots) {
    const wrong = signatureFault(root, 'root', keys)
    const body = wrong === null ? JSON.parse(root.body) : null
    if (wrong !== null) fault(root.line, 'root', `Root ${root.root} ${wrong}.`)
    else if (body.team !== team) fault(root.line, 'root', `Root ${root.root} is of another team.`)
    else if (body.n !== n) fault(root.line, 'root', `Root ${n} is missing, or out of its place.`)
    else if (body.before !== before) fault(root.line, 'root', `Root ${n} does not follow the one before it.`)
    if (known.has(root.root) && known.get(root.root) !== root.digest)
      fault(root.line, 'root', `Root ${root.root} is not the one that you know.`)
    if (body !== null) read.push({ line: root.line, body, digest: root.digest })
    before = root.digest
    n = (body?.n ?? n) + 1
  }
  for (const one of known.keys())
    if (!roots.some(({ root }) => root === one)) fault(2, 'root', `Root ${one}, which you know, is missing.`)
  return read
}

function readEnd(team, end, keys, read, fault) {
  const wrong = signatureFault(end, 'end', keys)
  if (wrong !== null) {
    fault(end.line, 'file', `The end of the file ${wrong}.`)
    return null
  }
  const body = JSON.parse(end.body)
  if (body.team !== team) fault(end.line, 'file', 'The end of the file is of another team.')
  if (body.roots !== (read.at(-1)?.body.n ?? 0) || body.before !== (read.at(-1)?.digest ?? ''))
    fault(end.line, 'root', `The last root is missing: there were ${body.roots} when the file was made.`)
  return { line: end.line, body }
}

/** Number of an act → its link, as roots and end have them. */
function linksOfActs(read, ending) {
  const links = new Map()
  for (const { body } of [...read, ...(ending === null ? [] : [ending])]) {
    if (body.acts === null) continue
    if (body.acts.first > 1) links.set(body.acts.first - 1, body.acts.before)
    for (const [index, link] of body.acts.links.entries()) links.set(body.acts.first + index, link)
  }
  return links
}

/** What was deleted, on record, after it was archived: heads from which chains go on, and how many rows at most. */
function archiveOf(heads, acts) {
  let rows = 0
  for (const act of acts) {
    const [fact] = factsOf(act)
    if (fact?.type === 'data.deleted' && fact.kind === 'audit') rows += Number(fact.rows) || 0
  }
  return { heads: new Map(heads.map(head => [head.task, head])), rows }
}

function factsOf(row) {
  try {
    const facts = JSON.parse(row.facts)
    return Array.isArray(facts) ? facts : []
  } catch {
    return []
  }
}

/** A task's chain: each row covers the one before, and none is missing between. */
function checkTask(team, rows, archive, before, fault) {
  const head = archive.heads.get(rows[0].task)
  let previous = head?.digest ?? ''
  let next = head === undefined ? 1 : null
  let isLinked = head !== undefined
  for (const row of rows) {
    const name = named(team, row)
    if (next !== null && row.seq < next) {
      fault(row.line, 'added', `${cap(name)} was added: its place is taken.`)
      continue
    }
    const isGap = next !== null && row.seq > next
    if (isGap)
      fault(row.line, 'removed', `${cap(named(team, { ...row, seq: next }))} was removed: the next is ${row.seq}.`)
    if (row.log === null || row.log === undefined) {
      if (isLinked) fault(row.line, 'changed', `${cap(name)} has no place in the chain that it stands in.`)
      else {
        before.rows++
        before.until = Math.max(before.until, row.at)
      }
    } else {
      isLinked = true
      if (!isGap && linkOf(team, previous, row, row.log) !== row.digest)
        fault(row.line, 'changed', `${cap(name)} was changed (${timed(row.at)}).`)
    }
    previous = row.digest
    next = row.seq + eventsIn(row)
  }
}

/** The acts of the team: their links are computed from the rows, and compared with those that were signed. */
function checkActs(team, rows, links, archive, isWhole, fault) {
  const head = archive.heads.get(team)
  let next = head === undefined ? 1 : head.seq + 1
  let previous = next === 1 ? '' : (links.get(next - 1) ?? null)
  for (const row of rows) {
    // Acts are deleted by their time and numbered by their coming: of those around the last that is gone some may be left.
    if (head !== undefined && row.seq <= head.seq && links.has(row.seq)) next = row.seq
    if (row.seq < next) {
      fault(row.line, 'added', `${cap(named(team, row))} was added: its place is taken.`)
      continue
    }
    if (row.seq > next || (head !== undefined && row.seq <= head.seq)) {
      if (row.seq > Math.max(next, (head?.seq ?? 0) + 1))
        fault(row.line, 'removed', `${cap(named(team, { ...row, seq: next }))} was removed: the next is ${row.seq}.`)
      previous = links.get(row.seq - 1) ?? null
    }
    const own = previous === null ? null : linkOf(team, previous, row, row.digest)
    const signed = links.get(row.seq)
    if (signed === undefined && isWhole)
      fault(row.line, 'added', `${cap(named(team, row))} was added: neither a root nor the end has it.`)
    else if (signed !== undefined && own !== signed)
      fault(row.line, 'changed', `${cap(named(team, row))} was changed (${timed(row.at)}).`)
    previous = signed ?? own
    next = row.seq + 1
  }
  const last = Math.max(0, ...links.keys())
  if (next <= last) fault(rows.at(-1).line, 'removed', `Act ${next} of the team was removed, at the end.`)
}

/** Whether the rows are those that roots and end have: none less at a task's end, none more, none other. */
function checkLines({ team, chains, read, ending, archive, oldest, faulty, isWhole, line, fault }) {
  const signed = new Set()
  let archived = 0
  let proven = 0
  const parts = [
    ...read.map(root => ({ ...root, name: `root ${root.body.n}` })),
    ending && { ...ending, name: 'the end' },
  ]
  for (const { body, name } of parts.filter(Boolean)) {
    const isRoot = name !== 'the end'
    for (const entry of body.tasks) {
      const [task, first, last, at] = entry
      const rows = chains.get(task) ?? []
      const own = rows.filter(({ seq, log }) => seq >= first && seq <= last && log !== null)
      for (const { seq } of own) signed.add(`${task} ${seq}`)
      if (isRoot) proven += own.length
      const wrong = differenceOf(entry, own)
      if (wrong === null || faulty.has(task)) continue
      // Gone from the beginning on, as it is on record that it was archived and deleted.
      const isOld = own.length === 0 ? at <= oldest : archive.heads.has(task)
      if (wrong.left !== undefined && archive.rows > 0 && isRoot && isOld) {
        archived += wrong.left
        continue
      }
      faulty.add(task)
      const row = own[wrong.at] ?? own.at(-1)
      const said = row === undefined ? cap(named(team, { task, seq: first })) : cap(named(team, row))
      const where = row?.line ?? rows.at(-1)?.line ?? line
      if (rows.length === 0)
        fault(where, 'removed', `Task ${task} was removed: ${name} has it from ${first} to ${last}.`)
      else if (wrong.kind === 'added') fault(where, 'added', `${said} was added: ${name} has it not.`)
      else if (wrong.kind === 'changed') fault(where, 'changed', `${said} is not the one that ${name} has.`)
      else {
        const seq = wrong.kind === 'ended' ? row.seq + eventsIn(row) : (row?.seq ?? first)
        const what = wrong.kind === 'before' ? `What was before ${said}` : cap(named(team, { task, seq }))
        fault(where, 'removed', `${what} was removed: ${name} has the task from ${first} to ${last}.`)
      }
    }
  }
  if (archived > archive.rows)
    fault(1, 'removed', `${archived} rows are missing at the beginning, and ${archive.rows} were archived.`)
  if (isWhole)
    for (const [task, rows] of chains) {
      const more = rows.find(({ seq, log }) => log !== null && !signed.has(`${task} ${seq}`))
      if (more === undefined || task === team || faulty.has(task)) continue
      fault(more.line, 'added', `${cap(named(team, more))} was added: neither a root nor the end has it.`)
    }
  return { proven, archived }
}

/**
 * How a task's rows differ from the line that a root has of them, and at which; null: not at all. `left`: they are its last
 * ones, and so many are not there.
 */
function differenceOf([, , , , head, beginnings], own) {
  const signed = beginnings.match(/.{6}/g) ?? []
  const begun = own.map(({ digest }) => digest.slice(0, BEGINNING))
  const isHead = own.at(-1)?.digest === head
  if (begun.join('') === beginnings && isHead) return null
  const first = begun.findIndex((one, index) => one !== signed[index])
  const at = first < 0 ? own.length - 1 : first
  const missing = signed.length - own.length
  if (missing < 0) return { kind: 'added', at }
  if (missing === 0) return { kind: 'changed', at }
  if (first < 0) return own.length === 0 ? { kind: 'gone', at, left: missing } : { kind: 'ended', at }
  const isRest = isHead && signed.slice(missing).join('') === begun.join('')
  return isRest
    ? { kind: 'before', at, left: missing }
    : { kind: signed.includes(begun[first]) ? 'before' : 'changed', at }
}

async function readKeys(from) {
  const text = /^https?:/.test(from) ? await (await fetch(from)).text() : readFileSync(from, 'utf8')
  const { keys } = JSON.parse(text)
  if (!Array.isArray(keys)) throw new Error(`${from} names no keys.`)
  return keys
}

const USAGE = 'node verify.mjs <export> [--keys <file or address>] [--root <number>:<digest>]'

async function main(args) {
  let file
  let trusted = null
  const known = new Map()
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--keys') trusted = await readKeys(args[++i] ?? '')
    else if (args[i] === '--root') {
      const [n, digest] = (args[++i] ?? '').split(':')
      if (!/^[0-9a-f]{64}$/.test(digest ?? '')) throw new Error(`--root takes <number>:<digest>. ${USAGE}`)
      known.set(Number(n), digest)
    } else file = args[i]
  }
  if (file === undefined) throw new Error(USAGE)
  const input = createReadStream(file)
  const opened = new Promise((resolve, reject) => input.once('open', resolve).once('error', reject))
  await opened
  const found = await verify(createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }), trusted, known)
  const [first, ...others] = found.faults
  const say = text => process.stdout.write(`${text}\n`)
  if (first !== undefined) {
    say(`NOT AS IT WAS. Line ${first.line}, ${first.kind}: ${first.text}`)
    for (const { line, kind, text } of others.slice(0, 20)) say(`  also line ${line}, ${kind}: ${text}`)
    if (others.length > 20) say(`  and ${others.length - 20} more`)
    return 1
  }
  say(`All ${found.rows} rows and ${found.roots} roots of ${found.team} are as they were written.`)
  if (found.until !== undefined)
    say(
      `Proven by signed roots up to ${timed(found.until * HOUR_MS)}: ${found.proven} entries of tasks, and what was done to the team.`,
    )
  say('What is younger is signed by the end of the file alone, so it is as Baton had it when the file was made.')
  if (found.before.rows > 0)
    say(
      `${found.before.rows} rows are from before the chain (the last of ${timed(found.before.until)}): nothing is proven of them.`,
    )
  if (found.archived > 0) say(`${found.archived} older rows were archived and deleted, on record.`)
  if (trusted === null)
    say(`The keys are the export's own. Compare: ${[...found.keys].map(([kid, key]) => `${kid} ${key}`).join(', ')}`)
  return 0
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  main(process.argv.slice(2)).then(
    code => {
      process.exitCode = code
    },
    error => {
      process.stderr.write(`${error.message}\n`)
      process.exitCode = 2
    },
  )
