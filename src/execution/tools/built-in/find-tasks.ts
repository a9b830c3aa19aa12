/** The tool `find_tasks`: earlier tasks of the team, by words of their titles, keys, inputs and results. */
import { BUILT_IN_TOOLS } from '../../../domain/tools/built-in.ts'
import { publicUrl } from '../../../http/context.ts'
import { tasksFound, tokensOf } from '../../../records/task/searched.ts'
import type { Tool } from '../tool.ts'

const MOST = 20

export const findTasks: Tool = {
  spec: BUILT_IN_TOOLS.find_tasks,
  effect: BUILT_IN_TOOLS.find_tasks.effect,
  safe: true,
  asks: () => null,
  ready: async (args, { env, team, facts }) => {
    const { query } = args as { query: string }
    // One more than are told: the task that asks is no earlier one.
    const found = await tasksFound(env.DB, team, { words: tokensOf(query) }, null, MOST + 1)
    const result = found.items
      .filter(({ id }) => id !== facts.task.id)
      .slice(0, MOST)
      .map(({ id, title, key, workflowName: workflow, status, step, createdAt }) => ({
        ...{ id, title, key, workflow, status, step },
        createdAt: new Date(createdAt).toISOString(),
        url: publicUrl(env, `/tasks/${id}`),
      }))
    return async () => ({ kind: 'done', result })
  },
}
