import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { AddressInfo, Server } from 'node:net'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import t from 'tap'
import { endSignals } from '../cli/interruption.ts'
import type { App } from '../src/app.ts'
import { bindBoth } from '../src/commands/listen.ts'
import { usualAddress } from '../src/commands/openapi.ts'
import { Coverage } from '../src/coverage/coverage.ts'
import { coverageView } from '../src/coverage/view.ts'
import { openApiText } from '../src/openapi/document.ts'
import { after } from '../src/process/real-time.ts'
import { LineWriter, makeSafe, whyShort, writeAll } from '../src/process/standard-streams.ts'
import type { Exit, Serving } from './fixtures/process.ts'
import {
  logLines,
  onPosix,
  program,
  runProcess,
  runToEnd,
  startProcess,
  whenListening,
  withoutMounts,
} from './fixtures/process.ts'
import { closedPort, openSocket, received, send, untilRefused } from './fixtures/wire.ts'

t.jobs = 3

const counted = { counted: true } as const
const done: Exit = { code: 0, signal: null }

const isHealthy = (url: string) =>
  send(`${url}/_emulator/health`).then(
    ({ status }) => status === 200,
    () => false,
  )

/** The emulator with outputs of the test's own, on a port that it is told. */
async function serveInto(
  t: Test,
  args: readonly string[],
  [stdout, stderr]: readonly ('pipe' | number)[],
  options: readonly string[] = [],
) {
  const port = await closedPort()
  const url = `http://127.0.0.1:${port}`
  const command = [...options, program, '--port', String(port), '--db', ':memory:', ...args]
  const child = spawn(process.execPath, command, { stdio: ['ignore', stdout, stderr] })
  const exited = once(child, 'close').then(([code, signal]): Exit => ({ code, signal }))
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exited
  })
  return { child, exited, url, port }
}

/** Nothing else tells when one listens whose log cannot be read. */
async function untilHealthy(url: string): Promise<void> {
  while (!(await isHealthy(url))) {}
}

t.test('a log that nobody reads loses lines and says how many, and the service goes on', onPosix(), async (t) => {
  const { child, exited, url, port } = await serveInto(t, [], ['pipe', 'pipe'])
  await untilHealthy(url)
  const asked = 400
  const path = `/${'x'.repeat(8000)}`
  await Promise.all(Array.from({ length: asked }, async () => t.equal((await send(url + path)).status, 404)))
  const read = text(child.stdout as NonNullable<typeof child.stdout>) // it is a pipe
  child.stderr?.resume()
  await openSocket(t, port)
  child.kill('SIGTERM')
  t.strictSame(await exited, done)
  const written = await read
  const lines = logLines(written)
  t.equal(lines.length, written.trimEnd().split('\n').length, 'no line is torn')
  const dropped = lines.reduce((sum, line) => sum + Number(line['dropped'] ?? 0), 0)
  t.ok(dropped > 0, `${dropped} are missing`)
  const told = lines.filter((line) => line['path'] === path).length + dropped
  t.ok(told >= asked && told <= asked + 2, 'and each is counted, as are those of the start and the end')
  const times = lines.map(({ time }) => String(time))
  t.strictSame(times, times.toSorted(), 'those that are there are in their order')
  t.match(lines.at(-1), { msg: 'stopped' })
})

t.test('it ends as soon as nothing is left to do, and need not break off threads of Node', onPosix(), async (t) => {
  for (const format of ['json', 'pretty']) {
    const { child, exited, url, port } = await serveInto(
      t,
      ['--log-format', format],
      ['pipe', 'pipe'],
      ['--trace-exit'],
    )
    const complaints = text(child.stderr as NonNullable<typeof child.stderr>) // it is a pipe
    child.stdout?.resume()
    await untilHealthy(url)
    await openSocket(t, port)
    t.equal((await fetch(`${url}/_emulator/events`)).status, 200, 'a stream stays open')
    child.kill('SIGTERM')
    t.strictSame(await exited, done)
    t.notMatch(await complaints, 'Exited the environment', format)
  }
})

t.test('with a log that is never read, SIGTERM still ends it in good order', onPosix(), async (t) => {
  for (const format of ['json', 'pretty']) {
    const { child, exited, url } = await serveInto(t, ['--log-format', format], ['pipe', 'pipe'])
    await untilHealthy(url)
    await Promise.all(Array.from({ length: 100 }, () => send(`${url}/${'x'.repeat(8000)}`)))
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit') // its outputs are not read to their end
    t.equal(code, 0, format)
    child.stdout?.destroy()
    child.stderr?.destroy()
    await exited
  }
})

t.test(
  'a full disk under the log, or a reader that is gone, is survived',
  { skip: existsSync('/dev/full') ? false : 'this system has no /dev/full' },
  async (t) => {
    const full = openSync('/dev/full', 'w')
    for (const format of ['json', 'pretty']) {
      for (const outputs of [
        [full, full],
        ['pipe', 'pipe'],
      ] as const) {
        const { child, exited, url } = await serveInto(t, ['--log-format', format], outputs)
        child.stdout?.destroy()
        child.stderr?.destroy()
        await untilHealthy(url)
        for (let call = 0; call < 3; call += 1) t.equal((await send(`${url}/nowhere`)).status, 404)
        child.kill('SIGTERM')
        t.strictSame(await exited, done, `${format} to ${outputs}`)
      }
    }
  },
)

t.test('commands end without a trace where nobody reads what they print', onPosix(), async (t) => {
  for (const command of [
    '--help',
    '--version',
    'openapi',
    'verify --help',
    'verify',
    'health --url http://127.0.0.1:1',
  ]) {
    const line = `{ '${process.execPath}' '${program}' ${command}; echo "status $?" >&3; } 2>&1 | true`
    const run = runProcess(t, 'sh', ['-c', `{ ${line}; } 3>&1`])
    await run.exited
    t.match(run.stdout() + run.stderr(), /^status [0-9]+\n$/, command)
  }
})

t.test(
  'a document that could not be printed whole is a failure, an answer that is a status is not',
  { skip: withoutMounts() },
  async (t) => {
    const cwd = t.testdir({ 'coverage.json': JSON.stringify(coverageView(new Coverage())) })
    const { url } = await startProcess(t, ['--db', ':memory:'])
    const from = 'coverage --from coverage.json --json -'
    const into = async (output: string, command: string, before = 'true') => {
      const line = `${before} && { '${process.execPath}' '${program}' ${command} > ${output}; echo "status $?"; }`
      const run = runProcess(t, 'unshare', ['--mount', 'sh', '-c', line], { cwd, counted: true })
      await run.exited
      return run
    }
    for (const command of ['openapi', '--version', '--help', 'verify --help', from]) {
      const run = await into('/dev/full', command)
      t.equal(run.stdout(), 'status 74\n', command)
      t.match(run.stderr(), /^koodrive-backup-emulator: standard output could not be written: ENOSPC\b.*\n$/, command)
    }
    const health = await into('/dev/full', `health --url ${url}`)
    t.strictSame([health.stdout(), health.stderr()], ['status 0\n', ''])
    const tiny = join(cwd, 'tiny')
    mkdirSync(tiny)
    const torn = await into(`${tiny}/openapi.json`, 'openapi', `mount -t tmpfs -o size=64k tmpfs ${tiny}`)
    t.equal(torn.stdout(), 'status 74\n', 'where a part of it was written, too')
    const whole = await into(join(cwd, 'openapi.json'), 'openapi')
    t.equal(whole.stdout(), 'status 0\n')
    t.equal(readFileSync(join(cwd, 'openapi.json'), 'utf8'), openApiText(usualAddress()))
  },
)

/** An output that a test opens and closes. */
class Valve extends Writable {
  readonly taken: string[] = []
  failing: Error | undefined
  #held: (() => void)[] | undefined

  constructor() {
    super({ decodeStrings: false })
  }

  /** An error is not its end, as it is not that of a process's own outputs, which do the same. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void) {
    callback(error)
    const { _undestroy: undestroy } = this as unknown as { _undestroy(): void }
    undestroy.call(this)
  }

  override _write(chunk: string, _encoding: string, callback: (error?: Error | null) => void) {
    const take = () => {
      if (this.failing === undefined) this.taken.push(chunk)
      callback(this.failing)
    }
    if (this.#held) this.#held.push(take)
    else take()
  }

  hold() {
    this.#held ??= []
  }

  release() {
    const held = this.#held ?? []
    this.#held = undefined
    for (const take of held) take()
  }
}

t.test('what is no file of the system is written to as any other stream', async (t) => {
  for (const fd of [-1, undefined]) {
    const valve = Object.assign(new Valve(), { fd })
    writeAll(valve as unknown as NodeJS.WriteStream & { fd: number }, 'a text')
    t.equal(await whyShort(valve), undefined)
    t.match(valve.taken, ['a text'])
  }
})

const remark = () => (dropped: number) => `${dropped} lost\n`

t.test('lines are written in their order, and what was dropped is told where it is missing', async (t) => {
  const valve = new Valve()
  const writer = new LineWriter(valve)
  valve.hold()
  const long = `${'x'.repeat(1 << 20)}\n`
  for (const line of ['first\n', long, 'second\n', 'third\n']) writer.write(line, remark)
  await writer.end(1)
  writer.write('fourth\n', remark)
  valve.release()
  await writer.end(1000)
  writer.write('fifth\n', remark)
  await writer.end(1000)
  t.strictSame(valve.taken.filter(Boolean).join('').replace(long, 'long\n'), 'first\nlong\n3 lost\nfifth\n')
})

t.test('what was dropped is told of the instant when it was, before lines that came later', async (t) => {
  const valve = new Valve()
  const writer = new LineWriter(valve)
  let instant = 0
  const dated = () => {
    const at = ++instant
    return (dropped: number) => `${at}: ${dropped} lost\n`
  }
  const line = (text: string) => writer.write(`${++instant}: ${text}\n`, dated)
  valve.hold()
  line('x'.repeat(1 << 20))
  line('second')
  await writer.end(1)
  valve.release()
  line('third')
  await writer.end(1000)
  t.match(valve.taken.join(''), /^1: x+\n3: 1 lost\n4: third\n$/)
})

t.test('lines that could not be written are told once they can be', async (t) => {
  const valve = new Valve()
  const writer = new LineWriter(valve)
  valve.failing = new Error('the disk is full')
  writer.write('first\n', remark)
  await writer.end(1000)
  writer.write('second\n', remark)
  writer.write('third\n', remark)
  await writer.end(1000)
  valve.failing = undefined
  writer.write('fourth\n', remark)
  await writer.end(1000)
  t.equal(valve.taken.join(''), '\n3 lost\nfourth\n', 'on a line of its own: what failed may be there in part')
})

t.test('a terminal that takes nothing does not block', async (t) => {
  const modes: boolean[] = []
  const terminal = Object.assign(new Valve(), {
    isTTY: true,
    _handle: { setBlocking: (blocking: boolean) => modes.push(blocking) },
  })
  makeSafe(terminal)
  makeSafe(terminal)
  makeSafe(Object.assign(new Valve(), { isTTY: true }))
  makeSafe(Object.assign(new Valve(), { isTTY: true, _handle: {} }))
  t.strictSame(modes, [false])
})

t.test('a timer that was called off does nothing', onPosix(), async (t) => {
  const fired: string[] = []
  const callOff = after(1, () => fired.push('called off'))
  callOff()
  await new Promise<void>((resolve) => after(5, resolve))
  t.strictSame(fired, [])
})

/** Starts one that waits for its seed, and does `early` while it does: it runs, and does not listen yet. */
async function duringStart(t: Test, command: readonly string[], early: (pid: number) => void): Promise<Serving> {
  const seed = join(t.testdir(), 'seed.json')
  execFileSync('mkfifo', [seed])
  const args = ['--port', '0', '--db', ':memory:', '--seed', seed]
  const [first = '', ...rest] = [...command, process.execPath, program, ...args]
  const run = runProcess(t, first, rest)
  const file = await open(seed, 'w') // opens when it is opened for reading
  early(Number(run.child.pid))
  await file.writeFile('{}')
  await file.close()
  return whenListening(run)
}

t.test('a signal to end during the start ends it in good order', onPosix(), async (t) => {
  for (const signal of endSignals) {
    const run = await duringStart(t, [], (pid) => process.kill(pid, signal))
    t.strictSame(await run.exited, done)
    t.match(run.lines().at(-2), { msg: `${signal} received, stopping` })
  }
})

/** A command in front of another, which makes that process 1. */
const inNamespace = ['unshare', '--pid', '--fork', '--kill-child']

/** Why this system has no process 1 to offer. */
function withoutNamespaces(): false | string {
  try {
    execFileSync('unshare', ['--pid', '--fork', 'true'], { stdio: 'ignore' })
    return false
  } catch {
    return 'unshare makes no namespace here'
  }
}

t.test(
  'as process 1, as in the image, it hears a SIGTERM during the start',
  { skip: withoutNamespaces() },
  async (t) => {
    const run = await duringStart(t, inNamespace, (pid) => {
      const child = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      process.kill(Number(child.trim()), 'SIGTERM')
    })
    t.strictSame(await run.exited, done)
    t.match(run.lines().at(-2), { msg: 'SIGTERM received, stopping' })
  },
)

t.test('other commands leave signals to the system, and obey one that came before', onPosix(), async (t) => {
  const mute = createServer(() => {}).listen(0, '127.0.0.1')
  t.teardown(() => mute.close())
  await once(mute, 'listening')
  const { port } = mute.address() as AddressInfo // it listens on a port
  const asking = once(mute, 'connection')
  const run = runProcess(t, process.execPath, [program, 'health', '--url', `http://127.0.0.1:${port}`])
  await asking
  run.child.kill('SIGTERM')
  t.strictSame(await run.exited, { code: null, signal: 'SIGTERM' })
  const script = `const { on } = process; process.on = (name, work) => {
    on.call(process, name, work)
    if (name === 'SIGINT') process.kill(process.pid, 'SIGTERM')
  }`
  const early = `data:text/javascript,${encodeURIComponent(script)}`
  const hasty = [process.execPath, '--import', early, program, 'health', '--url', `http://127.0.0.1:${port}`]
  const ends: (readonly [under: readonly string[], end: Exit])[] = [[[], { code: null, signal: 'SIGTERM' }]]
  if (!withoutNamespaces()) ends.push([inNamespace, { code: 143, signal: null }])
  for (const [under, end] of ends) {
    const [first = '', ...rest] = [...under, ...hasty]
    // What counts what is covered hears signals, too; process 1 ends as it would without.
    const setting = under.length > 0 ? counted : {}
    t.strictSame(await runProcess(t, first, rest, setting).exited, end, under.join(' '))
  }
})

t.test(
  'it starts beside a Kubernetes Service of its name, and says what it ignores; so does `health`',
  onPosix(),
  async (t) => {
    const env = { KOODRIVE_EMULATOR_PORT: 'tcp://10.96.12.3:4020' }
    const ignored = 'KOODRIVE_EMULATOR_PORT is ignored: "tcp://10.96.12.3:4020" is the address of a service and no port'
    const run = await startProcess(t, ['--db', ':memory:'], { env, counted: true })
    t.match(run.lines()[0], { level: 40, msg: ignored })
    t.strictSame(await run.stop(), done)
    const host = { KOODRIVE_EMULATOR_HOST: '127.0.0.254' } // where nothing listens
    const health = await runToEnd(t, ['health'], { env: { ...env, ...host }, counted: true })
    t.match(health, {
      code: 1,
      stderr: new RegExp(`^${ignored}\nhttp://127\\.0\\.0\\.254:4020/_emulator/health does not`),
    })
  },
)

t.test('`health` asks where the settings say that the emulator listens', onPosix(), async (t) => {
  for (const host of ['localhost', '::1', '0.0.0.0', '::']) {
    const run = await startProcess(t, ['--db', ':memory:', '--host', host])
    const env = { KOODRIVE_EMULATOR_HOST: host, KOODRIVE_EMULATOR_PORT: String(run.port) }
    t.match(await runToEnd(t, ['health'], { env, counted: host === '::' }), {
      code: 0,
      stdout: `${run.url}/_emulator/health is ok\n`,
    })
    t.strictSame(await run.stop(), done)
  }
  const wrong = await runToEnd(t, ['health'], { env: { KOODRIVE_EMULATOR_PORT: 'abc' } })
  t.match(wrong, { code: 2, stderr: /: KOODRIVE_EMULATOR_PORT takes a whole number from 0 to 65535, not "abc"\n$/ })
  const free = await runToEnd(t, ['health'], { env: { KOODRIVE_EMULATOR_PORT: '0' }, counted: true })
  t.match(free, { code: 2, stderr: /: health cannot know which port was free; name it with --url\n$/ })
})

const isOpen = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

t.test('--host localhost is served at 127.0.0.1 and ::1, on one port, and ends at both', onPosix(), async (t) => {
  const run = await startProcess(t, ['--db', ':memory:', '--host', 'localhost'], counted)
  t.equal(run.url, `http://localhost:${run.port}`)
  for (const address of ['127.0.0.1', '[::1]']) t.ok(await isHealthy(`http://${address}:${run.port}`), address)
  const waiting = connect(run.port, '::1')
  await once(waiting, 'connect')
  waiting.write('GET /_emulator/health HTTP/1.1\r\nhost: x\r\n\r\n')
  await received(waiting, (answer) => answer.includes('"status":"ok"'))
  const ended = received(waiting)
  t.strictSame(await run.stop(), done)
  t.equal(await ended, '', 'an idle connection does not hold it up')
  for (const address of ['127.0.0.1', '::1']) t.notOk(await isOpen(address, run.port), address)
  t.notMatch(run.stdout(), /"level":[56]0/)
})

/** An app of which only this is used. */
function appThat(bind: (host: string, port: number) => Promise<unknown>) {
  const server = createServer()
  const doors = new Set<Server>()
  const listen = ({ host, port }: { host: string; port: number }) => bind(host, port)
  t.teardown(() => [...doors].map((door) => door.close()))
  return { app: { doors, server: { server, listen } } as unknown as App, server, doors }
}

const failure = (code: string) => Object.assign(new Error(code), { code })

t.test('of the two addresses of localhost, the one or the other may be missing', async (t) => {
  const bound: unknown[] = []
  const one = appThat(async (host, port) => bound.push([host, port]))
  await bindBoth(one.app, ['127.0.0.1', '203.0.113.1'], 0)
  t.strictSame([bound.splice(0), one.doors.size], [[['127.0.0.1', 0]], 0], 'no IPv6')
  const other = appThat(async (host, port) => {
    bound.push(host)
    if (host !== '127.0.0.1') return
    await untilOpen(port)
    throw failure('EAFNOSUPPORT')
  })
  await bindBoth(other.app, ['203.0.113.1', '127.0.0.1'], 0).catch(() => undefined)
  const third = appThat(async (host) => {
    bound.push(host)
    if (host === '203.0.113.1') throw failure('EADDRNOTAVAIL')
  })
  bound.length = 0
  await bindBoth(third.app, ['203.0.113.1', '127.0.0.1'], 0)
  t.strictSame([bound, third.doors.size], [['203.0.113.1', '127.0.0.1'], 0], 'no IPv4')
})

async function untilOpen(port: number): Promise<void> {
  while (port !== 0 && !(await isOpen('127.0.0.1', port))) {}
}

t.test(
  'a port that is taken at one address of localhost is another one where any will do, else a mistake',
  async (t) => {
    const taken: number[] = []
    const busy = appThat(async (_host, port) => {
      if (taken.push(port) < 3) throw failure('EADDRINUSE')
    })
    await bindBoth(busy.app, ['127.0.0.1', '127.0.0.1'], 0)
    t.equal(taken.length, 3)
    t.equal(busy.doors.size, 1)
    const port = await closedPort()
    const refused = appThat(async () => Promise.reject(failure('EADDRINUSE')))
    await t.rejects(bindBoth(refused.app, ['127.0.0.1', '127.0.0.1'], port), { code: 'EADDRINUSE' })
    await untilRefused(port)
    const none = appThat(async () => Promise.reject(failure('EACCES')))
    await t.rejects(bindBoth(none.app, ['127.0.0.1', '203.0.113.1'], 0), { code: 'EACCES' })
    const first = createServer().listen(0, '127.0.0.1')
    t.teardown(() => first.close())
    await once(first, 'listening')
    const inUse = (first.address() as AddressInfo).port // it listens on a port
    await t.rejects(bindBoth(none.app, ['::1', '127.0.0.1'], inUse), { code: 'EADDRINUSE' })
  },
)

t.test('what comes to the second address is the server’s, as is what it turns away', async (t) => {
  const { app, server, doors } = appThat(async () => undefined)
  server.maxConnections = 1
  await bindBoth(app, ['127.0.0.1', '127.0.0.1'], 0)
  const [door] = doors
  const { port } = (door as Server).address() as AddressInfo // it is there, and listens on a port
  const arrived = once(server, 'connection')
  const dropped = once(server, 'drop')
  await openSocket(t, port)
  await openSocket(t, port)
  await arrived
  await dropped
})

t.test('no fake of a test reaches the clock and the timers of an emulator in its process', async (t) => {
  const script = fileURLToPath(new URL('fixtures/under-fakes.ts', import.meta.url))
  for (const [kind, order] of [
    ['by hand', 'before'],
    ['by hand', 'after'],
    ['by hand', 'started'],
    ['mock.timers', 'before'],
    ['mock.timers', 'started'],
    ['with nextTick', 'started'],
  ] as const) {
    const run = runProcess(t, process.execPath, [script, kind, order], counted)
    t.strictSame(await run.exited, done, `${kind}, ${order}: ${run.stderr()}`)
    const { off, late, health, closed } = JSON.parse(run.stdout())
    t.ok(off < 60_000, `${kind}, ${order}: its clock is ${off} ms off`)
    t.match([late.status, closed], [401, true], 'latency ends, and so does close()')
    t.ok(health.body.uptimeSeconds > 0 && health.body.uptimeSeconds < 60, `up for ${health.body.uptimeSeconds} s`)
  }
})
