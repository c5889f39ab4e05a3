import t from 'tap'
import { noWorlds } from '../../cli/kept-worlds.ts'
import type { Adversity } from '../../gauntlet/adversity.ts'
import type { ClientCall } from '../../gauntlet/calls.ts'
import type { Entity } from '../../gauntlet/entities.ts'
import { groupsIn } from '../../gauntlet/groups.ts'
import type { Standard } from '../../gauntlet/judge.ts'
import { judgeRun } from '../../gauntlet/judge.ts'
import type { Kind } from '../../gauntlet/kind.ts'
import { pairsOf } from '../../gauntlet/pairs.ts'
import { ProgressTeller } from '../../gauntlet/progress.ts'
import { inTurns } from '../../gauntlet/queue.ts'
import type { Run } from '../../gauntlet/run.ts'
import type { JudgedRun } from '../../gauntlet/trial.ts'
import type { CoverageView } from '../../schemas/coverage.ts'
import type { WholeEntryView } from '../../src/journal/view.ts'

const device: Entity = { type: 'device', fields: { device: 'M', unbound: false } }
const scope: Entity = { type: 'scope', fields: { device: 'M', localPath: '/a' } }
const config: Entity = { type: 'config', fields: { device: 'M', configName: 'c', configValue: 'on' } }
const record = (completed: boolean, files: readonly string[] = ['x'], run = 1): Entity => ({
  type: 'record',
  fields: { device: 'M', properties: { run }, completed },
  files: files.map((fileName) => ({ fileName, pending: false })),
})
const end = [device, scope, config, record(true)]
const standard: Standard = {
  masks: new Set(),
  ends: [end],
  states: [[device], [device, scope], [device, scope, config], [device, scope, config, record(false)], end],
  usual: new Set(),
  keptModules: new Set(),
}

const at = '2026-01-01T00:00:0'
const entry = (id: number, change: Partial<WholeEntryView> = {}): WholeEntryView =>
  ({
    id,
    operation: 'bindDevice',
    method: 'POST',
    path: '/device',
    status: 200,
    code: 0,
    delivered: true,
    fault: null,
    effect: null,
    retryAfter: null,
    wallTime: `${at}${id}.000Z`,
    requestHeaders: {},
    responseBody: null,
    ...change,
  }) as WholeEntryView // the rest is not looked at

const ran = (change: Partial<Run> = {}): Run => ({
  status: 0,
  output: '',
  millis: 100,
  cut: null,
  entries: [entry(1), entry(2, { fault: 'fault-1' }), entry(3)],
  findings: [],
  met: 1,
  entities: end,
  states: [],
  livingLocks: [],
  coverage: {} as CoverageView, // not looked at
  dropped: 0,
  har: undefined,
  worlds: noWorlds,
  ...change,
})
const failed = (change: Partial<Run> = {}) => ran({ status: 1, output: 'one\nbackup failed: 13000201\n', ...change })

const befallen = (change: Partial<Adversity> = {}): Adversity => ({
  id: 'bindDevice#1:reset',
  operation: 'bindDevice',
  what: 'reset',
  kind: 'transient',
  says: 'the connection broke',
  faults: [{ operations: ['bindDevice'], effect: { type: 'reset' } }],
  restsOn: ['DEV-1'],
  ...change,
})
const verdictOf = (run: Run, adversity = befallen(), held = standard, isStrict = false) =>
  judgeRun(adversity, run, held, isStrict).verdict

const without = (...entities: Entity[]) => end.filter((one) => !entities.includes(one))
const lock = { lockId: 'l', moduleCode: '100' }
const created = entry(1, { operation: 'createBackupLock', responseBody: { data: { lockId: 'l' } } })
const withLock = { livingLocks: [lock], entries: [created, entry(2, { fault: 'fault-1' }), entry(3)] }

t.test('success is held against the end of a run without mishap', async (t) => {
  t.equal(verdictOf(ran()), 'survived')
  t.match(judgeRun(befallen(), ran({ entities: without(scope) }), standard, false), {
    verdict: 'LIED',
    why: ['missing: scope device=M localPath=/a'],
    difference: { missing: [scope], instead: [] },
    sign: 'LIED bindDevice -scope',
  })
  t.equal(verdictOf(ran({ entities: [...end, scope] })), 'LIED', 'twice is not once')
  t.match(judgeRun(befallen(), ran({ entities: [...without(end[3] ?? scope), record(false)] }), standard, false), {
    verdict: 'LIED',
    sign: 'LIED bindDevice +record? -record',
  })
  const pending: Entity = { ...record(true), files: [{ fileName: 'x', pending: true }] }
  t.match(
    judgeRun(befallen(), ran({ entities: [device, scope, config, pending] }), standard, false).sign,
    /\+record pending/,
  )
})

t.test('of several ends, the nearest counts: with a competitor, that of a run in which he came earlier', async (t) => {
  const theirs: Entity = { ...config, fields: { ...config.fields, configValue: 'g6' } }
  const held = { ...standard, ends: [[device, scope, theirs, record(true)]] }
  t.equal(
    verdictOf(ran({ entities: [device, scope, theirs, record(true)] }), befallen({ kind: 'world' }), held),
    'survived',
  )
  t.equal(verdictOf(ran(), befallen({ kind: 'world' }), held), 'LIED', 'as if he had never come is wrong')
})

t.test('failure is held against all states on the way', async (t) => {
  for (const state of standard.states) if (state !== end) t.equal(verdictOf(failed({ entities: state })), 'gave up')
  t.equal(verdictOf(failed()), 'cried wolf')
  t.match(judgeRun(befallen(), failed({ entities: [device, record(true, ['x'], 2)] }), standard, false), {
    verdict: 'LEFT A MESS',
    why: [/^never there without mishap: record/],
  })
  t.equal(verdictOf(failed({ entities: [] })), 'LEFT A MESS', 'what always stays is gone')
  t.match(judgeRun(befallen(), failed({ entities: [device] }), standard, false).why, ['backup failed: 13000201'])
})

t.test('locks: of its own and never given back are a mess, after a success a breach of manners', async (t) => {
  t.match(judgeRun(befallen(), failed({ ...withLock, entities: [device] }), standard, false), {
    verdict: 'LEFT A MESS',
    why: ['the lock of module 100 was never released'],
    sign: 'LEFT A MESS lock',
  })
  t.match(judgeRun(befallen(), ran(withLock), standard, false), { verdict: 'RUDE', sign: 'RUDE lock' })
  t.equal(verdictOf(failed({ entities: [device], livingLocks: [lock] })), 'gave up', "somebody else's")
  const careless = { ...standard, keptModules: new Set(['100']) }
  t.equal(verdictOf(ran(withLock), befallen(), careless), 'survived', 'what is done without mishap is told there')
  const again = { operations: '*', effect: { type: 'reset' } } as const
  const closed = befallen({ what: 'restart', followedBy: again })
  const nothingAfter = { livingLocks: [lock], entries: [created, entry(2, { fault: 'fault-1' })], entities: [device] }
  t.equal(
    verdictOf(failed(nothingAfter), closed),
    'gave up',
    'where no call came through any more, nothing could be cleaned up',
  )
  t.equal(verdictOf(failed({ ...withLock, entities: [device] }), closed), 'LEFT A MESS')
})

t.test('legal answers are no reason to fail', async (t) => {
  t.match(judgeRun(befallen({ kind: 'legal', faults: [] }), failed({ entities: [device] }), standard, false), {
    verdict: 'BROKE',
    why: ['backup failed: 13000201'],
    sign: 'BROKE backup failed: n',
  })
  t.equal(verdictOf(ran({ entities: without(scope) }), befallen({ kind: 'legal', faults: [] })), 'LIED')
  t.equal(
    judgeRun(befallen({ kind: 'legal', what: 'reversed' }), ran({ entities: without(scope) }), standard, false).sign,
    'LIED legal -scope',
  )
})

t.test('without an end, with too many calls, or without the mishap', async (t) => {
  t.match(judgeRun(befallen(), failed({ cut: 'patience', millis: 10_300 }), standard, false), {
    verdict: 'HUNG',
    why: ['still running after 10 s; the last call that was over is bindDevice'],
  })
  for (const unanswered of [entry(1, { status: null }), entry(1, { delivered: false })])
    t.match(judgeRun(befallen(), failed({ cut: 'patience', entries: [unanswered] }), standard, false).why, [
      /^still running after \d+ s; its last call, bindDevice, was never answered$/,
    ])
  t.match(judgeRun(befallen(), failed({ cut: 'patience', entries: [] }), standard, false).why, [
    /the last call that was over is none$/,
  ])
  t.match(judgeRun(befallen(), failed({ cut: 'storm' }), standard, false), {
    verdict: 'STORMED',
    why: ['3 calls of bindDevice, without an end'],
  })
  const unknown = [entry(1, { operation: null })]
  t.match(judgeRun(befallen(), failed({ cut: 'storm', entries: unknown }), standard, false).why, [
    /of nothing that there is/,
  ])
  t.equal(verdictOf(ran({ met: 0 })), 'not met')
})

t.test(
  'manners: an obligation that is broken counts after a success, unless it is usual or the adversity excuses it',
  async (t) => {
    const finding = (rule: string, ...requests: number[]) => ({
      rule,
      title: 't',
      message: 'm',
      facts: [],
      requests,
    })
    const throttled = [
      entry(1),
      entry(2, { fault: 'fault-1', status: 429, retryAfter: 1 }),
      entry(3, { wallTime: `${at}2.300Z` }),
    ]
    const hasty = { entries: throttled, findings: [finding('retry-without-waiting', 2, 3)] }
    t.match(judgeRun(befallen(), ran(hasty), standard, false), {
      verdict: 'RUDE',
      why: ['retry-without-waiting: m'],
      sign: 'RUDE retry-without-waiting',
    })
    const waited = throttled.with(2, entry(3, { wallTime: `${at}2.950Z` }))
    t.equal(verdictOf(ran({ ...hasty, entries: waited })), 'survived', 'no clock is more exact than that')
    t.equal(
      verdictOf(ran({ ...hasty, entries: throttled.slice(0, 2) })),
      'survived',
      'what is not there cannot be judged',
    )
    const silent = throttled.with(1, entry(2, { fault: 'fault-1', status: 429 }))
    t.equal(verdictOf(ran({ ...hasty, entries: silent })), 'RUDE', 'who is told nothing waits a second')
    const later = [entry(1, { status: 429 }), ...throttled.slice(1)]
    t.equal(
      verdictOf(ran({ ...hasty, entries: later })),
      'survived',
      'of a throttling that goes on, the first wait counts',
    )
    t.equal(verdictOf(ran({ findings: [finding('future-date', 1)] })), 'RUDE')
    t.equal(
      verdictOf(ran({ findings: [finding('future-date', 1)] }), befallen({ excuses: ['future-date'] })),
      'survived',
    )
    t.equal(
      verdictOf(ran({ findings: [finding('future-date', 1)] }), befallen(), {
        ...standard,
        usual: new Set(['future-date']),
      }),
      'survived',
    )
    t.equal(verdictOf(failed({ entities: [device], findings: [finding('future-date', 1)] })), 'gave up')
    const remarked = judgeRun(
      befallen(),
      ran({
        findings: [finding('unread-fields', 1), finding('unread-fields', 2), finding('record-never-completed', 3)],
      }),
      standard,
      false,
    )
    t.match(remarked, { verdict: 'survived', remarks: [{ rule: 'unread-fields', requests: [1] }] })
    t.equal(remarked.remarks.length, 1, 'each once, and none that the state shows better')
  },
)

t.test('strict: one hiccup is no reason to give up, save for a lock whose id never came', async (t) => {
  const gone = failed({ entities: [device] })
  t.equal(verdictOf(gone, befallen(), standard, true), 'FRAIL')
  t.equal(verdictOf(gone, befallen({ kind: 'outage' }), standard, true), 'gave up')
  t.equal(verdictOf(gone, befallen({ kind: 'world' }), standard, true), 'gave up')
  const ofLock = { operation: 'createBackupLock' }
  for (const what of ['lose-answer', 'truncate', 'slow', 'silence'])
    t.equal(verdictOf(gone, befallen({ ...ofLock, what }), standard, true), 'gave up')
  t.equal(verdictOf(gone, befallen(ofLock), standard, true), 'FRAIL')
  t.equal(verdictOf(ran(), befallen(), standard, true), 'survived')
})

t.test('what somebody else takes away may be gone, and an unbound device stays as such', async (t) => {
  const unbound: Entity = { type: 'device', fields: { device: 'M', unbound: true } }
  const ofDevice = befallen({ kind: 'world', what: 'device-gone', takes: 'device' })
  t.equal(verdictOf(ran({ entities: [unbound, record(true)] }), ofDevice), 'survived')
  t.equal(verdictOf(ran({ entities: [unbound, ...end] }), ofDevice), 'survived', 'bound again')
  t.equal(verdictOf(ran({ entities: [unbound] }), ofDevice), 'LIED', 'records outlive their device')
  t.equal(verdictOf(failed({ entities: [unbound] }), ofDevice), 'gave up')
  const ofRecord = (operation: string) => befallen({ kind: 'world', what: 'record-gone', takes: 'record', operation })
  t.equal(verdictOf(ran({ entities: [device, scope, config] }), ofRecord('getBackupRecord')), 'survived')
  t.equal(verdictOf(ran({ entities: [device, scope, config] }), ofRecord('completeBackup')), 'LIED', 'it was told')
  t.equal(verdictOf(failed({ entities: [device, scope, config] }), ofRecord('completeBackup')), 'gave up')
  const gone: Standard = { ...standard, states: [end] }
  t.equal(
    verdictOf(failed({ entities: [device, scope, config, record(true)] }), ofRecord('completeBackup'), gone),
    'cried wolf',
  )
  t.equal(verdictOf(failed({ entities: [device, scope] }), ofRecord('completeBackup'), gone), 'LEFT A MESS')
})

t.test('what is masked is not compared', async (t) => {
  const held = {
    ...standard,
    masks: new Set(['config configValue']),
    ends: [[device, { ...config, fields: { ...config.fields, configValue: '*' } }]],
  }
  t.equal(
    verdictOf(
      ran({ entities: [device, { ...config, fields: { ...config.fields, configValue: 'any' } }] }),
      befallen(),
      held,
    ),
    'survived',
  )
})

const trial = (id: string, change: Partial<JudgedRun> = {}, run = ran()): JudgedRun => ({
  adversity: befallen({ id }),
  run,
  before: null,
  verdict: 'LIED',
  why: [],
  sign: 'LIED',
  difference: null,
  remarks: [],
  ...change,
})

t.test('groups: one for each sign, the one with most runs first, each shown by its shortest', async (t) => {
  const short = ran({ entries: [entry(1)] })
  const groups = groupsIn([
    trial('c', { sign: 'x' }),
    trial('b', { sign: 'y' }),
    trial('a', { sign: 'y' }),
    trial('d', { sign: 'z' }, short),
    trial('e', { sign: 'y' }, short),
    trial('s', { verdict: 'survived' }),
  ])
  t.same(
    groups.map(({ example, trials }) => [example.adversity.id, trials.length]),
    [
      ['e', 3],
      ['c', 1],
      ['d', 1],
    ],
  )
  t.equal(groupsIn([trial('b'), trial('a')])[0]?.example.adversity.id, 'a', 'of two as short, the first by name')
})

t.test('groups: who says success whatever happens, or takes away what was there, does so for one reason', async (t) => {
  const lied = (operation: string, what: string, kind: Adversity['kind'], sign = `${operation} ${what}`) =>
    trial(`${operation}:${what}`, { adversity: befallen({ id: `${operation}:${what}`, operation, what, kind }), sign })
  const outages = ['a', 'b', 'c'].map((operation) => lied(operation, 'outage', 'outage'))
  const others = [
    lied('c', 'lose-answer', 'transient', 'c outage'),
    lied('d', 'lock-lost', 'world'),
    lied('e', 'competitor', 'world'),
    lied('f', 'fail-item-0', 'transient'),
  ]
  const sizes = (trials: JudgedRun[]) => groupsIn(trials).map(({ trials: { length } }) => length)
  t.same(sizes([...outages, ...others]), [5, 1, 1])
  t.same(sizes([...outages.slice(1), ...others]), [2, 1, 1, 1, 1], 'of two operations, nobody knows')
  const signOf = (change: Partial<Adversity>, run: Run) => judgeRun(befallen(change), run, standard, true).sign
  const outage = { kind: 'outage', what: 'outage' } as const
  const taken = [
    signOf({ ...outage, operation: 'completeBackup' }, failed({ entities: [] })),
    signOf({ ...outage, operation: 'releaseBackupLock' }, failed({ entities: [] })),
  ]
  t.equal(new Set(taken).size, 1, taken.join())
  const twice = [device, device]
  t.not(
    signOf({ ...outage, operation: 'bindDevice' }, failed({ entities: twice })),
    signOf({ ...outage, operation: 'completeBackup' }, failed({ entities: twice })),
  )
  const lost = { kind: 'world', operation: 'completeBackup' } as const
  const nothing = ran({ entities: [device] })
  t.equal(signOf({ ...lost, what: 'lock-lost' }, nothing), signOf({ ...lost, what: 'lock-stolen' }, nothing))
  t.not(signOf({ ...lost, what: 'lock-lost' }, nothing), signOf({ ...lost, what: 'competitor' }, nothing))
  const gone = failed({ entities: [device] })
  t.equal(signOf({ what: 'reset' }, gone), signOf({ what: 'throttle', operation: 'createBackupRecord' }, gone))
})

t.test('progress is told of all that is to be tried, pairs as well', async (t) => {
  let told = ''
  const teller = new ProgressTeller((text) => {
    told += text
  }, 1)
  const begun = { calls: [], runs: [ran(), ran()] } as unknown as Kind // the rest is not looked at
  teller.begin(begun, [trial('a').adversity])
  teller.tell(trial('a'))
  teller.expect(3)
  for (const id of ['b', 'c', 'd']) teller.tell(trial(id, { verdict: 'HUNG' }))
  t.equal(told.replace(/^.*\n/, ''), '1/1  LIED  a\n2/4  HUNG  b\n2/4\n3/4  HUNG  c\n3/4\n4/4  HUNG  d\n')
})

t.test('pairs: what was called only because something went wrong fails as well, once for each way', async (t) => {
  const call = (operation: string): ClientCall => ({
    operation,
    nth: 1,
    place: 1,
    path: '/',
    body: null,
    userId: 'u',
    name: `${operation}#1`,
    where: null,
  })
  const calls = [call('bindDevice'), call('listBoundDevice')]
  const kind = { calls } as unknown as Kind // the rest is not looked at
  const entries = [
    entry(1),
    entry(2, { fault: 'fault-1' }),
    entry(3, { operation: 'listBoundDevice' }),
    entry(4, { operation: 'listBoundDevice' }),
    entry(5, { operation: null }),
    entry(6, { operation: 'uploadPart' }),
    entry(7),
  ]
  const survived = trial('bindDevice#1:reset', { verdict: 'survived' }, ran({ entries }))
  const pairs = pairsOf([survived, survived, trial('x', { verdict: 'HUNG' })], kind)
  t.match(pairs, [
    { id: 'bindDevice#1:reset+listBoundDevice#1:outage', kind: 'outage', faults: [{}, { when: { from: 1 } }] },
  ])
  t.equal(pairs.length, 1)
  t.equal(pairsOf([survived], { calls: [] } as unknown as Kind).length, 1, 'what is never called otherwise, too')
  t.same(pairsOf([trial('x', { verdict: 'survived' }, ran({ entries: [entry(1)] }))], kind), [])
  t.same(pairsOf([trial('x', { verdict: 'survived', adversity: befallen({ faults: [] }) })], kind), [])
  const usual = [entry(1, { fault: 'fault-1' }), entry(2), entry(3, { operation: 'listBoundDevice' })]
  t.same(
    pairsOf([trial('x', { verdict: 'gave up' }, ran({ entries: usual }))], kind),
    [],
    'what is called anyway is in the plan already',
  )
})

t.test('a queue keeps the order of its list, however many work at it, and stops when told', async (t) => {
  for (const jobs of [1, 2, 4]) {
    const work = async (item: number) => {
      for (let turn = 0; turn < (item * 7) % 5; turn += 1) await Promise.resolve()
      return item * 2
    }
    t.same(await inTurns([1, 2, 3, 4, 5], jobs, () => true, work), [2, 4, 6, 8, 10])
  }
  let left = 2
  t.same(
    await inTurns(
      [1, 2, 3, 4],
      1,
      () => left-- > 0,
      async (item) => item,
    ),
    [1, 2],
  )
})
