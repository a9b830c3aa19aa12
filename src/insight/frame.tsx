/** The tabs of insight: how it goes, what people corrected, what happened, whether it runs. */
import type { Child } from 'hono/jsx'

const TABS = { metrics: 'Metrics', corrections: 'Corrections', audit: 'Audit log', health: 'Health' } as const

export const Insight = ({ at, children }: { at: keyof typeof TABS; children?: Child }) => (
  <>
    <nav class="subnav" aria-label="Insight">
      {Object.entries(TABS).map(([tab, name]) => (
        <a href={`/${tab}`} aria-current={tab === at ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
    {children}
  </>
)

/** A day of a span, with its word beside it: "from", "to". */
export const DayField = ({ name, value }: { name: 'from' | 'to'; value: string }) => (
  <label class="day">
    {name}
    <input class="input" type="date" name={name} value={value} />
  </label>
)
