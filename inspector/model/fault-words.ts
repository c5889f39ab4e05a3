import type { effects, timings } from '../../schemas/control-faults.ts'
import type { uploadPart } from '../../schemas/index.ts'

interface EffectWords {
  readonly title: string
  readonly about: string
  /** What it did to an exchange, after its id. */
  readonly deed: string
}

/** What any fault did to an exchange that is injected. */
const instead = 'answered in place of the emulator'

/** How effects are told of to people, in the order in which they are offered. */
export const effectWords: Readonly<Record<keyof typeof effects, EffectWords>> = {
  refuse: { title: 'Refuse', about: 'an answer of the catalogue, or your own', deed: instead },
  throttle: { title: 'Throttle', about: '429 with Retry-After', deed: instead },
  gateway: { title: 'Gateway', about: 'APIGW answers in front of it', deed: instead },
  loseAnswer: { title: 'Lose the answer', about: 'done and stored, then reset', deed: 'lost the answer' },
  truncate: { title: 'Truncate', about: 'the answer breaks off', deed: 'cut the answer off' },
  reset: { title: 'Reset', about: 'cut before anything is done', deed: 'cut the connection' },
  slow: { title: 'Slow', about: 'bytes per second', deed: 'slowed the answer down' },
  latency: { title: 'Latency', about: 'fixed, or from a range', deed: 'let the answer wait' },
  failItems: { title: 'Fail items', about: 'of a batch, by place or match', deed: 'let items fail' },
  html: { title: 'Web page', about: 'HTML where JSON is expected', deed: instead },
  redirect: { title: 'Redirect', about: 'to somewhere else', deed: instead },
  meanwhile: { title: 'Meanwhile', about: 'somebody else acts first', deed: 'let somebody else act first' },
}

/** What faults meet beside the operations of the catalogue. */
export const uploads = 'uploadPart' satisfies typeof uploadPart

interface TimingWords {
  readonly title: string
  readonly said: (value: number) => string
}

export const timingWords: Readonly<Record<keyof typeof timings, TimingWords>> = {
  first: { title: 'The first', said: (count) => `first ${count}` },
  every: { title: 'Each nth', said: (count) => (count === 1 ? 'each' : `each ${ordinal(count)}`) },
  nth: { title: 'Only the nth', said: (count) => `only the ${ordinal(count)}` },
  from: { title: 'From the nth on', said: (count) => (count === 1 ? 'each' : `from the ${ordinal(count)} on`) },
  probability: { title: 'By chance', said: (share) => `${Number((share * 100).toPrecision(3))} % of them` },
}

const endings: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' }
const ordinals = new Intl.PluralRules('en', { type: 'ordinal' })

const ordinal = (count: number): string => `${count}${endings[ordinals.select(count)]}`

export const effectWordsOf = (type: string | null): EffectWords | undefined =>
  Object.entries(effectWords).find(([name]) => name === type)?.[1]

/** An effect in a few words. */
export function effectSaid(effect: Readonly<Record<string, unknown>>): string {
  const { type, ...rest } = effect
  const details = Object.entries(rest).map(
    ([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  )
  return [(effectWordsOf(String(type))?.title ?? String(type)).toLowerCase(), ...details].join(', ')
}

/** When it fires, in a few words; a fault without a timing always does. */
export function timingSaid(when: object | undefined): string {
  const [name, value] = Object.entries(when ?? {})[0] ?? []
  if (name === undefined) return 'always'
  const words = Object.entries(timingWords).find(([known]) => known === name)?.[1]
  return words?.said(Number(value)) ?? `${name} ${value}`
}

/** Whether it fired as often as it ever will. */
export function isSpent({ when, hits }: { readonly when?: object; readonly hits: number }): boolean {
  const { first, nth } = Object(when) as { first?: number; nth?: number } // a timing has one of its names
  return hits >= (first ?? (nth === undefined ? Number.POSITIVE_INFINITY : 1))
}
