/*
 * All that the page shows stands in its address, in the words of the journal, so that an address of the page and a call of
 * the control plane are one sentence: `?world=w&request=11&operation=updateConfigInfo&status=400`.
 */

export const views = [
  'requests',
  'timeline',
  'state',
  'review',
  'coverage',
  'faults',
  'clocks',
  'snapshots',
  'explain',
  'tokens',
  'worlds',
] as const
export type View = (typeof views)[number]

export const tabs = ['request', 'answer', 'headers', 'changes', 'review', 'replay', 'compare'] as const
export type Tab = (typeof tabs)[number]

/** A condition on exchanges; all of a filter have to hold. */
export interface Term {
  /** A name of the journal's filters, or `body.` and a property of the body. */
  readonly name: string
  readonly value: string
}

/** What the page shows. */
export interface Place {
  readonly view: View
  readonly world: string
  /** The exchange that is open. */
  readonly request: number | null
  readonly tab: Tab
  /** The exchange that the open one is compared with. */
  readonly other: number | null
  readonly filter: readonly Term[]
  /** What the state is compared with: a snapshot's label, or `request:` and an id. */
  readonly from: string
  /** Whose state is shown; empty for the first user that there is. */
  readonly user: string
  /** Settings of the page that an address may make: `light` or `dark`, and `false` for no single letters as shortcuts. */
  readonly theme: string
  readonly shortcuts: string
}

export const start: Place = {
  view: 'requests',
  world: 'default',
  request: null,
  tab: 'request',
  other: null,
  filter: [],
  from: '',
  user: '',
  theme: '',
  shortcuts: '',
}

/** Names of conditions beside `body.<name>`. */
export const termNames = [
  'operation',
  'status',
  'code',
  'outcome',
  'userId',
  'deviceId',
  'fault',
  'unread',
  'finding',
  'fact',
  'since',
  'until',
  'q',
] as const

const own = ['view', 'world', 'request', 'tab', 'other', 'from', 'user', 'theme', 'shortcuts'] as const

export const isTermName = (name: string): boolean =>
  termNames.some((known) => known === name) || (name.startsWith('body.') && name.length > 'body.'.length)

/** What an address shows; of what it does not say, the usual. @param query with or without its question mark */
export function placeOf(query: string): Place {
  const pairs = [...new URLSearchParams(query)]
  const said = new Map(pairs.filter(([name]) => own.some((known) => known === name)))
  const textOf = (name: (typeof own)[number]) => said.get(name) ?? ''
  return {
    view: oneOf(views, textOf('view')) ?? start.view,
    world: textOf('world') || start.world,
    request: idIn(textOf('request')),
    tab: oneOf(tabs, textOf('tab')) ?? start.tab,
    other: idIn(textOf('other')),
    filter: pairs.filter(([name]) => isTermName(name)).map(([name, value]) => ({ name, value })),
    from: textOf('from'),
    user: textOf('user'),
    theme: textOf('theme'),
    shortcuts: textOf('shortcuts'),
  }
}

const oneOf = <Name extends string>(names: readonly Name[], text: string): Name | undefined =>
  names.find((name) => name === text)

const idIn = (text: string): number | null => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : null)

/** The address of a place, what is usual left out; the world is always named, so that an address means the same for all. */
export function queryOf(place: Place): string {
  const said = new URLSearchParams({ world: place.world })
  for (const name of own) {
    const value = place[name]
    if (name !== 'world' && value !== start[name] && value !== null) said.append(name, String(value))
  }
  for (const { name, value } of place.filter) said.append(name, value)
  return `?${said}`
}
