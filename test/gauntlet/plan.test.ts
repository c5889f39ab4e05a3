import { readFileSync } from 'node:fs'
import t from 'tap'
import type { ClientCall } from '../../gauntlet/calls.ts'
import { callsOf } from '../../gauntlet/calls.ts'
import { isMeant } from '../../gauntlet/gauntlet.ts'
import { planOf } from '../../gauntlet/plan.ts'
import { otherThan } from '../../gauntlet/plan-world.ts'
import { regressionLines } from '../../gauntlet/regression.ts'
import { startEmulator } from '../../src/index.ts'

/** What the sample client did while nothing went wrong. */
const seen = JSON.parse(readFileSync(new URL('fixtures/calls.json', import.meta.url), 'utf8'))
const calls = callsOf([seen, seen])

const quick = `
  bindDevice#1:throttle
  all:reversed
  all:pages-of-1
  all:fields
  all:cursors
  batchAddBackupScope#1:fail-item-0
  batchAddBackupScope#1:fail-item-2
  batchDeleteBackupScope#1:fail-item-0
  batchDeleteBackupScope#1:fail-item-1
  batchAddBackupScope#1:competitor
  updateConfigInfo(backend_backup_switch):competitor
  updateConfigInfo(generation):competitor
  createBackupRecord#1:lock-lost
  createBackupFile(a.txt):lock-lost
  renewalBackupLock#1:lock-lost
  completeBackup#1:lock-lost
  deleteBackupRecord#1:lock-lost
  releaseBackupLock#1:lock-lost
  bindDevice#1:lose-answer
  batchAddBackupScope#1:lose-answer
  batchDeleteBackupScope#1:lose-answer
  updateConfigInfo(backend_backup_switch):lose-answer
  createBackupLock#1:lose-answer
  createBackupRecord#1:lose-answer
  createBackupFile(a.txt):lose-answer
  renewalBackupLock#1:lose-answer
  completeBackup#1:lose-answer
  deleteBackupRecord#1:lose-answer
  releaseBackupLock#1:lose-answer
  bindDevice#1:outage
  batchAddBackupScope#1:outage
  batchDeleteBackupScope#1:outage
  updateConfigInfo(backend_backup_switch):outage
  createBackupLock#1:outage
  createBackupRecord#1:outage
  createBackupFile(a.txt):outage
  uploadPart#1:outage
  completeFile#1:outage
  renewalBackupLock#1:outage
  completeBackup#1:outage
  deleteBackupRecord#1:outage
  releaseBackupLock#1:outage
  bindDevice#1:silence
  batchAddBackupScope#1:item-2-never
  batchDeleteBackupScope#1:item-1-never
  uploadPart#1:part-stored-answer-lost
  uploadPart#1:reset
  uploadPart#1:restart
  uploadPart#1:link-expired
  completeFile#1:completion-lost
  completeFile#1:completion-refused
  listBackupScope#1:device-gone
  completeBackup#1:record-gone
  createBackupLock#1:held-for-long
  createBackupLock#1:held-for-a-moment
  completeBackup#1:lock-stolen
  createBackupFile(a.txt):token-expired
  all:empty-pages
  all:unkind-1
  all:client-clock-16-min-behind
  all:client-clock-16-min-ahead
  all:client-clock-3-s-ahead
  all:far-future
`
const usualBesides = `
  bindDevice#1:throttled-on
  listBackupScope#1:throttle
  batchAddBackupScope#1:throttle
  batchDeleteBackupScope#1:throttle
  getConfigInfo#1:throttle
  updateConfigInfo(backend_backup_switch):throttle
  updateConfigInfo(generation):throttle
  createBackupLock#1:throttle
  createBackupRecord#1:throttle
  createBackupFile(a.txt):throttle
  uploadPart#1:throttle
  completeFile#1:throttle
  renewalBackupLock#1:throttle
  createBackupFile(b.txt):throttle
  uploadPart#2:throttle
  completeFile#2:throttle
  completeBackup#1:throttle
  listBackupRecord#1:throttle
  deleteBackupRecord#1:throttle
  deleteBackupRecord#2:throttle
  releaseBackupLock#1:throttle
  releaseBackupLock#1:throttled-on
  updateConfigInfo(generation):lose-answer
  createBackupFile(b.txt):lose-answer
  deleteBackupRecord#2:lose-answer
  listBackupScope#1:outage
  getConfigInfo#1:outage
  listBackupRecord#1:outage
  bindDevice#1:reset
  bindDevice#1:refuse-500
  bindDevice#1:gateway-502
  bindDevice#1:truncate
  bindDevice#1:slow
  bindDevice#1:restart
  listBackupScope#1:reset
  listBackupScope#1:refuse-500
  listBackupScope#1:truncate
  batchAddBackupScope#1:reset
  batchAddBackupScope#1:refuse-500
  batchAddBackupScope#1:gateway-502
  batchAddBackupScope#1:truncate
  batchAddBackupScope#1:slow
  batchAddBackupScope#1:silence
  batchDeleteBackupScope#1:reset
  batchDeleteBackupScope#1:refuse-500
  batchDeleteBackupScope#1:gateway-502
  batchDeleteBackupScope#1:truncate
  batchDeleteBackupScope#1:slow
  batchDeleteBackupScope#1:silence
  getConfigInfo#1:reset
  getConfigInfo#1:refuse-500
  getConfigInfo#1:truncate
  updateConfigInfo(backend_backup_switch):reset
  updateConfigInfo(backend_backup_switch):refuse-500
  updateConfigInfo(backend_backup_switch):gateway-502
  updateConfigInfo(backend_backup_switch):truncate
  updateConfigInfo(backend_backup_switch):slow
  updateConfigInfo(backend_backup_switch):silence
  updateConfigInfo(generation):reset
  updateConfigInfo(generation):refuse-500
  createBackupLock#1:reset
  createBackupLock#1:refuse-500
  createBackupLock#1:gateway-502
  createBackupLock#1:truncate
  createBackupLock#1:slow
  createBackupLock#1:silence
  createBackupRecord#1:reset
  createBackupRecord#1:refuse-500
  createBackupRecord#1:gateway-502
  createBackupRecord#1:truncate
  createBackupRecord#1:slow
  createBackupRecord#1:silence
  createBackupFile(a.txt):reset
  createBackupFile(a.txt):refuse-500
  createBackupFile(a.txt):gateway-502
  createBackupFile(a.txt):truncate
  createBackupFile(a.txt):slow
  createBackupFile(a.txt):silence
  uploadPart#1:refuse-503
  uploadPart#1:silence
  completeFile#1:reset
  completeFile#1:refuse-500
  completeFile#1:gateway-502
  completeFile#1:truncate
  completeFile#1:slow
  completeFile#1:silence
  renewalBackupLock#1:reset
  renewalBackupLock#1:refuse-500
  renewalBackupLock#1:gateway-502
  renewalBackupLock#1:truncate
  renewalBackupLock#1:slow
  renewalBackupLock#1:silence
  createBackupFile(b.txt):reset
  createBackupFile(b.txt):refuse-500
  uploadPart#2:part-stored-answer-lost
  uploadPart#2:reset
  uploadPart#2:link-expired
  completeFile#2:completion-lost
  completeFile#2:reset
  completeFile#2:refuse-500
  completeBackup#1:reset
  completeBackup#1:refuse-500
  completeBackup#1:gateway-502
  completeBackup#1:truncate
  completeBackup#1:slow
  completeBackup#1:silence
  listBackupRecord#1:reset
  listBackupRecord#1:refuse-500
  listBackupRecord#1:truncate
  deleteBackupRecord#1:reset
  deleteBackupRecord#1:refuse-500
  deleteBackupRecord#1:gateway-502
  deleteBackupRecord#1:truncate
  deleteBackupRecord#1:slow
  deleteBackupRecord#1:silence
  deleteBackupRecord#2:reset
  deleteBackupRecord#2:refuse-500
  releaseBackupLock#1:reset
  releaseBackupLock#1:refuse-500
  releaseBackupLock#1:gateway-502
  releaseBackupLock#1:truncate
  releaseBackupLock#1:slow
  releaseBackupLock#1:silence
  releaseBackupLock#1:restart
  batchAddBackupScope#1:device-gone
  batchDeleteBackupScope#1:device-gone
  getConfigInfo#1:device-gone
  updateConfigInfo(backend_backup_switch):device-gone
  createBackupRecord#1:device-gone
  createBackupFile(a.txt):record-gone
  createBackupRecord#1:lock-stolen
  createBackupFile(a.txt):lock-stolen
  renewalBackupLock#1:lock-stolen
  deleteBackupRecord#1:lock-stolen
  releaseBackupLock#1:lock-stolen
  listBackupScope#1:token-expired
  all:unkind-2
  all:unkind-3
`
const idsIn = (text: string): string[] => text.trim().split(/\s+/)

t.test('the plan for a backup of 22 calls: each id, in this order; --accept files hold them', async (t) => {
  t.equal(calls.length, 22)
  const ids = planOf(calls, 'quick').map(({ id }) => id)
  t.same(ids, idsIn(quick))
  const usual = planOf(calls, 'usual').map(({ id }) => id)
  t.same(
    usual.filter((id) => !ids.includes(id)),
    idsIn(usualBesides),
  )
  t.same(
    ids.filter((id) => !usual.includes(id)),
    [],
    'quick is a part of usual',
  )
  const all = planOf(calls, 'all').map(({ id }) => id)
  t.same(
    usual.filter((id) => !all.includes(id)),
    [],
    'usual is a part of all',
  )
  t.equal(new Set(all).size, all.length)
  t.equal(all.length, 264)
  t.same(planOf(calls, 'all'), planOf(callsOf([seen, seen]), 'all'), 'there is no chance in it')
})

t.test('every fault of every plan is one that the emulator takes', async (t) => {
  const emulator = await startEmulator({ auth: 'known' })
  t.teardown(() => emulator.close())
  const world = emulator.world('default')
  for (const { id, faults, reference = [], settings, clock } of planOf(calls, 'all')) {
    for (const fault of [...faults, ...reference]) t.ok(world.faults.add(fault).id, id)
    if (settings) t.ok(emulator.world('other', settings), id)
    if (clock) t.ok(emulator.world('other').clock.set(clock), id)
  }
})

t.test('calls are named by their content where every run has it once, and otherwise by their number', async (t) => {
  const call = (operation: string | null, requestBody: unknown = null, world = 'default') => ({
    operation,
    path: '/',
    requestBody,
    requestHeaders: {},
    world,
  })
  const names = (...runs: ReturnType<typeof call>[][]) => callsOf(runs).map(({ name }) => name)
  const file = (fileName: string, world?: string) => call('createBackupFile', { fileName }, world)
  t.same(names([file('a'), file('b')], [file('b'), file('a')]), ['createBackupFile(a)', 'createBackupFile(b)'])
  t.same(names([file('a')], [file('a')]), ['createBackupFile#1'], 'one alone needs no other name')
  t.same(names([file('a'), file('b')], [file('a'), file('c')]), ['createBackupFile(a)', 'createBackupFile#2'])
  t.same(names([file('a'), file('a')]), ['createBackupFile#1', 'createBackupFile#2'])
  t.same(names([file('no name: x'), file('b')], [file('no name: x'), file('b')]), [
    'createBackupFile#1',
    'createBackupFile(b)',
  ])
  t.same(
    names([call(null), call('bindDevice'), call('bindDevice', null, 'other')]),
    ['bindDevice#1', 'bindDevice#1'],
    'each world counts for itself',
  )
  t.same(names(), [])
})

t.test('a competitor has another value than both, and counts on where there is a counter', async (t) => {
  t.equal(otherThan('g0', 'g1'), 'g5')
  t.equal(otherThan('off', 'on'), 'off_other')
  t.equal(otherThan('', 'on'), '_other')
  t.equal(otherThan('x', 'g1'), 'x_other')
  t.equal(otherThan('a'.repeat(40), 'b').length, 32)
})

t.test('--only and --skip: an id, a call, or what happens', async (t) => {
  const rows: [word: string, id: string, isMeant: boolean][] = [
    ['bindDevice#1:reset', 'bindDevice#1:reset', true],
    ['bindDevice#1', 'bindDevice#1:reset', true],
    [':reset', 'bindDevice#1:reset', true],
    [':fail-item', 'batchAddBackupScope#1:fail-item-0', true],
    ['bindDevice', 'bindDevice#1:reset', false],
    [':res', 'bindDevice#1:reset', false],
    ['reset', 'bindDevice#1:reset', false],
    ['all', 'all:reversed', true],
    ['bindDevice#1', 'bindDevice#11:reset', false],
  ]
  for (const [word, id, expected] of rows) t.equal(isMeant(id, [word]), expected, `${word} ${id}`)
})

t.test('the lines of a regression test make what the plan has', async (t) => {
  const lines = planOf(calls, 'all').flatMap((adversity) => regressionLines(adversity))
  t.ok(
    lines.includes(
      "world.faults.add({ operations: ['bindDevice'], when: { nth: 1 }, effect: { type: 'loseAnswer' } })",
    ),
  )
  t.ok(lines.includes("const world = emulator.world('test', { unkind: { seed: 1, order: 'reversed' } })"))
  t.ok(lines.includes("world.clock.set({ skew: '-PT3S' })"))
  t.ok(
    lines.includes(
      "world.onRequest(({ fault }) => fault === 'fault-1' && world.faults.add({ operations: '*', when: { first: 1 }, effect: { type: 'reset' } }))",
    ),
  )
  t.ok(lines.includes("const emulator = await startEmulator({ auth: 'known' })"))
  t.ok(lines.some((line) => line.endsWith("=== 'getMultipartUploadUrl' && world.faults.clear())")))
  const given: unknown[] = []
  const world = { faults: { add: (fault: unknown) => given.push(fault) } }
  const faults = planOf(calls, 'all').flatMap((adversity) => adversity.faults)
  for (const line of lines.filter((one) => one.startsWith('world.faults.add'))) new Function('world', line)(world)
  t.same(given, faults, 'written as JavaScript, and read again')
})

t.test(
  'a client that neither locks nor uploads has none of that in its plan; one without calls has what holds for a whole run',
  async (t) => {
    const few: ClientCall[] = calls.filter(({ operation }) => operation === 'getConfigInfo')
    t.notMatch(
      planOf(few, 'all')
        .map(({ id }) => id)
        .join(' '),
      /lock-lost|lock-stolen|held-for|uploadPart|competitor/,
    )
    t.ok(planOf([], 'quick').every(({ id }) => id.startsWith('all:')))
  },
)
