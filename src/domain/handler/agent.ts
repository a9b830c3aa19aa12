/** The kind `agent`: one of the team's agents, told what this step is to do. */

import { z } from 'zod'
import { nearest } from '../nearest.ts'
import { unknownSkill } from '../skill.ts'
import { hiddenIn } from '../text/redact.ts'
import { warnHeldBack } from '../workflow/lint/held-back.ts'
import { type LintPath, type Report, suggestion } from '../workflow/lint/item.ts'
import type { Known } from '../workflow/lint/known.ts'
import type { Frame } from '../workflow/parts.ts'
import type { Handler, OrderedRun, Pins } from './handler.ts'
import type { Loop } from './order.ts'
import { askModel, filesTexts, MODEL, modelOrder } from './parts/model.ts'

const shape = {
  agent: z.string().min(1).max(40).optional(),
  instructions: z.string().max(60_000).optional(),
  tools: z.array(z.string().min(1).max(100)).max(15).optional(),
  turns: z.int().min(1).max(100).optional(),
}
type Own = { agent?: string; instructions?: string; tools?: string[]; turns?: number }

/** Turns that an agent may take in a visit unless its step says otherwise. */
export const MAX_TURNS = 20

export interface AgentJob {
  kind: 'agent'
  frame: Frame
  /** The agent's key. */
  agent: string
  instructions: string
  /** At most the agent's own; absent: all of these. */
  tools: string[] | undefined
  /** Turns that it may take. */
  turns: number
}

export const agent: Handler<AgentJob, Own> = {
  ...MODEL,
  shape,
  words: {
    who: 'an agent',
    work: 'the agent or its instructions',
    lesson: job => `The agent "${job.agent}" works on tasks here.`,
  },
  read: step => ({
    kind: 'agent',
    frame: step,
    agent: step.agent ?? '',
    instructions: step.instructions ?? '',
    tools: step.tools,
    turns: step.turns ?? MAX_TURNS,
  }),
  texts: step => [
    ...(step.instructions === undefined ? [] : [{ path: ['instructions'], text: step.instructions }]),
    ...filesTexts(step),
  ],
  agents: job => [job.agent],
  lint: (job, path, { known }, report) => {
    lintAgent(job, path, known, report)
    lintTools(job, path, known, report)
    lintSkills(job, path, known, report)
  },
  begin: (job, view) => askModel(job.instructions, job.frame, view),
  order: (job, run, pins) => modelOrder(job.frame, run, pins, { key: job.agent, loop: loopOf(job, run, pins) }),
}

function loopOf({ tools, turns: maxTurns }: AgentJob, run: OrderedRun, { tools: versions, redact }: Pins): Loop {
  const { key, calls, turns, firstTurn } = run
  const facts = run.facts()
  const hidden = hiddenIn(facts.input, redact)
  return { tools: tools ?? null, versions, key, calls, turns, firstTurn, maxTurns, hidden, facts }
}

function lintAgent({ agent: key, instructions }: AgentJob, path: LintPath, { agents }: Known, report: Report): void {
  if (!agents.includes(key)) {
    const fix = suggestion(nearest(key, agents), agents, 'Create the agent first.')
    report.error([...path, 'agent'], 'unknown_agent', `There is no agent \`${key}\` in this team.`, fix)
  }
  if (instructions.trim() === '') {
    const fix = 'Add `instructions` that say what this step is to do.'
    report.warn(path, 'missing_instructions', 'The agent is not told what to do.', fix)
  }
}

/** The agent that a step names, read from a document that may be wrong in every part. */
export function namedAgent(step: unknown): string | null {
  const { agent: key } = (step ?? {}) as { agent?: unknown }
  return typeof key === 'string' ? key : null
}

/** A step may narrow what its agent uses, and never widen it; what an agent was once saved with may be gone. */
function lintTools({ agent: key, tools }: AgentJob, path: LintPath, known: Known, report: Report): void {
  const own = known.tools?.get(key)
  if (own === undefined) return
  const there = known.toolNames
  const gone = there === undefined ? [] : own.filter(tool => !there.includes(tool))
  for (const tool of gone.filter(tool => tools?.includes(tool) ?? true)) {
    const at = tools === undefined ? 'agent' : 'tools'
    const place = tools === undefined ? [] : [tools.indexOf(tool)]
    const message = `The agent \`${key}\` names the tool \`${tool}\`, which this team does not have.`
    const near = suggestion(nearest(tool, there ?? []), there ?? [], 'Make the tool first.')
    report.error([...path, at, ...place], 'unknown_tool', message, `${near} It is mended on the agent’s page.`)
  }
  for (const tool of tools === undefined ? own : []) warnHeldBack(tool, [...path, 'agent'], known, report)
  for (const [index, tool] of (tools ?? []).entries()) {
    warnHeldBack(tool, [...path, 'tools', index], known, report)
    if (own.includes(tool)) continue
    const fix = suggestion(nearest(tool, own), own, 'Leave it out, or give the agent the tool first.')
    report.error([...path, 'tools', index], 'unknown_tool', `The agent \`${key}\` has no tool \`${tool}\`.`, fix)
  }
}

/** What an agent was once saved with may be gone. */
function lintSkills({ agent: key }: AgentJob, path: LintPath, { skills, agentSkills }: Known, report: Report): void {
  for (const skill of skills === undefined ? [] : (agentSkills?.get(key) ?? [])) {
    if (unknownSkill(skill, skills!) === null) continue
    const message = `The agent \`${key}\` names the skill \`${skill}\`, which this team does not have.`
    report.error(
      [...path, 'agent'],
      'unknown_skill',
      message,
      'Write the skill again, or take it away on the agent’s page.',
    )
  }
}
