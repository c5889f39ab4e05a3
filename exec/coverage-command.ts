import { text } from 'node:stream/consumers'
import { asksForHelp, requireDifferent } from '../cli/command-line.ts'
import type { Bound } from '../cli/coverage-bounds.ts'
import { readBound, shortfall } from '../cli/coverage-bounds.ts'
import { coverageFile, coverageIn, readCoverage, sumOf } from '../cli/coverage-file.ts'
import type { CommandEnvironment } from '../cli/environment.ts'
import { ofThisProcess, say } from '../cli/environment.ts'
import type { Flags } from '../cli/flags.ts'
import { readFlags } from '../cli/flags.ts'
import type { ExitMeaning } from '../cli/help.ts'
import { exitLines, flagLines } from '../cli/help.ts'
import { jsonText, standardOutput, writerOf } from '../cli/outputs.ts'
import { UsageError } from '../cli/usage-error.ts'
import { controlPath, nameForm } from '../schemas/control.ts'
import type { CoverageView } from '../schemas/coverage.ts'
import { responseFrom } from '../src/commands/health.ts'
import { coverageText } from '../src/coverage/text.ts'
import { messageOf } from '../src/process/startup-error.ts'
import { Unwritten, unwrittenExit } from '../src/process/unwritten.ts'
import { baseUrl } from '../src/settings/forms.ts'

export const coverageFlags = {
  url: { takes: 'URL', help: 'a running emulator', environment: 'KOODRIVE_URL' },
  world: { takes: 'NAME', help: 'one of its worlds; otherwise all, those that are no more included' },
  from: { takes: 'FILE', help: 'what --coverage-into wrote; repeatable, and added up', isRepeatable: true },
  'coverage-into': { takes: 'FILE', help: 'add it to what the file holds, and tell the sum' },
  json: { takes: 'FILE', help: 'write it; - is standard output' },
  'fail-under': {
    takes: 'KIND=PERCENT',
    help: 'fail where less was met, such as refusals=50; repeatable',
    isRepeatable: true,
  },
} as const satisfies Flags

const coverageExits = {
  told: { status: 0, meaning: 'it is told' },
  failed: { status: 1, meaning: 'less was met than --fail-under asks for, or no emulator answers' },
  usage: { status: 2, meaning: 'wrong usage' },
  unwritten: unwrittenExit,
} as const satisfies Record<string, ExitMeaning>

const help = (): string => `Tells what of the contract was never met by the clients of an emulator.

Usage
  koodrive-backup-emulator coverage --url URL [flags]
  koodrive-backup-emulator coverage --from FILE [flags]

Flags
${flagLines(coverageFlags)}
Where its control plane asks for a token, that of KOODRIVE_CONTROL_TOKEN is shown.

Exit status
${exitLines(Object.values(coverageExits))}`

/**
 * The command `coverage`.
 *
 * @returns the exit status; see `coverageExits`
 */
export async function tellCoverage(
  args: readonly string[],
  around: CommandEnvironment = ofThisProcess,
): Promise<number> {
  if (asksForHelp(args)) {
    around.print(`${help()}\n`)
    return coverageExits.told.status
  }
  try {
    return await tell(args, around)
  } catch (error) {
    say(around, `coverage: ${messageOf(error)}`)
    if (error instanceof Unwritten) return coverageExits.unwritten.status
    return coverageExits[error instanceof UsageError ? 'usage' : 'failed'].status
  }
}

async function tell(args: readonly string[], around: CommandEnvironment): Promise<number> {
  const given = readFlags(coverageFlags, args)
  const bounds = (given['fail-under'] ?? []).map(readBound)
  requireDifferent([given.json, given['coverage-into']])
  const write = writerOf('json', given.json, jsonText, around.print)
  const into = given['coverage-into']
  const addUp = into === undefined ? async (view: CoverageView) => view : coverageFile('coverage-into', into)
  const sum = await addUp(await coverageAt(given, around.environment))
  if (given.json !== standardOutput) around.print(coverageText(sum))
  write(sum)
  const failures = bounds.flatMap((bound: Bound) => shortfall(sum, bound) ?? [])
  for (const failure of failures) say(around, failure)
  return coverageExits[failures.length > 0 ? 'failed' : 'told'].status
}

interface Source {
  readonly url?: string
  readonly world?: string
  readonly from?: readonly string[]
}

async function coverageAt(
  { url, world, from }: Source,
  { KOODRIVE_URL: usual, KOODRIVE_CONTROL_TOKEN: token }: NodeJS.ProcessEnv,
): Promise<CoverageView> {
  if (from && (url ?? world) !== undefined) throw new UsageError('--from excludes --url and --world')
  if (from) return sumOf(from.map((path) => readCoverage('from', path)))
  const base = addressIn(url ?? (usual || undefined))
  if (world !== undefined && !nameForm.pattern.test(world)) throw new UsageError(`--world takes ${nameForm.words}`)
  const address = `${base}${controlPath}${world === undefined ? '' : `/worlds/${world}`}/coverage`
  return coverageIn(jsonIn(await answerAt(address, token), address), address)
}

function jsonIn(answer: string, address: string): unknown {
  try {
    return JSON.parse(answer)
  } catch {
    throw new Error(`${address} answers no JSON; is it the address of an emulator?`)
  }
}

function addressIn(url: string | undefined): string {
  if (url === undefined) throw new UsageError('name an emulator with --url, or files with --from')
  try {
    return baseUrl(url)
  } catch (error) {
    throw new UsageError(`--url ${messageOf(error)}`)
  }
}

async function answerAt(address: string, token: string | undefined): Promise<string> {
  const response = await responseFrom(new URL(address), token ? { authorization: `Bearer ${token}` } : {})
  const answer = await text(response)
  if (response.statusCode === 200) return answer
  throw new Error(`${address} answers ${response.statusCode}: ${answer.slice(0, 300)}`)
}
