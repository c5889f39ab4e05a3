import type { JSX } from 'preact'

type ButtonProps = JSX.IntrinsicElements['button'] & {
  /** How it looks, beside being a button: `quiet`, `small`, `symbol`, `primary`; without, it looks like its text. */
  readonly look?: string
}

/** A button that sends no form, unless its type says so. */
export const Button = ({ look, ...props }: ButtonProps) => (
  <button type="button" {...(look !== undefined && { class: `button ${look}` })} {...props} />
)
