/** The tool `find_tasks`: earlier tasks of the team, by words of their titles and inputs. */
import { BUILT_IN_TOOLS } from '../../../domain/tools/built-in.ts'
import { publicUrl } from '../../../http/context.ts'
import { tasksTitled, wordsOf } from '../../../records/search.ts'
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
    const found = await tasksTitled(env.DB, team, wordsOf(query), MOST + 1)
    const result = found
      .filter(({ id }) => id !== facts.task.id)
      .slice(0, MOST)
      .map(({ id, title, workflowName: workflow, status, step, createdAt }) => ({
        ...{ id, title, workflow, status, step },
        createdAt: new Date(createdAt).toISOString(),
        url: publicUrl(env, `/tasks/${id}`),
      }))
    return async () => ({ kind: 'done', result })
  },
}
