import type { LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { basePath } from '../schemas/common.ts'
import type { OperationId } from '../schemas/index.ts'
import { contracts } from '../schemas/index.ts'
import { pathOf } from '../schemas/operation.ts'
import { exchange, listen, minutes, requestText } from './fixtures/backup.ts'
import type { TestEmulator } from './fixtures/emulator.ts'
import { emulatorFor, exampleDevice, exampleUser, noon, xDate } from './fixtures/emulator.ts'
import type { CanonicalLines, Signing, Unsigned } from './fixtures/signing.ts'
import {
  authorizationOf,
  canonicalLines,
  canonicalText,
  exampleApp,
  sha256,
  signatureOf,
  usualNames,
} from './fixtures/signing.ts'

const ids = Object.keys(contracts) as OperationId[] // keys of a constant object are its ids

const unauthorized = { code: 13990401, msg: 'Authentication failed.' }

const device = `/device/${exampleDevice}`
const change =
  '{"moduleCode":"102","configName":"backend_backup_switch","currentConfigValue":"101test2value","newConfigValue":"101test2value2"}'

/** A request as a client of the bundled app sends it at noon, below the base path. */
const unsigned = (method: string, path: string, body?: string, headers: Record<string, string> = {}): Unsigned => ({
  method,
  url: basePath + path,
  headers: { host: 'backup.example', 'x-date': xDate(noon), 'x-user-id': exampleUser, ...headers },
  ...(body === undefined ? {} : { body }),
})

/** Sends a request with an authorization that may have been made for another one. */
const send = ({ call }: TestEmulator, request: Unsigned, authorization = authorizationOf(request)) =>
  call({
    method: request.method,
    path: `!${request.url}`,
    body: request.body,
    headers: { ...request.headers, authorization },
  })

const reasonOf = ({ headers }: LightMyRequestResponse): string => `${headers['x-emulator-reason']}`

/** What the server is expected to compute for a request. */
const canonicalOf = (request: Unsigned, names?: string[]): string => canonicalText(canonicalLines(request, names))

interface WorkedExample {
  readonly title: string
  readonly request: Unsigned
  readonly canonical: string
  readonly toSign: string
  readonly authorization: string
}

/** Computed apart from this project, with another language's libraries. */
const workedExamples: WorkedExample[] = [
  {
    title: 'a change with a body',
    request: unsigned('PATCH', `${device}/config`, change),
    canonical: [
      'PATCH',
      '/koodrive/ose/v1/backup/device/1842812272691451648/config/',
      '',
      'host:backup.example',
      'x-date:20251217T120000Z',
      'x-user-id:1505084218764547200',
      '',
      'host;x-date;x-user-id',
      '5d1f7a14551bed0c53ccd2a21005d1aa1c487e34a0d282e0ef33081a21e2a1f5',
    ].join('\n'),
    toSign: 'HMAC-SHA256\n74ba4aa670357dba7e781f79ed6aed374a9f80aba1f0cc3025496603eb14fcb6',
    authorization:
      'HMAC-SHA256 AppId=a378331eca141163119eb602adb67b7802cc79cd33ba44c7d2fe61d1586c96a1,SignedHeaders=host;x-date;x-user-id,Signature=0732ae2f113a942998858cb15db33f23687740504ae78e22980c9d7a076dfd44',
  },
  {
    title: 'a query to be sorted and encoded',
    request: unsigned('GET', `${device}/configs?note=9&note&moduleCode=102&note=10&a=%c3%bc%2fb%20c+d%7E!&Zone=1`),
    canonical: [
      'GET',
      '/koodrive/ose/v1/backup/device/1842812272691451648/configs/',
      'Zone=1&a=%C3%BC%2Fb%20c%2Bd~%21&moduleCode=102&note=&note=10&note=9',
      'host:backup.example',
      'x-date:20251217T120000Z',
      'x-user-id:1505084218764547200',
      '',
      'host;x-date;x-user-id',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ].join('\n'),
    toSign: 'HMAC-SHA256\n39574f661240f034311e459b2eb2325c4adef7ba56838fc870dc12fb86d26149',
    authorization:
      'HMAC-SHA256 AppId=a378331eca141163119eb602adb67b7802cc79cd33ba44c7d2fe61d1586c96a1,SignedHeaders=host;x-date;x-user-id,Signature=f65454a3e86e805f150fa8bda2f60e26fba14c25685812c4949ab4a8f66668c2',
  },
]

t.test('contract', async (t) => {
  for (const { title, request, canonical, toSign, authorization } of workedExamples) {
    t.test(`COM-16: the worked example of ${title} is accepted, and one digit beside it is not`, async (t) => {
      t.equal(canonicalOf(request), canonical, 'the signing client of these tests agrees')
      t.equal(`HMAC-SHA256\n${sha256(canonical)}`, toSign)
      t.equal(authorizationOf(request), authorization)
      const emulator = await emulatorFor(t)
      const wrong = authorization.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
      const refused = await send(emulator, request, wrong)
      t.equal(refused.statusCode, 401)
      t.same(refused.json(), unauthorized)
      const response = await send(emulator, request, authorization)
      t.equal(response.statusCode, 200)
      t.equal(response.json().code, 0)
    })
  }

  t.test('COM-15: the documented form of the header is read as an app signature', async (t) => {
    const emulator = await emulatorFor(t)
    const documented = `HMAC-SHA256 AppId=${exampleApp.appId},SignedHeaders=host;x-date;x-user-id,Signature=${'0'.repeat(64)}`
    const response = await send(emulator, unsigned('GET', '/device'), documented)
    t.equal(response.statusCode, 401)
    t.match(reasonOf(response), /^Authorization has a wrong signature: .* \[COM-16 DEC-3\]$/)
  })

  const good = authorizationOf(unsigned('GET', '/device'))
  const [, appPart = '', namesPart = '', signaturePart = ''] = /^\S+ ([^,]+),([^,]+),([^,]+)$/.exec(good) ?? []
  const malformed: [title: string, authorization: string][] = [
    ['the algorithm alone', 'HMAC-SHA256'],
    ['the algorithm and a space', 'HMAC-SHA256 '],
    ['two spaces', good.replace(' ', '  ')],
    ['a plus in place of the space', good.replace(' ', '+')],
    ['no AppId', `HMAC-SHA256 ${namesPart},${signaturePart}`],
    ['no SignedHeaders', `HMAC-SHA256 ${appPart},${signaturePart}`],
    ['no Signature', `HMAC-SHA256 ${appPart},${namesPart}`],
    ['parts in another order', `HMAC-SHA256 ${namesPart},${appPart},${signaturePart}`],
    ['a part too many', `${good},Extra=1`],
    ['a comma at the end', `${good},`],
    ['an empty AppId', `HMAC-SHA256 AppId=,${namesPart},${signaturePart}`],
    ['empty SignedHeaders', `HMAC-SHA256 ${appPart},SignedHeaders=,${signaturePart}`],
    ['63 digits', good.slice(0, -1)],
    ['65 digits', `${good}0`],
    ['digits in upper case', good.replace(/[0-9a-f]{64}$/, (digits) => digits.toUpperCase())],
    ['a digit that is none', good.replace(/.$/, 'g')],
    ['spaces after the commas', good.replaceAll(',', ', ')],
    ['semicolons between the parts', good.replaceAll(',', ';')],
    ['commas between the headers', good.replaceAll(';', ',')],
    ['names of parts in lower case', good.replace('AppId', 'appid')],
    ['another algorithm', good.replace('HMAC-SHA256', 'HMAC-SHA2567')],
  ]
  for (const [title, authorization] of malformed) {
    t.test(`COM-15: an Authorization with ${title} is no app signature`, async (t) => {
      const response = await send(await emulatorFor(t), unsigned('GET', '/device'), authorization)
      t.equal(response.statusCode, 401)
      t.same(response.json(), unauthorized)
      t.match(reasonOf(response), 'Authorization is no app signature; expected HMAC-SHA256 AppId=<id>,SignedHeaders=')
    })
  }

  t.test('COM-2 COM-15: the algorithm in lower case is no scheme at all', async (t) => {
    const response = await send(await emulatorFor(t), unsigned('GET', '/device'), good.toLowerCase())
    t.equal(response.statusCode, 401)
    t.match(
      reasonOf(response),
      /^Authorization is a string of \d+( with .+ at character \d+)?; expected a string matching/,
    )
  })

  t.test('DEC-5: a second Authorization is refused, a valid one too', async (t) => {
    const emulator = await emulatorFor(t)
    const { headers } = unsigned('GET', '/device')
    const port = await listen(emulator)
    const lines = [...Object.entries(headers), ['authorization', good], ['authorization', good]] as const
    const answer = await exchange(port, requestText('GET', '/device', lines))
    t.match(answer, /^HTTP\/1.1 401 /)
    t.match(answer, 'Authorization was sent more than once')
  })
})

t.test('rule', async (t) => {
  for (const auth of ['any', 'known']) {
    for (const id of ids) {
      t.test(`COM-15 DEC-3: under ${auth}, ${id} takes a signature and refuses a wrong one`, async (t) => {
        const emulator = await emulatorFor(t, { auth })
        const { method, ...contract } = contracts[id]
        const body = 'body' in contract ? '{"what":"ever"}' : undefined
        const url = pathOf(contracts[id]).replace(/\{\w+\}/g, exampleDevice)
        const request = { ...unsigned(method, '', body), url }
        const answered = await send(emulator, request)
        t.not(answered.statusCode, 401)
        const authorization = authorizationOf(request, { mistake: { method: 'PUT' } })
        const refused = await send(emulator, request, authorization)
        t.equal(refused.statusCode, 401)
        t.same(refused.json(), unauthorized)
      })
    }

    t.test(`DEC-3: under ${auth}, an app may act for any user`, async (t) => {
      const emulator = await emulatorFor(t, { auth })
      for (const user of [exampleUser, 'another', 'one-more']) {
        const request = unsigned('GET', '/device', undefined, { 'x-user-id': user })
        const response = await send(emulator, request)
        t.equal(response.json().code, 0)
        t.equal(response.json().data.length, user === exampleUser ? 2 : 0)
      }
    })
  }

  t.test('COM-4 COM-15: X-Date is still judged, after the signature', async (t) => {
    const emulator = await emulatorFor(t)
    const request = unsigned('GET', '/device')
    emulator.time.now = noon + 15 * minutes
    t.equal((await send(emulator, request)).json().code, 0, 'fifteen minutes')
    emulator.time.now += 1
    const late = await send(emulator, request)
    t.equal(late.statusCode, 400)
    t.same(late.json(), { code: 13000102, msg: 'Verify parameters failed.' })
    t.match(reasonOf(late), 'X-Date is 1 ms too early')
    const wrong = await send(emulator, request, authorizationOf(unsigned('GET', '/lock')))
    t.same(wrong.json(), unauthorized)
    emulator.time.now = noon - 1000
    t.match(reasonOf(await send(emulator, request)), 'X-Date is 1 s too late')
  })

  const accepted: [title: string, request: Unsigned, names?: string[]][] = [
    ['without host', unsigned('GET', '/device'), ['x-date', 'x-user-id']],
    ['in another order', unsigned('GET', '/device'), ['x-user-id', 'host', 'x-date']],
    ['in upper case', unsigned('GET', '/device'), ['HOST', 'X-Date', 'X-USER-ID']],
    [
      'with more headers, whose values are trimmed at the ends alone',
      unsigned('PATCH', `${device}/config`, change, { 'Content-Type': 'application/json', 'x-note': '  a  b ' }),
      ['content-type', 'host', 'x-date', 'x-note', 'x-user-id'],
    ],
    ['with an empty header', unsigned('GET', '/device', undefined, { 'x-note': '' }), [...usualNames, 'x-note']],
    ['with a final slash of its own', unsigned('GET', '/device/')],
    ['of a path beyond ASCII', unsigned('GET', '/device/%C3%BC%E5%90%8D/configs')],
    ['of a path encoded in lower case', unsigned('GET', '/device/%c3%bc/configs')],
    ['of a path encoded without need', unsigned('GET', '/device/%61bc/configs')],
    ['of a path with an encoded slash and percent sign', unsigned('GET', '/device/a%2Fb%25%20c/configs')],
    ['of a path with signs that need encoding', unsigned('GET', "/device/a!b'c(d)e*f~g-h_i.j+k@l=m:n,o&p/configs")],
    ['of a query without a value', unsigned('GET', '/device?name')],
    ['of a query with an empty value', unsigned('GET', '/device?name=')],
    ['of a query of nothing', unsigned('GET', '/device?')],
    ['of a query of ampersands', unsigned('GET', '/device?&&a=1&')],
    ['of a query with a plus', unsigned('GET', '/device?a=b+c')],
    ['of a query with equals signs', unsigned('GET', '/device?a=b=c%3Dd')],
    ['of a query with names out of order', unsigned('GET', '/device?b=1&a=2&B=3&_=4&a-=5&a=1')],
    ['of names beyond ASCII', unsigned('GET', '/device?%EF%BD%A1=1&%C3%BC=2&z=3')],
    ['of a body beyond ASCII', unsigned('POST', '/device', '{"machineCode":"m","x":"\u00fc \u{1f600}"}')],
    ['of a body with white space', unsigned('POST', '/device', ' {\r\n"machineCode" : "m" }\n')],
  ]
  for (const [title, request, names = usualNames] of accepted) {
    t.test(`COM-16 DEC-3: a signature ${title} is accepted`, async (t) => {
      const emulator = await emulatorFor(t)
      const response = await send(emulator, request, authorizationOf(request, { names }))
      t.not(response.statusCode, 401, reasonOf(response))
    })
  }

  t.test('COM-16: names are sorted by code point, not by UTF-16 unit', async (t) => {
    const request = unsigned('GET', '/device?%F0%9F%98%80=1&%EF%BD%A1=2')
    const byCodePoint = authorizationOf(request, { mistake: { query: '%EF%BD%A1=2&%F0%9F%98%80=1' } })
    const byUnit = authorizationOf(request, { mistake: { query: '%F0%9F%98%80=1&%EF%BD%A1=2' } })
    const emulator = await emulatorFor(t)
    t.equal((await send(emulator, request, byCodePoint)).statusCode, 200)
    t.equal((await send(emulator, request, byUnit)).statusCode, 401)
  })
})

/** Another app, registered beside the bundled one. */
const otherApp = { appId: 'other', appSecret: "the other app's secret" }

const write = unsigned('PATCH', `${device}/config`, change)
const read = unsigned('GET', `${device}/configs?pageSize=1&moduleCode=102&note=a%20b%2Fc`)
const accented = unsigned('GET', '/device/%C3%BC%20x/configs?moduleCode=102')
const linesOf = (request: Unsigned): CanonicalLines => canonicalLines(request)

interface Mistake {
  readonly title: string
  readonly request: Unsigned
  readonly signing?: Signing
  /** What was signed, where it is not what is sent. */
  readonly signed?: Unsigned
  /** Without one, the hash of the canonical request is the reason. */
  readonly reason?: string
}

const tampering: Mistake[] = [
  { title: 'a tampered body', request: write, signed: { ...write, body: change.replace('value2', 'value3') } },
  { title: 'white space added to the body', request: write, signed: { ...write, body: `${change} ` } },
  { title: 'a tampered path', request: write, signed: { ...write, url: write.url.replace(exampleDevice, 'other') } },
  {
    title: 'a tampered user',
    request: write,
    signed: { ...write, headers: { ...write.headers, 'x-user-id': 'another' } },
  },
  {
    title: 'a tampered date',
    request: write,
    signed: { ...write, headers: { ...write.headers, 'x-date': xDate(noon - 1000) } },
  },
  { title: 'a tampered host', request: write, signed: { ...write, headers: { ...write.headers, host: 'x.example' } } },
  { title: 'a tampered method', request: write, signed: { ...write, method: 'POST' } },
  { title: 'a tampered query', request: read, signed: { ...read, url: read.url.replace('102', '101') } },
  { title: 'a query added', request: { ...read, url: `${read.url}&x=` }, signed: read },
  { title: 'a secret that nobody has', request: read, signing: { app: { ...exampleApp, appSecret: 'guess' } } },
  {
    title: 'the names of headers in another order than in SignedHeaders',
    request: read,
    signing: { mistake: { names: 'x-user-id;x-date;host' } },
  },
  {
    title: 'an empty value without its equals sign, the rest sorted',
    request: unsigned('GET', '/device?name=&a=1'),
    signing: { mistake: { query: 'a=1&name' } },
  },
  {
    title: 'a plus taken for a space',
    request: unsigned('GET', '/device?a=b+c'),
    signing: { mistake: { query: 'a=b%20c' } },
  },
  {
    title: 'repeated names not sorted by value, others sorted',
    request: unsigned('GET', '/device?b=1&a=1&a=2'),
    signing: { mistake: { query: 'a=2&a=1&b=1' } },
  },
]

const usual: Mistake[] = [
  {
    title: 'an app that nobody registered',
    request: read,
    signing: { app: { ...exampleApp, appId: 'unknown' } },
    reason: 'Authorization names an app that is not registered [DEC-3]',
  },
  ...['x-date', 'x-user-id'].map((name) => ({
    title: `${name} unsigned`,
    request: read,
    signing: { names: usualNames.filter((one) => one !== name) },
    reason: `Authorization does not sign ${name}; add it to SignedHeaders [COM-16]`,
  })),
  {
    title: 'a header signed but not sent',
    request: read,
    signed: { ...read, headers: { ...read.headers, 'x-extra': '1' } },
    signing: { names: [...usualNames, 'x-extra'] },
    reason: 'Authorization signs a header that was not sent [COM-16]',
  },
  ...['constructor', '__proto__'].map((name) => ({
    title: `a header called ${name} signed but not sent`,
    request: read,
    signing: { names: [...usualNames, name] },
    reason: 'Authorization signs a header that was not sent [COM-16]',
  })),
  {
    title: 'no final slash',
    request: read,
    signing: { mistake: { uri: linesOf(read).uri.slice(0, -1) } },
    reason: 'the path must end with / when it is signed',
  },
  {
    title: 'a decoded path',
    request: accented,
    signing: { mistake: { uri: decodeURIComponent(linesOf(accented).uri) } },
    reason: 'the path must be encoded, not decoded',
  },
  {
    title: 'a path as sent that is not encoded as RFC 3986 says',
    request: unsigned('GET', '/device/%c3%bc/configs'),
    signing: { mistake: { uri: `${basePath}/device/%c3%bc/configs/` } },
    reason: 'the path must be encoded segment by segment, once',
  },
  {
    title: 'a path encoded twice',
    request: accented,
    signing: { mistake: { uri: `${basePath}/device/%25C3%25BC%2520x/configs/` } },
    reason: 'the path must be encoded once, not twice',
  },
  {
    title: 'a query in the order sent',
    request: read,
    signing: { mistake: { query: 'pageSize=1&moduleCode=102&note=a%20b%2Fc' } },
    reason: 'the query must be sorted by name and encoded',
  },
  {
    title: 'a query that is not encoded',
    request: read,
    signing: { mistake: { query: 'moduleCode=102&note=a b/c&pageSize=1' } },
    reason: 'the query must be encoded',
  },
  { title: 'no query', request: read, signing: { mistake: { query: '' } }, reason: 'the query must be signed' },
  {
    title: 'an empty body in place of the real one',
    request: write,
    signing: { mistake: { payloadHash: sha256('') } },
    reason: 'the body must be signed, not an empty one',
  },
  {
    title: 'the hash of the body in upper case',
    request: write,
    signing: { mistake: { payloadHash: sha256(change).toUpperCase() } },
    reason: 'the hash of the body must be in lower case',
  },
  {
    title: 'no hash where there is no body',
    request: read,
    signing: { mistake: { payloadHash: '' } },
    reason: 'without a body, the hash is that of an empty one',
  },
  {
    title: 'no newline after the last header',
    request: read,
    signing: { mistake: { headers: linesOf(read).headers.slice(0, -1) } },
    reason: 'the last signed header must end with a newline too',
  },
  {
    title: "another app's secret",
    request: read,
    signing: { app: { appId: exampleApp.appId, appSecret: otherApp.appSecret } },
    reason: 'it was made with the secret of another app',
  },
]

t.test('reasons', async (t) => {
  const seed = `${t.testdir({ 'seed.json': JSON.stringify({ apps: [exampleApp, otherApp] }) })}/seed.json`
  for (const auth of ['any', 'known']) {
    for (const { title, request, signed = request, signing = {}, reason } of [...usual, ...tampering]) {
      t.test(
        `COM-16 DEC-3 DEC-15: under ${auth}, ${title} is 401 with a reason that helps and gives nothing away`,
        async (t) => {
          const emulator = await emulatorFor(t, { auth, seed, logLevel: 'trace' })
          const response = await send(emulator, request, authorizationOf(signed, signing))
          t.equal(response.statusCode, 401)
          t.same(response.json(), unauthorized)
          const canonical = canonicalOf(request, [...(signing.names ?? usualNames)])
          t.match(
            reasonOf(response),
            reason ??
              `has a wrong signature: the SHA-256 of the canonical request is ${sha256(canonical)} [COM-16 DEC-3]`,
          )
          const told = JSON.stringify(response.headers) + response.body + emulator.logLines.join('')
          for (const { appSecret } of [exampleApp, otherApp]) {
            t.notMatch(told, signatureOf(canonical, appSecret))
            t.notMatch(told, appSecret)
          }
          t.equal((await send(emulator, request, authorizationOf(request))).statusCode === 401, false, 'rightly signed')
        },
      )
    }
  }
})

t.test('effect', async (t) => {
  t.test('DEC-3: a request with a wrong signature changes nothing', async (t) => {
    const emulator = await emulatorFor(t)
    const request = unsigned('POST', '/device', '{"machineCode":"m"}')
    const before = emulator.world.store.devices.list(exampleUser)
    t.equal((await send(emulator, request, authorizationOf(write))).statusCode, 401)
    t.same(emulator.world.store.devices.list(exampleUser), before)
    t.equal((await send(emulator, request)).statusCode, 200)
    t.equal(emulator.world.store.devices.list(exampleUser).length, before.length + 1)
  })

  t.test('DEC-1: broken JSON comes before the signature, the signature before everything else', async (t) => {
    const emulator = await emulatorFor(t)
    const broken = unsigned('POST', '/device', '{')
    t.equal((await send(emulator, broken)).json().code, 13000101)
    const headers = { 'x-user-id': 'a b', 'x-date': 'x' }
    const wrong = unsigned('POST', '/lock', '{}', headers)
    t.same((await send(emulator, wrong, authorizationOf(write))).json(), unauthorized)
    t.match(reasonOf(await send(emulator, wrong)), /^X-User-Id is a string of 3/)
    const noUser = unsigned('GET', '/device')
    const { 'x-user-id': _, ...rest } = noUser.headers
    const response = await emulator.call({
      method: 'GET',
      path: '/device',
      headers: { ...rest, 'x-user-id': undefined, authorization: authorizationOf(noUser) },
    })
    t.equal(response.statusCode, 401)
    t.match(reasonOf(response), 'signs a header that was not sent')
  })

  t.test('DEC-3: an app of the seed is there after a restart; one that no seed names is not', async (t) => {
    const db = `${t.testdir({})}/emulator.db`
    const request = unsigned('GET', '/device')
    const first = await emulatorFor(t, { db })
    t.equal((await send(first, request)).statusCode, 200)
    await first.server.close()
    first.world.store.close()
    t.equal((await send(await emulatorFor(t, { db, seed: 'none' }), request)).statusCode, 200)
    const bare = await send(await emulatorFor(t, { seed: 'none' }), request)
    t.equal(bare.statusCode, 401)
    t.match(reasonOf(bare), 'names an app that is not registered')
  })
})
