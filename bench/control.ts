import { controlPath } from '../schemas/control.ts'
import { requestText } from './connection.ts'
import { emulator, inMemory } from './installed.ts'
import type { Workload } from './load.ts'
import { Load } from './load.ts'
import { mixed } from './mixed.ts'
import type { Part, Setting } from './part.ts'
import { throughputTable } from './report.ts'
import type { Lane, Measured } from './rounds.ts'
import { measure, ratio, twinName, twinOf } from './rounds.ts'
import { figureOf } from './statistics.ts'
import type { Verdict } from './verdict.ts'
import { atLeast, atMost, besideNoise } from './verdict.ts'
import { compareAndSet } from './workloads.ts'

const names = {
  on: 'compare-and-set with control plane, faults and journal',
  off: 'compare-and-set without',
  open: 'compare-and-set while an inspector is open',
  newest: 'GET requests?limit=1 on a full journal',
  review: 'GET review of 1,000 entries',
} as const

/** What the inspector does that is left open: it reads the stream of events. */
async function openInspector(url: string): Promise<void> {
  const { body } = await fetch(`${url}${controlPath}/events?changes=default`)
  const readAll = async () => {
    for await (const _ of body ?? []);
  }
  readAll().catch(() => undefined) // its emulator ends with the set
}

/** More exchanges than a journal keeps, of all operations. */
async function fillJournal(url: string): Promise<void> {
  const load = new Load(url)
  await load.open()
  await load.drive(mixed, 1500)
  load.close()
}

const asking = (path: string): Workload => ({
  status: 200,
  of: () => () => requestText('GET', `${controlPath}/worlds/default/${path}`, {}),
})

function allLanes(command: string): Lane[] {
  const lane = (name: string, control: string): Lane => ({
    name,
    program: emulator(command, name, ...inMemory, '--log-level', 'silent', '--control', control),
    work: compareAndSet,
    count: 2000,
  })
  const on = lane(names.on, 'on')
  const full = { program: emulator(command, 'emulator with a full journal', ...inMemory), prepare: fillJournal }
  return [
    on,
    lane(names.off, 'off'),
    { ...lane(names.open, 'on'), prepare: openInspector },
    twinOf(on),
    { ...full, name: names.newest, work: asking('requests?limit=1'), count: 100 },
    { ...full, name: names.review, work: asking('review'), count: 10 },
  ]
}

function verdictsOf(all: ReadonlyMap<string, Measured>): Verdict[] {
  const millis = (name: string) => figureOf((all.get(name)?.rates ?? []).map((perSecond) => 1000 / perSecond))
  return [
    ...besideNoise(ratio(all, twinName(names.on), names.on), [
      atLeast('compare-and-set with the inspector open against closed', 0.9, ratio(all, names.open, names.on)),
      atLeast(
        'compare-and-set with control plane, faults and journal against without',
        0.9,
        ratio(all, names.on, names.off),
      ),
    ]),
    atMost('`GET …/requests?limit=1` on a full journal, ms of CPU', 2, millis(names.newest)),
    atMost('a review of 1,000 entries, ms of CPU', 50, millis(names.review)),
  ]
}

/** What it costs to be watched, and to ask what was seen. */
export async function control({ command, quick }: Setting): Promise<Part> {
  const effort = quick ? { sets: 1, rounds: 6, warmUp: 4 } : { sets: 3, rounds: 10, warmUp: 6 }
  const all = await measure(allLanes(command), effort)
  return {
    verdicts: verdictsOf(all),
    tables: { 'Control plane': throughputTable(all) },
    figures: Object.fromEntries(all),
  }
}
