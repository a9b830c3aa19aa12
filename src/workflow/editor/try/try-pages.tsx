/** Trying a step before it is saved: its text and its routes on a past task, as a part of the page or as the page with it. */
import { Hono } from 'hono'
import { HANDLERS } from '../../../domain/handler/registry.ts'
import { type Skill, skillsNamed } from '../../../domain/skill.ts'
import type { Definition, Step } from '../../../domain/workflow/definition.ts'
import { MAX_SKILLS } from '../../../domain/workflow/parts.ts'
import { openChange } from '../../../http/page/change.ts'
import { errorPage, fragment, type PageContext, type PageEnv, wantsFragment } from '../../../http/page/page.tsx'
import { agentSkillsOf } from '../../../records/definitions/agents.ts'
import { skillByKey } from '../../../records/definitions/skills.ts'
import { type Draft, editable } from '../../draft.ts'
import { listOf, type Values } from '../../forms/form-values.ts'
import { readHandoffs } from '../../forms/handoff-form.ts'
import { kindOf } from '../../forms/step-form.ts'
import { ownDraft } from '../open.ts'
import { stepIn, stepPage } from '../steps/step-page.tsx'
import { chosenTask } from './past-task.ts'
import { NoPreview, Preview } from './preview-view.tsx'
import { Trial, type TrialView } from './trial-view.tsx'
import { previewOf, trialOf } from './try.ts'

/** Mounted in the editor's pages, behind their guard. */
export const tryPages = new Hono<PageEnv>()

tryPages.post('/workflows/:id/edit/steps/:step/preview', async c => {
  const opened = await openTrial(c)
  if (!opened.ok) return opened.answer
  const { draft, step, definition, given } = opened
  const on = await chosen(c, draft, step, given.sample)
  const made = previewOf(given, step, definition, on, crypto.randomUUID())
  const preview = made && { ...made, skills: await skillsFor(c, given, step) }
  if (wantsFragment(c)) return fragment(c, preview ? <Preview preview={preview} /> : <NoPreview />)
  return stepPage(c, draft, step, { values: given, preview })
})

tryPages.post('/workflows/:id/edit/steps/:step/try', async c => {
  const opened = await openTrial(c)
  if (!opened.ok) return opened.answer
  const { draft, step, definition, given } = opened
  const { pasted = '', outcome = '' } = given
  const action = `/workflows/${draft.row.id}/edit/steps/${step.key}/try`
  const read = readHandoffs({ ...given, do: 'save' }, step, definition)
  const trialled = { pasted, outcome, visit: Number(given.visit) || null }
  const on = await chosen(c, draft, step, given.past)
  const made = trialOf(step, definition, read.ok ? read.handoffs : [], on, trialled)
  const trial: TrialView = { ...made, action, ...(read.ok ? {} : { problem: read.message }) }
  if (wantsFragment(c)) return fragment(c, <Trial trial={trial} />)
  return stepPage(c, draft, step, { sent: given, trial })
})

type OpenTrial =
  | { ok: true; draft: Draft; step: Step; definition: Definition; given: Values }
  | { ok: false; answer: Response | Promise<Response> }

/** A trial changes nothing, so a draft that went on meanwhile is no conflict. */
async function openTrial(c: PageContext): Promise<OpenTrial> {
  const change = await openChange(c, 'change workflows')
  if (!change.ok) return change
  const draft = await ownDraft(c)
  const step = draft && stepIn(draft, c.req.param('step') ?? '')
  const definition = draft && editable(draft)
  if (!step || !definition) return { ok: false, answer: errorPage(c, 404) }
  return { ok: true, draft, step, definition, given: change.given }
}

/** The texts of the skills that the form's step and its agent name; one that is not there is for the lint to tell. */
async function skillsFor(c: PageContext, given: Values, step: Step): Promise<Skill[]> {
  const { team } = c.get('person')
  const kind = kindOf(given, step)
  if (!HANDLERS[kind].settings.some(one => one === 'skills')) return []
  const agent = kind === 'agent' ? (given.agent ?? '') : ''
  const ofAgent = agent === '' ? undefined : (await agentSkillsOf(c.env.DB, team.id, [agent])).get(agent)
  const named = skillsNamed(ofAgent, listOf(given.skills)).slice(0, 2 * MAX_SKILLS)
  const rows = await Promise.all(named.map(key => skillByKey(c.env.DB, team.id, key)))
  return rows.flatMap(row => (row === null ? [] : [row.skill]))
}

function chosen(c: PageContext, { row }: Draft, step: Step, task: string | undefined) {
  return chosenTask(c.env, row.team, row.id, step.key, task)
}
