import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.ts'
import { succeed } from './place.ts'
import type { Trial } from './verdicts.ts'

/** What a test does to an emulator in its process while fakes are in place; throws where they reach it. */
const scenario = `
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { connect } from 'node:net'
import { json } from 'node:stream/consumers'
import { startEmulator } from 'koodrive-backup-emulator'

const { Date: RealDate } = globalThis
const portOf = ({ url }) => Number(new URL(url).port)

async function halfOpen(emulator) {
  const socket = connect(portOf(emulator), '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => {}).write('GET / HTTP/1.1\\r\\n')
}

const get = async (url) => (await once(http.get(url, { agent: false }), 'response'))[0]

/** Faked while it runs: its end comes, with a connection half open. */
export async function fakedLater(fake, real) {
  const emulator = await startEmulator()
  await halfOpen(emulator)
  fake()
  try {
    await emulator.close()
  } finally {
    real()
  }
}

/** Faked before it starts: it lives in real time. */
export async function fakedEarlier(fake, real) {
  fake()
  try {
    const emulator = await startEmulator()
    const world = emulator.world('w')
    assert.ok(Math.abs(Date.parse(world.clock.read().now) - new RealDate()) < 60_000, 'its clock is the real one')
    world.faults.add({ operations: '*', effect: { type: 'latency', ms: 20 } })
    assert.equal((await get(world.url + '/koodrive/ose/v1/backup/device')).statusCode, 401)
    const { uptimeSeconds } = await json(await get(emulator.url + '/_emulator/health'))
    assert.ok(uptimeSeconds > 0 && uptimeSeconds < 60, 'it is up for ' + uptimeSeconds)
    await halfOpen(emulator)
    await emulator.close()
  } finally {
    real()
  }
}
`

/** Each with its defaults; where these replace what Node's own servers need, they are spared that to start one. */
const tests = {
  'fakes.vitest.test.js': `
import { test, vi } from 'vitest'
import { fakedEarlier, fakedLater } from './scenario.js'
const now = new Date('2025-06-01')
test('later', () => fakedLater(() => vi.useFakeTimers({ now }), () => vi.useRealTimers()))
test('earlier', () => fakedEarlier(() => vi.useFakeTimers({ now }), () => vi.useRealTimers()))
`,
  'fakes.jest.test.js': `
import { jest } from '@jest/globals'
import { fakedEarlier, fakedLater } from './scenario.js'
const now = new Date('2025-06-01')
test('later', () => fakedLater(() => jest.useFakeTimers({ now }), () => jest.useRealTimers()))
const doNotFake = ['nextTick', 'queueMicrotask']
test('earlier', () => fakedEarlier(() => jest.useFakeTimers({ now, doNotFake }), () => jest.useRealTimers()))
`,
  'fakes.sinon.test.js': `
import { test } from 'node:test'
import sinon from 'sinon'
import { fakedEarlier, fakedLater } from './scenario.js'
const now = new Date('2025-06-01')
test('later', () => fakedLater(() => sinon.useFakeTimers({ now }), () => sinon.restore()))
const toFake = ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'hrtime', 'performance']
test('earlier', () => fakedEarlier(() => sinon.useFakeTimers({ now, toFake }), () => sinon.restore()))
`,
}

const commands: Readonly<Record<string, readonly [file: keyof typeof tests, command: string]>> = {
  vitest: ['fakes.vitest.test.js', 'npx vitest run fakes.vitest'],
  jest: ['fakes.jest.test.js', 'NODE_OPTIONS=--experimental-vm-modules npx jest --rootDir=. fakes.jest'],
  sinon: ['fakes.sinon.test.js', 'node --test fakes.sinon.test.js'],
}

/** One trial for each kind of fake timers. `place` has the package and the tools installed. */
export const fakeTrials = (place: Place): Trial[] =>
  Object.entries(commands).map(([kind, [file, command]]) => ({
    what: `fake timers of ${kind}: do not reach the emulator`,
    make: async () => {
      const folder = join(place.folder, `fakes-${kind}`)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
      writeFileSync(join(folder, 'scenario.js'), scenario)
      writeFileSync(join(folder, file), tests[file])
      await succeed({ ...place, folder }, 'sh', ['-c', command])
      return undefined
    },
  }))
