import { hash } from 'node:crypto'
import { linkSeconds } from '../../schemas/upload-limits.ts'
import type { DigestPoint } from './hash-ctx.ts'
import { iterationHashCtx } from './hash-ctx.ts'
import type { CredentialScope } from './sigv4.ts'
import { presignature, scopeText, signingKey, sigV4Algorithm } from './sigv4.ts'

/** What a world signs its links with. */
export interface LinkKey {
  readonly accessKeyId: string
  readonly secret: string
}

/** A part of which a link is made. */
export interface Link {
  /** Without a query; its host is signed, as it stands here. */
  readonly address: string
  readonly uploadId: string
  readonly partNumber: number
  /** Signed as `content-length`; `undefined` where the size is open (DEC-35). */
  readonly partSize: number | undefined
  /** What the part begins with, where it has a hashCtx. */
  readonly from: DigestPoint | undefined
}

export const hashCtxName = 'X-Amz-Iteration-Hash-Ctx'
export const signatureName = 'X-Amz-Signature'
export const sizeSigned = 'content-length;host'

/**
 * UPL-5: makes links that live from now on.
 *
 * @param now Unix milliseconds by the signing clock
 */
export function presigner({ accessKeyId, secret }: LinkKey, now: number): (link: Link) => string {
  const date = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = scopeOf(date)
  const key = signingKey(secret, scope)
  return ({ address, uploadId, partNumber, partSize, from }) => {
    const { host, path } = placeOf(address)
    const query: [string, string][] = [
      ['partNumber', `${partNumber}`],
      ['uploadId', uploadId],
      ['X-Amz-Algorithm', sigV4Algorithm],
      ['X-Amz-Date', date],
      ['X-Amz-SignedHeaders', partSize === undefined ? 'host' : sizeSigned],
      ['X-Amz-Expires', `${linkSeconds}`],
      ['X-Amz-Credential', `${accessKeyId}/${scopeText(scope)}`],
    ]
    if (from) query.push([hashCtxName, iterationHashCtx(from)])
    const request = { method: 'PUT', path, query, headers: headersOf(host, partSize) }
    query.push([signatureName, presignature(request, key, date, scope)])
    return `${address}?${query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')}`
  }
}

/** What a signature covers of an address: the host that clients send, and the path. */
export function placeOf(address: string): { readonly host: string; readonly path: string } {
  const { host, pathname: path } = new URL(address)
  return { host, path }
}

/** The one scope of links made on a day. */
export const scopeOf = (date: string): CredentialScope => ({ day: date.slice(0, 8), region: 'emulator', service: 's3' })

/** What is signed of a part's headers, in alphabetical order. */
export const headersOf = (host: string, length: string | number | undefined): [string, string][] =>
  length === undefined
    ? [['host', host]]
    : [
        ['content-length', `${length}`],
        ['host', host],
      ]

/**
 * What a world signs with: worlds of the same name and settings have the same links, so that they live over a restart.
 *
 * @param random what its generator starts from
 */
export function linkKeyOf(name: string, random: number): LinkKey {
  const secret = hash('sha256', `links ${random} ${name}`)
  return { accessKeyId: `EMULATOR${hash('sha256', secret).slice(0, 12).toUpperCase()}`, secret }
}
