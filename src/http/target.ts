import type { FastifyRequest } from 'fastify'
import { basePath } from '../../schemas/common.ts'

/** The target of a request as a path: `POST http://host/path` and `OPTIONS *` are HTTP, too. */
export function originForm(target: string): string {
  if (target.startsWith('/')) return target
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  return path.startsWith('/') ? path : `/${path}`
}

/** What a path looks like that a contract's template stands for; its parameters are named groups. */
export const routeForm = (template: string): RegExp =>
  new RegExp(`^${basePath}${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)

/** What stands before the query. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/)
  return end < 0 ? url : url.slice(0, end)
}

/** Whether every percent sign of the query begins a character. */
export function isQueryReadable(url: string): boolean {
  if (!url.includes('%')) return true
  try {
    decodeURIComponent(url.slice(pathOf(url).length))
    return true
  } catch {
    return false
  }
}

/** The address below which a client reaches this server: the public one, or else where it sent its request. */
export const baseAddress = (publicUrl: string | undefined, request: FastifyRequest): string =>
  publicUrl ?? `${request.protocol}://${hostOf(request)}`

/** Without a `Host`, the address that the connection was made to. */
function hostOf({ host, socket: { localAddress = '', localPort } }: FastifyRequest): string {
  return host || `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
}
