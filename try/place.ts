import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { Exit, Setting } from '../test/fixtures/process.ts'
import { root, runProcess } from '../test/fixtures/process.ts'
import { NotHere } from './verdicts.ts'

/** What is to be ended and taken away when all is over, last things first. */
export interface Cleanup {
  teardown(end: () => unknown): void
}

export interface Done extends Exit {
  readonly stdout: string
  readonly stderr: string
}

/** A folder, and the Node that commands run on there. */
export interface Place {
  readonly folder: string
  readonly node: string
  readonly cleanup: Cleanup
  /** The surroundings of a command: this Node before any other. */
  readonly env: Readonly<Record<string, string>>
}

/** Calls `use` with a new folder, then ends and removes all that came of it. */
export async function withFolder<Result>(use: (folder: string, cleanup: Cleanup) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'koodrive-try-'))
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  try {
    return await use(folder, { teardown: (end) => ends.unshift(end) })
  } finally {
    for (const end of ends) await end()
  }
}

/** A new folder for a project of somebody else's; `manifest` is its package.json. */
export function placeAt(folder: string, node: string, cleanup: Cleanup, manifest: object = {}): Place {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, ...manifest }))
  return { folder, node, cleanup, env: { PATH: `${dirname(node)}${delimiter}${process.env['PATH']}` } }
}

/** Runs a command to its end, whatever that is. */
export async function run({ folder, env, cleanup }: Place, command: string, args: readonly string[], more?: Setting) {
  const setting = { cwd: folder, ...more, env: { ...env, ...more?.env } }
  const started = runProcess(cleanup, command, args, setting)
  const exit = await started.exited
  return { ...exit, stdout: started.stdout(), stderr: started.stderr() } satisfies Done
}

/** The same, for a command that has to succeed. */
export async function succeed(place: Place, command: string, args: readonly string[], more?: Setting): Promise<Done> {
  const done = await run(place, command, args, more)
  if (done.code === 0) return done
  throw new Error(
    `${[command, ...args].join(' ')} ended with ${done.code ?? done.signal}:\n${done.stdout}${done.stderr}`,
  )
}

/** Ends in NotHere where the command does not even tell its version. */
export async function need(place: Place, command: string): Promise<void> {
  const answer = await run(place, 'sh', ['-c', `${command} --version`])
  if (answer.code !== 0) throw new NotHere(`There is no ${command} on this machine.`)
}

/** The npm that runs this command, on the Node of the place. */
export function npm(place: Place, ...args: string[]): Promise<Done> {
  const path = process.env['npm_execpath']
  if (path === undefined) throw new Error('start this with npm run, so that there is an npm to install with')
  return succeed(place, place.node, [path, ...args, '--no-audit', '--no-fund'])
}

/** Packs the package of this checkout into the folder and tells the path of the tarball. */
export async function pack(folder: string, cleanup: Cleanup): Promise<string> {
  const checkout = { folder: root, node: process.execPath, cleanup, env: {} }
  await npm(checkout, 'pack', '--pack-destination', folder)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack made no tarball')
  return join(folder, tarball)
}
