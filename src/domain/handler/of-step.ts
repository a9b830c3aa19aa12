/** What the rest of the product asks of a step, whatever handles it: labels, texts, agents, outputs. */
import type { JsonSchema } from '../json/json.ts'
import { BUILT_IN_TOOLS } from '../tools/built-in.ts'
import type { AnyJob, EngineLabel, Handler, Part, StepReference, TextPlace } from './handler.ts'
import { type Handled, type HandlerKind, handlerFor, jobOf, KINDS, kindsIn } from './registry.ts'

function read(step: Handled): { handler: Handler<AnyJob>; job: AnyJob } {
  const job = jobOf(step)
  return { handler: handlerFor(job.kind as HandlerKind), job }
}

/** The labels that a person or model chooses from, in order; none where nobody chooses. */
export function labelsOf(step: Handled): string[] {
  const { handler, job } = read(step)
  return handler.chooses === null ? [] : handler.labels(job)
}

/** The labels that a visit which completed may bear. */
export function outcomesOf(step: Handled): string[] {
  const { handler, job } = read(step)
  return handler.labels(job)
}

/** The engine's labels that the step may end with. */
export function givesOf(step: Handled): readonly EngineLabel[] {
  return read(step).handler.gives
}

/** Who chooses among the step's labels. */
export function chooserOf(step: Handled): 'person' | 'model' | null {
  return read(step).handler.chooses
}

/** Whether a model is asked how sure it is. */
export function isJudged(step: Handled): boolean {
  const { handler, job } = read(step)
  return handler.isJudged?.(job) ?? false
}

/** What later steps read as the step's output; null: what a person saw or edited, another step's. */
export function outputSchemaOf(step: Handled): JsonSchema | null {
  const { handler, job } = read(step)
  return handler.outputSchema(job)
}

/** Whether its work is one call, whose result is its output. */
export function isOneCall(step: Handled): boolean {
  return read(step).handler.happened !== undefined
}

/** What an empty column says of what will happen in it. */
export function lessonOf(step: Handled): string {
  const { handler, job } = read(step)
  return handler.words.lesson(job)
}

/** The pieces of work that the step consists of besides itself: its branches, or what is done with each item. */
export function partsOf(step: Handled): (Part & { work: Handled })[] {
  return kindsIn(step).flatMap(kind => {
    const { spread, read } = handlerFor(kind)
    return spread?.parts(read(step)) ?? []
  })
}

/** The step, and all that is read like one inside it. */
function withParts(step: Handled): Handled[] {
  return [step, ...partsOf(step).map(part => part.work)]
}

function saidOf(
  step: Handled,
  say: (handler: Handler<AnyJob>, job: AnyJob) => string | null | undefined,
): string | null {
  const said = withParts(step).flatMap(one => {
    const { handler, job } = read(one)
    return say(handler, job) ?? []
  })
  return said.length === 0 ? null : said.join(' ')
}

/** What the step calls, in words; null: a person or a model does its work, or nobody. */
export function callsOf(step: Handled): string | null {
  return saidOf(step, (handler, job) => handler.words.calls?.(job))
}

/** Names of the tools that these steps call themselves, each once. */
export function toolsIn(steps: readonly Handled[]): string[] {
  return [...new Set(steps.flatMap(toolsOf))]
}

/** The models that these steps name, those that answer in another's place too, each once. */
export function modelsIn(steps: readonly Handled[]): string[] {
  const frames = steps.flatMap(withParts).map(step => read(step).job.frame)
  const named = frames.flatMap(({ model, fallback = [] }) => [model ?? 'default', ...fallback])
  return [...new Set(named)].filter(name => name !== 'default')
}

/** The workflows that these steps start, as they are written, each once. */
export function workflowsIn(steps: readonly Handled[]): string[] {
  const uses = steps.flatMap(withParts).flatMap(step => {
    const { handler, job } = read(step)
    return handler.workflows?.(job) ?? []
  })
  return [...new Set(uses)]
}

/** Who decides at the step, and by which rules; null: nobody does. */
export function ruleOf(step: Handled): string | null {
  return saidOf(step, (handler, job) => handler.words.rule?.(job))
}

/** By when the step must be done, and what happens then; null: it has no due time. */
export function lateOf(step: Handled): string | null {
  return saidOf(step, (handler, job) => handler.words.late?.(job))
}

/** Keys of the agents that these steps name, each once. */
export function agentsIn(steps: readonly Handled[]): string[] {
  const keys = steps.flatMap(withParts).flatMap(step => {
    const { handler, job } = read(step)
    return handler.agents?.(job) ?? []
  })
  return [...new Set(keys)]
}

/** Whom these steps name to decide: roles, addresses and guests, as they are written. */
export function assignsIn(steps: readonly Handled[]): string[] {
  return steps.flatMap(withParts).flatMap(step => {
    const { handler, job } = read(step)
    return handler.assigns?.(job) ?? []
  })
}

/**
 * Whether the step, or what works in it, changes something outside. `agentTools`: what agents may use, by their key; of a tool
 * that is not Baton's own it is not known that it only reads.
 */
export function actsOutside(step: Handled, agentTools: ReadonlyMap<string, readonly string[]>): boolean {
  const tools = [...toolsOf(step), ...agentsIn([step]).flatMap(key => agentTools.get(key) ?? [])]
  const readsOnly = (name: string) =>
    Object.hasOwn(BUILT_IN_TOOLS, name) && BUILT_IN_TOOLS[name as keyof typeof BUILT_IN_TOOLS].effect === 'read'
  if (tools.some(name => !readsOnly(name))) return true
  return withParts(step).some(one => {
    const { handler, job } = read(one)
    return handler.acts?.(job) ?? false
  })
}

/** What the steps name, such as tools or agents, each with the keys of the steps that name it. */
export function namedBy<S extends Handled & { key: string }>(
  steps: readonly S[],
  namesOf: (step: S) => string[],
): Map<string, string[]> {
  const named = new Map<string, string[]>()
  for (const step of steps)
    for (const name of new Set(namesOf(step))) named.set(name, [...(named.get(name) ?? []), step.key])
  return named
}

/** Keys of the skills that the step, and what works in it, name; an agent's own are for its version to say. */
export function skillsOf(step: Handled): string[] {
  return [...new Set(withParts(step).flatMap(one => one.skills ?? []))]
}

/** Models that the step, and what works in it, asks for or falls back on, as they are named. */
export function modelsOf(step: Handled): string[] {
  const named = withParts(step).flatMap(one => [
    ...(one.model === undefined ? [] : [one.model]),
    ...(one.fallback ?? []),
  ])
  return [...new Set(named)]
}

/** The same of all steps. */
export function skillsIn(steps: readonly Handled[]): string[] {
  return [...new Set(steps.flatMap(skillsOf))]
}

/** Names of the tools that the step itself calls. */
export function toolsOf(step: Handled): string[] {
  return withParts(step).flatMap(one => {
    const { handler, job } = read(one)
    return handler.tools?.(job) ?? []
  })
}

/** The step's templates, those of kinds that do not handle it included. */
export function textsOf(step: Handled): TextPlace[] {
  const own = KINDS.flatMap(kind => handlerFor(kind).texts(step))
  const inside = partsOf(step).flatMap(({ path, work, names, over }) =>
    textsOf(work).map(place => ({ ...place, path: [...path, ...place.path], ...(names && { names, over }) })),
  )
  return [...own, ...inside]
}

/** The step with the workflows that it, and what works in it, starts called otherwise; null: that one stays. */
export function withStarts<S extends Handled>(step: S, called: (use: string) => string | null): S {
  const places = [{ path: [] as string[], work: step as Handled }, ...partsOf(step)]
  return places.reduce((whole, { path, work }) => {
    const name = work.workflow === undefined ? null : called(work.workflow.use)
    return name === null ? whole : withPlace(whole, [...path, 'workflow', 'use'], name)
  }, step)
}

/** Where the step's handlers name other steps. */
export function referencesOf(step: Handled): StepReference[] {
  const own = KINDS.flatMap(kind => handlerFor(kind).references?.(step) ?? [])
  const inside = partsOf(step).flatMap(({ path, work }) =>
    referencesOf(work).map(place => ({ ...place, path: [...path, ...place.path] })),
  )
  return [...own, ...inside]
}

/** The step with `value` at this path of it; `undefined` takes the place away. Objects on the way must be there. */
export function withPlace<S extends object>(step: S, [key, ...rest]: string[], value: unknown): S {
  if (key === undefined) return step
  if (Array.isArray(step))
    return step.map((item, at) => (String(at) === key ? placed(item, rest, value) : item)) as unknown as S
  if (rest.length > 0) {
    return { ...step, [key]: withPlace((step as Record<string, object>)[key]!, rest, value) }
  }
  if (value !== undefined) return { ...step, [key]: value }
  const { [key]: _gone, ...others } = step as Record<string, unknown>
  return others as S
}

function placed(item: unknown, rest: string[], value: unknown): unknown {
  return rest.length === 0 ? value : withPlace(item as object, rest, value)
}
