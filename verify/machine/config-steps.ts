import fc from 'fast-check'
import type { ModuleCode } from '../../schemas/common.ts'
import type { ModelDevice } from './model.ts'
import { configKey } from './model.ts'
import { deviceIn } from './preconditions.ts'
import type { SequenceRun } from './sequence-run.ts'
import type { Step } from './step.ts'
import { often, slot, steps } from './step.ts'

export interface ConfigName {
  readonly moduleCode: ModuleCode
  readonly configName: string
}

/** What a configuration that is set for the first time is said to have been before. */
export const assumedValue = 'value1'

/** A name that no target lists. Whether it can be set is the target's own affair (DEC-22). */
export const unlisted: ConfigName = { moduleCode: '102', configName: 'verify_random' }

const next = fc.constantFrom('value1', 'value2', 'value3')

/** CFG-1. */
const wrong = fc.constantFrom(
  { currentConfigValue: 'value1', newConfigValue: 'two words' },
  { currentConfigValue: 'value1', newConfigValue: '' },
  { currentConfigValue: 'value1', newConfigValue: 'x'.repeat(33) },
  { newConfigValue: 'value1' },
)

/** What is done with configurations, of which these are known. */
export function configSteps(names: readonly ConfigName[]): fc.Arbitrary<Step>[] {
  const name = fc.constantFrom(...names, unlisted)
  return [
    ...often(
      steps(fc.record({ slot, name, isRight: fc.boolean(), next }), async (session, { slot, name, isRight, next }) => {
        const device = await deviceIn(session, slot)
        await (isRight ? set(session, device, name, next) : setWrongly(session, device, name, next))
      }),
    ),

    steps(fc.record({ slot, name, wrong }), async (session, { slot, name, wrong }) => {
      const { id: deviceId } = await deviceIn(session, slot)
      await session.refused('CFG-1', 'updateConfigInfo', { params: { deviceId }, body: { ...name, ...wrong } })
    }),

    ...often(
      steps(fc.record({ slot, name }), async (session, { slot, name }) => {
        const device = await deviceIn(session, slot)
        const call = { params: { deviceId: device.id }, query: { ...name } }
        if (!device.configs.has(keyOf(name))) return session.refused('DEC-24', 'getConfigInfo', call)
        const { data } = await session.legal('getConfigInfo', call)
        agreeOnValue(session, device, name, data.configValue)
      }),
    ),

    steps(fc.record({ slot, name }), async (session, { slot, name: { moduleCode } }) => {
      const device = await deviceIn(session, slot)
      const call = { params: { deviceId: device.id }, query: { moduleCode } }
      const { data } = await session.legal('listConfigInfos', call)
      for (const name of [...names, unlisted].filter((one) => one.moduleCode === moduleCode)) {
        const values = data.filter(({ configName }) => configName === name.configName)
        const due = device.configs.has(keyOf(name)) ? 1 : 0
        session.agree('CFG-4', values.length === due, `${name.configName} is listed ${values.length} times`)
        for (const { configValue } of values) agreeOnValue(session, device, name, configValue)
      }
    }),
  ]
}

const keyOf = ({ moduleCode, configName }: ConfigName): string => configKey(moduleCode, configName)

/** CFG-2, with the value that is there. One never seen is taken on, or is not (DEC-22). */
async function set(session: SequenceRun, device: ModelDevice, name: ConfigName, newConfigValue: string): Promise<void> {
  const currentConfigValue = device.configs.get(keyOf(name))
  const call = (current: string) => ({
    params: { deviceId: device.id },
    body: { ...name, currentConfigValue: current, newConfigValue },
  })
  const answer =
    currentConfigValue === undefined
      ? await session.attempt('updateConfigInfo', call(assumedValue))
      : await session.legal('updateConfigInfo', call(currentConfigValue))
  if (!answer) return
  const { configValue } = answer.data
  session.agree('CFG-1', configValue === newConfigValue, `the new value is "${newConfigValue}", not "${configValue}"`)
  device.configs.set(keyOf(name), newConfigValue)
}

/** CFG-2, with a value that is not there. */
async function setWrongly(
  session: SequenceRun,
  device: ModelDevice,
  name: ConfigName,
  newConfigValue: string,
): Promise<void> {
  if (!device.configs.has(keyOf(name))) return
  device.refusedValues.add(`${keyOf(name)} ${newConfigValue}`)
  await session.refused('CFG-2', 'updateConfigInfo', {
    params: { deviceId: device.id },
    body: { ...name, currentConfigValue: 'not_the_value', newConfigValue },
  })
}

function agreeOnValue(session: SequenceRun, device: ModelDevice, name: ConfigName, value: string): void {
  const due = device.configs.get(keyOf(name))
  const wasRefused = device.refusedValues.has(`${keyOf(name)} ${value}`)
  const otherwise = `${name.configName} was "${due}", not "${value}"`
  session.agree('CFG-2', value === due, wasRefused ? `${otherwise}, which was refused` : otherwise)
}
