import sprite from 'made:sprite.svg'
import type { IconName } from './icons.ts'

const address = new URL(sprite, import.meta.url).href

interface IconProps {
  readonly name: IconName
  readonly size?: number
  /** Said instead of the picture, where no word stands beside it. */
  readonly label?: string
  readonly class?: string
}

// biome-ignore-start lint/a11y/noSvgWithoutTitle: one without a label is hidden from those who would need one
export const Icon = ({ name, size = 15, label, class: tone = '' }: IconProps) => (
  <svg
    class={`icon ${tone}`}
    width={size}
    height={size}
    viewBox="0 0 24 24"
    {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}
  >
    {label && <title>{label}</title>}
    <use href={`${address}#${name}`} />
  </svg>
)
// biome-ignore-end lint/a11y/noSvgWithoutTitle: see above
