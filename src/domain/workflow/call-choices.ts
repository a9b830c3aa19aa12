/** What a person's choice about a call triggers, in words: whether it may be made, what is answered, whether it happened. Pure. */
import { isOneCall } from '../handler/of-step.ts'
import type { AskKind } from '../task/people/ask.ts'
import type { Step } from './definition.ts'

/** A question about a call. */
export type CallKind = Extract<AskKind, 'call' | 'question' | 'outcome'>

/** The labels of these questions are ours: a button says them like this. */
export const CALL_LABELS: Record<CallKind, Record<string, string>> = {
  call: { allow: 'Allow', deny: 'Deny' },
  question: { answer: 'Answer' },
  outcome: { happened: 'It happened', not_happened: 'It did not', stop: 'Stop here' },
}

/** Whether the question is about a call. */
export function isAboutCall(kind: AskKind | undefined): kind is CallKind {
  return kind !== undefined && kind in CALL_LABELS
}

export interface AboutCall {
  kind: CallKind
  label: string
  /** The tool that is called; `http` for a step's own call. */
  tool: string
  /** The step, as people know it, in quotes. */
  place: string
  step: Step | undefined
  /** Where the step leads with this outcome, in words; null: nowhere that is certain. */
  way(outcome: 'ok' | 'failed'): string | null
}

/** What the choice triggers. */
export function consequenceOfCall({ kind, label, tool, place, step, way }: AboutCall): string {
  const isOne = step !== undefined && isOneCall(step)
  switch (kind) {
    case 'question':
      return `→ is the answer that ${place} goes on with`
    case 'call':
      if (label === 'allow') return `→ ${callName(tool)} is called with exactly this`
      return isOne
        ? `→ it is not called; ${way('failed') ?? 'the step fails'}`
        : '→ it is not called; the agent hears why'
    case 'outcome':
      if (label === 'stop') return '→ the task is cancelled'
      if (label === 'not_happened') return '→ the call is made again'
      return isOne
        ? `→ counts as done; ${way('ok') ?? `${place} is done`}`
        : `→ counts as done; ${place} goes on with what it answered`
  }
}

/** A tool as people read it; a step's own call over HTTP has no name. */
export function callName(tool: string): string {
  return tool === 'http' || tool === '' ? 'the service' : tool
}
