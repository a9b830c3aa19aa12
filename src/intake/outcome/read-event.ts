/** The name and the key of the event that an intake's templates make of what came. */
import type { Json } from '../../domain/json/json.ts'
import { businessKey } from '../../domain/task/business-key.ts'
import { cleanLine } from '../../domain/text/clean.ts'
import type { IntakeConfig } from '../../records/schema/intake-config.ts'
import { MAX_EVENT_NAME } from '../../task/outside-event.ts'

export type Rendered = { ok: true; value: Json } | { ok: false; message: string }

/** What came of the templates, or which of them did not serve and why. */
export type EventRead =
  | { ok: true; event: { name: string; key: string } }
  | { ok: false; part: 'name' | 'key'; message: string }

/** Reads both; `render` renders a template over what came. What is one value of another type is written out. */
export function readEvent(
  { name, key }: NonNullable<IntakeConfig['event']>,
  render: (template: string) => Rendered,
): EventRead {
  const named = textOf(render(name))
  if (!named.ok) return { ok: false, part: 'name', message: named.message }
  const keyed = textOf(render(key))
  if (!keyed.ok) return { ok: false, part: 'key', message: keyed.message }
  const event = cleanLine(named.text)
  if (event === '' || event.length > MAX_EVENT_NAME) {
    const what = event === '' ? 'nothing' : `over ${MAX_EVENT_NAME} characters`
    return { ok: false, part: 'name', message: `it came to ${what}` }
  }
  const found = businessKey(keyed.text)
  if (found === null) return { ok: false, part: 'key', message: 'it came to nothing, or to over 200 characters' }
  return { ok: true, event: { name: event, key: found } }
}

function textOf(rendered: Rendered): { ok: true; text: string } | { ok: false; message: string } {
  if (!rendered.ok) return rendered
  const { value } = rendered
  return { ok: true, text: typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value) }
}
