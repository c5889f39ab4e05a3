import assert from 'node:assert/strict'
import type { effects } from '../../schemas/control-faults.ts'
import { ask, call, jsonOf } from './client.ts'
import type { Fleet } from './fleet.ts'
import { allThere, holdersOf, populate } from './stage.ts'

type EffectName = keyof typeof effects

/** Every effect that there is, as it is ordered. */
const ills: Readonly<Record<EffectName, object>> = {
  latency: { ms: 2 },
  refuse: { error: 'internal' },
  throttle: {},
  gateway: { code: 'APIGW.0201' },
  html: { status: 502 },
  redirect: { status: 302, location: 'https://elsewhere.example/' },
  reset: {},
  loseAnswer: {},
  truncate: { bytes: 5 },
  slow: { bytesPerSecond: 100_000 },
  failItems: { indexes: [0], errorCode: '13990001' },
  meanwhile: { advance: 'PT1M' },
}

const times = 50

/** One world is ill in every way; the others of its shard are as they were. */
export async function neighbours(fleet: Fleet): Promise<string> {
  const names = await populate(fleet.url, 12)
  const held = await Promise.all(names.map((name) => holdersOf(fleet, name)))
  const [place] = held[0] ?? []
  const [ill = '', ...others] = names.filter((_, index) => held[index]?.[0] === place)
  for (const type of Object.keys(ills) as EffectName[]) {
    await suffer(fleet.url, ill, type)
    await allThere(fleet.url, others)
  }
  await allThere(fleet.url, names)
  return `${Object.keys(ills).length} effects, ${times} times each, beside ${others.length} worlds of the same shard.`
}

async function suffer(base: string, world: string, type: EffectName): Promise<void> {
  const faults = `/_emulator/worlds/${world}/faults`
  const call = await callOf(base, world, type)
  const fault = { operations: '*', effect: { type, ...ills[type] } }
  const made = await ask(base, faults, { method: 'POST', body: fault })
  assert.equal(made.status, 201, `${type}: ${made.body}`)
  for (let count = 0; count < times; count += 1) await call()
  const { faults: [counted] = [] } = jsonOf(await ask(base, faults)) as { faults?: { hits: number }[] }
  assert.equal(counted?.hits, times, `${type} fires each time`)
  await ask(base, faults, { method: 'DELETE' })
}

/** A call that the effect can act on; only a batch has items. */
async function callOf(base: string, world: string, type: EffectName): Promise<() => Promise<unknown>> {
  if (type !== 'failItems') return () => call(base, world, '/device')
  const { data } = jsonOf(await call(base, world, '/device')) as { data: { deviceId: string }[] }
  const body = { moduleCode: '102', scopeList: [{ localPath: '/a', targetFolderPath: '/b' }] }
  return () => call(base, world, `/device/${data[0]?.deviceId}/scope`, { method: 'POST', body })
}
