/** Reads what the pages about a task show: one story as of one moment, and its timeline. */
import type { Story } from '../../domain/task/told/story.ts'
import type { Env } from '../../env.ts'
import { isTaskId } from '../../records/ids.ts'
import { callTask } from '../call.ts'
import { timelineOf } from './timeline.ts'
import type { Visit } from './visit-story.ts'

export interface Loaded {
  story: Story
  visits: Visit[]
}

/** The task's story and timeline; null: the team has no such task. */
export async function loadStory(env: Pick<Env, 'TASKS'>, team: string, task: string): Promise<Loaded | null> {
  if (!isTaskId(task)) return null
  const story = await callTask(env, team, task, stub => stub.story())
  return story === null ? null : { story, visits: timelineOf(story.events, story.view.status) }
}
