import type { CommandEnvironment } from '../cli/environment.ts'
import { ofThisProcess, say } from '../cli/environment.ts'
import { watchSignals } from '../cli/interruption.ts'
import { UsageError } from '../cli/usage-error.ts'
import { visible } from '../cli/visible.ts'
import { messageOf } from '../src/process/startup-error.ts'
import type { Choice } from './checks.ts'
import { makeChecks } from './checks.ts'
import { secretsOf } from './credentials.ts'
import { cleanText } from './evidence.ts'
import type { Exit, ExitName } from './exits.ts'
import { exits } from './exits.ts'
import { Interrupted } from './failures.ts'
import { verifyHelp } from './help.ts'
import type { RunMachine } from './machine-phase.ts'
import { withMachine } from './machine-phase.ts'
import type { VerifyOptions } from './options.ts'
import { readOptions } from './options.ts'
import { openOutputs, readCertificates } from './outputs.ts'
import { obstacleAt } from './probe.ts'
import type { RunOptions } from './run.ts'
import { reportOf } from './run.ts'
import type { Session } from './session.ts'
import { openSession } from './session.ts'
import { verdictOf } from './verdict.ts'

/** What `verify` finds itself in. */
export interface VerifyEnvironment extends CommandEnvironment {
  /** Waits for a target that throttles, in place of real time. */
  readonly rest?: (millis: number) => Promise<void>
  /** What to verify, loaded once something is there to be verified. */
  readonly load: () => Promise<Pick<Choice, 'checks' | 'unobservable'> & { readonly runMachine: RunMachine }>
}

const usualEnvironment: VerifyEnvironment = {
  ...ofThisProcess,
  async load() {
    const [{ suite, unobservable }, { runMachine }] = await Promise.all([
      import('./suite/index.ts'),
      import('./machine/index.ts'),
    ])
    return { checks: suite, unobservable, runMachine }
  },
}

/**
 * The command `verify`.
 *
 * @returns the exit status; see `exits`
 */
export async function verify(args: readonly string[], around: VerifyEnvironment = usualEnvironment): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    around.print(`${verifyHelp()}\n`)
    return exits.conforms.status
  }
  const { name, sentence } = await endOf(args, around)
  around.complain(`koodrive-backup-emulator: ${sentence}\n`)
  return exits[name].status
}

async function endOf(args: readonly string[], around: VerifyEnvironment): Promise<Exit> {
  let secrets: readonly string[] = []
  const exit = (name: ExitName, sentence: string): Exit => ({
    name,
    sentence: lineOf(sentence, secrets),
  })
  try {
    const options = readOptions(args, around.environment)
    secrets = secretsOf(options.credentials)
    const ca = readCertificates(options.ca)
    const write = openOutputs(options, around.print, (sentence) => say(around, sentence))
    const { name, sentence } = await run({ ...options, ca }, write, around)
    return exit(name, sentence)
  } catch (error) {
    if (error instanceof UsageError) return exit('usage', `verify: ${error.message}`)
    if (error instanceof Interrupted) return exit('interrupted', 'interrupted before anything was made')
    return exit('defective', `verify could not come to its end: ${messageOf(error)}`)
  }
}

/** A sentence for a terminal, whoever's words are in it. */
const lineOf = (sentence: string, secrets: readonly string[]): string =>
  visible(cleanText(sentence, secrets).replace(/\s+/g, ' '))

type Write = ReturnType<typeof openOutputs>

async function run(options: VerifyOptions, write: Write, around: VerifyEnvironment): Promise<Exit> {
  const { signals, wallClock, complain, exit } = around
  const interruption = watchSignals(signals, wallClock, () => {
    const owed = session.workbench.cleanup.owed().join('; ') || 'something of the last request'
    const words = `interrupted again; this may be left at ${options.url}: ${owed}`
    complain(`koodrive-backup-emulator: ${lineOf(words, secretsOf(options.credentials))}\n`)
    exit(exits.interrupted.status)
  })
  const onPause = (millis: number) => {
    const end = new Date(wallClock() + millis).toISOString().slice(11, 19)
    complain(`koodrive-backup-emulator: waiting ${millis / 60_000} minutes, until ${end} UTC, for --slow\n`)
  }
  const session = openSession({ ...options, wallClock, signal: interruption.signal, onPause, rest: around.rest })
  try {
    const obstacle = await obstacleAt(session.workbench.target, options.url)
    if (obstacle) return { ...obstacle, sentence: `${options.url} ${obstacle.sentence}` }
    return await verifyAll(session, options, write, around)
  } finally {
    session.close()
    interruption.stop()
  }
}

async function verifyAll(
  session: Session,
  options: VerifyOptions,
  write: Write,
  around: VerifyEnvironment,
): Promise<Exit> {
  const { wallClock, complain, load } = around
  const startedAt = wallClock()
  const { runMachine, ...suite } = await load()
  const all: RunOptions = { ...options, ...suite, wallClock }
  const checked = await makeChecks(session, all)
  const isMachineWanted = !options.readOnly && options.runs > 0 && checked.ended === 'complete'
  const findings = isMachineWanted ? await withMachine(checked, session, runMachine, options) : checked
  const report = reportOf({ ...findings, leftBehind: await session.conclude() }, all, startedAt)
  for (const defect of report.defects) complain(`${defect.split('\n').map(visible).join('\n')}\n`)
  const isWhole = write(report)
  const end = verdictOf(report)
  return end.name === 'conforms' && !isWhole ? { ...end, name: 'unwritten' } : end
}
