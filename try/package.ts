import { join } from 'node:path'
import { embedding, installing, printing, refusing, serving } from './package-trials.ts'
import type { Cleanup, Place } from './place.ts'
import { npm, pack, placeAt, succeed, withFolder } from './place.ts'
import type { Column } from './verdicts.ts'
import { conclude, judgeChain } from './verdicts.ts'

/*
 * Packs the package, installs the tarball under each Node that it is for, and uses it there. Needs the npm registry, whose
 * package `node` brings the binaries. Prints a table and exits with 1 where anything failed.
 */

const supported = ['22', '24', '26']
const tooOld = '20'

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
    installed = placeAt(join(folder, `under-${major}`), node, cleanup, { type: 'module' })
    const trials = [installing(installed, tarball), printing(installed), serving(installed), embedding(installed)]
    tried.push({ name: version, verdicts: await judgeChain(trials.flat()) })
  }
  process.stdout.write(`trying it under Node.js ${tooOld} …\n`)
  const { node, version } = await fetchNode(join(folder, `node-${tooOld}`), tooOld, cleanup)
  if (installed === undefined) return tried
  const elsewhere = { ...installed, node, env: { PATH: `${join(node, '..')}:${process.env['PATH']}` } }
  return [...tried, { name: version, verdicts: await judgeChain(refusing(elsewhere)) }]
})
conclude(columns)
