/** When a visit waited and worked within its task's whole time. Drawn with SVG attributes: the CSP allows no inline style. */
import type { Status } from '../../../domain/task/state.ts'

export interface WaterfallProps {
  /** Fractions of the task's whole time, 0 to 1. */
  spans: { from: number; to: number; kind: 'wait' | 'work' }[]
  state?: Status
  /** What the bar says in words. */
  label: string
}

export const Waterfall = ({ spans, state, label }: WaterfallProps) => (
  <svg
    class="waterfall"
    data-state={state}
    viewBox="0 0 1000 14"
    preserveAspectRatio="none"
    role="img"
    aria-label={label}
  >
    {spans.map(({ from, to, kind }) => (
      <rect class={`is-${kind}`} x={1000 * from} y="3" width={Math.max(4, 1000 * (to - from))} height="8" />
    ))}
  </svg>
)
