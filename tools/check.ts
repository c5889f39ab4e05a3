import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { explain } from './usage.ts'

const tsc = 'node_modules/typescript/bin/tsc'
const biome = 'node_modules/@biomejs/biome/bin/biome'

/** What is said of the sources without running them: by which script, and what is run for it, one after the other. */
const checks = {
  types: {
    script: 'typecheck',
    does: 'Checks the types; of the page and of who drives a browser by themselves, for they know what a browser has.',
    commands: [[tsc], [tsc, '-p', 'inspector'], [tsc, '-p', 'try']],
  },
  style: { script: 'lint', does: 'Checks style.', commands: [[biome, 'ci', '--error-on-warnings', '.']] },
  order: {
    script: 'format',
    does: 'Puts style in order, as far as that needs nobody.',
    commands: [[biome, 'check', '--write', '.']],
  },
} as const

/** Starts a script of some package by the Node that runs this, without a shell. */
export const startScript = (command: readonly string[], env = process.env): ChildProcess =>
  spawn(process.execPath, command, { stdio: 'inherit', env })

/** Its exit status, once it has ended. */
export const statusOf = (script: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => script.on('error', reject).on('close', (code) => resolve(code ?? 1)))

/** What a check has to say, once it has been made; nothing where all is well. */
export async function complaintOf(name: keyof typeof checks): Promise<string> {
  for (const command of checks[name].commands) {
    const script = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] })
    const [status, ...said] = await Promise.all([statusOf(script), text(script.stdout), text(script.stderr)])
    if (status !== 0) return said.join('') || `${command.join(' ')} ended with ${status}\n`
  }
  return ''
}

if (import.meta.main) {
  const [name = ''] = process.argv.splice(2, 1)
  const chosen = Object.entries(checks).find(([known]) => known === name)
  if (chosen === undefined) throw new Error(`there is no check ${name}`)
  const [, { script, does, commands }] = chosen
  explain(`npm run ${script}\n\n${does}`, Number.POSITIVE_INFINITY)
  for (const command of commands)
    process.exitCode ||= await statusOf(startScript([...command, ...process.argv.slice(2)]))
}
