/** What a prompt and an agent have in common: one model's answer, checked, labelled and judged by how sure it is. */
import { givenIds } from '../../file/given.ts'
import type { Json } from '../../json/json.ts'
import type { Completed, VisitOutcome } from '../../task/run/outcome.ts'
import { renderText } from '../../template/template.ts'
import { redactScope } from '../../text/redact.ts'
import { CONFIDENCE_FLOOR, cacheMs, type Frame, hasFallback, namedLabels, SETTINGS } from '../../workflow/parts.ts'
import type { AnyJob, EngineLabel, OrderedRun, Pins, Start, TextPlace, View } from '../handler.ts'
import type { Loop, ModelOrder } from '../order.ts'

/** The parts of a handler that are the same for whatever a model answers. */
export const MODEL = {
  settings: SETTINGS,
  gives: ['failed', 'timeout', 'unsure'] as readonly EngineLabel[],
  chooses: 'model' as const,
  spends: 'calls' as const,
  labels: ({ frame }: AnyJob) => namedLabels(frame),
  isJudged: ({ frame }: AnyJob) => isJudged(frame),
  outputSchema: ({ frame }: AnyJob) => frame.output ?? { type: 'string' },
  judge: ({ frame }: AnyJob, outcome: Completed) => judge(frame, outcome),
}

/** A model is asked how sure it is where it must choose, or where the step sets a floor. */
function isJudged(frame: Frame): boolean {
  return frame.confidence !== undefined || namedLabels(frame).length > 0
}

/** Below the floor an answer counts as unsure. */
function judge(frame: Frame, { handoff, confidence = 0 }: Completed): VisitOutcome {
  if (isJudged(frame) && confidence < (frame.confidence ?? CONFIDENCE_FLOOR)) return { kind: 'unsure' }
  return { kind: 'completed', label: handoff }
}

/** One run that asks a model this, with the values of the task in place but for those that no model is told. */
export function askModel(template: string, { files: named = [] }: Frame, view: View): Start[] {
  const scope = redactScope(view.scope(), view.redact)
  const rendered = renderText(template, scope)
  if (!rendered.ok) return [failedBy(rendered.message)]
  const files = named.length === 0 ? [] : givenIds(named, scope)
  if ('message' in files) return [failedBy(files.message)]
  return [{ kind: 'due', prompt: rendered.text, ...(files.length > 0 && { files }) }]
}

function failedBy(message: string): Start {
  return { kind: 'failed', failure: { code: 'template', message, retryable: false } }
}

/** The templates for the files that a step gives, and where they stand. */
export function filesTexts(step: object): TextPlace[] {
  const { files = [] } = step as Pick<Frame, 'files'>
  return files.map((text, index) => ({ path: ['files', String(index)], text }))
}

/** The order for one answer; `agent` is the one that gives it, with what it may do besides. */
export function modelOrder(
  frame: Frame,
  { prompt, files }: OrderedRun,
  pins: Pins,
  agent: { key: string; loop: Loop } | null,
): ModelOrder {
  return {
    kind: 'model',
    agent: agent === null ? null : { key: agent.key, version: pins.agents[agent.key] ?? 0 },
    messages: [{ role: 'user', text: prompt }],
    ...(files.length > 0 && { files }),
    loop: agent?.loop ?? null,
    model: pins.instead ?? frame.model ?? pins.model ?? null,
    usual: pins.usual ?? null,
    // What would answer in its place may be dearer than what a person chose.
    fallback: pins.instead === undefined ? (frame.fallback ?? []) : [],
    params: frame.params ?? {},
    skills: { names: frame.skills ?? [], versions: pins.skills },
    timeoutMs: pins.timeoutMs,
    schema: (frame.output as Record<string, Json> | undefined) ?? null,
    labels: choicesOf(frame),
    judged: isJudged(frame),
    cacheMs: cacheMs(frame),
  }
}

/** A model must choose one of the step's labels, or `default` where there is a fallback. */
function choicesOf(frame: Frame): string[] {
  const labels = namedLabels(frame)
  return labels.length > 0 && hasFallback(frame) ? [...labels, 'default'] : labels
}
