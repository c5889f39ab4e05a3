// Runs after `npm ci` in a checkout, and where somebody installs the package from a repository or a folder, which brings
// no `dist/`. Plain JavaScript without a shell: whatever Node and system the machine has runs it.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = realpathSync(fileURLToPath(new URL('..', import.meta.url)))
const sources = [
  'src',
  'schemas',
  'cli',
  'exec',
  'gauntlet',
  'inspector',
  'verify',
  'tools',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
]
const tap = join(root, 'node_modules/tap/dist/esm/run.mjs')

/** Whether another project installs this one; a checkout runs its sources and needs no build. */
function isForOthers() {
  const { INIT_CWD: from = root } = process.env
  const way = relative(root, realpathSync(from))
  return way.startsWith('..') || isAbsolute(way)
}

/** When the latest of these was changed, or anything below them. */
function latest(paths) {
  const times = paths.map((path) => {
    const entry = statSync(path)
    if (!entry.isDirectory()) return entry.mtimeMs
    return latest(readdirSync(path).map((name) => join(path, name)))
  })
  return Math.max(0, ...times)
}

function isCurrent() {
  const built = ['src/index.js', 'src/index.d.ts', 'src/main.js', 'gauntlet/index.js', 'inspector/index.html'].map(
    (name) => join(root, 'dist', name),
  )
  if (!built.every((path) => existsSync(path))) return false
  const since = Math.min(...built.map((path) => statSync(path).mtimeMs))
  return since >= latest(sources.map((name) => join(root, name)))
}

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

if (process.argv.includes('--help')) {
  process.stdout.write(
    'npm runs this after npm ci, and where the package is installed from a repository or a folder.\n',
  )
} else if (!existsSync(tap)) {
  process.stderr.write('Nothing was prepared, because the development dependencies are not installed.\n')
} else if (!isForOthers()) {
  run(tap, 'build') // tap runs with the plugins of its last build
} else if (!isCurrent()) {
  run(process.env.npm_execpath ?? 'npm', 'run', 'build')
}
