/** Gates with a bug each, to see that the simulation finds it. */
import { decideGate, type GateCommand, type GateDecision } from '../../../../src/domain/gate/decide.ts'
import type { Lane } from '../../../../src/domain/gate/lane.ts'
import type { GateState, Grant } from '../../../../src/domain/gate/state.ts'
import { GATE, type GateSubject } from './world.ts'

type Decide = (state: GateState, command: GateCommand, now: number) => GateDecision

function deciding(decide: Decide): GateSubject {
  return { ...GATE, decide }
}

/** The Gate decides on a state that is seen wrong. */
function seeing(change: (state: GateState, now: number) => GateState): GateSubject {
  return deciding((state, command, now) => decideGate(change(state, now), command, now))
}

function withGrants(state: GateState, change: (grant: Grant) => Grant | null): GateState {
  const grants = [...state.grants].flatMap(([key, grant]) => {
    const changed = change(grant)
    return changed === null ? [] : [[key, changed] as const]
  })
  return { ...state, grants: new Map(grants) }
}

function withLanes(state: GateState, change: (lane: Lane) => Lane): GateState {
  return {
    ...state,
    lanes: Object.fromEntries(Object.entries(state.lanes).map(([name, lane]) => [name, change(lane)])),
  }
}

export const PLANTED_IN_GATE: Record<string, GateSubject> = {
  'leave never lapses': seeing(state => withGrants(state, grant => ({ ...grant, until: Number.MAX_SAFE_INTEGER }))),
  'the youngest goes first': deciding((state, command, now) =>
    decideGate(state, 'ask' in command ? { ...command, ask: { ...command.ask, age: -command.ask.age } } : command, now),
  ),
  'leave that is kept for a run counts for nothing': seeing(state =>
    withGrants(state, grant => (grant.taken ? grant : null)),
  ),
  'leave counts for nothing once it is taken': seeing(state =>
    withGrants(state, grant => (grant.taken ? null : grant)),
  ),
  'a run that was told too early is forgotten': deciding((state, command, now) =>
    command.type === 'missed'
      ? decideGate(
          withGrants(state, grant => (grant.task === command.run.task ? null : grant)),
          { type: 'tick' },
          now,
        )
      : decideGate(state, command, now),
  ),
  'whoever ends gives nothing back': deciding((state, command, now) =>
    decideGate(state, command.type === 'end' && command.end.kind === 'answered' ? { type: 'tick' } : command, now),
  ),
  'a provider that turns a run away makes it lose its turn': deciding((state, command, now) => {
    const { waiting, ...decision } = { ...decideGate(state, command, now), waiting: 0 }
    if (command.type !== 'end' || waiting > 0) return decision
    const kept = decision.state.waiting.filter(each => each.task !== command.ask.task)
    return { ...decision, state: { ...decision.state, waiting: kept } }
  }),
  'nobody wakes the Gate when a pause is over': deciding((state, command, now) => ({
    ...decideGate(state, command, now),
    next: null,
  })),
  'what a provider asks for is not waited out': seeing(state =>
    withLanes(state, lane => ({ ...lane, pausedUntil: 0 })),
  ),
  'a provider that is down is tried by all at once': seeing(state => {
    const down = Object.entries(state.lanes).filter(([, { downSince }]) => downSince !== null)
    return withGrants(state, grant => (down.some(([name]) => name === grant.provider) ? { ...grant, at: 0 } : grant))
  }),
  'the rate counts from full minutes': seeing((state, now) =>
    withLanes(state, lane => ({ ...lane, starts: lane.starts.filter(([at]) => at * 1000 >= now - (now % 60_000)) })),
  ),
  'calls under way are not reserved for': seeing(state => withGrants(state, grant => ({ ...grant, cost: 0 }))),
  'what a call cost is not booked': deciding((state, command, now) =>
    decideGate(
      state,
      command.type === 'end'
        ? { ...command, cost: 0 }
        : command.type === 'take'
          ? { ...command, settled: undefined }
          : command,
      now,
    ),
  ),
  'a restart forgets who is at work': { ...GATE, reads: key => !key.startsWith('grant:') },
  'a restart forgets who waits': { ...GATE, reads: key => !key.startsWith('waiting:') },
}
