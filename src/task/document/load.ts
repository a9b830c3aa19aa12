/** A task's story for a document: with the inputs whole, so that what is hidden of them is known and hidden everywhere. */
import { isBlobRef } from '../../domain/task/context.ts'
import type { Story } from '../../domain/task/told/story.ts'
import type { EventView } from '../../domain/task/told/views.ts'
import type { Env } from '../../env.ts'
import { isTaskId } from '../../records/ids.ts'
import { callTask } from '../call.ts'

/** The story; null: the team has no such task. */
export async function storyForDocument(env: Pick<Env, 'TASKS'>, team: string, task: string): Promise<Story | null> {
  if (!isTaskId(task)) return null
  const story = await callTask(env, team, task, stub => stub.story())
  if (story === null || story.definition.redact === undefined) return story
  const events = await Promise.all(story.events.map(event => withInput(env, team, task, event)))
  return { ...story, events }
}

/** An input that is only referred to is fetched. */
async function withInput(env: Pick<Env, 'TASKS'>, team: string, task: string, event: EventView): Promise<EventView> {
  if (!isBlobRef(event.data.input)) return event
  const [whole] = (await callTask(env, team, task, stub => stub.events(event.seq - 1, 1))) ?? []
  if (whole?.data.input === undefined) throw new Error(`event ${event.seq} of ${task} has lost its input`)
  return { ...event, data: { ...event.data, input: whole.data.input } }
}
