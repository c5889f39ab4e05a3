import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { functionAttempt } from '../../gauntlet/function-attempt.ts'
import { isMeant, prepare } from '../../gauntlet/gauntlet.ts'
import type { AssertableReport, AttemptPlace, GauntletOptionsInProcess } from '../../gauntlet/index.ts'
import { gauntlet, NotKind } from '../../gauntlet/index.ts'
import { tryOut } from '../../gauntlet/trial.ts'
import { goals } from '../../src/coverage/goals.ts'
import { remedies } from '../../src/coverage/remedies.ts'
import { closedPort } from '../fixtures/wire.ts'
import type { Bug } from './fixtures/bugs.ts'
import { plantedBugs } from './fixtures/bugs.ts'
import { backUp } from './fixtures/sample-client.ts'
import { sampleSeed } from './fixtures/seed.ts'

const folder = mkdtempSync(join(tmpdir(), 'koodrive-gauntlet-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const seed = join(folder, 'seed.json')
writeFileSync(seed, JSON.stringify(sampleSeed))
const settings = { seed, devices: 'strict' } as const

const sample =
  (...bugs: Bug[]) =>
  (place: AttemptPlace) =>
    backUp(place, new Set(bugs))
const run = (bugs: Bug[], options: GauntletOptionsInProcess) =>
  gauntlet(sample(...bugs), { settings, jobs: 4, patience: 300, ...options })
const courseBeside = {
  pairs: false,
  strict: false,
  jobs: 1,
  failFast: false,
  withHar: false,
  withWorlds: false,
} as const
const verdictsIn = ({ trials }: AssertableReport) => trials.map(({ id, verdict }) => `${verdict} ${id}`)

/** Some of everything: the network, uploads, a restart, a competitor with his reference, locks, tokens, clocks, unkindness. */
const some = [
  'bindDevice#1:throttle',
  'batchAddBackupScope#1:fail-item-0',
  'updateConfigInfo(generation):competitor',
  'createBackupRecord#1:lose-answer',
  'createBackupRecord#1:outage',
  'uploadPart#1:link-expired',
  'uploadPart#1:restart',
  'completeFile#1:completion-refused',
  'completeBackup#1:lock-stolen',
  'listBackupScope#1:device-gone',
  'createBackupFile(a.txt):token-expired',
  'all:pages-of-1',
  'all:client-clock-16-min-ahead',
]

t.test('a careful client outlives it; what it may give up at, it gives up honestly', async (t) => {
  const report = await run([], { only: some })
  t.same(report.groups, [])
  report.assert()
  for (const trial of report.trials) trial.assert()
  t.same(
    verdictsIn(report)
      .filter((line) => !line.startsWith('survived'))
      .sort(),
    [
      'gave up completeBackup#1:lock-stolen',
      'gave up createBackupRecord#1:outage',
      'gave up listBackupScope#1:device-gone',
    ],
  )
  t.match(report.kind, {
    calls: 22,
    masks: ['record properties at'],
    operations: { bindDevice: 1, createBackupFile: 2 },
  })
  t.equal(report.trials.length, some.length)
  t.ok(report.isComplete)
  t.ok(report.coverage.shares.mishaps.met > 0)
})

t.test('what coverage sends to the gauntlet, the gauntlet lets a client meet', async (t) => {
  const around = {
    settings,
    user: '1001',
    attempt: functionAttempt((place) => backUp(place)),
    signal: new AbortController().signal,
  }
  const course = { depth: 'all', only: [], skip: [], patienceMillis: 300_000, mostCalls: undefined } as const
  const { kind, plan } = await prepare(around, { ...courseBeside, ...course })
  for (const { title, fits, adversities = [] } of remedies) {
    for (const word of adversities) {
      const concerned = [...goals].filter(([, own]) => own.some(fits)).map(([operation]) => operation)
      const adversity = plan.find(
        ({ id, operation }) => isMeant(id, [word]) && (operation === null || concerned.includes(operation)),
      )
      if (adversity === undefined) throw new Error(`nothing is planned that ${word} means`)
      const { run } = await tryOut(adversity, around, kind, { isStrict: false, withHar: false, withWorlds: false })
      const met = run.coverage.operations.flatMap(({ operation, goals: own }) =>
        own.flatMap(({ kind: of, what, met: times }) =>
          times > 0 ? (goals.get(operation) ?? []).filter((goal) => goal.kind === of && goal.what === what) : [],
        ),
      )
      t.ok(met.some(fits), `${title}: ${adversity.id}`)
    }
  }
  t.equal(remedies.filter(({ adversities = [] }) => adversities.length > 0).length, 9)
})

t.test('four bugs at once are told as four reasons', async (t) => {
  const only = [
    'bindDevice#1:throttle',
    'createBackupRecord#1:outage',
    'createBackupRecord#1:lose-answer',
    'all:pages-of-1',
    'all:reversed',
  ]
  const report = await run(['blind-record-retry', 'lock-kept-on-error', 'ignore-retry-after', 'first-page-only'], {
    only,
  })
  t.same(report.groups.map(({ verdict, ids }) => `${verdict} ${ids.join(' ')}`).sort(), [
    'LEFT A MESS createBackupRecord#1:outage',
    'LIED all:pages-of-1',
    'LIED createBackupRecord#1:lose-answer',
    'RUDE bindDevice#1:throttle',
  ])
  t.throws(() => report.assert(), { message: /4 runs went wrong for 4 reasons/ })
  t.throws(() => report.trials.find(({ verdict }) => verdict === 'RUDE')?.assert(), {
    message: /^RUDE: the server asked to wait.*\n {2}retry-without-waiting/,
  })
  const [group] = report.groups.filter(({ verdict }) => verdict === 'LEFT A MESS')
  t.match(group, {
    says: 'the server fails from now on, at createBackupRecord#1',
    why: ['the lock of module 100 was never released'],
    regression: [
      "world.faults.add({ operations: ['createBackupRecord'], when: { from: 1 }, effect: { type: 'refuse', error: 'internal' } })",
    ],
    lastLines: [/^POST \/record: 13000201/],
    restsOn: { documented: /REC-1/, assumed: /DEC-/ },
  })
  t.match(group?.calls.join('\n'), /createBackupLock +200 0\n.*createBackupRecord +500 13000201 +<- refuse/)
})

/** One adversity that shows each; the whole corpus at its whole depth is `npm run torture -- gauntlet`. */
const shown: Partial<Record<Bug, string>> = {
  'ignore-failed-items': 'batchAddBackupScope#1:fail-item-0',
  'mismatch-is-success': 'updateConfigInfo(generation):competitor',
  'completion-assumed': 'completeFile#1:completion-refused',
  'clock-ahead': 'all:fields',
  'lock-storm': 'createBackupLock#1:held-for-long',
  'lost-update': 'updateConfigInfo(generation):competitor',
  'first-page-only': 'all:pages-of-1',
  'stops-at-empty-page': 'all:empty-pages',
  'cursor-unencoded': 'all:cursors',
  'strict-fields': 'all:fields',
  'trusts-order': 'all:reversed',
  'bind-with-new-code': 'bindDevice#1:lose-answer',
  'upload-unchecked': 'uploadPart#1:link-expired',
  'expired-link-is-fine': 'uploadPart#1:link-expired',
  'seconds-in-32-bits': 'all:far-future',
}

t.test('a bug is found where it shows, and by that alone', async (t) => {
  for (const [bug, id] of Object.entries(shown)) {
    const name = bug as Bug // the keys are bugs
    const report = await run([name], { only: [id], mostCalls: 150 })
    t.match(
      report.groups,
      [{ verdict: plantedBugs[name].verdicts[0], ids: [name === 'clock-ahead' ? 'none' : id] }],
      name,
    )
    t.equal(report.groups.length, 1, name)
  }
})

t.test('pairs: what was done only because something went wrong fails as well', async (t) => {
  const id = 'createBackupRecord#1:lose-answer+listBackupRecord#1:outage'
  const report = await run(['recovery-blind'], { only: [id] })
  t.match(report.groups, [{ ids: [id] }])
  const all = await run([], { only: ['createBackupRecord#1:lose-answer'], pairs: true })
  t.same(
    all.trials.map((trial) => trial.id),
    ['createBackupRecord#1:lose-answer', id],
  )
  t.same(all.groups, [])
  const rival = 'updateConfigInfo(backend_backup_switch):competitor'
  const unread = await run([], { only: [rival], pairs: true })
  t.match(unread.trials, [{ id: rival }, { verdict: 'gave up' }], 'the value of a competitor is on the way')
})

t.test('the same verdicts with one job and with several, and the same again alone', async (t) => {
  const only = some.slice(0, 6)
  const bugs: Bug[] = ['blind-record-retry', 'lock-kept-on-error']
  const [one, four] = [await run(bugs, { only, jobs: 1 }), await run(bugs, { only, jobs: 4 })]
  t.same(verdictsIn(one), verdictsIn(four))
  for (const { id, verdict } of one.trials.filter((trial) => /[A-Z]/.test(trial.verdict)))
    t.same(verdictsIn(await run(bugs, { only: [id] })), [`${verdict} ${id}`])
})

t.test('a restart is two tries long, however fast or slow the client is', async (t) => {
  const verdicts: string[] = []
  for (const [tries, pause] of [
    [2, 0],
    [2, 150],
    [3, 0],
    [3, 150],
  ] as const) {
    const work = async ({ url, token }: AttemptPlace) => {
      for (let left = tries; ; left -= 1) {
        const isDone = await bind(url, token, 'M', 1).then(
          () => true,
          () => left <= 1 && Promise.reject(new Error('no server')),
        )
        if (isDone) return
        await wait(pause)
      }
    }
    const { trials } = await gauntlet(work, { only: ['bindDevice#1:restart'] })
    verdicts.push(...trials.map(({ verdict, met, calls }) => `${verdict} ${met} of ${calls}`))
  }
  t.same(verdicts, ['gave up 2 of 2', 'gave up 2 of 2', 'survived 2 of 3', 'survived 2 of 3'])
})

t.test('a lock that is kept although nothing goes wrong is told once, and not as what went wrong then', async (t) => {
  const work = async ({ url, token }: AttemptPlace) => {
    await bind(url, token, 'M', 1)
    const lock = { method: 'POST', headers: headers(token), body: JSON.stringify({ moduleCode: '100' }) }
    const { status } = await fetch(`${url}/koodrive/ose/v1/backup/lock`, lock)
    if (status !== 200) throw new Error('no lock')
  }
  const report = await gauntlet(work, { only: ['all:fields', 'createBackupLock#1:refuse-500'] })
  t.match(report.groups, [
    {
      verdict: 'RUDE',
      ids: ['none'],
      says: 'nothing went wrong',
      why: ['the lock of module 100 was never released'],
      restsOn: { documented: ['LOC-1', 'LOC-3'], assumed: ['DEC-25'] },
    },
  ])
  t.equal(report.groups.length, 1)
})

t.test('strict: one who gives up at the first hiccup is frail', async (t) => {
  const report = await run(['one-attempt'], { only: ['createBackupRecord#1:reset'], strict: true })
  t.match(report.groups, [{ verdict: 'FRAIL' }])
})

t.test('without a sound beginning there is nothing to be held against', async (t) => {
  let times = 0
  const rows: [work: (place: AttemptPlace) => unknown, reason: string, message: RegExp][] = [
    [() => Promise.reject(new Error('no')), 'fails', /^it fails although nothing goes wrong: no$/],
    [() => undefined, 'silent', /^it never called the emulator: does it call the url that it is given\?$/],
    [
      async ({ url }) => {
        await fetch(url)
        times += 1
        if (times > 1) throw new Error('no')
      },
      'unsteady',
      /^it passed once and not twice: does it keep anything between runs\? Let it use the runDir that it is given: no$/,
    ],
    [
      ({ url, token }) => bind(url, token, `M${times++}`.padEnd(6, 'x'), times > 3 ? 2 : 1),
      'unsteady',
      /^it passed twice and did not end alike/,
    ],
  ]
  for (const [work, reason, message] of rows) {
    const failure = await gauntlet(work).catch((error: unknown) => error)
    t.ok(failure instanceof NotKind)
    t.match(failure, { reason, message })
    t.equal(Object(failure).cause?.message, message.source.endsWith(': no$') ? 'no' : undefined)
  }
})

/** Binds so many devices. */
async function bind(url: string, token: string, machineCode: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const answer = await fetch(`${url}/koodrive/ose/v1/backup/device`, {
      method: 'POST',
      headers: headers(token),
      body: JSON.stringify({ machineCode: `${machineCode}${index}` }),
    })
    if (answer.status !== 200) throw new Error(`${answer.status}`)
  }
}

const headers = (token: string) => ({
  authorization: `Bearer ${token}`,
  'x-user-id': '1001',
  'content-type': 'application/json',
  'x-date': new Date().toISOString().replace(/[-:]|\.\d{3}/g, ''),
})

t.test('worlds that a client begins for itself are inside, each counting for itself', async (t) => {
  const work = async ({ url, token, control }: AttemptPlace) => {
    for (const name of ['one', 'two']) {
      const world = control.replace('default', name)
      for (const _ of [1, 2]) await fetch(world, { method: 'PUT' })
      await fetch(`${url}/worlds/${name}/koodrive/ose/v1/backup/device`, { headers: headers(token) })
      if (name === 'one') await fetch(world, { method: 'DELETE' })
    }
  }
  const report = await gauntlet(work, { only: [':refuse-500'], settings: { seed: 'none' } })
  t.match(report.kind.operations, { listBoundDevice: 2 })
  t.match(report.trials, [{ id: 'listBoundDevice#1:refuse-500', verdict: 'survived', met: 2, calls: 2 }])
})

t.test(
  'one that does not end is hung, one who is told to stop is heard, and the first failure may be the last',
  async (t) => {
    let isTold = false
    const work = async ({ url, token, adversity, signal }: AttemptPlace) => {
      signal.addEventListener('abort', () => {
        isTold = true
      })
      await bind(url, token, 'M', 1)
      if (adversity !== 'none') await new Promise(() => undefined)
    }
    const only = ['bindDevice#1:slow', 'all:far-future']
    const report = await gauntlet(work, { only, patience: 0.2, jobs: 1, failFast: true })
    t.match(report.groups, [{ verdict: 'HUNG', ids: ['bindDevice#1:slow'] }])
    t.equal(report.trials.length, 1)
    t.notOk(report.isComplete)
    t.ok(isTold)
    const stop = new AbortController()
    const ended = await gauntlet(
      async ({ url, token, adversity }) => {
        await bind(url, token, 'M', 1)
        if (adversity !== 'none') stop.abort()
        if (adversity !== 'none') await new Promise(() => undefined)
      },
      { only, signal: stop.signal },
    )
    t.same([ended.trials, ended.isComplete], [[], false], 'a run that was ended shows nothing')
    const message = /^ended by its signal after 0 of 2 adversities\n1 call without mishap, 0 adversities of 2: \n$/
    t.throws(() => ended.assert(), { code: 'ERR_ASSERTION', message }, 'least of all that all is well')
  },
)

t.test('of one that ends when it is told to, nobody says that it did not', async (t) => {
  const work = async ({ url, token, adversity, signal }: AttemptPlace) => {
    await bind(url, token, 'M', 1)
    if (adversity !== 'none') await wait(60_000, undefined, { signal })
  }
  const report = await gauntlet(work, { only: ['all:fields'], patience: 0.2 })
  t.match(report.groups, [{ verdict: 'HUNG', lastLines: ['The operation was aborted'] }])
})

t.test('what an assertion says is for whoever wrote the function', async (t) => {
  const report = await run(['one-attempt'], { only: ['createBackupRecord#1:reset'], strict: true })
  const { message } = t.throws(() => report.assert(), { code: 'ERR_ASSERTION' }) as Error
  t.match(message, /^ {2}see it again {3}gauntlet\(work, \{ only: \['createBackupRecord#1:reset'\] \}\)$/m)
  t.match(message, /\n {2}rests on .*\n$/, 'and ends there')
})

t.test('options that cannot be taken, and those that would have nothing tried, are refused before all', async (t) => {
  const refuse = async (options: object, message: string | RegExp, work: unknown = () => t.fail('it is never run')) =>
    t.rejects(gauntlet(work as never, options), { name: 'SettingsError', message })
  await refuse({}, 'gauntlet takes a function that makes a backup, and its options', null)
  await refuse(null as never, 'gauntlet takes an object of options behind the function')
  await refuse({ dept: 'all' }, /^gauntlet has no option dept; it has depth, only, /)
  await refuse({ constructor: 1 }, /^gauntlet has no option constructor/)
  for (const [name, wrongs, expected] of [
    ['depth', ['deep', null], 'one of quick, usual, all'],
    ['only', [':reset', null, [5], ['']], "an array of ids, such as ['createBackupLock#1:reset']"],
    ['skip', [':reset'], "an array of ids, such as ['createBackupLock#1:reset']"],
    ['jobs', [0, -1, 1.5, 65, '2', Number.NaN, null], 'a whole number from 1 to 64'],
    ['mostCalls', [0, '3', 1_000_001], 'a whole number from 1 to 1000000'],
    [
      'patience',
      [0, -1, '5', Number.NaN, Number.POSITIVE_INFINITY],
      'a number of seconds, more than 0 and at most 86400',
    ],
    ['strict', ['no', null], 'true or false'],
    ['user', [5, '', 'a b'], '1 to 64 visible ASCII characters without spaces'],
    ['settings', [null, 5], 'an object of settings'],
    ['signal', [null, {}, 5], 'an AbortSignal'],
  ] as const)
    for (const wrong of wrongs) await refuse({ [name]: wrong }, `gauntlet takes ${expected} as ${name}`)

  const work = ({ url, token }: AttemptPlace) => bind(url, token, 'M', 1)
  await refuse({ only: ['all:fields', 'mistyped'] }, /^--only mistyped leaves nothing to try/, work)
  await refuse({ skip: ['bindDevice', 'bindDevice#1', 'bindDevice(M0)', 'all'] }, /^--skip leaves nothing to try/, work)
  const given = { depth: undefined, only: ['all:fields'], skip: undefined, jobs: undefined, signal: undefined }
  const { trials } = await gauntlet(work, given as object)
  t.equal(trials.length, 1, 'what is undefined is not given')
})

t.test('what went otherwise the second time counts as it went then', async (t) => {
  const seen = new Map<string, number>()
  const work = async ({ url, token, adversity }: AttemptPlace) => {
    const times = (seen.get(adversity) ?? 0) + 1
    seen.set(adversity, times)
    if (adversity === 'all:fields' && times === 1) throw new Error('a busy machine')
    if (adversity === 'bindDevice#1:slow' && times === 1) throw new Error('too busy to call')
    await bind(url, token, 'M', 1)
  }
  const report = await gauntlet(work, { only: ['all:fields', 'bindDevice#1:slow', 'all:cursors'] })
  t.same(
    report.trials.map(({ id, verdict, before }) => [id, verdict, before]),
    [
      ['all:fields', 'survived', 'not met'],
      ['all:cursors', 'survived', null],
      ['bindDevice#1:slow', 'survived', 'not met'],
    ],
  )
})

t.test('a client that calls nothing that there is, and says so in its own way', async (t) => {
  const work = async ({ url, adversity }: AttemptPlace) => {
    await fetch(url)
    if (adversity === 'all:fields') return Promise.reject('no error')
  }
  const report = await gauntlet(work, { only: ['all:fields'] })
  t.match(report.groups, [
    { verdict: 'BROKE', why: ['no error'], calls: [/GET \/ +404 13000101/], regression: [/unkind/] },
  ])
  t.same(report.kind.operations, {})
})

t.test('where the run with an earlier competitor fails, the end without one is what counts', async (t) => {
  const work = (place: AttemptPlace) =>
    place.adversity.endsWith(':earlier') ? Promise.reject(new Error('no')) : backUp(place)
  const report = await gauntlet(work, { settings, only: ['updateConfigInfo(generation):competitor'] })
  t.match(report.groups, [
    { verdict: 'LIED', why: [/^missing: config .*configValue=g1/, /^instead: config .*configValue=g6/] },
  ])
})

t.test('one that is ended before it began tells nothing', async (t) => {
  const ended = gauntlet(() => new Promise(() => undefined), { signal: AbortSignal.abort() })
  await t.rejects(ended, { reason: 'fails', message: 'interrupted' })
  const idle = () => undefined
  await t.rejects(gauntlet(idle, { settings: { control: 'off' } }), { message: /--control off leaves nothing/ })
  await t.rejects(gauntlet(idle, { settings: { db: 'a.db' } }), { message: /--db: every run begins anew/ })
  await t.rejects(gauntlet(idle, { settings: { port: 4321 }, jobs: 2 }), { message: /--jobs: with --port/ })
  const { port } = new URL(`http://127.0.0.1:${await closedPort()}`)
  // One run after another on one port.
  await t.rejects(gauntlet(idle, { settings: { port } }), { message: /never called the emulator/ })
})
