import { signal } from '@preact/signals'
import type { Place } from './address.ts'
import { placeOf, queryOf, start } from './address.ts'

/** What the page shows now; its address says the same at any time. */
export const place = signal<Place>(placeOf(location.search))

/** The address of where the page is, with something else in it. */
export const hrefOf = (change: Partial<Place>): string => queryOf({ ...place.value, ...change })

/** Another view of the same world; what belongs to the one before is left behind. */
export const hrefOfView = (view: Place['view']): string =>
  hrefOf({ view, request: null, other: null, tab: 'request', from: '', user: '' })

/** Another world; beside it, the address says what it said of the page itself. */
export function hrefOfWorld(world: string, view: Place['view'] = start.view): string {
  const { theme, shortcuts } = place.value
  return queryOf({ ...start, view, world, theme, shortcuts })
}

/** An exchange, wherever the page is. */
export const hrefOfRequest = (request: number, change: Partial<Place> = {}): string =>
  hrefOf({ view: 'requests', request, tab: 'request', other: null, ...change })

/** Goes somewhere; what is typed or steps through a list replaces the address, so that Back leads to where one came from. */
export function go(change: Partial<Place>, { replace = false } = {}): void {
  const next = { ...place.peek(), ...change }
  const query = queryOf(next)
  if (query === queryOf(place.peek())) return
  history[replace ? 'replaceState' : 'pushState'](null, '', query)
  place.value = next
}

export function followAddress(): void {
  addEventListener('popstate', () => {
    place.value = placeOf(location.search)
  })
  document.addEventListener('click', (event) => {
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
    const link = event.target instanceof Element ? event.target.closest('a[href^="?"]') : null
    if (!link || !isPlain || event.defaultPrevented) return
    event.preventDefault()
    go(placeOf(link.getAttribute('href') ?? ''))
  })
}
