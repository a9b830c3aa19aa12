/** `/workflows/:id/dry-run`: the draft run once from the editor, with what came of it beneath the form. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import type { Json } from '../../domain/json/json.ts'
import { explain } from '../../http/errors.ts'
import { openChange } from '../../http/page/change.ts'
import { errorPage, type PageContext, type PageEnv } from '../../http/page/page.tsx'
import { readJson } from '../../http/request/body.ts'
import { checkInput } from '../../task/start.ts'
import { type Draft, lintOf } from '../draft.ts'
import { designPage, leadToDocs } from '../editor/frame.tsx'
import { ownDraft } from '../editor/open.ts'
import { chosenTask, sampleScope } from '../editor/try/past-task.ts'
import { firstError } from '../publish.ts'
import { dryRun } from './dry-run.ts'
import { DryRunPage, type DryRunView, decidedSteps } from './view.tsx'

export const dryRunPages = new Hono<PageEnv>()

dryRunPages.use('/workflows/:id/dry-run', leadToDocs)

dryRunPages.get('/workflows/:id/dry-run', async c => {
  const draft = await ownDraft(c)
  return draft ? show(c, draft, {}) : errorPage(c, 404)
})

dryRunPages.post('/workflows/:id/dry-run', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const draft = await ownDraft(c)
  if (!draft) return errorPage(c, 404)
  const definition = runnable(draft)
  if (definition === null) return show(c, draft, {}, 422)
  const { given } = change
  const read = readJson(given.input ?? '')
  if (!read.ok) return show(c, draft, { given, wrong: 'This is no JSON. Check commas and quotation marks.' }, 422)
  const wrong = checkInput({ pinned: { definition } }, read.value, 'input')
  if (wrong) return show(c, draft, { given, wrong: explain(wrong).message }, 422)
  const chosen = decidedSteps(definition).flatMap(({ key }) => {
    const label = given[`decide-${key}`]
    return label ? [[key, label] as const] : []
  })
  const ran = await dryRun(c.env, draft.row.team, {
    workflow: draft.row.id,
    definition,
    agents: draft.linted!.agents,
    input: read.value as Json,
    decisions: Object.fromEntries(chosen),
    answers: {},
    by: personActor(c.get('person')),
  })
  if ('kind' in ran) return show(c, draft, { given, wrong: explain(ran).message }, 422)
  return show(c, draft, { given, ran })
})

/** The draft's definition where nothing stands in its way; else null. */
function runnable({ linted }: Draft) {
  return linted?.definition && firstError(linted.lint) === null ? linted.definition : null
}

async function show(
  c: PageContext,
  draft: Draft,
  { given = {}, ...more }: Pick<DryRunView, 'wrong' | 'ran'> & { given?: Record<string, string> },
  status?: 422,
) {
  const { row } = draft
  const definition = runnable(draft)
  const first = definition?.steps[0]
  // What came in last says more than what was made up.
  const latest = first ? await chosenTask(c.env, row.team, row.id, first.key, undefined) : null
  const input = latest?.past.now.input ?? (definition && first ? sampleScope(definition, first).input : {})
  const sample = JSON.stringify(input, null, 2)
  const stands =
    definition === null ? (firstError(lintOf(draft))?.message ?? draft.problem ?? 'There is no draft.') : null
  const view = { workflow: row.id, definition, stands, given, sample, ...more }
  return designPage(c, row, { tab: 'dry-run', title: `Dry run · ${row.name}` }, <DryRunPage view={view} />, status)
}
