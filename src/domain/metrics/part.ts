/** Which part of a task a list asks for: `step:approve`, `agent:writer`, `left:approve`. */
import { DIMENSIONS, type Dimension } from '../task/told/parts.ts'

/** `left`: a step that the task left at least once; `at`: the step where an open task is. */
export type PartKind = Exclude<Dimension, 'task'> | 'left' | 'at'

export interface PartFilter {
  kind: PartKind
  name: string
}

const KINDS: PartKind[] = [...DIMENSIONS.filter(one => one !== 'task'), 'left', 'at']
const MOST = 200

/** Reads one; null: it is none. */
export function readPart(text: string): PartFilter | null {
  const [word = ''] = text.split(':', 1)
  const kind = KINDS.find(one => one === word)
  const name = text.slice(word.length + 1)
  return kind === undefined || name === '' || text.length > MOST ? null : { kind, name }
}

/** As addresses carry it. */
export function partText({ kind, name }: PartFilter): string {
  return `${kind}:${name}`
}

const WORDS: Record<PartKind, string> = {
  step: 'that came to step',
  left: 'that left step',
  at: 'that are at step',
  agent: 'with agent',
  model: 'with model',
  intake: 'from',
  version: 'of version',
}

/** What it asks for, in words. */
export function partWords({ kind, name }: PartFilter): string {
  return `${WORDS[kind]} ${name}`
}
