/** Workflows as files: export with the agents, import with a look before anything is made, and the schema for editors. */

import { Hono } from 'hono'
import type { Agent } from '../../domain/agent.ts'
import { secretsNamed } from '../../domain/call/secret-marks.ts'
import { agentsIn, skillsOf, toolsOf, withStarts, workflowsIn } from '../../domain/handler/of-step.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { Field, TextArea } from '../../http/components/field.tsx'
import { leadReaders } from '../../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readUpload } from '../../http/request/upload.ts'
import { agentByKey, agentVersionRow } from '../../records/definitions/agents.ts'
import { knowledgeOf } from '../../records/definitions/knowledge.ts'
import { skillByKey } from '../../records/definitions/skills.ts'
import { toolByKey } from '../../records/definitions/tools.ts'
import { startableWorkflows } from '../../records/definitions/workflow-uses.ts'
import { isId } from '../../records/ids.ts'
import { definitionDocument } from '../describe.ts'
import { rewriteYaml } from '../document/rewrite.ts'
import { type Draft, editable } from '../draft.ts'
import { Findings, LintSum } from '../editor/findings.tsx'
import { ownDraft } from '../editor/open.ts'
import { type Bundle, readBundle, writeBundle } from './bundle.ts'
import { makeWorkflow, type Plan, planOf } from './make.ts'

export const exchangePages = new Hono<PageEnv>()

exchangePages.use(
  '/workflows/import',
  leadReaders('workflows.change', () => '/workflows'),
)

/** Public: editors fetch it without a key, and it says nothing of anyone. */
exchangePages.get('/schema/workflow.json', c => {
  c.header('Cache-Control', 'public, max-age=3600')
  c.header('Access-Control-Allow-Origin', '*')
  return c.json({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Baton workflow',
    ...definitionDocument(),
  })
})

exchangePages.get('/workflows/:id/export', async c => {
  const draft = await ownDraft(c)
  if (!draft) return errorPage(c, 404)
  const agents = await usedAgents(c, draft)
  const text = await namedStarts(c, draft)
  const file = writeBundle({ text, agents, ...(await usedBesides(c, draft, agents)) })
  const name =
    draft.row.name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 60) || 'workflow'
  c.header('Content-Disposition', `attachment; filename="${name}.baton.yaml"`)
  return c.body(file, 200, { 'Content-Type': 'application/yaml; charset=utf-8' })
})

exchangePages.get('/workflows/import', c => importPage(c, { text: '', problem: null, bundle: null, plan: null }))

exchangePages.post('/workflows/import', async c => {
  const sent = await readUpload(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const { file } = sent.files
  if (file && 'kind' in file) {
    const problem = `“${file.name}” is ${file.kind}. Choose a file that Baton exported, or a definition as YAML or JSON.`
    return importPage(c, { text: '', problem, bundle: null, plan: null }, 422)
  }
  const text = file?.text ?? (sent.given.text ?? '').replaceAll('\r\n', '\n')
  const read = readBundle(text)
  if (!read.ok) return importPage(c, { text, problem: read.message, bundle: null, plan: null }, 422)
  const person = c.get('person')
  const plan = await planOf(c.env, person.team.id, read.bundle)
  if (plan === null || typeof plan.document !== 'object' || plan.document === null)
    return importPage(c, { text, problem: 'The workflow cannot be read.', bundle: null, plan: null }, 422)
  if (plan.fault !== null) return importPage(c, { text, problem: plan.fault, bundle: null, plan: null }, 422)
  if (sent.given.do !== 'make' || file) return importPage(c, { text, problem: null, bundle: read.bundle, plan })
  const id = await makeWorkflow(c.env, person, read.bundle, plan, { live: false })
  return goTo(
    c,
    `/workflows/${id}/edit`,
    'The workflow is imported as a draft. Publish it when you have looked it over.',
  )
})

interface ImportView {
  text: string
  problem: string | null
  bundle: Bundle | null
  plan: Plan | null
}

const Import = ({ view }: { view: ImportView }) => (
  <div class="stack prose-width">
    <h1>Import a workflow</h1>
    <p>A file that Baton exported, or a definition as YAML or JSON. You see what it would make before it does.</p>
    {view.plan && <PlanNotice plan={view.plan} />}
    <form class="form panel" method="post" action="/workflows/import" enctype="multipart/form-data">
      <Field label="File" name="file" hint="YAML or JSON, up to 1 MiB. Choosing one shows it first.">
        <input class="input" type="file" id="field-file" name="file" accept=".yaml,.yml,.json" />
      </Field>
      <TextArea
        label="or its text"
        name="text"
        value={view.text}
        code
        rows={14}
        spellcheck={false}
        wrap="off"
        error={view.problem ?? undefined}
      />
      <div class="form-actions">
        {view.plan && (
          <Button look="primary" name="do" value="make">
            Import as a draft
          </Button>
        )}
        <Button look={view.plan ? 'plain' : 'primary'} name="do" value="look">
          Look at it
        </Button>
        <ButtonLink href="/workflows" look="quiet">
          Cancel
        </ButtonLink>
      </div>
    </form>
  </div>
)

const PlanNotice = ({ plan }: { plan: Plan }) => (
  <section class="panel stack-tight">
    <h2>What this makes</h2>
    <ul hx-ignore>
      <li>A workflow “{nameOf(plan.document)}”, as a draft</li>
      {plan.missing.map(agent => (
        <li>
          The agent {agent.key} (“{agent.name}”)
        </li>
      ))}
      {plan.there.map(key => (
        <li>Nothing for the agent {key}: your team has one of that key, which is used as it is</li>
      ))}
      {plan.missingTools.map(tool => (
        <li>
          The tool {tool.key}
          {secretsNamed(tool.http).length > 0 && ` (set the secret ${secretsNamed(tool.http).join(', ')} for it)`}
        </li>
      ))}
      {plan.thereTools.map(key => (
        <li>Nothing for the tool {key}: your team has one of that key, which is used as it is</li>
      ))}
      {plan.missingSkills.map(({ key }) => (
        <li>The skill {key}</li>
      ))}
      {plan.missingKnowledge.map(({ key, name }) => (
        <li>
          The knowledge {key} (“{name}”)
        </li>
      ))}
      {plan.thereKnowledge.map(key => (
        <li>Nothing for the knowledge {key}: your team has one of that key, which is used as it is</li>
      ))}
      {plan.thereSkills.map(key => (
        <li>Nothing for the skill {key}: your team has one of that key, which is used as it is</li>
      ))}
    </ul>
    <LintSum lint={plan.lint} />
    <Findings lint={plan.lint} />
  </section>
)

function nameOf(document: unknown): string {
  const { name } = document as { name?: unknown }
  return typeof name === 'string' ? name : 'Untitled workflow'
}

async function usedAgents(c: PageContext, draft: Draft): Promise<Agent[]> {
  const { team } = draft.row
  const keys = agentsIn(draft.linted?.definition?.steps ?? [])
  const found = await Promise.all(
    keys.map(async key => {
      const row = await agentByKey(c.env.DB, team, key)
      return row && !row.deletedAt ? (await agentVersionRow(c.env.DB, team, key, row.version))?.agent : undefined
    }),
  )
  return found.filter(agent => agent !== undefined)
}

/** The text with each workflow that it starts by its name, as its id means nothing to another team. */
async function namedStarts(c: PageContext, draft: Draft): Promise<string> {
  const definition = editable(draft)
  const uses = definition ? workflowsIn(definition.steps) : []
  if (!definition || !uses.some(use => isId('wf', use))) return draft.text
  const all = await startableWorkflows(c.env.DB, draft.row.team, uses)
  const nameOf = (use: string) => all.find(({ id }) => id === use)?.name ?? null
  const steps = definition.steps.map(step => withStarts(step, nameOf))
  return rewriteYaml(draft.text, { ...definition, steps }).text
}

/** The team's own tools and skills that these agents and the steps name. */
async function usedBesides(
  c: PageContext,
  draft: Draft,
  agents: Agent[],
): Promise<Required<Pick<Bundle, 'tools' | 'skills' | 'knowledge'>>> {
  const steps = draft.linted?.definition?.steps ?? []
  const tools = new Set([...steps.flatMap(toolsOf), ...agents.flatMap(agent => agent.tools ?? [])])
  const skills = new Set([...steps.flatMap(skillsOf), ...agents.flatMap(agent => agent.skills ?? [])])
  const { team } = draft.row
  const texts = new Set(agents.flatMap(agent => (agent.knowledge ?? []).map(({ file }) => file)))
  const [known, ownTools, ownSkills] = await Promise.all([
    knowledgeOf(c.env.DB, team, [...texts]),
    Promise.all([...tools].map(name => toolByKey(c.env.DB, team, name))),
    Promise.all([...skills].map(key => skillByKey(c.env.DB, team, key))),
  ])
  return {
    tools: ownTools.filter(row => row !== null).map(row => row.tool),
    skills: ownSkills.filter(row => row !== null).map(row => row.skill),
    knowledge: known.map(row => row.knowledge),
  }
}

function importPage(c: PageContext, view: ImportView, status: 200 | 422 = 200) {
  return page(
    c,
    { title: 'Import a workflow', active: 'workflows', styles: ['editor'] },
    <Import view={view} />,
    status,
  )
}
