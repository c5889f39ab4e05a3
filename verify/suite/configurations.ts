import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { shownValue } from '../../cli/visible.ts'
import type { ModuleCode } from '../../schemas/common.ts'
import { ConfigInfo, SimpleConfigInfo } from '../../schemas/config.ts'
import type { Check } from '../check.ts'
import { accepted, areSame, expect, expectForm, isDone, refused, refusedAs, succeeded } from '../expect.ts'
import { Unobservable } from '../failures.ts'
import type { Answer } from '../target.ts'
import type { Workbench } from '../workbench.ts'
import { acceptEach, padded, refuseEach, someDevice } from './asking.ts'

const Listed = Type.Object({ data: Type.Array(ConfigInfo) })
type Configuration = Static<typeof ConfigInfo>

const modules: readonly ModuleCode[] = ['100', '101', '102']

async function listed({ call }: Workbench, deviceId: string, moduleCode: ModuleCode): Promise<Configuration[]> {
  const answer = await call('listConfigInfos', { params: { deviceId }, query: { moduleCode } })
  accepted(answer, 'listing configurations')
  return expectForm(Listed, answer.json).data
}

/** The value that the target's own list has. */
async function listedValue(bench: Workbench, { deviceId, moduleCode, configName }: Configuration) {
  const found = await listed(bench, deviceId, moduleCode)
  return found.find((configuration) => configuration.configName === configName)?.configValue
}

/** What is changed, from its listed value to another one, unless told otherwise. */
function change({ call }: Workbench, { deviceId, ...configuration }: Configuration, more: object): Promise<Answer> {
  const { moduleCode, configName, configValue: currentConfigValue } = configuration
  const body = { moduleCode, configName, currentConfigValue, newConfigValue: 'verify', ...more }
  return call('updateConfigInfo', { params: { deviceId }, body })
}

/**
 * A configuration of a fresh device, put back to its value in the end: nothing creates one (CFG-5), so it is one that the
 * target offers.
 *
 * @throws Unobservable where it offers none
 */
async function offered(bench: Workbench): Promise<Configuration> {
  const deviceId = await bench.device()
  for (const moduleCode of modules) {
    const [configuration] = await listed(bench, deviceId, moduleCode)
    if (configuration) {
      const { configName, configValue: value } = configuration
      const [user, isUndone] = [bench.target.userId, false]
      bench.ledger.owe({ kind: 'config', user, deviceId, moduleCode, configName, value, isUndone })
      return configuration
    }
  }
  throw new Unobservable('the target lists no configuration for a fresh device')
}

export const configurationChecks: readonly Check[] = [
  {
    id: 'CFG-1',
    title: 'A configuration takes a value of 32 letters, digits and underscores, and the change is answered',
    run: async (bench) => {
      const configuration = await offered(bench)
      const newConfigValue = padded('aZ9_', 32)
      const { data } = succeeded('updateConfigInfo', await change(bench, configuration, { newConfigValue }))
      const expected = { ...configuration, configValue: newConfigValue }
      const isSame = areSame(SimpleConfigInfo, expected, data)
      expect(isSame, `the change was to answer ${JSON.stringify(expected)}, not ${shownValue(data)}`)
    },
  },
  {
    id: 'CFG-1',
    title: 'All four properties of a change are mandatory, and a value of another form is refused',
    run: async (bench) => {
      const configuration = await offered(bench)
      const changed = (more: object) => () => change(bench, configuration, more)
      await refuseEach({
        'a change without moduleCode': changed({ moduleCode: undefined }),
        'a change without configName': changed({ configName: undefined }),
        'a change without currentConfigValue': changed({ currentConfigValue: undefined }),
        'a change without newConfigValue': changed({ newConfigValue: undefined }),
        'a value of 33 characters': changed({ newConfigValue: padded('a', 33) }),
        'an empty value': changed({ newConfigValue: '' }),
        'a value with a dash': changed({ newConfigValue: 'a-b' }),
      })
      const value = await listedValue(bench, configuration)
      expect(value === configuration.configValue, `a refused change left the value ${value}`)
    },
  },
  {
    id: 'CFG-1',
    title: 'A name, and a value that is believed, of another form are refused',
    run: async (bench) => {
      const [deviceId, known] = [await bench.device(), { moduleCode: '102', description: '' } as const]
      const changed = (configName: string, configValue: string) => () =>
        change(bench, { deviceId, ...known, configName, configValue }, {})
      await refuseEach({
        'a name of 33 characters': changed(padded('a', 33), 'a'),
        'a name with a dash': changed('a-b', 'a'),
        'a current value of 33 characters': changed('a', padded('a', 33)),
        'a current value with a dash': changed('a', 'a-b'),
      })
    },
  },
  {
    id: 'CFG-2',
    title: 'A change with a wrong current value is refused and changes nothing',
    run: async (bench) => {
      const configuration = await offered(bench)
      const answer = await change(bench, configuration, { currentConfigValue: bench.word() })
      refused(answer, 'a change with a wrong current value')
      const value = await listedValue(bench, configuration)
      expect(value === configuration.configValue, `a change with a wrong current value left the value ${value}`)
    },
  },
  {
    id: 'CFG-2',
    title: 'A change with the right current value succeeds, and is listed',
    run: async (bench) => {
      const configuration = await offered(bench)
      accepted(await change(bench, configuration, {}), 'a change with the right current value')
      const value = await listedValue(bench, configuration)
      expect(value === 'verify', `the value was changed to verify, but ${value} is listed`)
      refused(await change(bench, configuration, {}), 'a change with the value before the last')
    },
  },
  {
    id: 'CFG-2',
    title: 'Of eight changes at once from the same value, one succeeds, and its value is listed',
    run: async (bench) => {
      const configuration = await offered(bench)
      const values = Array.from({ length: 8 }, (_, index) => `verify_${index}`)
      const answers = await Promise.all(
        values.map((newConfigValue) => change(bench, configuration, { newConfigValue })),
      )
      const winners = values.filter((_, index) => answers[index] && isDone(answers[index]))
      expect(winners.length === 1, `of eight changes at once from the same value, ${winners.length} succeeded`)
      const value = await listedValue(bench, configuration)
      expect(value === winners[0], `${winners[0]} was answered as set, but ${value} is listed`)
    },
  },
  {
    id: 'CFG-3',
    title: 'Viewing a configuration answers it as the list does',
    run: async (bench) => {
      const { deviceId, moduleCode, configName, configValue } = await offered(bench)
      const query = { moduleCode, configName }
      const { data } = succeeded('getConfigInfo', await bench.call('getConfigInfo', { params: { deviceId }, query }))
      expect(data.configValue === configValue, `${data.configValue} is answered, but ${configValue} listed`)
      await refuseEach({
        'viewing without moduleCode': () =>
          bench.call('getConfigInfo', { params: { deviceId }, query: { configName } }),
        'viewing without configName': () =>
          bench.call('getConfigInfo', { params: { deviceId }, query: { moduleCode } }),
      })
    },
  },
  {
    id: 'CFG-4',
    title: 'Listing configurations answers an array of deviceId, moduleCode, configName, configValue and description',
    run: async (bench) => {
      const deviceId = await bench.device()
      for (const moduleCode of modules) {
        const list = await listed(bench, deviceId, moduleCode)
        const isIts = list.every((item) => item.deviceId === deviceId && item.moduleCode === moduleCode)
        expect(isIts, `the list of module ${moduleCode} and device ${deviceId} has an item of another`)
      }
    },
  },
  {
    id: 'CFG-4',
    title: "Configurations of a device are listed for each module's code",
    readOnly: true,
    run: async (bench) => {
      const params = { deviceId: await someDevice(bench) }
      const list = (moduleCode: string) => () => bench.call('listConfigInfos', { params, query: { moduleCode } })
      await acceptEach({ 'module 100': list('100'), 'module 101': list('101'), 'module 102': list('102') })
    },
  },
]

export const configurationDecisionChecks: readonly Check[] = [
  {
    id: 'DEC-22',
    title: 'A configuration never seen takes the value that is believed, or does not exist',
    run: async (bench) => {
      const [deviceId, configName] = [await bench.device(), bench.word()]
      const unseen: Configuration = { deviceId, moduleCode: '102', configName, configValue: 'any', description: '' }
      const answer = await change(bench, unseen, {})
      if (!isDone(answer)) return refusedAs('notFound', answer, 'changing a configuration never seen')
      const value = await listedValue(bench, unseen)
      expect(value === 'verify', `a configuration never seen was changed to verify, but ${value} is listed`)
      refusedAs('valueMismatch', await change(bench, unseen, {}), 'a change with a wrong current value')
    },
  },
  {
    id: 'DEC-23',
    title: 'A mismatch does not tell the stored value; a change to the same value succeeds',
    run: async (bench) => {
      const configuration = await offered(bench)
      const secret = bench.word()
      accepted(await change(bench, configuration, { newConfigValue: secret }), 'a change')
      const answer = await change(bench, configuration, {})
      refusedAs('valueMismatch', answer, 'a change with a wrong current value')
      expect(!answer.text.includes(secret), 'a mismatch tells the stored value')
      const same = { currentConfigValue: secret, newConfigValue: secret }
      accepted(await change(bench, configuration, same), 'a change to the same value')
    },
  },
  {
    id: 'DEC-24',
    title: 'A configuration that is neither listed nor was ever set does not exist',
    run: async (bench) => {
      const [deviceId, configName] = [await bench.device(), bench.word()]
      const call = { params: { deviceId }, query: { moduleCode: '102', configName } }
      refusedAs('notFound', await bench.call('getConfigInfo', call), 'viewing a configuration never set')
    },
  },
]
