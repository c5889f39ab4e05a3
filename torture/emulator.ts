import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Orders, Report, Word } from './victim.ts'
import type { Watch } from './watch.ts'

const victim = fileURLToPath(new URL('victim.ts', import.meta.url))
const patienceMillis = 30_000
const keptCharacters = 20_000

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** An emulator in a process of its own that listens. */
export interface Emulator {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** The end of what it wrote so far, both outputs. */
  output(): string
  /** Whether it writes this, now or within the time that is given to it: a line comes after the answer that it is about. */
  says(words: RegExp): Promise<boolean>
  tell(word: Word): Promise<Report>
  end(signal: NodeJS.Signals): Promise<Exit>
}

/** One that has not begun: its code is loaded. */
export interface Loaded {
  /** Resolves with how it ended where it never listens. */
  start(orders: Orders): Promise<Emulator | Exit>
  kill(): void
}

const environment = (): NodeJS.ProcessEnv => {
  const own = /^(KOODRIVE_EMULATOR_|NODE_OPTIONS$|TAP)/
  const inherited = Object.entries(process.env).filter(([name]) => !own.test(name))
  return { ...Object.fromEntries(inherited), NODE_COMPILE_CACHE: join(tmpdir(), 'koodrive-torture-cache') }
}

const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** Loads an emulator into a new process; all that it ever writes is watched. */
export async function load(watch: Watch, flags: readonly string[] = []): Promise<Loaded> {
  const child = fork(victim, [], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--expose-gc', ...flags],
    env: environment(),
  })
  children.add(child)
  let kept = ''
  for (const [name, stream] of [
    ['log', child.stdout],
    ['standard error', child.stderr],
  ] as const) {
    const see = watch.stream(name)
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      see(piece)
      kept = (kept + piece).slice(-keptCharacters)
      child.emit('output', piece)
    })
  }
  const exited = once(child, 'close').then(([code, signal]): Exit => {
    children.delete(child)
    return { code, signal }
  })
  await Promise.race([once(child, 'message'), exited])
  return { start: (orders) => startIn(child, orders, exited, () => kept), kill: () => void child.kill('SIGKILL') }
}

async function startIn(child: ChildProcess, orders: Orders, exited: Promise<Exit>, output: () => string) {
  const whole = { ...orders, args: ['--port', '0', '--log-format', 'json', ...orders.args] }
  child.send(whole satisfies Orders)
  const url = listening(child)
  const first = await Promise.race([url, exited, impatience(`does not listen: ${output()}`)])
  if (typeof first !== 'string') return first
  const emulator: Emulator = {
    url: first,
    port: Number(new URL(first).port),
    pid: child.pid ?? 0,
    output,
    says: (words) => saying(child, words, output),
    async tell(word) {
      child.send(word)
      const [report] = await once(child, 'message')
      return report as Report // a victim answers each word with one
    },
    async end(signal) {
      child.kill(signal)
      return Promise.race([exited, impatience(`does not end: ${output()}`)])
    },
  }
  return emulator
}

function saying(child: ChildProcess, words: RegExp, output: () => string): Promise<boolean> {
  return new Promise((resolve) => {
    const look = () => {
      if (words.test(output())) end(true)
    }
    const end = (does: boolean) => {
      clearTimeout(patience)
      child.off('output', look)
      resolve(does)
    }
    const patience = setTimeout(end, patienceMillis, false)
    child.on('output', look)
    look()
  })
}

/** Resolves with the address in the log. */
function listening(child: ChildProcess): Promise<string> {
  let text = ''
  return new Promise((resolve) => {
    child.on('output', function look(piece: string) {
      text += piece
      const url = /"url":"([^"]+)"/.exec(text)?.[1]
      if (url === undefined) return
      child.off('output', look)
      resolve(url)
    })
  })
}

const impatience = (words: string): Promise<never> =>
  new Promise((_, reject) => setTimeout(reject, patienceMillis, new Error(words)).unref())

/**
 * Loads one and starts it.
 *
 * @param flags of Node.js
 * @throws Error where it does not listen
 */
export async function startEmulator(
  watch: Watch,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<Emulator> {
  const started = await (await load(watch, flags)).start({ args })
  if ('url' in started) return started
  throw new Error(`the emulator ended with ${started.code ?? started.signal}`)
}
