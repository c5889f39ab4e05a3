import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'

export interface Server {
  readonly url: string
  /** CPU time used so far, in microseconds. */
  cpu(): Promise<number>
  stop(): void
}

const answer = async <Answer>(child: ChildProcess): Promise<Answer> => {
  const [message] = await once(child, 'message')
  return message as Answer // from our own server.ts
}

/** An emulator in a process of its own, started with these options. */
export async function startServer(options: object): Promise<Server> {
  const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [JSON.stringify(options)])
  const { url } = await answer<{ url: string }>(child)
  return {
    url,
    async cpu() {
      child.send('cpu')
      return (await answer<{ cpu: number }>(child)).cpu
    },
    stop: () => void child.kill(),
  }
}

export interface Call {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Sends so many calls over a few connections that stay open, each after the answer to the one before. */
export async function drive(
  url: string,
  count: number,
  callOf: (index: number) => Call,
  connections = 8,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let sent = 0
  const worker = async () => {
    while (sent < count) {
      sent += 1
      await send(url, callOf(sent), agent)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  agent.destroy()
}

const send = (url: string, { method, path, headers, body }: Call, agent: Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    const outgoing = request(`${url}${path}`, { method, agent, headers }, (response) => {
      response.resume().once('end', resolve)
    })
    outgoing.once('error', reject).end(body)
  })

export const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
