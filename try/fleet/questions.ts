import assert from 'node:assert/strict'
import { basePath } from '../../schemas/common.ts'
import type { ControlOperation } from '../../schemas/control-operation.ts'
import { controlOperations } from '../../schemas/control-operations.ts'
import type { Ask } from './client.ts'

/** What is asked of a world, in this order: every route of the control plane, and the API under faults. */
export const steps: readonly (readonly [what: string, target: string, more?: Ask])[] = [
  ['beginWorld', '/_emulator/worlds/W', { method: 'PUT', body: { devices: 'strict' } }],
  ['the world by its name percent-encoded', '/_emulator/worlds/%57'],
  ['the control plane percent-encoded', '/%5Femulator/worlds/W/clock'],
  ['the control plane below another world', '/worlds/other/_emulator/worlds/W/clock'],
  ['bindDevice', `/worlds/W${basePath}/device`, { method: 'POST', body: { machineCode: 'P1' } }],
  ['listBoundDevice by header', `${basePath}/device`, { headers: { 'x-emulator-world': 'W' } }],
  ['header and prefix disagree', `/worlds/W${basePath}/device`, { headers: { 'x-emulator-world': 'V' } }],
  ['a name that is none', `${basePath}/device`, { headers: { 'x-emulator-world': 'no/name' } }],
  ['no operation', '/worlds/W/nowhere'],
  ['the default world', `${basePath}/device`],
  ['readHealth', '/_emulator/health'],
  ['readReady', '/_emulator/ready'],
  ['readMetrics', '/_emulator/metrics'],
  ['listWorlds', '/_emulator/worlds?group=W'],
  ['showWorld', '/_emulator/worlds/W'],
  ['takeSnapshot', '/_emulator/worlds/W/snapshots/a', { method: 'POST' }],
  ['listSnapshots', '/_emulator/worlds/W/snapshots'],
  ['showSnapshot', '/_emulator/worlds/W/snapshots/a/state'],
  ['compareStates', '/_emulator/worlds/W/diff?from=a'],
  ['restoreSnapshot', '/_emulator/worlds/W/snapshots/a/restore', { method: 'POST' }],
  ['dropSnapshot', '/_emulator/worlds/W/snapshots/a', { method: 'DELETE' }],
  ['exportState', '/_emulator/worlds/W/state'],
  ['importState', '/_emulator/worlds/W/state', { method: 'PUT', body: {} }],
  ['readClock', '/_emulator/worlds/W/clock'],
  ['moveClock', '/_emulator/worlds/W/clock', { method: 'PATCH', body: { frozen: true, now: '2030-01-01T00:00:00Z' } }],
  ['issueToken', '/_emulator/worlds/W/tokens', { method: 'POST', body: { userId: '1001', token: 'a-token' } }],
  ['expireToken', '/_emulator/worlds/W/tokens', { method: 'DELETE', body: { token: 'a-token' } }],
  ['registerApp', '/_emulator/worlds/W/apps', { method: 'POST', body: { appId: 'a', appSecret: 's' } }],
  [
    'explainRequest',
    '/_emulator/worlds/W/explain',
    { method: 'POST', body: { method: 'GET', path: '/nowhere', headers: {} } },
  ],
  ['listFaults', '/_emulator/worlds/W/faults'],
  ['changeFault', '/_emulator/worlds/W/faults/none', { method: 'PATCH', body: { paused: true } }],
  [
    'matchFault',
    '/_emulator/worlds/W/faults/match',
    { method: 'POST', body: { operations: '*', effect: { type: 'reset' } } },
  ],
  ['showRequest', '/_emulator/worlds/W/requests/999'],
  ['exportRequest', '/_emulator/worlds/W/requests/999.har'],
  ['replayRequest', '/_emulator/worlds/W/requests/999/replay', { method: 'POST' }],
  ['showCoverage', '/_emulator/worlds/W/coverage'],
  ['clearCoverage', '/_emulator/worlds/W/coverage', { method: 'DELETE' }],
  ['clearAllCoverage', '/_emulator/coverage', { method: 'DELETE' }],
  ['showAllCoverage', '/_emulator/coverage'],
  ['readCatalogue', '/_emulator/catalogue'],
  ['countRequests', '/_emulator/worlds/W/requests/count'],
  ['listRequests', '/_emulator/worlds/W/requests?limit=0'],
  ['exportRequests', '/_emulator/worlds/W/requests.har?limit=0'],
  ['reviewRequests', '/_emulator/worlds/W/review'],
  ['clearRequests', '/_emulator/worlds/W/requests', { method: 'DELETE' }],
  ['exportArchive', '/_emulator/worlds/W/archive'],
  ['resetWorld', '/_emulator/worlds/W/reset', { method: 'POST' }],
  ['the documentation', '/_emulator/docs'],
  ['the document', '/_emulator/openapi.json'],
]

/** Asked at the end, once the faults had their turn. */
export const last: typeof steps = [
  ['removeFault', '/_emulator/worlds/W/faults/none', { method: 'DELETE' }],
  ['clearFaults', '/_emulator/worlds/W/faults', { method: 'DELETE' }],
  ['deleteWorld', '/_emulator/worlds/W', { method: 'DELETE' }],
  ['deleteGroup', '/_emulator/worlds?group=W', { method: 'DELETE' }],
]

/** Asked in a way of their own. */
const apart = ['addFault', 'watchRequests', 'watchEvents', 'adoptArchive']

export const effects: readonly object[] = [
  { type: 'reset' },
  { type: 'loseAnswer' },
  { type: 'truncate', bytes: 10 },
  { type: 'refuse', error: 'internal' },
  { type: 'gateway', code: 'APIGW.0201' },
  { type: 'refuse', status: 503, code: 1, msg: 'x' },
  { type: 'throttle', retryAfter: 3 },
  { type: 'html' },
  { type: 'redirect', status: 302, location: 'https://elsewhere.example/' },
  { type: 'latency', ms: 300 },
  { type: 'slow', bytesPerSecond: 5000 },
]

/** Every route of the control plane is among the steps, so that none that is added breaks routing unnoticed. */
export function coverRoutes(): void {
  const asked = new Set([...steps, ...last].map(([what]) => what))
  const missing = Object.keys(controlOperations satisfies Readonly<Record<string, ControlOperation>>)
  assert.deepEqual(
    missing.filter((id) => !asked.has(id) && !apart.includes(id)),
    [],
    'every operation of the control plane is asked',
  )
}
