/** The pages of workflows: the list and a new one; editor/ and release/ hold what one is designed with. */
import { Hono } from 'hono'
import { personActor, personIn } from '../domain/caller.ts'
import { may, onlyFor } from '../domain/permissions.ts'
import { cut } from '../domain/text/cut.ts'
import type { WorkflowStatus } from '../domain/workflow/live.ts'
import { leadReaders, openChange } from '../http/page/change.ts'
import { inTeam } from '../http/page/keep-team.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../http/page/page.tsx'
import { readCursor } from '../records/cursor.ts'
import { insertWorkflow } from '../records/definitions/workflows.ts'
import { newId } from '../records/ids.ts'
import { countOpen, findWorkflows } from '../records/task/boards.ts'
import { WORKFLOW_LABEL } from './badge.tsx'
import { emptyDraft } from './first-draft.ts'
import { NewWorkflow, type NewWorkflowView, Workflows } from './list-view.tsx'

export const workflowPages = new Hono<PageEnv>()

workflowPages.use(
  '/workflows/new',
  leadReaders('workflows.change', () => '/workflows'),
)

workflowPages.get('/workflows', async c => {
  const team = c.get('person').team.id
  const q = cut((c.req.query('q') ?? '').trim(), 200)
  const asked = c.req.query('status')
  const status = (Object.keys(WORKFLOW_LABEL) as WorkflowStatus[]).find(one => one === asked)
  const word = (name: string) => cut((c.req.query(name) ?? '').trim(), 254)
  const filter = { q, status, tag: word('tag'), owner: word('owner'), template: word('template') === '1' }
  const asker = c.get('person').email
  const found = await findWorkflows(c.env.DB, team, filter, readCursor(c.req.query('cursor') ?? ''))
  const counts = await countOpen(
    c.env.DB,
    team,
    found.items.map(item => item.id),
  )
  const lines = found.items.map(({ id, name, description, owner, status, tags, updatedAt }) => {
    const sum = (...statuses: string[]) =>
      counts
        .filter(count => count.workflow === id && statuses.includes(count.status))
        .reduce((total, count) => total + count.n, 0)
    const open = { running: sum('running', 'held'), waiting: sum('waiting'), stuck: sum('stuck', 'failed') }
    return { id, name, description, owner, status, tags: JSON.parse(tags) as string[], updatedAt, ...open }
  })
  return page(
    c,
    { title: 'Workflows', active: 'workflows' },
    <Workflows
      view={{ lines, next: found.next, asker, mayChange: may(c.get('person'), 'workflows.change'), ...filter }}
    />,
  )
})

workflowPages.get('/workflows/new', c => newWorkflow(c, { name: '', description: '', team: c.get('person').team.id }))

workflowPages.post('/workflows/new', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const name = cut((change.given.name ?? '').trim(), 120)
  const description = cut((change.given.description ?? '').trim(), 2000)
  const person = personIn(c.get('person'), change.given.in ?? c.get('person').team.id)
  if (person === null) return errorPage(c, 404)
  if (!may(person, 'workflows.change')) return errorPage(c, 403, { title: onlyFor('workflows.change') })
  const { id: team } = person.team
  if (name === '') return newWorkflow(c, { name, description, team, error: 'A workflow needs a name.' }, 422)
  const at = Date.now()
  const id = newId('wf')
  await insertWorkflow(
    c.env.DB,
    {
      id,
      team,
      name,
      description: description || null,
      owner: person.email,
      tags: [],
      status: 'draft',
      live: null,
      draft: emptyDraft(name, description, person.email),
      draftFormat: 'yaml',
      createdAt: at,
      createdBy: person.email,
      updatedAt: at,
      deletedAt: null,
    },
    personActor(person),
  )
  const edit = `/workflows/${id}/edit`
  const to = team === c.get('person').team.id ? edit : inTeam(edit, team)
  return goTo(c, to, 'Your workflow is made. Now give it steps.')
})

function newWorkflow(c: PageContext, view: Omit<NewWorkflowView, 'teams'>, status: 200 | 422 = 200) {
  const teams = c.get('person').teams.filter(one => may(one, 'workflows.change'))
  return page(c, { title: 'New workflow', active: 'workflows' }, <NewWorkflow view={{ ...view, teams }} />, status)
}
