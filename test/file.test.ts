import { hash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import t from 'tap'
import { basePath } from '../schemas/common.ts'
import type { SettingTexts } from '../src/settings.ts'
import type { Backups, CreatedFile } from './fixtures/backup.ts'
import { backupsFor, exchange, listen } from './fixtures/backup.ts'
import { exampleUser } from './fixtures/emulator.ts'

const invalid = { code: 13000102, msg: 'Verify parameters failed.' }
const notFound = { code: 13000309, msg: 'The resource does not exist.' }
const integrity = { code: 13000402, msg: 'File integrity check failed.' }
const duplicate = { code: 13000405, msg: 'Duplicate file name.' }
const done = { code: 0, msg: 'success' }

const content = 'The quick brown fox jumps over the lazy dog'
const contentSha256 = 'd7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592'
const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

interface ListedFile {
  readonly fileId: string
  readonly fileName: string
  readonly sha256: string
  readonly size: number
  readonly description: string
  readonly createTime: string
}

interface FilePage {
  readonly code: number
  readonly data: ListedFile[]
  readonly nextCursor?: string
}

/** An emulator with one open record under a lock. */
async function inRecord(t: import('tap').Test, texts?: SettingTexts) {
  const backups = await backupsFor(t, texts)
  const lock = await backups.lock()
  const { recordId } = await backups.record(lock)
  const create = (body: unknown) => backups.send('POST', `/record/${recordId}/file`, { body, lock })
  const file = async (body: object): Promise<CreatedFile> => (await create({ fileName: 'f', ...body })).json()
  const list = async (query = 'pageSize=100', id = recordId, user = exampleUser): Promise<FilePage> =>
    (await backups.send('GET', `/record/${id}/files?${query}`, { user })).json()
  const complete = () => backups.send('PATCH', `/record/${recordId}`, { body: {}, lock })
  const remove = () => backups.send('DELETE', `/record/${recordId}`, { lock })
  return { ...backups, backups, lockId: lock, recordId, create, file, list, complete, remove }
}

const urlOf = ({ multiParts }: CreatedFile): string => multiParts[0]?.uploadUrl ?? ''
const pathOf = (file: CreatedFile): string => new URL(urlOf(file)).pathname
const namesOf = ({ data }: FilePage): string[] => data.map(({ fileName }) => fileName)

t.test('contract', async (t) => {
  const { create, list, send, lockId, recordId } = await inRecord(t)

  t.test('COM-6 DEC-26: creating a file without a well-formed lock header is invalid', async (t) => {
    for (const [lock, reason] of [
      [undefined, 'x-backup-lock-id is missing'],
      ['', 'x-backup-lock-id is empty'],
      ['a b', 'x-backup-lock-id is a string of 3'],
    ] as const) {
      const response = await send('POST', `/record/${recordId}/file`, { body: { fileName: 'f' }, lock })
      t.same(response.json(), invalid)
      t.match(response.headers['x-emulator-reason'], reason)
    }
  })

  t.test('COM-6 DEC-5: the lock header given twice is invalid', async (t) => {
    const { backups, lockId, recordId } = await inRecord(t)
    const port = await listen(backups)
    const body = '{"fileName":"f"}'
    const answer = await exchange(
      port,
      [
        `POST ${basePath}/record/${recordId}/file HTTP/1.1`,
        ...Object.entries(backups.headers()).map(([name, value]) => `${name}: ${value}`),
        `x-backup-lock-id: ${lockId}`,
        `x-backup-lock-id: ${lockId}`,
        'connection: close',
        `content-length: ${body.length}`,
        '',
        body,
      ].join('\r\n'),
    )
    t.match(answer, '"code":13000102')
    t.match(answer, 'x-backup-lock-id was sent more than once')
  })

  t.test('FIL-1 DEC-10: names of up to 250 characters, counted in UTF-16 units, are taken', async (t) => {
    const { create } = await inRecord(t)
    const names = [
      'a',
      'n'.repeat(249),
      'n'.repeat(250),
      '\u{1f600}'.repeat(125),
      '...',
      'a.',
      '.a',
      '..a',
      '. ',
      ' ',
      'a\nb',
      'a\n',
      '..\n',
      'a\\b',
      '\u00fc \u540d',
      "it's [1] & {2}; 100%",
    ]
    for (const fileName of names) {
      const answer = (await create({ fileName })).json()
      t.match(answer, { fileName, ...done }, JSON.stringify(fileName.slice(0, 20)))
    }
  })

  for (const [title, fileName] of [
    ['empty', ''],
    ['one dot', '.'],
    ['two dots', '..'],
    ['251 characters long', 'n'.repeat(251)],
    ['251 UTF-16 units long', `${'\u{1f600}'.repeat(125)}n`],
    ...[...'<>|:"*?/'].flatMap((sign) => [
      [`nothing but ${sign}`, sign],
      [`begun with ${sign}`, `${sign}a`],
      [`ended with ${sign}`, `a${sign}`],
      [`split by ${sign}`, `a\n${sign}b`],
    ]),
  ] as [string, string][]) {
    t.test(`FIL-1 DEC-10: a name that is ${title} is refused`, async (t) => {
      const response = await create({ fileName })
      t.equal(response.statusCode, 400)
      t.same(response.json(), invalid)
      t.match(response.headers['x-emulator-reason'], /^body\/fileName is .*; expected a string matching .* \[FIL-1\]$/)
    })
  }

  const refusals: [title: string, body: unknown, reason: string][] = [
    ['no body', undefined, 'body is missing; expected an object'],
    ['a list', '[]', 'body is an array of 0'],
    ['no fileName', {}, 'body/fileName is missing'],
    ['a fileName that is null', { fileName: null }, 'body/fileName is null'],
    ['a fileName that is a number', { fileName: 1 }, 'body/fileName is a number'],
    ['half a character in fileName', '{"fileName":"\\ud83d"}', 'body/fileName holds an unpaired surrogate'],
    ...['description', 'mimeType', 'fileType'].flatMap((name): [string, unknown, string][] => [
      [`${name} that is a number`, { fileName: 'f', [name]: 1 }, `body/${name} is a number; expected a string`],
      [`${name} that is a list`, { fileName: 'f', [name]: ['a'] }, `body/${name} is an array of 1; expected a string`],
      [
        `half a character in ${name}`,
        `{"fileName":"f","${name}":"\\udc00"}`,
        `body/${name} holds an unpaired surrogate`,
      ],
    ]),
    ['a parentFolder that is text', { fileName: 'f', parentFolder: 'root' }, 'body/parentFolder is a string of 4'],
    ['a parentFolder of numbers', { fileName: 'f', parentFolder: [1] }, 'body/parentFolder/0 is a number'],
    ['a parentFolder of null', { fileName: 'f', parentFolder: ['a', null] }, 'body/parentFolder/1 is null'],
    ['an empty sha256', { fileName: 'f', sha256: '' }, 'body/sha256 is empty'],
    ['a sha256 of 63', { fileName: 'f', sha256: 'a'.repeat(63) }, 'body/sha256 is a string of 63'],
    ['a sha256 of 65', { fileName: 'f', sha256: 'a'.repeat(65) }, 'body/sha256 is a string of 65'],
    ['a sha256 with a g', { fileName: 'f', sha256: 'g'.padEnd(64, 'a') }, 'body/sha256 is a string of 64'],
    ['a sha256 with a newline', { fileName: 'f', sha256: `${contentSha256}\n` }, 'body/sha256 is a string of 65'],
    ['length -1', { fileName: 'f', length: -1 }, 'body/length is a number; expected an integer from 0'],
    ['length 1.5', { fileName: 'f', length: 1.5 }, 'body/length is a number'],
    ['length as text', { fileName: 'f', length: '5' }, 'body/length is a string of 1'],
    ['length 2^53', '{"fileName":"f","length":9007199254740992}', 'body/length is a number'],
    ['length 1e400', '{"fileName":"f","length":1e400}', 'body/length is a number'],
  ]
  for (const [title, body, reason] of refusals) {
    t.test(`FIL-1 DEC-29: creating a file refuses ${title}`, async (t) => {
      const response = await create(body)
      t.same(response.json(), invalid)
      t.match(response.headers['x-emulator-reason'], reason)
    })
  }

  t.test('FIL-1: lengths of 0, 1 and 2^53 - 1 are taken, and null means absent', async (t) => {
    const { file } = await inRecord(t)
    for (const length of [0, 1, 2 ** 31, 2 ** 53 - 1]) {
      t.equal((await file({ fileName: `${length}`, length })).multiParts[0]?.partSize, length)
    }
    const nothing = {
      description: null,
      mimeType: null,
      fileType: null,
      parentFolder: null,
      sha256: null,
      length: null,
    }
    t.match(await file({ fileName: 'null', ...nothing }), { parentFolder: ['root'], multiParts: [{ partSize: 0 }] })
  })

  t.test('DEC-9: a recordId in the path has 1 to 64 letters, digits, dashes and underscores', async (t) => {
    for (const [method, suffix, body] of [
      ['POST', '/file', { fileName: 'f' }],
      ['GET', '/files?pageSize=1', undefined],
    ] as const) {
      for (const id of ['r', 'r'.repeat(63), 'r'.repeat(64)]) {
        t.same((await send(method, `/record/${id}${suffix}`, { body, lock: lockId })).json(), notFound)
      }
      for (const id of ['r'.repeat(65), 'a.b', '%0A', `${recordId}%20`]) {
        t.same((await send(method, `/record/${id}${suffix}`, { body, lock: lockId })).json(), invalid)
      }
    }
  })

  for (const [title, query, reason] of [
    ['no pageSize', '', 'query/pageSize is missing; expected an integer from 1 to 100'],
    ['pageSize 0', 'pageSize=0', 'query/pageSize is a number'],
    ['pageSize 101', 'pageSize=101', 'query/pageSize is a number'],
    ['pageSize x', 'pageSize=x', 'query/pageSize is a string of 1'],
    ['an empty cursor', 'pageSize=1&cursor=', 'query/cursor was not made for this list'],
    ['a cursor of 1,000', `pageSize=1&cursor=${'c'.repeat(1000)}`, 'query/cursor was not made for this list'],
    ['a cursor of 1,001', `pageSize=1&cursor=${'c'.repeat(1001)}`, 'query/cursor is a string of 1001'],
  ] as const) {
    t.test(`FIL-2 DEC-28: listing files refuses ${title}`, async (t) => {
      const response = await send('GET', `/record/${recordId}/files?${query}`)
      t.same(response.json(), invalid)
      t.match(response.headers['x-emulator-reason'], reason)
    })
  }

  t.test('FIL-2: page sizes of 1, 2, 99 and 100 are taken, and no lock is needed', async (t) => {
    for (const size of [1, 2, 99, 100]) t.same(await list(`pageSize=${size}`), { data: [], ...done })
  })
})

t.test('rule', async (t) => {
  t.test('DEC-29: creating a file answers at top level where to upload its one part', async (t) => {
    const { create, time } = await inRecord(t)
    const response = await create({ fileName: 'a.txt', length: 43, sha256: contentSha256, mimeType: 'text/plain' })
    const answer = response.json()
    t.match(answer.uploadId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    t.same(answer, {
      fileId: String((BigInt(time.now - 1_546_272_000_000) << 23n) | (527n << 7n) | 1n), // the record had sequence 0
      fileName: 'a.txt',
      parentFolder: ['root'],
      exist: false,
      rapidUpload: false,
      uploadId: answer.uploadId,
      multiParts: [
        {
          partNumber: 1,
          partSize: 43,
          partOffset: 0,
          uploadUrl: `http://localhost:80/_upload/${answer.uploadId}/1`,
        },
      ],
      ...done,
    })
  })

  for (const [title, parentFolder, answered] of [
    ['root where there is none', undefined, 'root'],
    ['root where the list is empty', [], 'root'],
    ['the one that is given', ['folder'], 'folder'],
    ['the first of several', ['first', 'second'], 'first'],
    ['empty where it is given so', [''], ''],
  ] as const) {
    t.test(`FIL-1 DEC-29: the parent folder is ${title}`, async (t) => {
      const { file, create } = await inRecord(t)
      t.same((await file({ parentFolder })).parentFolder, [answered])
      t.same((await create({ fileName: 'f', parentFolder: [answered] })).json(), duplicate, 'and is where the file is')
    })
  }

  t.test('DEC-29: a name is taken once per record and folder', async (t) => {
    const { backups, create, file, lockId } = await inRecord(t)
    await file({})
    for (const body of [{}, { parentFolder: ['root', 'a'] }, { length: 1, sha256: contentSha256 }]) {
      const response = await create({ fileName: 'f', ...body })
      t.equal(response.statusCode, 400)
      t.same(response.json(), duplicate)
      t.match(response.headers['x-emulator-reason'], 'body/fileName: the record has a file of this name in this folder')
    }
    t.equal((await file({ fileName: 'F' })).code, 0, 'letters are told apart by case')
    t.equal((await file({ parentFolder: ['a'] })).code, 0, 'another folder')
    t.equal((await file({ fileName: 'bc', parentFolder: ['a'] })).code, 0)
    t.equal((await file({ fileName: 'c', parentFolder: ['ab'] })).code, 0, 'where the folder ends matters')
    const other = await backups.record(lockId)
    t.equal((await backups.file(lockId, other.recordId, { fileName: 'f' })).code, 0, 'another record')
  })

  t.test('DEC-31: a refused file uses up neither id nor upload id', async (t) => {
    const [one, other] = [await inRecord(t), await inRecord(t)]
    await one.file({})
    await other.file({})
    t.same(await other.file({}), duplicate)
    t.same(await other.file({ fileName: '.' }), invalid)
    t.same(await other.file({ fileName: 'next' }), await one.file({ fileName: 'next' }))
  })

  const uploads: [title: string, announced: object, sent: string, answer: typeof done, reason?: string][] = [
    ['with length and sha256 that agree', { length: 43, sha256: contentSha256 }, content, done],
    ['with a sha256 in upper case', { sha256: contentSha256.toUpperCase() }, content, done],
    ['with nothing announced', {}, content, done],
    ['with length alone', { length: 43 }, content, done],
    ['of an empty file', { length: 0, sha256: emptySha256 }, '', done],
    ['of an empty file with nothing announced', {}, '', done],
    ['one byte too short', { length: 44 }, content, integrity, 'body is 43 bytes long'],
    ['one byte too long', { length: 42 }, content, integrity, 'body is 43 bytes long'],
    ['of nothing where a byte was announced', { length: 1 }, '', integrity, 'body is 0 bytes long'],
    ['of a byte where nothing was announced', { length: 0 }, 'x', integrity, 'body is 1 bytes long'],
    ['with another sha256', { length: 43, sha256: emptySha256 }, content, integrity, 'body has another SHA-256'],
    ['with another length and sha256', { length: 1, sha256: emptySha256 }, content, integrity, 'body is 43 bytes long'],
  ]
  for (const [title, announced, sent, answer, reason] of uploads) {
    t.test(`DEC-29: an upload ${title} ${answer === done ? 'is finished' : 'fails and may be repeated'}`, async (t) => {
      const { file, put, list } = await inRecord(t)
      const created = await file(announced)
      const response = await put(urlOf(created), sent)
      t.same(response.json(), answer)
      t.match(response.headers['content-type'], 'application/json')
      if (answer === done) {
        t.equal(response.statusCode, 200)
        t.match(await list(), { data: [{ fileId: created.fileId, size: sent.length }], ...done })
        return
      }
      t.equal(response.statusCode, 400)
      t.match(response.headers['x-emulator-reason'], reason)
      t.same((await list()).data, [])
      t.same((await put(urlOf(created), sent)).json(), integrity, 'wrong again, told so again')
    })
  }

  t.test('DEC-29: an upload that failed may be repeated, one that finished is notFound', async (t) => {
    const { file, put, list } = await inRecord(t)
    const created = await file({ length: 43, sha256: contentSha256 })
    for (const wrong of ['', content.slice(1), content.toUpperCase()]) {
      t.same((await put(urlOf(created), wrong)).json(), integrity)
    }
    t.same((await put(urlOf(created), content)).json(), done)
    for (const sent of [content, 'other', '']) {
      const again = await put(urlOf(created), sent)
      t.equal(again.statusCode, 400)
      t.same(again.json(), notFound)
      t.match(again.headers['x-emulator-reason'], 'path: no such upload, or it is finished')
    }
    t.match((await list()).data, [{ sha256: contentSha256, size: 43 }])
  })

  t.test('DEC-29: an address that was not handed out is notFound', async (t) => {
    const { file, put } = await inRecord(t)
    const url = urlOf(await file({}))
    for (const other of [
      url.replace(/1$/, '2'),
      url.replace(/1$/, '0'),
      url.replace(/1$/, '01'),
      url.replace(/1$/, '1x'),
      url.replace(/[^/]+\/1$/, '00000000-0000-4000-8000-000000000000/1'),
      url.replace(/[^/]+\/1$/, 'x/1'),
      url.replace(/[^/]+\/1$/, `${'x'.repeat(4000)}/1`),
    ]) {
      t.same((await put(other, content)).json(), notFound, other.slice(0, 80))
    }
    t.same((await put(url, content)).json(), done)
  })

  t.test('DEC-29: an upload for a record that was deleted is notFound', async (t) => {
    const { file, put, remove } = await inRecord(t)
    const created = await file({})
    await remove()
    t.same((await put(urlOf(created), content)).json(), notFound)
  })

  t.test('DEC-29: completing the record does not wait for uploads', async (t) => {
    const { create, file, put, list, complete } = await inRecord(t)
    const created = await file({})
    t.same((await complete()).json(), done)
    t.same((await list()).data, [])
    t.same((await put(urlOf(created), content)).json(), done)
    t.same(namesOf(await list()), ['f'])
    const late = await create({ fileName: 'late' })
    t.same(late.json(), { code: 13990425, msg: 'The backup record is already completed.' }, 'DEC-27')
  })

  t.test('DEC-29: any content type is taken, an unreadable one and none at all included', async (t) => {
    const { file, put } = await inRecord(t)
    const types = [
      'application/json',
      'image/jpeg',
      'multipart/form-data; boundary=x',
      'text/plain; charset=',
      'x',
      '/',
    ]
    for (const [index, type] of [...types, '', undefined].entries()) {
      const url = urlOf(await file({ fileName: `${index}`, length: 43, sha256: contentSha256.replace(/^d/, 'D') }))
      if (url === '') break // known by now; below, contents differ
      t.same((await put(url, content, type === undefined ? {} : { 'content-type': type })).json(), done, `${type}`)
    }
    for (const [index, type] of [...types, '', undefined].entries()) {
      const url = urlOf(await file({ fileName: `other ${index}` }))
      t.same((await put(url, `{ ${index}`, type === undefined ? {} : { 'content-type': type })).json(), done, `${type}`)
    }
  })

  t.test('DEC-29: the upload target needs none of the headers of the API', async (t) => {
    const seed = JSON.stringify({ tokens: [{ token: 'some-token', userId: exampleUser }] })
    const { file, put } = await inRecord(t, { auth: 'known', seed: `${t.testdir({ 'seed.json': seed })}/seed.json` })
    t.same((await put(urlOf(await file({})), content)).json(), done)
    t.same((await put('/_upload/x/1', content)).json(), notFound)
  })

  t.test('DEC-14: other methods on an upload address, and addresses near it, are no routes', async (t) => {
    const { backups, file, put, server } = await inRecord(t)
    const created = await file({})
    const path = pathOf(created)
    for (const [method, url] of [
      ['GET', path],
      ['POST', path],
      ['PATCH', path],
      ['DELETE', path],
      ['HEAD', path],
      ['OPTIONS', path],
      ['PUT', `${path}/`],
      ['PUT', `${path}/2`],
      ['PUT', path.replace(/\/1$/, '')],
      ['PUT', '/_upload'],
      ['PUT', basePath + path],
    ] as const) {
      const response = await server.inject({ method, url, headers: backups.headers() })
      t.equal(response.statusCode, 404, `${method} ${url}`)
      if (method !== 'HEAD') t.same(response.json(), { code: 13000101, msg: 'Bad Request' })
      t.match(response.headers['x-emulator-reason'], 'no operation has this path')
    }
    const malformed = await server.inject({ method: 'PUT', url: '/_upload/%ff/1', payload: 'x' })
    t.match(malformed.json(), { code: 13000101 })
    t.same((await put(path, content)).json(), done, 'and none of those used the address up')
  })

  t.test('DEC-11: errorStatus=ok holds for uploads too', async (t) => {
    const { file, put } = await inRecord(t, { errorStatus: 'ok' })
    const url = urlOf(await file({ length: 1 }))
    const response = await put(url, content)
    t.equal(response.statusCode, 200)
    t.same(response.json(), integrity)
  })

  t.test('DEC-29: a known content of the same user is a rapid upload, without parts', async (t) => {
    const { file, put, list } = await inRecord(t)
    await put(urlOf(await file({})), content)
    const rapid = await file({ fileName: 'rapid', sha256: contentSha256.toUpperCase(), length: 43, description: 'd' })
    t.match(rapid, { exist: false, rapidUpload: true, uploadId: '', ...done })
    t.same(rapid.multiParts, [])
    const { data } = await list()
    t.same(
      data.map(({ fileName, sha256, size }) => [fileName, sha256, size]),
      [
        ['f', contentSha256, 43],
        ['rapid', contentSha256, 43],
      ],
    )
    t.equal(data[1]?.description, 'd')
    t.same(await file({ fileName: 'rapid', sha256: contentSha256, length: 43 }), duplicate)
  })

  t.test('DEC-29: a content is known only by both sha256 and length, once finished, and to its own user', async (t) => {
    const { backups, file, put, lockId } = await inRecord(t)
    const announced = { sha256: contentSha256, length: 43 }
    const first = await file(announced)
    t.equal((await file({ fileName: '1', ...announced })).rapidUpload, false, 'announced is not finished')
    await put(urlOf(first), content.slice(1))
    t.equal((await file({ fileName: '2', ...announced })).rapidUpload, false, 'failed is not finished')
    await put(urlOf(first), content)
    t.equal((await file({ fileName: '3', sha256: contentSha256 })).rapidUpload, false, 'sha256 alone')
    t.equal((await file({ fileName: '4', length: 43 })).rapidUpload, false, 'length alone')
    t.equal((await file({ fileName: '5', ...announced, length: 42 })).rapidUpload, false, 'another length')
    t.equal((await file({ fileName: '6', ...announced })).rapidUpload, true)
    const other = await backups.record(lockId)
    t.equal(
      (await backups.file(lockId, other.recordId, { fileName: 'f', ...announced })).rapidUpload,
      true,
      'elsewhere',
    )
    const others = await backups.lock('102', 'another')
    const { recordId } = await backups.record(others, {}, 'another')
    const theirs = await backups.file(others, recordId, { fileName: 'f', ...announced }, 'another')
    t.equal(theirs.rapidUpload, false, "another user's uploads tell nothing")
  })
})

t.test('address', async (t) => {
  t.test('DEC-29: the address has the scheme and Host of the request', async (t) => {
    const { send, lockId, recordId } = await inRecord(t)
    for (const host of ['emulator.example', 'emulator.example:8443', '[::1]:4020', '10.0.2.2:4020']) {
      const body = { fileName: host.replaceAll(':', '_') }
      const response = await send('POST', `/record/${recordId}/file`, { body, lock: lockId, headers: { host } })
      const file: CreatedFile = response.json()
      t.equal(urlOf(file), `http://${host}/_upload/${file.uploadId}/1`)
    }
  })

  for (const publicUrl of ['https://emulator.example', 'https://emulator.example:1/a/b/']) {
    t.test(`DEC-29: with --public-url ${publicUrl} the address is below it, whatever the Host`, async (t) => {
      const { send, lockId, recordId, put } = await inRecord(t, { publicUrl })
      const options = { body: { fileName: 'f' }, lock: lockId, headers: { host: 'elsewhere' } }
      const file: CreatedFile = (await send('POST', `/record/${recordId}/file`, options)).json()
      t.equal(urlOf(file), `${publicUrl.replace(/\/$/, '')}/_upload/${file.uploadId}/1`)
      t.same((await put(`/_upload/${file.uploadId}/1`, content)).json(), done)
    })
  }

  t.test('DEC-29: without a Host the address is the one that the connection was made to', async (t) => {
    for (const [address, written] of [
      ['127.0.0.1', '127.0.0.1'],
      ['::1', '[::1]'],
    ] as const) {
      const { server, headers, lockId, recordId } = await inRecord(t)
      try {
        await server.listen({ host: address, port: 0 })
      } catch {
        t.comment(`${address} is no address of this machine`)
        continue
      }
      const bound = server.server.address()
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0
      const socket = connect(port, address).setEncoding('utf8')
      const lines = Object.entries({ ...headers(), 'x-backup-lock-id': lockId, 'content-length': '16' })
      socket.write(
        [
          `POST ${basePath}/record/${recordId}/file HTTP/1.0`,
          ...lines.map((line) => line.join(': ')),
          '',
          '{"fileName":"f"}',
        ].join('\r\n'),
      )
      let answer = ''
      for await (const chunk of socket) answer += chunk
      t.match(answer, `"uploadUrl":"http://${written}:${port}/_upload/`)
    }
  })
})

/** Opens an upload and sends its head with the first bytes; the rest is up to the caller. */
async function begin({ server }: Backups, port: number, path: string, length: number, first: string): Promise<Socket> {
  const arrived = once(server.server, 'request')
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  socket.write(
    `PUT ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n${first}`,
  )
  await arrived
  return socket
}

/** Sends the rest of an upload and reads its answer. */
async function finish(socket: Socket, rest: string): Promise<string> {
  socket.write(rest)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

t.test('effect', async (t) => {
  t.test('FIL-2 DEC-29: a file is listed once its upload is finished, oldest first', async (t) => {
    const { file, put, list, time } = await inRecord(t)
    const first = await file({ fileName: 'first', description: 'the first' })
    time.now += 1000
    const second = await file({ fileName: 'second' })
    t.same(await list(), { data: [], ...done })
    await put(urlOf(second), 'two')
    t.same(namesOf(await list()), ['second'])
    await put(urlOf(first), content)
    t.same(await list(), {
      data: [
        {
          fileId: first.fileId,
          fileName: 'first',
          sha256: contentSha256,
          size: 43,
          description: 'the first',
          createTime: '2025-12-17T12:00:00.000Z',
        },
        {
          fileId: second.fileId,
          fileName: 'second',
          sha256: hash('sha256', 'two'),
          size: 3,
          description: '',
          createTime: '2025-12-17T12:00:01.000Z',
        },
      ],
      ...done,
    })
  })

  t.test('FIL-2 DEC-28: files are paged like records, and a cursor belongs to one record and user', async (t) => {
    const { backups, file, put, list, lockId, recordId } = await inRecord(t)
    const names = ['1', '2', '3', '4', '5']
    for (const fileName of names) await put(urlOf(await file({ fileName })), fileName)
    for (const pageSize of [1, 2, 4, 5, 100]) {
      const seen: string[] = []
      let pages = 0
      let cursor: string | undefined = ''
      while (cursor !== undefined) {
        const page: FilePage = await list(`pageSize=${pageSize}${cursor && `&cursor=${cursor}`}`)
        seen.push(...namesOf(page))
        pages += 1
        cursor = page.nextCursor
      }
      t.same(seen, names)
      t.equal(pages, Math.ceil(names.length / pageSize), 'no page is empty')
    }
    const { nextCursor } = await list('pageSize=2')
    t.same(Object.keys(await list('pageSize=2')), ['data', 'nextCursor', 'code', 'msg'])
    t.same(namesOf(await list(`pageSize=1&cursor=${nextCursor}`)), ['3'], 'pageSize may change')
    const other = await backups.record(lockId)
    t.same(await list(`pageSize=2&cursor=${nextCursor}`, other.recordId), invalid)
    t.same(await list(`pageSize=2&cursor=${nextCursor}`, recordId, 'another'), notFound, 'DEC-4')
    const records = `/record?moduleCode=102&pageSize=2&cursor=${nextCursor}`
    t.same((await backups.send('GET', records)).json(), invalid)
    await put(urlOf(await file({ fileName: '6' })), '6')
    t.same(namesOf(await list(`pageSize=9&cursor=${nextCursor}`)), ['3', '4', '5', '6'])
  })

  t.test('DEC-29 DEC-31: uploads survive a restart: the address, what was announced, what was finished', async (t) => {
    const db = `${t.testdir({})}/emulator.db`
    const before = await inRecord(t, { db })
    const marker = 'these very bytes are kept nowhere'
    const finished = await before.file({ fileName: 'finished' })
    await before.put(urlOf(finished), marker)
    const open = await before.file({ fileName: 'open', length: 43 })
    await before.stop()
    const folder = db.replace(/\/[^/]+$/, '')
    for (const name of readdirSync(folder)) {
      t.notOk(readFileSync(`${folder}/${name}`).includes(marker), `DEC-29: ${name} keeps no bytes`)
    }
    const after = await backupsFor(t, { db })
    t.same((await after.put(urlOf(finished), marker)).json(), notFound)
    t.same((await after.put(urlOf(open), 'short')).json(), integrity)
    t.same((await after.put(urlOf(open), content)).json(), done)
    const next = await after.file(before.lockId, before.recordId, { fileName: 'next' })
    t.notOk([finished.uploadId, open.uploadId].includes(next.uploadId), 'DEC-31: no upload id comes again')
  })

  t.test('DEC-29: the handed out address works as it is, over a socket, with a body in chunks', async (t) => {
    const { backups, send, lockId, recordId, list } = await inRecord(t)
    const port = await listen(backups)
    const options = { body: { fileName: 'f' }, lock: lockId, headers: { host: `127.0.0.1:${port}` } }
    const created: CreatedFile = (await send('POST', `/record/${recordId}/file`, options)).json()
    const body = new ReadableStream({
      start(controller) {
        for (const piece of content.split(/(?= )/)) controller.enqueue(Buffer.from(piece))
        controller.close()
      },
    })
    const response = await fetch(urlOf(created), { method: 'PUT', body, duplex: 'half' })
    t.same(await response.json(), done)
    t.match((await list()).data, [{ sha256: contentSha256, size: 43 }])
  })

  t.test('DEC-29: of two simultaneous uploads exactly one finishes, the other is notFound', async (t) => {
    const { backups, file, list } = await inRecord(t)
    const port = await listen(backups)
    const path = pathOf(await file({ length: 43 }))
    const one = await begin(backups, port, path, 43, content.slice(0, 20))
    const other = await begin(backups, port, path, 43, content.slice(0, 20))
    const answers = await Promise.all([finish(one, content.slice(20)), finish(other, content.slice(20))])
    t.same(answers.map((answer) => /"code":\d+/.exec(answer)?.[0]).sort(), ['"code":0', '"code":13000309'])
    t.equal((await list()).data.length, 1)
  })

  t.test('DEC-29: a record deleted in the middle of an upload takes the upload along', async (t) => {
    const { backups, file, remove } = await inRecord(t)
    const port = await listen(backups)
    const socket = await begin(backups, port, pathOf(await file({})), 43, content.slice(0, 20))
    t.same((await remove()).json(), done)
    t.match(await finish(socket, content.slice(20)), '"code":13000309')
  })

  t.test('DEC-29: a record completed in the middle of an upload still takes it', async (t) => {
    const { backups, file, complete, list } = await inRecord(t)
    const port = await listen(backups)
    const socket = await begin(backups, port, pathOf(await file({})), 43, content.slice(0, 20))
    t.same((await complete()).json(), done)
    t.match(await finish(socket, content.slice(20)), '"code":0')
    t.same(namesOf(await list()), ['f'])
  })

  t.test('DEC-29: an upload that breaks off leaves nothing half done and may be repeated', async (t) => {
    const { backups, file, put, list, server, logLines } = await inRecord(t)
    const port = await listen(backups)
    const created = await file({})
    for (const half of ['', content.slice(0, 20), content.slice(0, 42)]) {
      const arrived = once(server.server, 'request')
      const socket = await begin(backups, port, pathOf(created), 43, half)
      const [request] = await arrived
      const closed = new Promise((resolve) => request.once('close', resolve))
      socket.destroy()
      await closed
      t.same((await list()).data, [])
    }
    t.same((await put(urlOf(created), content)).json(), done, 'the server goes on')
    t.match((await list()).data, [{ sha256: contentSha256, size: 43 }])
    const errors = logLines.filter((line) => JSON.parse(line).level >= 50)
    t.same(errors, [], 'and it is not our fault')
  })

  t.test('DEC-29: an upload that is refused at once still answers a client that sends on', async (t) => {
    const { backups } = await inRecord(t)
    const url = `http://127.0.0.1:${await listen(backups)}/_upload/unknown/1`
    const response = await fetch(url, { method: 'PUT', body: Buffer.alloc(4_000_000) })
    t.same(await response.json(), notFound)
  })

  t.test(
    'DEC-29: an upload of 240 MB is outside the body limit and takes no more memory than a small one',
    async (t) => {
      const { backups, file, list } = await inRecord(t)
      const port = await listen(backups)
      const megabyte = Buffer.alloc(1_000_000, 'b')
      const upload = async (path: string, pieces: number): Promise<number> => {
        const sending = httpRequest({ port, path, method: 'PUT', headers: { 'content-length': pieces * 1_000_000 } })
        const answered = once(sending, 'response')
        let most = 0
        for (let piece = 0; piece < pieces; piece += 1) {
          if (!sending.write(megabyte)) await once(sending, 'drain')
          most = Math.max(most, process.memoryUsage.rss())
        }
        sending.end()
        const [response] = await answered
        t.equal(response.statusCode, 200)
        response.resume()
        return most
      }
      const few = await upload(pathOf(await file({ fileName: 'small' })), 60)
      const many = await upload(pathOf(await file({ fileName: 'large' })), 240)
      t.ok(many - few < 120_000_000, `grew by ${Math.round((many - few) / 1_000_000)} MB`)
      t.same(
        (await list()).data.map(({ size }) => size),
        [60_000_000, 240_000_000],
      )
    },
  )
})
