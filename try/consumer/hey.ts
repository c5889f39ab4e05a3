// Uses the clients that hey-api generates of both documents, at the addresses that these name. Ends with status 1 where it fails.
import assert from 'node:assert/strict'
import { batchAddBackupScope, bindDevice, listBackupScope } from './api-client'
import { client } from './api-client/client.gen'
import { addFault, beginWorld, listRequests, moveClock } from './control-client'

client.setConfig({ auth: 'any-token' })
const headers = { 'X-User-Id': '1001', 'X-Date': new Date().toISOString().replace(/[-:]|\.\d{3}/g, '') }

const bound = await bindDevice({ headers, body: { machineCode: 'LAPTOP1', deviceOS: null } })
const path = { deviceId: bound.data?.data.deviceId ?? '' }
const scopeList = [{ localPath: '/photos' }, { localPath: 'photos' }, {}]
const added = await batchAddBackupScope({ headers, path, body: { moduleCode: '100', scopeList } })
assert.deepEqual(
  [added.data?.scopeList.length, added.data?.failedScopeList.map(({ errorCode }) => errorCode)],
  [1, ['13000102', '13000102']],
)
const listed = await listBackupScope({ headers, path, query: { moduleCode: '100' } })
assert.deepEqual(listed.data?.scopeList, added.data?.scopeList)

const name = 'default'
const seen = await listRequests({ path: { name }, query: { operation: 'batchAddBackupScope' } })
assert.deepEqual(
  seen.data?.requests.map(({ code, delivered }) => [code, delivered]),
  [[0, true]],
)
const clock = await moveClock({ path: { name }, body: { advance: 'PT10M', frozen: true } })
assert.equal(clock.data?.frozen, true)
const fault = await addFault({
  path: { name },
  body: { operations: ['listBackupScope'], effect: { type: 'throttle' } },
})
assert.equal(fault.data?.matched, 0)
const throttled = await listBackupScope({ headers, path, query: { moduleCode: '100' } })
assert.deepEqual([throttled.response?.status, throttled.error?.code], [429, 13990429])
const begun = await beginWorld({ path: { name: 'another' }, body: { scopesPerModule: null, seed: 'none' } })
assert.equal(begun.data?.settings.scopesPerModule, null)
const mistaken = await moveClock({ path: { name }, body: { advance: 'soon' } })
assert.match(mistaken.error?.detail ?? '', /^body\/advance/)
