declare module 'fastify' {
  interface FastifyRequest {
    /** The operation whose route matched. */
    operation: string | null
    /** What the answer's envelope said: business code, and the reason or remark beside it. */
    code: number | null
    reason: string | null
    /** The body as it was sent, once it proved to be UTF-8. */
    bodyText: string | null
  }
}

export {}
