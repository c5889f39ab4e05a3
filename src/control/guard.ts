import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { Problem } from './problem.ts'

/**
 * Keeps web pages from driving the emulator. A page that rebinds its own name to this machine must use a dotted DNS name, and
 * any other page names its origin.
 *
 * @param allowed names beside the usual ones; `*` stands for anything
 */
export function guardFor(allowed: readonly string[]): (request: FastifyRequest) => Problem | undefined {
  const isAllowed = anyOf(allowed)
  return ({ headers }) => {
    const host = nameOf(headers.host ?? '')
    if (isDottedName(host) && !isUsual(host) && !isAllowed(host)) {
      return new Problem(403, `Host is a DNS name that is not allowed; start with --allow-host ${host} if it is yours`)
    }
    const { origin } = headers
    if (origin !== undefined && !isHome(origin) && !isAllowed(originName(origin))) {
      return new Problem(
        403,
        'Origin is a web page elsewhere; start with --allow-host and its host name if it is yours',
      )
    }
    return undefined
  }
}

const formOf = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 'i')

function anyOf(patterns: readonly string[]): (name: string) => boolean {
  const forms = patterns.map(formOf)
  return (name) => forms.some((form) => form.test(name))
}

/** Names that no public DNS gives out. */
const isUsual = anyOf(['*.localhost', '*.local', '*.internal'])

/** A host without port, brackets and final dot. */
const nameOf = (host: string): string =>
  host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()

const isDottedName = (name: string): boolean => name.includes('.') && isIP(name) === 0

const originName = (origin: string): string => (URL.canParse(origin) ? nameOf(new URL(origin).host) : '')

/** This machine itself: `localhost`, names below it, and loopback addresses. */
const isHome = (origin: string): boolean => /^(localhost|.*\.localhost|127(\.\d+){3}|::1)$/.test(originName(origin))
