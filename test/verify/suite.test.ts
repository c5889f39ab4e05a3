import t from 'tap'
import type { StatementId } from '../../schemas/statements.ts'
import { statements } from '../../schemas/statements.ts'
import { exportState } from '../../src/world/state.ts'
import type { Check } from '../../verify/check.ts'
import type { Credentials } from '../../verify/credentials.ts'
import { Departure } from '../../verify/failures.ts'
import type { Report } from '../../verify/report.ts'
import { runSuite } from '../../verify/run.ts'
import { suite, unobservable } from '../../verify/suite/index.ts'
import { createTarget } from '../../verify/target.ts'
import { layWorkbench } from '../../verify/workbench.ts'
import type { Driven } from '../fixtures/client.ts'
import { driven } from '../fixtures/client.ts'
import type { TestEmulator } from '../fixtures/emulator.ts'
import { emulatorFor, exampleDevice, exampleUser } from '../fixtures/emulator.ts'
import { exampleApp } from '../fixtures/signing.ts'
import type { Mutant, Serve } from './fixtures/mutant.ts'
import { answer, answering, done, excusing, instead, refusal, serveMutants } from './fixtures/mutant.ts'
import { mutants } from './fixtures/mutants.ts'

const quiet = { logLevel: 'silent' }

interface Way {
  readonly url: string
  readonly credentials?: Credentials
  readonly checks?: readonly Check[]
  readonly readOnly?: boolean
}

const verify = ({ time }: TestEmulator, way: Way): Promise<Report> =>
  runSuite({
    userId: exampleUser,
    credentials: { token: 'some-token' },
    checks: suite,
    unobservable,
    wallClock: () => time.now,
    ...way,
  })

/** Ids of the statements of which that was found. */
const idsOf = ({ facts }: Report, ...results: string[]): string[] => [
  ...new Set(facts.filter(({ result }) => results.includes(result)).map(({ id }) => id)),
]

/** All that there is of any user, without the devices that are gone. */
function stateOf({ worlds }: Driven, name: string) {
  const { users = {} } = exportState(worlds.find(name) ?? worlds.main)
  return Object.values(users)
    .map(({ devices = [], ...rest }) => ({ ...rest, devices: devices.filter((device) => !('unbound' in device)) }))
    .filter((user) => Object.values(user).some((list) => list.length > 0))
}

t.test('every statement has a check, or a reason why none can be; titles are sentences, each its own', async (t) => {
  const checked = new Set<string>(suite.map(({ id }) => id))
  for (const id of Object.keys(statements)) t.not(checked.has(id), Object.hasOwn(unobservable, id), id)
  for (const reason of Object.values(unobservable)) t.match(reason, /^[A-Z].*\.$/)
  for (const { title } of suite) t.match(title, /^\S.{10,}[^.]$/)
  t.equal(new Set(suite.map(({ title }) => title)).size, suite.length)
})

/** What no run here can show: for want of time, too. */
const never = [...Object.keys(unobservable), 'COM-14']
const signed = ['COM-15', 'COM-16']

const tokens = [{ userId: exampleUser, token: 'known-token' }]
const configCatalogue = [{ moduleCode: '100', configName: 'a_switch', initialValue: 'on' }]
const devices = [{ deviceId: exampleDevice, machineCode: 'a_phone' }]

interface Mode {
  /** Of a world made for it; the default world without. */
  readonly settings?: object
  readonly credentials?: Credentials
  readonly unseen: readonly string[]
}

const modes: Readonly<Record<string, Mode>> = {
  'as it starts': { unseen: signed },
  'with strict devices, known tokens, and HTTP 200 for refusals': {
    settings: {
      devices: 'strict',
      errorStatus: 'ok',
      auth: 'known',
      seed: { tokens, configCatalogue, users: { [exampleUser]: { devices } } },
    },
    credentials: { token: 'known-token' },
    unseen: signed,
  },
  'with app signatures, for a user without devices and configurations': {
    settings: { auth: 'known', seed: { apps: [exampleApp] } },
    credentials: exampleApp,
    unseen: ['DEC-2', 'DEC-5', 'CFG-2', 'CFG-3', 'DEC-23'],
  },
  'where pages vary, lists are shuffled, cursors want encoding, and fields are there that nobody knows': {
    settings: { unkind: { seed: 7, pages: 'varied', order: 'shuffled', fields: true, cursors: true } },
    unseen: signed,
  },
  'where every other page is empty, and lists are reversed': {
    settings: { unkind: { seed: 3, pages: 'sparse', order: 'reversed' } },
    unseen: signed,
  },
}

for (const [words, { settings, unseen, ...credentials }] of Object.entries(modes)) {
  t.test(`the suite passes whole against the emulator ${words}, and leaves nothing behind`, async (t) => {
    const emulator = await driven(t, quiet)
    const name = settings ? 'a-world' : 'default'
    const made = settings && (await emulator.steer('PUT', '', settings, name))
    t.equal(made?.status, settings && 201, `${made?.text}`)
    const before = stateOf(emulator, name)
    const report = await verify(emulator, {
      url: settings ? `${emulator.url}/worlds/${name}` : emulator.url,
      ...credentials,
    })
    t.strictSame(idsOf(report, 'failed', 'differs'), [])
    t.strictSame([...report.defects, ...report.leftBehind], [])
    t.ok(report.summary.conforms)
    const seen = new Set(idsOf(report, 'passed', 'agrees'))
    t.strictSame(
      Object.keys(statements).filter((id) => !seen.has(id)),
      Object.keys(statements).filter((id) => [...never, ...unseen].includes(id)),
    )
    t.strictSame(stateOf(emulator, name), before)
  })
}

t.test('with --read-only, nothing but reading requests are sent', async (t) => {
  const emulator = await emulatorFor(t, quiet)
  const addressOf = await serveMutants(t, emulator)
  const methods = new Set<string>()
  const serve: Serve = (asked, forward) => {
    methods.add(asked.method)
    return forward(asked)
  }
  const report = await verify(emulator, { url: addressOf(serve), readOnly: true })
  t.strictSame([...methods], ['GET'])
  t.ok(report.summary.conforms)
  const seen = [
    'COM-1',
    'COM-2',
    'COM-3',
    'COM-4',
    'COM-7',
    'COM-8',
    'COM-11',
    'COM-12',
    'DEV-3',
    'SCO-6',
    'CFG-4',
    'REC-4',
  ]
  t.strictSame(idsOf(report, 'passed'), seen)
})

/** Where a mutant need not meet all checks, it meets those that must find it. */
const checksFor = ({ fails = [], differs = [], whole }: Mutant): readonly Check[] =>
  suite.filter(({ id }) => whole || fails.includes(id) || differs.includes(id))

t.test('each of many deliberate defects is found, and only documented ones fail a server', async (t) => {
  const emulator = await emulatorFor(t, quiet)
  const addressOf = await serveMutants(t, emulator)
  t.ok(mutants.length >= 20)
  for (const mutant of mutants) {
    const { defect, fails = [], differs = [], make } = mutant
    await t.test(`a server that ${defect}: ${[...fails, ...differs].join(' ')}`, async (t) => {
      const report = await verify(emulator, { url: addressOf(make()), checks: checksFor(mutant) })
      const [failed, differing] = [idsOf(report, 'failed'), idsOf(report, 'differs')]
      t.strictSame(
        fails.filter((id) => !failed.includes(id)),
        [],
        `failed: ${failed.join(' ')}`,
      )
      t.strictSame(
        differs.filter((id) => !differing.includes(id)),
        [],
        `differs: ${differing.join(' ')}`,
      )
      t.equal(report.summary.conforms, fails.length === 0, `failed: ${failed.join(' ')}`)
      t.strictSame(report.defects, [])
    })
  }
})

/** The checks that need time, while time flies. Returns the ids of those that depart. */
async function slowly({ time }: TestEmulator, url: string): Promise<string[]> {
  const wallClock = () => time.now
  const target = createTarget({ url, userId: exampleUser, credentials: { token: 'some-token' }, wallClock })
  const pause = async (millis: number) => {
    time.now += millis
  }
  const departing: string[] = []
  for (const { id, run } of suite.filter(({ slow }) => slow)) {
    const workbench = layWorkbench({ target, pause })
    await run(workbench).catch((error) => {
      if (!(error instanceof Departure)) throw error
      departing.push(id)
    })
    await workbench.cleanup.conclude()
  }
  target.close()
  return departing
}

/** What is wrong with time, by the time that has passed since the server began. */
const slowMutants: Readonly<Record<string, readonly [ids: string[], make: (passed: () => number) => () => Serve]>> = {
  'gives locks nine minutes': [
    ['LOC-1', 'LOC-2'],
    (passed) => () => {
      let taken = 0
      return (asked, forward) => {
        if (/Lock$/.test(asked.operation ?? '')) taken = passed()
        return asked.operation === 'createBackupRecord' && passed() - taken > 9 * 60_000
          ? refusal('lockNotHeld')
          : forward(asked)
      }
    },
  ],
  'lets locks live': [['LOC-1', 'LOC-2'], () => excusing(() => done(), 'createBackupRecord')],
  'only says that it renews': [['LOC-2'], () => instead(() => done(), 'renewalBackupLock')],
  'lets links live': [
    ['UPL-5'],
    () => () => async (asked, forward) => {
      const given = await forward(asked)
      return asked.method === 'PUT' && given.status === 403 ? done() : given
    },
  ],
  'lets tokens die': [
    ['COM-14'],
    (passed) => () => (asked, forward) =>
      asked.operation === 'listBoundDevice' && passed() > 20 * 60_000 ? refusal('unauthorized') : forward(asked),
  ],
}

t.test('COM-14 LOC-1 LOC-2 UPL-5: what needs time is seen once there is time', async (t) => {
  const emulator = await emulatorFor(t, quiet)
  const addressOf = await serveMutants(t, emulator)
  t.strictSame(
    await slowly(
      emulator,
      addressOf((asked, forward) => forward(asked)),
    ),
    [],
  )
  for (const [defect, [ids, make]] of Object.entries(slowMutants)) {
    const begun = emulator.time.now
    const serve = make(() => emulator.time.now - begun)()
    t.strictSame((await slowly(emulator, addressOf(serve))).sort(), [...ids].sort(), defect)
  }
})

/** What keeps things from being seen, and the ids with a check that cannot be made then. */
const obstacles: Readonly<Record<string, readonly [ids: StatementId[], make: () => Serve]>> = {
  'another client holds the locks': [
    ['LOC-1', 'LOC-2', 'LOC-3', 'REC-1', 'REC-2', 'REC-3', 'REC-5', 'REC-6', 'FIL-1'],
    instead(() => refusal('lockHeld'), 'createBackupLock'),
  ],
  'the credentials are good for one user': [
    ['DEC-4'],
    () => (asked, forward) => (asked.headers['x-user-id'] === exampleUser ? forward(asked) : refusal('unauthorized')),
  ],
  'a batch is refused whole for one bad scope': [
    ['SCO-3', 'SCO-4'],
    instead(
      (asked, forward) => (JSON.stringify(asked.body).includes('\\\\') ? refusal('invalid') : forward(asked)),
      'batchAddBackupScope',
    ),
  ],
  'a file is answered without how to upload it': [
    ['FIL-2'],
    answering(({ code, msg }) => ({ code, msg }), 'createBackupFile'),
  ],
  'a file has no address to upload it to': [
    ['FIL-2'],
    answering((body) => ({ ...body, multiParts: [] }), 'createBackupFile'),
  ],
  'files are listed later': [['FIL-2'], answering((body) => ({ ...body, data: [] }), 'listBackupFile')],
  'a gateway refuses by itself': [
    ['COM-12'],
    excusing(() => answer(401, { error_code: 'APIGW.0301', error_msg: 'no', request_id: '1' })),
  ],
  'an upload is not taken': [
    ['FIL-2'],
    () => (asked, forward) => (asked.path.includes('/_upload/') ? answer(403, {}) : forward(asked)),
  ],
}

t.test('what is not taken away again is said', async (t) => {
  const emulator = await emulatorFor(t, quiet)
  const addressOf = await serveMutants(t, emulator)
  const checks = suite.filter(({ id }) => id === 'DEV-2')
  for (const key of ['internal', 'unauthorized'] as const) {
    const url = addressOf(instead(() => refusal(key), 'unbindDevice')())
    const { leftBehind } = await verify(emulator, { url, checks })
    t.match(leftBehind, [/^deviceId \d+ is still bound: HTTP (500|401) /])
  }
})

t.test('what cannot be seen is no failure', async (t) => {
  const emulator = await emulatorFor(t, quiet)
  const addressOf = await serveMutants(t, emulator)
  for (const [obstacle, [ids, make]] of Object.entries(obstacles)) {
    const checks = suite.filter(({ id }) => ids.includes(id))
    const { facts, summary } = await verify(emulator, { url: addressOf(make()), checks })
    const unseen = facts.filter((fact) =>
      fact.checks.some(({ result, reason = '' }) => result === 'not observable' && !reason.includes('--slow')),
    )
    t.strictSame(unseen.map(({ id }) => id).sort(), [...ids].sort(), obstacle)
    t.ok(summary.conforms, obstacle)
  }
})
