/** What the command line must do, against the bundle that bundle.test.mjs has running: spawned, as people and CI run it. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { TEMPLATES } from '../../src/workflow/templates/templates.ts'

const CLI = fileURLToPath(new URL('../../scripts/baton.mjs', import.meta.url))

/** `api` calls the product by key; `at()` is where it is, with a key that may do everything. */
export function describeCommandLine(api, at) {
  const home = mkdtempSync(join(tmpdir(), 'baton-cli-'))
  const folder = name => join(home, name)

  /** Runs it; `env` in place of the address and key. */
  function baton(args, { env = { BATON_URL: at().url, BATON_KEY: at().apiKey }, input = '' } = {}) {
    const own = { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: join(home, 'config'), ...env }
    const child = spawn(process.execPath, [CLI, ...args], { env: own, cwd: home })
    let [out, err] = ['', '']
    child.stdout.on('data', part => {
      out += part
    })
    child.stderr.on('data', part => {
      err += part
    })
    child.stdin.end(input)
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', code => resolve({ code, out, err, json: () => JSON.parse(out) }))
    })
  }

  const wf = async path => (await api('GET', `/workflows/${path}`)).body
  const meaning = ({ version: _version, ...rest }) => rest

  test('command line: all templates go through pull and push without loss, and a push of what is there publishes nothing', async () => {
    const agents = new Map(TEMPLATES.flatMap(each => each.agents).map(agent => [agent.key, agent]))
    for (const agent of agents.values()) await api('POST', '/agents', agent)
    const ids = []
    for (const { text } of TEMPLATES) {
      const response = await fetch(`${at().url}/api/v1/workflows?draft=1`, {
        method: 'POST',
        headers: { authorization: `Bearer ${at().apiKey}`, 'content-type': 'application/yaml' },
        body: text,
      })
      ids.push((await response.json()).id)
    }
    const before = await Promise.all(ids.map(id => wf(`${id}?draft=1`)))
    for (const { name, steps } of before) expect([name, steps.length > 0]).toEqual([name, true])

    const pulled = await baton(['workflows', 'pull', '--dir', 'a'])
    expect(pulled.code, pulled.err + pulled.out).toBe(0)
    const files = readdirSync(folder('a')).filter(name => name.endsWith('.yaml'))
    const known = Object.values(JSON.parse(readFileSync(folder('a/.baton.json'), 'utf8'))[at().url])
    expect(known.map(({ id }) => id)).toEqual(expect.arrayContaining(ids))
    expect(files).toHaveLength(known.length)
    for (const file of files)
      expect(readFileSync(folder(`a/${file}`), 'utf8')).toMatch(
        /^# yaml-language-server: \$schema=\.\/baton\.schema\.json\n/,
      )
    expect(JSON.parse(readFileSync(folder('a/baton.schema.json'), 'utf8')).properties).toHaveProperty('steps')

    const again = await baton(['workflows', 'push', '--draft', '--dir', 'a', '--json'])
    expect([again.code, new Set(again.json().files.map(({ did }) => did))]).toEqual([0, new Set(['unchanged'])])

    // Changed here, pushed, and pulled by somebody else: the very bytes.
    for (const file of files)
      writeFileSync(folder(`a/${file}`), `${readFileSync(folder(`a/${file}`), 'utf8').trimEnd()}\n# Ours: ž, “x”.\n`)
    expect((await baton(['workflows', 'diff', '--draft', '--dir', 'a'])).out).toContain('+# Ours: ž, “x”.')
    const pushed = await baton(['workflows', 'push', '--draft', '--dir', 'a'])
    expect(pushed.code, pushed.err + pushed.out).toBe(0)
    expect((await baton(['workflows', 'pull', '--draft', '--dir', 'b'])).code).toBe(0)
    for (const file of files)
      expect(readFileSync(folder(`b/${file}`), 'utf8')).toBe(readFileSync(folder(`a/${file}`), 'utf8'))
    const after = await Promise.all(ids.map(id => wf(`${id}?draft=1`)))
    expect(after.map(meaning)).toEqual(before.map(meaning))
    expect((await baton(['workflows', 'diff', '--draft', '--dir', 'b'])).code).toBe(0)
  }, 120_000)

  const GOOD =
    'baton: 1\nname: By hand\nsteps:\n  - key: say\n    prompt: Say hello.\n    model: demo\n    handoffs:\n      - to: complete\n'
  const write = (name, text) => {
    mkdirSync(join(folder(name), '..'), { recursive: true })
    writeFileSync(folder(name), text)
  }

  test('command line: a broken file is refused with file, line and fix, and nothing of the push is published', async () => {
    const count = async () => (await baton(['workflows', 'pull', '--dir', 'count', '--json'])).json().files.length
    const before = await count()
    const header = '# yaml-language-server: $schema=./baton.schema.json\n'
    write('c/good.yaml', GOOD)
    write('c/broken.yaml', header + GOOD.replace('to: complete', 'to: compleet'))
    write('c/torn.yaml', `${GOOD}tags: [a\n`)
    for (const what of ['validate', 'push']) {
      const refused = await baton(['workflows', what, '--dir', 'c'])
      expect(refused.code, refused.err).toBe(1)
      expect(refused.out).toMatch(/^c\/broken\.yaml:9: error: .+ Fix: .*`complete`/m)
      expect(refused.out).toMatch(/^c\/torn\.yaml:1\d: error: .+ Fix: .+/m)
      expect(refused.out).not.toContain('good.yaml')
    }
    const inCi = { BATON_URL: at().url, BATON_KEY: at().apiKey, GITHUB_ACTIONS: 'true' }
    const told = await baton(['workflows', 'validate', 'c/broken.yaml'], { env: inCi })
    expect(told.out).toMatch(/^::error file=c\/broken\.yaml,line=9::/m)
    expect(await count()).toBe(before)
  }, 60_000)

  test('command line: what was published meanwhile, and what has the same name, is not overwritten unasked', async () => {
    write('d/hand.yaml', GOOD)
    const made = await baton(['workflows', 'push', '--dir', 'd', '--json'])
    expect(made.code, made.out).toBe(0)
    const [{ id, did }] = made.json().files
    expect(did).toBe('published')
    write('e/hand.yaml', GOOD.replace('hello', 'good day'))
    const same = await baton(['workflows', 'push', '--dir', 'e'])
    expect([same.code, same.out]).toEqual([1, expect.stringContaining('--adopt')])
    expect((await baton(['workflows', 'push', '--dir', 'e', '--adopt'])).code).toBe(0)
    expect(await wf(id)).toMatchObject({ version: 2, steps: [{ prompt: 'Say good day.' }] })
    write('d/hand.yaml', GOOD.replace('hello', 'goodbye'))
    const late = await baton(['workflows', 'push', '--dir', 'd'])
    expect([late.code, late.out]).toEqual([1, expect.stringContaining('Version 2 was published meanwhile')])
    const kept = await baton(['workflows', 'pull', '--dir', 'd'])
    expect([kept.code, kept.out]).toEqual([1, expect.stringMatching(/^d\/hand\.yaml:1: error: .*changed here/m)])
    expect(readFileSync(folder('d/hand.yaml'), 'utf8')).toContain('goodbye')
    expect((await baton(['workflows', 'push', '--dir', 'd', '--force'])).code).toBe(0)
    expect(await wf(id)).toMatchObject({ version: 3 })
  }, 60_000)

  test('command line: a task is waited for and its end is the exit code', async () => {
    const done = await baton(['trigger', 'by hand', '--input', '{"a": 1}', '--wait', '--json'])
    expect(done.code, done.err + done.out).toBe(0)
    expect(done.json()).toMatchObject({ status: 'done', input: { a: 1 } })
    const broken = await api('POST', '/workflows', {
      baton: 1,
      name: 'Fails',
      steps: [{ key: 'a', prompt: '{{ input.none | divided_by: 0 }}', model: 'demo', handoffs: [{ to: 'complete' }] }],
    })
    const failed = await baton(['trigger', broken.body.id, '--wait', '--json'])
    expect([failed.code, failed.json().status]).toEqual([1, expect.stringMatching(/^(failed|stuck)$/)])

    const input = JSON.stringify({ company: 'Globex', email: 'hank@globex.test' })
    const started = await baton(['trigger', 'Customer onboarding', '--input', '-', '--json'], { input })
    const { id } = started.json()
    const early = await baton(['task', id, '--follow', '--timeout', '0'])
    expect([early.code, early.out]).toEqual([1, expect.stringContaining('It is not over yet.')])
    for (let tries = 0; tries < 150 && (await api('GET', `/tasks/${id}`)).body.status !== 'waiting'; tries++)
      await new Promise(resolve => setTimeout(resolve, 100))
    const no = await baton(['approve', id, '--label', 'perhaps'])
    expect([no.code, no.err]).toEqual([1, expect.stringContaining('[unknown_label]')])
    const follows = baton(['task', id, '--follow', '--json'])
    expect((await baton(['approve', id, '--label', 'approved', '--note', 'Fine.'])).code).toBe(0)
    const followed = await follows
    expect(followed.code, followed.err).toBe(0)
    const lines = followed.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines.at(-1)).toMatchObject({ id, status: 'done' })
    const events = lines.slice(0, -1)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1))
    const logs = await baton(['logs', id])
    expect([logs.code, logs.out.trim().split('\n')]).toEqual([0, expect.objectContaining({ length: events.length })])
    expect(logs.out).toContain('Fine.')
    const listed = await baton(['tasks', '--workflow', 'Customer onboarding', '--json'])
    expect(listed.json().items.map(task => task.id)).toContain(id)
  }, 60_000)

  test('command line: a key that lacks a scope, no key, no server, no command', async () => {
    const { url } = at()
    const made = await api('POST', '/keys', { name: 'Reads', scopes: ['workflows:read'] })
    const weak = { BATON_URL: url, BATON_KEY: made.body.key }
    write('f/new.yaml', GOOD.replace('By hand', 'Not mine'))
    const refused = await baton(['workflows', 'push', '--dir', 'f'], { env: weak })
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/workflows:write.*\[missing_scope\]/)])
    const wrong = await baton(['tasks'], { env: { BATON_URL: url, BATON_KEY: 'btn_nothing' } })
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('[key_')])
    const nobody = await baton(['tasks'], { env: { BATON_URL: 'http://127.0.0.1:9', BATON_KEY: 'btn_x' } })
    expect([nobody.code, nobody.err]).toEqual([3, expect.stringContaining('[unreachable]')])
    for (const args of [['bogus'], ['tasks', '--bogus'], ['approve', 'tsk_x'], ['trigger', 'x', '--input', '{'], []])
      expect([args, (await baton(args)).code]).toEqual([args, 2])
    expect((await baton(['tasks'], { env: {} })).code).toBe(2)

    const kept = await baton(['login', `${url}/`], { env: {}, input: `${at().apiKey}\n` })
    expect(kept.code, kept.err).toBe(0)
    expect(statSync(join(home, 'config/baton/config.json')).mode & 0o777).toBe(0o600)
    expect((await baton(['tasks'], { env: {} })).code).toBe(0)
    // The kept key goes to its own address only.
    expect((await baton(['tasks'], { env: { BATON_URL: 'http://127.0.0.1:9' } })).code).toBe(2)
  }, 60_000)
}
