import { computed, effect, signal } from '@preact/signals'
import { hiddenUpTo } from '../../actions.ts'
import { api } from '../../api.ts'
import type { Row } from '../../model/exchanges.ts'
import { rowsOf } from '../../model/exchanges.ts'
import { fits, isDecidable, searchOf } from '../../model/filter.ts'
import { latest } from '../../model/latest.ts'
import { place } from '../../place.ts'
import { all, exchanges, review, shown } from '../../session.ts'

/** What the journal answered to a question, or why it did not. */
interface Found {
  readonly question: string
  readonly ids: ReadonlySet<number>
  readonly mistake?: string
}

const noIds: ReadonlySet<number> = new Set()
const nothing: Found = { question: '', ids: noIds }
const found = signal(nothing)

/**
 * What the journal is asked: what only it can decide, such as words, and where rows decide that none fits, whether that is
 * because of a value that there cannot be. Empty where nothing is to be asked.
 */
const question = computed(() => {
  const { filter, world } = place.value
  const known = all.value
  const hasNone = known.length > 0 && filter.length > 0 && !known.some((one) => fits(one, filter, noIds))
  return isDecidable(filter) && !hasNone ? '' : `${world} ${exchanges.generation} ${searchOf(filter)}`
})
const current = computed(() => (found.value.question === question.value ? found.value : nothing))

export const isSearching = computed(() => current.value.question !== question.value)
export const searchMistake = computed(() => current.value.mistake)

/** The exchanges that fit the filter. */
export const fitting = computed(() => {
  const { filter } = place.value
  const visible = shown.value.filter(({ id }) => id > hiddenUpTo.value)
  return filter.length === 0 ? visible : visible.filter((summary) => fits(summary, filter, current.value.ids))
})

export const rows = computed<readonly Row[]>(() => rowsOf(fitting.value))

/** The exchanges that a finding is about. */
export const reviewed = computed(() => new Set(review.value?.findings.flatMap(({ requests }) => requests)))

let isDue = false
const begin = latest()

/** Asks the journal a little later, again with whatever comes. */
effect(() => {
  void all.value
  void review.value
  if (question.value === '' || isDue) return
  isDue = true
  setTimeout(search, 150)
})

function search(): void {
  isDue = false
  const { filter, world } = place.peek()
  const [asked, isOfUse] = [question.peek(), begin()]
  if (asked === '') return
  const keep = (part: Partial<Found>) => {
    if (isOfUse()) found.value = { ...nothing, question: asked, ...part }
  }
  api.summaries(world, searchOf(filter)).then(
    ({ requests }) => keep({ ids: new Set(requests.map(({ id }) => id)) }),
    (error: Error) => keep({ mistake: error.message }),
  )
}

/** The exchange that the pointer is at, in the list or on the timeline. */
export const pointed = signal<number | null>(null)
