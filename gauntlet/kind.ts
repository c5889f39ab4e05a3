import { hidingCredentials } from '../cli/credentials.ts'
import type { ClientCall } from './calls.ts'
import { callsOf } from './calls.ts'
import type { GauntletCourse } from './course.ts'
import { differenceOf, sizeOf } from './difference.ts'
import type { Standard } from './judge.ts'
import { keptLocks, neverReleased } from './locks.ts'
import type { Remark } from './manners.ts'
import { mannersOf } from './manners.ts'
import { learnMasks, masked } from './masks.ts'
import { NotKind } from './not-kind.ts'
import type { Circumstances, Run, RunLimits } from './run.ts'
import { headersSent, runOnce } from './run.ts'

/** Two runs in which nothing goes wrong, and what follows from them. */
export interface Kind {
  readonly runs: readonly [Run, Run]
  readonly calls: readonly ClientCall[]
  readonly standard: Standard
  /** Obligations that are broken without any mishap. */
  readonly breaches: readonly Remark[]
  readonly limits: RunLimits
  /** The user whom most calls are for. */
  readonly user: string
}

/** How long a run without mishap may take, and how often it may call. */
const free: RunLimits = { millis: 3_600_000, calls: 1_000_000 }

/** Of the run without mishap, so many times as long may another take, and at least so long. */
const patienceFactor = 8
const leastPatience = 10_000

/** Likewise of calls. */
const callFactor = 6
const moreCalls = 60

/**
 * Runs the client twice as it is.
 *
 * @throws NotKind where it fails, fails the second time, ends otherwise then, or never calls
 */
export async function runKindly(
  around: Circumstances,
  {
    patienceMillis,
    mostCalls,
    withHar,
    withWorlds,
  }: Pick<GauntletCourse, 'patienceMillis' | 'mostCalls' | 'withHar' | 'withWorlds'>,
): Promise<Kind> {
  const says = wordsFor(around)
  const plan = { id: 'none', limits: free, isWatched: true, withHar, withWorlds }
  const first = await runOnce(around, plan)
  if (around.signal.aborted) throw new NotKind('fails', 'interrupted')
  if (first.status !== 0)
    throw new NotKind(
      'fails',
      says.failed('it fails although nothing goes wrong', evidenceOf(first)),
      evidenceOf(first),
    )
  if (first.entries.length === 0) throw new NotKind('silent', `it never called the emulator: does it ${says.address}?`)
  const second = await runOnce(around, plan)
  if (second.status !== 0)
    throw new NotKind(
      'unsteady',
      says.failed(`it passed once and not twice: ${says.advice}`, evidenceOf(second)),
      evidenceOf(second),
    )
  const masks = learnMasks(first.entities, second.entities)
  const end = masked(first.entities, masks)
  const difference = differenceOf(end, masked(second.entities, masks))
  if (sizeOf(difference) > 0)
    throw new NotKind('unsteady', `it passed twice and did not end alike: ${says.advice}`, { ...second, output: '' })
  const calls = callsOf([first.entries, second.entries])
  const keptModules = new Set([first, second].flatMap(modulesKept))
  const kept = [...keptModules].map((moduleCode) => ({
    rule: 'lock-never-released',
    text: neverReleased(moduleCode),
    requests: [],
  }))
  const { breaches } = mannersOf([...first.findings, ...second.findings], new Set(), [])
  const longest = Math.max(first.millis, second.millis)
  return {
    runs: [first, second],
    calls,
    breaches: [...breaches, ...kept],
    standard: {
      masks,
      ends: [end],
      states: [...first.states, ...second.states].map((state) => masked(state, masks)),
      usual: new Set([...first.findings, ...second.findings].map(({ rule }) => rule)),
      keptModules,
    },
    limits: {
      millis: patienceMillis ?? Math.max(leastPatience, patienceFactor * longest),
      calls: mostCalls ?? callFactor * first.entries.length + moreCalls,
    },
    user: mostFrequent(calls.map(({ userId }) => userId)) ?? around.user,
  }
}

const modulesKept = ({ entries, livingLocks }: Run): string[] =>
  keptLocks(entries, livingLocks).map(({ moduleCode }) => moduleCode)

const evidenceOf = (run: Run) => ({ ...run, output: hidingCredentials(headersSent([run]))(run.output) })

const ofCommands = {
  address: 'read KOODRIVE_URL',
  advice: 'does it keep files between runs? Let it use $KOODRIVE_RUN_DIR',
  failed: (sentence: string, { status, trouble }: Run) => (trouble ? trouble : `${sentence} (exit status ${status})`),
}

const ofFunctions: typeof ofCommands = {
  address: 'call the url that it is given',
  advice: 'does it keep anything between runs? Let it use the runDir that it is given',
  failed: (sentence, { output }) => `${sentence}: ${output}`,
}

const wordsFor = ({ isInProcess = false }: Circumstances) => (isInProcess ? ofFunctions : ofCommands)

function mostFrequent(names: readonly string[]): string | undefined {
  const counts = [
    ...Map.groupBy(
      names.filter((name) => name !== ''),
      (name) => name,
    ),
  ]
  return counts.sort(([, one], [, other]) => other.length - one.length)[0]?.[0]
}
