import http from 'node:http'
import { Value } from '@sinclair/typebox/value'
import type { Test } from 'tap'
import t from 'tap'
import { CoverageView, goalKinds } from '../schemas/coverage.ts'
import { contracts } from '../schemas/index.ts'
import { Coverage } from '../src/coverage/coverage.ts'
import type { Goal } from '../src/coverage/goals.ts'
import { goals } from '../src/coverage/goals.ts'
import { lineOf, remedies } from '../src/coverage/remedies.ts'
import { coverageText } from '../src/coverage/text.ts'
import type { PastWorld } from '../src/index.ts'
import { startEmulator } from '../src/index.ts'
import { filesPath, targetOf } from './fixtures/backup.ts'
import type { Driven, Sent } from './fixtures/client.ts'
import { batch, driven, jsonOf } from './fixtures/client.ts'
import { standIns } from './fixtures/documents.ts'
import { runProcess } from './fixtures/process.ts'
import { send } from './fixtures/wire.ts'

const all = [...goals.values()].flat()

const coverageOf = async ({ steer }: Driven, world: string): Promise<CoverageView> =>
  jsonOf(await steer('GET', '/coverage', undefined, world))

/** How often a goal was met. */
function met(view: CoverageView, { operation, kind, what }: Goal): number | undefined {
  const of = view.operations.find((one) => one.operation === operation)
  return of?.goals.find((goal) => goal.kind === kind && goal.what === what)?.met
}

const goal = (operation: string, kind: Goal['kind'], what: string): Goal => ({ operation, kind, what })

/** A call of an operation; `undefined` where that was the one that was waited for. */
// biome-ignore lint/suspicious/noExplicitAny: answers have every form
type Call = (operation: string, sent: Sent) => Promise<any>

/** A client of every operation, which follows cursors. */
async function whole(call: Call, put: (url: string) => Promise<unknown>): Promise<void> {
  const moduleCode = '100'
  const pages = async (operation: string, path: string) => {
    for (let cursor = ''; ; ) {
      const { nextCursor } = await call(operation, { method: 'GET', path: `${path}pageSize=5${cursor}` })
      if (nextCursor === undefined) return
      cursor = `&cursor=${encodeURIComponent(nextCursor)}`
    }
  }
  const bound = await call('bindDevice', { path: '/device', body: { machineCode: 'LAPTOP1', deviceName: 'one' } })
  const device = `/device/${bound.data.deviceId}`
  await call('bindDevice', { path: '/device', body: { machineCode: 'LAPTOP2' } })
  await call('listBoundDevice', { method: 'GET', path: '/device' })
  const added = await call('batchAddBackupScope', {
    path: `${device}/scope`,
    body: { ...batch('/a', '/b'), moduleCode },
  })
  await call('listBackupScope', { method: 'GET', path: `${device}/scope?moduleCode=${moduleCode}` })
  await call('batchDeleteBackupScope', {
    method: 'DELETE',
    path: `${device}/scope`,
    body: { scopeIdList: added.scopeList.map(({ scopeId }: { scopeId: string }) => scopeId) },
  })
  await call('listConfigInfos', { method: 'GET', path: `${device}/configs?moduleCode=102` })
  const name = 'backend_backup_switch'
  const config = await call('getConfigInfo', {
    method: 'GET',
    path: `${device}/config?moduleCode=102&configName=${name}`,
  })
  await call('updateConfigInfo', {
    method: 'PATCH',
    path: `${device}/config`,
    body: {
      moduleCode: '102',
      configName: name,
      currentConfigValue: config.data.configValue,
      newConfigValue: 'another',
    },
  })
  const { lockId } = (await call('createBackupLock', { path: '/lock', body: { moduleCode } })).data
  const headers = { 'x-backup-lock-id': lockId }
  await call('renewalBackupLock', { method: 'PATCH', path: '/lock', headers })
  const { recordId } = (
    await call('createBackupRecord', { path: '/record', headers, body: { moduleCode, deviceId: bound.data.deviceId } })
  ).data
  await call('createBackupRecord', { path: '/record', headers, body: { moduleCode, deviceId: bound.data.deviceId } })
  await call('getBackupRecord', { method: 'GET', path: `/record/${recordId}` })
  await pages('listBackupRecord', `/record?moduleCode=${moduleCode}&`)
  for (const fileName of ['a.txt', 'b.txt']) {
    const file = await call('createBackupFile', {
      path: `/record/${recordId}/file`,
      headers,
      body: { fileName, length: 4, sha256: undefined },
    })
    await call('getMultipartUploadUrl', {
      path: `!${filesPath}/multipart/uploadUrl`,
      body: { fileId: file.fileId, multiParts: [{ partNumber: 1, partSize: 4 }] },
    })
    for (const { uploadUrl } of file.multiParts) await put(uploadUrl)
    await call('completeFile', { path: `!${filesPath}/complete`, body: { fileId: file.fileId } })
  }
  await pages('listBackupFile', `/record/${recordId}/files?`)
  await call('completeBackup', { method: 'PATCH', path: `/record/${recordId}`, headers, body: {} })
  await call('deleteBackupRecord', { method: 'DELETE', path: `/record/${recordId}`, headers })
  await call('releaseBackupLock', { method: 'DELETE', path: '/lock', headers })
  await call('unbindDevice', { method: 'DELETE', path: device })
}

/** The call that was waited for has been made. */
class Enough extends Error {}

/** The same in a world, to its end or to the first call of an operation. */
async function backUp(emulator: Driven, world: string, until?: string): Promise<void> {
  const put = (url: string) =>
    emulator.send({ method: 'PUT', path: `!${targetOf(url).replace(/^\/worlds\/[^/]+/, '')}`, body: 'Dear', world })
  const call: Call = async (operation, sent) => {
    const seen = await emulator.send({ ...sent, world })
    if (operation === until) throw new Enough()
    return jsonOf(seen)
  }
  try {
    await whole(call, put)
  } catch (error) {
    if (!(error instanceof Enough)) throw error
  }
}

/** Runs a line for a shell as it is told, with curl itself where the machine has it. Returns what it printed. */
async function obey(t: Test, { url }: Driven, line: string, world: string, standIn: string): Promise<string> {
  const path = `${process.env['PATH']}:${standIn}`
  const env = { PATH: path, KOODRIVE_CONTROL_URL: `${url}/_emulator/worlds/${world}` }
  const run = runProcess(t, 'sh', ['-c', line], { env })
  t.equal((await run.exited).code, 0, line)
  return run.stdout()
}

t.test('every goal is of an operation, and has one remedy', async (t) => {
  t.strictSame([...goals.keys()], Object.keys(contracts))
  for (const one of all) t.equal(remedies.filter(({ fits }) => fits(one)).length, 1, JSON.stringify(one))
  const sizes = goalKinds.map((kind) => [kind, all.filter((one) => one.kind === kind).length])
  t.strictSame(Object.fromEntries(sizes), {
    operations: 21,
    refusals: 28,
    items: 4,
    answers: 6,
    mishaps: 56,
    fields: 25,
  })
  t.strictSame(
    goals.get('createBackupRecord')?.map(({ kind, what }) => `${kind} ${what}`),
    [
      'operations succeeded',
      'refusals lockNotHeld',
      'refusals notFound',
      'mishaps answerLost',
      'mishaps throttled',
      'mishaps failedBefore',
      'fields body/properties',
    ],
  )
})

t.test('a backup without mishaps meets every operation, and none of what may go wrong', async (t) => {
  const emulator = await driven(t)
  await backUp(emulator, 'kind')
  const view = await coverageOf(emulator, 'kind')
  t.ok(Value.Check(CoverageView, view))
  t.match(view.shares, {
    operations: { met: 21, of: 21 },
    refusals: { met: 0, of: 28 },
    items: { met: 0, of: 4 },
    answers: { met: 0, of: 6 },
    mishaps: { met: 0, of: 56 },
  })
  t.strictSame(view.neverCalled, [])
  t.equal(met(view, goal('bindDevice', 'operations', 'succeeded')), 2)
  t.equal(met(view, goal('bindDevice', 'fields', 'body/deviceName')), 1)
  t.equal(met(view, goal('batchAddBackupScope', 'fields', 'body/scopeList/localPath')), 1)
  t.equal(met(view, goal('batchAddBackupScope', 'fields', 'body/scopeList/targetFolderPath')), 0)
  t.equal(
    view.requests,
    view.operations.reduce((sum, { requests }) => sum + requests, 2),
    'and two uploads',
  )
})

t.test('the line that is told for a goal makes it', async (t) => {
  const emulator = await driven(t)
  const standIn = standIns(t)
  let count = 0
  for (const remedy of remedies) {
    for (const one of all.filter(remedy.fits)) {
      const line = lineOf(remedy, one)
      if (line === null) continue
      count += 1
      const world = `w${count}`
      const told = await obey(t, emulator, line, world, standIn)
      t.equal(JSON.parse(told).status, undefined, `${line} answers ${told}`)
      const isPage = one.kind === 'answers' && one.what !== 'partlyFailed'
      await backUp(emulator, world, isPage ? undefined : one.operation)
      t.ok(Number(met(await settled(emulator, world, one), one)) > 0, `${one.operation} ${one.what}: ${line}`)
    }
  }
  t.equal(count, all.filter(({ kind }) => kind !== 'operations' && kind !== 'fields').length)
})

/** The coverage of a world once it has met something: of a broken connection, the client hears first. */
async function settled(emulator: Driven, world: string, one: Goal): Promise<CoverageView> {
  for (let rounds = 0; ; rounds += 1) {
    const view = await coverageOf(emulator, world)
    if (Number(met(view, one)) > 0 || rounds > 200) return view
  }
}

t.test('what counts is what the client was told', async (t) => {
  const emulator = await driven(t)
  const add = (world: string, sent: Sent = {}) => emulator.send({ body: batch('/a'), world, ...sent })
  const of = (kind: Goal['kind'], what: string) => goal('batchAddBackupScope', kind, what)
  const succeeded = of('operations', 'succeeded')
  const effects: [object, Goal | undefined][] = [
    [{ type: 'latency', ms: 1 }, succeeded],
    [{ type: 'slow', bytesPerSecond: 100_000 }, succeeded],
    [{ type: 'truncate', bytes: 5 }, of('mishaps', 'answerLost')],
    [{ type: 'gateway', code: 'APIGW.0308' }, of('mishaps', 'throttled')],
    [{ type: 'gateway', code: 'APIGW.0201' }, of('mishaps', 'failedBefore')],
    [{ type: 'refuse', error: 'throttled' }, of('mishaps', 'throttled')],
    [{ type: 'refuse', error: 'internal' }, of('mishaps', 'failedBefore')],
    [{ type: 'refuse', status: 503 }, of('mishaps', 'failedBefore')],
    [{ type: 'html' }, of('mishaps', 'failedBefore')],
    [{ type: 'redirect', status: 302, location: '/' }, of('mishaps', 'failedBefore')],
    [{ type: 'failItems', indexes: [0], errorCode: '13990410' }, of('items', 'scopeExists')],
  ]
  for (const [place, [effect, expected]] of effects.entries()) {
    const world = `w${place}`
    await emulator.fault({ operations: '*', effect }, world)
    await add(world)
    const view = expected ? await settled(emulator, world, expected) : await coverageOf(emulator, world)
    const own = view.operations.find(({ operation }) => operation === 'batchAddBackupScope')?.goals ?? []
    const found = own.filter((one) => one.met > 0 && one.kind !== 'fields').map(({ kind, what }) => `${kind} ${what}`)
    const isAnswered = expected?.kind === 'items' ? ['operations succeeded'] : []
    t.strictSame(
      found,
      [...isAnswered, ...(expected ? [`${expected.kind} ${expected.what}`] : [])],
      JSON.stringify(effect),
    )
  }

  await emulator.fault({ operations: '*', effect: { type: 'loseAnswer' } }, 'reading')
  await emulator.send({ method: 'GET', path: '/device', world: 'reading' })
  await emulator.journal(1, '', 'reading')
  const reading = await coverageOf(emulator, 'reading')
  t.match(reading.operations[1], { operation: 'listBoundDevice', requests: 1 })
  t.equal(reading.shares.mishaps.met, 0, 'of what only reads, nothing is lost with its answer')

  await emulator.fault({ operations: '*', effect: { type: 'latency', ms: 100 } }, 'left')
  const left = http.request(`${emulator.url}/worlds/left/koodrive/ose/v1/backup/record/1`, {
    headers: emulator.headers(),
  })
  left.on('error', () => undefined).end()
  while (!emulator.worlds.find('left')?.isHeld) await new Promise(setImmediate)
  left.destroy()
  await emulator.journal(1, '', 'left')
  t.equal((await coverageOf(emulator, 'left')).shares.refusals.met, 0, 'whoever has gone was not told')

  await add('refused', { headers: { 'x-user-id': undefined } })
  await emulator.fault({ operations: '*', effect: { type: 'latency', ms: 1 } }, 'refused')
  await add('refused', { body: { moduleCode: 7 } })
  const refused = await coverageOf(emulator, 'refused')
  t.strictSame(refused.shares.mishaps.met, 0, 'a refusal that any request can meet is no goal, and no mishap')
  t.equal(refused.shares.operations.met, 0)
  t.match(refused.neverMet[0], { kind: 'operations', what: 'a success', at: [{ line: null }] })
})

t.test('answers are looked into: items and pages', async (t) => {
  const emulator = await driven(t, { scopesPerModule: '2' })
  const add = (world: string, ...paths: string[]) => emulator.send({ body: batch(...paths), world })
  await add('a', '/a', '/a', 'bad', '/b', '/c')
  const view = await coverageOf(emulator, 'a')
  const ofItems = view.operations.flatMap(({ goals: own }) =>
    own.filter(({ kind, met }) => kind === 'items' && met > 0),
  )
  t.strictSame(
    ofItems.map(({ what }) => what),
    ['invalid', 'scopeExists', 'tooManyScopes'],
  )
  t.equal(view.shares.answers.met, 1, 'and a part of it was done')
  await add('b', 'bad')
  t.equal((await coverageOf(emulator, 'b')).shares.answers.met, 0, 'of what failed whole, no part failed')
})

t.test('optional fields are those that are there, at any depth; null is none', async (t) => {
  const emulator = await driven(t)
  const add = (body: unknown) => emulator.send({ body, world: 'w' })
  const names = async () =>
    (await coverageOf(emulator, 'w')).operations.flatMap(({ goals: own }) =>
      own.filter(({ kind, met }) => kind === 'fields' && met > 0).map(({ what }) => what),
    )
  await add({ moduleCode: '102', scopeList: [{ localPath: null, targetFolderPath: '/x' }] })
  t.strictSame(await names(), ['body/scopeList/targetFolderPath'])
  await add({ moduleCode: '102', scopeList: [7, null, { localPath: '' }] })
  t.strictSame(await names(), ['body/scopeList/localPath', 'body/scopeList/targetFolderPath'])
  await add('{"moduleCode":"102","scopeList":{}}')
  await add('no JSON')
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  await add(deep)
  await add(`{"moduleCode":"102","scopeList":${deep}}`)
  await emulator.send({ path: '/record/1/file', body: [], world: 'w' })
  await emulator.send({ method: 'GET', path: '/record?moduleCode=102&pageSize=1&deviceId=1&deviceId=2', world: 'w' })
  t.strictSame((await names()).at(-1), 'query/deviceId')
})

t.test('worlds count for themselves; all of them together remember those that are no more', async (t) => {
  const emulator = await driven(t)
  const { steer, url } = emulator
  const everything = async (): Promise<CoverageView> => jsonOf(await steer('GET', '/../../coverage'))
  const add = (world: string) => emulator.send({ body: batch('/a'), world })
  await add('a')
  await add('b')
  await emulator.send({ method: 'GET', path: '!/nowhere' })
  t.match(await coverageOf(emulator, 'a'), { requests: 1, neverCalled: { length: 20 } })
  t.match(await coverageOf(emulator, 'default'), { requests: 1, neverCalled: { length: 21 }, neverMet: [] })
  t.equal((await everything()).requests, 3)
  await steer('POST', '/reset', undefined, 'a')
  t.equal((await coverageOf(emulator, 'a')).requests, 0, 'begun anew, it counts anew')
  await steer('DELETE', '', undefined, 'b')
  t.equal((await steer('GET', '/coverage', undefined, 'b')).status, 404)
  const sum = await everything()
  t.equal(sum.requests, 3)
  t.equal(met(sum, goal('batchAddBackupScope', 'operations', 'succeeded')), 2)
  await add('a')
  await steer('PUT', '/state', {}, 'a')
  t.equal((await coverageOf(emulator, 'a')).requests, 1, 'put back to another state, it goes on')
  t.equal((await steer('DELETE', '/coverage', undefined, 'a')).status, 204)
  t.equal((await coverageOf(emulator, 'a')).requests, 0)
  t.equal((await everything()).requests, 3)
  t.equal((await send(`${url}/_emulator/coverage`, { method: 'DELETE' })).status, 204)
  t.match(await everything(), { requests: 0, shares: { operations: { met: 0 } } })
})

t.test('a request that outlives its world is counted all the same', async (t) => {
  const emulator = await driven(t)
  await emulator.send({ body: batch('/a'), world: 'a' })
  await emulator.fault({ operations: '*', effect: { type: 'latency', ms: 150 } }, 'a')
  const slow = emulator.send({ body: batch('/b'), world: 'a' })
  while (!emulator.worlds.find('a')?.isHeld) await new Promise(setImmediate)
  await emulator.steer('DELETE', '', undefined, 'a')
  await slow
  while (emulator.worlds.coverage().requests < 2) await new Promise(setImmediate)
  t.equal(emulator.worlds.coverage().callsOf('batchAddBackupScope'), 2)
  const [gone, heir] = [new Coverage(), new Coverage()]
  gone.leaveTo(heir)
  gone.noteUnreadable()
  t.equal(heir.requests, 1, 'also one that nobody could read')
})

t.test('the journal forgets and coverage does not; trials and the control plane are not counted', async (t) => {
  const emulator = await startEmulator({ journalEntries: 2 })
  t.teardown(() => emulator.close())
  const world = emulator.world('w')
  for (let count = 0; count < 5; count += 1) await send(`${world.url}/koodrive/ose/v1/backup/device`)
  t.equal(world.requests().length, 2, '--journal-entries is per world')
  t.equal(world.dropped, 3)
  t.equal(world.coverage().requests, 5)
  await world.explain({ method: 'GET', path: '/koodrive/ose/v1/backup/device', headers: {} })
  t.equal(world.coverage().requests, 5)
  world.forgetCoverage()
  t.equal(world.coverage().requests, 0)
  await send(`${world.url}/koodrive/ose/v1/backup/device`)
  t.match(
    [emulator.coverage().requests, world.coverage().operations[1]],
    [1, { operation: 'listBoundDevice', requests: 1 }],
  )
  emulator.forgetCoverage()
  t.equal(emulator.coverage().requests, 0)
})

t.test('a handle on the emulator knows its worlds, and hears of each that ends while it is still there', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const ended: unknown[] = []
  const see = (world: PastWorld) =>
    ended.push([world.name, world.coverage().requests, world.har().log.entries.length, world.dropped, world.review()])
  const end = emulator.onWorldEnd(see)
  const world = emulator.world('w')
  t.strictSame(
    emulator.worlds().map(({ name }) => name),
    ['default', 'w'],
  )
  await send(`${world.url}/koodrive/ose/v1/backup/device`)
  world.snapshot('a')
  world.restore('a')
  t.strictSame(ended, [], 'one that is put back goes on')
  world.reset()
  t.match(ended, [['w', 1, 1, 0, []]])
  world.delete()
  t.match(ended, [[], ['w', 0, 0, 0, []]])
  end()
  emulator.world('w', {})
  t.equal(ended.length, 2)
})

t.test('what a listener throws does no harm to the world that ends', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const caught = new Promise((resolve) => process.once('unhandledRejection', resolve))
  emulator.onWorldEnd(() => {
    throw new Error('of the listener')
  })
  emulator.world('w').reset()
  t.match(await caught, { message: 'of the listener' })
  t.strictSame(
    emulator.worlds().map(({ name }) => name),
    ['default', 'w'],
  )
})

t.test('told for a person: shares, what was never met by what helps, and what was never called', async (t) => {
  const emulator = await driven(t)
  const untouched = coverageText(await coverageOf(emulator, 'default'))
  t.match(untouched, /^operations that succeeded {4}0 of 21\nrefusals of their rules {6}0 of 0\n/)
  t.notMatch(untouched, /Never met/)
  await backUp(emulator, 'w')
  const text = coverageText(await coverageOf(emulator, 'w'))
  t.match(
    text,
    [
      '  an answer that never came, although the work was done',
      '      at bindDevice, unbindDevice, batchAddBackupScope, batchDeleteBackupScope and 10 more',
      '      curl "$KOODRIVE_CONTROL_URL/faults" -H \'Content-Type: application/json\' -d \'{"operations":["bindDevice"],"when":{"first":1},"effect":{"type":"loseAnswer"}}\'',
    ].join('\n'),
  )
  t.match(
    text,
    '  what is done already\n      at completeBackup (recordCompleted), createBackupFile (recordCompleted, duplicateFile)\n',
  )
  t.match(text, /^ {2}an optional field\n {6}at bindDevice \(body\/deviceOS\), batchAddBackupScope/m)
  t.notMatch(text, /Never called|failed\b.*never/)
  const groups = text.split('\n').filter((line) => /^ {2}\S/.test(line))
  t.ok(groups.length <= 13, `${groups.length} groups`)
})
