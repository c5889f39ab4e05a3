import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import { startEmulator } from 'koodrive-backup-emulator'

let emulator
let world

beforeAll(async () => {
  emulator = await startEmulator({ devices: 'strict' })
})
afterAll(() => emulator.close())

// A world of its own for each test, gone when the test ends.
beforeEach(() => {
  world = emulator.world(randomUUID())
})
afterEach(() => world.delete())

// Stands for your client. An address is all it is told.
async function call(method, path, body, headers) {
  const response = await fetch(`${world.url}/koodrive/ose/v1/backup${path}`, {
    method,
    headers: {
      authorization: 'Bearer any-token',
      'x-user-id': '1001',
      'x-date': new Date().toISOString().replace(/[-:]|\.\d{3}/g, ''),
      'content-type': 'application/json',
      ...headers,
    },
    body: body && JSON.stringify(body),
  })
  return response.json()
}

test('a device that was never bound is refused', async () => {
  expect(await call('GET', '/device/mistyped/scope?moduleCode=100')).toMatchObject({ code: 13000309 })
})

test('a lock is lost after ten minutes', async () => {
  const { data } = await call('POST', '/lock', { moduleCode: '100' })
  world.clock.advance('PT10M')
  expect(await call('PATCH', '/lock', undefined, { 'x-backup-lock-id': data.lockId })).toMatchObject({ code: 13990424 })
})

test('a batch whose answer was lost is there once', async () => {
  const { data } = await call('POST', '/device', { machineCode: 'LAPTOP1' })
  world.faults.add({ operations: ['batchAddBackupScope'], when: { first: 1 }, effect: { type: 'loseAnswer' } })
  const batch = { moduleCode: '100', scopeList: [{ localPath: '/photos' }] }
  await expect(call('POST', `/device/${data.deviceId}/scope`, batch)).rejects.toThrow()
  const { failedScopeList } = await call('POST', `/device/${data.deviceId}/scope`, batch)
  expect(failedScopeList[0].errorCode).toBe('13990410')
})

test('a client whose date is faked lives in a world that follows', async () => {
  jest.useFakeTimers({ now: new Date('2025-12-17T12:00:00Z'), doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] })
  try {
    world.clock.set({ now: new Date().toISOString(), frozen: true, signing: 'state' })
    expect(await call('GET', '/device')).toMatchObject({ code: 0 })
    jest.setSystemTime(new Date('2025-12-17T13:00:00Z'))
    world.clock.advance('PT1H')
    expect(await call('GET', '/device')).toMatchObject({ code: 0 })
  } finally {
    jest.useRealTimers()
  }
})
