import { useRef, useState } from 'preact/hooks'
import type { Term } from '../../address.ts'
import { termNames } from '../../address.ts'
import { termsIn, withoutTerm, withTerm } from '../../model/filter.ts'
import { words as outcomeWords } from '../../model/outcome.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { go, place } from '../../place.ts'
import { catalogue, faults } from '../../session.ts'

const setFilter = (filter: readonly Term[]): void => go({ filter }, { replace: true })

/** The conditions of the filter, and a field for the next. */
export function FilterField() {
  const [text, setText] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const { filter } = place.value
  const add = () => {
    setFilter(termsIn(text).reduce<Term[]>(withTerm, [...filter]))
    setText('')
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') add()
    if (event.key === 'Backspace' && text === '') setFilter(filter.slice(0, -1))
    if (event.key === 'Escape') document.querySelector<HTMLElement>('.list')?.focus()
  }
  return (
    <div class="search">
      <Icon name="search" />
      {filter.map((term) => (
        <Tag key={term.name} term={term} onRemove={() => input.current?.focus()} />
      ))}
      <input
        ref={input}
        aria-label="Filter requests"
        placeholder={filter.length === 0 ? 'Filter, for example status:400' : ''}
        value={text}
        list="conditions"
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Suggestions />
      {filter.length === 0 && text === '' && <kbd>/</kbd>}
    </div>
  )
}

function Tag({ term: { name, value }, onRemove }: { readonly term: Term; readonly onRemove: () => void }) {
  const words = name === 'q' ? `“${value}”` : `${name}:${value}`
  const remove = () => {
    setFilter(withoutTerm(place.peek().filter, name))
    onRemove()
  }
  return (
    <span class="tag">
      <span class="sent">{words}</span>
      <Button aria-label={`Remove ${words}`} onClick={remove}>
        <Icon name="x" size={11} />
      </Button>
    </span>
  )
}

function Suggestions() {
  const operations = catalogue.value?.operations.map(({ id }) => `operation:${id}`) ?? []
  const outcomes = Object.keys(outcomeWords).map((one) => `outcome:${one}`)
  const others = ['unread:true', 'fault:any', 'finding:any', ...faults.value.map(({ id }) => `fault:${id}`)]
  const names = termNames.filter((name) => name !== 'q').map((name) => `${name}:`)
  return (
    <datalist id="conditions">
      {[...outcomes, ...others, ...operations, ...names].map((value) => (
        <option key={value} value={value} />
      ))}
    </datalist>
  )
}
