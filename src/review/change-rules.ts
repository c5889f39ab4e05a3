import { Awaited } from './clients.ts'
import type { ReviewRule } from './finding.ts'
import type { History } from './history.ts'
import { grouped } from './history.ts'
import { deviceOf, isGiven, isOf, isSuccess, keyOf, moduleOf } from './questions.ts'
import type { Reviewed } from './reviewed.ts'

/** A configuration by its name; `null` for all of its module. */
const configOf = (exchange: Reviewed, name: string | null | undefined): string => keyOf(moduleOf(exchange), name)

const nameOf = ({ facts }: Reviewed): string | undefined => facts.sent.configName

/**
 * What clients know of values. Each reading is good for one change, because after a mismatch it is stale and after a
 * success the new value is known; so one client's readings do not speak for another's guesses, whoever they are.
 */
class Knowledge {
  readonly #readings = new Map<string, number>()
  /** By client, as far as one can be told from another. */
  readonly #reads: Awaited

  constructor({ clients }: History) {
    this.#reads = new Awaited(clients)
  }

  note(exchange: Reviewed): void {
    if (!exchange.delivered) return
    if (isOf(exchange, 'getConfigInfo')) this.#reads.put(configOf(exchange, nameOf(exchange)), exchange)
    if (isOf(exchange, 'listConfigInfos')) this.#reads.put(configOf(exchange, null), exchange)
    for (const [name, value] of Object.entries(exchange.facts.values)) this.#count(configOf(exchange, name), value, 1)
  }

  /** Uses a reading of the value that a change believes, if there is one. */
  takeReading(change: Reviewed): boolean {
    return this.#count(configOf(change, nameOf(change)), change.facts.sent.currentConfigValue ?? '', -1)
  }

  /** Whether the client of a change has read since an earlier exchange. */
  hasRead(change: Reviewed, since: Reviewed): boolean {
    const reads = [configOf(change, nameOf(change)), configOf(change, null)].map((key) => this.#reads.take(key, change))
    return reads.some((read) => read !== undefined && read.id > since.id)
  }

  /** Says whether there was as much. */
  #count(config: string, value: string, change: number): boolean {
    const key = keyOf(config, value)
    const count = (this.#readings.get(key) ?? 0) + change
    if (count < 0) return false
    this.#readings.set(key, count)
    return true
  }
}

/** What a client has to read after, before it changes the same again. */
interface Setback {
  readonly isMetBy: (change: Reviewed) => boolean
  /** What counts as the same. */
  readonly subjectOf: (change: Reviewed) => string
}

const mismatch: Setback = {
  isMetBy: (change) => !isSuccess(change) && change.delivered,
  subjectOf: (change) => configOf(change, nameOf(change)),
}

const lostAnswer: Setback = {
  isMetBy: (change) => isSuccess(change) && !change.delivered,
  subjectOf: (change) => keyOf(configOf(change, nameOf(change)), change.facts.digest),
}

/** Changes that were made again blindly, each with the one before. */
const blindAfter =
  ({ isMetBy, subjectOf }: Setback) =>
  (history: History): Reviewed[][] => {
    const [knowledge, waiting] = [new Knowledge(history), new Awaited(history.clients)]
    return history.of('getConfigInfo', 'listConfigInfos', 'updateConfigInfo').flatMap((exchange) => {
      knowledge.note(exchange)
      if (!isJudged(exchange)) return []
      const before = waiting.take(subjectOf(exchange), exchange)
      const isInformed = knowledge.takeReading(exchange)
      if (isMetBy(exchange)) waiting.put(subjectOf(exchange), exchange)
      return before && !isInformed && !knowledge.hasRead(exchange, before) ? [[before, exchange]] : []
    })
  }

/** Whether it is a change whose believed value was held against the present one. */
const isJudged = (change: Reviewed): boolean =>
  isOf(change, 'updateConfigInfo') && (isSuccess(change) || change.refusal === 'valueMismatch')

/** What takes scopes away again. */
const undoing = ['batchDeleteBackupScope', 'unbindDevice']

/** A list of scopes without any: whatever had been added was gone, and its client had looked. */
const isEmptyList = (exchange: Reviewed): boolean =>
  isOf(exchange, 'listBackupScope') && isGiven(exchange) && exchange.facts.listed === 0

function sentAgainWhole(history: History): Reviewed[][] {
  const waiting = new Awaited(history.clients)
  const undone = grouped(history.of(...undoing).filter(isSuccess), deviceOf)
  const emptied = grouped(history.of('listBackupScope').filter(isEmptyList), moduleOf)
  const found: Reviewed[][] = []
  for (const batch of history.of('batchAddBackupScope')) {
    const key = keyOf(moduleOf(batch), ...itemsOf(batch))
    const before = waiting.take(key, batch)
    const undoers = [...(undone.get(deviceOf(batch)) ?? []), ...(emptied.get(moduleOf(batch)) ?? [])]
    const isAnew = isAllDone(batch) || undoers.some((one) => before && isBetween(before, one, batch))
    if (before && !isAnew) found.push([before, batch])
    if (isPartlyDone(batch)) waiting.put(key, batch)
  }
  return found
}

/** What a batch asks for, whatever the order; of one that was refused, its body has to do. */
const itemsOf = ({ facts }: Reviewed): readonly (string | null)[] => facts.items?.digests.toSorted() ?? [facts.digest]

/** All of the batch was added: whatever had been before was gone, though nobody may have been seen to undo it. */
const isAllDone = ({ facts: { items } }: Reviewed): boolean =>
  items !== null && items.done > 0 && items.failed.length === 0

/** Something of the batch was added, and not all of that was told: by failures, or by an answer that never came whole. */
const isPartlyDone = ({ delivered, facts: { items } }: Reviewed): boolean =>
  items !== null && items.done > 0 && (!delivered || items.failed.length > 0)

/** Whether something may have been done after one exchange had begun, and before another was over. */
const isBetween = (earlier: Reviewed, one: Reviewed, later: Reviewed): boolean =>
  one.id > earlier.begunAfter && one.begunAfter < later.id

/** Changes that are made again, although the first was made or could not be. */
export const changeRules: readonly ReviewRule[] = [
  {
    rule: 'change-without-reading',
    title: 'Change without reading',
    message: 'A configuration was changed again after a mismatch, without reading its present value in between.',
    facts: ['CFG-2', 'DEC-23'],
    find: blindAfter(mismatch),
  },
  {
    rule: 'change-sent-again',
    title: 'Change sent again',
    message: 'A change whose answer was lost was sent again as it was, although it had been made: read first.',
    facts: ['CFG-2'],
    find: blindAfter(lostAnswer),
  },
  {
    rule: 'batch-sent-again-whole',
    title: 'Batch sent again whole',
    message:
      'A batch was sent again whole, although some of its items had been added: send those that failed, or read first.',
    facts: ['SCO-3', 'DEC-19'],
    find: sentAgainWhole,
  },
]
