/** The tool `start_task`: a task in a workflow of the same team. The same call starts one task, however often it is made. */
import type { Json } from '../../../domain/json/json.ts'
import { MAX_DEPTH } from '../../../domain/task/log/source.ts'
import { BUILT_IN_TOOLS } from '../../../domain/tools/built-in.ts'
import type { LiveVersion } from '../../../domain/workflow/live.ts'
import { publicUrl } from '../../../http/context.ts'
import { explain, type Problem } from '../../../http/errors.ts'
import { liveVersion, workflowByName } from '../../../records/definitions/workflows.ts'
import { derivedTaskId, isId, sha256Hex } from '../../../records/ids.ts'
import { openTargetOf, startOnce } from '../../../task/start.ts'
import { type Failed, failed, type Tool, type Use } from '../tool.ts'

export const startTask: Tool = {
  spec: BUILT_IN_TOOLS.start_task,
  effect: BUILT_IN_TOOLS.start_task.effect,
  safe: true,
  asks: () => null,
  ready: async (args, use) => {
    const { env, team, facts, key } = use
    const { workflow, input } = args as { workflow: string; input: Json }
    const depth = facts.depth + 1
    if (depth > MAX_DEPTH) {
      const message = `This task is the last of ${MAX_DEPTH} that started one another: it starts no further one.`
      return failed('tool_failed', message)
    }
    const live = await named(use, workflow.trim())
    if (live === null)
      return failed('tool_failed', `There is no workflow “${workflow}” in this team: give its id or its exact name.`)
    const into = await openTargetOf(env.DB, live)
    if (!into.ok) return refused(into.problem)
    return async () => {
      const started = await startOnce(env, {
        task: await derivedTaskId(team, 'start_task', key),
        team,
        into: into.value,
        input,
        source: { kind: 'task', id: facts.task.id, depth },
        actor: { kind: 'system' },
        idempotency: { id: key, hash: await sha256Hex(JSON.stringify([live.workflow, input])) },
        flushed: false,
      })
      if (!started.ok) return refused(started.problem)
      const { id } = started.view
      return { kind: 'done', result: { ok: true, id, url: publicUrl(env, `/tasks/${id}`) } }
    }
  },
}

/** By its id, else by its exact name. */
async function named({ env, team }: Use, workflow: string): Promise<LiveVersion | null> {
  const id = isId('wf', workflow) ? workflow : (await workflowByName(env.DB, team, workflow))?.id
  return id === undefined ? null : liveVersion(env.DB, team, id)
}

/** In words that a model can act on. */
function refused(problem: Problem): Failed {
  const { message, hint } = explain(problem)
  return failed('tool_failed', [message, hint].filter(Boolean).join(' '))
}
