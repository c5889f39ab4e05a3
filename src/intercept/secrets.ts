import { hash } from 'node:crypto'

/** Enough of a hash to recognise a secret by, and far too little to guess it from. */
const shortHash = (secret: string): string => `sha256:${hash('sha256', secret).slice(0, 12)}`

/** Headers that hold nothing but a secret. */
const secretHeaders = new Set(['proxy-authorization', 'cookie', 'x-auth-token'])

/** The secret in an `Authorization`: a token, a signature or, in any other form, all of it. */
function secretOf(authorization: string): string {
  const signature = /Signature=([^,\s]+)/.exec(authorization)?.[1]
  return signature ?? /^bearer[ +](.+)$/i.exec(authorization)?.[1] ?? authorization
}

/** Whatever has to be hidden of an exchange: a function that puts a short hash in the place of each of its secrets. */
export function hiderOf(headers: readonly string[]): (text: string) => string {
  const secrets = new Set<string>()
  for (let index = 0; index < headers.length; index += 2) {
    const [name, value] = [headers[index]?.toLowerCase() ?? '', headers[index + 1] ?? '']
    if (name === 'authorization') secrets.add(secretOf(value))
    else if (secretHeaders.has(name)) secrets.add(value)
  }
  const present = [...secrets].filter((secret) => secret !== '')
  return (text) => present.reduce((hidden, secret) => hidden.replaceAll(secret, shortHash(secret)), text)
}
