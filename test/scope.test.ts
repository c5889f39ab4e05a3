import t from 'tap'
import type { SettingTexts } from '../src/settings/settings.ts'
import { scopesIn } from '../src/store/scopes.ts'
import { emulatorFor, exampleDevice, exampleUser } from './fixtures/emulator.ts'
import { plansOf } from './fixtures/plans.ts'

interface Added {
  readonly scopeList: { localPath: string; targetFolderPath: string; scopeId: string; createTime: string }[]
  readonly failedScopeList: { localPath: string; targetFolderPath: string; errorCode: string; msg: string }[]
  readonly code: number
}

const path = (length: number): string => `/${'p'.repeat(length - 1)}`

/** An emulator and a way to add scopes to it. */
async function adding(t: import('tap').Test, texts?: SettingTexts) {
  const emulator = await emulatorFor(t, texts)
  const send = (body: unknown, deviceId = exampleDevice, headers = {}) =>
    emulator.call({ path: `/device/${deviceId}/scope`, body, headers })
  const add = async (scopeList: unknown[], moduleCode = '102', deviceId = exampleDevice): Promise<Added> =>
    (await send({ moduleCode, scopeList }, deviceId)).json()
  return { ...emulator, send, add }
}

/** The same, and a way to delete and list them. */
async function keeping(t: import('tap').Test, texts?: SettingTexts) {
  const emulator = await adding(t, texts)
  const { call, add } = emulator
  const drop = (scopeIdList: unknown, deviceId = exampleDevice, headers = {}) =>
    call({ method: 'DELETE', path: `/device/${deviceId}/scope`, body: { scopeIdList }, headers })
  const list = (query = '?moduleCode=102', deviceId = exampleDevice, headers = {}) =>
    call({ method: 'GET', path: `/device/${deviceId}/scope${query}`, headers })
  const listed = async (moduleCode = '102', deviceId = exampleDevice): Promise<Added['scopeList']> =>
    (await list(`?moduleCode=${moduleCode}`, deviceId)).json().scopeList
  const addMany = async (count: number, moduleCode = '102', deviceId = exampleDevice): Promise<string[]> => {
    const paths = Array.from({ length: count }, (_, index) => ({ localPath: `/many/${index}` }))
    return (await add(paths, moduleCode, deviceId)).scopeList.map(({ scopeId }) => scopeId)
  }
  return { ...emulator, drop, list, listed, addMany }
}

const notFound = { code: 13000309, msg: 'The resource does not exist.' }
const itemNotFound = { errorCode: '13000309', msg: 'The resource does not exist.' }

const stored = (world: import('../src/world/world.ts').World, moduleCode = '102', deviceId = exampleDevice): number => {
  const device = world.store.devices.find(exampleUser, deviceId)
  return device ? world.store.scopes.count(device.key, moduleCode) : 0
}

t.test('batchAddBackupScope: contract', async (t) => {
  const { send, add, world } = await adding(t)

  const one = { localPath: '/a' }
  type Row = readonly [title: string, body: unknown, reason: string]
  const refusesWhole = async (t: import('tap').Test, [, body, reason]: Row) => {
    const response = await send(body)
    t.match(response.json(), { code: 13000102, msg: 'Verify parameters failed.' })
    t.equal(response.statusCode, 400)
    t.match(response.headers['x-emulator-reason'], reason)
    t.equal(stored(world), 0)
  }
  const misshapen: Row[] = [
    ['no body', undefined, 'body is missing; expected an object'],
    ['no moduleCode', { scopeList: [one] }, 'body/moduleCode is missing; expected one of "100", "101", "102" [COM-7]'],
    ['module 099', { moduleCode: '099', scopeList: [one] }, 'body/moduleCode is a string of 3; expected one of'],
    ['module 103', { moduleCode: '103', scopeList: [one] }, 'body/moduleCode is a string of 3; expected one of'],
    [
      'a module that is a number, which is not coerced',
      { moduleCode: 102, scopeList: [one] },
      'body/moduleCode is a number',
    ],
    ['null where it is mandatory', { moduleCode: null, scopeList: [one] }, 'body/moduleCode is null; expected'],
  ]
  const misshapenLists: Row[] = [
    ['no list', { moduleCode: '102' }, 'body/scopeList is missing; expected an array of 1 to 100 items'],
    ['an empty list', { moduleCode: '102', scopeList: [] }, 'body/scopeList is an array of 0; expected'],
    ['a list that is an object', { moduleCode: '102', scopeList: {} }, 'body/scopeList is an object; expected'],
    ['an item that is text', { moduleCode: '102', scopeList: [one, '/b'] }, 'body/scopeList/1 is a string of 2'],
    ['an item that is null', { moduleCode: '102', scopeList: [null] }, 'body/scopeList/0 is null; expected an'],
    [
      'a path that is a number',
      { moduleCode: '102', scopeList: [one, { localPath: 5 }] },
      'body/scopeList/1/localPath is a number; expected a string [SCO-2]',
    ],
    [
      'a path that is a list',
      { moduleCode: '102', scopeList: [{ targetFolderPath: ['/a'] }] },
      'body/scopeList/0/targetFolderPath is an array of 1; expected a string [SCO-2]',
    ],
    [
      'an unpaired surrogate',
      '{"moduleCode":"102","scopeList":[{"localPath":"/\\ud800"}]}',
      'body/scopeList/0/localPath holds an unpaired surrogate; expected whole characters [DEC-10]',
    ],
  ]
  for (const row of misshapen) {
    t.test(`SCO-1 COM-7 DEC-8 DEC-12: a batch with ${row[0]} is refused whole`, (t) => refusesWhole(t, row))
  }
  for (const row of misshapenLists) {
    t.test(`SCO-1 DEC-10 DEC-19: a batch with ${row[0]} is refused whole`, (t) => refusesWhole(t, row))
  }

  t.test('SCO-1 DEC-19: 0 and 101 items are refused, 1, 2, 99 and 100 are taken', async (t) => {
    for (const count of [1, 2, 99, 100]) {
      const { scopeList } = await add(
        Array.from({ length: count }, (_, index) => ({ localPath: `/${count}/${index}` })),
      )
      t.equal(scopeList.length, count)
    }
    for (const count of [0, 101]) {
      const response = await send({ moduleCode: '102', scopeList: Array(count).fill(one) })
      t.equal(response.json().code, 13000102)
      t.match(
        response.headers['x-emulator-reason'],
        `body/scopeList is an array of ${count}; expected an array of 1 to 100`,
      )
    }
  })

  t.test('SCO-2 DEC-10: a path has at most 10,000 characters, counted in UTF-16 units', async (t) => {
    for (const name of ['localPath', 'targetFolderPath']) {
      const { scopeList, failedScopeList } = await add([
        { [name]: path(9_999) },
        { [name]: path(10_000) },
        { [name]: path(10_001) },
        { [name]: `/${'😀'.repeat(4_999)}x` },
        { [name]: `/${'😀'.repeat(5_000)}` },
      ])
      t.same(
        scopeList.map((scope) => (scope.localPath + scope.targetFolderPath).length),
        [9_999, 10_000, 10_000],
      )
      t.same(
        failedScopeList.map(({ errorCode }) => errorCode),
        ['13000102', '13000102'],
      )
    }
  })

  t.test('SCO-2: a path starts with a slash and holds no backslash', async (t) => {
    const good = ['/', '//', '/a b', '/ü/😀', '/a\n', '/a/../b', '/\u0000', '/"<>|?*']
    const bad = ['a', ' /a', 'a/b', '\\a', '/a\\b', '/\\', 'C:/a', '\n/a', '.']
    for (const name of ['localPath', 'targetFolderPath'] as const) {
      const { scopeList, failedScopeList } = await add(
        [...good, ...bad].map((value) => ({ [name]: value })),
        '100',
      )
      t.same(
        scopeList.map((scope) => scope[name]),
        good,
      )
      t.same(
        failedScopeList.map((failed) => failed[name]),
        bad,
      )
    }
  })

  t.test('DEC-9: a deviceId has 1 to 64 letters, digits, dashes and underscores', async (t) => {
    for (const deviceId of ['a', 'A-z_9', 'd'.repeat(63), 'd'.repeat(64)]) {
      t.equal((await send({ moduleCode: '102', scopeList: [one] }, deviceId)).json().code, 0, deviceId)
    }
    for (const deviceId of ['d'.repeat(65), 'a.b', 'a%20b', 'a%2Fb', '%C3%BC', 'a%0A']) {
      const response = await send({ moduleCode: '102', scopeList: [one] }, deviceId)
      t.equal(response.json().code, 13000102, deviceId)
      t.match(
        response.headers['x-emulator-reason'],
        /^path\/deviceId is a string of \d+( with .+ at character \d+)?; expected a string matching/,
      )
    }
  })

  t.test('SCO-2 DEC-8: what nobody knows is ignored, and null for an optional path means absent', async (t) => {
    const response = await send({
      moduleCode: '102',
      extra: null,
      scopeList: [{ localPath: '/n', targetFolderPath: null, x: 1 }],
    })
    t.match(response.json(), { scopeList: [{ localPath: '/n', targetFolderPath: '' }], failedScopeList: [], code: 0 })
  })
})

t.test('batchAddBackupScope: rule', async (t) => {
  t.test(
    'SCO-2 SCO-3 DEC-19: a batch with one good and three bad items answers one and three, in order, with code 0',
    async (t) => {
      const { send } = await adding(t)
      const response = await send({
        moduleCode: '102',
        scopeList: [
          { localPath: 'bad' },
          { targetFolderPath: '/t', localPath: '/l' },
          {},
          { localPath: '', targetFolderPath: '' },
        ],
      })
      const failed = { errorCode: '13000102', msg: 'Verify parameters failed.' }
      t.equal(response.statusCode, 200)
      t.same(response.json().failedScopeList, [
        { localPath: 'bad', targetFolderPath: '', ...failed },
        { localPath: '', targetFolderPath: '', ...failed },
        { localPath: '', targetFolderPath: '', ...failed },
      ])
      t.match(response.json().scopeList, [{ localPath: '/l', targetFolderPath: '/t', moduleCode: '102' }])
    },
  )

  t.test('SCO-4: what was added has five strings, what failed four', async (t) => {
    const { add } = await adding(t)
    const { scopeList, failedScopeList } = await add([{ localPath: '/a' }, { localPath: 'bad' }], '101')
    t.match(scopeList, [{ localPath: '/a', targetFolderPath: '', moduleCode: '101' }])
    for (const [item, names] of [
      [scopeList[0], ['localPath', 'targetFolderPath', 'scopeId', 'moduleCode', 'createTime']],
      [failedScopeList[0], ['localPath', 'targetFolderPath', 'errorCode', 'msg']],
    ] as const) {
      t.same(Object.keys(item ?? {}), names)
      for (const value of Object.values(item ?? {})) t.type(value, 'string')
    }
  })

  t.test('COM-8: the payload comes first, then code, then msg', async (t) => {
    const { send } = await adding(t)
    const response = await send({ moduleCode: '102', scopeList: [{ localPath: '/a' }] })
    t.same(Object.keys(response.json()), ['scopeList', 'failedScopeList', 'code', 'msg'])
    t.match(response.headers['content-type'], 'application/json')
  })

  t.test('DEC-19: a scope that exists, or came earlier in the batch, fails alone; absent equals empty', async (t) => {
    const { add } = await adding(t)
    const first = await add([
      { localPath: '/a' },
      { localPath: '/a', targetFolderPath: '' },
      { targetFolderPath: '/a' },
    ])
    t.equal(first.scopeList.length, 2)
    t.same(first.failedScopeList, [
      { localPath: '/a', targetFolderPath: '', errorCode: '13990410', msg: 'The backup scope already exists.' },
    ])
    const second = await add([
      { localPath: '/a', targetFolderPath: null },
      { localPath: '/', targetFolderPath: '/a' },
    ])
    t.same(
      second.failedScopeList.map(({ errorCode }) => errorCode),
      ['13990410'],
    )
    t.equal(second.scopeList.length, 1, 'where one path ends and the other begins matters')
    t.equal((await add([{ localPath: '/a' }], '101')).scopeList.length, 1, 'another module')
    t.equal((await add([{ localPath: '/a' }], '102', 'another')).scopeList.length, 1, 'another device')
  })

  t.test('DEC-19: one past the limit of scopes fails alone, and one that exists is still told so', async (t) => {
    const { add, world } = await adding(t, { scopesPerModule: '2' })
    const batch = await add([
      { localPath: '/a' },
      { localPath: 'bad' },
      { localPath: '/b' },
      { localPath: '/c' },
      { localPath: '/a' },
    ])
    t.same(
      batch.scopeList.map(({ localPath }) => localPath),
      ['/a', '/b'],
    )
    t.same(
      batch.failedScopeList.map(({ errorCode }) => errorCode),
      ['13000102', '13990411', '13990410'],
    )
    t.equal(batch.failedScopeList[1]?.msg, 'Too many backup scopes.')
    t.equal(
      (await add([{ localPath: '/d' }])).failedScopeList[0]?.errorCode,
      '13990411',
      'the limit counts what is stored',
    )
    t.equal((await add([{ localPath: '/d' }], '100')).scopeList.length, 1, 'the limit is per module')
    t.equal(stored(world), 2)
  })

  t.test('COM-9 COM-10 DEC-31: ids encode the instant, the worker and a sequence of 128 a millisecond', async (t) => {
    const { add, time } = await adding(t)
    const many = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({ localPath: `/${from + index}` }))
    const hundred = (await add(many(0, 100))).scopeList
    const rest = (await add(many(100, 100))).scopeList
    const all = [...hundred, ...rest]
    const base = BigInt(time.now - 1_546_272_000_000) << 23n
    t.equal(all[0]?.scopeId, String(base | (527n << 7n)))
    t.equal(all[127]?.scopeId, String(base | (527n << 7n) | 127n))
    t.equal(all[128]?.scopeId, String((base + (1n << 23n)) | (527n << 7n)), 'the 129th takes the next millisecond')
    t.equal(all[128]?.createTime, new Date(time.now + 1).toISOString())
    for (const { scopeId, createTime } of all) {
      t.equal(Number(BigInt(scopeId) >> 23n) + 1_546_272_000_000, Date.parse(createTime))
    }
    time.now -= 60_000
    const [back] = (await add([{ localPath: '/back' }])).scopeList
    t.ok(BigInt(back?.scopeId ?? 0) > BigInt(all[199]?.scopeId ?? 0), 'ids do not go back with the clock')
  })

  t.test('DEC-31: an item that fails uses up no id', async (t) => {
    const { add, time } = await adding(t)
    await add([{ localPath: '/a' }, { localPath: '/a' }, { localPath: 'bad' }])
    const [next] = (await add([{ localPath: '/b' }])).scopeList
    t.equal(BigInt(next?.scopeId ?? 0) & 127n, 1n)
    t.equal(next?.createTime, new Date(time.now).toISOString())
  })
})

t.test('batchAddBackupScope: effect', async (t) => {
  t.test('DEC-4: what one user adds is not there for another', async (t) => {
    const { send, world } = await adding(t)
    const body = { moduleCode: '102', scopeList: [{ localPath: '/mine' }] }
    t.equal((await send(body)).json().scopeList.length, 1)
    t.equal((await send(body, exampleDevice, { 'x-user-id': 'another' })).json().scopeList.length, 1)
    t.equal(stored(world), 1)
  })

  t.test(
    'DEC-16: under adopt an unknown device is bound and the reason says so; a refused request binds nothing',
    async (t) => {
      const { send, world } = await adding(t)
      t.equal((await send({ moduleCode: '102' }, 'new-one')).json().code, 13000102)
      t.equal(world.store.devices.find(exampleUser, 'new-one'), undefined)
      const response = await send({ moduleCode: '102', scopeList: [{ localPath: '/a' }] }, 'new-one')
      t.equal(
        response.headers['x-emulator-reason'],
        'the device was not bound to this user; devices=adopt bound it [DEC-16]',
      )
      t.match(world.store.devices.find(exampleUser, 'new-one'), { bound: true })
      const again = await send({ moduleCode: '102', scopeList: [{ localPath: '/b' }] }, 'new-one')
      t.equal(again.headers['x-emulator-reason'], undefined)
    },
  )

  t.test(
    'DEC-16: under strict a device of nobody, or of another user, is notFound and nothing is stored',
    async (t) => {
      const { send, world } = await adding(t, { devices: 'strict' })
      const body = { moduleCode: '102', scopeList: [{ localPath: '/a' }] }
      t.equal((await send(body)).json().code, 0, 'the seed has bound the documented device')
      for (const [deviceId, user] of [
        ['unknown', exampleUser],
        [exampleDevice, 'another'],
      ] as const) {
        const response = await send(body, deviceId, { 'x-user-id': user })
        t.match(response.json(), { code: 13000309, msg: 'The resource does not exist.' })
        t.match(response.headers['x-emulator-reason'], 'deviceId: this user has no such device')
        t.equal(world.store.devices.find(user, deviceId), undefined)
      }
    },
  )

  t.test('DEC-21: where one item cannot be stored, nothing of the batch is, and its ids are given back', async (t) => {
    const { add, send, world } = await adding(t)
    const { scopes } = world.store
    const { add: addOne } = scopes
    let calls = 0
    t.intercept(scopes, 'add', {
      value: (...args: Parameters<typeof addOne>) => {
        calls += 1
        if (calls === 3) throw new Error('disk I/O error')
        return addOne(...args)
      },
    })
    const response = await send(
      { moduleCode: '102', scopeList: [1, 2, 3].map((n) => ({ localPath: `/${n}` })) },
      'fresh',
    )
    t.equal(response.statusCode, 500)
    t.same(response.json(), { code: 13000201, msg: 'inner server invoke failure' })
    t.equal(stored(world, '102', 'fresh'), 0)
    t.equal(world.store.devices.find(exampleUser, 'fresh'), undefined)
    const [first] = (await add([{ localPath: '/1' }])).scopeList
    t.equal(BigInt(first?.scopeId ?? 0) & 127n, 0n)
  })

  t.test('DEC-7: a body of 100 maximal paths is taken whole', async (t) => {
    const { add, world } = await adding(t)
    const scopeList = Array.from({ length: 100 }, (_, index) => ({
      localPath: `/${index}/`.padEnd(10_000, '\u00fc'),
      targetFolderPath: `/${index}/`.padEnd(10_000, '"'),
    }))
    const answer = await add(scopeList)
    t.same(
      answer.scopeList.map(({ localPath, targetFolderPath }) => ({ localPath, targetFolderPath })),
      scopeList,
    )
    t.equal(stored(world), 100)
  })
})

t.test('batchDeleteBackupScope: contract', async (t) => {
  const { call, drop, addMany, world } = await keeping(t)
  const kept = await addMany(1, '101')

  for (const [title, body, reason] of [
    ['no body', undefined, 'body is missing; expected an object'],
    ['an array', '["1"]', 'body is an array of 1; expected an object'],
    ['no list', {}, 'body/scopeIdList is missing; expected an array of 1 to 100 items [SCO-5 DEC-20]'],
    ['null where mandatory', { scopeIdList: null }, 'body/scopeIdList is null; expected an array'],
    ['an empty list', { scopeIdList: [] }, 'body/scopeIdList is an array of 0; expected an array of 1 to 100'],
    ['101 ids', { scopeIdList: Array(101).fill('1') }, 'body/scopeIdList is an array of 101; expected'],
    ['a text', { scopeIdList: '1' }, 'body/scopeIdList is a string of 1; expected an array'],
    ['an object', { scopeIdList: { 0: '1' } }, 'body/scopeIdList is an object; expected an array'],
    ['a number', { scopeIdList: ['1', 1] }, 'body/scopeIdList/1 is a number; expected a string [SCO-5]'],
    ['a null in the list', { scopeIdList: [null] }, 'body/scopeIdList/0 is null; expected a string [SCO-5]'],
    ['a list in the list', { scopeIdList: [['1']] }, 'body/scopeIdList/0 is an array of 1; expected a string'],
    ['an unpaired surrogate', '{"scopeIdList":["\\ud800"]}', 'body/scopeIdList/0 holds an unpaired surrogate'],
  ] as const) {
    t.test(`SCO-5 DEC-8 DEC-10 DEC-12 DEC-20: a deletion with ${title} is refused whole`, async (t) => {
      const response = await call({ method: 'DELETE', path: `/device/${exampleDevice}/scope`, body })
      t.equal(response.statusCode, 400)
      t.same(response.json(), { code: 13000102, msg: 'Verify parameters failed.' })
      t.match(response.headers['x-emulator-reason'], reason)
    })
  }

  t.test('SCO-5: 1, 2, 99 and 100 ids are taken', async (t) => {
    for (const count of [1, 2, 99, 100]) {
      const ids = await addMany(count)
      t.equal(ids.length, count)
      t.same((await drop(ids)).json(), { scopeIdList: ids, failedScopeList: [], code: 0, msg: 'success' })
      t.equal(stored(world), 0)
    }
  })

  t.test('DEC-8: what nobody knows is ignored, the module included', async (t) => {
    const body = { scopeIdList: kept, moduleCode: 999, more: null }
    const response = await call({ method: 'DELETE', path: `/device/${exampleDevice}/scope`, body })
    t.same(response.json().scopeIdList, kept)
  })
})

t.test('batchDeleteBackupScope: rule', async (t) => {
  t.test('DEC-20: every id that is none of this device fails alone, as it was sent', async (t) => {
    const { drop, add, addMany, listed } = await keeping(t)
    const [own = ''] = await addMany(1)
    const [other = ''] = await addMany(1, '102', 'other-device')
    const bad = [
      '1842846715527366528',
      other,
      `0${own}`,
      `+${own}`,
      ` ${own}`,
      `${own}\n`,
      `${own}.0`,
      `${own}0`,
      `-${own}`,
      '0',
      '-1',
      '',
      'abc',
      '1e3',
      '0x10',
      '9223372036854775807',
      '9223372036854775808',
      '99999999999999999999',
      '١',
      '😀'.repeat(5_000),
    ]
    const response = await drop([...bad, own, ...bad])
    t.equal(response.statusCode, 200)
    t.same(response.json(), {
      scopeIdList: [own],
      failedScopeList: [...bad, ...bad].map((scopeId) => ({ scopeId, ...itemNotFound })),
      code: 0,
      msg: 'success',
    })
    t.same(await listed(), [])
    t.same(
      (await listed('102', 'other-device')).map(({ scopeId }) => scopeId),
      [other],
    )
    t.equal((await add([{ localPath: '/many/0' }])).scopeList.length, 1, 'what was deleted may be added again')
  })

  t.test('COM-9: an id is written in one way only: leading zeros make it another', async (t) => {
    const scopes = [{ scopeId: '7', moduleCode: '102', localPath: '/a' }]
    const devices = [{ deviceId: exampleDevice, machineCode: 'm', scopes }]
    const folder = t.testdir({ 'seed.json': JSON.stringify({ users: { [exampleUser]: { devices } } }) })
    const { drop } = await keeping(t, { seed: `${folder}/seed.json` })
    const padded = ['07', '007', '7'.padStart(19, '0')]
    t.match((await drop([...padded, '7'])).json(), {
      scopeIdList: ['7'],
      failedScopeList: padded.map((scopeId) => ({ scopeId })),
    })
  })

  t.test('DEC-20: a repeated id fails the second time', async (t) => {
    const { drop, addMany } = await keeping(t)
    const [one = '', two = ''] = await addMany(2)
    t.same((await drop([one, two, one, one])).json(), {
      scopeIdList: [one, two],
      failedScopeList: [one, one].map((scopeId) => ({ scopeId, ...itemNotFound })),
      code: 0,
      msg: 'success',
    })
  })

  t.test('SCO-5 COM-8: both lists keep the order of the request, and the answer its own', async (t) => {
    const { drop, addMany } = await keeping(t)
    const [one = '', two = '', three = ''] = await addMany(3)
    const response = await drop([three, 'b', one, 'a', two])
    t.same(Object.keys(response.json()), ['scopeIdList', 'failedScopeList', 'code', 'msg'])
    t.same(response.json().scopeIdList, [three, one, two])
    t.match(response.json().failedScopeList, [{ scopeId: 'b' }, { scopeId: 'a' }])
    t.same(Object.keys(response.json().failedScopeList[0]), ['scopeId', 'errorCode', 'msg'])
  })

  t.test('DEC-20: where everything failed the answer is still 200 with code 0', async (t) => {
    const { drop } = await keeping(t)
    const response = await drop(Array(100).fill('7'))
    t.equal(response.statusCode, 200)
    t.match(response.json(), { scopeIdList: [], code: 0, msg: 'success' })
    t.equal(response.json().failedScopeList.length, 100)
  })

  t.test('SCO-5: ids of several modules go in one batch', async (t) => {
    const { drop, addMany, listed } = await keeping(t)
    const ids = [...(await addMany(2, '100')), ...(await addMany(2, '101')), ...(await addMany(2, '102'))]
    t.same((await drop(ids)).json().scopeIdList, ids)
    for (const moduleCode of ['100', '101', '102']) t.same(await listed(moduleCode), [])
  })

  t.test('DEC-19: a deletion makes room below the limit of scopes', async (t) => {
    const { drop, add, addMany } = await keeping(t, { scopesPerModule: '1' })
    const [only = ''] = await addMany(1)
    t.equal((await add([{ localPath: '/more' }])).failedScopeList[0]?.errorCode, '13990411')
    await drop([only])
    t.equal((await add([{ localPath: '/more' }])).scopeList.length, 1)
  })
})

t.test('batchDeleteBackupScope: effect', async (t) => {
  t.test('DEC-4: another user’s scope is notFound, and stays', async (t) => {
    const { drop, addMany, listed } = await keeping(t)
    const ids = await addMany(1)
    const theirs = { 'x-user-id': 'another' }
    t.same((await drop(ids, exampleDevice, theirs)).json(), notFound, 'the device is none of theirs')
    t.equal((await listed()).length, 1)
  })

  t.test('DEC-4: nor is it theirs once they have a device of the same id', async (t) => {
    const { drop, addMany, listed, send } = await keeping(t)
    const ids = await addMany(1)
    const theirs = { 'x-user-id': 'another' }
    await send({ moduleCode: '102', scopeList: [{ localPath: '/theirs' }] }, exampleDevice, theirs)
    t.match((await drop(ids, exampleDevice, theirs)).json(), { scopeIdList: [], failedScopeList: [itemNotFound] })
    t.equal((await listed()).length, 1)
  })

  t.test('DEC-16: of an unknown device it is notFound as a whole, in both modes, and binds nothing', async (t) => {
    for (const devices of ['adopt', 'strict']) {
      const { drop, world } = await keeping(t, { devices })
      const response = await drop(['1'], 'unknown')
      t.equal(response.statusCode, 400)
      t.same(response.json(), notFound)
      t.match(response.headers['x-emulator-reason'], 'deviceId: this user has no such device, and it was never bound')
      t.equal(world.store.devices.find(exampleUser, 'unknown'), undefined)
    }
  })

  t.test('DEC-21: where one id cannot be deleted, none of the batch is', async (t) => {
    const { drop, addMany, listed, world } = await keeping(t)
    const ids = await addMany(3)
    const { remove } = world.store.scopes
    t.intercept(world.store.scopes, 'remove', {
      value: (...args: Parameters<typeof remove>) => {
        if (args[1] === ids[2]) throw new Error('disk I/O error')
        return remove(...args)
      },
    })
    const response = await drop(ids)
    t.equal(response.statusCode, 500)
    t.same(response.json(), { code: 13000201, msg: 'inner server invoke failure' })
    t.equal((await listed()).length, 3)
  })

  t.test('DEC-31: a deleted id is never issued again', async (t) => {
    const { drop, addMany, time } = await keeping(t)
    const [first = ''] = await addMany(1)
    await drop([first])
    time.now -= 1000
    const [next = ''] = await addMany(1)
    t.equal(BigInt(next), BigInt(first) + 1n)
  })

  t.test('deleting goes by the primary key', async (t) => {
    t.same(
      plansOf((database) => scopesIn(database).remove(1, '7')),
      ['SEARCH scope USING INTEGER PRIMARY KEY (rowid=?)'],
    )
  })
})

t.test('listBackupScope: contract', async (t) => {
  const { list, add } = await keeping(t)
  await add([{ localPath: '/a' }])

  for (const [query, reason] of [
    ['', 'query/moduleCode is missing; expected one of "100", "101", "102" [COM-7]'],
    ['?modulecode=102', 'query/moduleCode is missing'],
    ['?moduleCode', 'query/moduleCode is empty'],
    ['?moduleCode=', 'query/moduleCode is empty'],
    ['?moduleCode=99', 'query/moduleCode is a string of 2'],
    ['?moduleCode=103', 'query/moduleCode is a string of 3'],
    ['?moduleCode=0102', 'query/moduleCode is a string of 4'],
    ['?moduleCode=102%20', 'query/moduleCode is a string of 4'],
    ['?moduleCode=102,101', 'query/moduleCode is a string of 7'],
    ['?moduleCode=102&moduleCode=102', 'query/moduleCode was given twice; give it once [DEC-8]'],
    ['?moduleCode=102&module%43ode=101', 'query/moduleCode was given twice; give it once [DEC-8]'],
  ] as const) {
    t.test(
      `SCO-6 DEC-1: ${query || 'no query'} is refused, for the table says that moduleCode is mandatory`,
      async (t) => {
        const response = await list(query)
        t.equal(response.statusCode, 400)
        t.same(response.json(), { code: 13000102, msg: 'Verify parameters failed.' })
        t.match(response.headers['x-emulator-reason'], reason)
      },
    )
  }

  t.test('SCO-6 DEC-8: the module alone, encoded, or beside what nobody knows is taken', async (t) => {
    for (const query of [
      '?moduleCode=102',
      '?moduleCode=%31%30%32',
      '?&x=1&x=2&moduleCode=102&',
      '?moduleCode=102&=',
    ]) {
      t.equal((await list(query)).json().scopeList.length, 1, query)
    }
    for (const moduleCode of ['100', '101']) t.same((await list(`?moduleCode=${moduleCode}`)).json().scopeList, [])
  })

  t.test('DEC-9: a deviceId has 1 to 64 letters, digits, dashes and underscores', async (t) => {
    t.equal((await list(undefined, 'd'.repeat(64))).json().code, 0)
    for (const deviceId of ['d'.repeat(65), 'a.b']) {
      t.equal((await list(undefined, deviceId)).json().code, 13000102, deviceId)
    }
  })
})

t.test('listBackupScope: rule', async (t) => {
  t.test('SCO-6: scopes are listed as they were added, oldest first, those of the module alone', async (t) => {
    const { add, list, time } = await keeping(t)
    const first = await add([{ localPath: '/z', targetFolderPath: '/t' }, { targetFolderPath: '/only' }])
    await add([{ localPath: '/z' }], '101')
    await add([{ localPath: '/z' }], '102', 'other-device')
    time.now -= 60_000
    const second = await add([{ localPath: '/a' }])
    const response = await list()
    t.same(response.json(), { scopeList: [...first.scopeList, ...second.scopeList], code: 0, msg: 'success' })
    t.same(Object.keys(response.json()), ['scopeList', 'code', 'msg'])
  })

  t.test('SCO-6: there is no paging: 250 scopes come at once', async (t) => {
    const { add, listed } = await keeping(t)
    for (const batch of [0, 1, 2, 3, 4]) {
      await add(Array.from({ length: 50 }, (_, index) => ({ localPath: `/${batch}/${index}` })))
    }
    t.equal((await listed()).length, 250)
  })

  t.test('DEC-31: ids order as numbers, not as texts', async (t) => {
    const scopes = ['10', '9', '1842846715527366528'].map((scopeId) => ({
      scopeId,
      moduleCode: '102',
      localPath: `/${scopeId}`,
    }))
    const devices = [{ deviceId: exampleDevice, machineCode: 'm', scopes }]
    const folder = t.testdir({ 'seed.json': JSON.stringify({ users: { [exampleUser]: { devices } } }) })
    const { listed } = await keeping(t, { seed: `${folder}/seed.json` })
    t.same(
      (await listed()).map(({ scopeId }) => scopeId),
      ['9', '10', '1842846715527366528'],
    )
  })
})

t.test('listBackupScope: effect', async (t) => {
  t.test('DEC-16: under adopt an unknown device has no scopes, and reading binds nothing', async (t) => {
    const { list, world } = await keeping(t)
    const response = await list(undefined, 'unknown')
    t.same(response.json(), { scopeList: [], code: 0, msg: 'success' })
    t.equal(response.headers['x-emulator-reason'], undefined)
    t.equal(world.store.devices.find(exampleUser, 'unknown'), undefined)
  })

  t.test('DEC-16: under strict an unknown device is notFound', async (t) => {
    const { list } = await keeping(t, { devices: 'strict' })
    t.same((await list(undefined, 'unknown')).json(), notFound)
    t.same((await list(undefined, exampleDevice, { 'x-user-id': 'another' })).json(), notFound)
    t.equal((await list()).json().code, 0)
  })

  t.test('DEC-16: an unbound device is notFound in both modes', async (t) => {
    for (const devices of ['adopt', 'strict']) {
      const { call, list } = await keeping(t, { devices })
      await call({ method: 'DELETE', path: `/device/${exampleDevice}` })
      t.same((await list()).json(), notFound)
    }
  })

  t.test('DEC-4: what another user has is not listed', async (t) => {
    const { list, add } = await keeping(t)
    await add([{ localPath: '/mine' }])
    t.same((await list(undefined, exampleDevice, { 'x-user-id': 'another' })).json().scopeList, [])
  })

  t.test('listing searches an index, whatever the table holds', async (t) => {
    const [search, ...rest] = plansOf((database) => scopesIn(database).list(1, '102'))
    t.match(search, /^SEARCH scope USING INDEX \w+ \(device=\? AND module_code=\?\)$/)
    t.same(
      rest.filter((step) => /SCAN|AUTOMATIC/.test(step)),
      [],
    )
  })
})
