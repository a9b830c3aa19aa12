/** Files that a step gives to its model: which they are by the step's templates, and how they go to a model that sees them. */
import type { Json } from '../json/json.ts'
import type { Scope } from '../template/scope.ts'
import { renderValue } from '../template/template.ts'

/** A file that a run gives to its model. */
export interface GivenFile {
  id: string
  name: string
  type: string
  bytes: number
  text: string | null
}

/** Files that one step may give. */
export const MAX_GIVEN = 10

/** Whether models that see take files of this type as they are; of others they are given the text. */
export function isSeen(type: string): boolean {
  return type === 'application/pdf' || /^image\/(?:png|jpeg|gif|webp)$/.test(type)
}

/** The ids that a step's templates come to; what is empty is no file. A text says what is wrong with them. */
export function givenIds(templates: readonly string[], scope: Scope): string[] | { message: string } {
  const { files = [] } = scope
  const rendered = renderValue([...templates], lean(scope as unknown as Json) as unknown as Scope)
  if (!rendered.ok) return { message: rendered.message }
  const ids: string[] = []
  for (const value of (rendered.value as Json[]).flat()) {
    if (value === null || value === '') continue
    const id = typeof value === 'object' && !Array.isArray(value) ? value.id : value
    const known = files.some(file => (file as { id?: Json }).id === id)
    if (typeof id !== 'string' || !known) return { message: NO_FILE }
    if (!ids.includes(id)) ids.push(id)
  }
  return ids.length > MAX_GIVEN ? { message: `A step gives ${MAX_GIVEN} files at most to its model.` } : ids
}

const NO_FILE =
  '`files` names something that is no file of the task: write {{ files }}, {{ files[0] }} or {{ input.… }}.'

/**
 * What a template comes to with each file in it named by its id, for those who look it up again: a text that nobody asked
 * for would count as rendered, and be kept once more.
 */
export function renderNamingFiles(template: Json, scope: Scope): ReturnType<typeof renderValue> {
  const { files = [] } = scope
  if (files.length === 0) return renderValue(template, scope)
  const readsText = /\btext\b/.test(JSON.stringify(template))
  const rendered = renderValue(template, readsText ? scope : (lean(scope as unknown as Json) as unknown as Scope))
  const known = new Set(files.map(file => (file as { id: Json }).id))
  return rendered.ok ? { ...rendered, value: named(rendered.value, known) } : rendered
}

function named(value: Json, known: ReadonlySet<Json>): Json {
  if (Array.isArray(value)) return value.map(item => named(item, known))
  if (typeof value !== 'object' || value === null) return value
  if (known.has(value.id ?? null) && typeof value.sha256 === 'string') return value.id as Json
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, named(inner as Json, known)]))
}

/** The value with no texts of files in it, which would count as rendered. */
function lean(value: Json): Json {
  if (Array.isArray(value)) return value.map(lean)
  if (typeof value !== 'object' || value === null) return value
  if (typeof value.id === 'string' && typeof value.sha256 === 'string') return { ...value, text: null }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, lean(inner as Json)]))
}
