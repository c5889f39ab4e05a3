import { connect } from 'node:net'
import t from 'tap'
import type { OperationId } from '../schemas/index.ts'
import { contracts } from '../schemas/index.ts'
import { pathOf as contractPath } from '../schemas/operation.ts'
import type { TestEmulator } from './fixtures/emulator.ts'
import { emulatorFor, exampleUser, noon, xDate } from './fixtures/emulator.ts'

const ids = Object.keys(contracts) as OperationId[] // keys of a constant object are its ids

/** From the root on, as `call` takes it. */
const pathOf = (id: OperationId): string => `!${contractPath(contracts[id]).replace(/\{\w+\}/g, '1842812272691451648')}`

const unauthorized = { statusCode: 401, code: 13990401, msg: 'Authentication failed.' }
const invalid = { statusCode: 400, code: 13000102, msg: 'Verify parameters failed.' }

interface Defect {
  readonly title: string
  readonly headers: (emulator: TestEmulator) => Record<string, string | undefined>
  readonly refusal: typeof invalid
  readonly reason: RegExp
}

const date = (title: string, text: string | undefined, reason: RegExp): Defect => ({
  title,
  headers: () => ({ 'x-date': text }),
  refusal: invalid,
  reason,
})

const user = (title: string, text: string | undefined, reason: RegExp): Defect => ({
  title,
  headers: () => ({ 'x-user-id': text }),
  refusal: invalid,
  reason,
})

const authorization = (title: string, text: string | undefined, reason: RegExp): Defect => ({
  title,
  headers: () => ({ authorization: text }),
  refusal: unauthorized,
  reason,
})

const form = /^Authorization is .*; expected a string matching .* \[COM-2 DEC-2\]$/

const authorizations: Defect[] = [
  authorization('missing', undefined, /^Authorization is missing; expected a string matching/),
  authorization('empty', '', /^Authorization is empty/),
  authorization('with a bare token', '60f4ccc7b1', form),
  authorization('of another scheme', 'Basic dXNlcjpwYXNz', form),
  authorization('with two spaces', 'Bearer  token', form),
  authorization('without a token', 'Bearer ', form),
  authorization('with a token of two words', 'Bearer a b', form),
  authorization('with a token of 4,097 characters', `Bearer ${'x'.repeat(4097)}`, form),
]

const users: Defect[] = [
  user('missing', undefined, /^X-User-Id is missing; expected a string matching .* \[COM-3 DEC-4\]$/),
  user('empty', '', /^X-User-Id is empty/),
  user('of 65 characters', 'u'.repeat(65), /^X-User-Id is a string of 65/),
  user('with a space', 'a b', /^X-User-Id is a string of 3/),
  user('beyond ASCII', 'us\u00e9r', /^X-User-Id is a string of 4/),
]

const dates: Defect[] = [
  date('missing', undefined, /^X-Date is missing; expected a string matching .* \[COM-4 DEC-5\]$/),
  date('empty', '', /^X-Date is empty/),
  date('in ISO form', '2025-12-17T12:00:00Z', /^X-Date is a string of 20/),
  date('with a fraction', '20251217T120000.000Z', /^X-Date is a string of 20/),
  date('without Z', '20251217T120000', /^X-Date is a string of 15/),
  date('in lower case', '20251217t120000z', /^X-Date is a string of 16/),
  date('on 30 February', '20250230T120000Z', /^X-Date is no instant of the calendar/),
  date('in month 13', '20251317T120000Z', /^X-Date is no instant of the calendar/),
  date('at 24:00', '20251216T240000Z', /^X-Date is no instant of the calendar/),
  date('on a leap second', '20251217T115960Z', /^X-Date is no instant of the calendar/),
  date('on 29 February of a common year', '20250229T120000Z', /^X-Date is no instant of the calendar/),
  {
    title: 'of 15:00.001 ago',
    headers: ({ time }) => {
      const sent = xDate(time.now - 900_000)
      time.now += 1
      return { 'x-date': sent }
    },
    refusal: invalid,
    reason:
      /^X-Date is 1 ms too early; expected at most 15 minutes before the clock of the server, 20251217T120000Z, and not after it \[COM-4 DEC-5\]$/,
  },
  {
    title: 'one second ahead',
    headers: ({ time }) => ({ 'x-date': xDate(time.now + 1000) }),
    refusal: invalid,
    reason: /^X-Date is 1 s too late; expected/,
  },
  {
    title: 'of the next second, a millisecond ahead',
    headers: ({ time }) => {
      time.now += 999
      return { 'x-date': xDate(time.now + 1) }
    },
    refusal: invalid,
    reason: /^X-Date is 1 ms too late; expected/,
  },
]

for (const id of ids) {
  t.test(`DEC-1: ${id} judges its headers`, async (t) => {
    const emulator = await emulatorFor(t)
    const refuses = async (t: import('tap').Test, { headers, refusal, reason }: Defect) => {
      emulator.time.now = noon
      // The body is wrong as well: what the head decides comes first.
      const response = await emulator.call({
        method: contracts[id].method,
        path: pathOf(id),
        body: {},
        headers: headers(emulator),
      })
      t.equal(response.statusCode, refusal.statusCode)
      t.same(response.json(), { code: refusal.code, msg: refusal.msg })
      t.match(response.headers['x-emulator-reason'], reason)
    }
    for (const defect of authorizations) {
      t.test(`COM-2 DEC-1 DEC-2: ${id} refuses an Authorization ${defect.title}`, (t) => refuses(t, defect))
    }
    for (const defect of users) {
      t.test(`COM-3 DEC-1 DEC-4: ${id} refuses an X-User-Id ${defect.title}`, (t) => refuses(t, defect))
    }
    for (const defect of dates) {
      t.test(`COM-4 DEC-1 DEC-5: ${id} refuses an X-Date ${defect.title}`, (t) => refuses(t, defect))
    }
  })

  t.test(`DEC-5: ${id} refuses headers given twice, which Node would half hide`, async (t) => {
    const emulator = await emulatorFor(t)
    await emulator.server.listen({ host: '127.0.0.1', port: 0 })
    const lines = Object.entries(emulator.headers())
    for (const [name, refusal] of [
      ['authorization', unauthorized],
      ['x-user-id', invalid],
      ['x-date', invalid],
    ] as const) {
      const repeated = lines.filter(([header]) => header === name)
      const answer = await sendRaw(emulator, contracts[id].method, pathOf(id).slice(1), [...lines, ...repeated])
      t.match(answer, new RegExp(`^HTTP/1.1 ${refusal.statusCode} `), name)
      t.match(answer, `"code":${refusal.code}`)
      t.match(answer, new RegExp(`x-emulator-reason: ${name} was sent more than once; send it once \\[DEC-5\\]`, 'i'))
    }
  })
}

/** A request with header lines just as given, and the whole text of its answer. */
async function sendRaw(
  { server }: TestEmulator,
  method: string,
  path: string,
  headers: [string, string][],
): Promise<string> {
  const address = server.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  socket.write([`${method} ${path} HTTP/1.1`, 'connection: close', ...lines, '', ''].join('\r\n'))
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

const good = { path: pathOf('updateConfigInfo'), method: 'PATCH' }
const body = { moduleCode: '102', configName: 'switch', currentConfigValue: 'a', newConfigValue: 'a' }

t.test('COM-2 DEC-2: Bearer in any case, one space or one plus, 1 to 4,096 visible characters', async (t) => {
  const { call } = await emulatorFor(t)
  for (const authorization of ['Bearer x', 'bearer+x', 'BEARER ~!', 'BeArEr++', `Bearer ${'x'.repeat(4096)}`]) {
    t.equal((await call({ ...good, body, headers: { authorization } })).statusCode, 200, authorization.slice(0, 20))
  }
})

t.test('COM-3 DEC-4: a user id has 1 to 64 visible characters', async (t) => {
  const { call } = await emulatorFor(t)
  for (const id of ['u', '!~', 'u'.repeat(63), 'u'.repeat(64)]) {
    t.equal((await call({ ...good, body, headers: { 'x-user-id': id } })).statusCode, 200, id)
  }
})

t.test('COM-4 DEC-5: the window is 15:00.000 wide and ends with the second that the clock shows', async (t) => {
  const { call, time } = await emulatorFor(t)
  const accepted = async (text: string) =>
    (await call({ ...good, body, headers: { 'x-date': text } })).statusCode === 200
  const start = time.now
  t.ok(await accepted(xDate(start)), 'the same second')
  t.ok(await accepted(xDate(start - 900_000)), '15:00.000 ago')
  time.now = start + 999
  t.ok(await accepted(xDate(start)), 'the same second, near its end')
  t.ok(await accepted(xDate(start - 899_000)), '14:59.999 ago')
  t.notOk(await accepted(xDate(start - 900_000)), '15:00.999 ago')
  time.now = Date.parse('2024-02-29T00:00:00Z')
  t.ok(await accepted('20240229T000000Z'), 'a leap day')
})

t.test('DEC-30: the Date header shows the clock that judges X-Date', async (t) => {
  const { call } = await emulatorFor(t)
  t.equal((await call({ ...good, body })).headers['date'], 'Wed, 17 Dec 2025 12:00:00 GMT')
  t.equal((await call({ ...good, body: {} })).headers['date'], 'Wed, 17 Dec 2025 12:00:00 GMT')
})

t.test('DEC-1: the checks come in one order, and the first that fails answers', async (t) => {
  const { call } = await emulatorFor(t)
  const wrong = { authorization: 'x', 'x-user-id': '', 'x-date': 'x' }
  const reasonOf = async (headers: Record<string, string>, sent: unknown) => {
    const response = await call({ method: 'PATCH', path: '/device/a.b/config', headers, body: sent })
    return `${response.headers['x-emulator-reason']}`.split(' ')[0]
  }
  t.equal(await reasonOf({ ...wrong, 'content-type': 'text/plain' }, '{'), 'Content-Type')
  t.equal(await reasonOf(wrong, '{'), 'body')
  t.equal(await reasonOf(wrong, '{}'), 'Authorization')
  t.equal(await reasonOf({ 'x-user-id': '', 'x-date': 'x' }, '{}'), 'X-User-Id')
  t.equal(await reasonOf({ 'x-date': 'x' }, '{}'), 'X-Date')
  t.equal(await reasonOf({}, '{}'), 'path/deviceId')
})

t.test('DEC-3: known tokens', async (t) => {
  const seed = {
    tokens: [
      { token: 'for-ever', userId: exampleUser },
      { token: 'short', userId: exampleUser, lifetime: 'PT20M' },
      { token: 'others', userId: 'another' },
    ],
  }
  const folder = t.testdir({ 'seed.json': JSON.stringify(seed) })
  const begin = async (t: import('tap').Test) => {
    const emulator = await emulatorFor(t, { auth: 'known', seed: `${folder}/seed.json` })
    const send = (token: string, headers: Record<string, string> = {}, sent: unknown = body) =>
      emulator.call({ ...good, body: sent, headers: { authorization: `Bearer ${token}`, ...headers } })
    return { ...emulator, send }
  }

  t.test('DEC-3: only tokens that were issued are accepted, and only for their user', async (t) => {
    const { send } = await begin(t)
    t.equal((await send('for-ever')).statusCode, 200)
    const never = await send('never-issued')
    t.match(never.json(), { code: 13990401 })
    t.match(never.headers['x-emulator-reason'], 'a token that was never issued')
    const others = await send('others')
    t.equal(others.statusCode, 401)
    t.match(others.headers['x-emulator-reason'], 'a token of another user than X-User-Id')
    t.equal((await send('others', { 'x-user-id': 'another' })).statusCode, 200)
    t.match(
      (await send('others', { 'x-user-id': '' })).headers['x-emulator-reason'],
      /^X-User-Id/,
      'its own check comes first',
    )
  })

  t.test(
    'COM-14 DEC-3: a token lives 20 minutes from its last authenticated call, refused by the rule or not',
    async (t) => {
      const { send, time } = await begin(t)
      const minutes = 60_000
      time.now += 20 * minutes - 1
      t.equal((await send('short', {}, {})).statusCode, 400, 'a refused call counts')
      time.now += 20 * minutes - 1
      t.equal((await send('short')).statusCode, 200)
      time.now += 20 * minutes
      const expired = await send('short')
      t.equal(expired.statusCode, 401)
      t.match(expired.headers['x-emulator-reason'], 'a token that has expired')
      t.equal((await send('for-ever')).statusCode, 200, 'a token of the seed without a lifetime does not expire')
    },
  )

  t.test('DEC-3: a call of the wrong user does not keep a token alive', async (t) => {
    const { send, time } = await begin(t)
    time.now += 19 * 60_000
    await send('short', { 'x-user-id': 'another' })
    time.now += 60_000
    t.equal((await send('short')).statusCode, 401)
  })
})
