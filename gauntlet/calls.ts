import type { WholeEntryView } from '../src/journal/view.ts'

/** One call that the client made while nothing went wrong. */
export interface ClientCall {
  readonly operation: string
  /** Counts the calls of the operation in its world, from 1. */
  readonly nth: number
  /** Counts all calls of its world. */
  readonly place: number
  readonly path: string
  readonly body: unknown
  readonly userId: string
  /** How the call is named in ids: by its content where that is unique, otherwise by its number. */
  readonly name: string
  /** What tells it from the other calls of its operation, as a fault says it: by its content, or by its number. */
  readonly where: { readonly body: Readonly<Record<string, string>> } | null
}

type Seen = Pick<WholeEntryView, 'operation' | 'path' | 'requestBody' | 'requestHeaders' | 'world'>

/** Fields of a body that say what a call is about, whatever its place among others. */
const telling = ['fileName', 'configName', 'machineCode'] as const

/** What a call is about, where its body says so in a text that an id can hold. */
function labelOf(body: unknown): { readonly field: string; readonly text: string } | undefined {
  return telling.flatMap((field) => {
    const text: unknown = Object(body)[field]
    return typeof text === 'string' && /^[\w.-]{1,40}$/.test(text) ? [{ field, text }] : []
  })[0]
}

/**
 * The calls of a run, in their order. Of parallel calls the number may be another one each time; so one is named by its
 * content where every run has exactly one call of this content.
 *
 * @param runs of the same client, the first of which is told
 */
export function callsOf(runs: readonly (readonly Seen[])[]): ClientCall[] {
  const [first = []] = runs
  const counts = runs.map(countLabels)
  const numbers = new Map<string, number>()
  const next = (key: string): number => {
    const number = (numbers.get(key) ?? 0) + 1
    numbers.set(key, number)
    return number
  }
  return first.flatMap((seen): ClientCall[] => {
    const { operation, world } = seen
    if (operation === null) return []
    const nth = next(`${world} ${operation}`)
    const label = labelOf(seen.requestBody)
    const isUnique =
      label !== undefined &&
      counts.every((count) => count.get(keyOf(seen)) === 1) &&
      first.filter((one) => one.operation === operation).length > 1
    return [
      {
        operation,
        nth,
        place: next(world),
        path: seen.path,
        body: seen.requestBody,
        userId: seen.requestHeaders['x-user-id'] ?? '',
        name: isUnique ? `${operation}(${label.text})` : `${operation}#${nth}`,
        where: isUnique ? { body: { [`/${label.field}`]: label.text } } : null,
      },
    ]
  })
}

const keyOf = ({ operation, requestBody }: Seen): string => `${operation} ${labelOf(requestBody)?.text}`

function countLabels(run: readonly Seen[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const seen of run) counts.set(keyOf(seen), (counts.get(keyOf(seen)) ?? 0) + 1)
  return counts
}
