/** The lint of steps one by one: keys, handlers, models, agents and durations. */
import { priceOf } from '../../money.ts'
import { nearest } from '../../nearest.ts'
import { type Definition, durationMs, HANDLERS, handlerOf, RESERVED_KEYS, type Step } from '../definition.ts'
import type { Known } from '../lint.ts'
import { type LintPath, listed, type Report, suggestion } from './item.ts'

/** Keys of a step that mean something only to some handlers. */
const MEANT_FOR: Partial<Record<keyof Step, readonly (typeof HANDLERS)[number][]>> = {
  instructions: ['agent'],
  tools: ['agent'],
  model: ['prompt', 'agent'],
  timeout: ['prompt', 'agent'],
  retry: ['prompt', 'agent'],
  confidence: ['prompt', 'agent'],
  output: ['prompt', 'agent'],
}

/** Lints each step, and the settings that steps take their values from. */
export function lintSteps(definition: Definition, known: Known, report: Report): void {
  const { steps, defaults, limits } = definition
  if (steps.length === 0)
    report.error(['steps'], 'no_steps', 'There are no steps.', 'Add a step with a `prompt`, an `agent` or a `human`.')
  lintKeys(steps, report)
  lintModel(defaults?.model, ['defaults', 'model'], known, report)
  lintDuration(defaults?.timeout, ['defaults', 'timeout'], report)
  lintDuration(defaults?.retry?.delay, ['defaults', 'retry', 'delay'], report)
  lintDuration(limits?.duration, ['limits', 'duration'], report)
  for (const [index, step] of steps.entries()) lintStep(step, ['steps', index], known, report)
}

function lintKeys(steps: Step[], report: Report): void {
  const seen = new Set<string>()
  for (const [index, { key }] of steps.entries()) {
    const path = ['steps', index, 'key']
    if ((RESERVED_KEYS as readonly string[]).includes(key)) {
      report.error(
        path,
        'reserved_key',
        `\`${key}\` is a word of the format and cannot be a step’s key.`,
        'Choose another key.',
      )
    }
    if (seen.has(key))
      report.error(path, 'duplicate_key', `Two steps have the key \`${key}\`.`, 'Give one of them another key.')
    seen.add(key)
  }
}

function lintStep(step: Step, path: LintPath, known: Known, report: Report): void {
  const handlers = HANDLERS.filter(handler => step[handler] !== undefined)
  if (handlers.length === 1) lintMeant(step, path, report)
  else lintHandlerCount(handlers, path, report)
  lintAgent(step, path, known, report)
  lintTools(step, path, known, report)
  lintModel(step.model, [...path, 'model'], known, report)
  lintDuration(step.timeout, [...path, 'timeout'], report)
  lintDuration(step.retry?.delay, [...path, 'retry', 'delay'], report)
  lintDuration(step.human?.due, [...path, 'human', 'due'], report)
}

function lintHandlerCount(handlers: string[], path: LintPath, report: Report): void {
  const several = handlers.length > 1
  const message = several ? `A step has one handler; this one has ${listed(handlers)}.` : 'Nothing handles this step.'
  const fix = several ? 'Keep one of them and make the other a step of its own.' : `Add one of ${listed(HANDLERS)}.`
  report.error(path, 'handler_count', message, fix)
}

function lintMeant(step: Step, path: LintPath, report: Report): void {
  const handler = handlerOf(step)
  for (const [field, handlers] of Object.entries(MEANT_FOR)) {
    if (step[field as keyof Step] === undefined || handlers.includes(handler)) continue
    const fix = `Leave it out; it is for steps with ${listed(handlers)}.`
    report.warn([...path, field], 'unused_field', `\`${field}\` means nothing to a step with \`${handler}\`.`, fix)
  }
}

function lintAgent({ agent, instructions }: Step, path: LintPath, { agents }: Known, report: Report): void {
  if (agent === undefined) return
  if (!agents.includes(agent)) {
    const fix = suggestion(nearest(agent, agents), agents, 'Create the agent first.')
    report.error([...path, 'agent'], 'unknown_agent', `There is no agent \`${agent}\` in this team.`, fix)
  }
  if (instructions === undefined || instructions.trim() === '') {
    const fix = 'Add `instructions` that say what this step is to do.'
    report.warn(path, 'missing_instructions', 'The agent is not told what to do.', fix)
  }
}

/** A step may narrow what its agent uses, and never widen it. */
function lintTools({ agent, tools = [] }: Step, path: LintPath, known: Known, report: Report): void {
  const own = agent === undefined ? undefined : known.tools?.get(agent)
  if (own === undefined) return
  for (const [index, tool] of tools.entries()) {
    if (own.includes(tool)) continue
    const fix = suggestion(nearest(tool, own), own, 'Leave it out, or give the agent the tool first.')
    report.error([...path, 'tools', index], 'unknown_tool', `The agent \`${agent}\` has no tool \`${tool}\`.`, fix)
  }
}

function lintModel(model: string | undefined, path: LintPath, { models }: Known, report: Report): void {
  if (model === undefined || model === 'default' || models.includes(model) || priceOf(model) !== null) return
  const message = `The model \`${model}\` has no price here: its cost shows as unknown and a cost limit counts its calls.`
  report.warn(path, 'unknown_model', message, suggestion(nearest(model, models), models, 'Check the model’s name.'))
}

function lintDuration(text: string | undefined, path: LintPath, report: Report): void {
  if (text === undefined || (durationMs(text) ?? 0) > 0) return
  report.error(path, 'bad_duration', `\`${text}\` is not a length of time.`, 'Write it like `90s`, `5m`, `2h` or `3d`.')
}
