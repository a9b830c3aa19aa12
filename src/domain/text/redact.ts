/** What no model is told of a task's input: `redact` of the definition. People and calls see the values. */
import type { Json } from '../json/json.ts'
import type { Scope } from '../template/scope.ts'

/** A value that no model is told, and what stands in its place. */
export interface Hidden {
  text: string
  mark: string
}

/** Shorter texts would be found in words that have nothing to do with them. */
const MASKED_FROM = 4

/** The fields that a path such as `input.person.iban` leads over; null: it is no path into the input. */
export function redactPath(path: string): string[] | null {
  const [root, ...fields] = path.split('.')
  return root === 'input' && fields.length > 0 && !fields.includes('') ? fields : null
}

/** What stands in the place of a hidden field. */
function markOf(fields: string[]): string {
  return `[redacted: ${fields.at(-1)}]`
}

/** What a model may read of a task: the input without these fields, and a title and an item that do not give them away. */
export function redactScope(scope: Scope, paths: readonly string[] = []): Scope {
  if (paths.length === 0) return scope
  const hidden = hiddenIn(scope.input, paths)
  const input = paths.reduce((value, path) => withoutField(value, redactPath(path)), scope.input)
  const task = { ...scope.task, title: hide(scope.task.title, hidden) }
  // An item goes by the name that its step gives it.
  const others = Object.entries(scope).filter(([name]) => !NAMED.includes(name))
  const items = Object.fromEntries(others.map(([name, value]) => [name, hideIn(value as Json, hidden)]))
  return { ...scope, ...items, input, task }
}

/** An input without these fields, and without echoes of them in others. */
export function redactInput(input: Json, paths: readonly string[] = []): Json {
  const bare = paths.reduce((value, path) => withoutField(value, redactPath(path)), input)
  return hideIn(bare, hiddenIn(input, paths))
}

/** What a scope has besides items. Outputs are not masked: what a step puts out was made from what it was told. */
const NAMED = ['input', 'steps', 'last', 'task', 'index']

/** The values of these fields, as texts, longest first. */
export function hiddenIn(input: Json, paths: readonly string[] = []): Hidden[] {
  const found = paths.flatMap(path => {
    const fields = redactPath(path)
    if (fields === null) return []
    return valuesAt(input, fields)
      .flatMap(textsOf)
      .map(text => ({ text, mark: markOf(fields) }))
  })
  return found.filter(({ text }) => text.length >= MASKED_FROM).toSorted((a, b) => b.text.length - a.text.length)
}

/** The value with every echo of what is hidden masked, in names of fields, too. */
export function hideIn(value: Json, hidden: readonly Hidden[]): Json {
  if (hidden.length === 0) return value
  if (typeof value === 'string') return hide(value, hidden)
  if (typeof value === 'number') return hidden.find(({ text }) => text === String(value))?.mark ?? value
  if (Array.isArray(value)) return value.map(item => hideIn(item, hidden))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [hide(name, hidden), hideIn(part, hidden)]))
}

/** As it is, and as JSON and an address spell it. */
function hide(text: string, hidden: readonly Hidden[]): string {
  return hidden.reduce((masking, { text: value, mark }) => {
    const spellings = new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])
    return [...spellings].reduce((one, spelling) => one.replaceAll(spelling, () => mark), masking)
  }, text)
}

/** A copy with a mark in the field's place; a list on the way stands for each of its items. What is not there stays so. */
function withoutField(value: Json, fields: string[] | null, whole = fields): Json {
  if (fields === null || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => withoutField(item, fields, whole))
  const [name, ...rest] = fields
  const part = Object.hasOwn(value, name!) ? value[name!] : undefined
  if (part === undefined || part === null) return value
  return { ...value, [name!]: rest.length === 0 ? markOf(whole!) : withoutField(part, rest, whole) }
}

function valuesAt(value: Json, [name, ...rest]: string[]): Json[] {
  if (Array.isArray(value)) return value.flatMap(item => valuesAt(item, [name!, ...rest]))
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name!)) return []
  const part = value[name!]!
  return rest.length === 0 ? [part] : valuesAt(part, rest)
}

function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}
