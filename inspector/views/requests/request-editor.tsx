import { Field, Input } from '../../parts/field.tsx'

/** A request as it is written in fields. */
export interface Draft {
  readonly method: string
  readonly path: string
  /** One a line. */
  readonly headers: string
  readonly body: string
}

export const headerLines = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')

export const headersIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]),
  )

interface RequestEditorProps {
  readonly draft: Draft
  /** What is to be known of the headers. */
  readonly hint: string
  readonly onChange: (draft: Draft) => void
}

const areas = [
  ['headers', 'Headers', 6],
  ['body', 'Body', 9],
] as const

export const RequestEditor = ({ draft, hint, onChange }: RequestEditorProps) => (
  <>
    <Field label="Method and path">
      {(['method', 'path'] as const).map((name) => (
        <Input key={name} label={name} value={draft[name]} onWrite={(text) => onChange({ ...draft, [name]: text })} />
      ))}
    </Field>
    {areas.map(([name, label, rows]) => (
      <Field key={name} label={label} hint={name === 'headers' ? hint : undefined}>
        <textarea
          class="input"
          aria-label={label}
          spellcheck={false}
          rows={rows}
          value={draft[name]}
          onInput={(event) => onChange({ ...draft, [name]: event.currentTarget.value })}
        />
      </Field>
    ))}
  </>
)
