/** Those who only look: every page of workflows, agents and templates leads them to what they can read, and offers no change. */
import { beforeAll, describe, expect, it } from 'vitest'
import { aDefinition, aTask, aTeam, aWorkflow, type Team } from '../api/client.ts'
import { aMember, Browser, type Seen } from '../team/browser.ts'

let team: Team
let ana: Browser
let viewer: Browser
let at: string
let draft: string

beforeAll(async () => {
  team = await aTeam()
  ana = new Browser()
  await ana.signIn(team.owner)
  const id = await aWorkflow(team)
  at = `/workflows/${id}`
  await aTask(team, id)
  await team.call('PUT', at, aDefinition(team, { name: 'Reviews', description: 'Second' }))
  await team.call('PUT', `${at}?draft=1`, aDefinition(team, { name: 'Reviews', description: 'Third' }))
  await ana.send(`${at}/template`, { template: 'on' })
  draft = `/workflows/${(await team.call('POST', '/workflows?draft=1', { name: 'Not yet' })).body.id}`
  await team.call('POST', '/skills', { key: 'tone', text: 'Be brief.' })
  await team.call('PUT', '/skills/tone', { text: 'Be kind.' })
  await ana.send('/agents/new', {
    name: 'Reader',
    description: 'You read texts.',
    never: 'change a quote',
    'file-0-name': 'Style',
    'file-0-text': 'Short <b>sentences</b>.',
  })
  viewer = new Browser()
  await viewer.signIn(await aMember(team.id, 'viewer'))
}, 60_000)

/** Where the page's forms send what would change something. */
function changesOn({ text }: Seen): string[] {
  const forms = [...text.matchAll(/<form[^>]*>/g)].map(([tag]) => tag).filter(tag => /method="post"/i.test(tag))
  const sends = [...text.matchAll(/(?:formaction|hx-post)="([^"]*)"/g)].map(match => match[1]!)
  const actions = forms.map(tag => /action="([^"]*)"/.exec(tag)?.[1] ?? '(here)')
  return [...actions, ...sends].filter(action => !/^\/(sign-out|theme)/.test(action))
}

/** Where it leads that is only there to change something of the team; a team of one's own is everybody's to make. */
function waysToChange({ text }: Seen): string[] {
  const hrefs = [...text.matchAll(/<a[^>]*\shref="([^"]*)"/g)].map(match => match[1]!)
  return hrefs.filter(href => href !== '/teams/new' && /\/(edit|publish|manage|import|new)\b/.test(href.split('?')[0]!))
}

describe('a viewer', () => {
  it('reads every page that is there to read, without a form or a link that changes something', async () => {
    const pages = [
      '/workflows',
      '/workflows?status=archived',
      '/templates',
      '/agents',
      '/agents/reader',
      '/agents/reader?version=1',
      ...['/skills', '/skills/tone', '/skills/tone?version=1'],
      ...['/graph', '/docs', '/versions', '/versions?from=1&to=2', '/callbacks'].map(path => at + path),
      ...['', '/graph', '/docs', '/versions'].map(path => draft + path),
    ]
    for (const path of pages) {
      const seen = await viewer.open(path)
      expect([path, seen.status, changesOn(seen), waysToChange(seen)]).toEqual([path, 200, [], []])
    }
    // The same eyes see them for those who may.
    for (const path of ['/workflows', '/agents/reader', `${at}/versions`, '/templates'])
      expect([path, waysToChange(await ana.open(path)).length + changesOn(await ana.open(path)).length > 0]).toEqual([
        path,
        true,
      ])
  })

  it('is led from the pages that only change things to those to read, and told why', async () => {
    const led: [path: string, to: string][] = [
      ...['', '/yaml', '/settings', '/steps/review', '/steps/gone'].map<[string, string]>(path => [
        `${at}/edit${path}`,
        `${at}/docs`,
      ]),
      [`${at}/publish`, `${at}/docs`],
      [`${at}/manage`, `${at}/docs`],
      [`${draft}/edit`, `${draft}/docs`],
      ['/workflows/new', '/workflows'],
      ['/workflows/import', '/workflows'],
      ['/agents/new', '/agents'],
      ['/skills/new', '/skills'],
    ]
    for (const [path, to] of led) {
      const seen = await viewer.open(path)
      expect([path, seen.status, seen.location]).toEqual([path, 303, to])
      const there = await viewer.open(to)
      expect([path, there.status, there.text.includes('Viewers cannot')]).toEqual([path, 200, true])
      expect([path, (await ana.open(path)).location === to]).toEqual([path, false])
    }
  })

  it('reads what an agent is, compares versions and takes the YAML along', async () => {
    const agent = await viewer.open('/agents/reader')
    for (const part of ['You read texts.', 'change a quote', 'Short &lt;b&gt;sentences'])
      expect(agent.text).toContain(part)
    expect(agent.text).not.toContain('<textarea')
    const docs = await viewer.open(`${at}/docs`)
    expect(docs.text).toContain(`href="${at}/export"`)
    const file = await viewer.open(`${at}/export`)
    expect([file.status, file.text.includes('description: Third')]).toEqual([200, true])
    expect((await viewer.open(`${at}/versions?from=1&to=2`)).text).toContain('From version 1 to 2')
  })

  it('is refused whatever it sends', async () => {
    const sends = [
      ...['/edit/steps', '/edit/delete', '/edit/yaml', '/edit/steps/review', '/edit/steps/review/preview'],
      ...['/edit/steps/review/try', '/publish', '/publish/tasks', '/versions/revert', '/clone', '/template'],
      ...['/archive', '/restore', '/delete'],
    ].map(path => at + path)
    const others = [
      '/workflows/new',
      '/workflows/import',
      '/templates/invoice-processing',
      '/agents/new',
      '/skills/new',
    ]
    for (const path of [
      ...sends,
      ...others,
      '/agents/reader',
      '/agents/reader/try',
      '/agents/reader/delete',
      '/skills/tone',
      '/skills/tone/delete',
    ]) {
      expect([path, (await viewer.send(path, { name: 'Reviews', version: '1', typed: 'reader' })).status]).toEqual([
        path,
        403,
      ])
    }
    expect((await team.call('GET', at)).body).toMatchObject({ version: 2, status: 'active' })
  })
})
