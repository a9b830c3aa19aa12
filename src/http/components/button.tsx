/** Buttons, and links that look like one. Every action is a real button in a real form. */
import type { Child, JSX } from 'hono/jsx'
import { Icon, type IconName } from './icon.tsx'

type Look = 'plain' | 'primary' | 'danger' | 'quiet'

interface Style {
  /** `primary` once a page at most; `danger` for what cannot be undone. */
  look?: Look
  size?: 'normal' | 'small'
  icon?: IconName
  /** Shows the icon alone; what the button does is then its label. */
  label?: string
  wide?: boolean
  children?: Child
}

export type ButtonProps = Style & Omit<JSX.IntrinsicElements['button'], 'size' | 'children'>
export type ButtonLinkProps = Style & { href: string } & Omit<JSX.IntrinsicElements['a'], 'size' | 'children' | 'href'>

/** Submits its form unless `type` says otherwise. */
export const Button = ({ look, size, icon, label, wide, children, class: more, ...rest }: ButtonProps) => (
  <button
    type="submit"
    {...rest}
    class={classes({ look, size, label, wide }, more)}
    aria-label={label ?? rest['aria-label']}
    title={label}
  >
    {icon && <Icon name={icon} />}
    {children}
  </button>
)

export const ButtonLink = ({
  href,
  look,
  size,
  icon,
  label,
  wide,
  children,
  class: more,
  ...rest
}: ButtonLinkProps) => (
  <a
    href={href}
    {...rest}
    class={classes({ look, size, label, wide }, more)}
    aria-label={label ?? rest['aria-label']}
    title={label}
  >
    {icon && <Icon name={icon} />}
    {children}
  </a>
)

/** Copies a text to the clipboard; without a script it is not shown, as the text itself can be selected. */
export const CopyButton = ({
  text,
  label = 'Copy',
  ...style
}: { text: string; label?: string } & Omit<Style, 'label'>) => (
  <Button type="button" size="small" icon="copy" {...style} class="needs-js" data-copy={text}>
    {style.children ?? label}
  </Button>
)

/** A text that people copy: it is selected by one click, and the button copies it. */
export const Copyable = ({ text }: { text: string }) => (
  <div class="copy">
    <code>{text}</code>
    <Button type="button" icon="copy" label="Copy" class="needs-js" data-copy={text} />
  </div>
)

function classes({ look = 'plain', size, label, wide }: Omit<Style, 'children' | 'icon'>, more: unknown): string {
  return [
    'button',
    look !== 'plain' && `button--${look}`,
    size === 'small' && 'button--small',
    label !== undefined && 'button--icon',
    wide && 'button--wide',
    typeof more === 'string' && more,
  ]
    .filter(Boolean)
    .join(' ')
}
