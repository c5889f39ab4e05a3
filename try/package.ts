import { join } from 'node:path'
import { explain } from '../tools/usage.ts'
import { addingBy, embedding, executing, hardening, installing, printing, refusing, serving } from './package-trials.ts'
import type { Cleanup, Place } from './place.ts'
import { npm, pack, placeAt, succeed, withFolder } from './place.ts'
import type { Column } from './verdicts.ts'
import { conclude, judgeChain } from './verdicts.ts'

/*
 * Packs the package, installs the tarball under each Node that it is for, and uses it there. Needs the npm registry, whose
 * package `node` brings the binaries. Prints a table and exits with 1 where anything failed.
 */

explain(`npm run try:package

Packs the package, installs it with npm under Node.js 22, 24 and 26 and with pnpm and yarn, and uses it there.
Needs the npm registry and some minutes. Exit status 1 where anything failed.`)

const supported = ['22', '24', '26']
const tooOld = '20'
const otherManagers = ['pnpm', 'yarn']

/** A Node of this major version, from the registry: its path and what it calls itself. */
async function fetchNode(folder: string, major: string, cleanup: Cleanup) {
  const place = placeAt(folder, process.execPath, cleanup, { allowScripts: { node: true } })
  await npm(place, 'install', `node@${major}`)
  const node = join(folder, 'node_modules/node/bin/node')
  return { node, version: (await succeed(place, node, ['--version'])).stdout.trim() }
}

const columns = await withFolder(async (folder, cleanup): Promise<Column[]> => {
  process.stdout.write('packing …\n')
  const tarball = await pack(folder, cleanup)
  const tried: Column[] = []
  let installed: Place | undefined
  for (const major of supported) {
    process.stdout.write(`trying it under Node.js ${major} …\n`)
    const { node, version } = await fetchNode(join(folder, `node-${major}`), major, cleanup)
    const place = placeAt(join(folder, `under-${major}`), node, cleanup, { type: 'module' })
    installed = place
    const trials = [
      installing(place, tarball),
      ...[printing, serving, executing, hardening, embedding].map((of) => of(place)),
    ]
    tried.push({ name: version, verdicts: await judgeChain(trials.flat()) })
  }
  const managers = placeAt(join(folder, 'managers'), process.execPath, cleanup)
  await npm(managers, 'install', ...otherManagers)
  for (const name of otherManagers) {
    process.stdout.write(`trying it with ${name} …\n`)
    const manager = join(managers.folder, 'node_modules/.bin', name)
    const bare = placeAt(join(folder, `by-${name}`), process.execPath, cleanup, { type: 'module' })
    const cache = join(folder, 'cache')
    const place = { ...bare, env: { ...bare.env, npm_config_store_dir: cache, YARN_CACHE_FOLDER: cache } }
    const { stdout } = await succeed(managers, manager, ['--version'])
    const trials = [addingBy(place, manager, tarball), printing(place), serving(place), embedding(place).slice(0, 1)]
    tried.push({ name: `${name} ${stdout.trim()}`, verdicts: await judgeChain(trials.flat()) })
  }
  process.stdout.write(`trying it under Node.js ${tooOld} …\n`)
  const { node, version } = await fetchNode(join(folder, `node-${tooOld}`), tooOld, cleanup)
  if (installed === undefined) return tried
  const elsewhere = { ...installed, node, env: { PATH: `${join(node, '..')}:${process.env['PATH']}` } }
  return [...tried, { name: version, verdicts: await judgeChain(refusing(elsewhere)) }]
})
conclude(columns)
