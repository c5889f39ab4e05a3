import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { basePath } from '../schemas/common.ts'
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

/** What people ask the control plane for, with secrets in it; of a token the answer to POST shows it, on purpose, and is not here. */
const dials: readonly Hostile[] = [
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
  '/clock',
  '/snapshots',
  '/faults',
  '/requests',
  '/requests/count',
  '/requests.har',
  '/review',
]

/** A request signed with the canary, whole or wrong in one place. */
function signed(spoil: (signature: string) => string): Hostile {
  const target = `${basePath}/device`
  const headers = { 'x-user-id': 'secret-user', 'x-date': xDate() }
  const names = ['x-date', 'x-user-id']
  const parts = canonicalParts({ method: 'GET', url: target, headers, body: '' }, names)
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
  let count = 0
  for (const one of everything()) {
    await send(emulator, one, watch)
    count += 1
  }
  const accepted = await send(
    emulator,
    signed((signature) => signature),
    watch,
  )
  doubts.claim(accepted === 200, () => `a signature made with the canary was answered ${accepted}`)
  for (const name of ['default', 'secrets']) {
    for (const view of views) await send(emulator, request('GET', `/_emulator/worlds/${name}${view}`, []), watch)
  }
  await emulator.end('SIGTERM')
  if (!plan.short) await startWrongly(plan, watch)
  plan.watch.include(watch)
  for (const found of watch.found) doubts.add(found)
  return [
    {
      what: 'secrets: planted wherever one may stand',
      much: `${count} requests, all views, log at trace`,
      against: doubts.list,
    },
  ]
}

function* everything(): Generator<Hostile> {
  yield* dials
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
