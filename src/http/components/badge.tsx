/** Who does a step's work, and how a task stands: badges are monochrome, states have their hue, an icon and a word. */
import type { Child } from 'hono/jsx'
import { KINDS } from '../../domain/handler/registry.ts'
import type { Status } from '../../domain/task/state.ts'
import { Icon, type IconName } from './icon.tsx'

/** PROMPT, AGENT, HUMAN …: the badge on each step. A log of a newer release may name a kind that is not known here. */
export const HandlerBadge = ({ handler }: { handler: string }) => {
  const icon: IconName | undefined = KINDS.find(kind => kind === handler)
  return (
    <span class="badge">
      {icon && <Icon name={icon} size={14} />}
      {handler}
    </span>
  )
}

const STATE_ICON: Record<Status, IconName> = {
  running: 'running',
  held: 'held',
  waiting: 'waiting',
  stuck: 'stuck',
  failed: 'failed',
  done: 'done',
  cancelled: 'cancelled',
}

export const STATE_LABEL: Record<Status, string> = {
  running: 'Running',
  held: 'Held',
  waiting: 'Waiting',
  stuck: 'Stuck',
  failed: 'Failed',
  done: 'Done',
  cancelled: 'Cancelled',
}

/** The state as a pill, with its word. */
export const StatusPill = ({ status, children }: { status: Status; children?: Child }) => (
  <span class="state state--pill" data-state={status}>
    <Icon name={STATE_ICON[status]} />
    {children ?? STATE_LABEL[status]}
  </span>
)

/** The state as an icon and whatever says more than its word would: an elapsed time, a name. */
export const StateMark = ({ status, children }: { status: Status; children?: Child }) => (
  <span class="state" data-state={status}>
    <Icon name={STATE_ICON[status]} label={STATE_LABEL[status]} />
    {children}
  </span>
)

export const Tag = ({ children }: { children?: Child }) => <span class="tag">{children}</span>

export const Count = ({ n, label }: { n: number | string; label?: string }) => (
  <span class="count">
    {n}
    {label !== undefined && <span class="visually-hidden"> {label}</span>}
  </span>
)
