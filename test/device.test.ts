import t from 'tap'
import type { OperationId } from '../schemas/index.ts'
import { contracts } from '../schemas/index.ts'
import type { Operation } from '../schemas/operation.ts'
import type { SettingTexts } from '../src/settings/settings.ts'
import type { Call } from './fixtures/emulator.ts'
import { emulatorFor, exampleDevice, exampleUser } from './fixtures/emulator.ts'

interface Device {
  readonly deviceId: string
  readonly machineCode: string
  readonly deviceName: string
  readonly deviceOS: string
  readonly createTime: string
}

const phone = { machineCode: 'phone_1', deviceName: 'My-phone 1', deviceOS: 'android 15' }
const invalid = { code: 13000102, msg: 'Verify parameters failed.' }
const notFound = { code: 13000309, msg: 'The resource does not exist.' }
const bothModes = ['adopt', 'strict'] as const

/** An emulator whose users start without devices, and a way to bind, list and unbind them. */
async function binding(t: import('tap').Test, texts?: SettingTexts) {
  const emulator = await emulatorFor(t, { seed: 'none', ...texts })
  const asUser = (userId: string) => ({ 'x-user-id': userId })
  const send = (body: unknown, headers: Call['headers'] = {}) => emulator.call({ path: '/device', body, headers })
  const bind = async (body: unknown, userId = exampleUser): Promise<Device> =>
    (await send(body, asUser(userId))).json().data
  const list = async (userId = exampleUser): Promise<Device[]> =>
    (await emulator.call({ method: 'GET', path: '/device', headers: asUser(userId) })).json().data
  const unbind = (deviceId: string, userId = exampleUser) =>
    emulator.call({ method: 'DELETE', path: `/device/${deviceId}`, headers: asUser(userId) })
  return { ...emulator, send, bind, list, unbind }
}

t.test('contract', async (t) => {
  const { send, call, list, unbind, world } = await binding(t)

  for (const [name, most, good, bad, form] of [
    ['machineCode', 64, ['a', 'Z9_'], ['a-b', 'a b', 'a\t', 'ü', 'a\n'], '[a-zA-Z0-9_]{1,64}'],
    [
      'deviceName',
      32,
      ['a', 'Z9_-', ' ', '\t', 'a\nb', 'a\n', '\v\f\r', '-'],
      ['a.b', 'ü', 'a\u00a0b', '\u2028', '\ufeff', 'a\0', '😀'],
      '[a-zA-Z0-9_ \\t\\n\\v\\f\\r-]{1,32}',
    ],
    [
      'deviceOS',
      32,
      ['a', 'Z9_', ' ', '\t', 'a\nb', '\v\f\r'],
      ['a-b', 'a.b', 'a\u00a0b', '\u3000', '\u0085'],
      '[a-zA-Z0-9_ \\t\\n\\v\\f\\r]{1,32}',
    ],
  ] as const) {
    t.test(`DEV-1 DEC-10: ${name} has 1 to ${most} of its characters, white space being ASCII's`, async (t) => {
      for (const value of [...good, 'a'.repeat(most - 1), 'a'.repeat(most)]) {
        const response = await send({ ...phone, [name]: value })
        t.match(response.json(), { data: { [name]: value }, code: 0 }, encodeURIComponent(value))
      }
      const before = (await list()).length
      for (const value of ['', ...bad, 'a'.repeat(most + 1)]) {
        const response = await send({ ...phone, machineCode: 'other', [name]: value })
        t.same(response.json(), invalid, encodeURIComponent(value))
        t.equal(response.statusCode, 400)
        const found = value === '' ? 'empty' : `a string of ${value.length}`
        const strange = value === '' || /^a+$/.test(value) ? '' : ' with .+ at character \\d+'
        t.match(
          response.headers['x-emulator-reason'],
          new RegExp(`^body/${name} is ${found}${strange}; expected a string`),
        )
        t.ok(response.headers['x-emulator-reason']?.toString().includes(`matching ^${form}$ [DEV-1`))
      }
      t.equal((await list()).length, before, 'a refused request binds nothing')
    })

    t.test(`DEV-1 DEC-8: ${name} is text, nothing is turned into it`, async (t) => {
      for (const [value, found] of [
        [20250911, 'a number'],
        [true, 'a boolean'],
        [['a'], 'an array of 1'],
        [{}, 'an object'],
      ] as const) {
        const response = await send({ ...phone, [name]: value })
        t.same(response.json(), invalid)
        t.match(response.headers['x-emulator-reason'], `body/${name} is ${found}; expected a string matching`)
      }
    })
  }

  t.test('DEV-1: the machine code is mandatory, null included', async (t) => {
    for (const [body, reason] of [
      [undefined, 'body is missing; expected an object'],
      ['null', 'body is null; expected an object'],
      ['[]', 'body is an array of 0; expected an object'],
      ['"phone_1"', 'body is a string of 7; expected an object'],
      [{}, 'body/machineCode is missing; expected a string matching'],
      [{ ...phone, machineCode: null }, 'body/machineCode is null; expected a string matching'],
    ] as const) {
      const response = await send(body)
      t.same(response.json(), invalid)
      t.match(response.headers['x-emulator-reason'], reason)
    }
  })

  t.test(
    'DEV-1 DEC-8: name and system are optional, null means absent, and what nobody knows is ignored',
    async (t) => {
      for (const [machineCode, rest] of [
        ['bare', {}],
        ['nulls', { deviceName: null, deviceOS: null }],
        ['extra', { deviceId: '1', createTime: 7, color: null }],
      ] as const) {
        t.match((await send({ machineCode, ...rest })).json(), { data: { machineCode, deviceName: '', deviceOS: '' } })
      }
    },
  )

  t.test('COM-5 DEC-9: X-traceid has 58 characters where it is given', async (t) => {
    for (const length of [58, undefined]) {
      const traceid = length === undefined ? undefined : 't'.repeat(length)
      t.equal((await send(phone, { 'x-traceid': traceid })).json().code, 0, String(length))
    }
    for (const length of [0, 1, 57, 59]) {
      const response = await send(phone, { 'x-traceid': 't'.repeat(length) })
      t.same(response.json(), invalid, String(length))
      const found = length === 0 ? 'empty' : `a string of ${length}`
      t.equal(
        response.headers['x-emulator-reason'],
        `header/x-traceid is ${found}; expected a string of 58 characters [COM-5 DEC-9]`,
      )
    }
    const twice = await send(phone, { 'x-traceid': ['t'.repeat(58), 't'.repeat(58)] })
    t.same(twice.json(), invalid, 'given twice it is refused like a wrong one')
  })

  t.test('COM-5: X-traceid counts on binding only', async (t) => {
    const headers = { 'x-traceid': 't' }
    for (const [id, { path, method }] of Object.entries(contracts)) {
      const response = await call({ method, path: path.replace(/\{\w+\}/g, 'none'), headers })
      t.equal(
        String(response.headers['x-emulator-reason']).includes('x-traceid'),
        id === 'bindDevice',
        `${id} ${response.body}`,
      )
    }
  })

  t.test('DEC-9: the deviceId of unbinding has 1 to 64 letters, digits, dashes and underscores', async (t) => {
    for (const deviceId of ['a', 'A-z_9', 'd'.repeat(63), 'd'.repeat(64)]) {
      t.same((await unbind(deviceId)).json(), notFound, deviceId)
    }
    for (const deviceId of ['d'.repeat(65), 'a.b', 'a%20b', 'a%2Fb', '%C3%BC', 'a%0A']) {
      const response = await unbind(deviceId)
      t.same(response.json(), invalid, deviceId)
      t.match(
        response.headers['x-emulator-reason'],
        /^path\/deviceId is a string of \d+( with .+ at character \d+)?; expected .* \[DEC-9\]$/,
      )
    }
  })

  t.test('DEV-3 DEC-8: listing takes no parameter, and ignores any', async (t) => {
    for (const query of ['?pageSize=0', '?a=1&a=2', '?', '?moduleCode=999']) {
      t.equal((await call({ method: 'GET', path: `/device${query}` })).json().code, 0, query)
    }
  })

  t.test('DEV-2: every answer holds the five strings, and nothing else', async (t) => {
    const { data } = (await send({ machineCode: 'whole' })).json()
    const names = ['createTime', 'deviceId', 'deviceName', 'deviceOS', 'machineCode']
    t.same(Object.keys(data).sort(), names)
    for (const device of [...world.store.devices.list(exampleUser), (await unbind(data.deviceId)).json().data]) {
      t.same(Object.keys(device).sort(), names)
      for (const value of Object.values(device)) t.type(value, 'string')
    }
  })
})

t.test('rule', async (t) => {
  t.test('DEV-1 DEV-2 COM-10: binding answers the device, its id being the instant of createTime', async (t) => {
    const { send, time } = await binding(t)
    const response = await send(phone)
    t.equal(response.statusCode, 200)
    t.same(response.json(), {
      data: {
        ...phone,
        deviceId: String((BigInt(time.now - 1_546_272_000_000) << 23n) | (527n << 7n)),
        createTime: '2025-12-17T12:00:00.000Z',
      },
      code: 0,
      msg: 'success',
    })
    t.same(Object.keys(response.json()), ['data', 'code', 'msg'])
    t.equal(response.headers['x-emulator-reason'], undefined)
  })

  for (const [title, again, result] of [
    ['nothing given keeps both', {}, {}],
    ['null given keeps both', { deviceName: null, deviceOS: null }, {}],
    ['a new name alone', { deviceName: 'new' }, { deviceName: 'new' }],
    ['a new system alone', { deviceOS: 'new' }, { deviceOS: 'new' }],
    ['both new', { deviceName: 'n', deviceOS: 'o' }, { deviceName: 'n', deviceOS: 'o' }],
  ] as const) {
    t.test(`DEC-17: binding a machine code again is the same device, created when it was: ${title}`, async (t) => {
      const { bind, list, time } = await binding(t)
      const first = await bind(phone)
      time.now += 86_400_000
      t.same(await bind({ machineCode: phone.machineCode, ...again }), { ...first, ...result })
      t.same(await list(), [{ ...first, ...result }])
    })
  }

  t.test('DEC-17: a refused repetition changes nothing', async (t) => {
    const { bind, list, send } = await binding(t)
    const first = await bind(phone)
    t.same((await send({ ...phone, deviceName: 'new', deviceOS: 'a-b' })).json(), invalid)
    t.same(await list(), [first])
  })

  t.test('DEC-17: machine codes are told apart by case', async (t) => {
    const { bind } = await binding(t)
    t.not((await bind({ machineCode: 'a' })).deviceId, (await bind({ machineCode: 'A' })).deviceId)
  })

  t.test('DEC-31: a repetition uses up no id', async (t) => {
    const { bind } = await binding(t)
    const first = await bind({ machineCode: 'a' })
    await bind({ machineCode: 'a' })
    t.equal(BigInt((await bind({ machineCode: 'b' })).deviceId), BigInt(first.deviceId) + 1n)
  })

  t.test('DEV-4: unbinding answers the device it removed, once', async (t) => {
    for (const devices of bothModes) {
      const { bind, list, unbind } = await binding(t, { devices })
      const device = await bind(phone)
      const response = await unbind(device.deviceId)
      t.equal(response.statusCode, 200)
      t.same(response.json(), { data: device, code: 0, msg: 'success' })
      t.same(await list(), [])
      const again = await unbind(device.deviceId)
      t.same(again.json(), notFound)
      t.match(again.headers['x-emulator-reason'], 'this device was unbound; bind its machine code again [DEC-16]')
    }
  })

  t.test('DEV-4: unbinding takes no body, and reads none', async (t) => {
    const { bind, call } = await binding(t)
    const { deviceId } = await bind(phone)
    const response = await call({ method: 'DELETE', path: `/device/${deviceId}`, body: { deviceId: 'other' } })
    t.equal(response.json().data.deviceId, deviceId)
  })

  t.test('DEC-16: unbinding a device that this user never had is notFound, and adopts none', async (t) => {
    for (const devices of bothModes) {
      const { list, unbind } = await binding(t, { devices })
      const response = await unbind('never-seen')
      t.same(response.json(), notFound)
      t.match(response.headers['x-emulator-reason'], 'this user has no such device, and it was never bound')
      t.same(await list(), [])
    }
  })

  t.test('DEV-3: devices are listed oldest first, whatever order they came in', async (t) => {
    const { call, bind, list, time } = await binding(t)
    const now = time.now
    const bound = await bind({ machineCode: 'first' })
    time.now = now + 1
    await bind({ machineCode: 'second' })
    // Two documented devices, adopted in the wrong order, and ones whose ids tell nothing.
    time.now = now + 2
    for (const deviceId of [exampleDevice, '1775406005920779393', 'word', 'another']) {
      await call({ path: `/device/${deviceId}/scope`, body: { moduleCode: '100', scopeList: [{ localPath: '/' }] } })
    }
    const listed = await list()
    t.same(
      listed.map(({ deviceId, machineCode }) => machineCode || deviceId),
      ['1775406005920779393', exampleDevice, 'first', 'second', 'word', 'another'],
    )
    t.same(listed[2], bound)
  })

  t.test('DEV-3: 150 devices bound at one instant are listed whole, in the order of their ids', async (t) => {
    const { bind, list } = await binding(t)
    const bound: string[] = []
    for (let index = 0; index < 150; index += 1) bound.push((await bind({ machineCode: `m${index}` })).deviceId)
    t.same(
      (await list()).map(({ deviceId }) => deviceId),
      bound,
    )
  })

  t.test('DEC-16 COM-10: an adopted device has no texts, and its id tells when it was made where it can', async (t) => {
    const { call, list, time } = await binding(t)
    const now = new Date(time.now).toISOString()
    const future = String(BigInt(time.now + 1 - 1_546_272_000_000) << 23n)
    for (const [deviceId, createTime] of [
      [exampleDevice, '2025-12-17T06:19:01.803Z'],
      ['device-1', now],
      [future, now],
      ['99999999999999999999', now],
    ] as const) {
      await call({ path: `/device/${deviceId}/scope`, body: { moduleCode: '100', scopeList: [{ localPath: '/' }] } })
      t.same(
        (await list()).find((device) => device.deviceId === deviceId),
        { deviceId, machineCode: '', deviceName: '', deviceOS: '', createTime },
      )
    }
  })

  t.test('DEC-16: adopted devices stay apart, though all have the machine code ""', async (t) => {
    const { call, list, unbind } = await binding(t)
    const adopt = (deviceId: string) =>
      call({ path: `/device/${deviceId}/scope`, body: { moduleCode: '100', scopeList: [{ localPath: '/' }] } })
    for (const deviceId of ['one', 'two', 'three']) t.equal((await adopt(deviceId)).json().code, 0)
    t.equal((await unbind('two')).json().data.deviceId, 'two')
    t.same(
      (await list()).map(({ deviceId }) => deviceId),
      ['one', 'three'],
    )
    const refused = await adopt('two')
    t.same(refused.json(), notFound)
    t.match(refused.headers['x-emulator-reason'], 'was unbound; it has no machine code; bind one [DEC-16]')
    t.equal((await unbind('two')).headers['x-emulator-reason'], refused.headers['x-emulator-reason'])
  })
})

type Request = Pick<Call, 'path' | 'body' | 'headers'>

/** A good request of every operation that names a device. */
const uses = (deviceId: string, lockId: string): Partial<Record<OperationId, Request>> => ({
  unbindDevice: {},
  batchAddBackupScope: { body: { moduleCode: '102', scopeList: [{ localPath: '/a' }] } },
  batchDeleteBackupScope: { body: { scopeIdList: ['1'] } },
  listBackupScope: { path: '?moduleCode=102' },
  updateConfigInfo: {
    body: { moduleCode: '102', configName: 'c', currentConfigValue: 'a', newConfigValue: 'b' },
  },
  getConfigInfo: { path: '?moduleCode=102&configName=c' },
  listConfigInfos: { path: '?moduleCode=102' },
  createBackupRecord: { body: { moduleCode: '102', deviceId }, headers: { 'x-backup-lock-id': lockId } },
  listBackupRecord: { path: `?moduleCode=102&pageSize=1&deviceId=${deviceId}` },
})

t.test('effect', async (t) => {
  t.test('the uses below are those of every operation that names a device', async (t) => {
    const naming = Object.values<Operation>(contracts).filter(
      ({ path, query, body }) =>
        [query, body].some((part) => part && 'deviceId' in part.properties) || path.includes('{deviceId}'),
    )
    t.same(Object.keys(uses('', '')).sort(), naming.map(({ id }) => id).sort())
  })

  for (const devices of bothModes) {
    t.test(`DEC-16 DEC-17: under ${devices} an unbound id is notFound everywhere, for good`, async (t) => {
      const { bind, call, list, unbind } = await binding(t, { devices })
      const { lockId } = (await call({ path: '/lock', body: { moduleCode: '102' } })).json().data
      const old = await bind(phone)
      const refusedEverywhere = async () => {
        for (const [id, { path: query = '', ...request }] of Object.entries(uses(old.deviceId, lockId))) {
          const { method, path } = contracts[id as OperationId] // a key of the table above
          const response = await call({ method, path: path.replace('{deviceId}', old.deviceId) + query, ...request })
          t.same(response.json(), notFound, id)
          t.match(response.headers['x-emulator-reason'], 'deviceId: this device was unbound', id)
        }
      }
      await unbind(old.deviceId)
      await refusedEverywhere()
      t.same(await list(), [])

      const next = await bind({ machineCode: phone.machineCode })
      t.ok(BigInt(next.deviceId) > BigInt(old.deviceId), 'another device')
      t.match(next, { machineCode: phone.machineCode, deviceName: '', deviceOS: '' }, 'nothing is left of the old one')
      await refusedEverywhere()
      t.same(await list(), [next])
    })
  }

  t.test(
    'DEC-18: scopes and configuration go, records stay with the device as it was, locks are untouched',
    async (t) => {
      const { bind, call, unbind, world } = await binding(t)
      const device = await bind(phone)
      const other = await bind({ machineCode: 'other' })
      const { lockId } = (await call({ path: '/lock', body: { moduleCode: '102' } })).json().data
      const headers = { 'x-backup-lock-id': lockId }
      const fill = async ({ deviceId }: Device) => {
        await call({ path: `/device/${deviceId}/scope`, body: { moduleCode: '102', scopeList: [{ localPath: '/a' }] } })
        const change = { moduleCode: '102', configName: 'c', currentConfigValue: 'a', newConfigValue: 'b' }
        await call({ method: 'PATCH', path: `/device/${deviceId}/config`, body: change })
        const body = { moduleCode: '102', deviceId }
        return (await call({ path: '/record', body, headers })).json().data
      }
      const left = ({ deviceId }: Device) => {
        const { key = 0 } = world.store.devices.find(exampleUser, deviceId) ?? {}
        return [world.store.scopes.count(key, '102'), world.store.configs.list(key, '102').length]
      }
      const record = await fill(device)
      await fill(other)
      await unbind(device.deviceId)

      t.same(left(device), [0, 0])
      t.same(left(other), [1, 1], 'another device keeps what it has')
      const read = async (path: string) => (await call({ method: 'GET', path })).json()
      t.same((await read(`/record/${record.recordId}`)).data, { ...record, deviceInfo: device })
      t.equal((await read('/record?moduleCode=102&pageSize=9')).data.length, 2)

      await bind({ ...phone, deviceName: 'renamed' })
      t.same((await read(`/record/${record.recordId}`)).data.deviceInfo, device, 'not the one bound later')
      t.equal((await call({ method: 'PATCH', path: '/lock', headers })).json().code, 0, 'the lock lives')
      t.equal((await call({ method: 'PATCH', path: `/record/${record.recordId}`, body: {}, headers })).json().code, 0)
      t.equal((await call({ method: 'DELETE', path: `/record/${record.recordId}`, headers })).json().code, 0)
    },
  )

  t.test('DEC-18: what is bound again starts without scopes and configuration', async (t) => {
    const { bind, call, unbind } = await binding(t)
    const { deviceId } = await bind(phone)
    await call({ path: `/device/${deviceId}/scope`, body: { moduleCode: '102', scopeList: [{ localPath: '/a' }] } })
    await unbind(deviceId)
    const next = await bind(phone)
    const listed = await call({ method: 'GET', path: `/device/${next.deviceId}/scope?moduleCode=102` })
    t.same(listed.json().scopeList, [])
  })

  t.test('DEC-4: another user has other devices, be it of the same machine', async (t) => {
    const { bind, list, unbind } = await binding(t)
    const mine = await bind(phone)
    const theirs = await bind({ ...phone, deviceName: 'theirs' }, 'another')
    t.not(mine.deviceId, theirs.deviceId)
    t.same(await list(), [mine])
    t.same(await list('another'), [theirs])
    t.same(await list('nobody'), [])
    t.same((await unbind(mine.deviceId, 'another')).json(), notFound)
    t.same(await list(), [mine])
    t.equal((await unbind(theirs.deviceId, 'another')).json().code, 0)
    t.same(await list(), [mine])
  })

  t.test('DEC-21: where unbinding fails half way, nothing of it is done', async (t) => {
    const { bind, call, list, unbind, world } = await binding(t)
    const device = await bind(phone)
    const { deviceId } = device
    await call({ path: `/device/${deviceId}/scope`, body: { moduleCode: '102', scopeList: [{ localPath: '/a' }] } })
    const { unbind: unbindIt } = world.store.devices
    t.intercept(world.store.devices, 'unbind', {
      value: (key: number) => {
        unbindIt(key)
        throw new Error('disk I/O error')
      },
    })
    t.match((await unbind(deviceId)).json(), { code: 13000201 })
    t.same(await list(), [device])
    const listed = await call({ method: 'GET', path: `/device/${deviceId}/scope?moduleCode=102` })
    t.equal(listed.json().scopeList.length, 1)
  })

  t.test('DEC-17: fifty bindings of one machine at once make one device', async (t) => {
    const { server, headers, list } = await binding(t)
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const response = await fetch(`${url}/koodrive/ose/v1/backup/device`, {
          method: 'POST',
          headers: { ...headers(), 'content-type': 'application/json' },
          body: JSON.stringify(phone),
        })
        const { data } = (await response.json()) as { data: Device } // none of them can be refused
        return data.deviceId
      }),
    )
    t.equal(new Set(ids).size, 1)
    t.equal((await list()).length, 1)
  })
})
