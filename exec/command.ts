import { asksForHelp } from '../cli/command-line.ts'
import { withOwnToken } from '../cli/control-token.ts'
import { hidingCredentials } from '../cli/credentials.ts'
import type { CommandEnvironment } from '../cli/environment.ts'
import { ofThisProcess, say } from '../cli/environment.ts'
import { keptSentence, keptWorlds } from '../cli/kept-worlds.ts'
import { endLeftBehind, processesOf } from '../cli/left-behind.ts'
import { makeRunFolder } from '../cli/run-folder.ts'
import { hasTerminal } from '../cli/terminal.ts'
import { UsageError } from '../cli/usage-error.ts'
import type { CommandPlace } from '../cli/variables.ts'
import { variablesOf } from '../cli/variables.ts'
import { controlPath } from '../schemas/control.ts'
import { coverageText } from '../src/coverage/text.ts'
import type { Emulator, EmulatorOptions } from '../src/index.ts'
import { SettingsError, startEmulator } from '../src/index.ts'
import { version } from '../src/process/package.ts'
import { messageOf } from '../src/process/startup-error.ts'
import { execExits } from './exits.ts'
import { execHelp } from './help.ts'
import { failuresOf } from './judgement.ts'
import type { ExecOptions } from './options.ts'
import { readExecOptions } from './options.ts'
import type { Reports } from './outputs.ts'
import { openReports } from './outputs.ts'
import { Relay } from './relay.ts'
import type { ExecReport } from './report.ts'
import { runCommand } from './run.ts'
import { reviewText } from './text.ts'
import type { SeenWorld } from './witness.ts'
import { headersSeen, joined, watchWorlds } from './witness.ts'

/** What `exec` finds itself in. */
export interface ExecEnvironment extends CommandEnvironment {
  readonly hasTerminal: () => boolean
  /** Where the system shows its processes. */
  readonly processes: string
  /** How long a command may take that is asked to end. */
  readonly graceMillis: number
}

const usualEnvironment: ExecEnvironment = { ...ofThisProcess, hasTerminal, processes: '/proc', graceMillis: 5000 }

/**
 * The command `exec`: an emulator for as long as another command runs.
 *
 * @returns the exit status; see `execExits`
 */
export async function exec(args: readonly string[], around: ExecEnvironment = usualEnvironment): Promise<number> {
  if (asksForHelp(args)) {
    around.print(`${execHelp()}\n`)
    return 0
  }
  try {
    const given = readExecOptions(args, around.environment)
    const options = { ...given, settings: withOwnToken(given.settings) }
    return await execute(
      options,
      openReports(options, around.print, (sentence) => say(around, sentence)),
      around,
    )
  } catch (error) {
    const isUsage = error instanceof UsageError || error instanceof SettingsError
    say(around, isUsage ? `exec: ${messageOf(error)}` : messageOf(error))
    return execExits[isUsage ? 'usage' : 'defective'].status
  }
}

async function execute(options: ExecOptions, reports: Reports, around: ExecEnvironment): Promise<number> {
  const relay = new Relay({ ...around, isInTerminal: around.hasTerminal() })
  const folder = makeRunFolder()
  const beside = async (emulator: Emulator): Promise<ExecReport> => {
    try {
      return await reportOf(emulator, { options, reports, around, relay, runDir: folder.path })
    } finally {
      await emulator.close()
    }
  }
  try {
    const settings = options.settings as EmulatorOptions // they were resolved once already
    const report = await startEmulator(settings).then(beside)
    return conclude({ report, remains: folder.remove(), isShort: reports.isShort() }, options, around)
  } finally {
    folder.remove()
    relay.stop()
  }
}

interface Run {
  readonly options: ExecOptions
  readonly reports: Reports
  readonly around: ExecEnvironment
  readonly relay: Relay
  readonly runDir: string
}

/** Runs the command, sees what it did, and writes it down. */
async function reportOf(emulator: Emulator, { options, reports, around, relay, runDir }: Run): Promise<ExecReport> {
  const { command, timeoutMillis, templates, outputs } = options
  const startedAt = around.wallClock()
  const witness = watchWorlds(emulator, Boolean(outputs.har ?? outputs.json ?? outputs.junit))
  const variables = variablesOf(placeOf(emulator, options, runDir), templates, around.environment)
  const { status, trouble = null } = await runCommand(command, { variables, timeoutMillis, relay, ...around })
  const leftBehind = (await endLeftBehind(() => processesOf(runDir, around.processes))) ?? null
  const seen = witness.worlds()
  const own = emulator.coverage()
  const coverage = await reports.addUp(own)
  const failed = failuresOf(seen, own, coverage, options)
  const kept = status === 0 && failed.length === 0 ? undefined : reports.archive(() => keptWorlds(emulator))
  const hide = hidingCredentials(headersSeen(seen))
  const report: ExecReport = {
    version,
    command: command.map(hide),
    startedAt: new Date(startedAt).toISOString(),
    durationMillis: around.wallClock() - startedAt,
    status,
    trouble: trouble && hide(trouble),
    requests: own.requests,
    worlds: seen.map(({ entries: _, ...world }) => ({ ...world, archive: fileOf(world, kept) })),
    coverage,
    failed,
    leftBehind,
  }
  reports.json(report)
  reports.junit(report, own)
  const main = emulator.world('default')
  reports.har(() => joined(seen, main.har()))
  reports.state(() => main.state())
  return report
}

/** One that is over is kept by nobody, whatever bears its name by now. */
const fileOf = (
  { name, isOver }: Pick<SeenWorld, 'name' | 'isOver'>,
  kept: ReadonlyMap<string, string> | undefined,
): string | null => (isOver ? null : (kept?.get(name) ?? null))

function placeOf(emulator: Emulator, { user, settings }: ExecOptions, runDir: string): CommandPlace {
  const world = emulator.world('default')
  const isKnown = world.view().settings.auth === 'known'
  return {
    url: emulator.url,
    token: isKnown ? world.issueToken({ userId: user, lifetime: null }).token : 'any-token',
    user,
    control: `${emulator.url}${controlPath}/worlds/default`,
    controlToken: settings.controlToken,
    runDir,
    adversity: 'none',
  }
}

interface Outcome {
  readonly report: ExecReport
  /** Why the folder of the run is still there. */
  readonly remains: string | undefined
  /** Whether a report could not be written. */
  readonly isShort: boolean
}

/** Says what there is to say, and answers the exit status. */
function conclude(
  { report, remains, isShort }: Outcome,
  { review, coverage }: ExecOptions,
  around: ExecEnvironment,
): number {
  const { status, trouble, failed, leftBehind, worlds } = report
  if (review) around.complain(reviewText(report))
  if (coverage) around.complain(coverageText(report.coverage))
  const sentences = [
    trouble,
    leftSentence(leftBehind),
    remains,
    ...(trouble === null ? failed : []),
    keptSentence(worlds.flatMap(({ archive }) => archive ?? [])),
  ]
  for (const sentence of sentences) if (sentence) say(around, sentence)
  if (status !== 0) return status
  return failed.length > 0 ? execExits.failed.status : isShort ? execExits.unwritten.status : 0
}

function leftSentence(leftBehind: ExecReport['leftBehind']): string | null {
  if (leftBehind === null) return 'this system does not tell what the command left running'
  if (leftBehind.length === 0) return null
  return `the command left this running, which was ended: ${leftBehind.map(({ name, pid }) => `${name} (${pid})`).join(', ')}`
}
