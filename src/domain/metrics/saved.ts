/** Time that a workflow saves people, against what its owner says a task took them before. Pure. */

/** In minutes a task. */
export interface Baseline {
  /** What people needed for it without Baton. */
  minutes: number
  /** What they still need where one is asked to decide; null: nobody knows, and nothing is taken off. */
  ownMinutes: number | null
}

/** A week: whoever needs longer for one task means something else. */
const MOST_MINUTES = 10_080

/** Tasks that are done, and those of them in which people decided. */
export interface DoneTasks {
  done: number
  decided: number
}

const MINUTE_MS = 60_000

/** Milliseconds saved by these; less than nothing where people still need longer than before. */
export function savedBy({ minutes, ownMinutes }: Baseline, { done, decided }: DoneTasks): number {
  return Math.round((done * minutes - decided * (ownMinutes ?? 0)) * MINUTE_MS)
}

/** What is wrong with a baseline, by its field; null: nothing. */
export function baselineProblem({ minutes, ownMinutes }: Baseline): { path: keyof Baseline; message: string } | null {
  if (!(minutes > 0 && minutes <= MOST_MINUTES)) {
    return { path: 'minutes', message: `Name minutes above 0, up to ${MOST_MINUTES} (a week), such as 25.` }
  }
  if (ownMinutes !== null && !(ownMinutes >= 0 && ownMinutes <= MOST_MINUTES)) {
    return { path: 'ownMinutes', message: `Name minutes from 0 to ${MOST_MINUTES}, such as 3, or leave it empty.` }
  }
  return null
}

/** How the sum comes about, in a sentence. */
export function explainSaved({ minutes, ownMinutes }: Baseline, { done, decided }: DoneTasks): string {
  const before = `${done} done × ${minutes} min a person needed`
  if (decided === 0) return `${before}; people decided on none of them.`
  if (ownMinutes === null)
    return `${before}; what people spent deciding on ${decided} of them is not known and not taken off.`
  return `${before} − ${decided} that people decided on × ${ownMinutes} min.`
}
