import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { basePath } from '../schemas/common.ts'
import { help } from '../src/commands/help.ts'
import { version } from '../src/process/package.ts'
import { examplesOf, pageAt, savedFiles, shownAddress, textsOf } from '../test/fixtures/documents.ts'
import { exampleDevice } from '../test/fixtures/emulator.ts'
import type { Serving } from '../test/fixtures/process.ts'
import { root, runProcess, whenListening } from '../test/fixtures/process.ts'
import { curl, honestHeaders, send } from '../test/fixtures/wire.ts'
import type { Done, Place } from './place.ts'
import { need, npm, run, succeed } from './place.ts'
import type { Trial } from './verdicts.ts'

const name = 'koodrive-backup-emulator'
const whyTooOld = (node: string): string => `${name} needs Node.js 22.18 or newer; this is ${node}.`
const program = ({ folder }: Place): string => join(folder, 'node_modules/.bin', name)

const trial = (what: string, make: () => Promise<unknown>): Trial => ({
  what,
  make: () => make().then(() => undefined),
})

/** Packages that ask for attention when they are installed are named; this one is not to be among them. */
function assertQuiet({ stdout, stderr }: Done): void {
  const lines = `${stdout}\n${stderr}`.split('\n')
  const warnings = lines.filter((line) => /warn|ignored|deprecated|not allowed|allowScripts/i.test(line))
  assert.deepEqual(
    warnings.filter((line) => line.includes(name)),
    [],
  )
}

/** Installing it, as somebody else would. */
export const installing = (place: Place, tarball: string): Trial[] => [
  trial('takes the tarball without a warning of ours', async () => assertQuiet(await npm(place, 'install', tarball))),
  trial('npm ci --ignore-scripts brings it again', () => npm(place, 'ci', '--ignore-scripts')),
]

/** The same, by another than npm. @param manager the path of its program */
export const addingBy = (place: Place, manager: string, tarball: string): Trial[] => [
  trial('takes the tarball without a warning of ours', async () =>
    assertQuiet(await succeed(place, manager, ['add', tarball])),
  ),
]

/** What the command prints. */
export const printing = (place: Place): Trial[] => [
  trial('--version', async () => {
    assert.equal((await succeed(place, program(place), ['--version'])).stdout, `${version}\n`)
  }),
  trial('--help', async () => {
    assert.equal((await succeed(place, program(place), ['--help'])).stdout, `${help()}\n`)
  }),
]

const start = (place: Place): Promise<Serving> =>
  whenListening(
    runProcess(place.cleanup, program(place), ['--port', '0', '--db', 'kept.db', '--log-format', 'json'], {
      cwd: place.folder,
      env: place.env,
    }),
  )

const withoutIds = (text: string): string => text.trim().replace(/"(scopeId|createTime)":"[^"]*"/g, '"$1":""')

/** The first two requests of the first session, answered as its page shows them. */
async function firstRequests({ url }: Serving): Promise<void> {
  for (const { command, shown } of examplesOf(pageAt('docs/getting-started.md').text).slice(0, 2)) {
    const { text } = await curl(command.replaceAll(shownAddress, url))
    assert.equal(withoutIds(text), withoutIds(shown))
  }
}

async function stored({ url }: Serving): Promise<string[]> {
  const get = (what: string) =>
    send(`${url}${basePath}/device/${exampleDevice}/${what}`, { headers: honestHeaders() }).then(({ text }) => text)
  return [await get('scope?moduleCode=102'), await get('configs?moduleCode=102')]
}

/** Serving, on one database file. */
export function serving(place: Place): Trial[] {
  let emulator: Serving
  const health = () => run(place, program(place), ['health', '--url', emulator.url])
  return [
    trial('starts and answers the first two requests of the first session', async () => {
      emulator = await start(place)
      await firstRequests(emulator)
    }),
    trial('its data outlives kill -9', async () => {
      const before = await stored(emulator)
      assert.match(before.join(), /asdkhsdahjksd.*101test2value2/s)
      assert.deepEqual(await emulator.stop('SIGKILL'), { code: null, signal: 'SIGKILL' })
      emulator = await start(place)
      assert.deepEqual(await stored(emulator), before)
    }),
    trial('health exits 0 while it serves', async () => {
      assert.equal((await health()).code, 0)
    }),
    trial('SIGTERM ends it with status 0, and then health exits 1', async () => {
      assert.deepEqual(await emulator.stop(), { code: 0, signal: null })
      assert.equal((await health()).code, 1)
    }),
  ]
}

/** Running a command beside it. */
export const executing = (place: Place): Trial[] => [
  trial('exec passes the status of its command on, which finds the emulator', async () => {
    const client =
      "const { status } = await fetch(process.env.KOODRIVE_URL + '/_emulator/health'); process.exit(status)"
    const node = [place.node, '--input-type=module', '-e', client]
    const { code } = await run(place, program(place), ['exec', '--allow-silence', '--', ...node])
    assert.equal(code, 200)
    const silent = await run(place, program(place), ['exec', '--', place.node, '-e', ''])
    assert.equal(silent.code, 1)
    assert.match(silent.stderr, /does it read KOODRIVE_URL\?/)
  }),
  trial('exec runs a backup in Python', async () => {
    await need(place, 'python3')
    bring(place, 'backup.py')
    await succeed(place, program(place), [...reviewed, 'python3', 'backup.py'])
  }),
  trial('exec runs a suite of node:test', async () => {
    bring(place, 'one-shot.mjs', 'suite.mjs')
    await succeed(place, program(place), [...reviewed, place.node, '--test', 'suite.mjs'])
  }),
]

/** The gauntlet, on clients that others could have written. */
export const hardening = (place: Place): Trial[] => [
  trial('gauntlet tells four bugs at once as four reasons, as its page does', async () => {
    const page = pageAt('docs/guides/gauntlet.md')
    for (const { name: file, code } of savedFiles(page)) writeFileSync(join(place.folder, file), code)
    const { code, stdout } = await run(place, program(place), [...patient, place.node, 'backup.mjs'])
    assert.equal(code, 1)
    assert.equal(stdout.trimEnd(), textsOf(page.text, 'text')[0]?.trimEnd())
  }),
  trial('gauntlet has nothing against a careful client', async () => {
    bring(place, 'one-shot.mjs')
    const { stdout } = await succeed(place, program(place), [...patient, place.node, 'one-shot.mjs'])
    assert.match(stdout, /^12 calls without mishap, \d+ adversities: (\d+ (survived|gave up|cried wolf)(, )?)+\n$/)
  }),
]

const reviewed = ['exec', '--fail-on', 'review', '--']
/** However busy the machine is. */
const patient = ['gauntlet', '--patience', '120', '--']

/** Clients of the gauntlet's tests. */
function bring(place: Place, ...files: string[]): void {
  for (const file of files) copyFileSync(join(root, 'test/gauntlet/fixtures', file), join(place.folder, file))
}

/** Importing it. */
export function embedding(place: Place): Trial[] {
  const consumer = (file: string) => copyFileSync(join(root, 'try/consumer', file), join(place.folder, file))
  return [
    trial('imported, it takes a whole backup', async () => {
      consumer('backup.ts')
      await succeed(place, place.node, ['backup.ts'])
    }),
    trial('its types compile, strictly and with libraries checked', async () => {
      consumer('tsconfig.json')
      await npm(place, 'install', '--ignore-scripts', '@types/node')
      await succeed(place, process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'])
    }),
  ]
}

/** A Node that is too old, where the package was installed by another one. */
export const refusing = (place: Place): Trial[] => [
  trial('is refused with a sentence', async () => {
    const ofNode = (await succeed(place, place.node, ['--version'])).stdout.trim().slice(1)
    const way = `Update it, or npm install --save-dev node, which npx ${name} … then runs on.`
    const refused = { code: 2, signal: null, stdout: '', stderr: `${whyTooOld(ofNode)} ${way}\n` }
    for (const args of [[], ['--version'], ['health']]) {
      assert.deepEqual(await run(place, program(place), args), refused)
    }
    for (const script of [`import '${name}'`, `await import('${name}')`]) {
      writeFileSync(join(place.folder, 'import.mjs'), script)
      assert.deepEqual(await run(place, place.node, ['import.mjs']), refused, script)
    }
  }),
  trial('runs once a project brings a Node of its own', async () => {
    await npm(place, 'install', '--save-dev', 'node')
    assert.equal(
      (await succeed(place, join(place.folder, 'node_modules/.bin/node'), [program(place), '--version'])).stdout,
      `${version}\n`,
    )
    assert.equal((await npm(place, 'exec', '--no', '--', name, '--version')).stdout, `${version}\n`)
  }),
]
