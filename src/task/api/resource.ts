/** A task as the API answers it: read from its own object, with its address. */
import type { TaskView } from '../../domain/task/told/views.ts'
import { type ApiContext, publicUrl } from '../../http/context.ts'
import { isTaskId } from '../../records/ids.ts'
import { callTask } from '../call.ts'

/** The team's task, from its Durable Object; null when there is none. */
export async function readTask(c: ApiContext, id: string): Promise<TaskView | null> {
  return isTaskId(id) ? callTask(c.env, c.get('key').team, id, task => task.view()) : null
}

/** The task with its address. */
export function resourceOf(c: ApiContext, view: TaskView) {
  return { ...view, url: taskUrl(c, view.id) }
}

/** The address of a task's page. */
export function taskUrl(c: ApiContext, id: string): string {
  return publicUrl(c.env, `/tasks/${id}`)
}
