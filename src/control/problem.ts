import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'

/** A mistake in a request to the control plane. Not an `Error`: there is nothing to trace. */
export class Problem {
  readonly status: number
  /** What was wrong, and what would be right. */
  readonly detail: string

  constructor(status: number, detail: string) {
    this.status = status
    this.detail = detail
  }
}

/** Answers with a mistake in the form of RFC 9457. */
export function sendProblem(reply: FastifyReply, { status, detail }: Problem): FastifyReply {
  const title = STATUS_CODES[status] ?? 'Error'
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title, status, detail }))
}
