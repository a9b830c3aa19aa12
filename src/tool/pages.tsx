/** The pages of a team's tools. Every save is a new version; what is published keeps the version that it named. */
import { Hono } from 'hono'
import { literalHost } from '../domain/call/address.ts'
import { personActor } from '../domain/caller.ts'
import { may } from '../domain/permissions.ts'
import { shorten } from '../domain/text/cut.ts'
import { withArguments } from '../domain/tools/arguments.ts'
import { readCurl } from '../domain/tools/curl.ts'
import { lintSettings } from '../domain/tools/lint-tool.ts'
import { settingsSchema, type ToolSettings } from '../domain/tools/settings.ts'
import { effectOf, type TeamTool } from '../domain/tools/tool.ts'
import { KEY_PATTERN } from '../domain/workflow/parts.ts'
import { leadReaders, openChange } from '../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../http/page/page.tsx'
import { readCursor } from '../records/cursor.ts'
import { listMcpServers, type McpServerLine } from '../records/definitions/mcp-servers.ts'
import { allToolSettings, putToolSettings } from '../records/definitions/tool-settings.ts'
import { toolUses } from '../records/definitions/tool-uses.ts'
import { deleteTool, listTools, toolByKey } from '../records/definitions/tools.ts'
import { choosableSecrets, secretHosts } from '../records/people/secrets.ts'
import { keepNewSecrets, secretsIn } from '../team/secrets/new-secrets.tsx'
import { type GivenTool, givenTools } from './given.ts'
import { importPages } from './import-pages.tsx'
import { readRules, readTool, rulesValues, toolValues } from './tool-form.ts'
import { ownTool, toolPage, tryPages } from './tool-page.tsx'
import { builtInNamed, lintOwnTool, saveTool } from './tools.ts'
import { NewTool, type NewToolView } from './views/new-tool-view.tsx'
import { type ServerLine, type ToolLine, Tools } from './views/tools-view.tsx'

export const toolPages = new Hono<PageEnv>()

toolPages.use(
  '/tools/new',
  leadReaders('tools.change', () => '/tools'),
)
toolPages.route('/', tryPages)
toolPages.route('/', importPages)

toolPages.get('/tools', async c => {
  const team = c.get('person').team.id
  const cursor = readCursor(c.req.query('cursor') ?? '')
  const isFirst = cursor === null
  const [found, settings, uses, given, servers] = await Promise.all([
    listTools(c.env.DB, team, cursor),
    allToolSettings(c.env.DB, team),
    toolUses(c.env.DB, team),
    isFirst ? givenTools(c.env, team) : [],
    isFirst ? listMcpServers(c.env.DB, team) : [],
  ])
  const used = (key: string) => ({
    steps: uses.get(key)?.workflows.flatMap(each => each.steps).length ?? 0,
    agents: uses.get(key)?.agents.length ?? 0,
  })
  const own = found.items.map(({ tool, version }) => ({ ...ownLine(tool, version), ...used(tool.key) }))
  const others = given.map(tool => ({ ...givenLine(tool, settings.get(tool.name)), ...used(tool.name) }))
  const view = {
    tools: [...own, ...others],
    servers: servers.map(serverLine),
    next: found.next,
    mayChange: may(c.get('person'), 'tools.change'),
  }
  return page(c, { title: 'Tools', active: 'tools' }, <Tools view={view} />)
})

function serverLine({ url, ...row }: McpServerLine): ServerLine {
  return { ...row, host: literalHost(url) ?? url }
}

type Unused = Omit<ToolLine, 'steps' | 'agents'>

function ownLine(tool: TeamTool, version: number): Unused {
  const { key, description, ask = false, undoCost, http } = tool
  const host = literalHost(http.url)
  const from = `${host} · v${version}`
  return { key, description, from, changed: false, effect: effectOf(tool), ask, undoCost }
}

function givenLine(
  { name, description, effect: usual, server, changed }: GivenTool,
  settings: ToolSettings = {},
): Unused {
  const { effect = usual, ask = false, undoCost } = settings
  const from = server === null ? 'Built in' : `MCP server ${server}`
  return { key: name, description: shorten(description, 240), from, changed, effect, ask, undoCost }
}

toolPages.get('/tools/new', c => newTool(c, {}))

toolPages.post('/tools/curl', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const taken = [...(await secretHosts(c.env.DB, c.get('person').team.id)).keys()]
  const read = readCurl((change.given.curl ?? '').replaceAll('\r\n', '\n'), taken)
  if (!read.ok) return newTool(c, { problem: read.message }, 422)
  const none = { http: read.call, parameters: { type: 'object', properties: {} } }
  const made = change.given.arguments === 'yes' ? withArguments(read.call) : none
  return newTool(c, { form: { values: toolValues(made), secrets: read.secrets } })
})

toolPages.post('/tools/new', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { given } = change
  const person = c.get('person')
  const secrets = secretsIn(given)
  const again = (over: Partial<NewToolView['form']>, status: 409 | 422 = 422) =>
    newTool(c, { form: { values: given, secrets, ...over } }, status)
  const key = given.key?.trim() ?? ''
  if (!KEY_PATTERN.test(key)) {
    return again({ mistake: { field: 'key', message: 'Start with a letter; a–z, 0–9 and _.' } })
  }
  const read = readTool(given, key, null)
  if (!read.ok) return again({ mistake: read })
  const host = literalHost(read.tool.http.url)
  const set = may(person, 'secrets.manage') && host !== null ? secrets.filter(({ value }) => value !== '') : []
  const more = set.map(({ name }): [string, string[]] => [name, [host!]])
  const lint = await lintOwnTool(c.env, person.team.id, read.tool, more)
  if (lint.some(({ level }) => level === 'error')) return again({ lint })
  const exists = { field: 'key', message: `There is a tool “${key}” already.` }
  if (builtInNamed(key) !== null || (await toolByKey(c.env.DB, person.team.id, key)) !== null) {
    return again({ mistake: exists }, 409)
  }
  const problem = await keepNewSecrets(c.env, person, set, host ?? '')
  if (problem !== null) return again({ mistake: { field: 'secret', message: problem } })
  const saved = await saveTool(c.env.DB, person.team.id, read.tool, 'new', byOf(c).actor)
  if (!saved.ok) return again({ mistake: exists }, 409)
  return goTo(c, `/tools/${key}`, 'The tool is made. Try it out, then let a step or an agent name it.')
})

toolPages.get('/tools/:key', async c => {
  const found = await ownTool(c)
  return found ? toolPage(c, found, {}) : errorPage(c, 404)
})

toolPages.post('/tools/:key', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const found = await ownTool(c)
  if (!found) return errorPage(c, 404)
  const { given } = change
  const { team } = c.get('person')
  if (found.kind === 'given') {
    const rules = readRules(given)
    if (!rules.ok) return toolPage(c, found, { values: given, mistake: rules }, 422)
    const isMail = found.tool.name === 'send_email' && given.recipients === 'any'
    const settings = settingsSchema.parse({ ...rules.rules, ...(isMail && { recipients: 'any' }) })
    const lint = lintSettings(settings, found.tool.parameters)
    if (lint.some(({ level }) => level === 'error')) return toolPage(c, found, { values: given, lint }, 422)
    await putToolSettings(c.env.DB, team.id, found.tool.name, settings, byOf(c), Date.now())
    return goTo(c, `/tools/${found.tool.name}`, 'Saved. It holds at once.')
  }
  const { key } = found.row
  const read = readTool(given, key, found.row.tool)
  if (!read.ok) return toolPage(c, found, { values: given, mistake: read }, 422)
  const lint = await lintOwnTool(c.env, team.id, read.tool)
  if (lint.some(({ level }) => level === 'error')) return toolPage(c, found, { values: given, lint }, 422)
  const saved = await saveTool(c.env.DB, team.id, read.tool, Number(given.version), byOf(c).actor)
  if (saved.ok) {
    const message = `Version ${saved.value} is saved. Workflows take it up when they are published again.`
    return goTo(c, `/tools/${key}`, message)
  }
  const now = await ownTool(c)
  if (now?.kind !== 'own') return errorPage(c, 404)
  const message = `Somebody saved version ${now.row.version} while you were editing. Nothing was overwritten: look at it, then save yours again.`
  return toolPage(c, now, { values: given, mistake: { field: 'version', message } }, 409)
})

toolPages.post('/tools/:key/delete', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const found = await ownTool(c)
  if (found?.kind !== 'own') return errorPage(c, 404)
  const { key } = found.row
  if ((change.given.typed ?? '').trim() !== key) {
    const mistake = { field: 'typed', message: `Type ${key} to delete it. Nothing was deleted.` }
    return toolPage(c, found, { mistake }, 422)
  }
  await deleteTool(c.env.DB, c.get('person').team.id, key, personActor(c.get('person')), Date.now())
  return goTo(c, '/tools', `The tool “${key}” is deleted. What is published keeps the version that it named.`)
})

function byOf(c: PageContext) {
  const person = c.get('person')
  return { actor: personActor(person), name: person.email }
}

type NewToolOver = { problem?: string; form?: Partial<NewToolView['form']> }

async function newTool(c: PageContext, { problem, form = {} }: NewToolOver, status: 200 | 409 | 422 = 200) {
  const known = await choosableSecrets(c.env.DB, c.get('person').team.id)
  const none = { key: null, version: 0, values: rulesValues({}), mistake: null, lint: [], secrets: [], known }
  const view = { problem: problem ?? null, form: { ...none, admin: may(c.get('person'), 'secrets.manage'), ...form } }
  return page(
    c,
    { title: 'New tool', active: 'tools', styles: ['editor'], scripts: ['editor'] },
    <NewTool view={view} />,
    status,
  )
}
