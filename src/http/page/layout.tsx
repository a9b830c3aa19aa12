/** The frame of every page: head, main, and the places that toasts, announcements and the drawer take. */
import type { Child } from 'hono/jsx'
import { may } from '../../domain/permissions.ts'
import { Button } from '../components/button.tsx'
import { Notice, Toast } from '../components/feedback.tsx'
import { Time } from '../components/value/time.tsx'
import { Brand, Header, type HeaderProps } from './header.tsx'
import { KeyHelp, Palette } from './palette.tsx'

export interface PageProps extends HeaderProps {
  title: string
  /** `full` gives main the whole window (the board); `wide` 1280 px, else 960 px; `narrow` 400 px. */
  width?: 'normal' | 'wide' | 'full' | 'narrow'
  /** Shown as a toast: what the request before this one did. */
  flash?: string | null
  /** Modules under /js that only this page needs, such as `board`. */
  scripts?: string[]
  /** Styles under /css that only this page needs, such as `editor`. */
  styles?: string[]
  children?: Child
}

/** Those of every page; `styles` names what one area has besides: `approval`, `columns`, `design`, `editor`, `inbox`, `insight`, `runs`. */
const STYLES = ['tokens', 'base', 'components', 'board', 'task', 'print']
const MODULES = ['time', 'toast', 'copy', 'dialog', 'palette', 'keys', 'waiting']

/** A page within the app, with its header. */
export const Page = (props: PageProps) => (
  <Document title={props.title} modules={[...MODULES, ...(props.scripts ?? [])]} styles={props.styles}>
    <a class="skip" href="#main">
      Skip to the content
    </a>
    <Header {...props} />
    <main id="main" class={`main${mainClass(props.width)}`} tabindex={-1}>
      {props.user && <Ending user={props.user} />}
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

/** Said on every page of a team that is to be deleted, with the way back for those who may take it. */
const Ending = ({ user: { team, ending, role } }: { user: NonNullable<HeaderProps['user']> }) => {
  const at = ending?.[team.id]
  if (at === undefined) return null
  return (
    <Notice state="failed" icon="alert">
      <p>
        This team will be deleted <Time at={at} />, with everything in it. No new task begins.
      </p>
      {role !== undefined && may({ role }, 'data.manage') && (
        <form method="post" action="/settings/data/keep">
          <Button>Keep this team</Button>
        </form>
      )}
    </Notice>
  )
}

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

/** `#toasts` takes Toast components, `#live` the sentences that only screen readers are told. */
const Regions = ({ flash }: { flash?: string | null }) => (
  <>
    <div id="toasts" class="toasts" role="status">
      {flash ? <Toast message={flash} /> : null}
    </div>
    <div id="live" class="visually-hidden" aria-live="polite" />
  </>
)

function mainClass(width: PageProps['width'] = 'normal'): string {
  return width === 'normal' ? '' : ` main--${width}`
}
