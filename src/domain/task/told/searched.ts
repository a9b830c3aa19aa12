/** By what a task is found: the words of its title, key, input and outputs, but for what no model is told. */
import type { Json } from '../../json/json.ts'
import { cut } from '../../text/cut.ts'
import { hiddenIn, hideIn, redactInput } from '../../text/redact.ts'
import type { Definition } from '../../workflow/definition.ts'
import { isBlobRef } from '../context.ts'
import type { TaskState } from '../state.ts'

/** Characters that are kept of an input, and of all outputs: the index is no archive. */
const MAX_INPUT_CHARS = 600
const MAX_OUTPUT_CHARS = 1000

type Found = Pick<TaskState, 'title' | 'key' | 'duplicateOf' | 'input' | 'steps' | 'result' | 'comments'>

/**
 * The words that the task is found by, in lower case. `withOutputs`: what its steps put out, too, the latest first. A
 * duplicate is found by its key, by the task that had it before, and by this very word.
 */
export function wordsOfTask(task: Found, { redact }: Pick<Definition, 'redact'>, withOutputs: boolean): string {
  const { title, key, duplicateOf } = task
  const parts = [title, key ?? '', duplicateOf === null ? '' : `duplicate ${duplicateOf}`, inputOf(task, redact)]
  const said = saidOf(task, redact)
  return [...parts, said, withOutputs ? outputsOf(task, redact) : ''].filter(Boolean).join(' ').toLowerCase()
}

/** What people said, the latest first, unless an echo of what is hidden might stand in it. */
function saidOf({ comments, input }: Found, redact: readonly string[] | undefined): string {
  if (redact !== undefined && isBlobRef(input)) return ''
  const texts = comments.map(({ text }) => text).toReversed()
  return textsIn(hideIn(texts, isBlobRef(input) ? [] : hiddenIn(input, redact)), MAX_OUTPUT_CHARS)
}

/** The texts and numbers of an input, in lower case, as many as are kept; `redact`: the definition's paths. */
export function searchedText(input: Json, redact?: readonly string[]): string {
  return textsIn(redactInput(input, redact), MAX_INPUT_CHARS)
}

/** Of a large input only the beginning of its text is at hand, in which no field can be left out. */
function inputOf({ input }: Found, redact: readonly string[] | undefined): string {
  if (!isBlobRef(input)) return searchedText(input, redact)
  return redact === undefined ? searchedText(input.head) : ''
}

/** A large output is found by its beginning, unless an echo of what is hidden might be cut off there. */
function outputsOf({ input, steps, result }: Found, redact: readonly string[] | undefined): string {
  if (redact !== undefined && isBlobRef(input)) return ''
  const latest = Object.values(steps)
    .toSorted((a, b) => b.visit - a.visit)
    .map(step => step.output)
  const values = [result, ...latest].flatMap((output): Json[] => {
    if (!isBlobRef(output)) return [output]
    return redact === undefined ? [output.head] : []
  })
  const hidden = isBlobRef(input) ? [] : hiddenIn(input, redact)
  return textsIn(hideIn([...new Set(values)], hidden), MAX_OUTPUT_CHARS)
}

function textsIn(value: Json, most: number): string {
  const parts: string[] = []
  let length = 0
  collect(value)
  return cut(parts.join(' ').replace(/\s+/g, ' ').trim().toLowerCase(), most)

  function collect(value: Json): void {
    if (length > most) return
    if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value).slice(0, most)
      length += text.length + 1
      parts.push(text)
    } else if (typeof value === 'object' && value !== null) {
      for (const part of Object.values(value)) collect(part)
    }
  }
}
