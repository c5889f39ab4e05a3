import { readFileSync } from 'node:fs'
import { controlPath } from '../../schemas/control.ts'
import type { Exchange, Stub } from './exchange.ts'
import { backUp } from './exchange.ts'

/*
 * A whole test suite as a program of its own: so many tests one after the other, each with a world of its own and twenty calls.
 *
 * in-process MODULE · over-http URL · stubs MODULE FILE-OF-EXCHANGES BASE
 */

/** Says where the next test finds its world, and takes that away after it. */
type World = (test: number) => { readonly base: string; readonly end: () => unknown }

async function inProcess(module: string): Promise<World> {
  const { startEmulator }: typeof import('../../src/index.ts') = await import(module)
  const emulator = await startEmulator()
  return (test) => {
    const world = emulator.world(`test-${test}`)
    return { base: world.url, end: () => world.delete() }
  }
}

const overHttp =
  (url: string): World =>
  (test) => ({
    base: `${url}/worlds/test-${test}`,
    end: () => fetch(`${url}${controlPath}/worlds/test-${test}`, { method: 'DELETE' }).then((answer) => answer.text()),
  })

async function stubs(module: string, file: string, base: string): Promise<World> {
  const { stub }: { stub: Stub } = await import(module)
  const exchanges: Exchange[] = JSON.parse(readFileSync(file, 'utf8'))
  return () => ({ base, end: stub(base, exchanges) })
}

const kinds = { 'in-process': inProcess, 'over-http': overHttp, stubs } as const

const [kind = '', ...rest] = process.argv.slice(2)
const chosen = Object.entries(kinds).find(([name]) => name === kind)?.[1] as (
  ...args: string[]
) => World | Promise<World>

process.on('message', async (message: { readonly tests?: number }) => {
  const { tests } = message
  if (tests === undefined) return
  const world = await chosen(...rest)
  for (let test = 0; test < tests; test += 1) {
    const { base, end } = world(test)
    await backUp(base)
    await end()
  }
  process.send?.({ done: tests })
})
process.send?.({ ready: true })
