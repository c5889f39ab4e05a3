import type { Ended } from '../model/outcome.ts'
import { shownOutcome, words } from '../model/outcome.ts'

interface OutcomeProps {
  readonly of: Ended
}

/** How an exchange ended: shape, word and colour. */
export function OutcomeCell({ of }: OutcomeProps) {
  const { kind, glyph, word, detail, spoken } = shownOutcome(of)
  return (
    <span class={`outcome ${kind}`}>
      <span class="glyph" aria-hidden="true">
        {glyph}
      </span>
      <b aria-hidden="true">{word}</b>
      {detail && (
        <span class="count" aria-hidden="true">
          {detail}
        </span>
      )}
      <span class="aloud">{spoken}</span>
    </span>
  )
}

export function OutcomePill({ of }: OutcomeProps) {
  const { kind, glyph, word, detail } = shownOutcome(of)
  const name = words[kind]
  return (
    <span class={`pill ${kind}`}>
      <span aria-hidden="true">{glyph}</span>
      {name}
      <span class="mono">{[word === name ? '' : word, detail].filter(Boolean).join(' · ')}</span>
    </span>
  )
}
