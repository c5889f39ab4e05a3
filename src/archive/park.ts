import { randomUUID } from 'node:crypto'
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { makeFolder, removeEmptyFolders } from '../process/folders.ts'
import type { WorldArchive } from '../world/archive.ts'
import type { Parking } from '../world/parking.ts'
import { isUnfinished, nameIn, namesOf } from './park-names.ts'
import { readArchive } from './reading.ts'
import { archiveFile } from './writing.ts'

/** What was being written for so long was left by a process that was killed. */
const longestWriting = 3_600_000

/** Told of what an operator has to know. */
export interface ParkLog {
  error(context: object, message: string): void
}

interface ParkOptions {
  readonly folder: string
  /** For how long worlds are kept; for ever where it is infinite. */
  readonly keepMillis: number
  readonly wallClock: () => number
  readonly log: ParkLog
}

/**
 * Worlds as files of one folder, which several processes may share: whoever renames a file owns its world. A file appears
 * whole or not at all and is never written over.
 */
export class Park implements Parking {
  readonly #options: ParkOptions
  /** Folders that were not there, the innermost first. */
  readonly #made: readonly string[]
  /** What could not even be looked at. */
  readonly #unreadable = new Set<string>()

  /** @throws Error of the system where the folder cannot be used */
  constructor(options: ParkOptions) {
    this.#options = options
    this.#made = makeFolder(options.folder, 0o700)
    try {
      this.#tryLinks()
    } catch (error) {
      this.unmake()
      throw error
    }
  }

  /** Takes folders away that were made for it, where nothing is in them. */
  unmake(): void {
    removeEmptyFolders(this.#made)
  }

  take<Taken>(name: string, takeUp: (archive: WorldArchive) => Taken): Taken | undefined {
    const { parked, taken } = this.#placesOf(name)
    this.#unreadable.delete(name)
    if (this.obstacle(name) !== undefined) return undefined
    try {
      if (!wasDone(() => renameSync(parked, taken))) return undefined
      const world = takeUp(readArchive([readOrPutBack(taken, parked)]))
      unlinkSync(taken)
      return world
    } catch (error) {
      this.#options.log.error({ err: error, world: name, file: taken }, 'a parked world cannot be taken up')
      this.#unreadable.add(name)
      return undefined
    }
  }

  obstacle(name: string): string | undefined {
    const { taken, beside } = this.#placesOf(name)
    if (existsSync(beside)) return `the world ${name} was parked twice, by two processes; ${choice}`
    if (this.#unreadable.has(name) || existsSync(taken))
      return `the world ${name} is parked and cannot be taken up, the log says why; ${choice}`
    return undefined
  }

  park(archive: WorldArchive): boolean {
    const { name } = archive
    const { parked, beside, part } = this.#placesOf(name)
    try {
      writeFileSync(part, Buffer.concat(archiveFile(archive, true)), { mode: 0o600, flag: 'wx' })
      if (wasDone(() => linkSync(part, parked))) unlinkSync(part)
      else {
        renameSync(part, existsSync(beside) ? `${beside}.${randomUUID()}` : beside)
        this.#options.log.error({ world: name, file: parked }, 'another process has parked this world; both are kept')
      }
      return true
    } catch (error) {
      this.#options.log.error({ err: error, world: name }, 'a world cannot be parked')
      wasDone(() => unlinkSync(part))
      return false
    }
  }

  forget(name: string): boolean {
    const { parked, taken, beside } = this.#placesOf(name)
    this.#unreadable.delete(name)
    const others = existsSync(beside) ? this.#files().filter((file) => file.startsWith(beside)) : []
    return [parked, taken, ...others].map((file) => wasDone(() => unlinkSync(file))).includes(true)
  }

  names(): string[] {
    return this.#files().flatMap((file) => nameIn(basename(file)) ?? [])
  }

  /** Nobody asked for it: where it fails, that is no more than logged. */
  prune(): number {
    try {
      return this.#removeOld()
    } catch (error) {
      this.#options.log.error({ err: error }, 'the folder of --park cannot be looked through')
      return 0
    }
  }

  #removeOld(): number {
    const { keepMillis } = this.#options
    let gone = 0
    for (const file of this.#files()) {
      const isPart = isUnfinished(file)
      if (!isPart && nameIn(basename(file)) === undefined) continue
      const isOld = this.#age(file) > (isPart ? longestWriting : keepMillis)
      if (isOld && wasDone(() => unlinkSync(file)) && !isPart) gone += 1
    }
    return gone
  }

  /** In milliseconds; of what is gone, no number. */
  #age(file: string): number {
    return this.#options.wallClock() - Number(statSync(file, { throwIfNoEntry: false })?.mtimeMs)
  }

  #files(): string[] {
    const { folder } = this.#options
    const all = readdirSync(folder, { withFileTypes: true })
    return all.filter((one) => one.isFile()).map(({ name }) => join(folder, name))
  }

  #placesOf(name: string) {
    const { parked, taken, beside, part } = namesOf(name)
    const within = (file: string) => join(this.#options.folder, file)
    return { parked: within(parked), taken: within(taken), beside: within(beside), part: within(part) }
  }

  /** Without links, nothing could be put there without perhaps writing over what is. */
  #tryLinks(): void {
    const { part, taken } = this.#placesOf(`probe-${randomUUID()}`)
    writeFileSync(part, '')
    try {
      linkSync(part, taken)
      unlinkSync(taken)
    } finally {
      unlinkSync(part)
    }
  }
}

const choice = 'PUT or DELETE it, or leave one file in the folder of --park'

/** What the system does not let this process read now, it may later, or another process: it is not kept from them. */
function readOrPutBack(taken: string, parked: string): Buffer {
  try {
    return readFileSync(taken)
  } catch (error) {
    if (putBack(taken, parked)) unlinkSync(taken)
    throw error
  }
}

/** Says whether it is there again; not where another one has the place meanwhile, and not if it is no file. */
function putBack(taken: string, parked: string): boolean {
  try {
    linkSync(taken, parked)
    return true
  } catch {
    return false
  }
}

/** Whether it could be done: somebody else may have been quicker, or there was nothing to do. */
function wasDone(work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    const { code }: { code?: string } = Object(error)
    if (code === 'ENOENT' || code === 'EEXIST') return false
    throw error
  }
}
