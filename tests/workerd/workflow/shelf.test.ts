/** Templates, agents, files, copies and what is archived or deleted, by the pages' forms. */
import { beforeAll, describe, expect, it } from 'vitest'
import { saveAgent } from '../../../src/agent/agents.ts'
import { TEMPLATES } from '../../../src/workflow/templates/templates.ts'
import { notEmpty } from '../../support/not-empty.ts'
import { aDefinition, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'
import { formOf } from './form-of.ts'

let team: Team
let ana: Browser

beforeAll(async () => {
  team = await aTeam()
  ana = new Browser()
  await ana.signIn(team.owner)
})

/** Decides whatever the task asks, by the first label, and the next one where it asks again, and replies; answers how it ended. */
async function toItsEnd(task: string) {
  const asked: Record<string, number> = {}
  for (let turn = 0; turn < 12; turn++) {
    const view = await eventually(async () => {
      const { body } = await team.call('GET', `/tasks/${task}`)
      expect(body.status).not.toBe('running')
      return body
    })
    const { status, step, visit, error, stuck } = view
    if (status !== 'waiting') return { status, error, stuck }
    if (/waits for "reply"/.test(view.why)) {
      const data = { from: view.input.email, subject: 'Re: it', text: 'Yes, please.' }
      expect((await team.call('POST', `/tasks/${task}/events`, { name: 'reply', data })).status).toBe(200)
      continue
    }
    const labels = await eventually(async () => {
      const items: { task: { id: string }; visit: number; labels: string[] }[] = (await team.call('GET', '/approvals'))
        .body.items
      const item = items.find(each => each.task.id === task && each.visit === visit)
      expect(item).toBeDefined()
      return item!.labels
    })
    asked[step] = (asked[step] ?? -1) + 1
    const handoff = labels[asked[step] % labels.length]
    const decided = await team.call('POST', `/tasks/${task}/decide`, { handoff, note: 'As it should be.', visit })
    expect([step, decided.status]).toEqual([step, 200])
  }
  throw new Error(`no end: ${JSON.stringify(asked)}`)
}

describe.each(TEMPLATES.map(template => [template.slug, template] as const))('the template %s', (slug, template) => {
  it('makes a published workflow with its agents, whose sample runs to its end once people have decided', async () => {
    const used = await ana.send(`/templates/${slug}`, {})
    expect(used.status).toBe(303)
    const id = used.location!.slice('/workflows/'.length)
    const read = await team.call('GET', `/workflows/${id}`)
    expect(read.body).toMatchObject({ version: 1, status: 'active', owner: team.owner })
    for (const agent of template.agents) expect((await team.call('GET', `/agents/${agent.key}`)).status).toBe(200)
    const example = await ana.open(`/workflows/${id}/tasks/new?example=1`)
    const byHand = await ana.send(`/workflows/${id}/tasks`, formOf(example.text, 'new-task'))
    expect(byHand.status).toBe(303)
    const started = await team.call('POST', `/workflows/${id}/tasks`, { input: template.sample })
    expect(started.status).toBe(201)
    expect(await toItsEnd(started.body.id)).toEqual({ status: 'done', error: null, stuck: null })
    for (const path of [
      '',
      '/edit',
      '/edit/yaml',
      '/edit/settings',
      '/graph',
      '/publish',
      '/versions',
      '/docs',
      '/manage',
    ])
      expect([path, (await ana.open(`/workflows/${id}${path}`)).status]).toEqual([path, 200])
    for (const step of notEmpty<{ key: string }>(read.body.steps)) {
      const page = await ana.open(`/workflows/${id}/edit/steps/${step.key}`)
      expect([step.key, page.status]).toEqual([step.key, 200])
    }
  })
})

describe('files', () => {
  it('export a workflow with its agents, and make the same of it in another team', async () => {
    const used = await ana.send('/templates/contract-review', {})
    const file = await ana.open(`${used.location}/export`)
    expect(file.headers.get('content-disposition')).toContain('contract-review.baton.yaml')
    const other = await aTeam()
    const ben = new Browser()
    await ben.signIn(other.owner)
    const look = await ben.send('/workflows/import', { text: file.text, do: 'look' })
    expect(look.status).toBe(200)
    expect(look.text).toContain('The agent contract_reader')
    const made = await ben.send('/workflows/import', { text: file.text, do: 'make' })
    const id = /wf_\w+/.exec(made.location!)![0]
    expect((await other.call('GET', '/agents/contract_reader')).body.context).toHaveLength(1)
    const [mine, theirs] = await Promise.all([
      team.call('GET', used.location!),
      other.call('GET', `/workflows/${id}?draft=1`),
    ])
    expect(theirs.body.steps).toEqual(mine.body.steps)
    expect(theirs.body.input).toEqual(mine.body.input)
  })

  it('gives the same lint for the same fault by import, editor and API', async () => {
    const wrong = { ...aDefinition(team), steps: [{ key: 'a', agent: 'nobody', handoffs: [{ to: 'gone' }] }] }
    const api = await team.call('POST', '/workflows', wrong)
    const drafted = await team.call('POST', '/workflows?draft=1', wrong)
    const editor = await ana.open(`/workflows/${drafted.body.id}/edit/yaml`)
    const imported = await ana.send('/workflows/import', { text: JSON.stringify(wrong), do: 'look' })
    const escaped = (text: string) =>
      text
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;')
        .replaceAll(/`([^`]*)`/g, '<code>$1</code>')
    for (const { message } of api.body.lint) {
      expect(editor.text).toContain(escaped(message))
      expect(imported.text).toContain(escaped(message))
    }
    expect(api.body.lint.length).toBeGreaterThan(1)
  })

  it('refuses an agent that names a tool which does not exist, or whose context is no text, and says so at the field', async () => {
    const agent = { key: 'mailer', name: 'Mailer', description: 'x', tools: ['fetch_page', 'send_mail'] }
    const refused = await team.call('POST', '/agents', agent)
    expect([refused.status, refused.body.error]).toMatchObject([
      422,
      { code: 'unknown_tool', path: 'tools[1]', hint: 'Did you mean `send_email`?' },
    ])
    const pdf = { ...agent, tools: [], context: [{ name: 'h.pdf', text: '%PDF-1.4 1 0 obj' }] }
    expect((await team.call('POST', '/agents', pdf)).body.error).toMatchObject({
      code: 'not_text',
      path: 'context[0].text',
    })
    expect((await team.call('POST', '/agents', { ...agent, tools: ['send_email'] })).status).toBe(201)
    expect((await team.call('PUT', '/agents/mailer', agent)).body.error).toMatchObject({ code: 'unknown_tool' })

    const fields = { name: 'Mailer', key: 'clerk', description: 'x', tools: 'fetch_page, send_mail' }
    const onPage = await ana.send('/agents/new', fields)
    expect(onPage.status).toBe(422)
    expect(onPage.text).toMatch(
      /id="field-tools-error"[\s\S]*?There is no tool send_mail in this team. Did you mean send_email\?/,
    )
    expect(onPage.text).toContain('value="send_mail"')
  })

  it('refuses a file without words, also one of ASCII alone, and keeps what was filled in', async () => {
    const sendFile = (path: string, field: string, file: File) =>
      ana.send(path, { name: 'Reader', description: 'Knows the handbook.', [field]: file })
    const pdf = new File(['%PDF-1.4\n1 0 obj\n<< >>\nendobj\n%%EOF\n'], 'handbook.pdf', { type: 'text/plain' })
    const docx = new File([new Uint8Array([0x50, 0x4b, 3, 4, 20, 0, 8, 0])], 'handbook.txt')
    for (const [file, says] of [
      [pdf, '“handbook.pdf” was not taken. It is damaged.'],
      [docx, '“handbook.txt” was not taken. Upload text, Markdown, a PDF or an office file.'],
    ] as const) {
      const refused = await sendFile('/agents/new', 'upload', file)
      expect(refused.status).toBe(422)
      expect(refused.text).toContain(says)
      expect(refused.text).toContain('Knows the handbook.')
    }
    expect((await sendFile('/workflows/import', 'file', pdf)).text).toContain('“handbook.pdf” is a PDF.')
    const made = await sendFile('/agents/new', 'upload', new File(['# Handbook\r\nOn %PDF-'], 'handbook.md'))
    expect(made.status).toBe(303)
    expect((await team.call('GET', '/agents/reader')).body.context).toEqual([
      { name: 'handbook.md', text: '# Handbook\nOn %PDF-' },
    ])
  })

  it('says in which steps of which live workflows it is named, branches and the work on items included; these pin the tools they call', async () => {
    const named = await aTeam()
    const reader = { key: 'reader', name: 'Reader', description: 'x' }
    expect((await named.call('POST', '/agents', reader)).status).toBe(201)
    const look = {
      key: 'look',
      description: 'x',
      parameters: { type: 'object' },
      http: { url: 'https://crm.example/x' },
    }
    expect((await named.call('POST', '/tools', look)).status).toBe(201)
    const agent = { agent: 'reader', instructions: 'x' }
    const on = (to: string) => ({ handoffs: [{ to }] })
    const plain = { key: 'plain', ...agent, ...on('both') }
    const both = {
      key: 'both',
      parallel: { branches: { one: agent, two: { tool: 'look', with: {} } } },
      ...on('each'),
    }
    const each = { key: 'each', map: { over: '{{ input.lines }}', do: agent }, ...on('complete') }
    const input = { type: 'object', properties: { lines: { type: 'array', items: { type: 'string' } } } }
    const made = await named.call('POST', '/workflows', aDefinition(named, { input, steps: [plain, both, each] }))
    expect(made.status).toBe(201)
    const path = `/workflows/${made.body.id}`
    const person = new Browser()
    await person.signIn(named.owner)
    const shown = async () => (await person.open('/agents/reader')).text.split('Where it is used')[1]!
    expect(await shown()).toContain('plain, both, each')

    const call = both.parallel.branches.two
    const called = { ...both, parallel: { branches: { one: call, two: call } }, ...on('complete') }
    const again = await named.call('PUT', path, aDefinition(named, { input, steps: [called] }))
    expect([again.status, again.body.error]).toEqual([200, undefined])
    expect(await shown()).toContain('No workflow names it.')
    const pinned = await env.DB.prepare('SELECT pinned FROM workflow_versions WHERE workflow = ? AND version = 2')
      .bind(made.body.id)
      .first<string>('pinned')
    expect(JSON.parse(pinned!).tools).toEqual({ look: 1 })

    expect((await named.call('PUT', path, aDefinition(named, { input, steps: [each] }))).status).toBe(200)
    expect(await shown()).toContain('each</span>')
    expect((await named.call('DELETE', path)).status).toBe(204)
    expect(await shown()).toContain('No workflow names it.')
  })

  it('shows what an agent was saved with long ago and is no tool, on its page and in the lint of what names it', async () => {
    const old = { key: 'oldie', name: 'Oldie', description: 'x', tools: ['send_email', 'find_task'] }
    await saveAgent(env.DB, team.id, old, 'new', { kind: 'person', id: 'ana@acme.test' }, Date.now())
    const page = await ana.open('/agents/oldie')
    expect(page.text).toContain('There is no tool find_task in this team. Did you mean find_tasks?')
    const steps = [{ key: 'a', agent: 'oldie', instructions: 'x', handoffs: [{ to: 'complete' }] }]
    const refused = await team.call('POST', '/workflows', aDefinition(team, { steps }))
    expect(refused.body.lint).toMatchObject([{ path: 'steps[0].agent', level: 'error', code: 'unknown_tool' }])
    const narrowed = steps.map(step => ({ ...step, tools: ['send_email'] }))
    expect((await team.call('POST', '/workflows', aDefinition(team, { steps: narrowed }))).status).toBe(201)
    expect((await team.call('PUT', '/agents/oldie', { ...old, tools: ['send_email'] })).status).toBe(200)
    expect((await team.call('POST', '/workflows', aDefinition(team, { steps }))).status).toBe(201)
    expect((await ana.open('/agents/oldie')).text).not.toContain('find_task in this team')
  })

  it('holds a step to the tools of its agent, alike by import, editor and API', async () => {
    const agent = { key: 'tooled', name: 'Tooled', description: 'x', tools: ['find_tasks', 'fetch_page'] }
    expect((await team.call('POST', '/agents', agent)).status).toBe(201)
    const steps = (key: string, tools: string[]) => [
      { key: 'a', agent: key, instructions: 'x', tools, handoffs: [{ to: 'complete' }] },
    ]
    const wide = aDefinition(team, { steps: steps('tooled', ['fetch_page', 'find_task']) })
    const refused = await team.call('POST', '/workflows', wide)
    expect(refused.status).toBe(422)
    expect(refused.body.lint).toMatchObject([{ path: 'steps[0].tools[1]', level: 'error', code: 'unknown_tool' }])
    const drafted = await team.call('POST', '/workflows?draft=1', wide)
    const says = 'has no tool <code>find_task</code>.'
    for (const path of ['/edit', '/edit/yaml', '/publish'])
      expect((await ana.open(`/workflows/${drafted.body.id}${path}`)).text).toContain(says)
    expect((await ana.send('/workflows/import', { text: JSON.stringify(wide), do: 'look' })).text).toContain(says)
    // An agent that comes in the same file is known by what the file says of it.
    const bundle = (tools: string[]) =>
      JSON.stringify({
        format: 'baton-export-1',
        workflow: aDefinition(team, { steps: steps('fresh', tools) }),
        agents: [{ ...agent, key: 'fresh' }],
      })
    expect((await ana.send('/workflows/import', { text: bundle(['find_task']), do: 'look' })).text).toContain(says)
    expect((await ana.send('/workflows/import', { text: bundle(['fetch_page']), do: 'look' })).text).not.toContain(
      'has no tool',
    )
    expect(
      (await team.call('POST', '/workflows', aDefinition(team, { steps: steps('tooled', ['fetch_page']) }))).status,
    ).toBe(201)
    expect((await team.call('POST', '/workflows', aDefinition(team, { steps: steps('tooled', []) }))).status).toBe(201)
  })

  it('refuses what is no workflow, and serves the schema to everybody', async () => {
    for (const text of ['', '[1]', 'format: other\nworkflow: {}\n', 'workflow: {}\nagents: [{ key: X }]\n', 'a: [1'])
      expect((await ana.send('/workflows/import', { text, do: 'make' })).status).toBe(422)
    const schema = await fetchApi('/schema/workflow.json')
    expect(schema.body.properties.steps.type).toBe('array')
  })
})

describe('agents', () => {
  it('are made, changed as versions, tried out, and tell where they are used', async () => {
    const made = await ana.send('/agents/new', {
      name: 'Proof reader',
      description: 'You read texts.',
      never: 'change a quote',
      model: 'demo',
      'file-0-name': 'Style',
      'file-0-text': 'Short <b>sentences</b>.',
    })
    expect(made.location).toBe('/agents/proof_reader')
    const page = await ana.open('/agents/proof_reader')
    expect(page.text).toContain('Short &lt;b&gt;sentences')
    const agent = (await team.call('GET', '/agents/proof_reader')).body
    expect(agent.description).toBe('You read texts.\nYou must never: change a quote')
    const tried = await ana.send('/agents/proof_reader/try', { prompt: 'Read this: hello.' })
    expect(tried.text).toContain('Exactly what the model gets')
    expect(tried.text).toContain('tokens in')
    expect(tried.text).toMatch(/You must never: change a quote\s+# Style/)
    const saved = await ana.send('/agents/proof_reader', { version: '1', name: 'Reader', description: 'You read.' })
    expect(saved.status).toBe(303)
    expect((await ana.open('/agents/proof_reader?version=1')).text).toContain(
      'This is version 1; version 2 is the newest.',
    )
    const late = await ana.send('/agents/proof_reader', { version: '1', name: 'Mine', description: 'x' })
    expect([late.status, late.text.includes('Nothing was overwritten')]).toEqual([409, true])
    await aWorkflow(team, {
      name: 'Uses it',
      steps: [{ key: 'a', agent: 'proof_reader', handoffs: [{ to: 'complete' }] }],
    })
    expect((await ana.open('/agents/proof_reader')).text).toContain('Uses it')
    expect((await ana.open('/agents')).text).toContain('1 workflow')
  })

  it('warns beyond 8,000 words, takes text files and no others, and lets viewers change nothing', async () => {
    const form = new FormData()
    form.set('name', 'Long')
    form.set('description', 'You know much.')
    form.set('upload', new File(['word '.repeat(8100)], 'notes.md', { type: 'text/markdown' }))
    const headers = { 'Sec-Fetch-Site': 'same-origin' }
    const made = await ana.open('/agents/new', { method: 'POST', body: form, headers })
    expect(made.status).toBe(303)
    expect((await ana.open('/agents/long')).text).toMatch(/beyond 8000 models.*about 10\d{3} tokens/s)
    form.set('name', 'Picture')
    form.set('upload', new File([new Uint8Array([0xff, 0xd8, 0xff])], 'a.jpg'))
    expect((await ana.open('/agents/new', { method: 'POST', body: form, headers })).status).toBe(422)
    const viewer = new Browser()
    await viewer.signIn(await aMember(team.id, 'viewer'))
    expect((await viewer.send('/agents/new', { name: 'X', description: 'x' })).status).toBe(403)
    expect((await viewer.send('/agents/long/try', { prompt: 'x' })).status).toBe(403)
    const stranger = new Browser()
    await stranger.signIn((await aTeam()).owner)
    expect((await stranger.open('/agents/long')).status).toBe(404)
  })

  it('are deleted by their key, typed; what is published keeps them', async () => {
    await ana.send('/agents/new', { name: 'Gone Soon', description: 'x' })
    const wrong = await ana.send('/agents/gone_soon/delete', { typed: 'gone' })
    expect([wrong.status, wrong.text.includes('Nothing was deleted')]).toEqual([422, true])
    const viewer = new Browser()
    await viewer.signIn(await aMember(team.id, 'viewer'))
    expect((await viewer.send('/agents/gone_soon/delete', { typed: 'gone_soon' })).status).toBe(403)
    expect((await ana.send('/agents/gone_soon/delete', { typed: 'gone_soon' })).location).toBe('/agents')
    expect((await ana.open('/agents/gone_soon')).status).toBe(404)
  })
})

describe('a workflow as a whole', () => {
  it('is cloned, kept as a template, archived, restored, found, and deleted only by its name', async () => {
    const id = await aWorkflow(team, { name: 'Whole one', tags: ['blue'] })
    const at = `/workflows/${id}`
    const clone = await ana.send(`${at}/clone`, {})
    const copy = /wf_\w+/.exec(clone.location!)![0]
    expect((await team.call('GET', `/workflows/${copy}?draft=1`)).body.name).toBe('Whole one (copy)')
    await ana.send(`${at}/template`, { template: 'on' })
    expect((await ana.open('/templates')).text).toContain('Whole one')
    expect((await ana.open('/workflows?template=1')).text).toContain('Whole one')
    expect((await ana.open('/workflows?tag=blue')).text).toContain(`"${at}"`)
    expect((await ana.open('/workflows?tag=red')).text).not.toContain(`"${at}"`)
    expect((await ana.open(`/workflows?owner=${encodeURIComponent(team.owner)}`)).text).toContain('Whole one')
    await ana.send(`${at}/archive`, {})
    expect((await ana.open('/workflows')).text).not.toContain(`"${at}"`)
    expect((await ana.open('/workflows?status=archived')).text).toContain(`"${at}"`)
    await ana.send(`${at}/restore`, {})
    expect((await team.call('GET', at)).body.status).toBe('paused')
    const member = new Browser()
    await member.signIn(await aMember(team.id))
    expect((await member.send(`${at}/delete`, { name: 'Whole one' })).status).toBe(403)
    expect((await ana.send(`${at}/delete`, { name: 'Whole' })).status).toBe(422)
    expect((await ana.send(`${at}/delete`, { name: 'Whole one' })).location).toBe('/workflows')
    expect((await ana.open(at)).status).toBe(404)
  })

  it('is drawn with its loop, dead end and lost step, and documented with a checklist', async () => {
    const steps = [
      {
        key: 'a',
        name: 'First',
        prompt: 'x',
        handoffs: [{ if: 'input.company == "<x>"', to: 'b' }, { to: 'complete' }],
      },
      { key: 'b', name: 'Second', prompt: 'x', handoffs: [{ when: 'failed', to: 'a' }] },
      { key: 'lost', prompt: 'x', handoffs: [{ to: 'complete' }] },
    ]
    const astray = [{ key: 'a', prompt: 'x', handoffs: [{ to: 'gone' }] }]
    const drafted = await team.call('POST', '/workflows?draft=1', aDefinition(team, { steps: astray }))
    expect((await ana.open(`/workflows/${drafted.body.id}/graph`)).text).toContain('a target is not there')
    const at = `/workflows/${await aWorkflow(team, { steps })}`
    const graph = (await ana.open(`${at}/graph`)).text
    expect(graph).toMatch(/<svg.*data-back.*dead end.*nothing leads here/s)
    expect(graph).not.toContain('style=')
    const docs = (await ana.open(`${at}/docs`)).text
    for (const part of ['Scope', 'Tools, agents and skills', 'Rules', 'Escalation', 'Before it starts'])
      expect(docs).toContain(part)
    const tool = { key: 'pay', description: 'Pays.', parameters: { type: 'object' }, ask: true }
    await team.call('POST', '/tools', { ...tool, http: { url: 'https://pay.example/' } })
    const calling = [
      { key: 'pay', tool: 'pay', handoffs: [{ to: 'look' }] },
      { key: 'look', http: { url: 'https://api.crm.example/x' }, handoffs: [{ to: 'complete' }] },
    ]
    const named = (await ana.open(`/workflows/${await aWorkflow(team, { steps: calling })}/docs`)).text
    expect(named).toContain('Calls the tool pay. A person must allow each call.')
    expect(named).toContain('Calls GET https://api.crm.example/x; it may be made again. Nobody is asked before.')
  })
})
