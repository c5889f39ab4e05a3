import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Run, Serving } from '../../test/fixtures/process.ts'
import { program, root, runProcess, whenListening } from '../../test/fixtures/process.ts'
import { closedPort } from '../../test/fixtures/wire.ts'
import type { Cleanup } from '../place.ts'
import { ask } from './client.ts'
import { check, path } from './machine.ts'

/** One emulator of a fleet, which may be ended and started again on its port. */
export class Shard {
  readonly port: number
  readonly url: string
  readonly #args: readonly string[]
  readonly #cleanup: Cleanup
  readonly outputs: Run[] = []
  #serving: Serving | undefined

  constructor(port: number, args: readonly string[], cleanup: Cleanup) {
    this.port = port
    this.url = `http://127.0.0.1:${port}`
    this.#args = args
    this.#cleanup = cleanup
  }

  async start(): Promise<void> {
    const all = [program, '--port', String(this.port), '--log-format', 'json', '--log-level', 'debug', ...this.#args]
    const run = runProcess(this.#cleanup, process.execPath, all)
    this.outputs.push(run)
    this.#serving = await whenListening(run)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#serving?.stop(signal)
    this.#serving = undefined
  }

  /** Tells it to end, and does not wait. */
  signal(signal: NodeJS.Signals): void {
    this.#serving?.child.kill(signal)
  }

  /** Everything that it ever wrote. */
  log(): string {
    return this.outputs.map((run) => run.stdout() + run.stderr()).join('\n')
  }
}

export interface Fleet {
  readonly url: string
  readonly shards: readonly Shard[]
  readonly proxyLog: () => string
}

/** Three emulators that share a folder to park in. */
export async function startShards(
  folder: string,
  cleanup: Cleanup,
  args: readonly string[] = [],
  count = 3,
): Promise<Shard[]> {
  const usual = ['--db', ':memory:', '--park', join(folder, 'park'), '--trust-proxy', '127.0.0.1', '--drain', 'PT1S']
  const shards: Shard[] = []
  for (let index = 0; index < count; index += 1) {
    shards.push(new Shard(await closedPort(), [...usual, ...args], cleanup))
  }
  await Promise.all(shards.map((shard) => shard.start()))
  return shards
}

/** A page's configuration with the addresses of this trial in place of its own. */
function configured(page: string, port: number, shards: readonly Shard[], metricsPort: number): string {
  let text = readFileSync(join(root, 'docs/fleet', page), 'utf8')
  const [line = ''] = /^ *server s1 127\.0\.0\.1:4021 id 1$/m.exec(text) ?? []
  if (line !== '' && shards.length !== 3) {
    text = text
      .replace(/^ *server s\d 127\.0\.0\.1:\d+ id \d\n/gm, '')
      .replace(
        '  default-server weight 100 maxconn 2000\n',
        `  default-server weight 100 maxconn 2000\n${shards.map((_, index) => `  server s${index + 1} 127.0.0.1:402${index + 1} id ${index + 1}\n`).join('')}`,
      )
    text = text.replace(/^ *server s\d .* check inter 1s\n/gm, '')
  }
  shards.forEach(({ port: own }, index) => {
    text = text.replaceAll(`127.0.0.1:402${index + 1} `, `127.0.0.1:${own} `)
  })
  return text.replace('127.0.0.1:4020', `127.0.0.1:${port}`).replace('127.0.0.1:4029', `127.0.0.1:${metricsPort}`)
}

/** haproxy before shards, with the file of its page. */
export async function withHaproxy(
  folder: string,
  cleanup: Cleanup,
  shards: readonly Shard[],
  before = '',
): Promise<Fleet> {
  const port = await closedPort()
  const file = join(folder, `haproxy-${port}.cfg`)
  const text = configured('haproxy.cfg', port, shards, await closedPort())
  writeFileSync(file, text.replace('  default_backend shards\n', `${before}  default_backend shards\n`))
  check('haproxy', ['-c', '-f', file])
  const run = runProcess(cleanup, 'haproxy', ['-f', file], { env: { PATH: path } })
  return awaited({ url: `http://127.0.0.1:${port}`, shards, proxyLog: () => run.stdout() + run.stderr() })
}

/** nginx before shards, likewise. */
export async function withNginx(folder: string, cleanup: Cleanup, shards: readonly Shard[]): Promise<Fleet> {
  const port = await closedPort()
  const prefix = join(folder, 'nginx')
  mkdirSync(join(prefix, 'logs'), { recursive: true })
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const own = paths.map((name) => `  ${name}_temp_path ${prefix}/${name};\n`).join('')
  const text = configured('nginx.conf', port, shards, 0).replace(
    'http {\n',
    `http {\n  access_log ${prefix}/access;\n${own}`,
  )
  const file = join(prefix, 'nginx.conf')
  writeFileSync(file, `daemon off;\npid ${prefix}/pid;\nerror_log ${prefix}/errors;\n${text}`)
  const run = runProcess(cleanup, 'nginx', ['-c', file, '-p', prefix], { env: { PATH: path } })
  cleanup.teardown(async () => {
    run.child.kill('SIGTERM') // killed, it would leave its workers behind
    await run.exited
  })
  const proxyLog = () => readFileSync(join(prefix, 'access'), 'utf8') + readFileSync(join(prefix, 'errors'), 'utf8')
  return awaited({ url: `http://127.0.0.1:${port}`, shards, proxyLog })
}

/** A proxy that answers. */
async function awaited(fleet: Fleet): Promise<Fleet> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await ask(fleet.url, '/_emulator/health')).status === 200) return fleet
    await pause(50)
  }
  throw new Error('the proxy does not answer')
}

export const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))
