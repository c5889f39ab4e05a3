import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'

/** A mistake in what the control plane is asked for. Its message says what was wrong, and what would be right. */
export class Problem extends Error {
  override readonly name: string = 'Problem'
  /** The HTTP status of its answer. */
  readonly status: number

  constructor(status: number, detail: string) {
    super(detail)
    this.status = status
  }
}

/** Answers with a mistake in the form of RFC 9457. */
export function sendProblem(reply: FastifyReply, { status, message: detail }: Problem): FastifyReply {
  const title = STATUS_CODES[status]
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title, status, detail }))
}
