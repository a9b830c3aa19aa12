/** A task as the API answers it: read from its own object, with its address. */
import type { Standing } from '../../domain/task/log/source.ts'
import type { ChildView, TaskView } from '../../domain/task/told/views.ts'
import { type ApiContext, publicUrl } from '../../http/context.ts'
import { isTaskId } from '../../records/ids.ts'
import { tasksById } from '../../records/task/tasks.ts'
import { callTask } from '../call.ts'

/** The team's task, from its Durable Object; null when there is none. */
export async function readTask(c: ApiContext, id: string): Promise<TaskView | null> {
  return isTaskId(id) ? callTask(c.env, c.get('key').team, id, task => task.view()) : null
}

/** The task with its address, and what the index knows of the tasks that it started. */
export async function resourceOf(c: ApiContext, view: TaskView) {
  const { children, ...own } = view
  return { ...own, ...(children && { children: await resourcesOf(c, children) }), url: taskUrl(c, view.id) }
}

async function resourcesOf(c: ApiContext, children: ChildView[]) {
  const ids = children.map(({ id }) => id)
  const rows = await tasksById(c.env.DB, c.get('key').team, ids)
  return children.map(({ standing, ...child }) => {
    const { title = null, key = null, status } = rows.get(child.id) ?? {}
    return { ...child, title, key, status: statusOf(standing, status), url: taskUrl(c, child.id) }
  })
}

/** A child that said how it ended is believed, and the index otherwise, which trails the tasks; one that failed may go on. */
function statusOf(standing: Standing, known: string | undefined): string {
  if (standing === 'done' || standing === 'cancelled') return standing
  return known ?? (standing === 'failed' ? 'failed' : 'running')
}

/** The address of a task's page. */
export function taskUrl(c: ApiContext, id: string): string {
  return publicUrl(c.env, `/tasks/${id}`)
}
