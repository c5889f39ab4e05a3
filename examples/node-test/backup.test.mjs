import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { startEmulator } from 'koodrive-backup-emulator'

let emulator

before(async () => {
  emulator = await startEmulator({ devices: 'strict' })
})

after(() => emulator.close())

// A world of its own for one test, gone when the test ends.
function worldFor(t) {
  const world = emulator.world(randomUUID())
  t.after(() => world.delete())
  return world
}

// Stands for your client. An address is all it is told.
async function call({ url }, method, path, body, lockId, family = 'backup') {
  const response = await fetch(`${url}/koodrive/ose/v1/${family}${path}`, {
    method,
    headers: {
      authorization: 'Bearer any-token',
      'x-user-id': '1001',
      'x-date': new Date().toISOString().replace(/[-:]|\.\d{3}/g, ''),
      'content-type': 'application/json',
      ...(lockId && { 'x-backup-lock-id': lockId }),
    },
    body: body && JSON.stringify(body),
  })
  return response.json()
}

test('a backup leaves nothing open behind it', async (t) => {
  const world = worldFor(t)
  const { deviceId } = (await call(world, 'POST', '/device', { machineCode: 'LAPTOP1' })).data
  const { lockId } = (await call(world, 'POST', '/lock', { moduleCode: '100' })).data
  const { recordId } = (await call(world, 'POST', '/record', { moduleCode: '100', deviceId }, lockId)).data
  const announced = { fileName: 'letter.txt', length: 5 }
  const { fileId, multiParts } = await call(world, 'POST', `/record/${recordId}/file`, announced, lockId)
  await fetch(multiParts[0].uploadUrl, { method: 'PUT', body: 'Hello' })
  await call(world, 'POST', '/complete', { fileId }, undefined, 'files')
  await call(world, 'PATCH', `/record/${recordId}`, {}, lockId)
  await call(world, 'DELETE', '/lock', undefined, lockId)

  const { data } = await call(world, 'GET', `/record/${recordId}/files?pageSize=10`)
  assert.deepEqual(data.map(({ fileName }) => fileName), ['letter.txt'])
  assert.ok(world.requests().every(({ status }) => status === 200))
  assert.deepEqual(world.review(), [])
})

test('a device that was never bound is refused', async (t) => {
  const answer = await call(worldFor(t), 'GET', '/device/mistyped/scope?moduleCode=100')
  assert.equal(answer.code, 13000309)
})

test('a lock is lost after ten minutes', async (t) => {
  const world = worldFor(t)
  const { lockId } = (await call(world, 'POST', '/lock', { moduleCode: '100' })).data
  world.clock.advance('PT10M')
  assert.equal((await call(world, 'PATCH', '/lock', undefined, lockId)).code, 13990424)
})

test('a batch whose answer was lost is there once', async (t) => {
  const world = worldFor(t)
  const { deviceId } = (await call(world, 'POST', '/device', { machineCode: 'LAPTOP1' })).data
  world.faults.add({ operations: ['batchAddBackupScope'], when: { first: 1 }, effect: { type: 'loseAnswer' } })
  const batch = { moduleCode: '100', scopeList: [{ localPath: '/photos' }] }
  await assert.rejects(call(world, 'POST', `/device/${deviceId}/scope`, batch))
  const { failedScopeList } = await call(world, 'POST', `/device/${deviceId}/scope`, batch)
  assert.equal(failedScopeList[0].errorCode, '13990410')
})
