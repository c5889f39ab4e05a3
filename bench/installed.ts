import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Program } from './processes.ts'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Builds the package of a checkout, by its own script. */
export const buildIn = (folder: string): void =>
  void execFileSync('npm', ['run', 'build', '--silent'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })

/** Lays a built checkout out as an installation would, in a folder that is there until this process ends; answers the command. */
export function layOut(checkout: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-installed-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  const { files }: { files: string[] } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'))
  for (const part of ['package.json', ...files.filter((name) => !name.startsWith('!'))]) {
    if (existsSync(join(checkout, part))) cpSync(join(checkout, part), join(folder, part), { recursive: true })
  }
  rmSync(join(folder, 'dist/.compiled'), { recursive: true, force: true })
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'))
  return join(folder, 'src/main.js')
}

/** Builds the package and lays it out; answers the command in it. */
export function install(): string {
  buildIn(root)
  return layOut(root)
}

export const inMemory = ['--db', ':memory:'] as const
export const inFile = ['--db', 'emulator.db'] as const
/** Neither a log nor, without a control plane, a journal. */
export const quiet = ['--log-level', 'silent', '--control', 'off'] as const

/** The emulator with its defaults, save what the flags say. */
export const emulator = (command: string, name: string, ...flags: readonly string[]): Program => ({
  name,
  args: (port) => [command, '--port', String(port), '--log-format', 'json', ...flags],
})
