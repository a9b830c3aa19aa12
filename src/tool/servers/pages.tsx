/** `/mcp-servers`: the pages of MCP servers. One is added by its address and a token, its tools are ticked, changes accepted. */
import { Hono } from 'hono'
import { literalHost } from '../../domain/call/address.ts'
import { secretsNamed } from '../../domain/call/secret-marks.ts'
import { personActor } from '../../domain/caller.ts'
import { may } from '../../domain/permissions.ts'
import { fullName, type McpServer, mcpServerSchema } from '../../domain/tools/mcp/server.ts'
import type { LintItem } from '../../domain/workflow/lint.ts'
import { explain } from '../../http/errors.ts'
import { leadReaders, openChange } from '../../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { deleteMcpServer } from '../../records/definitions/mcp-servers.ts'
import { toolUses } from '../../records/definitions/tool-uses.ts'
import { deleteSecret } from '../../records/people/secrets.ts'
import { keepNewSecrets } from '../../team/secrets/new-secrets.tsx'
import type { FormMistake, Values } from '../../workflow/forms/form-values.ts'
import { pairsOf, pairsText } from '../../workflow/forms/pairs.ts'
import { NewServer, type ServerFormView } from '../views/new-server-view.tsx'
import { ServerPage, TICKED } from '../views/server-view.tsx'
import {
  acceptTool,
  addServer,
  changeServer,
  isChanged,
  lintOwnServer,
  refreshServer,
  shownTool,
  type WholeServer,
  wholeServer,
} from './servers.ts'

export const mcpServerPages = new Hono<PageEnv>()

mcpServerPages.use(
  '/mcp-servers/new',
  leadReaders('tools.change', () => '/tools'),
)

mcpServerPages.get('/mcp-servers', c => c.redirect('/tools#servers', 303))

mcpServerPages.get('/mcp-servers/new', c => newServer(c, {}))

mcpServerPages.post('/mcp-servers/new', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { given } = change
  const person = c.get('person')
  const team = person.team.id
  const again = (over: Partial<ServerFormView>, status: 409 | 422 = 422) =>
    newServer(c, { values: { ...given, token: '' }, ...over }, status)
  const read = readServer(given, given.key?.trim() ?? '')
  if (!read.ok) return again({ mistake: read })
  const { server } = read
  const token = may(person, 'secrets.manage') ? (given.token ?? '').trim() : ''
  const host = literalHost(server.url)
  const secret = token !== '' && host !== null ? `${server.key.slice(0, 34)}_token` : null
  if (secret !== null) server.headers = { ...server.headers, authorization: `Bearer {{ secrets.${secret} }}` }
  const lint = await lintOwnServer(c.env, team, server, secret === null ? [] : [[secret, [host!]]])
  if (lint.some(({ level }) => level === 'error')) return again({ lint })
  if (secret !== null) {
    const problem = await keepNewSecrets(c.env, person, [{ name: secret, value: token, place: 'call' }], host!)
    if (problem !== null) return again({ mistake: { field: 'token', message: problem } })
  }
  const added = await addServer(c.env, team, { ...server, tools: [] }, byOf(c))
  if (!added.ok) {
    // A sign-in for a server that was not added signs in nowhere, and the next try brings its own.
    if (secret !== null) await deleteSecret(c.env.DB, team, secret, personActor(person), Date.now())
    return again({ problem: explain(added.problem).message }, 409)
  }
  const { length } = added.value.tools
  const message = `${server.key} offers ${length} ${length === 1 ? 'tool' : 'tools'}. Tick those that steps and agents may use.`
  return goTo(c, `/mcp-servers/${server.key}`, message)
})

mcpServerPages.get('/mcp-servers/:key', async c => {
  const found = await own(c)
  return found ? serverPage(c, found, {}) : errorPage(c, 404)
})

mcpServerPages.post('/mcp-servers/:key', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const found = await own(c)
  if (!found) return errorPage(c, 404)
  const { given } = change
  const { key } = found.server
  const read = readServer(given, key)
  if (!read.ok) return serverPage(c, found, { values: given, mistake: read }, 422)
  const lint = await lintOwnServer(c.env, c.get('person').team.id, read.server)
  if (lint.some(({ level }) => level === 'error')) return serverPage(c, found, { values: given, lint }, 422)
  const changed = await changeServer(c.env, c.get('person').team.id, read.server, byOf(c))
  if (changed.ok) return goTo(c, `/mcp-servers/${key}`, 'Saved, and its list was read.')
  return serverPage(c, found, { values: given, problem: explain(changed.problem).message }, 409)
})

mcpServerPages.post('/mcp-servers/:key/tools', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const found = await own(c)
  if (!found) return errorPage(c, 404)
  const { key, url, headers } = found.server
  const ticked = Object.keys(change.given).flatMap(name => (name.startsWith(TICKED) ? [name.slice(TICKED.length)] : []))
  const changed = await changeServer(c.env, c.get('person').team.id, { key, url, headers, tools: ticked }, byOf(c))
  const path = `/mcp-servers/${key}`
  const [first] = ticked
  const message =
    first === undefined
      ? 'None of its tools may be used.'
      : `Saved. Steps and agents name what you ticked as in ${fullName(key, first)}.`
  if (changed.ok) return goTo(c, path, message)
  return serverPage(c, found, { problem: explain(changed.problem).message }, 422)
})

mcpServerPages.post('/mcp-servers/:key/refresh', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const key = c.req.param('key')
  const read = await refreshServer(c.env, c.get('person').team.id, key)
  if (read.ok) return goTo(c, `/mcp-servers/${key}`, 'Its list was read.')
  const found = await own(c)
  return found ? serverPage(c, found, {}, 409) : errorPage(c, 404)
})

mcpServerPages.post('/mcp-servers/:key/accept', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { tool: name = '', digest = '' } = change.given
  const key = c.req.param('key')
  const accepted = await acceptTool(c.env.DB, c.get('person').team.id, { server: key, name, digest }, byOf(c))
  if (accepted.ok) {
    return goTo(c, `/mcp-servers/${key}`, `${fullName(key, name)} is accepted; what names it goes on.`)
  }
  const found = await own(c)
  return found ? serverPage(c, found, { problem: explain(accepted.problem).message }, 409) : errorPage(c, 404)
})

mcpServerPages.post('/mcp-servers/:key/delete', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const found = await own(c)
  if (!found) return errorPage(c, 404)
  const { key } = found.server
  if ((change.given.typed ?? '').trim() !== key) {
    const mistake: FormMistake = {
      ok: false,
      field: 'typed',
      message: `Type ${key} to delete it. Nothing was deleted.`,
    }
    return serverPage(c, found, { mistake }, 422)
  }
  await deleteMcpServer(c.env.DB, c.get('person').team.id, key, personActor(c.get('person')), Date.now())
  return goTo(c, '/tools', `The MCP server “${key}” is deleted, and its tools with it.`)
})

function own(c: PageContext): Promise<WholeServer | null> {
  return wholeServer(c.env.DB, c.get('person').team.id, c.req.param('key') ?? '')
}

function byOf(c: PageContext) {
  const person = c.get('person')
  return { actor: personActor(person), name: person.email }
}

/** Reads the form: an address and headers, one a line. */
function readServer(given: Values, key: string): { ok: true; server: McpServer } | FormMistake {
  const headers = pairsOf((given.headers ?? '').replaceAll('\r\n', '\n'))
  if (typeof headers === 'string') return { ok: false, field: 'headers', message: headers }
  const read = mcpServerSchema.safeParse({ key, url: given.url?.trim() ?? '', headers })
  if (read.success) return { ok: true, server: read.data }
  const field = String(read.error.issues[0]?.path[0] ?? 'key')
  return { ok: false, field, message: MISTAKES[field] ?? `${read.error.issues[0]?.message}.` }
}

const MISTAKES: Record<string, string> = {
  key: 'Start with a letter; a–z, 0–9 and _, 40 at most.',
  url: 'Give its address, such as https://mcp.example.com/mcp.',
}

type Status = 200 | 409 | 422

function newServer(c: PageContext, over: Partial<ServerFormView>, status: Status = 200) {
  const none = { values: {}, mistake: null, problem: null, lint: [] }
  const view = { ...none, admin: may(c.get('person'), 'secrets.manage'), ...over }
  return page(c, { title: 'Add an MCP server', active: 'tools', styles: ['editor'] }, <NewServer view={view} />, status)
}

interface Over {
  values?: Values
  mistake?: FormMistake
  problem?: string
  lint?: LintItem[]
}

async function serverPage(c: PageContext, { server, tools }: WholeServer, over: Over, status: Status = 200) {
  const uses = await toolUses(c.env.DB, c.get('person').team.id)
  const { key, url, headers } = server
  const form = {
    values: over.values ?? { url, headers: pairsText(headers) },
    mistake: over.mistake ?? null,
    problem: over.problem ?? null,
    lint: over.lint ?? [],
    admin: may(c.get('person'), 'secrets.manage'),
  }
  const view = {
    ...{ key, url, form, secrets: secretsNamed(headers), leftOut: server.leftOut },
    ...{ checkedAt: server.checkedAt, error: server.error, failedAt: server.failedAt },
    tools: tools.map(row => ({
      ...shownTool(row),
      whole: fullName(key, row.name),
      ...{ chosen: row.chosen, listed: row.told !== null, digest: row.digest },
      before: isChanged(row) ? row.accepted : null,
      uses: uses.get(fullName(key, row.name)) ?? { workflows: [], agents: [] },
    })),
    mayChange: may(c.get('person'), 'tools.change'),
  }
  const frame = { title: key, active: 'tools' as const, width: 'wide' as const, styles: ['editor' as const] }
  return page(c, frame, <ServerPage view={view} />, status)
}
