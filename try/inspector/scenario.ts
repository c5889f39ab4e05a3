import { createHash } from 'node:crypto'
import type { Emulator, WorldHandle } from '../../src/index.ts'

/** When it happens, by the state clock. */
export const begin = '2026-11-25T02:00:00.000Z'

export const world = 'nightly-backup'
export const user = '1001'
/** Which must appear nowhere. */
export const token = 'a-token-of-ann'

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** What a call sends beside the usual. */
interface Extra {
  readonly body?: unknown
  readonly lock?: string
  readonly date?: string
  /** By how much the state clock goes on before it, as an ISO 8601 duration. */
  readonly after?: string
}

/** A client of a world whose clock stands still between its calls. */
export interface Client {
  readonly handle: WorldHandle
  call(method: string, path: string, extra?: Extra): Promise<Answer>
}

const xDate = (instant: string): string => instant.replace(/[-:]|\.\d{3}/g, '')

export function clientOf(handle: WorldHandle): Client {
  return {
    handle,
    async call(method, path, { body, lock, date, after = 'PT0.310S' } = {}) {
      const { signingNow } = handle.clock.advance(after)
      const response = await fetch(`${handle.url}/koodrive/ose/v1/backup${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'x-user-id': user,
          'x-date': date ?? xDate(signingNow),
          'user-agent': 'ann-backup/3.2',
          ...(lock === undefined ? {} : { 'x-backup-lock-id': lock }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch(() => null)
      const text = response === null ? '{}' : await response.text()
      return { status: response?.status ?? 0, body: JSON.parse(text || '{}') }
    },
  }
}

const dataOf = ({ body }: Answer): Record<string, string> => Object(body['data'])

/** Other worlds, so that one can be chosen. */
async function surround(emulator: Emulator): Promise<void> {
  for (const name of ['ci-42', 'contract-tests']) emulator.world(name, { seed: 'none' })
  const other = clientOf(emulator.world('default', {}))
  await other.call('GET', '/device', { after: 'PT0S' })
}

/** A client's night: a backup with every kind of mistake in it, twenty-four calls. */
export async function playNight(emulator: Emulator): Promise<Client> {
  await surround(emulator)
  const handle = emulator.world(world, { seed: 'bundled', changes: true })
  handle.clock.set({ frozen: true, now: begin, signing: 'state' })
  const client = clientOf(handle)
  const { call } = client
  const deviceId = await bind(client)
  const lock = await open(client, deviceId)
  await scopes(client, deviceId)
  await configure(client, deviceId)
  const record = await begun(client, deviceId, lock)
  await later(client, lock, record)
  await throttled(client, deviceId)
  await call('PATCH', '/lock', { lock, after: 'PT10M2S' })
  await call('POST', '/lock', { body: { moduleCode: '101' } })
  await call('GET', '/device')
  return client
}

async function bind({ call, handle }: Client): Promise<string> {
  const phone = { machineCode: 'PIXEL9_4F2A', deviceName: 'Ann phone', deviceOS: 'Android 17', osPatch: '2026-11-05' }
  const bound = await call('POST', '/device', { body: phone, after: 'PT0.163S' })
  await call('POST', '/device', { body: { ...phone, machineCode: 'PIXEL 9' } })
  await call('GET', '/device')
  handle.snapshot('bound')
  return dataOf(bound)['deviceId'] ?? ''
}

async function open({ call, handle }: Client, deviceId: string): Promise<string> {
  handle.faults.add({
    operations: ['createBackupLock'],
    when: { first: 1 },
    effect: { type: 'refuse', error: 'internal' },
  })
  handle.faults.add({
    operations: ['batchAddBackupScope'],
    deviceId,
    when: { first: 1 },
    effect: { type: 'loseAnswer' },
  })
  const body = { moduleCode: '100' }
  await call('POST', '/lock', { body })
  const taken = await call('POST', '/lock', { body })
  return dataOf(taken)['lockId'] ?? ''
}

async function scopes({ call }: Client, deviceId: string): Promise<void> {
  const both = [{ localPath: '/DCIM/Camera', targetFolderPath: '/Backup/Camera' }, { localPath: '/Download' }]
  const more = [{ localPath: '/Music' }, { localPath: '/Download' }, { localPath: '/Documents' }]
  for (const scopeList of [both, both, more]) {
    await call('POST', `/device/${deviceId}/scope`, { body: { moduleCode: '100', scopeList } })
  }
  await call('GET', `/device/${deviceId}/scope?moduleCode=100`)
}

async function configure({ call }: Client, deviceId: string): Promise<void> {
  const change = {
    moduleCode: '102',
    configName: 'backend_backup_switch',
    currentConfigValue: 'off',
    newConfigValue: 'on',
  }
  await call('GET', `/device/${deviceId}/configs?moduleCode=102`)
  await call('PATCH', `/device/${deviceId}/config`, { body: change })
  await call('GET', `/device/${deviceId}/configs?moduleCode=102`)
}

async function begun({ call }: Client, deviceId: string, lock: string): Promise<string> {
  const record = await call('POST', '/record', { body: { moduleCode: '100', deviceId }, lock })
  return dataOf(record)['recordId'] ?? ''
}

async function later({ call, handle }: Client, lock: string, record: string): Promise<void> {
  const sha256 = createHash('sha256').update('a photograph').digest('hex').toUpperCase()
  const file = { fileName: 'IMG_2041.HEIC', parentFolder: ['DCIM'], sha256, length: 12 }
  await call('PATCH', '/lock', { lock, after: 'PT8M25.443S' })
  await call('POST', `/record/${record}/file`, { body: file, lock })
  handle.snapshot('file-announced')
  await call('GET', '/record?moduleCode=100')
  await call('POST', '/lock', { body: { moduleCode: '100' } })
  const tooEarly = xDate(new Date(Date.parse(handle.clock.read().now) - 961_000).toISOString())
  await call('GET', '/device', { date: tooEarly })
}

async function throttled({ call, handle }: Client, deviceId: string): Promise<void> {
  const effect = { type: 'throttle', retryAfter: 3 } as const
  handle.faults.add({ operations: '*', deviceId, when: { every: 2 }, effect })
  for (const _ of [1, 2, 3]) await call('GET', `/device/${deviceId}/configs?moduleCode=102`)
}
