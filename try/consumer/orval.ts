// Uses the clients that orval generates of both documents, at the addresses that these name. Ends with status 1 where it fails.
import assert from 'node:assert/strict'
import { batchAddBackupScope, bindDevice } from './api-client'
import { addFault, listRequests, moveClock } from './control-client'

const headers = () => ({
  'Content-Type': 'application/json',
  Authorization: 'Bearer any-token',
  'X-User-Id': '1001',
  'X-Date': new Date().toISOString().replace(/[-:]|\.\d{3}/g, ''),
})

const bound = await bindDevice({ machineCode: 'LAPTOP1', deviceOS: null }, { headers: headers() })
if (bound.status !== 200) assert.fail(`${bound.status}`)
const { deviceId } = bound.data.data
const scopeList = [{ localPath: '/photos' }, { localPath: 'photos' }, {}]
const added = await batchAddBackupScope(deviceId, { moduleCode: '100', scopeList }, { headers: headers() })
if (added.status !== 200) assert.fail(`${added.status}`)
assert.deepEqual(
  [added.data.scopeList.length, added.data.failedScopeList.map(({ errorCode }) => errorCode)],
  [1, ['13000102', '13000102']],
)

const seen = await listRequests('default', { operation: 'batchAddBackupScope' })
if (seen.status !== 200) assert.fail(`${seen.status}`)
assert.deepEqual(
  seen.data.requests.map(({ code, delivered }) => [code, delivered]),
  [[0, true]],
)
const clock = await moveClock('default', { advance: 'PT10M', frozen: true })
if (clock.status !== 200) assert.fail(`${clock.status}`)
assert.equal(clock.data.frozen, true)
const fault = await addFault('default', { operations: '*', effect: { type: 'throttle' } })
assert.equal(fault.status, 201)
const throttled = await bindDevice({ machineCode: 'LAPTOP1' }, { headers: headers() })
if (throttled.status !== 429) assert.fail(`${throttled.status}`)
assert.equal(throttled.data.code, 13990429)
