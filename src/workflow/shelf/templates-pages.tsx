/** Templates: those that come with Baton and the team's own, each made into a workflow that runs at once. */

import { Hono } from 'hono'
import { parse } from 'yaml'
import { handlerOf } from '../../domain/handler/registry.ts'
import { may } from '../../domain/permissions.ts'
import type { Definition } from '../../domain/workflow/definition.ts'
import { stepName } from '../../domain/workflow/parts.ts'
import { HandlerBadge } from '../../http/components/badge.tsx'
import { Button } from '../../http/components/button.tsx'
import { Icon } from '../../http/components/icon.tsx'
import { openChange } from '../../http/page/change.ts'
import { errorPage, goTo, type PageEnv, page } from '../../http/page/page.tsx'
import { listTemplates, type TemplateRow } from '../../records/definitions/drafts.ts'
import { makeWorkflow, planOf } from '../exchange/make.ts'
import type { Template } from '../templates/template.ts'
import { TEMPLATES, templateBySlug } from '../templates/templates.ts'

export const templatePages = new Hono<PageEnv>()

templatePages.get('/templates', async c => {
  const own = await listTemplates(c.env.DB, c.get('person').team.id)
  return page(
    c,
    { title: 'Templates', active: 'workflows', width: 'wide', styles: ['editor'] },
    <Templates own={own} mayUse={may(c.get('person'), 'workflows.change')} />,
  )
})

templatePages.post('/templates/:slug', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const template = templateBySlug(c.req.param('slug'))
  if (!template) return errorPage(c, 404)
  const person = c.get('person')
  const text = withExample(ownedBy(template.text, person.email), template.sample)
  const bundle = { text, agents: template.agents }
  const plan = await planOf(c.env, person.team.id, bundle)
  if (!plan) throw new Error(`the template ${template.slug} cannot be read`)
  const id = await makeWorkflow(c.env, person, bundle, plan, { live: true, note: 'From a template' })
  const made = plan.missing.length > 0 ? ` with ${plan.missing.map(agent => agent.name).join(' and ')}` : ''
  return goTo(c, `/workflows/${id}`, `“${definitionOf(template).name}” is made${made}, and runs on the demo model.`)
})

/** Whoever takes a template owns what it makes. */
function ownedBy(text: string, owner: string): string {
  return text.replace(/^description: .*$/m, line => `${line}\nowner: ${JSON.stringify(owner)}`)
}

/** The template's sample becomes the example of its input, which the form of a new task offers. */
function withExample(text: string, sample: Template['sample']): string {
  return text.replace(/^input:\n {2}type: object\n/m, head => `${head}  examples: [${JSON.stringify(sample)}]\n`)
}

const Templates = ({ own, mayUse }: { own: TemplateRow[]; mayUse: boolean }) => (
  <div class="stack">
    <div class="page-head">
      <div>
        <h1>Templates</h1>
        <p>
          Complete with agents, schemas, branches and approvals. Each runs at once on the demo model
          {mayUse ? '; change what you like.' : '. Members of your team can make workflows of them.'}
        </p>
      </div>
    </div>
    <h2>Ready to use</h2>
    <ul class="tiles">
      {TEMPLATES.map(template => (
        <Tile template={template} mayUse={mayUse} />
      ))}
    </ul>
    <h2>Your team's own</h2>
    {own.length === 0 ? (
      <p class="secondary">None yet. On a workflow's Manage page, “Use as template” puts it here.</p>
    ) : (
      <ul class="tiles">
        {own.map(row => (
          <li class="panel tile">
            <h3 hx-ignore>
              <a href={`/workflows/${row.id}`}>{row.name}</a>
            </h3>
            {row.description && <p hx-ignore>{row.description}</p>}
            {mayUse && (
              <form method="post" action={`/workflows/${row.id}/clone`}>
                <Button icon="copy">Use template</Button>
              </form>
            )}
          </li>
        ))}
      </ul>
    )}
  </div>
)

const Tile = ({ template, mayUse }: { template: Template; mayUse: boolean }) => {
  const definition = definitionOf(template)
  return (
    <li class="panel tile" id={template.slug}>
      <h3>
        <Icon name={template.icon} /> {definition.name}
      </h3>
      <p>{definition.description}</p>
      <details class="explain">
        <summary>{definition.steps.length} steps</summary>
        <ol>
          {definition.steps.map(step => (
            <li>
              {stepName(step)} <HandlerBadge handler={handlerOf(step)} />
            </li>
          ))}
        </ol>
        <p class="secondary small">Try it with:</p>
        <pre class="code">{JSON.stringify(template.sample, null, 2)}</pre>
      </details>
      {mayUse && (
        <form method="post" action={`/templates/${template.slug}`}>
          <Button icon="plus">Use template</Button>
        </form>
      )}
    </li>
  )
}

function definitionOf(template: Template): Definition {
  return parse(template.text) as Definition
}
