import type { ComponentChildren } from 'preact'

/** A remark that stands within a card. */
export const Note = ({ children }: { readonly children: ComponentChildren }) => <p class="inner muted">{children}</p>
