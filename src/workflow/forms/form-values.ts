/** What the editor's forms have in common: their values, what is wrong with one, and how words become numbers; pure. */

/** The form's fields as they were sent or are to be shown. */
export type Values = Record<string, string>

export interface FormMistake {
  ok: false
  field: string
  message: string
}

/** What is wrong with a field of the form, if anything is. */
export type ErrorOf = (field: string) => string | undefined

export function mistake(field: string, message: string): FormMistake {
  return { ok: false, field, message }
}

/** The values to show: those that are there, as texts. */
export function shown(values: Record<string, unknown>): Values {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}

/** A field's text as it was typed. */
export function textOf(values: Values, name: string): string | undefined {
  return values[name]?.replaceAll('\r\n', '\n')
}

/** A field's text without the space around it; undefined when it is empty. */
export function wordOf(values: Values, name: string): string | undefined {
  return textOf(values, name)?.trim() || undefined
}

/** Words between commas. */
export function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '')
}

/** undefined: nothing given; null: not a whole number from 1. */
export function wholeOf(text: string | undefined): number | undefined | null {
  const number = numberOf(text)
  return number === undefined || (number !== null && Number.isInteger(number) && number >= 1) ? number : null
}

/** undefined: nothing given; null: not a number. */
export function numberOf(text: string | undefined): number | undefined | null {
  if (text === undefined) return undefined
  const number = Number(text.replace(',', '.'))
  return Number.isFinite(number) ? number : null
}

/** The object without what is undefined. */
export function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T
}

/** Known keys as their author had them, new ones where readers look for them; `undefined` is left out. */
export function inOrder<T extends object>(value: T, before: object, order: readonly string[]): T {
  const known = Object.keys(before)
  const place = (key: string) =>
    known.includes(key) ? known.indexOf(key) : order.includes(key) ? order.indexOf(key) + 0.5 : 99
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.toSorted(([a], [b]) => place(a) - place(b))) as T
}
