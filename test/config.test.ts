import t from 'tap'
import type { SettingTexts } from '../src/settings.ts'
import { emulatorFor, exampleDevice, exampleUser } from './fixtures/emulator.ts'

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

t.test('contract', async (t) => {
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

t.test('rule', async (t) => {
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

t.test('effect', async (t) => {
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
