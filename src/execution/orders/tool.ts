/** The order `tool`: one call of one of the team's tools; its result is the step's output. */
import { ONLY_CALL, receiptOf, type ToolOrder } from '../../domain/handler/order.ts'
import { keeping } from '../egress/keep-answer.ts'
import { callTool } from '../tools/call.ts'
import { toolNamed } from '../tools/known.ts'
import { receivedResult } from '../tools/receipt.ts'
import type { Tool } from '../tools/tool.ts'
import type { Performer } from './performer.ts'
import { reportCall, reportFailure, STORAGE_AWAY } from './report.ts'

/** Calls the tool, unless it was called already and only the report was lost. */
export const performTool: Performer<ToolOrder> = async (order, { team, task, chain, note }, env) => {
  const { made, facts, key, written, timeoutMs } = order
  const receipt = made === null ? null : receiptOf([made], order.attempt)
  if (receipt !== null) return reportCall(receivedResult(receipt), order.schema, output => output, chain)
  const tool = await found(order, env, team)
  if (tool === 'away') return STORAGE_AWAY
  if (tool === null) {
    const message = `There is no tool “${order.tool}” in this team any more.`
    return reportFailure({ code: 'tool_missing', message, retryable: false }, chain)
  }
  const use = { env, team, facts, agent: null, key, written, timeoutMs, keep: keeping(env, team, task) }
  const result = await callTool(tool, { id: ONLY_CALL, args: order.args, made }, use, note)
  if (result === 'away') return STORAGE_AWAY
  return result === null ? null : reportCall(result, order.schema, output => output, chain)
}

async function found(
  order: ToolOrder,
  env: Parameters<typeof toolNamed>[0],
  team: string,
): Promise<Tool | null | 'away'> {
  try {
    return await toolNamed(env, team, order.tool, order.version)
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', what: 'tool', tool: order.tool, error: String(error) }))
    return 'away'
  }
}
