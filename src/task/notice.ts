/** What people are told of a task: a question that is theirs, or trouble that needs them. Who tells them, and how, is not the task's affair. */
import type { Actor } from '../domain/task/events.ts'
import type { AskKind } from '../domain/task/people/ask.ts'
import type { TaskState } from '../domain/task/state.ts'
import type { CardAsk } from '../domain/task/told/card.ts'
import { type Definition, stepOf } from '../domain/workflow/definition.ts'
import { stepName } from '../domain/workflow/parts.ts'

/** What people are to hear of a task: what went wrong, and the questions that are open. */
export interface Notice {
  trouble: Trouble | null
  asked: Asked[]
  /** Comments that name somebody. */
  mentioned?: Mentioned[]
}

/** A comment as those are told of it whom it names. */
export interface Mentioned {
  team: string
  task: string
  title: string
  workflow: string
  /** Its place in the log. */
  seq: number
  by: Actor
  text: string
  recipients: string[]
}

/** Tells those who were not told yet; false: somebody is still to be told, call again later. Only the task's own object calls it, one call at a time. */
export type Tell = (notice: Notice) => Promise<boolean>

/** An open question as its notice tells of it. */
export interface Asked {
  team: string
  task: string
  visit: number
  run: number
  digest: string
  title: string
  workflow: string
  stepName: string
  kind: AskKind
  /** The tool that a question about a call is about. */
  tool: string | null
  /** What somebody wants to know, where that is what they are asked. */
  question: string | null
  due: number | null
  /** Those who are still to answer. */
  recipients: string[]
  /** Their message must bring the code of its link: without it the link decides nothing. */
  risk?: 'high'
  /** The latest change of what they are shown, if there was one. */
  changed?: CardAsk['changed']
  /** Those who had been told by then are told again. */
  reminded?: number
}

/** A task that does not go on without a person, as its notice tells of it. */
export interface Trouble {
  team: string
  task: string
  workflow: string
  visit: number
  status: 'failed' | 'stuck'
  /** The failure's code or what it is stuck for. */
  cause: string
  title: string
  workflowName: string
  stepName: string
  message: string
  fix: string | null
  /** The workflow's owner; null: the team's owners. */
  owner: string | null
}

/** What went wrong with the task, if it failed or is stuck. */
export function troubleOf(state: TaskState, definition: Definition): Trouble | null {
  const what =
    state.status === 'failed'
      ? { cause: state.error?.code ?? 'failed', message: state.error?.message ?? 'It failed.', fix: null }
      : state.status === 'stuck'
        ? state.stuck
        : null
  if (what === null) return null
  const step = stepOf(definition, state.visit.step)
  return {
    team: state.team,
    task: state.task,
    workflow: state.workflow,
    visit: state.visit.n,
    status: state.status as Trouble['status'],
    cause: what.cause,
    title: state.title,
    workflowName: definition.name,
    stepName: step === undefined ? state.visit.step : stepName(step),
    message: what.message,
    fix: what.fix,
    owner: definition.owner?.toLowerCase() ?? null,
  }
}
