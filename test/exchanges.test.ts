import fc from 'fast-check'
import type { Test } from 'tap'
import t from 'tap'
import type { Change } from '../schemas/change.ts'
import { basePath } from '../schemas/common.ts'
import type { FaultMatch } from '../schemas/control-faults.ts'
import type { Summary } from '../schemas/journal.ts'
import { citedIn } from '../schemas/statements.ts'
import { startEmulator } from '../src/index.ts'
import { searchEntries } from '../src/journal/search.ts'
import { openEmpty } from '../src/store/image.ts'
import { createStore } from '../src/store/store.ts'
import { archiveOf } from '../src/world/archive.ts'
import { ChangeNotes } from '../src/world/change-notes.ts'
import { changesOf } from '../src/world/changes.ts'
import type { Driven, Sent } from './fixtures/client.ts'
import { batch, driven, jsonOf } from './fixtures/client.ts'
import type { Control } from './fixtures/control.ts'
import { controlFor, controlOver, fill, signedBy, tablesOf, traffic } from './fixtures/control.ts'
import { exampleDevice, exampleUser, xDate } from './fixtures/emulator.ts'
import { openWire } from './fixtures/socket.ts'

const scopes = `/device/${exampleDevice}/scope`
const config = `/device/${exampleDevice}/config`
const change = (currentConfigValue: string, newConfigValue = 'on') => ({
  moduleCode: '102',
  configName: 'backend_backup_switch',
  currentConfigValue,
  newConfigValue,
})

/** An exchange with all that is known of it. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every form
const shown = async (emulator: Driven, id: number, world = 'default'): Promise<any> =>
  jsonOf(await emulator.steer('GET', `/requests/${id}`, undefined, world))

// biome-ignore lint/suspicious/noExplicitAny: likewise
const turned = async (emulator: Driven, method: string, path: string, body?: unknown, world?: string): Promise<any> =>
  jsonOf(await emulator.steer(method, path, body, world))

t.test('an exchange shows its checks in their order, what it rests on, and what became of its items', async (t) => {
  const emulator = await driven(t)
  await emulator.send({ body: batch('/a', 'bad', '/a'), path: `${scopes}?y=1` })
  await emulator.send({ method: 'PATCH', path: config, body: change('wrong') })
  await emulator.send({ method: 'GET', path: '/record?moduleCode=102' })
  const accepted = await shown(emulator, 1)
  t.match(accepted, {
    outcome: 'partial',
    worked: true,
    userId: exampleUser,
    refusal: null,
    items: {
      done: 1,
      failed: [
        { index: 1, code: '13000102' },
        { index: 2, code: '13990410' },
      ],
    },
    facts: [],
    changes: null,
    changesOmitted: 0,
    replayOf: null,
    madeFirst: false,
    replays: [],
    findings: [{ rule: 'unread-fields', title: /\w/, facts: ['DEC-8'], requests: [1] }],
  })
  t.equal(JSON.parse(accepted.requestText).scopeList[1].localPath, 'bad')
  t.equal(JSON.parse(accepted.responseText).code, 0)
  const general = ['route', 'media type', 'body size', 'syntax', 'Authorization', 'X-User-Id', 'X-Date']
  t.same(
    accepted.checks,
    [...general, 'path', 'body', 'rule'].map((check) => ({ check, passed: true })),
  )
  t.match(await shown(emulator, 2), {
    outcome: 'refused',
    worked: false,
    refusal: 'valueMismatch',
    facts: ['CFG-2', 'DEC-23'],
    checks: [...general, 'path', 'body']
      .map((check) => ({ check, passed: true }))
      .concat({ check: 'rule', passed: false }),
  })
  const { checks } = await shown(emulator, 3)
  t.same(checks.slice(-2), [
    { check: 'query', passed: false },
    { check: 'rule', passed: null },
  ])
})

t.test('every way in which an exchange ends has its word, and says whether the work was done', async (t) => {
  const emulator = await driven(t)
  const faulty = async (effect: object, sent: Sent = { body: batch(`/${JSON.stringify(effect).length}`) }) => {
    const { id } = await emulator.fault({ operations: '*', effect })
    await emulator.send(sent)
    await emulator.steer('DELETE', `/faults/${id}`)
  }
  const cases: [does: () => Promise<unknown>, entry: object, lastChecks: unknown[]][] = [
    [() => emulator.send({ body: batch('/x') }), { outcome: 'accepted', worked: true }, [true, true]],
    [() => emulator.send({ body: batch('bad') }), { outcome: 'partial', worked: true }, [true, true]],
    [
      () => emulator.send({ path: '/nothing' }),
      { outcome: 'refused', worked: false, checks: [{ check: 'route' }] },
      [false],
    ],
    [() => emulator.send({ body: '{' }), { outcome: 'refused' }, [null, null]],
    [() => faulty({ type: 'refuse', error: 'lockHeld' }), { outcome: 'injected', worked: false }, [null, null]],
    [() => faulty({ type: 'html', status: 503 }), { outcome: 'injected', worked: false }, [null, null]],
    [() => faulty({ type: 'reset' }), { outcome: 'unanswered', worked: false }, [null, null]],
    [() => faulty({ type: 'loseAnswer' }), { outcome: 'unanswered', worked: true }, [true, true]],
    [() => faulty({ type: 'truncate', bytes: 1 }), { outcome: 'unanswered', worked: true }, [true, true]],
    [() => faulty({ type: 'latency', ms: 1 }), { outcome: 'accepted', worked: true }, [true, true]],
    [
      () => emulator.send({ headers: { 'x-emulator-world': 'bad name' }, body: batch('/y') }),
      { outcome: 'refused', checks: [{}, {}, {}, {}, { check: 'world', passed: false }, { passed: null }] },
      [null, null],
    ],
  ]
  for (const [index, [does, expected, last]] of cases.entries()) {
    await does()
    await emulator.journal(index + 1)
    const entry = await shown(emulator, index + 1)
    t.match(entry, expected, JSON.stringify(entry.path))
    t.same(
      entry.checks.slice(-last.length).map(({ passed }: { passed: unknown }) => passed),
      last,
    )
  }
  const injected = await shown(emulator, 5)
  t.same(
    injected.checks.slice(3, 5).map(({ passed }: { passed: unknown }) => passed),
    [true, null],
    'a fault answers after the syntax',
  )
})

t.test('one world more than may be is refused once it is sure who asks', async (t) => {
  const emulator = await driven(t, { maxWorlds: '0' })
  await emulator.send({ ...{ method: 'GET', path: '/device' }, world: 'one' })
  await emulator.journal(1)
  t.same((await shown(emulator, 1)).checks.slice(6), [
    { check: 'X-Date', passed: true },
    { check: 'world', passed: false },
    { check: 'rule', passed: null },
  ])
})

t.test('an exchange that is not there: no longer, or never', async (t) => {
  const emulator = await driven(t)
  await emulator.send({ method: 'GET', path: '/device' })
  await emulator.journal(1)
  await emulator.steer('DELETE', '/requests')
  for (const [path, status, detail] of [
    ['1', 404, 'the journal of the world default no longer keeps the request 1'],
    ['2', 404, 'the world default has had no request 2'],
    ['0', 404, 'the world default has had no request 0'],
    ['x', 400, /^path\/id is a string of 1/],
    ['1.har', 404, /no longer keeps/],
  ] as const)
    t.match(await turned(emulator, 'GET', `/requests/${path}`), { status, detail })
  await emulator.send({ method: 'GET', path: '/device' })
  await emulator.journal(1)
  t.match(await turned(emulator, 'GET', '/requests/2.har'), { log: { entries: [{ request: { method: 'GET' } }] } })
})

t.test('numbers and keys of a body stand as they were sent', async (t) => {
  const emulator = await driven(t)
  await emulator.send({ body: `{"b":1.50,"a":12345678901234567890,"moduleCode":"102","scopeList":[]}` })
  const { text } = await emulator.steer('GET', '/requests/1')
  t.match(text, '"requestBody":{"b":1.50,"a":12345678901234567890,"moduleCode":"102","scopeList":[]}')
})

t.test('entries are found by how they ended, who sent them, what is in them, and what was found', async (t) => {
  const emulator = await driven(t)
  const { id: fault } = await emulator.fault({
    operations: ['getConfigInfo'],
    effect: { type: 'refuse', error: 'throttled' },
  })
  await emulator.send({ body: { ...batch('/needle'), x: 1 } })
  await emulator.send({ body: batch('/b'), headers: { 'x-user-id': 'other' } })
  await emulator.send({ method: 'PATCH', path: config, body: change('wrong') })
  await emulator.send({ method: 'GET', path: `${config}?moduleCode=102&configName=Needle` })
  await emulator.send({ body: batch('/c', 'bad') })
  await emulator.journal(5)
  const rows: [query: string, ids: number[]][] = [
    ['outcome=accepted', [1, 2]],
    ['outcome=partial', [5]],
    ['outcome=refused', [3]],
    ['outcome=injected', [4]],
    ['outcome=unanswered', []],
    ['userId=other', [2]],
    [`fault=${fault}`, [4]],
    ['fault=any', [4]],
    ['fault=fault-9', []],
    ['unread=true', [1]],
    ['unread=false', [2, 3, 4, 5]],
    ['after=3', [4, 5]],
    ['q=needle', [1, 4]],
    ['q=PRESENT%20value', [3]],
    ['q=failedScopeList&after=1', [2, 5]],
    ['finding=unread-fields', [1]],
    ['finding=device-not-bound', [2]],
    ['finding=any', [1, 2]],
    ['finding=old-date', []],
    ['fact=CFG-2', [3]],
    ['fact=DEC-1', []],
    ['outcome=accepted&userId=other&q=%2Fb', [2]],
  ]
  for (const [query, ids] of rows) {
    const { requests } = await turned(emulator, 'GET', `/requests?view=summary&${query}`)
    t.same(
      requests.map(({ id }: { id: number }) => id),
      ids,
      query,
    )
    t.same(await turned(emulator, 'GET', `/requests/count?${query}`), { count: ids.length })
  }
  for (const wrong of ['outcome=fine', 'unread=yes', 'after=x', 'view=rows'])
    t.equal((await emulator.steer('GET', `/requests?${wrong}`)).status, 400, wrong)
  t.equal((await emulator.steer('GET', '/requests/count?view=summary')).status, 400)

  const { entries } = emulator.world.journal
  const outcomes = ['accepted', 'partial', 'refused', 'injected', 'unanswered']
  const found = outcomes.flatMap((outcome) => searchEntries(entries, { outcome }))
  t.equal(found.length, entries.length, 'each has one outcome')
})

t.test('a row of the list has what the whole has', async (t) => {
  const emulator = await driven(t)
  await emulator.send({ path: '/lock', body: { moduleCode: '102' } })
  await emulator.send({ path: '/record', body: {}, headers: { 'x-backup-lock-id': 'a-lock' } })
  await emulator.journal(2)
  const { requests, dropped } = await turned(emulator, 'GET', '/requests?view=summary')
  t.match(requests, [
    { sent: { moduleCode: '102' }, given: { lockId: /@102$/ }, lockId: null, unread: 0 },
    { lockId: 'a-lock', refusal: 'invalid', reason: /^body\/moduleCode is missing/, items: null },
  ])
  t.equal(dropped, 0)
  for (const row of requests) {
    const whole = await shown(emulator, row.id)
    for (const name of ['time', 'status', 'code', 'path', 'userId', 'outcome', 'worked', 'durationMs', 'connection'])
      t.same(row[name], whole[name], name)
  }
})

/** A world whose changes are noted, filled and then driven at random. */
async function busyWorld(t: Parameters<typeof controlFor>[0], seed: number, length: number) {
  const emulator = await controlFor(t)
  await emulator.turn('PUT', '/worlds/busy', { changes: true })
  await fill(emulator, 'busy')
  await emulator.turn('POST', '/worlds/busy/snapshots/filled')
  const since = emulator.named('busy').journal.lastId + 1
  await traffic(emulator, 'busy', seed, length)
  return { ...emulator, since }
}

const diffOf = async (emulator: Control, from: string, to = 'now'): Promise<Change[]> =>
  (await emulator.turn('GET', `/worlds/busy/diff?from=${from}&to=${to}`))['changes'] as Change[]

const sorted = (changes: readonly Change[]): string[] => changes.map((one) => JSON.stringify(one)).sort()

t.test('whatever clients do: what their requests changed adds up to what differs', async (t) => {
  for (const seed of [1, 2, 3]) {
    const emulator = await busyWorld(t, seed, 150)
    const world = emulator.named('busy')
    const { entries } = world.journal
    t.ok(entries.every(({ changes }) => changes !== null))
    t.ok(
      entries.every(
        ({ changes, code, operation }) => code === 0 || operation === 'uploadPart' || changes?.length === 0,
      ),
      'what is refused changes nothing',
    )
    // From a snapshot, both states are read; from a request, what was noted is taken back.
    const since = `request:${emulator.since}`
    t.same(sorted(await diffOf(emulator, 'filled')), sorted(await diffOf(emulator, since)), `seed ${seed}`)
    t.same(await diffOf(emulator, 'filled', since), [])
    t.same(await diffOf(emulator, 'now'), [])
    const [there, back] = [await diffOf(emulator, since), await diffOf(emulator, 'now', since)]
    t.same(
      sorted(
        back.map(({ before, after, change: how, ...rest }) => ({
          ...rest,
          change: reversed[how],
          before: after,
          after: before,
        })),
      ),
      sorted(there.map(({ before, after, change: how, ...rest }) => ({ ...rest, change: how, before, after }))),
      'and the way back is the way there, reversed',
    )
    const entities = new Set(entries.flatMap(({ changes }) => (changes ?? []).map(({ entity }) => entity)))
    t.same([...entities].sort(), ['config', 'device', 'file', 'lock', 'record', 'scope', 'upload'])
    t.notMatch(JSON.stringify(entries.map(({ changes }) => changes)), /a-token|a-secret/)
    for (const { changes } of entries)
      for (const { userId, key } of changes ?? [])
        t.ok(userId !== '' && !Object.values(key).includes(''), JSON.stringify(key))
  }
})

const reversed = { added: 'removed', removed: 'added', changed: 'changed' } as const

t.test('noting what changes changes nothing else', async (t) => {
  const [noted, plain] = [await controlFor(t), await controlFor(t)]
  await noted.turn('PUT', '/worlds/one', { changes: true })
  await plain.turn('PUT', '/worlds/one', {})
  t.same(await traffic(noted, 'one', 7, 200), await traffic(plain, 'one', 7, 200))
  t.same({ ...tablesOf(noted.named('one')), world: [] }, { ...tablesOf(plain.named('one')), world: [] })
})

t.test('what goes with something else is told as well, with whose it was', async (t) => {
  const emulator = await driven(t)
  await emulator.steer('PUT', '', { changes: true })
  const { lockId } = jsonOf(await emulator.send({ path: '/lock', body: { moduleCode: '102' } })).data
  const headers = { 'x-backup-lock-id': lockId }
  const record = { moduleCode: '102', deviceId: exampleDevice }
  const { recordId } = jsonOf(await emulator.send({ path: '/record', headers, body: record })).data
  await emulator.send({ path: `/record/${recordId}/file`, headers, body: { fileName: 'a', length: 3 } })
  await emulator.send({ method: 'DELETE', path: `/record/${recordId}`, headers })
  await emulator.journal(4)
  t.match((await shown(emulator, 4)).changes, [
    {
      entity: 'file',
      change: 'removed',
      userId: exampleUser,
      key: { recordId },
      before: { fileName: 'a', isFinished: false },
    },
    { entity: 'upload', change: 'removed', userId: exampleUser, key: { partNumber: '1', part: 'planned' } },
    { entity: 'record', change: 'removed', after: null },
  ])
  emulator.time.now += 600_000
  await emulator.send({ path: '/lock', body: { moduleCode: '102' } })
  await emulator.journal(5)
  t.match((await shown(emulator, 5)).changes, [
    {
      entity: 'lock',
      change: 'changed',
      before: { lockId },
      after: { lockId: /@102$/, expiresAt: /^2025-12-17T12:20/ },
    },
  ])
})

t.test('of more than a thousand changes the first are kept, and how many more there were', async (t) => {
  const emulator = await driven(t)
  await emulator.steer('PUT', '', { changes: true })
  for (let round = 0; round < 11; round += 1)
    await emulator.send({ body: batch(...Array.from({ length: 100 }, (_, index) => `/${round}/${index}`)) })
  await emulator.send({ method: 'DELETE', path: `/device/${exampleDevice}` })
  await emulator.journal(1, '?after=11')
  const { changes, changesOmitted } = await shown(emulator, 12)
  t.same([changes.length, changesOmitted], [1000, 101])
  t.match(await turned(emulator, 'GET', '/diff?from=request:12'), {
    status: 409,
    detail: 'what was before the request 12 is not known: the request 12 changed more than is kept',
  })
})

t.test('what nobody noted is said to be not known', async (t) => {
  const emulator = await driven(t)
  await emulator.send({ body: batch('/a') })
  await emulator.steer('POST', '/tokens', { userId: 'u' })
  await emulator.send({ method: 'GET', path: '/device' })
  await emulator.steer('POST', '/snapshots/s')
  await emulator.journal(2)
  const problems: [query: string, status: number, detail: string | RegExp][] = [
    ['from=request:1', 409, /^what was before the request 1 is not known: what the request 1 changed was not noted/],
    ['from=request:9', 404, 'the world default has had no request 9'],
    ['from=none', 404, 'the world default has no snapshot none'],
    ['from=s&to=none', 404, 'the world default has no snapshot none'],
    ['from=none&to=none', 404, 'the world default has no snapshot none'],
    ['from=request:2&to=none', 404, 'the world default has no snapshot none'],
    ['from=', 400, /^query\/from is empty/],
    ['from=request:x', 400, /^query\/from is a string of 9/],
    ['to=now', 400, /^query\/from is missing/],
    ['from=s&more=1', 400, 'query/more is not a known property'],
  ]
  for (const [query, status, detail] of problems)
    t.match(await turned(emulator, 'GET', `/diff?${query}`), { status, detail }, query)
  t.same(await turned(emulator, 'GET', '/diff?from=request:2'), { changes: [] }, 'what only read needs no notes')
  await emulator.steer('POST', '/snapshots/s/restore')
  t.match(await turned(emulator, 'GET', '/diff?from=request:2'), {
    status: 409,
    detail: /the world was put back to another state since then$/,
  })
})

t.test('work whose answer is still to come is part of what changed', async (t) => {
  const emulator = await driven(t)
  await emulator.steer('PUT', '', { changes: true })
  await emulator.send({ method: 'GET', path: '/device' })
  await emulator.journal(1)
  await emulator.fault({ operations: '*', effect: { type: 'latency', ms: 60_000 } })
  const wire = await openWire(t, Number(new URL(emulator.url).port))
  const lines = Object.entries(emulator.headers()).map(([name, value]) => `${name}: ${value}\r\n`)
  const body = JSON.stringify(batch('/late'))
  await wire.send(
    `POST ${basePath}${scopes} HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}content-length: ${body.length}\r\n\r\n${body}`,
  )
  const late = [{ entity: 'scope', after: { localPath: '/late' } }]
  for (;;) {
    const { changes } = await turned(emulator, 'GET', '/diff?from=request:1')
    if (changes.length > 0) {
      t.match(changes, late)
      break
    }
  }
  wire.reset()
  await emulator.journal(2)
  t.match((await turned(emulator, 'GET', '/diff?from=request:1')).changes, late)
})

t.test(
  'a world in a file is noted over its replacements, and a replacement that fails undoes nothing of it',
  async (t) => {
    const emulator = await startEmulator({ db: `${t.testdir()}/emulator.db`, changes: 'on' })
    t.teardown(() => emulator.close())
    const world = emulator.world('default')
    const call = async (path: string, localPath: string) =>
      fetch(`${world.url}${basePath}${path}`, {
        method: 'POST',
        headers: {
          authorization: 'Bearer t',
          'content-type': 'application/json',
          'x-user-id': exampleUser,
          'x-date': xDate(Date.now()),
        },
        body: JSON.stringify(batch(localPath)),
      }).then((answer) => answer.text())
    const last = (): Change[] | null => world.changes(Number(world.requests({ limit: 1 })[0]?.id))
    await call(scopes, '/a')
    t.match(last(), [{ entity: 'scope' }])
    world.snapshot('before')
    await call(scopes, '/b')
    world.restore('before')
    await call(scopes, '/c')
    t.match(last(), [{ entity: 'scope', after: { localPath: '/c' } }])
    t.match(world.diff('before'), [{ entity: 'scope', change: 'added', after: { localPath: '/c' } }])
    const document = world.state()
    world.importState(document)
    await call(scopes, '/d')
    t.match(world.diff(`request:${world.requests({ limit: 1 })[0]?.id}`), [{ after: { localPath: '/d' } }])
    t.throws(() => world.importState({ users: { u: { devices: [{ deviceId: '1' }] } } } as never), /machineCode/)
    await call(scopes, '/e')
    t.match(last(), [{ after: { localPath: '/e' } }])
    t.match(world.exchange(1), { operation: 'batchAddBackupScope', outcome: 'accepted' })
    t.match(await world.replay(1), { replayOf: 1, outcome: 'partial' })
  },
)

t.test('rows that were undone are no changes', async (t) => {
  const store = createStore(openEmpty())
  t.teardown(() => store.close())
  const owners = { device: () => ({ userId: 'u', deviceId: 'd' }), file: () => 'u' }
  store.rowChanges.start()
  store.rowChanges.start()
  const lock = (id: string) => store.locks.put('u', '100', id, 5)
  t.throws(() =>
    store.transact(() => {
      lock('a')
      throw new Error('undone')
    }),
  )
  t.same(store.rowChanges.take()?.rows, [])
  store.transact(() => {
    lock('b')
    store.locks.remove('b')
  })
  t.same(changesOf(store.rowChanges.take()?.rows ?? [], owners), [], 'what came and went in one piece of work')
  store.transact(() => {
    lock('c')
    lock('d')
  })
  t.match(changesOf(store.rowChanges.take()?.rows ?? [], owners), [{ change: 'added', after: { lockId: 'd' } }])
  t.throws(() =>
    store.transact(() => {
      store.wipe()
      throw new Error('undone')
    }),
  )
  t.equal(store.rowChanges.isOn, true, 'it was on before')
  lock('e')
  const rows = store.rowChanges.take()?.rows ?? []
  t.same(
    rows.map(({ before, after }) => [before?.[2], after?.[2]]),
    [
      ['d', undefined],
      [undefined, 'e'],
    ],
    'and what gives way is told to be gone',
  )
  store.transact(() => store.wipe())
  t.equal(store.rowChanges.take(), null, 'a whole world is not told row by row')
  store.rowChanges.stop()
})

t.test('what somebody else did in a fault is part of what changed', async (t) => {
  const emulator = await driven(t)
  await emulator.steer('PUT', '', { changes: true })
  await emulator.send({ method: 'GET', path: '/device' })
  await emulator.steer('POST', '/snapshots/s')
  const requests = [{ method: 'POST', path: '/device/{deviceId}/scope', body: batch('/theirs') }]
  await emulator.fault({ operations: ['batchAddBackupScope'], effect: { type: 'meanwhile', requests } })
  await emulator.send({ body: batch('/mine') })
  await emulator.journal(2)
  const [theirs, mine] = ['/theirs', '/mine'].map((localPath) => ({ entity: 'scope', after: { localPath } }))
  const { changes } = await turned(emulator, 'GET', '/diff?from=request:1')
  t.match(changes, [theirs, mine])
  t.same(await turned(emulator, 'GET', '/diff?from=s'), { changes })
  t.match(await turned(emulator, 'GET', '/diff?from=request:2'), { changes: [mine] }, 'it was before')
  t.match((await shown(emulator, 2)).changes, [mine], 'which is not what the request did')
  const elsewhere = archiveOf(emulator.world).works
  t.same(elsewhere, { order: 2, lastUnknown: 1 }, 'of what no entry tells, nothing is known elsewhere')
})

t.test('of work that no entry tells of, the newest is kept', (t) => {
  const store = createStore(openEmpty())
  t.teardown(() => store.close())
  store.rowChanges.start()
  const notes = new ChangeNotes()
  for (let order = 1; order <= 1002; order += 1) {
    store.locks.put('u', '100', `lock-${order}`, order)
    notes.add(store, true)
  }
  t.equal([...notes.pending].length, 1000)
  t.equal(notes.lastUnknown, 2)
  t.end()
})

t.test('what requests changed that the journal no longer keeps is said to be not known', async (t) => {
  const emulator = await driven(t)
  await emulator.steer('PUT', '', { changes: true })
  await emulator.fault({ operations: ['listBoundDevice'], effect: { type: 'latency', ms: 60_000 } })
  const wire = await openWire(t, Number(new URL(emulator.url).port))
  const lines = Object.entries(emulator.headers()).map(([name, value]) => `${name}: ${value}\r\n`)
  await wire.send(`GET ${basePath}/device HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}\r\n`)
  while (!emulator.world.isHeld) await new Promise((turned) => setImmediate(turned))
  await emulator.send({ body: batch('/a') })
  await emulator.journal(1)
  await emulator.steer('DELETE', '/requests')
  wire.reset()
  const [entry] = await emulator.journal(1)
  t.match(entry, { operation: 'listBoundDevice' }, 'it was there before the other')
  t.match(await turned(emulator, 'GET', `/diff?from=request:${entry?.id}`), {
    status: 409,
    detail: /not all that was done since then is kept$/,
  })
  t.equal(archiveOf(emulator.world).works.lastUnknown, 1)
})

t.test('in process: an exchange is looked at and sent once more, and a fault tried and changed', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const begun: string[] = []
  const forget = emulator.onWorldBegin(({ name }) => begun.push(name))
  const world = emulator.world('w')
  await fetch(`${world.url}${basePath}/device`)
  const [{ id = 0 } = {}] = world.requests()
  t.match(world.exchange(id), { id, outcome: 'refused' })
  t.match(await world.replay(id), { replayOf: id, outcome: 'refused' })
  const fault = { operations: '*', effect: { type: 'reset' } } as const
  t.same(world.faults.match(fault)[0], { id, fires: true })
  const made = world.faults.add(fault)
  t.match(world.faults.change(made.id, { paused: true }), { id: made.id, paused: true })
  forget()
  emulator.world('x')
  t.same(begun, ['w'])
})

t.test('a snapshot shows what it holds', async (t) => {
  const emulator = await driven(t)
  await emulator.send({ body: batch('/kept') })
  const before = await turned(emulator, 'GET', '/state')
  await emulator.steer('POST', '/snapshots/s')
  await emulator.send({ body: batch('/later') })
  t.same(await turned(emulator, 'GET', '/snapshots/s/state'), before)
  t.match(await turned(emulator, 'GET', '/snapshots/none/state'), { status: 404 })
  t.same(await emulator.stored(), ['/kept', '/later'], 'to look at it changes nothing')
})

const anEffect = fc.constantFrom<object>(
  { type: 'refuse', error: 'throttled' },
  { type: 'reset' },
  { type: 'loseAnswer' },
  { type: 'latency', ms: 1 },
  { type: 'failItems', indexes: [0], errorCode: '1' },
  { type: 'failItems', indexes: [3], errorCode: '1' },
  { type: 'failItems', match: { localPath: '/a' }, errorCode: '1' },
  { type: 'gateway', code: 'APIGW.0201' },
  { type: 'throttle', perSecond: 2 },
  { type: 'meanwhile', requests: [{ method: 'GET', path: '/device', body: { of: '{moduleCode}' } }] },
)
const aTiming = fc.constantFrom<object>(
  {},
  { when: { first: 2 } },
  { when: { nth: 2 } },
  { when: { every: 2 } },
  { when: { probability: 0.5 } },
)
const aPattern = fc.constantFrom<object>(
  { deviceId: exampleDevice },
  { body: { '/moduleCode': '102' } },
  { body: { '/scopeList/0/localPath': '/a' } },
  { body: { '/more': 'none' } },
  {},
  {},
)

/** A batch of which a journal keeps only a part. */
const longBatch = (word: string, count = 5) =>
  batch(...Array.from({ length: count }, (_, at) => `/${word.padEnd(9000, word)}${at}`))

/** Resets its connection within the body. */
async function breakOff(t: Test, { url }: Driven): Promise<void> {
  const wire = await openWire(t, Number(new URL(url).port))
  const head = [
    `POST ${basePath}${scopes} HTTP/1.1`,
    'Host: x',
    'Content-Type: application/json',
    'Content-Length: 100',
  ]
  await wire.send(`${head.join('\r\n')}\r\n\r\n{"moduleCode":"102"`)
  wire.reset()
}

t.test('what a fault would have met is what it then meets, as far as it can be known', async (t) => {
  const ids = (would: FaultMatch['would'], ...known: unknown[]) =>
    would.filter(({ fires }) => known.includes(fires)).map(({ id }) => id)
  const property = fc.asyncProperty(anEffect, aTiming, aPattern, async (effect, timing, pattern) => {
    const emulator = await driven(t)
    const sent: (Sent | undefined)[] = [
      { body: batch('/a') },
      { body: longBatch('l') },
      { body: batch('bad') },
      undefined,
      { body: {} },
      { method: 'PATCH', path: config, body: change('wrong') },
      { body: batch('/b') },
      { body: { ...longBatch('m'), moduleCode: '999' } },
      { body: '{' },
      { body: batch('/c') },
      { body: batch('/no'), headers: { authorization: undefined } },
      { method: 'GET', path: `/record?moduleCode=102&pageSize=1&deviceId=${exampleDevice}` },
      { method: 'GET', path: `/record?moduleCode=102&pageSize=1&x=%e4` },
      { path: '/nothing' },
      { method: 'GET', path: '/device' },
    ]
    const sendAll = async () => {
      for (const [index, one] of sent.entries()) {
        await (one ? emulator.send(one) : breakOff(t, emulator))
        await emulator.journal(index + 1)
      }
      return emulator.journal(sent.length)
    }
    await sendAll()
    const fault = {
      operations: ['batchAddBackupScope', 'updateConfigInfo', 'listBackupRecord'],
      effect,
      ...timing,
      ...pattern,
    }
    const { would }: FaultMatch = await turned(emulator, 'POST', '/faults/match', fault)
    t.same(await emulator.faults(), [], 'none was made')
    await emulator.steer('POST', '/reset')
    await emulator.fault(fault)
    const entries = await sendAll()
    const [made] = await emulator.faults()
    const fired = entries.flatMap((entry) => (entry.fault === null ? [] : [entry.id]))
    const unknown = new Set(ids(would, null))
    t.same(
      ids(would, true),
      fired.filter((id) => !unknown.has(id)),
      JSON.stringify(fault),
    )
    if (unknown.size === 0) t.match(made, { hits: fired.length, matched: would.length }, JSON.stringify(fault))
  })
  await fc.assert(property, { numRuns: 40, seed: 5 })
  const emulator = await driven(t)
  const wrong = await emulator.steer('POST', '/faults/match', { operations: [], effect: { type: 'reset' } })
  t.equal(wrong.status, 400)
})

t.test('of a body that is kept in part, a fault is told by what was noted; what is not known is said so', async (t) => {
  const emulator = await driven(t)
  const operations = ['batchAddBackupScope', 'batchDeleteBackupScope', 'createBackupRecord']
  const properties = JSON.stringify({ x: 'x'.repeat(20_000) })
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`f${index}`, 'x'.repeat(200)]))
  const body = {
    moduleCode: '100',
    deviceId: exampleDevice,
    number: 7,
    nested: { a: ['b'] },
    word: '12',
    words: 'y'.repeat(2000),
    long: properties,
  }
  const rows: [sent: Sent, fault: object, fires: boolean | null | undefined][] = []
  const of = (sent: Sent, ...faults: [fault: object, fires: boolean | null | undefined][]) => {
    for (const [fault, fires] of faults) rows.push([sent, fault, fires])
  }
  const refused = { type: 'reset' }
  const pointing = (pointer: string, value: unknown) => ({ body: { [pointer]: value }, effect: refused })
  const failing = (which: object) => ({ effect: { type: 'failItems', errorCode: '1', ...which } })
  const meanwhile = (path: string, more = {}) => ({
    effect: { type: 'meanwhile', advance: 'PT1S', requests: [{ method: 'GET', path }], ...more },
  })
  const [first = {}] = longBatch('l').scopeList
  const whole = {
    ...longBatch('w'),
    scopeList: longBatch('w').scopeList.map((item) => ({ ...item, targetFolderPath: '/t' })),
  }
  of(
    { body: longBatch('l') },
    [pointing('/moduleCode', '102'), true],
    [pointing('/moduleCode', '100'), undefined],
    [pointing('/moduleCode', 102), undefined],
    [pointing('/other', 'x'), undefined],
    [pointing('/scopeList/0/localPath', first), null],
    [failing({ indexes: [4] }), true],
    [failing({ indexes: [5] }), undefined],
    [failing({ match: first }), null],
    [failing({ match: { localPath: '/a', targetFolderPath: '/b' } }), undefined],
    [failing({ match: 'an id' }), undefined],
    [meanwhile('/device/{deviceId}/scope?moduleCode={moduleCode}'), true],
    [meanwhile('/record/{properties}'), undefined],
    [{ effect: { type: 'meanwhile', advance: 'PT1S', again: { moduleCode: '101' } } }, true],
    [{ effect: { type: 'loseAnswer' } }, true],
  )
  of({ body: whole }, [failing({ match: whole.scopeList[1] }), true])
  of({ body: { ...longBatch('l'), moduleCode: '999' } }, [failing({ indexes: [0] }), undefined])
  of(
    { path: '/record', body },
    [{ deviceId: exampleDevice, effect: refused }, true],
    [{ deviceId: '1', effect: refused }, undefined],
    [pointing('/long', properties), null],
    [pointing('/words', 'y'.repeat(2000)), true],
    [pointing('/words', 'y'.repeat(2001)), undefined],
    [pointing('/long', [1]), null],
    [pointing('/number', 7), null],
    [pointing('/number', '7'), null],
    [pointing('/number', 8), undefined],
    [pointing('/word', '12'), null],
    [pointing('/nested', { a: ['b'] }), null],
    [pointing('/nested/a/0', 'b'), null],
    [pointing('/nested/a/0', 'c'), undefined],
    [pointing('/moduleCode/a', 'c'), undefined],
    [failing({ indexes: [0] }), undefined],
  )
  of(
    { path: '/record', body: many },
    [pointing('/f0', 'y'), undefined],
    [pointing('/f149', 'y'), null],
    [meanwhile('/record/{properties}'), null],
  )
  of(
    { path: '/record', body: [properties] },
    [pointing('/0', properties), null],
    [{ effect: { type: 'meanwhile', again: { moduleCode: '101' } } }, null],
  )
  const part = { method: 'PUT', path: '!/_upload/none/1?partNumber=1', body: 'no JSON' }
  of(part, [{ operations: ['uploadPart'], effect: refused }, true])
  for (const [sent, fault, fires] of rows) {
    await emulator.steer('POST', '/reset')
    await emulator.send(sent)
    await emulator.journal(1)
    const { would } = await turned(emulator, 'POST', '/faults/match', { operations, ...fault })
    t.strictSame(would, fires === undefined ? [] : [{ id: 1, fires }], JSON.stringify(fault).slice(0, 200))
  }
})

t.test(
  'whether a fault fires is not known behind what it may have counted, or where another one was before it',
  async (t) => {
    const emulator = await driven(t)
    for (const body of [batch('/a'), longBatch('l'), batch('/b')]) await emulator.send({ body })
    await emulator.journal(3)
    const [operations, body] = ['*', { '/scopeList/0/localPath': '/b' }]
    const fires = async (fault: object) =>
      (await turned(emulator, 'POST', '/faults/match', { operations, ...fault })).would
    t.strictSame(await fires({ body, effect: { type: 'reset' } }), [
      { id: 2, fires: null },
      { id: 3, fires: true },
    ])
    for (const fault of [
      { when: { nth: 1 }, effect: { type: 'reset' } },
      { effect: { type: 'throttle', perSecond: 1 } },
    ])
      t.strictSame(await fires({ body, ...fault }), [
        { id: 2, fires: null },
        { id: 3, fires: null },
      ])
    await emulator.steer('POST', '/reset')
    const shots = [{ type: 'refuse', error: 'throttled' }, { type: 'reset' }, { type: 'loseAnswer' }]
    for (const [index, effect] of shots.entries()) {
      const { id } = await emulator.fault({ operations, effect })
      await emulator.send({ body: batch(`/${index}`) })
      await emulator.steer('DELETE', `/faults/${id}`)
    }
    await emulator.journal(shots.length)
    t.strictSame(await fires({ effect: { type: 'truncate', bytes: 5 } }), [
      { id: 1, fires: null },
      { id: 2, fires: null },
      { id: 3, fires: true },
    ])
    const again = { newConfigValue: 'theirs' }
    for (const [advance, third] of [
      [{}, null],
      [{ advance: 'PT1S' }, true],
    ] as const)
      t.strictSame(
        await fires({ when: { nth: 3 }, effect: { type: 'meanwhile', again, ...advance } }),
        [false, false, third].map((one, index) => ({ id: index + 1, fires: one })),
        'the rules may refuse whatever somebody else would do',
      )
  },
)

t.test('a fault pauses and goes on, and takes another place in the order', async (t) => {
  const emulator = await driven(t)
  const ids = []
  for (const error of ['throttled', 'lockHeld', 'internal'])
    ids.push((await emulator.fault({ operations: '*', effect: { type: 'refuse', error } })).id)
  const status = async () => (await emulator.send({ body: batch('/a') })).status
  const turn = (id: string | undefined, body: object) => turned(emulator, 'PATCH', `/faults/${id}`, body)
  t.equal(await status(), 429)
  t.match(await turn(ids[0], { paused: true }), { id: ids[0], paused: true, hits: 1, matched: 1 })
  t.equal(await status(), 400)
  t.match(await turn(ids[0], { paused: false }), { paused: false, matched: 1 })
  t.equal(await status(), 429)
  await turn(ids[2], { position: 0 })
  t.equal(await status(), 500)
  await turn(ids[2], { position: 99 })
  t.same(
    (await emulator.faults()).map(({ id }) => id),
    ids,
  )
  t.match(await turn('fault-9', {}), { status: 404 })
  t.match(await turn(ids[0], { position: -1 }), { status: 400 })
  t.match(await turn(ids[0], { hits: 0 }), { status: 400, detail: 'body/hits is not a known property' })
})

t.test(
  'two rows tell by how much the state clock was moved between them, whatever passed and however it stood',
  async (t) => {
    const emulator = await controlFor(t)
    const moves = async (...changes: object[]) => {
      for (const change of changes) await emulator.turn('PATCH', '/worlds/w/clock', change)
      emulator.time.now += 30_000
      await emulator.of('w', 'GET', '/device')
      const { requests } = await emulator.turn('GET', '/worlds/w/requests?view=summary')
      const [before, after] = (requests as Summary[]).slice(-2)
      return Number(after?.clockMoved) - Number(before?.clockMoved)
    }
    await emulator.turn('PUT', '/worlds/w', {})
    await moves()
    t.equal(await moves({ advance: 'PT10M' }, { advance: 'PT10M' }), 20 * 60_000)
    t.equal(await moves({ frozen: true }), 0)
    t.equal(await moves({ advance: 'PT10M' }, { frozen: false }), 10 * 60_000)
    await emulator.turn('POST', '/worlds/w/snapshots/a')
    t.equal(await moves({ advance: 'PT1M' }), 60_000)
    await emulator.turn('POST', '/worlds/w/snapshots/a/restore')
    t.equal(await moves(), -90_000, 'back to where it stood')
    await emulator.turn('PUT', '/worlds/w/state', await emulator.turn('GET', '/worlds/w/state'))
    t.equal(await moves(), 0, 'a document leaves the clock alone')
  },
)

t.test('what was advised is sent as it was told: calls first, with what they give in their place', async (t) => {
  const emulator = await driven(t, { auth: 'known' })
  const control = controlOver(emulator)
  await control.turn('POST', '/worlds/default/tokens', { userId: exampleUser, token: 'a-known-token' })
  const known = { authorization: 'Bearer a-known-token' }
  const lost = { ...known, 'x-backup-lock-id': '11111111-1111-4111-8111-111111111111@102' }
  const record = { moduleCode: '102', deviceId: exampleDevice, properties: '{"a":"$b"}' }
  await emulator.send({ path: '/record', body: record, headers: lost })
  await emulator.send({ method: 'PATCH', path: '/record/7', body: {}, headers: lost })
  await emulator.journal(2)
  const { checks } = await shown(emulator, 2)
  t.same(
    checks.slice(7),
    [
      ['lock', true],
      ['path', true],
      ['body', true],
      ['lock held', false],
      ['rule', null],
    ].map(([check, passed]) => ({ check, passed })),
    'the check that the reason is about fails',
  )
  const sendAs = async (id: number) => {
    const { advice } = await control.turn('POST', '/worlds/default/explain', { request: id, advice: true })
    const [{ steps, change }] = advice as [{ steps: { call?: object }[]; change: object }]
    const first = steps.flatMap(({ call = [] }) => call)
    return turned(emulator, 'POST', `/requests/${id}/replay`, { ...change, first })
  }
  t.match(await sendAs(2), { id: 5, replayOf: 2, operation: 'completeBackup', outcome: 'accepted' })
  t.match(await shown(emulator, 3), {
    replayOf: 2,
    madeFirst: true,
    operation: 'createBackupLock',
    outcome: 'accepted',
  })
  const change = { headers: { 'x-backup-lock-id': null } }
  const { checks: without } = await control.turn('POST', '/worlds/default/explain', { request: 2, change })
  t.same(
    Object(without).find(({ passed }: { passed: unknown }) => passed === false),
    { check: 'lock', passed: false },
  )
  t.match(await shown(emulator, 4), {
    replayOf: 2,
    madeFirst: true,
    operation: 'createBackupRecord',
    outcome: 'accepted',
  })
  t.match(await shown(emulator, 5), { replayOf: 2, madeFirst: false })
  t.same((await shown(emulator, 2)).replays, [5], 'a call that was made first is no replay')
  t.match(await sendAs(1), { id: 6, outcome: 'accepted' }, 'the lock that lives now is another advice, without a call')

  const takeLock = { method: 'POST', path: `${basePath}/lock`, headers: {}, body: { moduleCode: '102' } }
  const gives = { name: '$lockId', from: 'data/lockId' }
  const before = await emulator.journal(6)
  t.match(await turned(emulator, 'POST', '/requests/1/replay', { first: [{ ...takeLock, gives }] }), {
    status: 409,
    detail: /^the call before it, #7 POST \/koodrive\S+\/lock, was refused: .* lock/,
  })
  t.equal((await emulator.journal(7)).length, before.length + 1, 'and nothing further was sent')
  const list = { method: 'GET', path: `${basePath}/device`, headers: {} }
  t.match(
    await turned(emulator, 'POST', '/requests/1/replay', { first: [{ ...list, gives }] }),
    { status: 409, detail: /#8 GET \S+ gave nothing at data\/lockId$/ },
    'an answer that has no such value',
  )
  t.match(await turned(emulator, 'POST', '/requests/1/replay', { first: Array(6).fill(list) }), { status: 400 })
  const noName = /^body\/headers has "a b", which no header is called; expected letters/
  t.match(await turned(emulator, 'POST', '/requests/1/replay', { first: [list], headers: { 'a b': 'c' } }), {
    status: 400,
    detail: noName,
  })
  const deep = JSON.parse(`${'['.repeat(102)}${']'.repeat(102)}`)
  for (const [second, detail] of [
    [{ headers: { 'x-a': 'b\r\nc: d' } }, /^body\/first\/1\/headers\/x-a has a control character/],
    [
      { headers: { Connection: 'close' } },
      'body/first/1/headers/Connection follows from what is sent and how; leave it out',
    ],
    [{ headers: { 'a b': 'c' } }, /^body\/first\/1\/headers has "a b"/],
    [{ body: deep }, /^body\/first\/1\/body is nested deeper/],
  ] as const) {
    const first = [list, { ...list, ...second }]
    t.match(await turned(emulator, 'POST', '/requests/1/replay', { first }), { status: 400, detail })
  }
  t.equal((await emulator.journal(8)).length, 8, 'what cannot be sent is said before anything is')

  await turned(emulator, 'POST', '/faults', {
    operations: ['listBoundDevice'],
    when: { first: 1 },
    effect: { type: 'reset' },
  })
  t.match(await turned(emulator, 'POST', '/requests/1/replay', { first: [list] }), {
    status: 409,
    detail: /^the call before it, #9 GET \S+ was refused: a fault/,
  })
  const held = async () => {
    const { users } = await turned(emulator, 'GET', '/state')
    return { 'x-backup-lock-id': users[exampleUser].locks.at(-1).lockId }
  }
  const release = { method: 'DELETE', path: `${basePath}/lock`, headers: await held() }
  const asItIs = { ...record, properties: '{"a":"$lockId"}' }
  t.match(
    await turned(emulator, 'POST', '/requests/1/replay', {
      first: [release, { ...takeLock, gives }],
      headers: { 'x-backup-lock-id': '$lockId' },
      body: asItIs,
    }),
    { id: 12, outcome: 'accepted' },
  )
  const sent = await shown(emulator, 12)
  t.match(sent['requestBody'], { properties: '{"a":"$lockId"}' }, 'a name within a text is no name')
  t.match(
    await turned(emulator, 'POST', '/requests/1/replay', {
      first: [{ ...release, headers: await held() }, takeLock],
      lock: 'current',
    }),
    { id: 15, outcome: 'accepted' },
    'the current lock may be the one that is created before it',
  )
})

t.test('a replay holds its world from its first call to its end, and ends where another took its place', async (t) => {
  const emulator = await driven(t)
  const { world } = emulator
  await emulator.send({ method: 'GET', path: '/device' })
  await emulator.journal(1)
  const list = { method: 'GET', path: `${basePath}/device`, headers: {} }
  const replay = () => turned(emulator, 'POST', '/requests/1/replay', { first: [list, list], lock: 'current' })
  const { access } = world.store
  const { standIn } = access
  const held: boolean[] = []
  Object.assign(access, {
    standIn(...given: Parameters<typeof standIn>) {
      held.push(world.isHeld)
      return standIn(...given)
    },
  })
  world.store.locks.put(exampleUser, '102', 'a-lock', emulator.time.now + 1)
  t.match(await replay(), { id: 4, lockId: 'a-lock' })
  t.same([held, world.isHeld], [[true, true, true], false], 'and then lets it go')
  const { resend } = emulator.plane
  const snapshot = world.snapshot()
  let change: () => unknown = () => emulator.worlds.restore(world, snapshot)
  Object.assign(emulator.plane, {
    async resend(...given: Parameters<typeof resend>) {
      const recorded = await resend(...given)
      change()
      return recorded
    },
  })
  const detail = 'the world default became another, or went, while requests were sent to it again'
  t.match(await replay(), { status: 409, detail })
  t.equal(emulator.world.journal.lastId, 5, 'which had one call')
  change = () => emulator.worlds.reset(emulator.world)
  t.match(await replay(), { status: 409, detail })
  t.same(emulator.world.journal.entries, [], 'nothing is sent to the other one')
})

t.test('a request is sent once more, its credential put in by the emulator', async (t) => {
  const emulator = await driven(t, { auth: 'known' })
  const control = controlOver(emulator)
  await control.turn('POST', '/worlds/default/tokens', {
    userId: exampleUser,
    token: 'a-known-token',
    lifetime: 'PT1H',
  })
  await control.turn('POST', '/worlds/default/apps', { appId: 'an-app', appSecret: 'a-secret' })
  const known = { authorization: 'Bearer a-known-token' }
  const replay = (id: number, body?: object) => turned(emulator, 'POST', `/requests/${id}/replay`, body)

  await emulator.send({ body: { ...batch('/a'), x: 1.5 }, headers: known })
  await emulator.send({
    method: 'GET',
    path: '/device',
    headers: signedBy({ appId: 'an-app', appSecret: 'a-secret' }, 'GET', `${basePath}/device`),
  })
  await emulator.send({ method: 'GET', path: '/device', headers: { authorization: 'Bearer never-issued' } })
  await emulator.send({ method: 'GET', path: '/device', headers: { authorization: undefined } })
  await emulator.send({ method: 'GET', path: '/device', headers: { authorization: 'Token a-known-token' } })
  await emulator.send({
    method: 'GET',
    path: '/device',
    headers: signedBy({ appId: 'no-app', appSecret: 'x' }, 'GET', `${basePath}/device`),
  })
  await emulator.journal(6)
  emulator.time.now += 30 * 60_000
  t.match(await replay(1), { id: 7, replayOf: 1, outcome: 'partial', unread: 1 })
  const [first, again] = [await shown(emulator, 1), await shown(emulator, 7)]
  t.equal(again.requestText, first.requestText, 'the same bytes')
  t.equal(again.requestHeaders.authorization, first.requestHeaders.authorization, 'the same credential')
  t.equal(again.requestHeaders['x-date'], xDate(emulator.time.now), 'and a date of now')
  t.same(first.replays, [7])
  emulator.time.now += 45 * 60_000
  t.match(
    await replay(7),
    { replayOf: 7, outcome: 'partial' },
    'a replay counts as use of the token, and can be replayed',
  )
  t.match(await replay(1, { date: 'same' }), { refusal: 'invalid', reason: /^X-Date is .* too early/ })
  t.match(await replay(2), { outcome: 'accepted', reason: null }, 'signed anew')
  t.match(await replay(2, { path: `${basePath}/device?x=1` }), { outcome: 'accepted', unread: 1 }, 'as it is then')
  for (const id of [3, 4, 5, 6]) {
    const before = await shown(emulator, id)
    t.match(await replay(id), { status: 401, reason: before.reason }, `refused as before: ${before.reason}`)
  }
  emulator.time.now += 120 * 60_000
  t.match(await replay(1), { status: 401, reason: /expired/ }, 'the token has expired')
  const text = JSON.stringify([emulator.world.journal.entries, emulator.logLines])
  t.notMatch(text, /a-known-token|never-issued|a-secret/)

  await t.test('changed', async (t) => {
    await control.turn('POST', '/worlds/default/tokens', { userId: exampleUser, token: 'a-known-token' })
    t.match(await replay(1, { body: batch('/new') }), { outcome: 'accepted' })
    t.match(await replay(1, { body: '{' }), { refusal: 'malformed' })
    t.match(await replay(1, { method: 'get', body: '', path: `${basePath}/device` }), {
      operation: 'listBoundDevice',
      outcome: 'accepted',
    })
    t.match(await replay(1, { headers: { 'X-User-Id': null } }), { reason: /^X-User-Id is missing/ })
    t.match(await replay(1, { headers: { 'x-user-id': 'other' } }), { reason: /another user/ })
    t.match(await replay(1, { headers: { 'X-Date': ['1', '2'] } }), { reason: /^X-Date was sent more than once/ })
    const other = await replay(1, { headers: { Authorization: 'Bearer canary-of-somebody' } })
    t.match(other, { status: 401 })
    t.notMatch(JSON.stringify(await shown(emulator, other.id)), 'canary-of-somebody')
    t.match(await replay(1, { path: `${basePath}/a b` }), { refusal: 'malformed', replayOf: 1 })
    t.match(await replay(1, { headers: { 'Content-Length': '5' } }), {
      status: 400,
      detail: 'body/headers/Content-Length follows from what is sent and how; leave it out',
    })
    t.match(await replay(1, { headers: { 'a b': '5' } }), { status: 400, detail: /^body\/headers has "a b"/ })
    t.match(await replay(1, { headers: { a: 'x\r\ny: z' } }), {
      status: 400,
      detail: 'body/headers/a has a control character, which no header may have; expected text of one line',
    })
    const explained = (change: object) => control.ask('POST', '/worlds/default/explain', { request: 1, change })
    for (const [headers, detail] of [
      [{ a: '\n' }, /^body\/change\/headers\/a has a control character/],
      [{ 'Keep-Alive': '1' }, /^body\/change\/headers\/Keep-Alive follows/],
      [{ '': '1' }, /^body\/change\/headers has "", which/],
    ] as const)
      t.match(await explained({ headers }), { status: 400, body: { detail } })
    t.match(await replay(1, { more: 1 }), { status: 400 })
    t.match(await replay(99), { status: 404 })
  })
})

t.test('a signature is made anew as it was made: a wrong one stays wrong', async (t) => {
  const emulator = await driven(t)
  const control = controlOver(emulator)
  const app = { appId: 'an-app', appSecret: 'a-secret' }
  const device = `${basePath}/device`
  for (const one of [app, { appId: 'other', appSecret: 'of-another' }])
    await control.turn('POST', '/worlds/default/apps', one)
  const wrong = { ...signedBy(app, 'GET', device) }
  wrong['authorization'] = String(wrong['authorization']).replace(/[0-9a-f]{64}$/, '0'.repeat(64))
  const long = JSON.stringify({ ...batch('/a'), more: 'x'.repeat(20_000) })
  const inMistake = signedBy(app, 'GET', device)
  const ofAnother = signedBy({ ...app, appSecret: 'of-another' }, 'GET', device)
  await emulator.send({ method: 'GET', path: '/device', headers: signedBy(app, 'GET', device) })
  await emulator.send({ method: 'GET', path: '/device', headers: wrong })
  await emulator.send({ method: 'GET', path: '/device?x=1', headers: inMistake })
  await emulator.send({ method: 'GET', path: '/device', headers: ofAnother })
  await emulator.send({ method: 'GET', path: '/devices', headers: signedBy(app, 'GET', `${device}s`) })
  await emulator.send({ method: 'GET', path: '/device/', headers: wrong })
  await emulator.send({ path: '/scopes', body: long, headers: signedBy(app, 'POST', `${basePath}/scopes`, long) })
  const { id: fault } = await emulator.fault({ operations: '*', effect: { type: 'throttle' } })
  await emulator.send({ method: 'GET', path: '/device', headers: wrong })
  await emulator.send({ method: 'GET', path: '/device', headers: signedBy(app, 'GET', device) })
  await emulator.steer('DELETE', `/faults/${fault}`)
  await emulator.journal(9)
  emulator.time.now += 60_000
  const explain = (request: number, change: object) => turned(emulator, 'POST', '/explain', { request, change })
  const isWrong = /^Authorization has a wrong signature: the SHA-256/
  const toDevice = { path: device }
  const rows: [id: number, change: object, reason: RegExp | null][] = [
    [1, {}, null],
    [2, {}, isWrong],
    [3, {}, /: the query must be signed/],
    [3, toDevice, null],
    [4, {}, /: it was made with the secret of another app/],
    [5, toDevice, null],
    [6, toDevice, isWrong],
    [7, { path: `${basePath}${scopes}`, body: batch('/a') }, null],
    [8, {}, isWrong],
    [9, {}, null],
  ]
  for (const [id, change, reason] of rows) {
    const title = `${id} ${JSON.stringify(change)}`
    t.match(await explain(id, change), { accepted: reason === null, reason }, `explained: ${title}`)
    const again = await turned(emulator, 'POST', `/requests/${id}/replay`, change)
    t.match(again, { worked: reason === null, reason }, `sent: ${title}`)
    const twice = await turned(emulator, 'POST', `/requests/${again.id}/replay`, {})
    t.match(twice, { worked: reason === null }, `sent twice: ${title}`)
    const [before, after] = [await shown(emulator, id), await shown(emulator, again.id)]
    const isAnew = before.requestHeaders.authorization !== after.requestHeaders.authorization
    t.equal(isAnew, reason === null || !isWrong.test(again.reason), `it shows what was sent: ${title}`)
  }
  const advised = await turned(emulator, 'POST', '/explain', { request: 6, advice: true })
  t.match(advised.advice, [{ accepted: true, steps: [{ at: 'path' }, { at: 'header/Authorization' }] }])
  const path = `${basePath}/record`
  const body = { moduleCode: '102', deviceId: exampleDevice }
  await emulator.send({ path: '/record', body, headers: signedBy(app, 'POST', path, JSON.stringify(body)) })
  const { advice } = await turned(emulator, 'POST', '/explain', { request: await lastIn(emulator), advice: true })
  t.match(advice, [{ accepted: true, steps: [{ call: { path: `${basePath}/lock` } }, {}] }], 'calls are signed, too')
})

const lastIn = async (emulator: Driven): Promise<number> => {
  const { lastId } = emulator.world.journal
  await emulator.journal(lastId)
  return lastId
}

t.test('what is not kept whole is not sent once more', async (t) => {
  const emulator = await driven(t)
  const replay = (id: number, body?: object) => turned(emulator, 'POST', `/requests/${id}/replay`, body)
  await emulator.send({ body: { ...batch('/a'), x: 'x'.repeat(20_000) } })
  const { lockId } = jsonOf(await emulator.send({ path: '/lock', body: { moduleCode: '102' } })).data
  const headers = { 'x-backup-lock-id': lockId }
  const { recordId } = jsonOf(
    await emulator.send({ path: '/record', headers, body: { moduleCode: '102', deviceId: exampleDevice } }),
  ).data
  const { multiParts } = jsonOf(
    await emulator.send({ path: `/record/${recordId}/file`, headers, body: { fileName: 'a' } }),
  )
  const { pathname, search } = new URL(multiParts[0].uploadUrl)
  await emulator.send({ method: 'PUT', path: `!${pathname}${search}`, body: 'content' })
  await emulator.send({ method: 'GET', path: '/device?access_token=a-canary-of-a-token' })
  await emulator.send({ body: '{"token":"a-canary-of-a-token"}' })
  const wire = await openWire(t, Number(new URL(emulator.url).port))
  await wire.send('nonsense\r\n\r\n')
  await emulator.journal(8)
  for (const [id, detail] of [
    [1, 'only the beginning of the body of the request 1 is kept; give another in body/body'],
    [5, 'the request 5 brought a part of an upload, whose bytes are not kept'],
    [6, 'the path of the request 6 held a secret, which is not kept; give another in body/path'],
    [7, 'the body of the request 7 held a secret, which is not kept; give another in body/body'],
    [8, 'the request 8 could not be read: nothing of it is kept'],
  ] as const) {
    t.match(await replay(id), { status: 409, detail })
    const explained = await turned(emulator, 'POST', '/explain', { request: id })
    t.match(explained, { status: 409, detail: detail.replace(/ in body/, ' in body/change') })
  }
  t.match(await replay(1, { body: batch('/b') }), { outcome: 'accepted' })

  await t.test('and of a part whose answer is lost it is known that it came', async (t) => {
    const put = { method: 'PUT', path: `!${pathname}${search}`, body: 'content' }
    const { id: lost } = await emulator.fault({ operations: ['uploadPart'], effect: { type: 'loseAnswer' } })
    await emulator.send(put)
    await emulator.steer('DELETE', `/faults/${lost}`)
    await emulator.fault({ operations: ['uploadPart'], effect: { type: 'reset' } })
    await emulator.send(put)
    await emulator.journal(11)
    t.match(await shown(emulator, 10), {
      outcome: 'unanswered',
      worked: true,
      checks: [{ passed: true }, { passed: true }],
    })
    t.match(await shown(emulator, 11), { outcome: 'unanswered', worked: false })
  })
})

t.test('bytes that are no text are sent once more as they were, and so is what has no date', async (t) => {
  const emulator = await driven(t)
  const wire = await openWire(t, Number(new URL(emulator.url).port))
  const lines = Object.entries(emulator.headers()).map(([name, value]) => `${name}: ${value}\r\n`)
  await wire.send(`POST ${basePath}${scopes} HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}content-length: 2\r\n\r\n`)
  await wire.send(Buffer.from([0xff, 0xfe]))
  await emulator.send({ method: 'GET', path: '/device', headers: { 'x-date': undefined } })
  await emulator.journal(2)
  const replay = (id: number, body?: object) => turned(emulator, 'POST', `/requests/${id}/replay`, body)
  t.match(await replay(1), { reason: 'body is not valid UTF-8 [DEC-12]' })
  t.match(await shown(emulator, 3), { requestBody: { base64: '//4=' } })
  t.match(await replay(2), { reason: /^X-Date is missing/ })
  t.match(await replay(2, { lock: 'current' }), {
    status: 409,
    detail: 'no lock of the request lives now; create one first',
  })
  const { lockId } = jsonOf(await emulator.send({ path: '/lock', body: { moduleCode: '101' } })).data
  t.match(await replay(2, { lock: 'current' }), { lockId }, 'the only one that lives')
})

t.test('a replay meets faults, and may show the lock that lives now', async (t) => {
  const emulator = await driven(t)
  const replay = (id: number, body?: object) => turned(emulator, 'POST', `/requests/${id}/replay`, body)
  const lock = async (moduleCode: string) =>
    jsonOf(await emulator.send({ path: '/lock', body: { moduleCode } })).data.lockId
  const old = await lock('102')
  const headers = { 'x-backup-lock-id': old }
  const made = jsonOf(
    await emulator.send({ path: '/record', headers, body: { moduleCode: '102', deviceId: exampleDevice } }),
  )
  await emulator.send({ method: 'PATCH', path: `/record/${made.data.recordId}`, headers, body: {} })
  await emulator.send({ method: 'PATCH', path: '/lock', headers })
  await emulator.journal(4)
  emulator.time.now += 600_000
  t.match(await replay(2, { lock: 'current' }), {
    status: 409,
    detail: 'no lock of module 102 lives now; create one first',
  })
  t.match(await replay(2), { refusal: 'lockNotHeld' })
  await lock('101')
  const now = await lock('102')
  t.match(await replay(2, { lock: 'current' }), { outcome: 'accepted', lockId: now })
  t.match(await replay(3, { lock: 'current' }), { refusal: 'recordCompleted', lockId: now }, 'the module of its record')
  t.match(
    await replay(4, { lock: 'current' }),
    { outcome: 'accepted', lockId: now },
    'the module of the lock that it showed',
  )
  await emulator.fault({ operations: ['renewalBackupLock'], effect: { type: 'reset' } })
  t.match(await replay(4, { lock: 'current' }), { outcome: 'unanswered', replayOf: 4 })
  await emulator.fault({ operations: ['createBackupRecord'], effect: { type: 'truncate', bytes: 3 } })
  t.match(await replay(2, { lock: 'current' }), { outcome: 'unanswered', worked: true, replayOf: 2 })
  const { findings } = await turned(emulator, 'GET', '/review')
  const blamed = findings.flatMap(({ requests }: { requests: number[] }) => requests)
  t.ok(
    blamed.every((id: number) => id <= 4 || id === 6 || id === 7),
    'nobody blames the client for what was replayed',
  )
  const secure = await driven(t, { tlsCert: 'test/fixtures/tls/cert.pem', tlsKey: 'test/fixtures/tls/key.pem' })
  await secure.send({ method: 'GET', path: '/device' })
  await secure.journal(1)
  t.match(await turned(secure, 'POST', '/requests/1/replay'), { outcome: 'accepted' }, 'over TLS')
  t.match(await turned(secure, 'POST', '/explain', { request: 1 }), { accepted: true })
})

t.test('a refused answer says the number of its entry, and the log where it is looked at', async (t) => {
  const emulator = await driven(t)
  const numberOf = ({ headers }: { headers: Record<string, unknown> }) => headers['x-emulator-request']
  t.equal(numberOf(await emulator.send({ body: batch('/a') })), undefined, 'who is accepted pays nothing')
  t.equal(numberOf(await emulator.send({ body: {} })), '2')
  t.equal(numberOf(await emulator.send({ path: '/nothing', world: 'nobody' })), '3')
  await emulator.fault({ operations: '*', effect: { type: 'html', status: 200 } })
  t.equal(numberOf(await emulator.send({ body: {} })), '4', 'a fault refuses, too')
  const wire = await openWire(t, Number(new URL(emulator.url).port))
  await wire.send('nonsense\r\n\r\n')
  t.match((await wire.answer()).headers, { 'x-emulator-request': '5' })
  await emulator.journal(5)
  t.same(
    emulator.world.journal.entries.map(({ id, path }) => [id, path.includes('nobody')]),
    [
      [1, false],
      [2, false],
      [3, true],
      [4, false],
      [5, false],
    ],
  )
  const lines = emulator.logLines.map((line) => JSON.parse(line)).filter(({ request }) => request !== undefined)
  t.match(lines, [{ request: 2 }, { request: 3, world: 'nobody', journal: 'default' }, { request: 4 }, { request: 5 }])
  t.equal(emulator.logLines.filter((line) => line.includes('"request"')).length, 4)
  const off = await driven(t, { control: 'off' })
  t.equal(numberOf(await off.send({ body: {} })), undefined)
  const bare = await openWire(t, Number(new URL(off.url).port))
  await bare.send('nonsense\r\n\r\n')
  t.notOk((await bare.answer()).headers['x-emulator-request'])
})

t.test('entries stand in the order of their numbers, in whatever order they are over', async (t) => {
  const emulator = await driven(t)
  await emulator.send({ method: 'GET', path: '/device' })
  await emulator.journal(1)
  const { journal } = emulator.world
  const [first] = journal.entries
  const { id: _, ...recorded } = { ...first, id: 0 } as NonNullable<typeof first>
  const reserved = journal.reserve()
  journal.add({ ...recorded })
  t.equal(journal.lastId, 3)
  journal.add({ ...recorded }, reserved)
  t.same(
    journal.entries.map(({ id }) => id),
    [1, 2, 3],
  )
  t.equal(journal.lastId, 3)
  t.equal(journal.find(2)?.id, 2)
  t.equal(journal.find(9), undefined)
})

t.test('only known ids are citations', async (t) => {
  t.same(citedIn('x [CFG-2 DEC-23]'), ['CFG-2', 'DEC-23'])
  t.same(citedIn(`x [COM-17] and [${'NOT'}-1] and [CFG]`), ['COM-17'])
  t.same(citedIn(null), [])
})
