/** Rates of what people decided on models' drafts; one without a base is null, never a guess. */

interface Counts {
  decided: number
  unchanged: number
  edited: number
  rejected: number
}

/** How much of what was decided was approved as it was, and how much was edited or rejected. */
export function ratesOf({ decided, unchanged, edited, rejected }: Counts) {
  return {
    unchangedRate: decided === 0 ? null : unchanged / decided,
    correctionRate: decided === 0 ? null : (edited + rejected) / decided,
  }
}

/** Tasks of which a share says something. */
const ENOUGH = 20

/** What a rate of tasks in which a model was unsure says, in words. */
export function escalationVerdict(rate: number | null, tasks: number): string {
  if (rate === null || tasks < ENOUGH) return 'too few to tell'
  if (rate > 0.3) return 'a poor fit for a model'
  if (rate > 0.15) return 'more than is healthy'
  return rate < 0.05 ? 'few: is it too sure?' : 'healthy'
}

/** A rate as pages show it. */
export function percent(rate: number | null): string {
  return rate === null ? '–' : `${(100 * rate).toFixed(rate > 0 && rate < 0.1 ? 1 : 0)} %`
}
