/** `/tools/import`: tools made of the operations of an OpenAPI document, those that are chosen. */
import { Hono } from 'hono'
import { personActor } from '../domain/caller.ts'
import { may } from '../domain/permissions.ts'
import { secretNameFor } from '../domain/tools/found-secrets.ts'
import { type ReadOpenApi, readOpenApi } from '../domain/tools/openapi.ts'
import { explain } from '../http/errors.ts'
import { leadReaders, openChange } from '../http/page/change.ts'
import { goTo, type PageContext, type PageEnv, page } from '../http/page/page.tsx'
import { keepNewSecrets } from '../team/secrets/new-secrets.tsx'
import { readDocument } from '../workflow/document/document.ts'
import { lintOwnTool, saveTool } from './tools.ts'
import { ImportTools, type ImportView } from './views/import-view.tsx'

export const importPages = new Hono<PageEnv>()

importPages.use(
  '/tools/import',
  leadReaders('tools.change', () => '/tools'),
)

importPages.get('/tools/import', c => importPage(c, {}))

importPages.post('/tools/import', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { given } = change
  const text = (given.text ?? '').replaceAll('\r\n', '\n')
  const read = readText(text, given.secret?.trim() ?? '')
  if (!read.ok) return importPage(c, { text, problem: read.message }, 422)
  const { secret, document } = read
  const chosen = document.tools.filter((each, index) => each.problem === null && given[`op_${index}`] !== undefined)
  const shown = { text, secret, document, chosen: chosen.map(({ id }) => id) }
  if (given.do !== 'make') return importPage(c, shown)
  if (chosen.length === 0) return importPage(c, { ...shown, problem: 'Choose at least one operation.' }, 422)
  const person = c.get('person')
  const value = may(person, 'secrets.manage') ? (given.value ?? '').trim() : ''
  if (value !== '') {
    const problem = await keepNewSecrets(c.env, person, [{ name: secret, value, place: 'call' }], document.host)
    if (problem !== null) return importPage(c, { ...shown, problem }, 422)
  }
  const refused: string[] = []
  for (const { tool } of chosen) {
    const fault = (await lintOwnTool(c.env, person.team.id, tool)).find(({ level }) => level === 'error')
    const by = personActor(person)
    const saved = fault === undefined ? await saveTool(c.env.DB, person.team.id, tool, 'new', by) : null
    if (fault !== undefined) refused.push(`${tool.key}: ${fault.message.replaceAll('`', '')}`)
    else if (!saved?.ok) refused.push(`${tool.key}: there is a tool of this key already.`)
  }
  const made = chosen.length - refused.length
  if (refused.length === 0) return goTo(c, '/tools', `${made} ${made === 1 ? 'tool is' : 'tools are'} made.`)
  return importPage(c, { ...shown, problem: `${made} made, ${refused.length} not.`, refused }, 422)
})

type Read = { ok: true; secret: string; document: Extract<ReadOpenApi, { ok: true }> } | { ok: false; message: string }

/** Reads the pasted text; the secret is called after the host unless it has a name. */
function readText(text: string, named: string): Read {
  const parsed = readDocument(text, text.trimStart().startsWith('{') ? 'json' : 'yaml')
  if (!parsed.ok) return { ok: false, message: explain(parsed.problem).message }
  const first = readOpenApi(parsed.value, 'service')
  if (!first.ok) return first
  const secret = /^[a-z][a-z0-9_]{0,39}$/.test(named) ? named : secretNameFor(first.host)
  const document = readOpenApi(parsed.value, secret)
  return document.ok ? { ok: true, secret, document } : document
}

function importPage(c: PageContext, over: Partial<ImportView>, status: 200 | 422 = 200) {
  const none = { text: '', secret: '', document: null, chosen: [], problem: null, refused: [] }
  const view = { ...none, admin: may(c.get('person'), 'secrets.manage'), ...over }
  return page(
    c,
    { title: 'Tools from OpenAPI', active: 'tools', styles: ['editor'] },
    <ImportTools view={view} />,
    status,
  )
}
