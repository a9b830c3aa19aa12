/** What a question's page needs of its task beside the story: contents that lie apart, and the way a decision takes. */
import type { Json } from '../../domain/json/json.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { StoryAsk } from '../../domain/task/told/story.ts'
import { type Env, taskStub } from '../../env.ts'
import { callTask } from '../../task/call.ts'
import type { Loaded } from '../../task/page/load.ts'
import type { Answer, TaskView } from '../../task/rpc.ts'
import type { Decision } from './decision.ts'
import { type Content, type Contents, isApart, type Version, versionBefore, versionWith } from './question.ts'

export interface Subject {
  team: string
  task: string
  visit: number
  run: number
}

/** What the person saw, when it was another content, and the draft before the one that is shown. */
export async function loadContents(
  env: Env,
  team: string,
  { story, visits }: Loaded,
  ask: StoryAsk,
  seen: string | null,
): Promise<Contents> {
  const task = story.view.id
  const version = seen === null || seen === ask.digest ? null : versionWith(visits, ask, seen)
  const before = ask.artefact === null || ask.call !== undefined ? null : versionBefore(visits, ask.artefact.step)
  return {
    seen: version === null ? null : await contentOf(env, team, task, version),
    previous: before === null ? null : (await contentOf(env, team, task, before)).output,
  }
}

async function contentOf(env: Env, team: string, task: string, version: Version): Promise<Content> {
  const instructions = version.instructions ?? ''
  if (!isApart(version)) return { instructions, output: version.output as Json }
  const [event] = (await callTask(env, team, task, stub => stub.events(version.seq - 1, 1))) ?? []
  return { instructions, output: outputIn(event?.data ?? {}) }
}

/** The output that an `asked`, `edited` or `reported` event holds. */
function outputIn(data: Record<string, Json>): Json {
  const ask = data.ask as { artefact?: { output?: Json } | null } | undefined
  const outcome = data.outcome as { output?: Json } | undefined
  return ask?.artefact?.output ?? outcome?.output ?? data.output ?? null
}

/** Gives the decision to the task. It is bound to the visit and run of its question, and to what was seen. */
export function decide(env: Env, subject: Subject, actor: Actor, decision: Decision): Promise<Answer<TaskView>> {
  const { team, task, visit, run } = subject
  // Not tried again: after a fault that hides the answer, the page says how the question stands.
  return taskStub(env, team, task).command({ type: 'decide', visit, run, ...decision }, { actor, flushed: true })
}
