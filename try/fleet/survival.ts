import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { readArchive } from '../../src/archive/reading.ts'
import { closedPort } from '../../test/fixtures/wire.ts'
import { bind, call, devicesIn, lost } from './client.ts'
import type { Fleet } from './fleet.ts'
import { pause, Shard, startShards, withHaproxy } from './fleet.ts'
import { need } from './machine.ts'
import type { Stage } from './stage.ts'
import { allThere, holdersOf, populate } from './stage.ts'

/** One shard is killed; what it had is refused, loudly, and nothing else changes. */
export async function killed(fleet: Fleet): Promise<string> {
  const names = await populate(fleet.url, 30)
  const held = await Promise.all(names.map((name) => holdersOf(fleet, name)))
  const away = names.filter((_, index) => held[index]?.includes(1))
  const kept = names.filter((name) => !away.includes(name))
  assert.ok(away.length > 0 && kept.length > 0)
  await fleet.shards[1]?.stop('SIGKILL')
  await allThere(fleet.url, kept)
  const answers = await Promise.all(away.map((name) => call(fleet.url, name, '/device')))
  for (const { status, body } of answers)
    assert.deepEqual([status, JSON.parse(`${body}`).error_code], [503, 'APIGW.0201'])
  await fleet.shards[1]?.start()
  for (const name of away) assert.match(String(await devicesIn(fleet.url, name)), /^503 .*13990504/, name)
  await allThere(fleet.url, kept)
  return `${away.length} worlds of 30.`
}

const mostTries = 10

const isRepeatable = (answer: string[] | string): boolean =>
  answer === lost || (typeof answer === 'string' && /^503 .*"APIGW\.0201"/.test(answer))

/**
 * Every answer is checked against what its client wrote before. A request that meets a connection, or a port, at the instant
 * when it is closed has no answer; it is sent again, as HTTP asks of clients, and counted. So is one that the proxy answered in
 * place of a shard that was away for longer than it waits, as on a busy machine. Half of the clients keep their connections.
 */
export async function underTraffic({ url, shards }: Fleet): Promise<string> {
  const names = await populate(url, 24)
  const kept = new http.Agent({ keepAlive: true })
  const seen = { isOver: false, answers: 0, again: 0, away: 0, slowest: 0, wrong: [] as string[] }
  const client = async (own: readonly string[], agent?: http.Agent) => {
    for (let turn = 0; !seen.isOver; turn += 1) {
      const name = own[turn % own.length] ?? ''
      const started = Date.now()
      let devices = await devicesIn(url, name, agent)
      for (let tries = 1; tries < mostTries && isRepeatable(devices); tries += 1) {
        seen[devices === lost ? 'again' : 'away'] += 1
        devices = await devicesIn(url, name)
      }
      seen.slowest = Math.max(seen.slowest, Date.now() - started)
      seen.answers += 1
      if (JSON.stringify(devices) !== JSON.stringify([name])) seen.wrong.push(`${name}: ${devices}`)
    }
  }
  const parts = Array.from({ length: 8 }, (_, index) => names.filter((_name, place) => place % 8 === index))
  const clients = parts.map((own, index) => (index % 2 === 0 ? client(own) : client(own, kept)))
  for (let round = 0; round < 3; round += 1) {
    for (const shard of shards) {
      await pause(300)
      await shard.stop()
      await shard.start()
    }
  }
  seen.isOver = true
  await Promise.all(clients)
  kept.destroy()
  assert.deepEqual(seen.wrong, [])
  assert.ok(seen.answers > 100, `${seen.answers}`)
  return `${seen.answers} answers, ${seen.again} requests without an answer and ${seen.away} answered by the proxy alone and sent again, the slowest after ${seen.slowest} ms.`
}

/** All stop, their number is another, all start. */
export async function moved({ folder, cleanup }: Stage): Promise<string> {
  need('haproxy')
  const own = join(folder, 'moved')
  let names: string[] = []
  for (const count of [3, 4, 2]) {
    const shards = await startShards(own, cleanup, ['--new-worlds', 'declared'], count)
    const { url } = await withHaproxy(folder, cleanup, shards)
    if (count === 3) names = await populate(url, 60)
    else await allThere(url, names)
    await Promise.all(shards.map((shard) => shard.stop()))
  }
  return '60 worlds, from three shards to four to two.'
}

const slices = <One>(all: readonly One[], size: number): One[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size))

/** Two processes are asked for the same worlds at once. */
export async function takenOnce({ folder, cleanup }: Stage): Promise<string> {
  const [writer, ...others] = await startShards(join(folder, 'once'), cleanup, ['--max-worlds', '2000'])
  const names = Array.from({ length: 1000 }, (_, index) => `w${index}`)
  for (const some of slices(names, 20)) await Promise.all(some.map((name) => bind(String(writer?.url), name, name)))
  await writer?.stop()
  const agent = new http.Agent({ keepAlive: true, maxSockets: 20 })
  const found = await Promise.all(
    names.map((name) => Promise.all(others.map(({ url }) => devicesIn(url, name, agent)))),
  )
  agent.destroy()
  for (const [index, both] of found.entries()) {
    const taken = both.filter((devices) => devices.length === 1 && devices[0] === names[index])
    assert.equal(taken.length, 1, `${names[index]}: ${JSON.stringify(both)}`)
  }
  await Promise.all(others.map((shard) => shard.stop('SIGKILL')))
  return ''
}

export async function killedWhileParking({ folder, cleanup }: Stage): Promise<string> {
  let [whole, rounds] = [0, 0]
  for (; rounds < 8; rounds += 1) {
    const own = join(folder, `torn-${rounds}`)
    const park = join(own, 'park')
    const shard = new Shard(await closedPort(), ['--db', ':memory:', '--park', park], cleanup)
    await shard.start()
    await Promise.all(Array.from({ length: 60 }, (_, index) => bind(shard.url, `w${index}`, `w${index}`)))
    shard.signal('SIGTERM')
    while (readdirSync(park).length === 0) await pause(0)
    await pause(rounds * 6)
    await shard.stop('SIGKILL')
    const files = readdirSync(park).filter((file) => file.endsWith('.kwa'))
    for (const file of files) assert.equal(readArchive([readFileSync(join(park, file))]).name, file.replace('.kwa', ''))
    whole += files.length
  }
  return `${rounds} kills, ${whole} files, each whole.`
}
