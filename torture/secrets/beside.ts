import type { Hostile } from '../hostile/requests.ts'
import { canaries } from '../watch.ts'

/*
 * Secrets in requests of the API: as credentials, and beside them.
 */

const { token, appId } = canaries

/** Every form in which a client may come to send its token, right and wrong ones. */
export const credentials: readonly string[] = [
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
export const elsewhere: readonly string[] = [
  `Cookie: session=${token}`,
  `X-Auth-Token: ${token}`,
  `Proxy-Authorization: Bearer ${token}`,
]

/** Beside the header: in the path, in the query, and in a body. */
export const places: readonly Pick<Hostile, 'method' | 'target' | 'body'>[] = [
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
export const everyEscape = percented(token, (letter) => `%${hexOf(letter)}`)
const twice = percented(token, (letter) => `%25${hexOf(letter)}`)
const inJson = percented(token, (letter) => `\\u00${hexOf(letter)}`)
const base64 = Buffer.from(token).toString('base64')
export const filler = (length: number): string => 'f'.repeat(length)

/** The request's own credential, written in every other way, at every place. */
export const disguised: readonly Pick<Hostile, 'method' | 'target' | 'body'>[] = [
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
export const named: readonly Pick<Hostile, 'method' | 'target' | 'body'>[] = [
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
    'passwd',
    'secretKey',
    'private_key',
  ].flatMap((name) => [
    { method: 'GET', target: `/device?${name}=${token}`, body: undefined },
    { method: 'GET', target: `/device?a=b&${name}=${everyEscape}`, body: undefined },
    { method: 'POST', target: '/device', body: `{"machineCode":"a","${name.replaceAll('%', '')}":"${token}"}` },
  ]),
  { method: 'GET', target: `/%zz?access_token=${token}`, body: undefined },
  { method: 'GET', target: `/device?%zz&access_token=${token}`, body: undefined },
]

/** What stands in headers beside the credential. */
export const referers = [
  `Referer: http://a/?access_token=${token}`,
  `Referer: http://a/?u=${encodeURIComponent(`http://b/?access_token=${token}`)}`,
  `X-Original-URL: /a?token=${token}`,
]
