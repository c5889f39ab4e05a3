import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import { after, before, test } from 'node:test'
import type { StartedTestContainer } from 'testcontainers'
import { GenericContainer, Wait } from 'testcontainers'

let container: StartedTestContainer
let base: string

before(async () => {
  container = await new GenericContainer('koodrive-backup-emulator')
    .withEnvironment({ KOODRIVE_EMULATOR_DB: ':memory:', KOODRIVE_EMULATOR_DEVICES: 'strict' })
    .withExposedPorts(4020)
    .withWaitStrategy(Wait.forHttp('/_emulator/health', 4020).forStatusCode(200))
    .start()
  base = `http://${container.getHost()}:${container.getMappedPort(4020)}`
})

after(() => container.stop())

async function send(method: string, url: string, body?: object, headers?: Record<string, string>) {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  })
  return JSON.parse((await response.text()) || 'null')
}

// A world of its own for one test, gone when the test ends. `api` stands for your client.
async function worldFor(t: TestContext) {
  const name = randomUUID()
  const dial = (method: string, path = '', body?: object) =>
    send(method, `${base}/_emulator/worlds/${name}${path}`, body)
  const api = (method: string, path: string, body?: object, headers?: Record<string, string>) =>
    send(method, `${base}/worlds/${name}/koodrive/ose/v1/backup${path}`, body, {
      authorization: 'Bearer any-token',
      'x-user-id': '1001',
      'x-date': new Date().toISOString().replace(/[-:]|\.\d{3}/g, ''),
      ...headers,
    })
  await dial('PUT')
  t.after(() => dial('DELETE'))
  return { api, dial }
}

test('a device that was never bound is refused', async (t) => {
  const { api } = await worldFor(t)
  assert.equal((await api('GET', '/device/mistyped/scope?moduleCode=100')).code, 13000309)
})

test('a lock is lost after ten minutes', async (t) => {
  const { api, dial } = await worldFor(t)
  const { lockId } = (await api('POST', '/lock', { moduleCode: '100' })).data
  await dial('PATCH', '/clock', { advance: 'PT10M' })
  assert.equal((await api('PATCH', '/lock', undefined, { 'x-backup-lock-id': lockId })).code, 13990424)
})

test('the client sends nothing that nobody reads', async (t) => {
  const { api, dial } = await worldFor(t)
  await api('POST', '/device', { machineCode: 'LAPTOP1' })
  assert.deepEqual((await dial('GET', '/review')).findings, [])
})
