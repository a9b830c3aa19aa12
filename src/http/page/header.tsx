/** The header of every page: where one can go, and the account’s menu. */
import type { Child } from 'hono/jsx'
import { Count } from '../components/badge.tsx'
import { ButtonLink } from '../components/button.tsx'
import { Menu, MenuLink } from '../components/dialog.tsx'
import { Icon } from '../components/icon.tsx'

/** The header's sections. */
type Section = 'workflows' | 'approvals' | 'agents' | 'tools' | 'insight' | 'settings' | 'outbox'

/** Who looks at the page, and what the header says to them. */
interface Viewer {
  name: string
  email: string
  team: { id: string; name: string }
  teams: { id: string; name: string }[]
  /** How many questions wait for them. */
  waiting?: number
  role?: string
  /** Which of their teams are to be deleted, and when. */
  ending?: Record<string, number>
}

export const Brand = () => (
  <a class="brand" href="/" aria-label="Baton">
    <Icon name="baton" size={20} />
    <span class="brand-name">Baton</span>
  </a>
)

export interface HeaderProps {
  /** null: nobody is signed in. */
  user: Viewer | null
  active?: Section
  /** Local mode shows the outbox. */
  local?: boolean
}

export const Header = ({ user, active, local }: HeaderProps) => (
  <header class="topbar">
    <Brand />
    <nav class="nav" aria-label="Main">
      {user && (
        <>
          <NavLink to="workflows" active={active} />
          <NavLink to="approvals" active={active}>
            <Waiting n={user.waiting ?? 0} />
          </NavLink>
          <MoreLinks active={active} local={local} class="nav-more" />
        </>
      )}
      {!user && local && <NavLink to="outbox" active={active} />}
    </nav>
    <div class="topbar-end">
      <span class="net" id="net">
        <Icon name="refresh" size={14} />
        Reconnecting…
      </span>
      {user && (
        <ButtonLink
          href="/search"
          look="quiet"
          icon="search"
          label="Search, or go to (Ctrl K)"
          data-palette
          aria-keyshortcuts="Control+K Meta+K"
        />
      )}
      <ThemeToggle />
      {user ? <UserMenu user={user} active={active} local={local} /> : <a href="/sign-in">Sign in</a>}
    </div>
  </header>
)

/** Kept true by waiting.js on a page that stays open. */
const Waiting = ({ n }: { n: number }) => (
  <span data-waiting hidden={n === 0}>
    <Count n={n > 99 ? '99+' : n} label="waiting for you" />
  </span>
)

/** What a narrow window has no room for in its header stands in the account's menu there. */
const MoreLinks = (props: { active?: Section; local?: boolean; class: string }) => (
  <>
    {(['agents', 'tools', 'insight', 'settings', ...(props.local ? (['outbox'] as const) : [])] as const).map(to => (
      <NavLink to={to} active={props.active} class={props.class} />
    ))}
  </>
)

const SECTIONS: Record<Section, { label: string; href: string }> = {
  workflows: { label: 'Workflows', href: '/workflows' },
  approvals: { label: 'Approvals', href: '/approvals' },
  agents: { label: 'Agents', href: '/agents' },
  tools: { label: 'Tools', href: '/tools' },
  insight: { label: 'Insight', href: '/metrics' },
  settings: { label: 'Settings', href: '/settings/people' },
  outbox: { label: 'Outbox', href: '/outbox' },
}

const NavLink = (props: { to: Section; active?: Section; class?: string; children?: Child }) => (
  <a href={SECTIONS[props.to].href} aria-current={props.to === props.active ? 'page' : undefined} class={props.class}>
    {SECTIONS[props.to].label}
    {props.children}
  </a>
)

/** Without a script the system's preference holds, and there is nothing to toggle. */
const ThemeToggle = () => (
  <button class="button button--quiet button--icon needs-js" type="button" data-theme-toggle aria-label="Theme: system">
    <Icon name="theme-system" />
  </button>
)

const UserMenu = ({ user, active, local }: { user: Viewer; active?: Section; local?: boolean }) => (
  <Menu
    label="Account"
    summary={
      <>
        <span class="team-name">{user.team.name}</span>
        <Icon name="human" label={`Account of ${user.name}`} />
      </>
    }
  >
    <p class="menu-note">
      {user.name}
      <br />
      {user.email}
    </p>
    <hr />
    <MoreLinks active={active} local={local} class="menu-item menu-more" />
    <OtherTeams user={user} />
    <MenuLink href="/settings/you" icon="human">
      You
    </MenuLink>
    <MenuLink href="/settings/people" icon="users">
      People
    </MenuLink>
    <MenuLink href="/settings/keys" icon="key">
      Keys
    </MenuLink>
    <MenuLink href="/audit" icon="history">
      Audit log
    </MenuLink>
    <MenuLink href="/health" icon="activity">
      Health
    </MenuLink>
    <button class="menu-item needs-js" type="button" data-dialog="key-help">
      <Icon name="keyboard" />
      Keyboard shortcuts
    </button>
    <hr />
    <form method="post" action="/sign-out">
      <button class="menu-item" type="submit">
        <Icon name="sign-out" />
        Sign out
      </button>
    </form>
  </Menu>
)

/** The way to one's other teams, and to a new one. */
const OtherTeams = ({ user }: { user: Viewer }) => {
  const others = user.teams.filter(({ id }) => id !== user.team.id)
  return (
    <>
      {others.map(({ id, name }) => (
        <form method="post" action="/settings/switch">
          <input type="hidden" name="team" value={id} />
          <button class="menu-item" type="submit">
            <Icon name="arrow-right" />
            <span>
              Go to <span hx-ignore>{name}</span>
            </span>
          </button>
        </form>
      ))}
      <MenuLink href="/teams/new" icon="plus">
        New team
      </MenuLink>
      <hr />
    </>
  )
}
