import type { RequestChange } from '../../../schemas/explain.ts'
import type { ExchangeView } from '../../api.ts'
import { keptBody } from '../../model/kept-body.ts'
import { isOfUse } from '../../model/resending.ts'
import { Field, Input } from '../../parts/field.tsx'

/** A request as it is written in fields. */
export interface Draft {
  readonly method: string
  readonly path: string
  /** One a line. */
  readonly headers: string
  readonly body: string
  /** What is to be known of a body that is not shown. */
  readonly about?: string | undefined
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

/** Put in by the server, or made by whoever sends. */
const made = /^(authorization|x-date|host|connection|content-length|transfer-encoding)$/

const own = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !made.test(name) && isOfUse(name)))

/** The body, where it is kept as a text and whole; what stands for another must not be sent in its place. */
function bodyOf({ requestText, requestBody }: ExchangeView): Pick<Draft, 'body' | 'about'> {
  const { isBinary, whole } = keptBody(requestText, requestBody)
  if (!isBinary && !whole) return { body: requestText }
  const about = whole
    ? 'only its beginning is kept: write all of it'
    : 'it is no text, and sent as it was unless written here'
  return { body: '', about }
}

/** Of an exchange what can be written; the token is the server's to put in. */
export const draftOf = (exchange: ExchangeView): Draft => ({
  method: exchange.method,
  path: exchange.path,
  headers: headerLines(own(exchange.requestHeaders)),
  ...bodyOf(exchange),
})

/** What is another than in the exchange. */
export function changeOf(exchange: ExchangeView, { method, path, headers, body }: Draft): RequestChange {
  const [before, now] = [own(exchange.requestHeaders), headersIn(lowered(headers))]
  const gone = Object.keys(before).filter((name) => !(name in now))
  const other = Object.entries(now).filter(([name, value]) => before[name] !== value)
  const changed = Object.fromEntries([...gone.map((name) => [name, null] as const), ...other])
  return {
    ...(method !== exchange.method && { method }),
    ...(path !== exchange.path && { path }),
    ...(Object.keys(changed).length > 0 && { headers: changed }),
    ...(body !== bodyOf(exchange).body && { body }),
  }
}

/** Names of headers are of no case; their values are. */
const lowered = (lines: string): string => lines.replace(/^[^:\n]+:/gm, (name) => name.toLowerCase())

interface RequestEditorProps {
  readonly draft: Draft
  /** What is to be known of the headers; unless told otherwise, of those of an exchange. */
  readonly hint?: string | undefined
  readonly onChange: (draft: Draft) => void
}

const areas = [
  ['headers', 'Headers', 6],
  ['body', 'Body', 9],
] as const

const hintOnKnown = 'one a line; one taken away is not sent. Token, date and what nobody reads are put in'

export const RequestEditor = ({ draft, hint = hintOnKnown, onChange }: RequestEditorProps) => (
  <>
    <Field label="Method and path">
      {(['method', 'path'] as const).map((name) => (
        <Input key={name} label={name} value={draft[name]} onWrite={(text) => onChange({ ...draft, [name]: text })} />
      ))}
    </Field>
    {areas.map(([name, label, rows]) => (
      <Field key={name} label={label} hint={name === 'headers' ? hint : draft.about}>
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
