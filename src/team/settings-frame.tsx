/** The tabs of the settings. */
import type { Child } from 'hono/jsx'

export const Settings = ({ at, children }: { at: 'people' | 'keys' | 'secrets'; children?: Child }) => (
  <>
    <nav class="subnav" aria-label="Settings">
      <a href="/settings/people" aria-current={at === 'people' ? 'page' : undefined}>
        People
      </a>
      <a href="/settings/keys" aria-current={at === 'keys' ? 'page' : undefined}>
        Keys
      </a>
      <a href="/settings/secrets" aria-current={at === 'secrets' ? 'page' : undefined}>
        Secrets
      </a>
    </nav>
    {children}
  </>
)
