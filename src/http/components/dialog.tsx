/** Dialogs and menus: native elements, opened by `data-dialog="id"` buttons or, for menus, by themselves. */
import type { Child } from 'hono/jsx'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'

/** A dialog that a `<button type="button" data-dialog={id}>` opens. */
export const Dialog = ({ id, title, children }: { id: string; title: string; children?: Child }) => (
  <dialog class="dialog" id={id} aria-labelledby={`${id}-title`}>
    <div class="dialog-head">
      <h2 id={`${id}-title`}>{title}</h2>
      <form method="dialog">
        <Button look="quiet" size="small" icon="close" label="Close" />
      </form>
    </div>
    {children}
  </dialog>
)

/** A dialog that a `<button type="button" popovertarget={id}>` opens, without a script; for forms in tables and lists. */
export const Popover = ({ id, title, children }: { id: string; title: string; children?: Child }) => (
  <div class="dialog dialog-popover" id={id} popover="auto" role="dialog" aria-labelledby={`${id}-title`}>
    <div class="dialog-head">
      <h2 id={`${id}-title`}>{title}</h2>
      <Button
        type="button"
        look="quiet"
        size="small"
        icon="close"
        label="Close"
        popovertarget={id}
        popovertargetaction="hide"
      />
    </div>
    {children}
  </div>
)

/** A menu that works without a script; `label` names it when the summary is an icon alone. */
export const Menu = (props: {
  label: string
  icon?: IconName
  summary?: Child
  start?: boolean
  small?: boolean
  children?: Child
}) => (
  <details class="menu" data-menu>
    <summary
      class={`button button--quiet${props.small ? ' button--small' : ''}${props.summary ? '' : ' button--icon'}`}
      aria-label={props.summary ? undefined : props.label}
      title={props.summary ? undefined : props.label}
    >
      {props.summary ?? <Icon name={props.icon ?? 'more'} />}
    </summary>
    <div class={`menu-body${props.start ? ' menu-body--start' : ''}`}>{props.children}</div>
  </details>
)

export const MenuLink = ({ href, icon, children }: { href: string; icon?: IconName; children?: Child }) => (
  <a class="menu-item" href={href}>
    {icon && <Icon name={icon} />}
    {children}
  </a>
)
