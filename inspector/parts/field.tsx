import type { ComponentChildren, JSX } from 'preact'
import { Button } from './button.tsx'

interface FieldProps {
  readonly label: string
  readonly hint?: string | undefined
  readonly children: ComponentChildren
}

/** Something to fill in. What is inside has a name of its own where it is more than one. */
export const Field = ({ label, hint, children }: FieldProps) => (
  <fieldset class="field" aria-label={label}>
    <span>{label}</span>
    {children}
    {hint && <small>{hint}</small>}
  </fieldset>
)

type InputProps = JSX.IntrinsicElements['input'] & {
  readonly label: string
  readonly onWrite: (text: string) => void
}

/** A line of text. */
export const Input = ({ label, onWrite, ...props }: InputProps) => (
  <input
    class="input mono"
    aria-label={label}
    autocomplete="off"
    onInput={(event) => onWrite(event.currentTarget.value)}
    {...props}
  />
)

/** One with its name above. */
export const TextField = ({ hint, ...props }: InputProps & Pick<FieldProps, 'hint'>) => (
  <Field label={props.label} hint={hint}>
    <Input {...props} />
  </Field>
)

type SelectProps = JSX.IntrinsicElements['select'] & {
  readonly label: string
  readonly onChoose: (value: string) => void
}

/** One of many. */
export const Select = ({ label, onChoose, ...props }: SelectProps) => (
  <select class="button" aria-label={label} onChange={(event) => onChoose(event.currentTarget.value)} {...props} />
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
