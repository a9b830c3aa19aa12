/** One tool as its page shows it: found, tried out, drawn. */
import { Hono } from 'hono'
import { personActor } from '../domain/caller.ts'
import { may } from '../domain/permissions.ts'
import type { ToolSettings } from '../domain/tools/settings.ts'
import type { TeamTool } from '../domain/tools/tool.ts'
import { KEY_PATTERN } from '../domain/workflow/parts.ts'
import { tryTool } from '../execution/tools/try.ts'
import { openChange } from '../http/page/change.ts'
import { errorPage, type PageContext, type PageEnv, page } from '../http/page/page.tsx'
import { type Given, inputForm, readInput } from '../http/request/input-form.ts'
import { toolSettings } from '../records/definitions/tool-settings.ts'
import { toolUses } from '../records/definitions/tool-uses.ts'
import { listToolVersions, type ToolRow, toolByKey, toolVersion } from '../records/definitions/tools.ts'
import { choosableSecrets } from '../records/people/secrets.ts'
import { type GivenTool, givenTool } from './given.ts'
import { rulesValues, toolValues } from './tool-form.ts'
import type { ToolFormView } from './views/tool-form-view.tsx'
import { ToolPage, type TrialView } from './views/tool-view.tsx'

export type FoundTool =
  | { kind: 'given'; tool: GivenTool; settings: ToolSettings }
  /** `tool` and `shown`: of the version that is looked at. */
  | { kind: 'own'; row: ToolRow; tool: TeamTool; shown: number }

/** The tool that the address names, or null. */
export async function ownTool(c: PageContext): Promise<FoundTool | null> {
  const key = c.req.param('key') ?? ''
  const team = c.get('person').team.id
  const given = await givenTool(c.env.DB, team, key)
  if (given !== null) return { kind: 'given', tool: given, settings: await toolSettings(c.env.DB, team, key) }
  const row = KEY_PATTERN.test(key) ? await toolByKey(c.env.DB, team, key) : null
  if (row === null) return null
  const asked = Number(c.req.query('version'))
  if (!Number.isInteger(asked) || asked < 1 || asked === row.version) {
    return { kind: 'own', row, tool: row.tool, shown: row.version }
  }
  const found = await toolVersion(c.env.DB, team, key, asked)
  return found && { kind: 'own', row, tool: found.tool, shown: asked }
}

type Over = Partial<Pick<ToolFormView, 'values' | 'mistake' | 'lint'>> & { trial?: Omit<TrialView, 'form'> }

/** The tool's page; `over`: what was filled in, and what is wrong with it. */
export async function toolPage(c: PageContext, found: FoundTool, over: Over, status: 200 | 409 | 422 = 200) {
  const person = c.get('person')
  const key = found.kind === 'own' ? found.row.key : found.tool.name
  const [uses, known, versions] = await Promise.all([
    toolUses(c.env.DB, person.team.id),
    choosableSecrets(c.env.DB, person.team.id),
    found.kind === 'own' ? listToolVersions(c.env.DB, person.team.id, key, null) : { items: [] },
  ])
  const { trial, ...formOver } = over
  const rules = found.kind === 'own' ? found.tool : found.settings
  const form = {
    ...{ key, version: found.kind === 'own' ? found.row.version : 0, secrets: [], known, mistake: null, lint: [] },
    values: found.kind === 'own' ? toolValues(found.tool) : rulesValues(found.settings),
    admin: may(person, 'secrets.manage'),
    ...formOver,
  }
  const { description, parameters } = found.tool
  const none = { given: {}, errors: {}, problem: null, came: null }
  const view = {
    ...{ key, description, form, versions: versions.items },
    given: found.kind === 'given',
    server: found.kind === 'given' ? found.tool.server : null,
    changed: found.kind === 'given' && found.tool.changed,
    shown: found.kind === 'own' ? found.shown : null,
    trial: { form: inputForm(parameters), ...(trial ?? none) },
    uses: uses.get(key) ?? { workflows: [], agents: [] },
    rules: { ask: rules.ask ?? false, undoCost: rules.undoCost },
    mayChange: may(person, 'tools.change'),
    admin: may(person, 'tools.try'),
  }
  const frame = { title: key, active: 'tools' as const, width: 'wide' as const }
  return page(c, { ...frame, styles: ['editor'], scripts: ['editor'] }, <ToolPage view={view} />, status)
}

export const tryPages = new Hono<PageEnv>()

tryPages.post('/tools/:key/try', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const person = c.get('person')
  const found = await ownTool(c)
  if (!found) return errorPage(c, 404)
  const { _do: how, ...given } = change.given as Given
  const read = readInput(inputForm(found.tool.parameters), given)
  const none = { given, errors: {}, problem: null, came: null }
  if (!read.ok) return toolPage(c, found, { trial: { ...none, errors: read.errors } }, 422)
  const only = how === 'show'
  const trial = found.kind === 'own' ? { tool: found.tool } : found.tool
  const came = await tryTool(c.env, person.team.id, trial, read.input, { by: personActor(person), only })
  if ('problem' in came) return toolPage(c, found, { trial: { ...none, problem: came.problem } }, 422)
  return toolPage(c, found, { trial: { ...none, came: { ...came, only } } })
})
