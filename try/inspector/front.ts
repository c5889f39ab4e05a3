import { once } from 'node:events'
import type { Server } from 'node:http'
import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Front {
  readonly address: string
  /** What the emulator refused for want of the token. */
  readonly refused: string[]
  readonly server: Server
}

/**
 * What stands before an emulator and sees what is refused.
 *
 * @param passed resolves once a request for a path may pass
 */
export async function frontOf(port: number, passed: (path: string) => Promise<void> | void = () => {}): Promise<Front> {
  const refused: string[] = []
  const server = createServer(async (request, response) => {
    const { method = 'GET', url: path = '/', headers } = request
    await passed(path)
    const forwarded = ask({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      if (answer.statusCode === 401 && path.startsWith('/_emulator')) refused.push(`${method} ${path}`)
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders) // each in a line of its own, as it came
      answer.pipe(response)
    })
    forwarded.on('error', () => response.destroy())
    response.on('close', () => forwarded.destroy())
    request.pipe(forwarded)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port: own } = server.address() as AddressInfo // it listens on a port
  return { address: `http://127.0.0.1:${own}`, refused, server }
}
