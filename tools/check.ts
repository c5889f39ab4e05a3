import { spawnSync } from 'node:child_process'
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

/** Runs a script of some package by the Node that runs this, without a shell. Returns its exit status. */
export function runScript(command: readonly string[], env = process.env): number {
  const { status, error } = spawnSync(process.execPath, command, { stdio: 'inherit', env })
  if (error) throw error
  return status ?? 1
}

/** The exit status of the first that does not go well; 0 where all do. */
const runAll = (commands: readonly (readonly string[])[], more: readonly string[] = []): number =>
  commands.reduce((status, command) => status || runScript([...command, ...more]), 0)

export const check = (name: keyof typeof checks): number => runAll(checks[name].commands)

if (import.meta.main) {
  const [name = ''] = process.argv.splice(2, 1)
  const chosen = Object.entries(checks).find(([known]) => known === name)
  if (chosen === undefined) throw new Error(`there is no check ${name}`)
  const [, { script, does, commands }] = chosen
  explain(`npm run ${script}\n\n${does}`, Number.POSITIVE_INFINITY)
  process.exitCode = runAll(commands, process.argv.slice(2))
}
