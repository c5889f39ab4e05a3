// What somebody's TypeScript does with the package: compiled against its types, and run. Ends with status 1 where it fails.
import assert from 'node:assert/strict'
import type { ClockHandle, Emulator, EmulatorOptions, FaultsHandle, WorldHandle } from 'koodrive-backup-emulator'
import { Problem, SettingsError, StartupError, startEmulator } from 'koodrive-backup-emulator'

const options: EmulatorOptions = { devices: 'strict', scopesPerModule: 5 }
const emulator: Emulator = await startEmulator(options)
const world: WorldHandle = emulator.world('backup', { auth: 'known' })
const clock: ClockHandle = world.clock
const faults: FaultsHandle = world.faults
const { token } = world.issueToken({ userId: '1001' })
let lockId = ''

async function call(method: string, path: string, body?: object, family = 'backup') {
  const response = await fetch(`${world.url}/koodrive/ose/v1/${family}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'x-user-id': '1001',
      'x-date': new Date().toISOString().replace(/[-:]|\.\d{3}/g, ''),
      'x-backup-lock-id': lockId,
      'content-type': 'application/json',
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  return JSON.parse(await response.text())
}

const { deviceId } = (await call('POST', '/device', { machineCode: 'LAPTOP1' })).data
await call('POST', `/device/${deviceId}/scope`, { moduleCode: '100', scopeList: [{ localPath: '/photos' }] })
lockId = (await call('POST', '/lock', { moduleCode: '100' })).data.lockId
const { recordId } = (await call('POST', '/record', { moduleCode: '100', deviceId })).data
const { fileId, multiParts } = await call('POST', `/record/${recordId}/file`, { fileName: 'letter.txt', length: 5 })
assert.equal((await fetch(multiParts[0].uploadUrl, { method: 'PUT', body: 'Hello' })).status, 200)
await call('POST', '/complete', { fileId }, 'files')
clock.advance('PT5M')
await call('PATCH', '/lock')
await call('PATCH', `/record/${recordId}`, {})
await call('DELETE', '/lock')
assert.deepEqual(
  world.requests().filter(({ code }) => code !== 0 && code !== null),
  [],
)
assert.deepEqual(world.review(), [])

const fault = faults.add({ operations: '*', effect: { type: 'refuse', error: 'internal' } })
assert.equal((await call('GET', '/device')).code, 13000201)
assert.ok(faults.remove(fault.id))
assert.throws(() => clock.advance('soon'), Problem)
// @ts-expect-error there is no such option
await assert.rejects(startEmulator({ colour: 'red' }), SettingsError)
await assert.rejects(startEmulator({ port: new URL(emulator.url).port }), StartupError)
await emulator.close()
