/** What became of a client to which something happened. */
export const verdicts = {
  survived: { fails: false, letter: '·', meaning: 'success, and all is as without mishap' },
  'gave up': { fails: false, letter: 'g', meaning: 'failure, and what is left is a state on the way' },
  'cried wolf': { fails: false, letter: 'w', meaning: 'failure, although everything is done' },
  'not met': { fails: false, letter: ' ', meaning: 'it never came up' },
  LIED: { fails: true, letter: 'L', meaning: 'success, and something is missing, twice, or otherwise' },
  'LEFT A MESS': { fails: true, letter: 'M', meaning: 'failure, and there is what no good run ever has' },
  BROKE: { fails: true, letter: 'B', meaning: 'failure, although every answer was legal' },
  HUNG: { fails: true, letter: 'H', meaning: 'it did not end' },
  STORMED: { fails: true, letter: 'S', meaning: 'far more calls than without mishap' },
  RUDE: { fails: true, letter: 'R', meaning: 'success, without the manners that a client owes' },
  FRAIL: { fails: true, letter: 'F', meaning: 'failure after one hiccup (with --strict)' },
} as const

export type VerdictName = keyof typeof verdicts

export const isFailing = (name: VerdictName): boolean => verdicts[name].fails
