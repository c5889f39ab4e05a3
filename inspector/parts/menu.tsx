import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'

interface MenuProps {
  /** Said instead of the face, where that has no words. */
  readonly label?: string
  readonly class?: string
  readonly face: ComponentChildren
  /** Made when it is opened; what is done in it closes it. */
  readonly children: ComponentChildren
}

/** A button that opens a short list of things to do or to choose. Escape closes it, and the focus is on the button again. */
export function Menu({ label, class: style = 'button quiet symbol', face, children }: MenuProps) {
  const [isOpen, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const id = useId()
  useEffect(() => {
    if (!isOpen) return
    const [anchor, shown] = [button.current, panel.current]
    if (!anchor || !shown) return
    shown.showPopover()
    moveBelow(anchor.getBoundingClientRect(), shown)
    shown.querySelector<HTMLElement>('button, a, input')?.focus()
  }, [isOpen])
  const close = () => {
    setOpen(false)
    button.current?.focus()
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        class={style}
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        {face}
      </button>
      {isOpen && (
        // biome-ignore lint/a11y/noStaticElementInteractions: what is in it is heard, not itself
        <div
          ref={panel}
          id={id}
          class="popover"
          popover="auto"
          onToggle={(event) => event.newState === 'closed' && setOpen(false)}
          onClick={(event) => event.target instanceof Element && event.target.closest('button, a') && close()}
          onKeyDown={(event) => step(event, close)}
        >
          <div class="menu">{children}</div>
        </div>
      )}
    </>
  )
}

function moveBelow({ bottom, left, right }: DOMRect, panel: HTMLElement): void {
  const { width } = panel.getBoundingClientRect()
  const room = document.documentElement.clientWidth
  const at = left + width + 8 > room ? Math.max(8, right - width) : left
  panel.style.top = `${bottom + 6}px`
  panel.style.left = `${at}px`
}

function step(event: KeyboardEvent, close: () => void): void {
  if (event.key === 'Escape') {
    event.stopPropagation()
    close()
  }
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (way === undefined || !(event.currentTarget instanceof HTMLElement)) return
  event.preventDefault()
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('button, a')]
  const at = items.indexOf(document.activeElement as HTMLElement)
  items[(at + way + items.length) % items.length]?.focus()
}
