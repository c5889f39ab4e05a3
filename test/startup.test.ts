import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import Sqlite from 'better-sqlite3'
import type { Test } from 'tap'
import t from 'tap'
import { endSignals } from '../cli/interruption.ts'
import { basePath } from '../schemas/common.ts'
import type { App } from '../src/app.ts'
import { greeting } from '../src/commands/greeting.ts'
import { checkHealth } from '../src/commands/health.ts'
import { help } from '../src/commands/help.ts'
import { listen } from '../src/commands/listen.ts'
import type { StopSignals } from '../src/commands/serve.ts'
import { serve } from '../src/commands/serve.ts'
import { main } from '../src/main.ts'
import { logFormat } from '../src/process/log-destination.ts'
import { version } from '../src/process/package.ts'
import { StartupError } from '../src/process/startup-error.ts'
import { readSeed } from '../src/settings/seed-file.ts'
import type { SettingTexts } from '../src/settings/settings.ts'
import { resolveSettings, SettingsError } from '../src/settings/settings.ts'
import { isInPlace, openDatabase, unmake } from '../src/store/database.ts'
import { emulatorFor, exampleDevice } from './fixtures/emulator.ts'
import type { Exit, LogLine, Run, Serving } from './fixtures/process.ts'
import {
  logLines,
  onPosix,
  program,
  root,
  runProcess,
  runToEnd,
  startProcess,
  whenListening,
} from './fixtures/process.ts'
import { call, closedPort, curl, honestHeaders, openSocket, received, send, untilRefused } from './fixtures/wire.ts'

const certificate = fileURLToPath(new URL('fixtures/tls/cert.pem', import.meta.url))
const tls = ['--tls-cert', certificate, '--tls-key', fileURLToPath(new URL('fixtures/tls/key.pem', import.meta.url))]
const scopePath = `${basePath}/device/${exampleDevice}/scope`
const scopeBody = (localPath: string) => ({ moduleCode: '102', scopeList: [{ localPath }] })
const configBody = (currentConfigValue: string, newConfigValue: string) => ({
  moduleCode: '102',
  configName: 'backend_backup_switch',
  currentConfigValue,
  newConfigValue,
})

interface ScopeAnswer {
  readonly scopeList: readonly { readonly scopeId: string }[]
  readonly failedScopeList: readonly { readonly errorCode: string }[]
}

const scopesOf = (answer: { json(): unknown }) => answer.json() as ScopeAnswer // held against its contract elsewhere

t.jobs = 4

/** Nobody asks this process to end. */
const unasked: StopSignals = { first: new Promise(() => {}), parent: process.ppid, release: async () => {} }

const counted = { counted: true } as const
const done: Exit = { code: 0, signal: null }

/** The curl commands of a greeting, as a person would copy them. */
const printedCommands = (greeting: string): string[] =>
  [...greeting.matchAll(/^ {2}curl (?:.*\\\n)*.*$/gm)].map(([command]) => command)

async function greetingOf(run: Serving): Promise<string> {
  await run.logged('listening')
  while (!run.stderr().endsWith("'\n\n")) await once(run.child.stderr, 'data')
  return run.stderr()
}

t.test(
  'a start without flags makes data/emulator.db and prints two curl commands that work, before and after a restart',
  onPosix(),
  async (t) => {
    const cwd = t.testdir()
    let previous = ''
    for (const origin of ['seed bundled', 'continued; a seed is applied to a new database only']) {
      const run = await startProcess(t, [], { cwd, counted: true })
      const greeting = await greetingOf(run)
      t.ok(existsSync(join(cwd, 'data/emulator.db')))
      t.ok(greeting.includes(`KooDrive backup emulator on ${run.url}\n  page      ${run.url}/_emulator\n`))
      t.ok(greeting.includes(`data/emulator.db (${origin}`))
      t.ok(greeting.includes('auth=any devices=adopt error-status=http durability=normal'))
      const commands = printedCommands(greeting)
      t.equal(commands.length, 2)
      t.not(commands[1], previous, 'the present value is another one after each change')
      previous = commands[1] ?? ''
      const answers = []
      for (const command of commands) answers.push(await curl(command))
      t.match(
        answers.map(({ status, text }) => ({ status, ...JSON.parse(text) })),
        [
          { status: 200, code: 0, scopeList: [{ moduleCode: '102' }], failedScopeList: [] },
          { status: 200, code: 0, data: { deviceId: exampleDevice } },
        ],
      )
      t.match((await curl(commands[1] ?? '')).json(), { code: 13990409 }, 'as printed: a second time it is refused')
      t.strictSame(await run.stop(), done)
    }
  },
)

t.test('the printed commands speak HTTPS and know that a token is needed', onPosix(), async (t) => {
  const tokens = JSON.stringify({ tokens: [{ token: 'token-of-the-seed', userId: '1505084218764547200' }] })
  const cwd = t.testdir({ 'seed.json': tokens })
  const run = await startProcess(t, ['--db', ':memory:', '--auth', 'known', '--seed', 'seed.json', ...tls], {
    cwd,
    counted: true,
  })
  const greeting = await greetingOf(run)
  t.match(greeting, /put a token of your seed in place of \$TOKEN/)
  for (const command of printedCommands(greeting)) {
    t.match(command, /curl -k .*https:/)
    t.match((await curl(command, { TOKEN: 'token-of-the-seed' })).json(), { code: 0 })
    t.match((await curl(command, { TOKEN: 'another' })).json(), { code: 13990401 })
  }
  t.strictSame(await run.stop(), done)
})

t.test('on Windows the printed calls are for PowerShell', async (t) => {
  const { world } = await emulatorFor(t)
  const words = (settings: SettingTexts) => greeting('http://127.0.0.1:4020', world, resolveSettings(settings), 'win32')
  const usual = words({})
  t.notMatch(usual, /curl|\\\n|-X |\$\(/)
  const calls = [...usual.matchAll(/^ {2}Invoke-RestMethod (?:.*`\n)*.*$/gm)].map(([call]) => call)
  t.equal(calls.length, 2)
  for (const [index, call] of calls.entries()) {
    t.match(call, [/-Method POST -Uri http:\S+\/scope `\n/, /-Method PATCH -Uri http:\S+\/config `\n/][index])
    t.match(call, /-Headers @\{ Authorization = "Bearer any-token"; 'X-User-Id' = '\d+'; 'X-Date' = .*\} `\n/)
    const [, text = ''] = /-Body \('(.*)'\)$/.exec(call) ?? []
    t.match(JSON.parse(text.replace(/' \+ .* \+ '/, '1764533520')), { moduleCode: '102' })
  }
  t.match(usual, `yyyyMMdd\\THHmmss\\Z`)
  t.match(words({ tlsCert: 'c', tlsKey: 'k' }), / -SkipCertificateCheck `\n/)
})

t.test('without a control plane there is no page to name', async (t) => {
  const { world } = await emulatorFor(t)
  t.notMatch(greeting('http://127.0.0.1:4020', world, resolveSettings({ control: 'off' })), '_emulator')
})

t.test('the printed commands work without any seed', onPosix(), async (t) => {
  const run = await startProcess(t, ['--db', ':memory:', '--seed', 'none'], counted)
  for (const command of printedCommands(await greetingOf(run))) t.match((await curl(command)).json(), { code: 0 })
  t.strictSame(await run.stop(), done)
})

t.test('only calls are printed that pass, whatever the modes and the content', onPosix(), async (t) => {
  const seeded = { users: { '1505084218764547200': { devices: [{ deviceId: exampleDevice, machineCode: 'M1' }] } } }
  const limited = ['--scopes-per-module', '0']
  const cwd = t.testdir({ 'seed.json': JSON.stringify(seeded) })
  const [bind, add, change] = ['Bind a device', 'Add a backup scope', 'Change a configuration'] as const
  const modes: (readonly [flags: string[], titles: string[]])[] = [
    [['--seed', 'none', '--devices', 'strict'], [bind]],
    [['--seed', 'none', ...limited], [change]],
    [['--seed', 'seed.json', '--devices', 'strict'], [add]],
    [
      ['--devices', 'strict'],
      [add, change],
    ],
    [['--devices', 'strict', ...limited], [change]],
    [
      ['--seed', 'none', '--auth', 'known'],
      [add, change],
    ],
  ]
  for (const [flags, titles] of modes) {
    const run = await startProcess(t, ['--db', ':memory:', ...flags], { cwd, ...counted })
    const text = await greetingOf(run)
    const said = [...text.matchAll(/^(Bind a device|Add a backup scope|Change a configuration)/gm)].map(
      ([title]) => title,
    )
    t.strictSame(said, titles, flags.join(' '))
    const [, issue = ''] = /who has none yet: POST (\S+) issues one\n/.exec(text) ?? []
    t.equal(issue !== '', flags.includes('known'))
    const issued =
      issue &&
      (
        await curl(`curl -X POST ${issue} -H 'Content-Type: application/json' -d '{"userId":"1505084218764547200"}'`)
      ).json()
    const { token = '' }: { token?: string } = Object(issued)
    const commands = printedCommands(text)
    t.equal(commands.length, titles.length)
    for (const command of commands)
      t.match((await curl(command, { TOKEN: token })).json(), { code: 0 }, `${flags.join(' ')}: ${command}`)
    await run.stop()
  }
})

t.test('an unbound device is none to call, and without a control plane a seed has the token', async (t) => {
  const { world } = await emulatorFor(t, { auth: 'known' })
  const device = world.store.devices.find('1505084218764547200', exampleDevice)
  world.store.devices.unbind(Number(device?.key))
  const text = greeting('http://127.0.0.1:4020', world, resolveSettings({ control: 'off' }))
  t.match(text, /\n\nBind a device; [^\n]*\n {2}curl -X POST \S+\/backup\/device /)
  t.notMatch(text, 'Add a backup scope')
  t.match(text, 'is a token of user 1505084218764547200, who has none yet: a seed can have one\n')
})

t.test('what would be refused in a world as it is is not printed, and what it was opened from is', async (t) => {
  const printed = async (texts: SettingTexts) => {
    const { world } = await emulatorFor(t, texts)
    return greeting('http://127.0.0.1:4020', world, resolveSettings(texts))
  }
  const scope = 'Add a backup scope'
  const change = 'Change a configuration'
  const full = await printed({ scopesPerModule: '0' })
  t.notMatch(full, scope)
  t.match(full, change)
  const seed = join(t.testdir(), 'seed.json')
  const users = { '1505084218764547200': { devices: [{ deviceId: exampleDevice, machineCode: 'M1' }] } }
  writeFileSync(seed, JSON.stringify({ users }))
  const bare = await printed({ devices: 'strict', seed })
  t.match(bare, scope)
  t.notMatch(bare, change, 'it has no configuration, and none is believed')
  t.match(await printed({ devices: 'adopt', seed }), change)
  const { world } = await emulatorFor(t)
  const opened = greeting(
    'http://127.0.0.1:4020',
    Object.assign(world, { seeded: false }),
    resolveSettings({ open: 'w.kwa' }),
  )
  t.match(opened, '(the world of w.kwa)')
})

t.test('the log is pretty on a terminal, unless told otherwise', async (t) => {
  t.intercept(process.stdout, 'isTTY', { value: true })
  t.equal(logFormat(resolveSettings({})), 'pretty')
  t.equal(logFormat(resolveSettings({ logFormat: 'json' })), 'json')
})

t.test('a silent emulator prints nothing at all', onPosix(), async (t) => {
  const port = await closedPort()
  const args = [program, '--db', ':memory:', '--log-level', 'silent', '--port', String(port)]
  const run = runProcess(t, process.execPath, args)
  const healthy = () => send(`http://127.0.0.1:${port}/_emulator/health`).catch(() => undefined)
  while ((await healthy()) === undefined) {} // nothing else tells when it listens
  run.child.kill('SIGTERM')
  t.strictSame(await run.exited, done)
  t.equal(run.stdout() + run.stderr(), '')
})

t.test('--help and --version print and exit 0, whatever else is said', async (t) => {
  const { code, stdout, stderr } = await runToEnd(t, ['--nonsense', '--help'], counted)
  t.strictSame([code, stdout, stderr], [0, `${help()}\n`, ''])
  t.match(await runToEnd(t, ['health', '--version'], counted), { code: 0, stdout: `${version}\n`, stderr: '' })
})

/** Runs a process to its end and holds the failure against its one sentence. */
async function fails(t: Test, args: readonly string[], status: number, sentence: string | RegExp, cwd = root) {
  const { code, signal, stdout, stderr } = await runToEnd(t, args, { cwd, counted: true })
  t.strictSame(
    { code, signal, stdout },
    { code: status, signal: null, stdout: '' },
    `${args.join(' ')} ends with ${status}`,
  )
  const [, said = ''] = /^koodrive-backup-emulator: (.*)\n$/.exec(stderr) ?? []
  t.match(said, sentence, `and one sentence: ${stderr}`)
}

/** The same in this process, for the many that differ in their words only. */
async function refuses(t: Test, run: () => Promise<unknown>, kind: typeof SettingsError, sentence: string | RegExp) {
  const thrown = await run().catch((error: unknown) => error)
  t.type(thrown, kind)
  const message = thrown instanceof Error ? thrown.message : ''
  t.match(message, sentence)
  t.notMatch(message, '\n')
}

t.test('wrong usage is one sentence and exit status 2', async (t) => {
  await fails(t, ['--prot', '1'], 2, 'has no flag --prot; did you mean --port?')
  const refuse = (args: string[], sentence: string) => refuses(t, () => serve(args, unasked), SettingsError, sentence)
  await refuse(['--port', '65536'], '--port takes a whole number from 0 to 65535, not "65536"')
  await refuse(['--tls-cert', 'c.pem'], '--tls-cert and --tls-key go together; give both or neither')
  await refuse(['constructor'], 'does not know "constructor"; --help lists what it does')
})

t.test('a command is found by its name, and says how it is used', async (t) => {
  for (const name of ['coverage', 'exec', 'gauntlet', 'verify', 'health', 'openapi']) {
    const written = t.capture(process.stdout, 'write', (_: string, taken?: () => void) => void taken?.())
    const status = await main([name, '--help'], unasked)
    written.restore()
    t.equal(status, 0)
    const text = written.args().flat().join('')
    t.match(text, new RegExp(`^[^\\n]*\\n\\nUsage\\n {2}koodrive-backup-emulator ${name} `), name)
    t.equal(text.includes('--max-worlds'), false, 'and nothing of what others take')
  }
})

t.test('what a command prints and cannot be written ends it with 74, and a sentence', async (t) => {
  const full = new Writable({ write: (_chunk, _encoding, taken) => taken(new Error('no space left')) })
  const [own, said] = [process.stdout, t.capture(process.stderr, 'write', () => true)]
  Object.defineProperty(process, 'stdout', { value: full, configurable: true })
  try {
    t.equal(await main(['--version'], unasked), 74)
  } finally {
    Object.defineProperty(process, 'stdout', { value: own, configurable: true })
    said.restore()
  }
  t.same(said.args().flat(), ['koodrive-backup-emulator: standard output could not be written: no space left\n'])
})

t.test('a mistake of ours is not passed off as one of the user', async (t) => {
  await t.rejects(main([Symbol('no text') as unknown as string], unasked), { name: 'TypeError' })
})

t.test('a port in use, or a host that is no address of this machine, is one sentence and exit status 1', async (t) => {
  const first = await startProcess(t, ['--db', ':memory:'])
  const port = String(first.port)
  const inUse = `port ${port} on 127.0.0.1 is in use; stop what listens there or name another with --port`
  await fails(t, ['--db', ':memory:', '--port', port], 1, inUse)
  const elsewhere = ['--db', ':memory:', '--port', '0', '--host', '203.0.113.1']
  await refuses(
    t,
    () => serve(elsewhere, unasked),
    StartupError,
    '203.0.113.1 is no address of this machine; name another with --host',
  )
})

t.test('what the system says of a port is put into words', async (t) => {
  const settings = resolveSettings({ port: '80', host: '::1' })
  const failing = async (error: unknown) => {
    const closed: string[] = []
    const server = { listen: () => Promise.reject(error) }
    const app = { server, abandon: async () => closed.push('closed') } as unknown as App
    const thrown: unknown = await listen(app, settings).catch((wrong: unknown) => wrong)
    t.strictSame(closed, ['closed'], 'nothing is left of it')
    return thrown instanceof StartupError ? thrown.message : 'no StartupError'
  }
  t.equal(
    await failing(Object.assign(new Error('no'), { code: 'EACCES' })),
    'port 80 may not be opened by this user; name one above 1023 with --port',
  )
  t.equal(
    await failing(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
    '::1 is no address of this machine; name another with --host',
  )
  t.equal(await failing(new Error('the moon is full')), 'cannot listen on ::1:80: the moon is full')
  t.equal(await failing('a text'), 'cannot listen on ::1:80: a text')
})

t.test('the address is one that this machine can call, brackets and all', async (t) => {
  const app = (address: unknown) =>
    ({ server: { listen: async () => '', server: { address: () => address } } }) as unknown as App
  const urlOf = (host: string, address: unknown = { port: 5 }) =>
    listen(app(address), resolveSettings({ host, port: '7' }))
  t.equal(await urlOf('0.0.0.0'), 'http://127.0.0.1:5')
  t.equal(await urlOf('0'), 'http://127.0.0.1:5')
  t.equal(await urlOf('::'), 'http://[::1]:5')
  t.equal(await urlOf('0:0::0'), 'http://[::1]:5')
  t.equal(await urlOf('::1'), 'http://[::1]:5')
  t.equal(await urlOf('a.example', null), 'http://a.example:7')
})

t.test('a start that fails leaves no folder and no database behind, save what was there', onPosix(), async (t) => {
  const cwd = t.testdir({ kept: {} })
  const { port } = await startProcess(t, ['--db', ':memory:'])
  const start = (db: string, ...args: string[]) =>
    serve(['--port', String(port), '--db', join(cwd, db), ...args], unasked)
  const made = () => readdirSync(cwd, { recursive: true, encoding: 'utf8' }).toSorted()
  await t.rejects(start('new/deeper/x.db'), StartupError)
  await t.rejects(start('kept/x.db'), StartupError)
  await t.rejects(start('new/x.db', '--seed', 'absent.json'), StartupError)
  await t.rejects(start(`new/${'x'.repeat(300)}/x.db`), StartupError)
  const park = join(cwd, 'park', 'deeper')
  for (const wrong of [
    [],
    ['--host', '203.0.113.1'],
    ['--seed', 'absent.json'],
    ['--control-token-file', 'absent'],
    ['--db', cwd],
    ['--db', ':memory:', '--open', 'absent.kwa'],
  ])
    await t.rejects(start('new/x.db', '--park', park, ...wrong), StartupError)
  t.strictSame(made(), ['kept'])
  openDatabase(join(cwd, 'used.db'), 'normal').close()
  await t.rejects(start('used.db'), StartupError)
  t.ok(made().includes('used.db'), 'a database that was there stays')
  symlinkSync('elsewhere.db', join(cwd, 'link.db'))
  await t.rejects(start('link.db'), StartupError)
  t.ok(made().includes('link.db'), 'and so does a link')
})

t.test('where nobody can look, a database is taken to be in its place', onPosix(), async (t) => {
  const folder = join(t.testdir(), 'folder')
  const database = openDatabase(join(folder, 'emulator.db'), 'normal')
  t.equal(isInPlace(database), true)
  renameSync(folder, `${folder} elsewhere`)
  t.equal(isInPlace(database), false)
  symlinkSync(folder, folder)
  t.equal(isInPlace(database), true)
  database.close()
})

t.test('a database that is taken away from a running emulator is warned of, once', onPosix(), async (t) => {
  const db = join(t.testdir(), 'x.db')
  const warnings = async (spoil: () => void) => {
    const emulator = await emulatorFor(t, { db })
    spoil()
    await emulator.close()
    return emulator.logLines.filter((line) => line.includes('"level":40'))
  }
  t.strictSame(await warnings(() => undefined), [])
  const told = await warnings(() => renameSync(db, `${db}.old`))
  t.equal(told.length, 1)
  t.match(told[0], `the database ${db} was taken away; what is written is lost at the end`)
  const replaced = await warnings(() => {
    copyFileSync(db, `${db}.copy`)
    renameSync(`${db}.copy`, db)
  })
  t.equal(replaced.length, 1, 'another file in its place is not it')
})

t.test('a database in memory that cannot be made is one sentence, too', async (t) => {
  const args = ['--disallow-code-generation-from-strings', 'src/main.js', '--db', ':memory:', '--port', '0']
  const run = runProcess(t, process.execPath, args)
  t.strictSame((await run.exited).code, 1)
  t.match(run.stderr(), /^koodrive-backup-emulator: the database :memory: cannot be used: .*\n$/)
})

t.test('what somebody else has put beside a database stays', async (t) => {
  const cwd = t.testdir()
  const database = openDatabase(join(cwd, 'new/x.db'), 'normal')
  writeFileSync(join(cwd, 'new/note.txt'), 'keep me')
  const another = new Sqlite(join(cwd, 'new/another.db'))
  for (const one of [database, another]) one.close()
  for (const one of [database, another]) unmake(one)
  t.strictSame(readdirSync(join(cwd, 'new')).toSorted(), ['another.db', 'note.txt'])
})

/** Databases of all sorts, by file name. */
function databases(folder: string): void {
  const make = (name: string, work: (database: Sqlite.Database) => void) => {
    const database = new Sqlite(join(folder, name))
    work(database)
    database.close()
  }
  make('foreign.db', (database) => database.exec("CREATE TABLE note (text TEXT); INSERT INTO note VALUES ('keep me')"))
  make('marked.db', (database) => database.pragma('application_id = 7'))
  make('newer.db', (database) => {
    database.pragma(`application_id = ${0x4b6f6f42}`)
    database.pragma('user_version = 999')
  })
  make('gutted.db', (database) => {
    database.pragma(`application_id = ${0x4b6f6f42}`)
    database.pragma('user_version = 1')
  })
  openDatabase(join(folder, 'corrupt.db'), 'normal').close()
  make('short.db', (database) => {
    database.exec('CREATE TABLE a (b TEXT)')
    const insert = database.prepare('INSERT INTO a VALUES (?)')
    for (let row = 0; row < 500; row += 1) insert.run(`row ${row} ${'x'.repeat(100)}`)
  })
  make('source.db', (database) => {
    database.pragma('journal_mode = WAL')
    database.exec('CREATE TABLE a (b TEXT)')
    // As a killed program leaves them: what it wrote last is in the log beside the file only.
    for (const end of ['', '-wal']) copyFileSync(join(folder, `source.db${end}`), join(folder, `killed.db${end}`))
  })
  const bytes = readFileSync(join(folder, 'corrupt.db'))
  writeFileSync(join(folder, 'corrupt.db'), bytes.fill(0x5a, 4 * 4096))
  writeFileSync(join(folder, 'short.db'), readFileSync(join(folder, 'short.db')).subarray(0, 5 * 4096))
  writeFileSync(join(folder, 'torn.db'), readFileSync(join(folder, 'foreign.db')).fill(0xff, 100, 200))
}

t.test('a database that cannot be used is one sentence and exit status 1, and is left as it was', async (t) => {
  const cwd = t.testdir({
    file: 'a file',
    folder: {},
    'text.db': 'a text that is no database, and long enough for a header. '.repeat(9),
  })
  databases(cwd)
  const files = [
    'file',
    'text.db',
    'foreign.db',
    'marked.db',
    'newer.db',
    'corrupt.db',
    'short.db',
    'torn.db',
    'killed.db',
    'killed.db-wal',
  ]
  const contents = () => files.map((name) => readFileSync(join(cwd, name)).toString('hex'))
  const before = contents()
  const path = (name: string) => `the database ${join(cwd, name)}`
  const refuse = (name: string, sentence: string | RegExp) =>
    refuses(t, () => serve(['--port', '0', '--db', join(cwd, name)], unasked), StartupError, sentence)
  const below = 'cannot be made: a part of its path is a file, not a folder'
  await refuse('file/emulator.db', `${path('file/emulator.db')} ${below}`)
  await refuse('file/below/emulator.db', `${path('file/below/emulator.db')} ${below}`)
  await refuse('folder', `${path('folder')} is a folder, not a file; name a file with --db, or :memory:`)
  await refuse('text.db', `${path('text.db')} is not an SQLite database; name another file with --db`)
  await refuse('marked.db', `${path('marked.db')} belongs to another program; name another file with --db`)
  await refuse('killed.db', `${path('killed.db')} belongs to another program; name another file with --db`)
  await refuse(
    'newer.db',
    /newer\.db was written by a newer emulator \(schema 999, this one knows \d+\); use that one or/,
  )
  await refuse('corrupt.db', `${path('corrupt.db')} is corrupt; remove it or name another file with --db`)
  await refuse('short.db', `${path('short.db')} is corrupt; remove it or name another file with --db`)
  await refuse('gutted.db', `${path('gutted.db')} cannot be used: no such table: world`)
  await refuse('torn.db', /torn\.db is corrupt/)
  const foreign = `${path('foreign.db')} belongs to another program; name another file with --db`
  await fails(t, ['--port', '0', '--db', 'foreign.db'], 1, foreign, cwd)
  t.strictSame(contents(), before, 'not a byte of them has changed')
})

t.test('where no database can be made, one sentence says why, and nothing hangs', onPosix(), async (t) => {
  const cwd = t.testdir({ kept: {} })
  const refuse = (db: string, sentence: string) =>
    refuses(t, () => serve(['--port', '0', '--db', db], unasked), StartupError, sentence)
  const nowhere = ['/proc/nope/x.db', '/proc/nope/deeper/x.db'].filter(() => existsSync('/proc'))
  for (const db of nowhere) await refuse(db, `the database ${db} cannot be made: no folder can be made there`)
  const long = join(cwd, 'x'.repeat(300), 'x.db')
  await refuse(long, `the database ${long} cannot be made: its path is too long`)
  symlinkSync('nowhere', join(cwd, 'dangling'))
  execFileSync('mkfifo', [join(cwd, 'pipe')])
  symlinkSync('pipe', join(cwd, 'link'))
  const short = mkdtempSync(join(tmpdir(), 'k-')) // of a socket, the path may not be long
  const socket = createServer().listen(join(short, 'socket'))
  t.teardown(() => socket.close(() => rmSync(short, { recursive: true })))
  await once(socket, 'listening')
  const below = join(cwd, 'dangling/x.db')
  await refuse(below, `the database ${below} cannot be made: a part of its path is a file, not a folder`)
  for (const [db, kind] of [
    ['/dev/null', 'a device'],
    [join(cwd, 'pipe'), 'a pipe'],
    [join(cwd, 'link'), 'a pipe'],
    [join(short, 'socket'), 'a socket'],
    [join(cwd, 'kept'), 'a folder'],
  ] as const)
    await refuse(db, `the database ${db} is ${kind}, not a file; name a file with --db, or :memory:`)
  const gone = `cd "$0" && rmdir "$0" && exec "$@"`
  const command = [gone, join(cwd, 'kept'), process.execPath, program, '--port', '0', '--db', 'x.db']
  const run = runProcess(t, 'sh', ['-c', ...command]) // what tap watches with would not start there
  t.match(await run.exited, { code: 1 })
  t.equal(run.stderr(), 'koodrive-backup-emulator: the database x.db cannot be used: the working directory is gone\n')
})

t.test('of a file without an end, no more is read than such files have', onPosix(), async (t) => {
  const zero = '/dev/zero'
  const most = 'it has more than 16777216 bytes'
  for (const [flags, sentence] of [
    [['--seed', zero], `the seed ${zero} cannot be read: it has more than 268435456 bytes`],
    [['--control-token-file', zero], `the token file ${zero} cannot be read: ${most}`],
    [['--tls-cert', zero, '--tls-key', zero], `the TLS certificate and key cannot be used: ${most}`],
  ] as const)
    await refuses(t, () => serve(['--port', '0', '--db', ':memory:', ...flags], unasked), StartupError, sentence)
})

/** Why this system lets nobody make a folder read-only for a process. */
function withoutMounts(): false | string {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' })
    return false
  } catch {
    return 'unshare makes no namespace here'
  }
}

t.test('on a read-only file system, new or used, one sentence says so', { skip: withoutMounts() }, async (t) => {
  const cwd = t.testdir()
  const used = await startProcess(t, ['--db', 'used.db'], { cwd })
  await used.stop('SIGKILL')
  const script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
  for (const name of ['used.db', 'new.db', 'new/new.db']) {
    const db = join(cwd, name)
    const args = ['--mount', 'sh', '-c', script, cwd, process.execPath, program, '--port', '0', '--db', db]
    const run = runProcess(t, 'unshare', args, counted)
    t.match(await run.exited, { code: 1 })
    const sentence = `the database ${db} cannot be written to: its file system is read-only`
    t.equal(run.stderr(), `koodrive-backup-emulator: ${sentence}\n`)
  }
})

t.test('on a full disk, new or used, one sentence says so', { skip: withoutMounts() }, async (t) => {
  const script = `mount -t tmpfs -o size=256k tmpfs "$0"; cp used.db "$0"; head -c 1M /dev/zero > "$0/full" 2> /dev/null; exec "$@"`
  const cwd = t.testdir({ disk: {} })
  const used = await startProcess(t, ['--db', 'used.db'], { cwd })
  await used.stop()
  for (const name of ['used.db', 'new.db']) {
    const db = join(cwd, 'disk', name)
    const args = [
      '--mount',
      'sh',
      '-c',
      script,
      join(cwd, 'disk'),
      process.execPath,
      program,
      '--port',
      '0',
      '--db',
      db,
    ]
    const run = runProcess(t, 'unshare', args, { cwd })
    t.match(await run.exited, { code: 1 })
    t.match(run.stderr(), new RegExp(`^koodrive-backup-emulator: the database ${db} [^\n]*the disk is full\n$`))
  }
})

t.test(
  'a database in use by another emulator is refused, and free again once that one is killed',
  onPosix(),
  async (t) => {
    const cwd = t.testdir()
    const first = await startProcess(t, ['--db', 'one.db'], { cwd })
    await fails(
      t,
      ['--port', '0', '--db', 'one.db'],
      1,
      `the database ${join(cwd, 'one.db')} is in use by another process; stop that emulator or name another file with --db`,
      cwd,
    )
    t.match((await call(first.url, 'POST', 'scope', scopeBody('/a'))).json(), { code: 0 }, 'the first one goes on')
    await first.stop('SIGKILL')
    await startProcess(t, ['--db', 'one.db'], { cwd })
  },
)

t.test('a seed with a mistake is one sentence that says where, and exit status 1', async (t) => {
  const device = { deviceId: 'd1', machineCode: 'm1' }
  const seeds: Readonly<Record<string, readonly [content: unknown, sentence: string | RegExp]>> = {
    'ends.json': ['{"users":', 'is not JSON: Unexpected end of JSON input'],
    'comma.json': ['{\n  "users": {},\n}', /is not JSON: .* at position 17 \(line 3 column 1\)$/],
    'word.json': [
      '{\n  "apps": [{ "appId": "a", "appSecret": canary }],\n  "users": {}, "tokens": []\n}',
      'is not JSON: unexpected character at line 2, column 41',
    ],
    'empty.json': ['', 'is not JSON: Unexpected end of JSON input'],
    'unknown.json': [{ userz: {} }, 'has a mistake: seed/userz is not a known property'],
    'deep.json': [
      { users: { u: { devices: [{ ...device, nome: '' }] } } },
      'has a mistake: seed/users/u/devices/0/nome is not a known property',
    ],
    'type.json': [{ tokens: 3 }, 'has a mistake: seed/tokens is a number; expected an array'],
    'list.json': [[], 'has a mistake: seed is an array of 0; expected an object'],
    'pattern.json': [
      { users: { u: { devices: [{ ...device, machineCode: 'ä' }] } } },
      /seed\/users\/u\/devices\/0\/machineCode is a string of 1; expected .*\[DEV-1\]/,
    ],
    'twice.json': [
      { users: { u: { devices: [device, { ...device, machineCode: 'm2' }] } } },
      'has a mistake: seed/users/u/devices/1 repeats seed/users/u/devices/0',
    ],
    'bom.json': ['\ufeff{ "userz": {} }', 'has a mistake: seed/userz is not a known property'],
    'secret.json': [
      {
        tokens: [
          { token: 'canary', userId: 'u' },
          { token: 'canary', userId: 'v' },
        ],
      },
      'has a mistake: seed/tokens/1 repeats seed/tokens/0',
    ],
  }
  const text = ([content]: readonly [unknown, ...unknown[]]) =>
    typeof content === 'string' ? content : JSON.stringify(content)
  const cwd = t.testdir(Object.fromEntries(Object.entries(seeds).map(([name, seed]) => [name, text(seed)])))
  for (const [name, [, sentence]] of Object.entries(seeds)) {
    const file = join(cwd, name)
    const reason = await (async () => readSeed(file))().catch((error: unknown) => error)
    t.type(reason, StartupError)
    const text = String(reason instanceof StartupError && reason.message)
    t.match(text, sentence)
    t.ok(text.startsWith(`the seed ${file} `))
    t.notMatch(text, /canary/, 'a seed holds secrets; none is quoted')
  }
  const start = (name: string) => ['--db', 'new.db', '--port', '0', '--seed', name]
  await fails(t, start('absent.json'), 1, /^the seed absent\.json cannot be read: ENOENT: /, cwd)
  await fails(
    t,
    start('word.json'),
    1,
    'the seed word.json is not JSON: unexpected character at line 2, column 41',
    cwd,
  )
  t.notOk(existsSync(join(cwd, 'new.db')), 'and no database was made')
})

t.test('DEC-32: a seed given for a used database is not applied, and the log says so', onPosix(), async (t) => {
  const entry = { moduleCode: '102', configName: 'backend_backup_switch' }
  const seed = (initialValue: string) => JSON.stringify({ configCatalogue: [{ ...entry, initialValue }] })
  const cwd = t.testdir({ 'one.json': seed('one'), 'two.json': seed('two') })
  const start = (name: string) => startProcess(t, ['--db', 'seeded.db', '--seed', name], { cwd })
  const first = await start('one.json')
  t.match(await first.logged('listening'), { seeded: 'seeded (one.json)' })
  await first.stop()
  const second = await start('two.json')
  t.match(await second.logged('listening'), { seeded: 'continued, its own seed kept' })
  t.match((await call(second.url, 'PATCH', 'config', configBody('two', 'x'))).json(), { code: 13990409 })
  t.match((await call(second.url, 'PATCH', 'config', configBody('one', 'x'))).json(), { code: 0 })
})

t.test('a certificate that is missing or garbage is one sentence and exit status 1', async (t) => {
  const cwd = t.testdir({ 'garbage.pem': 'garbage' })
  const flags = (file: string) => [
    '--db',
    join(cwd, 'new.db'),
    '--tls-cert',
    join(cwd, file),
    '--tls-key',
    join(cwd, file),
  ]
  const cannot = 'the TLS certificate and key cannot be used: '
  await refuses(t, () => serve(flags('absent.pem'), unasked), StartupError, new RegExp(`^${cannot}ENOENT: `))
  await fails(t, flags('garbage.pem'), 1, new RegExp(`^${cannot}.*PEM`))
  t.notOk(existsSync(join(cwd, 'new.db')), 'and no database was made')
})

/** A scope request in pieces: the emulator has `sent` for sure once it has answered what came before in the same write. */
async function halfRequest(t: Test, port: number): Promise<{ socket: Socket; rest: string }> {
  const socket = await openSocket(t, port)
  const body = JSON.stringify(scopeBody('/in-flight'))
  const headers = Object.entries(honestHeaders()).map(([name, value]) => `${name}: ${value}\r\n`)
  const probe = 'GET /_emulator/health HTTP/1.1\r\nhost: x\r\n\r\n'
  const head = `POST ${scopePath} HTTP/1.1\r\nhost: x\r\n${headers.join('')}content-length: ${body.length}\r\n\r\n`
  const seen = received(socket, (text) => text.includes('"status":"ok"'))
  socket.write(probe + head + body.slice(0, 20))
  await seen
  return { socket, rest: body.slice(20) }
}

/** A connection that has been used and is kept. */
async function idleConnection(t: Test, port: number): Promise<Socket> {
  const socket = await openSocket(t, port)
  socket.write('GET /_emulator/health HTTP/1.1\r\nhost: x\r\n\r\n')
  await received(socket, (text) => text.includes('"status":"ok"'))
  return socket
}

/** Milliseconds from the signal to the end, by the emulator's own log. */
function stoppingMillis(lines: readonly LogLine[]): number {
  const at = (form: RegExp) => Date.parse(String(lines.find(({ msg }) => form.test(String(msg)))?.['time']))
  return at(/^stopped$/) - at(/received, stopping$/)
}

t.test(
  'SIGTERM, SIGINT, SIGHUP and SIGQUIT finish what is in flight and exit 0 at once, with an idle connection open',
  onPosix(),
  async (t) => {
    for (const signal of endSignals) {
      const run = await startProcess(t, ['--db', ':memory:'])
      const idle = await idleConnection(t, run.port)
      const { socket, rest } = await halfRequest(t, run.port)
      const answer = received(socket)
      const idleEnd = received(idle)
      run.child.kill(signal)
      await run.logged(`${signal} received, stopping`)
      await idleEnd
      await untilRefused(run.port)
      run.child.kill(signal) // an impatient second one cuts nothing off
      socket.write(rest)
      t.match(await answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*"scopeList":\[\{/)
      t.strictSame(await run.exited, done)
      t.ok(stoppingMillis(run.lines()) < 1400, 'before anything had to be cut')
      t.notMatch(run.stdout(), /"level":[56]0/)
    }
  },
)

t.test('what still runs 1.5 s after the signal is cut, and the emulator exits 0 within 2 s', onPosix(), async (t) => {
  const flavours = [[], tls]
  await Promise.all(
    flavours.map(async (flags) => {
      const run = await startProcess(t, ['--db', ':memory:', ...flags], { counted: flags === tls })
      const silent = received(await openSocket(t, run.port)) // as a browser's spare one, or a handshake that never ends
      const cut = flags === tls ? silent : received((await halfRequest(t, run.port)).socket)
      t.strictSame(await run.stop(), done)
      t.equal(await cut, '')
      const millis = stoppingMillis(run.lines())
      t.ok(millis >= 1490 && millis < 2000, `stopped after ${millis} ms`)
      t.notMatch(run.stdout(), /"level":[56]0/)
    }),
  )
})

/** `npm start` in a process group of its own, as a terminal would make it. */
async function npmStart(t: Test): Promise<{ run: Run; serving: Serving }> {
  const args = ['start', '--', '--port', '0', '--db', ':memory:', '--log-format', 'json']
  const run = runProcess(t, 'npm', args, { detached: true })
  t.teardown(() => {
    try {
      process.kill(-Number(run.child.pid), 'SIGKILL')
    } catch {} // the group is gone, as it should be
  })
  return { run, serving: await whenListening(run) }
}

t.test(
  'Ctrl-C under `npm start`, which reaches the emulator twice, still finishes what is in flight',
  onPosix(),
  async (t) => {
    const { run, serving } = await npmStart(t)
    const { socket, rest } = await halfRequest(t, serving.port)
    const answer = received(socket)
    process.kill(-Number(run.child.pid), 'SIGINT')
    await serving.logged('SIGINT received, stopping')
    await untilRefused(serving.port)
    socket.write(rest)
    t.match(await answer, /^HTTP\/1\.1 200 OK\r\n/)
    await run.exited
    t.equal(serving.lines().at(-1)?.['msg'], 'stopped')
  },
)

t.test('what was acknowledged is there after SIGKILL and a restart, and ids go on', onPosix(), async (t) => {
  const cwd = t.testdir()
  const ids: bigint[] = []
  let value = '101test2value'
  for (let round = 0; round < 3; round += 1) {
    const run = await startProcess(t, ['--db', 'kept.db', '--durability', round === 1 ? 'full' : 'normal'], { cwd })
    t.notOk(existsSync(join(cwd, 'kept.db-shm')), 'which the look at a file with a -wal has made')
    for (let earlier = 0; earlier < round; earlier += 1) {
      const { failedScopeList } = scopesOf(await call(run.url, 'POST', 'scope', scopeBody(`/round-${earlier}`)))
      t.match(failedScopeList, [{ errorCode: '13990410' }], `the scope of round ${earlier} is there`)
    }
    const { scopeList } = scopesOf(await call(run.url, 'POST', 'scope', scopeBody(`/round-${round}`)))
    ids.push(...scopeList.map(({ scopeId }) => BigInt(scopeId)))
    const next = `value${round}`
    t.match((await call(run.url, 'PATCH', 'config', configBody(value, next))).json(), { code: 0 })
    value = next
    t.strictSame(await run.stop('SIGKILL'), { code: null, signal: 'SIGKILL' })
  }
  t.equal(ids.length, 3)
  t.ok(
    ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? id)),
    'ids rise over restarts',
  )
})

t.test('`health` exits 0 where an emulator serves, also with a certificate of its own making', async (t) => {
  const plain = await startProcess(t, ['--db', ':memory:'])
  const secure = await startProcess(t, ['--db', ':memory:', ...tls])
  const byFlag = await runToEnd(t, ['health', '--url', plain.url], counted)
  t.match(byFlag, { code: 0, stdout: `${plain.url}/_emulator/health is ok\n`, stderr: '' })
  const port = { KOODRIVE_EMULATOR_PORT: String(plain.port) }
  t.match(await runToEnd(t, ['health'], { env: port }), { code: 0 })
  t.match(await runToEnd(t, ['health', '--url', secure.url], counted), { code: 0, stderr: '' })
  const securePort = { KOODRIVE_EMULATOR_PORT: String(secure.port), KOODRIVE_EMULATOR_TLS_CERT: certificate }
  t.match(await runToEnd(t, ['health'], { env: securePort, counted: true }), {
    code: 0,
    stdout: `${secure.url}/_emulator/health is ok\n`,
  })
  t.match(await runToEnd(t, ['health', '--url', secure.url.replace('https', 'http')]), {
    code: 1,
    stdout: '',
  })
})

t.test('`health` exits 1 where nothing, or something else, answers', async (t) => {
  const answers = ['not JSON', 'null']
  const asked: (string | undefined)[] = []
  const other = createServer(({ url }, response) => {
    asked.push(url)
    response.end(answers.shift())
  }).listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}` // it listens on a port
  while (answers.length > 0) {
    const stderr = `${url}/_emulator/health answers 200, but not as an emulator would\n`
    t.match(await runToEnd(t, ['health', '--url', url], counted), { code: 1, stdout: '', stderr })
  }
  t.strictSame(asked, ['/_emulator/health', '/_emulator/health'])
  const behind = await runToEnd(t, ['health', '--url', `${url}/proxy/emulator/`])
  t.match(behind, { code: 1, stderr: `${url}/proxy/emulator/_emulator/health answers` })
  t.equal(asked.at(-1), '/proxy/emulator/_emulator/health', 'the path of the address is kept')
  const closed = `http://127.0.0.1:${await closedPort()}`
  const { code, stderr } = await runToEnd(t, ['health', '--url', closed], counted)
  t.equal(code, 1)
  t.match(stderr, /^http:.* does not answer: connect ECONNREFUSED .*\n$/)
})

t.test('`health` gives up on one that keeps silent', async (t) => {
  const mute = createServer(() => {}).listen(0, '127.0.0.1')
  t.teardown(() => mute.close())
  await once(mute, 'listening')
  const { port } = mute.address() as AddressInfo // it listens on a port
  const { code, stderr } = await runToEnd(t, ['health', '--url', `http://127.0.0.1:${port}`], counted)
  t.equal(code, 1)
  t.match(stderr, /does not answer: The operation was aborted due to timeout\n$/)
})

t.test('`health` takes nothing but an address', async (t) => {
  const url = 'health --url takes an address such as http://127.0.0.1:4020'
  await fails(t, ['health', '--url', 'localhost:4020'], 2, url)
  const refuse = (args: string[], sentence: string | RegExp) =>
    refuses(t, () => checkHealth(args), SettingsError, sentence)
  await refuse(['--url', 'nonsense'], url)
  for (const odd of ['http://', 'http:x', 'http:\\\\x', 'http://x/?', ' http://x']) await refuse(['--url', odd], url)
  await refuse(['--nope'], /^health: .*--nope/)
  await refuse(['now'], /^health: .*now/)
})

t.test('with a certificate and its key the emulator speaks HTTPS', onPosix(), async (t) => {
  const run = await startProcess(t, ['--db', ':memory:', ...tls])
  t.match(run.url, /^https:\/\/127\.0\.0\.1:/)
  const answer = await call(run.url, 'POST', 'scope', scopeBody('/a'), readFileSync(certificate))
  t.match([answer.status, answer.json()], [200, { code: 0 }])
  t.strictSame(await run.stop(), done)
})

t.test('a connection that never gets to speak TLS is one line of the log, and says why', onPosix(), async (t) => {
  const run = await startProcess(t, ['--db', ':memory:', ...tls], counted)
  const speak = async (bytes: string) => {
    const socket = await openSocket(t, run.port)
    socket.end(bytes)
    await received(socket)
    return run.logged('no TLS connection')
  }
  const reasons: readonly [string, string | RegExp][] = [
    ['GET / HTTP/1.1\r\n\r\n', 'plain HTTP came to a port that speaks HTTPS; say https://'],
    ['', 'the connection broke off before the TLS handshake was done'],
    ['\x16\x03\x01\x00\x05hello', /^the TLS handshake failed \(ERR_SSL_\w+\)$/],
  ]
  for (const [bytes] of reasons) await speak(bytes)
  t.strictSame(await run.stop(), done)
  const said = run.lines().filter(({ msg }) => msg === 'no TLS connection')
  t.match(
    said.map(({ reason }) => reason),
    reasons.map(([, reason]) => reason),
  )
})

t.test(
  '--cors lets the named web pages in, shows them the headers they need, and nobody else',
  onPosix(),
  async (t) => {
    const origin = 'https://app.example:8080'
    const run = await startProcess(t, ['--db', ':memory:', '--cors', origin], counted)
    const preflight = (from: string) =>
      send(run.url + scopePath, {
        method: 'OPTIONS',
        headers: {
          origin: from,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-date,x-user-id',
        },
      })
    const allowed = await preflight(origin)
    t.equal(allowed.status, 204)
    t.match(allowed.headers, {
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'x-date,x-user-id',
    })
    t.match(String(allowed.headers['access-control-allow-methods']), /POST.*PATCH/)
    t.notMatch((await preflight('https://evil.example')).headers, { 'access-control-allow-origin': /./ })
    const refused = await send(run.url + scopePath, { method: 'POST', headers: { origin } })
    t.equal(refused.status, 401)
    t.match(refused.headers, { 'access-control-allow-origin': origin })
    const exposed = 'Date, Retry-After, ETag, x-emulator-reason, x-emulator-request, x-emulator-fault'
    t.equal(refused.headers['access-control-expose-headers'], exposed)
    t.strictSame(await run.stop(), done)
  },
)

t.test('what is refused before it is a request shows pages why, too', async (t) => {
  const [origin, other] = ['https://app.example:8080', 'https://other.example']
  const shown = {
    vary: 'Origin',
    'access-control-expose-headers': /, x-emulator-reason, x-emulator-request, x-emulator-fault$/,
  }
  const allows = (to: string) => ({ ...shown, 'access-control-allow-origin': to })
  const raw = async ({ port }: Serving, head: string) => {
    const socket = await openSocket(t, port)
    socket.write(head)
    const lines = (await received(socket)).split('\r\n')
    return Object.fromEntries(lines.map((line) => line.split(': ', 2)))
  }
  const large = (from: string) => `GET / HTTP/1.1\r\n${from}x: ${'x'.repeat(20_000)}\r\n\r\n`
  const broken = (run: Serving, from: string, method = 'GET') =>
    send(`${run.url}/%zz`, { method, headers: { origin: from, 'access-control-request-method': 'PATCH' } })

  const one = await startProcess(t, ['--db', ':memory:', '--cors', origin], counted)
  t.match(await broken(one, origin), { status: 400, headers: allows(origin) })
  t.notMatch(await broken(one, other), { headers: { 'access-control-allow-origin': /./ } })
  t.match(await broken(one, origin, 'OPTIONS'), { status: 204, headers: { 'access-control-allow-methods': /PATCH/ } })
  t.match(await raw(one, large('')), allows(origin), 'nobody else could have asked')
  t.match(await raw(one, `CONNECT x:1 HTTP/1.1\r\norigin: ${origin}\r\n\r\n`), allows(origin))

  const many = await startProcess(t, ['--db', ':memory:', '--cors', `${other},${origin}`], counted)
  t.match(await raw(many, large(`Origin: ${origin}\r\n`)), allows(origin))
  t.notMatch(await raw(many, large('Origin: https://evil.example\r\n')), { 'access-control-allow-origin': /./ })
  t.notMatch(await raw(many, large('')), { 'access-control-allow-origin': /./ })

  const all = await startProcess(t, ['--db', ':memory:', '--cors', '*'], counted)
  const headers = { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'x-date' }
  const preflight = await send(`${all.url}/%zz`, { method: 'OPTIONS', headers })
  t.match(preflight.headers, { ...allows(origin), 'access-control-allow-headers': 'x-date' })
  t.match(await raw(all, large('')), allows('*'))

  const off = await startProcess(t, ['--db', ':memory:'], counted)
  for (const answer of [await raw(off, large('')), (await broken(off, origin)).headers]) {
    t.notMatch(answer, { 'access-control-allow-origin': /./ })
  }
})

t.test('--cors * lets every web page in, and off none', async (t) => {
  const headers = { origin: 'https://anywhere.example' }
  const open = await startProcess(t, ['--db', ':memory:', '--cors', '*'])
  t.match((await send(open.url + scopePath, { headers })).headers, { 'access-control-allow-origin': /./ })
  const closed = await startProcess(t, ['--db', ':memory:'])
  t.notMatch((await send(closed.url + scopePath, { headers })).headers, { 'access-control-allow-origin': /./ })
})

/** Requests of every kind, good and bad, with the canary wherever a secret could be. */
async function temptations(run: Serving, canary: string): Promise<void> {
  const headers = { ...honestHeaders(), authorization: `Bearer ${canary}` }
  const body = JSON.stringify(scopeBody('/a'))
  const url = run.url + scopePath
  const post = (changed: Readonly<Record<string, string | string[]>>, text = body, to = url) =>
    send(to, { method: 'POST', headers: { ...headers, ...changed }, body: text })
  await post({})
  await post({ authorization: canary })
  await post({ authorization: `HMAC-SHA256 Signature=${canary}` })
  await post({ authorization: [`Bearer ${canary}`, `Bearer ${canary}`] })
  await post({ 'x-date': canary })
  await post({ 'x-user-id': `${canary} ${canary}` })
  await post({ 'content-type': canary })
  await post({}, `{"${canary}`)
  await post({}, JSON.stringify({ ...scopeBody('/a'), moduleCode: canary }))
  await post({}, body, `${run.url}/${'%zz'}`)
  await post({}, body, `${url}?token=${canary}`)
  await post({}, body, `${run.url}/nowhere?token=${canary}`)
  for (const raw of [
    `GET /${scopePath} HTTP/1.1\r\nauthorization: Bearer ${canary}\r\nbroken header\r\n\r\n`,
    `NONSENSE ${canary}\r\n\r\n`,
    `GET / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${canary}${'x'.repeat(20_000)}\r\n\r\n`,
    `POST ${scopePath} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${canary}\r\ncontent-length: 50\r\n\r\n${canary}`,
  ]) {
    const socket = connect(run.port, '127.0.0.1')
    socket.on('error', () => {}) // some are cut off
    socket.end(raw)
    socket.resume()
    await once(socket, 'close')
  }
}

t.test(
  'no token, signature or Authorization is in any line of the log, at any level and whatever is sent',
  onPosix(),
  async (t) => {
    const canary = 'canary-5f2b9'
    const seed = JSON.stringify({
      tokens: [{ token: canary, userId: '1505084218764547200' }],
      apps: [{ appId: 'app', appSecret: canary }],
    })
    const cwd = t.testdir({ 'seed.json': seed })
    for (const format of ['json', 'pretty']) {
      const args = [
        '--seed',
        'seed.json',
        '--auth',
        'known',
        '--log-level',
        'trace',
        '--log-format',
        format,
        '--db',
        `${format}.db`,
      ]
      const run = runProcess(t, process.execPath, [program, '--port', '0', ...args], { cwd })
      const url = await run.until((stdout) => /https?:\/\/[\d.]+:\d+/.exec(stdout)?.[0])
      await temptations({ ...(run as Serving), url, port: Number(new URL(url).port) }, canary)
      run.child.kill('SIGTERM')
      t.strictSame(await run.exited, done)
      t.notMatch(run.stdout() + run.stderr(), canary)
    }
  },
)

t.test(
  'every request is one JSON line: method, path, operation, status, code, duration and reason',
  onPosix(),
  async (t) => {
    const run = await startProcess(t, ['--db', ':memory:', '--log-level', 'debug'])
    await call(run.url, 'POST', 'scope', scopeBody('/a'))
    await call(run.url, 'PATCH', 'config', configBody('wrong', 'x'))
    await send(`${run.url}/nowhere?a=b`)
    await send(`${run.url}/%zz`)
    await send(`${run.url}/_emulator/health`)
    t.strictSame(await run.stop(), done)
    const answered = run.lines().filter(({ msg }) => msg === 'answered')
    const line = { level: 30, durationMs: Number, time: /^\d{4}-.*Z$/ }
    t.match(answered, [
      { ...line, method: 'POST', path: scopePath, operation: /^\w+$/, status: 200, code: 0 },
      {
        ...line,
        method: 'PATCH',
        path: scopePath.replace('scope', 'config'),
        status: 400,
        code: 13990409,
        reason: /CFG-2/,
      },
      {
        ...line,
        method: 'GET',
        path: '/nowhere',
        operation: null,
        status: 404,
        code: 13000101,
        reason: /no operation/,
      },
      {
        ...line,
        method: 'GET',
        path: '/%zz',
        operation: null,
        status: 400,
        code: 13000101,
        reason: /percent-encoding/,
      },
      { ...line, level: 20, method: 'GET', path: '/_emulator/health', status: 200 },
    ])
    t.equal(answered.length, 5)
    t.equal(run.lines().length, run.stdout().trimEnd().split('\n').length, 'and nothing on standard output is no JSON')
  },
)

t.test('--log-format pretty is for human eyes, with the greeting among it', onPosix(), async (t) => {
  const args = [program, '--port', '0', '--db', ':memory:', '--log-format', 'pretty', '--log-level', 'debug']
  const run = runProcess(t, process.execPath, args, counted)
  const commands = await run.until((stdout) => {
    const found = printedCommands(stdout)
    return found.length === 2 && stdout.endsWith("'\n\n") ? found : undefined
  })
  for (const command of commands) t.match((await curl(command)).json(), { code: 0 })
  const url = await run.until((stdout) => /http:\/\/[\d.]+:\d+/.exec(stdout)?.[0])
  await send(`${url}/_emulator/health`)
  const asJson = { 'content-type': 'application/json' }
  const fault = JSON.stringify({ operations: '*', effect: { type: 'throttle' } })
  await send(`${url}/_emulator/worlds/w/faults`, { method: 'POST', headers: asJson, body: fault })
  await call(`${url}/worlds/w`, 'POST', 'scope', scopeBody('/a'))
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.end('NONSENSE\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
  run.child.kill('SIGTERM')
  t.strictSame(await run.exited, done)
  const log = stripVTControlCharacters(run.stdout())
  t.match(log, new RegExp(`INFO: POST ${scopePath} 200 0 [\\d.]+ ms\n`))
  t.match(log, /DEBUG: GET \/_emulator\/health 200 [\d.]+ ms\n/)
  t.match(log, /INFO: 400 13000101 refused before it was a request: .+\n/)
  t.match(log, /INFO: POST \/worlds\/w\/\S+ 429 \S+ [\d.]+ ms in w by fault \S+: .+\n/)
  const [, greeted = ''] = log.split('\n\n\n')
  const lines = log.split('\n').filter((line) => /^\[|^ {4}/.test(line) && !greeted.includes(line))
  t.ok(lines.length > 5)
  for (const line of lines) t.match(line, /^\[[\d:.]+\] \w+: |^ {4}-[Hd] /, 'one line each')
  for (const word of ['listening', 'accepting', ': "adopt"']) t.notMatch(log, word, 'it says once that it serves')
  t.equal(log.split(`on ${url}\n`).length, 2)
  t.strictSame([logLines(run.stdout()), run.stderr()], [[], ''])
})
