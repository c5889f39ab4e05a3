import { basePath, familyPath } from '../schemas/common.ts'

/** One request of a client, as data. */
export interface Call {
  readonly method: string
  /** A path, or an address that an answer handed out. */
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

interface Identified {
  readonly deviceId?: string
  readonly lockId?: string
  readonly recordId?: string
}

/** What an answer tells that later requests need. */
export interface Told {
  readonly data?: Identified | readonly unknown[]
  readonly fileId?: string
  readonly multiParts?: readonly { readonly uploadUrl: string }[]
  readonly scopeList?: readonly { readonly scopeId: string }[]
}

/** Calls one after the other; each answer is given to `next`. */
export type Session<Result = void> = Generator<Call, Result, Told>

const moduleCode = '100'
const content = 'koodrive'

const json = (method: string, path: string, body?: object, headers = {}): Call => ({
  method,
  target: path,
  headers,
  ...(body !== undefined && { body: JSON.stringify(body) }),
})
const call = (method: string, path: string, body?: object, headers = {}): Call =>
  json(method, `${basePath}${path}`, body, headers)

const identified = ({ data }: Told): Identified => (data !== undefined && !('length' in data) ? data : {})

/** The first change of a configuration sets it, whatever it names as current. */
const firstChange = { moduleCode, configName: 'wifiOnly', currentConfigValue: 'off', newConfigValue: 'on' }

/** What is there after a backup. */
interface Kept {
  readonly deviceId: string
  readonly recordId: string
  readonly scopeIds: readonly string[]
}

/**
 * A whole backup of two files: twenty calls, all of which succeed where the machine is new.
 *
 * @param machineCode letters and digits
 */
export function* backup(machineCode: string): Session<Kept> {
  const { deviceId = '' } = identified(yield call('POST', '/device', { machineCode }))
  const device = `/device/${deviceId}`
  yield call('GET', '/device')
  yield call('PATCH', `${device}/config`, firstChange)
  yield call('GET', `${device}/config?moduleCode=${moduleCode}&configName=wifiOnly`)
  yield call('GET', `${device}/configs?moduleCode=${moduleCode}`)
  const scopeList = ['/photos', '/letters', '/music'].map((localPath) => ({ localPath, targetFolderPath: '/backup' }))
  const added = yield call('POST', `${device}/scope`, { moduleCode, scopeList })
  yield call('GET', `${device}/scope?moduleCode=${moduleCode}`)
  const { lockId = '' } = identified(yield call('POST', '/lock', { moduleCode }))
  const held = { 'x-backup-lock-id': lockId }
  yield call('PATCH', '/lock', undefined, held)
  const { recordId = '' } = identified(yield call('POST', '/record', { moduleCode, deviceId }, held))
  yield call('GET', `/record/${recordId}`)
  for (const fileName of ['one.txt', 'two.txt']) yield* upload(recordId, fileName, held)
  yield call('GET', `/record/${recordId}/files?pageSize=10`)
  yield call('PATCH', `/record/${recordId}`, {}, held)
  yield call('DELETE', '/lock', undefined, held)
  return { deviceId, recordId, scopeIds: (added.scopeList ?? []).map(({ scopeId }) => scopeId) }
}

function* upload(recordId: string, fileName: string, held: object): Session<void> {
  const { fileId, multiParts: [part] = [] } = yield announced(recordId, fileName, held)
  yield { method: 'PUT', target: `${part?.uploadUrl}`, body: content }
  yield json('POST', `${familyPath}/files/complete`, { fileId })
}

const announced = (recordId: string, fileName: string, held: object): Call =>
  call('POST', `/record/${recordId}/file`, { fileName, length: content.length }, held)

/** What a backup leaves is looked at, and taken away again, together with a file whose link is asked for twice. */
function* takeAway({ deviceId, recordId, scopeIds }: Kept): Session {
  yield call('GET', `/record?moduleCode=${moduleCode}&deviceId=${deviceId}&pageSize=20`)
  const held = { 'x-backup-lock-id': identified(yield call('POST', '/lock', { moduleCode })).lockId ?? '' }
  const again = identified(yield call('POST', '/record', { moduleCode, deviceId }, held)).recordId ?? ''
  const { fileId } = yield announced(again, 'three.txt', held)
  const multiParts = [{ partNumber: 1, partSize: content.length }]
  const linked = yield json('POST', `${familyPath}/files/multipart/uploadUrl`, { fileId, multiParts })
  yield { method: 'PUT', target: `${linked.multiParts?.[0]?.uploadUrl}`, body: content }
  yield json('POST', `${familyPath}/files/complete`, { fileId })
  for (const id of [again, recordId]) yield call('DELETE', `/record/${id}`, undefined, held)
  yield call('DELETE', '/lock', undefined, held)
  yield call('DELETE', `/device/${deviceId}/scope`, { scopeIdList: scopeIds })
  yield call('DELETE', `/device/${deviceId}`)
}

/** Every operation there is, from binding a machine to unbinding it. */
export function* everything(machineCode: string): Session {
  yield* takeAway(yield* backup(machineCode))
}
