#!/usr/bin/env node
/** Baton's command line: one file that needs Node 20 or newer and nothing else. It speaks the public API; `baton help` says how it is used. */
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const HELP = `baton: tasks and workflows from a terminal, and from CI

  baton login <address>                     keeps address and key; the key is asked for, or read from standard input
  baton workflows pull [--force]            writes each workflow as a YAML file into --dir (.)
  baton workflows validate [file …]         checks files as publishing would; changes nothing
  baton workflows diff [file …]             how files differ from what is published; exits 1 if they do
  baton workflows push [file …]             publishes what changed, all or, where one has an error, none
        --force   over what was published meanwhile      --adopt  a new file takes the workflow of its name
        --new     makes anew what is not there           --draft  keeps drafts instead (of pull: takes drafts)
  baton trigger <workflow> [--input JSON|@file|-] [--title …] [--key …] [--idempotency-key …] [--wait]
  baton tasks [--workflow …] [--status …] [--step …] [--q …]
  baton task <id> [--follow]                a task; with --follow its events, until it is over or stuck
  baton logs <task>                         all its events
  baton approve <task> --label … [--note …] [--visit n] [--run n]

  --json             the answer as JSON, for programs; events as one object a line
  --timeout seconds  how long --wait and --follow wait (3600)
  --dir folder       where the files are

BATON_URL and BATON_KEY go before what login kept. A workflow is named by its id or its name.
Exits with 0: it is as you asked · 1: refused, invalid, or the task failed, is stuck, was cancelled or is not over in time
          2: not a command · 3: Baton cannot be reached`

const SCHEMA_FILE = 'baton.schema.json'
const HEADER = `# yaml-language-server: $schema=./${SCHEMA_FILE}`
const KNOWN_FILE = '.baton.json'
const OVER = ['done', 'failed', 'cancelled', 'stuck']

/** What ends a command: the exit code, and what is said of it. */
class End extends Error {
  constructor(code, error) {
    super(error.message)
    this.code = code
    this.error = error
  }
}
const usage = message => new End(2, { code: 'usage', message, hint: 'baton help lists the commands.' })
const refused = (code, message, hint, more = {}) => new End(1, { code, message, hint, ...more })
const unreachable = message =>
  new End(3, { code: 'unreachable', message, hint: 'Check the address (BATON_URL, or baton login) and the network.' })

/** What came from outside, without what would steer a terminal. */
const clean = text => String(text ?? '').replaceAll(/\p{Cc}/gu, ' ')
const sha256 = text => createHash('sha256').update(text).digest('hex')

// ---- address and key

const configFile = () => join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'baton', 'config.json')

function readJsonFile(file, otherwise) {
  if (!existsSync(file)) return otherwise
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw refused('bad_file', `${file} is no JSON.`, 'Mend it, or delete it.', { file })
  }
}

function addressOf(text) {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw usage(`“${clean(text)}” is no address such as https://baton.example.com.`)
  return url.origin
}

function account() {
  const kept = readJsonFile(configFile(), {})
  const address = process.env.BATON_URL ? addressOf(process.env.BATON_URL) : kept.url
  // A key goes to the address that it was given for, and to no other.
  const key = process.env.BATON_KEY || (address === kept.url ? kept.key : undefined)
  if (!address || !key)
    throw new End(2, {
      code: 'no_account',
      message: 'There is no address or no key.',
      hint: 'baton login <address>, or set BATON_URL and BATON_KEY.',
    })
  return { address, key }
}

// ---- the API

async function send({ address, key }, method, path, { body, headers = {} } = {}) {
  for (let tries = 1; ; tries++) {
    let response
    let text
    try {
      response = await fetch(`${address}/api/v1${path}`, {
        method,
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(60_000),
        headers: { authorization: `Bearer ${key}`, ...headers },
      })
      text = await response.text()
    } catch (error) {
      throw unreachable(`${address} does not answer (${error.cause?.code ?? error.cause?.message ?? error.message}).`)
    }
    if (response.status === 429 && tries < 6) {
      await sleep(1000 * Math.min(60, Number(response.headers.get('retry-after')) || 1))
      continue
    }
    if (response.ok) return text
    let told
    try {
      told = JSON.parse(text)
    } catch {}
    if (!told?.error || [502, 503, 504].includes(response.status))
      throw unreachable(
        `${address} answers ${response.status}${told?.error ? `: ${told.error.message}` : ', not as Baton does'}.`,
      )
    throw new End(1, { ...told.error, status: response.status, lint: told.lint })
  }
}

async function call(who, method, path, value, headers = {}) {
  const body = value === undefined ? undefined : JSON.stringify(value)
  const text = await send(who, method, path, {
    body,
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
  })
  try {
    return JSON.parse(text)
  } catch {
    throw unreachable(`${who.address} does not answer as Baton does.`)
  }
}

const sendYaml = async (who, method, path, text) =>
  JSON.parse(await send(who, method, path, { body: text, headers: { 'content-type': 'application/yaml' } }))
const readYaml = (who, id, draft) =>
  send(who, 'GET', `/workflows/${id}${draft ? '?draft=1' : ''}`, { headers: { accept: 'application/yaml' } })

const withQuery = (path, query) => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}

async function all(who, path) {
  const items = []
  let cursor
  do {
    const page = await call(who, 'GET', withQuery(path, { cursor }))
    items.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return items
}

async function workflowId(who, named) {
  if (/^wf_\w+$/.test(named)) return named
  const found = (await all(who, '/workflows')).filter(each => each.name.toLowerCase() === named.toLowerCase())
  if (found.length === 1) return found[0].id
  if (found.length === 0)
    throw refused('not_found', `There is no workflow “${clean(named)}”.`, 'baton workflows pull lists them.')
  throw refused(
    'several',
    `${found.length} workflows are called “${clean(named)}”.`,
    `Name one by its id: ${found.map(each => each.id).join(', ')}.`,
  )
}

// ---- files

/** A file's text as the API takes it, and how many lines stand before that in the file. */
function readDefinition(file) {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw refused('no_file', `${file} cannot be read.`, 'Check its name.', { file })
  }
  const line = text.slice(0, text.indexOf('\n') + 1)
  return line.trimEnd() === HEADER ? { text: text.slice(line.length), before: 1 } : { text, before: 0 }
}

const withHeader = text => (text.startsWith('# yaml-language-server:') ? text : `${HEADER}\n${text}`)

/** The folder's notes: which file is which workflow at this address, and what it was when it was pulled or pushed. */
function notesOf(dir, address) {
  const file = join(dir, KNOWN_FILE)
  const every = readJsonFile(file, {})
  every[address] ??= {}
  return { files: every[address], save: () => writeFileSync(file, `${JSON.stringify(every, null, 2)}\n`) }
}

function filesIn(dir, named) {
  if (named.length > 0) {
    const elsewhere = named.find(file => dirname(file) !== dirname(named[0]))
    if (elsewhere) throw usage(`${elsewhere} lies in another folder than ${named[0]}: name files of one folder.`)
    return { dir: dirname(named[0]), names: named.map(file => basename(file)) }
  }
  const names = existsSync(dir) ? readdirSync(dir).filter(name => /\.ya?ml$/.test(name) && !name.startsWith('.')) : []
  if (names.length === 0)
    throw refused('no_files', `There is no YAML file in ${dir}.`, 'baton workflows pull writes them.')
  return { dir, names: names.sort() }
}

function fileName(name, taken) {
  const slug =
    name
      .toLowerCase()
      .normalize('NFKD')
      .replaceAll(/\p{M}/gu, '')
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 60) || 'workflow'
  for (let n = 1; ; n++) {
    const file = `${slug}${n === 1 ? '' : `-${n}`}.yaml`
    if (!taken.has(file)) return file
  }
}

async function pull(who, { dir, force, draft }) {
  mkdirSync(dir, { recursive: true })
  const notes = notesOf(dir, who.address)
  const description = await call(who, 'GET', '/openapi.json')
  const { schema } = description.paths['/api/v1/workflows'].post.requestBody.content['application/yaml']
  writeFileSync(
    join(dir, SCHEMA_FILE),
    `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema }, null, 2)}\n`,
  )
  const byId = new Map(Object.entries(notes.files).map(([file, { id }]) => [id, file]))
  const taken = new Set([...readdirSync(dir), ...byId.values()])
  const done = []
  for (const { id, name, version, status } of (await all(who, '/workflows')).reverse()) {
    const text = status === 'archived' ? '' : await readYaml(who, id, draft)
    if (text === '') continue
    const file = byId.get(id) ?? fileName(name, taken)
    taken.add(file)
    const path = join(dir, file)
    const here = existsSync(path) ? readDefinition(path).text : null
    const changedHere = here !== null && here !== text && sha256(here) !== notes.files[file]?.sha256
    if (changedHere && !force) {
      done.push({
        file,
        id,
        did: 'kept',
        level: 'error',
        message: 'It was changed here and there.',
        fix: 'Compare with `workflows diff`, then pull or push it with --force.',
      })
      continue
    }
    if (here !== text) writeFileSync(path, withHeader(text))
    notes.files[file] = { id, version, sha256: sha256(text) }
    done.push({ file, id, did: here === text ? 'unchanged' : 'pulled' })
  }
  notes.save()
  return done
}

/** Each file as the API judges it; findings have the line of the file. */
async function check(who, { dir, names }, notes) {
  const checked = []
  for (const file of names) {
    const { text, before } = readDefinition(join(dir, file))
    const id = notes.files[file]?.id
    const at = ({ line, path, level = 'error', code, message, fix, hint }) => ({
      ...{ file: join(dir, file), line: (line ?? 1) + before, path, level, code, message, fix: fix ?? hint },
    })
    try {
      const verdict = await sendYaml(who, 'POST', withQuery('/workflows/validate', { workflow: id }), text)
      checked.push({ file, text, name: verdict.name, valid: verdict.valid, findings: verdict.lint.map(at) })
    } catch (end) {
      if (end.error?.code === 'not_found' && id !== undefined)
        checked.push({ file, text, gone: true, valid: false, findings: [at(GONE)] })
      else if ([400, 413, 422].includes(end.error?.status))
        checked.push({ file, text, valid: false, findings: [at(end.error)] })
      else throw end
    }
  }
  return checked
}
const GONE = {
  code: 'workflow_gone',
  message: 'Its workflow is not there any more.',
  hint: 'Delete the file, or make it anew with `push --new`.',
}

async function push(who, chosen, { force, adopt, anew, draft }) {
  const notes = notesOf(chosen.dir, who.address)
  if (anew) {
    const there = new Set((await all(who, '/workflows')).map(({ id }) => id))
    for (const file of chosen.names) if (notes.files[file] && !there.has(notes.files[file].id)) delete notes.files[file]
  }
  const checked = await check(who, chosen, notes)
  const findings = checked.flatMap(each => each.findings)
  if (checked.some(each => !each.valid && (!draft || each.name === undefined))) return { findings, done: [] }
  const there = await all(who, '/workflows')
  const plan = []
  for (const { file, text, name } of checked) {
    const path = join(chosen.dir, file)
    const known = notes.files[file]
    const row =
      there.find(each => each.id === known?.id) ?? (known || anew ? undefined : there.find(each => each.name === name))
    const stop = (code, message, fix) => findings.push({ file: path, line: 1, level: 'error', code, message, fix })
    const same = row && (await readYaml(who, row.id, draft)) === text
    if (row && !known && !adopt)
      stop(
        'name_taken',
        `A workflow “${clean(name)}” is there already (${row.id}).`,
        'Push with --adopt to publish over it, with --new to make another, or rename yours.',
      )
    else if (row && known && row.version !== known.version && !same && !force)
      stop(
        'published_meanwhile',
        `Version ${row.version} was published meanwhile; this file was version ${known.version ?? 'none'}.`,
        'Look at `workflows diff`, then pull, or push with --force.',
      )
    plan.push({ file, text, id: row?.id, version: row?.version ?? null, same })
  }
  if (findings.some(({ code }) => ['name_taken', 'published_meanwhile'].includes(code))) return { findings, done: [] }
  const done = []
  for (const { file, text, id, version, same } of plan) {
    const path = withQuery(id ? `/workflows/${id}` : '/workflows', { draft: draft ? '1' : undefined })
    const made = same ? { id, version } : await sendYaml(who, id ? 'PUT' : 'POST', path, text)
    notes.files[file] = { id: made.id, version: made.version, sha256: sha256(text) }
    // After each, so that one that fails leaves true notes of those before it.
    notes.save()
    done.push({
      file,
      id: made.id,
      version: made.version,
      did: same ? 'unchanged' : draft ? 'kept as draft' : 'published',
    })
  }
  return { findings, done }
}

async function diff(who, chosen, { draft }) {
  const notes = notesOf(chosen.dir, who.address)
  const done = []
  for (const file of chosen.names) {
    const { text } = readDefinition(join(chosen.dir, file))
    const id = notes.files[file]?.id
    if (id === undefined) done.push({ file, did: 'new' })
    else {
      const theirs = await readYaml(who, id, draft)
      done.push(
        theirs === text ? { file, id, did: 'unchanged' } : { file, id, did: 'differs', diff: lineDiff(theirs, text) },
      )
    }
  }
  return done
}

/** The lines that differ, with those around them: `-` is published, `+` is here. */
function lineDiff(theirs, ours) {
  const [a, b] = [theirs.split('\n'), ours.split('\n')]
  const longest = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i][j] = a[i] === b[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1])
  const lines = []
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) lines.push(` ${a[i++]}`) && j++
    else if (i < a.length && (j === b.length || longest[i + 1][j] >= longest[i][j + 1])) lines.push(`-${a[i++]}`)
    else lines.push(`+${b[j++]}`)
  }
  const near = lines.map((_, at) => lines.slice(Math.max(0, at - 3), at + 4).some(line => line[0] !== ' '))
  return lines.flatMap((line, at) => (near[at] ? [line] : near[at - 1] ? ['…'] : []))
}

// ---- tasks

async function untilOver(who, id, seconds, tell) {
  const until = Date.now() + seconds * 1000
  let cursor
  let last = 0
  for (let pause = 250; ; pause = Math.min(3000, pause * 1.5)) {
    // The status first: whatever the log holds by then is told before the end is.
    const task = await call(who, 'GET', `/tasks/${encodeURIComponent(id)}`)
    for (let more = tell !== undefined; more; ) {
      const page = await call(who, 'GET', withQuery(`/tasks/${encodeURIComponent(id)}/events`, { cursor }))
      for (const event of page.items.filter(({ seq }) => seq > last)) {
        tell(event)
        last = event.seq
      }
      more = page.next !== null
      cursor = page.next ?? cursor
    }
    if (OVER.includes(task.status) || Date.now() >= until) return task
    await sleep(Math.max(0, Math.min(pause, until - Date.now())))
  }
}

function inputOf(given = '{}') {
  const text = given === '-' ? readFileSync(0, 'utf8') : given.startsWith('@') ? readText(given.slice(1)) : given
  try {
    return JSON.parse(text)
  } catch {
    throw usage('--input is no JSON.')
  }
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw usage(`${file} cannot be read.`)
  }
}

const whole = (name, text) => {
  if (text !== undefined && !/^\d{1,9}$/.test(text)) throw usage(`--${name} is a whole number.`)
  return text === undefined ? undefined : Number(text)
}

// ---- output

const taskLine = ({ id, status, step, title }) =>
  `${id}  ${status.padEnd(9)}  ${clean(step ?? '').padEnd(16)}  ${clean(title)}`
const eventLine = ({ seq, at, type, step, actor, data }) =>
  clean(
    `${String(seq).padStart(4)}  ${at}  ${type.padEnd(10)}  ${step ?? ''}  ${actor?.name ?? actor?.id ?? actor?.kind ?? ''}  ${JSON.stringify(data).slice(0, 160)}`,
  ).trimEnd()

function taskText(task) {
  const more = ['error', 'stuck', 'held']
    .filter(name => task[name])
    .map(name => `  ${name}: ${clean(JSON.stringify(task[name]))}`)
  const result = task.status === 'done' ? [`  result: ${clean(JSON.stringify(task.result))}`] : []
  return [taskLine(task), `  ${clean(task.url)}`, ...more, ...result].join('\n')
}

const findingText = ({ file, line, level, message, fix }) =>
  `${file}:${line}: ${level}: ${clean(message)}${fix ? ` Fix: ${clean(fix)}` : ''}`
/** As GitHub shows it beside the line. */
const annotation = ({ file, line, level, message, fix }) =>
  `::${level} file=${file},line=${line}::${clean(`${message} ${fix ?? ''}`).replaceAll('%', '%25')}`

const isWrong = findings => findings.some(({ level }) => level === 'error')

/** What each command prints, and the code that it exits with. */
const COMMANDS = {
  async login([address], options) {
    if (!address) throw usage('login wants an address.')
    const url = addressOf(address)
    const key = (options.key ?? (await askKey())).trim()
    if (!/^\S+$/.test(key)) throw usage('There is no key.')
    const { info } = await call({ address: url, key }, 'GET', '/openapi.json')
    if (info?.title !== 'Baton') throw unreachable(`${url} is not Baton.`)
    const file = configFile()
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, `${JSON.stringify({ url, key })}\n`, { mode: 0o600 })
    // The mode above is for a file that is made; this one may have been there.
    chmodSync(file, 0o600)
    return { json: { url, file }, text: `Kept in ${file}.` }
  },

  async workflows([what, ...named], options) {
    const { dir = '.', force, draft, adopt, new: anew } = options
    if (!['pull', 'push', 'diff', 'validate'].includes(what))
      throw usage('workflows wants pull, push, diff or validate.')
    const who = account()
    const lines = (done, folder = dir) =>
      done.map(
        ({ file, did, version }) =>
          `${did.padEnd(13)}  ${join(folder, file)}${version ? `  (version ${version})` : ''}`,
      )
    if (what === 'pull') {
      if (named.length > 0) throw usage('pull takes all workflows; --dir says where to.')
      const done = await pull(who, { dir, force, draft })
      const kept = done
        .filter(each => each.level)
        .map(each => findingText({ ...each, file: join(dir, each.file), line: 1 }))
      return { code: kept.length > 0 ? 1 : 0, json: { files: done }, text: [...lines(done), ...kept].join('\n') }
    }
    const chosen = filesIn(dir, named)
    if (what === 'diff') {
      const done = await diff(who, chosen, { draft })
      const text = done.flatMap(each =>
        each.diff
          ? [`--- published ${each.file}`, `+++ ${join(chosen.dir, each.file)}`, ...each.diff.map(clean)]
          : lines([each], chosen.dir),
      )
      return { code: done.some(({ did }) => did !== 'unchanged') ? 1 : 0, json: { files: done }, text: text.join('\n') }
    }
    const { findings, done } =
      what === 'push'
        ? await push(who, chosen, { force, adopt, anew, draft })
        : {
            findings: (await check(who, chosen, notesOf(chosen.dir, who.address))).flatMap(each => each.findings),
            done: [],
          }
    const code = (what === 'push' && draft ? done.length === 0 : isWrong(findings)) ? 1 : 0
    const said = findings.map(process.env.GITHUB_ACTIONS === 'true' ? annotation : findingText)
    const sum =
      what === 'push'
        ? done.length === 0
          ? ['Nothing was pushed.']
          : lines(done, chosen.dir)
        : code === 0
          ? ['All of it could be published.']
          : []
    return { code, json: { findings, files: done }, text: [...said, ...sum].join('\n') }
  },

  async trigger([named, ...rest], options) {
    if (!named || rest.length > 0) throw usage('trigger wants one workflow.')
    const input = inputOf(options.input)
    const who = account()
    const headers = options['idempotency-key'] === undefined ? {} : { 'idempotency-key': options['idempotency-key'] }
    const { title, key } = options
    const task = await call(
      who,
      'POST',
      `/workflows/${await workflowId(who, named)}/tasks`,
      { input, title, key },
      headers,
    )
    if (!options.wait) return { json: task, text: `${task.id}  ${task.status}\n  ${clean(task.url)}` }
    return ended(await untilOver(who, task.id, options.timeout))
  },

  async tasks([extra], { workflow, status, step, q }) {
    if (extra) throw usage('tasks takes options only; baton task <id> shows one.')
    const who = account()
    const id = workflow === undefined ? undefined : await workflowId(who, workflow)
    const page = await call(who, 'GET', withQuery('/tasks', { workflow: id, status, step, q }))
    return { json: page, text: page.items.map(taskLine).join('\n') || 'There is no such task.' }
  },

  async task([id], options) {
    if (!id) throw usage('task wants an id.')
    const who = account()
    if (options.follow) return ended(await untilOver(who, id, options.timeout, tellEvent(options)), options.json)
    const task = await call(who, 'GET', `/tasks/${encodeURIComponent(id)}`)
    return { json: task, text: taskText(task) }
  },

  async logs([id], options) {
    if (!id) throw usage('logs wants a task.')
    await untilOver(account(), id, 0, tellEvent(options))
    return {}
  },

  async approve([id], { label, note, visit, run }) {
    if (!id || !label) throw usage('approve wants a task and --label.')
    const body = { handoff: label, note, visit: whole('visit', visit), run: whole('run', run) }
    const task = await call(account(), 'POST', `/tasks/${encodeURIComponent(id)}/decide`, body)
    return { json: task, text: taskText(task) }
  },

  help: async () => ({ json: { help: HELP }, text: HELP }),
}

const tellEvent =
  ({ json }) =>
  event =>
    console.log(json ? JSON.stringify(event) : eventLine(event))

/** A task that was waited for: 0 only if it is done. */
function ended(task, asLine = false) {
  const text = OVER.includes(task.status) ? taskText(task) : `${taskText(task)}\n  It is not over yet.`
  return { code: task.status === 'done' ? 0 : 1, json: task, text, asLine }
}

async function askKey() {
  if (!process.stdin.isTTY) return readFileSync(0, 'utf8')
  process.stderr.write('Key (it is not shown): ')
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const asked = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  const key = await asked.question('')
  asked.close()
  process.stderr.write('\n')
  return key
}

const TEXT = { type: 'string' }
const FLAG = { type: 'boolean' }
const OPTIONS = {
  ...{
    json: FLAG,
    help: { ...FLAG, short: 'h' },
    timeout: TEXT,
    dir: TEXT,
    key: TEXT,
    force: FLAG,
    draft: FLAG,
    adopt: FLAG,
    new: FLAG,
  },
  ...{
    input: TEXT,
    title: TEXT,
    'idempotency-key': TEXT,
    wait: FLAG,
    workflow: TEXT,
    status: TEXT,
    step: TEXT,
    q: TEXT,
  },
  ...{ follow: FLAG, label: TEXT, note: TEXT, visit: TEXT, run: TEXT },
}

function read(args) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw usage(error.message)
  }
}

/** Runs a command line and answers the code to exit with. */
async function main(args) {
  const isJson = args.includes('--json')
  try {
    const { values, positionals } = read(args)
    const [name = 'help', ...rest] = positionals
    const command = values.help ? COMMANDS.help : Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : null
    if (!command) throw usage(`There is no command “${clean(name)}”.`)
    const {
      code = 0,
      json,
      text,
      asLine,
    } = await command(rest, { ...values, timeout: whole('timeout', values.timeout) ?? 3600 })
    if (isJson ? json !== undefined : text) console.log(isJson ? JSON.stringify(json, null, asLine ? 0 : 2) : text)
    return positionals.length === 0 && !values.help ? 2 : code
  } catch (end) {
    if (!(end instanceof End)) throw end
    const { code, message, hint, file } = end.error
    if (isJson) console.log(JSON.stringify({ error: end.error }, null, 2))
    else
      console.error(
        `${file ? `${file}: ` : ''}${clean(message)}${hint ? ` ${clean(hint)}` : ''}${code ? ` [${code}]` : ''}`,
      )
    return end.code
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = await main(process.argv.slice(2))
