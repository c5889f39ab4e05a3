import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../test/fixtures/process.ts'
import { ask, bind, call, jsonOf } from './client.ts'
import type { Fleet } from './fleet.ts'
import { pause, startShards, withHaproxy } from './fleet.ts'
import { check, need } from './machine.ts'
import type { Stage } from './stage.ts'
import { populate } from './stage.ts'

/** What the metrics count is what the journal holds. */
export async function measured({ folder, cleanup }: Stage): Promise<string> {
  need('promtool')
  const [shard] = await startShards(join(folder, 'measured'), cleanup, [], 1)
  const url = String(shard?.url)
  for (let index = 0; index < 20; index += 1) await bind(url, 't1', `d${index}`)
  await call(url, 't1', '/nowhere')
  await call(url, 't1', '/device', { headers: { 'x-user-id': 'a b' } })
  const { body } = await ask(url, '/_emulator/metrics')
  check('promtool', ['check', 'metrics'], body.toString())
  const { requests } = jsonOf(await ask(url, '/_emulator/worlds/t1/requests'))
  const counts = new Map<string, number>()
  for (const { operation, status, code } of requests as { operation: string | null; status: number; code: number }[]) {
    const labels = `operation="${operation ?? 'other'}",status="${status}",code="${code}"`
    counts.set(labels, (counts.get(labels) ?? 0) + 1)
  }
  for (const [labels, count] of counts) {
    const line = `koodrive_emulator_requests_total{${labels}} ${count}\n`
    assert.ok(body.includes(line), line)
  }
  await shard?.stop('SIGKILL')
  return `${counts.size} series equal the journal.`
}

export async function tokens({ folder, cleanup }: Stage): Promise<string> {
  need('haproxy')
  const file = join(folder, 'tokens')
  writeFileSync(file, 'old-token\nnew-token\n')
  const shards = await startShards(join(folder, 'tokens-park'), cleanup, ['--control-token-file', file])
  const teams = join(folder, 'teams.map')
  writeFileSync(teams, 'token-of-a team-a\ntoken-of-b team-b\n')
  const page = readFileSync(join(root, 'docs/fleet/haproxy.md'), 'utf8')
  const [lines = ''] = /(?<=```text\n) {2}acl control.*?(?=```)/s.exec(page) ?? []
  const before = lines
    .replace('teams.map', teams)
    .replace('del-header Authorization', 'set-header Authorization "Bearer new-token"')
  const plain = await withHaproxy(folder, cleanup, shards)
  const guarded = await withHaproxy(folder, cleanup, shards, before)
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  const a = '/_emulator/worlds/team-a.t1'
  for (const [base, target, authorization, status] of [
    [plain.url, a, undefined, 401],
    [plain.url, a, 'Bearer third', 401],
    [plain.url, a, 'Bearer old-token', 201],
    [plain.url, a, basic('anybody:new-token'), 200],
    [guarded.url, a, undefined, 401],
    [guarded.url, a, 'Bearer new-token', 401],
    [guarded.url, a, 'Bearer token-of-b', 403],
    [guarded.url, a, 'Bearer token-of-a', 200],
    [guarded.url, '/_emulator/worlds/%74eam-a.t1', 'Bearer token-of-b', 403],
    [guarded.url, `/worlds/team-b.x${a}`, 'Bearer token-of-b', 403],
    [guarded.url, `/%5Femulator/worlds/team-a.t1`, 'Bearer token-of-b', 403],
    [guarded.url, '/_emulator/worlds/team-b.t1', 'Bearer token-of-b', 201],
  ] as const) {
    const headers = authorization === undefined ? {} : { authorization }
    const reply = await ask(base, target, { method: 'PUT', headers, body: {} })
    assert.equal(reply.status, status, `${target} with ${authorization}: ${reply.body}`)
  }
  const listed = await ask(guarded.url, '/_emulator/worlds?group=team-a', {
    headers: { authorization: 'Bearer token-of-b' },
  })
  assert.equal(listed.status, 403, 'nor are the worlds of another team listed')
  for (const path of ['health', 'ready']) assert.equal((await ask(guarded.url, `/_emulator/${path}`)).status, 200, path)
  assert.equal((await call(guarded.url, 'team-a.t1', '/device')).status, 200, 'the emulated API is open')
  await Promise.all(shards.map((shard) => shard.stop('SIGKILL')))
  return ''
}

export async function canaries(fleet: Fleet): Promise<string> {
  const [name] = await populate(fleet.url, 1)
  const headers = {
    authorization: 'Bearer canary-token',
    'x-request-id': 'canary id with spaces',
    traceparent: 'canary-trace',
    'x-forwarded-for': 'canary-address',
    cookie: 'session=canary-cookie',
  }
  await call(fleet.url, name ?? '', '/device', { headers })
  await call(fleet.url, name ?? '', '/device?token=canary-query', { headers })
  await ask(fleet.url, `/_emulator/worlds/${name}`, { headers })
  await ask(fleet.url, `/_emulator/worlds/${name}/tokens`, {
    method: 'POST',
    body: { userId: 'u', token: 'canary-issued' },
  })
  await pause(200)
  const emulators = fleet.shards.map((shard) => shard.log()).join('\n')
  assert.ok(emulators.includes('/device'), 'there are logs')
  assert.ok(!emulators.includes('canary'), 'in the emulators’ logs')
  const proxy = fleet.proxyLog()
  assert.ok(proxy.includes('/device'), 'the proxy logs')
  const lines = proxy.split('\n').filter((line) => line.includes('canary'))
  assert.deepEqual(
    lines.filter((line) => !line.includes('"requestId":"canary id with spaces"') || /canary-/.test(line)),
    [],
    'in the proxy’s log',
  )
  return ''
}
