/** How a question to people stands for one of them: open, answered by them, decided, or no longer asked. Pure. */
import type { Actor } from '../../domain/task/events.ts'
import type { AskKind } from '../../domain/task/people/ask.ts'
import type { Story, StoryAsk } from '../../domain/task/told/story.ts'
import type { AskStory, RunStory, Visit, VoteStory } from '../../task/page/visit-story.ts'

/** Which question, to whom. */
export interface Subject {
  visit: number
  run: number
  /** In lower case; null: someone who may look at every question. */
  who: string | null
}

export type Standing =
  | { kind: 'open'; ask: StoryAsk }
  /** This person has approved the content as it is; others are still to. */
  | { kind: 'voted'; ask: StoryAsk; vote: VoteStory | null }
  | { kind: 'decided'; vote: VoteStory; of: AskKind }
  | { kind: 'superseded'; why: Superseded; by: Actor | null; at: number | null; to: string | null }

export type Superseded =
  | 'moved'
  | 'cancelled'
  | 'migrated'
  | 'limit'
  | 'routed'
  | 'reassigned'
  | 'staged'
  | 'needless'
  | 'failed'
  | 'gone'

/** Finds out how the question stands. `visits` is the timeline of the same story. */
export function standingOf(story: Story, visits: Visit[], subject: Subject): Standing {
  const ask = story.asks.find(each => each.visit === subject.visit && each.run === subject.run)
  const visit = visits.find(each => each.n === subject.visit)
  const run = visit?.runs.find(each => each.id === subject.run)
  const asked = run?.asks.at(-1)
  if (ask !== undefined) return standingOfOpen(ask, asked, subject.who)
  const decided = asked?.votes.find(vote => vote.settles)
  if (decided !== undefined) return { kind: 'decided', vote: decided, of: asked!.ask.kind }
  return superseded(story, visit, run)
}

function standingOfOpen(ask: StoryAsk, asked: AskStory | undefined, who: string | null): Standing {
  if (who === null) return { kind: 'open', ask }
  const assignee = ask.assignees.find(each => each.email === who)
  if (assignee === undefined && ask.stage !== undefined) {
    const own = asked?.votes.findLast(each => idOf(each.by) === who && each.undone === null)
    const isOfStage =
      asked?.again.some(({ stage }) => stage?.assignees.includes(who)) || asked?.ask.assignees.includes(who)
    if (own !== undefined) return { kind: 'voted', ask, vote: own }
    if (isOfStage) return { kind: 'superseded', why: 'staged', by: null, at: null, to: null }
  }
  if (assignee === undefined) {
    const last = asked?.assigned.at(-1)
    return { kind: 'superseded', why: 'reassigned', by: last?.by ?? null, at: last?.at ?? null, to: null }
  }
  if (!assignee.decided) return { kind: 'open', ask }
  const vote = asked?.votes.findLast(each => each.digest === ask.digest && idOf(each.by) === who)
  return { kind: 'voted', ask, vote: vote ?? null }
}

function superseded(story: Story, visit: Visit | undefined, run: RunStory | undefined): Standing {
  const none = { kind: 'superseded', by: null, at: null, to: null } as const
  if (visit === undefined) return { ...none, why: 'gone' }
  if (visit.left !== null) return { ...none, why: visit.left.why, by: visit.left.by, at: visit.left.at }
  const route = visit.routes.at(-1)
  if (route?.byHand) return { kind: 'superseded', why: 'routed', by: route.by, at: route.at, to: route.to }
  if (run && run.fencedAt !== null) return { ...none, why: 'needless' }
  if (story.view.status === 'cancelled') return { ...none, why: 'cancelled' }
  return { ...none, why: story.view.status === 'failed' ? 'failed' : 'gone' }
}

function idOf(actor: Actor): string {
  return actor.kind === 'system' ? 'system' : actor.id.toLowerCase()
}
