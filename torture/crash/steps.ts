import type { Call } from '../client.ts'
import type { Dice } from '../dice.ts'
import type { KnownDevice, KnownRecord, UserState } from './user-state.ts'

/** One write of a client, with what it changes. */
export interface Step {
  readonly call: Call
  /** Changes an account as the emulator is to change it; what it makes up itself are holes. */
  readonly change: (account: UserState) => void
  /** What the answer says of the holes, in their order. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every form, compared with the stored state afterwards
  readonly told: (answer: any) => string[]
}

type Make = (account: UserState, dice: Dice) => Step | undefined

const modules = ['100', '101', '102'] as const
const nothing = () => []

const boundOf = ({ devices }: UserState): KnownDevice[] => devices.filter(({ bound }) => bound)
const someOf = <Item>(items: readonly Item[], dice: Dice): Item | undefined =>
  items.length > 0 ? dice.pick(items) : undefined

/** The same device of another account. */
const sameDevice = (account: UserState, { deviceId }: KnownDevice): KnownDevice => {
  const device = account.devices.find((one) => one.deviceId === deviceId)
  if (device === undefined) throw new Error(`no device ${deviceId}`)
  return device
}

const sameRecord = (account: UserState, { recordId }: KnownRecord): KnownRecord => {
  const record = account.records.find((one) => one.recordId === recordId)
  if (record === undefined) throw new Error(`no record ${recordId}`)
  return record
}

const word = (dice: Dice): string => `w${dice.below(1e9).toString(36)}`

const bind: Make = (account, dice) => {
  const known = dice.chance(0.5) ? someOf(boundOf(account), dice) : undefined
  if (known === undefined && account.devices.length > 4) return undefined
  const machineCode = known?.machineCode ?? word(dice)
  const deviceName = word(dice)
  return {
    call: { method: 'POST', path: '/device', body: { machineCode, deviceName } },
    change(to) {
      if (known) sameDevice(to, known).deviceName = deviceName
      else
        to.devices.push({ deviceId: '?0', machineCode, deviceName, bound: true, versions: {}, scopes: [], configs: {} })
    },
    told: ({ data }) => (known ? [] : [data.deviceId]),
  }
}

const unbind: Make = (account, dice) => {
  const device = dice.chance(0.1) ? someOf(boundOf(account).slice(1), dice) : undefined
  if (device === undefined) return undefined
  return {
    call: { method: 'DELETE', path: `/device/${device.deviceId}` },
    change: (to) => void Object.assign(sameDevice(to, device), { bound: false, scopes: [], configs: {} }),
    told: nothing,
  }
}

const addScopes: Make = (account, dice) => {
  const device = someOf(boundOf(account), dice)
  if (device === undefined || device.scopes.length > 120) return undefined
  const moduleCode = dice.pick(modules)
  const paths = Array.from({ length: dice.between(1, 40) }, () => `/${word(dice)}`)
  const scopeList = paths.map((localPath) => ({ localPath }))
  return {
    call: { method: 'POST', path: `/device/${device.deviceId}/scope`, body: { moduleCode, scopeList } },
    change: (to) =>
      void sameDevice(to, device).scopes.push(
        ...paths.map((localPath, index) => ({ scopeId: `?${index}`, moduleCode, localPath })),
      ),
    told: (answer) => answer.scopeList.map(({ scopeId }: { scopeId: string }) => scopeId),
  }
}

const deleteScopes: Make = (account, dice) => {
  const device = someOf(boundOf(account), dice)
  if (device === undefined || device.scopes.length === 0) return undefined
  const ids = new Set(
    device.scopes
      .filter(() => dice.chance(0.6))
      .map(({ scopeId }) => scopeId)
      .slice(0, 100),
  )
  if (ids.size === 0) return undefined
  return {
    call: { method: 'DELETE', path: `/device/${device.deviceId}/scope`, body: { scopeIdList: [...ids] } },
    change(to) {
      const same = sameDevice(to, device)
      same.scopes = same.scopes.filter(({ scopeId }) => !ids.has(scopeId))
    },
    told: nothing,
  }
}

const setConfig: Make = (account, dice) => {
  const device = someOf(boundOf(account), dice)
  if (device === undefined) return undefined
  const [moduleCode, configName, newConfigValue] = [dice.pick(modules), `name${dice.below(4)}`, word(dice)]
  const key = `${moduleCode}/${configName}`
  const currentConfigValue = device.configs[key] ?? 'never_set'
  const body = { moduleCode, configName, currentConfigValue, newConfigValue }
  return {
    call: { method: 'PATCH', path: `/device/${device.deviceId}/config`, body },
    change: (to) => void Object.assign(sameDevice(to, device).configs, { [key]: newConfigValue }),
    told: nothing,
  }
}

const lock: Make = ({ locks }, dice) => {
  const moduleCode = dice.pick(modules)
  const lockId = locks[moduleCode]
  if (lockId === undefined) {
    return {
      call: { method: 'POST', path: '/lock', body: { moduleCode } },
      change: (to) => void Object.assign(to.locks, { [moduleCode]: '?0' }),
      told: ({ data }) => [data.lockId],
    }
  }
  const isOver = dice.chance(0.3)
  return {
    call: { method: isOver ? 'DELETE' : 'PATCH', path: '/lock', lockId },
    change: (to) => (isOver ? void Reflect.deleteProperty(to.locks, moduleCode) : undefined),
    told: nothing,
  }
}

const beginRecord: Make = (account, dice) => {
  const device = someOf(boundOf(account), dice)
  const [moduleCode, lockId] = someOf(Object.entries(account.locks), dice) ?? []
  if (device === undefined || moduleCode === undefined || lockId === undefined || account.records.length > 12)
    return undefined
  const { deviceId } = device
  const properties = JSON.stringify({ note: word(dice) })
  return {
    call: { method: 'POST', path: '/record', lockId, body: { moduleCode, deviceId, properties } },
    change(to) {
      const { versions } = sameDevice(to, device)
      const version = (versions[moduleCode] ?? 0) + 1
      versions[moduleCode] = version
      to.records.push({ recordId: '?0', moduleCode, deviceId, properties, version, endTime: '', files: [] })
    },
    told: ({ data }) => [data.recordId],
  }
}

/** A record whose module is locked, and open where it is to be. */
function workable(account: UserState, dice: Dice, isOpen: boolean) {
  const record = someOf(
    account.records.filter(({ moduleCode, endTime }) => moduleCode in account.locks && (!isOpen || endTime === '')),
    dice,
  )
  return record && { record, lockId: account.locks[record.moduleCode] ?? '', path: `/record/${record.recordId}` }
}

const completeRecord: Make = (account, dice) => {
  const found = dice.chance(0.4) ? workable(account, dice, true) : undefined
  if (found === undefined) return undefined
  const untold = `?${1000 + dice.below(1e9)}` // no answer says when; the next look at the stored state does
  return {
    call: { method: 'PATCH', path: found.path, lockId: found.lockId, body: {} },
    change: (to) => void Object.assign(sameRecord(to, found.record), { endTime: untold }),
    told: nothing,
  }
}

const deleteRecord: Make = (account, dice) => {
  const found = dice.chance(0.4) ? workable(account, dice, false) : undefined
  if (found === undefined) return undefined
  return {
    call: { method: 'DELETE', path: found.path, lockId: found.lockId },
    change: (to) => void to.records.splice(to.records.indexOf(sameRecord(to, found.record)), 1),
    told: nothing,
  }
}

const createFile: Make = (account, dice) => {
  const found = workable(account, dice, true)
  if (found === undefined || found.record.files.length > 20) return undefined
  const fileName = word(dice)
  return {
    call: { method: 'POST', path: `${found.path}/file`, lockId: found.lockId, body: { fileName } },
    change: (to) =>
      void sameRecord(to, found.record).files.push({ fileId: '?0', fileName, size: null, uploadId: '?1' }),
    told: ({ fileId, uploadId }) => [fileId, uploadId],
  }
}

/** Links for an upload that waits: its plan is written, and nothing of it is in the account. */
const askForLinks: Make = (account, dice) => {
  const waiting = account.records.flatMap(({ files }) => files.filter(({ uploadId }) => uploadId !== ''))
  const file = someOf(waiting, dice)
  if (file === undefined) return undefined
  const body = { fileId: file.fileId, multiParts: [{ partNumber: 1, partSize: dice.between(1, 2000) }] }
  return {
    call: { method: 'POST', path: '!/koodrive/ose/v1/files/multipart/uploadUrl', body },
    change: () => undefined,
    told: nothing,
  }
}

const makers: readonly Make[] = [
  bind,
  unbind,
  addScopes,
  addScopes,
  deleteScopes,
  setConfig,
  setConfig,
  lock,
  beginRecord,
  completeRecord,
  deleteRecord,
  createFile,
  createFile,
  askForLinks,
]

/** A write that an account allows, drawn by chance. */
export function drawStep(account: UserState, dice: Dice): Step {
  for (;;) {
    const step = dice.pick(makers)(account, dice)
    if (step) return step
  }
}
