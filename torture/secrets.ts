import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import http from 'node:http'
import { join } from 'node:path'
import { basePath } from '../schemas/common.ts'
import { RequestTarget } from '../src/http/request-target.ts'
import { canonicalParts, canonicalRequest, sign } from '../src/http/signature.ts'
import { xDate } from './client.ts'
import type { Emulator } from './emulator.ts'
import { load, startEmulator } from './emulator.ts'
import { bytesOf, openWire } from './hostile/fuzz.ts'
import type { Hostile } from './hostile/requests.ts'
import type { Plan } from './plan.ts'
import type { Verdict } from './verdict.ts'
import { Doubts } from './verdict.ts'
import { canaries, Watch } from './watch.ts'
import { namesakes, wordy } from './wordy.ts'

const { token, appId, appSecret } = canaries
const world = '/_emulator/worlds/secrets'

const usual = (): string[] => ['X-User-Id: secret-user', `X-Date: ${xDate()}`]

const request = (method: string, target: string, headers: readonly string[], body?: string): Hostile => ({
  method,
  target,
  headers,
  body,
})

/** Every form in which a client may come to send its token, right and wrong ones. */
const credentials: readonly string[] = [
  `Authorization: Bearer ${token}`,
  `Authorization: Bearer+${token}`,
  `Authorization: bearer  ${token}`,
  `Authorization: ${token}`,
  `Authorization: Token ${token}`,
  `Authorization: HMAC-SHA256 AppId=${appId},SignedHeaders=x-date,Signature=${token}`,
  `Authorization: Bearer ${token}\r\nAuthorization: Bearer ${token}`,
  `Authorization: Bearer other-than-the-canary\r\nX-Auth-Token: ${token}`,
  `Authorization: Bearer ${token}\r\nCookie: session=${token}\r\nX-Auth-Token: ${token}\r\nProxy-Authorization: Bearer ${token}`,
]

/** Headers that hold a secret where `Authorization` does not. */
const elsewhere: readonly string[] = [
  `Cookie: session=${token}`,
  `X-Auth-Token: ${token}`,
  `Proxy-Authorization: Bearer ${token}`,
]

/** Beside the header: in the path, in the query, and in a body. */
const places: readonly Pick<Hostile, 'method' | 'target' | 'body'>[] = [
  { method: 'GET', target: '/device', body: undefined },
  { method: 'GET', target: `/device/${token}/scope?moduleCode=${token}&token=${token}`, body: undefined },
  {
    method: 'GET',
    target: `/device/${[...token].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')}/configs?moduleCode=9`,
    body: undefined,
  },
  { method: 'GET', target: `/${token}`, body: undefined },
  { method: 'GET', target: `/record?moduleCode=100&pageSize=1&cursor=${token}`, body: undefined },
  {
    method: 'PATCH',
    target: '/device/d/config',
    body: `{"moduleCode":"${token}","configName":"a","currentConfigValue":1,"token":"${token}"}`,
  },
  { method: 'POST', target: '/device', body: `{"machineCode":"${token}!"}` },
  { method: 'POST', target: '/device', body: `{"machineCode":"a", ${token}` },
  { method: 'POST', target: '/record', body: `{"moduleCode":"100","deviceId":"d","properties":"${token}"}` },
]

const percented = (text: string, way: (letter: string) => string): string => [...text].map(way).join('')
const hexOf = (letter: string): string => letter.charCodeAt(0).toString(16)
const everyEscape = percented(token, (letter) => `%${hexOf(letter)}`)
const twice = percented(token, (letter) => `%25${hexOf(letter)}`)
const inJson = percented(token, (letter) => `\\u00${hexOf(letter)}`)
const base64 = Buffer.from(token).toString('base64')
const filler = (length: number): string => 'f'.repeat(length)

/** The request's own credential, written in every other way, at every place. */
const disguised: readonly Pick<Hostile, 'method' | 'target' | 'body'>[] = [
  ...[
    everyEscape,
    twice,
    token.replace('c', '%63'),
    token.replace('T', '%2554'),
    base64,
    encodeURIComponent(base64),
  ].flatMap((written) => [
    { method: 'GET', target: `/device/${written}/scope?moduleCode=100`, body: undefined },
    { method: 'GET', target: `/record?moduleCode=100&pageSize=1&cursor=${written}`, body: undefined },
    { method: 'GET', target: `/%zz/${written}?a=%zz&b=${written}`, body: undefined },
    { method: 'POST', target: '/device', body: `{"machineCode":"${written}!"}` },
  ]),
  { method: 'POST', target: '/device', body: `{"machineCode":"${inJson}!"}` },
  { method: 'POST', target: '/device', body: `{"ignored":"${filler(17_000)}","machineCode":"${inJson}!"}` },
  { method: 'POST', target: '/device', body: `{"machineCode":"${inJson}!","ignored":"${filler(17_000)}"}` },
  // Across the 16 KiB border of what a journal keeps, at every step of it.
  ...[1, 5, 11, 16, 20].map((before) => ({
    method: 'POST',
    target: '/device',
    body: `{"a":"${filler(16_384 - 6 - before)}${token}"}`,
  })),
  ...[1, 50, 100].map((before) => ({
    method: 'POST',
    target: '/device',
    body: `{"a":"${filler(16_384 - 6 - before)}${inJson}"}`,
  })),
  ...[0, 1, 2].map((shift) => ({
    method: 'POST',
    target: '/device',
    body: `{"machineCode":"${Buffer.from(`${filler(shift)}${token} and more`).toString('base64')}!"}`,
  })),
  { method: 'POST', target: '/device', body: `{"a":"${Buffer.from(token).toString('hex')}"}` },
]

/** Secrets that the request's headers do not hold, but that their names give away. */
const named: readonly Pick<Hostile, 'method' | 'target' | 'body'>[] = [
  ...[
    'access_token',
    'token',
    'refresh_token',
    'id_token',
    'secret',
    'app_secret',
    'appSecret',
    'client_secret',
    'password',
    'api_key',
    'apikey',
    'X-Amz-Signature',
    'X-Amz-Security-Token',
    'ACCESS_TOKEN',
    'access%5ftoken',
    '%61ccess_token',
    'accessToken',
    'signature',
  ].flatMap((name) => [
    { method: 'GET', target: `/device?${name}=${token}`, body: undefined },
    { method: 'GET', target: `/device?a=b&${name}=${everyEscape}`, body: undefined },
    { method: 'POST', target: '/device', body: `{"machineCode":"a","${name.replaceAll('%', '')}":"${token}"}` },
  ]),
  { method: 'GET', target: `/%zz?access_token=${token}`, body: undefined },
  { method: 'GET', target: `/device?%zz&access_token=${token}`, body: undefined },
]

/** What stands in headers beside the credential. */
const referers = [
  `Referer: http://a/?access_token=${token}`,
  `Referer: http://a/?u=${encodeURIComponent(`http://b/?access_token=${token}`)}`,
  `X-Original-URL: /a?token=${token}`,
]

/** Bodies that nobody reads, or that are refused. */
const refused: readonly Hostile[] = [
  ['Content-Type: text/plain', token],
  ...[1, 10, 19].map((before) => ['Content-Type: text/plain', `${filler(16_384 - before)}${token}${filler(99)}`]),
  ['Content-Type: text/plain', `{"${filler(16_384 - 30)}":1,"token":"${token}"}`],
  ['Content-Type: text/plain', `access_token=${token}`],
  ['Content-Encoding: gzip', `\u001f\u008b${token}`],
  ['Content-Type: application/x-www-form-urlencoded', `a=b&token=${token}`],
  [
    'Content-Type: multipart/form-data; boundary=x',
    `--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n${token}\r\n--x--`,
  ],
].map(([header = '', body = '']) =>
  request('POST', `${basePath}/device`, [`Authorization: Bearer ${token}`, header, ...usual()], body),
)

/** The control plane's own bodies, under paths that only nearly lead there, or that the API serves. */
const nearly: readonly Hostile[] = [
  '/_emul%61tor/worlds/secrets/apps',
  '/_emulator/worlds/secrets/apps/',
  '/_emulator//worlds/secrets/apps',
  '/_Emulator/worlds/secrets/apps',
  '/emulator/worlds/secrets/apps',
  '/worlds/secrets/apps',
  '/worlds/secrets/_emulator/worlds/secrets/apps',
  `${basePath}/_emulator/worlds/secrets/tokens`,
  '/_emul%2561tor/worlds/secrets/tokens',
  '/_emulator/worlds/secrets/%74okens',
  '/_emulator/worlds/secrets/token',
  '/_emulator%zz/worlds/secrets/tokens',
].flatMap((path) => [
  request('POST', path, [], JSON.stringify({ appId, appSecret })),
  request(
    'PUT',
    path,
    [],
    JSON.stringify({ seed: { apps: [{ appId, appSecret }], tokens: [{ token: `${token} ` }] } }),
  ),
  request(
    'POST',
    path,
    [...usual(), `Authorization: Bearer ${token}`],
    JSON.stringify({ userId: '', token: `${token} ` }),
  ),
])

/** What no parser reads. */
const unparsed: readonly Hostile[] = [
  request('GET', `${basePath}/ü?token=${token}`, [`Authorization: Bearer ${token}`]),
  request('GET', `${basePath}/a b/${token}`, [`Authorization: Bearer ${token}`]),
  request('get', `/${token}`, [`Authorization: Bearer ${token}`]),
  request('CONNECT', `host:1?access_token=${token}`, [`Authorization: Bearer ${token}`]),
  request('GET', `http://user:${token}@host${basePath}/device`, [`Authorization: Bearer ${token}`, ...usual()]),
]

/** Worlds that are called like the secret. */
const worldly: readonly Hostile[] = [
  request('GET', `/worlds/${token}${basePath}/device`, [`Authorization: Bearer ${token}`, ...usual()]),
  request('GET', `/worlds/%63${token.slice(1)}${basePath}/device`, [`Authorization: Bearer ${token}`, ...usual()]),
  request('GET', `${basePath}/device`, [`Authorization: Bearer ${token}`, `X-Emulator-World: ${token}`, ...usual()]),
]

/** What people ask the control plane for, with secrets in it; of a token the answer to POST shows it, on purpose, and is not here. */
const controlRequests: readonly Hostile[] = [
  request(
    'PUT',
    world,
    [],
    JSON.stringify({
      auth: 'known',
      seed: { tokens: [{ token, userId: 'secret-user' }], apps: [{ appId, appSecret }] },
    }),
  ),
  request(
    'PUT',
    world,
    [],
    `{"seed":{"apps":[{"appId":"${appSecret} x","appSecret":"${appSecret}"}],"tokens":[{"token":"${token}"}]}}`,
  ),
  request(
    'PUT',
    `${world}/state`,
    [],
    JSON.stringify({ tokens: [{ token, userId: 'secret-user' }], apps: [{ appId, appSecret }] }),
  ),
  request('POST', `${world}/apps`, [], JSON.stringify({ appId, appSecret })),
  request('POST', `${world}/apps`, [], JSON.stringify({ appId: `${appSecret},`, appSecret })),
  request('POST', `${world}/apps`, [], `{"appId":"${appId}","appSecret":"${appSecret}"`),
  request('POST', `${world}/tokens`, [], JSON.stringify({ userId: 'secret-user', token: `${token} ` })),
  request('DELETE', `${world}/tokens`, [], JSON.stringify({ token: `${token}0` })),
  request(
    'POST',
    `${world}/explain`,
    [],
    JSON.stringify({
      method: 'GET',
      path: `${basePath}/device`,
      headers: { Authorization: `Bearer ${token}`, 'X-User-Id': 'other' },
    }),
  ),
]

/** Everything that shows what was sent or what is stored. */
const views = [
  '',
  '/state',
  '/archive',
  '/clock',
  '/snapshots',
  '/faults',
  '/requests',
  '/requests?view=summary',
  '/requests?q=token',
  '/requests/count',
  '/requests.har',
  '/review',
  '/coverage',
]

/** A request signed with the canary, whole or wrong in one place. */
function signed(spoil: (signature: string) => string): Hostile {
  const target = `${basePath}/device`
  const headers = { 'x-user-id': 'secret-user', 'x-date': xDate() }
  const names = ['x-date', 'x-user-id']
  const parts = canonicalParts({ method: 'GET', target: new RequestTarget(target), headers, body: '' }, names)
  const signature = spoil(sign(appSecret, canonicalRequest('GET', names, parts)))
  const authorization = `Authorization: HMAC-SHA256 AppId=${appId},SignedHeaders=${names.join(';')},Signature=${signature}`
  return request('GET', target, [
    authorization,
    `X-User-Id: ${headers['x-user-id']}`,
    `X-Date: ${headers['x-date']}`,
    'X-Emulator-World: secrets',
  ])
}

/** Secrets put wherever a client or a person may put them: nothing that comes out shows one. */
export async function secrets(plan: Plan): Promise<Verdict[]> {
  const doubts = new Doubts()
  const watch = new Watch()
  const seed = join(plan.folder, 'secret-seed.json')
  writeFileSync(seed, JSON.stringify({ tokens: [{ token, userId: 'secret-user' }], apps: [{ appId, appSecret }] }))
  const db = join(plan.folder, 'secrets.db')
  const emulator = await startEmulator(watch, ['--db', db, '--seed', seed, '--auth', 'known', '--log-level', 'trace'])
  const events = await listenTo(emulator, watch)
  let count = 0
  for (const one of everything()) {
    await send(emulator, one, watch)
    count += 1
    // Before the journal lets go of them.
    if (count % 40 === 0) await look(emulator, ['/requests', '/requests.har'], watch)
    if (count % 400 === 0) count += await lookInto(emulator, watch)
  }
  const accepted = await send(
    emulator,
    signed((signature) => signature),
    watch,
  )
  doubts.claim(accepted === 200, () => `a signature made with the canary was answered ${accepted}`)
  await look(emulator, views, watch)
  await lookInto(emulator, watch)
  events.destroy()
  await emulator.end('SIGTERM')
  const open = await startEmulator(watch, ['--db', ':memory:'])
  const others = [await namesakes(open), await wordy(open)]
  await open.end('SIGTERM')
  if (!plan.short) await startWrongly(plan, watch)
  plan.watch.include(watch)
  for (const found of watch.found) doubts.add(found)
  return [
    {
      what: 'secrets: planted wherever one may stand',
      much: `${count} requests, all views, log at trace`,
      against: doubts.list,
    },
    ...others,
  ]
}

function* everything(): Generator<Hostile> {
  yield* controlRequests
  yield* nearly
  yield* refused
  yield* unparsed
  yield* worldly
  const bearer = `Authorization: Bearer ${token}`
  for (const { method, target, body } of disguised) {
    for (const credential of [bearer, `Authorization: Basic ${Buffer.from(`user:${token}`).toString('base64')}`])
      yield request(method, `${basePath}${target}`, [credential, ...usual()], body)
  }
  for (const { method, target, body } of named)
    yield request(method, `${basePath}${target}`, ['Authorization: Bearer another-than-it', ...usual()], body)
  yield request('GET', `${basePath}/device`, [bearer, `Referer: http://a/${everyEscape}`, ...usual()])
  for (const referer of referers)
    for (const credential of [bearer, 'Authorization: Bearer another-than-it'])
      yield request('GET', `${basePath}/device`, [credential, referer, ...usual()])
  for (const credential of credentials) {
    for (const { method, target, body } of places) {
      yield request(method, `${basePath}${target}`, [credential, ...usual()], body)
      yield request(method, `/worlds/secrets${basePath}${target}`, [credential, ...usual()], body)
    }
  }
  for (const header of elsewhere) {
    yield request('GET', `${basePath}/device`, [header, ...usual()])
    yield request('GET', `${basePath}/device`, ['Authorization: Bearer other-than-the-canary', header, ...usual()])
  }
  // Encoded in the header it is not known by, so that it is not looked for elsewhere.
  yield request('GET', `${basePath}/device`, [
    `Authorization: Basic ${Buffer.from(`user:${token}`).toString('base64')}`,
    ...usual(),
  ])
  yield signed((signature) => signature.replace(/./g, '0'))
  yield request('GET', `${basePath}/device`, [`Authorization: Bearer ${token}`, `A: \0${token}`])
}

async function look(emulator: Emulator, which: readonly string[], watch: Watch): Promise<void> {
  for (const name of ['default', 'secrets']) {
    for (const view of which) await send(emulator, request('GET', `/_emulator/worlds/${name}${view}`, []), watch)
  }
}

/** Each exchange that is still kept, by itself, explained with advice and sent once more. */
async function lookInto(emulator: Emulator, watch: Watch): Promise<number> {
  let count = 0
  for (const name of ['default', 'secrets']) {
    const address = `/_emulator/worlds/${name}`
    const list = await fetch(`${emulator.url}${address}/requests?view=summary&limit=100`)
    const { requests = [] }: { requests?: { id: number }[] } = Object(await list.json())
    for (const { id } of requests) {
      await send(emulator, request('GET', `${address}/requests/${id}`, []), watch)
      await send(emulator, request('GET', `${address}/requests/${id}.har`, []), watch)
      const question = JSON.stringify({ request: id, advice: true })
      await send(emulator, request('POST', `${address}/explain`, [], question), watch)
      if (id % 5 === 0) await send(emulator, request('POST', `${address}/requests/${id}/replay`, [], '{}'), watch)
      count += 3
    }
    await send(emulator, request('GET', `${address}/diff?from=request:1`, []), watch)
  }
  return count
}

/** Everything that a stream tells; names of worlds that are called like a secret are names all the same. */
async function listenTo({ url }: Emulator, watch: Watch): Promise<IncomingMessage> {
  const [stream] = await once(
    http.get(`${url}/_emulator/events?world=secrets&world=default&changes=secrets&changes=default`, { agent: false }),
    'response',
  )
  return stream
    .setEncoding('utf8')
    .on('data', watch.stream('the stream of events'))
    .on('error', () => undefined)
}

async function send({ port }: Emulator, one: Hostile, watch: Watch): Promise<number> {
  const wire = await openWire(port)
  await wire.send(bytesOf(one))
  const { status, headers, body } = await wire.answer()
  wire.end()
  watch.see(`${JSON.stringify(headers)}${body}`, `the answer to ${one.method} ${one.target}`)
  return status
}

/** A seed that is wrong next to its secrets ends the start with a sentence. */
async function startWrongly(plan: Plan, watch: Watch): Promise<void> {
  const seed = join(plan.folder, 'wrong-seed.json')
  for (const text of [
    `{"apps":[{"appId":"${appSecret} ","appSecret":"${appSecret}"}]}`,
    `{"tokens":[{"token":"${token}"}`,
    `{"tokens":[{"token":"${token} ","userId":"a"}]}`,
  ]) {
    writeFileSync(seed, text)
    await (await load(watch)).start({ args: ['--db', ':memory:', '--seed', seed] })
  }
}
