import { Value } from '@sinclair/typebox/value'
import { ModuleCode } from '../../schemas/common.ts'
import { isRefused } from '../expect.ts'
import type { Workbench } from '../workbench.ts'
import type { ConfigName } from './config-steps.ts'
import { assumedValue, unlisted } from './config-steps.ts'
import { configKey } from './model.ts'
import { readings } from './readings.ts'

/** What a target has to offer. */
export interface Survey {
  /** Those whose lock nobody holds. */
  readonly modules: readonly ModuleCode[]
  readonly names: readonly ConfigName[]
  /** The value that each configuration of a new device has. */
  readonly catalogue: ReadonlyMap<string, string>
  /** One that clients may use at once; the target lists it, or takes it on when it is first set (DEC-22). */
  readonly shared: (ConfigName & { readonly initial: string; readonly isListed: boolean }) | undefined
}

/** @throws Departure where not even a device can be bound, TargetLost where no answer comes */
export async function survey({ call, device }: Workbench): Promise<Survey> {
  const deviceId = await device()
  const modules: ModuleCode[] = []
  const listed: (ConfigName & { readonly configValue: string })[] = []
  for (const moduleCode of ModuleCode.anyOf.map((one) => one.const)) {
    if (await isFree(call, moduleCode)) modules.push(moduleCode)
    listed.push(...(await configsOf(call, deviceId, moduleCode)))
  }
  const [first] = listed
  const shared = first
    ? { ...nameOf(first), initial: first.configValue, isListed: true }
    : await adopted(call, deviceId)
  await call('unbindDevice', { params: { deviceId } })
  const catalogue = new Map(listed.map((one) => [configKey(one.moduleCode, one.configName), one.configValue]))
  return { modules, names: listed.map(nameOf), catalogue, shared }
}

const nameOf = ({ moduleCode, configName }: ConfigName): ConfigName => ({ moduleCode, configName })

async function adopted(call: Workbench['call'], deviceId: string): Promise<Survey['shared']> {
  const values = { currentConfigValue: assumedValue, newConfigValue: assumedValue }
  const answer = await call('updateConfigInfo', { params: { deviceId }, body: { ...unlisted, ...values } })
  return isRefused(answer) ? undefined : { ...unlisted, initial: assumedValue, isListed: false }
}

async function isFree(call: Workbench['call'], moduleCode: ModuleCode): Promise<boolean> {
  const answer = await call('createBackupLock', { body: { moduleCode } })
  const { lockId } = Object(Object(answer.json).data)
  if (typeof lockId !== 'string') return false
  await call('releaseBackupLock', { lockId })
  return true
}

async function configsOf(call: Workbench['call'], deviceId: string, moduleCode: ModuleCode) {
  const answer = await call('listConfigInfos', { params: { deviceId }, query: { moduleCode } })
  return Value.Check(readings.listConfigInfos, answer.json)
    ? answer.json.data.map((config) => ({ moduleCode, ...config }))
    : []
}
