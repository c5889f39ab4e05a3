import type { ComponentChildren } from 'preact'

interface ScrollingProps {
  readonly label: string
  readonly class: string
  readonly children: ComponentChildren
}

/** Text that scrolls by itself, and so is a stop for the keyboard. */
export const Scrolling = ({ label, class: style, children }: ScrollingProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by key
  <section class={style} aria-label={label} tabIndex={0}>
    <pre>{children}</pre>
  </section>
)
