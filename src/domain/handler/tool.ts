/** The kind `tool`: one of the team's tools, with no model. */

import { z } from 'zod'
import type { Json } from '../json/json.ts'
import { nearest } from '../nearest.ts'
import { renderValue } from '../template/template.ts'
import { warnHeldBack } from '../workflow/lint/held-back.ts'
import { suggestion } from '../workflow/lint/item.ts'
import type { Frame } from '../workflow/parts.ts'
import type { Handler } from './handler.ts'
import { ONLY_CALL } from './order.ts'
import { CALL, failedStart, textsAt } from './parts/call.ts'

const withSchema = z.record(
  z.string().max(200),
  z.custom<Json>(value => value !== undefined, 'must be JSON'),
)
const shape = { tool: z.string().min(1).max(100).optional(), with: withSchema.optional() }
type Own = { tool?: string; with?: Record<string, Json> }

export interface ToolJob {
  kind: 'tool'
  frame: Frame
  tool: string
  args: Record<string, Json>
}

export const tool: Handler<ToolJob, Own> = {
  ...CALL,
  shape,
  words: {
    who: 'a tool',
    work: 'the tool or its arguments',
    calls: job => `Calls the tool ${job.tool}.`,
    lesson: job => `The tool “${job.tool}” is called here, with no model.`,
  },
  read: step => ({ kind: 'tool', frame: step, tool: step.tool ?? '', args: step.with ?? {} }),
  outputSchema: ({ frame }) => frame.output ?? {},
  texts: ({ with: args }) => textsAt(args, ['with']),
  tools: job => [job.tool],
  lint: (job, path, { known }, report) => {
    warnHeldBack(job.tool, [...path, 'tool'], known, report)
    if (known.toolNames === undefined || known.toolNames.includes(job.tool)) return
    const fix = suggestion(nearest(job.tool, known.toolNames), known.toolNames, 'Make the tool first.')
    report.error([...path, 'tool'], 'unknown_tool', `There is no tool \`${job.tool}\` in this team.`, fix)
  },
  begin: (job, view) => {
    const rendered = renderValue(job.args, view.scope())
    return [rendered.ok ? { kind: 'due', prompt: JSON.stringify(rendered.value) } : failedStart(rendered.message)]
  },
  order: (job, run, { tools, timeoutMs }) => ({
    kind: 'tool',
    tool: job.tool,
    version: tools[job.tool] ?? 0,
    args: JSON.parse(run.prompt) as Json,
    written: JSON.stringify(job.args),
    schema: job.frame.output ?? null,
    key: run.key,
    attempt: run.attempt,
    made: run.calls.find(call => call.id === ONLY_CALL) ?? null,
    facts: run.facts(),
    timeoutMs,
  }),
  happened: (_job, output) => output,
}
