import { EventEmitter } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import t from 'tap'
import { runDirVariable } from '../../cli/variables.ts'
import { gauntletCommand } from '../../gauntlet/command.ts'
import { commandAttempt } from '../../gauntlet/command-attempt.ts'
import { readGauntletOptions } from '../../gauntlet/options.ts'
import type { GauntletList, GauntletReport } from '../../gauntlet/report-forms.ts'
import { startEmulator } from '../../src/index.ts'
import { eventually, logLines, program, runProcess, runToEnd, thereIs } from '../fixtures/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'koodrive-gauntlet-'))
t.teardown(() => rmSync(folder, { recursive: true }))

/** A client in a line: binds a device, and does what else is said. */
const client = (more = '', before = '') => [
  'sh',
  '-c',
  `${before}
call() { curl -s -m 5 -X "$1" "$KOODRIVE_URL/koodrive/ose/v1/backup$2" -H "Authorization: Bearer $KOODRIVE_TOKEN" -H 'X-User-Id: 1001' \\
  -H "X-Date: $(date -u +%Y%m%dT%H%M%SZ)" -H 'Content-Type: application/json' -d "$3" | grep -q '"code":0'; }
call POST /device '{"machineCode":"SHELL1"}' || { echo 'no device'; exit 1; }
${more}`,
]

const careful = client()
/** Takes a lock and keeps it where what comes next fails. */
const keeps =
  client(`lock=$(curl -s "$KOODRIVE_URL/koodrive/ose/v1/backup/lock" -H "Authorization: Bearer $KOODRIVE_TOKEN" -H 'X-User-Id: 1001' \\
  -H "X-Date: $(date -u +%Y%m%dT%H%M%SZ)" -H 'Content-Type: application/json' -d '{"moduleCode":"100"}' | sed 's/.*"lockId":"\\([^"]*\\)".*/\\1/')
call POST /device/SHELL1/scope '{"moduleCode":"100","scopeList":[{"localPath":"/a"}]}' || { echo 'no scope'; exit 1; }
curl -s -o /dev/null -X DELETE "$KOODRIVE_URL/koodrive/ose/v1/backup/lock" -H "Authorization: Bearer $KOODRIVE_TOKEN" -H 'X-User-Id: 1001' \\
  -H "X-Date: $(date -u +%Y%m%dT%H%M%SZ)" -H "x-backup-lock-id: $lock"`)

async function run(
  args: readonly string[],
  command: readonly string[] = careful,
  signals = new EventEmitter(),
  wallClock = Date.now,
) {
  let [printed, complained] = ['', '']
  const exits: number[] = []
  const status = await gauntletCommand([...args, '--', ...command], {
    environment: process.env,
    signals,
    print: (text) => {
      printed += text
    },
    complain: (text) => {
      complained += text
      if (text.startsWith('without mishap')) signals.emit('begun')
    },
    exit: (code) => exits.push(code),
    wallClock,
    processes: '/proc',
  })
  return { status, printed, complained, exits }
}

const only = ['--only', 'bindDevice#1:refuse-500', '--only', 'all:fields']

t.test('0: nothing goes wrong; progress on standard error, the report on standard output', async (t) => {
  const { status, printed, complained } = await run([...only, '--coverage'])
  t.equal(status, 0)
  t.match(printed, /^1 call without mishap, 2 adversities: 1 survived, 1 gave up\n\noperations that succeeded/)
  t.match(
    complained,
    /^without mishap: 1 call in \d+\.\d s; 2 adversities, about \d+ s with \d jobs?\n1\/2\nkoodrive-backup-emulator: nothing went wrong in 2 runs\n$/,
  )
})

t.test('1: something goes wrong, in every report', async (t) => {
  const path = (name: string) => join(folder, name)
  const files = ['json', 'junit', 'markdown', 'html'].flatMap((name) => [`--${name}`, path(name)])
  const wrong = [
    '--only',
    'batchAddBackupScope#1:refuse-500',
    '--only',
    'batchAddBackupScope#1:outage',
    '--only',
    'createBackupLock#1:token-expired',
  ]
  const { status, printed, complained } = await run(
    [...wrong, ...files, '--har', path('hars'), '--archive', path('worlds'), '--write-accepted', path('accepted')],
    keeps,
  )
  t.equal(status, 1)
  t.match(
    printed,
    /\n2 runs went wrong for 1 reason\n\nLEFT A MESS in 2 runs: the server (failed once|fails from now on), at batchAddBackupScope#1\n {2}the lock of module 100 was never released\n/,
  )
  t.match(printed, /see it again {3}gauntlet --only 'batchAddBackupScope#1:/)
  t.match(printed, /\n {2}\| no scope\n/)
  t.match(complained, /LEFT A MESS {2}batchAddBackupScope#1:outage\n/)
  t.match(complained, /koodrive-backup-emulator: 2 runs went wrong for 1 reason\n$/)
  const report = JSON.parse(readFileSync(path('json'), 'utf8'))
  t.match(report, { groups: [{ verdict: 'LEFT A MESS', isAccepted: false }], trials: [{}, {}, {}], isComplete: true })
  t.match(
    readFileSync(path('junit'), 'utf8'),
    /tests="3" failures="2".*<testcase classname="gauntlet.batchAddBackupScope" name="batchAddBackupScope#1:outage"><failure message="[^"]*" type="LEFT A MESS">the lock/s,
  )
  t.match(
    readFileSync(path('markdown'), 'utf8'),
    /^## 2 runs went wrong for 1 reason\n.*\n### LEFT A MESS in 2 runs.*\| batchAddBackupScope \|.* M/s,
  )
  t.match(readFileSync(path('html'), 'utf8'), /<td class="fails">LEFT A MESS/)
  t.same(readdirSync(path('hars')).sort(), ['batchAddBackupScope#1_outage.har', 'batchAddBackupScope#1_refuse-500.har'])
  const kept = ['batchAddBackupScope#1_outage.default.kwa', 'batchAddBackupScope#1_refuse-500.default.kwa']
  t.same(readdirSync(path('worlds')).sort(), kept)
  const archives = (report as GauntletReport).trials.map(({ verdict, archives }) => [verdict, archives])
  t.same(
    archives.sort(),
    [...kept.map((file) => ['LEFT A MESS', [join(path('worlds'), file)]]), [archives[2]?.[0], []]].sort(),
    'of what went well, nothing is kept',
  )
  t.match(printed, `\n  stand there    koodrive-backup-emulator --open '${join(path('worlds'), 'batchAdd')}`)
  t.match(readFileSync(path('junit'), 'utf8'), `<system-out>${join(path('worlds'), kept[0] ?? '')}\n`)
  const emulator = await startEmulator({ open: join(path('worlds'), kept[0] ?? '') })
  t.teardown(() => emulator.close())
  const requests = emulator.world('default').requests()
  t.match(requests.at(-1), { operation: 'batchAddBackupScope', status: 500 }, 'the journal is that of the run')
  const accepted = JSON.parse(readFileSync(path('accepted'), 'utf8'))
  t.match(accepted, [{ verdict: 'LEFT A MESS', because: '' }, {}])

  accepted[0].because = 'it is known'
  writeFileSync(
    path('accepted'),
    JSON.stringify([...accepted, { id: 'createBackupLock#1:token-expired', verdict: 'LIED', because: '' }]),
  )
  const again = await run(
    [...wrong, '--accept', path('accepted'), '--write-accepted', path('again'), '--junit', '-'],
    keeps,
  )
  t.equal(again.status, 0)
  t.match(again.printed, /^<\?xml.*skipped="[23]".*accepted: LEFT A MESS/s)
  t.match(JSON.parse(readFileSync(path('again'), 'utf8')), [{ because: 'it is known' }, { because: '' }])
  const one = accepted.map(({ id }: { readonly id: string }) => id)
  const part = ['--only', one[1], '--only', one[0], '--jobs', '1', '--fail-fast']
  const fast = await run([...part, '--accept', path('accepted'), '--write-accepted', '-'], keeps)
  t.match(fast, { status: 0, complained: /nothing went wrong in 2 runs/ }, 'what is known stops nothing')
  const before = JSON.parse(readFileSync(path('accepted'), 'utf8'))
  t.same(new Set(JSON.parse(fast.printed)), new Set(before), 'what was not tried stays, with its reason')
  const strict = await run([...wrong.slice(-2), '--accept', path('accepted'), '--strict'], keeps)
  t.equal(strict.status, 1)
  t.match(strict.printed, /Accepted, and did not happen any more\n {2}LIED createBackupLock#1:token-expired/)
  t.match(strict.complained, /1 accepted failure did not happen any more; take them out of the list/)
})

t.test('74: what cannot be written any more is told, and costs no other report', async (t) => {
  const place = mkdtempSync(join(folder, 'spoilt-'))
  const path = (name: string) => join(place, name)
  const flags = [
    '--har',
    path('hars'),
    '--archive',
    path('worlds'),
    '--json',
    path('reports/json'),
    '--junit',
    path('junit'),
  ]
  const spoils = `touch ${path('hars')} ${path('worlds')}; rm -rf ${path('reports')}`
  mkdirSync(path('reports'))
  const passed = await run([...only, ...flags], client(spoils))
  t.equal(passed.status, 74)
  t.match(passed.complained, `--json ${path('reports/json')} could not be written: ENOENT`)
  t.match(readFileSync(path('junit'), 'utf8'), /tests="2"/)
  mkdirSync(path('reports'))
  for (const name of ['hars', 'worlds']) rmSync(path(name))
  const failed = await run([...only, ...flags], client(`${spoils}; [ "$KOODRIVE_ADVERSITY" = none ]`))
  t.equal(failed.status, 1, 'what went wrong is worse')
  t.match(failed.complained, `--har ${path('hars')} could not be written to: ${path('hars')} is no folder\n`)
  t.match(failed.complained, `--archive ${path('worlds')} could not be written to`)
  t.match(failed.printed, /\n1 run went wrong for 1 reason\n/)
  t.match(readFileSync(path('junit'), 'utf8'), /failures="1"/)
})

t.test('2: wrong usage, in one sentence, before anything runs', async (t) => {
  writeFileSync(join(folder, 'bad'), '{}')
  writeFileSync(join(folder, 'no-json'), '{')
  writeFileSync(join(folder, 'no-verdict'), '[{"id":"a","verdict":"survived","because":""}]')
  mkdirSync(join(folder, 'taken'), { recursive: true })
  const rows: [args: string[], sentence: RegExp, command?: string[]][] = [
    [[], /what to run is missing; it stands behind --/, []],
    [['--dept', 'all'], /there is no flag --dept/],
    [['--depth', 'deep'], /--depth takes quick, usual, all, not "deep"/],
    [['--jobs', '0'], /--jobs takes a whole number from 1 to 64/],
    [['--jobs', '2', '--port', '4321'], /--jobs: with --port, runs come one after another/],
    [['--patience', 'x'], /--patience takes a whole number/],
    [['--most-calls', '0'], /--most-calls takes/],
    [['--db', '/tmp/x.db'], /--db: every run begins anew, in memory/],
    [['--park', '/tmp/park'], /gauntlet: --park: every run begins anew, with no world of another one; leave it/],
    [['--control', 'off'], /--control off leaves nothing to make go wrong/],
    [['--user', 'a b'], /--user takes 1 to 64/],
    [['--env', 'x'], /--env takes NAME=TEMPLATE/],
    [['--json', join(folder, 'none', 'x')], /--json .* cannot be written/],
    [['--json', '-', '--junit', '-'], /each report needs a file of its own/],
    [['--json', 'out', '--archive', 'out'], /each report needs a file of its own/],
    [[], /what to run is an empty text/, ['']],
    [['--har', join(folder, 'bad')], /--har .* cannot be written to/],
    [['--archive', join(folder, 'bad')], /--archive .* cannot be written to/],
    [['--accept', join(folder, 'none')], /--accept .* cannot be read/],
    [['--accept', join(folder, 'no-json')], /--accept .* cannot be read/],
    [['--accept', join(folder, 'bad')], /is no list of/],
    [['--accept', join(folder, 'no-verdict')], /has the verdict "survived"; expected one of LIED/],
    [['--scopes-per-module', 'x'], /scopes-per-module/],
  ]
  for (const [args, sentence, command] of rows) {
    const { status, printed, complained } = await run(args, command)
    t.equal(status, 2, complained)
    t.match(complained, sentence)
    t.match(complained, /^koodrive-backup-emulator: .*\n$/)
    t.equal(printed, '')
  }
  const idle: [args: string[], sentence: RegExp][] = [
    [['--only', 'nothing#1'], /gauntlet: --only nothing#1 leaves nothing to try; --list tells what there is\n$/],
    [['--only', 'nothing#1:reset+all:fields'], /--only nothing#1:reset\+all:fields leaves nothing to try/],
    [[...only, '--only', 'all:feilds'], /--only all:feilds leaves nothing to try/],
    [[...only, '--skip', 'all'], /--only all:fields leaves nothing to try/],
    [['--skip', 'all', '--skip', 'bindDevice#1'], /gauntlet: --skip leaves nothing to try; --list tells/],
  ]
  for (const [args, sentence] of idle)
    for (const flags of [args, [...args, '--list']])
      t.match(await run(flags), { status: 2, printed: '', complained: sentence })
})

t.test('3, 4, 5: no sound beginning', async (t) => {
  const fails = await run([], ['sh', '-c', 'echo so sorry; exit 7'])
  t.match(fails, {
    status: 3,
    complained: /^so sorry\nkoodrive-backup-emulator: it fails although nothing goes wrong \(exit status 7\)\n$/,
  })
  const nowhere = await run([], [join(import.meta.filename, 'x')])
  t.match(nowhere, { status: 3, complained: /cannot be run: spawn ENOTDIR\n$/ })
  t.match(await run([], ['no-such-command']), { status: 3, complained: /there is no command no-such-command\n$/ })
  const mark = join(folder, 'kept')
  const unsteady = await run([], client(`[ ! -e ${mark} ] && touch ${mark}`))
  t.match(unsteady, {
    status: 4,
    complained: /it passed once and not twice: does it keep files between runs\? Let it use \$KOODRIVE_RUN_DIR/,
  })
  t.match(await run([], ['true']), {
    status: 5,
    complained: /it never called the emulator: does it read KOODRIVE_URL\?\n$/,
  })
})

t.test(
  '--archive keeps also the world of a client that fails, or owes something, although nothing goes wrong',
  async (t) => {
    const worlds = join(folder, 'unkind')
    const keeps = (more: string) => run([...only, '--archive', worlds, '--har', worlds], client(more))
    t.match(await keeps(''), { status: 0 })
    t.notOk(existsSync(worlds), 'nothing is written where all went well')
    t.match(await keeps('exit 7'), {
      status: 3,
      complained: `koodrive-backup-emulator: to be opened with --open: ${join(worlds, 'none.default.kwa')}\n`,
    })
    t.same(readdirSync(worlds), ['none.default.kwa', 'none.har'])
    const emulator = await startEmulator({ open: join(worlds, 'none.default.kwa') })
    t.teardown(() => emulator.close())
    t.match(emulator.world('default').requests(), [{ operation: 'bindDevice', status: 200 }])
    rmSync(worlds, { recursive: true })
    const rude = `curl -s -o /dev/null "$KOODRIVE_URL/koodrive/ose/v1/backup/device" -H "Authorization: Bearer $KOODRIVE_TOKEN" -H 'X-User-Id: 1001' -H 'X-Date: 20990101T000000Z'`
    const owing = await keeps(rude)
    t.equal(owing.status, 1)
    t.match(owing.printed, `stand there    koodrive-backup-emulator --open '${join(worlds, 'none.default.kwa')}'`)
    t.match(readdirSync(worlds).slice(-2), ['none.default.kwa', 'none.har'])
  },
)

t.test('what is wrong although nothing goes wrong is seen again by its name', async (t) => {
  const forgets = client(`call POST /lock '{"moduleCode":"100"}'`)
  const { status, printed, complained } = await run(['--only', 'none'], forgets)
  t.equal(status, 1)
  t.match(printed, /^2 calls without mishap, 1 adversity: 1 RUDE\n/)
  t.match(printed, /RUDE in 1 run: nothing went wrong\n {2}the lock of module 100 was never released\n/)
  t.match(printed, /see it again {3}gauntlet --only 'none'/)
  t.match(complained, /1 run went wrong for 1 reason\n$/)
  t.equal((await run(['--only', 'none'])).status, 0)
})

t.test('--list tells the plan, --help everything', async (t) => {
  const listed = await run(['--list', '--depth', 'all', '--skip', 'all'])
  t.equal(listed.status, 0)
  t.match(listed.printed, /^bindDevice#1:throttle\tthe server asked to wait two seconds, at bindDevice#1\n/)
  t.notMatch(listed.printed, /^all:/m)
  t.match(listed.complained, /\d+ adversities, none of them tried\n$/)
  const ids = (lines: string) =>
    lines
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t')[0])
  const written = await run(['--list', '--skip', 'all', '--json', '-'])
  t.equal(written.status, 0)
  const { adversities } = JSON.parse(written.printed) as GauntletList
  const said = await run(['--list', '--skip', 'all', '--json', join(folder, 'list.json')])
  t.same(
    ids(said.printed),
    adversities.map(({ id }) => id),
    'the same to a file, beside the lines',
  )
  t.same(JSON.parse(readFileSync(join(folder, 'list.json'), 'utf8')).adversities, adversities)
  t.match(adversities[0], {
    id: 'bindDevice#1:throttle',
    class: 'transient',
    operation: 'bindDevice',
    what: 'throttle',
    says: 'the server asked to wait two seconds',
  })
  mkdirSync(join(folder, 'soon-gone'))
  const gone = await run(
    ['--list', '--json', join(folder, 'soon-gone', 'x')],
    client(`rm -rf ${join(folder, 'soon-gone')}`),
  )
  t.match(gone, { status: 74, complained: /--json .* could not be written: ENOENT/ })
  for (const told of ['--junit', '--markdown', '--html', '--har', '--archive', '--write-accepted'])
    t.match(await run(['--list', told, join(folder, 'told')]), {
      status: 2,
      complained: `gauntlet: --list tries nothing, so that ${told} has nothing to tell; it goes with --json\n`,
    })
  t.match(await run(['--list', '--coverage']), { status: 2 })
  const help = await run(['--help'])
  t.match(help, { status: 0, complained: '' })
  t.match(help.printed, /--most-calls N .*LEFT A MESS.* {2}130 /s)
  t.match(await run(['-h']), { status: 0 })
  const bare = { environment: {}, signals: new EventEmitter(), print: () => undefined, complain: () => undefined }
  t.equal(
    await gauntletCommand(['--help'], { ...bare, exit: () => undefined, wallClock: Date.now, processes: '/proc' }),
    0,
  )
  t.match(readGauntletOptions(['--patience', '5', '--most-calls', '9', '--', 'true'], {}), {
    patienceMillis: 5000,
    mostCalls: 9,
  })
  t.throws(() => readGauntletOptions(['--list'], {}), { message: /what to run is missing/ })
  t.equal(readGauntletOptions(['--port', '4321', '--', 'true'], {}).jobs, 1, 'of one port, one at a time')
})

t.test('130: interrupted; what was found so far is reported, and nothing is left running', async (t) => {
  const signals = new EventEmitter()
  const here = join(folder, 'here')
  const sleeps = `touch ${here}; exec sleep 60`
  const interrupted = run(only, client('', `[ "$KOODRIVE_ADVERSITY" = none ] || { ${sleeps}; }`), signals)
  await Promise.race([interrupted, thereIs(here)])
  signals.emit('SIGINT')
  const { status, printed, complained } = await interrupted
  t.equal(status, 130)
  t.match(printed, /^1 call without mishap, 0 adversities of 2: \n/)
  t.match(complained, /interrupted after 0 of 2: nothing went wrong in 0 runs\n$/)
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    const early = new EventEmitter()
    rmSync(here)
    const running = run(only, client('', sleeps), early)
    await Promise.race([running, thereIs(here)])
    early.emit(signal)
    t.match(await running, { status: 130, complained: /interrupted before anything went wrong\n$/ }, signal)
  }
  const twice = new EventEmitter()
  let ahead = 0
  twice.once('begun', () => {
    twice.emit('SIGINT')
    ahead = 1000
    twice.emit('SIGINT')
  })
  const { exits } = await run(only, careful, twice, () => Date.now() + ahead)
  t.same(exits, [130], 'a second wish is granted at once')
})

t.test('the log of the emulators is on standard error, where no report is', async (t) => {
  const flags = ['--log-level', 'info', '--log-format', 'json', '--json', '-']
  const { code, stdout, stderr } = await runToEnd(t, ['gauntlet', ...only, ...flags, '--', ...careful])
  t.equal(code, 0)
  t.match(JSON.parse(stdout), { trials: [{}, {}], planned: 2 })
  t.ok(logLines(stderr).some(({ operation }) => operation === 'bindDevice'))
})

t.test('Ctrl-C in a terminal ends the client and the emulators, and what was found so far is reported', async (t) => {
  const span = `986${`${Date.now()}`.slice(-4)}`
  const acts = `case $KOODRIVE_ADVERSITY in
    all:fields) echo spoilt; exit 1 ;;
    all:far-future) sleep ${span} & wait ;;
  esac`
  const flags = ['--only', 'all:fields', '--only', 'all:far-future', '--jobs', '1', '--patience', '300']
  const command = [process.execPath, program, 'gauntlet', ...flags, '--', ...client(acts)]
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const terminal = runProcess(t, 'script', ['-qec', `exec ${quoted}`, '/dev/null'])
  await Promise.race([terminal.exited, eventually(() => processesSleeping(span).length === 1)])
  terminal.child.stdin.write('\x03')
  t.match(await terminal.exited, { code: 130 })
  t.match(terminal.stdout(), /BROKE in 1 run: .*\n {2}spoilt\r\n/s)
  t.match(terminal.stdout(), /interrupted after 1 of 2: 1 run went wrong for 1 reason\r\n$/)
  t.same(processesSleeping(span), [])
})

t.test('a token is in no report, whatever the client says and stores', async (t) => {
  const token = 'cAnaryT0kenQ7vXw2LzR9'
  const path = (name: string) => join(folder, `secret-${name}`)
  const forms = ['json', 'junit', 'markdown', 'html', 'har']
  const files = forms.flatMap((name) => [`--${name}`, path(name)])
  const tells = (more: string) => client(`echo "as $KOODRIVE_TOKEN"; ${more}`, `KOODRIVE_TOKEN=${token}`)
  const stores = `name=$([ "$KOODRIVE_ADVERSITY" = none ] && echo /a || echo "/$KOODRIVE_TOKEN")
call POST "/device/SHELL1/scope?token=$KOODRIVE_TOKEN" "{\\"moduleCode\\":\\"100\\",\\"scopeList\\":[{\\"localPath\\":\\"$name\\"}]}"
[ "$KOODRIVE_ADVERSITY" != all:cursors ] || { echo "curl -H 'Authorization: Bearer $KOODRIVE_TOKEN'"; exit 1; }`
  const wrong = ['--only', 'all:fields', '--only', 'all:cursors']
  const { status, printed, complained } = await run([...wrong, ...files], tells(stores))
  t.equal(status, 1)
  t.match(printed, /BROKE in 1 run.*\n {2}curl -H 'Authorization: Bearer sha256:[0-9a-f]{12}'\n/s)
  t.match(printed, /instead: scope .*localPath=\/sha256:[0-9a-f]{12} /)
  const fails = await run(wrong, tells('exit 3'))
  t.match(fails, { status: 3, complained: /^as sha256:[0-9a-f]{12}\n/ })
  const archives = readdirSync(path('har')).map((name) => join(path('har'), name))
  t.equal(archives.length, 2)
  const reports = [...forms.slice(0, 4).map(path), ...archives].map((name) => readFileSync(name, 'utf8'))
  for (const text of [printed, complained, fails.complained, ...reports]) {
    t.ok(text.length > 100 || text === fails.complained)
    t.notMatch(text, token)
  }
})

t.test('what a command leaves behind is ended, and what it says is kept to its end', async (t) => {
  const marker = `${Date.now()}`
  const leaves = client(
    `sleep 987${marker.slice(-4)} & head -c 100000 /dev/zero | tr '\\0' x; echo; echo last words; [ "$KOODRIVE_ADVERSITY" = none ]`,
  )
  const json = join(folder, 'long')
  const { status } = await run(['--only', 'all:fields', '--json', json], leaves)
  t.equal(status, 1)
  const [trial] = JSON.parse(readFileSync(json, 'utf8')).trials
  t.equal(trial.output.length, 16_384)
  t.match(trial, { verdict: 'BROKE', why: ['last words'] })
  t.same(processesSleeping(`987${marker.slice(-4)}`), [])
})

/** Commands that sleep for so long. */
function processesSleeping(span: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')]
      } catch {
        return []
      }
    })
    .filter((line) => line === `sleep\0${span}\0`)
}

t.test('the command knows where it is, and what befalls it', async (t) => {
  const seen = join(folder, 'seen')
  const tells = client(
    `curl -s -o /dev/null -w '%{http_code} ' -H "Authorization: Bearer $KOODRIVE_CONTROL_TOKEN" "$KOODRIVE_CONTROL_URL" >> ${seen}; echo "$KOODRIVE_ADVERSITY $OWN $(ls -A "$${runDirVariable}" | wc -l)" >> ${seen}; touch "$${runDirVariable}/file"`,
  )
  writeFileSync(join(folder, 'tokens'), 'a-token-of-the-team')
  const { status } = await run(
    [
      '--control-token-file',
      join(folder, 'tokens'),
      '--only',
      'all:fields',
      '--jobs',
      '1',
      '--env',
      'OWN={user} {adversity}',
      '--user',
      '7',
    ],
    tells,
  )
  t.equal(status, 0)
  const lines = readFileSync(seen, 'utf8').trim().split('\n')
  t.same(lines, ['200 none 7 none 0', '200 none 7 none 0', '200 all:fields 1001 all:fields 0'])
})

t.test('70: a failure of its own is told as one', async (t) => {
  const status = await failing(t)
  t.equal(status, 70)
})

async function failing(t: Test): Promise<number> {
  let told = ''
  const status = await gauntletCommand([...only, '--', ...careful], {
    environment: process.env,
    signals: new EventEmitter(),
    print: () => {
      throw new Error('no paper')
    },
    complain: (text) => {
      told += text
    },
    exit: () => undefined,
    wallClock: Date.now,
    processes: '/proc',
  })
  t.match(told, /gauntlet could not come to its end: no paper\n$/)
  return status
}

t.test('a command that is begun when all is over is ended at once', async (t) => {
  const attempt = commandAttempt(['sleep', '60'], { templates: [], inherited: process.env, processes: '/proc' })
  const place = {
    url: '',
    token: '',
    user: '',
    control: '',
    controlToken: undefined,
    runDir: folder,
    adversity: 'none',
  }
  t.match(await attempt({ ...place, signal: AbortSignal.abort() }), { status: 143, output: '' })
})

t.test(
  'the last words of a command are heard, also where it ends before they are read, and who hides does not hold it up',
  async (t) => {
    const options = { templates: [], inherited: process.env, processes: '/proc' }
    const { signal } = new AbortController()
    const place = {
      url: '',
      token: '',
      user: '',
      control: '',
      controlToken: '',
      runDir: folder,
      adversity: 'none',
      signal,
    }
    const words = `${'x'.repeat(9999)}\n`
    const many = commandAttempt(['sh', '-c', 'head -c 9999 /dev/zero | tr "\\0" x; echo; exit 3'], options)
    const ends = await Promise.all(Array.from({ length: 12 }, () => many(place)))
    for (const end of ends) t.same(end, { status: 3, output: words })
    const isAsleep = 'until read name < "/proc/$!/comm" && [ "$name" = sleep ]; do sleep 0.02; done'
    const hides = commandAttempt(['sh', '-c', `env -i sleep 60 & ${isAsleep}; echo $!`], options)
    const { status, output } = await hides(place)
    t.equal(status, 0)
    const pid = Number(output)
    t.ok(pid > 0 && process.kill(pid), 'it is there still, and nobody waits for it')
  },
)
