import { curlParts } from '../../cli/curl.ts'
import { keptBody } from './kept-body.ts'
import { isOfUse } from './resending.ts'

/** As much of an exchange as it takes to send it again. */
export interface Sent {
  readonly method: string
  readonly path: string
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly requestText: string
}

/** Made by whatever sends it; of the token only a hash is known; the date would be too old. */
const madeAnew = /^(host|connection|content-length|transfer-encoding|expect|keep-alive|authorization|x-date)$/

/** Why a request cannot be written out; `undefined` where it can. */
export function whyNotCopied(requestText: string, requestBody: unknown): string | undefined {
  const { isBinary, whole } = keptBody(requestText, requestBody)
  if (whole) return 'It was not copied: only the beginning of its body is kept.'
  return isBinary || requestText.includes('\0') ? 'It was not copied: its body is no text.' : undefined
}

/** Beside what is sent: what was put in the place of something that is not known or would not do. */
export const replaced =
  '$TOKEN stands for the token, which is not kept; the date is made when it is run; headers that nobody reads are left out'

const headersOf = ({ requestHeaders }: Sent): [string, string][] =>
  Object.entries(requestHeaders).filter(([name]) => !madeAnew.test(name) && isOfUse(name))

const has = ({ requestHeaders }: Sent, name: string): boolean => Object.hasOwn(requestHeaders, name)

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** In the place of what is not known or would be too old, by the name of the header. */
const placeholders = new Map([
  ['authorization', '"Authorization: Bearer $TOKEN"'],
  ['x-date', '"X-Date: $(date -u +%Y%m%dT%H%M%SZ)"'],
])

/** A command for a shell. @param base where the emulator is reached */
export function curlOf(sent: Sent, base: string): string {
  const { method, path, requestText } = sent
  const given = [...placeholders].filter(([name]) => has(sent, name))
  const request = { method, url: addressOf(base, path), headers: [...given, ...headersOf(sent)], body: requestText }
  return `curl ${curlParts(request, quoted, (name) => placeholders.get(name)).join(' \\\n  ')}`
}

const addressOf = (base: string, path: string): string => (path.startsWith('/') ? `${base}${path}` : path)

/** A call in JavaScript. */
export function fetchOf(sent: Sent, base: string): string {
  const { method, path, requestText } = sent
  const headers = [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a template in the code that is copied
    ...(has(sent, 'authorization') ? ['    authorization: `Bearer ${token}`,'] : []),
    ...(has(sent, 'x-date') ? ["    'x-date': new Date().toISOString().replace(/[-:]|\\.\\d{3}/g, ''),"] : []),
    ...headersOf(sent).map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)},`),
  ]
  const text = JSON.stringify(requestText)
  // Of a text, fetch would send the type of its own accord.
  const content = has(sent, 'content-type') ? text : `new Blob([${text}])`
  const body = requestText === '' ? [] : [`  body: ${content},`]
  return [
    `await fetch(${JSON.stringify(addressOf(base, path))}, {`,
    `  method: ${JSON.stringify(method)},`,
    '  headers: {',
    ...headers,
    '  },',
    ...body,
    '})',
  ].join('\n')
}
