import { hrefOf } from '../place.ts'

interface RelatedProps {
  /** What that one is to what is shown. */
  readonly word: string
  readonly id: number
}

/** Another exchange, and the way to it. */
export const Related = ({ word, id }: RelatedProps) => (
  <span class="muted">
    {word}{' '}
    <a class="reference" href={hrefOf({ request: id, tab: 'request', other: null })}>
      #{id}
    </a>
  </span>
)
