import { readUser } from '../cli/command-line.ts'
import { UsageError } from '../cli/usage-error.ts'
import { SettingsError } from '../src/index.ts'
import { depths } from './depth.ts'

/*
 * What a call of `gauntlet` in this process says, held against what it may say, as the command does with its flags: an option
 * that nobody reads, or one with which nothing is tried, is a test that passes whatever the client does.
 */

type Judge = (value: unknown) => string | undefined

const whole =
  (least: number, most: number): Judge =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `a whole number from ${least} to ${most}`

const mostSeconds = 86_400

const seconds: Judge = (value) =>
  typeof value === 'number' && value > 0 && value <= mostSeconds
    ? undefined
    : `a number of seconds, more than 0 and at most ${mostSeconds}`

const truth: Judge = (value) => (typeof value === 'boolean' ? undefined : 'true or false')

const ids: Judge = (value) =>
  Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '')
    ? undefined
    : "an array of ids, such as ['createBackupLock#1:reset']"

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** By what it can do: a test may run in a realm of its own. */
const abortable: Judge = (value) =>
  isObject(value) && 'aborted' in value && 'addEventListener' in value ? undefined : 'an AbortSignal'

const judges = {
  depth: (value) => (depths.some((depth) => depth === value) ? undefined : `one of ${depths.join(', ')}`),
  only: ids,
  skip: ids,
  pairs: truth,
  strict: truth,
  failFast: truth,
  jobs: whole(1, 64),
  patience: seconds,
  mostCalls: whole(1, 1_000_000),
  user: (value) => (isUser(value) ? undefined : '1 to 64 visible ASCII characters without spaces'),
  settings: (value) => (isObject(value) ? undefined : 'an object of settings'),
  signal: abortable,
} as const satisfies Readonly<Record<string, Judge>>

function isUser(value: unknown): boolean {
  try {
    return typeof value === 'string' && readUser(value) === value
  } catch {
    return false
  }
}

/** What is undefined is not given. @throws SettingsError */
export function givenOptions<Options extends object>(work: unknown, options: Options): Options {
  if (typeof work !== 'function')
    throw new SettingsError('gauntlet takes a function that makes a backup, and its options')
  if (!isObject(options)) throw new SettingsError('gauntlet takes an object of options behind the function')
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    if (!Object.hasOwn(judges, name))
      throw new SettingsError(`gauntlet has no option ${name}; it has ${Object.keys(judges).join(', ')}`)
    const expected = judges[name as keyof typeof judges](value)
    if (expected !== undefined) throw new SettingsError(`gauntlet takes ${expected} as ${name}`)
  }
  return Object.fromEntries(given) as Options // its own, those left out that say nothing
}

/** Does what a command would call wrong usage. @throws SettingsError in place of UsageError */
export function asSettings(judge: () => void): void {
  try {
    judge()
  } catch (error) {
    throw error instanceof UsageError ? new SettingsError(error.message) : error
  }
}
