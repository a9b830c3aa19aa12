/** The pages of a team's agents. Every save is a new version; what is published keeps the version that it named. */
import { Hono } from 'hono'
import { type Agent, agentFaults } from '../domain/agent.ts'
import { personActor } from '../domain/caller.ts'
import { may } from '../domain/permissions.ts'
import { withSkills } from '../domain/skill.ts'
import { cut } from '../domain/text/cut.ts'
import { keyFor } from '../domain/workflow/edit.ts'
import { KEY_PATTERN } from '../domain/workflow/parts.ts'
import { tryModel } from '../execution/gate/tried.ts'
import { problemIn } from '../execution/models/port.ts'
import { teamModels } from '../execution/models/team.ts'
import { systemOf } from '../execution/orders/model.ts'
import { leadReaders, openChange } from '../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../http/page/page.tsx'
import { type OtherFile, readUpload, type TextFile } from '../http/request/upload.ts'
import { readCursor } from '../records/cursor.ts'
import { countAgentUses, usesOfAgent } from '../records/definitions/agent-uses.ts'
import {
  agentByKey,
  agentVersionRow,
  deleteAgent,
  listAgents,
  listAgentVersions,
} from '../records/definitions/agents.ts'
import { skillByKey } from '../records/definitions/skills.ts'
import { termsOf } from '../team/limits/terms.ts'
import { agentValues, type ReadAgent, readAgent, type Values } from './agent-form.ts'
import { namesFor, saveAgent, warningsFor } from './agents.ts'
import { MOST_UPLOADED, wordsOf } from './knowledge/uploaded.ts'
import { AgentPage, type AgentView } from './views/agent-view.tsx'
import { Agents } from './views/agents-view.tsx'
import type { TrialView } from './views/trial-view.tsx'

export const agentPages = new Hono<PageEnv>()

/** How long a trial may take: somebody sits before it. */
const TRIAL_MS = 60_000

agentPages.use(
  '/agents/new',
  leadReaders('agents.change', () => '/agents'),
)

agentPages.get('/agents', async c => {
  const team = c.get('person').team.id
  const found = await listAgents(c.env.DB, team, readCursor(c.req.query('cursor') ?? ''))
  const keys = found.items.map(({ key }) => key)
  const counts = await countAgentUses(c.env.DB, team, keys)
  return page(
    c,
    { title: 'Agents', active: 'agents' },
    <Agents view={{ agents: found.items, uses: counts, next: found.next, mayChange: mayChange(c) }} />,
  )
})

agentPages.get('/agents/new', c => newAgent(c, {}, null))

agentPages.post('/agents/new', async c => {
  const sent = await openForm(c)
  if ('answer' in sent) return sent.answer
  const { given, upload } = sent
  const { id: team } = c.get('person').team
  const key = given.key?.trim() || keyFor(given.name ?? '', [])
  if (!KEY_PATTERN.test(key))
    return newAgent(c, given, { field: 'key', message: 'Start with a letter; a–z, 0–9 and _.' })
  const read = await readSent(c, given, key, upload)
  if (!read.ok) return newAgent(c, given, read)
  const saved = await saveAgent(c.env.DB, team, read.agent, 'new', personActor(c.get('person')), Date.now())
  if (!saved.ok) return newAgent(c, given, { field: 'key', message: `There is an agent “${key}” already.` }, 409)
  return goTo(c, `/agents/${key}`, 'The agent is made. Try it out, then let a step name it.')
})

agentPages.get('/agents/:key', async c => {
  const found = await ownAgent(c)
  return found ? agentPage(c, found, {}) : errorPage(c, 404)
})

agentPages.post('/agents/:key', async c => {
  const sent = await openForm(c)
  if ('answer' in sent) return sent.answer
  const found = await ownAgent(c)
  if (!found) return errorPage(c, 404)
  const { given, upload } = sent
  const read = await readSent(c, given, found.agent.key, upload)
  if (!read.ok) return agentPage(c, found, { values: given, mistake: read }, 422)
  const shown = Number(given.version)
  const saved = await saveAgent(c.env.DB, found.team, read.agent, shown, personActor(c.get('person')), Date.now())
  if (!saved.ok) return overtaken(c, given)
  return goTo(
    c,
    `/agents/${found.agent.key}`,
    `Version ${saved.value} is saved. Workflows take it up when they are published again.`,
  )
})

/** Shows what was filled in once more, over the version that somebody saved meanwhile. */
async function overtaken(c: PageContext, values: Values) {
  const found = await ownAgent(c)
  if (!found) return errorPage(c, 404)
  const message = `Somebody saved version ${found.current} while you were editing. Nothing was overwritten: look at it, then save yours again.`
  return agentPage(c, found, { values, mistake: { field: 'version', message } }, 409)
}

agentPages.post('/agents/:key/try', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const found = await ownAgent(c)
  if (!found) return errorPage(c, 404)
  const prompt = cut((change.given.prompt ?? '').replaceAll('\r\n', '\n'), 60_000)
  const trial = await runTrial(c, found, prompt, change.given.do === 'show')
  return agentPage(c, found, { trial })
})

agentPages.post('/agents/:key/delete', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const found = await ownAgent(c)
  if (!found) return errorPage(c, 404)
  const { key, name } = found.agent
  if ((change.given.typed ?? '').trim() !== key) {
    const mistake = { field: 'typed', message: `Type ${key} to delete it. Nothing was deleted.` }
    return agentPage(c, found, { mistake }, 422)
  }
  await deleteAgent(c.env.DB, found.team, key, personActor(c.get('person')), Date.now())
  return goTo(c, '/agents', `The agent “${name}” is deleted. What is published keeps the version that it named.`)
})

function mayChange(c: PageContext): boolean {
  return may(c.get('person'), 'agents.change')
}

/** Asks the agent's model once, with what a step without a schema would send. */
async function runTrial(c: PageContext, { agent, team }: Found, prompt: string, onlyShow: boolean): Promise<TrialView> {
  const { model: usual } = await termsOf(c.env.DB, team)
  const models = await teamModels(c.env, team, [agent.model ?? null, usual])
  const model = models.resolve(null, agent.model ?? null, usual)
  const skills = await Promise.all((agent.skills ?? []).map(key => skillByKey(c.env.DB, team, key)))
  const texts = skills.flatMap(row => (row === null ? [] : [row.skill]))
  const system = withSkills(systemOf({ ...agent, version: 0 }), texts) ?? ''
  const shown = { prompt, system, model, answer: null, problem: null }
  if (onlyShow || prompt.trim() === '') return shown
  const outcome = await tryModel(c.env, team, models.port(model), {
    model,
    system,
    messages: [{ role: 'user', text: prompt }],
    judged: false,
    timeoutMs: TRIAL_MS,
  })
  if (outcome.kind !== 'completed') return { ...shown, problem: problemIn(outcome) }
  const { inputTokens, outputTokens } = outcome.usage
  return { ...shown, answer: { text: outcome.answer.output, tokens: `${inputTokens} tokens in, ${outputTokens} out` } }
}

type Sent = { given: Values; upload?: TextFile | OtherFile } | { answer: Response | Promise<Response> }

async function openForm(c: PageContext): Promise<Sent> {
  const read = await readUpload(c, MOST_UPLOADED)
  if (read.ok) return { given: read.given, upload: read.files.upload }
  return { answer: errorPage(c, read.status) }
}

/** The agent as the form gives it, or what is wrong at which of its fields. */
async function readSent(c: PageContext, given: Values, key: string, upload?: TextFile | OtherFile): Promise<ReadAgent> {
  const words = upload && (await wordsOf(upload))
  if (words && !words.ok) return { ok: false, field: 'upload', message: words.message }
  const read = readAgent(given, key, upload && words && { name: upload.name, text: words.text })
  if (!read.ok) return read
  const [fault] = agentFaults(read.agent, await namesFor(c.env, c.get('person').team.id))
  if (!fault) return read
  const field = FIELDS[fault.code]
  return { ok: false, field, message: `${plain(fault.message)} ${plain(fault.fix)}` }
}

/** The field that each fault is about. */
const FIELDS = {
  unknown_tool: 'tools',
  unknown_skill: 'skills',
  unknown_knowledge: 'knowledge',
  searched_without_tool: 'tools',
  not_text: 'context',
  unknown_provider: 'model',
  provider_not_bound: 'model',
}

/** Words of the lint, where a page shows them without its marks for code. */
function plain(text: string): string {
  return text.replaceAll('`', '')
}

interface Found {
  team: string
  agent: Agent
  /** The version that is shown, and the newest. */
  version: number
  current: number
}

async function ownAgent(c: PageContext): Promise<Found | null> {
  const key = c.req.param('key') ?? ''
  const team = c.get('person').team.id
  const row = KEY_PATTERN.test(key) ? await agentByKey(c.env.DB, team, key) : null
  if (!row || row.deletedAt !== null) return null
  const asked = Number(c.req.query('version'))
  const version = Number.isInteger(asked) && asked > 0 ? asked : row.version
  const found = await agentVersionRow(c.env.DB, team, key, version)
  return found && { team, agent: found.agent, version, current: row.version }
}

async function agentPage(c: PageContext, found: Found, over: Partial<AgentView>, status: 200 | 409 | 422 = 200) {
  const { agent, team, current } = found
  const [versions, uses, names] = await Promise.all([
    listAgentVersions(c.env.DB, team, agent.key, null),
    usesOfAgent(c.env.DB, team, agent.key),
    namesFor(c.env, team),
  ])
  const view: AgentView = {
    key: agent.key,
    version: current,
    shown: found.version,
    values: agentValues(agent),
    mistake: null,
    faults: agentFaults(agent, names).map(({ message, fix }) => ({ message: plain(message), fix: plain(fix) })),
    warnings: warningsFor(agent),
    ...names,
    uses,
    versions: versions.items,
    trial: null,
    mayChange: mayChange(c),
    ...over,
  }
  return page(
    c,
    { title: agent.name, active: 'agents', width: 'wide', styles: ['editor'] },
    <AgentPage view={view} />,
    status,
  )
}

async function newAgent(c: PageContext, values: Values, mistake: AgentView['mistake'], status: 409 | 422 = 422) {
  const view = {
    key: null,
    version: 0,
    shown: 0,
    values,
    mistake,
    faults: [],
    warnings: [],
    ...(await namesFor(c.env, c.get('person').team.id)),
    uses: [],
    versions: [],
    trial: null,
    mayChange: true,
  }
  return page(
    c,
    { title: 'New agent', active: 'agents', styles: ['editor'] },
    <AgentPage view={view} />,
    mistake ? status : 200,
  )
}
