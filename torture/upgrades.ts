import { copyFileSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { startEmulator } from '../src/index.ts'
import { migrations } from '../src/store/migrations.ts'
import type { Content, Image } from './crash/rows.ts'
import { contentOf, imageOf, isSameImage, writeImage } from './crash/rows.ts'
import { load } from './emulator.ts'
import type { Plan } from './plan.ts'
import { atStatements } from './statements.ts'
import type { Verdict } from './verdict.ts'
import { Doubts } from './verdict.ts'

/** A database that an emulator of this schema wrote. */
const fixture = (version: number): string =>
  fileURLToPath(new URL(`../test/fixtures/databases/schema-${version}.db`, import.meta.url))

type Row = Readonly<Record<string, unknown>>

/** Every row of every table, by the names of the columns. */
function tablesOf(path: string): Map<string, Row[]> {
  const database = new Sqlite(path, { readonly: true })
  const names = database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  const read = (name: string) => database.prepare<[], Row>(`SELECT * FROM "${name}"`).safeIntegers().all()
  const tables = new Map(names.map((name) => [name, read(name)]))
  database.close()
  return tables
}

const write = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

/** Rows that were there before and are no longer, columns that came later left aside. */
function lostRows(before: Map<string, Row[]>, after: Map<string, Row[]>): string[] {
  return [...before].flatMap(([table, rows]) => {
    const columns = Object.keys(rows[0] ?? {})
    const textOf = (row: Row) =>
      JSON.stringify(
        columns.map((column) => row[column]),
        write,
      )
    const kept = new Set(after.get(table)?.map(textOf))
    return rows
      .map(textOf)
      .filter((row) => !kept.has(row))
      .map((row) => `${table} lost ${row}`)
  })
}

/** An old database, what it is to become, and every state of its file on the way. */
interface Upgrade {
  readonly version: number
  readonly old: Content
  readonly final: Content
  readonly points: number
  readonly images: readonly Image[]
}

/** Databases of every version open with all their rows, and a crash on the way leaves the old one or the new one. */
export async function upgrades(plan: Plan): Promise<Verdict[]> {
  const doubts = new Doubts()
  let [images, points] = [0, 0]
  for (const version of migrations.keys()) {
    const upgrade = await watchUpgrade(plan, version + 1, doubts)
    images += upgrade.images.length
    points += upgrade.points
    await judgeImages(plan, upgrade, doubts)
    if (!plan.short) await killAtEach(plan, upgrade, doubts)
    plan.tell(`upgrades: from schema ${version + 1}`)
  }
  const kills = plan.short ? '' : `, ${points} kills`
  const much = `${migrations.length} versions, ${points} points, ${images} states of the file${kills}`
  return [{ what: 'upgrades: rows kept, and a crash on the way', much, against: doubts.list }]
}

function copyOf(plan: Plan, version: number): string {
  const path = join(mkdtempSync(join(plan.folder, `schema-${version}-`)), 'emulator.db')
  copyFileSync(fixture(version), path)
  return path
}

async function watchUpgrade(plan: Plan, version: number, doubts: Doubts): Promise<Upgrade> {
  const path = copyOf(plan, version)
  const [old, before] = [contentOf(path, plan.folder), tablesOf(path)]
  const images: Image[] = []
  let points = 0
  const end = atStatements(path, () => {
    points += 1
    const [image, last] = [imageOf(path), images.at(-1)]
    if (!last || !isSameImage(last, image)) images.push(image)
  })
  const emulator = await startEmulator({ db: path })
  await emulator.close()
  end()
  const final = contentOf(path, plan.folder)
  for (const words of [...final.damage, ...lostRows(before, tablesOf(path))]) doubts.add(`schema ${version}: ${words}`)
  const isCurrent = final.rows.startsWith(`[{"user_version":${migrations.length}}]`)
  doubts.claim(isCurrent, () => `schema ${version} did not become ${migrations.length}: ${final.rows.slice(0, 100)}`)
  return { version, old, final, points, images }
}

/** A file that a crash left is the old one, to the last row, or the new one; and it opens. */
async function judge(path: string, { version, old, final }: Upgrade, plan: Plan, where: string, doubts: Doubts) {
  const { rows, damage } = contentOf(path, plan.folder)
  for (const words of damage) doubts.add(`schema ${version}, ${where}: ${words}`)
  doubts.claim(
    rows === old.rows || rows === final.rows,
    () => `schema ${version}, ${where}: half of it:\n${rows.slice(0, 1000)}`,
  )
  try {
    await (await startEmulator({ db: path })).close()
  } catch (error) {
    doubts.add(`schema ${version}, ${where}: it does not open: ${error}`)
  }
  const after = contentOf(path, plan.folder).rows
  doubts.claim(
    after === final.rows,
    () => `schema ${version}, ${where}: the next start makes another:\n${after.slice(0, 1000)}`,
  )
}

async function judgeImages(plan: Plan, upgrade: Upgrade, doubts: Doubts): Promise<void> {
  const path = copyOf(plan, upgrade.version)
  for (const [index, image] of upgrade.images.entries()) {
    writeImage(image, path)
    await judge(path, upgrade, plan, `state ${index}`, doubts)
  }
}

async function killAtEach(plan: Plan, upgrade: Upgrade, doubts: Doubts): Promise<void> {
  let spare = load(plan.watch)
  for (let point = 0; point < upgrade.points; point += 1) {
    const loaded = await spare
    spare = load(plan.watch)
    const path = copyOf(plan, upgrade.version)
    const started = await loaded.start({ args: ['--db', path], killAt: point })
    if ('url' in started) await started.end('SIGKILL')
    await judge(path, upgrade, plan, `killed at ${point}`, doubts)
  }
  ;(await spare).kill()
}
