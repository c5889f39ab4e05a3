import { spawnSync } from 'node:child_process'
import { NotHere } from '../verdicts.ts'

/** What the trial needs, and the Debian package that has it. */
const packages = {
  haproxy: 'haproxy',
  kubectl: 'kubernetes-client',
  nginx: 'nginx-light',
  promtool: 'prometheus',
} as const
export type Tool = keyof typeof packages

/** Some live where only the administrator's shell looks. */
export const path = `${process.env['PATH']}:/usr/sbin:/sbin`
const env = { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive' }

/** What does nothing but show that it is there. */
const greetings: Readonly<Record<Tool, readonly string[]>> = {
  haproxy: ['-v'],
  kubectl: ['version', '--client'],
  nginx: ['-v'],
  promtool: ['--version'],
}

const isHere = (tool: Tool): boolean => spawnSync(tool, greetings[tool], { env, stdio: 'ignore' }).status === 0

/** Installs what is missing, where this process may. */
export function install(): void {
  const missing = (Object.keys(packages) as Tool[]).filter((tool) => !isHere(tool)) // keys of a constant object
  if (missing.length === 0 || process.getuid?.() !== 0) return
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...missing.map((tool) => packages[tool])], {
    env,
    stdio: 'ignore',
  })
}

/** Ends in NotHere where a tool is missing. */
export function need(tool: Tool): void {
  if (!isHere(tool)) throw new NotHere(`There is no ${tool} on this machine; Debian's ${packages[tool]} has it.`)
}

/** Runs a tool to its end; what it said where it failed is in the error. */
export function check(tool: string, args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync(tool, args, { env, encoding: 'utf8', input: input ?? '' })
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  return stdout
}
