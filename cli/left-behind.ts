import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { runDirVariable } from './variables.ts'

export interface LeftProcess {
  readonly pid: number
  readonly name: string
}

/** What a command left running when it ended; `undefined` where the system does not tell. */
export type LeftBehind = readonly LeftProcess[] | undefined

/**
 * The processes that were started in a run, by the folder that their environment names.
 *
 * @param proc where the system shows its processes: `/proc` on Linux
 */
export function processesOf(runDir: string, proc: string): LeftBehind {
  const pids = entriesOf(proc).filter((name) => /^\d+$/.test(name))
  if (pids.length === 0) return undefined
  const mark = `${runDirVariable}=${runDir}`
  return pids
    .filter((pid) => textOf(`${proc}/${pid}/environ`).split('\0').includes(mark))
    .map((pid) => ({ pid: Number(pid), name: textOf(`${proc}/${pid}/comm`).trim() }))
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Of a process that has ended meanwhile, or is somebody else's, there is none. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** Those that end by themselves a moment later were not left behind. */
const graceMillis = 250
/** How long one may take that is asked to end. */
const patienceMillis = 2000
const stepMillis = 20

/** Ends what a run left behind, gently, then not. Answers what there was. */
export async function endLeftBehind(find: () => LeftBehind): Promise<LeftBehind> {
  if (find() === undefined) return undefined
  const look = () => find() ?? []
  if (await goneWithin(look, graceMillis)) return []
  const left = look()
  signal(left, 'SIGTERM')
  if (await goneWithin(look, patienceMillis)) return left
  for (let round = 0; round < patienceMillis / stepMillis; round += 1) {
    signal(look(), 'SIGKILL')
    if (await goneWithin(look, stepMillis)) break
  }
  return left
}

async function goneWithin(look: () => readonly LeftProcess[], millis: number): Promise<boolean> {
  const end = Date.now() + millis
  while (look().length > 0) {
    if (Date.now() > end) return false
    await wait(stepMillis)
  }
  return true
}

function signal(processes: readonly LeftProcess[], name: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, name)
    } catch {
      // it has ended meanwhile
    }
  }
}
