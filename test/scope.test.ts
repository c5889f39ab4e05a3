import t from 'tap'
import type { SettingTexts } from '../src/settings.ts'
import { emulatorFor, exampleDevice, exampleUser } from './fixtures/emulator.ts'

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

const stored = (world: import('../src/world/world.ts').World, moduleCode = '102', deviceId = exampleDevice): number => {
  const device = world.store.devices.find(exampleUser, deviceId)
  return device ? world.store.scopes.count(device.key, moduleCode) : 0
}

t.test('contract', async (t) => {
  const { send, add, world } = await adding(t)

  const one = { localPath: '/a' }
  const refusals: [title: string, body: unknown, reason: string][] = [
    ['DEC-12: no body', undefined, 'body is missing; expected an object'],
    ['no moduleCode', { scopeList: [one] }, 'body/moduleCode is missing; expected one of "100", "101", "102" [COM-7]'],
    ['COM-7: 99', { moduleCode: '099', scopeList: [one] }, 'body/moduleCode is a string of 3; expected one of'],
    ['COM-7: 103', { moduleCode: '103', scopeList: [one] }, 'body/moduleCode is a string of 3; expected one of'],
    ['DEC-8: a number is not coerced', { moduleCode: 102, scopeList: [one] }, 'body/moduleCode is a number'],
    ['DEC-8: null where mandatory', { moduleCode: null, scopeList: [one] }, 'body/moduleCode is null; expected'],
    ['DEC-19: no list', { moduleCode: '102' }, 'body/scopeList is missing; expected an array of 1 to 100 items'],
    ['DEC-19: an empty list', { moduleCode: '102', scopeList: [] }, 'body/scopeList is an array of 0; expected'],
    ['DEC-19: a list that is an object', { moduleCode: '102', scopeList: {} }, 'body/scopeList is an object; expected'],
    [
      'DEC-19: an item that is text',
      { moduleCode: '102', scopeList: [one, '/b'] },
      'body/scopeList/1 is a string of 2',
    ],
    ['DEC-19: an item that is null', { moduleCode: '102', scopeList: [null] }, 'body/scopeList/0 is null; expected an'],
    [
      'DEC-19: a path that is a number',
      { moduleCode: '102', scopeList: [one, { localPath: 5 }] },
      'body/scopeList/1/localPath is a number; expected a string [SCO-2]',
    ],
    [
      'DEC-19: a path that is a list',
      { moduleCode: '102', scopeList: [{ targetFolderPath: ['/a'] }] },
      'body/scopeList/0/targetFolderPath is an array of 1; expected a string [SCO-2]',
    ],
    [
      'DEC-10: an unpaired surrogate',
      '{"moduleCode":"102","scopeList":[{"localPath":"/\\ud800"}]}',
      'body/scopeList/0/localPath holds an unpaired surrogate; expected whole characters [DEC-10]',
    ],
  ]
  for (const [title, body, reason] of refusals) {
    t.test(`DEC-19 ${title} refuses the whole request`, async (t) => {
      const response = await send(body)
      t.match(response.json(), { code: 13000102, msg: 'Verify parameters failed.' })
      t.equal(response.statusCode, 400)
      t.match(response.headers['x-emulator-reason'], reason)
      t.equal(stored(world), 0)
    })
  }

  t.test('SCO-1: 1, 2, 99 and 100 items are taken, 101 are refused', async (t) => {
    for (const count of [1, 2, 99, 100]) {
      const { scopeList } = await add(
        Array.from({ length: count }, (_, index) => ({ localPath: `/${count}/${index}` })),
      )
      t.equal(scopeList.length, count)
    }
    const response = await send({ moduleCode: '102', scopeList: Array(101).fill(one) })
    t.equal(response.json().code, 13000102)
    t.match(response.headers['x-emulator-reason'], 'body/scopeList is an array of 101; expected an array of 1 to 100')
  })

  t.test('SCO-2: a path has at most 10,000 characters, counted as DEC-10 says in UTF-16 units', async (t) => {
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
      t.match(response.headers['x-emulator-reason'], /^path\/deviceId is a string of \d+; expected a string matching/)
    }
  })

  t.test('DEC-8: what nobody knows is ignored, and null for an optional path means absent', async (t) => {
    const response = await send({
      moduleCode: '102',
      extra: null,
      scopeList: [{ localPath: '/n', targetFolderPath: null, x: 1 }],
    })
    t.match(response.json(), { scopeList: [{ localPath: '/n', targetFolderPath: '' }], failedScopeList: [], code: 0 })
  })
})

t.test('rule', async (t) => {
  t.test(
    'SCO-3 DEC-19: a batch with one good and three bad items answers one and three, in order, with code 0',
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

t.test('effect', async (t) => {
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
