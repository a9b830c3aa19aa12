/** Texts that several kinds share: what a new step tells a model, and how long a line in the list of steps may be. */
import { shorten } from '../../../domain/text/cut.ts'
import type { Added } from './pages.ts'

const LONGEST = 160

/** Its name says what to do; what came in and what the step before put out stand below. */
export function firstBrief({ name, from }: Added): string {
  const before = from === undefined ? '' : `\n\n{{ steps.${from}.output }}`
  return `${name}.\n\n{{ input }}${before}`
}

/** The text, cut to a line of the list. */
export function lineOf(text: string): string {
  return shorten(text, LONGEST)
}
