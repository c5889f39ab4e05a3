import type { Adversity } from './adversity.ts'
import type { Difference } from './difference.ts'
import { differenceOf, sizeOf } from './difference.ts'
import type { Entity } from './entities.ts'
import { entityLine } from './entities.ts'
import { keptLocks, neverReleased } from './locks.ts'
import type { Manners, Remark } from './manners.ts'
import { isHasty, mannersOf } from './manners.ts'
import type { Masks } from './masks.ts'
import { masked } from './masks.ts'
import { offTheWay } from './on-the-way.ts'
import { isWrite } from './plan-network.ts'
import type { Run } from './run.ts'
import type { VerdictName } from './verdict.ts'

/** What a run is held against: what happened where nothing went wrong, everything masked. */
export interface Standard {
  readonly masks: Masks
  /** What may be there in the end. */
  readonly ends: readonly (readonly Entity[])[]
  /** What may be there on the way. */
  readonly states: readonly (readonly Entity[])[]
  /** Rules of the review that are broken without any mishap. */
  readonly usual: ReadonlySet<string>
  /** Modules whose lock is kept without any mishap, which is told once. */
  readonly keptModules: ReadonlySet<string>
}

export interface RunJudgement {
  readonly verdict: VerdictName
  /** What is wrong, a line each, or the last words of a client that gave up. */
  readonly why: readonly string[]
  /** By which failures of one cause are known. */
  readonly sign: string
  readonly difference: Difference | null
  /** What a reviewer would say besides. */
  readonly remarks: readonly Remark[]
}

/** A verdict, by which sign it is grouped, and what is to be said. */
interface Finding extends Pick<RunJudgement, 'verdict' | 'sign'> {
  readonly why: readonly string[]
  readonly difference?: Difference
}

/** Holds a run against one without mishap. */
export function judgeRun(adversity: Adversity, run: Run, standard: Standard, isStrict: boolean): RunJudgement {
  const manners = mannersOf(findingsIn(run), standard.usual, adversity.excuses ?? [])
  const found = findingOf(adversity, run, standard, manners, isStrict)
  const { verdict, sign, why, difference = null } = found
  return { verdict, why, sign: `${verdict} ${sign}`, difference, remarks: [...manners.breaches, ...manners.remarks] }
}

function findingOf(adversity: Adversity, run: Run, standard: Standard, manners: Manners, isStrict: boolean): Finding {
  if (run.cut === 'storm') return { verdict: 'STORMED', why: [stormIn(run)], sign: '' }
  if (run.cut === 'patience') return { verdict: 'HUNG', why: [hangIn(run)], sign: '' }
  if (run.met === 0) return { verdict: 'not met', why: [], sign: '' }
  const found = withoutTaken(masked(run.entities, standard.masks), adversity)
  const difference = closest(standard.ends, found, adversity)
  const kept = (isCutOff(run, adversity) ? [] : keptLocks(run.entries, run.livingLocks)).map(
    ({ moduleCode }) => moduleCode,
  )
  const locks = kept.filter((moduleCode) => !standard.keptModules.has(moduleCode)).map(neverReleased)
  if (run.status === 0) return ofSuccess(adversity, difference, locks, manners)
  if (adversity.kind === 'legal') {
    const lastWords = lastLineOf(run.output)
    return { verdict: 'BROKE', why: [lastWords], sign: lastWords.replace(/\d+/g, 'n') }
  }
  const mess = offTheWay(onTheWay(standard, adversity), found)
  if (locks.length > 0) return { verdict: 'LEFT A MESS', why: [...locks, ...mess], sign: 'lock' }
  if (mess.length > 0) return { verdict: 'LEFT A MESS', why: mess, sign: messSign(mess, adversity) }
  const verdict = isStrict && isBearable(adversity) ? 'FRAIL' : sizeOf(difference) === 0 ? 'cried wolf' : 'gave up'
  return { verdict, why: [lastLineOf(run.output)], sign: '' }
}

function ofSuccess(
  adversity: Adversity,
  difference: Difference,
  locks: readonly string[],
  { breaches }: Manners,
): Finding {
  const sign = adversity.kind === 'world' ? placeOf(adversity) : `${placeOf(adversity)} ${signOf(difference)}`
  if (sizeOf(difference) > 0) return { verdict: 'LIED', why: linesOf(difference), sign, difference }
  if (locks.length > 0) return { verdict: 'RUDE', why: locks, sign: 'lock' }
  const [breach] = breaches
  if (breach) return { verdict: 'RUDE', why: breaches.map(({ text }) => text), sign: breach.rule }
  return { verdict: 'survived', why: [], sign: '' }
}

/** Where no call came through any more once the server was gone, nothing could be cleaned up. */
const isCutOff = ({ entries }: Run, { followedBy }: Adversity): boolean =>
  followedBy !== undefined && entries.at(-1)?.fault !== null

/** Of a throttling that goes on, the first wait counts: whoever comes after a client that gave up is another. */
function findingsIn({ entries, findings }: Run): Run['findings'] {
  const first = entries.find(({ status }) => status === 429)?.id
  return findings.filter(
    (finding) =>
      finding.rule !== 'retry-without-waiting' || (finding.requests[0] === first && isHasty(entries, finding)),
  )
}

function stormIn({ entries }: Run): string {
  const counts = [...Map.groupBy(entries, ({ operation }) => operation)].map(([operation, { length }]) => ({
    operation,
    length,
  }))
  const [most] = counts.sort((one, other) => other.length - one.length)
  return `${most?.length} calls of ${most?.operation ?? 'nothing that there is'}, without an end`
}

function hangIn({ entries, millis }: Run): string {
  const last = entries.at(-1)
  const name = last?.operation ?? 'none'
  // A client that is told to end gives up what it waits for, which is then over, too.
  const where =
    last && (last.status === null || !last.delivered)
      ? `its last call, ${name}, was never answered`
      : `the last call that was over is ${name}`
  return `still running after ${Math.round(millis / 1000)} s; ${where}`
}

const linesOf = ({ missing, instead }: Difference): string[] => [
  ...missing.map((entity) => `missing: ${entityLine(entity)}`),
  ...instead.map((entity) => `instead: ${entityLine(entity)}`),
]

/** Kinds of entities, whatever their names: so much of two failures of one cause is alike. */
const signOf = ({ missing, instead }: Difference): string =>
  [...new Set([...missing.map((one) => `-${kindOf(one)}`), ...instead.map((one) => `+${kindOf(one)}`)])]
    .sort()
    .join(' ')

const kindOf = ({ type, fields, files = [] }: Entity): string =>
  type === 'record'
    ? `record${fields['completed'] ? '' : '?'}${files.some(({ pending }) => pending) ? ' pending' : ''}`
    : type

/** Who takes away what was there before does so wherever it fails. */
function messSign(mess: readonly string[], adversity: Adversity): string {
  const lines = [...new Set(mess.map((line) => line.replace(/: (\w+) .*/, ' $1').replace(/\d+/g, 'n')))].sort()
  return lines.every((line) => line.startsWith('gone')) ? lines.join(' ') : `${placeOf(adversity)} ${lines.join(' ')}`
}

/** What somebody else did, or a clock of the client's, in a word. */
const worldWord = /^(lock|held|client-clock)-.*/

/** What befell one operation has one cause there; what somebody else did, or holds for the whole run, has one everywhere. */
const placeOf = ({ kind, operation, what }: Adversity): string => {
  if (kind === 'legal') return kind
  return kind === 'world' && what !== 'competitor' ? what.replace(worldWord, '$1') : String(operation)
}

const lastLineOf = (output: string): string => output.trim().split('\n').slice(-1).join('').trim()

const ofDevices: readonly Entity['type'][] = ['device', 'scope', 'config']

/** What somebody else takes away may be gone in the end, unless the client was refused for it and says success. */
const isTaken = ({ takes, operation }: Adversity, { type, fields }: Entity): boolean =>
  takes === 'device'
    ? ofDevices.includes(type)
    : takes === 'record' && type === 'record' && !(fields['completed'] === true && isWriteOf(operation))

const isWriteOf = (operation: string | null): boolean => operation !== null && isWrite({ operation })

/** A device that somebody unbound stays in the state as such. */
const withoutTaken = (found: readonly Entity[], { takes }: Adversity): readonly Entity[] =>
  takes === 'device' ? found.filter(({ type, fields }) => type !== 'device' || fields['unbound'] !== true) : found

function closest(ends: Standard['ends'], found: readonly Entity[], adversity: Adversity): Difference {
  const differences = ends.map((end) => {
    const { missing, instead } = differenceOf(end, found)
    return { missing: missing.filter((entity) => !isTaken(adversity, entity)), instead }
  })
  const [nearest = { missing: [], instead: [] }] = differences.sort((one, other) => sizeOf(one) - sizeOf(other))
  return nearest
}

/** States of good runs, and the same without what somebody else takes away. */
function onTheWay({ states }: Standard, { takes }: Adversity): Standard['states'] {
  if (takes === undefined) return states
  const isLeft = ({ type, fields }: Entity) =>
    takes === 'device' ? !ofDevices.includes(type) : type !== 'record' || fields['completed'] === true
  return [...states, ...states.map((state) => state.filter(isLeft))]
}

/** A single hiccup of the network, which nearly every client can outlive; not so a lock whose id never came. */
const isBearable = ({ kind, operation, what }: Adversity): boolean =>
  kind === 'transient' &&
  !(operation === 'createBackupLock' && ['lose-answer', 'truncate', 'slow', 'silence'].includes(what))
