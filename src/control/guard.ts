import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { hostName, hostOfOrigin } from '../http/request-target.ts'
import { Problem } from './problem.ts'

/**
 * Keeps web pages from driving the emulator. A page that rebinds its own name to this machine must use a dotted DNS name; any
 * other page names its origin, or its browser says that it comes from another site.
 *
 * @param allowed names beside the usual ones; `*` stands for anything
 */
export function guardFor(allowed: readonly string[]): (request: FastifyRequest) => Problem | undefined {
  const isAllowed = anyOf(allowed)
  return ({ headers, method, host: asked = '' }) => {
    const host = hostName(asked)
    if (isDottedName(host) && !isUsual(host) && !isAllowed(host)) {
      return new Problem(403, `Host is a DNS name that is not allowed; start with --allow-host ${host} if it is yours`)
    }
    const { origin } = headers
    if (origin === undefined) return isFetchedElsewhere(method, headers) ? elsewhere('Sec-Fetch-Site') : undefined
    // A page that the emulator itself served asks under the very name that it is asked by; that one was judged just now.
    const isOwn = hostOfOrigin(origin) === asked.toLowerCase()
    return isOwn || isHome(origin) || isAllowed(hostName(hostOfOrigin(origin))) ? undefined : elsewhere('Origin')
  }
}

const elsewhere = (header: string) =>
  new Problem(403, `${header} is a web page elsewhere; start with --allow-host and its host name if it is yours`)

/** Pictures and scripts that a page elsewhere embeds name no origin. A link that somebody follows is another matter. */
function isFetchedElsewhere(method: string, headers: FastifyRequest['headers']): boolean {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': kind } = headers
  return site === 'cross-site' && !(method === 'GET' && mode === 'navigate' && kind === 'document')
}

const formOf = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 'i')

function anyOf(patterns: readonly string[]): (name: string) => boolean {
  const forms = patterns.map(formOf)
  return (name) => forms.some((form) => form.test(name))
}

/** Names that no public DNS gives out. */
const isUsual = anyOf(['*.localhost', '*.local', '*.internal'])

const isDottedName = (name: string): boolean => name.includes('.') && isIP(name) === 0

/** This machine itself: `localhost`, names below it, and loopback addresses. */
const isHome = (origin: string): boolean =>
  /^(localhost|.*\.localhost|127(\.\d+){3}|::1)$/.test(hostName(hostOfOrigin(origin)))
