/** What a question's page needs of its task beside the story: contents that lie apart, and the way a decision takes. */
import type { NewFile } from '../../domain/file/file.ts'
import type { Json } from '../../domain/json/json.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { StoryAsk } from '../../domain/task/told/story.ts'
import { type Env, taskStub } from '../../env.ts'
import { giveBack } from '../../files/keep.ts'
import { toBeRead } from '../../files/texts.ts'
import { forgetDraft } from '../../records/task/told/drafts.ts'
import { callTask } from '../../task/call.ts'
import { settleFiles } from '../../task/files/attach.ts'
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
  const dataOf = async (seq: number) =>
    (await callTask(env, team, task, stub => stub.events(seq - 1, 1)))?.[0]?.data ?? {}
  const { fields } = version
  return {
    instructions,
    output: isApart(version.output) ? outputIn(await dataOf(version.seq)) : (version.output as Json),
    ...(fields !== null && {
      fields: isApart(fields.value) ? fieldsIn(await dataOf(fields.seq)) : (fields.value as Json),
    }),
  }
}

/** The output that an `asked`, `edited` or `reported` event holds. */
function outputIn(data: Record<string, Json>): Json {
  const ask = data.ask as { artefact?: { output?: Json } | null } | undefined
  const outcome = data.outcome as { output?: Json } | undefined
  return ask?.artefact?.output ?? outcome?.output ?? data.output ?? null
}

/** The values that an `asked` or `filled` event holds. */
function fieldsIn(data: Record<string, Json>): Json {
  const ask = data.ask as { form?: { values?: Json } } | undefined
  return data.fields ?? ask?.form?.values ?? null
}

/**
 * Gives the decision to the task, with what was added to it. It is bound to the visit and run of its question, and to what was
 * seen. Files of one that is refused are given back; where nobody knows what became of it, the sweep asks the task.
 */
export async function decide(
  env: Env,
  subject: Subject,
  actor: Actor,
  decision: Decision,
  files: NewFile[] = [],
): Promise<Answer<TaskView>> {
  const { team, task, visit, run } = subject
  // Not tried again: after a fault that hides the answer, the page says how the question stands.
  const answer = await taskStub(env, team, task).command(
    { type: 'decide', visit, run, ...decision, ...(files.length > 0 && { files: files.map(toBeRead) }) },
    { actor, flushed: true },
  )
  if (answer.ok) await settleFiles(env, team, files, answer.value)
  else await giveBack(env, team, files)
  if (answer.ok && decision.fields !== undefined && actor.kind !== 'system') {
    // Nothing hangs on it: what stays behind is forgotten by age.
    await forgetDraft(env.DB, { team, task, visit, run, person: actor.id.toLowerCase() }).catch(() => undefined)
  }
  return answer
}
