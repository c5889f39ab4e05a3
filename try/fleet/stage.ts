import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { Cleanup } from '../place.ts'
import { ask, bind, devicesIn, jsonOf } from './client.ts'
import type { Fleet } from './fleet.ts'
import { startShards, withHaproxy } from './fleet.ts'
import { need } from './machine.ts'

/** Where trials are made. */
export interface Stage {
  readonly folder: string
  readonly cleanup: Cleanup
}

/** Three emulators behind haproxy, which end with the work. */
export async function withFleet<Result>(
  { folder, cleanup }: Stage,
  name: string,
  work: (fleet: Fleet) => Promise<Result>,
  args: readonly string[] = ['--new-worlds', 'declared'],
): Promise<Result> {
  need('haproxy')
  const shards = await startShards(join(folder, name), cleanup, args)
  try {
    return await work(await withHaproxy(folder, cleanup, shards))
  } finally {
    await Promise.all(shards.map((shard) => shard.stop('SIGKILL')))
  }
}

export async function declare(base: string, world: string): Promise<void> {
  const { status, body } = await ask(base, `/_emulator/worlds/${world}`, { method: 'PUT', body: {} })
  assert.ok(status === 200 || status === 201, `${world}: ${status} ${body}`)
}

/** Worlds with a device each, by which they are known again. */
export async function populate(base: string, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `g${index}`)
  for (const name of names) {
    await declare(base, name)
    await bind(base, name, name)
  }
  return names
}

/** Which of the shards have a world in memory, asked one by one. */
export async function holdersOf({ shards }: Fleet, world: string): Promise<number[]> {
  const lists = await Promise.all(shards.map(({ url }) => ask(url, '/_emulator/worlds')))
  return lists.flatMap((list, index) => {
    const worlds = jsonOf(list)['worlds'] as { name: string }[] // as the contract says
    return worlds.some(({ name }) => name === world) ? [index] : []
  })
}

export async function allThere(base: string, names: readonly string[]): Promise<void> {
  for (const name of names) assert.deepEqual(await devicesIn(base, name), [name], name)
}
