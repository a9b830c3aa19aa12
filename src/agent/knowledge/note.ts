/** A correction as a note for the agent whose draft was corrected: a line of the text that holds all of its notes, for a person to put right. */
import type { CorrectionRow } from '../../records/task/reviews/learned.ts'

type Noted = Pick<CorrectionRow, 'step' | 'why' | 'field' | 'was' | 'became' | 'note'>

/** The correction that an address names, `at.task.seq.n`; null: it names none. */
export function readCorrection(text: string): Pick<CorrectionRow, 'at' | 'task' | 'seq' | 'n'> | null {
  const match = /^(\d{1,15})\.(\w{1,60})\.(\d{1,9})\.(\d{1,4})$/.exec(text)
  return match ? { at: Number(match[1]), task: match[2]!, seq: Number(match[3]), n: Number(match[4]) } : null
}

/** The key of the text that holds an agent's notes. */
export function notesKey({ agent }: { agent: string }): string {
  return `${agent.slice(0, 34)}_notes`
}

/** The note, in one line. */
export function noteOf({ step, why, field, was, became, note }: Noted): string {
  const where = field === '' ? step : `${step}, ${field}`
  const reason = note === null ? '' : ` Why: ${inLine(note)}`
  return `- At ${where}: ${WHAT[why](inLine(was), inLine(became))}${reason}`
}

const WHAT: Record<CorrectionRow['why'], (was: string, became: string) => string> = {
  edited: changed,
  redrafted: changed,
  answered: (was, became) => `the answer is “${became}”, not “${was}”.`,
  denied: was => `do not make this call: ${was}`,
}

function changed(was: string, became: string): string {
  if (became === '') return `leave this out: “${was}”.`
  return was === '' ? `add “${became}”.` : `write “${became}”, not “${was}”.`
}

function inLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
