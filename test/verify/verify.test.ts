import { EventEmitter, once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Type } from '@sinclair/typebox'
import type { Test } from 'tap'
import t from 'tap'
import type { OperationId } from '../../schemas/index.ts'
import type { Seed } from '../../schemas/seed.ts'
import type { StatementId } from '../../schemas/statements.ts'
import { statements } from '../../schemas/statements.ts'
import { RequestTarget } from '../../src/http/request-target.ts'
import { startEmulator } from '../../src/index.ts'
import type { Check } from '../../verify/check.ts'
import { authorizationOf } from '../../verify/credentials.ts'
import { curlLine } from '../../verify/curl.ts'
import { diffOf } from '../../verify/diff.ts'
import type { Evidence } from '../../verify/evidence.ts'
import { withoutSecrets } from '../../verify/evidence.ts'
import { exits } from '../../verify/exits.ts'
import { defectOf, expect, succeeded } from '../../verify/expect.ts'
import { Departure, TargetLost, Unobservable } from '../../verify/failures.ts'
import { runMachine } from '../../verify/machine/index.ts'
import type { MachineReport } from '../../verify/machine/report.ts'
import type { RunMachine } from '../../verify/machine-phase.ts'
import { flags } from '../../verify/options.ts'
import type { FactReport, Report } from '../../verify/report.ts'
import { runSuite } from '../../verify/run.ts'
import { openSession } from '../../verify/session.ts'
import { suite } from '../../verify/suite/index.ts'
import { emulatorFor, exampleUser } from '../fixtures/emulator.ts'
import { onPosix, program, runProcess, runToEnd } from '../fixtures/process.ts'
import { closedPort, curl } from '../fixtures/wire.ts'
import type { Json, Serve } from './fixtures/mutant.ts'
import { serveMutants, answering as spoiling } from './fixtures/mutant.ts'
import { answering, canary, check, machinePassing, runVerify, serve, wellFormed } from './fixtures/verifying.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url))
const key = readFileSync(fixture('key.pem'))
const secure = (name: string) => ({ key, cert: readFileSync(fixture(name)) })

async function emulator(t: Test, options: Parameters<typeof startEmulator>[0] = {}) {
  const started = await startEmulator({ devices: 'strict', ...options })
  t.teardown(() => started.close())
  return started
}

const asked = (url: string, ...more: string[]): string[] => ['--target', url, '--user', '1001', ...more]

const oneSentence = /^koodrive-backup-emulator: [^\n]+\n$/

/** Runs the kit's command to an end before or behind the suite, and holds it against its one sentence. */
async function ends(t: Test, args: readonly string[], name: keyof typeof exits, sentence: RegExp) {
  const { status, stdout, stderr } = await runVerify(args)
  t.equal(status, exits[name].status, `${name}: ${stderr}`)
  t.match(stderr, oneSentence)
  t.match(stderr, sentence)
  t.equal(stdout, '')
}

const factOf = (report: Report, id: string): FactReport | undefined => report.facts.find((fact) => fact.id === id)

t.test('wrong usage is told in a sentence, and nothing is sent', async (t) => {
  let requests = 0
  const url = await serve(t, (_, response) => {
    requests += 1
    response.end()
  })
  const folder = t.testdir({ 'no.json': 'no', 'other.json': '{"facts":[]}', 'no.pem': 'no', folder: {} })
  const wrong: [string[], RegExp][] = [
    [[], /--target is missing/],
    [['--target', url, '--'], /--user is missing/],
    [['--target'], /--target needs a value: URL/],
    [['--target', '--user', '1001'], /--target needs a value: URL/],
    [['--nonsense'], /there is no flag --nonsense; --help lists them/],
    [['--read-only=yes'], /--read-only takes no value/],
    [['more'], /"more" belongs to no flag/],
    [asked('ftp://x'), /--target takes an address such as/],
    [asked('http://'), /--target takes an address such as/],
    [asked('http://me:pw@host'), /without a user, a query and a fragment/],
    [asked('http://host?x'), /without a user/],
    [['--target', url, '--user', 'a b'], /--user takes visible ASCII/],
    [asked(url, '--token', 'x', '--app-id', 'a'), /exclude each other/],
    [asked(url, '--app-secret', 'b'), /the app id is missing/],
    [asked(url, '--app-id', 'b'), /the app secret is missing/],
    [asked(url, '--app-id', 'a,b', '--app-secret', 'c'), /the app id cannot be sent/],
    [asked(url, '--token', 'a b'), /the token cannot be sent/],
    [asked(url, '--seed', 'x'), /--seed takes a whole number from 0 to 2147483647/],
    [asked(url, '--clients', '0'), /--clients takes a whole number from 1/],
    [asked(url, '--timeout', '-1'), /--timeout/],
    [asked(url, '--json', 'x', '--junit', './x'), /each report needs a file of its own/],
    [asked(url, '--json', '-', '--diff', 'x'), /--diff prints to standard output/],
    [asked(url, '--json', `${folder}/none/x.json`), /--json .*none\/x.json cannot be written: ENOENT/],
    [asked(url, '--junit', `${folder}/folder`), /cannot be written: it is no file/],
    [asked(url, '--ca', '/dev/zero'), /--ca .* cannot be used: it has more than 16777216 bytes/],
    [asked(url, '--diff', `${folder}/none.json`), /--diff .* cannot be read: ENOENT/],
    [asked(url, '--diff', `${folder}/no.json`), /--diff .* cannot be read: it holds no JSON/],
    [asked(url, '--diff', `${folder}/other.json`), /--diff .* holds no report/],
    [asked(url, '--ca', `${folder}/no.pem`), /--ca .* holds no certificate/],
  ]
  for (const [args, sentence] of wrong) await ends(t, args, 'usage', sentence)
  const without = { environment: { KOODRIVE_TOKEN: '' } }
  t.match(await runVerify(asked(url), without), { status: 2, stderr: /credentials are missing: set KOODRIVE_TOKEN/ })
  t.match(await runVerify(asked(url), { environment: { KOODRIVE_APP_ID: 'a' } }), { status: 2, stderr: /exclude/ })
  t.equal(requests, 0)
  t.strictSame(readdirSync(folder).length, 4, 'and nothing is written')
})

t.test('--help names every flag and every exit status', async (t) => {
  const { status, stdout, stderr } = await runVerify(['--target', '--help'])
  t.strictSame([status, stderr], [0, ''])
  for (const flag of Object.keys(flags)) t.ok(stdout.includes(`  --${flag}`), flag)
  for (const { status } of Object.values(exits)) t.match(stdout, new RegExp(`^  ${status} +\\w`, 'm'))
  t.match(stdout, 'KOODRIVE_APP_SECRET')
  t.match(await runToEnd(t, ['verify', '--help'], { counted: true }), { code: 0, stdout, stderr: '' })
})

t.test('what cannot be reached is told from what cannot be trusted', async (t) => {
  const refusing = await closedPort()
  await ends(t, asked(`http://127.0.0.1:${refusing}`), 'unreachable', /nothing listens there.*ECONNREFUSED/)
  await ends(t, asked('http://name.invalid'), 'unreachable', /cannot be reached: .*(EAI_AGAIN|ENOTFOUND)/)
  const silent = await serve(t, () => {})
  await ends(t, asked(silent, '--timeout', '1'), 'unreachable', /no answer within 1 seconds.*--timeout/)
  const cutting = await serve(t, ({ socket }) => void socket.destroy())
  await ends(t, asked(cutting), 'unreachable', /cannot be reached: socket hang up/)

  const plain = await answering(t, 200, { data: [], code: 0, msg: 'success' })
  await ends(t, asked(plain.replace('http:', 'https:')), 'insecure', /speaks no TLS; write http:/)
  const listener = (_: unknown, response: { end(): void }) => response.end()
  const own = await serve(t, listener, secure('cert.pem'))
  await ends(t, asked(own), 'insecure', /nobody trusted here has signed; .*--ca or NODE_EXTRA_CA_CERTS/)
  for (const host of ['127.0.0.1', 'localhost'])
    await ends(t, asked(own.replace('https://127.0.0.1', `http://${host}`)), 'insecure', /speaks TLS; write https:/)
  await ends(t, asked(own, '--ca', fixture('cert.pem')), 'foreign', /HTTP 200 without JSON/)
  const old = await serve(t, listener, secure('expired.pem'))
  await ends(t, asked(old, '--ca', fixture('expired.pem')), 'insecure', /has expired; renew it/)
  const other = await serve(t, listener, secure('other-name.pem'))
  await ends(t, asked(other, '--ca', fixture('other-name.pem')), 'insecure', /certificate for another name/)
  const strict = await serve(t, listener, { ...secure('cert.pem'), requestCert: true, ca: secure('cert.pem').cert })
  await ends(t, asked(strict, '--ca', fixture('cert.pem')), 'insecure', /makes no secure connection/)
})

t.test('what answers but is not this API is named, a gateway included', async (t) => {
  const foreign: [Promise<string>, RegExp][] = [
    [answering(t, 200, '<!doctype html>', { 'content-type': 'text/html' }), /HTTP 200 with a page of HTML/],
    [
      answering(t, 302, '', { location: 'https://login.example/?secret=1' }),
      /a redirect to https:\/\/login.example\/;/,
    ],
    [answering(t, 200, { hello: 'world' }), /HTTP 200 {"hello":"world"}; --target is what stands before/],
    [answering(t, 404, { code: 13000101, msg: 'Bad Request' }), /is not this API: it answers HTTP 404/],
    [answering(t, 500, { code: 0 }), /is not this API/],
    [answering(t, 404, { error_code: 'APIGW.0101', error_msg: 'no' }), /a gateway in front .*APIGW.0101/],
  ]
  for (const [url, sentence] of foreign) await ends(t, asked(await url), 'foreign', sentence)
  const other = createServer((socket) => void socket.on('error', () => {}).end('hello\r\n')).listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' ? address?.port : 0
  await ends(t, asked(`http://127.0.0.1:${port}`), 'foreign', /speaks no HTTP/)
})

t.test('who is not authorized is told so, by the API, by a gateway and by the space', async (t) => {
  const refusals: [number, unknown][] = [
    [401, { code: 13990401, msg: 'Authentication failed.' }],
    [403, '<html>'],
    [400, { code: 13000410, msg: 'no permission' }],
    [401, { error_code: 'APIGW.0301', error_msg: `bad ${canary}` }],
  ]
  for (const [status, body] of refusals) {
    const url = await answering(t, status, body)
    await ends(t, asked(url), 'unauthorized', /not accept the(se)? credentials/)
  }
  const known = await emulator(t, { auth: 'known' })
  await ends(t, asked(known.url), 'unauthorized', /HTTP 401 .*13990401/)
})

t.test('an address may have a prefix, and may end with the base path already', async (t) => {
  const { url, world } = await emulator(t)
  for (const path of ['', '/', '/worlds/w1', '/worlds/w1/koodrive/ose/v1/backup/']) {
    const { status, stdout } = await runVerify(asked(`${url}${path}`))
    t.equal(status, 0)
    t.match(stdout, `verified ${url}${path.includes('w1') ? '/worlds/w1' : ''} for user 1001`)
  }
  t.match(world('w1').requests()[0], { operation: 'listBoundDevice', status: 200 })
  const methods = new Set(
    world('default')
      .requests()
      .map(({ method }) => method),
  )
  t.same([...methods], ['GET'], 'the probe only reads')
})

t.test('a clock that differs from the target’s refuses nothing', async (t) => {
  const { url, world } = await emulator(t)
  world('default').clock.set({ skew: 'PT3H' })
  const found = await runVerify(asked(url), {
    checks: [
      check('DEV-3', async ({ target }) => {
        succeeded('listBoundDevice', await target.call('listBoundDevice'))
      }),
    ],
  })
  t.match(found, { status: 0, stdout: /passed +DEV-3/ })
  const there = new Date('2031-01-01T00:00:00Z').toUTCString()
  const strict = await serve(t, ({ headers }, response) => {
    response.setHeader('date', there)
    const isRight = headers['x-date'] === '20310101T000000Z'
    response.writeHead(isRight ? 200 : 401).end('{"data":[],"code":0,"msg":"success"}')
  })
  t.match(
    await runVerify(asked(strict), { wallClock: () => 0 }),
    { status: 0 },
    'also where that is taken for a stranger',
  )
})

t.test('COM-15 COM-16: an app signs in place of a token', async (t) => {
  const { url, world } = await emulator(t, { auth: 'known' })
  world('default').registerApp({ appId: 'app', appSecret: canary })
  const environment = { KOODRIVE_TOKEN: '', KOODRIVE_APP_ID: 'app', KOODRIVE_APP_SECRET: canary }
  const departing = check('DEV-1', async (workbench) => {
    await workbench.device()
    throw new Departure(`not ${canary}`)
  })
  const { status, stdout } = await runVerify(asked(url), { environment, checks: [departing] })
  t.equal(status, 1)
  t.match(stdout, /AppId=app,.*Signature=\*\*\*/)
  t.notMatch(stdout, canary)
  const mixed = ['--app-id', 'app']
  t.match(await runVerify(asked(url, ...mixed), { environment: { KOODRIVE_APP_SECRET: canary } }), { status: 0 })
  t.match(await runVerify(asked(url, '--token', 'unknown'), { environment }), { status: 6 }, 'flags win')
  t.match(
    authorizationOf(
      { appId: 'a', appSecret: 'b' },
      { method: 'GET', target: new RequestTarget('/'), headers: {}, body: '' },
    ),
    /AppId=a,/,
  )
})

t.test('what is long is cut in the text for people, between whole characters', async (t) => {
  const { url } = await emulator(t)
  const wordy = check('DEV-1', async ({ call, device }) => {
    const body = { moduleCode: '102', scopeList: [{ localPath: `/a${'😀'.repeat(600)}` }] }
    const { json } = await call('batchAddBackupScope', { params: { deviceId: await device() }, body })
    expect(json === undefined, `not ${JSON.stringify(json)}`)
  })
  const { stdout } = await runVerify(asked(url), { checks: [wordy] })
  const lines = stdout.slice(stdout.indexOf('DEV-1 failed')).split('\n').slice(1, 4)
  t.match(lines, [/^ {2}not \{/, /^ {2}curl /, /^ {2}HTTP 200 /])
  for (const line of lines) {
    t.match(line, /… \(1\d\d\d characters; --json FILE has more\)$/)
    t.ok(line.length < 1100 && line.isWellFormed())
  }
})

t.test('results are those of the standing, and only documented facts decide', async (t) => {
  const { url } = await emulator(t)
  const credentials = { token: canary }
  const holds = async () => {}
  const departs = async () => expect(false, 'it is otherwise')
  const hidden = async () => {
    throw new Unobservable('nobody sees it')
  }
  const report = await runSuite({
    url,
    userId: '1001',
    credentials,
    unobservable: { 'COM-17': 'there may be none' },
    checks: [
      check('DEV-1', holds),
      check('DEV-1', hidden),
      check('DEV-1', departs, { standing: 'inferred' }),
      check('DEV-2', hidden),
      check('COM-10', holds),
      check('DEC-1', departs),
      check('DEC-2', departs, { slow: true }),
    ],
  })
  const results = report.facts.filter(({ id }) => /^(DEV-[12]|COM-1[07]|DEC-[12])$/.test(id))
  t.same(
    results.map(({ id, standing, result, reason }) => [id, standing, result, reason]),
    [
      ['COM-10', 'inferred', 'agrees', undefined],
      ['COM-17', 'documented', 'not observable', 'there may be none'],
      ['DEV-1', 'documented', 'passed', undefined],
      ['DEV-1', 'inferred', 'differs', 'it is otherwise'],
      ['DEV-2', 'documented', 'not observable', 'nobody sees it'],
      ['DEC-1', 'assumed', 'differs', 'it is otherwise'],
      ['DEC-2', 'assumed', 'not observable', 'it needs minutes: give --slow'],
    ],
  )
  t.same(new Set(report.facts.map(({ id }) => id)), new Set(Object.keys(statements)), 'every statement is there')
  t.same(report.summary, {
    conforms: true,
    passed: 1,
    failed: 0,
    agrees: 1,
    differs: 2,
    notObservable: Object.keys(statements).length + 1 - 4,
  })
  const failing = await runSuite({
    url,
    userId: '1001',
    credentials,
    checks: [check('DEV-1', holds), check('DEV-1', departs)],
  })
  t.match(factOf(failing, 'DEV-1'), { result: 'failed', checks: [{ result: 'passed' }, { result: 'failed' }] })
  t.equal(failing.summary.conforms, false)
})

t.test('--read-only and --slow choose the checks', async (t) => {
  const { url } = await emulator(t)
  const made: string[] = []
  const note = (id: 'DEV-1' | 'DEV-2' | 'DEV-3', more: object) => check(id, async () => void made.push(id), more)
  const checks = [note('DEV-1', {}), note('DEV-2', { readOnly: true }), note('DEV-3', { readOnly: true, slow: true })]
  const machines: string[] = []
  const runMachine: typeof machinePassing = (options) => {
    machines.push(`${options.clients}`)
    return machinePassing(options)
  }
  const { stdout } = await runVerify(asked(url, '--read-only'), { checks, runMachine })
  t.match(stdout, /not observable +DEV-1 +--read-only: it would change something/)
  t.match(stdout, /State machine\n {2}not run/)
  t.same([made.splice(0), machines.splice(0)], [['DEV-2'], []])
  await runVerify(asked(url, '--slow', '--runs', '0'), { checks, runMachine })
  t.same([made.splice(0), machines.splice(0)], [['DEV-1', 'DEV-2', 'DEV-3'], []])
  await runVerify(asked(url), { checks, runMachine })
  t.same(
    [made, machines],
    [
      ['DEV-1', 'DEV-2'],
      ['1', '3'],
    ],
  )
  await runVerify(asked(url, '--clients', '1'), { runMachine })
  t.same(machines, ['1', '3', '1'])
})

t.test('what only a part of the checks could see is said to be seen in part', async (t) => {
  const { url } = await emulator(t)
  const checks = [
    check('LOC-1', async () => {}),
    check('LOC-1', async () => {}, { slow: true }),
    check('LOC-2', async () => {}),
  ]
  const { stdout } = await runVerify(asked(url), { checks })
  t.match(stdout, /passed +LOC-1 .* \(in part; it needs minutes: give --slow\)\n/)
  t.match(stdout, /passed +LOC-2 [^(]*\n/)
})

t.test('a body is not cut through a character', async (t) => {
  const body = `${'a'.repeat(4095)}${'\u{1f600}'.repeat(10)}`
  const evidence = withoutSecrets(exchange({ request: { body }, response: { error: body } }), [])
  t.ok(JSON.stringify(evidence).isWellFormed() && !/\\ud83d/i.test(JSON.stringify(evidence)))
  t.match(evidence.request.body, /\ufffd… \(4115 characters\)$/)
})

t.test('what a check makes is gone when it ends, however that is', async (t) => {
  const { url, world } = await emulator(t)
  const makes = async (workbench: Parameters<Parameters<typeof check>[1]>[0]) => {
    const device = await workbench.device()
    await workbench.locked('101', () =>
      workbench.locked('100', async (lockId) => {
        await workbench.record(lockId, '100', device)
        throw new Departure('no')
      }),
    )
  }
  const { status, stdout } = await runVerify(asked(url), { checks: [check('REC-1', makes)] })
  t.equal(status, 1)
  const { users = {} } = world('default').state()
  const { devices = [], records = [] } = users['1001'] ?? {}
  t.same([devices.filter(({ unbound }) => !unbound), records], [[], []])
  t.match(stdout, /-X POST 'http[^']*\/record'/, 'what shows it is the last request before the lock was released')
  t.notMatch(stdout, /Left behind/)
})

t.test('what cannot be taken away is told', async (t) => {
  const { url, world } = await emulator(t)
  const faults = world('default').faults
  const breaks = check('DEV-1', async (workbench) => {
    await workbench.device()
    faults.add({ operations: ['unbindDevice'], effect: { type: 'refuse', error: 'internal' } })
  })
  const file = `${t.testdir()}/report.json`
  const { status, stdout, stderr } = await runVerify(asked(url, '--json', file), { checks: [breaks] })
  t.equal(status, 0)
  t.match(stdout, /Left behind at the server\n {2}.*\d+ is still bound: HTTP 500/)
  t.match(stderr, /conforms: .*; left there: /)
  t.match(JSON.parse(readFileSync(file, 'utf8')).leftBehind, [/is still bound/])
})

t.test('a connection that breaks once is tried again; one that always breaks is a departure', async (t) => {
  const { url, world } = await emulator(t)
  world('default').faults.add({ operations: ['createBackupLock'], when: { first: 1 }, effect: { type: 'reset' } })
  const locks = check('LOC-1', (workbench) => workbench.locked('100', async () => {}))
  t.match(await runVerify(asked(url), { checks: [locks] }), { status: 0, stdout: /passed +LOC-1/ })
  world('default').faults.add({ operations: ['createBackupLock'], effect: { type: 'reset' } })
  const { status, stdout } = await runVerify(asked(url), { checks: [locks] })
  t.equal(status, 1)
  t.match(stdout, /LOC-1 failed: about LOC-1\n {2}no answer came: .*\n {2}curl .*\/lock' .*\n {2}no answer: /)
})

t.test('a server that goes away ends the run, with a report', async (t) => {
  let answers = 1
  const url = await serve(t, ({ socket }, response) => {
    answers -= 1
    if (answers < 0) socket.destroy()
    else response.end('{"data":[],"code":0,"msg":"success"}')
  })
  const checks = [check('DEV-1', async (workbench) => void (await workbench.device())), check('DEV-2', async () => {})]
  const file = `${t.testdir()}/report.json`
  const { status, stderr } = await runVerify(asked(url, '--json', file), { checks })
  t.equal(status, 3)
  t.match(stderr, oneSentence)
  t.match(stderr, /was lost on the way/)
  const report: Report = JSON.parse(readFileSync(file, 'utf8'))
  t.match(report, { ended: 'unreachable' })
  t.match(factOf(report, 'DEV-2'), { result: 'not observable', reason: 'the run was cut off before' })
  t.same(report.stateMachine, [])
})

/** What the emulator holds of a run, in the words in which a report says what is left behind. */
function heldBy({ users = {} }: Seed): string[] {
  return Object.entries(users)
    .filter(([userId]) => userId !== exampleUser)
    .flatMap(([, { devices = [], records = [], locks = [] }]) => [
      ...devices.filter(({ unbound }) => !unbound).map(({ deviceId }) => `deviceId ${deviceId}`),
      ...records.map(({ recordId }) => `recordId ${recordId}`),
      ...locks.map(({ moduleCode }) => `lock of module ${moduleCode}`),
    ])
    .sort()
}

const lockWords = /^(?:lockId \S+@|a lock of module )(\d+) may be held: .*; a lock ends by itself ten minutes after/

/** The same of a report's own list. */
const leftIn = ({ leftBehind }: Report): string[] =>
  leftBehind
    .map((sentence) => {
      const [, moduleCode] = lockWords.exec(sentence) ?? []
      return moduleCode ? `lock of module ${moduleCode}` : sentence.replace(/ is still (bound|there): .*$/s, '')
    })
    .sort()

const unbind = ['unbindDevice']
const lossOf = (operation: string, when?: object) => ({
  operations: [operation],
  effect: { type: 'loseAnswer' },
  ...(when && { when }),
})

/** What goes wrong while a run tidies up, and how much of what it made stays. */
const troubles: Readonly<Record<string, readonly [faults: object[], atLeast: number, machine?: true]>> = {
  'every unbinding is throttled': [[{ operations: unbind, effect: { type: 'throttle' } }], 50, true],
  'every fifth binding loses its answer': [[lossOf('bindDevice', { every: 5 })], 0, true],
  'the first unbindings are throttled': [[{ operations: unbind, effect: { type: 'throttle' }, when: { first: 2 } }], 0],
  'a gateway answers for unbinding': [[{ operations: unbind, effect: { type: 'gateway', code: 'APIGW.0308' } }], 5],
  'unbinding is refused as forbidden': [[{ operations: unbind, effect: { type: 'refuse', status: 403, code: 1 } }], 5],
  'every other unbinding loses its answer': [[lossOf('unbindDevice', { every: 2 })], 0],
  'every other record loses its answer': [[lossOf('createBackupRecord', { every: 2 })], 0],
  'no record is deleted': [[{ operations: ['deleteBackupRecord'], effect: { type: 'throttle' } }], 2],
  'no record is viewed': [[{ operations: ['getBackupRecord'], effect: { type: 'throttle' } }], 0],
  'every other deletion loses its answer': [[lossOf('deleteBackupRecord', { every: 2 })], 0],
  'every third lock loses its answer': [[lossOf('createBackupLock', { every: 3 })], 1],
  'no lock is released': [[{ operations: ['releaseBackupLock'], effect: { type: 'throttle' } }], 1],
}

for (const [words, [faults, atLeast, machine]] of Object.entries(troubles)) {
  t.test(`where ${words}, what is left behind is what is there`, async (t) => {
    const { url, world } = await emulator(t)
    for (const fault of faults)
      world('default').faults.add(fault as Parameters<ReturnType<typeof world>['faults']['add']>[0])
    const checks = machine ? suite : suite.filter(({ id }) => /^(DEV-2|LOC-3|REC-[26]|CFG-2)$/.test(id))
    const file = `${t.testdir()}/report.json`
    const waits: number[] = []
    const rest = async (millis: number) => void waits.push(millis)
    const args = asked(url, '--json', file, '--runs', '3', '--seed', '1')
    const { status, stderr } = await runVerify(args, { checks, rest, ...(machine && { runMachine }) })
    t.ok(status <= 1, stderr)
    const report: Report = JSON.parse(readFileSync(file, 'utf8'))
    t.same(leftIn(report), heldBy(world('default').state()))
    t.ok(report.leftBehind.length >= atLeast, `${report.leftBehind.length}`)
    t.same(report.defects, [])
    t.ok(waits.every((millis) => millis === 1000) && waits.length <= 360, 'it waits as it is told, and not for ever')
  })
}

t.test('a lock whose release was never answered may be held, and is said to be', async (t) => {
  const { url, world } = await emulator(t)
  world('default').faults.add(lossOf('releaseBackupLock') as never)
  const locks = check('LOC-1', (workbench) => workbench.locked('100', async () => {}))
  const { stdout } = await runVerify(asked(url, '--runs', '0'), { checks: [locks] })
  t.match(
    stdout,
    /Left behind at the server\n {2}lockId \S+@100 may be held: .*; a lock ends by itself ten minutes .*\n\n/,
  )
})

t.test('what cannot be read is not known to be gone', async (t) => {
  const { url, world } = await emulator(t)
  const { faults } = world('default')
  const breaks = check('DEV-1', async (workbench) => {
    const deviceId = await workbench.device()
    const hidden = ['listBoundDevice', 'getBackupRecord', 'listBackupRecord', 'listConfigInfos']
    await workbench.locked('100', (lockId) => workbench.record(lockId, '100', deviceId))
    const [user, isUndone] = [workbench.target.userId, false]
    workbench.ledger.owe({ kind: 'config', user, deviceId, moduleCode: '100', configName: 'c', value: 'v', isUndone })
    faults.add({ operations: hidden, effect: { type: 'refuse', error: 'invalid' } })
  })
  const { stdout } = await runVerify(asked(url, '--runs', '0'), { checks: [breaks] })
  t.match(stdout, /deviceId \d+ may be bound: the list of devices was answered HTTP 400 /)
  t.match(stdout, /recordId \d+ may be there: the list of records was answered HTTP 400 /)
  t.match(stdout, /c of deviceId \d+ may be changed: the list of configurations was answered HTTP 400 /)
})

t.test('a device that is bound only after its answer was given up is found in the end', async (t) => {
  const { url, world } = await emulator(t)
  const held = () => heldBy(world('default').state())
  world('default').faults.add({ operations: ['bindDevice'], when: { first: 1 }, effect: { type: 'reset' } })
  const binds = check('DEV-1', async ({ device }) => void (await device()))
  const arrives = check('DEV-2', async ({ target }) => {
    t.same(held(), [])
    const [{ requestBody } = { requestBody: null }] = world('default').requests({ operation: 'bindDevice' })
    await target.call('bindDevice', { body: requestBody })
    t.equal(held().length, 1)
  })
  const { stdout } = await runVerify(asked(url, '--runs', '0'), { checks: [binds, arrives] })
  t.notMatch(stdout, /Left behind/)
  t.same(held(), [])
})

t.test('what a throttled server asks for is waited for, within reason', async (t) => {
  const soon = new Date(Date.now() + 20_000).toUTCString()
  const cases: [Record<string, string>, number, (waits: readonly number[]) => boolean][] = [
    [{ 'retry-after': '7' }, 429, ([one]) => one === 7000],
    [{ 'retry-after': '7' }, 503, ([one]) => one === 7000],
    [{ 'retry-after': soon }, 429, ([one = 0]) => one > 15_000 && one <= 20_000],
    [{ 'retry-after': 'soon' }, 429, ([one]) => one === 1000],
    [{}, 429, ([one]) => one === 1000],
    [{ 'retry-after': '3600' }, 429, (waits) => waits.length === 0],
    [{}, 503, (waits) => waits.length === 0],
  ]
  for (const [headers, status, isRight] of cases) {
    const { url: behind } = await emulator(t)
    const waits: number[] = []
    const url = await serve(t, ({ method }, response) => {
      if (method === 'DELETE') response.writeHead(status, headers).end('{"code":13990429,"msg":"no"}')
      else
        response.end(
          JSON.stringify({
            data: method === 'POST' ? { deviceId: '1' } : [{ deviceId: '1' }],
            code: 0,
            msg: 'success',
          }),
        )
    })
    const session = openSession({
      url,
      userId: '1',
      credentials: { token: 'x' },
      rest: async (millis) => void waits.push(millis),
    })
    await session.workbench.device()
    t.match(await session.conclude(), [/^deviceId 1 is still bound: HTTP (429|503)/], behind)
    t.ok(isRight(waits), `${JSON.stringify(headers)} ${waits}`)
    session.close()
  }
})

t.test('a server that throttles departs from nothing, and is asked again after as long as it says', async (t) => {
  const { url, world } = await emulator(t)
  const waits: number[] = []
  const rest = async (millis: number) => void waits.push(millis)
  world('default').faults.add({ operations: '*', when: { every: 7 }, effect: { type: 'throttle', retryAfter: 2 } })
  const file = `${t.testdir()}/report.json`
  const args = asked(url, '--runs', '3', '--seed', '1', '--json', file)
  const { status, stdout, stderr } = await runVerify(args, { checks: suite, rest, runMachine })
  t.match(stderr, /conforms: 4\d documented facts hold/)
  t.equal(status, 0)
  t.notMatch(stdout, /^ {2}(failed|differs) /m)
  t.ok(waits.length > 20 && waits.every((millis) => millis === 2000), `${waits}`)
  t.same(leftIn(JSON.parse(readFileSync(file, 'utf8'))), heldBy(world('default').state()))
})

t.test('what a server does not let through for long is not observable, and refused by nobody', async (t) => {
  const { url, world } = await emulator(t)
  const rest = async () => undefined
  const file = `${t.testdir()}/report.json`
  const { faults } = world('default')
  faults.add({ operations: ['getBackupRecord'], effect: { type: 'throttle', retryAfter: 3600 } })
  faults.add({ operations: ['uploadPart'], effect: { type: 'throttle', retryAfter: 1 } })
  const { status } = await runVerify(asked(url, '--runs', '0', '--json', file), { checks: suite, rest })
  const { facts: told }: Report = JSON.parse(readFileSync(file, 'utf8'))
  t.equal(status, 0)
  t.same(
    told.filter(({ result }) => result === 'failed' || result === 'differs').map(({ id }) => id),
    [],
  )
  const reasons = told.map(({ reason }) => reason).filter((reason) => /throttles/.test(`${reason}`))
  t.ok(reasons.includes('the server throttles: it answered HTTP 429, and asks to wait: 3600'), `${reasons}`)

  const wordless = await answering(t, 429, { code: 13990429, msg: 'no' })
  await ends(
    t,
    asked(wordless),
    'unreachable',
    /cannot be verified now: the server throttles: it answered HTTP 429; try later/,
  )
})

t.test('a server that fails once by chance departs from nothing, and one that fails again does', async (t) => {
  const fails = (when: object) => ({
    operations: ['listBoundDevice'],
    when,
    effect: { type: 'refuse', error: 'internal' },
  })
  for (const [when, result] of [
    [{ nth: 2 }, 'passed'],
    [{ from: 2 }, 'failed'],
  ] as const) {
    const { url, world } = await emulator(t)
    world('default').faults.add(fails(when) as Parameters<ReturnType<typeof world>['faults']['add']>[0])
    const file = `${t.testdir()}/report.json`
    const checks = suite.filter(({ id }) => id === 'DEV-3')
    await runVerify(asked(url, '--runs', '0', '--read-only', '--json', file), { checks })
    t.equal(factOf(JSON.parse(readFileSync(file, 'utf8')), 'DEV-3')?.result, result)
  }
})

t.test('a wait for a server that throttles ends with the run', async (t) => {
  const { url, world } = await emulator(t)
  world('default').faults.add({ operations: ['bindDevice'], effect: { type: 'throttle', retryAfter: 60 } })
  const controller = new AbortController()
  const credentials = { token: 'x' }
  const session = openSession({ url, userId: '1001', credentials, signal: controller.signal })
  setTimeout(() => controller.abort(), 50)
  await t.rejects(session.workbench.device(), { message: 'the run was interrupted' })
  session.close()
})

t.test('after two losses nothing more is tried to take away', async (t) => {
  let devices = 0
  let tries = 0
  const url = await serve(t, ({ method, socket }, response) => {
    if (method !== 'POST') tries += 1
    if (method === 'POST') response.end(JSON.stringify({ data: { deviceId: `${++devices}` }, code: 0, msg: 'success' }))
    else socket.destroy()
  })
  const session = openSession({ url, userId: '1', credentials: { token: 'x' } })
  for (let count = 0; count < 4; count += 1) await session.workbench.device()
  t.match(session.workbench.cleanup.owed(), [/^deviceId 1 is still bound$/, / 2 /, / 3 /, / 4 /])
  t.match(await session.conclude(), [/^deviceId 1 may be bound: .* the server was lost/, / 2 /, / 3 /, / 4 /])
  t.equal(tries, 2)
  session.close()
})

/** A server of one operation's odd answer, which is the emulator otherwise; what a value is made of may be asked of it once. */
const odd: Readonly<Record<string, readonly [OperationId, (body: Json) => Json, StatementId]>> = {
  'an address of another protocol': [
    'createBackupFile',
    (body) => ({ ...body, multiParts: [{ uploadUrl: 'ftp://x/1' }] }),
    'FIL-2',
  ],
  'an address that is none': [
    'createBackupFile',
    (body) => ({ ...body, multiParts: [{ uploadUrl: 'http://[' }] }),
    'FIL-2',
  ],
  'a lock id of wider letters': ['createBackupLock', (body) => ({ ...body, data: { lockId: '\u20ac' } }), 'LOC-3'],
  'a device id of half a character': [
    'bindDevice',
    (body) => ({ ...body, data: { ...body.data, deviceId: '\ud800' } }),
    'DEV-4',
  ],
  'a device id that leads elsewhere': [
    'bindDevice',
    (body) => ({ ...body, data: { ...body.data, deviceId: '..' } }),
    'DEV-4',
  ],
  'a cursor of half a character': ['listBackupRecord', (body) => ({ ...body, nextCursor: '\ud800' }), 'REC-4'],
  'a cursor that is no text': ['listBackupRecord', (body) => ({ ...body, nextCursor: { toString: 1 } }), 'REC-4'],
  'an id that is no text': [
    'listBackupRecord',
    (body) => ({ ...body, data: [{ recordId: { toString: 1 } }] }),
    'REC-4',
  ],
}

t.test('what the server gives and nobody can send back is its departure, in a check and in a sequence', async (t) => {
  const emulator = await emulatorFor(t, { logLevel: 'silent' })
  const addressOf = await serveMutants(t, emulator)
  for (const [what, [operation, change, id]] of Object.entries(odd)) {
    const url = addressOf(spoiling(change, operation)())
    const args = ['--target', url, '--user', 'someone', '--runs', '2', '--seed', '1']
    const { status, stdout, stderr } = await runVerify(args, {
      checks: suite.filter((one) => one.id === id),
      runMachine,
    })
    t.equal(status, 1, `${what}: ${stderr}`)
    t.match(stdout, new RegExp(`failed +${id} `), what)
    if (!what.includes('cursor of half')) continue
    const alone = await runVerify(args, { runMachine })
    t.match(alone, { status: 1, stdout: /what it gave cannot be sent back/ }, what)
  }
})

/** What a server may put in the place of any value. */
const hostile: readonly Json[] = [
  ...[
    '',
    '.',
    '..',
    '\ud800',
    '\u20ac',
    'a\nb',
    '\0',
    '\x1b[2J',
    '\x9b',
    '\u202e',
    'ftp://x/1',
    'http://[',
    '__proto__',
  ],
  ...['x'.repeat(100_000), null, true, 0, -1, 1e300, [], [{ toString: 1 }], {}, { toString: 1 }, { toJSON: 1 }],
  Array.from({ length: 1500 }).reduce((inner) => [inner], 'deep'),
]

t.test(
  'whatever a server says, the kit comes to its end, and nothing of it reaches the terminal as it is',
  async (t) => {
    const emulator = await emulatorFor(t, { logLevel: 'silent' })
    const addressOf = await serveMutants(t, emulator)
    for (const [round, rate] of [4, 40].entries()) {
      let random = 7919 * (round + 1)
      const drawn = (below: number) => {
        random = (random * 48_271) % 2_147_483_647
        return random % below
      }
      const spoilt = (value: Json): Json => {
        if (drawn(rate) === 0) return hostile[drawn(hostile.length)]
        if (Array.isArray(value)) return value.map(spoilt)
        if (typeof value !== 'object' || value === null) return value
        return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, spoilt(part)]))
      }
      const data = ({ code, msg, ...rest }: Json) => ({ ...spoilt(rest), code, msg })
      let isFirst = true
      const serve = spoiling(data)()
      const late: Serve = (asked, forward) => {
        const isNow = isFirst
        isFirst = false
        return isNow ? forward(asked) : serve(asked, forward)
      }
      const args = ['--target', addressOf(late), '--user', 'someone', '--runs', '1', '--seed', `${round}`]
      const { status, stdout, stderr } = await runVerify(args, { checks: suite, runMachine })
      t.equal(status, 1, stderr)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
      t.notMatch(stdout + stderr, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
    }
  },
)

t.test('what a server says is shown in one line and escaped, in every output', async (t) => {
  const forged = 'plain\n\nSummary\n  all 68 facts passed\x1b[2J\x1b]0;PWNED\x07\r\0\x9b\u202e\u2028\x7f'
  const { url } = await emulator(t)
  const departs = check('DEV-1', async ({ target }) => {
    await target.call('listBoundDevice', { headers: { 'x-odd': "\x9b\\'" }, query: { q: forged } })
    throw new Departure(forged)
  })
  const breaks = check('DEV-2', () => Promise.reject(new TypeError(forged)))
  const unseen = check('DEV-3', () => Promise.reject(new Unobservable(forged)))
  const runMachine: RunMachine = async (options) => ({
    ...(await machinePassing(options)),
    reason: forged,
    script: `# ${forged.replaceAll('\n', '')}`,
  })
  const folder = t.testdir()
  const run = (...more: string[]) => runVerify(asked(url, ...more), { checks: [departs, breaks, unseen], runMachine })
  const outputs = [await run('--json', `${folder}/a.json`), await run('--json', '-'), await run('--junit', '-')]
  outputs.push(await run('--diff', `${folder}/a.json`))
  for (const { stdout, stderr } of outputs) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    t.notMatch(stdout + stderr, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]/)
    t.notMatch(stdout, /^ *all 68/m)
    t.notMatch(stdout, /^Summary/m)
  }
  t.match(outputs[0]?.stdout, 'plain\\n\\nSummary\\n  all 68 facts passed\\u001b[2J')
  t.match(outputs[0]?.stdout, "-H $'x-odd: \\xc2\\x9b\\\\\\''")
  const [json, file] = [JSON.parse(`${outputs[1]?.stdout}`), JSON.parse(readFileSync(`${folder}/a.json`, 'utf8'))]
  t.same(Object.keys(json), Object.keys(file))
  t.equal(factOf(json, 'DEV-1')?.reason, forged, 'JSON says it whole')
  t.equal(wellFormed(`${outputs[2]?.stdout}`).defect, undefined)
  const far = await answering(t, 302, '', { location: 'http://x/\x9b' })
  await ends(t, asked(far), 'foreign', /a redirect to http:\/\/x\/\\u009b;/)
})

t.test('a token that is a word garbles nothing, and is hidden where it stands as a credential', async (t) => {
  const { url } = await emulator(t)
  const lists = check('DEV-3', async ({ target }) => {
    await target.call('listBoundDevice')
    await target.call('listBoundDevice', { headers: { authorization: undefined } })
    throw new Departure('no')
  })
  const folder = t.testdir()
  const report = (name: string) => readFileSync(`${folder}/${name}.json`, 'utf8')
  for (const token of ['1', 'code', 'machineCode', 'some-other-token']) {
    const json = `${folder}/${token}.json`
    const environment = { KOODRIVE_TOKEN: token }
    const diff = token === '1' ? [] : ['--diff', `${folder}/1.json`]
    const { stdout, stderr } = await runVerify(asked(url, '--json', json, ...diff), { checks: [lists], environment })
    t.match(stderr, `${url} does not conform`)
    t.notMatch(stdout + report(token), token === '1' || token === 'code' ? `Bearer ${token}"` : `Bearer ${token}`)
    t.match(report(token), '"authorization": "Bearer ***"')
    if (diff.length > 0) t.match(stdout, /\n {2}nothing changed\n/)
  }
})

t.test('an answer without an end is a departure, and no answer of this API at the start', async (t) => {
  const million = Buffer.alloc(1024 * 1024, ' ')
  let isFirst = true
  const endless: Parameters<typeof serve>[1] = (_, response) => {
    const more = (): void => void (response.destroyed || response.write(million, more))
    if (isFirst) response.end('{"data":[],"code":0,"msg":"success"}')
    else more()
    isFirst = false
  }
  const url = await serve(t, endless)
  const binds = check('DEV-1', async ({ device }) => void (await device()))
  const { status, stdout } = await runVerify(asked(url, '--runs', '0'), { checks: [binds] })
  t.equal(status, 1)
  t.match(stdout, /DEV-1 failed: about DEV-1\n {2}the answer is longer than 67108864 bytes\n/)
  t.match(stdout, /a device of machineCode v\w+ may be bound: the list of devices was answered the answer is longer/)
  await ends(t, asked(url), 'foreign', /is not this API: the answer is longer than/)
})

t.test('a clock of another age is not believed', async (t) => {
  for (const date of ['Sat, 13 Sep 275760 00:00:00 GMT', 'Thu, 01 Jan 1960 00:00:00 GMT', 'soon']) {
    const url = await answering(t, 200, { data: [], code: 0, msg: 'success' }, { date })
    const session = openSession({ url, userId: '1', credentials: { token: 'x' }, wallClock: () => 1000 })
    await session.workbench.target.call('listBoundDevice')
    t.equal(session.workbench.target.now(), 1000, date)
    session.close()
  }
})

t.test('who stops reading changes neither how it ends nor what it says', async (t) => {
  const { url } = await emulator(t)
  const run = (...args: string[]) =>
    runProcess(t, process.execPath, [program, 'verify', ...args], { env: { KOODRIVE_TOKEN: canary }, counted: true })
  const unread = run(...asked(url, '--read-only'))
  unread.child.stdout.destroy()
  t.same(await unread.exited, { code: 0, signal: null })
  t.match(unread.stderr(), oneSentence)
  const help = run('--help')
  help.child.stdout.destroy()
  help.child.stderr.destroy()
  t.same(await help.exited, { code: 0, signal: null })
})

t.test('a report that cannot be written any more is told, and costs no other one', async (t) => {
  const { url } = await emulator(t)
  const folder = join(t.testdir({ reports: {} }), 'reports')
  const junit = join(folder, '..', 'junit.xml')
  const spoil = check('DEV-1', async () => rmSync(folder, { recursive: true }))
  const flags = ['--json', join(folder, 'json'), '--junit', junit]
  const { status, stdout, stderr } = await runVerify(asked(url, ...flags), { checks: [spoil] })
  t.equal(status, 74)
  t.match(stderr, `koodrive-backup-emulator: --json ${join(folder, 'json')} could not be written: ENOENT`)
  t.match(readFileSync(junit, 'utf8'), '<testsuites')
  t.match(stdout, 'DEV-1')
})

t.test('a record whose answer was lost is looked for page by page, though not for ever', async (t) => {
  const left = async (isLast: (cursor: string | null) => boolean) => {
    const found = { recordId: '9', deviceInfo: { deviceId: '1' } }
    const url = await serve(t, ({ method, url: path = '' }, response) => {
      const cursor = /cursor=(\w+)/.exec(path)?.[1] ?? null
      if (method === 'POST' && path.endsWith('/record')) return void response.writeHead(500).end()
      const data = method === 'POST' ? { deviceId: '1', lockId: '2' } : path.includes('/record?') ? [found] : []
      response.end(JSON.stringify({ data, ...(!isLast(cursor) && { nextCursor: 'more' }), code: 0, msg: 'success' }))
    })
    const session = openSession({ url, userId: '1', credentials: { token: 'x' } })
    const { device, call } = session.workbench
    await call('createBackupRecord', { lockId: '2', body: { moduleCode: '100', deviceId: await device() } })
    const sentences = await session.conclude()
    session.close()
    return sentences
  }
  t.match(await left((cursor) => cursor !== null), [/^recordId 9 is still there/])
  t.match(await left(() => false), [/^a record of deviceId 1 may be there: the list of records was answered HTTP 200/])
})

t.test('a value too deep to be written is said to be that', (t) => {
  const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)
  t.match(defectOf(Type.String(), deep), /not a value that is nested too deeply to be shown$/)
  t.end()
})

t.test('a failure of the kit itself is loud, and says nothing of the server', onPosix(), async (t) => {
  const { url } = await emulator(t)
  const folder = t.testdir()
  const broken = () => {
    throw new TypeError(`no function of ${canary}`)
  }
  const checks = [check('DEV-1', broken), check('DEV-2', async () => {})]
  const junit = `${folder}/junit.xml`
  const { status, stdout, stderr } = await runVerify(asked(url, '--junit', junit), { checks })
  t.equal(status, 70)
  t.match(stderr, /DEV-1, about DEV-1: TypeError: no function of \*\*\*\n {4}at /)
  t.match(stderr, /the kit itself failed, which says nothing of http.*please report it\n$/)
  t.match(stdout, /passed +DEV-2/, 'the others were made')
  t.match(readFileSync(junit, 'utf8'), / errors="1" .*<error message/s)
  const odd = await runVerify(asked(url), { checks: [check('DEV-1', () => Promise.reject('a text'))] })
  t.match(odd, { status: 70, stderr: /DEV-1, about DEV-1: a text/ })
})

/** A run whose check waits for a long time once it has made a device, told to stop as soon as it waits. */
async function interrupted(t: Test, url: string, ...more: string[]) {
  const signals = new EventEmitter()
  const waits = check('LOC-1', async (workbench) => {
    await workbench.device()
    await workbench.locked('100', async () => {
      setImmediate(() => signals.emit('SIGINT'))
      await workbench.pause(570_000)
    })
  })
  const checks = [waits, check('LOC-2', async (workbench) => void (await workbench.device()))]
  const file = `${t.testdir()}/report.json`
  const found = await runVerify(asked(url, '--json', file, ...more), { checks, signals })
  t.same(signals.eventNames(), [], 'it listens no more')
  return { ...found, report: JSON.parse(readFileSync(file, 'utf8')) as Report } // as it writes them
}

t.test('an interruption ends the check that runs, takes away what was made and exits with 130', async (t) => {
  const { url, world } = await emulator(t)
  const { status, stderr, report } = await interrupted(t, url)
  t.equal(status, 130)
  const [waiting, end, ...rest] = stderr.split('\n')
  t.match(waiting, /^koodrive-backup-emulator: waiting 9.5 minutes, until \d\d:\d\d:\d\d UTC, for --slow$/)
  t.equal(end, 'koodrive-backup-emulator: interrupted; all that it made there is gone again')
  t.same(rest, [''])
  const { users = {} } = world('default').state()
  t.same(
    (users['1001']?.devices ?? []).filter(({ unbound }) => !unbound),
    [],
  )
  t.same(users['1001']?.locks ?? [], [])
  t.match(report, { ended: 'interrupted', leftBehind: [] })
  t.match(factOf(report, 'LOC-1'), { result: 'not observable', reason: 'the run was interrupted' })
  t.match(factOf(report, 'LOC-2'), { result: 'not observable', reason: 'the run was interrupted before' })
})

t.test('an interruption tells what it could not take away', async (t) => {
  const { url, world } = await emulator(t)
  world('default').faults.add({ operations: ['unbindDevice'], effect: { type: 'reset' } })
  const { status, stderr, report } = await interrupted(t, url)
  t.equal(status, 130)
  t.match(stderr, /: interrupted; these are left there: .*is still bound: (socket hang up|read ECONNRESET)/)
  t.match(report.leftBehind, { length: 1 })
})

t.test('what is interrupted asks nothing further, and what was asked is not lost', async (t) => {
  const { url, world } = await emulator(t)
  const controller = new AbortController()
  const session = openSession({ url, userId: '1001', credentials: { token: 'x' }, signal: controller.signal })
  await session.workbench.device()
  controller.abort()
  const { target } = session.workbench
  await t.rejects(target.call('listBoundDevice'), { message: 'the run was interrupted' })
  await t.rejects(target.send('GET', '/device'), { message: 'the run was interrupted' })
  await t.rejects(target.upload(`${url}/x`, new Uint8Array(1)), { message: 'the run was interrupted' })
  await t.rejects(session.workbench.pause(1), { message: 'the run was interrupted' })
  t.same(await session.conclude(), [])
  t.match(
    world('default')
      .requests()
      .map(({ operation }) => operation),
    ['bindDevice', 'unbindDevice'],
  )
  session.close()
})

t.test('a second signal ends it at once, unless it is the same Ctrl-C once more', onPosix(), async (t) => {
  const { url } = await emulator(t)
  const signals = new EventEmitter()
  let now = 0
  const checks = [
    check('DEV-1', async (workbench) => {
      await workbench.device()
      signals.emit('SIGINT')
      now += 499
      signals.emit('SIGINT')
      now += 1
      signals.emit('SIGTERM')
    }),
  ]
  const { exits, stderr } = await runVerify(asked(url), { checks, signals, wallClock: () => now })
  t.same(exits, [130])
  t.match(stderr, /^koodrive-backup-emulator: interrupted again; this may be left at http.*\d is still bound\n/)
  const early = new EventEmitter()
  const silent = await serve(t, (_, response) => {
    early.emit('SIGINT')
    now += 500
    early.emit('SIGINT')
    response.writeHead(400).end('{"code":1,"msg":"x"}')
  })
  const found = await runVerify(asked(silent), { signals: early, wallClock: () => now })
  t.match(found, {
    status: 130,
    exits: [130],
    stderr: /left at .*: something of the last request\n.*interrupted before/,
  })
})

t.test('a mistake of ours is told as one, with no secret in it, and is no verdict', async (t) => {
  const url = await answering(t, 400, { code: 1, msg: 'x' })
  const broken = () => {
    throw new Error(`a mistake beside ${canary}`)
  }
  const { status, stderr } = await runVerify(asked(url), { wallClock: broken })
  t.equal(status, exits.defective.status)
  t.match(stderr, /^koodrive-backup-emulator: verify could not come to its end: a mistake beside [^\n]+\n$/)
  t.notMatch(stderr, canary)
})

t.test('the process itself hears signals', onPosix(), async (t) => {
  let ask = () => {}
  const hanging = await serve(t, (_, response) => {
    ask()
    setImmediate(() => response.writeHead(400).end('{"code":1,"msg":"x"}'))
  })
  const args = [program, 'verify', ...asked(hanging)]
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    const asking = new Promise<void>((resolve) => {
      ask = resolve
    })
    const run = runProcess(t, process.execPath, args, { env: { KOODRIVE_TOKEN: canary }, counted: true })
    await asking
    run.child.kill(signal)
    t.same(await run.exited, { code: 130, signal: null }, signal)
    t.match(run.stderr(), oneSentence)
  }
})

t.test('the state machine decides only by documented facts, and goes around what is known', async (t) => {
  const { url } = await emulator(t)
  const avoided: string[][] = []
  const finding =
    (more: Partial<MachineReport>): RunMachine =>
    async ({ avoid, seed, runs, clients }) => {
      avoided.push([...avoid])
      return { seed, runs, clients, result: 'passed', ...more }
    }
  const script = "curl 'http://x'\n"
  const failed = { result: 'failed', id: 'CFG-2', reason: 'a wrong value was let through', script } as const
  const differs = check('DEC-1', async () => expect(false, 'otherwise'))
  const plan = ['--seed', '7', '--runs', '3', '--clients', '4']
  const found = await runVerify(asked(url, ...plan), { checks: [differs], runMachine: finding(failed) })
  t.equal(found.status, 1)
  t.match(found.stdout, /, seed 7\n/)
  t.match(
    found.stdout,
    /State machine\n {2}failed {10}3 sequences, one client, seed 7\n {4}CFG-2 a wrong value was let through\n {4}curl/,
  )
  t.match(found.stderr, /does not conform: it departs from CFG-2 in a sequence;/)
  t.match(await runVerify(asked(url), { runMachine: finding({ result: 'failed' }) }), {
    stderr: /a fact in a sequence/,
  })
  t.match(await runVerify(asked(url), { runMachine: finding({ ...failed, result: 'differs' }) }), { status: 0 })
  t.same(avoided, [['DEC-1'], ['DEC-1', 'CFG-2'], [], [], [], ['CFG-2']])
})

t.test('a state machine that cannot go on is told', onPosix(), async (t) => {
  const { url, world } = await emulator(t)
  const throwing =
    (thrown: unknown): RunMachine =>
    async ({ workbench }) => {
      await workbench.device()
      throw thrown
    }
  const run = (thrown: unknown) => runVerify(asked(url), { runMachine: throwing(thrown) })
  t.match(await run(new Unobservable('no lock')), { status: 0, stdout: /not observable .*one client.*\n {4}no lock/ })
  t.match(await run(new Departure('no device')), {
    status: 0,
    stdout: /3 clients at once.*\n {4}no device/,
  })
  const lost = new TargetLost(new Error('gone'))
  t.match(await run(lost), { status: 0, stdout: /no answer came: gone/ }, 'a connection may break by chance')
  world('default').faults.add({ operations: ['listBoundDevice'], when: { every: 2 }, effect: { type: 'reset' } })
  t.match(await run(lost), { status: 3, stderr: /was lost on the way/ })
  world('default').faults.clear()
  t.match(await run(new Error('a bug')), { status: 70, stderr: /the state machine: Error: a bug\n {4}at/ })
  t.match(await run('a text'), { status: 70, stderr: /the state machine: a text/ })
  const signals = new EventEmitter()
  const interrupting: RunMachine = async ({ workbench, isInterrupted, ...options }) => {
    signals.emit('SIGINT')
    t.equal(isInterrupted(), true)
    await workbench.device()
    return machinePassing({ workbench, isInterrupted, ...options })
  }
  t.match(await runVerify(asked(url), { runMachine: interrupting, signals }), { status: 130 })
})

t.test('no token and no secret is seen anywhere, whoever repeats it', async (t) => {
  const echo = await serve(t, async (request, response) => {
    const { authorization = '' } = request.headers
    const body = { data: [], code: 0, msg: 'success', echo: authorization, url: encodeURIComponent(canary) }
    response.setHeader('set-cookie', `session=${canary}`)
    response.setHeader('x-echo', [authorization, 'Signature=0123456789abcdef0123456789abcdef'])
    response.end(`${JSON.stringify(body)}${' '.repeat(4000)}${authorization}`.slice(0, 4200))
  })
  const leaking = check('DEV-1', async ({ target }) => {
    const { text } = await target.call('listBoundDevice')
    await target.send('POST', `/x?${encodeURIComponent(canary)}`, { body: { canary } })
    throw new Departure(text)
  })
  const runMachine: RunMachine = async (options) => ({
    ...(await machinePassing(options)),
    reason: canary,
    script: `curl -H 'Authorization: Bearer ${canary}'`,
  })
  const folder = t.testdir()
  // A probe wants an answer in JSON; what the check gets is more than that.
  const args = asked(echo, '--json', `${folder}/a.json`, '--junit', `${folder}/a.xml`)
  const first = await serve(t, (_, response) => response.end('{"code":0}'))
  const forms = [canary, encodeURIComponent(canary), JSON.stringify(canary).slice(1, -1), canary.slice(0, 9)]
  for (const all of [args, args.with(1, first)]) {
    const { stdout, stderr } = await runVerify(all, { checks: [leaking], runMachine })
    const written = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
    for (const form of forms) for (const text of [stdout, stderr, ...written]) t.notOk(text.includes(form), form)
    for (const text of written) t.notMatch(text, /0123456789abcdef|session=/)
  }
})

const exchange = (more: { request?: Partial<Evidence['request']>; response?: Evidence['response'] }): Evidence => ({
  request: { method: 'GET', url: 'http://x/koodrive/ose/v1/backup/device', headers: {}, body: '', ...more.request },
  response: more.response ?? { status: 200, headers: {}, body: '{"data":[],"code":0,"msg":"success"}' },
})

t.test('the request that shows a departure is a line for a shell, which can be sent again', onPosix(), async (t) => {
  const { url, world } = await emulator(t)
  const departs = check('DEV-1', async ({ target }) => {
    const body = { machineCode: "it's", deviceName: 'a' }
    await target.call('bindDevice', { body, headers: { 'x-empty': '', 'x-more': ['1', '2'] } })
    throw new Departure('no')
  })
  const { stdout } = await runVerify(asked(url), { checks: [departs] })
  const [, line = ''] = /^ {2}(curl .*)$/m.exec(stdout) ?? []
  t.match(line, /-H "authorization: Bearer \$KOODRIVE_TOKEN" .* -H "x-date: \$\(date /)
  t.match(line, /-H 'x-empty;' -H 'x-more: 1' -H 'x-more: 2' --data-raw '{"machineCode":"it'\\''s",/)
  t.match((await curl(line, { KOODRIVE_TOKEN: 'any' })).json(), { code: 13000102 }, 'an apostrophe is refused')
  const journal = world('default').requests({ operation: 'bindDevice' })
  t.same(journal[0]?.requestBody, journal[1]?.requestBody)

  const dated = (date: string, headers = {}) =>
    curlLine(
      exchange({
        request: { headers: { 'x-date': date, host: 'x' } },
        response: { status: 200, headers, body: '' },
      }),
    )
  const answered = { date: 'Wed, 17 Dec 2025 12:00:00 GMT' }
  t.match(dated('20251217T115930Z', answered), '$(date')
  t.match(dated('20251217T114500Z', answered), "-H 'x-date: 20251217T114500Z'", 'a date on purpose stays')
  t.match(dated('20251217T120001Z', answered), "'x-date: 20251217T120001Z'")
  t.match(dated('soon', answered), "'x-date: soon'")
  t.match(dated('20251217T120000Z'), "'x-date: 20251217T120000Z'")
  t.equal(
    curlLine(
      exchange({ request: { method: 'PUT', body: '@x', headers: { 'x-none': undefined } }, response: { error: 'x' } }),
    ),
    "curl -i -X PUT 'http://x/koodrive/ose/v1/backup/device' -H 'content-type:' --data-raw '@x'",
  )
})

t.test('files are written whole or not at all, through links, over files alone', async (t) => {
  const { url } = await emulator(t)
  const folder = t.testdir({ 'old.json': 'old', 'link.xml': t.fixture('symlink', 'old.xml'), 'old.xml': 'old' })
  const args = asked(url, '--json', `${folder}/old.json`, '--junit', `${folder}/link.xml`)
  t.match(await runVerify(args), { status: 0 })
  t.match(JSON.parse(readFileSync(`${folder}/old.json`, 'utf8')), { target: url, summary: { conforms: true } })
  t.match(readFileSync(`${folder}/old.xml`, 'utf8'), /^<\?xml/)
  t.same(readdirSync(folder).sort(), ['link.xml', 'old.json', 'old.xml'])
  const { stdout } = await runVerify(asked(url, '--json', '-'))
  t.match(JSON.parse(stdout), { target: url }, 'standard output holds nothing else')
  t.match(await runVerify(asked(url, '--junit', '-')), { stdout: /^<\?xml.*<\/testsuites>\n$/s })
  const blocking = check('DEV-1', async () => {
    rmSync(`${folder}/old.json`)
    mkdirSync(`${folder}/old.json`)
  })
  const failed = await runVerify(args, { checks: [blocking] })
  t.match(failed, {
    status: 74,
    stderr: /^koodrive-backup-emulator: --json \S+old\.json could not be written: E\w+: [^\n]*\n/,
  })
  t.same(readdirSync(folder).sort(), ['link.xml', 'old.json', 'old.xml'], 'nothing half written is left')
})

t.test('the report for pipelines is well-formed, and only documented facts fail in it', async (t) => {
  const { url } = await emulator(t)
  const nasty = `<&>"'\n\u0000\u001b\ud800]]>`
  const departs = async ({ target }: Parameters<Check['run']>[0]) => {
    await target.call('listBoundDevice', { query: { q: nasty.toWellFormed() } })
    throw new Departure(nasty)
  }
  const checks = [check('DEV-1', departs, { title: nasty }), check('DEC-1', departs), check('DEV-2', async () => {})]
  const runMachine: RunMachine = async (options) => ({
    ...(await machinePassing(options)),
    result: 'differs',
    script: nasty,
  })
  const { stdout, status } = await runVerify(asked(url, '--junit', '-'), { checks, runMachine })
  t.equal(status, 1)
  const { names, defect } = wellFormed(stdout)
  t.equal(defect, undefined)
  const count = (name: string) => names.filter((one) => one === name).length
  const [, tests, failures, skipped] = /tests="(\d+)" failures="(\d+)" errors="0" skipped="(\d+)"/.exec(stdout) ?? []
  t.same([count('testcase'), count('failure'), count('skipped')].map(String), [tests, failures, skipped])
  t.equal(failures, '1')
  t.match(stdout, /classname="verify.documented" name="DEV-1 [^"]*"><failure message="&lt;&amp;&gt;&quot;'&#10;/)
  t.match(stdout, /classname="verify.assumed" name="DEC-1 [^>]*><system-out>differs\ndiffers: about DEC-1/)
  t.match(stdout, /classname="verify.state machine"[^>]*><system-out>differs/)
})

t.test('--diff says what changed since an earlier run, results and answers', async (t) => {
  let msg = 'success'
  let devices: object[] = []
  const url = await serve(t, ({ url: path = '' }, response) => {
    const body = path.endsWith('/device') ? { data: devices, code: 0, msg } : { code: 1, msg: `no ${path}` }
    response.end(JSON.stringify(body))
  })
  const lists = check('DEV-3', async ({ target, word }) => {
    await target.call('listBoundDevice')
    await target.send('GET', `/${word()}`)
  })
  const baseline = `${t.testdir()}/baseline.json`
  const diff = asked(url, '--diff', baseline, '--runs', '0')
  await runVerify(asked(url, '--json', baseline, '--runs', '0'), { checks: [lists] })
  const changes = async (checks: readonly Check[]) => {
    const { stdout, status } = await runVerify(diff, { checks })
    t.equal(status, 0, 'differences decide nothing')
    const [, changed = ''] = stdout.split(/\nSince the run at .* against http.*\n/)
    return changed
  }
  t.equal(await changes([lists]), '  nothing changed\n')
  devices = [{ deviceId: '1' }]
  t.equal(await changes([lists]), '  nothing changed\n', 'of an empty list nothing is known')
  msg = 'SUCCESS'
  t.equal(
    await changes([lists, check('DEC-9', lists.run)]),
    `  DEC-9 (assumed): was not observable, is agrees
  listBoundDevice answering HTTP 200 0 "SUCCESS" is new [DEV-3]
  listBoundDevice answering HTTP 200 0 "success" is gone [DEV-3]
`,
  )
  t.match(await changes([]), 'DEV-3 (documented): was passed, is not observable')
})

t.test('answers are compared by status, code, message and names, not by what chance brings', async (t) => {
  const answer = (body: unknown, status = 200) =>
    exchange({ response: { status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) } })
  const fact = (id: string, evidence: readonly Evidence[], result = 'passed') => ({
    id,
    standing: 'documented',
    result,
    evidence,
  })
  const report = (...facts: ReturnType<typeof fact>[]) => ({ target: 'http://x', startedAt: 'then', facts })
  const changes = (before: Parameters<typeof diffOf>[0], after: Parameters<typeof diffOf>[0]) =>
    diffOf(before, after)
      .split('\n')
      .slice(1, -1)
      .map((line) => line.trim())
  const full = { data: [{ a: 1, b: { c: null } }], code: 0, msg: 'no 1842812272691451648' }
  const same = { data: [{ a: 2, b: { c: 'x' } }, { a: 3 }], code: 0, msg: 'no 1842812272691451649' }
  t.same(changes(report(fact('A', [answer(full)])), report(fact('A', [answer(same)]))), ['nothing changed'])
  const other = { data: [{ a: 1, d: 1 }], code: 0, msg: 'no 1842812272691451648' }
  const both = [fact('A', [answer(other)]), fact('B', [answer(other), answer(other)]), fact('N', [])]
  t.same(changes(report(fact('A', [answer(full)]), fact('B', [answer(full)]), fact('G', [])), report(...both)), [
    'N (documented): new, passed',
    'G (documented): gone, was passed',
    'listBoundDevice answering HTTP 200 0 "no …" has data[].d now [A B]',
    'listBoundDevice answering HTTP 200 0 "no …" has data[].b no more [A B]',
    'listBoundDevice answering HTTP 200 0 "no …" has data[].b.c no more [A B]',
  ])
  const none = exchange({ response: { error: 'socket hang up' } })
  t.same(changes(report(fact('A', [answer('<html>', 502)])), report(fact('A', [none]))), [
    'listBoundDevice answering no answer is new [A]',
    'listBoundDevice answering HTTP 502 no JSON is gone [A]',
  ])
  t.match(
    changes(report(fact('A', [none])), report(fact('A', [answer({ code: 1 })])))[0],
    /HTTP 200 1 undefined is new/,
  )
  const elsewhere = exchange({ request: { url: '/_upload/0123456789abcdef/1', method: 'PUT' } })
  t.match(
    changes(report(fact('A', [none])), report(fact('A', [elsewhere])))[0],
    /^PUT \/_upload\/…\/1 answering HTTP 200/,
  )
  t.same(changes(report(fact('A', [none])), report(fact('A', []))), ['nothing changed'], 'nothing to compare')
  t.match(
    diffOf({ ...report(), ended: 'interrupted' }, report()),
    /against http:\/\/x, which did not come to its end\n/,
  )
  t.notMatch(diffOf({ ...report(), ended: 'complete' }, report()), 'end')
})

t.test('an answer that stops half-way is a loss, and so is one that never ends', async (t) => {
  const url = await serve(t, ({ url = '' }, response) => {
    response.write('{"data":')
    if (url.endsWith('/cut')) response.socket?.end()
  })
  const session = openSession({ url, userId: '1', credentials: { token: 'x' }, patienceMillis: 100 })
  const { target } = session.workbench
  await t.rejects(target.send('GET', '/cut'), { message: 'aborted' })
  await t.rejects(target.send('GET', '/never'), { message: 'no answer within 0.1 seconds' })
  session.close()
})

t.test('what is lost has a message, whatever was thrown', async (t) => {
  t.match(new TargetLost(Object.assign(new Error(''), { code: 'ECONNREFUSED' })), { message: 'ECONNREFUSED' })
  t.match(new TargetLost('a text'), { message: 'a text', code: '', isTls: false })
})

t.test('this emulator conforms, to whoever asks by token or by app, from a process of its own', async (t) => {
  const { url, world } = await emulator(t, { devices: 'adopt' })
  const appId = 'a378331eca141163119eb602adb67b7802cc79cd33ba44c7d2fe61d1586c96a1'
  const file = `${t.testdir()}/report.json`
  const env = { KOODRIVE_APP_ID: appId, KOODRIVE_APP_SECRET: 'emulator-app-secret' }
  const args = ['verify', ...asked(`${url}/worlds/w1`, '--json', file, '--runs', '2', '--seed', '1')]
  const { code, stdout, stderr } = await runToEnd(t, args, { env, counted: true })
  t.equal(code, 0, stderr)
  t.match(stdout, /passed +COM-16/)
  t.match(stderr, /conforms: \d\d documented facts hold/)
  t.match(JSON.parse(readFileSync(file, 'utf8')), {
    ended: 'complete',
    defects: [],
    leftBehind: [],
    summary: { failed: 0, differs: 0 },
  })
  const { users = {} } = world('w1').state()
  for (const [userId, { devices = [], records = [], locks = [] }] of Object.entries(users))
    if (userId !== exampleUser) t.same([devices.filter(({ unbound }) => !unbound), records, locks], [[], [], []])
})

t.test('a server without a clock of its own is taken to have ours', async (t) => {
  const url = await serve(t, (_, response) => {
    response.sendDate = false
    response.end('{"data":[],"code":0,"msg":"success"}')
  })
  const session = openSession({ url, userId: '1', credentials: { token: 'x' }, wallClock: () => 1000 })
  await session.workbench.target.call('unbindDevice')
  t.equal(session.workbench.target.now(), 1000)
  t.match(session.evidence(), [{ request: { url: `${url}/koodrive/ose/v1/backup/device/` } }])
  session.close()
})
