import type { Adversity } from './adversity.ts'
import type { Depth } from './depth.ts'
import { depths } from './depth.ts'

type Whole = Pick<Adversity, 'what' | 'kind' | 'says' | 'settings' | 'clock' | 'excuses'> & { readonly from: Depth }

const unkind = (what: string, says: string, parts: object, from: Depth = 'quick'): Whole => ({
  what,
  kind: 'legal',
  says,
  settings: { unkind: { seed: 1, ...parts } },
  from,
})

/** What holds for a whole run. */
const wholes: readonly Whole[] = [
  unkind('pages-of-1', 'pages had one row, and a cursor while there was more', { pages: 1 }),
  unkind('empty-pages', 'every other page had no row, and a cursor', { pages: 'sparse' }),
  unkind('reversed', 'lists whose order nobody promises came the other way round', { order: 'reversed' }),
  unkind('fields', 'answers had fields that nobody has heard of', { fields: true }),
  unkind('cursors', 'pages had one row, and cursors characters that a query must encode', { pages: 1, cursors: true }),
  unkind('unkind-1', 'all of that at once', {}),
  unkind(
    'unkind-2',
    'all of that at once',
    { seed: 2, pages: 'varied', order: 'shuffled', fields: true, cursors: true },
    'usual',
  ),
  unkind(
    'unkind-3',
    'all of that at once',
    { seed: 3, pages: 'varied', order: 'shuffled', fields: true, cursors: true },
    'usual',
  ),
  {
    what: 'client-clock-16-min-behind',
    kind: 'world',
    says: "the client's clock was 16 minutes behind",
    clock: { skew: 'PT16M' },
    excuses: ['old-date'],
    from: 'quick',
  },
  {
    what: 'client-clock-16-min-ahead',
    kind: 'world',
    says: "the client's clock was 16 minutes ahead",
    clock: { skew: '-PT16M' },
    excuses: ['future-date'],
    from: 'quick',
  },
  {
    what: 'client-clock-3-s-ahead',
    kind: 'world',
    says: "the client's clock was 3 seconds ahead",
    clock: { skew: '-PT3S' },
    excuses: ['future-date'],
    from: 'quick',
  },
  {
    what: 'far-future',
    kind: 'legal',
    says: 'what was made was dated in 2052',
    clock: { now: '2052-11-02T00:00:00.000Z' },
    from: 'quick',
  },
]

export const wholeAdversities = (depth: Depth): Adversity[] =>
  wholes
    .filter(({ from }) => depths.indexOf(from) <= depths.indexOf(depth))
    .map(({ from: _, ...whole }) => ({
      ...whole,
      id: `all:${whole.what}`,
      operation: null,
      faults: [],
      restsOn: whole.kind === 'legal' ? ['DEC-28', 'COM-10'] : ['COM-4', 'DEC-5'],
    }))
