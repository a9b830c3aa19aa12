/** What a step's page in the editor shows, as its parts are given it. */
import type { Skill } from '../../../domain/skill.ts'

import type { FoundSecret } from '../../../domain/tools/found-secrets.ts'
import type { Definition, Step } from '../../../domain/workflow/definition.ts'
import type { StartableWorkflow } from '../../../records/definitions/workflow-uses.ts'
import type { Values } from '../../forms/form-values.ts'
import type { Lint } from '../../publish.ts'
import type { ChoosableSecret } from '../handlers/pair-rows.tsx'
import type { CallTrial } from '../try/call-trial.ts'
import type { TrialView } from '../try/trial-view.tsx'

/** The id of the step's form, for the buttons that stand outside of it. */
export const STEP_FORM = 'step-form'

export interface StepView {
  workflow: string
  revision: string
  definition: Definition
  step: Step
  lint: Lint
  agents: string[]
  skills?: string[]
  /** The model that answers where nothing names one. */
  usual?: string
  workflows?: readonly StartableWorkflow[]
  models?: string[]
  /** The form as it is, or as it was sent. */
  values: Values
  /** What was wrong with the form that was sent: of the step, or of its handoffs. */
  mistake: { form: 'step' | 'handoffs'; field: string; message: string } | null
  /** The rows of handoffs as they were sent. */
  sent: Values | null
  /** Whether comments may be lost when this is saved. */
  rewrites: boolean
  /** Tasks that a preview and a trial can be made on, newest first. */
  tasks: { id: string; title: string }[]
  /** Without a script they are made on request, and stand on the page. */
  preview: PreviewView | null
  trial: TrialView | null
  /** The team's secrets, to choose from. */
  secrets: readonly ChoosableSecret[]
  /** Secrets that a pasted call held, which are set with the step. */
  newSecrets: FoundSecret[]
  /** Whether the reader may set secrets. */
  admin: boolean
  /** The line that was pasted, and why it could not be read. */
  curl: { line: string; problem: string | null }
  call: CallTrial | null
}

export interface PreviewView {
  /** `What the model gets`: whose text it is. */
  whose: string
  /** On which task it was made; null: on sample values. */
  task: { id: string; title: string } | null
  /** What should be known of it: that the task was never here, say. */
  remark: string | null
  /** The reusable instructions that go before it, as they are now; absent: none. */
  skills?: Pick<Skill, 'key' | 'text'>[]
  rendered: { ok: true; text: string } | { ok: false; message: string }
}
