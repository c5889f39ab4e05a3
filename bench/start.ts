import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { basePath } from '../schemas/common.ts'
import { Connection, requestText } from './connection.ts'
import type { Part, Setting } from './part.ts'
import { freePort, residentBytes } from './processes.ts'
import { mega, table } from './report.ts'
import type { Figure } from './statistics.ts'
import { figureOf, writtenFigure } from './statistics.ts'
import { atMost } from './verdict.ts'
import { headers } from './workloads.ts'

interface Form {
  readonly name: string
  readonly args: (port: number) => readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

interface Starts {
  /** From the start of the process to the first answer with status 200, in milliseconds. */
  readonly millis: Figure
  /** Resident afterwards, in bytes. */
  readonly idle: Figure
  readonly startTimes: readonly number[]
  readonly idleSizes: readonly number[]
}

const startNames = {
  bare: 'bare node:http',
  commonJs: 'bare node:http, as CommonJS',
  installed: 'emulator as installed',
  again: 'emulator as installed, again',
  uncached: 'emulator as installed, its first start',
  checkout: 'emulator from a checkout',
} as const

const local = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The same module as CommonJS, in a folder of its own until this process ends. */
function asCommonJs(path: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  const copy = join(folder, 'copy.cjs')
  writeFileSync(copy, readFileSync(path, 'utf8').replace(/^import (.+) from (.+)$/gm, 'const $1 = require($2)'))
  return copy
}

function formsOf(command: string): Form[] {
  const emulator = (path: string) => (port: number) => [
    path,
    '--port',
    String(port),
    '--db',
    ':memory:',
    '--log-format',
    'json',
  ]
  const bare = local('floor/bare.js')
  const commonJs = asCommonJs(bare)
  return [
    { name: startNames.bare, args: (port) => [bare, String(port)] },
    { name: startNames.commonJs, args: (port) => [commonJs, String(port)] },
    { name: startNames.installed, args: emulator(command) },
    { name: startNames.again, args: emulator(command) },
    { name: startNames.uncached, args: emulator(command), env: { NODE_DISABLE_COMPILE_CACHE: '1' } },
    { name: startNames.checkout, args: emulator(local('../src/main.js')) },
  ]
}

/** Until it says that it listens. */
async function said(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('no output')
  for await (const piece of child.stdout) if (/listening/.test(String(piece))) return
  throw new Error('it ended before it listened')
}

async function startOnce({ args, env }: Form): Promise<{ millis: number; idle: number }> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const begin = performance.now()
  const child = spawn(process.execPath, args(port), {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = once(child, 'exit')
  await said(child)
  const connection = new Connection(`http://127.0.0.1:${port}`)
  const answer = await connection.ask(requestText('GET', `${basePath}/device`, headers()))
  const millis = performance.now() - begin
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`)
  await wait(200)
  const idle = residentBytes(child.pid ?? 0)
  connection.close()
  child.kill()
  await ended
  rmSync(folder, { recursive: true, force: true })
  return { millis, idle }
}

/** Starts every form in turns. The first turn does not count: it leaves compiled code and warm files behind. */
async function measureStarts(command: string, times: number): Promise<Map<string, Starts>> {
  const forms = formsOf(command)
  const found = new Map(forms.map(({ name }) => [name, { startTimes: [] as number[], idleSizes: [] as number[] }]))
  for (let turn = 0; turn <= times; turn += 1) {
    for (const form of forms) {
      const { millis, idle } = await startOnce(form)
      if (turn === 0) continue
      found.get(form.name)?.startTimes.push(millis)
      found.get(form.name)?.idleSizes.push(idle)
    }
  }
  return new Map(
    [...found].map(([name, raw]) => [
      name,
      { ...raw, millis: figureOf(raw.startTimes), idle: figureOf(raw.idleSizes) },
    ]),
  )
}

type Values = (starts: Starts) => readonly number[]

/** Turn by turn. */
function startRatio(all: ReadonlyMap<string, Starts>, of: Values, one: string, other: string): Figure {
  const [above, below] = [one, other].map((name) => {
    const starts = all.get(name)
    return starts ? of(starts) : []
  })
  return figureOf((above ?? []).map((value, turn) => value / (below?.[turn] ?? Number.NaN)))
}

const startTable = (starts: ReadonlyMap<string, Starts>): string =>
  table(
    ['what', 'start to first 200, ms', 'idle, MB'],
    [...starts].map(([name, { millis, idle }]) => [name, writtenFigure(millis), mega(idle.median)]),
  )

/** From nothing to the first answer. */
export async function start({ command, quick }: Setting): Promise<Part> {
  const starts = await measureStarts(command, quick ? 5 : 20)
  const verdict = (what: string, target: number, of: Values) => ({
    ...atMost(
      `${what} against bare \`node:http\``,
      target,
      startRatio(starts, of, startNames.installed, startNames.bare),
    ),
    noise: startRatio(starts, of, startNames.again, startNames.installed),
  })
  return {
    verdicts: [
      verdict('start to first 200', 2, ({ startTimes }) => startTimes),
      verdict('idle memory', 1.35, ({ idleSizes }) => idleSizes),
    ],
    tables: { Start: startTable(starts) },
    figures: Object.fromEntries(starts),
  }
}
