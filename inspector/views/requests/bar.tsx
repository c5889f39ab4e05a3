import { attempt, clearJournal } from '../../actions.ts'
import type { Term } from '../../address.ts'
import { api } from '../../api.ts'
import { searchOf, termValue, withoutTerm, withTerm } from '../../model/filter.ts'
import { grouped } from '../../model/wording.ts'
import { Button } from '../../parts/button.tsx'
import { saveAs } from '../../parts/copy.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Menu } from '../../parts/menu.tsx'
import { go, place } from '../../place.ts'
import { all, exchanges, isPaused, touch, waiting } from '../../session.ts'
import { FilterField } from './filter-field.tsx'
import { reviewed } from './found.ts'

/** What the quick filters set, and how many there are. */
const quick = [
  ['Refused', { name: 'outcome', value: 'refused' }],
  ['Partial', { name: 'outcome', value: 'partial' }],
  ['Faults', { name: 'fault', value: 'any' }],
  ['In review', { name: 'finding', value: 'any' }],
] as const

function countsOf(): readonly number[] {
  const of = (outcome: string) => all.value.filter((summary) => summary.outcome === outcome).length
  return [of('refused'), of('partial'), all.value.filter(({ fault }) => fault !== null).length, reviewed.value.size]
}

const withoutQuick = (filter: readonly Term[]): Term[] =>
  quick.reduce<Term[]>((rest, [, { name }]) => withoutTerm(rest, name), [...filter])

function QuickFilters() {
  const { filter } = place.value
  const counts = countsOf()
  const isOn = ({ name, value }: Term) => termValue(filter, name) === value
  const toggle = (term: Term) =>
    go(
      { filter: isOn(term) ? withoutTerm(filter, term.name) : withTerm(withoutQuick(filter), term) },
      { replace: true },
    )
  const isAny = quick.some(([, term]) => isOn(term))
  return (
    <fieldset class="choices bare" aria-label="Quick filters">
      <Button aria-pressed={!isAny} onClick={() => go({ filter: withoutQuick(filter) }, { replace: true })}>
        All <span class="count">{grouped(all.value.length)}</span>
      </Button>
      {quick.map(([word, term], index) => (
        <Button key={word} aria-pressed={isOn(term)} onClick={() => toggle(term)}>
          {word} <span class="count">{grouped(counts[index] ?? 0)}</span>
        </Button>
      ))}
    </fieldset>
  )
}

function PauseButton() {
  const change = () => {
    if (isPaused.peek()) exchanges.resume()
    else exchanges.pause()
    touch()
  }
  return (
    <Button look="quiet" aria-pressed={isPaused.value} onClick={change}>
      <Icon name={isPaused.value ? 'play' : 'pause'} size={14} />
      <span class="word">{isPaused.value ? 'Resume' : 'Pause'}</span>
      {isPaused.value && <span class="count">{grouped(waiting.value)} new</span>}
    </Button>
  )
}

const save = (form: 'har' | 'json'): Promise<boolean> =>
  attempt(async () => {
    const { world, filter } = place.peek()
    const content = await api.requests(world, `${form === 'har' ? '.har' : ''}?${searchOf(filter)}`)
    saveAs(`${world}.${form}`, 'application/json', JSON.stringify(content, null, 2))
  }, 'What the filter shows was saved')

export const Bar = () => (
  <div class="bar">
    <FilterField />
    <QuickFilters />
    <span class="grow" />
    <PauseButton />
    <Menu
      class="button quiet"
      face={
        <>
          <Icon name="download" size={14} />
          <span class="word">Export</span>
        </>
      }
    >
      <Button onClick={() => save('har')}>
        HTTP archive <small>.har</small>
      </Button>
      <Button onClick={() => save('json')}>
        Journal <small>.json</small>
      </Button>
    </Menu>
    <Button look="quiet" onClick={clearJournal}>
      <Icon name="ban" size={14} />
      <span class="word">Clear</span>
    </Button>
  </div>
)
