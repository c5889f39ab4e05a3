import { hash } from 'node:crypto'
import type { Call } from '../client.ts'
import { canaries } from '../watch.ts'
import { fileIdOf, sendPart, withUpload } from './parts.ts'

/** The instant at which the scenario's world stands still, so that every run of it gives the same rows. */
export const noon = Date.parse('2025-12-17T12:00:00.000Z')

const world = '!/_emulator/worlds/default'
const content = 'milk, bread'

// biome-ignore lint/suspicious/noExplicitAny: answers of every form
type Told = Readonly<Record<string, any>>

interface Line {
  /** What later lines call its answer. */
  readonly as?: string
  readonly call: (told: Told) => Call
  /** Whether the emulator is to refuse it. */
  readonly refused?: true
}

const post = (path: string, body?: unknown, lockId?: string): Call => call('POST', path, body, lockId)
const call = (method: string, path: string, body?: unknown, lockId?: string): Call => ({
  method,
  path,
  ...(body === undefined ? {} : { body }),
  ...(lockId === undefined ? {} : { lockId }),
})

const scopes = (count: number, name: string) => ({
  moduleCode: '102',
  scopeList: Array.from({ length: count }, (_, index) => ({ localPath: `/${name}/${index}` })),
})

const config = (configName: string, currentConfigValue: string, newConfigValue: string) => ({
  moduleCode: '102',
  configName,
  currentConfigValue,
  newConfigValue,
})

const freeze = (): Call =>
  call('PATCH', `${world}/clock`, { frozen: true, now: new Date(noon).toISOString(), signing: 'state' })

const deviceOf = ({ device }: Told): string => `/device/${device.data.deviceId}`
const recordOf = ({ record }: Told): string => `/record/${record.data.recordId}`
const partOf =
  (partNumber: number) =>
  ({ file }: Told): Call =>
    sendPart(new URL(file.multiParts[0].uploadUrl).origin, partNumber, noon)
const completeParts = ({ parts }: Told): Call => post('!/koodrive/ose/v1/files/complete', { fileId: fileIdOf(parts) })
const lockOf = ({ lock }: Told): string => lock.data.lockId

/** Every kind of write that there is, each after the answer to the one before; refusals among them. */
export const scenario: readonly Line[] = [
  { call: freeze },
  { as: 'device', call: () => post('/device', { machineCode: 'M1', deviceName: 'one' }) },
  { call: () => post('/device', { machineCode: 'M1', deviceName: 'renamed', deviceOS: 'android' }) },
  { as: 'scopes', call: (told) => post(`${deviceOf(told)}/scope`, scopes(30, 'first')) },
  {
    call: (told) =>
      post(`${deviceOf(told)}/scope`, {
        moduleCode: '102',
        scopeList: [{ localPath: '/first/0' }, {}, { localPath: '/new' }],
      }),
  },
  { call: () => post('/device/adopted/scope', scopes(2, 'adopted')) },
  { call: (told) => call('PATCH', `${deviceOf(told)}/config`, config('backend_backup_switch', '101test2value', 'on')) },
  {
    refused: true,
    call: (told) => call('PATCH', `${deviceOf(told)}/config`, config('backend_backup_switch', 'wrong', 'off')),
  },
  { call: (told) => call('PATCH', `${deviceOf(told)}/config`, config('own', 'a', 'b')) },
  { call: () => post('/device/another/scope', scopes(1, 'after a refusal')) },
  { as: 'lock', call: () => post('/lock', { moduleCode: '100' }) },
  { refused: true, call: () => post('/lock', { moduleCode: '100' }) },
  {
    as: 'record',
    call: (told) =>
      post(
        '/record',
        { moduleCode: '100', deviceId: told['device'].data.deviceId, properties: '{"a":1}' },
        lockOf(told),
      ),
  },
  {
    as: 'file',
    call: (told) =>
      post(
        `${recordOf(told)}/file`,
        { fileName: 'a', length: content.length, sha256: hash('sha256', content) },
        lockOf(told),
      ),
  },
  { refused: true, call: (told) => post(`${recordOf(told)}/file`, { fileName: 'a', length: 1 }, lockOf(told)) },
  { refused: true, call: (told) => call('PUT', told['file'].multiParts[0].uploadUrl, 'another content') },
  { call: (told) => call('PUT', told['file'].multiParts[0].uploadUrl, content) },
  { call: (told) => post('!/koodrive/ose/v1/files/complete', { fileId: told['file'].fileId }) },
  {
    call: (told) =>
      post(
        `${recordOf(told)}/file`,
        { fileName: 'b', length: content.length, sha256: hash('sha256', content) },
        lockOf(told),
      ),
  },
  { call: () => call('PATCH', `${world}/clock`, { advance: 'PT5M' }) },
  { call: (told) => call('PATCH', '/lock', undefined, lockOf(told)) },
  { call: (told) => call('PATCH', recordOf(told), { properties: '{"b":2}' }, lockOf(told)) },
  { as: 'second', call: (told) => post('/record', { moduleCode: '100', deviceId: 'adopted' }, lockOf(told)) },
  { call: (told) => call('DELETE', recordOf(told), undefined, lockOf(told)) },
  { call: (told) => call('DELETE', '/lock', undefined, lockOf(told)) },
  {
    call: (told) =>
      call('DELETE', `${deviceOf(told)}/scope`, {
        scopeIdList: told['scopes'].scopeList.slice(5, 20).map(({ scopeId }: { scopeId: string }) => scopeId),
      }),
  },
  { call: () => post(`${world}/tokens`, { userId: 'torture', token: 'issued-in-the-scenario', lifetime: 'PT1H' }) },
  { call: () => post(`${world}/apps`, { appId: canaries.appId, appSecret: canaries.appSecret }) },
  { call: () => post(`${world}/snapshots/kept`) },
  { call: (told) => call('DELETE', deviceOf(told)) },
  { call: () => post(`${world}/snapshots/kept/restore`) },
  { as: 'state', call: () => call('GET', `${world}/state`) },
  { call: () => post(`${world}/reset`) },
  { call: freeze },
  { call: (told) => call('PUT', `${world}/state`, told['state']) },
  { call: () => post('/device/adopted/scope', scopes(3, 'last')) },
  { call: (told) => call('PUT', `${world}/state`, withUpload(told['state'])) },
  { as: 'parts', call: () => call('GET', `${world}/state`) },
  { call: freeze },
  { call: partOf(2) },
  { call: partOf(1) },
  { call: partOf(3) },
  { refused: true, call: completeParts },
  { call: partOf(2) },
  { refused: true, call: completeParts },
  { call: partOf(3) },
  { call: completeParts },
]
