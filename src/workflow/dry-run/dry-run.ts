/**
 * A draft run once, in memory: models are asked as ever, everything else that would reach the outside is made up. No task is
 * made, so there is nothing that a board could show, a queue could send or people could be told of.
 */
import { shownCall } from '../../domain/call/shown.ts'
import { ONLY_CALL, type OrderOf } from '../../domain/handler/order.ts'
import type { Json } from '../../domain/json/json.ts'
import { answerOf, type Script, sampleFor } from '../../domain/rehearsal/answers.ts'
import { Rehearsal } from '../../domain/rehearsal/rehearsal.ts'
import type { CallNote, Command, Refusal, Work } from '../../domain/task/commands.ts'
import type { Actor } from '../../domain/task/events.ts'
import { documentOf, type TaskDocument } from '../../domain/task/told/document/document.ts'
import { storyOf } from '../../domain/task/told/story.ts'
import type { Definition } from '../../domain/workflow/definition.ts'
import type { Env } from '../../env.ts'
import { triedRun } from '../../execution/gate/tried-run.ts'
import { perform } from '../../execution/orders/perform.ts'
import { type Note, withReceipt } from '../../execution/tools/receipt.ts'
import type { Result, Tool } from '../../execution/tools/tool.ts'
import { sha256 } from '../../task/object/task-log.ts'
import type { Report } from '../../task/rpc.ts'
import { termsOfTask } from '../../team/limits/terms.ts'
import { currentPins, pin } from '../publish.ts'

/** What is run, and what was said beforehand of how it goes. */
export interface DryRunAsked extends Script {
  workflow: string
  definition: Definition
  agents: Record<string, number>
  input: Json
  by: Actor
}

/** Something that a task would have done to the outside. */
export interface Effect {
  /** null: a question to people, not a call. */
  tool: string | null
  step: string
  /** Whoever is asked, or what the call sends; secrets by their names. */
  to: string[]
  args: Json
  /** What people chose, in their place. */
  chose: string | null
}

export interface DryRun {
  document: TaskDocument
  /** In the order that they came in. */
  effects: Effect[]
  /** Why it was broken off; null: it went to its end, or to where a task would stand still. */
  broken: string | null
}

/** It is broken off after so much work, and after so long, in ms. */
const MOST_WORK = 100
const MOST_MS = 240_000
/** Tools that read what Baton has itself, and nothing else. */
const READS_OWN = ['read_context', 'find_tasks']

/** Runs the draft once. Throws only when Baton's own storage fails; a refusal says why it cannot begin. */
export async function dryRun(env: Env, team: string, asked: DryRunAsked): Promise<DryRun | Refusal> {
  const { definition, workflow, agents, input, by } = asked
  const pinned = pin({ workflow, definition, agents }, 0, await currentPins(env.DB, team, definition))
  const now = Date.now()
  const chance = { now, sha256, token: () => crypto.randomUUID(), random: Math.random }
  const rehearsal = new Rehearsal(pinned, chance)
  const terms = await termsOfTask(env.DB, team, JSON.stringify(pinned))
  const command = {
    task: 'tsk_dry_run',
    team,
    input,
    source: { kind: 'hand' as const },
    terms,
    duplicates: 'allow' as const,
  }
  const refused = rehearsal.begin(command, by)
  if (refused !== null) return refused
  const effects: Effect[] = []
  const broken = await play(rehearsal, asked, effects, { env, team })
  const story = storyOf(rehearsal.state!, rehearsal.rows, definition, rehearsal.now, () => null)
  const document = documentOf(story, { detail: 'full', inputs: true, log: false, people: true })
  return { document, effects, broken }
}

interface Stage {
  env: Env
  team: string
}

/** Plays it to its end; null, or why it was broken off. */
async function play(rehearsal: Rehearsal, script: Script, effects: Effect[], stage: Stage): Promise<string | null> {
  const began = Date.now()
  const asked = new Map<string, number>()
  for (let count = 0; count < MOST_WORK; count++) {
    if (Date.now() - began > MOST_MS) return `It was broken off after ${MOST_MS / 60_000} minutes.`
    const need = rehearsal.next()
    if (need.kind === 'end') return null
    const step = rehearsal.state!.visit.step
    if (need.kind === 'work') {
      const held = await work(rehearsal, need.work, script, effects, stage)
      if (held !== null) return held
    } else if (need.kind === 'event') {
      const [name] = need.names
      rehearsal.apply({ type: 'event', name: name!, data: script.answers[step] ?? {} })
    } else {
      const times = asked.get(step) ?? 0
      const { command, actor } = answerOf(step, need.run, times, script)
      asked.set(step, times + 1)
      const { ask } = need.run.phase
      effects.push({ tool: null, step, to: ask.assignees, args: ask.instructions, chose: command.handoff })
      const refused = rehearsal.apply(command, actor)
      if (refused !== null) return notDecided(step, command, refused)
    }
  }
  return `It was broken off after ${MOST_WORK} pieces of work: it may run in circles.`
}

function notDecided(step: string, { handoff }: Extract<Command, { type: 'decide' }>, refusal: Refusal): string {
  const has = refusal.kind === 'unknown_label' ? ` It has ${refusal.labels.map(label => `“${label}”`).join(', ')}.` : ''
  return `The question at “${step}” does not take the answer “${handoff}” (${refusal.kind}).${has}`
}

/** Has one run worked on and reports it; null, or why it can go no further. */
async function work(
  rehearsal: Rehearsal,
  work: Work,
  script: Script,
  effects: Effect[],
  stage: Stage,
): Promise<string | null> {
  const { visit, run, attempt, lease, step } = work
  const ref = { visit, run, attempt, lease }
  const note = async (told: CallNote) => {
    if ('called' in told) effects.push({ tool: told.called.tool, step, to: [], args: told.called.args, chose: null })
    return rehearsal.apply({ type: 'note', note: told, ...ref }) === null && isLeased(rehearsal, lease)
  }
  const report = await done(work, script, note, stage)
  if (report === null) return null
  if (report.kind === 'hold') return `${report.message} ${report.fix}`
  const { outcome, usage } = report
  rehearsal.apply({ type: 'report', outcome, usage, chain: false, ...ref })
  return null
}

/** A note may have put the run back, or people before it. */
function isLeased({ state }: Rehearsal, lease: string): boolean {
  return state!.visit.runs.some(({ phase }) => phase.name === 'claimed' && phase.lease === lease)
}

/** What one piece of work comes to: a model's own answer, and what everything else would say. */
async function done(work: Work, { answers }: Script, note: Note, stage: Stage): Promise<Report | null> {
  const { order, step } = work
  if (order.kind === 'model') return asked({ ...work, order }, answers[step], note, stage)
  return order.kind === 'start' ? started(order, answers[step], note) : called(order, answers[step], note)
}

function asked(
  work: Work & { order: OrderOf<'model'> },
  answer: Json | undefined,
  note: Note,
  { env, team }: Stage,
): Promise<Report | null> {
  const performing = { team, chain: false, note, gate: triedRun(env, team), standIn: standInFor(answer) }
  // An answer of before would say nothing of this draft, and this one is nobody else's.
  return perform({ ...work, order: { ...work.order, cacheMs: null } }, performing, env)
}

async function started({ use, input }: OrderOf<'start'>, answer: Json | undefined, note: Note): Promise<Report> {
  await note({ called: { call: ONLY_CALL, tool: use, args: input, safe: true, key: null } })
  return completed({ task: 'tsk_dry_run_child', status: 'done', result: answer ?? {} })
}

async function called(order: OrderOf<'http' | 'tool'>, answer: Json | undefined, note: Note): Promise<Report | null> {
  const tool = order.kind === 'http' ? 'http' : order.tool
  const call = { call: ONLY_CALL, tool, args: argsOf(order), safe: true, key: order.key }
  const result = await withReceipt(note, call, async () => async () => madeUp(order, answer))
  return result === null || result === 'away' || result.kind === 'failed' ? null : completed(result.result)
}

function completed(output: Json): Report {
  return { kind: 'outcome', outcome: { kind: 'completed', output }, usage: null, chain: false }
}

function argsOf(order: OrderOf<'http' | 'tool'>): Json {
  if (order.kind === 'tool') return order.args
  return shownCall(order.call, order.key) as unknown as Json
}

function madeUp(order: OrderOf<'http' | 'tool'>, answer: Json | undefined): Result {
  const body = answer ?? sampleFor(order.schema)
  return order.kind === 'http'
    ? { kind: 'done', result: { status: 200, headers: {}, body }, status: 200 }
    : { kind: 'done', result: body }
}

/** Calls nothing; what only reads what Baton has is itself. */
function standInFor(answer: Json | undefined) {
  return (tool: Tool): Tool =>
    READS_OWN.includes(tool.spec.name)
      ? tool
      : { ...tool, ready: async () => async () => ({ kind: 'done', result: answer ?? { ok: true } }) }
}
