/** A step as the fields of its form, and back; pure. Both ways lose nothing: what the form does not show stays as it is. */
import {
  HANDLER_SHAPES,
  HANDLERS,
  type HandlerKind,
  handlerFor,
  handlerOf,
  KINDS,
} from '../../domain/handler/registry.ts'
import type { Step } from '../../domain/workflow/definition.ts'
import { SETTINGS } from '../../domain/workflow/parts.ts'
import { pagesFor } from '../editor/handlers/registry.ts'
import { type FormMistake, inOrder, shown, type Values } from './form-values.ts'
import { modelValues } from './params-form.ts'
import { OUTPUT, schemaValues } from './schema-form.ts'
import { readStepSettings } from './step-settings.ts'
import { timesValues } from './times-form.ts'

export function stepValues(step: Step): Values {
  return shown({
    key: step.key,
    name: step.name,
    kind: handlerOf(step),
    ...Object.assign({}, ...KINDS.map(kind => pagesFor(kind).values(workAs(kind, step)))),
    model: step.model,
    skills: step.skills?.join(', '),
    files: step.files?.join(', '),
    ...modelValues(step),
    ...timesValues(step),
    confidence: step.confidence,
    cache: step.cache,
    ...schemaValues(step.output, OUTPUT),
  })
}

/** The handler that the form chooses. */
export function kindOf(values: Values, step: Step): HandlerKind {
  return KINDS.find(one => one === values.kind) ?? handlerOf(step)
}

const ORDER = ['key', 'name', ...Object.keys(HANDLER_SHAPES), ...SETTINGS, 'handoffs']

/** Reads the form over the step as it is: handoffs and unknown keys stay. */
export function readStep(values: Values, before: Step): { ok: true; step: Step } | FormMistake {
  const kind = kindOf(values, before)
  const settings = readStepSettings(values, before, HANDLERS[kind].settings)
  if (!settings.ok) return settings
  const work = pagesFor(kind).read(values, workAs(kind, before))
  if (!work.ok) return work
  const meant = new Set<string>([...Object.keys(HANDLER_SHAPES), ...SETTINGS])
  const rest = Object.fromEntries(Object.entries(before).filter(([key]) => !meant.has(key)))
  const step = {
    ...rest,
    key: values.key?.trim() ?? before.key,
    name: values.name?.trim() || undefined,
    ...work.own,
    ...settings.read,
  }
  return { ok: true, step: inOrder<Step>(step, before, ORDER) }
}

/** The step's work as one kind reads it, whichever handles it. */
function workAs(kind: HandlerKind, step: Step) {
  return handlerFor(kind).read(step) as Parameters<ReturnType<typeof pagesFor>['values']>[0]
}
