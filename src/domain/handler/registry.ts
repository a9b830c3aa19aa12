/** The kinds of handler there are. A new kind is a file beside this one, its import and its name below. */
import type { z } from 'zod'
import type { Frame } from '../workflow/parts.ts'
import { agent } from './agent.ts'
import type { AnyJob, Handler } from './handler.ts'
import { http } from './http.ts'
import { human } from './human.ts'
import { map } from './map.ts'
import { parallel } from './parallel.ts'
import { prompt } from './prompt.ts'
import { rule } from './rule.ts'
import { tool } from './tool.ts'
import { wait } from './wait.ts'
import { workflow } from './workflow.ts'

/** In the order in which a definition lists them. */
export const HANDLERS = { prompt, agent, human, http, tool, wait, rule, parallel, map, workflow }

export type HandlerKind = keyof typeof HANDLERS
export const KINDS = Object.keys(HANDLERS) as HandlerKind[]

type JobOfHandler<H> = H extends Handler<infer J, infer _> ? J : never
/** A step's work, by kind. */
export type JobOf<K extends HandlerKind> = JobOfHandler<(typeof HANDLERS)[K]>
export type Job = JobOf<HandlerKind>

type Shapes = (typeof HANDLERS)[HandlerKind]['shape']
type Both<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer All) => void ? All : never
/** The keys that all kinds add to a step, as zod reads them. */
export const HANDLER_SHAPES = Object.assign({}, ...Object.values(HANDLERS).map(({ shape }) => shape)) as Both<Shapes>
type Own = { [K in keyof Both<Shapes>]?: z.infer<Both<Shapes>[K]> }

/** A step, or whatever else names a handler. */
export type Handled = Frame & Own

/** Which kind handles a step. One that a lint has not seen may name several, or none: then it counts as a prompt. */
export function handlerOf(step: Own): HandlerKind {
  return kindsIn(step).at(-1) ?? 'prompt'
}

/** Every kind that the step names: a sound one names one. */
export function kindsIn(step: Own): HandlerKind[] {
  return KINDS.filter(kind => step[kind] !== undefined)
}

/** The rules of a kind. The job that it is then asked about must be of that kind. */
export function handlerFor(kind: HandlerKind): Handler<AnyJob, Own> {
  return HANDLERS[kind] as unknown as Handler<AnyJob, Own>
}

/** A step's work, as its kind reads it. */
export function jobOf(step: Handled): Job {
  return handlerFor(handlerOf(step)).read(step) as Job
}
