import { basePath } from '../../schemas/common.ts'
import { RequestTarget } from '../../src/http/request-target.ts'
import { canonicalParts, canonicalRequest, sign } from '../../src/http/signature.ts'
import { xDate } from '../client.ts'
import type { Hostile } from '../hostile/requests.ts'
import { canaries } from '../watch.ts'
import { credentials, disguised, elsewhere, everyEscape, named, places, referers } from './beside.ts'
import { controlRequests, nearly, refused, unparsed, worldly } from './misplaced.ts'
import { request, usual } from './request.ts'

const { token, appId, appSecret } = canaries

/** A request signed with the canary, whole or wrong in one place. */
export function signed(spoil: (signature: string) => string): Hostile {
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

/** Every request that brings a secret. */
export function* everything(): Generator<Hostile> {
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
