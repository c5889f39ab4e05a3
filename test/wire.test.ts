import { once } from 'node:events'
import { METHODS } from 'node:http'
import { connect as connectTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { basePath } from '../schemas/common.ts'
import { contracts } from '../schemas/index.ts'
import { Cors, originHeaderIn } from '../src/http/cors.ts'
import { exampleDevice, exampleUser } from './fixtures/emulator.ts'
import type { Kind, RequestParts } from './fixtures/exchange.ts'
import { adding, bytesOf, chunked, honest, isChunked, listening, scopePath } from './fixtures/exchange.ts'
import { Wire } from './fixtures/socket.ts'

const emulator = await listening(t)
const { open, refuses, serves, isRefused, isServed, nextLine } = emulator
const limit = 12 * 1024 * 1024

/** A body of so many bytes that the contract refuses. */
const bodyOf = (length: number): string => {
  const frame = '{"moduleCode":"102","scopeList":[],"ignored":""}'
  return frame.replace('""', `"${'i'.repeat(length - frame.length)}"`)
}

type Row = readonly [title: string, parts: RequestParts, kind: Kind, reason: string]

async function refusesEach(t: import('tap').Test, rows: readonly Row[]): Promise<void> {
  for (const [title, parts, kind, reason] of rows) {
    await t.test(title, async (t) => {
      await refuses(t, bytesOf(parts), kind, reason, parts.method)
    })
  }
}

t.test('COM-1 DEC-14: a path that is no operation is an unknown route', async (t) => {
  const noPath = 'no operation has this path; operations are below /koodrive/ose/v1/backup/'
  await refusesEach(t, [
    ['the root', { target: '/' }, 'unknownRoute', noPath],
    ['an unknown path', { method: 'GET', target: `${basePath}/nothing` }, 'unknownRoute', noPath],
    ['a trailing slash', { target: `${scopePath}/`, body: adding('/a') }, 'unknownRoute', noPath],
    ['a double slash', { target: `/${scopePath}`, body: adding('/a') }, 'unknownRoute', noPath],
    ['a double slash within', { target: scopePath.replace('/device/', '/device//') }, 'unknownRoute', noPath],
    ['another case', { target: scopePath.toUpperCase() }, 'unknownRoute', noPath],
    ['a dot segment', { target: `${basePath}/x/../device/1/scope` }, 'unknownRoute', noPath],
    ['OPTIONS of the whole server', { method: 'OPTIONS', target: '*' }, 'unknownRoute', noPath],
    ['HEAD of an unknown path', { method: 'HEAD', target: '/' }, 'unknownRoute', noPath],
    ['another type than JSON', { target: '/', headers: ['Content-Type: a/b'], body: 'x' }, 'unknownRoute', noPath],
    ['the absolute form of nothing', { target: 'http://localhost' }, 'unknownRoute', noPath],
    ['the absolute form of a query', { target: 'http://localhost?a' }, 'unknownRoute', noPath],
  ])
  await refuses(t, 'GET /\r\n\r\n', 'unknownRoute', noPath) // HTTP/0.9
})

t.test('DEC-14: of what is nearly a route, the reason says what would be right', async (t) => {
  await refusesEach(t, [
    ['a slash at the end', { target: `${scopePath}/`, body: adding('/a') }, 'unknownRoute', 'drop the / at its end'],
    ['of a list', { method: 'GET', target: `${basePath}/record/?pageSize=1` }, 'unknownRoute', 'drop the / at its end'],
    ['a doubled one', { target: `/${scopePath}`, body: adding('/a') }, 'unknownRoute', 'drop the / that is doubled'],
    [
      'in other letters',
      { method: 'GET', target: `${basePath}/Device` },
      'unknownRoute',
      `it is written ${basePath}/device`,
    ],
    ['without the base path', { method: 'GET', target: '/device' }, 'unknownRoute', `put ${basePath} before it`],
    ['an upload', { method: 'POST', target: '/_upload/a/1' }, 'unknownRoute', 'this address takes PUT'],
  ])
})

t.test('DEC-14: a known path refuses every method but its own, with those it takes', async (t) => {
  const operations = Object.values(contracts).filter(({ path }) =>
    scopePath.endsWith(path.replace('{deviceId}', exampleDevice)),
  )
  const taken: string[] = operations.map(({ method }) => method)
  for (const method of METHODS.filter((name) => !taken.includes(name))) {
    for (const target of [scopePath, `${scopePath}?a=1`, `${scopePath}#a`]) {
      const line = await refuses(
        t,
        bytesOf({ method, target }),
        'unknownRoute',
        `${method} is not taken here; this path takes ${taken.join(', ')} [DEC-12]`,
        method === 'HEAD' ? 'HEAD' : 'POST',
      )
      t.match(line, { method, path: scopePath })
    }
  }
})

t.test('DEC-14: CONNECT is answered like any other method, after the answers before it', async (t) => {
  const wire = await open(t)
  await wire.send(
    Buffer.concat([bytesOf({ body: adding('/connect') }), bytesOf({ method: 'CONNECT', target: 'a.b:1' })]),
  )
  const [first, second] = [await wire.answer(), await wire.answer()]
  const lines = [await nextLine(), await nextLine()]
  t.equal(first.status, 200)
  t.equal(second.status, 404)
  t.equal(second.body, '{"code":13000101,"msg":"Bad Request"}')
  t.same(new Set(lines.map(({ method }) => method)), new Set(['POST', 'CONNECT']))
  wire.end()
  t.equal(await wire.rest(), '')
})

t.test(
  'DEC-1 DEC-12: a target with a broken percent-encoding is malformed, before the headers are looked at',
  async (t) => {
    const path = 'path has a broken percent-encoding'
    const query = 'query has a broken percent-encoding'
    const inDevice = (text: string) => ({ target: `${basePath}/device/${text}/scope`, body: adding('/a') })
    const nobody = { base: ['Host: localhost'] }
    await refusesEach(t, [
      ['no hexadecimal digits', inDevice('%zz'), 'malformed', path],
      ['no UTF-8', inDevice('%ff'), 'malformed', path],
      ['cut short', { target: `${scopePath}%`, ...nobody }, 'malformed', path],
      ['of an unknown path', { target: '/%e0%a4%a', ...nobody }, 'malformed', path],
      ['of a method not taken', { method: 'DELETE', target: `${basePath}/device/%zz/scope` }, 'malformed', path],
      ['in the query', { target: `${scopePath}?a=%zz`, body: adding('/a') }, 'malformed', query],
      ['in the query, no UTF-8', { target: `${scopePath}?%ff=1`, body: adding('/a'), ...nobody }, 'malformed', query],
      ['in the query, cut short', { target: `${scopePath}?a=1&b=%`, ...nobody }, 'malformed', query],
      ['not a known method', { method: 'PUT', target: `${scopePath}?a=%zz` }, 'unknownRoute', 'PUT is not taken'],
      [
        'media type first',
        { target: `${scopePath}?%`, headers: ['Content-Type: text/plain'], body: 'x' },
        'mediaType',
        'Content-Type is not JSON',
      ],
    ])
    await serves(t, bytesOf({ target: `${scopePath}?a=%C3%A4%2f+`, body: adding('/query') }), '/query')
  },
)

t.test('DEC-9: a deviceId that cannot be one is invalid, whatever its length', async (t) => {
  const device = (id: string) => ({ target: `${basePath}/device/${id}/scope`, body: adding('/device') })
  const expected = '; expected a string matching ^[0-9A-Za-z_-]{1,64}$ [DEC-9]'
  const answer = await open(t)
  answer.send(bytesOf(device('d'.repeat(64))))
  t.equal((await answer.answer()).status, 200)
  t.match(await nextLine(), { status: 200, code: 0 })
  await refusesEach(t, [
    ['65 characters', device('d'.repeat(65)), 'invalid', `path/deviceId is a string of 65${expected}`],
    ['1,000 characters', device('d'.repeat(1000)), 'invalid', `path/deviceId is a string of 1000${expected}`],
    ['10,000 characters', device('d'.repeat(10_000)), 'invalid', `path/deviceId is a string of 10000${expected}`],
    [
      'an encoded slash',
      device('a%2Fb'),
      'invalid',
      `path/deviceId is a string of 3 with "/" at character 2${expected}`,
    ],
    [
      'an encoded NUL',
      device('%00'),
      'invalid',
      `path/deviceId is a string of 1 with U+0000 at character 1${expected}`,
    ],
    [
      'an encoded percent sign',
      device('%25zz'),
      'invalid',
      `path/deviceId is a string of 3 with "%" at character 1${expected}`,
    ],
  ])
})

t.test('every form of HTTP/1 that a client may speak is served', async (t) => {
  const served: [title: string, parts: RequestParts][] = [
    ['the absolute form of a target', { target: `http://localhost${scopePath}` }],
    ['the absolute form with another host', { target: `HTTPS://user@a.example:99${scopePath}?a=b` }],
    ['no Host', { base: honest.slice(1) }],
    ['an Expect that nobody knows', { headers: ['Expect: something'] }],
    ['a wish for a web socket', { headers: ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: a'] }],
    ['a wish for HTTP/2', { headers: ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: a'] }],
    ['HTTP/1.0', { version: 'HTTP/1.0', base: honest.slice(1) }],
    ['HTTP/1.0 kept alive', { version: 'HTTP/1.0', headers: ['Connection: keep-alive'] }],
  ]
  for (const [title, parts] of served) {
    await t.test(title, async (t) => {
      const line = await serves(t, bytesOf({ ...parts, body: adding(`/${title}`) }), `/${title}`)
      t.equal(line.method, 'POST')
    })
  }

  await t.test('a path with more percent-encoding than it needs', async (t) => {
    const wire = await open(t)
    wire.send(bytesOf({ target: scopePath.replace('/scope', '/%73cope'), body: adding('/encoded') }))
    t.equal((await wire.answer()).status, 200)
    t.match(await nextLine(), { path: scopePath.replace('/scope', '/%73cope'), operation: 'batchAddBackupScope' })
  })

  await t.test('HTTP/1.0 closes after the answer', async (t) => {
    const wire = await open(t)
    wire.send(bytesOf({ version: 'HTTP/1.0', body: adding('/1.0') }))
    await isServed(t, await wire.answer(), '/1.0')
    t.equal(await wire.rest(), '')
  })

  await t.test('Expect: 100-continue is told to go on, then answered', async (t) => {
    const wire = await open(t)
    const body = adding('/continue')
    wire.send(bytesOf({ headers: ['Expect: 100-continue', `Content-Length: ${body.length}`] }))
    t.equal((await wire.answer()).status, 100)
    wire.send(body)
    await isServed(t, await wire.answer(), '/continue')
  })
})

t.test('DEC-14: headers are bounded by their size, however many there are', async (t) => {
  const headers = Array.from({ length: 2000 }, (_, index) => `${index}:`)
  await serves(t, bytesOf({ headers, body: adding('/many-headers') }), '/many-headers')
})

t.test('DEC-14: what is not HTTP is answered in the form of this API, and the connection closed', async (t) => {
  const post = `POST ${scopePath} HTTP/1.1`
  const pair = (one: string, other: string) => bytesOf({ headers: [one, other], after: chunked(adding('/never')) })
  const broken: [title: string, bytes: string | Buffer, kind: Kind, reason: string][] = [
    ['headers over 16 KiB', bytesOf({ headers: [`A: ${'a'.repeat(17_000)}`] }), 'headersTooLarge', 'than 16 KiB'],
    ['a path over 16 KiB', bytesOf({ target: `/${'a'.repeat(17_000)}` }), 'headersTooLarge', 'larger than 16 KiB'],
    ['a megabyte of headers', `${post}\r\n${`A: ${'a'.repeat(998)}\r\n`.repeat(1000)}`, 'headersTooLarge', '16 KiB'],
    ['a method nobody knows', `BREW ${scopePath} HTTP/1.1\r\n\r\n`, 'malformed', 'HPE_INVALID_METHOD'],
    ['a method in lower case', `post ${scopePath} HTTP/1.1\r\n\r\n`, 'malformed', 'HPE_INVALID_METHOD'],
    ['a version nobody knows', `POST ${scopePath} HTTP/1.2\r\n\r\n`, 'malformed', 'HPE_INVALID_VERSION'],
    ['another protocol', `POST ${scopePath} GTP/1.0\r\n\r\n`, 'malformed', 'HPE_INVALID_CONSTANT'],
    ['a blank in the path', `POST /a b HTTP/1.1\r\n\r\n`, 'malformed', 'HPE_INVALID_CONSTANT'],
    ['a relative target', 'POST a HTTP/1.1\r\n\r\n', 'malformed', 'HPE_INVALID_URL'],
    ['garbage', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), 'malformed', 'HPE_INVALID_METHOD'],
    ['a TLS greeting', Buffer.from('16030100c8010000c40303', 'hex'), 'malformed', 'HPE_INVALID_METHOD'],
    ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'malformed', 'HPE_PAUSED_H2_UPGRADE'],
    ['a NUL in a header', `${post}\r\nA: \0\r\n\r\n`, 'malformed', 'HPE_INVALID_HEADER_TOKEN'],
    ['a header without a colon', `${post}\r\nnonsense\r\n\r\n`, 'malformed', 'HPE_INVALID_HEADER_TOKEN'],
    ['two lengths', pair('Content-Length: 5', 'Content-Length: 6'), 'malformed', 'HPE_UNEXPECTED_CONTENT_LENGTH'],
    ['a negative length', `${post}\r\nContent-Length: -1\r\n\r\n`, 'malformed', 'HPE_INVALID_CONTENT_LENGTH'],
    ['an endless length', `${post}\r\nContent-Length: ${'9'.repeat(30)}\r\n\r\n`, 'malformed', 'HPE_INVALID_CONTENT'],
    ['a length and chunks', pair('Content-Length: 5', isChunked), 'malformed', 'HPE_INVALID_TRANSFER_ENCODING'],
    ['two lengths, by name', pair('Content-Length: 5', 'Content-Length: 6'), 'malformed', 'was sent twice'],
    ['a header without CR', `${post}\r\nA: b\n\n`, 'malformed', 'a line does not end with CR LF'],
    ['a first line without CR', `${post}\nA: b\r\n\r\n`, 'malformed', 'a line does not end with CR LF'],
  ]
  for (const [title, bytes, kind, reason] of broken) {
    await t.test(title, async (t) => {
      const wire = await open(t)
      await wire.send(bytes)
      const answer = await wire.answer()
      const line = await isRefused(t, answer, kind, reason)
      t.equal(line.msg, 'refused before it was a request')
      t.equal(answer.headers['connection'], 'close')
      await wire.send('POST /more HTTP/1.1\r\n\r\n')
      t.equal(await wire.rest(), '')
    })
  }
})

t.test('a body that is longer than its Content-Length is told from what was never HTTP', async (t) => {
  const body = adding('/gr\u00fcn')
  const head = bytesOf({ headers: [`Content-Length: ${body.length}`], after: '' })
  for (const pieces of [[Buffer.concat([head, Buffer.from(body)])], [head, body]]) {
    const wire = await open(t)
    for (const piece of pieces) await wire.send(piece)
    const reasons = [await wire.answer(), await wire.answer()].map(({ headers }) => headers['x-emulator-reason'])
    t.match(reasons, ['body is not acceptable JSON', 'a body is longer than its Content-Length, which counts bytes'])
    await Promise.all([nextLine(), nextLine()])
  }
})

t.test('a client that never goes is cut off a second after its last answer', async (t) => {
  const accepted = once(emulator.server.server, 'connection')
  const wire = await open(t)
  const [socket] = await accepted
  wire.send('nonsense\r\n\r\n')
  await isRefused(t, await wire.answer(), 'malformed', 'this is not HTTP/1.1')
  t.equal(await wire.rest(), '')
  t.equal(socket.destroyed, false)
  await once(socket, 'close')
})

t.test('a client that goes after CONNECT does no harm, and its connection is gone at once', async (t) => {
  for (const way of ['end', 'reset'] as const) {
    const accepted = once(emulator.server.server, 'connection')
    const wire = await open(t)
    const [socket] = await accepted
    wire.send(bytesOf({ method: 'CONNECT', target: 'a.b:1', after: 'more' }))
    await isRefused(t, await wire.answer(), 'unknownRoute', 'no operation has this path')
    const since = performance.now()
    wire[way]()
    await new Promise((resolve) => socket.once('close', resolve)) // `once` would listen to errors, too
    t.ok(performance.now() - since < 900, way)
  }
})

t.test('over TLS it is all the same', async (t) => {
  const file = (name: string) => fileURLToPath(new URL(`fixtures/tls/${name}.pem`, import.meta.url))
  const secure = await listening(t, { tlsCert: file('cert'), tlsKey: file('key') })
  const refused: [bytes: string | Buffer, kind: Kind, reason: string][] = [
    [bytesOf({ method: 'CONNECT', target: 'a.b:1', base: [] }), 'unknownRoute', 'no operation has this path'],
    [bytesOf({ method: 'CONNECT', target: 'http://a.b/c', base: [] }), 'unknownRoute', 'no operation has this path'],
    ['nonsense\r\n\r\n', 'malformed', 'this is not HTTP/1.1'],
  ]
  for (const [bytes, kind, reason] of refused) {
    const socket = connectTls({ port: secure.port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const wire = new Wire(socket)
    wire.send(bytes)
    await secure.isRefused(t, await wire.answer(), kind, reason)
    t.equal(await wire.rest(), '')
  }
})

t.test('DEC-12: a chunked body is read as it was meant, or refused', async (t) => {
  const body = adding('/chunked')
  const send = (after: string, headers: readonly string[] = []) => bytesOf({ headers: [isChunked, ...headers], after })
  await serves(t, send(chunked(body)), '/chunked')
  await serves(t, send(chunked(adding('/extended')).replace('\r\n', ';name="value";other\r\n')), '/extended')
  await serves(t, send(chunked(adding('/trailer')).replace(/\r\n$/, 'X-Date: 1\r\n\r\n')), '/trailer')
  const pieces = [...adding('/pieces')].map((letter) => `1\r\n${letter}\r\n`).join('')
  await serves(t, send(`${pieces}0\r\n\r\n`), '/pieces')
  await refuses(t, send('0\r\n\r\n'), 'invalid', 'body is missing; expected an object')
  await refuses(t, send('0\r\n\r\n', ['Content-Type: text/plain']), 'invalid', 'body is missing; expected an object')
  await refuses(t, send('0\r\n\r\n', ['Content-Type: nonsense']), 'invalid', 'body is missing; expected an object')
  await refuses(t, send(chunked('x'), ['Content-Type: nonsense']), 'mediaType', 'Content-Type is not JSON')
  await refuses(t, send(chunked('{}'), ['Transfer-Encoding: gzip']), 'malformed', 'HPE_INVALID_TRANSFER_ENCODING')

  const broken: [title: string, after: string, reason: string][] = [
    ['a bad size', `zz\r\n${body}`, 'HPE_INVALID_CHUNK_SIZE'],
    ['a negative size', '-1\r\n', 'HPE_INVALID_CHUNK_SIZE'],
    ['a size beyond all numbers', `${'f'.repeat(17)}\r\n`, 'HPE_INVALID_CHUNK_SIZE'],
    ['a chunk longer than it says', '2\r\n{}}\r\n0\r\n\r\n', 'HPE_STRICT'],
    ['endless extensions', `2;${'e'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`, 'HPE_CHUNK_EXTENSIONS_OVERFLOW'],
    ['endless trailers', `2\r\n{}\r\n0\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`, 'larger than 16 KiB'],
  ]
  for (const [title, after, reason] of broken) {
    await t.test(title, async (t) => {
      const wire = await open(t)
      await wire.send(send(after))
      const answer = await wire.answer()
      const kind = title === 'endless trailers' ? 'headersTooLarge' : 'malformed'
      t.match(await isRefused(t, answer, kind, reason), { msg: 'answered', path: scopePath })
      t.equal(answer.headers['connection'], 'close')
      await wire.send(bytesOf({ body: adding('/never') }))
      t.equal(await wire.rest(), '')
    })
  }

  await t.test('after a refusal that did not wait for the body, a bad chunk ends the connection', async (t) => {
    const wire = await open(t)
    await wire.send(bytesOf({ target: '/', headers: [isChunked], after: '2\r\n{}\r\n' }))
    await isRefused(t, await wire.answer(), 'unknownRoute', 'no operation has this path')
    await wire.send('zz\r\n')
    t.equal(await wire.rest(), '')
  })

  await t.test('the same where both come at once', async (t) => {
    const wire = await open(t)
    await wire.send(bytesOf({ target: '/', headers: [isChunked], after: '2\r\n{}\r\nzz\r\n' }))
    await isRefused(t, await wire.answer(), 'unknownRoute', 'no operation has this path')
    t.equal(await wire.rest(), '')
  })
})

t.test('DEC-12: a body that is not as long as it says does no harm', async (t) => {
  const longer = (body: string, more: number) =>
    bytesOf({ headers: [`Content-Length: ${body.length + more}`], after: body })

  await t.test('the client stops sending, and is told', async (t) => {
    const wire = await open(t)
    wire.send(longer(adding('/longer'), 5))
    wire.end()
    const line = await isRefused(t, await wire.answer(), 'malformed', 'the connection ended before the request')
    t.match(line, { msg: 'answered', path: scopePath })
    t.equal(await wire.rest(), '')
  })

  await t.test('the client stops amid the headers, and is told', async (t) => {
    const wire = await open(t)
    wire.send('POST /a HTTP/1.1\r\nHost: b')
    wire.end()
    await isRefused(t, await wire.answer(), 'malformed', 'the connection ended before the request was complete')
    t.equal(await wire.rest(), '')
  })

  await t.test('the client breaks off, which is a line in the log and no error', async (t) => {
    const wire = await open(t)
    await wire.send(longer(adding('/broken'), 5))
    await wire.send('more')
    wire.reset()
    const reason = 'the connection broke off before there was an answer'
    const form = { level: 30, msg: 'broken off', method: 'POST', path: scopePath, status: null, code: null, reason }
    t.match(await nextLine(), form)
  })

  await t.test('the client says nothing and goes', async (t) => {
    const wire = await open(t)
    wire.end()
    t.equal(await wire.rest(), '')
  })

  await t.test('the client sends more, which is taken for the next request', async (t) => {
    const wire = await open(t)
    const body = adding('/shorter')
    wire.send(bytesOf({ headers: [`Content-Length: ${body.length}`], after: `${body}}}}` }))
    const [first, second] = [await wire.answer(), await wire.answer()]
    t.equal(first.status, 200)
    t.match(JSON.parse(first.body), { scopeList: [{ localPath: '/shorter' }] })
    t.equal(second.status, 400)
    t.equal(second.body, '{"code":13000101,"msg":"Bad Request"}')
    const statuses = [await nextLine(), await nextLine()].map(({ status }) => status)
    t.same(statuses.toSorted(), [200, 400])
    t.equal(await wire.rest(), '')
  })
})

t.test('COM-1 DEC-8 DEC-10 DEC-12: JSON is taken as it is, and only as JSON in UTF-8', async (t) => {
  const scopes = '"scopeList":[{"localPath":"/json"}]'
  const syntax = 'body is not acceptable JSON: syntax error'
  const proto = 'body is not acceptable JSON: a __proto__ key'
  const ofType = (type: string) => `body is ${type}; expected an object [DEC-6]`
  const noModule = 'body/moduleCode is missing'
  const nul = 'body/moduleCode is null; expected one of "100", "101", "102" [COM-7]'
  const surrogate = 'body/moduleCode holds an unpaired surrogate; expected whole characters [DEC-10]'
  const deep = 100_000
  const refused: [title: string, body: string | Buffer, kind: Kind, reason: string][] = [
    ['no JSON', 'nonsense', 'malformed', syntax],
    ['cut short', '{"moduleCode":"102"', 'malformed', syntax],
    ['a blank', ' ', 'malformed', syntax],
    ['a comma too many', '{"moduleCode":"102",}', 'malformed', syntax],
    ['a comment', '{}//', 'malformed', syntax],
    ['single quotes', "{'moduleCode':'102'}", 'malformed', syntax],
    ['not a number', '{"moduleCode":NaN}', 'malformed', syntax],
    ['a bare line feed in a string', '{"moduleCode":"\n"}', 'malformed', syntax],
    ['two values', '{}{}', 'malformed', syntax],
    ['a form', 'moduleCode=102', 'malformed', syntax],
    ['two byte order marks', `\ufeff\ufeff{${scopes}}`, 'malformed', syntax],
    ['UTF-16', Buffer.from(`{${scopes}}`, 'utf16le'), 'malformed', syntax],
    ['half a character', Buffer.from('{"a":"\xc3"}', 'latin1'), 'malformed', 'body is not valid UTF-8'],
    ['an encoded surrogate', Buffer.from('{"a":"\xed\xa0\x80"}', 'latin1'), 'malformed', 'body is not valid UTF-8'],
    ['an overlong NUL', Buffer.from('{"a":"\xc0\x80"}', 'latin1'), 'malformed', 'body is not valid UTF-8'],
    ['__proto__', '{"__proto__":{"moduleCode":"102"}}', 'malformed', proto],
    ['__proto__ deep within', `{"a":[{"b":{"__proto__":1}}],${scopes}}`, 'malformed', proto],
    ['__proto__ escaped', `{"\\u005f_proto__":1,${scopes}}`, 'malformed', proto],
    [
      '__proto__ all escaped',
      `{"${'__proto__'.replace(/./g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)}":1}`,
      'malformed',
      proto,
    ],
    ['an empty object', '{}', 'invalid', noModule],
    ['null', 'null', 'invalid', ofType('null')],
    ['an array', '[]', 'invalid', ofType('an array of 0')],
    ['a number', '1', 'invalid', ofType('a number')],
    ['an endless number', '1e999', 'invalid', ofType('a number')],
    ['a string', '"102"', 'invalid', ofType('a string of 3')],
    ['a truth', 'true', 'invalid', ofType('a boolean')],
    ['arrays 100,000 deep', '['.repeat(deep) + ']'.repeat(deep), 'invalid', ofType('an array of 1')],
    ['arrays 100,000 deep and cut short', '['.repeat(deep), 'malformed', syntax],
    ['objects 100,000 deep', `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`, 'invalid', noModule],
    ['__proto__ 100,000 deep', `${'{"a":'.repeat(deep)}{"__proto__":1}${'}'.repeat(deep)}`, 'malformed', proto],
    ['null for a mandatory property', `{"moduleCode":null,${scopes}}`, 'invalid', nul],
    ['an inherited name', '{"constructor":1,"toString":2}', 'invalid', noModule],
    ['an unpaired surrogate', `{"moduleCode":"\\ud800",${scopes}}`, 'invalid', surrogate],
    ['an unpaired surrogate, in capitals', `{"moduleCode":"\\uDFFF",${scopes}}`, 'invalid', surrogate],
    ['the last of two equal names, which counts', `{"moduleCode":"102",${scopes},"moduleCode":null}`, 'invalid', nul],
  ]
  for (const [title, body, kind, reason] of refused) {
    await t.test(title, async (t) => {
      await refuses(t, bytesOf({ body }), kind, reason)
    })
  }

  const accepted: [title: string, more: string][] = [
    ['an unknown property', '"unknown":{"a":[null,{}]}'],
    ['constructor and prototype', '"constructor":{"prototype":{"a":1}}'],
    ['__proto__ in a value', '"unknown":"\\"__proto__\\":1"'],
    ['an unpaired surrogate in an unknown property', '"unknown":"\\ud800"'],
    ['arrays 100,000 deep in an unknown property', `"unknown":${'['.repeat(deep)}${']'.repeat(deep)}`],
    ['two equal names', '"moduleCode":"102"'],
    ['an endless number', '"unknown":1e999'],
  ]
  for (const [title, more] of accepted) {
    await t.test(title, async (t) => {
      const path = `/accepted ${title}`
      await serves(t, bytesOf({ body: adding(path).replace('{', `{"moduleCode":"x",${more},`) }), path)
    })
  }
  await serves(t, bytesOf({ body: `\ufeff${adding('/mark')}` }), '/mark')
  const optional = '{"moduleCode":"102","scopeList":[{"localPath":"/null","targetFolderPath":null}]}'
  await serves(t, bytesOf({ body: optional }), '/null')
  await serves(t, bytesOf({ body: adding('/ä€\u{1f600}') }), '/ä€\u{1f600}')
  t.equal(Object.hasOwn(Object.prototype, 'a'), false)
})

t.test('COM-18 DEC-6: JSON is what says so or says nothing; an empty body needs no type', async (t) => {
  const media = 'Content-Type is not JSON; send Content-Type: application/json [DEC-6]'
  const json = ['application/json', 'APPLICATION/JSON', 'application/json; charset=utf-8', 'Application/Json ;a="b;c"']
  for (const [index, type] of [...json, 'application/json;', 'application/json\t;;;'].entries()) {
    await serves(t, bytesOf({ headers: [`Content-Type: ${type}`], body: adding(`/type${index}`) }), `/type${index}`)
  }
  await serves(t, bytesOf({ body: adding('/untyped') }), '/untyped')

  const others = ['application/x-www-form-urlencoded', 'application/jsonx', 'application/json+a', 'application/json x']
  const nonsense = ['nonsense', '', '/', 'application/', ';', 'a/b;c', 'text/json, application/json', '\xff']
  for (const type of [...others, ...nonsense, 'application/problem+json', 'multipart/form-data; boundary=a']) {
    await t.test(`"${type}"`, async (t) => {
      const headers = [`Content-Type: ${type}`]
      await refuses(t, bytesOf({ headers, body: adding('/never') }), 'mediaType', media)
      await refuses(t, bytesOf({ headers: [...headers, isChunked], after: chunked('{}') }), 'mediaType', media)
      await refuses(t, bytesOf({ headers, body: '' }), 'invalid', 'body is missing; expected an object')
      await refuses(t, bytesOf({ headers }), 'invalid', 'body is missing; expected an object')
    })
  }

  const coded = 'Content-Encoding is not taken; send the JSON as it is, without Content-Encoding [DEC-6]'
  for (const coding of ['gzip', 'identity, br', 'x']) {
    const headers = [`Content-Encoding: ${coding}`]
    const body = adding('/coded')
    await refuses(t, bytesOf({ headers, body: coding === 'gzip' ? gzipSync(body) : body }), 'mediaType', coded)
    await refuses(t, bytesOf({ headers: [...headers, isChunked], after: chunked(body) }), 'mediaType', coded)
    await refuses(t, bytesOf({ headers }), 'invalid', 'body is missing; expected an object')
    await refuses(t, bytesOf({ headers: [...headers, 'Content-Type: a/b'], body }), 'mediaType', media)
  }
  await serves(t, bytesOf({ headers: ['Content-Encoding: Identity'], body: adding('/plain') }), '/plain')

  await t.test('DEC-1: before the headers are looked at, and the next request is read', async (t) => {
    const wire = await open(t)
    const headers = ['Content-Type: text/plain']
    wire.send(bytesOf({ base: [], headers, body: 'x'.repeat(100_000) }))
    await isRefused(t, await wire.answer(), 'mediaType', media)
    wire.send(bytesOf({ body: adding('/after') }))
    await isServed(t, await wire.answer(), '/after')
  })
})

t.test('DEC-7: a body of 12 MiB is read, and one byte more is refused', async (t) => {
  const tooLarge = 'body is larger than 12 MiB; send less at once [DEC-7]'
  const short = 'body/scopeList is an array of 0; expected an array of 1 to 100 items'
  const inChunks = (body: string) => bytesOf({ headers: [isChunked], after: chunked(body) })
  await refuses(t, bytesOf({ body: bodyOf(limit) }), 'invalid', short)
  await refuses(t, inChunks(bodyOf(limit)), 'invalid', short)
  const fitting = adding('/large').replace('{', `{"ignored":"${'i'.repeat(limit - adding('/large').length - 13)}",`)
  t.equal(fitting.length, limit)
  await serves(t, bytesOf({ body: fitting }), '/large')

  const sizes: [title: string, bytes: Buffer][] = [
    ['by its length', bytesOf({ body: bodyOf(limit + 1) })],
    ['in a chunk', inChunks(bodyOf(limit + 1))],
    ['by its length, to be closed', bytesOf({ headers: ['Connection: close'], body: bodyOf(limit + 1) })],
    [
      'in a chunk, to be closed',
      bytesOf({ headers: [isChunked, 'Connection: close'], after: chunked(bodyOf(limit + 1)) }),
    ],
  ]
  for (const [title, bytes] of sizes) {
    await t.test(`${title}: the client can read why, even when it has sent everything first`, async (t) => {
      const wire = await open(t)
      await wire.send(bytes)
      await isRefused(t, await wire.answer(), 'tooLarge', tooLarge)
      if (title.endsWith('closed')) t.equal(await wire.rest(), '')
      else {
        wire.send(bytesOf({ body: adding(`/after ${title}`) }))
        await isServed(t, await wire.answer(), `/after ${title}`)
      }
    })
  }

  await t.test('the answer comes before the body does', async (t) => {
    const wire = await open(t)
    const body = bodyOf(limit + 1)
    wire.send(bytesOf({ headers: [`Content-Length: ${body.length}`] }))
    await isRefused(t, await wire.answer(), 'tooLarge', tooLarge)
    wire.send(body)
    wire.send(bytesOf({ body: adding('/early') }))
    await isServed(t, await wire.answer(), '/early')
  })

  await t.test('an endless body is refused once it is too large', async (t) => {
    const wire = await open(t)
    wire.send(bytesOf({ headers: [isChunked], after: `fffffffff\r\n${bodyOf(limit + 1)}` }))
    await isRefused(t, await wire.answer(), 'tooLarge', tooLarge)
  })

  await t.test('DEC-1: of another media type', async (t) => {
    const headers = ['Content-Type: text/plain']
    const chunks = { headers: [...headers, isChunked], after: chunked(bodyOf(limit + 1)) }
    await refuses(t, bytesOf({ headers, body: bodyOf(limit + 1) }), 'mediaType', 'Content-Type is not JSON')
    await refuses(t, bytesOf(chunks), 'mediaType', 'Content-Type is not JSON')
  })

  await t.test('a client that closes is not cut off while it sends what was refused', async (t) => {
    const wire = await open(t)
    const headers = ['Content-Type: text/plain', 'Connection: close', 'Content-Length: 1000000']
    await wire.send(bytesOf({ headers }))
    const answer = await wire.answer()
    await isRefused(t, answer, 'mediaType', 'Content-Type is not JSON')
    await wire.send('x'.repeat(1_000_000))
    await wire.send(bytesOf({ body: adding('/never') }))
    t.equal(await wire.rest(), '')
  })
})

t.test('requests sent ahead are answered in their order', async (t) => {
  const wire = await open(t)
  const paths = Array.from({ length: 20 }, (_, index) => `/ahead${index}`)
  const good = paths.map((path) => bytesOf({ body: adding(path) }))
  const bad = bytesOf({ target: '/', body: 'x' })
  await wire.send(Buffer.concat([...good, bad, bytesOf({ body: '{' }), bytesOf({ body: adding('/ahead') })]))
  for (const path of paths) await isServed(t, await wire.answer(), path)
  await isRefused(t, await wire.answer(), 'unknownRoute', 'no operation has this path')
  await isRefused(t, await wire.answer(), 'malformed', 'body is not acceptable JSON')
  await isServed(t, await wire.answer(), '/ahead')
})

t.test('DEC-5: a header sent twice is refused like a wrong one', async (t) => {
  await refusesEach(
    t,
    [1, 2, 3].map((index): Row => {
      const again = honest[index] ?? ''
      const name = again.slice(0, again.indexOf(':'))
      const reason = `${name} was sent more than once; send it once [DEC-5]`
      const kind = index === 1 ? 'unauthorized' : 'invalid'
      return [name, { headers: [again.toLowerCase()], body: adding('/a') }, kind, reason]
    }),
  )
})

t.test('DEC-12: a length that the body belies is refused where no parser has seen it', async (t) => {
  const answer = await emulator.call({ body: '{}', headers: { 'content-length': '3' } })
  t.match(answer, { statusCode: 400, body: '{"code":13000101,"msg":"Bad Request"}' })
  t.match(await nextLine(), { level: 30, status: 400, reason: 'body is not as long as Content-Length says [DEC-12]' })
})

t.test('DEC-14: who is too slow is told so, once, and what comes after is not carried out', async (t) => {
  const limits = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 }
  const slow = await listening(t, {}, limits)
  const reason = 'the request did not arrive in time'
  const body = adding('/slow')
  const withLength = [`Content-Length: ${body.length}`]

  const begun: [title: string, before: string | Buffer, after: string | Buffer][] = [
    ['nothing', '', bytesOf({ body })],
    ['half a head', bytesOf({ body }).subarray(0, 50), bytesOf({ body }).subarray(50)],
    ['half a body', bytesOf({ headers: withLength, after: body.slice(0, 9) }), body.slice(9)],
    [
      'half a body in chunks',
      bytesOf({ headers: [isChunked], after: `${body.length.toString(16)}\r\n{` }),
      body.slice(1),
    ],
  ]
  await Promise.all(
    begun.map(async ([title, before, after]) => {
      const wire = await slow.open(t)
      await wire.send(before)
      const answer = await wire.answer()
      t.match(answer, { status: 408, body: '{"code":13000101,"msg":"Bad Request"}' }, title)
      t.match(answer.headers, { 'x-emulator-reason': reason, connection: 'close' }, title)
      await wire.send(Buffer.concat([Buffer.from(after), bytesOf({ body })]))
      t.equal(await wire.rest(), '', title)
    }),
  )
  const spoke = begun.filter(([, before]) => before !== '')
  for (const _ of spoke) t.match(await slow.nextLine(), { level: 30, status: 408, code: 13000101, reason })
  const entries = slow.world.journal.entries.filter(({ status }) => status === 408)
  t.equal(entries.length, spoke.length, 'a connection over which nothing came is no request')

  await t.test('a refusal that did not wait for the body is not followed by another', async (t) => {
    const wire = await slow.open(t)
    await wire.send(bytesOf({ headers: ['Content-Type: a/b', 'Content-Length: 9'] }))
    await slow.isRefused(t, await wire.answer(), 'mediaType', 'Content-Type is not JSON')
    t.equal(await wire.rest(), '')
  })
  t.same(slow.strayLines(), [])
  t.equal(slow.world.store.devices.find(exampleUser, exampleDevice)?.bound, true)
  await slow.serves(t, bytesOf({ body }), '/slow')
})

t.test('one connection more than there may be is closed, and the others are served on', async (t) => {
  const full = await listening(t, {}, { maxConnections: 2 })
  const wires = [await full.open(t), await full.open(t)]
  const excess = await full.open(t)
  t.match(await full.nextLine(), { level: 40, msg: 'closed a connection: there are too many' })
  t.equal(await excess.rest(), '')
  for (const [index, wire] of wires.entries()) {
    wire.send(bytesOf({ body: adding(`/full${index}`) }))
    await full.isServed(t, await wire.answer(), `/full${index}`)
  }
})

t.test('DEC-11: errorStatus=ok puts 200 in place of every 400, and of nothing else', async (t) => {
  const ok = await listening(t, { errorStatus: 'ok' }, { headersTimeout: 100, connectionsCheckingInterval: 20 })
  const refused: [bytes: string | Buffer, kind: Kind, reason: string][] = [
    ['nonsense\r\n\r\n', 'malformed', 'this is not HTTP/1.1'],
    [bytesOf({ headers: ['Transfer-Encoding: gzip'] }), 'malformed', 'Transfer-Encoding is not chunked'],
    [
      bytesOf({ headers: [isChunked], after: 'zz\r\n' }),
      'malformed',
      'a chunk of the body does not begin with its size',
    ],
    [bytesOf({ target: '/%zz' }), 'malformed', 'path has a broken percent-encoding'],
    [bytesOf({ target: `${scopePath}?%zz` }), 'malformed', 'query has a broken percent-encoding'],
    [bytesOf({ body: '{' }), 'malformed', 'body is not acceptable JSON'],
    [bytesOf({ body: '{}' }), 'invalid', 'body/moduleCode is missing'],
    [bytesOf({ base: honest.slice(0, 2) }), 'invalid', 'X-User-Id is missing'],
    [bytesOf({ base: [] }), 'unauthorized', 'Authorization is missing'],
    [bytesOf({ target: '/' }), 'unknownRoute', 'no operation has this path'],
    [bytesOf({ method: 'CONNECT' }), 'unknownRoute', 'CONNECT is not taken here'],
    [bytesOf({ body: bodyOf(limit + 1) }), 'tooLarge', 'body is larger than 12 MiB'],
    [bytesOf({ headers: ['Content-Type: a/b'], body: '{}' }), 'mediaType', 'Content-Type is not JSON'],
    [bytesOf({ headers: [`A: ${'a'.repeat(17_000)}`] }), 'headersTooLarge', 'the headers are larger than 16 KiB'],
    ['POST', 'tooSlow', 'the request did not arrive in time'],
  ]
  for (const [bytes, kind, reason] of refused) await ok.refuses(t, bytes, kind, reason)
  t.same(ok.strayLines(), [])
})

t.test(
  'COM-11 COM-12 DEC-14: only what fails in the emulator itself is a 500, and its log has the cause',
  async (t) => {
    const broken = await listening(t)
    broken.world.store.close()
    const wire = await broken.open(t)
    wire.send(bytesOf({ body: adding('/a') }))
    const { status, headers, body } = await wire.answer()
    t.match([status, body], [500, '{"code":13000201,"msg":"inner server invoke failure"}'])
    t.equal(headers['x-emulator-reason'], 'the emulator failed; its log has the cause')
    t.match(await broken.nextLine(), { level: 50, msg: 'the emulator failed', err: { message: /database.* not open/ } })
    t.match(await broken.nextLine(), { level: 50, msg: 'answered', status: 500, code: 13000201 })
  },
)

t.test('DEC-21: what is answered with 500 was not done', async (t) => {
  const broken = await listening(t)
  const { rowsWritten } = broken.world.store
  let failures = 0
  Object.assign(broken.world.store, {
    rowsWritten() {
      failures += 1
      if (failures === 2) throw new Error('disk I/O error')
      return rowsWritten()
    },
  })
  const wire = await broken.open(t)
  wire.send(bytesOf({ body: adding('/once') }))
  t.equal((await wire.answer()).status, 500)
  t.match(await broken.nextLine(), { err: { message: 'disk I/O error' } })
  t.match(await broken.nextLine(), { status: 500 })
  wire.send(bytesOf({ body: adding('/once') }))
  await broken.isServed(t, await wire.answer(), '/once')
})

t.test('a health check is no news', async (t) => {
  const watched = await listening(t, { logLevel: 'debug' })
  const wire = await watched.open(t)
  wire.send('GET /_emulator/health HTTP/1.1\r\n\r\n')
  t.equal((await wire.answer()).status, 200)
  t.match(await watched.nextLine(), { level: 20, status: 200, path: '/_emulator/health' })
})

t.test('after all that the same emulator serves, has written a line a request, and none is an error', async (t) => {
  await serves(t, bytesOf({ body: adding('/last') }), '/last')
  t.same(emulator.strayLines(), [])
  t.notMatch(emulator.logLines.join(''), /"level":[4-6]0/)
  t.notMatch(emulator.logLines.join(''), 'some-token')
})

t.test('which pages may read an answer that no hook of the framework sees', async (t) => {
  const bytes = Buffer.from('GET /ü HTTP/1.1\r\nOrigin: http://a\r\nHost: h\r\n\r\n')
  t.same([bytes, Buffer.from('\x16\x03'), undefined].map(originHeaderIn), ['http://a', undefined, undefined])
  const of = (origins: boolean | string[], origin?: string) => new Cors(origins, 'x').headersFor(origin)
  const exposed = { vary: 'Origin', 'access-control-expose-headers': 'Date, Retry-After, ETag, x' }
  const [a, b] = ['https://a.example', 'https://b.example']
  t.same(of(false, a), {})
  t.same(of(true, a), { ...exposed, 'access-control-allow-origin': a })
  t.same(of(true), { ...exposed, 'access-control-allow-origin': '*' })
  t.same(of([a], a), { ...exposed, 'access-control-allow-origin': a })
  t.same(of([a]), { ...exposed, 'access-control-allow-origin': a })
  t.same(of([a, b]), exposed)
  t.same(of([a], b), exposed)
})
