/** The page of one step, and the frame that the editor's pages stand in. */

import type { Child } from 'hono/jsx'
import { modelNames } from '../../../domain/models/environment.ts'
import { may } from '../../../domain/permissions.ts'
import { type Step, stepOf } from '../../../domain/workflow/definition.ts'
import { usualModel } from '../../../execution/models/usual.ts'
import type { PageContext } from '../../../http/page/page.tsx'
import { currentAgents } from '../../../records/definitions/agents.ts'
import { currentSkills } from '../../../records/definitions/skills.ts'
import { startableWithInput } from '../../../records/definitions/workflow-uses.ts'
import { choosableSecrets } from '../../../records/people/secrets.ts'
import { listModels } from '../../../team/listed-models.ts'
import { type Draft, editable, lintOf } from '../../draft.ts'
import type { Values } from '../../forms/form-values.ts'
import { stepValues } from '../../forms/step-form.ts'
import { designPage, type Tab } from '../frame.tsx'
import { latestTasks } from '../try/past-task.ts'
import type { StepView } from './step.ts'
import { StepEditor } from './step-view.tsx'

/** The draft's step of this key. */
export function stepIn(draft: Draft, key: string): Step | null {
  const definition = editable(draft)
  return (definition && stepOf(definition, key)) ?? null
}

export async function stepPage(
  c: PageContext,
  draft: Draft,
  step: Step,
  over: Partial<Pick<StepView, 'values' | 'mistake' | 'sent' | 'preview' | 'trial' | 'newSecrets' | 'curl' | 'call'>>,
  status: 200 | 422 = 200,
) {
  const { team, id } = draft.row
  const [agents, tasks, skills, secrets, workflows, listed, usual] = await Promise.all([
    agentKeys(c),
    latestTasks(c.env.DB, team, id),
    currentSkills(c.env.DB, team),
    choosableSecrets(c.env.DB, team),
    startableWithInput(c.env.DB, team),
    listModels(c.env, team),
    usualModel(c.env, team),
  ])
  const view: StepView = {
    workflow: draft.row.id,
    revision: draft.revision,
    definition: editable(draft)!,
    step,
    lint: lintOf(draft),
    agents,
    skills: Object.keys(skills),
    usual: editable(draft)?.defaults?.model ?? usual,
    workflows,
    models: modelNames(listed),
    values: stepValues(step),
    mistake: null,
    sent: null,
    rewrites: draft.text.includes('#'),
    tasks,
    preview: null,
    trial: null,
    secrets,
    newSecrets: [],
    admin: may(c.get('person'), 'secrets.manage'),
    curl: { line: '', problem: null },
    call: null,
    ...over,
  }
  // A form that was sent is over the state it was made for, so that a second try cannot pass over what came since.
  const sent: Values | null = over.sent ?? over.values ?? null
  if (sent?.revision) view.revision = sent.revision
  return frame(c, draft, 'steps', <StepEditor view={view} />, status)
}

export function frame(c: PageContext, draft: Draft, tab: Tab, content: Child, status: 200 | 422) {
  const { row } = draft
  return designPage(c, row, { tab, title: `Edit ${row.name}`, scripts: ['editor'] }, content, status)
}

export async function agentKeys(c: PageContext): Promise<string[]> {
  return Object.keys(await currentAgents(c.env.DB, c.get('person').team.id)).toSorted()
}
