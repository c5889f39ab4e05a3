import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildIn, layOut, root } from './installed.ts'

/*
 * The product as it was at another commit, built beside that of now.
 */

/** Why there is nothing to compare with, as one sentence. */
export class NoBase extends Error {}

export interface Commit {
  readonly hash: string
  /** What it is, for people. */
  readonly title: string
}

function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' })
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : undefined
}

const commitOf = (name: string): string | undefined =>
  git('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`)

/** The last commit on the way here that changed the version, also by a merge. */
const versioned = (): string | undefined =>
  git('log', '-m', '--first-parent', '-1', '--format=%H', '-G^ *"version": ', '--', 'package.json')

/**
 * The commit of that name; otherwise the last release: its tag, or where there is none, the commit that made the version.
 *
 * @throws NoBase
 */
export function findBase(name: string | undefined): Commit {
  if (name !== undefined) {
    const hash = commitOf(name)
    if (hash === undefined)
      throw new NoBase(`git knows no commit ${name}; expected a commit, branch or tag of this repository`)
    return { hash, title: `${name} (${hash.slice(0, 10)})` }
  }
  const tag = git('describe', '--tags', '--abbrev=0', '--match', 'v*')
  const [hash, why] =
    tag === undefined ? [versioned(), 'made the version; there is no tag'] : [commitOf(tag), `is ${tag}`]
  if (hash === undefined)
    throw new NoBase(
      'neither a tag nor a commit that changed the version was found; expected the whole history, or a commit',
    )
  return { hash, title: `the last release (${hash.slice(0, 10)} ${why})` }
}

/** What is installed, whatever the version of the product itself. */
function packagesOf(folder: string): string {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
  return JSON.stringify({ ...packages, '': { ...packages[''], version: '' } })
}

/** Modules of now where the lock file asks for the same, else its own; scripts would build what only tests need. */
function provideModules(folder: string): void {
  if (packagesOf(folder) === packagesOf(root)) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  else {
    process.stderr.write('installing what the base depends on …\n')
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  }
}

/**
 * Builds a commit in a folder that is there until this process ends, as the package is built.
 *
 * @returns the command, laid out as an installation would
 * @throws NoBase
 */
export function installBase({ hash, title }: Commit): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-base-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  try {
    const archive = execFileSync('git', ['archive', hash], { cwd: root, maxBuffer: 2 ** 30 })
    execFileSync('tar', ['-x', '-C', folder], { input: archive })
    if (!existsSync(join(folder, 'package-lock.json'))) throw new Error('it has no package-lock.json')
    provideModules(folder)
    buildIn(folder)
    return layOut(folder)
  } catch (error) {
    throw new NoBase(`${title} cannot be built: ${error instanceof Error ? error.message : error}`)
  }
}
