import assert from 'node:assert/strict'
import { besideDefaults, usualUser } from '../cli/command-line.ts'
import { withOwnToken } from '../cli/control-token.ts'
import type { EmulatorOptions } from '../src/index.ts'
import type { GauntletCourse } from './course.ts'
import type { Work } from './function-attempt.ts'
import { functionAttempt } from './function-attempt.ts'
import { requireMeant, runGauntlet } from './gauntlet.ts'
import { asSettings, givenOptions } from './in-process.ts'
import { jobsFor, requireRunnable } from './premises.ts'
import { gauntletReport } from './report.ts'
import type { GauntletReport, TrialReport } from './report-forms.ts'
import { counted, gauntletText } from './text.ts'
import { isFailing } from './verdict.ts'

/** What a gauntlet is run with: the flags of the command in camelCase, and `settings`, as `startEmulator` takes them. */
export interface GauntletOptionsInProcess
  extends Partial<
    Pick<GauntletCourse, 'depth' | 'only' | 'skip' | 'pairs' | 'strict' | 'jobs' | 'failFast' | 'mostCalls'>
  > {
  /** In seconds. */
  readonly patience?: number
  readonly user?: string
  readonly settings?: EmulatorOptions
  /** Ends it. */
  readonly signal?: AbortSignal
}

/** One adversity, and what became of the client. */
export interface AssertableTrial extends TrialReport {
  /** @throws AssertionError where it went wrong */
  assert(): void
}

export interface AssertableReport extends Omit<GauntletReport, 'trials'> {
  readonly trials: readonly AssertableTrial[]
  /** @throws AssertionError that tells everything that went wrong, or that it was ended before all was tried */
  assert(): void
}

/**
 * Runs a client in this process again and again while something else goes wrong each time.
 *
 * @param work makes a backup at `place.url`; resolves where it is made, and rejects where it is not. `place.signal` is aborted
 *   once its time is over
 * @throws SettingsError for options that cannot be taken, and where `only` or `skip` leave nothing to try; NotKind where it fails although nothing goes wrong, passes once and not twice, or never calls
 */
export async function gauntlet(work: Work, options: GauntletOptionsInProcess = {}): Promise<AssertableReport> {
  const {
    patience,
    user = usualUser,
    settings = {},
    signal = new AbortController().signal,
    jobs,
    ...given
  } = givenOptions(work, options)
  requireRunnable(settings)
  const startedAt = Date.now()
  const attempt = functionAttempt(work)
  const around = {
    settings: withOwnToken<EmulatorOptions>({ ...besideDefaults, ...settings }),
    user,
    attempt,
    signal,
    isInProcess: true,
  }
  const patienceMillis = patience === undefined ? undefined : patience * 1000
  const course = { ...usual, ...given, jobs: jobsFor(jobs, settings), patienceMillis }
  const outcome = await runGauntlet(around, course, {
    onKind: (_, plan) => asSettings(() => requireMeant(plan, course)),
  })
  const report = gauntletReport(outcome, {
    command: [],
    startedAt,
    endedAt: Date.now(),
    accepted: [],
    archives: new Map(),
  })
  return {
    ...report,
    trials: report.trials.map((trial) => ({ ...trial, assert: () => require(trial) })),
    assert: () => requireWhole(report),
  }
}

const usual: Omit<GauntletCourse, 'jobs'> = {
  depth: 'quick',
  only: [],
  skip: [],
  pairs: false,
  strict: false,
  failFast: false,
  patienceMillis: undefined,
  mostCalls: undefined,
  withHar: false,
  withWorlds: false,
}

/** Of what was never tried, nobody knows how it would go. */
function requireWhole(report: GauntletReport): void {
  const isEnded = report.groups.length === 0 && !report.isComplete
  const ended = `ended by its signal after ${report.trials.length} of ${counted(report.planned, 'adversity', 'adversities')}`
  assert.ok(report.groups.length === 0 && !isEnded, `${isEnded ? `${ended}\n` : ''}${gauntletText(report, false)}`)
}

function require({ verdict, says, why }: TrialReport): void {
  assert.ok(!isFailing(verdict), [`${verdict}: ${says}`, ...why].join('\n  '))
}

export type { AttemptPlace } from './attempt.ts'
export { NotKind } from './not-kind.ts'
