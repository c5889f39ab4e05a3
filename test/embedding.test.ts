import { once } from 'node:events'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import t from 'tap'
import type { EmulatorOptions } from '../src/index.ts'
import { SettingsError, StartupError, startEmulator } from '../src/index.ts'
import { version } from '../src/process/package.ts'
import { definitions } from '../src/settings/settings.ts'
import { standIns } from './fixtures/documents.ts'
import { onPosix, program, root, runProcess } from './fixtures/process.ts'
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

t.test('down: as a restart looks from outside; the same address and the same state afterwards', async (t) => {
  const emulator = await startEmulator({ host: 'localhost' })
  t.teardown(() => emulator.close())
  const body = { moduleCode: '102', scopeList: [{ localPath: '/a' }] }
  t.equal((await call(emulator.url, 'POST', 'scope', body)).status, 200)
  const port = Number(new URL(emulator.url).port)
  const outage = emulator.down(30)
  await untilRefused(port)
  await t.rejects(emulator.down(30), { status: 409, message: /down already/ })
  await outage
  t.match((await call(emulator.url, 'POST', 'scope', body)).json(), { failedScopeList: [{ errorCode: '13990410' }] })

  const again = emulator.down(20)
  const { promise: isFree, resolve: free } = Promise.withResolvers<void>()
  const squatter = createServer()
  for (;;) {
    const outcome = once(squatter.listen(port, '127.0.0.1'), 'listening').catch((error: Error) => error)
    if (!((await outcome) instanceof Error)) break
  }
  setTimeout(() => squatter.close(() => free()), 60)
  await Promise.all([again, isFree])
  t.match(await health(emulator.url), { status: 'ok' }, 'a port that somebody took meanwhile is waited for')

  for (const wrong of [0, 1.5, 3_600_001, Number.NaN, '30' as unknown as number])
    await t.rejects(emulator.down(wrong), { status: 400, message: /^ms is .*; expected a whole number from 1/ })
  const last = emulator.down(30)
  await emulator.close()
  await last
  await untilRefused(port)
  await t.rejects(emulator.down(30), { status: 503, message: /closed/ })
})

t.test('down: a port that stays taken is a start that failed', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const down = emulator.down(1)
  const port = Number(new URL(emulator.url).port)
  const squatter = createServer()
  t.teardown(() => squatter.close())
  for (;;) {
    const outcome = once(squatter.listen(port, '127.0.0.1'), 'listening').catch((error: Error) => error)
    if (!((await outcome) instanceof Error)) break
  }
  await t.rejects(down, { name: 'StartupError', message: new RegExp(`^port ${port} cannot be opened again: `) })
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
  const refuse = async (
    options: object,
    kind: typeof SettingsError | typeof StartupError,
    message: string | RegExp,
  ) => {
    const thrown: unknown = await startEmulator(options).catch((error: unknown) => error)
    t.type(thrown, kind)
    t.match(thrown, { message, name: kind.name })
  }
  await refuse({ port: 65_536 }, SettingsError, '--port takes a whole number from 0 to 65535, not "65536"')
  await refuse({ auth: 'none' }, SettingsError, '--auth takes any, known, not "none"')
  await refuse({ prot: 1 }, SettingsError, 'startEmulator has no option prot')
  await refuse({ constructor: 1 }, SettingsError, 'startEmulator has no option constructor')
  await refuse({ seed: 'absent.json' }, StartupError, /^the seed absent\.json cannot be read/)
  // Each of these would be the name of a file as a text.
  for (const [value, kind] of [
    [null, 'null'],
    [true, 'a boolean'],
    [{}, 'an object'],
    [new URL('file:///a.db'), 'an object'],
    [['a.db'], 'an array'],
    [Symbol('db'), 'a symbol'],
  ] as const)
    for (const name of ['db', 'park'])
      await refuse({ [name]: value }, SettingsError, `startEmulator takes a text or a number as ${name}, not ${kind}`)
  await refuse(null as never, SettingsError, 'startEmulator takes an object of options, not null')
  await refuse(5 as never, SettingsError, 'startEmulator takes an object of options, not a number')
  await refuse((() => 0) as never, SettingsError, 'startEmulator takes an object of options, not a function')
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

/** Node's arguments that make a program take it for another version. */
function pretending(version: string): string[] {
  const pretence = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
  return ['--import', `data:text/javascript,${encodeURIComponent(pretence)}`]
}

const tooOld = (version: string): string =>
  `koodrive-backup-emulator needs Node.js 22.18 or newer; this is ${version}. `

t.test('an old Node is told what is needed and the way out, and exit status 2', onPosix(), async (t) => {
  for (const [old, status, event = 'npx'] of [
    ['20.20.2', 2],
    ['22.17.1', 2],
    ['8.0.0', 2, 'start'],
    ['22.18.0', 0],
    ['23.0.0', 0],
  ] as const) {
    const env = { npm_lifecycle_event: event }
    const run = runProcess(t, process.execPath, [...pretending(old), program, '--version'], { counted: true, env })
    const way =
      event === 'start'
        ? 'The one that npm ci brings is missing; npm ci --include=dev --ignore-scripts=false brings it.'
        : 'Here, npm start -- … runs it on a Node.js that npm ci brings.'
    t.match(await run.exited, { code: status }, old)
    t.strictSame([run.stdout(), run.stderr()], status === 0 ? [`${version}\n`, ''] : ['', `${tooOld(old)}${way}\n`])
  }
})

/** Runs a command to its end, which must be a good one. */
async function output(t: Test, command: string, args: readonly string[], cwd: string, env = {}): Promise<string> {
  const run = runProcess(t, command, args, { cwd, env })
  const { code } = await run.exited
  t.equal(code, 0, `${[command, ...args].join(' ')}\n${code === 0 ? '' : run.stdout() + run.stderr()}`)
  return run.stdout()
}

/** What is packed, in another place: it is changed on the way, and here others read it at the same time. */
function stage(t: Test): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'koodrive-')))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const { files, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  t.match(scripts, { prepack: / && npm run build && node tools\/packing\.js strip$/, postpack: / restore$/ })
  const named = files.filter((name: string) => !name.startsWith('!'))
  for (const name of [...named, 'package.json', 'README.md', 'LICENSE', 'tools/packing.js'])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  return folder
}

/** A project beside which nothing but the package and what it says it depends on is installed. */
async function installedPackage(t: Test): Promise<{ project: string; files: string[] }> {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'koodrive-')))
  t.teardown(() => rmSync(project, { recursive: true }))
  await output(t, 'npm', ['run', 'build'], root, { npm_config_script_shell: join(standIns(t), 'shell') })
  const staged = stage(t)
  await output(t, process.execPath, ['tools/packing.js', 'strip'], staged)
  await output(t, 'npm', ['pack', '--ignore-scripts', '--pack-destination', project], staged)
  await output(t, process.execPath, ['tools/packing.js', 'restore'], staged)
  for (const name of ['package.json', 'README.md', 'CHANGELOG.md'])
    t.equal(readFileSync(join(staged, name), 'utf8'), readFileSync(join(root, name), 'utf8'), name)
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
// @ts-expect-error there is no such choice
await startEmulator({ devices: 'nope' })
await startEmulator({ port: '0', devices: 'strict', auth: 'known', worldIdle: 'PT1H', allowHost: 'a,b', logLevel: 'silent' })
const entries: number = emulator.world('a').har().log.entries.length
export { entries }
// @ts-expect-error a port is no truth
await startEmulator({ port: true })
// @ts-expect-error the address is text
const port: number = emulator.url
export { port, url }
`

t.test(
  'the package works when installed: import, types and command; and holds nothing it does not need',
  onPosix(),
  async (t) => {
    const { project, files } = await installedPackage(t)
    const packed = (name: string) => readFileSync(join(project, 'package', name), 'utf8')
    const { scripts, types, main, homepage, repository, bugs } = JSON.parse(packed('package.json'))
    t.equal(scripts, undefined, 'nothing runs where it is installed')
    t.same([files.includes(types.slice(2)), files.includes(main.slice(2))], [true, true])
    t.same(
      [repository.url, bugs],
      [`git+${homepage.replace('#readme', '.git')}`, homepage.replace('#readme', '/issues')],
    )
    for (const name of ['README.md', 'CHANGELOG.md']) {
      const targets = packed(name).matchAll(/\]\(([^)]+)\)|(?:src|srcset)="([^"]+)"/g)
      for (const [, link, picture] of targets) t.match(link ?? picture, /^(https:|#)/, name)
    }
    const declared = files.filter((file) => file.endsWith('.d.ts'))
    const inner = /^dist\/src\/(http|intercept|operations|store|verify|openapi|commands)\//
    t.same(
      declared.filter((file) => inner.test(file)),
      [],
    )
    t.ok(declared.length < 45, `${declared.length} declarations`)
    const stray = files.filter((file) => !/^dist\/(cli|gauntlet|src|schemas)\/[\w/-]+\.(js|d\.ts)$/.test(file))
    const page = /^dist\/inspector\/(index\.html|assets\/[\w.-]+)$/
    t.equal(files.filter((file) => page.test(file)).length, 9, 'the inspector is there, whole')
    const documents = /^(README|CHANGELOG|LICENSE)(\.md)?$/
    t.strictSame(stray.filter((file) => !documents.test(file) && !page.test(file)).toSorted(), [
      'assets/docs.css',
      'assets/docs.html',
      'assets/docs.js',
      'data/examples.json',
      'data/seed.json',
      'gauntlet/index.js',
      'package.json',
      'src/index.js',
      'src/main.js',
      'src/process/node-version.js',
      'src/process/refuse-old-node.js',
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

    const way = 'Update it, or npm install --save-dev node, which npx koodrive-backup-emulator … then runs on.'
    writeFileSync(join(project, 'tried.mjs'), "import { gauntlet } from 'koodrive-backup-emulator/gauntlet'\n")
    for (const args of [[command, '--version'], ['usage.mjs'], ['tried.mjs']]) {
      const refused = runProcess(t, process.execPath, [...pretending('20.20.2'), ...args], { cwd: project })
      t.match(await refused.exited, { code: 2 }, `${args}`)
      t.equal(refused.stderr(), `${tooOld('20.20.2')}${way}\n`)
    }

    // As the Dockerfile does it.
    const image = join(project, 'image')
    await output(t, 'cp', ['-R', join(project, 'package'), image], project)
    cpSync(join(root, 'tools'), join(image, 'tools'), { recursive: true })
    symlinkSync(join(root, 'schemas'), join(image, 'schemas'))
    await output(t, process.execPath, ['tools/prewarm.ts'], image, { NODE_COMPILE_CACHE: '' })
    t.ok(readdirSync(join(image, 'dist/.compiled')).length > 0, 'the image finds the bundle compiled')

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
  },
)
