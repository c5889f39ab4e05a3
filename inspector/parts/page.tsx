import type { ComponentChildren } from 'preact'

interface PageProps {
  readonly title: string
  readonly about?: ComponentChildren
  /** Beside the title. */
  readonly head?: ComponentChildren
  readonly width?: number
  readonly children?: ComponentChildren
}

/** A view that is read from top to bottom. */
export const Page = ({ title, about, head, width = 1180, children }: PageProps) => (
  <div class="column" style={{ maxWidth: `${width}px` }}>
    <div class="page-head">
      <h1>{title}</h1>
      {about && <p>{about}</p>}
      {head}
    </div>
    {children}
  </div>
)
