/** Several stages of approval, one after another on the same content: each is asked once the one before has all it needs. */
import type { TaskChange } from '../task-change.ts'
import type { Ask } from './ask.ts'
import { type AskedRun, digestOf, nobodyAssigned, openAsks } from './asking.ts'

/** Whether another stage is asked before the approval settles the question. */
export function hasNext({ stages }: Ask): boolean {
  return stages !== undefined && stages.at < stages.of.length - 1
}

/**
 * Whether this key has approved the content as it is in an earlier stage. Stages are to be eyes of different people: whoever
 * is named in two is meant to be asked in each, but a key is named in none and speaks for one of them.
 */
export function hasApprovedStage(change: TaskChange, { phase: { ask, votes } }: AskedRun, voter: string): boolean {
  const { stages } = ask
  if (stages === undefined || change.ctx.actor.kind !== 'key') return false
  // A decision that was taken back is part of the digest from then on; earlier stages approved before it.
  const undone = [undefined, ...Array.from({ length: ask.undone ?? 0 }, (_, nth) => nth + 1)]
  const earlier = Array.from({ length: stages.at }, (_, at) =>
    undone.map(times => digestOf(change, { ...ask, undone: times, stages: { ...stages, at } })),
  ).flat()
  return votes.some(vote => vote.voter === voter && vote.handoff === ask.approve && earlier.includes(vote.digest))
}

/** Asks the stage after the one that has approved. */
export function askNext(change: TaskChange, run: number): void {
  const ask = askedIn(change, run)
  if (ask?.stages !== undefined) askStage(change, run, ask, ask.stages.at + 1)
}

/** What people approve has changed: the first stage is asked again. */
export function backToFirst(change: TaskChange, run: number, note: string | null): void {
  const ask = askedIn(change, run)
  if (ask?.stages !== undefined && ask.stages.at > 0) askStage(change, run, ask, 0, note)
}

function askedIn(change: TaskChange, id: number): Ask | undefined {
  return openAsks(change.state).find(run => run.id === id)?.phase.ask
}

function askStage(change: TaskChange, run: number, ask: Ask, stage: number, note: string | null = null): void {
  const stages = ask.stages!
  const { assignees, needs } = stages.of[stage]!
  const digest = digestOf(change, { ...ask, stages: { ...stages, at: stage } })
  change.emit({
    type: 'staged',
    visit: change.state.visit.n,
    run,
    stage,
    assignees,
    needs,
    digest,
    ...(note !== null && { note }),
  })
  if (assignees.length === 0) nobodyAssigned(change, run)
}
