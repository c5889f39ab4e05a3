import type { ComponentChildren } from 'preact'
import { Component } from 'preact'

interface BoundaryProps {
  /** What it is that could not be shown. */
  readonly what: string
  readonly children: ComponentChildren
}

/** What cannot be shown is said in its place, and nothing around it goes away. */
export class Boundary extends Component<BoundaryProps, { readonly error: string | null }> {
  override state: { readonly error: string | null } = { error: null }

  static override getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error.message : String(error) }
  }

  override render() {
    const { what, children } = this.props
    if (this.state.error === null) return children
    return (
      <div class="mistake-note" role="alert">
        {what} cannot be shown: {this.state.error}
      </div>
    )
  }
}
