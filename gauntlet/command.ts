import { asksForHelp } from '../cli/command-line.ts'
import { withOwnToken } from '../cli/control-token.ts'
import type { CommandEnvironment } from '../cli/environment.ts'
import { ofThisProcess, say } from '../cli/environment.ts'
import { watchSignals } from '../cli/interruption.ts'
import { keptSentence } from '../cli/kept-worlds.ts'
import { UsageError } from '../cli/usage-error.ts'
import type { EmulatorOptions } from '../src/index.ts'
import { SettingsError } from '../src/index.ts'
import { messageOf } from '../src/process/startup-error.ts'
import { isAccepted, readAccepted, toAccept } from './accepted.ts'
import { commandAttempt } from './command-attempt.ts'
import type { TriedOut } from './course.ts'
import type { GauntletExit } from './exits.ts'
import { gauntletExits } from './exits.ts'
import type { GauntletListener } from './gauntlet.ts'
import { prepare, requireMeant, runGauntlet } from './gauntlet.ts'
import { gauntletHelp } from './help.ts'
import { NotKind } from './not-kind.ts'
import type { GauntletOptions } from './options.ts'
import { readGauntletOptions } from './options.ts'
import type { GauntletWriters } from './outputs.ts'
import { openGauntletReports } from './outputs.ts'
import { ProgressTeller } from './progress.ts'
import { gauntletList, gauntletReport } from './report.ts'
import type { Accepted, GauntletReport } from './report-forms.ts'
import type { Circumstances } from './run.ts'
import { counted, gauntletText } from './text.ts'
import { isFailing } from './verdict.ts'

/** What `gauntlet` finds itself in. */
export interface GauntletEnvironment extends CommandEnvironment {
  /** Where the system shows its processes. */
  readonly processes: string
}

const usualEnvironment: GauntletEnvironment = { ...ofThisProcess, processes: '/proc' }

interface End {
  readonly name: GauntletExit
  readonly sentence: string
}

/**
 * The command `gauntlet`.
 *
 * @returns the exit status; see `gauntletExits`
 */
export async function gauntletCommand(
  args: readonly string[],
  around: GauntletEnvironment = usualEnvironment,
): Promise<number> {
  if (asksForHelp(args)) {
    around.print(`${gauntletHelp()}\n`)
    return 0
  }
  const { name, sentence } = await endOf(args, around)
  say(around, sentence)
  return gauntletExits[name].status
}

async function endOf(args: readonly string[], around: GauntletEnvironment): Promise<End> {
  try {
    const options = readGauntletOptions(args, around.environment)
    const { accept } = options.outputs
    const accepted = accept === undefined ? [] : readAccepted(accept)
    const writers = openGauntletReports(options.outputs, around.print, (sentence) => say(around, sentence))
    return await run({ options, writers, accepted, around })
  } catch (error) {
    const isUsage = error instanceof UsageError || error instanceof SettingsError
    if (isUsage) return { name: 'usage', sentence: `gauntlet: ${messageOf(error)}` }
    return { name: 'defective', sentence: `gauntlet could not come to its end: ${messageOf(error)}` }
  }
}

/** What a call of the command goes by. */
interface Call {
  readonly options: GauntletOptions
  readonly writers: GauntletWriters
  readonly accepted: Accepted
  readonly around: GauntletEnvironment
}

async function run(call: Call): Promise<End> {
  const { options, around } = call
  const interruption = watchSignals(around.signals, around.wallClock, () =>
    around.exit(gauntletExits.interrupted.status),
  )
  const { signal } = interruption
  const attempt = commandAttempt(options.command, {
    templates: options.templates,
    inherited: around.environment,
    processes: around.processes,
  })
  const settings = withOwnToken(options.settings) as EmulatorOptions // they were resolved once already
  const circumstances: Circumstances = { settings, user: options.user, attempt, signal }
  try {
    return await attempted(call, circumstances)
  } finally {
    interruption.stop()
  }
}

async function attempted(call: Call, circumstances: Circumstances): Promise<End> {
  const { around, writers } = call
  try {
    return await (call.options.list ? list : tryAll)(call, circumstances)
  } catch (error) {
    if (!(error instanceof NotKind)) throw error
    if (circumstances.signal.aborted) return { name: 'interrupted', sentence: 'interrupted before anything went wrong' }
    const { output } = error.run
    if (output !== '') around.complain(`${output.trimEnd()}\n`)
    const kept = keptSentence(writers.keep('none', error.run))
    if (kept !== undefined) say(around, kept)
    const names = { fails: 'unkind', unsteady: 'unsteady', silent: 'silent' } as const
    return { name: names[error.reason], sentence: error.message }
  }
}

async function list({ options, writers, around: { print } }: Call, circumstances: Circumstances): Promise<End> {
  const { plan } = await prepare(circumstances, options)
  requireMeant(plan, options)
  if (!writers.isTaken) print(plan.map(({ id, says }) => `${id}\t${says}\n`).join(''))
  writers.list(gauntletList(plan))
  const sentence = `${counted(plan.length, 'adversity', 'adversities')}, none of them tried`
  return { name: writers.isShort() ? 'unwritten' : 'passed', sentence }
}

async function tryAll({ options, writers, accepted, around }: Call, circumstances: Circumstances): Promise<End> {
  const startedAt = around.wallClock()
  const progress = new ProgressTeller(around.complain, options.jobs)
  const archives = new Map<string, readonly string[]>()
  const listener: GauntletListener = {
    onKind(kind, plan) {
      requireMeant(plan, options)
      progress.begin(kind, plan)
      if (kind.breaches.length > 0) archives.set('none', writers.keep('none', kind.runs[0]))
    },
    onMore: (count) => progress.expect(count),
    onTrial(trial) {
      progress.tell(trial)
      const { id } = trial.adversity
      if (isFailing(trial.verdict)) archives.set(id, writers.keep(id, trial.run))
    },
  }
  const course = { ...options, isKnown: (trial: TriedOut) => isAccepted(trial, accepted) }
  const outcome = await runGauntlet(circumstances, course, listener)
  const frame = { command: options.command, startedAt, endedAt: around.wallClock(), accepted, archives }
  const report = gauntletReport(outcome, frame)
  if (!writers.isTaken) around.print(gauntletText(report, options.coverage))
  writers.report(report)
  writers.accepted(toAccept(outcome.trials, accepted))
  const end = verdictOf(report, options, circumstances.signal.aborted)
  return end.name === 'passed' && writers.isShort() ? { ...end, name: 'unwritten' } : end
}

function verdictOf(report: GauntletReport, { strict }: GauntletOptions, isInterrupted: boolean): End {
  const { groups, gone, trials, planned } = report
  const wrong = groups.filter(({ isAccepted }) => !isAccepted)
  const runs = trials.filter(({ isAccepted, verdict }) => !isAccepted && isFailing(verdict)).length
  const sentence =
    wrong.length === 0
      ? `nothing went wrong in ${counted(trials.length, 'run')}`
      : `${counted(runs, 'run')} went wrong for ${counted(wrong.length, 'reason')}`
  if (isInterrupted)
    return { name: 'interrupted', sentence: `interrupted after ${trials.length} of ${planned}: ${sentence}` }
  if (wrong.length > 0) return { name: 'failed', sentence }
  if (strict && gone.length > 0)
    return {
      name: 'failed',
      sentence: `${counted(gone.length, 'accepted failure')} did not happen any more; take them out of the list`,
    }
  return { name: 'passed', sentence }
}
