import { randomUUID } from 'node:crypto'
import type { Emulator, WorldHandle } from 'koodrive-backup-emulator'
import { startEmulator } from 'koodrive-backup-emulator'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'

let emulator: Emulator
let world: WorldHandle

beforeAll(async () => {
  emulator = await startEmulator({ devices: 'strict' })
  return () => emulator.close()
})

// What a hook returns is called when the test is over.
beforeEach(() => {
  world = emulator.world(randomUUID())
  return () => world.delete()
})

interface Answer {
  readonly code: number
  readonly data?: { readonly deviceId?: string; readonly lockId?: string; readonly configValue?: string }
}

// Stands for your client, which tries again once when the server fails. An address is all it is told.
async function call(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answer> {
  const send = () =>
    fetch(`${world.url}/koodrive/ose/v1/backup${path}`, {
      method,
      headers: {
        authorization: 'Bearer any-token',
        'x-user-id': '1001',
        'x-date': new Date().toISOString().replace(/[-:]|\.\d{3}/g, ''),
        'content-type': 'application/json',
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    })
  const response = await send()
  return (response.status === 500 ? await send() : response).json() as Promise<Answer>
}

describe('a configuration', () => {
  const change = (from: string, to: string) => ({
    moduleCode: '102',
    configName: 'backend_backup_switch',
    currentConfigValue: from,
    newConfigValue: to,
  })

  test('changes once its present value is named', async () => {
    const { data } = await call('POST', '/device', { machineCode: 'LAPTOP1' })
    const path = `/device/${data?.deviceId}/config`
    const present = await call('GET', `${path}?moduleCode=102&configName=backend_backup_switch`)
    expect(await call('PATCH', path, change('stale', 'on'))).toMatchObject({ code: 13990409 })
    expect(await call('PATCH', path, change(`${present.data?.configValue}`, 'on'))).toMatchObject({ code: 0 })
  })

  test('of a device that was never bound is refused', async () => {
    expect(await call('PATCH', '/device/mistyped/config', change('off', 'on'))).toMatchObject({ code: 13000309 })
  })
})

test.each([
  ['PT9M59.999S', 0],
  ['PT10M', 13990424],
])('%s after it was taken, renewing a lock answers %i', async (passed, code) => {
  world.clock.set({ frozen: true })
  const { data } = await call('POST', '/lock', { moduleCode: '100' })
  world.clock.advance(passed)
  expect(await call('PATCH', '/lock', undefined, { 'x-backup-lock-id': `${data?.lockId}` })).toMatchObject({ code })
})

test('a call that the server failed is tried again, once', async () => {
  world.faults.add({
    operations: ['createBackupLock'],
    when: { first: 1 },
    effect: { type: 'refuse', error: 'internal' },
  })
  await call('POST', '/lock', { moduleCode: '100' })
  expect(world.requests().map(({ operation, status }) => [operation, status])).toEqual([
    ['createBackupLock', 500],
    ['createBackupLock', 200],
  ])
})
