/** What the page tells people: empty states that teach, notices in place, toasts that pass. */
import type { Child } from 'hono/jsx'
import type { Status } from '../../domain/task/state.ts'
import { Icon, type IconName } from './icon.tsx'

/** One sentence, one primary button, perhaps a template. */
export const EmptyState = ({ icon, title, children }: { icon: IconName; title: string; children?: Child }) => (
  <section class="empty">
    <Icon name={icon} size={28} />
    <h2>{title}</h2>
    {children}
  </section>
)

/** Something that stays true while the page is shown. `state` gives it that state's hue. */
export const Notice = ({ state, icon = 'info', children }: { state?: Status; icon?: IconName; children?: Child }) => (
  <div class="notice" data-state={state}>
    <Icon name={icon} />
    <div class="grow stack-tight">{children}</div>
  </div>
)

/** An error in place; the reader is told of it at once. */
export const ErrorNotice = ({ children, id }: { children?: Child; id?: string }) => (
  <div class="notice" data-state="failed" role="alert" id={id}>
    <Icon name="alert" />
    <div class="grow stack-tight">{children}</div>
  </div>
)

/**
 * A message that passes by itself after `seconds`, not before hover or focus end; put it into #toasts.
 * Its children may hold the form of an Undo button.
 */
export const Toast = ({ message, seconds = 8, children }: { message: string; seconds?: number; children?: Child }) => (
  <div class="toast" data-toast={seconds}>
    <p>{message}</p>
    {children}
    <button
      class="button button--small button--quiet button--icon needs-js"
      type="button"
      data-dismiss
      aria-label="Dismiss"
    >
      <Icon name="close" />
    </button>
  </div>
)

/** Adds a toast to whatever else a partial answer swaps. */
export const ToastPartial = (props: { message: string; seconds?: number; children?: Child }) => (
  <hx-partial hx-target="#toasts" hx-swap="beforeend">
    <Toast {...props} />
  </hx-partial>
)
