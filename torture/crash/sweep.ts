import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startEmulator } from '../../src/index.ts'
import { openDatabase } from '../../src/store/database.ts'
import type { Client } from '../client.ts'
import { Broken, clientOf, xDate } from '../client.ts'
import { diceOf } from '../dice.ts'
import { load } from '../emulator.ts'
import type { Plan } from '../plan.ts'
import { atStatements } from '../statements.ts'
import type { Verdict } from '../verdict.ts'
import { Doubts, grouped } from '../verdict.ts'
import type { Told } from './drive.ts'
import { isWanted, lineCount, nameOf, sendLine } from './drive.ts'
import type { Image } from './rows.ts'
import { contentOf, imageOf, isSameImage, writeImage } from './rows.ts'
import { noon } from './scenario.ts'

/** The scenario once, undisturbed: what a crash at any point of it is held against. */
export interface Reference {
  readonly statements: number
  /** Points before and after statements, in all. */
  readonly points: number
  /** Those that differ: behind a statement that is not the last of its work, it is as before the next one. */
  readonly turningPoints: readonly number[]
  /** The rows before the first line, then after each. */
  readonly rows: readonly string[]
  /** Every state of the file on the way, with how many lines had been answered. */
  readonly images: readonly (Image & { readonly answered: number })[]
}

const clientAt = (url: string, plan: Plan): Client => clientOf(url, plan.watch, () => xDate(noon))

const emptyFolder = (plan: Plan, name: string): string => {
  const folder = join(plan.folder, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  return folder
}

/** Plays the scenario in this process, and looks at the file before and after every statement. */
export async function playOnce(plan: Plan): Promise<Reference> {
  const folder = emptyFolder(plan, 'reference')
  const db = join(folder, 'emulator.db')
  const images: (Image & { answered: number })[] = []
  const turningPoints: number[] = []
  let [statements, points, answered] = [0, 0, -1]
  const end = atStatements(db, ({ sql, isBefore }) => {
    if (isBefore || sql === 'COMMIT') turningPoints.push(points)
    if (isBefore) statements += 1
    points += 1
    const [image, last] = [imageOf(db), images.at(-1)]
    if (!last || last.answered !== answered || !isSameImage(last, image)) images.push({ ...image, answered })
  })
  const emulator = await startEmulator({ db, changes: 'on' })
  const client = clientAt(emulator.url, plan)
  const told: Told = {}
  const rows = [contentOf(db, folder).rows]
  for (answered = 0; answered < lineCount; answered += 1) {
    const answer = await sendLine(client, answered, told)
    if (!isWanted(answered, answer)) throw new Error(`${nameOf(answered, told)}: ${answer.status} ${answer.text}`)
    rows.push(contentOf(db, folder).rows)
  }
  end()
  client.close()
  await emulator.close()
  return { statements, points, turningPoints, rows, images }
}

/** Opens a file and closes it again, as an emulator. @returns why that does not do */
async function open(path: string, { short }: Plan, isToBeSeeded: boolean): Promise<unknown> {
  try {
    if (short && !isToBeSeeded) openDatabase(path, 'normal').close()
    else await (await startEmulator({ db: path })).close()
  } catch (error) {
    return error
  }
}

/** A state of the file must be whole: as it was before the line in flight, or as it was to be after it. */
async function judge(path: string, answered: number, { rows }: Reference, plan: Plan, doubts: Doubts): Promise<void> {
  const where = `with ${answered} lines answered`
  const { rows: found, damage } = contentOf(path, plan.folder)
  for (const words of damage) doubts.add(`${where}: ${words}`)
  const isWhole = answered < 0 || found === rows[answered] || found === rows[answered + 1]
  doubts.claim(
    isWhole,
    () => `${where} the file holds neither what it held nor what it was to hold:\n${found.slice(0, 1500)}`,
  )
  const refusal = await open(path, plan, answered < 0)
  doubts.claim(refusal === undefined, () => `${where} it does not open: ${refusal}`)
  const after = contentOf(path, plan.folder).rows
  const expected = answered < 0 ? rows[0] : found
  doubts.claim(after === expected, () => `${where} the next start changed what it found:\n${after.slice(0, 1500)}`)
}

/** Every state in which a process could have left the file. */
export async function judgeImages(plan: Plan, reference: Reference): Promise<Verdict> {
  const doubts = new Doubts()
  const path = join(emptyFolder(plan, 'images'), 'emulator.db')
  for (const image of reference.images) {
    writeImage(image, path)
    await judge(path, image.answered, reference, plan, doubts)
  }
  const much = `${reference.points} points, ${reference.images.length} states of the file`
  return { what: 'crash: the file at every statement', much, against: doubts.list }
}

/** A log that ends anywhere, as a power cut may leave it: the file must be as it was after some line. */
export function cutLogs(plan: Plan, { images, rows }: Reference): Verdict {
  const doubts = new Doubts()
  const dice = diceOf(plan.seed)
  const folder = emptyFolder(plan, 'cuts')
  const path = join(folder, 'emulator.db')
  const served = images.filter(({ answered, log }) => answered >= 0 && log.length > 0)
  const cuts = plan.short ? 10 : 2000
  for (let cut = 0; cut < cuts; cut += 1) {
    const { file, log, answered } = dice.pick(served)
    const end = dice.below(log.length)
    writeImage({ file, log: log.subarray(0, end) }, path)
    const { rows: found, damage } = contentOf(path, folder)
    for (const words of damage) doubts.add(`cut at ${end}: ${words}`)
    const isEarlier = rows.slice(0, answered + 2).includes(found) || isBeforeServing(found)
    doubts.claim(
      isEarlier,
      () => `cut at ${end} of ${log.length}, ${answered} lines answered:\n${found.slice(0, 1500)}`,
    )
  }
  return { what: 'crash: the log cut off anywhere', much: `${grouped(cuts)} cuts`, against: doubts.list }
}

/** Not yet migrated, or not yet seeded. */
const isBeforeServing = (rows: string): boolean => rows === '[{"user_version":0}]' || /\n\nworld\n$/.test(rows)

/** A process killed at every point, in turn. */
export async function killAtEach(plan: Plan, reference: Reference): Promise<Verdict> {
  const doubts = new Doubts()
  const db = () => join(emptyFolder(plan, 'point'), 'emulator.db')
  let spare = load(plan.watch)
  for (const [index, point] of reference.turningPoints.entries()) {
    const loaded = await spare
    spare = load(plan.watch)
    const path = db()
    const emulator = await loaded.start({ args: ['--db', path, '--changes', 'on'], killAt: point })
    const answered = 'url' in emulator ? await playUntilBroken(emulator.url, plan) : -1
    if ('url' in emulator) await emulator.end('SIGKILL')
    doubts.claim(answered < lineCount, () => `point ${point} was never reached`)
    await judge(path, answered, reference, plan, doubts)
    if (index % 50 === 0) plan.tell(`crash: killed at ${index} of ${reference.turningPoints.length} points`)
  }
  ;(await spare).kill()
  const much = `${reference.turningPoints.length} kills`
  return { what: 'crash: SIGKILL at every statement', much, against: doubts.list }
}

/** @returns how many lines were answered */
async function playUntilBroken(url: string, plan: Plan): Promise<number> {
  const client = clientAt(url, plan)
  const told: Told = {}
  let answered = 0
  try {
    for (; answered < lineCount; answered += 1) await sendLine(client, answered, told)
  } catch (error) {
    if (!(error instanceof Broken)) throw error
  } finally {
    client.close()
  }
  return answered
}
