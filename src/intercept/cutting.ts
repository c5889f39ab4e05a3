import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { wait } from '../process/real-time.ts'

/** What is waited for where no answer comes any more. */
const never = (): Promise<never> => new Promise(() => undefined)

/** Ends the connection as a crash would: without a word. The client never learns whether the work was done. */
export function cutOff(reply: FastifyReply): Promise<never> {
  reply.hijack()
  const { socket } = reply.request.raw
  if ('encrypted' in socket) socket.destroy()
  else socket.resetAndDestroy()
  return never()
}

/**
 * The same, after a delay and once so much of the request's body has come; at its end where its length was not announced.
 *
 * @param at a fraction of `Content-Length`
 */
export async function cutOffWithin(reply: FastifyReply, delay: Promise<void>, at: number): Promise<void> {
  const { raw } = reply.request
  const cut = () => void cutOff(reply)
  raw.once('error', cut) // at once, because nobody else listens
  await delay
  const { 'content-length': length = Number.POSITIVE_INFINITY } = raw.headers
  let missing = Math.ceil(at * Number(length)) || 0
  if (missing === 0 || raw.readableEnded) return cut()
  raw.once('end', cut).on('data', (piece: Buffer) => {
    missing -= piece.length
    if (missing <= 0) cut()
  })
}

/** Announces the length of the whole, and ends after so many bytes of it. */
export function truncate(reply: FastifyReply, payload: string, bytes: number): Promise<never> {
  const whole = Buffer.from(payload)
  const { raw } = reply
  const headers = { ...reply.getHeaders(), 'content-length': whole.length }
  for (const [name, value] of Object.entries(headers)) raw.setHeader(name, String(value))
  reply.hijack()
  raw.writeHead(reply.statusCode)
  raw.write(whole.subarray(0, bytes), () => raw.socket?.destroySoon())
  return never()
}

/** How often a piece of a slow body goes out. */
const pieceMillis = 50

export function slow(reply: FastifyReply, payload: string, bytesPerSecond: number): Readable {
  const whole = Buffer.from(payload)
  reply.header('content-length', whole.length)
  return Readable.from(pieces(whole, Math.max(1, Math.round((bytesPerSecond * pieceMillis) / 1000)), bytesPerSecond))
}

async function* pieces(whole: Buffer, size: number, bytesPerSecond: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < whole.length; start += size) {
    if (start > 0) await wait((size / bytesPerSecond) * 1000)
    yield whole.subarray(start, start + size)
  }
}
