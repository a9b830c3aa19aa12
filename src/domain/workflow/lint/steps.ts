/** The lint of steps one by one: keys, handlers, models and durations. */

import type { Surroundings } from '../../handler/handler.ts'
import { outputSchemaOf, partsOf } from '../../handler/of-step.ts'
import { BRANCH_KINDS } from '../../handler/parts/branch.ts'
import {
  HANDLERS,
  type Handled,
  type HandlerKind,
  handlerFor,
  handlerOf,
  KINDS,
  kindsIn,
} from '../../handler/registry.ts'
import { modelName, readModelName, unknownProvider } from '../../models/provider.ts'
import { priceOf } from '../../money.ts'
import { nearest } from '../../nearest.ts'
import { typeAt } from '../../schema/field.ts'
import { unknownSkill } from '../../skill.ts'
import { type Definition, type Step, stepOf } from '../definition.ts'
import { durationMs, MAX_CACHE_MS, RESERVED_KEYS, SETTINGS } from '../parts.ts'
import { lintDuration } from './common.ts'
import { type LintPath, listed, type Report, suggestion } from './item.ts'
import type { Known } from './known.ts'

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
  const around = { known, steps: steps.map(step => step.key), typeOf: (path: string) => typeOfPath(path, definition) }
  for (const [index, step] of steps.entries()) lintStep(step, ['steps', index], around, report)
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

function lintStep(step: Step, path: LintPath, around: Surroundings, report: Report): void {
  lintWork(step, step, path, around, report)
  if (step.human?.labels !== undefined) {
    const fix = 'Leave it out: the labels of a step are those of its handoffs.'
    report.warn([...path, 'human', 'labels'], 'unused_field', '`labels` is for people in branches.', fix)
  }
  const others = { ...around, steps: around.steps.filter(key => key !== step.key) }
  for (const part of partsOf(step)) {
    const own = part.path.reduce<unknown>((whole, key) => (whole as Record<string, unknown>)[key], step)
    lintWork({ ...(own as object), key: part.work.key }, part.work, [...path, ...part.path], others, report)
  }
}

/** Lints what is worked on in a step or in a part of one. `own`: as it is written; `work`: with what it takes from around it. */
function lintWork(own: Handled, work: Handled, path: LintPath, around: Surroundings, report: Report): void {
  const kinds = kindsIn(own)
  if (kinds.length === 1) lintMeant(own, path, report)
  else lintHandlerCount(kinds, path, report)
  for (const kind of kinds) {
    const handler = handlerFor(kind)
    handler.lint(handler.read(work), path, around, report)
  }
  lintModel(own.model, [...path, 'model'], around.known, report)
  for (const [index, model] of (own.fallback ?? []).entries()) {
    lintModel(model, [...path, 'fallback', index], around.known, report)
  }
  for (const [index, skill] of (own.skills ?? []).entries()) {
    const wrong = unknownSkill(skill, around.known.skills ?? [skill])
    if (wrong !== null) report.error([...path, 'skills', index], 'unknown_skill', wrong.message, wrong.fix)
  }
  if (own.files !== undefined) lintFiles(own.model, path, report)
  lintDuration(own.timeout, [...path, 'timeout'], report)
  lintDuration(own.retry?.delay, [...path, 'retry', 'delay'], report)
  lintDuration(own.cache, [...path, 'cache'], report)
  if (own.cache !== undefined && (durationMs(own.cache) ?? 0) > MAX_CACHE_MS) {
    const message = `Answers are kept for 30 days at most, and \`cache\` says ${own.cache}.`
    report.error([...path, 'cache'], 'bad_duration', message, 'Write 30d or less.')
  }
}

function lintHandlerCount(kinds: string[], path: LintPath, report: Report): void {
  const several = kinds.length > 1
  const what = isStep(path) ? 'step' : 'piece of work'
  const message = several
    ? `A ${what} has one handler; this one has ${listed(kinds)}.`
    : `Nothing handles this ${what}.`
  const among = isStep(path) ? KINDS : BRANCH_KINDS
  const fix = several ? `Keep one of them and make the other a ${what} of its own.` : `Add one of ${listed(among)}.`
  report.error(path, 'handler_count', message, fix)
}

function isStep(path: LintPath): boolean {
  return path.length === 2
}

/** Keys that mean nothing to the step's handler: another kind's, or settings that it does not take. */
function lintMeant(step: Handled, path: LintPath, report: Report): void {
  const kind = handlerOf(step)
  for (const [field, kinds] of MEANT_FOR) {
    if (step[field as keyof Handled] === undefined || kinds.includes(kind)) continue
    const fix = `Leave it out; it is for steps with ${listed(kinds)}.`
    report.warn([...path, field], 'unused_field', `\`${field}\` means nothing to a step with \`${kind}\`.`, fix)
  }
}

/** For each key of a step that not every kind knows, the kinds that do. */
const MEANT_FOR: [string, HandlerKind[]][] = [
  ...KINDS.flatMap(kind =>
    Object.keys(HANDLERS[kind].shape)
      .filter(field => field !== kind)
      .map((field): [string, HandlerKind[]] => [field, [kind]]),
  ),
  ...SETTINGS.map((setting): [string, HandlerKind[]] => [
    setting,
    KINDS.filter(kind => HANDLERS[kind].settings.includes(setting)),
  ]),
]

/** Models of which it is known that they see nothing: they are given the text. */
function lintFiles(model: string | undefined, path: LintPath, report: Report): void {
  if (model === undefined || (model !== 'demo' && !/^@(?:cf|hf)\//.test(model))) return
  const message = `The model \`${model}\` takes no files: it is given the text in them, and of a picture or a scan nothing.`
  report.warn([...path, 'files'], 'model_takes_no_files', message, 'Choose a model that sees, such as gpt-5-mini.')
}

function lintModel(model: string | undefined, path: LintPath, known: Known, report: Report): void {
  if (model === undefined || model === 'default') return
  const { models, priced = [], providers } = known
  const wrong = providers === undefined ? null : unknownProvider(model, providers)
  if (wrong !== null) return report.error(path, wrong.code, wrong.message, wrong.fix)
  const kept = modelName(readModelName(model, providers ?? { keys: [], router: false }))
  if (priced.includes(kept) || priced.includes(model) || priceOf(kept) !== null) return
  const message = `The model \`${model}\` has no price here: its cost shows as unknown and a cost limit counts its calls.`
  const fix = suggestion(nearest(model, models), models, 'Check the model’s name.')
  report.warn(path, 'unpriced_model', message, `${fix} Its price is set on the page Prices.`)
}

/** The type that the schemas of input and steps give to a plain path such as `input.score`; undefined: none. */
export function typeOfPath(path: string, definition: Definition): unknown {
  const [root, ...fields] = path.trim().split('.')
  if (root === 'input') return typeAt(definition.input, fields)
  const step = root === 'steps' && fields[1] === 'output' ? stepOf(definition, fields[0] ?? '') : undefined
  return step === undefined ? undefined : typeAt(outputSchemaOf(step) ?? undefined, fields.slice(2))
}
