import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A program to be measured: its own arguments for Node, given a port and a folder of its own for whatever it writes. */
export interface Program {
  readonly name: string
  readonly args: (port: number, folder: string) => readonly string[]
}

export interface Usage {
  /** CPU time so far, in microseconds. */
  readonly cpu: number
  /** Resident memory, in bytes. */
  readonly rss: number
}

export interface Running {
  readonly url: string
  readonly pid: number
  usage(): Promise<Usage>
  /** What the program answers to a message of one's own. */
  ask(message: object): Promise<unknown>
  stop(): Promise<void>
}

const reporter = new URL('usage.js', import.meta.url).href

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return address.port
}

async function listens(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1')
    const [event] = await Promise.race([
      once(socket, 'connect').then(() => ['connect']),
      once(socket, 'close').then(() => ['close']),
    ]).catch(() => ['close'])
    socket.destroy()
    if (event === 'connect') return
    await wait(20)
  }
  throw new Error(`it ended with status ${child.exitCode} before it listened`)
}

/**
 * Starts a program in a process of its own, its output in a file as a service's would be, and waits until it listens or, if it
 * is no server, sends a first message.
 */
export async function run({ name, args }: Program, { isServer = true } = {}): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const port = await freePort()
  const output = openSync(join(folder, 'output.log'), 'w')
  const child = spawn(process.execPath, ['--import', reporter, ...args(port, folder)], {
    cwd: folder,
    stdio: ['ignore', output, output, 'ipc'],
  })
  closeSync(output)
  const ended = once(child, 'exit')
  const ask = async (message: object | string): Promise<unknown> => {
    child.send(message)
    const [answer] = await once(child, 'message')
    return answer
  }
  try {
    await (isServer ? listens(port, child) : once(child, 'message'))
  } catch (error) {
    throw new Error(`${name}: ${error}\n${execFileSync('tail', ['-5', join(folder, 'output.log')])}`)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    usage: async () => (await ask('usage')) as Usage, // from usage.js
    ask,
    async stop() {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Resident memory of a process that carries nothing of ours, in bytes. */
export const residentBytes = (pid: number): number =>
  1024 * Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }))
