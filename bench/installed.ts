import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Program } from './processes.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Builds the package and lays it out as an installation would; answers the command in it. */
export function install(): string {
  execFileSync('npm', ['run', 'build', '--silent'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  const folder = mkdtempSync(join(tmpdir(), 'bench-installed-'))
  for (const part of ['package.json', 'src/main.js', 'dist', 'assets', 'data']) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  return join(folder, 'src/main.js')
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
