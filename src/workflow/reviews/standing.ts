/** How each human step of a workflow stands with its reviews: how many drafts in a row were approved unchanged, and whether it is sampled, or could be. */
import { hash } from 'node:crypto'
import { agentsIn, chooserOf } from '../../domain/handler/of-step.ts'
import { basisOf, EARNED_AFTER } from '../../domain/task/people/sampling.ts'
import type { Pinned } from '../../domain/workflow/definition.ts'
import { whyAlwaysLookedAt } from '../../domain/workflow/lint/sampling.ts'
import { stepName } from '../../domain/workflow/parts.ts'
import type { Env } from '../../env.ts'
import { agentTools } from '../../records/definitions/agents.ts'
import { liveVersion } from '../../records/definitions/workflows.ts'
import { type ReviewSum, sumReviews } from '../../records/task/reviews/learned.ts'
import { type KnownStreak, streaksOf } from '../../records/task/reviews/streaks.ts'
import { livePinned } from '../../task/pinned.ts'
import { termsOf } from '../../team/limits/terms.ts'

export interface StepStanding {
  step: string
  name: string
  /** Why people look at each, whatever they approved, in words; null: they need not. */
  never: string | null
  /** Decisions in a row that approved what it asks about today as it was drafted. */
  unchanged: number
  needed: number
  /** One in how many is looked at once that was earned, as the step says; null: each is. */
  sample: number | null
  /** The decision before the streak; null: none is known. */
  ended: KnownStreak['ended']
  /** What people decided here in the last 30 days. */
  sums: ReviewSum[]
}

const sha256 = (text: string) => hash('sha256', text)
const DAYS_MS = 30 * 86_400_000

/** The human steps of the live version in their order; none where nothing is published. */
export async function standingsOf(
  { DB: db }: Pick<Env, 'DB'>,
  { team, workflow }: { team: string; workflow: string },
  now: number,
): Promise<StepStanding[]> {
  const live = await liveVersion(db, team, workflow)
  const pinned = (live && (await livePinned(db, live)))?.pinned
  const people = pinned?.definition.steps.filter(step => chooserOf(step) === 'person') ?? []
  if (pinned === undefined || people.length === 0) return []
  const [streaks, sums, terms, tools] = await Promise.all([
    streaksOf(db, { team, workflow, steps: people.map(({ key }) => key) }, EARNED_AFTER),
    sumReviews(db, team, now - DAYS_MS, now + 1, { workflow }),
    termsOf(db, team),
    agentTools(db, team, agentsIn(pinned.definition.steps)),
  ])
  return people.map(step => {
    const { unchanged, basis, ended } = streaks.get(step.key)!
    const counts = basis !== null && basesOf(pinned, step.key, terms.model).includes(basis)
    return {
      ...{ step: step.key, name: stepName(step), never: whyAlwaysLookedAt(pinned.definition, step, tools) },
      ...{ unchanged: counts ? unchanged : 0, needed: EARNED_AFTER, sample: step.human?.sample ?? null, ended },
      sums: sums.filter(sum => sum.atStep === step.key),
    }
  })
}

/** What drafts that the step asks about come from today, whichever step drafts them. */
function basesOf(pinned: Pinned, asking: string, model: string | null): string[] {
  const state = {
    terms: { budget: null, ...(model !== null && { model }) },
    raised: { steps: null, cost: null, calls: null, model: null },
  }
  const drafting = pinned.definition.steps.filter(step => chooserOf(step) === 'model')
  return drafting.map(({ key: drafted }) => basisOf(state, pinned, { asking, drafted }, sha256))
}
