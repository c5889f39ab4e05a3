/** Names and values of a query by turns, decoded; a plus is a plus. */
export type QueryPairs = readonly (readonly [name: string, value: string])[]

/**
 * What a request is sent to, taken apart once. Nobody else decodes a target, so that no two can read it differently.
 *
 * What to make of what cannot be decoded is for whoever asks.
 */
export class RequestTarget {
  /** As it was sent. */
  readonly raw: string
  /** The path as sent, without scheme and host: `POST http://host/path` and `OPTIONS *` are HTTP, too. */
  readonly path: string
  /** What stands behind the question mark, as sent. */
  readonly query: string
  #decoded: { readonly pairs: QueryPairs; readonly isReadable: boolean } | undefined

  constructor(raw: string) {
    this.raw = raw
    const own = originForm(raw)
    const end = own.search(/[?#]/)
    this.path = end < 0 ? own : own.slice(0, end)
    this.query = end < 0 || own[end] === '#' ? '' : own.slice(end + 1)
    this.written = this.path.slice(1).split('/')
    const decoded: readonly (string | undefined)[] = this.path.includes('%')
      ? this.written.map(decodedOrNot)
      : this.written
    this.isReadable = !decoded.includes(undefined)
    this.segments = this.isReadable ? (decoded as string[]) : this.written.map((text, index) => decoded[index] ?? text) // none is missing
  }

  /** The path between its slashes, as sent. */
  readonly written: readonly string[]
  /** The same, decoded; a slash at the end leaves an empty one there. What cannot be decoded stays as it is. */
  readonly segments: readonly string[]
  /** Whether all of the path could be decoded. */
  readonly isReadable: boolean

  /** What of the query could be decoded. */
  get pairs(): QueryPairs {
    return this.#read().pairs
  }

  /** Whether all of it could. */
  get isQueryReadable(): boolean {
    return this.#read().isReadable
  }

  /** The first value of a parameter. */
  parameter(name: string): string | undefined {
    return this.pairs.find(([key]) => key === name)?.[1]
  }

  #read() {
    this.#decoded ??= readQuery(this.query)
    return this.#decoded
  }
}

function originForm(target: string): string {
  if (target.startsWith('/')) return target
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  return path.startsWith('/') ? path : `/${path}`
}

const noQuery = { pairs: [], isReadable: true } as const

function readQuery(query: string) {
  if (query === '') return noQuery
  const pieces = query.split('&').filter((piece) => piece !== '')
  const pairs = pieces.flatMap((piece) => decodedPair(piece) ?? [])
  return { pairs, isReadable: pairs.length === pieces.length }
}

function decodedPair(piece: string): (readonly [string, string])[] | undefined {
  const equals = piece.indexOf('=')
  const both = equals < 0 ? [piece, ''] : [piece.slice(0, equals), piece.slice(equals + 1)]
  const [name, value] = both.map(decodedOrNot)
  return name === undefined || value === undefined ? undefined : [[name, value]]
}

function decodedOrNot(text: string): string | undefined {
  try {
    return text.includes('%') ? decodeURIComponent(text) : text
  } catch {
    return undefined
  }
}

/** The host of an `Origin`, in lower case, with its port where it names one; `""` where it is none, such as `null`. */
export const hostOfOrigin = (origin: string): string =>
  /^[a-z][a-z0-9+.-]*:\/\/([^/?#@]+)$/i.exec(origin)?.[1]?.toLowerCase() ?? ''

/** A host without port, brackets and final dot, in lower case. */
export const hostName = (host: string): string =>
  host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()
