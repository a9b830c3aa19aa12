/** A workflow as others see it: drawn as a graph, and written out as documentation with a launch checklist. */
import { Hono } from 'hono'
import type { Child } from 'hono/jsx'
import { agentValues } from '../../agent/agent-form.ts'
import { agentsIn, skillsIn, toolsIn } from '../../domain/handler/of-step.ts'
import { BUILT_IN_TOOLS } from '../../domain/tools/built-in.ts'
import { serverTool } from '../../domain/tools/mcp/server.ts'
import { askRule } from '../../domain/tools/tool.ts'
import type { Definition } from '../../domain/workflow/definition.ts'
import { graphOf } from '../../domain/workflow/graph.ts'
import { stepName } from '../../domain/workflow/parts.ts'
import { errorPage, type PageContext, type PageEnv } from '../../http/page/page.tsx'
import { agentByKey, agentVersionRow } from '../../records/definitions/agents.ts'
import { skillByKey } from '../../records/definitions/skills.ts'
import { toolSettings } from '../../records/definitions/tool-settings.ts'
import { toolByKey } from '../../records/definitions/tools.ts'
import { listIntakes } from '../../records/intake/intakes.ts'
import { openByStep } from '../../records/task/flights.ts'
import { listTasks } from '../../records/task/tasks.ts'
import { termsOf } from '../../team/limits/terms.ts'
import { type Draft, editable, lintOf } from '../draft.ts'
import { designPage, mayChange, type Tab } from '../editor/frame.tsx'
import { ownDraft } from '../editor/open.ts'
import { RouteItem } from '../editor/steps/steps-view.tsx'
import { checksOf, Docs, type DocsView } from './docs-view.tsx'
import { GraphDrawing } from './graph-view.tsx'

export const picturePages = new Hono<PageEnv>()

picturePages.get('/workflows/:id/graph', async c => {
  const draft = await ownDraft(c)
  if (!draft) return errorPage(c, 404)
  const definition = editable(draft)
  if (!definition) return frame(c, draft, 'graph', <Unreadable workflow={draft.row.id} mayChange={mayChange(c)} />)
  const open = await openByStep(c.env.DB, draft.row.team, draft.row.id)
  const view = { workflow: draft.row.id, graph: graphOf(definition), open, mayChange: mayChange(c) }
  return frame(
    c,
    draft,
    'graph',
    <div class="stack">
      <GraphDrawing view={view} />
      <RouteList definition={definition} />
    </div>,
  )
})

picturePages.get('/workflows/:id/docs', async c => {
  const draft = await ownDraft(c)
  if (!draft) return errorPage(c, 404)
  const definition = editable(draft)
  if (!definition) return frame(c, draft, 'docs', <Unreadable workflow={draft.row.id} mayChange={mayChange(c)} />)
  const { team, id } = draft.row
  const agents = await agentsOf(c, definition)
  const used = [...toolsIn(definition.steps), ...[...agents.values()].flatMap(agent => agent.tools)]
  const named = [...skillsIn(definition.steps), ...[...agents.values()].flatMap(agent => agent.skills)]
  const [tools, skills, { budget }, tasks, intakes] = await Promise.all([
    askRules(c, used),
    skillsOf(c, named),
    termsOf(c.env.DB, team),
    listTasks(c.env.DB, team, { workflow: id }, null),
    listIntakes(c.env.DB, team, id, null),
  ])
  const known = {
    live: draft.row.live !== null,
    draft: draft.row.draft !== null,
    tasks: tasks.items.length,
    intakes: intakes.items.length,
    budget,
  }
  const checks = checksOf(id, definition, lintOf(draft), known)
  const view = { workflow: id, definition, agents, tools, skills, checks, budget, mayChange: mayChange(c) }
  return frame(c, draft, 'docs', <Docs view={view} />)
})

/** The graph once more for those who cannot see it. */
const RouteList = ({ definition }: { definition: Definition }) => (
  <ul class="findings" hx-ignore>
    {definition.steps.map(step => (
      <li>
        {stepName(step)}: {(step.handoffs ?? []).length === 0 && 'nothing comes next'}{' '}
        {(step.handoffs ?? []).map(handoff => (
          <>
            <RouteItem handoff={handoff} definition={definition} />{' '}
          </>
        ))}
      </li>
    ))}
  </ul>
)

const Unreadable = ({ workflow, mayChange }: { workflow: string; mayChange: boolean }) => (
  <p>
    The draft's text does not have the shape of a workflow yet.{' '}
    {mayChange && <a href={`/workflows/${workflow}/edit/yaml`}>Correct it</a>}
  </p>
)

async function agentsOf(c: PageContext, definition: Definition): Promise<DocsView['agents']> {
  const { id: team } = c.get('person').team
  const agents: DocsView['agents'] = new Map()
  for (const key of agentsIn(definition.steps)) {
    const row = await agentByKey(c.env.DB, team, key)
    const found = row ? await agentVersionRow(c.env.DB, team, key, row.version) : null
    if (!found) continue
    const { name, tools = [], skills = [] } = found.agent
    agents.set(key, { name, tools, skills, never: agentValues(found.agent).never ?? '' })
  }
  return agents
}

/** What each of these skills is for, as it is now; one that is not there is left out, which the lint tells. */
async function skillsOf(c: PageContext, keys: string[]): Promise<DocsView['skills']> {
  const { id: team } = c.get('person').team
  const found = await Promise.all([...new Set(keys)].map(key => skillByKey(c.env.DB, team, key)))
  return new Map(found.filter(row => row !== null).map(row => [row.key, row.skill.description ?? '']))
}

/** By which rule a person must allow the calls of each of these tools. */
async function askRules(c: PageContext, names: string[]): Promise<DocsView['tools']> {
  const { id: team } = c.get('person').team
  const ruleFor = async (name: string) => {
    if (name === BUILT_IN_TOOLS.ask_person.name) return 'it is a question to a person'
    const isGiven = Object.hasOwn(BUILT_IN_TOOLS, name) || serverTool(name) !== null
    if (isGiven) return askRule(await toolSettings(c.env.DB, team, name))
    const row = await toolByKey(c.env.DB, team, name)
    return row === null ? null : askRule(row.tool)
  }
  const rules = [...new Set(names)].map(async name => [name, await ruleFor(name)] as const)
  return new Map(await Promise.all(rules))
}

function frame(c: PageContext, { row }: Draft, tab: Tab, content: Child) {
  return designPage(c, row, { tab, title: row.name }, content)
}
