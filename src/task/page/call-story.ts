/** What a run's log says of each of its calls: asked about, allowed, made, answered, or its answer lost. */
import type { Actor, TaskEvent } from '../../domain/task/events.ts'
import type { Ask } from '../../domain/task/people/ask.ts'
import type { CallStory } from './visit-story.ts'

type Told<T extends TaskEvent['type']> = Extract<TaskEvent, { type: T }> & { seq: number; at: number; actor: Actor }

function aCall(call: string, tool: string, args: CallStory['args'], seq: number): CallStory {
  const made = { at: null, key: null, answeredAt: null, answerSeq: null, ok: null, status: null, result: null }
  return { call, tool, args, seq, asked: null, allowed: null, said: null, lost: false, ...made }
}

/** People are asked before a call is made, instead of it, or whether it happened. */
export function tellAsked(calls: CallStory[], { ask, seq, at }: Told<'asked'>): void {
  if (ask.call === undefined) return
  if (ask.kind === 'outcome') {
    const lost = latest(calls, ask.call.id)
    if (lost !== undefined) lost.lost = true
    return
  }
  const { kind, instructions: why, assignees: to } = ask
  calls.push({ ...aCall(ask.call.id, ask.call.tool, ask.call.args, seq), asked: { kind, at, why, to } })
}

/** What a person chose where they were asked about a call. */
export function tellSaid(
  calls: CallStory[],
  { kind, call }: Ask,
  said: Omit<NonNullable<CallStory['said']>, 'of'>,
): void {
  const meant = latest(calls, call!.id)
  if (meant !== undefined) meant.said = { ...said, of: kind }
}

/** It may be made, with these arguments. */
export function tellAllowed(calls: CallStory[], { call, args, at, actor: by, seq }: Told<'allowed'>): void {
  const meant = latest(calls, call)
  if (meant !== undefined) Object.assign(meant, { allowed: { at, by }, args, seq })
}

/** It begins; one that people allowed is the one that they were asked about, any other is another. */
export function tellCalled(calls: CallStory[], { call, tool, args, at, seq, key = null }: Told<'called'>): void {
  const asked = latest(calls, call)
  if (asked !== undefined && asked.at === null && asked.answeredAt === null)
    Object.assign(asked, { args, at, seq, key })
  else
    calls.push({
      ...aCall(call, tool, args, seq),
      at,
      key,
      asked: asked?.asked ?? null,
      allowed: asked?.allowed ?? null,
    })
}

/** Its answer is there, from the service or from a person. Logs of format 1 do not say of which. */
export function tellAnswered(calls: CallStory[], { call, ok, status, result, at, seq }: Told<'answered'>): void {
  const open = calls.findLast(each => each.answeredAt === null && each.call === (call ?? each.call))
  if (open === undefined) return
  Object.assign(open, { answeredAt: at, answerSeq: seq, ok, status: status ?? null, result: result ?? null })
}

function latest(calls: CallStory[], id: string): CallStory | undefined {
  return calls.findLast(each => each.call === id)
}

/** How a call stands. */
export type CallStanding =
  | 'asked'
  | 'denied'
  | 'answered'
  | 'open'
  | 'lost'
  | 'repeated'
  | 'cancelled'
  | 'ok'
  | 'failed'

/** How it stands: a receipt goes before everything, then what a person said of it. */
export function standingOfCall({ at, ok, lost, said, allowed, asked, answeredAt }: CallStory): CallStanding {
  if (said?.of === 'call' && said.handoff === 'deny') return 'denied'
  if (said?.of === 'question') return 'answered'
  if (answeredAt !== null) return ok ? 'ok' : 'failed'
  if (said?.of === 'outcome') return said.handoff === 'stop' ? 'cancelled' : 'repeated'
  if (lost) return 'lost'
  return at === null && asked !== null && allowed === null ? 'asked' : 'open'
}

const STANDING: Record<CallStanding, string> = {
  asked: 'not made yet, a person is asked',
  denied: 'not made, a person denied it',
  answered: 'answered by a person',
  open: 'begun, no answer yet',
  lost: 'its answer was lost',
  repeated: 'did not happen, a person said, and was made again',
  cancelled: 'its answer was lost, and a person stopped here',
  ok: 'done',
  failed: 'failed',
}

/** The same in words. */
export function standingWords(call: CallStory): string {
  const byPerson = call.said?.of === 'outcome' && call.said.handoff === 'happened'
  return byPerson ? 'it happened, a person said' : STANDING[standingOfCall(call)]
}
