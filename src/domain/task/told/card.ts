/** A task's card, as the board, the inbox and the lists in D1 keep it. */
import type { Definition } from '../../workflow/definition.ts'
import { costAskOf } from '../cost.ts'
import type { Actor } from '../events.ts'
import type { Ask } from '../people/ask.ts'
import type { AskedRun } from '../people/asking.ts'
import type { AskChange, TaskState } from '../state.ts'
import { shownAsks, skippedSteps, stageOf } from './view.ts'
import type { OpenStage } from './views.ts'
import { whyOf } from './why.ts'

/** What a card on the board and the inbox need of a task, besides its row: no prompt, no output. */
export interface Card {
  /** Its business key. Cards of older releases lack it. */
  key?: string
  /** The earlier task with this key, where duplicates are flagged. */
  duplicateOf?: string
  /** How many files it has; absent: none. */
  files?: number
  /** Whether a step of it went on as approved without being looked at. */
  skipped?: true
  why: string
  act: string | null
  attempt: number
  /** Of a visit of several runs: how many of them are done. */
  parts?: { done: number; of: number }
  /** USD that it may spend, where it is stuck at that. */
  costLimit?: number
  enteredAt: number
  asks: CardAsk[]
}

export type CardAsk = Pick<Ask, 'kind' | 'digest' | 'needs' | 'labels' | 'due' | 'risk'> & {
  /** Approvals so far of what is shown now, whoever gave them. Cards of older releases lack it. */
  given?: number
  visit: number
  run: number
  /** Its branch, where a visit has several runs. */
  name?: string
  step: string
  /** The tool that is called, of a question about a call. */
  tool?: string
  assignees: { email: string; decided: boolean }[]
  /** Which of several stages of approval is asked. */
  stage?: OpenStage
  /** The labels that need fields filled in. */
  fills?: string[]
  /** The latest change of what is shown: by whom, and who had approved it as it was before. */
  changed?: { by: Actor; cleared: string[] }
  /** When those who had not decided were reminded last, in ms since the epoch. */
  reminded?: number
}

/** The card as lists keep it. */
export function cardOf(state: TaskState, definition: Definition, now: number): Card {
  const why = whyOf(state, definition, now)
  const cost = costAskOf(state, definition)
  return {
    ...(state.key === null ? {} : { key: state.key }),
    ...(state.duplicateOf === null ? {} : { duplicateOf: state.duplicateOf }),
    ...(state.files.length === 0 ? {} : { files: state.files.length }),
    ...(skippedSteps(state).length > 0 && { skipped: true as const }),
    why: why.sentence,
    act: why.act,
    attempt: Math.max(1, ...state.visit.runs.map(run => run.attempt)),
    ...partsOf(state),
    ...(cost === null ? {} : { costLimit: cost.limit }),
    enteredAt: state.visit.enteredAt,
    asks: shownAsks(state).map(run => cardAsk(state, run)),
  }
}

function partsOf({ visit: { plan, runs, open } }: TaskState): Pick<Card, 'parts'> {
  if (plan === null || !open) return {}
  return { parts: { done: runs.filter(run => run.phase.name === 'completed').length, of: runs.length } }
}

function cardAsk(state: TaskState, { id: run, name, phase: { ask, votes, changed, reminded } }: AskedRun): CardAsk {
  const { kind, digest, needs, labels, due } = ask
  const counted = votes.filter(vote => vote.digest === digest)
  const voted = new Set(counted.map(vote => vote.voter))
  const assignees = ask.assignees.map(email => ({ email, decided: voted.has(email) }))
  const given = counted.filter(vote => vote.handoff === ask.approve).length
  const where = { visit: state.visit.n, run, ...(name === null ? {} : { name }), step: state.visit.step }
  const risk = ask.risk === undefined ? {} : { risk: ask.risk }
  const fills = ask.form === undefined ? {} : { fills: ask.form.labels }
  const called = ask.call === undefined ? {} : { tool: ask.call.tool }
  return {
    kind,
    digest,
    needs,
    labels,
    due,
    ...where,
    ...called,
    ...fills,
    ...risk,
    ...stageOf(ask),
    given,
    assignees,
    ...changeOf(changed),
    ...(reminded !== undefined && { reminded }),
  }
}

function changeOf(changed: AskChange | undefined): Pick<CardAsk, 'changed'> {
  return changed === undefined ? {} : { changed: { by: changed.by, cleared: changed.cleared } }
}
