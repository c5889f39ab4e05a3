import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

/** How wide something is, in CSS pixels, whenever that changes. */
export function useWidth<Element extends globalThis.Element>(usual = 900): [RefObject<Element | null>, number] {
  const ref = useRef<Element>(null)
  const [width, setWidth] = useState(usual)
  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width) || usual))
    if (ref.current) watcher.observe(ref.current)
    return () => watcher.disconnect()
  }, [usual])
  return [ref, width]
}
