import { once } from 'node:events'
import http, { Agent } from 'node:http'
import type { Test } from 'tap'
import t from 'tap'
import type { Facts } from '../src/journal/facts.ts'
import { factsOf } from '../src/journal/facts.ts'
import type { Reviewable, Reviewed } from '../src/review/reviewed.ts'
import { review } from '../src/review/rules.ts'
import type { Driven, Sent } from './fixtures/client.ts'
import { batch, driven, jsonOf } from './fixtures/client.ts'
import { closeShared } from './fixtures/correct-clients.ts'
import { exampleDevice, noon, xDate } from './fixtures/emulator.ts'
import { reviewOfCorrectClients } from './fixtures/interleaving.ts'

const otherDevice = '1775406005920779393'

/** A client's day, told by what it does; ids of entries count from 1. */
interface Client extends Driven {
  ask(sent: Sent): Promise<ReturnType<typeof jsonOf>>
  /** Lets the state clock go on. */
  pass(duration: string): Promise<unknown>
  lock(moduleCode?: string): Promise<Record<string, string>>
  record(lock: Record<string, string>): Promise<string>
  file(lock: Record<string, string>, recordId: string, fileName?: string): Promise<string>
  /** Of the scopes that are stored. */
  scopeIds(): Promise<string[]>
  /** Begins to send, and ends once that was answered and `then` done. */
  halfSent(path: string, then: () => void): Promise<void>
}

const emulator = await driven(t, { maxWorlds: '5000' })

/** A client of a world of its own, where the state clock stands still. */
async function clientOf(world: string): Promise<Client> {
  const steer: Driven['steer'] = (method, path, body) => emulator.steer(method, path, body, world)
  const send: Driven['send'] = (sent = {}) => emulator.send({ ...sent, world })
  await steer('PUT', '', { completion: 'put' })
  await steer('PATCH', '/clock', { frozen: true, now: new Date(emulator.time.now).toISOString() })
  const ask = async (sent: Sent) => {
    const seen = await send(sent)
    return seen.error !== null || seen.text === '' ? {} : jsonOf(seen)
  }
  return {
    ...emulator,
    steer,
    send,
    ask,
    fault: (fault) => emulator.fault(fault, world),
    findings: () => emulator.findings(world),
    pass: (duration) => steer('PATCH', '/clock', { advance: duration }),
    async lock(moduleCode = '102') {
      const { data } = await ask({ path: '/lock', body: { moduleCode } })
      return { 'x-backup-lock-id': data?.lockId ?? 'unknown' }
    },
    async record(headers) {
      const body = { moduleCode: '102', deviceId: exampleDevice }
      return (await ask({ path: '/record', headers, body })).data?.recordId
    },
    async file(headers, recordId, fileName = 'a') {
      const { multiParts } = await ask({ path: `/record/${recordId}/file`, headers, body: { fileName } })
      if (multiParts === undefined) return ''
      const { pathname, search } = new URL(multiParts[0].uploadUrl)
      return `${pathname.slice(`/worlds/${world}`.length)}${search}`
    },
    async scopeIds() {
      return (await steer('GET', '/state')).text.match(/(?<="scopeId":")[0-9]+/g) ?? []
    },
    async halfSent(path, then) {
      const headers = { ...emulator.headers(), 'content-length': 2 }
      const sending = http.request(`${emulator.url}/worlds/${world}${path}`, { method: 'PUT', headers, agent: false })
      sending.write('a')
      const [answer] = await once(sending, 'response')
      then()
      sending.end('b')
      await once(answer.resume(), 'end')
      await emulator.journal(1, '?operation=uploadPart', world)
    },
  }
}

/** A client with a connection of its own, which it keeps. */
function keeping(t: Test): { agent: Agent } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  return { agent }
}

const release = (headers: Record<string, string>): Sent => ({ method: 'DELETE', path: '/lock', headers })
const renew = (headers: Record<string, string>): Sent => ({ method: 'PATCH', path: '/lock', headers })
const complete = (headers: Record<string, string>, id: string): Sent => ({
  method: 'PATCH',
  path: `/record/${id}`,
  headers,
  body: {},
})
const upload = (path: string): Sent => ({ method: 'PUT', path: `!${path}`, body: 'content' })
const change = (currentConfigValue: string, device = exampleDevice, configName = 'backend_backup_switch'): Sent => ({
  method: 'PATCH',
  path: `/device/${device}/config`,
  body: { moduleCode: '102', configName, currentConfigValue, newConfigValue: 'new' },
})
const view = (configName = 'backend_backup_switch', device = exampleDevice): Sent => ({
  method: 'GET',
  path: `/device/${device}/config?moduleCode=102&configName=${configName}`,
})
const listConfigs: Sent = { method: 'GET', path: `/device/${exampleDevice}/configs?moduleCode=102` }
const page = (cursor = ''): Sent => ({ method: 'GET', path: `/record?moduleCode=102&pageSize=1${cursor}` })
const scopes = (device: string, ...paths: string[]): Sent => ({
  path: `/device/${device}/scope`,
  body: batch(...paths),
})
const loseFirst = (operation: string) => ({
  operations: [operation],
  when: { first: 1 },
  effect: { type: 'loseAnswer' },
})
const cutFirst = (operation: string) => ({
  ...loseFirst(operation),
  effect: { type: 'truncate', bytes: 10 },
})
/** So many paths of 200 characters. */
const long = (count: number, name = 'folder') =>
  Array.from({ length: count }, (_, index) => `/${name}/${'x'.repeat(190)}/${index}`)
const throttleFirst = (effect = {}) => ({
  operations: '*',
  when: { first: 1 },
  effect: { type: 'throttle', ...effect },
})

/** Scopes are added, which their client is not told, and taken away by somebody else before the next list. */
async function loseAndTakeAway(one: Client): Promise<void> {
  await one.fault(loseFirst('batchAddBackupScope'))
  await one.ask(scopes(exampleDevice, '/a'))
  const [scopeId] = await one.scopeIds()
  const taking = { method: 'DELETE', path: '/device/{deviceId}/scope', body: { scopeIdList: [scopeId] } }
  await one.fault({ operations: ['listBackupScope'], effect: { type: 'meanwhile', requests: [taking] } })
}

interface Day {
  readonly title: string
  readonly act: (client: Client, t: Test) => Promise<unknown>
  /** The entries of each finding. */
  readonly shows: readonly (readonly number[])[]
}

async function inTurn(client: Client, ...all: Sent[]): Promise<void> {
  for (const sent of all) await client.ask(sent)
}

const days: Record<string, readonly Day[]> = {
  'lock-never-released': [
    { title: 'kept', act: (one) => one.lock(), shows: [[1]] },
    { title: 'released', act: async (one) => one.ask(release(await one.lock())), shows: [] },
    {
      title: 'released only after it had expired',
      act: async (one) => {
        const lock = await one.lock()
        await one.pass('PT11M')
        await one.ask(release(lock))
      },
      shows: [],
    },
    {
      title: 'released without authorization, which is no release',
      act: async (one) => one.ask({ ...release({ ...(await one.lock()), authorization: '' }) }),
      shows: [[1]],
    },
    {
      title: 'released in the name of another user, who has no such lock',
      act: async (one) => one.ask({ ...release({ ...(await one.lock()), 'x-user-id': '77' }) }),
      shows: [[1]],
    },
    {
      title: 'one of two kept',
      act: async (one) => {
        const first = await one.lock('100')
        await one.lock('101')
        await one.ask(release(first))
      },
      shows: [[2]],
    },
    {
      title: 'never learned of, since the answer was lost',
      act: async (one) => {
        await one.fault(loseFirst('createBackupLock'))
        await one.lock()
      },
      shows: [],
    },
    {
      title: 'never learned of, since the answer was cut off',
      act: async (one) => {
        await one.fault(cutFirst('createBackupLock'))
        await one.lock()
      },
      shows: [],
    },
    {
      title: 'lapsed and taken anew',
      act: async (one) => {
        await one.lock()
        await one.pass('PT15M')
        await one.ask(release(await one.lock()))
      },
      shows: [],
    },
    {
      title: 'lapsed, which a call that needed it was told, by a renewal or otherwise',
      act: async (one) => {
        const [first, second] = [await one.lock('100'), await one.lock()]
        await one.ask(renew(second))
        await one.pass('PT15M')
        await one.ask(renew(first))
        await one.record(second)
      },
      shows: [],
    },
    {
      title: 'taken away by somebody else, as its holder heard',
      act: async (one) => {
        const requests = [{ method: 'DELETE', path: '/lock' }]
        await one.fault({ operations: ['createBackupRecord'], effect: { type: 'meanwhile', requests } })
        await one.record(await one.lock())
      },
      shows: [],
    },
    {
      title: 'used for another module, which it is not for',
      act: async (one) => one.record(await one.lock('100')),
      shows: [[1]],
    },
    {
      title: 'refused its release, or given no answer to it',
      act: async (one) => {
        const [first, second] = [await one.lock('100'), await one.lock('101')]
        await one.fault({
          operations: ['releaseBackupLock'],
          when: { first: 1 },
          effect: { type: 'refuse', error: 'internal' },
        })
        await one.fault(loseFirst('releaseBackupLock'))
        await inTurn(one, release(first), release(second))
      },
      shows: [],
    },
    {
      title: 'undone by a restore, while one that was taken since is kept',
      act: async (one) => {
        await one.steer('POST', '/snapshots/before')
        await one.lock()
        await one.steer('POST', '/snapshots/before/restore')
        await one.lock('101')
      },
      shows: [[2]],
    },
  ],
  'lock-renewed-late': [
    ...(
      [
        ['in time', ['PT8M', 'PT8M'], []],
        ['late', ['PT8M0.001S'], [[1, 2]]],
        ['late the second time', ['PT1M', 'PT9M'], [[2, 3]]],
        ['too late', ['PT10M'], [[1, 2]]],
      ] as const
    ).map(([title, spans, shows]) => ({
      title,
      shows,
      act: async (one: Client) => {
        const lock = await one.lock()
        for (const span of spans) {
          await one.pass(span)
          await one.ask(renew(lock))
        }
      },
    })),
    {
      title: 'after its release, which is another mistake',
      act: async (one) => {
        const lock = await one.lock()
        await one.ask(release(lock))
        await one.pass('PT9M')
        await one.ask(renew(lock))
      },
      shows: [],
    },
    {
      title: 'tried in time, and refused for what was not its fault',
      act: async (one) => {
        const lock = await one.lock()
        await one.fault({ operations: ['renewalBackupLock'], when: { first: 1 }, effect: { type: 'reset' } })
        for (const _ of [1, 2]) {
          await one.pass('PT7M')
          await one.ask(renew(lock))
        }
      },
      shows: [],
    },
  ],
  'change-without-reading': [
    { title: 'again at once', act: (one) => inTurn(one, change('a'), change('b')), shows: [[1, 2]] },
    { title: 'after viewing it', act: (one) => inTurn(one, change('a'), view(), change('101test2value')), shows: [] },
    { title: 'after listing', act: (one) => inTurn(one, change('a'), listConfigs, change('b')), shows: [] },
    {
      title: 'after viewing another',
      act: (one) => inTurn(one, change('a'), view('other'), change('b')),
      shows: [[1, 3]],
    },
    {
      title: 'after viewing that of another device',
      act: (one) => inTurn(one, change('a'), view('backend_backup_switch', otherDevice), change('b')),
      shows: [[1, 3]],
    },
    { title: 'of two devices by turns', act: (one) => inTurn(one, change('a'), change('a', otherDevice)), shows: [] },
    { title: 'of two names', act: (one) => inTurn(one, change('a'), change('a', exampleDevice, 'other')), shows: [] },
    { title: 'after an invalid request', act: (one) => inTurn(one, change('a b'), change('101test2value')), shows: [] },
    ...(['each with a connection', 'over one connection', 'with connections anew'] as const).map((title) => ({
      title: `two clients that compare and set in turns, ${title}`,
      act: async (one: Client, t: Test) => {
        const common = keeping(t)
        const [a, b, c] = [0, 1, 2].map(() =>
          title === 'over one connection' ? common : title === 'with connections anew' ? {} : keeping(t),
        )
        const first = '101test2value'
        await inTurn(one, { ...view(), ...a }, { ...view(), ...b }, { ...change(first), ...a })
        await inTurn(one, { ...view(), ...c }, { ...change(first), ...b }, { ...change('new'), ...c })
        await inTurn(one, { ...view(), ...b }, { ...change('new'), ...b })
      },
      shows: [],
    })),
    {
      title: 'again over one connection, while another client reads',
      act: async (one, t) => {
        const [a, b] = [keeping(t), keeping(t)]
        await inTurn(one, { ...change('a'), ...a }, { ...view(), ...b }, { ...change('b'), ...a })
      },
      shows: [[1, 3]],
    },
    {
      title: 'by another client, which was there before',
      act: async (one, t) => {
        const [a, b] = [keeping(t), keeping(t)]
        await inTurn(one, { ...listConfigs, ...a }, { ...listConfigs, ...b }, { ...change('a'), ...a })
        await inTurn(one, { ...change('b'), ...b })
      },
      shows: [],
    },
    {
      title: 'after a reading whose answer was lost',
      act: async (one) => {
        await one.fault(loseFirst('getConfigInfo'))
        await inTurn(one, change('a'), view(), change('b'))
      },
      shows: [[1, 3]],
    },
  ],
  'change-sent-again': [
    {
      title: 'as it was, after its answer was lost',
      act: async (one) => {
        await one.fault(loseFirst('updateConfigInfo'))
        await inTurn(one, view(), change('101test2value'), change('101test2value'))
      },
      shows: [[2, 3]],
    },
    {
      title: 'after reading',
      act: async (one) => {
        await one.fault(loseFirst('updateConfigInfo'))
        await inTurn(one, change('101test2value'), listConfigs, change('new'), change('new'))
      },
      shows: [],
    },
    {
      title: 'after it never arrived',
      act: async (one) => {
        await one.fault({ operations: '*', when: { first: 1 }, effect: { type: 'reset' } })
        await inTurn(one, change('101test2value'), change('101test2value'))
      },
      shows: [],
    },
    {
      title: 'by another client, which had read it, too',
      act: async (one, t) => {
        const [a, b] = [keeping(t), keeping(t)]
        await inTurn(one, { ...view(), ...a }, { ...view(), ...b })
        await one.fault(loseFirst('updateConfigInfo'))
        await inTurn(one, { ...change('101test2value'), ...a }, { ...change('101test2value'), ...b })
      },
      shows: [],
    },
  ],
  'batch-sent-again-whole': [
    {
      title: 'after some failed',
      act: (one) => inTurn(one, scopes(exampleDevice, '/a', 'bad'), scopes(exampleDevice, '/a', 'bad')),
      shows: [[1, 2]],
    },
    {
      title: 'after the answer was lost',
      act: async (one) => {
        await one.fault(loseFirst('batchAddBackupScope'))
        await inTurn(one, scopes(exampleDevice, '/a'), scopes(exampleDevice, '/a'))
      },
      shows: [[1, 2]],
    },
    {
      title: 'with an answer so long that only its beginning is kept',
      act: async (one) => {
        const paths = Array.from({ length: 99 }, (_, index) => `/long/path/to/a/folder/of/pictures/${index}`)
        await inTurn(one, scopes(exampleDevice, ...paths, 'bad'), scopes(exampleDevice, ...paths, 'bad'))
      },
      shows: [[1, 2]],
    },
    {
      title: 'only what failed',
      act: (one) => inTurn(one, scopes(exampleDevice, '/a', 'bad'), scopes(exampleDevice, '/bad')),
      shows: [],
    },
    {
      title: 'after all of it went well, or nothing did',
      act: (one) => inTurn(one, ...['/a', '/a', 'bad', 'bad'].map((path) => scopes(exampleDevice, path))),
      shows: [],
    },
    {
      title: 'to two devices',
      act: (one) => inTurn(one, scopes(exampleDevice, '/a', 'bad'), scopes(otherDevice, '/a', 'bad')),
      shows: [],
    },
    {
      title: 'after what was added had been deleted',
      act: async (one) => {
        const { scopeList } = await one.ask(scopes(exampleDevice, '/a', 'bad'))
        const body = { scopeIdList: [scopeList[0].scopeId] }
        await inTurn(one, { method: 'DELETE', body }, scopes(exampleDevice, '/a', 'bad'))
      },
      shows: [],
    },
    {
      title: 'after it never arrived',
      act: async (one) => {
        await one.fault({ operations: '*', when: { first: 1 }, effect: { type: 'reset' } })
        await inTurn(one, scopes(exampleDevice, '/a'), scopes(exampleDevice, '/a'))
      },
      shows: [],
    },
    {
      title: 'so large that the journal keeps its beginning only, after some failed',
      act: (one) => inTurn(one, scopes(exampleDevice, ...long(99), 'bad'), scopes(exampleDevice, 'bad', ...long(99))),
      shows: [[1, 2]],
    },
    {
      title: 'as large, after the answer to another one was lost',
      act: async (one) => {
        await one.fault(loseFirst('batchAddBackupScope'))
        await inTurn(one, scopes(exampleDevice, ...long(100)), scopes(exampleDevice, ...long(100, 'other')))
      },
      shows: [],
    },
    {
      title: 'after the answer was cut off',
      act: async (one) => {
        await one.fault(cutFirst('batchAddBackupScope'))
        await inTurn(one, scopes(exampleDevice, '/a'), scopes(exampleDevice, '/a'))
      },
      shows: [[1, 2]],
    },
    {
      title: 'after somebody else had taken away what was added, as the list showed, over which the next is throttled',
      act: async (one) => {
        await loseAndTakeAway(one)
        await one.ask({ method: 'GET', path: `/device/${exampleDevice}/scope?moduleCode=102` })
        await one.fault({ ...throttleFirst(), operations: ['batchAddBackupScope'] })
        await one.ask(scopes(exampleDevice, '/a'))
      },
      shows: [],
    },
    {
      title: 'after somebody else had taken away what was added, which only its going well shows',
      act: async (one) => {
        await loseAndTakeAway(one)
        await one.ask({ method: 'GET', path: `/device/${exampleDevice}/scope?moduleCode=101` })
        await one.ask(scopes(exampleDevice, '/a'))
      },
      shows: [],
    },
    {
      title: 'by another client, while the first sends what failed',
      act: async (one, t) => {
        const [a, b] = [keeping(t), keeping(t)]
        await inTurn(one, { ...listConfigs, ...b }, { ...scopes(exampleDevice, '/a', 'bad'), ...a })
        await inTurn(one, { ...scopes(exampleDevice, '/a', 'bad'), ...b }, { ...scopes(exampleDevice, '/bad'), ...a })
      },
      shows: [],
    },
    {
      title: 'after the world was put back to what it was before',
      act: async (one) => {
        await one.steer('POST', '/snapshots/before')
        await one.ask(scopes(exampleDevice, '/a', 'bad'))
        await one.steer('POST', '/snapshots/before/restore')
        await one.ask(scopes(exampleDevice, '/a', 'bad'))
      },
      shows: [],
    },
  ],
  'retry-without-waiting': [
    {
      title: 'after an answer that came before the body of its request was over',
      act: async (one) => {
        const lock = await one.lock()
        const path = await one.file(lock, await one.record(lock))
        await one.fault({ ...throttleFirst({ retryAfter: 1 }), operations: ['uploadPart'] })
        await one.halfSent(path, () => {
          one.time.now += 1000
        })
        await inTurn(one, upload(path))
      },
      shows: [],
    },
    {
      title: 'at once',
      act: async (one) => {
        await one.fault(throttleFirst({ retryAfter: 5 }))
        await one.ask(listConfigs)
        one.time.now += 4979
        await one.ask(listConfigs)
      },
      shows: [[1, 2]],
    },
    {
      title: 'at the date that the answer named, though less than whole seconds have passed by then',
      act: async (one) => {
        await one.fault(throttleFirst({ retryAfter: 1, retryAfterForm: 'date' }))
        one.time.now = Math.floor(one.time.now / 1000) * 1000 + 700
        await one.ask(listConfigs)
        one.time.now += 300
        await one.ask(listConfigs)
      },
      shows: [],
    },
    {
      title: 'well before the date that the answer named',
      act: async (one) => {
        await one.fault(throttleFirst({ retryAfter: 2, retryAfterForm: 'date' }))
        one.time.now = Math.floor(one.time.now / 1000) * 1000 + 700
        await one.ask(listConfigs)
        one.time.now += 1200
        await one.ask(listConfigs)
      },
      shows: [[1, 2]],
    },
    {
      title: 'after as long as there is between two dates of the answer, by a clock that is ahead of the real one',
      act: async (one) => {
        await one.steer('PATCH', '/clock', { skew: 'PT10M' })
        await one.fault(throttleFirst({ retryAfter: 2, retryAfterForm: 'date' }))
        await one.ask(listConfigs)
        one.time.now += 2000
        await one.ask(listConfigs)
      },
      shows: [],
    },
    {
      title: 'after waiting, or letting the state clock wait',
      act: async (one) => {
        await one.fault(throttleFirst({ retryAfter: 5 }))
        await one.fault(throttleFirst({ retryAfter: 5 }))
        await one.ask(listConfigs)
        one.time.now += 5000
        await one.ask(listConfigs)
        await one.pass('PT5S')
        await one.ask(listConfigs)
      },
      shows: [],
    },
    {
      title: 'told to wait no time',
      act: async (one) => {
        await one.fault(throttleFirst({ retryAfter: 0 }))
        await inTurn(one, listConfigs, listConfigs)
      },
      shows: [],
    },
    {
      title: 'told nothing, which means a second',
      act: async (one) => {
        await one.fault({ operations: '*', when: { first: 1 }, effect: { type: 'gateway', code: 'APIGW.0308' } })
        await inTurn(one, listConfigs, listConfigs)
      },
      shows: [[1, 2]],
    },
    {
      title: 'another call, of another device or module',
      act: async (one) => {
        await one.fault(throttleFirst())
        await inTurn(
          one,
          { path: '/lock', body: { moduleCode: '100' } },
          { path: '/lock', body: { moduleCode: '101' } },
        )
        await one.ask(listConfigs)
      },
      shows: [],
    },
    {
      title: 'told by a gateway, which means two seconds',
      act: async (one) => {
        await one.fault({ operations: '*', when: { first: 2 }, effect: { type: 'gateway', code: 'APIGW.0308' } })
        for (const millis of [1979, 2000, 0]) {
          await one.ask(listConfigs)
          one.time.now += millis
        }
      },
      shows: [[1, 2]],
    },
    {
      title: 'workers that announce different files',
      act: async (one, t) => {
        const lock = await one.lock()
        const recordId = await one.record(lock)
        await one.fault({
          operations: ['createBackupFile'],
          when: { first: 2 },
          effect: { type: 'throttle', retryAfter: 2 },
        })
        await Promise.all(['a', 'b', 'c', 'd'].map((name) => one.file(lock, recordId, name)))
        await one.ask({ ...listConfigs, ...keeping(t) })
      },
      shows: [],
    },
    {
      title: 'by one client and then by another, of which both send an empty lock',
      act: async (one, t) => {
        const empty = { headers: { 'x-backup-lock-id': '' } }
        const calls = [keeping(t), keeping(t)].map((client) => ({ ...listConfigs, ...client, ...empty }))
        await inTurn(one, ...calls)
        await one.fault(throttleFirst())
        await inTurn(one, ...calls)
      },
      shows: [],
    },
    {
      title: 'alike by two clients at once, of which each waits',
      act: async (one, t) => {
        const [a, b] = [keeping(t), keeping(t)]
        await one.fault(throttleFirst())
        await inTurn(one, { ...listConfigs, ...a }, { ...listConfigs, ...b })
        one.time.now += 1000
        await inTurn(one, { ...listConfigs, ...a })
      },
      shows: [],
    },
  ],
  'record-never-completed': [
    { title: 'left open', act: async (one) => one.record(await one.lock()), shows: [[2]] },
    {
      title: 'completed or deleted',
      act: async (one) => {
        const lock = await one.lock()
        await one.ask(complete(lock, await one.record(lock)))
        await one.ask({ ...complete(lock, await one.record(lock)), method: 'DELETE', body: undefined })
      },
      shows: [],
    },
    {
      title: 'completed without the lock, which is refused',
      act: async (one) => {
        const lock = await one.lock()
        await one.ask(complete({ 'x-backup-lock-id': 'none' }, await one.record(lock)))
      },
      shows: [[2]],
    },
    {
      title: 'never learned of, since the answer was cut off',
      act: async (one) => {
        await one.fault(cutFirst('createBackupRecord'))
        await one.record(await one.lock())
      },
      shows: [],
    },
    {
      title: 'undone by a restore',
      act: async (one) => {
        await one.steer('POST', '/snapshots/before')
        await one.record(await one.lock())
        await one.steer('POST', '/snapshots/before/restore')
      },
      shows: [],
    },
    ...(['DELETE', 'PATCH'] as const).map((method) => ({
      title: `ended by somebody else with ${method}, as its client heard`,
      act: async (one: Client) => {
        const lock = await one.lock()
        const id = await one.record(lock)
        const body = method === 'PATCH' ? { body: {} } : {}
        const requests = [{ method, path: '/record/{recordId}', ...body }]
        await one.fault({ operations: ['createBackupFile'], effect: { type: 'meanwhile', requests } })
        await one.file(lock, id)
      },
      shows: [],
    })),
    {
      title: 'said to be gone by a fault, or to another user',
      act: async (one) => {
        const lock = await one.lock()
        const view: Sent = { method: 'GET', path: `/record/${await one.record(lock)}` }
        await one.ask({ ...view, headers: { 'x-user-id': '77' } })
        await one.fault({ operations: ['getBackupRecord'], effect: { type: 'refuse', error: 'notFound' } })
        await one.ask(view)
      },
      shows: [[2]],
    },
  ],
  'record-completed-before-uploads': [
    {
      title: 'one of two uploads open',
      act: async (one) => {
        const lock = await one.lock()
        const id = await one.record(lock)
        await one.ask(upload(await one.file(lock, id)))
        await one.file(lock, id, 'b')
        await one.ask(complete(lock, id))
      },
      shows: [[5, 6]],
    },
    {
      title: 'uploaded, or known already',
      act: async (one) => {
        const lock = await one.lock()
        const id = await one.record(lock)
        await one.ask(upload(await one.file(lock, id)))
        const sha256 = 'ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73'
        const body = { fileName: 'b', sha256, length: 7 }
        const { rapidUpload } = await one.ask({ path: `/record/${id}/file`, headers: lock, body })
        t.equal(rapidUpload, true)
        await one.ask(complete(lock, id))
      },
      shows: [],
    },
    {
      title: 'uploaded only afterwards',
      act: async (one) => {
        const lock = await one.lock()
        const id = await one.record(lock)
        const path = await one.file(lock, id)
        await one.ask(complete(lock, id))
        await one.ask(upload(path))
      },
      shows: [[3, 4]],
    },
    {
      title: 'announced under another name, since the answer was lost',
      act: async (one) => {
        const lock = await one.lock()
        const id = await one.record(lock)
        await one.fault(loseFirst('createBackupFile'))
        await one.file(lock, id)
        await one.ask(upload(await one.file(lock, id, 'b')))
        await one.ask(complete(lock, id))
      },
      shows: [],
    },
  ],
  'cursor-not-followed': [
    {
      title: 'only the first page read',
      act: async (one) => {
        const lock = await one.lock()
        await one.record(lock)
        await one.record(lock)
        await one.ask(page())
      },
      shows: [[4]],
    },
    {
      title: 'followed, once as it is and once with every character encoded',
      act: async (one) => {
        const lock = await one.lock()
        for (let index = 0; index < 3; index += 1) await one.record(lock)
        const { nextCursor } = await one.ask(page())
        const { nextCursor: last } = await one.ask(page(`&cursor=${nextCursor}`))
        const encoded = [...last].map((sign: string) => `%${sign.charCodeAt(0).toString(16)}`).join('')
        t.equal((await one.ask(page(`&cursor=${encoded}`))).data.length, 1)
      },
      shows: [],
    },
    {
      title: 'only the first page read, of a hundred',
      act: async (one) => {
        const lock = await one.lock()
        for (let index = 0; index < 101; index += 1) await one.record(lock)
        await one.ask({ method: 'GET', path: '/record?moduleCode=102&pageSize=100' })
      },
      shows: [[103]],
    },
  ],
  'unread-fields': [
    { title: 'of the body', act: (one) => one.ask({ body: { ...batch('/a'), paths: [] } }), shows: [[1]] },
    {
      title: 'of the query',
      act: (one) => one.ask({ ...listConfigs, path: `${listConfigs.path}&page=1` }),
      shows: [[1]],
    },
    { title: 'none', act: (one) => one.ask(listConfigs), shows: [] },
    { title: 'of a large body', act: (one) => one.ask({ body: { ...batch(...long(100)), colour: 1 } }), shows: [[1]] },
  ],
  'device-not-bound': [
    { title: 'adopted, once', act: (one) => inTurn(one, scopes('d', '/a'), scopes('d', '/b')), shows: [[1]] },
    {
      title: 'bound in a state that was undone since',
      act: async (one) => {
        await one.steer('POST', '/snapshots/before')
        const { data } = await one.ask({ path: '/device', body: { machineCode: 'm' } })
        await one.steer('POST', '/snapshots/before/restore')
        await inTurn(one, scopes(data.deviceId, '/a'), scopes('d', '/a'))
      },
      shows: [[3]],
    },
    {
      title: 'bound before',
      act: async (one) => {
        const { data } = await one.ask({ path: '/device', body: { machineCode: 'm' } })
        await one.ask(scopes(data.deviceId, '/a'))
      },
      shows: [],
    },
  ],
  'id-rounded': [
    {
      title: 'of a device that was adopted by it, as later answers repeat',
      act: async (one) => {
        const { data } = await one.ask({ path: '/device', body: { machineCode: 'm' } })
        const id = String(Number(data.deviceId))
        await inTurn(one, scopes(id, '/a'), view('backend_backup_switch', id), change('101test2value', id))
      },
      shows: [
        [1, 2],
        [1, 3],
      ],
    },
    ...(
      [
        [
          'as JavaScript prints it',
          (id: string) => String(Number(id)),
          [
            [1, 2],
            [1, 3],
          ],
        ],
        [
          'with all its digits',
          (id: string) => String(BigInt(Number(id))),
          [
            [1, 2],
            [1, 3],
          ],
        ],
        ['as it is', (id: string) => id, []],
        ['of nobody', () => '1775406005920779393', []],
      ] as const
    ).map(([title, spoil, shows]) => ({
      title,
      shows,
      act: async (one: Client) => {
        const { data } = await one.ask({ path: '/device', body: { machineCode: 'm' } })
        const path = `/device/${spoil(data.deviceId)}/scope?moduleCode=102`
        await inTurn(one, { method: 'GET', path }, { path, body: batch('/a') })
      },
    })),
    {
      title: 'that of a record',
      act: async (one) => {
        const id = await one.record(await one.lock())
        await one.ask({ method: 'GET', path: `/record/${Number(id)}` })
      },
      shows: [[2, 3]],
    },
  ],
  'old-date': [
    {
      title: 'on a fresh connection',
      act: (one) => one.ask({ ...listConfigs, headers: { 'x-date': xDate(one.time.now - 61_000) } }),
      shows: [[1]],
    },
    {
      title: 'of a minute, and of no date',
      act: async (one) => {
        one.time.now = Math.ceil(one.time.now / 1000) * 1000
        for (const date of [xDate(one.time.now - 60_000), 'never'])
          await one.ask({ ...listConfigs, headers: { 'x-date': date } })
      },
      shows: [],
    },
    {
      title: 'on a connection that lived before',
      act: async (one) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        await one.ask({ ...listConfigs, agent })
        await one.ask({ ...listConfigs, agent, headers: { 'x-date': xDate(one.time.now - 61_000) } })
        agent.destroy()
      },
      shows: [],
    },
    {
      title: 'of a suite whose clocks stand still, and are moved on',
      act: async (one) => {
        await one.steer('PATCH', '/clock', { signing: 'state' })
        const headers = { 'x-date': xDate(one.time.now) }
        await one.pass('PT5M')
        await one.ask({ ...listConfigs, headers })
      },
      shows: [],
    },
  ],
  'future-date': [
    {
      title: 'a second ahead',
      act: (one) => one.ask({ ...listConfigs, headers: { 'x-date': xDate(one.time.now + 1000) } }),
      shows: [[1]],
    },
    { title: 'on time', act: (one) => one.ask(listConfigs), shows: [] },
  ],
}

for (const [rule, stories] of Object.entries(days)) {
  t.test(`review: ${rule}`, async (t) => {
    for (const [index, { title, act, shows }] of stories.entries()) {
      await t.test(title, async (t) => {
        const client = await clientOf(`${rule}-${index}`)
        await act(client, t)
        const findings = (await client.findings()).filter((finding) => finding.rule === rule)
        t.same(
          findings.map(({ requests }) => requests),
          shows,
        )
        t.ok(findings.every(({ message }) => /^[A-Z].*\.$/.test(message)))
      })
    }
  })
}

t.test('review: a client that does everything right is left in peace', async (t) => {
  const client = await clientOf('record')
  const { data } = await client.ask({ path: '/device', body: { machineCode: 'm' } })
  const lock = await client.lock()
  await client.ask(scopes(data.deviceId, '/a'))
  const body = { moduleCode: '102', deviceId: data.deviceId }
  const { recordId } = (await client.ask({ path: '/record', headers: lock, body })).data
  await client.ask(upload(await client.file(lock, recordId)))
  await client.pass('PT5M')
  await inTurn(client, renew(lock), complete(lock, recordId), release(lock))
  t.same(await client.findings(), [])
})

const noFacts = factsOf({ operation: null, params: {}, query: [], body: undefined, bodyText: '', payload: undefined })

type Some = Omit<Partial<Reviewed>, 'facts'> & { facts?: Partial<Facts> }

/** Exchanges that are as usual save for what is named, one after the other by one client. */
const exchangesOf = (all: readonly Some[]): Reviewed[] =>
  all.map(
    ({ facts, ...change }, index): Reviewed => ({
      id: index + 1,
      begunAfter: index,
      operation: 'listBoundDevice',
      userId: 'u',
      connection: 1,
      isFirstOnConnection: false,
      startedAt: noon + index,
      endedAt: noon + index,
      time: noon,
      endTime: noon,
      signingTime: noon + index,
      xDate: null,
      status: 200,
      code: 0,
      refusal: null,
      reason: null,
      delivered: true,
      retryAfter: null,
      fault: null,
      isInjected: false,
      requestSize: 0,
      rowsWritten: 0,
      lockId: null,
      target: '/device',
      facts: { ...noFacts, ...facts },
      ...change,
    }),
  )

/** What the review says of them. */
const said = (all: readonly Some[], rest: Partial<Reviewable> = {}) =>
  review({ exchanges: exchangesOf(all), dropped: 0, restorations: [], ...rest }).findings.map((one) => [
    one.rule,
    one.requests,
  ])

const throttled: Some = { status: 429, code: 13990429, refusal: 'throttled', retryAfter: 1000 }

t.test('review: a retry waits from the end of the answer, whatever status throttling has', async (t) => {
  const retried = [['retry-without-waiting', [1, 2]]]
  t.same(said([{ ...throttled, startedAt: noon - 1200, endedAt: noon }, { startedAt: noon + 979 }]), retried)
  t.same(said([{ ...throttled, startedAt: noon - 1200, endedAt: noon }, { startedAt: noon + 980 }]), [])
  t.same(said([{ ...throttled, status: 503 }, {}]), retried)
  t.same(said([{ ...throttled, retryAfter: null }, {}]), retried, 'which says not how long')
  t.same(said([{ status: 503, code: 1, retryAfter: 2000 }, { startedAt: noon + 1979 }]), retried)
  t.same(said([{ ...throttled, delivered: false }, {}]), [], 'nobody heard of it')
  t.same(said([throttled, { begunAfter: 0 }]), [], 'it was under way already')
  t.same(said([throttled, { userId: 'v' }]), [], 'of another user')
  t.same(said([throttled, { facts: { digest: 'other' } }]), [], 'another call')
  t.same(said([throttled, { connection: null }]), retried, 'nobody knows the connection')
})

t.test('review: calls that are all alike are as many clients as it takes', async (t) => {
  const later = { startedAt: noon + 1500 }
  t.same(said([throttled, {}, later]), [], 'the last may be the retry, the other of somebody else')
  const storm = [throttled, throttled, throttled, later]
  t.same(said(storm), [
    ['retry-without-waiting', [1, 2]],
    ['retry-without-waiting', [2, 3]],
  ])
  t.same(said([throttled, throttled, later, { startedAt: noon + 1600 }]), [])
})

t.test('review: a client that had to connect anew is the same, unless somebody else came meanwhile', async (t) => {
  const retried = [['retry-without-waiting', [1, 2]]]
  const other = { target: '/other' }
  t.same(said([throttled, { connection: 2 }, { ...other, connection: 2 }]), retried)
  t.same(said([throttled, { connection: 2 }, { ...other, connection: 2 }, { ...other, connection: 3 }]), [])
  t.same(said([throttled, { connection: 2 }, { ...other, connection: 3 }]), retried, 'each call has its connection')
  t.same(said([throttled, { connection: 2 }, other]), [], 'the first connection lives')
  t.same(said([{ ...other, connection: 2 }, throttled, { connection: 2 }]), [], 'the second was there before')
  const locked = { ...throttled, lockId: 'l' }
  t.same(said([locked, { lockId: 'l', connection: 2 }, other]), retried, 'they show the same lock')
})

/** An announced file of two parts, and what is done with it. */
const announced = {
  operation: 'createBackupFile',
  facts: { sent: { recordId: 'r' }, given: { fileId: 'f', uploadId: 'u', parts: [1, 2] } },
}
const partSent = (part: string, rest: Some = {}): Some => ({
  operation: 'uploadPart',
  code: null,
  rowsWritten: 1,
  facts: { sent: { uploadId: 'u', part } },
  ...rest,
})
const fileCompleted = (rest: Some = {}): Some => ({
  operation: 'completeFile',
  facts: { sent: { fileId: 'f' } },
  ...rest,
})
const notWhole: Some = { code: 13000402, refusal: 'integrity', reason: 'the file has another SHA-256' }
const missing: Some = { ...notWhole, reason: 'missing: part 2 [DEC-42]' }
const lostPart: Some = { rowsWritten: 0, refusal: 'IncompleteBody', status: 400 }

t.test('review: a record is complete when its files are, whether or not that was heard', async (t) => {
  const completion = { operation: 'completeBackup', facts: { sent: { recordId: 'r' } } }
  const early = (...ids: number[]) => [['record-completed-before-uploads', ids]]
  const parts = [partSent('1'), partSent('2')]
  t.same(said([announced, ...parts, fileCompleted({ delivered: false }), completion]), [])
  t.same(said([announced, partSent('1', { reason: 'the file is complete, for completion=put' }), completion]), [])
  t.same(said([announced, ...parts, completion]), early(1, 4))
  t.same(said([announced, ...parts, fileCompleted(notWhole), completion]), early(1, 5))
  t.same(said([announced, completion, ...parts, fileCompleted()]), early(1, 2))
  t.same(said([{ ...announced, delivered: false }, completion]), [])
  t.same(said([announced, { ...completion, begunAfter: 0 }]), [], 'it was announced only meanwhile')
  const over = fileCompleted({ code: 13000401, refusal: 'noUpload' })
  t.same(said([announced, ...parts, over, completion]), [], 'somebody else had completed it')
  t.same(said([announced, ...parts, { ...over, isInjected: true }, completion]), early(1, 5), 'a fault said so')
})

t.test('review: links that expired unused, and parts and files that were sent again', async (t) => {
  const linked = (parts: number[], rest: Some = {}): Some => ({
    operation: 'getMultipartUploadUrl',
    facts: { sent: { fileId: 'f' }, given: { parts } },
    ...rest,
  })
  const late = { signingTime: noon + 3_600_001 }
  t.same(said([announced, partSent('1'), partSent('2', { ...lostPart, ...late })]), [['link-expired-unused', [1, 3]]])
  t.same(said([announced, partSent('1'), linked([2], late), partSent('2', late)]), [['link-expired-unused', [1, 3]]])
  t.same(said([announced, partSent('1'), partSent('2'), linked([2], late)]), [])
  t.same(said([{ ...announced, delivered: false }, linked([2], late)]), [])

  const whole = [announced, partSent('1'), partSent('2')]
  t.same(said([...whole, partSent('1')]), [['part-sent-again', [4]]])
  t.same(said([announced, partSent('1', { delivered: false }), partSent('1')]), [])
  t.same(said([...whole, fileCompleted(notWhole), partSent('1'), partSent('2'), fileCompleted()]), [])
  t.same(said([announced, partSent('2'), partSent('1'), partSent('2')]), [], 'it came before the part before it')
  t.same(said([...whole, partSent('1', { requestSize: 5 })]), [], 'another size is another part')
  const anew: Some = { ...announced, connection: 2 }
  t.same(said([...whole, anew, partSent('1', { connection: 2 })]), [], 'its client may have died in between')
  const chained: Some = { ...linked([2]), code: 13000102, refusal: 'invalid', facts: { sent: { fileId: 'f' } } }
  t.same(said([...whole, chained, partSent('1')]), [], 'a link was refused for what had come')
  const again = (multiParts: string): Some => ({ ...announced, facts: { ...announced.facts, scalars: { multiParts } } })
  t.same(said([again('a'), partSent('1'), again('b'), partSent('1')]), [], 'it was announced with other parts')
  t.same(said([again('a'), partSent('1'), again('a'), partSent('1')]), [['part-sent-again', [4]]])
  t.same(said([announced, partSent('1'), { ...announced, ...notWhole }, partSent('1')]), [], 'that was refused')

  t.same(said([announced, partSent('1'), partSent('2', lostPart), partSent('1'), partSent('2')]), [
    ['file-sent-again', [3, 4]],
  ])
  t.same(said([announced, partSent('1'), partSent('2', lostPart), partSent('2')]), [])
  const behind = [announced, partSent('2'), partSent('1', lostPart), partSent('1')]
  t.same(said([...behind, fileCompleted(notWhole), partSent('2')]), [], 'completion asked for what came again')
})

t.test('review: a file told complete too early, and parts of both kinds', async (t) => {
  const early = [['file-completed-early', [3]]]
  t.same(said([announced, partSent('1'), fileCompleted(missing)]), early)
  t.same(said([announced, partSent('1'), partSent('2', lostPart), fileCompleted(missing)]), [
    ['file-completed-early', [4]],
  ])
  t.same(said([announced, partSent('1'), partSent('2'), fileCompleted(notWhole)]), [])
  const parts = [partSent('1'), partSent('2')]
  t.same(said([announced, ...parts, fileCompleted(missing)]), [], 'somebody else divided it anew')
  const both = fileCompleted({ ...missing, reason: 'missing: parts 2-3; never announced: bytes 4-9 (as part 4)' })
  t.same(said([announced, ...parts, both]), [['file-completed-early', [4]]], 'one of them never came')
  const divided: Some = { ...announced, facts: { ...announced.facts, scalars: { multiParts: 'other' } } }
  t.same(
    said([announced, ...parts, divided, fileCompleted(missing)]),
    [['file-completed-early', [5]]],
    'it did so itself',
  )
  const asked = (parts: number[], parallel: number[]): Some => ({
    operation: 'getMultipartUploadUrl',
    facts: { sent: { fileId: 'f' }, scalars: { multiParts: '[]' }, given: { parts, parallel } },
  })
  t.same(said([announced, asked([2], []), asked([3], [3])]), [['sequential-and-parallel', [2, 3]]])
  t.same(said([announced, asked([2, 3], [3])]), [['sequential-and-parallel', [2]]])
  t.same(said([announced, asked([1, 2], [2]), asked([1], [])]), [], 'the first may be either')
  const parallel: Some = {
    ...divided,
    facts: { ...divided.facts, given: { ...announced.facts.given, parallel: [2] } },
  }
  t.same(said([announced, asked([2], []), parallel]), [], 'other parts took their places')
})

t.test('review: a mismatch of which nobody heard tells nobody to read', async (t) => {
  const sent = { deviceId: 'd', moduleCode: '102', configName: 'c', currentConfigValue: 'a' }
  const refused = { operation: 'updateConfigInfo', code: 13990409, refusal: 'valueMismatch', facts: { sent } }
  t.same(said([refused, refused]), [['change-without-reading', [1, 2]]])
  t.same(said([{ ...refused, delivered: false }, refused]), [])
  t.same(said([refused, { ...refused, refusal: 'invalid' }]), [])
})

t.test(
  'review: what the journal dropped, and what was under way while the world was put back, is not judged',
  async (t) => {
    const lock = { operation: 'createBackupLock', facts: { sent: { moduleCode: '100' }, given: { lockId: 'l' } } }
    t.same(review({ exchanges: [], dropped: 3, restorations: [] }), { findings: [], complete: false, dropped: 3 })
    t.equal(review({ exchanges: [], dropped: 0, restorations: [] }).complete, true)
    t.same(said([lock], { dropped: 3 }), [['lock-never-released', [1]]], 'a later release would still be there')
    t.same(said([{}, lock], { restorations: [1] }), [['lock-never-released', [2]]])
    t.same(said([{}, { ...lock, begunAfter: 0 }], { restorations: [1] }), [])
    t.same(said([lock, {}], { restorations: [1] }), [])
    t.same(said([{ facts: { unread: ['body/a'] } }, {}], { restorations: [1] }), [['unread-fields', [1]]])
  },
)

t.test('review: twice as many exchanges take about twice the work', async (t) => {
  const shapes: Record<string, (index: number) => Some> = {
    'mismatches of as many devices': (index) => ({
      operation: 'updateConfigInfo',
      code: 13990409,
      refusal: 'valueMismatch',
      facts: { sent: { deviceId: `${index}` } },
    }),
    'mismatches of one device': () => ({ operation: 'updateConfigInfo', code: 1, refusal: 'valueMismatch' }),
    'throttled calls': (index) => ({ ...throttled, connection: index }),
    locks: (index) => ({ operation: 'createBackupLock', lockId: `${index}`, facts: { given: { lockId: `${index}` } } }),
    batches: (index) => ({
      operation: 'batchAddBackupScope',
      connection: index,
      facts: { items: { done: 1, failed: [{ index: 1, code: '1' }], digests: ['a', 'b'] } },
    }),
    pages: (index) => ({ operation: 'listBackupFile', facts: { nextCursor: `${index}` } }),
  }
  for (const [title, shape] of Object.entries(shapes)) {
    const [some, twice] = [300, 600].map((count) => {
      let reads = 0
      const exchanges = exchangesOf(Array.from({ length: count }, (_, index) => shape(index))).map(
        (one) =>
          new Proxy(one, {
            get(of, name) {
              reads += 1
              return Reflect.get(of, name)
            },
          }),
      )
      review({ exchanges, dropped: 0, restorations: [] })
      return reads
    })
    t.ok(Number(twice) < Number(some) * 2.5, `${title}: ${some}, ${twice}`)
  }
})

t.test(
  'review: however correct clients are interleaved, and whatever goes wrong for them, nothing is found',
  async (t) => {
    t.teardown(closeShared)
    const runs = Number(process.env['INTERLEAVINGS'] ?? 30)
    for (let seed = 1; seed <= runs; seed += 1) t.same(await reviewOfCorrectClients(emulator, seed), [], `seed ${seed}`)
  },
)
