import type { CatalogueEntry, ErrorKey } from '../errors.ts'
import { catalogue } from '../errors.ts'
import type { Goal } from './goals.ts'

/** What a client never met, and how to have it meet that. */
interface Remedy {
  /** What was never met, in words. */
  readonly title: string
  readonly fits: (goal: Goal) => boolean
  /** A request to the control plane that makes it, with the next call of the operation; absent where only the client can. */
  readonly make?: (goal: Goal) => ControlCall
  /** What the gauntlet is to be asked for, so that the client meets it in a run of its own; absent where that makes none. */
  readonly adversities?: readonly string[]
}

interface ControlCall {
  readonly method: 'POST' | 'PUT'
  /** Below the address of a world. */
  readonly path: string
  readonly body: object
}

const fault =
  (effectOf: (goal: Goal) => object) =>
  (goal: Goal): ControlCall => ({
    method: 'POST',
    path: '/faults',
    body: { operations: [goal.operation], when: { first: 1 }, effect: effectOf(goal) },
  })

const refusal = fault(({ what }) => ({ type: 'refuse', error: what }))

const failing = ({ code, msg }: CatalogueEntry) => ({
  type: 'failItems',
  indexes: [0],
  errorCode: String(code),
  msg,
})

const refused = (title: string, keys: readonly string[], adversities: readonly string[] = []): Remedy => ({
  title,
  fits: ({ kind, what }) => kind === 'refusals' && keys.includes(what),
  make: refusal,
  adversities,
})

const mishap = (title: string, name: string, effect: object, adversity: string): Remedy => ({
  title,
  fits: ({ kind, what }) => kind === 'mishaps' && what === name,
  make: fault(() => effect),
  adversities: [adversity],
})

/** A goal belongs to one of them. */
export const remedies: readonly Remedy[] = [
  { title: 'a success', fits: ({ kind }) => kind === 'operations' },
  mishap('an answer that never came, although the work was done', 'answerLost', { type: 'loseAnswer' }, ':lose-answer'),
  mishap('a 429 with Retry-After', 'throttled', { type: 'throttle', retryAfter: 1 }, ':throttle'),
  mishap('a failure before anything was done', 'failedBefore', { type: 'reset' }, ':reset'),
  {
    title: 'a batch of several items of which a part failed',
    fits: ({ what }) => what === 'partlyFailed',
    make: fault(() => failing(catalogue.internal)),
    adversities: [':fail-item'],
  },
  {
    title: 'a list of more than one page',
    fits: ({ what }) => what === 'moreBehind' || what === 'secondPage',
    make: () => ({ method: 'PUT', path: '', body: { unkind: { seed: 1 } } }),
    adversities: [':pages'],
  },
  refused('a lock that somebody else has, or that was lost', ['lockHeld', 'lockNotHeld'], [':held', ':lock']),
  refused('a device, a record or a value that is gone', ['notFound'], [':device-gone', ':record-gone']),
  refused('a value that somebody else changed meanwhile', ['valueMismatch'], [':competitor']),
  refused('what is done already', ['recordCompleted', 'duplicateFile']),
  refused('an upload that is gone, or whose bytes are others', ['noUpload', 'integrity'], [':completion-refused']),
  {
    title: 'an item that is refused',
    fits: ({ kind }) => kind === 'items',
    make: fault(({ what }) => failing(catalogue[what as ErrorKey])), // which reasons for items are
  },
  { title: 'an optional field', fits: ({ kind }) => kind === 'fields' },
]

/** For a shell, with the address of the world that `exec` gives to its command. */
export function lineOf({ make }: Remedy, goal: Goal): string | null {
  if (make === undefined) return null
  const { method, path, body } = make(goal)
  const words = ['curl', ...(method === 'POST' ? [] : ['-X', method]), `"$KOODRIVE_CONTROL_URL${path}"`]
  return `${words.join(' ')} -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`
}

/** A command line that has the client meet it; null where none does. */
export const gauntletLine = ({ adversities = [] }: Remedy): string | null =>
  adversities.length > 0 ? `gauntlet ${adversities.map((id) => `--only ${id}`).join(' ')} -- COMMAND` : null
