import type { ComponentChildren } from 'preact'
import { Button } from './button.tsx'

interface FieldProps {
  readonly label: string
  readonly hint?: string | undefined
  readonly mistake?: string | undefined
  readonly children: ComponentChildren
}

/** Something to fill in. What is inside has a name of its own where it is more than one. */
export const Field = ({ label, hint, mistake, children }: FieldProps) => (
  <fieldset class="field" aria-label={label}>
    <span>{label}</span>
    {children}
    {hint && <small>{hint}</small>}
    {mistake && (
      <small class="mistake" role="alert">
        {mistake}
      </small>
    )}
  </fieldset>
)

interface ChoiceProps<Name extends string> {
  readonly label: string
  readonly value: Name
  readonly choices: readonly (readonly [name: Name, word: string])[]
  readonly onChoose: (name: Name) => void
}

/** One of a few. */
export const Choice = <Name extends string>({ label, value, choices, onChoose }: ChoiceProps<Name>) => (
  <Field label={label}>
    <div class="choices">
      {choices.map(([name, word]) => (
        <Button key={name} aria-pressed={name === value} onClick={() => onChoose(name)}>
          {word}
        </Button>
      ))}
    </div>
  </Field>
)
