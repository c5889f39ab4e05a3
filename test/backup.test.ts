import t from 'tap'
import { basePath } from '../schemas/common.ts'
import type { BackupRecord, CreatedFile } from './fixtures/backup.ts'
import { filesPath, listen, minutes } from './fixtures/backup.ts'
import { assertConforms } from './fixtures/conformance.ts'
import type { TestEmulator } from './fixtures/emulator.ts'
import { emulatorFor, exampleUser, xDate } from './fixtures/emulator.ts'
import { authorizationOf, exampleApp, sha256 } from './fixtures/signing.ts'

/** How a client proves who it is. */
type Authorize = (request: Parameters<typeof authorizationOf>[0]) => string

/** What is read of answers here; which part is there depends on the operation. */
interface Answer {
  readonly code: number
  readonly data: { readonly deviceId: string; readonly lockId: string } & BackupRecord
  readonly scopeList: { readonly scopeId: string; readonly localPath: string }[]
}

interface Listed {
  readonly code: number
  readonly data: { readonly fileName: string; readonly recordId: string; readonly status: number }[]
  readonly nextCursor?: string
}

/** A client over real connections, as the service's own would be. */
function clientOf({ time, world }: TestEmulator, port: number, authorize: Authorize) {
  const host = `127.0.0.1:${port}`
  return async <Result = Answer>(method: string, path: string, body?: unknown, lock?: string): Promise<Result> => {
    const url = path.startsWith('!') ? path.slice(1) : basePath + path
    const headers = { host, 'x-date': xDate(time.now), 'x-user-id': exampleUser }
    const text = body === undefined ? {} : { body: JSON.stringify(body) }
    const authorization = authorize({ method, url, headers, ...text })
    const response = await fetch(`http://${host}${url}`, {
      method,
      ...text,
      headers: {
        ...headers,
        authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(lock === undefined ? {} : { 'x-backup-lock-id': lock }),
      },
    })
    const answer = { statusCode: response.status, body: await response.text() }
    assertConforms(method, url, answer, world.errors)
    return JSON.parse(answer.body)
  }
}

const contents = [
  { fileName: 'contacts.vcf', content: 'BEGIN:VCARD\nEND:VCARD\n' },
  { fileName: 'groups.json', content: '{"groups":["\u5bb6\u65cf"]}' },
  { fileName: 'empty', content: '' },
]

const done = { code: 0, msg: 'success' }
const notHeld = { code: 13990424, msg: 'The backup lock is not held.' }
const notFound = { code: 13000309, msg: 'The resource does not exist.' }

const ways: [way: string, settings: Record<string, string>, authorize: Authorize][] = [
  ['a token that need not be known', { auth: 'any' }, () => 'Bearer+60f4ccc7b1********3dd9a68068'],
  ['a token that was issued', { auth: 'known' }, () => 'Bearer issued'],
  ['a signature where any token is good', { auth: 'any' }, (request) => authorizationOf(request)],
  ['a signature where tokens must be known', { auth: 'known' }, (request) => authorizationOf(request)],
]

const seed = {
  configCatalogue: [{ moduleCode: '102', configName: 'backend_backup_switch', initialValue: 'off' }],
  tokens: [{ token: 'issued', userId: exampleUser, lifetime: 'PT20M' }],
  apps: [exampleApp],
}

for (const [way, settings, authorize] of ways) {
  t.test(`COM-14 LOC-2 DEC-26 DEC-29: a whole backup of three files with a renewal, under ${way}`, async (t) => {
    const folder = t.testdir({ 'seed.json': JSON.stringify(seed) })
    const emulator = await emulatorFor(t, { devices: 'strict', seed: `${folder}/seed.json`, ...settings })
    const { time } = emulator
    const port = await listen(emulator)
    const call = clientOf(emulator, port, authorize)
    const began = time.now

    const { data: device } = await call('POST', '/device', { machineCode: 'phone_1', deviceName: 'Phone' })
    const ofDevice = `/device/${device.deviceId}`

    const { scopeList } = await call('POST', `${ofDevice}/scope`, {
      moduleCode: '102',
      scopeList: [{ localPath: '/contacts' }, { localPath: '/groups' }],
    })
    t.same(
      scopeList.map(({ localPath }) => localPath),
      ['/contacts', '/groups'],
    )

    const config = { moduleCode: '102', configName: 'backend_backup_switch' }
    const switched = { ...config, currentConfigValue: 'off', newConfigValue: 'on' }
    t.match(await call('PATCH', `${ofDevice}/config`, switched), { data: { configValue: 'on' }, ...done })
    t.match(await call('GET', `${ofDevice}/config?moduleCode=102&configName=backend_backup_switch`), {
      data: { configValue: 'on' },
    })

    const { data: lock } = await call('POST', '/lock', { moduleCode: '102' })
    const { lockId } = lock
    const { data: record } = await call('POST', '/record', { moduleCode: '102', deviceId: device.deviceId }, lockId)
    t.match(record, { status: 0, version: 1, endTime: '' })
    const ofRecord = `/record/${record.recordId}`

    for (const [index, { fileName, content }] of contents.entries()) {
      // Each file takes a little more than nine minutes; the lock lives because it is renewed in between.
      const created = await call<CreatedFile>(
        'POST',
        `${ofRecord}/file`,
        { fileName, length: Buffer.byteLength(content), sha256: sha256(content) },
        lockId,
      )
      time.now += 9 * minutes + 1000
      const [part] = created.multiParts
      t.ok(part?.uploadUrl.startsWith(`http://127.0.0.1:${port}/_upload/${created.uploadId}/1?`))
      const uploaded = await fetch(part?.uploadUrl ?? '', { method: 'PUT', body: content })
      t.equal(uploaded.status, 200)
      t.same(await call('POST', `!${filesPath}/complete`, { fileId: created.fileId }), { code: 0, msg: 'success.' })
      t.same(await call('PATCH', '/lock', undefined, lockId), done, `renewed after file ${index + 1}`)
    }

    t.same(await call('PATCH', ofRecord, { properties: '{"files":3}' }, lockId), done)
    time.now += 9 * minutes + 59_999
    t.same(await call('DELETE', '/lock', undefined, lockId), done)
    t.same(await call('PATCH', '/lock', undefined, lockId), notHeld)

    const ended = new Date(began + 3 * (9 * minutes + 1000)).toISOString()
    const viewed = await call('GET', ofRecord)
    t.same(viewed.data, { ...record, status: 1, properties: '{"files":3}', endTime: ended })

    const seen: string[] = []
    let cursor: string | undefined = ''
    while (cursor !== undefined) {
      const query: string = cursor === '' ? 'pageSize=2' : `pageSize=2&cursor=${cursor}`
      const page: Listed = await call<Listed>('GET', `${ofRecord}/files?${query}`)
      seen.push(...page.data.map(({ fileName }) => fileName))
      cursor = page.nextCursor
    }
    t.same(
      seen,
      contents.map(({ fileName }) => fileName),
    )
    const records = `/record?moduleCode=102&pageSize=1&deviceId=${device.deviceId}`
    const only = await call<Listed>('GET', records)
    t.same(
      only.data.map(({ recordId }) => recordId),
      [record.recordId],
    )
    t.equal(only.nextCursor, undefined)

    t.same(await call('DELETE', ofRecord, undefined, lockId), notHeld, 'a released lock deletes nothing')
    const { data: second } = await call('POST', '/lock', { moduleCode: '102' })
    t.same(await call('DELETE', ofRecord, undefined, second.lockId), done)
    t.same(await call('GET', ofRecord), notFound)
    t.same((await call<Listed>('GET', records)).data, [])
    t.same(await call('DELETE', '/lock', undefined, second.lockId), done)

    t.match(await call('DELETE', ofDevice), { data: { deviceId: device.deviceId, deviceName: 'Phone' }, code: 0 })
    t.same(await call('GET', records), notFound, 'DEC-16: strict')
  })
}

t.test(
  'LOC-1 LOC-2: without the renewal the same backup fails after ten minutes, and a new lock takes it up',
  async (t) => {
    const emulator = await emulatorFor(t)
    const call = clientOf(emulator, await listen(emulator), () => 'Bearer token')
    const { data: lock } = await call('POST', '/lock', { moduleCode: '102' })
    const { data: record } = await call('POST', '/record', { moduleCode: '102', deviceId: 'd' }, lock.lockId)
    emulator.time.now += 10 * minutes
    t.same(await call('POST', `/record/${record.recordId}/file`, { fileName: 'f' }, lock.lockId), notHeld)
    t.same(await call('PATCH', `/record/${record.recordId}`, {}, lock.lockId), notHeld)
    const { data: next } = await call('POST', '/lock', { moduleCode: '102' })
    t.equal((await call('POST', `/record/${record.recordId}/file`, { fileName: 'f' }, next.lockId)).code, 0)
    t.same(await call('PATCH', `/record/${record.recordId}`, {}, next.lockId), done)
  },
)
