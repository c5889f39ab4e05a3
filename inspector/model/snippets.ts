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

/** Beside what is sent: what was put in the place of something that is not known or would not do. */
export const replaced =
  '$TOKEN stands for the token, which is not kept; the date is made when it is run; headers that nobody reads are left out'

const headersOf = ({ requestHeaders }: Sent): [string, string][] =>
  Object.entries(requestHeaders).filter(([name]) => !madeAnew.test(name) && isOfUse(name))

const has = ({ requestHeaders }: Sent, name: string): boolean => Object.hasOwn(requestHeaders, name)

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const date = '$(date -u +%Y%m%dT%H%M%SZ)'

/** A command for a shell. @param base where the emulator is reached */
export function curlOf(sent: Sent, base: string): string {
  const { method, path, requestText } = sent
  const how = method === 'HEAD' ? '-I' : method === 'GET' && requestText === '' ? '' : `-X ${method}`
  const url = quoted(addressOf(base, path))
  const lines = [
    ['curl', how, /[[\]{}]/.test(path) ? '-g' : '', /\/\.{1,2}(\/|$|\?)/.test(path) ? '--path-as-is' : '', url],
    ...(has(sent, 'authorization') ? [['-H', '"Authorization: Bearer $TOKEN"']] : []),
    ...(has(sent, 'x-date') ? [['-H', `"X-Date: ${date}"`]] : []),
    ...headersOf(sent).map(([name, value]) => ['-H', quoted(value === '' ? `${name};` : `${name}: ${value}`)]),
    ...(requestText === '' ? [] : [['--data-binary', quoted(requestText)]]),
  ]
  return lines.map((parts) => parts.filter((part) => part !== '').join(' ')).join(' \\\n  ')
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
  const body = requestText === '' ? [] : [`  body: ${JSON.stringify(requestText)},`]
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
