/** The tabs of the settings. */
import type { Child } from 'hono/jsx'

const TABS = {
  you: 'You',
  people: 'People',
  keys: 'Keys',
  secrets: 'Secrets',
  models: 'Models',
  prices: 'Prices',
  limits: 'Limits',
  hours: 'Working hours',
  alerts: 'Alerts',
  notifications: 'Notifications',
  data: 'Data',
  embedding: 'Embedding',
}

export const Settings = ({ at, children }: { at: keyof typeof TABS; children?: Child }) => (
  <>
    <nav class="subnav" aria-label="Settings">
      {Object.entries(TABS).map(([tab, label]) => (
        <a href={`/settings/${tab}`} aria-current={at === tab ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
    {children}
  </>
)
