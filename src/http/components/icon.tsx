/** An icon of the sprite. Beside a word it is decoration; alone it needs a label. */
import type { IconName } from './icon-names.gen.ts'

export type { IconName }

export interface IconProps {
  name: IconName
  /** In CSS pixels; 16 unless said. */
  size?: 14 | 16 | 20 | 28
  /** What the icon says where no word stands beside it. */
  label?: string
}

export const Icon = ({ name, size = 16, label }: IconProps) => (
  <svg
    class={`icon icon--${name}${size === 16 ? '' : ` icon--${size}`}`}
    role={label === undefined ? undefined : 'img'}
    aria-label={label}
    aria-hidden={label === undefined ? 'true' : undefined}
  >
    <use href={`/icons.svg#${name}`} />
  </svg>
)
