import { encoded } from './escaped-secrets.ts'
import { shortHash } from './short-hash.ts'

/*
 * Values that are secrets by their names. Patterns find where names and values end; a value itself may be as long as a body,
 * which is more than patterns with groups can go through.
 */

const secretWords = 'token|secret|passw(?:or)?d|passphrase|pwd|jwt|signature|authorization|cookie'
/** Without any of these, no name in a text is that of a secret. */
export const mayNameSecrets = new RegExp(`${secretWords}|key|%`, 'i')
/** How names end whose values are secrets: `refresh_token`, `clientSecret` and `user[password]`, too. */
export const secretEnd = `(?:${secretWords}|(?:api|access|secret|private)[_-]?key)(?:\\]|\\[\\w*\\])*`
const secretName = new RegExp(`${secretEnd}$`, 'i')
const percentEncoded = new RegExp(encoded('([\\da-f]{2})'), 'gi')

/** ASCII that is percent-encoded, perhaps more than once, as it is. */
export const plainly = (text: string): string =>
  text.replace(percentEncoded, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))

export const isSecretName = (name: string): boolean => secretName.test(plainly(name))

/** What stands for a secret in an example, such as `$TOKEN`, or in a script that left it to a variable. */
const placeholder = /^(?:bearer[ +])?\$[A-Z_]{1,64}$/i

/** What is shown of a secret. */
export const shown = (secret: string): string =>
  secret.length < 100 && placeholder.test(secret) ? secret : shortHash(secret)

/** A value that is a secret: where it stands, and what is to stand there. */
export interface SecretValue {
  readonly start: number
  readonly end: number
  readonly shown: string
}

/** @param valueAt the value behind what the pattern found, if it is a secret; nothing before `from` belongs to its name */
export function withoutValues(
  text: string,
  pattern: RegExp,
  valueAt: (found: RegExpExecArray, behind: number, from: number) => SecretValue | undefined,
): string {
  let [result, at, from] = ['', 0, 0]
  pattern.lastIndex = 0
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    const behind = found.index + found[0].length
    const value = valueAt(found, behind, from)
    from = value?.end ?? behind
    pattern.lastIndex = from
    if (value === undefined) continue
    result += text.slice(at, value.start) + value.shown
    at = value.end
  }
  return result + text.slice(at)
}

export const hashed = (text: string, start: number, end: number): SecretValue | undefined =>
  end > start ? { start, end, shown: shown(text.slice(start, end)) } : undefined
