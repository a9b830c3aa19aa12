/** Definitions as documents: whole through API, file and editor; bad ones refused at each of the three doors, with the place. */
import { beforeAll, describe, expect, it } from 'vitest'
import { TEMPLATES } from '../../../src/workflow/templates/templates.ts'
import { notEmpty } from '../../support/not-empty.ts'
import { aTeam, aWorkflow, type Team } from '../api/client.ts'
import { Browser } from '../team/browser.ts'
import { formOf } from './form-of.ts'

let team: Team
let other: Team
let ana: Browser
let ben: Browser

beforeAll(async () => {
  ;[team, other] = await Promise.all([aTeam(), aTeam()])
  ana = new Browser()
  ben = new Browser()
  await ana.signIn(team.owner)
  await ben.signIn(other.owner)
})

const YAML = { 'content-type': 'application/yaml' }
const definitionOf = ({ id: _id, version: _v, status: _s, ...definition }: Record<string, unknown>) => definition
const draftOf = async (whose: Team, at: string) => definitionOf((await whose.call('GET', `${at}?draft=1`)).body)

describe.each(TEMPLATES.map(template => [template.slug, template] as const))('the template %s', (slug, template) => {
  it('means the same after the API in both spellings, the file, and every form of the editor sent as it is shown', async () => {
    const at = (await ana.send(`/templates/${slug}`, {})).location!
    const definition = await draftOf(team, at)
    expect(definition.steps).toHaveLength(template.text.match(/^ {2}- key:/gm)!.length)

    // API: JSON in, YAML out, and that in again.
    const json = await team.call('POST', '/workflows', definition)
    expect([json.status, json.body.lint]).toEqual([201, []])
    const accept = { accept: 'application/yaml' }
    const text = (await team.call('GET', `/workflows/${json.body.id}`, undefined, accept)).text
    const yaml = await team.call('POST', '/workflows', text, YAML)
    expect(definitionOf((await team.call('GET', `/workflows/${yaml.body.id}`)).body)).toEqual(definition)

    // File: exported here, imported by another team, whose owner is somebody else.
    const file = await ana.open(`${at}/export`)
    const made = await ben.send('/workflows/import', { text: file.text, do: 'make' })
    const there = `/workflows/${/wf_\w+/.exec(made.location!)![0]}`
    expect(await draftOf(other, there)).toEqual(definition)

    // Editor: each form as it came.
    const save = async (page: string, form: string, action: string) => {
      const seen = await ana.open(page)
      const saved = await ana.send(action, { ...(form === '' ? {} : formOf(seen.text, form)), do: 'save' })
      expect([action, saved.status]).toEqual([action, 303])
    }
    await save(`${at}/edit/settings`, 'settings', `${at}/edit/settings`)
    for (const { key } of notEmpty(definition.steps as { key: string }[])) {
      const page = `${at}/edit/steps/${key}`
      await save(page, 'step-form', page)
      await save(page, 'handoffs', `${page}/handoffs`)
    }
    await save(`${at}/edit/yaml`, 'definition', `${at}/edit/yaml`)
    expect(await draftOf(team, at)).toEqual(definition)
    const kept = (await team.call('GET', `${at}?draft=1`, undefined, accept)).text
    const live = (await team.call('GET', at, undefined, accept)).text
    expect(kept.trimEnd()).toBe(live.trimEnd())
  })
})

/** A bomb: each line ten times the one before. */
const BOMB = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
  .concat(
    [...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[index]}`).join(', ')}]`),
  )
  .join('\n')
const ONE = '  - key: a\n    prompt: x\n    handoffs: [{ to: complete }]\n'
const withInput = (input: string) => `baton: 1\nname: X\nsteps:\n${ONE}input: ${input}\n`

/** Refused as documents: nothing of them is kept. */
const UNREADABLE: [string, number[], string][] = [
  ['a YAML bomb', [422], BOMB],
  ['brackets 10,000 deep', [422], `baton: 1\nname: X\nsteps: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`],
  ['blocks 10,000 deep', [422], `baton: 1\nname: X\nsteps: ${'- '.repeat(10_000)}x\n`],
  ['10 MB', [413], `baton: 1\nname: X\nsteps: []\n#${'x'.repeat(10_000_000)}`],
  ['__proto__', [422], 'baton: 1\nname: X\nsteps: []\n__proto__: { admin: true }\n'],
  ['a tag that would make an object', [400, 422], 'baton: 1\nname: !!js/function "x"\nsteps: []\n'],
  ['two documents', [400, 422], 'baton: 1\nname: X\nsteps: []\n---\nbaton: 1\n'],
  ['no YAML', [400], 'baton: [1'],
]

/** Refused by the lint, at their place. */
const WRONG: [string, string, string][] = [
  ['a wrong type', 'steps', 'baton: 1\nname: X\nsteps: 7\n'],
  ['an unknown key', 'steps[0].promt', `baton: 1\nname: X\nsteps:\n  - key: a\n    promt: x\n`],
  [
    'a reference that leads round in a circle',
    'input',
    withInput('{ $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } }'),
  ],
  ['a reference to another site', 'input', withInput('{ $ref: "https://evil.test/schema.json" }')],
  [
    'a pattern that looks around',
    'input',
    withInput('{ type: object, properties: { a: { type: string, pattern: "^(?=(a+)+$)" } } }'),
  ],
  [
    'a template that loops too deep',
    'steps[0].prompt',
    `baton: 1\nname: X\nsteps:\n  - key: a\n    prompt: "{% for a in input %}{% for b in input %}{% for c in input %}x{% endfor %}{% endfor %}{% endfor %}"\n`,
  ],
]

describe('a document that is', () => {
  const doors = async (text: string) => {
    const before = await left()
    const api = await team.call('POST', '/workflows', text, YAML)
    const file = await ana.send('/workflows/import', { text, do: 'make' })
    return { api, file, made: (await left()) - before }
  }
  const left = async () => (await team.call('GET', '/workflows')).body.items.length as number

  it.each(UNREADABLE)('%s is refused by API, import and editor', async (_what, statuses, text) => {
    const { api, file, made } = await doors(text)
    expect(api.status).toBeOneOf(statuses)
    expect(api.body.error).toMatchObject({
      code: expect.any(String),
      message: expect.any(String),
      hint: expect.any(String),
    })
    const at = `/workflows/${await aWorkflow(team)}/edit/yaml`
    const page = await ana.open(at)
    const editor = await ana.send(at, { revision: formOf(page.text, 'definition').revision!, text })
    for (const page of [file, editor]) expect(page.status).toBeOneOf([400, 413, 422])
    expect(made).toBe(0)
    expect((await team.call('GET', at.replace('/edit/yaml', '?draft=1'))).body.name).toBe('Reviews')
  })

  it.each(WRONG)('%s is refused at its place, in the same words by all three', async (_what, path, text) => {
    const api = await team.call('POST', '/workflows', text, YAML)
    expect(api.status).toBe(422)
    expect(api.body.error.code).toBe('invalid_definition')
    const lint = api.body.lint as { path: string; level: string; message: string; line: number }[]
    const errors = lint.filter(({ level }) => level === 'error')
    expect(api.body.error.path).toBe(errors[0]!.path)
    expect(errors.map(error => error.path.slice(0, path.length))).toContain(path)
    // Checked without keeping it: the same findings, each with the line that it is about.
    const before = await left()
    const checked = await team.call('POST', '/workflows/validate', text, YAML)
    expect([checked.status, checked.body]).toEqual([200, { valid: false, name: 'X', lint }])
    expect(await left()).toBe(before)
    const found = errors.find(error => error.path.startsWith(path))!
    const word = path.match(/\w+$/)![0]
    expect(text.split('\n')[found.line - 1]).toContain(word)
    const plain = (html: string) =>
      html
        .replaceAll(/<\/?code>/g, '`')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&')
    const file = await ana.send('/workflows/import', { text, do: 'look' })
    const at = `/workflows/${await aWorkflow(team)}/edit/yaml`
    await ana.send(at, { revision: formOf((await ana.open(at)).text, 'definition').revision!, text })
    const editor = await ana.open(at)
    for (const { message } of errors) {
      expect(plain(file.text)).toContain(message)
      expect(plain(editor.text)).toContain(message)
    }
  })

  it('checked is told by name, by line where it is no YAML, and against what the key’s team has', async () => {
    const at = await aWorkflow(team)
    const text = `baton: 1\nname: X\nsteps:\n${ONE}`
    const check = (to: string, body: string) => team.call('POST', `/workflows/validate${to}`, body, YAML)
    expect((await check(`?workflow=${at}`, text)).body).toMatchObject({ valid: true, name: 'X' })
    const broken = await check('', `${text}tags: [a\n`)
    expect([broken.status, broken.body.error]).toMatchObject([400, { code: 'malformed_yaml', line: 8 }])
    const foreign = await other.call('POST', `/workflows/validate?workflow=${at}`, text, YAML)
    expect(foreign.status).toBe(404)
  })

  it('slow to match elsewhere is no danger here: a pattern runs in linear time', async () => {
    const input = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } }
    const steps = [{ key: 'a', human: { assign: [team.owner] }, handoffs: [{ to: 'complete' }] }]
    const made = await team.call('POST', '/workflows', { baton: 1, name: 'Hostile', input, steps })
    if (made.status === 422) return expect(made.body.error.path).toMatch(/^input/)
    const task = await team.call('POST', `/workflows/${made.body.id}/tasks`, { input: { a: `${'a'.repeat(50_000)}!` } })
    expect(task.status).toBe(422)
  })
})
