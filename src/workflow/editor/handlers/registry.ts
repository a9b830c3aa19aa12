/** The kinds of handler as the editor shows them, beside domain/handler/registry.ts: a kind without its pages does not compile. */
import { type HandlerKind, jobOf } from '../../../domain/handler/registry.ts'
import type { Step } from '../../../domain/workflow/definition.ts'
import { agent } from './agent.tsx'
import { http } from './http.tsx'
import { human } from './human.tsx'
import { map } from './map.tsx'
import type { HandlerPages } from './pages.ts'
import { parallel } from './parallel.tsx'
import { prompt } from './prompt.tsx'
import { rule } from './rule.tsx'
import { tool } from './tool.tsx'
import { wait } from './wait.tsx'
import { workflow } from './workflow.tsx'

const PAGES: { [K in HandlerKind]: HandlerPages<K> } = {
  prompt,
  agent,
  human,
  http,
  tool,
  wait,
  rule,
  parallel,
  map,
  workflow,
}

/** What a kind says of itself. The job that it is then asked about must be of that kind. */
export function pagesFor(kind: HandlerKind): HandlerPages<HandlerKind> {
  return PAGES[kind] as HandlerPages<HandlerKind>
}

/** What the list of steps says that a step does. */
export function lineFor(step: Step): string {
  const job = jobOf(step)
  return pagesFor(job.kind).line(job)
}
