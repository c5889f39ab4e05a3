import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Serving } from '../test/fixtures/process.ts'
import type { Cleanup } from './place.ts'

/** What a client wants of a container, as far as the stand-in goes. */
interface Wanted {
  readonly Image: string
  readonly Env?: readonly string[]
  readonly ExposedPorts?: Readonly<Record<string, object>>
}

/** Starts what the image would run, with these environment variables. */
export type Launch = (env: Readonly<Record<string, string>>) => Promise<Serving>

const id = 'c0ffee'

/**
 * Stands in for a Docker engine where a client needs no more than one container of one image: a process takes the container's
 * place. Of the engine's API it knows what Testcontainers calls.
 *
 * @param image its only image, and the port that this exposes
 * @returns its address, for DOCKER_HOST
 */
export async function dockerEngine(cleanup: Cleanup, image: string, port: number, launch: Launch): Promise<string> {
  let wanted: Wanted | undefined
  let running: Serving | undefined

  const inspect = () => ({
    Id: id,
    Name: '/container',
    Config: { Hostname: id, Labels: {} },
    State: {
      Status: 'running',
      Running: true,
      StartedAt: new Date().toISOString(),
      FinishedAt: '0001-01-01T00:00:00Z',
    },
    NetworkSettings: {
      Networks: {},
      Ports: { [`${port}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(running?.port) }] },
    },
  })

  const routes: Readonly<Record<string, (body: string) => unknown>> = {
    'GET /info': () => ({
      OperatingSystem: 'a stand-in',
      OSType: 'linux',
      Architecture: 'x86_64',
      ServerVersion: '28',
    }),
    [`GET /images/${image}:latest/json`]: () => ({ Id: image }),
    'GET /containers/json': () => [],
    'POST /containers/create': (body) => {
      wanted = JSON.parse(body)
      return { Id: id, Warnings: [] }
    },
    [`POST /containers/${id}/start`]: async () => {
      const env = (wanted?.Env ?? []).map((pair) => pair.split(/=(.*)/s).slice(0, 2))
      running = await launch(Object.fromEntries(env))
    },
    [`GET /containers/${id}/json`]: inspect,
    [`POST /containers/${id}/stop`]: () => running?.stop().then(() => undefined),
    [`DELETE /containers/${id}`]: () => undefined,
  }

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const path = request.url?.replace(/^\/v[\d.]+|\?.*/g, '')
    const route = routes[`${request.method} ${path}`]
    const body = await text(request)
    const result = route ? await route(body) : { message: `the stand-in has no ${request.method} ${path}` }
    response.writeHead(route ? (result === undefined ? 204 : 200) : 404, { 'content-type': 'application/json' })
    response.end(result === undefined ? undefined : JSON.stringify(result))
  }

  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  cleanup.teardown(() => server.close())
  await once(server, 'listening')
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
}
