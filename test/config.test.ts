import t from 'tap'
import type { SettingTexts } from '../src/settings/settings.ts'
import { configsIn } from '../src/store/configs.ts'
import { emulatorFor, exampleDevice, exampleUser } from './fixtures/emulator.ts'
import { plansOf } from './fixtures/plans.ts'

const documented = {
  moduleCode: '102',
  configName: 'backend_backup_switch',
  currentConfigValue: '101test2value',
  newConfigValue: '101test2value2',
}
const own = { ...documented, configName: 'own_switch', currentConfigValue: 'a', newConfigValue: 'b' }

/** An emulator and a way to change configurations in it. */
async function changing(t: import('tap').Test, texts?: SettingTexts) {
  const emulator = await emulatorFor(t, texts)
  const change = (body: unknown, deviceId = exampleDevice, headers = {}) =>
    emulator.call({ method: 'PATCH', path: `/device/${deviceId}/config`, body, headers })
  const present = ({ moduleCode, configName }: typeof own, deviceId = exampleDevice, user = exampleUser) => {
    const device = emulator.world.store.devices.find(user, deviceId)
    return device && emulator.world.store.configs.find(device.key, moduleCode, configName)
  }
  return { ...emulator, change, present }
}

t.test('updateConfigInfo: contract', async (t) => {
  const { change, present } = await changing(t)

  for (const name of ['moduleCode', 'configName', 'currentConfigValue', 'newConfigValue']) {
    t.test(`CFG-1: ${name} is mandatory and a string`, async (t) => {
      for (const [value, found] of [
        [undefined, 'is missing'],
        [null, 'is null'],
        [102, 'is a number'],
        [true, 'is a boolean'],
        [['a'], 'is an array of 1'],
        ['', 'is empty'],
      ] as const) {
        const response = await change({ ...own, [name]: value })
        t.equal(response.statusCode, 400)
        t.same(response.json(), { code: 13000102, msg: 'Verify parameters failed.' })
        t.match(response.headers['x-emulator-reason'], `body/${name} ${found}; expected `)
      }
      t.equal(present(own), undefined)
    })
  }

  for (const name of ['configName', 'currentConfigValue', 'newConfigValue']) {
    t.test(`CFG-1: ${name} has 1 to 32 letters, digits and underscores`, async (t) => {
      for (const [index, value] of ['a', '_', 'a'.repeat(31), 'Z9_'.padEnd(32, 'x')].entries()) {
        const response = await change({ ...own, configName: `c_${name}_${index}`, [name]: value })
        t.equal(response.json().code, 0, value)
      }
      for (const value of ['a'.repeat(33), 'a-b', 'a b', 'ü', 'a\n', '']) {
        const response = await change({ ...own, [name]: value })
        t.equal(response.json().code, 13000102, JSON.stringify(value))
        t.match(
          response.headers['x-emulator-reason'],
          /expected a string matching \^\[a-zA-Z0-9_\]\{1,32\}\$ \[CFG-1\]/,
        )
      }
    })
  }

  t.test('DEC-12: a body that is missing, an array or a plain value is refused', async (t) => {
    for (const body of [undefined, '[]', '"x"', '1', 'null', '{}']) {
      t.equal((await change(body)).json().code, 13000102, String(body))
    }
  })
})

t.test('updateConfigInfo: rule', async (t) => {
  t.test('CFG-2 DEC-23: the same change is accepted once and then refused, without revealing the value', async (t) => {
    const { change, present } = await changing(t)
    t.same((await change(documented)).json(), {
      data: {
        deviceId: exampleDevice,
        moduleCode: '102',
        configName: 'backend_backup_switch',
        configValue: '101test2value2',
      },
      code: 0,
      msg: 'success',
    })
    const refused = await change(documented)
    t.equal(refused.statusCode, 400)
    t.same(refused.json(), { code: 13990409, msg: 'The current configuration value does not match.' })
    t.match(refused.headers['x-emulator-reason'], 'body/currentConfigValue is not the present value')
    t.notMatch(refused.headers['x-emulator-reason'], '101test2value')
    t.equal(present(documented), '101test2value2')
  })

  t.test('DEC-22: an entry of the catalogue has its initial value until changed, in both modes', async (t) => {
    for (const devices of ['adopt', 'strict']) {
      const { change, present } = await changing(t, { devices })
      t.equal((await change({ ...documented, currentConfigValue: 'other' })).json().code, 13990409, devices)
      t.equal(present(documented), undefined, 'a refused change stores nothing')
      t.equal((await change(documented)).json().code, 0)
      t.equal(
        (await change({ ...documented, moduleCode: '101', currentConfigValue: 'x' })).json().code,
        devices === 'adopt' ? 0 : 13000309,
      )
    }
  })

  t.test('DEC-22: under adopt one never seen takes the caller’s word for its present value, once', async (t) => {
    const { change, present } = await changing(t)
    t.equal((await change(own)).json().code, 0)
    t.equal(present(own), 'b')
    t.equal((await change(own)).json().code, 13990409)
    t.equal((await change({ ...own, currentConfigValue: 'b', newConfigValue: 'c' })).json().code, 0)
    t.equal(present(own), 'c')
  })

  t.test(
    'DEC-22: under strict one never seen is notFound, and a mismatch of one seen is still a mismatch',
    async (t) => {
      const seed = t.testdir({
        'seed.json': JSON.stringify({
          users: {
            [exampleUser]: {
              devices: [
                {
                  deviceId: exampleDevice,
                  machineCode: 'm',
                  configs: [{ moduleCode: '102', configName: 'own_switch', configValue: 'a' }],
                },
              ],
            },
          },
        }),
      })
      const { change } = await changing(t, { devices: 'strict', seed: `${seed}/seed.json` })
      const unknown = await change({ ...own, configName: 'unknown' })
      t.match(unknown.json(), { code: 13000309, msg: 'The resource does not exist.' })
      t.match(unknown.headers['x-emulator-reason'], 'body/configName: no such configuration')
      t.equal((await change({ ...own, currentConfigValue: 'z' })).json().code, 13990409)
      t.equal((await change(own)).json().code, 0)
      t.equal((await change(own, 'unknown')).json().code, 13000309)
    },
  )

  t.test('DEC-23: current = new with a match succeeds', async (t) => {
    const { change } = await changing(t)
    const same = { ...documented, newConfigValue: documented.currentConfigValue }
    t.equal((await change(same)).json().code, 0)
    t.equal((await change(same)).json().code, 0)
  })
})

t.test('updateConfigInfo: effect', async (t) => {
  t.test('DEC-22: the key is user, device, module and name', async (t) => {
    const { change, present } = await changing(t)
    await change(own)
    t.equal((await change(own, 'other-device')).json().code, 0)
    t.equal((await change(own, exampleDevice, { 'x-user-id': 'other-user' })).json().code, 0)
    t.equal((await change({ ...own, moduleCode: '100' })).json().code, 0)
    t.equal((await change({ ...own, configName: 'OWN_SWITCH' })).json().code, 0, 'names are told apart by case')
    t.equal(present(own, exampleDevice, 'other-user'), 'b')
  })

  t.test('DEC-16: a refused change adopts no device', async (t) => {
    const { change, world } = await changing(t)
    t.equal((await change({ ...documented, currentConfigValue: 'wrong' }, 'fresh')).json().code, 13990409)
    t.equal(world.store.devices.find(exampleUser, 'fresh'), undefined)
    const adopted = await change(documented, 'fresh')
    t.match(adopted.headers['x-emulator-reason'], 'devices=adopt bound it')
  })

  t.test('CFG-2: of 200 changes racing over many connections, exactly one wins each round', async (t) => {
    const { server, headers, present } = await changing(t)
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    let current = 'start'
    for (const round of [1, 2, 3, 4, 5]) {
      const racers = Array.from({ length: 200 }, async (_, racer) => {
        const newConfigValue = `r${round}_${racer}`
        const body = JSON.stringify({ ...own, currentConfigValue: current, newConfigValue })
        const response = await fetch(`${url}/koodrive/ose/v1/backup/device/raced/config`, {
          method: 'PATCH',
          headers: { ...headers(), 'content-type': 'application/json' },
          body,
        })
        const { code } = (await response.json()) as { code: number } // every answer has a code
        return { code, newConfigValue }
      })
      const results = await Promise.all(racers)
      const winners = results.filter(({ code }) => code === 0)
      t.equal(winners.length, 1, `round ${round}`)
      t.equal(results.filter(({ code }) => code === 13990409).length, 199)
      current = winners[0]?.newConfigValue ?? ''
      t.equal(present(own, 'raced'), current)
    }
  })
})

const catalogue = [
  { moduleCode: '102', configName: 'zoom', initialValue: 'z1', description: 'How far' },
  { moduleCode: '102', configName: 'alpha', initialValue: 'a1' },
  { moduleCode: '102', configName: 'Middle', initialValue: 'm1', description: 'In between: ü' },
  { moduleCode: '101', configName: 'alpha', initialValue: 'elsewhere' },
]

/** An emulator with the catalogue above and one device without a configuration of its own. */
async function reading(t: import('tap').Test, texts: SettingTexts = {}) {
  const users = { [exampleUser]: { devices: [{ deviceId: exampleDevice, machineCode: 'm' }] } }
  const folder = t.testdir({ 'seed.json': JSON.stringify({ configCatalogue: catalogue, users }) })
  const emulator = await changing(t, { seed: `${folder}/seed.json`, ...texts })
  const read = (part: 'config' | 'configs', query: string, deviceId = exampleDevice, headers = {}) =>
    emulator.call({ method: 'GET', path: `/device/${deviceId}/${part}${query}`, headers })
  const view = (configName: string, deviceId?: string, headers?: Record<string, string>) =>
    read('config', `?moduleCode=102&configName=${configName}`, deviceId, headers)
  const list = (moduleCode = '102', deviceId?: string, headers?: Record<string, string>) =>
    read('configs', `?moduleCode=${moduleCode}`, deviceId, headers)
  const set = async (configName: string, from: string, to: string, moduleCode = '102') => {
    const body = { moduleCode, configName, currentConfigValue: from, newConfigValue: to }
    t.equal((await emulator.change(body)).json().code, 0)
  }
  return { ...emulator, read, view, list, set }
}

const ofDevice = (configName: string, configValue: string, description = '', deviceId = exampleDevice) => ({
  deviceId,
  moduleCode: '102',
  configName,
  configValue,
  description,
})

/** DEC-24: each part by name, and names by their characters, capitals first. */
const untouched = [
  ofDevice('Middle', 'm1', 'In between: ü'),
  ofDevice('alpha', 'a1'),
  ofDevice('zoom', 'z1', 'How far'),
]

const notFound = { code: 13000309, msg: 'The resource does not exist.' }

t.test('getConfigInfo and listConfigInfos: contract', async (t) => {
  const { read } = await reading(t)

  const module = 'query/moduleCode'
  const name = 'query/configName'
  for (const [part, query, reason] of [
    ['config', '', `${module} is missing; expected one of "100", "101", "102" [COM-7]`],
    ['config', '?configName=alpha', `${module} is missing`],
    ['config', '?moduleCode=102', `${name} is missing; expected a string matching ^[a-zA-Z0-9_]{1,32}$ [CFG-1]`],
    ['config', '?moduleCode=102&configName=', `${name} is empty`],
    ['config', '?moduleCode=102&configName', `${name} is empty`],
    ['config', `?moduleCode=102&configName=${'c'.repeat(33)}`, `${name} is a string of 33`],
    ['config', '?moduleCode=102&configName=a-b', `${name} is a string of 3`],
    ['config', '?moduleCode=102&configName=a+b', `${name} is a string of 3`],
    ['config', '?moduleCode=102&configName=alpha%0A', `${name} is a string of 6`],
    ['config', '?moduleCode=102&configName=%C3%BC', `${name} is a string of 1`],
    ['config', '?moduleCode=103&configName=alpha', `${module} is a string of 3`],
    ['config', '?moduleCode=99&configName=alpha', `${module} is a string of 2`],
    ['config', '?moduleCode=102&configName=alpha&configName=alpha', `${name} was given twice; give it once [DEC-8]`],
    ['config', '?moduleCode=102&moduleCode=101&configName=alpha', `${module} was given twice; give it once [DEC-8]`],
    ['configs', '', `${module} is missing; expected one of "100", "101", "102" [COM-7]`],
    ['configs', '?moduleCode=', `${module} is empty`],
    ['configs', '?moduleCode=103', `${module} is a string of 3`],
    ['configs', '?moduleCode=99', `${module} is a string of 2`],
    ['configs', '?moduleCode=102&moduleCode=102', `${module} was given twice; give it once [DEC-8]`],
  ] as const) {
    t.test(`CFG-3 CFG-4 COM-7 DEC-8: ${part}${query} is refused`, async (t) => {
      const response = await read(part, query)
      t.equal(response.statusCode, 400)
      t.same(response.json(), { code: 13000102, msg: 'Verify parameters failed.' })
      t.ok(String(response.headers['x-emulator-reason']).startsWith(reason), reason)
    })
  }

  t.test('CFG-3: a name has 1 to 32 characters', async (t) => {
    for (const configName of ['c', '_', 'c'.repeat(31), 'c'.repeat(32)]) {
      t.same((await read('config', `?moduleCode=102&configName=${configName}`)).json(), notFound, configName)
    }
  })

  t.test('DEC-8: what nobody knows is ignored', async (t) => {
    t.equal((await read('config', '?x&x&moduleCode=102&configName=alpha')).json().code, 0)
    t.equal((await read('configs', '?configName=-&configName=-&moduleCode=102')).json().data.length, 3)
  })

  t.test('DEC-9: a deviceId has 1 to 64 letters, digits, dashes and underscores', async (t) => {
    for (const [deviceId, code] of [
      ['d'.repeat(64), 0],
      ['d'.repeat(65), 13000102],
      ['a.b', 13000102],
    ] as const) {
      t.equal((await read('config', '?moduleCode=102&configName=alpha', deviceId)).json().code, code)
      t.equal((await read('configs', '?moduleCode=102', deviceId)).json().code, code)
    }
  })
})

t.test('getConfigInfo and listConfigInfos: rule', async (t) => {
  t.test('CFG-4 DEC-24: an untouched module is its catalogue, by name', async (t) => {
    const { list } = await reading(t)
    const response = await list()
    t.same(response.json(), { data: untouched, code: 0, msg: 'success' })
    t.same(Object.keys(response.json()), ['data', 'code', 'msg'])
    t.same((await list('100')).json().data, [])
  })

  t.test(
    'CFG-5 DEC-24 DEC-32: the bundled seed has the one that is documented, for every user and device',
    async (t) => {
      const { call } = await emulatorFor(t)
      const list = async (moduleCode: string, deviceId: string, userId: string) => {
        const path = `/device/${deviceId}/configs?moduleCode=${moduleCode}`
        return (await call({ method: 'GET', path, headers: { 'x-user-id': userId } })).json().data
      }
      for (const [deviceId, userId] of [
        [exampleDevice, exampleUser],
        ['another', exampleUser],
        [exampleDevice, 'another'],
      ] as const) {
        const expected = {
          deviceId,
          moduleCode: '102',
          configName: 'backend_backup_switch',
          configValue: '101test2value',
        }
        t.match(await list('102', deviceId, userId), { length: 1, 0: expected })
        for (const moduleCode of ['100', '101']) t.same(await list(moduleCode, deviceId, userId), [])
      }
    },
  )

  t.test('DEC-24: the catalogue comes first, then what was set beyond it, each part by name', async (t) => {
    const { list, set } = await reading(t)
    await set('beta', 'x', 'b2')
    await set('Aaa', 'x', 'A2')
    await set('zoom', 'z1', 'z2')
    await set('alpha', 'elsewhere', 'other', '101')
    const [first, second] = untouched
    t.same((await list()).json().data, [
      first,
      second,
      ofDevice('zoom', 'z2', 'How far'),
      ofDevice('Aaa', 'A2'),
      ofDevice('beta', 'b2'),
    ])
  })

  t.test('CFG-3: viewing one answers what the list holds of it', async (t) => {
    const { view, list, set } = await reading(t)
    await set('beta', 'x', 'b2')
    await set('zoom', 'z1', 'z2')
    const all = (await list()).json().data
    t.equal(all.length, 4)
    for (const data of all) t.same((await view(data.configName)).json(), { data, code: 0, msg: 'success' })
  })

  t.test('DEC-24: a value set back to the initial one is the same as ever', async (t) => {
    const { list, set } = await reading(t)
    await set('zoom', 'z1', 'z2')
    await set('zoom', 'z2', 'z1')
    t.same((await list()).json().data, untouched)
  })

  t.test('DEC-24: one that is neither in the catalogue nor set is notFound, and names count by case', async (t) => {
    for (const devices of ['adopt', 'strict']) {
      const { view } = await reading(t, { devices })
      for (const configName of ['unknown', 'Alpha', 'ALPHA']) {
        const response = await view(configName)
        t.equal(response.statusCode, 400)
        t.same(response.json(), notFound)
        t.equal(
          response.headers['x-emulator-reason'],
          'query/configName: neither in the catalogue nor set on this device [DEC-24]',
        )
      }
    }
  })

  t.test('DEC-22: a refused change leaves what is read as it was', async (t) => {
    const { list, change } = await reading(t)
    const wrong = { moduleCode: '102', configName: 'zoom', currentConfigValue: 'wrong', newConfigValue: 'z2' }
    t.equal((await change(wrong)).json().code, 13990409)
    t.same((await list()).json().data, untouched)
  })
})

t.test('getConfigInfo and listConfigInfos: effect', async (t) => {
  t.test('DEC-16: under adopt an unknown device has the catalogue’s, and reading binds nothing', async (t) => {
    const { view, list, world } = await reading(t)
    const viewed = await view('zoom', 'unknown')
    t.same(viewed.json().data, ofDevice('zoom', 'z1', 'How far', 'unknown'))
    t.equal(viewed.headers['x-emulator-reason'], undefined)
    const listed = await list('102', 'unknown')
    t.same(
      listed.json().data,
      untouched.map((entry) => ({ ...entry, deviceId: 'unknown' })),
    )
    t.same((await view('own_switch', 'unknown')).json(), notFound)
    t.equal(world.store.devices.find(exampleUser, 'unknown'), undefined)
  })

  t.test('DEC-16: under strict an unknown device, and another user’s, is notFound', async (t) => {
    const { view, list } = await reading(t, { devices: 'strict' })
    const theirs = { 'x-user-id': 'another' }
    for (const response of [
      await view('zoom', 'unknown'),
      await list('102', 'unknown'),
      await view('zoom', exampleDevice, theirs),
      await list('102', exampleDevice, theirs),
    ]) {
      t.same(response.json(), notFound)
      t.match(response.headers['x-emulator-reason'], 'deviceId: this user has no such device')
    }
    t.equal((await list()).json().code, 0)
  })

  t.test('DEC-16: an unbound device is notFound in both modes', async (t) => {
    for (const devices of ['adopt', 'strict']) {
      const { call, view, list } = await reading(t, { devices })
      await call({ method: 'DELETE', path: `/device/${exampleDevice}` })
      t.same((await view('zoom')).json(), notFound)
      t.same((await list()).json(), notFound)
    }
  })

  t.test('DEC-4 DEC-22: what is set on one device is not read on another, nor by another user', async (t) => {
    const { view, list, set } = await reading(t)
    await set('zoom', 'z1', 'z2')
    await set('beta', 'x', 'b2')
    for (const [deviceId, headers] of [
      ['other', {}],
      [exampleDevice, { 'x-user-id': 'another' }],
    ] as const) {
      t.same((await view('zoom', deviceId, headers)).json().data.configValue, 'z1')
      t.same((await view('beta', deviceId, headers)).json(), notFound)
      t.equal((await list('102', deviceId, headers)).json().data.length, 3)
    }
  })

  t.test('reading searches indexes, whatever the tables hold', async (t) => {
    const steps = plansOf((database) => configsIn(database).list(1, '102'))
    t.ok(steps.some((step) => /^SEARCH entry USING PRIMARY KEY \(module_code=\?\)/.test(step)))
    t.same(
      steps.filter((step) => /SCAN (entry|config)|AUTOMATIC/.test(step)),
      [],
    )
  })
})
