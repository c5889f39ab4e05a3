import type { Outcome, Summary } from '../../schemas/journal.ts'

/** How an outcome is shown: by its shape, its word and its colour, so that no one of them has to be seen. */
export interface ShownOutcome {
  readonly kind: Outcome
  readonly glyph: string
  /** Read first: a status, or a word where there is none that would say it. */
  readonly word: string
  /** What follows it in digits: a code, how many items, whether the work was done. */
  readonly detail: string
  /** All of it in words. */
  readonly spoken: string
}

/** What of an exchange says how it ended. */
export type Ended = Pick<Summary, 'outcome' | 'status' | 'code' | 'worked'> & {
  readonly items: { readonly done: number; readonly failed: number | readonly unknown[] } | null
}

const glyphs: Readonly<Record<Outcome, string>> = {
  accepted: '●',
  partial: '◐',
  refused: '✕',
  injected: '↯',
  unanswered: '⊘',
}

export const words: Readonly<Record<Outcome, string>> = {
  accepted: 'Accepted',
  partial: 'Partial',
  refused: 'Refused',
  injected: 'Injected',
  unanswered: 'No answer',
}

export function shownOutcome(ended: Ended): ShownOutcome {
  const { outcome, status, code } = ended
  const [glyph, name] = [glyphs[outcome], words[outcome]]
  const counts = itemsOf(ended)
  const detail = {
    accepted: '',
    partial: counts,
    refused: code ? String(code) : '',
    injected: code ? String(code) : '',
    unanswered: ended.worked ? 'work done' : 'nothing done',
  }[outcome]
  const word = outcome === 'partial' || outcome === 'unanswered' || status === null ? name : String(status)
  const spoken = [name, word === name ? '' : word, detail].filter((part) => part !== '').join(' ')
  return { kind: outcome, glyph, word, detail, spoken }
}

function itemsOf({ items }: Ended): string {
  if (items === null) return ''
  const failed = typeof items.failed === 'number' ? items.failed : items.failed.length
  return `${items.done} of ${items.done + failed}`
}

/** What a request is about, as far as a few letters can say it. */
export function subjectOf({ sent, operation }: Pick<Summary, 'sent' | 'operation'>): string {
  const names = operation === 'bindDevice' ? ['machineCode'] : ['fileName', 'configName', 'moduleCode', 'part']
  return names.map((name) => sent[name] ?? '').find((text) => text !== '') ?? ''
}
