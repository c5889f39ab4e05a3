import { createHash, createHmac } from 'node:crypto'
import t from 'tap'
import { RequestTarget } from '../src/http/request-target.ts'
import type { ReceivedPut } from '../src/uploads/admission.ts'
import { judgePut } from '../src/uploads/admission.ts'
import { hashCtxOf, initialState } from '../src/uploads/hash-ctx.ts'
import type { Link } from '../src/uploads/links.ts'
import { presigner } from '../src/uploads/links.ts'
import type { PlannedPart } from '../src/uploads/parts.ts'
import { presignature, signingKey } from '../src/uploads/sigv4.ts'
import { errorDocument, storeErrors } from '../src/uploads/store-errors.ts'

const key = { accessKeyId: 'EMULATORKEY', secret: 'a secret/+ of the world' }
const made = Date.parse('2024-06-21T08:20:41.999Z')
const madeSecond = Date.parse('2024-06-21T08:20:41.000Z')
const tenMebi = 10_485_760

const link: Link = {
  address: 'http://koodrive.test:4020/worlds/a-1/_upload/0000018CD264/46',
  uploadId: '0000018CD264',
  partNumber: 46,
  partSize: tenMebi,
  from: { state: initialState, offset: 471_859_200 },
}

const part: PlannedPart = {
  partNumber: 46,
  partOffset: 471_859_200,
  partSize: tenMebi,
  hashCtx: initialState,
  isPlaced: true,
  isOffered: false,
}

const openPart: PlannedPart = { ...part, partNumber: 1, partOffset: 0, partSize: undefined, hashCtx: undefined }

const linkOf = (changed: Partial<Link> = {}, now = made): string => presigner(key, now)({ ...link, ...changed })

/** What the store sees of a PUT to an address. */
function putTo(address: string, changed: Partial<ReceivedPut> = {}): ReceivedPut {
  const { host, pathname: path, search } = new URL(address)
  return { path, query: new RequestTarget(`/${search}`).pairs ?? [], host, contentLength: `${tenMebi}`, ...changed }
}

const judge = (put: ReceivedPut, announced: PlannedPart | undefined = part, now = made) =>
  judgePut(put, key, announced, now)

t.test('the signature is that of AWS Signature Version 4, as AWS publishes one', async (t) => {
  const scope = { day: '20130524', region: 'us-east-1', service: 's3' }
  const query = [
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request'],
    ['X-Amz-Date', '20130524T000000Z'],
    ['X-Amz-Expires', '86400'],
    ['X-Amz-SignedHeaders', 'host'],
  ] as const
  const request = {
    method: 'GET',
    path: '/test.txt',
    query,
    headers: [['host', 'examplebucket.s3.amazonaws.com']] as const,
  }
  const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
  t.equal(
    presignature(request, signingKey(secret, scope), '20130524T000000Z', scope),
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  )
  const derived = signingKey('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', { ...scope, day: '20120215', service: 'iam' })
  t.equal(derived.export().toString('hex'), 'f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d')
})

t.test('UPL-5: a link looks as printed', async (t) => {
  const { origin, pathname, searchParams } = new URL(linkOf())
  t.equal(origin + pathname, link.address)
  t.same(
    [...searchParams.keys()],
    [
      'partNumber',
      'uploadId',
      'X-Amz-Algorithm',
      'X-Amz-Date',
      'X-Amz-SignedHeaders',
      'X-Amz-Expires',
      'X-Amz-Credential',
      'X-Amz-Iteration-Hash-Ctx',
      'X-Amz-Signature',
    ],
  )
  t.match(Object.fromEntries(searchParams), {
    partNumber: '46',
    uploadId: '0000018CD264',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Date': '20240621T082041Z',
    'X-Amz-SignedHeaders': 'content-length;host',
    'X-Amz-Expires': '3600',
    'X-Amz-Credential': /^EMULATORKEY\/20240621\/[a-z]+\/s3\/aws4_request$/,
    'X-Amz-Signature': /^[0-9a-f]{64}$/,
  })
  const context = Buffer.from(searchParams.get('X-Amz-Iteration-Hash-Ctx') ?? '', 'base64').toString()
  t.same(JSON.parse(context), {
    md_len: 32,
    num: 0,
    h: hashCtxOf(initialState),
    nh: 0,
    nl: 3_774_873_600,
    hash_type: 'sha256',
  })
  t.match(linkOf(), 'X-Amz-SignedHeaders=content-length%3Bhost&X-Amz-Expires=3600&')
})

t.test('UPL-5: who signs by the specification alone comes to the same signature', async (t) => {
  for (const address of [linkOf(), linkOf({ from: undefined }), linkOf({ partSize: undefined })]) {
    const { host, pathname, search, searchParams } = new URL(address)
    const names = (searchParams.get('X-Amz-SignedHeaders') ?? '').split(';')
    const values: Record<string, string> = { host, 'content-length': `${tenMebi}` }
    const canonical = [
      'PUT',
      pathname,
      search
        .slice(1)
        .split('&')
        .filter((pair) => !pair.startsWith('X-Amz-Signature='))
        .sort()
        .join('&'),
      ...names.map((name) => `${name}:${values[name]}`),
      '',
      names.join(';'),
      'UNSIGNED-PAYLOAD',
    ].join('\n')
    const [, ...scope] = (searchParams.get('X-Amz-Credential') ?? '').split('/')
    const toSign = [
      'AWS4-HMAC-SHA256',
      '20240621T082041Z',
      scope.join('/'),
      createHash('sha256').update(canonical).digest('hex'),
    ]
    let signing: string | Buffer = `AWS4${key.secret}`
    for (const text of [...scope, toSign.join('\n')]) signing = createHmac('sha256', signing).update(text).digest()
    t.equal(searchParams.get('X-Amz-Signature'), signing.toString('hex'))
  }
})

t.test('UPL-5: a part is taken at its link, with the hashCtx of the link', async (t) => {
  t.same(judge(putTo(linkOf())), { hashCtx: initialState })
  t.same(judge(putTo(linkOf({ from: undefined }))), { hashCtx: undefined })
  const [path = '', search = ''] = linkOf().split('?')
  const turned = `${path}?${search.split('&').reverse().join('&')}`
  t.same(judge(putTo(turned)), { hashCtx: initialState }, 'a query has no order')
})

t.test('UPL-5 DEC-41: a link lives 3,600 seconds from the whole second of its date', async (t) => {
  const at = (millis: number) => judge(putTo(linkOf()), part, madeSecond + millis)
  t.same(at(0), { hashCtx: initialState })
  t.same(at(3_599_999), { hashCtx: initialState })
  t.same(at(3_600_000), { hashCtx: initialState })
  t.match(at(3_600_001), { code: 'AccessDenied', reason: 'ask for a fresh one' })
  t.same(at(-1000), { hashCtx: initialState }, 'a clock that was put back does not matter')
})

t.test('DEC-41: whatever is changed of a request, its signature no longer fits', async (t) => {
  const address = linkOf()
  const changed = (name: string, value: string): ReceivedPut => {
    const put = putTo(address)
    return { ...put, query: put.query.map((pair) => (pair[0] === name ? [name, value] : pair)) }
  }
  const puts: [string, ReceivedPut][] = [
    ['length', putTo(address, { contentLength: `${tenMebi - 1}` })],
    ['length', putTo(address, { contentLength: '0' })],
    ['host', putTo(address, { host: '127.0.0.1:4020' })],
    ['path', putTo(address, { path: '/_upload/0000018CD264/46' })],
    ['no query', putTo(address, { query: [] })],
    ['one more', putTo(`${address}&a=b`)],
    ['twice', putTo(`${address}&X-Amz-Signature=${'0'.repeat(64)}`)],
    ['one less', { ...putTo(address), query: putTo(address).query.slice(1) }],
    ['partNumber', changed('partNumber', '47')],
    ['uploadId', changed('uploadId', '1')],
    ['algorithm', changed('X-Amz-Algorithm', 'none')],
    ['later', changed('X-Amz-Date', '20240621T082042Z')],
    ['no date', changed('X-Amz-Date', 'today')],
    ['signed headers', changed('X-Amz-SignedHeaders', 'host')],
    ['expires', changed('X-Amz-Expires', '360000')],
    ['never expires', changed('X-Amz-Expires', 'never')],
    ['credential', changed('X-Amz-Credential', 'OTHER/20240621/emulator/s3/aws4_request')],
    ['hashCtx', changed('X-Amz-Iteration-Hash-Ctx', 'e30=')],
    ['signature', changed('X-Amz-Signature', '0'.repeat(64))],
    ['short signature', changed('X-Amz-Signature', '0')],
    ['signature of other bytes', changed('X-Amz-Signature', 'é'.repeat(64))],
    [
      'upper case',
      changed('X-Amz-Signature', (new URL(address).searchParams.get('X-Amz-Signature') ?? '').toUpperCase()),
    ],
  ]
  for (const [title, put] of puts) t.match(judge(put), { code: 'SignatureDoesNotMatch' }, title)
  t.match(judgePut(putTo(address), { ...key, secret: 'other' }, part, made), { code: 'SignatureDoesNotMatch' })
  t.match(judge(changed('X-Amz-Expires', '0')), { code: 'AccessDenied' }, 'one that is shortened has expired')
})

t.test('DEC-41: where only the length differs, the reason says so', async (t) => {
  const short = putTo(linkOf(), { contentLength: '5' })
  t.match(judge(short), { reason: 'Content-Length is not the partSize that the link was made for' })
  t.match(judge(short, { ...part, partSize: 6 }), { reason: 'this is not the request that the link was made for' })
  t.match(judge(short, openPart), { reason: 'this is not the request' })
  t.match(judgePut(short, key, undefined, made), { reason: 'this is not the request' })
})

t.test('DEC-33 DEC-41: a link made for another size than is announced now no longer fits', async (t) => {
  t.match(judge(putTo(linkOf()), { ...part, partSize: tenMebi + 1 }), {
    code: 'SignatureDoesNotMatch',
    reason: 'announced with another size since',
  })
})

t.test('DEC-35: without a size a link takes any up to 5 GiB', async (t) => {
  const address = linkOf({ partNumber: 1, partSize: undefined, from: undefined })
  t.match(address, 'X-Amz-SignedHeaders=host&')
  for (const contentLength of ['0', '7', '5368709120']) {
    t.same(judge(putTo(address, { contentLength }), openPart), { hashCtx: undefined })
  }
  t.match(judge(putTo(address, { contentLength: '5368709121' }), openPart), { code: 'EntityTooLarge' })
  t.match(judge(putTo(address, { contentLength: '5368709121' })), { code: 'EntityTooLarge' })
})

t.test('DEC-41: length, expiry, signature, upload and size are judged in this order', async (t) => {
  const late = made + 3_600_000
  const address = linkOf({ partSize: undefined })
  const worst: ReceivedPut = { ...putTo(`${address}&a=b`), contentLength: undefined }
  const codeOf = (put: ReceivedPut, announced: PlannedPart | undefined, now: number): unknown => {
    const outcome = judgePut(put, key, announced, now)
    return 'code' in outcome ? outcome.code : 'taken'
  }
  const huge = '5368709121'
  t.equal(codeOf(worst, undefined, late), 'MissingContentLength')
  t.equal(codeOf({ ...worst, contentLength: huge }, undefined, late), 'AccessDenied')
  t.equal(codeOf({ ...worst, contentLength: huge }, undefined, made), 'SignatureDoesNotMatch')
  t.equal(codeOf(putTo(address, { contentLength: huge }), undefined, made), 'NoSuchUpload')
  t.equal(codeOf(putTo(address, { contentLength: huge }), openPart, made), 'EntityTooLarge')
  t.equal(codeOf(putTo(address, { contentLength: '0' }), openPart, made), 'taken')
})

t.test('DEC-41: a refusal is S3 in XML, and nothing in it is markup', async (t) => {
  t.equal(
    errorDocument('NoSuchUpload', '/_upload/<a>&"b\'/1\u0000\ud800', 'r-1'),
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchUpload</Code>' +
      '<Message>The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.</Message>' +
      '<Resource>/_upload/&#60;a&#62;&#38;&#34;b&#39;/1\ufffd\ufffd</Resource><RequestId>r-1</RequestId></Error>',
  )
  t.same(
    Object.entries(storeErrors).map(([code, { status }]) => [code, status]),
    [
      ['MissingContentLength', 411],
      ['AccessDenied', 403],
      ['SignatureDoesNotMatch', 403],
      ['NoSuchUpload', 404],
      ['InvalidRequest', 400],
      ['IncompleteBody', 400],
      ['BadDigest', 400],
      ['InternalError', 500],
      ['SlowDown', 503],
      ['EntityTooLarge', 400],
    ],
  )
})
