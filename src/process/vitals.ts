import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { monotonicSeconds } from './real-time.ts'

/** How a process is doing; spans in seconds, sizes in bytes. */
interface Vitals {
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly startTime: number
  /** No number where the system does not tell. */
  readonly openFiles: number
  readonly heapUsed: number
  readonly heapLimit: number
  /** Of the time since it was last asked for; zero when it is asked for first, because to look costs something. */
  readonly loopDelayP99: number
}

/** Told once and for all: whoever watches takes another value for another start, and the clock may be set meanwhile. */
let startTime: number | undefined

let delays: ReturnType<typeof monitorEventLoopDelay> | undefined

/** @param now Unix milliseconds */
export function vitalsAt(now: number): Vitals {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  startTime ??= now / 1000 - monotonicSeconds()
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: rss,
    startTime,
    openFiles: openFiles(),
    heapUsed,
    heapLimit: getHeapStatistics().heap_size_limit,
    loopDelayP99: loopDelay(),
  }
}

function loopDelay(): number {
  if (delays === undefined) {
    delays = monitorEventLoopDelay()
    delays.enable()
    return 0
  }
  const seconds = delays.percentile(99) / 1e9
  delays.reset()
  return seconds
}

export function openFiles(folder = '/proc/self/fd'): number {
  try {
    return readdirSync(folder).length
  } catch {
    return Number.NaN
  }
}
