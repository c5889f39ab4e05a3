import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import t from 'tap'
import type { EmulatorOptions } from '../src/index.ts'
import { SettingsError, StartupError, startEmulator } from '../src/index.ts'
import { version } from '../src/package.ts'
import { definitions } from '../src/settings.ts'
import { program, root, runProcess } from './fixtures/process.ts'
import { call, send, untilRefused } from './fixtures/wire.ts'

const health = async (url: string): Promise<unknown> => (await send(`${url}/_emulator/health`)).json()

t.test('startEmulator serves on a free port, in memory, until it is closed', async (t) => {
  const emulator = await startEmulator()
  t.match(emulator.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.match(await health(emulator.url), { status: 'ok', version })
  await emulator.close()
  await untilRefused(Number(new URL(emulator.url).port))
  t.equal(await emulator.close(), undefined, 'and closing twice does no harm')
})

t.test('two emulators in one process share nothing', async (t) => {
  const [one, two] = await Promise.all([startEmulator(), startEmulator()])
  t.not(one.url, two.url)
  const body = { moduleCode: '102', scopeList: [{ localPath: '/a' }] }
  for (const { url } of [one, two]) {
    t.match((await call(url, 'POST', 'scope', body)).json(), { scopeList: [{}], failedScopeList: [] })
  }
  await one.close()
  t.match((await call(two.url, 'POST', 'scope', body)).json(), { scopeList: [], failedScopeList: [{}] })
  await two.close()
})

t.test('options are the flags in camelCase, as text or numbers; what is undefined is left out', async (t) => {
  const options = { scopesPerModule: 1, devices: 'strict', errorStatus: 'ok', port: undefined }
  const emulator = await startEmulator(options as unknown as EmulatorOptions) // as plain JavaScript may
  t.not(new URL(emulator.url).port, definitions.port.fallback, 'a free port all the same')
  t.teardown(() => emulator.close())
  const scopeList = [{ localPath: '/a' }, { localPath: '/b' }]
  t.match((await call(emulator.url, 'POST', 'scope', { moduleCode: '102', scopeList })).json(), {
    failedScopeList: [{ errorCode: '13990411' }],
  })
  const refused = await call(emulator.url, 'POST', 'scope', {})
  t.match([refused.status, refused.json()], [200, { code: 13000102 }])
})

t.test('options that cannot be taken are refused like flags', async (t) => {
  const refuse = async (options: object, kind: typeof SettingsError, message: string | RegExp) => {
    const thrown: unknown = await startEmulator(options).catch((error: unknown) => error)
    t.type(thrown, kind)
    t.match(thrown, { message })
  }
  await refuse({ port: 65_536 }, SettingsError, '--port takes a whole number from 0 to 65535, not "65536"')
  await refuse({ auth: 'none' }, SettingsError, '--auth takes any, known, not "none"')
  await refuse({ prot: 1 }, SettingsError, 'startEmulator has no option prot')
  await refuse({ constructor: 1 }, SettingsError, 'startEmulator has no option constructor')
  await refuse({ seed: 'absent.json' }, StartupError, /^the seed absent\.json cannot be read/)
})

t.test('a start that failed leaves neither port nor database open', async (t) => {
  const db = join(t.testdir(), 'emulator.db')
  const first = await startEmulator()
  const port = Number(new URL(first.url).port)
  await t.rejects(startEmulator({ db, port }), { message: /in use/ })
  await first.close()
  const second = await startEmulator({ db, port })
  t.match(await health(second.url), { status: 'ok' })
  await second.close()
})

t.test('an old Node is told what is needed, in one sentence, and exit status 1', async (t) => {
  for (const [old, status] of [
    ['20.20.2', 1],
    ['22.17.1', 1],
    ['8.0.0', 1],
    ['22.18.0', 0],
    ['23.0.0', 0],
  ] as const) {
    const pretence = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${old}' } })`
    const preload = `data:text/javascript,${encodeURIComponent(pretence)}`
    const run = runProcess(t, process.execPath, ['--import', preload, program, '--version'], { counted: true })
    const said = `koodrive-backup-emulator needs Node.js 22.18 or newer; this is ${old}.\n`
    t.match(await run.exited, { code: status }, old)
    t.strictSame([run.stdout(), run.stderr()], status === 0 ? [`${version}\n`, ''] : ['', said])
  }
})

/** Runs a command to its end, which must be a good one. */
async function output(t: Test, command: string, args: readonly string[], cwd: string): Promise<string> {
  const run = runProcess(t, command, args, { cwd })
  const { code } = await run.exited
  t.equal(code, 0, `${[command, ...args].join(' ')}\n${code === 0 ? '' : run.stdout() + run.stderr()}`)
  return run.stdout()
}

/** A project beside which nothing but the package and what it says it depends on is installed. */
async function installedPackage(t: Test): Promise<{ project: string; files: string[] }> {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'koodrive-')))
  t.teardown(() => rmSync(project, { recursive: true }))
  await output(t, 'npm', ['run', 'prepack'], root)
  // npm would run `prepare` too, which rebuilds the very tap that runs this.
  await output(t, 'npm', ['pack', '--ignore-scripts', '--pack-destination', project], root)
  await output(t, 'tar', ['-xzf', `koodrive-backup-emulator-${version}.tgz`], project)
  const modules = join(project, 'node_modules')
  const installed = join(modules, 'koodrive-backup-emulator')
  mkdirSync(installed, { recursive: true })
  await output(t, 'cp', ['-R', `${join(project, 'package')}/.`, installed], project)
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(installed.length + 1))
  return { project, files }
}

const usage = `
import { SettingsError, StartupError, startEmulator } from 'koodrive-backup-emulator'
const emulator = await startEmulator({ port: 0, devices: 'strict' })
const answer = await fetch(new URL('/_emulator/health', emulator.url))
console.log((await answer.json()).version)
for (const path of ['/docs', '/docs/docs.js', '/docs/swagger-ui.js']) {
  console.log((await fetch(emulator.url + '/_emulator' + path)).status)
}
await emulator.close()
await startEmulator({ port: -1 }).catch((error) => console.log(error instanceof SettingsError))
await startEmulator({ seed: 'absent' }).catch((error) => console.log(error instanceof StartupError))
`

const typedUsage = `
import type { Emulator, EmulatorOptions } from 'koodrive-backup-emulator'
import { startEmulator } from 'koodrive-backup-emulator'
const options: EmulatorOptions = { scopesPerModule: 5, cors: '*' }
const emulator: Emulator = await startEmulator(options)
const url: string = emulator.url
await emulator.close()
// @ts-expect-error there is no such option
await startEmulator({ prot: 1 })
// @ts-expect-error a port is no truth
await startEmulator({ port: true })
// @ts-expect-error the address is text
const port: number = emulator.url
export { port, url }
`

t.test('the package works when installed: import, types and command; and holds nothing it does not need', async (t) => {
  const { project, files } = await installedPackage(t)
  const stray = files.filter((file) => !/^dist\/(src|schemas)\/[\w/-]+\.(js|d\.ts)$/.test(file))
  const documents = /^(README|CHANGELOG|LICENSE)(\.md)?$/
  t.strictSame(stray.filter((file) => !documents.test(file)).toSorted(), [
    'assets/docs.css',
    'assets/docs.html',
    'assets/docs.js',
    'data/examples.json',
    'data/seed.json',
    'package.json',
    'src/main.js',
  ])

  writeFileSync(join(project, 'package.json'), '{"type":"module"}')
  writeFileSync(join(project, 'usage.mjs'), usage)
  t.equal(await output(t, process.execPath, ['usage.mjs'], project), `${version}\n200\n200\n200\ntrue\ntrue\n`)

  const command = join(project, 'node_modules/koodrive-backup-emulator/src/main.js')
  t.equal(await output(t, process.execPath, [command, '--version'], project), `${version}\n`)
  t.equal(
    await output(t, process.execPath, [command, 'openapi'], project),
    readFileSync(join(root, 'openapi.json'), 'utf8'),
  )
  t.match(readFileSync(command, 'utf8'), /^#!\/usr\/bin\/env node\n/)

  writeFileSync(join(project, 'typed-usage.ts'), typedUsage)
  const compiler = realpathSync(join(root, 'node_modules/.bin/tsc'))
  const flags = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--types',
    'node',
    'typed-usage.ts',
  ]
  await output(t, process.execPath, [compiler, ...flags], project)
})
