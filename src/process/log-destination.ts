import type { Logger } from 'pino'
import { pino } from 'pino'
import type { Settings } from '../settings/settings.ts'
import { isoInstant } from '../store/snowflake.ts'
import { LineWriter } from './standard-streams.ts'

type LogFormat = 'pretty' | 'json'

let stream = process.stdout as NodeJS.WriteStream

/** For a command whose standard output is a report's, or another command's. */
export function logToStandardError(): void {
  stream = process.stderr
}

export const logFormat = ({ logFormat: format }: Settings): LogFormat => format ?? (stream.isTTY ? 'pretty' : 'json')

interface Log {
  readonly logger: Logger
  /**
   * Says once that it serves: to people in plain text. A log that is for machines is told the facts, and people beside it
   * on standard error.
   */
  announce(facts: object, text: string): void
  /** Lets lines about refused requests end with where these are looked at, below the address of the emulator. */
  reachedAt(url: string): void
  /** Resolves once the last line is written, or its reader has been waited for. */
  end(): Promise<void>
}

/** How long the reader of the log is waited for at the end. */
const lastWordsMillis = 300

/* c8 ignore start -- what nobody hears need not be called */
const silence: Log = {
  logger: pino({ level: 'silent' }, { write: () => undefined }),
  announce: () => undefined,
  reachedAt: () => undefined,
  end: async () => undefined,
}
/* c8 ignore stop */

/** The log of this process: one JSON object a line on standard output, or the same for human eyes. */
export async function openLog(settings: Settings, wallClock: () => number): Promise<Log> {
  if (settings.logLevel === 'silent') return silence
  const time = () => `,"time":"${isoInstant(wallClock())}"`
  const isPretty = logFormat(settings) === 'pretty'
  let base: string | undefined
  const format = isPretty ? await prettifier(() => base) : (line: string) => line
  output ??= new LineWriter(stream)
  const writer = output
  const remark = () => {
    const at = time()
    return (dropped: number) =>
      format(`{"level":40${at},"dropped":${dropped},"msg":"${dropped} lines of the log could not be written"}\n`)
  }
  const destination = { write: (line: string) => writer.write(format(line), remark) }
  const logger = pino({ level: settings.logLevel, base: null, timestamp: time }, destination)
  return {
    logger,
    reachedAt(url) {
      base = url
    },
    announce(facts, text) {
      if (isPretty) return writer.write(text, remark)
      logger.info(facts, 'listening')
      process.stderr.write(text)
    },
    end: () => writer.end(lastWordsMillis),
  }
}

/** One for the process, however many emulators it runs. */
let output: LineWriter | undefined

async function prettifier(base: () => string | undefined): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty') // only people at a terminal pay for loading it
  return prettyFactory({
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'method,path,world,operation,status,code,fault,reason,durationMs,request,journal',
    messageFormat: (line, key) => `${onOneLine(line, String(line[key]))}${pageOf(line, base())}`,
  })
}

/** What is known of a request, in place of the message that there was an answer. */
function onOneLine(
  { method, path, status, code, durationMs, world, fault, reason }: Readonly<Record<string, unknown>>,
  message: string,
): string {
  const words = [
    method && `${method} ${path}`,
    status,
    code,
    durationMs === undefined ? undefined : `${durationMs} ms`,
    world && `in ${world}`,
    fault && `by fault ${fault}`,
    method && message === 'answered' ? undefined : message,
  ]
  return `${words.filter((word) => word !== undefined && word !== null).join(' ')}${reason ? `: ${reason}` : ''}`
}

/** Where a request is looked at that has a number; the default world need not be named. */
function pageOf({ request, journal, world }: Readonly<Record<string, unknown>>, base: string | undefined): string {
  if (request === undefined || base === undefined) return ''
  const name = journal ?? world
  return `  ${base}/_emulator/?${name === undefined ? '' : `world=${name}&`}request=${request}`
}
