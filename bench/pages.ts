import { filledFile } from './filled.ts'
import { emulator, inMemory } from './installed.ts'
import { addLists, filePage, page, scopeList, tenthPage } from './lists.ts'
import type { Part, Setting } from './part.ts'
import { throughputTable } from './report.ts'
import type { Lane, Measured } from './rounds.ts'
import { measure, ratio, twinName, twinOf } from './rounds.ts'
import { sameBytes } from './same-bytes.ts'
import type { Verdict } from './verdict.ts'
import { atLeast, atMost, besideNoise } from './verdict.ts'

const names = {
  page: 'a page of 20 records',
  scopes: 'a list of 100 scopes',
  files: 'a page of 100 files',
  tenth: 'the tenth page of 20 records',
} as const

const ofFloor = (name: string): string => `the same bytes of bare node:http: ${name}`
const ofRows = (rows: number): string => `${names.page} of ${rows.toLocaleString('en')}, on a file`

async function listLanes(command: string): Promise<Lane[]> {
  const program = emulator(command, 'emulator with lists', ...inMemory)
  const workloads = { record: page, scope: scopeList, files: filePage }
  const floor = await sameBytes('the same bytes of bare node:http', program, addLists, workloads)
  const lane = (name: string, work: Lane['work'], count: number): Lane => ({
    name,
    program,
    prepare: addLists,
    work,
    count,
  })
  const first = lane(names.page, page, 500)
  const compared = [first, lane(names.scopes, scopeList, 300), lane(names.files, filePage, 200)]
  return [
    ...compared.flatMap((one) => [one, { name: ofFloor(one.name), program: floor, work: one.work, count: 2000 }]),
    lane(names.tenth, tenthPage, 500),
    twinOf(first),
  ]
}

async function rowLanes(command: string, sizes: readonly number[]): Promise<Lane[]> {
  const lanes: Lane[] = []
  for (const rows of sizes) {
    const program = emulator(command, `${rows} records`, '--db', await filledFile(command, rows))
    lanes.push({ name: ofRows(rows), program, work: page, count: 500 })
  }
  return lanes
}

function verdictsOf(all: ReadonlyMap<string, Measured>, [fewest = 0, most = 0]: readonly number[]): Verdict[] {
  const againstFloor = (name: string, target: number): Verdict =>
    atLeast(`${name} against a bare server that sends the same bytes`, target, ratio(all, name, ofFloor(name)))
  const rows = `${most.toLocaleString('en')} rows against ${fewest.toLocaleString('en')}`
  return besideNoise(ratio(all, twinName(names.page), names.page), [
    againstFloor(names.page, 0.35),
    againstFloor(names.scopes, 0.3),
    againstFloor(names.files, 0.3),
    atMost("cost of a cursor's tenth page against its first", 1.1, ratio(all, names.page, names.tenth)),
    atMost(`cost of a page at ${rows}`, 1.1, ratio(all, ofRows(fewest), ofRows(most))),
  ])
}

/** What clients read most. */
export async function pages({ command, quick }: Setting): Promise<Part> {
  const sizes = quick ? [1_000, 100_000] : [1_000, 1_000_000]
  const lanes = [...(await listLanes(command)), ...(await rowLanes(command, sizes))]
  const all = await measure(lanes, quick ? { sets: 1, rounds: 6, warmUp: 6 } : { sets: 4, rounds: 10, warmUp: 8 })
  return {
    verdicts: verdictsOf(all, sizes),
    tables: { 'Pages and lists': throughputTable(all) },
    figures: Object.fromEntries(all),
  }
}
