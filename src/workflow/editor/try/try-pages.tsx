/** Trying a step before it is saved: its text and its routes on a past task, as a part of the page or as the page with it. */
import { Hono } from 'hono'
import { HANDLERS } from '../../../domain/handler/registry.ts'
import { type Skill, skillsNamed } from '../../../domain/skill.ts'
import type { TeamTool } from '../../../domain/tools/tool.ts'
import type { Step } from '../../../domain/workflow/definition.ts'
import { KEY_PATTERN, MAX_SKILLS } from '../../../domain/workflow/parts.ts'
import { fragment, type PageContext, type PageEnv, wantsFragment } from '../../../http/page/page.tsx'
import { agentSkillsOf } from '../../../records/definitions/agents.ts'
import { skillByKey } from '../../../records/definitions/skills.ts'
import { toolByKey } from '../../../records/definitions/tools.ts'
import type { Draft } from '../../draft.ts'
import { listOf, type Values } from '../../forms/form-values.ts'
import { readHandoffs } from '../../forms/handoff-form.ts'
import { kindOf } from '../../forms/step-form.ts'
import { stepPage } from '../steps/step-page.tsx'
import { callPages } from './call-pages.tsx'
import { openTrial } from './open-trial.ts'
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
  const around = { definition, tools: await toolsNamed(c, given) }
  const made = previewOf(given, step, around, on, crypto.randomUUID())
  const preview = made && { ...made, skills: await skillsFor(c, given, step) }
  if (wantsFragment(c)) return fragment(c, preview ? <Preview preview={preview} /> : <NoPreview />)
  return stepPage(c, draft, step, { values: given, preview })
})

tryPages.route('/', callPages)

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

/** As many as a step has branches. */
const MOST_TOOLS = 20

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

/** Those of the team's own tools that the form names, for itself or for its branches. */
async function toolsNamed(c: PageContext, given: Values): Promise<TeamTool[]> {
  const names = Object.entries(given).filter(([field]) => field === 'tool' || field.endsWith('-tool'))
  const keys = new Set(names.map(([, name]) => name.trim()).filter(name => KEY_PATTERN.test(name)))
  const { team } = c.get('person')
  const found = await Promise.all([...keys].slice(0, MOST_TOOLS).map(key => toolByKey(c.env.DB, team.id, key)))
  return found.flatMap(row => (row === null ? [] : [row.tool]))
}

function chosen(c: PageContext, { row }: Draft, step: Step, task: string | undefined) {
  return chosenTask(c.env, row.team, row.id, step.key, task)
}
