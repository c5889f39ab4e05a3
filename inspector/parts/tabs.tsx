import { Button } from './button.tsx'

interface TabsProps<Name extends string> {
  readonly label: string
  readonly panel: string
  readonly names: readonly (readonly [name: Name, word: string, count?: number | string | undefined])[]
  readonly current: Name
  readonly onChoose: (name: Name) => void
}

/** Tabs as ARIA describes them: one stop for Tab, arrows between them. */
export function Tabs<Name extends string>({ label, panel, names, current, onChoose }: TabsProps<Name>) {
  const onKeyDown = (event: KeyboardEvent) => {
    const at = names.findIndex(([name]) => name === current)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key]
    const next = to === undefined ? undefined : names[(to + names.length) % names.length]
    if (!next || !(event.currentTarget instanceof HTMLElement)) return
    event.preventDefault()
    event.stopPropagation()
    onChoose(next[0])
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next[0]}"]`)?.focus()
  }
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {names.map(([name, word, count]) => (
        <Button
          key={name}
          role="tab"
          data-tab={name}
          aria-selected={name === current}
          aria-controls={panel}
          tabIndex={name === current ? 0 : -1}
          onClick={() => onChoose(name)}
        >
          {word}
          {count !== undefined && <span class="count">{count}</span>}
        </Button>
      ))}
    </div>
  )
}
