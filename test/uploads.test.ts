import { createHash, hash } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { Test } from 'tap'
import t from 'tap'
import type { SettingTexts } from '../src/settings/settings.ts'
import { hashPart } from '../src/uploads/digest.ts'
import { hashCtxOf, initialState } from '../src/uploads/hash-ctx.ts'
import type { CreatedFile } from './fixtures/backup.ts'
import { backupsFor, filesPath, listen, targetOf } from './fixtures/backup.ts'

const five = 5_242_880
const largest = 5_368_709_120
const integrity = { code: 13000402, msg: 'File integrity check failed.' }
const invalid = { code: 13000102, msg: 'Verify parameters failed.' }
const complete = { code: 0, msg: 'success.' }

/** Twelve MiB of which no two blocks are alike, in parts of 5 MiB. */
const whole = Buffer.alloc(12 * 2 ** 20)
for (let place = 0; place < whole.length; place += 4) whole.writeUInt32LE(Math.imul(place, 0x9e3779b1) >>> 0, place)
const sha256 = hash('sha256', whole)
const pieces = [whole.subarray(0, five), whole.subarray(five, 2 * five), whole.subarray(2 * five)]
const sequential = pieces.map(({ length }, index) => ({ partNumber: index + 1, partSize: length }))

/** The state of SHA-256 after so many bytes, as a client would send it. */
async function hashCtxAfter(bytes: number): Promise<number[]> {
  const stream = (async function* () {
    yield whole.subarray(0, bytes)
  })()
  const { digest } = await hashPart(stream, { state: initialState, offset: 0 })
  return hashCtxOf(digest?.end ?? '')
}

const parallel = await Promise.all(
  sequential.map(async (part, index) => ({
    ...part,
    partOffset: index * five,
    ...(index === 0 ? {} : { hashCtx: await hashCtxAfter(index * five) }),
  })),
)

type Created = CreatedFile & { multiParts: { uploadUrl: string }[] }

async function opened(t: Test, body: object = {}, texts?: SettingTexts) {
  const backups = await backupsFor(t, texts)
  const lock = await backups.lock()
  const { recordId } = await backups.record(lock)
  const file = (changed: object = {}): Promise<Created> =>
    backups.file(lock, recordId, { fileName: 'f', length: whole.length, ...changed })
  const created = await file(body)
  const links = async (...multiParts: object[]): Promise<Created> =>
    (
      await backups.call({ path: `!${filesPath}/multipart/uploadUrl`, body: { fileId: created.fileId, multiParts } })
    ).json()
  const put = async (from: Created, index: number, bytes = pieces[index]) =>
    backups.put(from.multiParts[index]?.uploadUrl ?? '', bytes)
  const finish = async (sum?: string) => {
    const answer = await backups.complete(created.fileId, sum)
    return { ...answer.json(), reason: answer.headers['x-emulator-reason'] }
  }
  const listed = async () => (await backups.send('GET', `/record/${recordId}/files?pageSize=9`)).json().data
  return { backups, time: backups.time, lock, recordId, file, created, links, put, finish, listed }
}

t.test('UPL-1 UPL-4: three parts one after the other, and the whole has its digest', async (t) => {
  const { created, put, links, finish, listed, file } = await opened(t, { multiParts: sequential, sha256 })
  t.same(
    created.multiParts.map(({ partOffset }) => partOffset),
    [undefined, undefined, undefined],
  )
  for (const index of [0, 1, 2]) t.equal((await put(created, index)).statusCode, 200)
  t.match(await finish(sha256.toUpperCase()), complete)
  t.match(await links(...sequential), { code: 13000401 })
  t.match(await finish(), { code: 13000401, reason: /the file is complete/ })
  t.match(await listed(), [{ sha256, size: whole.length }])
  t.match(await file({ fileName: 'again', sha256 }), { rapidUpload: true, multiParts: [] })
})

t.test('UPL-3 DEC-40: in parallel parts may come in any order, and twice', async (t) => {
  for (const order of [
    [2, 1, 0],
    [1, 0, 2],
    [0, 0, 2, 1, 1],
  ]) {
    const { created, put, finish, listed } = await opened(t, { multiParts: parallel })
    t.match(created.multiParts, [{ partOffset: 0 }, { partOffset: five }, { hashCtx: parallel[2]?.['hashCtx'] }])
    for (const index of order) t.equal((await put(created, index)).statusCode, 200)
    t.match(await finish(), complete)
    t.match(await listed(), [{ sha256 }])
  }
})

t.test('DEC-40 DEC-42: parts out of order without hashCtx are taken, and must come again', async (t) => {
  const { created, put, finish, listed } = await opened(t, { multiParts: sequential })
  t.match(await finish(), { ...integrity, reason: /missing: parts 1-3/ })
  for (const index of [2, 1, 0]) await put(created, index)
  t.match(await finish(), { ...integrity, reason: /to be sent again: parts 2-3/ })
  await put(created, 1)
  t.match(await finish(), { ...integrity, reason: /to be sent again: part 3/ })
  await put(created, 2)
  t.match(await finish(hash('sha256', 'other')), { ...integrity, reason: /another SHA-256/ })
  await put(created, 0, Buffer.alloc(five))
  t.match(await finish(), { ...integrity, reason: /to be sent again: parts 2-3/ })
  for (const index of [0, 1, 2]) await put(created, index)
  t.match(await finish(sha256), complete)
  t.match(await listed(), [{ sha256 }])
})

t.test('DEC-39 DEC-42: a wrong hashCtx is refused where it is known to be, and a wrong part is named', async (t) => {
  const { created, put, finish, links } = await opened(t, { multiParts: parallel })
  const [, second = {}] = parallel
  await put(created, 0, Buffer.alloc(five))
  t.match(await links(second), invalid)
  for (const index of [1, 2]) await put(created, index)
  t.match(await finish(sha256), { ...integrity, reason: /part 1 has other bytes than the hashCtx of part 2 says/ })
  await put(created, 0)
  t.match(await links(second), { code: 0, multiParts: [{ partNumber: 2 }] })
  t.match(await links({ ...second, hashCtx: [1, 2, 3, 4, 5, 6, 7, -8] }), invalid)
  t.match(await links({ ...second, hashCtx: undefined }), invalid)
  t.match(await finish(sha256), complete)
})

t.test('UPL-5 DEC-41: a link lives 3,600 seconds by the signing clock, and a fresh one goes on', async (t) => {
  const { created, put, links, finish, time } = await opened(t, { multiParts: sequential })
  time.now += 3_600_000
  t.equal((await put(created, 0)).statusCode, 200)
  time.now += 1
  const late = await put(created, 1)
  t.match(late, { statusCode: 403, headers: { 'content-type': 'application/xml' }, body: /<Code>AccessDenied</ })
  t.match(late.headers['x-emulator-reason'], 'ask for a fresh one')
  const fresh = await links(...sequential.slice(1))
  t.same(
    fresh.multiParts.map(({ partNumber }) => partNumber),
    [2, 3],
  )
  for (const index of [0, 1]) t.equal((await put(fresh, index, pieces[index + 1])).statusCode, 200)
  t.match(await finish(sha256), complete)
})

t.test('DEC-41: what is not the part of the link is refused in XML, and nothing is stored', async (t) => {
  const { backups, created, put, finish } = await opened(t, { multiParts: sequential })
  const url = created.multiParts[2]?.uploadUrl ?? ''
  const code = async (target: string, bytes: string | Buffer = pieces[2] ?? '', headers = {}) => {
    const { statusCode, body } = await backups.put(target, bytes, headers)
    return [statusCode, /<Code>(\w+)</.exec(body)?.[1]]
  }
  t.same(await code(url, 'short'), [403, 'SignatureDoesNotMatch'])
  for (const other of ['2', '4', '0', 'x'])
    t.same(await code(url.replace('/3?', `/${other}?`)), [403, 'SignatureDoesNotMatch'])
  t.same(await code(url.replace('partNumber=3', 'partNumber=2')), [403, 'SignatureDoesNotMatch'])
  t.same(await code(url.replace(/\?.*/, '')), [403, 'SignatureDoesNotMatch'])
  t.same(await code(`${url}&%zz`), [403, 'SignatureDoesNotMatch'])
  t.same(await code(url.replace('_upload', 'worlds/unknown/_upload')), [403, 'SignatureDoesNotMatch'])
  t.same(await code(url, undefined, { 'x-emulator-world': '..' }), [400, 'InvalidRequest'])
  for (const headers of [
    { 'content-range': 'bytes 0-1/2' },
    { 'content-encoding': 'gzip' },
    { 'content-type': 'multipart/form-data; boundary=x' },
  ]) {
    t.same(await code(url, undefined, headers), [400, 'InvalidRequest'])
  }
  t.match(await finish(), { ...integrity, reason: /missing: parts 1-3/ })
  for (const index of [0, 1, 2]) t.equal((await put(created, index)).statusCode, 200)
  t.match(await finish(), complete)
  t.same(await code(url), [404, 'NoSuchUpload'])
  const { server, headers } = backups
  for (const method of ['GET', 'POST', 'DELETE'] as const) {
    t.equal((await server.inject({ method, url: targetOf(url), headers: headers() })).statusCode, 404)
  }
})

t.test('DEC-33 DEC-35: the plan changes as it is asked for, and what is stored counts on where it fits', async (t) => {
  const { created, file, links, put, finish } = await opened(t)
  t.match(created.multiParts, [{ partNumber: 1, partSize: whole.length }])
  const asked = await links(...sequential.slice(0, 2))
  t.equal((await put(asked, 0)).statusCode, 200)
  t.match(await links({ partNumber: 1, partSize: five + 64 }), invalid)
  t.match(await links({ partNumber: 4, partSize: 5 }), invalid, 'lower numbers come first')
  t.match(await finish(), {
    ...integrity,
    reason: /missing: part 2; never announced: bytes 10485760-12582911 \(as part 3\)/,
  })
  const again = await file({ multiParts: sequential })
  t.equal(again.uploadId, created.uploadId)
  for (const index of [1, 2]) await put(again, index)
  t.match(await finish(sha256), complete)
  const open = await file({ fileName: 'open', length: undefined })
  t.notOk('partSize' in (open.multiParts[0] ?? {}))
})

t.test('DEC-41: parts come over sockets: in parallel, broken off, asked for, in chunks', async (t) => {
  const { backups, lock, recordId, finish, listed } = await opened(t, { multiParts: parallel })
  const port = await listen(backups)
  const host = `127.0.0.1:${port}`
  const body = { fileName: 'f', length: whole.length, multiParts: parallel }
  const created: Created = (
    await backups.send('POST', `/record/${recordId}/file`, { body, lock, headers: { host } })
  ).json()
  const begin = async (index: number, lines: readonly string[], first: string | Buffer = ''): Promise<Socket> => {
    const arrived = once(backups.server.server, 'request')
    const socket = connect(port, '127.0.0.1')
    const target = targetOf(created.multiParts[index]?.uploadUrl ?? '')
    socket.write([`PUT ${target} HTTP/1.1`, `host: ${host}`, 'connection: close', ...lines, '', ''].join('\r\n'))
    socket.write(first)
    await arrived
    return socket
  }
  const answerOf = async (socket: Socket): Promise<string> => {
    let answer = ''
    for await (const chunk of socket) answer += chunk
    return answer
  }
  const sized = pieces.map(({ length }) => `content-length: ${length}`)
  const [third = '', second = ''] = [sized[2], sized[1]]

  const cut = await begin(2, [third], 'half')
  cut.destroy()
  t.match(
    await answerOf(await begin(2, ['transfer-encoding: chunked'], '0\r\n\r\n')),
    /^HTTP\/1.1 411 .*<Code>MissingContentLength</s,
  )
  const waiting = await begin(1, [second, 'expect: 100-continue'])
  const [said] = await once(waiting, 'data')
  t.match(String(said), /^HTTP\/1.1 100 Continue/)
  waiting.end(pieces[1] ?? '')
  t.match(await answerOf(waiting), /^HTTP\/1.1 200 OK/)
  const refused = await begin(1, ['content-length: 99', 'expect: 100-continue'])
  t.match(await answerOf(refused), /^HTTP\/1.1 403 .*SignatureDoesNotMatch/s, 'without its bytes')
  const asked = await begin(1, ['content-length: 6'], 'abc')
  asked.write('def')
  t.match(await answerOf(asked), /^HTTP\/1.1 403/)
  t.match(await finish(), { ...integrity, reason: /missing: parts 1, 3/ })

  const sockets = await Promise.all([0, 2, 1, 0].map((index) => begin(index, [sized[index] ?? ''], pieces[index])))
  for (const answer of await Promise.all(sockets.map(answerOf))) t.match(answer, /^HTTP\/1.1 200 OK/)
  t.match(await finish(sha256), complete)
  t.match(await listed(), [{ sha256 }])
})

t.test('DEC-41: of two that send one part at the same time, the last to finish wins', async (t) => {
  const { backups, created, finish, listed } = await opened(t, { length: undefined })
  const port = await listen(backups)
  const target = targetOf(created.multiParts[0]?.uploadUrl ?? '')
  const begin = (bytes: string) => {
    const headers = { host: 'localhost:80', 'content-length': 10 }
    const sending = httpRequest({ port, path: target, method: 'PUT', headers })
    sending.write(bytes)
    return sending
  }
  const arrived = once(backups.server.server, 'request')
  const [one, other] = [begin('first'), begin('other')]
  await arrived
  for (const sending of [other, one]) {
    const answered = once(sending, 'response')
    sending.end('-bytes'.slice(1))
    t.equal((await answered)[0].statusCode, 200)
  }
  t.match(await finish(), complete)
  t.match(await listed(), [{ sha256: hash('sha256', 'firstbytes') }])
})

t.test('UPL-1 DEC-34 DEC-41: 20 MiB in three parts, a link of which expired and was renewed; then known', async (t) => {
  const bytes = Buffer.concat([whole, whole.subarray(0, 2 ** 23)])
  const digest = hash('sha256', bytes)
  const sizes = [8, 8, 4].map((size) => size * 2 ** 20)
  const multiParts = sizes.map((partSize, index) => ({ partNumber: index + 1, partSize }))
  const told = { length: bytes.length, sha256: digest, multiParts }
  const { backups, recordId, created, put, links, finish, listed, file, time } = await opened(t, told)
  const piece = (index: number) => bytes.subarray(index * 2 ** 23, index * 2 ** 23 + (sizes[index] ?? 0))
  for (const index of [0, 1]) t.equal((await put(created, index, piece(index))).statusCode, 200)
  t.match(await file(told), { uploadId: created.uploadId }, 'a lost answer is answered again')
  time.now += 3_601_000
  t.equal((await put(created, 2, piece(2))).statusCode, 403)
  const fresh = await links({ partNumber: 3, partSize: sizes[2] })
  t.equal((await put(fresh, 0, piece(2))).statusCode, 200)
  t.match(await finish(), complete)
  t.match(await listed(), [{ fileName: 'f', sha256: digest, size: bytes.length }])
  const again = await backups.file(await backups.lock(), recordId, { ...told, fileName: 'again' })
  t.match(again, { rapidUpload: true, multiParts: [] })
})

t.test('UPL-4 DEC-42: 100 parts, broken off and resumed by a client that asks for fresh links', async (t) => {
  const piece = Buffer.alloc(five, 'resume')
  const numbers = Array.from({ length: 100 }, (_, index) => index + 1)
  const { created, put, links, finish, listed, time } = await opened(t, { length: 100 * five })
  t.equal(created.multiParts.length, 1)
  const send = async (wanted: readonly number[]) => {
    const page = await links(...wanted.map((partNumber) => ({ partNumber, partSize: five })))
    for (const index of wanted.keys()) t.equal((await put(page, index, piece)).statusCode, 200)
  }
  for (const start of [0, 20]) await send(numbers.slice(start, start + 20))
  time.now += 4 * 3_600_000
  const { reason } = await finish()
  const [, from] = /never announced: bytes \d+-\d+ \(as part (\d+)\)/.exec(`${reason}`) ?? []
  t.equal(from, '41', 'a client may learn there where to go on')
  for (let next = Number(from); next <= 100; next += 20) await send(numbers.slice(next - 1, next + 19))
  t.match(await finish(), complete)
  const sum = createHash('sha256')
  for (const _ of numbers) sum.update(piece)
  t.match(await listed(), [{ sha256: sum.digest('hex'), size: 100 * five }])
})

t.test('UPL-2 UPL-3: what is at its limit is taken, and what is beyond it refused', async (t) => {
  const { file, links, backups, lock, recordId } = await opened(t, { length: 3 * largest })
  const files: [at: object, beyond: object][] = [
    [{ description: 'd'.repeat(512) }, { description: 'd'.repeat(513) }],
    [{ length: 200 * 2 ** 30 }, { length: 200 * 2 ** 30 + 1 }],
    [{ length: 0 }, { length: -1 }],
    [{ createdTime: '2023-08-18T05:43:49Z' }, { createdTime: '2023-08-18T05:43:49.0Z' }],
    [{ uploadMode: 'multipart' }, { uploadMode: 'put' }],
    [{ uploadType: 1 }, { uploadType: 0 }],
    [{ uploadType: 1 }, { uploadType: 2 }],
    [{ autoRename: 2 }, { autoRename: 1 }],
    [{ autoRename: 4 }, { autoRename: 5 }],
    [
      { length: five, multiParts: [] },
      { length: five, multiParts: [{ partNumber: 1, partSize: five + 1 }] },
    ],
  ]
  for (const [index, [at, beyond]] of files.entries()) {
    t.match(await file({ fileName: `${index}`, ...at }), { code: 0 }, JSON.stringify(at).slice(0, 90))
    t.match(await file({ fileName: `x${index}`, ...beyond }), invalid, JSON.stringify(beyond).slice(0, 90))
  }
  const hashCtx = hashCtxOf(initialState)
  const second = { partNumber: 2, partOffset: five, partSize: five }
  const parts: [at: object[], beyond: object[]][] = [
    [[{ partNumber: 1, partSize: five }], [{ partNumber: 1, partSize: five - 1 }]],
    [[{ partNumber: 1, partSize: largest }], [{ partNumber: 1, partSize: largest + 1 }]],
    [[{ partNumber: 1, partSize: five }], [{ partNumber: 0, partSize: five }]],
    [[{ ...second, hashCtx }], [second]],
    [[{ ...second, hashCtx }], [{ ...second, hashCtx: hashCtx.slice(1) }]],
    [
      [{ ...second, hashCtx: [2 ** 32 - 1, ...hashCtx.slice(1)] }],
      [{ ...second, hashCtx: [2 ** 32, ...hashCtx.slice(1)] }],
    ],
    [
      [{ partNumber: 10_000, partOffset: 3 * largest - five, partSize: five, hashCtx }],
      [{ partNumber: 10_001, partOffset: 3 * largest - five, partSize: five, hashCtx }],
    ],
    [
      [{ partNumber: 3, partOffset: 2 * five + 64, partSize: five, hashCtx }],
      [{ partNumber: 3, partOffset: 2 * five + 65, partSize: five, hashCtx }],
    ],
  ]
  for (const [at, beyond] of parts) {
    t.match(await links(...beyond), invalid, JSON.stringify(beyond))
    t.match(await links(...at), { code: 0 }, JSON.stringify(at))
  }
  const last = (length: number) => ({
    fileName: `last${length}`,
    length,
    multiParts: [{ partNumber: 1, partSize: length }],
  })
  for (const length of [0, 1, five - 1, largest]) t.match(await backups.file(lock, recordId, last(length)), { code: 0 })
  t.match(await backups.file(lock, recordId, last(largest + 1)), invalid)
})

t.test('DEC-33 DEC-41: an upload may change while a part of it comes', async (t) => {
  const { backups, created, file, links, put, finish, recordId, lock } = await opened(t, { multiParts: sequential })
  const port = await listen(backups)
  const begin = async (index: number) => {
    const bytes = pieces[index] ?? Buffer.alloc(0)
    const path = targetOf(created.multiParts[index]?.uploadUrl ?? '')
    const headers = { host: 'localhost:80', 'content-length': bytes.length }
    const arrived = once(backups.server.server, 'request')
    const sending = httpRequest({ port, path, method: 'PUT', headers })
    sending.write(bytes.subarray(0, 9))
    await arrived
    await new Promise(setImmediate)
    return async () => {
      const answered = once(sending, 'response')
      sending.end(bytes.subarray(9))
      const [response] = await answered
      response.resume()
      return response.statusCode
    }
  }
  const resized = await begin(0)
  await file({ multiParts: [1, 2].map((partNumber) => ({ partNumber, partSize: 6 * 2 ** 20 })) })
  t.equal(await resized(), 403, 'its part has another size now')
  await file({ multiParts: sequential })
  await put(created, 0)
  const moved = await begin(1)
  const sizes = [6 * 2 ** 20, five, 2 ** 20]
  await file({ multiParts: sizes.map((partSize, index) => ({ partNumber: index + 1, partSize })) })
  t.equal(await moved(), 200, 'its part begins elsewhere now')
  t.match(await finish(), { ...integrity, reason: /missing: parts 1, 3; to be sent again: part 2/ })
  const deleted = await begin(1)
  await backups.send('DELETE', `/record/${recordId}`, { lock })
  t.equal(await deleted(), 404, 'there is no such upload any more')
  t.match(await links(...sequential), { code: 13000401 })
})

t.test('DEC-31 DEC-40: open uploads go on after a restart, an import and a restored snapshot', async (t) => {
  const db = `${t.testdir({})}/emulator.db`
  const before = await opened(t, { multiParts: sequential, sha256 }, { db })
  await before.put(before.created, 0)
  await before.backups.stop()
  const after = await backupsFor(t, { db })
  const control = async (method: 'GET' | 'PUT' | 'POST', path: string, payload?: object) =>
    after.server.inject({ method, url: `/_emulator/worlds/default${path}`, ...(payload && { payload }) })
  const document = (await control('GET', '/state')).json()
  t.match(document.users['1505084218764547200'].records[0].files, [
    { multiParts: [{ stored: { size: five, digest: {} } }, {}, {}] },
  ])
  t.equal((await control('PUT', '/state', document)).statusCode, 200)
  t.same((await control('GET', '/state')).json(), document)
  await control('POST', '/snapshots/half')
  const put = (index: number) => after.put(before.created.multiParts[index]?.uploadUrl ?? '', pieces[index])
  await put(1)
  await control('POST', '/snapshots/half/restore')
  for (const index of [1, 2]) t.equal((await put(index)).statusCode, 200)
  t.same((await after.complete(before.created.fileId)).json(), complete)

  const [record] = document.users['1505084218764547200'].records
  const [file] = record.files
  const [first, ...others] = file.multiParts
  const mistakes: [change: object, detail: RegExp][] = [
    [{ uploadId: undefined, sha256, size: 1 }, /has multiParts and no uploadId/],
    [{ multiParts: [first, first] }, /multiParts\/1 is not in the order of numbers/],
    [{ multiParts: [first, { partNumber: 2, partSize: 1, partOffset: 0 }] }, /multiParts\/1 begins before/],
    [{ size: 10 }, /multiParts\/0 reaches beyond/],
    [{ size: undefined }, /multiParts: several parts need the size of the file/],
    [{ multiParts: [{ ...first, partSize: undefined }, ...others] }, /multiParts\/0 has no partSize/],
    [{ size: 300 * 2 ** 30 }, /size is a number; expected an integer from 0 to 214748364800/],
    [{ multiParts: [{ ...first, hashCtx: [1] }] }, /multiParts\/0\/hashCtx holds 1 numbers/],
    [
      { multiParts: [{ ...first, stored: { ...first.stored, size: 1 } }, ...others] },
      /stored\/size is not that of the/,
    ],
    [
      {
        multiParts: [
          { ...first, stored: { ...first.stored, digest: { ...first.stored.digest, end: 'ab'.repeat(33) } } },
          ...others,
        ],
      },
      /stored\/digest has states/,
    ],
  ]
  const changedBy = (change: object) => ({
    ...document,
    users: {
      '1505084218764547200': {
        ...document.users['1505084218764547200'],
        records: [{ ...record, files: [{ ...file, ...change }] }],
      },
    },
  })
  const { digest: _, ...came } = first.stored
  const alone = { size: undefined, multiParts: [{ partNumber: 1, stored: came }] }
  t.equal((await control('PUT', '/state', changedBy(alone))).statusCode, 200, 'one part without a size')
  for (const [change, detail] of mistakes) {
    const answer = await control('PUT', '/state', changedBy(change))
    t.equal(answer.statusCode, 400)
    t.match(answer.json().detail, detail)
  }
})

t.test('DEC-31 DEC-40: an open upload is imported as it was exported, whatever is known of its parts', async (t) => {
  for (const multiParts of [parallel, sequential]) {
    const { backups, created, put, finish } = await opened(t, { multiParts, sha256 })
    const state = async (method: 'GET' | 'PUT', payload?: object) =>
      (
        await backups.server.inject({ method, url: '/_emulator/worlds/default/state', ...(payload && { payload }) })
      ).json()
    await put(created, 2)
    const document = await state('GET')
    await state('PUT', document)
    t.same(await state('GET'), document)
    for (const index of multiParts === parallel ? [0, 1] : [0, 1, 2]) await put(created, index)
    t.match(await finish(), complete)
  }
})

t.test('DEC-41: explain judges a part without its bytes, and answers no code', async (t) => {
  const { backups, created, time } = await opened(t, { multiParts: sequential })
  const path = targetOf(created.multiParts[0]?.uploadUrl ?? '')
  const explain = async (headers: object, now?: number) => {
    const payload = {
      method: 'PUT',
      path,
      headers: { host: 'localhost:80', ...headers },
      ...(now && { now: new Date(now).toISOString() }),
    }
    return (await backups.server.inject({ method: 'POST', url: '/_emulator/worlds/default/explain', payload })).json()
  }
  t.match(await explain({ 'content-length': `${five}` }), { accepted: true, check: null, code: null, reason: null })
  t.match(await explain({ 'content-length': '5' }), { accepted: false, check: 'part', code: null, reason: /partSize/ })
  t.match(await explain({ 'content-length': `${five}` }, time.now + 3_600_001), { accepted: false, reason: /fresh/ })
})

t.test('a failure of the emulator, and a body that is none, are answered in XML', async (t) => {
  const { backups, created } = await opened(t, { length: undefined })
  const url = created.multiParts[0]?.uploadUrl ?? ''
  const wrong = await backups.put(url, 'abc', { 'content-length': '5' })
  t.match(wrong, { statusCode: 400, body: /<Code>IncompleteBody</ })
  backups.world.store.close()
  t.match(await backups.put(url, 'abc'), { statusCode: 500, body: /<Code>InternalError</ })
})

t.test('DEC-38: a client that computes its states as it reads needs no second pass', async (t) => {
  const running = createHash('sha256')
    .update(whole.subarray(0, five))
    .copy()
    .update(pieces[1] ?? '')
  t.equal(running.update(pieces[2] ?? '').digest('hex'), sha256)
  const { links, created } = await opened(t, { multiParts: parallel.slice(0, 1) })
  t.equal(created.multiParts.length, 1)
  const { multiParts } = await links(...parallel.slice(1))
  t.match(multiParts[0]?.uploadUrl, /&X-Amz-Iteration-Hash-Ctx=ey/)
})

t.test('DEC-29 DEC-41: a part of 240 MB takes no more memory than a small one', async (t) => {
  const { backups, created, finish, listed } = await opened(t, { length: 240_000_000 })
  const port = await listen(backups)
  const megabyte = Buffer.alloc(1_000_000, 'b')
  const path = targetOf(created.multiParts[0]?.uploadUrl ?? '')
  const headers = { host: 'localhost:80', 'content-length': 240_000_000 }
  const upload = async (): Promise<number> => {
    const sending = httpRequest({ port, path, method: 'PUT', headers })
    const answered = once(sending, 'response')
    let most = 0
    for (let piece = 0; piece < 240; piece += 1) {
      if (!sending.write(megabyte)) await once(sending, 'drain')
      if (piece > 60) most = Math.max(most, process.memoryUsage.rss())
    }
    sending.end()
    const [response] = await answered
    response.resume()
    t.equal(response.statusCode, 200)
    return most
  }
  const before = process.memoryUsage.rss()
  t.ok((await upload()) - before < 150_000_000)
  t.match(await finish(), complete)
  t.match(await listed(), [{ size: 240_000_000 }])
})
