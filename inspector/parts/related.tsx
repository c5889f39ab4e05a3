import type { ComponentChildren } from 'preact'
import { hrefOfRequest } from '../place.ts'

interface ReferenceProps {
  readonly id: number
  /** What is said of it. */
  readonly children?: ComponentChildren
}

/** The way to an exchange. */
export const Reference = ({ id, children }: ReferenceProps) => (
  <a class="reference" href={hrefOfRequest(id)}>
    #{id}
    {children}
  </a>
)

interface RelatedProps {
  /** What that one is to what is shown. */
  readonly word: string
  readonly id: number
}

/** Another exchange, and the way to it. */
export const Related = ({ word, id }: RelatedProps) => (
  <span class="muted">
    {word} <Reference id={id} />
  </span>
)
