import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { packageFile } from '../src/process/package.ts'
import { StartupError } from '../src/process/startup-error.ts'
import { readSeed } from '../src/settings/seed-file.ts'
import type { SettingTexts } from '../src/settings/settings.ts'
import { emulatorFor, exampleUser } from './fixtures/emulator.ts'

const sha256 = 'AB'.repeat(32)
const device = { deviceId: 'phone', machineCode: 'm1', deviceName: 'Phone', deviceOS: 'android' }
const open = { recordId: '1842846715527366528', moduleCode: '102', deviceId: 'phone', properties: '{"a":1}' }
const files = [
  { fileId: '1842846715527366600', fileName: 'b.txt', sha256, size: 5, description: 'second' },
  { fileId: '1842846715527366599', fileName: 'b.txt', parentFolder: ['folder', 'more'], sha256, size: 0 },
]
const completed = { ...open, recordId: '1842846715527366529', endTime: '2025-12-17T09:00:00.000Z', files }

const seedFile = (t: import('tap').Test, seed: unknown): string =>
  join(t.testdir({ 'seed.json': typeof seed === 'string' ? seed : JSON.stringify(seed) }), 'seed.json')

const ofUser = (records: unknown[], devices: unknown[] = [device]) => ({
  users: { [exampleUser]: { devices, records } },
})

async function seeded(t: import('tap').Test, seed: unknown, texts?: SettingTexts) {
  const emulator = await emulatorFor(t, { seed: seedFile(t, seed), ...texts })
  const read = async (path: string, headers = {}) => (await emulator.call({ method: 'GET', path, headers })).json()
  return { ...emulator, read }
}

t.test('DEC-32: records of the seed are there, with their device, oldest first', async (t) => {
  const { read } = await seeded(t, ofUser([completed, open, { moduleCode: '101', deviceId: 'phone' }]))
  const { createTime } = (await read('/device')).data[0]
  const deviceInfo = { ...device, createTime }
  const first = {
    recordId: open.recordId,
    moduleCode: '102',
    status: 0,
    properties: '{"a":1}',
    version: 2,
    createTime: '2025-12-17T07:27:27.709Z',
    endTime: '',
    deviceInfo,
  }
  const second = { ...first, recordId: completed.recordId, status: 1, version: 1, endTime: completed.endTime }
  t.same((await read('/record?moduleCode=102&pageSize=9')).data, [first, second])
  t.same((await read(`/record/${open.recordId}`)).data, first)
  const [third] = (await read('/record?moduleCode=101&pageSize=9&deviceId=phone')).data
  t.match(third, { status: 0, properties: '', version: 1, createTime: '2025-12-17T12:00:00.000Z', deviceInfo })
  t.match(await read('/record?moduleCode=102&pageSize=9', { 'x-user-id': 'another' }), { data: [], code: 0 })
})

t.test('DEC-32 FIL-2: files of the seed are listed as uploaded, and are known content', async (t) => {
  const { call, read } = await seeded(t, ofUser([open, completed]))
  t.same((await read(`/record/${completed.recordId}/files?pageSize=9`)).data, [
    {
      fileId: '1842846715527366599',
      fileName: 'b.txt',
      sha256: sha256.toLowerCase(),
      size: 0,
      description: '',
      createTime: '2025-12-17T07:27:27.709Z',
    },
    {
      fileId: '1842846715527366600',
      fileName: 'b.txt',
      sha256: sha256.toLowerCase(),
      size: 5,
      description: 'second',
      createTime: '2025-12-17T07:27:27.709Z',
    },
  ])
  const { lockId } = (await call({ path: '/lock', body: { moduleCode: '102' } })).json().data
  const headers = { 'x-backup-lock-id': lockId }
  const body = { fileName: 'copy', sha256, length: 5 }
  const created = await call({ path: `/record/${open.recordId}/file`, body, headers })
  t.match(created.json(), { rapidUpload: true, multiParts: [], code: 0 }, 'DEC-29')
  const late = await call({ path: `/record/${completed.recordId}/file`, body, headers })
  t.equal(late.json().code, 13990425, 'DEC-27: a completed one takes no more')
})

t.test('DEC-27: versions go on where the seed’s records stand', async (t) => {
  const { call } = await seeded(t, ofUser([open, completed]), { devices: 'strict' })
  const { lockId } = (await call({ path: '/lock', body: { moduleCode: '102' } })).json().data
  const body = { moduleCode: '102', deviceId: 'phone' }
  const { data } = (await call({ path: '/record', body, headers: { 'x-backup-lock-id': lockId } })).json()
  t.equal(data.version, 3)
})

t.test('DEC-32: a seed is applied once: what was deleted stays deleted after a restart', async (t) => {
  const folder = t.testdir({ 'seed.json': JSON.stringify(ofUser([open])) })
  const texts = { seed: join(folder, 'seed.json'), db: join(folder, 'emulator.db') }
  const first = await emulatorFor(t, texts)
  t.equal(first.world.seeded, true)
  const { lockId } = (await first.call({ path: '/lock', body: { moduleCode: '102' } })).json().data
  const headers = { 'x-backup-lock-id': lockId }
  t.equal((await first.call({ method: 'DELETE', path: `/record/${open.recordId}`, headers })).json().code, 0)
  await first.server.close()
  first.world.store.close()
  const second = await emulatorFor(t, texts)
  t.equal(second.world.seeded, false)
  t.match((await second.call({ method: 'GET', path: `/record/${open.recordId}` })).json(), { code: 13000309 })
})

t.test('DEC-32: a mistake in a seed is one sentence that names its place', async (t) => {
  const user = `seed/users/${exampleUser}`
  const [file] = files
  const withFile = (change: object) => ofUser([{ ...open, files: [{ ...file, ...change }] }])
  const scoped = (scope: object) =>
    ofUser([], [{ ...device, scopes: [{ moduleCode: '102', localPath: '/a', ...scope }] }])
  const noInstant = 'is no instant of the calendar; expected one such as 2025-12-17T07:27:27.709Z [COM-9]'
  const noId = 'is no id; expected digits without a leading zero, at most 9223372036854775807 [COM-10]'
  for (const [seed, sentence] of [
    [ofUser([{ ...open, deviceId: 'other' }]), `${user}/records/0/deviceId is no device of this user`],
    [
      { users: { one: { devices: [device] }, two: { records: [open] } } },
      'seed/users/two/records/0/deviceId is no device of this user',
    ],
    [ofUser([open, { ...completed, recordId: open.recordId }]), `${user}/records/1 repeats ${user}/records/0`],
    [
      { users: { one: { devices: [device], records: [open] }, two: { devices: [device], records: [open] } } },
      'seed/users/two/records/0 repeats seed/users/one/records/0',
    ],
    [
      ofUser([{ ...open, files: [file, { ...file, fileId: '7' }] }]),
      `${user}/records/0/files/1 repeats ${user}/records/0/files/0`,
    ],
    [
      ofUser([{ ...open, files: [file, { ...file, fileId: '7', parentFolder: ['root', 'x'] }] }]),
      `${user}/records/0/files/1 repeats ${user}/records/0/files/0`,
    ],
    [ofUser([completed, { ...open, files: [file] }]), `${user}/records/1/files/0 repeats ${user}/records/0/files/0`],
    [ofUser([{ ...open, recordId: 7 }]), `${user}/records/0/recordId is a number; expected a string matching`],
    [ofUser([{ ...open, recordId: '12345678901234567890' }]), `${user}/records/0/recordId is a string of 20; expected`],
    [ofUser([{ ...open, recordId: '9223372036854775808' }]), `${user}/records/0/recordId ${noId}`],
    [ofUser([{ ...open, recordId: '07' }]), `${user}/records/0/recordId ${noId}`],
    [withFile({ fileId: '9999999999999999999' }), `${user}/records/0/files/0/fileId ${noId}`],
    [scoped({ scopeId: '9223372036854775808' }), `${user}/devices/0/scopes/0/scopeId ${noId}`],
    [scoped({ localPath: '' }), `${user}/devices/0/scopes/0 has neither path; expected one [SCO-2]`],
    [
      scoped({ localPath: 'a' }),
      `${user}/devices/0/scopes/0/localPath is a string of 1 with "a" at character 1; expected a string matching`,
    ],
    [ofUser([], [{ ...device, createTime: '2025-02-30T00:00:00.000Z' }]), `${user}/devices/0/createTime ${noInstant}`],
    [ofUser([], [{ ...device, createTime: '2025-01-01T24:00:01.000Z' }]), `${user}/devices/0/createTime ${noInstant}`],
    [ofUser([{ ...open, endTime: '2025-13-01T00:00:00.000Z' }]), `${user}/records/0/endTime ${noInstant}`],
    [ofUser([{ ...open, endTime: '2025-12-17' }]), `${user}/records/0/endTime is a string of 10; expected a string`],
    [
      ofUser([{ ...open, properties: '{' }]),
      `${user}/records/0/properties is a string of 1; expected a string holding`,
    ],
    [
      ofUser([{ ...open, properties: {} }]),
      `${user}/records/0/properties is an object; expected a string holding JSON`,
    ],
    [ofUser([{ ...open, moduleCode: '103' }]), `${user}/records/0/moduleCode is a string of 3; expected one of`],
    [ofUser([{ ...open, status: 1 }]), `${user}/records/0/status is not a known property`],
    [withFile({ length: 5 }), `${user}/records/0/files/0/length is not a known property`],
    [withFile({ sha256: 'ab' }), `${user}/records/0/files/0/sha256 is a string of 2; expected a string matching`],
    [withFile({ sha256: undefined }), `${user}/records/0/files/0 has neither an uploadId nor both sha256 and size`],
    [withFile({ size: -1 }), `${user}/records/0/files/0/size is a number; expected an integer from 0 to`],
    [withFile({ size: 2 ** 53 }), `${user}/records/0/files/0/size is a number; expected an integer from 0 to`],
    [
      withFile({ fileName: 'a/b' }),
      `${user}/records/0/files/0/fileName is a string of 3 with "/" at character 2; expected a string matching`,
    ],
    [withFile({ parentFolder: 'root' }), `${user}/records/0/files/0/parentFolder is a string of 4; expected an array`],
    ['{"apps":[{"appId":"a","appSecret":"\\ud800"}]}', 'seed/apps/0/appSecret holds an unpaired surrogate'],
    [ofUser([{ ...open, version: 1e300 }]), `${user}/records/0/version is a number; expected an integer from 1 to`],
    ['{"users":', 'is not JSON: '],
    ['[]', 'seed is an array of 0; expected an object'],
  ] as const) {
    const path = seedFile(t, seed)
    const error: unknown = await emulatorFor(t, { seed: path }).catch((problem: unknown) => problem)
    if (!(error instanceof StartupError)) return t.fail(`${JSON.stringify(seed)} gave ${String(error)}`)
    t.ok(error.message.startsWith(`the seed ${path} `), error.message)
    t.ok(error.message.includes(sentence), `${error.message} | ${sentence}`)
    t.notMatch(error.message, '\n')
  }
})

t.test('DEC-32: the bundled seed, which no start checks, has no mistake', async (t) => {
  const bundled = readSeed('bundled')
  t.strictSame(readSeed(fileURLToPath(packageFile('data/seed.json'))), bundled)
  t.ok(Object.keys(bundled.users ?? {}).length > 0)
})
