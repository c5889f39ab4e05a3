import type { DestinationStream, Logger } from 'pino'
import { pino } from 'pino'
import type { Settings } from './settings.ts'
import { isoInstant } from './store/snowflake.ts'

export type LogFormat = 'pretty' | 'json'

export const logFormat = ({ logFormat: format }: Settings): LogFormat =>
  format ?? (process.stdout.isTTY ? 'pretty' : 'json')

/** The log of this process: one JSON object a line on standard output, or the same for human eyes. */
export async function createLogger(settings: Settings): Promise<Logger> {
  const destination = logFormat(settings) === 'pretty' ? await prettyDestination() : standardOutput()
  return pino(
    { level: settings.logLevel, base: null, timestamp: () => `,"time":"${isoInstant(Date.now())}"` },
    destination,
  )
}

let output: DestinationStream | undefined

/** One for the process, however many emulators it runs one after the other. */
function standardOutput(): DestinationStream {
  output ??= inTurns(pino.destination({ dest: 1, sync: true }))
  return output
}

/**
 * Writes at the end of each turn of the event loop what was logged in it: under load, a line then costs a fraction of a
 * system call. What ends the process in good order or by an exception comes after the last line.
 */
function inTurns(sink: DestinationStream): DestinationStream {
  let lines = ''
  const flush = () => {
    if (lines !== '') sink.write(lines)
    lines = ''
  }
  process.once('exit', flush)
  return {
    write(line) {
      if (lines === '') setImmediate(flush)
      lines += line
    },
  }
}

async function prettyDestination(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty') // only people at a terminal pay for loading it
  return pretty({
    sync: true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'method,path,operation,status,code,durationMs',
    messageFormat: (line, key) =>
      line['path'] === undefined
        ? String(line[key])
        : `${line['method']} ${line['path']} ${line['status']} ${line['code'] ?? ''} ${line['durationMs']} ms`,
  })
}
