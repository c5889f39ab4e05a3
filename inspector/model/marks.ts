import type { Mark } from './json-lines.ts'
import { pointerIn, readReason } from './reason.ts'

interface Marked {
  readonly reason: string | null
  readonly outcome: string
  readonly unread: readonly string[]
  readonly items: { readonly failed: readonly { readonly index: number; readonly code: string }[] } | null
}

/** Of the facts that an operation rests on, what says how its items fail alone. */
export const decisionsOnItems = (facts: readonly string[]): string[] =>
  facts.filter((id) => id === 'DEC-19' || id === 'DEC-20')

/** The header for which a request was refused, in small letters; empty where it was for something else. */
export const refusedHeader = ({ reason, outcome }: Pick<Marked, 'reason' | 'outcome'>): string =>
  outcome === 'refused'
    ? readReason(reason ?? '')
        .subject.replace('header/', '')
        .toLowerCase()
    : ''

/**
 * What is to be seen in place in a request's body.
 *
 * @param list the property that holds the items of a batch, where it is one
 */
export function marksIn({ reason, outcome, unread, items }: Marked, list: string | null): Mark[] {
  const refused = outcome === 'refused' && reason !== null ? pointerIn(readReason(reason)) : undefined
  const failed = list === null ? [] : (items?.failed ?? [])
  return [
    ...(refused === undefined ? [] : [{ kind: 'refused', pointer: refused, note: 'refused here' } as const]),
    ...failed.map(({ index, code }) => ({
      kind: 'failed' as const,
      pointer: `/${list}/${index}`,
      note: `failed, ${code}`,
    })),
    ...unread
      .filter((place) => place.startsWith('body/'))
      .map((place) => ({
        kind: 'unread' as const,
        pointer: place.slice('body'.length),
        note: 'no operation reads this',
      })),
  ]
}
