/** The frame of every page: head, header, main, and the places that toasts, announcements and the drawer take. */
import type { Child } from 'hono/jsx'
import { Count } from '../components/badge.tsx'
import { Button, ButtonLink } from '../components/button.tsx'
import { Dialog, Menu, MenuLink } from '../components/dialog.tsx'
import { Toast } from '../components/feedback.tsx'
import { Search } from '../components/field.tsx'
import { Icon } from '../components/icon.tsx'

/** The header's sections. */
type Section = 'workflows' | 'approvals' | 'agents' | 'tools' | 'insight' | 'settings' | 'outbox'

/** Who looks at the page, and what the header says to them. */
interface Viewer {
  name: string
  email: string
  team: { id: string; name: string }
}

export interface PageProps {
  title: string
  /** null: nobody is signed in. */
  user: Viewer | null
  active?: Section
  /** `full` gives main the whole window (the board); `wide` 1280 px, else 960 px; `narrow` 400 px. */
  width?: 'normal' | 'wide' | 'full' | 'narrow'
  /** Local mode shows the outbox. */
  local?: boolean
  /** How many approvals wait for this person, when known. */
  waiting?: number
  /** Shown as a toast: what the request before this one did. */
  flash?: string | null
  /** Modules under /js that only this page needs, such as `board`. */
  scripts?: string[]
  /** Styles under /css that only this page needs, such as `editor`. */
  styles?: string[]
  children?: Child
}

/** Those of every page; `styles` names what one area has besides: `approval`, `editor`, `insight`. */
const STYLES = ['tokens', 'base', 'components', 'board', 'task', 'print']
const MODULES = ['time', 'toast', 'copy', 'dialog', 'palette', 'keys']

/** A page within the app, with its header. */
export const Page = (props: PageProps) => (
  <Document title={props.title} modules={[...MODULES, ...(props.scripts ?? [])]} styles={props.styles}>
    <a class="skip" href="#main">
      Skip to the content
    </a>
    <Header {...props} />
    <main id="main" class={`main${mainClass(props.width)}`} tabindex={-1}>
      {props.children}
    </main>
    <Regions flash={props.flash} />
    <dialog id="drawer" class="drawer" aria-label="Task">
      <form method="dialog" class="drawer-close">
        <Button look="quiet" icon="close" label="Close" />
      </form>
      <div id="drawer-body" class="drawer-body" />
    </dialog>
    {props.user && <Palette />}
    <KeyHelp />
  </Document>
)

export interface SheetProps {
  title: string
  /** Beside the brand: "for ana@bolt.co". */
  aside?: Child
  width?: 'narrow' | 'sheet'
  flash?: string | null
  scripts?: string[]
  styles?: string[]
  children?: Child
}

/** A page for people who may have no account: signing in, an approval, a form, a shared task. No navigation. */
export const SheetPage = ({ title, aside, width = 'sheet', flash, scripts = [], styles, children }: SheetProps) => (
  <Document title={title} modules={['time', 'toast', 'copy', 'dialog', ...scripts]} styles={styles}>
    <header class="sheet-brand">
      <Brand />
      {aside}
    </header>
    <main id="main" class={`main main--${width}`} tabindex={-1}>
      {children}
    </main>
    <Regions flash={flash} />
  </Document>
)

const Document = (props: { title: string; modules: string[]; styles?: string[]; children?: Child }) => {
  const { title, modules, styles = [], children } = props
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{title === 'Baton' ? title : `${title} · Baton`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content={HTMX_CONFIG} />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        {[...STYLES, ...styles].map(name => (
          <link rel="stylesheet" href={`/css/${name}.css`} />
        ))}
        {/* Not a module: the theme must be known before the first paint. */}
        <script src="/js/theme.js" />
        <script src="/vendor/htmx.js" defer />
        {modules.map(name => (
          <script type="module" src={`/js/${name}.js`} />
        ))}
      </head>
      <body>{children}</body>
    </html>
  )
}

/** Answers with an error status say what is wrong in place; a failure on our side leaves the page and shows a toast. */
const HTMX_CONFIG = JSON.stringify({
  noSwap: [204, 304, '5xx'],
  extensions: 'ws',
  history: true,
  // What a reader has unfolded stays so when the part around it is morphed.
  morphIgnore: ['data-htmx-powered', 'open'],
  // 1000 besides hx-ws's own: so the server answers when the page ends a line that seems dead, as after a sleep. Only 4401 is for good.
  ws: { reconnectCodes: [1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014] },
})

const Brand = () => (
  <a class="brand" href="/" aria-label="Baton">
    <Icon name="baton" size={20} />
    <span class="brand-name">Baton</span>
  </a>
)

const Header = ({ user, active, local, waiting }: PageProps) => (
  <header class="topbar">
    <Brand />
    <nav class="nav" aria-label="Main">
      {user && (
        <>
          <NavLink to="workflows" active={active} />
          <NavLink to="approvals" active={active}>
            {waiting ? <Count n={waiting} label="waiting for you" /> : null}
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

/** `#toasts` takes Toast components, `#live` the sentences that only screen readers are told. */
const Regions = ({ flash }: { flash?: string | null }) => (
  <>
    <div id="toasts" class="toasts" role="status">
      {flash ? <Toast message={flash} /> : null}
    </div>
    <div id="live" class="visually-hidden" aria-live="polite" />
  </>
)

/** Ctrl K leads anywhere; its links come from /search, whose page serves where there is no script. */
const Palette = () => (
  <dialog class="dialog palette" id="palette" aria-label="Search, or go to">
    <form action="/search" method="get">
      <Search
        label="A workflow, an agent, a task, a page"
        id="palette-q"
        autocomplete="off"
        hx-get="/search"
        hx-trigger="input changed delay:120ms, palette:open"
        hx-target="#palette-list"
        hx-swap="innerHTML"
        hx-sync="this:replace"
      />
    </form>
    <div id="palette-list" class="palette-list" />
    <p class="menu-note">
      <kbd>↓</kbd> <kbd>↑</kbd> choose · <kbd>Enter</kbd> go · <kbd>Esc</kbd> close
    </p>
  </dialog>
)

const SHORTCUTS: [keys: string[], what: string][] = [
  [['?'], 'This help'],
  [['Ctrl', 'K'], 'Search, or go anywhere (⌘ K)'],
  [['c'], 'New task'],
  [['/'], 'Filter or search'],
  [['↑', '↓', '←', '→'], 'Between cards (also k j h l)'],
  [['Enter'], 'Open the card'],
  [['Esc'], 'Close what is open'],
  [['m'], 'Move the card to another step'],
  [['a'], 'Approve: to the question, then to its button'],
  [['r'], 'Retry what failed, or run again'],
  [['g', 'i'], 'Go to the approvals'],
  [['g', 'b'], 'Go to the board you saw last'],
  [['g', 'm'], 'Go to the metrics'],
  [['g', 'w'], 'Go to the workflows'],
  [['g', 's'], 'Go to the settings'],
]

const KeyHelp = () => (
  <Dialog id="key-help" title="Keyboard shortcuts">
    <dl class="keys">
      {SHORTCUTS.map(([keys, what]) => (
        <>
          <dt class="row">
            {keys.map(key => (
              <kbd>{key}</kbd>
            ))}
          </dt>
          <dd>{what}</dd>
        </>
      ))}
    </dl>
    <p class="section">
      <label class="check">
        <input type="checkbox" data-keys-setting checked />
        <span>
          Single-key shortcuts
          <small>Off, only the browser's own keys work. Kept in this browser.</small>
        </span>
      </label>
    </p>
  </Dialog>
)

function mainClass(width: PageProps['width'] = 'normal'): string {
  return width === 'normal' ? '' : ` main--${width}`
}
