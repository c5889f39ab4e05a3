import { signal } from '@preact/signals'
import type { View } from './address.ts'
import { placeOf } from './address.ts'
import { go, hrefOfView, place } from './place.ts'
import { hasShortcuts } from './preferences.ts'

export const isHelpOpen = signal(false)

/** Where `g` and a letter lead. */
export const destinations: Readonly<Record<string, View>> = {
  r: 'requests',
  t: 'timeline',
  s: 'state',
  v: 'review',
  o: 'coverage',
  f: 'faults',
  c: 'clocks',
  n: 'snapshots',
  e: 'explain',
  k: 'tokens',
  w: 'worlds',
}

/** What letters do to the exchange that is open; set by whoever shows it. */
export const exchangeKeys: { current: Readonly<Record<string, () => void>> } = { current: {} }

let isGoing = false

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest('input, textarea, select, dialog, [popover], [contenteditable]') !== null

/** Whether the focus is in the list or in the exchange, where letters stand for what is done with them (WCAG 2.1.4). */
const isWithinExchanges = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('.list, .exchange') !== null

export function followKeys(): void {
  addEventListener('keydown', (event) => {
    const { key, target } = event
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (isNowhere(target) && actInList(key)) event.preventDefault()
    if (!hasShortcuts.peek() || isField(target)) return
    const wasGoing = isGoing
    isGoing = false
    const act = wasGoing ? destinationOf(key) : actionOf(key, target)
    if (!act) return
    event.preventDefault()
    act()
  })
}

function destinationOf(key: string): (() => void) | undefined {
  const view = destinations[key]
  if (view === undefined) return undefined
  return () => {
    go(placeOf(hrefOfView(view)))
    if (view === 'requests') requestAnimationFrame(focusList)
  }
}

/** Whether nothing has the focus. */
const isNowhere = (target: EventTarget | null): boolean =>
  target instanceof Element && target.matches('body, main') && document.querySelector('dialog') === null

/** Where nothing has the focus, keys are those of the list, and Escape closes what is open. @returns whether it did anything */
function actInList(key: string): boolean {
  const list = document.querySelector<HTMLElement>('.list')
  if (key === 'Escape' && document.querySelector('.exchange')) closeExchange()
  else if (list && /^(Arrow(Up|Down)|Page(Up|Down)|Home|End|Enter)$/.test(key)) {
    list.focus()
    list.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
  } else return false
  return true
}

/** Gives the list the focus, so that keys act in it; where there is none, the view. */
export const focusList = (): void =>
  (document.querySelector<HTMLElement>('.list') ?? document.querySelector<HTMLElement>('main'))?.focus()

export function closeExchange(): void {
  go({ request: null, other: null, tab: 'request' })
  focusList()
}

function actionOf(key: string, target: EventTarget | null): (() => void) | undefined {
  if (key === '/') return focusFilter
  if (key === '?') return () => (isHelpOpen.value = true)
  if (key === 'g') return () => (isGoing = true)
  return isWithinExchanges(target) ? exchangeKeys.current[key] : undefined
}

/** The field is where requests are. */
export function focusFilter(): void {
  const focus = () => document.querySelector<HTMLElement>('.search input')?.focus()
  focus() // at once, where it is there: what is typed next belongs into it
  if (place.peek().view === 'requests') return
  go(placeOf(hrefOfView('requests')))
  requestAnimationFrame(focus)
}
