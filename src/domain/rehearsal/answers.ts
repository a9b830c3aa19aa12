/** How people and services answer in a dry run: as it was said beforehand, else as they would most likely. Pure. */

import type { Json, JsonSchema } from '../json/json.ts'
import { readFacts } from '../sample/facts.ts'
import { valueFor } from '../sample/value.ts'
import type { Command } from '../task/commands.ts'
import type { Actor } from '../task/events.ts'
import type { AskedRun } from '../task/people/asking.ts'

/** What was said beforehand. */
export interface Script {
  /** What people choose at a step, by its key: a label, or one for each time that it is asked there, the last one for all after. */
  decisions: Record<string, string | string[]>
  /** What services, tools and started workflows answer at a step, by its key. */
  answers: Record<string, Json>
}

const NOTE = 'Said in a dry run.'

/**
 * What somebody answers who is asked. `asked`: how often people were asked at this step before. A label that the question
 * does not have is refused by it.
 */
export function answerOf(
  step: string,
  run: AskedRun,
  asked: number,
  script: Script,
): { command: Extract<Command, { type: 'decide' }>; actor: Actor } {
  const { ask, votes } = run.phase
  const said = [script.decisions[step] ?? []].flat()
  // Calls and doubts at a step are not what its decisions are about.
  const chosen = ask.kind === 'decide' || ask.kind === 'unsure' ? (said[asked] ?? said.at(-1)) : undefined
  const handoff = chosen ?? ask.approve ?? ask.labels[0] ?? 'done'
  const fields = ask.form?.labels.includes(handoff) ? { fields: filled(ask.form.schema, ask.form.values as Json) } : {}
  const voted = new Set(votes.map(({ voter }) => voter))
  const id = ask.assignees.find(one => ![...voted].some(voter => voter.endsWith(one))) ?? ask.assignees[0] ?? 'nobody'
  const reason = ask.reason.includes(handoff) ? { note: NOTE } : {}
  return {
    command: { type: 'decide', handoff, ...reason, ...fields, run: run.id },
    actor: { kind: 'person', id, name: id },
  }
}

/** The values as they stand where there are some, with made-up ones for the rest. */
function filled(schema: JsonSchema, stand: Json): Json {
  const sample = sampleFor(schema)
  const isObject = (value: Json) => typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject(stand) && isObject(sample) ? ({ ...(sample as object), ...(stand as object) } as Json) : sample
}

/** A value that fits the schema; without one, an empty object. */
export function sampleFor(schema: JsonSchema | null | undefined): Json {
  return schema ? valueFor(schema, readFacts('')) : {}
}
