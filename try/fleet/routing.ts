import assert from 'node:assert/strict'
import { join } from 'node:path'
import fc from 'fast-check'
import { basePath } from '../../schemas/common.ts'
import { program, runProcess } from '../../test/fixtures/process.ts'
import { compare } from './alike.ts'
import { ask, honest } from './client.ts'
import type { Fleet } from './fleet.ts'
import { startShards, withHaproxy, withNginx } from './fleet.ts'
import { need } from './machine.ts'
import type { Stage } from './stage.ts'
import { declare, holdersOf } from './stage.ts'

/** What a proxy answers otherwise than the emulator itself, and why that is so. */
const differences = {
  haproxy: { 'no HTTP': 'refused by the proxy', 'a head above 16 KiB': 'refused by the proxy' },
  nginx: {
    'no HTTP': 'refused by the proxy',
    'a broken percent-encoding': 'refused by the proxy',
    'no Host': 'refused by the proxy',
  },
} as const

/** Every route, direct and through a proxy. */
export async function alike({ folder, cleanup }: Stage, proxy: keyof typeof differences): Promise<string> {
  need(proxy)
  const shards = await startShards(join(folder, proxy), cleanup)
  const [direct] = await startShards(join(folder, `${proxy}-direct`), cleanup, [], 1)
  const { url } = await (proxy === 'nginx' ? withNginx : withHaproxy)(folder, cleanup, shards)
  try {
    return await compare(String(direct?.url), url, differences[proxy])
  } finally {
    for (const shard of [direct, ...shards]) await shard?.stop('SIGKILL')
  }
}

export async function verified({ cleanup }: Stage, { url }: Fleet): Promise<string> {
  await declare(url, 'kit')
  const runs = [url, `${url}/worlds/kit`].map((target) => {
    const args = [program, 'verify', '--target', target, '--user', '1505084218764547200']
    return runProcess(cleanup, process.execPath, args, { env: { KOODRIVE_TOKEN: 'any-token' } })
  })
  for (const run of runs) {
    const { code } = await run.exited
    assert.equal(code, 0, run.stdout() + run.stderr())
  }
  return ''
}

const letters = fc.constantFrom(...'abzAZ019-_.')
const worldName = fc
  .tuple(fc.constantFrom('a', 'Q', '7', '_'), fc.array(letters, { maxLength: 12 }))
  .map(([first, rest]) => first + rest.join(''))

/** However a name is spelt, the shard that the proxy chose is the one that has the world. */
export async function routed(fleet: Fleet): Promise<string> {
  let asked = 0
  await fc.assert(
    fc.asyncProperty(worldName, fc.nat(4), async (world, digits) => {
      await declare(fleet.url, world)
      for (const [target, headers] of spellings(fleet.url, world, digits)) {
        const { status, body } = await ask(fleet.url, target, { headers })
        assert.equal(status, 200, `${world} as ${target}: ${body}`)
        asked += 1
      }
      assert.equal((await holdersOf(fleet, world)).length, 1, `${world} is in one shard`)
    }),
    { numRuns: 40 },
  )
  return `${asked} spellings.`
}

function spellings(base: string, world: string, digits: number) {
  const spelt = (sign: string, index: number) => (index % 5 === digits ? `%${sign.charCodeAt(0).toString(16)}` : sign)
  const escaped = [...world].map(spelt).join('')
  const device = `${basePath}/device`
  const header = { 'x-emulator-world': world }
  return [
    [`/_emulator/worlds/${world}/clock`, {}],
    [`/_emulator/worlds/${escaped}/clock`, {}],
    [`/%5f%65mulator/worlds/${escaped}/clock`, {}],
    [`/worlds/elsewhere/_emulator/worlds/${world}/clock`, {}],
    [`/_emulator/worlds/${world}/clock`, { 'x-emulator-world': 'elsewhere' }],
    [`${base}/_emulator/worlds/${world}/clock`, {}],
    [`/worlds/${world}${device}`, honest()],
    [device, { ...honest(), ...header }],
    [`/worlds/${world}${device}`, { ...honest(), ...header }],
    [`${base}/worlds/${world}${device}`, honest()],
  ] as const
}
