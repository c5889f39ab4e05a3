import { version } from '../process/package.ts'
import { vitalsAt } from '../process/vitals.ts'
import type { Worlds } from '../world/worlds.ts'
import { histogram, labelled, metric } from './exposition.ts'
import type { Meter } from './meter.ts'

/** What there is to be measured. */
interface Measured {
  readonly meter: Meter
  readonly worlds: Worlds
  readonly wallClock: () => number
  readonly isReady: () => boolean
  readonly connections: ReadonlySet<unknown>
  readonly streams: ReadonlySet<unknown>
}

const prefix = 'koodrive_emulator'

/** How an emulator is doing, in Prometheus' text format. No label holds the name of a world, a user or a path. */
export const metricsOf = (measured: Measured): string =>
  [gauges(measured), worldCounts(measured), requestCounts(measured.meter), processGauges(measured.wallClock())].join('')

function gauges({ worlds, isReady, connections, streams }: Measured): string {
  const all = worlds.list()
  const snapshots = all.reduce((sum, world) => sum + world.snapshots.size, 0)
  const bytes = all.reduce((sum, world) => sum + world.store.bytes(), 0)
  const gauge = (name: string, help: string, value: number) => metric(`${prefix}_${name}`, 'gauge', help, value)
  return [
    metric(`${prefix}_info`, 'gauge', 'The version that runs.', [[`version="${version}"`, 1]]),
    gauge('ready', 'Whether it takes new work.', Number(isReady())),
    gauge('worlds', 'Worlds in memory, the default one included.', all.length),
    gauge('worlds_limit', 'How many worlds there may be beside the default one.', worlds.limit),
    gauge('worlds_parked', 'Worlds in the folder of --park.', parkedCount(worlds)),
    gauge('snapshots', 'Snapshots of all worlds.', snapshots),
    gauge('database_bytes', 'Databases of all worlds.', bytes),
    gauge('streams', 'Streams that somebody listens to.', streams.size),
    gauge('connections', 'Open connections.', connections.size),
    gauge('journal_bytes', 'What all journals take.', worlds.journals.bytes),
    gauge('journal_limit_bytes', 'What all journals may take.', worlds.journals.limit),
  ].join('')
}

/** No number where the folder cannot be looked through: that is when the other metrics are needed. */
function parkedCount(worlds: Worlds): number {
  try {
    return worlds.parked?.length ?? 0
  } catch {
    return Number.NaN
  }
}

function worldCounts({ worlds: { tally } }: Measured): string {
  const { begun, ended } = tally
  return [
    metric(`${prefix}_worlds_begun_total`, 'counter', 'Worlds that began.', labelled('how', Object.entries(begun))),
    metric(`${prefix}_worlds_ended_total`, 'counter', 'Worlds that ended.', labelled('why', Object.entries(ended))),
  ].join('')
}

function requestCounts({ requests, durations, fired }: Meter): string {
  const span = `${prefix}_request_duration_seconds`
  return [
    metric(`${prefix}_requests_total`, 'counter', 'Requests that are over.', requests),
    histogram(span, 'How long they took, waiting of faults included.', 'operation', durations),
    metric(`${prefix}_faults_fired_total`, 'counter', 'Faults that fired.', labelled('effect', fired)),
  ].join('')
}

function processGauges(now: number): string {
  const { cpuSeconds, residentBytes, startTime, openFiles, heapUsed, heapLimit, loopDelayP99 } = vitalsAt(now)
  const gauge = (name: string, help: string, value: number) => metric(name, 'gauge', help, value)
  return [
    metric('process_cpu_seconds_total', 'counter', 'CPU time spent.', cpuSeconds),
    gauge('process_resident_memory_bytes', 'Resident memory.', residentBytes),
    gauge('process_start_time_seconds', 'When the process began.', startTime),
    gauge('process_open_fds', 'Open file descriptors.', openFiles),
    gauge('nodejs_heap_used_bytes', 'The heap as it is used.', heapUsed),
    gauge('nodejs_heap_limit_bytes', 'The heap as it may be.', heapLimit),
    gauge('nodejs_eventloop_lag_p99_seconds', 'Of the time since the last scrape.', loopDelayP99),
  ].join('')
}
