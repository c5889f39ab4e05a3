import { controlPath } from '../schemas/control.ts'
import { Connection, requestText } from './connection.ts'
import { emulator, inMemory } from './installed.ts'
import type { Running } from './processes.ts'
import { run } from './processes.ts'
import { mega, table } from './report.ts'
import { written } from './statistics.ts'

/** A world of some size. */
interface Size {
  readonly size: string
  readonly world: string
  readonly fill: (url: string) => Promise<void>
}

interface Upkeep {
  readonly size: string
  readonly snapshotMillis: number
  readonly resetMillis: number
  /** Resident, in bytes. */
  readonly rss: number
}

async function millisOf(running: Running, path: string): Promise<number> {
  const connection = new Connection(running.url)
  await connection.opened()
  const begin = performance.now()
  const answer = await connection.ask(requestText('POST', `${controlPath}/worlds/${path}`, {}))
  const millis = performance.now() - begin
  connection.close()
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.body}`)
  return millis
}

/** How long a snapshot and a reset take at these sizes, and how much memory they hold. */
export async function measureUpkeep(command: string, sizes: readonly Size[]): Promise<Upkeep[]> {
  const found: Upkeep[] = []
  for (const { size, world, fill } of sizes) {
    const running = await run(emulator(command, 'emulator in memory', ...inMemory))
    await fill(running.url)
    const { rss } = await running.usage()
    const snapshotMillis = await millisOf(running, `${world}/snapshots/bench`)
    const resetMillis = await millisOf(running, `${world}/reset`)
    await running.stop()
    found.push({ size, rss, snapshotMillis, resetMillis })
  }
  return found
}

export const upkeepTable = (upkeep: readonly Upkeep[]): string =>
  table(
    ['size', 'snapshot, ms', 'reset, ms', 'resident, MB'],
    upkeep.map(({ size, snapshotMillis, resetMillis, rss }) => [
      size,
      written(snapshotMillis),
      written(resetMillis),
      mega(rss),
    ]),
  )
