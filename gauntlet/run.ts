import { setTimeout as wait } from 'node:timers/promises'
import type { WorldsKept } from '../cli/kept-worlds.ts'
import { keptWorlds, noWorlds } from '../cli/kept-worlds.ts'
import type { RunFolder } from '../cli/run-folder.ts'
import { makeRunFolder } from '../cli/run-folder.ts'
import { controlPath } from '../schemas/control.ts'
import type { CoverageView } from '../schemas/coverage.ts'
import type { Archive } from '../schemas/har.ts'
import type { Emulator, EmulatorOptions, WorldHandle } from '../src/index.ts'
import { startEmulator } from '../src/index.ts'
import type { WholeEntryView } from '../src/journal/view.ts'
import type { Finding } from '../src/review/finding.ts'
import type { Adversity, PlannedFault } from './adversity.ts'
import type { AttemptEnd, RunClient } from './attempt.ts'
import type { Entity } from './entities.ts'
import { entitiesIn } from './entities.ts'
import type { LivingLock } from './locks.ts'
import { Observer } from './observer.ts'

/** How far a run may go. */
export interface RunLimits {
  readonly millis: number
  readonly calls: number
}

/** What every run of a gauntlet is made with. */
export interface Circumstances {
  readonly settings: EmulatorOptions
  readonly user: string
  readonly attempt: RunClient
  /** Whether the client is a function, to which nothing is told in variables. */
  readonly isInProcess?: boolean
  /** Ends everything. */
  readonly signal: AbortSignal
}

/** What happens in a run, and how far it may go. */
export interface RunPlan {
  readonly id: string
  readonly adversity?: Adversity | undefined
  /** In place of the adversity's own. */
  readonly faults?: readonly PlannedFault[]
  readonly limits: RunLimits
  /** Whether the state is looked at after every call. */
  readonly isWatched?: boolean
  readonly withHar?: boolean
  readonly withWorlds?: boolean
}

/** What was seen of one run. */
export interface Run extends AttemptEnd {
  readonly millis: number
  /** Why it did not come to its own end. */
  readonly cut: 'patience' | 'storm' | null
  readonly entries: readonly WholeEntryView[]
  readonly findings: readonly Finding[]
  /** How often what was to happen did; of what holds for the whole run, how many calls there were. */
  readonly met: number
  readonly entities: readonly Entity[]
  /** From the beginning to the end, where it was watched. */
  readonly states: readonly (readonly Entity[])[]
  readonly livingLocks: readonly LivingLock[]
  readonly coverage: CoverageView
  /** Journal entries that nobody reviewed, for there were too many. */
  readonly dropped: number
  readonly har: Archive | undefined
  /** As the run left them, where that is asked for. */
  readonly worlds: WorldsKept
}

/** Values of headers that clients sent, credentials as the journal shows them. */
export const headersSent = (runs: readonly Pick<Run, 'entries'>[]): string[] =>
  runs.flatMap(({ entries }) => entries.flatMap(({ requestHeaders }) => Object.values(requestHeaders)))

/** Until the emulator has seen that connections of a client that ended are closed. */
const settlingMillis = 10

/** Runs the client once, in an emulator of its own. */
export async function runOnce(around: Circumstances, plan: RunPlan): Promise<Run> {
  const { settings } = around
  const isKnown = plan.adversity?.knownTokens ? ({ auth: 'known' } as const) : {}
  const emulator = await startEmulator({ ...settings, ...isKnown })
  try {
    const folder = makeRunFolder()
    try {
      return await observed(emulator, folder, around, plan)
    } finally {
      folder.remove()
    }
  } finally {
    await emulator.close()
  }
}

async function observed(emulator: Emulator, folder: RunFolder, around: Circumstances, plan: RunPlan): Promise<Run> {
  const { adversity, faults = adversity?.faults ?? [], limits, isWatched = false } = plan
  const main = emulator.world('default', ...(adversity?.settings ? [adversity.settings] : []))
  if (adversity?.clock) main.clock.set(adversity.clock)
  const cut = new AbortController()
  let why: Run['cut'] = null
  const stop = (reason: Run['cut']) => {
    why ??= reason
    cut.abort()
  }
  const observer = new Observer(emulator, {
    adversity,
    faults,
    isWatched,
    mostCalls: limits.calls,
    onStorm: () => stop('storm'),
  })
  const timer = setTimeout(stop, limits.millis, 'patience')
  const interrupt = () => cut.abort()
  around.signal.addEventListener('abort', interrupt)
  if (around.signal.aborted) interrupt()
  const begun = performance.now()
  const place = { ...placeOf(emulator, main, around), runDir: folder.path, adversity: plan.id }
  const end = await around.attempt({ ...place, signal: cut.signal }).finally(() => {
    clearTimeout(timer)
    around.signal.removeEventListener('abort', interrupt)
  })
  const millis = performance.now() - begun
  await wait(settlingMillis)
  observer.end()
  const states = observer.now()
  return {
    ...end,
    millis,
    cut: why,
    entries: observer.entries,
    findings: observer.findings(),
    met: faults.length > 0 ? observer.hits() : observer.entries.length,
    entities: entitiesIn(states),
    states: observer.states,
    livingLocks: observer.livingLocks(),
    coverage: emulator.coverage(),
    dropped: observer.dropped(),
    har: plan.withHar ? main.har() : undefined,
    worlds: plan.withWorlds ? keptWorlds(emulator) : noWorlds,
  }
}

function placeOf({ url }: Emulator, world: WorldHandle, { user, settings: { controlToken } }: Circumstances) {
  const isKnown = world.view().settings.auth === 'known'
  const token = isKnown ? world.issueToken({ userId: user, lifetime: null }).token : 'any-token'
  return { url, token, user, control: `${url}${controlPath}/worlds/${world.name}`, controlToken }
}
