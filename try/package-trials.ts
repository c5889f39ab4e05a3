import assert from 'node:assert/strict'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { basePath } from '../schemas/common.ts'
import { help } from '../src/commands/help.ts'
import { version } from '../src/package.ts'
import { examplesOf, sectionOf, shownAddress } from '../test/fixtures/documents.ts'
import { exampleDevice } from '../test/fixtures/emulator.ts'
import type { Serving } from '../test/fixtures/process.ts'
import { root, runProcess, whenListening } from '../test/fixtures/process.ts'
import { curl, honestHeaders, send } from '../test/fixtures/wire.ts'
import type { Place } from './place.ts'
import { npm, run, succeed } from './place.ts'
import type { Trial } from './verdicts.ts'

const name = 'koodrive-backup-emulator'
const program = ({ folder }: Place): string => join(folder, 'node_modules/.bin', name)

const trial = (what: string, make: () => Promise<unknown>): Trial => ({
  what,
  make: () => make().then(() => undefined),
})

/** Installing it, as somebody else would. */
export const installing = (place: Place, tarball: string): Trial[] => [
  trial('npm install takes the tarball', () => npm(place, 'install', tarball)),
  trial('npm ci --ignore-scripts brings it again', () => npm(place, 'ci', '--ignore-scripts')),
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

/** The first two requests that the README shows, answered as it shows them. */
async function readmeRequests({ url }: Serving): Promise<void> {
  const section = sectionOf(readFileSync(join(root, 'README.md'), 'utf8'), 'A first session')
  for (const { command, shown } of examplesOf(section).slice(0, 2)) {
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
    trial('starts and answers the README’s two requests', async () => {
      emulator = await start(place)
      await readmeRequests(emulator)
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
    for (const args of [[], ['--version'], ['health']]) {
      const { code, stdout, stderr } = await run(place, program(place), args)
      const sentence = `${name} needs Node.js 22.18 or newer; this is ${ofNode}.\n`
      assert.deepEqual({ code, stdout, stderr }, { code: 1, stdout: '', stderr: sentence })
    }
  }),
]
