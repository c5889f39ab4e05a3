import { hash } from 'node:crypto'
import { connect } from 'node:net'
import t from 'tap'
import { basePath } from '../schemas/common.ts'
import type { SettingTexts } from '../src/settings/settings.ts'
import type { CreatedFile } from './fixtures/backup.ts'
import { backupsFor, exchange, filesPath, listen } from './fixtures/backup.ts'
import { exampleUser } from './fixtures/emulator.ts'

const invalid = { code: 13000102, msg: 'Verify parameters failed.' }
const noUpload = { code: 13000401, msg: 'The upload task does not exist.' }
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
  const completeRecord = () => backups.send('PATCH', `/record/${recordId}`, { body: {}, lock })
  /** Uploads a file of one part. */
  const arrive = async (created: CreatedFile, bytes: string) => {
    await backups.put(urlOf(created), bytes)
    return (await backups.complete(created.fileId)).json()
  }
  const links = async (fileId: string, ...multiParts: object[]) =>
    backups.call({ path: `!${filesPath}/multipart/uploadUrl`, body: { fileId, multiParts } })
  const remove = () => backups.send('DELETE', `/record/${recordId}`, { lock })
  return { ...backups, backups, lockId: lock, recordId, create, file, list, completeRecord, arrive, links, remove }
}

const urlOf = ({ multiParts }: CreatedFile): string => multiParts[0]?.uploadUrl ?? ''
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

  t.test('FIL-1 UPL-2 DEC-35: lengths of 0, 1 and up to 200 GB are taken, and null means absent', async (t) => {
    const { file } = await inRecord(t)
    for (const length of [0, 1, 2 ** 31, 200 * 2 ** 30]) {
      const { multiParts } = await file({ fileName: `${length}`, length })
      t.equal(
        multiParts.map(({ partSize = 0 }) => partSize).reduce((sum, size) => sum + size),
        length,
      )
    }
    t.same(await file({ fileName: 'more', length: 200 * 2 ** 30 + 1 }), invalid)
    const names = ['description', 'mimeType', 'fileType', 'parentFolder', 'sha256', 'length', 'createdTime']
    const nothing = Object.fromEntries(
      [...names, 'uploadMode', 'uploadType', 'autoRename', 'multiParts'].map((name) => [name, null]),
    )
    const { parentFolder, multiParts } = await file({ fileName: 'null', ...nothing })
    t.same([parentFolder, multiParts.map(({ partSize }) => partSize)], [['root'], [undefined]])
  })

  t.test('UPL-2: what the sibling takes is taken, and nothing beside', async (t) => {
    const { create } = await inRecord(t)
    const sibling = {
      createdTime: '2023-08-18T05:43:49Z',
      uploadMode: 'multipart',
      uploadType: 1,
      autoRename: 3,
      multiParts: [],
    }
    t.match((await create({ fileName: 'f', description: 'd'.repeat(512), ...sibling })).json(), done)
    for (const [name, wrong] of [
      ['description', 'd'.repeat(513)],
      ['createdTime', '2023-08-18T05:43:49.000Z'],
      ['createdTime', '2023-08-18 05:43:49'],
      ['uploadMode', 'put'],
      ['uploadType', 0],
      ['uploadType', 2],
      ['autoRename', 1],
      ['autoRename', 5],
      ['multiParts', [{ partNumber: 0, partSize: 1 }]],
      ['multiParts', [{ partNumber: 10_001, partSize: 1 }]],
      ['multiParts', [{ partNumber: 1, partSize: 5_368_709_121 }]],
      ['multiParts', [{ partNumber: 1, partSize: -1 }]],
    ] as const) {
      const response = await create({ fileName: 'g', length: 43, [name]: wrong })
      t.same(response.json(), invalid, `${name} ${wrong}`)
      t.match(response.headers['x-emulator-reason'], `body/${name}`)
    }
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
    ['an empty cursor', 'pageSize=1&cursor=', 'query/cursor is empty; leave it out on the first page'],
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
  t.test(
    'UPL-1 UPL-2 DEC-29: creating a file answers as the sibling does, with the one part that is offered',
    async (t) => {
      const { create, time, recordId } = await inRecord(t)
      const response = await create({ fileName: 'a.txt', length: 43, sha256: contentSha256, mimeType: 'text/plain' })
      const answer = response.json()
      t.match(answer.uploadId, /^0000019B2C2E7200[0-9A-F]{16}$/)
      const fileId = String((BigInt(time.now - 1_546_272_000_000) << 23n) | (527n << 7n) | 1n) // the record had sequence 0
      const { uploadUrl, ...part } = answer.multiParts[0]
      t.strictSame(answer, {
        fileId,
        rapidUpload: false,
        containerId: recordId,
        fileName: 'a.txt',
        uploadId: answer.uploadId,
        parentFolder: ['root'],
        exist: false,
        multiParts: [{ uploadUrl, ...part }],
        ...done,
      })
      t.same(part, { partNumber: 1, partSize: 43, partOffset: 0, partId: `${fileId}.1` })
      t.ok(
        uploadUrl.startsWith(
          `http://localhost:80/_upload/${answer.uploadId}/1?partNumber=1&uploadId=${answer.uploadId}&`,
        ),
      )
    },
  )

  for (const [title, parentFolder, answered] of [
    ['root where there is none', undefined, 'root'],
    ['root where the list is empty', [], 'root'],
    ['the one that is given', ['folder'], 'folder'],
    ['the first of several', ['first', 'second'], 'first'],
    ['empty where it is given so', [''], ''],
  ] as const) {
    t.test(`FIL-1 DEC-29: the parent folder is ${title}`, async (t) => {
      const { file, create } = await inRecord(t)
      t.same((await file({ parentFolder, length: 1 })).parentFolder, [answered])
      const again = { fileName: 'f', parentFolder: [answered], length: 2 }
      t.same((await create(again)).json(), duplicate, 'and is where the file is')
    })
  }

  t.test('DEC-29 DEC-34: a name is taken once per record and folder', async (t) => {
    const { backups, arrive, create, file, lockId } = await inRecord(t)
    await arrive(await file({}), content)
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
    await one.file({ length: 1 })
    await other.file({ length: 1 })
    t.same(await other.file({ length: 2 }), duplicate)
    const gap = { fileName: 'parts', length: 9, multiParts: [{ partNumber: 2, partSize: 9 }] }
    t.same(await other.file(gap), invalid)
    t.same(await other.file({ fileName: '.' }), invalid)
    t.same(await other.file({ fileName: 'next' }), await one.file({ fileName: 'next' }))
  })

  t.test('DEC-33: what was not told is filled in, and what disagrees is refused', async (t) => {
    const { file, put, complete } = await inRecord(t)
    const first = await file({})
    for (const told of [
      {},
      { length: 43 },
      { sha256: contentSha256.toUpperCase() },
      { autoRename: 3 },
      { multiParts: [] },
    ]) {
      const again = await file(told)
      t.same([again.fileId, again.uploadId, again.multiParts.length], [first.fileId, first.uploadId, 1])
    }
    t.same(await file({ length: 42 }), duplicate)
    t.same(await file({ sha256: emptySha256 }), duplicate)
    const [part] = (await file({})).multiParts
    t.equal(part?.partSize, 43)
    await put(urlOf(first), content.slice(1))
    t.match((await complete(first.fileId)).json(), integrity)
    t.equal((await put(part?.uploadUrl ?? '', content)).statusCode, 200)
    t.match((await complete(first.fileId)).json(), { code: 0, msg: 'success.' })
  })

  t.test('DEC-15 DEC-33: the reason names what disagrees, and not what was announced', async (t) => {
    const { create } = await inRecord(t)
    await create({ fileName: 'f', length: 43, sha256: contentSha256 })
    const open = 'the upload of this name that is open was announced with'
    for (const [told, reason] of [
      [{ length: 42 }, `body/length: ${open} another length [DEC-33]`],
      [{ length: 43, sha256: emptySha256 }, `body/sha256: ${open} another sha256 [DEC-33]`],
      [
        { length: 0, sha256: emptySha256 },
        `body/length and body/sha256: ${open} another length and another sha256 [DEC-33]`,
      ],
    ] as const) {
      const refused = await create({ fileName: 'f', ...told })
      t.same(refused.json(), duplicate)
      t.equal(refused.headers['x-emulator-reason'], reason)
    }
  })

  t.test('DEC-34: autoRename 2 appends a timestamp, of equal ones the next free second, and fits 250', async (t) => {
    const { file, arrive } = await inRecord(t)
    const names = async (fileName: string, body = {}) => (await file({ fileName, autoRename: 2, ...body })).fileName
    for (const [name, first, second] of [
      ['test.zip', 'test_20251217_200000.zip', 'test_20251217_200001.zip'],
      ['.profile', '.profile_20251217_200000', '.profile_20251217_200001'],
      ['n'.repeat(250), `${'n'.repeat(234)}_20251217_200000`, `${'n'.repeat(234)}_20251217_200001`],
      [`a.${'x'.repeat(248)}`, `a.${'x'.repeat(232)}_20251217_200000`, `a.${'x'.repeat(232)}_20251217_200001`],
      [
        `n${'\u{1f600}'.repeat(124)}`,
        `n${'\u{1f600}'.repeat(116)}_20251217_200000`,
        `n${'\u{1f600}'.repeat(116)}_20251217_200001`,
      ],
    ] as const) {
      t.equal(await names(name), name, 'where it is free')
      t.equal(await names(name), first)
      t.equal(await names(name), second)
    }
    const told = { length: 43, sha256: contentSha256 }
    const open = await file({ fileName: 'open', ...told })
    for (const autoRename of [2, 4]) {
      t.equal((await file({ fileName: 'open', autoRename, ...told })).fileId, open.fileId, 'surely the same upload')
      t.not((await file({ fileName: 'open', autoRename, length: 43 })).fileId, open.fileId, 'perhaps another file')
    }
    t.match(await arrive(open, content), { code: 0 })
    const renamed = await file({ fileName: 'open', autoRename: 2, ...told })
    t.match(renamed, { rapidUpload: true, exist: false, fileName: 'open_20251217_200002', multiParts: [] })
  })

  t.test('DEC-34: autoRename 4 makes no second file of an equal sha256', async (t) => {
    const { file, arrive, list } = await inRecord(t)
    const first = await file({})
    await arrive(first, content)
    const again = await file({ autoRename: 4, sha256: contentSha256.toUpperCase() })
    t.match(again, { fileId: first.fileId, exist: true, rapidUpload: true, multiParts: [], ...done })
    t.notOk('uploadId' in again)
    t.match(await file({ autoRename: 4, sha256: emptySha256 }), { exist: false, fileName: 'f_20251217_200000' })
    t.match(await file({ autoRename: 3, sha256: contentSha256 }), duplicate)
    t.equal((await list()).data.length, 1)
  })

  t.test('UPL-1 UPL-6 DEC-43: a file is complete once that is said, and listed then', async (t) => {
    const { file, put, list, complete } = await inRecord(t)
    for (const [index, told] of [
      {},
      { length: 43 },
      { sha256: contentSha256.toUpperCase() },
      { length: 43, sha256: contentSha256 },
    ].entries()) {
      const created = await file({ fileName: `${index}`, ...told })
      if (created.rapidUpload) continue
      t.same((await complete(created.fileId)).json(), integrity, 'nothing came')
      const sent = await put(urlOf(created), content)
      t.match(sent, {
        statusCode: 200,
        body: '',
        headers: { etag: `"${hash('md5', content)}"`, 'content-length': '0' },
      })
      t.notOk(sent.headers['content-type'])
      t.notOk(namesOf(await list()).includes(`${index}`))
      t.same((await complete(created.fileId, emptySha256)).json(), integrity)
      t.same((await complete(created.fileId, contentSha256)).json(), { code: 0, msg: 'success.' })
      t.ok(namesOf(await list()).includes(`${index}`))
      const again = await complete(created.fileId)
      t.same(again.json(), noUpload)
      t.match(again.headers['x-emulator-reason'], 'the file is complete')
      t.match(await put(urlOf(created), content), { statusCode: 404, body: /<Code>NoSuchUpload</ })
    }
    t.equal(
      (await list()).data.every(({ sha256, size }) => sha256 === contentSha256 && size === 43),
      true,
    )
  })

  t.test('UPL-7 DEC-36 DEC-43: an unknown or foreign file is no upload, whatever is asked of it', async (t) => {
    const { backups, file, call, links, complete } = await inRecord(t)
    const { fileId } = await file({})
    for (const id of ['1', '9'.repeat(19), '9'.repeat(20), 'FiqNTAYdzXtKhenh29A9EXJvhaKQqcYVS', 'x'.repeat(64), '/']) {
      t.same((await complete(id)).json(), noUpload)
      t.same((await links(id, { partNumber: 1 })).json(), noUpload)
    }
    for (const id of ['', 'x'.repeat(65)]) t.same((await complete(id)).json(), invalid)
    for (const [path, body] of [
      ['complete', { fileId }],
      ['multipart/uploadUrl', { fileId, multiParts: [{ partNumber: 1 }] }],
    ] as const) {
      const headers = { 'x-user-id': 'another' }
      t.same((await call({ path: `!${filesPath}/${path}`, body, headers })).json(), noUpload)
      t.equal(
        (await backups.call({ path: `!${filesPath}/${path}`, body: { ...body, fileId: 1 } })).json().code,
        13000102,
      )
    }
    t.same((await links(fileId)).json(), invalid, 'no parts')
    t.same((await links(fileId, { partNumber: 1 }, { partNumber: 1 })).json(), invalid, 'a number twice')
  })

  t.test(
    'DEC-43: with completion=put a file of one part is complete with its PUT, and once more when it is said',
    async (t) => {
      const { file, links, put, list, complete } = await inRecord(t, { completion: 'put' })
      const one = await file({ fileName: 'one', sha256: contentSha256 })
      const wrong = await put(urlOf(one), content.slice(1))
      t.match(wrong, { statusCode: 400, body: /<Code>BadDigest</ })
      t.same(await list(), { data: [], ...done }, 'nothing of it is stored')
      const sent = await put(urlOf(one), content)
      t.match(sent, { statusCode: 200, headers: { 'x-emulator-reason': /^the file is complete/ } })
      t.same(namesOf(await list()), ['one'])
      t.same((await complete(one.fileId)).json(), { code: 0, msg: 'success.' })
      t.same((await complete(one.fileId, contentSha256)).json(), { code: 0, msg: 'success.' })
      t.same((await complete(one.fileId, emptySha256)).json(), integrity)
      const rapid = await file({ fileName: 'rapid', sha256: contentSha256, length: content.length })
      t.match(rapid, { rapidUpload: true })
      t.same((await complete(rapid.fileId)).json(), { code: 0, msg: 'success.' }, 'also where nothing was sent')
      t.same((await complete(rapid.fileId, emptySha256)).json(), integrity)
      const length = 5_242_881
      const parts = [
        { partNumber: 1, partSize: 5_242_880 },
        { partNumber: 2, partSize: 1 },
      ]
      const two = await file({ fileName: 'two', length, multiParts: parts.slice(0, 1) })
      t.equal((await put(urlOf(two), Buffer.alloc(5_242_880))).statusCode, 200)
      t.same(namesOf(await list()), ['one', 'rapid'], 'there is more of it to come')
      const parallel = await file({ fileName: 'parallel', length })
      const hashCtx = [1, 2, 3, 4, 5, 6, 7, 8]
      const last = await links(parallel.fileId, { ...parts[1], partOffset: 5_242_880, hashCtx })
      t.equal((await put(urlOf(last.json()), 'z')).statusCode, 200, 'the last part may come first')
    },
  )

  t.test('DEC-29: a known content of the same user is a rapid upload, without parts', async (t) => {
    const { file, arrive, list, complete } = await inRecord(t)
    await arrive(await file({}), content)
    const rapid = await file({ fileName: 'rapid', sha256: contentSha256.toUpperCase(), length: 43, description: 'd' })
    t.match(rapid, { exist: false, rapidUpload: true, multiParts: [], ...done })
    t.notOk('uploadId' in rapid)
    t.same((await complete(rapid.fileId)).json(), noUpload, 'there is nothing to complete')
    t.match(await list(), {
      data: [{ fileName: 'f' }, { fileName: 'rapid', sha256: contentSha256, size: 43, description: 'd' }],
    })
    t.same(await file({ fileName: 'rapid', sha256: contentSha256, length: 43 }), duplicate)
  })

  t.test('DEC-29: a content is known only by both sha256 and length, once complete, and to its own user', async (t) => {
    const { backups, file, put, complete, lockId } = await inRecord(t)
    const announced = { sha256: contentSha256, length: 43 }
    const first = await file(announced)
    t.equal((await file({ fileName: '1', ...announced })).rapidUpload, false, 'announced is not complete')
    await put(urlOf(first), content)
    t.equal((await file({ fileName: '2', ...announced })).rapidUpload, false, 'uploaded is not complete')
    await complete(first.fileId)
    t.equal((await file({ fileName: '3', sha256: contentSha256 })).rapidUpload, false, 'sha256 alone')
    t.equal((await file({ fileName: '4', length: 43 })).rapidUpload, false, 'length alone')
    t.equal((await file({ fileName: '5', ...announced, length: 42 })).rapidUpload, false, 'another length')
    t.equal((await file({ fileName: '6', ...announced })).rapidUpload, true)
    const others = await backups.lock('102', 'another')
    const { recordId } = await backups.record(others, {}, 'another')
    const theirs = await backups.file(others, recordId, { fileName: 'f', ...announced }, 'another')
    t.equal(theirs.rapidUpload, false, "another user's uploads tell nothing")
    t.ok(lockId)
  })

  t.test('DEC-29: completing the record does not wait for uploads, and deleting it ends them', async (t) => {
    const { create, file, put, list, completeRecord, complete, remove } = await inRecord(t)
    const [created, other] = [await file({}), await file({ fileName: 'other' })]
    t.same((await completeRecord()).json(), done)
    await put(urlOf(created), content)
    t.same((await complete(created.fileId)).json(), { code: 0, msg: 'success.' })
    t.same(namesOf(await list()), ['f'])
    t.same((await create({ fileName: 'late' })).json(), {
      code: 13990425,
      msg: 'The backup record is already completed.',
    })
    await remove()
    t.match(await put(urlOf(other), content), { statusCode: 404, body: /NoSuchUpload/ })
    t.same((await complete(other.fileId)).json(), noUpload)
  })
})

t.test('address', async (t) => {
  t.test('UPL-5 DEC-41: the address has the scheme and Host of the request', async (t) => {
    const { send, lockId, recordId } = await inRecord(t)
    for (const host of ['emulator.example', 'emulator.example:8443', '[::1]:4020', '10.0.2.2:4020']) {
      const body = { fileName: host.replaceAll(':', '_') }
      const response = await send('POST', `/record/${recordId}/file`, { body, lock: lockId, headers: { host } })
      const file: CreatedFile = response.json()
      t.ok(urlOf(file).startsWith(`http://${host}/_upload/${file.uploadId}/1?`))
    }
  })

  for (const publicUrl of ['https://emulator.example', 'https://emulator.example:1/a/b/']) {
    t.test(`DEC-41: with --public-url ${publicUrl} the address is below it, whatever the Host`, async (t) => {
      const { send, lockId, recordId, put } = await inRecord(t, { publicUrl })
      const options = { body: { fileName: 'f' }, lock: lockId, headers: { host: 'elsewhere' } }
      const file: CreatedFile = (await send('POST', `/record/${recordId}/file`, options)).json()
      const base = publicUrl.replace(/\/$/, '')
      t.ok(urlOf(file).startsWith(`${base}/_upload/${file.uploadId}/1?`))
      t.equal((await put(urlOf(file).slice(base.length), content)).statusCode, 200)
    })
  }

  t.test('DEC-41: without a Host the address is the one that the connection was made to', async (t) => {
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

t.test('effect', async (t) => {
  t.test('FIL-2 DEC-29: a file is listed once it is complete, oldest first', async (t) => {
    const { file, arrive, list, time } = await inRecord(t)
    const first = await file({ fileName: 'first', description: 'the first' })
    time.now += 1000
    const second = await file({ fileName: 'second' })
    await arrive(second, 'two')
    t.same(namesOf(await list()), ['second'])
    await arrive(first, content)
    const one = { fileId: first.fileId, fileName: 'first', sha256: contentSha256, size: 43, description: 'the first' }
    const two = { fileId: second.fileId, fileName: 'second', sha256: hash('sha256', 'two'), size: 3, description: '' }
    t.same(await list(), {
      data: [
        { ...one, createTime: '2025-12-17T12:00:00.000Z' },
        { ...two, createTime: '2025-12-17T12:00:01.000Z' },
      ],
      ...done,
    })
  })

  t.test('FIL-2 DEC-28: files are paged like records, and a cursor belongs to one record and user', async (t) => {
    const { backups, file, arrive, list, lockId, recordId } = await inRecord(t)
    const names = ['1', '2', '3', '4', '5']
    for (const fileName of names) await arrive(await file({ fileName }), fileName)
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
    await arrive(await file({ fileName: '6' }), '6')
    t.same(namesOf(await list(`pageSize=9&cursor=${nextCursor}`)), ['3', '4', '5', '6'])
  })
})
