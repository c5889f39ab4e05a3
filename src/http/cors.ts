import type { FastifyInstance } from 'fastify'

/** Which web pages may call, and what they may see: `true` for every origin, `false` for none, otherwise those allowed. */
export class Cors {
  readonly #origins: boolean | readonly string[]
  readonly #exposed: readonly string[]

  constructor(origins: boolean | readonly string[], ...headers: string[]) {
    this.#origins = origins
    this.#exposed = ['Date', 'Retry-After', 'ETag', ...headers]
  }

  /** Answers preflights, and marks every answer that Fastify's hooks see. */
  async allow(app: FastifyInstance): Promise<void> {
    if (this.#origins === false) return
    const { default: cors } = await import('@fastify/cors') // not loaded by the many who never need it
    await app.register(cors, {
      origin: this.#origins as true | string[], // which it does not change
      methods: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
      exposedHeaders: [...this.#exposed],
      strictPreflight: false,
      maxAge: 600,
    })
  }

  /** The headers of an answer outside of those hooks; where nobody could read who asks, as far as that can be known. */
  headersFor(origin: string | undefined): Record<string, string> {
    if (this.#origins === false) return {}
    const allowed = this.#allowed(origin)
    return {
      vary: 'Origin',
      ...(allowed !== undefined && { 'access-control-allow-origin': allowed }),
      'access-control-expose-headers': this.#exposed.join(', '),
    }
  }

  #allowed(origin: string | undefined): string | undefined {
    if (typeof this.#origins === 'boolean') return origin ?? '*'
    if (origin === undefined) return this.#origins.length === 1 ? this.#origins[0] : undefined
    return this.#origins.includes(origin) ? origin : undefined
  }
}

/** The `Origin` in bytes that are no request; nothing else is looked at, for they may hold secrets. */
export function originHeaderIn(bytes: unknown): string | undefined {
  return /^origin:[ \t]*(\S+)[ \t]*\r?$/im.exec(String(bytes))?.[1]
}
