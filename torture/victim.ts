import { flushCompileCache } from 'node:module'
import Sqlite from 'better-sqlite3'
import { main } from '../src/main.ts'
import { atStatements } from './statements.ts'

/*
 * An emulator in a process of its own, the whole command, that can be told to die or to fail at a statement. It says `loaded`
 * and waits for its orders, so that loading costs nobody time.
 */

/** What a victim is to do. */
export interface Orders {
  /** Of the command line. */
  readonly args: readonly string[]
  /** Die by SIGKILL at this point: even numbers before a statement, odd ones after it. */
  readonly killAt?: number
}

/** What it is told, and asked, while it serves. */
export interface Word {
  /** SQL to be carried out on its database, past the emulator. */
  readonly sql?: string
  /** The code of an error that every statement throws from now on; `null` ends it. */
  readonly failing?: string | null
}

export interface Report {
  readonly heapBytes: number
  readonly residentBytes: number
}

const state: { database?: Sqlite.Database; failing: string | null } = { failing: null }
let points = 0

function obey({ args, killAt }: Orders): void {
  atStatements(undefined, ({ database, isBefore }) => {
    state.database = database
    if (points === killAt) process.kill(process.pid, 'SIGKILL')
    points += 1
    if (isBefore && state.failing) throw new Sqlite.SqliteError(`made to fail: ${state.failing}`, state.failing)
  })
  process.on('message', (word: Word) => listen(word))
  const first = new Promise<NodeJS.Signals>((resolve) => process.once('SIGTERM', resolve))
  void main(args, { first, parent: process.ppid, release: async () => undefined }).then((status) => {
    process.exitCode = status
    process.disconnect()
  })
}

function listen({ sql, failing }: Word): void {
  if (failing !== undefined) state.failing = failing
  if (sql !== undefined) state.database?.exec(sql)
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  process.send?.({ heapBytes: heapUsed + external, residentBytes: rss } satisfies Report)
}

flushCompileCache()
// Nobody is left to stop it.
process.once('disconnect', () => process.exit())
process.once('message', obey)
process.send?.('loaded')
