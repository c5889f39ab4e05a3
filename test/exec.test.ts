import { EventEmitter, once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import type { Test } from 'tap'
import t from 'tap'
import { Attempts } from '../cli/attempts.ts'
import { coverageFile } from '../cli/coverage-file.ts'
import { keptWorlds } from '../cli/kept-worlds.ts'
import { endLeftBehind, processesOf } from '../cli/left-behind.ts'
import { makeRunFolder, whyNotRemoved } from '../cli/run-folder.ts'
import { hasTerminal } from '../cli/terminal.ts'
import type { ExecEnvironment } from '../exec/command.ts'
import { exec } from '../exec/command.ts'
import { tellCoverage } from '../exec/coverage-command.ts'
import { execExitMeanings } from '../exec/exits.ts'
import { execFlags } from '../exec/options.ts'
import { openReports } from '../exec/outputs.ts'
import type { ExecReport } from '../exec/report.ts'
import { openGauntletReports } from '../gauntlet/outputs.ts'
import { CoverageView } from '../schemas/coverage.ts'
import { Archive } from '../schemas/har.ts'
import { Seed } from '../schemas/seed.ts'
import { startEmulator } from '../src/index.ts'
import { Unwritten } from '../src/process/unwritten.ts'
import { reviewRules } from '../src/review/rules.ts'
import { pageAt, savedFiles, textsOf } from './fixtures/documents.ts'
import { program, runProcess, runToEnd, thereIs, withoutMounts } from './fixtures/process.ts'
import { call, closedPort, honestHeaders, send, untilRefused } from './fixtures/wire.ts'
import { wellFormed } from './verify/fixtures/verifying.ts'

interface Running {
  readonly environment?: NodeJS.ProcessEnv
  readonly signals?: EventEmitter
  readonly isInTerminal?: boolean
  readonly processes?: string
  readonly wallClock?: () => number
  readonly graceMillis?: number
}

/** The command in this process, to its end. What it runs is to write nothing: the streams are those of this test. */
async function runExec(args: readonly string[], running: Running = {}) {
  const said = { stdout: '', stderr: '' }
  const around: ExecEnvironment = {
    environment: { PATH: process.env['PATH'], ...running.environment },
    signals: running.signals ?? new EventEmitter(),
    print: (text) => {
      said.stdout += text
    },
    complain: (text) => {
      said.stderr += text
    },
    exit: () => undefined,
    wallClock: running.wallClock ?? Date.now,
    hasTerminal: () => running.isInTerminal ?? false,
    processes: running.processes ?? '/proc',
    graceMillis: running.graceMillis ?? 5000,
  }
  const status = await exec(args, around)
  return { status, ...said }
}

const quiet = (script: string, ...args: string[]): string[] => ['--', 'sh', '-c', script, ...args]

type Variables = Readonly<Record<string, string>>

/** Runs a command that waits while the test acts in its place, with the variables that it was given. */
async function beside(
  t: Test,
  flags: readonly string[],
  act: (variables: Variables) => Promise<unknown>,
  { status = 0, ...running }: Running & { readonly status?: number } = {},
) {
  const { path: folder, remove } = makeRunFolder()
  t.teardown(remove)
  const script = 'env > "$0/part"; mv "$0/part" "$0/env"; while [ ! -e "$0/go" ]; do sleep 0.02; done; exit $1'
  const run = runExec([...flags, ...quiet(script, folder, `${status}`)], running)
  const file = join(folder, 'env')
  await Promise.race([run, thereIs(file)])
  const lines = readFileSync(file, 'utf8').split('\n')
  await act(Object.fromEntries(lines.map((line) => [line.replace(/=.*/, ''), line.replace(/^[^=]*=/, '')])))
  writeFileSync(join(folder, 'go'), '')
  return run
}

const scope = { moduleCode: '102', scopeList: [{ localPath: '/a' }] }
const addScope = (url: string) => call(url, 'POST', 'scope', scope)

t.test('the command’s own end is passed on', async (t) => {
  const missing = join(t.testdir({ script: '#!/no/such/interpreter\n', plain: 'exit 9\n' }), 'script')
  chmodSync(missing, 0o755)
  const ends: [readonly string[], number, RegExp][] = [
    [quiet('exit 0'), 0, /^$/],
    [quiet('exit 7'), 7, /^$/],
    [quiet('kill -9 $$'), 137, /^$/],
    [quiet('kill -TERM $$'), 143, /^$/],
    [['--', 'no-such-command'], 127, /^koodrive-backup-emulator: there is no command no-such-command\n$/],
    [['--', '/'], 126, /^koodrive-backup-emulator: \/ cannot be run: .*EACCES\n$/],
    [['--', missing], 126, /cannot be run: the interpreter that it names is not there\n$/],
    [['--', join(missing, 'x')], 126, /script\/x cannot be run: spawn ENOTDIR\n$/],
  ]
  for (const [args, status, stderr] of ends) {
    const run = await runExec(['--allow-silence', ...args])
    t.match(run, { status, stdout: '', stderr }, args.join(' '))
  }
})

t.test('wrong usage is told in a sentence, and nothing is run', async (t) => {
  const folder = t.testdir({ 'some.json': '{}', 'no.json': 'no' })
  const mark = join(folder, 'ran')
  const wrong: [readonly string[], RegExp][] = [
    [['--nope'], /there is no flag --nope; --help lists them/],
    [['--', ''], /what to run is an empty text; is a variable of the shell not set\?/],
    [['word'], /"word" belongs to no flag/],
    [['--json'], /--json needs a value: FILE/],
    [['--review=1'], /--review takes no value/],
    [['--port', 'x'], /--port takes a whole number/],
    [['--tls-cert', 'x'], /--tls-cert and --tls-key go together/],
    [['--control', 'off'], /--control off leaves exec nothing to see/],
    [['--json', '/no/such/folder/a'], /--json \/no\/such\/folder\/a cannot be written/],
    [['--har', folder], /cannot be written: it is no file/],
    [
      ['--archive', join(folder, 'some.json')],
      /--archive .*some\.json cannot be written to: .*some\.json is no folder/,
    ],
    [
      ['--archive', '/proc/some/worlds'],
      /--archive \/proc\/some\/worlds cannot be written to: no folder can be made in \/proc\n/,
    ],
    [['--archive', join(folder, 'new', 'x'.repeat(300))], /--archive .* cannot be written to: ENAMETOOLONG/],
    [['--json', '-'], /- is no file here/],
    [['--json', 'a', '--junit', 'a'], /each report needs a file of its own/],
    [['--json', 'a', '--har', './a'], /each report needs a file of its own/],
    [['--coverage-into', join(folder, 'some.json')], /holds no coverage: coverage\/requests is missing/],
    [['--coverage-into', join(folder, 'no.json')], /no\.json is not JSON/],
    [['--fail-on', 'nope'], /--fail-on takes review or one of its rules \(lock-never-released, .*\), not "nope"/],
    [
      ['--fail-under', 'refusals'],
      /--fail-under takes a kind and percent such as refusals=50, not "refusals"; kinds are operations, refusals, items, answers, mishaps, fields/,
    ],
    [['--fail-under', 'nope=1'], /not "nope=1"/],
    [['--fail-under', 'items=101'], /not "items=101"/],
    [['--timeout', '0'], /--timeout takes seconds, such as 300 or 0\.5, up to 86400/],
    [['--timeout', '86401'], /--timeout/],
    [['--timeout', '-1'], /--timeout/],
    [['--env', 'A'], /--env takes NAME=TEMPLATE such as BACKUP_URL=\{url\}, not "A"/],
    [
      ['--env', 'A={nope}'],
      /--env A names \{nope\}; there are \{url\}, \{token\}, \{user\}, \{control\}, \{controlToken\}, \{runDir\}, \{adversity\}/,
    ],
    [['--user', 'a b'], /--user takes 1 to 64 visible ASCII characters/],
  ]
  for (const [flags, sentence] of wrong) {
    const { status, stdout, stderr } = await runExec([...flags, ...quiet(`touch ${mark}`)])
    t.equal(status, 2, `${flags}: ${stderr}`)
    t.match(stderr, /^koodrive-backup-emulator: exec: [^\n]+\n$/)
    t.match(stderr, sentence)
    t.equal(stdout, '')
  }
  for (const args of [[], ['--review'], ['--'], ['--review', '--'], ['npm', 'test']]) {
    t.match(await runExec(args), { status: 2, stderr: /what to run is missing; it stands behind --/ })
  }
  t.match(await runExec(['--port', '1', ...quiet('')], { environment: { KOODRIVE_EMULATOR_AUTH: 'no' } }), {
    status: 2,
    stderr: /KOODRIVE_EMULATOR_AUTH takes any, known/,
  })
  t.notOk(existsSync(mark))
  t.notOk(existsSync(join(folder, 'new')), 'what was made on trial is gone')
})

t.test('an emulator that cannot start is 125, and nothing is run', async (t) => {
  const other = await startEmulator()
  t.teardown(() => other.close())
  const { port } = new URL(other.url)
  t.match(await runExec(['--port', port, ...quiet('exit 3')]), {
    status: 125,
    stderr: /port \d+ on 127\.0\.0\.1 is in use/,
  })
  t.match(await runExec(['--seed', '/no/such', ...quiet('exit 3')]), {
    status: 125,
    stderr: /the seed \/no\/such cannot be read/,
  })
})

t.test('--help names every flag, every exit status and every variable; behind -- it is the command’s', async (t) => {
  const { status, stdout } = await runExec(['--help'])
  t.equal(status, 0)
  for (const flag of Object.keys(execFlags)) t.match(stdout, `--${flag}`)
  for (const { meaning } of execExitMeanings) t.match(stdout, meaning)
  for (const name of ['URL', 'TOKEN', 'CONTROL_URL', 'CONTROL_TOKEN', 'ADVERSITY', 'RUN_DIR'])
    t.match(stdout, `KOODRIVE_${name} `)
  t.match(await runExec(['-h']), { status: 0 })
  t.match(await runExec(['--allow-silence', ...quiet('exit $#', 'a', '--help')]), { status: 1 })
})

t.test('the command is told where the emulator is, and finds an empty folder that is gone afterwards', async (t) => {
  let seen: Variables = {}
  const flags = [
    '--env',
    'BACKUP_URL={url}/koodrive/ose/v1/backup',
    '--env',
    'WHO={user} {token} {adversity}{controlToken} {',
    '--user',
    'me',
  ]
  const { status, stderr } = await beside(
    t,
    flags,
    async (variables) => {
      seen = variables
      t.match(await addScope(`${variables['KOODRIVE_URL']}`), { status: 200 })
      t.match(await send(`${variables['KOODRIVE_CONTROL_URL']}/requests/count`), { text: '{"count":1}' })
      t.ok(existsSync(`${variables['KOODRIVE_RUN_DIR']}`))
      mkdirSync(`${variables['KOODRIVE_RUN_DIR']}/some/thing`, { recursive: true })
    },
    { environment: { OWN: 'stays', KOODRIVE_URL: 'http://elsewhere' } },
  )
  t.match([status, stderr], [0, ''])
  t.match(seen, {
    KOODRIVE_URL: /^http:\/\/127\.0\.0\.1:\d+$/,
    KOODRIVE_TOKEN: 'any-token',
    KOODRIVE_CONTROL_URL: `${seen['KOODRIVE_URL']}/_emulator/worlds/default`,
    KOODRIVE_ADVERSITY: 'none',
    BACKUP_URL: `${seen['KOODRIVE_URL']}/koodrive/ose/v1/backup`,
    WHO: 'me any-token none {',
    OWN: 'stays',
  })
  t.notHas(seen, { KOODRIVE_CONTROL_TOKEN: String }, 'nothing asks for one')
  t.notOk(existsSync(`${seen['KOODRIVE_RUN_DIR']}`))
  await untilRefused(Number(new URL(`${seen['KOODRIVE_URL']}`).port))
})

t.test('under --auth known there is a token that is taken, and no output shows it', async (t) => {
  const folder = t.testdir()
  const paths = ['har', 'json', 'junit', 'state'].map((flag) => [`--${flag}`, join(folder, flag)])
  let token = ''
  const run = await beside(t, ['--auth', 'known', '--review', '--coverage', ...paths.flat()], async (variables) => {
    token = `${variables['KOODRIVE_TOKEN']}`
    t.not(token, 'any-token')
    const headers = { ...honestHeaders(), authorization: `Bearer ${token}`, 'x-user-id': '1001' }
    const url = `${variables['KOODRIVE_URL']}/koodrive/ose/v1/backup/device?token=${token}`
    t.equal((await send(url, { headers })).status, 200)
    t.equal((await send(url, { headers: { ...headers, authorization: 'Bearer any-token' } })).status, 401)
  })
  t.equal(run.status, 0)
  for (const text of [run.stderr, ...paths.map(([, path = '']) => readFileSync(path, 'utf8'))]) {
    t.ok(text.length > 100)
    t.notMatch(text, token)
  }
})

t.test(
  'where the control plane asks for a token, the command is given one of this run, and no output shows it',
  async (t) => {
    const folder = t.testdir({ tokens: 'one-of-the-team\n' })
    const paths = ['har', 'json', 'junit', 'state'].map((flag) => [`--${flag}`, join(folder, flag)])
    const seen = new Set<string>()
    for (const [flags, environment, others] of [
      [[], { KOODRIVE_EMULATOR_CONTROL_TOKEN: 'secret-of-ours' }, { 'secret-of-ours': 401 }],
      [['--control-token-file', join(folder, 'tokens')], {}, { 'one-of-the-team': 200 }],
    ] as const) {
      const args = [...flags, '--env', 'SAME={controlToken}', ...paths.flat()]
      const act = async (variables: Variables) => {
        const {
          KOODRIVE_URL: url = '',
          KOODRIVE_CONTROL_URL: control = '',
          KOODRIVE_CONTROL_TOKEN: own = '',
        } = variables
        t.match(own, /^[\w-]{32}$/)
        t.equal(variables['SAME'], own)
        seen.add(own)
        await addScope(url)
        for (const [token, status] of Object.entries({ ...others, [own]: 200 })) {
          const headers = { authorization: `Bearer ${token}` }
          t.equal((await send(control, { headers })).status, status, token === own ? 'its own' : token)
        }
        t.equal((await send(control)).status, 401)
        t.match(await runCoverage(['--url', url]), { status: 1, stderr: /answers 401/ })
        t.match(await runCoverage(['--url', url], { KOODRIVE_CONTROL_TOKEN: own }), { status: 0 })
      }
      const run = await beside(t, args, act, { environment })
      t.equal(run.status, 0)
      for (const text of [run.stderr, ...paths.map(([, path = '']) => readFileSync(path, 'utf8'))])
        for (const token of seen) t.notMatch(text, token)
    }
    t.equal(seen.size, 2, 'another one each time')
  },
)

t.test('--archive keeps the worlds of a run that fails, a file each, as they were at its end', async (t) => {
  const folder = t.testdir()
  const [worlds, json, junit] = [join(folder, 'some/worlds'), join(folder, 'json'), join(folder, 'junit')]
  const kept = (status: number, ...more: string[]) => {
    const act = async ({ KOODRIVE_URL: url = '' }: Variables) => {
      await addScope(url)
      await send(`${url}/_emulator/worlds/default/tokens`, {
        method: 'POST',
        body: '{"userId":"1001","token":"a-secret"}',
      })
      await addScope(`${url}/worlds/Gone`)
      await addScope(`${url}/worlds/Anew`)
      await send(`${url}/_emulator/worlds/Gone`, { method: 'DELETE' })
      await send(`${url}/_emulator/worlds/Anew/reset`, { method: 'POST' })
      await addScope(`${url}/worlds/Anew`)
      await send(`${url}/_emulator/worlds/unused`, { method: 'PUT', body: '{}' })
    }
    return beside(t, ['--archive', worlds, '--json', json, '--junit', junit, ...more], act, { status })
  }
  t.match(await kept(0), { status: 0, stderr: '' })
  t.notOk(existsSync(join(folder, 'some')), 'where all went well, nothing is written')
  const [anew, main] = [join(worlds, '~anew.kwa'), join(worlds, 'default.kwa')]
  for (const [status, ...more] of [[3], [0, '--fail-under', 'operations=90']] as const) {
    const run = await kept(status, ...more)
    t.equal(run.status, status || 1)
    t.match(run.stderr, `koodrive-backup-emulator: to be opened with --open: ${main}, ${anew}\n`)
    t.strictSame(readdirSync(worlds).sort(), ['default.kwa', '~anew.kwa'].sort())
    const report: ExecReport = JSON.parse(readFileSync(json, 'utf8'))
    t.strictSame(
      report.worlds.map(({ name, isOver, archive }) => [name, isOver, archive]),
      [
        ['Gone', true, null],
        ['Anew', true, null],
        ['default', false, main],
        ['Anew', false, anew],
      ],
    )
    t.match(readFileSync(junit, 'utf8'), `<system-out>to be opened with --open: ${main}, ${anew}</system-out>`)
    t.notMatch(readFileSync(main, 'latin1'), 'a-secret', 'an artefact is no place for secrets')
    const emulator = await startEmulator({ open: main })
    t.teardown(() => emulator.close())
    const world = emulator.world('default')
    t.match(world.requests(), [{ operation: 'batchAddBackupScope', status: 200 }])
    t.match(JSON.stringify(world.state()), '"localPath":"/a"')
    rmSync(worlds, { recursive: true })
  }
})

t.test('a world that cannot be a file is named, and the others are kept', (t) => {
  const world = (name: string, archive: () => Buffer, requests = 1) => ({
    name,
    archive,
    coverage: () => ({ requests }),
  })
  const tooLarge = () => {
    throw new Error('the archive is larger than 1073741824 bytes')
  }
  const small = () => Buffer.from('small')
  const worlds = keptWorlds({
    worlds: () => [world('Large', tooLarge), world('Small', small), world('unused', tooLarge, 0)],
  })
  t.same(worlds, {
    kept: [{ name: 'Small', file: '~small.kwa', archive: small() }],
    lost: ['the world Large is not kept: the archive is larger than 1073741824 bytes'],
  })
  const folder = t.testdir()
  const told: string[] = []
  const tell = (sentence: string) => void told.push(sentence)
  const fail = () => t.fail('nothing is printed')
  const outputs = { outputs: { archive: folder }, allowSilence: false, failUnder: [], failOn: [] }
  const { archive } = openReports(outputs, fail, tell)
  t.strictSame([...archive(() => worlds).keys()], ['Small'])
  const gauntlet = openGauntletReports({ archive: folder }, fail, tell)
  t.strictSame(gauntlet.keep('all:reset', { har: undefined, worlds }), [join(folder, 'all_reset.~small.kwa')])
  t.strictSame(told, [...worlds.lost, `all:reset: ${worlds.lost[0]}`])
  t.strictSame(readdirSync(folder).sort(), ['all_reset.~small.kwa', '~small.kwa'].sort())
  t.end()
})

t.test('reports cover every world that was used, those that are no more included', async (t) => {
  const folder = t.testdir()
  const files = Object.fromEntries(['json', 'junit', 'har', 'state'].map((flag) => [flag, join(folder, flag)]))
  const flags = Object.entries(files).flatMap(([flag, path]) => [`--${flag}`, path])
  const demands = ['--review', '--coverage', '--fail-on', 'lock-never-released', '--fail-under', 'operations=5']
  const { status, stderr } = await beside(t, [...flags, ...demands], async ({ KOODRIVE_URL: url = '' }) => {
    await call(url, 'POST', 'scope', { ...scope, nobody: 'reads this' })
    for (const [world, method, path] of [
      ['gone', 'DELETE', ''],
      ['anew', 'POST', '/reset'],
      ['stays', 'GET', ''],
    ]) {
      const own = `${url}/worlds/${world}`
      await addScope(own)
      await send(`${own}/koodrive/ose/v1/backup/lock`, {
        method: 'POST',
        headers: honestHeaders(),
        body: '{"moduleCode":"100"}',
      })
      await send(`${url}/_emulator/worlds/${world}${path}`, { method: `${method}` })
    }
  })
  t.equal(status, 1)
  const finding = 'review: lock-never-released: The lock was not released'
  for (const [world, rest] of [
    ['gone', ', which is no more'],
    ['anew', ', which is no more'],
    ['stays', ''],
  ])
    t.match(stderr, new RegExp(`^${finding}.* \\(world ${world}${rest}, requests 2\\)$`, 'm'))
  t.match(stderr, /^operations that succeeded {4}2 of 21$/m)
  t.match(stderr, /^koodrive-backup-emulator: the review has findings: lock-never-released; --review tells them$/m)

  const report: ExecReport = JSON.parse(readFileSync(`${files['json']}`, 'utf8'))
  t.match(report, {
    command: ['sh', '-c'],
    status: 0,
    trouble: null,
    requests: 7,
    worlds: [
      { name: 'gone', isOver: true, requests: 2, dropped: 0, findings: [{ rule: 'lock-never-released' }] },
      { name: 'anew', isOver: true },
      { name: 'default', isOver: false, requests: 1 },
      { name: 'stays', isOver: false },
    ],
    coverage: { requests: 7 },
    failed: [/review/],
    leftBehind: [],
  })
  t.equal(report.worlds.length, 4, 'one that nobody used is not told of')
  t.ok(Value.Check(CoverageView, report.coverage))

  const archive: unknown = JSON.parse(readFileSync(`${files['har']}`, 'utf8'))
  t.ok(Value.Check(Archive, archive))
  t.equal(Value.Check(Archive, archive) && archive.log.entries.length, 7)
  const state: unknown = JSON.parse(readFileSync(`${files['state']}`, 'utf8'))
  t.ok(Value.Check(Seed, state))
  t.match(JSON.stringify(state), '"localPath":"/a"', 'of the default world')

  const junit = readFileSync(`${files['junit']}`, 'utf8')
  const { names, defect } = wellFormed(junit)
  t.equal(defect, undefined)
  t.equal(names.filter((name) => name === 'testcase').length, 2 + reviewRules.length + 1)
  t.match(junit, /failures="1"/)
  t.match(junit, /<failure message="lock-never-released">review: lock-never-released/)
  t.match(junit, /<system-out>review: unread-fields/)
  t.match(junit, 'name="coverage of operations is 5 % or more"></testcase>')
})

t.test('a report says what did not hold, and how the command ended', async (t) => {
  const folder = t.testdir()
  const junit = join(folder, 'junit')
  const { status } = await runExec(['--junit', junit, '--fail-under', 'operations=1', ...quiet('exit 7')])
  t.equal(status, 7)
  const text = readFileSync(junit, 'utf8')
  t.match(text, /failures="3"/)
  t.match(text, '<failure message="it ended with 7">')
  t.match(text, '<failure message="the command never called the emulator: does it read KOODRIVE_URL?">')
  t.match(text, '<failure message="coverage of operations is 0 of 21, which is under 1 %">')
  await runExec(['--junit', junit, '--allow-silence', '--', 'no-such-command'])
  const other = readFileSync(junit, 'utf8')
  t.match(other, '<failure message="there is no command no-such-command">')
  t.match(other, '<skipped message="the command never called the emulator: does it read KOODRIVE_URL?">')
})

t.test('reports of exec hide what a client sent as its credential, also where the command line has it', async (t) => {
  const folder = t.testdir()
  const [json, junit] = [join(folder, 'json'), join(folder, 'junit')]
  const token = 'a-token-of-ones-own-77'
  const script = `curl -s -o /dev/null "$KOODRIVE_URL/koodrive/ose/v1/backup/device" -H "Authorization: Bearer $0"`
  t.match(await runExec(['--json', json, '--junit', junit, ...quiet(script, token)]), { status: 0 })
  for (const file of [json, junit]) {
    const text = readFileSync(file, 'utf8')
    t.match(text, 'sha256:')
    t.notMatch(text, token)
  }
})

t.test('a command that never calls fails, and is told why that may be', async (t) => {
  t.match(await runExec(quiet('')), { status: 1, stderr: /never called the emulator: does it read KOODRIVE_URL\?\n$/ })
  const junit = join(t.testdir(), 'junit')
  const astray = ({ KOODRIVE_URL: url }: Variables) => send(`${url}/backup/device`)
  const { status, stderr } = await beside(t, ['--junit', junit], astray)
  t.equal(status, 1)
  t.match(readFileSync(junit, 'utf8'), /failures="1".*<failure message="none of its 1 requests was for an operation/s)
  t.match(stderr, /none of its 1 requests was for an operation: KOODRIVE_URL is what stands before \/koodrive/)
  t.match(await runExec(['--review', '--allow-silence', ...quiet('')]), {
    status: 0,
    stderr: 'The review has no findings.\n',
  })
})

t.test('coverage adds up over runs, and must be enough', async (t) => {
  const folder = t.testdir()
  const sum = join(folder, 'coverage.json')
  const into = ['--coverage-into', sum]
  const first = await beside(t, [...into, '--fail-under', 'operations=5'], ({ KOODRIVE_URL: url = '' }) =>
    addScope(url),
  )
  t.equal(first.status, 1)
  t.match(first.stderr, /coverage of operations is 1 of 21, which is under 5 %\n$/)
  const second = await beside(
    t,
    [...into, '--fail-under', 'operations=5', '--fail-on', 'review'],
    async (variables) => {
      const url = `${variables['KOODRIVE_URL']}/koodrive/ose/v1/backup/device`
      await send(url, { headers: honestHeaders() })
    },
  )
  t.match([second.status, second.stderr], [0, ''])
  const written: CoverageView = JSON.parse(readFileSync(sum, 'utf8'))
  t.match(written, { requests: 2, shares: { operations: { met: 2, of: 21 } } })

  t.match(await runCoverage(['--from', sum, '--from', sum, '--fail-under', 'operations=9']), {
    status: 0,
    stdout: /^operations that succeeded {4}2 of 21$/m,
  })
  t.match(await runCoverage(['--from', sum, '--json', '-']), { status: 0, stdout: /^\{\n {2}"requests": 2,/ })
  t.match(await runCoverage(['--from', sum, '--fail-under', 'answers=1']), { status: 1, stderr: /answers is 0 of 1/ })
  const old = {
    ...written,
    operations: [{ operation: 'bindDevice', requests: 1, goals: [{ kind: 'items', what: 'no more', met: 1 }] }],
  }
  writeFileSync(sum, JSON.stringify(old))
  t.match(
    await runCoverage(['--from', sum]),
    { status: 0, stdout: /^operations that succeeded {4}0 of 21$/m },
    'what is no goal any more',
  )
})

/** What the command `coverage` finds itself in. */
function around(said: { stdout: string; stderr: string }, environment: NodeJS.ProcessEnv) {
  return {
    environment,
    signals: new EventEmitter(),
    print: (text: string) => {
      said.stdout += text
    },
    complain: (text: string) => {
      said.stderr += text
    },
    exit: () => undefined,
    wallClock: Date.now,
  }
}

async function runCoverage(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const said = { stdout: '', stderr: '' }
  const status = await tellCoverage(args, around(said, environment))
  return { status, ...said }
}

t.test('coverage of a running emulator is told over HTTP', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  await addScope(emulator.url)
  await addScope(`${emulator.url}/worlds/w`)
  emulator.world('w').delete()
  const sum = join(t.testdir(), 'coverage.json')
  t.match(await runCoverage(['--url', `${emulator.url}/`, '--coverage-into', sum]), {
    status: 0,
    stdout: /^operations .* 1 of 21$/m,
  })
  t.match(JSON.parse(readFileSync(sum, 'utf8')), { requests: 2 })
  t.match(await runCoverage(['--world', 'default', '--json', '-'], { KOODRIVE_URL: emulator.url }), {
    stdout: /"requests": 1,/,
  })
  t.match(await runCoverage(['--help']), { status: 0, stdout: /--from FILE/ })
  t.match(await runCoverage(['--url', emulator.url, '--world', 'w']), {
    status: 1,
    stderr: /\/worlds\/w\/coverage answers 404: .*no world w/,
  })
  let isJson = false
  const other = createServer((request, response) => {
    if (request.url?.includes('/worlds/')) response.statusCode = 500
    response.end(isJson && response.statusCode === 200 ? '{"ok":true}' : '<p>\u001b[31mred')
  }).listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo // it listens
  const elsewhere = ['--url', `http://127.0.0.1:${port}`]
  t.match(await runCoverage(elsewhere), {
    status: 1,
    stderr: /\/coverage answers no JSON; is it the address of an emulator\?\n$/,
  })
  isJson = true
  t.match(await runCoverage(elsewhere), { status: 1, stderr: /\/coverage holds no coverage: / })
  const odd = await runCoverage([...elsewhere, '--world', 'w'])
  t.equal(odd.status, 1)
  t.ok(odd.stderr.endsWith('answers 500: <p>\\u001b[31mred\n'), 'a terminal does not act upon what a server says')
  t.match(await runCoverage(['--url', `http://127.0.0.1:${await closedPort()}`]), { status: 1, stderr: /ECONNREFUSED/ })
  for (const [args, sentence] of [
    [[], /name an emulator with --url, or files with --from/],
    [['--url', 'here'], /--url takes an address/],
    [['--url', emulator.url, '--world', '..'], /--world takes 1 to 64 letters/],
    [['--from', sum, '--world', 'w'], /--from excludes --url and --world/],
    [['--from', '/no/such'], /--from \/no\/such cannot be read/],
    [['--fail-under', 'x'], /--fail-under takes a kind/],
    [['--nope'], /there is no flag --nope/],
    [['--from', sum, '--json', sum, '--coverage-into', sum], /each report needs a file of its own/],
  ] as const) {
    const { status, stderr } = await runCoverage(args, { KOODRIVE_URL: '' })
    t.equal(status, 2)
    t.match(stderr, /^koodrive-backup-emulator: coverage: [^\n]+\n$/)
    t.match(stderr, sentence)
  }
})

t.test('coverage that cannot be written after all is told with 74', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const view = JSON.stringify(emulator.coverage())
  const folder = t.testdir({ gone: {} })
  const server = createServer((_, response) => {
    rmSync(join(folder, 'gone'), { recursive: true })
    response.end(view)
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on one
  const file = join(folder, 'gone', 'coverage.json')
  const { status, stderr } = await runCoverage(['--url', `http://127.0.0.1:${port}`, '--json', file])
  t.equal(status, 74)
  t.match(
    stderr,
    /^koodrive-backup-emulator: coverage: --json [^\n]*coverage\.json could not be written: ENOENT[^\n]*\n$/,
  )
})

t.test('of what is written at the end, only what cannot be is told: a mistake of ours is none of that', async (t) => {
  const told: string[] = []
  const attempts = new Attempts((sentence) => told.push(sentence))
  const failing = (error: Error) => () => {
    throw error
  }
  t.throws(() => attempts.write(failing(new TypeError('a mistake')), undefined), { message: 'a mistake' })
  t.equal(attempts.hasFailed, false)
  t.equal(attempts.write(failing(new Unwritten('a full disk')), 'instead'), 'instead')
  t.same([told, attempts.hasFailed], [['a full disk'], true])
})

t.test('where the journal dropped entries, the report says so', async (t) => {
  const file = join(t.testdir(), 'json')
  const { stderr } = await beside(
    t,
    ['--review', '--json', file, '--journal-entries', '2'],
    async ({ KOODRIVE_URL: url = '' }) => {
      for (let count = 0; count < 5; count += 1) await addScope(url)
    },
  )
  t.match(
    stderr,
    /^review: 3 requests were not judged, because the journal keeps no more; raise --journal-entries \(world default\)$/m,
  )
  t.match(JSON.parse(readFileSync(file, 'utf8')), { worlds: [{ requests: 5, dropped: 3 }], coverage: { requests: 5 } })
  const many = await beside(t, ['--json', file], async ({ KOODRIVE_URL: url = '' }) => {
    for (let count = 0; count < 11; count += 1) {
      await Promise.all(
        Array.from({ length: 100 }, async () => (await fetch(`${url}/koodrive/ose/v1/backup/device`)).text()),
      )
    }
  })
  t.equal(many.status, 0)
  t.match(JSON.parse(readFileSync(file, 'utf8')), { worlds: [{ requests: 1100, dropped: 0 }] }, 'exec keeps many more')
})

t.test('a command that takes too long is ended, gently, then not', async (t) => {
  t.match(await runExec(['--timeout', '0.05', ...quiet('sleep 60')]), {
    status: 124,
    stderr: 'koodrive-backup-emulator: the command took longer than 0.05 seconds\n',
  })
  const folder = t.testdir()
  const deaf = quiet('trap "" TERM; touch "$0/deaf"; while :; do sleep 0.02; done', folder)
  t.match(await runExec(['--timeout', '0.5', ...deaf], { graceMillis: 50 }), { status: 124 })
  t.match(await runExec(['--timeout', '60', ...quiet('exit 3')]), { status: 3 })
})

/** Runs a command that says when it is ready, then does something to this process. */
async function whenReady(t: Test, script: string, act: (path: string) => unknown, running: Running) {
  const { path, remove } = makeRunFolder()
  t.teardown(remove)
  const run = runExec(
    ['--allow-silence', ...quiet(`${script}; touch "$0/ready"; while :; do sleep 0.02; done`, path)],
    running,
  )
  await Promise.race([run, thereIs(join(path, 'ready'))])
  await act(path)
  return { ...(await run), heard: () => readFileSync(join(path, 'heard'), 'utf8') }
}

t.test('signals are the command’s to answer', async (t) => {
  for (const name of ['TERM', 'HUP', 'QUIT']) {
    const signals = new EventEmitter()
    const trap = await whenReady(t, `trap 'exit 3' ${name}`, () => signals.emit(`SIG${name}`, `SIG${name}`), {
      signals,
    })
    t.match([trap.status, trap.stderr], [3, ''], name)
    t.strictSame(signals.eventNames(), [], 'and nobody listens any more')
  }
  const signals = new EventEmitter()
  t.match(await whenReady(t, ':', () => signals.emit('SIGTERM', 'SIGTERM'), { signals }), { status: 143 })
})

t.test('Ctrl-C reaches the command once, and a second one ends it', async (t) => {
  const hear = `trap 'echo heard >> "$0/heard"' INT; trap 'echo asked >> "$0/heard"; touch "$0/asked"' TERM`
  const patient = async (isInTerminal: boolean) => {
    const signals = new EventEmitter()
    let now = 0
    const press = async (path: string) => {
      signals.emit('SIGINT', 'SIGINT')
      if (!isInTerminal) await thereIs(join(path, 'heard'))
      signals.emit('SIGINT', 'SIGINT') // npm says it once more
      signals.emit('SIGTERM', 'SIGTERM') // a shell answers this one after the other
      await thereIs(join(path, 'asked'))
      now += 501
      signals.emit('SIGINT', 'SIGINT')
    }
    return whenReady(t, hear, press, { signals, isInTerminal, wallClock: () => now })
  }
  const outside = await patient(false)
  t.match([outside.status, outside.heard()], [137, 'heard\nasked\n'])
  const inside = await patient(true)
  t.match([inside.status, inside.heard()], [137, 'asked\n'], 'the terminal told it already')
  const signals = new EventEmitter()
  t.match(await whenReady(t, ':', () => signals.emit('SIGINT', 'SIGINT'), { signals }), { status: 130 })
})

t.test('whoever is interrupted before the command runs does not run it', async (t) => {
  const mark = join(t.testdir(), 'ran')
  for (const [name, status] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    const signals = new EventEmitter()
    const run = runExec(quiet(`touch ${mark}`), { signals, isInTerminal: true })
    signals.emit(name, name)
    signals.emit('SIGHUP', 'SIGHUP')
    t.match(await run, { status, stderr: 'koodrive-backup-emulator: interrupted before the command was run\n' })
  }
  t.notOk(existsSync(mark))
})

t.test('an emulator that fails takes the command with it', async (t) => {
  const signals = new EventEmitter()
  const fail = () => signals.emit('uncaughtException', new Error('of our own making'))
  t.match(await whenReady(t, 'trap "" TERM', fail, { signals }), {
    status: 125,
    stderr: 'koodrive-backup-emulator: the emulator failed: of our own making\n',
  })
})

t.test('a report that cannot be written any more is told, and nothing is left', async (t) => {
  const parent = t.testdir()
  const [folder, junit, worlds] = ['reports', 'junit.xml', 'worlds'].map((name) => join(parent, name)) as [
    string,
    string,
    string,
  ]
  const flags = ['json', 'har', 'state', 'coverage-into'].flatMap((name) => [`--${name}`, join(folder, name)])
  const run = (status: number) => {
    mkdirSync(folder, { recursive: true })
    rmSync(worlds, { force: true })
    const spoil = 'curl -s "$KOODRIVE_URL" > "$2"; rmdir "$0"; touch "$1"; exit $3'
    const all = ['--allow-silence', ...flags, '--junit', junit, '--archive', worlds]
    return runExec([...all, ...quiet(spoil, folder, worlds, join(parent, 'answer'), `${status}`)])
  }
  const passed = await run(0)
  t.equal(passed.status, 74, passed.stderr)
  for (const name of ['json', 'har', 'state', 'coverage-into'])
    t.match(
      passed.stderr,
      new RegExp(`^koodrive-backup-emulator: --${name} ${join(folder, name)} could not be written: ENOENT`, 'm'),
    )
  t.match(readFileSync(junit, 'utf8'), /<testsuites/, 'what can be given is given')
  t.match(await run(3), { status: 3, stderr: `--archive ${worlds} could not be written to: ${worlds} is no folder\n` })
  t.match(await runCoverage(['--from', join(folder, 'x')]), { status: 2 })
})

t.test(
  'where the disk is full, no file of --archive is there in part, nor one where another stood',
  { skip: withoutMounts() },
  async (t) => {
    const tiny = join(t.testdir({ tiny: {} }), 'tiny')
    const client = 'curl -s "$KOODRIVE_URL/koodrive/ose/v1/backup/device" > /dev/null; exit 3'
    const flags = `--archive ${tiny} --json ${tiny}/report.json`
    const script = `mount -t tmpfs -o size=64k tmpfs ${tiny} && echo kept > ${tiny}/report.json && head -c 57344 /dev/zero > ${tiny}/full
      '${process.execPath}' '${program}' exec ${flags} -- sh -c '${client}'; echo "status $?"; ls ${tiny}; cat ${tiny}/report.json`
    const run = runProcess(t, 'unshare', ['--mount', 'sh', '-c', script])
    await run.exited
    t.equal(run.stdout(), 'status 3\nfull\nreport.json\nkept\n')
    for (const what of ['archive', 'json'])
      t.match(run.stderr(), new RegExp(`: --${what} ${tiny}/\\S+ could not be written: ENOSPC`))
  },
)

t.test('runs that overlap add up in one file, and one that cannot be added says so', async (t) => {
  const folder = t.testdir()
  const [one, sum] = [join(folder, 'one.json'), join(folder, 'sum.json')]
  const coverage: CoverageView = JSON.parse(JSON.stringify(await emptyCoverage()))
  const of = (requests: number) => ({ ...coverage, requests })
  writeFileSync(one, JSON.stringify(of(1)))
  const begun = [1, 2].map(() => coverageFile('coverage-into', sum))
  for (const add of begun) await add(of(3))
  t.match(JSON.parse(readFileSync(sum, 'utf8')), { requests: 6 }, 'what was added meanwhile is not lost')
  const add = ['coverage', '--from', one, '--coverage-into', sum]
  const runs = await Promise.all([1, 2, 3, 4].map(() => runToEnd(t, add)))
  for (const run of runs) t.match(run, { code: 0, stderr: '' })
  t.match(JSON.parse(readFileSync(sum, 'utf8')), { requests: 10 })
  t.strictSame(readdirSync(folder).sort(), ['one.json', 'sum.json'])

  const impatient = coverageFile('coverage-into', sum, 1)
  writeFileSync(`${sum}.lock`, '')
  await t.rejects(impatient(of(1)), {
    message: `--coverage-into ${sum} could not be written: ${sum}.lock is there; remove it, unless another run is writing`,
  })
  rmSync(`${sum}.lock`)
  writeFileSync(sum, '{}')
  await t.rejects(impatient(of(1)), { message: /^--coverage-into .* holds no coverage/ })
  t.notOk(existsSync(`${sum}.lock`))
  rmSync(folder, { recursive: true })
  await t.rejects(impatient(of(1)), { message: /^--coverage-into .*sum\.json could not be written: ENOENT/ })
})

async function emptyCoverage(): Promise<CoverageView> {
  const emulator = await startEmulator()
  try {
    return emulator.coverage()
  } finally {
    await emulator.close()
  }
}

/** Whether of a process nothing is left, or only its status, which nobody asked for. */
function isDead(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true // not even that
  }
}

t.test('what a command leaves running is found and ended', async (t) => {
  const { path: folder, remove } = makeRunFolder()
  t.teardown(remove)
  const file = join(folder, 'json')
  const leave = (script: string) => ['--allow-silence', '--json', file, ...quiet(script, folder)]
  const gone = (name: string) => {
    const pid = Number(readFileSync(join(folder, name), 'utf8'))
    t.ok(isDead(pid), `${name} is gone`)
    return pid
  }
  const isAsleep = 'until read name < "/proc/$!/comm" && [ "$name" = sleep ]; do sleep 0.02; done'
  const run = await runExec(leave(`sleep 60 >/dev/null 2>&1 & echo $! > "$0/daemon"; ${isAsleep}; exit 4`))
  t.equal(run.status, 4)
  const pid = gone('daemon')
  t.equal(run.stderr, `koodrive-backup-emulator: the command left this running, which was ended: sleep (${pid})\n`)
  t.strictSame(JSON.parse(readFileSync(file, 'utf8')).leftBehind, [{ pid, name: 'sleep' }])

  const deaf = `setsid sh -c 'trap "" TERM; echo $$ > "$0/deaf"; while :; do sleep 0.1; done' "$0" >/dev/null 2>&1 &`
  const second = await runExec(leave(`${deaf} while [ ! -s "$0/deaf" ]; do sleep 0.02; done`))
  t.match(second, { status: 0, stderr: /which was ended: .*sh \(\d+\)/ })
  gone('deaf')

  const blind = await runExec(leave('exit 5'), { processes: '/no/such/folder' })
  t.match(blind, {
    status: 5,
    stderr: 'koodrive-backup-emulator: this system does not tell what the command left running\n',
  })
  t.equal(JSON.parse(readFileSync(file, 'utf8')).leftBehind, null)
})

t.test('a process that ends while it is looked for is none', async (t) => {
  const proc = t.testdir({ '1': { environ: 'A=1\0KOODRIVE_RUN_DIR=/run\0', comm: 'one\n' }, '2': {}, self: {} })
  t.strictSame(processesOf('/run', proc), [{ pid: 1, name: 'one' }])
  t.strictSame(processesOf('/ru', proc), [])
})

t.test('what ends by itself a moment later was not left behind', async (t) => {
  const looks = [[{ pid: 2 ** 22 + 1, name: 'brief' }], [{ pid: 2 ** 22 + 1, name: 'brief' }], []]
  t.strictSame(await endLeftBehind(() => looks.shift() ?? []), [])
  t.strictSame(looks, [])
})

t.test('what cannot be ended any more has ended', async (t) => {
  let asked = 0
  const absent = () => (++asked < 20 ? [{ pid: 2 ** 22 + 1, name: 'none' }] : [])
  await endLeftBehind(absent)
  t.ok(asked >= 20)
  let isFirst = true
  const forgetful = () => {
    if (!isFirst) return undefined
    isFirst = false
    return []
  }
  t.strictSame(await endLeftBehind(forgetful), [])
})

t.test('a folder that cannot be taken away is told', async (t) => {
  t.match(whyNotRemoved('/proc/version'), /^\/proc\/version is left behind: /)
  const { path } = makeRunFolder()
  t.equal(whyNotRemoved(path), undefined)
})

t.test('the program itself: output of any size, a terminal, and what it says of itself', async (t) => {
  const much = runProcess(t, 'sh', [
    '-c',
    '"$0" "$1" exec --allow-silence -- head -c 100000000 /dev/zero | wc -c',
    process.execPath,
    program,
  ])
  await much.exited
  t.equal(much.stdout().trim(), '100000000')
  const logging = [
    '--log-level',
    'debug',
    '--log-format',
    'json',
    '--',
    'sh',
    '-c',
    'curl -s "$KOODRIVE_CONTROL_URL" | head -c 1',
  ]
  const logged = await runToEnd(t, ['exec', '--allow-silence', ...logging])
  t.match(logged, { code: 0, stdout: '{', stderr: /^\{"level":20,/m }, 'standard output is the command’s alone')
  t.match(await runToEnd(t, ['exec', '--help'], { counted: true }), {
    code: 0,
    stdout: /exec \[flags\] \[settings\] -- COMMAND/,
  })
  t.match(await runToEnd(t, ['coverage', '--help'], { counted: true }), { code: 0, stdout: /coverage --url URL/ })
})

t.test('Ctrl-C in a terminal reaches the command once, and exec waits for what it makes of it', async (t) => {
  t.type(hasTerminal(), 'boolean')
  const client = `
    process.on('SIGINT', () => console.log('heard'))
    process.stdin.once('data', () => process.exit(7))
    console.log('ready')`
  const script = join(t.testdir({ 'client.mjs': client }), 'client.mjs')
  // A shell between them would have a say in how it ends.
  const command = [process.execPath, program, 'exec', '--allow-silence', '--', process.execPath, script]
  const run = runProcess(t, 'script', ['-qec', `exec ${command.map((word) => `'${word}'`).join(' ')}`, '/dev/null'])
  const count = (word: string) => run.stdout().split(word).length - 1
  await run.until(() => count('ready') === 1 || undefined)
  run.child.stdin.write('\x03')
  await run.until(() => count('heard') > 0 || undefined)
  run.child.stdin.write('enough\n')
  t.match(await run.exited, { code: 7 }, 'it ends when the command does, and as it does')
  t.equal(count('heard'), 1)
})

t.test('what the page on exec shows is what there is to see', async (t) => {
  const page = pageAt('docs/guides/exec.md')
  const [file = { name: '', code: '' }] = savedFiles(page)
  const folder = t.testdir({ [file.name]: file.code })
  const [command = ''] = textsOf(page.text, 'bash')
  const [, words = ''] = /koodrive-backup-emulator exec (.*)\n$/.exec(command) ?? []
  const args = words.replace('node ', `${process.execPath} `).replace(file.name, join(folder, file.name)).split(' ')
  const { status, stderr } = await runExec(args)
  t.equal(status, 1)
  t.equal(stderr, textsOf(page.text, 'text')[0])
  const [shown = ''] = textsOf(pageAt('docs/guides/coverage.md').text, 'text')
  t.match(stderr, shown)
})
