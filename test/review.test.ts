import { Agent } from 'node:http'
import type { Test } from 'tap'
import t from 'tap'
import type { Driven, Sent } from './fixtures/client.ts'
import { batch, driven, jsonOf } from './fixtures/client.ts'
import { exampleDevice, noon, xDate } from './fixtures/emulator.ts'

const otherDevice = '1775406005920779393'

/** A client's day, told by what it does; ids of entries count from 1. */
interface Client extends Driven {
  ask(sent: Sent): Promise<ReturnType<typeof jsonOf>>
  /** Lets the state clock go on. */
  pass(duration: string): Promise<unknown>
  lock(moduleCode?: string): Promise<Record<string, string>>
  record(lock: Record<string, string>): Promise<string>
  file(lock: Record<string, string>, recordId: string, fileName?: string): Promise<string>
}

async function clientFor(t: Test): Promise<Client> {
  const emulator = await driven(t)
  await emulator.steer('PATCH', '/clock', { frozen: true })
  const ask = async (sent: Sent) => {
    const seen = await emulator.send(sent)
    return seen.text === '' ? {} : jsonOf(seen)
  }
  return {
    ...emulator,
    ask,
    pass: (duration) => emulator.steer('PATCH', '/clock', { advance: duration }),
    async lock(moduleCode = '102') {
      const { data } = await ask({ path: '/lock', body: { moduleCode } })
      return { 'x-backup-lock-id': data?.lockId }
    },
    async record(headers) {
      const body = { moduleCode: '102', deviceId: exampleDevice }
      return (await ask({ path: '/record', headers, body })).data.recordId
    },
    async file(headers, recordId, fileName = 'a') {
      const { multiParts } = await ask({ path: `/record/${recordId}/file`, headers, body: { fileName } })
      return new URL(multiParts[0].uploadUrl).pathname
    },
  }
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
const throttleFirst = (effect = {}) => ({
  operations: '*',
  when: { first: 1 },
  effect: { type: 'throttle', ...effect },
})

interface Day {
  readonly title: string
  readonly act: (client: Client) => Promise<unknown>
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
  ],
  'retry-without-waiting': [
    {
      title: 'at once',
      act: async (one) => {
        await one.fault(throttleFirst({ retryAfter: 5 }))
        await one.ask(listConfigs)
        one.time.now += 4999
        await one.ask(listConfigs)
      },
      shows: [[1, 2]],
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
  ],
  'unread-fields': [
    { title: 'of the body', act: (one) => one.ask({ body: { ...batch('/a'), paths: [] } }), shows: [[1]] },
    {
      title: 'of the query',
      act: (one) => one.ask({ ...listConfigs, path: `${listConfigs.path}&page=1` }),
      shows: [[1]],
    },
    { title: 'none', act: (one) => one.ask(listConfigs), shows: [] },
  ],
  'device-not-bound': [
    { title: 'adopted, once', act: (one) => inTurn(one, scopes('d', '/a'), scopes('d', '/b')), shows: [[1]] },
    {
      title: 'bound before',
      act: async (one) => {
        const { data } = await one.ask({ path: '/device', body: { machineCode: 'm' } })
        await one.ask(scopes(data.deviceId, '/a'))
      },
      shows: [],
    },
  ],
  'old-date': [
    {
      title: 'on a fresh connection',
      act: (one) => one.ask({ ...listConfigs, headers: { 'x-date': xDate(noon - 61_000) } }),
      shows: [[1]],
    },
    {
      title: 'of a minute, and of no date',
      act: async (one) => {
        for (const date of [xDate(noon - 60_000), 'never'])
          await one.ask({ ...listConfigs, headers: { 'x-date': date } })
      },
      shows: [],
    },
    {
      title: 'on a connection that lived before',
      act: async (one) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        await one.ask({ ...listConfigs, agent })
        await one.ask({ ...listConfigs, agent, headers: { 'x-date': xDate(noon - 61_000) } })
        agent.destroy()
      },
      shows: [],
    },
  ],
}

for (const [rule, stories] of Object.entries(days)) {
  t.test(`review: ${rule}`, async (t) => {
    for (const { title, act, shows } of stories) {
      await t.test(title, async (t) => {
        const client = await clientFor(t)
        await act(client)
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
  const client = await clientFor(t)
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
