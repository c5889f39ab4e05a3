import { basePath } from '../../schemas/common.ts'
import type { Hostile } from '../hostile/requests.ts'
import { canaries } from '../watch.ts'
import { filler } from './beside.ts'
import { request, usual, world } from './request.ts'

/*
 * Secrets in what is not read, nearly leads somewhere, or is asked of the control plane.
 */

const { token, appId, appSecret } = canaries

/** Bodies that nobody reads, or that are refused. */
export const refused: readonly Hostile[] = [
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
export const nearly: readonly Hostile[] = [
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
export const unparsed: readonly Hostile[] = [
  request('GET', `${basePath}/ü?token=${token}`, [`Authorization: Bearer ${token}`]),
  request('GET', `${basePath}/a b/${token}`, [`Authorization: Bearer ${token}`]),
  request('get', `/${token}`, [`Authorization: Bearer ${token}`]),
  request('CONNECT', `host:1?access_token=${token}`, [`Authorization: Bearer ${token}`]),
  request('GET', `http://user:${token}@host${basePath}/device`, [`Authorization: Bearer ${token}`, ...usual()]),
]

/** Worlds that are called like the secret. */
export const worldly: readonly Hostile[] = [
  request('GET', `/worlds/${token}${basePath}/device`, [`Authorization: Bearer ${token}`, ...usual()]),
  request('GET', `/worlds/%63${token.slice(1)}${basePath}/device`, [`Authorization: Bearer ${token}`, ...usual()]),
  request('GET', `${basePath}/device`, [`Authorization: Bearer ${token}`, `X-Emulator-World: ${token}`, ...usual()]),
]

/** What people ask the control plane for, with secrets in it; of a token the answer to POST shows it, on purpose, and is not here. */
export const controlRequests: readonly Hostile[] = [
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
