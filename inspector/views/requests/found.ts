import { computed, effect, signal } from '@preact/signals'
import { hiddenUpTo } from '../../actions.ts'
import { api } from '../../api.ts'
import type { Row } from '../../model/exchanges.ts'
import { rowsOf } from '../../model/exchanges.ts'
import { fits, isDecidable, searchOf } from '../../model/filter.ts'
import { place } from '../../place.ts'
import { all, review, shown } from '../../session.ts'

/** Ids that the journal named for the filter, and whether it is being asked. */
const found = signal<ReadonlySet<number>>(new Set())
export const isSearching = signal(false)
export const searchMistake = signal<string | undefined>(undefined)

/** The exchanges that fit the filter. */
export const fitting = computed(() => {
  const { filter } = place.value
  const visible = shown.value.filter(({ id }) => id > hiddenUpTo.value)
  return filter.length === 0 ? visible : visible.filter((summary) => fits(summary, filter, found.value))
})

export const rows = computed<readonly Row[]>(() => rowsOf(fitting.value))

/** The exchanges that a finding is about. */
export const reviewed = computed(() => new Set(review.value?.findings.flatMap(({ requests }) => requests)))

let timer: ReturnType<typeof setTimeout> | undefined

/** Asks the journal for what rows cannot decide: texts in bodies, and findings. */
effect(() => {
  const { filter, world } = place.value
  clearTimeout(timer)
  if (isDecidable(filter)) {
    searchMistake.value = undefined
    return
  }
  void all.value
  void review.value
  isSearching.value = true
  timer = setTimeout(() => void search(world, searchOf(filter)), 150)
})

async function search(world: string, query: string): Promise<void> {
  try {
    const { requests } = await api.summaries(world, query)
    if (searchOf(place.peek().filter) !== query) return
    found.value = new Set(requests.map(({ id }) => id))
    searchMistake.value = undefined
  } catch (error) {
    searchMistake.value = error instanceof Error ? error.message : String(error)
  }
  isSearching.value = false
}

/** The exchange that the pointer is at, in the list or on the timeline. */
export const pointed = signal<number | null>(null)
