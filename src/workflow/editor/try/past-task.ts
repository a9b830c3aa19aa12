/** The task that a preview or a trial is made on: a past one of the workflow, read from its Task DO, or sample values. */

import { chooserOf, labelsOf, outputSchemaOf } from '../../../domain/handler/of-step.ts'
import type { Json } from '../../../domain/json/json.ts'
import { readFacts } from '../../../domain/sample/facts.ts'
import { valueFor } from '../../../domain/sample/value.ts'
import { type Past, pastOf } from '../../../domain/task/log/past.ts'
import type { EventView } from '../../../domain/task/told/views.ts'
import type { Scope } from '../../../domain/template/scope.ts'
import type { Definition, Step } from '../../../domain/workflow/definition.ts'
import { stepName } from '../../../domain/workflow/parts.ts'
import type { Env } from '../../../env.ts'
import { isTaskId } from '../../../records/ids.ts'
import { listTasks } from '../../../records/task/tasks.ts'
import { callTask } from '../../../task/call.ts'

export interface PastTask {
  task: { id: string; title: string }
  past: Past
}

/** Tasks to choose among. */
const MOST = 20
const PAGE = 100
/** A log longer than this is told up to here. */
const MOST_EVENTS = 1000

/** The workflow's latest tasks, newest first. */
export async function latestTasks(db: D1Database, team: string, workflow: string): Promise<PastTask['task'][]> {
  const { items } = await listTasks(db, team, { workflow }, null)
  return items.slice(0, MOST).map(({ id, title }) => ({ id, title }))
}

/** The task that a form chose: by id, the latest when it chose none; null when there is none, or samples were asked for. */
export async function chosenTask(
  env: Env,
  team: string,
  workflow: string,
  step: string,
  chosen: string | undefined,
): Promise<PastTask | null> {
  if (chosen === 'sample') return null
  const id = isTaskId(chosen ?? '') ? chosen! : (await latestTasks(env.DB, team, workflow))[0]?.id
  if (id === undefined) return null
  const view = await callTask(env, team, id, task => task.view())
  // The id came with a form: only this workflow's tasks are its samples.
  if (view?.workflow !== workflow) return null
  const past = pastOf(await wholeLog(env, team, id), step)
  return past && { task: { id, title: view.title }, past }
}

async function wholeLog(env: Env, team: string, id: string): Promise<EventView[]> {
  const events: EventView[] = []
  while (events.length < MOST_EVENTS) {
    const after = events.at(-1)?.seq ?? 0
    const page = await callTask(env, team, id, task => task.events(after, PAGE))
    if (page === null || page.length === 0) break
    events.push(...page)
    if (page.length < PAGE) break
  }
  return events
}

/** What a step would read of a made-up task: values that fit the schemas, and words that say what would stand there. */
export function sampleScope(definition: Definition, step: Step): Scope {
  const place = definition.steps.findIndex(one => one.key === step.key)
  const before = definition.steps[place - 1]
  const outputs = definition.steps.map(one => [one.key, sampleOutput(one)] as const)
  return {
    input: definition.input === undefined ? { text: 'A sample text.' } : sampleOf(definition.input),
    steps: Object.fromEntries(
      outputs.map(([key, output], index) => {
        const label = labelsOf(definition.steps[index]!)[0] ?? 'done'
        const decision = { handoff: label, note: 'A sample note.', by: 'somebody@example.com' }
        return [key, { output, decision: chooserOf(definition.steps[index]!) === 'person' ? decision : null }]
      }),
    ),
    last: {
      step: before?.key ?? null,
      output: before ? sampleOutput(before) : null,
      handoff: before ? 'done' : null,
      note: null,
      by: null,
    },
    task: { id: 'tsk_sample', title: 'A sample task', visit: place + 1 },
  }
}

/** What a step might put out. */
export function sampleOutput(step: Step): Json {
  const schema = outputSchemaOf(step)
  if (schema === null) return null
  const anyText = step.output === undefined && schema.type === 'string'
  return anyText ? `(What “${stepName(step)}” wrote.)` : sampleOf(schema)
}

function sampleOf(schema: Json): Json {
  return valueFor(schema, readFacts(''))
}
