import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import type { Test } from 'tap'
import t from 'tap'
import { contracts } from '../../schemas/index.ts'
import type { StatementId } from '../../schemas/statements.ts'
import type { World } from '../../src/world/world.ts'
import type { Credentials } from '../../verify/credentials.ts'
import type { Evidence } from '../../verify/evidence.ts'
import { TargetLost } from '../../verify/failures.ts'
import type { MachineReport } from '../../verify/machine/index.ts'
import { runMachine } from '../../verify/machine/index.ts'
import { createTarget } from '../../verify/target.ts'
import { layWorkbench } from '../../verify/workbench.ts'
import { standIns } from '../fixtures/documents.ts'
import { emulatorFor } from '../fixtures/emulator.ts'
import { onPosix, runProcess } from '../fixtures/process.ts'
import type { Given, Json, Serve } from './fixtures/mutant.ts'
import { answer, answering, done, excusing, instead, refusal, serveMutants } from './fixtures/mutant.ts'

// Scripts spend their time in starting processes.
t.jobs = 3

const token: Credentials = { token: 'very-secret-token' }
const userId = 'random-user'

interface Options {
  readonly url: string
  readonly credentials?: Credentials
  readonly seed?: number
  readonly runs?: number
  readonly clients?: number
  readonly avoid?: readonly StatementId[]
  readonly isInterrupted?: () => boolean
  readonly isLost?: () => boolean
  readonly observe?: (evidence: Evidence) => void
}

interface Outcome extends Partial<MachineReport> {
  /** The name of the error, where one was thrown. */
  readonly thrown?: string
  /** What could not be taken away. */
  readonly left: readonly string[]
}

/** What random sequences show of a server, and what they leave behind. */
async function run(t: Test, options: Options): Promise<Outcome> {
  const { url, credentials = token, seed = 1, runs = 30, clients = 1, avoid = [], observe } = options
  const { isInterrupted = () => false, isLost = () => false } = options
  const target = createTarget({ url, userId, credentials, wallClock: () => 0, ...(observe && { observe }) })
  t.teardown(() => target.close())
  await target.call('listBoundDevice') // tells the time there, which stands still
  const call: typeof target.call = (...asked) =>
    isLost() ? Promise.reject(new TargetLost(new Error('gone'))) : target.call(...asked)
  const still = async () => undefined
  const workbench = layWorkbench({ target: { ...target, call }, pause: still, rest: still })
  const report = runMachine({ workbench, seed, runs, clients, avoid: new Set(avoid), isInterrupted })
  const outcome = await report.catch((error: Error) => ({ thrown: error.constructor.name }))
  return { ...outcome, left: await workbench.cleanup.conclude() }
}

const honest: Serve = (asked, forward) => forward(asked)

/** Servers that are an emulator, each in a world of its own, and do something wrong. */
async function servers(t: Test, devices = 'adopt') {
  const emulator = await emulatorFor(t, { devices, logLevel: 'silent' })
  const start = await serveMutants(t, emulator)
  return { start, worldOf: (url: string) => emulator.worlds.use(url.split('/').at(-1) ?? ''), time: emulator.time }
}

/** Whether nothing is left in a world. */
const isClean = ({ store }: World): boolean =>
  store.devices.list(userId).length === 0 &&
  (['100', '101', '102'] as const).every(
    (moduleCode) =>
      store.records.list({ userId, moduleCode, after: -1n, limit: 1 }, undefined).length === 0 &&
      store.locks.expiryOf(userId, moduleCode) === undefined,
  )

t.test('one client finds nothing at this emulator, whatever the seed, and leaves nothing behind', async (t) => {
  for (const devices of ['adopt', 'strict']) {
    const { start, worldOf } = await servers(t, devices)
    const url = start(honest)
    const [seed, runs, clients] = [devices.length, 12, 1]
    t.same(await run(t, { url, seed, runs }), { seed, runs, clients, result: 'passed', left: [] })
    t.ok(isClean(worldOf(url)))
  }
})

t.test('COM-15: the signature of an app will do as well', async (t) => {
  const { start, worldOf } = await servers(t)
  const url = start(honest)
  const credentials = { appId: 'some-app', appSecret: 'some-secret' }
  worldOf(url).store.access.addApp(credentials.appId, credentials.appSecret)
  const seen = new Set<unknown>()
  const observe = ({ request: { headers } }: Evidence) => seen.add(`${headers['authorization']}`.slice(0, 26))
  t.match(await run(t, { url, credentials, runs: 5, observe }), { result: 'passed', left: [] })
  t.same([...seen], ['HMAC-SHA256 AppId=some-app'])
})

t.test('several clients at once find nothing at this emulator, and leave nothing behind', async (t) => {
  for (const devices of ['adopt', 'strict']) {
    const { start } = await servers(t, devices)
    for (const clients of [2, 4])
      t.match(await run(t, { url: start(honest), runs: 8, clients }), { result: 'passed', clients, left: [] })
  }
})

/** Resolves when two have come, or after a while: time enough for another one to come in between. */
function meeting(patienceMillis: number): () => Promise<void> {
  let waiting: (() => void)[] = []
  const leave = () => {
    for (const go of waiting) go()
    waiting = []
  }
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length === 2) leave()
      else setTimeout(leave, patienceMillis)
    })
}

interface Mutant {
  readonly id: StatementId
  readonly result?: MachineReport['result']
  /** One that finds it soon. */
  readonly seed?: number
  readonly clients?: number
  /** What it is known to differ on besides. */
  readonly avoid?: readonly StatementId[]
  readonly make: (patienceMillis: number) => Serve
  /** What the script prints where the defect is, and nowhere else. */
  readonly shows: RegExp
}

const mutants: Readonly<Record<string, Mutant>> = {
  'a wrong current value is let through': {
    id: 'CFG-2',
    make: excusing(({ body: { moduleCode, configName, newConfigValue: configValue } }, _forward, given) => {
      const isMismatch = given.body.code === 13990409
      return isMismatch ? done({ data: { deviceId: '1', moduleCode, configName, configValue } }) : given
    }, 'updateConfigInfo'),
    shows: /^PATCH [^\n]*not_the_value[^\n]*\n[^\n]*"code":0,[^\n]*\n$/m,
  },
  'a scope that was deleted stays listed': {
    id: 'SCO-5',
    seed: 4,
    avoid: ['DEC-16', 'DEC-20'],
    make: instead(({ body: { scopeIdList } }) => done({ scopeIdList, failedScopeList: [] }), 'batchDeleteBackupScope'),
    shows: /^DELETE [^\n]*"(\d+)"[^\n]*\n[^\n]*"code":0[\s\S]*GET [^\n]*\n[^\n]*"scopeId":"\1"/m,
  },
  'a completed record takes files': {
    id: 'DEC-27',
    result: 'differs',
    make: excusing(
      (_asked, _forward, given) => (given.body.code === 13990425 ? done({ multiParts: [] }) : given),
      'createBackupFile',
    ),
    shows: /^POST [^\n]*file [^\n]*\n[^\n]*"code":0,[^\n]*\n$/m,
  },
  'versions start again': {
    id: 'DEC-27',
    result: 'differs',
    make: answering(
      (body) => ({ ...body, data: { ...body.data, version: 1 } }),
      'createBackupRecord',
      'getBackupRecord',
    ),
    shows: /"version":1,[\s\S]*POST \/backup\/record [\s\S]*"version":1,/,
  },
  'a record that was deleted stays listed': {
    id: 'REC-6',
    seed: 2,
    make: () => {
      const deleted: Json[] = []
      return async (asked, forward) => {
        const before = asked.operation === 'deleteBackupRecord' && (await forward({ ...asked, method: 'GET' }))
        const given = await forward(asked)
        if (before && given.body.code === 0) deleted.push(before.body.data)
        if (asked.operation !== 'listBackupRecord' || given.body.code !== 0 || given.body.nextCursor) return given
        const { moduleCode, deviceId, pageSize } = asked.query
        const here = deleted.filter((one) => one.moduleCode === moduleCode && one.deviceInfo.deviceId === deviceId)
        return done({ data: [...given.body.data, ...here].slice(0, Number(pageSize)) })
      }
    },
    shows:
      /DELETE \/backup\/record\/(\d+)[^\n]*\n[^\n]*"code":0[\s\S]*GET \/backup\/record\?[^\n]*\n[^\n]*"recordId":"\1"/,
  },
  'reading does not see what was changed': {
    id: 'CFG-3',
    result: 'differs',
    clients: 2,
    make: answering((body) => ({ ...body, data: { ...body.data, configValue: '101test2value' } }), 'getConfigInfo'),
    shows: /PATCH [^\n]*\n[^\n]*"code":0[\s\S]*GET [^\n]*\n[^\n]*101test2value/,
  },
  'a file that was uploaded is not listed': {
    id: 'FIL-2',
    seed: 3,
    make: answering(() => ({ data: [], code: 0, msg: 'success' }), 'listBackupFile'),
    shows: /GET [^\n]*files[^\n]*\n[^\n]*"data":\[\]/,
  },
  'a file is complete before its part is there': {
    id: 'DEC-42',
    seed: 2,
    result: 'differs',
    make: excusing((_asked, _forward, given) => (given.body.code === 13000402 ? done() : given), 'completeFile'),
    shows: /POST \/files\/complete [^\n]*\n[^\n]*"code":0/,
  },
  'a cursor repeats an item': {
    id: 'DEC-28',
    seed: 6,
    result: 'differs',
    make: instead(async (asked, forward) => {
      const given = await forward(asked)
      const { cursor, ...query } = asked.query
      if (cursor === undefined || given.body.code !== 0) return given
      const first = await forward({ ...asked, query: { ...query, pageSize: '1' } })
      return done({ ...given.body, data: [...first.body.data, ...given.body.data.slice(1)] })
    }, 'listBackupRecord'),
    shows: /"recordId":"(\d+)"[^\n]*"nextCursor"[\s\S]*GET \/backup\/record\?[^\n]*cursor=[\s\S]*"recordId":"\1"/,
  },
  'a cursor leads on in any list': {
    id: 'DEC-28',
    seed: 6,
    result: 'differs',
    make: excusing(
      ({ query: { cursor = '' } }, _forward, given) =>
        given.body.code === 13000102 && cursor.length > 20 && cursor.length < 1000 ? done({ data: [] }) : given,
      'listBackupRecord',
      'listBackupFile',
    ),
    shows: /"nextCursor"[\s\S]*GET [^\n]*cursor=[^\n]*\n[^\n]*"data":\[\]/,
  },
  'the last page has null for a cursor': {
    id: 'DEC-28',
    result: 'differs',
    make: answering((body) => ({ nextCursor: null, ...body }), 'listBackupRecord', 'listBackupFile'),
    shows: /"nextCursor":null/,
  },
  'a device that was unbound is still there': {
    id: 'DEC-16',
    result: 'differs',
    make: excusing(
      (_asked, _forward, given) => (given.body.code === 13000309 ? done({ data: [] }) : given),
      'listConfigInfos',
    ),
    shows: /^DELETE [\s\S]*GET [^\n]*configs[^\n]*\n[^\n]*"code":0/m,
  },
  'a lock is given to everybody': {
    id: 'DEC-25',
    result: 'differs',
    make: excusing(
      (_asked, _forward, given) =>
        given.body.code === 13990423 ? done({ data: { lockId: `${randomUUID()}@100` } }) : given,
      'createBackupLock',
    ),
    shows: /POST \/backup\/lock [^\n]*\n[^\n]*"code":0[\s\S]*POST \/backup\/lock [^\n]*\n[^\n]*"code":0/,
  },
  'a compare-and-set is not atomic': {
    id: 'CFG-2',
    clients: 2,
    make: (patienceMillis) => {
      const meet = meeting(patienceMillis)
      return instead(async (asked, forward) => {
        const { moduleCode, configName, currentConfigValue } = asked.body
        const presentValue = async () => {
          const { body } = await forward({
            ...asked,
            method: 'GET',
            query: { moduleCode, configName },
            body: undefined,
          })
          return body.data?.configValue
        }
        if ((await presentValue()) !== currentConfigValue) return forward(asked)
        await meet()
        for (;;) {
          const given = await forward({ ...asked, body: { ...asked.body, currentConfigValue: await presentValue() } })
          if (given.body.code === 0) return given
        }
      }, 'updateConfigInfo')()
    },
    shows: /PATCH [^\n]*\n[^\n]*"code":0[\s\S]*PATCH [^\n]*\n[^\n]*"code":0/,
  },
  'a lock is given twice to those who come at the same time': {
    id: 'DEC-25',
    result: 'differs',
    clients: 3,
    make: (patienceMillis) => {
      const meet = meeting(patienceMillis)
      let holder: string | undefined
      return async (asked, forward): Promise<Given> => {
        if (asked.operation === 'createBackupLock') {
          if (holder !== undefined) return refusal('lockHeld')
          await meet()
          holder = `${randomUUID()}@100`
          return done({ data: { lockId: holder } })
        }
        if (asked.operation !== 'renewalBackupLock' && asked.operation !== 'releaseBackupLock') return forward(asked)
        if (asked.headers['x-backup-lock-id'] !== holder) return refusal('lockNotHeld')
        if (asked.operation === 'releaseBackupLock') holder = undefined
        return done()
      }
    },
    shows: /POST \/backup\/lock [^\n]*\n[^\n]*"code":0[\s\S]*POST \/backup\/lock [^\n]*\n[^\n]*"code":0/,
  },
}

/** What a script prints when it is run against a server. */
async function printed(t: Test, folder: string, script: string, url: string): Promise<string> {
  writeFileSync(`${folder}/script.sh`, script)
  const env = {
    PATH: `${folder}:${process.env['PATH']}`,
    KOODRIVE_TARGET: url,
    KOODRIVE_TOKEN: 'some-token',
    KOODRIVE_USER: 'script-user',
  }
  const shell = runProcess(t, 'bash', [`${folder}/script.sh`], { env, cwd: folder })
  t.match(await shell.exited, { code: 0 }, shell.stderr())
  t.equal(shell.stderr(), '')
  return shell.stdout()
}

const requestsOf = (script: string): number => script.match(/^# .*To be answered/gm)?.length ?? 0

for (const [title, { id, result = 'failed', seed = 1, clients = 1, avoid = [], make, shows }] of Object.entries(
  mutants,
)) {
  t.test(`${id}: ${title}, which a few requests show`, { buffered: true, ...onPosix() }, async (t) => {
    const { start, time } = await servers(t)
    const report = await run(t, { url: start(make(20)), seed, clients, avoid })
    t.match(report, { result, id }, JSON.stringify(report))
    const { script = '' } = report
    t.ok(requestsOf(script) <= 7, script)
    t.notMatch(script, 'very-secret-token')
    const folder = standIns(t)
    time.now = Date.now() + 60_000 // a little behind it is what `date` will say
    t.match(await printed(t, folder, script, start(make(1500))), shows, script)
    // Every command of a script is a process: that it shows nothing elsewhere is seen for some.
    if (result === 'failed') t.notMatch(await printed(t, folder, script, start(honest)), shows)
  })
}

t.test('the same seed sends the same, and gives the same script; another one does not', async (t) => {
  const { start } = await servers(t)
  const make = answering((body) => ({ ...body, data: [] }), 'listBoundDevice')
  const scriptOf = async (seed: number) => {
    const sent: string[] = []
    const observe = ({ request: { method, body } }: Evidence) =>
      sent.push(`${method} ${body.replace(/[\da-f]{16,}/g, '')}`)
    const report = await run(t, { url: start(make()), seed, runs: 10, observe })
    t.match(report, { result: 'failed', id: 'DEV-3' })
    return { sent, script: report.script }
  }
  const [first, second, other] = [await scriptOf(5), await scriptOf(5), await scriptOf(6)]
  t.same(first, second)
  t.notSame(first.sent, other.sent)
})

t.test('what the target is known to differ on is not tried again, and hides nothing else', async (t) => {
  const { start } = await servers(t)
  const { 'a wrong current value is let through': lenient } = mutants
  const wrongly = start(lenient?.make(0) ?? honest)
  t.match(await run(t, { url: wrongly, runs: 10, avoid: ['CFG-2'] }), { result: 'passed', left: [] })
  const everywhere: StatementId[] = [
    'SCO-2',
    'SCO-3',
    'DEC-16',
    'DEC-19',
    'DEC-20',
    'DEC-25',
    'DEC-26',
    'DEC-27',
    'DEC-28',
  ]
  t.match(await run(t, { url: start(honest), runs: 15, avoid: everywhere }), { result: 'passed', left: [] })
  const ofScopes = ['batchAddBackupScope', 'batchDeleteBackupScope', 'listBackupScope'] as const
  const empty = start(instead(() => done(), ...ofScopes)())
  const known: StatementId[] = ['DEC-16', 'DEC-19', 'COM-7', 'SCO-1']
  t.match(await run(t, { url: empty, runs: 10, avoid: known }), { result: 'failed', id: /^SCO-/ })
  const all: StatementId[] = [...known, 'SCO-3', 'SCO-5', 'SCO-6', 'DEC-20']
  t.match(await run(t, { url: empty, runs: 15, avoid: all }), { result: 'passed', left: [] })
})

t.test('the lock of a module that another client holds is left alone', async (t) => {
  const { start } = await servers(t)
  const url = start(honest)
  const target = createTarget({ url, userId, credentials: token, wallClock: () => 0 })
  t.teardown(() => target.close())
  await target.call('listBoundDevice')
  const locks: string[] = []
  for (const moduleCode of ['100', '101', '102']) {
    const { json } = await target.call('createBackupLock', { body: { moduleCode } })
    locks.push(Object(json).data.lockId)
    const asked = new Set<string>()
    const observe = ({ request: { url, body } }: Evidence) => {
      if (url.endsWith(contracts.createBackupRecord.path)) asked.add(JSON.parse(body).moduleCode)
    }
    t.match(await run(t, { url, runs: 5, observe }), { result: 'passed', left: [] })
    t.notOk(asked.has(moduleCode))
  }
  t.match(await run(t, { url, runs: 5, clients: 2 }), { result: 'passed', left: [] }, 'a configuration can be shared')
  for (const lockId of locks) t.match(await target.call('renewalBackupLock', { lockId }), { status: 200 })
})

t.test('DEC-22: a configuration is shared where there is one, or one can be made', async (t) => {
  for (const [devices, data] of [
    ['adopt', []],
    ['strict', 'none'],
  ] as const) {
    const hiding = answering((body) => ({ ...body, data }), 'listConfigInfos')
    const { start } = await servers(t, devices)
    const names = new Set<string>()
    const observe = ({ request: { url, body } }: Evidence) => {
      if (url.endsWith('/config')) names.add(JSON.parse(body).configName)
    }
    const url = start(hiding())
    t.match(await run(t, { url, runs: 5, clients: 2, observe }), { result: 'passed', left: [] })
    t.same([...names], ['verify_random'])
    const answers = new Set<string>()
    const seeAnswer = ({ request: { method, body }, response }: Evidence) => {
      if (method === 'PATCH' && body.includes('verify_random')) answers.add(JSON.stringify(response))
    }
    const alone = await run(t, { url: start(honest), seed: 3, runs: 6, observe: seeAnswer })
    t.match(alone, { result: 'passed', left: [] })
    const isRefused = [...answers].some((answer) => answer.includes('13000309'))
    t.equal(isRefused, devices === 'strict', 'one client goes on where none can be made')
    const avoid: StatementId[] = devices === 'adopt' ? ['CFG-2', 'CFG-3', 'DEC-25'] : ['DEC-25']
    const nothing = { result: 'not observable', reason: /neither a configuration nor a lock/ }
    t.match(await run(t, { url, runs: 5, clients: 2, avoid }), nothing)
  }
})

/** Does something else from some call of an operation on. */
const after = (calls: number, given: Given, operation: Parameters<typeof instead>[1]): (() => Serve) => {
  let count = 0
  return instead((asked, forward) => (++count > calls ? given : forward(asked)), operation as 'bindDevice') // any of them
}

t.test('what may be another’s doing, or the network’s, is not observable', async (t) => {
  const { start } = await servers(t)
  let lists = 0
  const kinds: Record<string, () => Serve> = {
    'the lock of module 10. was not given': after(3, refusal('lockHeld'), 'createBackupLock'),
    'seen once, and not again: device': answering((body) => {
      if (body.data.length === 0) return body
      lists += 1
      return lists === 1 ? { ...body, data: [] } : body
    }, 'listBoundDevice'),
    'seen once, and not again: a lock that was released': after(3, done(), 'releaseBackupLock'),
    'the target answered HTTP 429': after(0, refusal('throttled'), 'listBackupScope'),
    'the target answered HTTP 401': after(0, refusal('unauthorized'), 'listBackupScope'),
    'the target answered HTTP 500': after(3, refusal('internal'), 'createBackupLock'),
    'binding a device was to be accepted': after(0, answer(400, { code: 3, msg: 'no' }), 'bindDevice'),
  }
  for (const [reason, make] of Object.entries(kinds)) {
    const report = await run(t, { url: start(make()) })
    t.match(report, { result: 'not observable', reason: new RegExp(reason) }, JSON.stringify(report))
  }
})

t.test('an interrupted run ends at once, and can be cleaned up after', async (t) => {
  const { start, worldOf } = await servers(t)
  const turns = [
    [1, 30],
    [1, 80],
    [3, 0],
    [3, 3],
    [3, 5],
    [3, 8],
  ] as const
  for (const [clients, requests] of turns) {
    let left: number = requests
    const url = start(honest)
    t.match(await run(t, { url, clients, isInterrupted: () => left-- <= 0 }), { thrown: 'Interrupted', left: [] })
    t.ok(isClean(worldOf(url)))
  }
})

t.test('a target that is lost on the way is lost, and what is left there is said', async (t) => {
  const { start } = await servers(t)
  let calls = 0
  const chance = await run(t, { url: start(honest), isLost: () => ++calls === 100 })
  t.match(chance, { result: 'passed', left: [] }, 'a connection may break by chance')
  let left = 100
  const { thrown, left: behind } = await run(t, { url: start(honest), isLost: () => left-- <= 0 })
  t.equal(thrown, 'TargetLost')
  t.match(behind.join(), /device/)
})
