import type { ComponentChildren } from 'preact'

interface CardProps {
  readonly title: ComponentChildren
  readonly note?: ComponentChildren
  /** At the right of its head. */
  readonly actions?: ComponentChildren
  readonly class?: string
  readonly children: ComponentChildren
}

export const Card = ({ title, note, actions, class: style = '', children }: CardProps) => (
  <section class={`card ${style}`}>
    <div class="head">
      <h2>{title}</h2>
      {note && <small>{note}</small>}
      {actions && <span class="grow" />}
      {actions}
    </div>
    {children}
  </section>
)

interface MistakeProps {
  readonly text: string | undefined
}

/** A refused call of the control plane, in its own words. */
export const Mistake = ({ text }: MistakeProps) =>
  text ? (
    <p class="mistake-note" role="alert">
      {text}
    </p>
  ) : null
