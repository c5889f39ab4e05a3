import { counted } from '../../model/wording.ts'
import { Button } from '../../parts/button.tsx'
import { go, place } from '../../place.ts'
import { all } from '../../session.ts'
import { isSearching, searchMistake } from './found.ts'

/** Nothing fits: what to do about it. */
export function NoMatch() {
  const { filter } = place.value
  const remove = (count: number) => go({ filter: filter.slice(0, filter.length - count) }, { replace: true })
  return (
    <div class="empty">
      <div class="hero">
        <h1>{isSearching.value ? 'Looking through the journal' : 'No request fits the filter'}</h1>
        <p>{searchMistake.value ?? `Of ${counted(all.value.length, 'request')}, none fits all of its conditions.`}</p>
        <div class="actions">
          <Button look="primary" onClick={() => remove(1)}>
            Remove the last condition
          </Button>
          <Button look="" onClick={() => remove(filter.length)}>
            Remove all
          </Button>
        </div>
      </div>
    </div>
  )
}
