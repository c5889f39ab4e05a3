import { Value } from '@sinclair/typebox/value'
import type { LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { contracts } from '../schemas/index.ts'
import type { Operation } from '../schemas/operation.ts'
import { answerOf } from '../schemas/operation.ts'
import { catalogue } from '../src/errors.ts'
import type { Example } from '../src/openapi/examples.ts'
import { examples } from '../src/openapi/examples.ts'
import type { TestEmulator } from './fixtures/emulator.ts'
import { emulatorFor, exampleUser } from './fixtures/emulator.ts'
import { titleOf } from './fixtures/examples.ts'

type Texts = Readonly<Record<string, string>>

const lockHeader = (lockId: string | undefined): Texts => (lockId === undefined ? {} : { 'x-backup-lock-id': lockId })

/** Makes what an example finds there. */
async function prepare({ world, call, time }: TestEmulator, { lockId, record }: Example): Promise<void> {
  if (lockId !== undefined) world.store.locks.put(exampleUser, lockId.slice(-3), lockId, time.now + 600_000)
  if (record === undefined) return
  const response = await call({ path: '/record', body: record, headers: lockHeader(lockId) })
  t.equal(response.statusCode, 200)
}

function send({ call }: TestEmulator, example: Example): Promise<LightMyRequestResponse> {
  const { operation, params = {}, query, body, lockId } = example
  const { method, path } = contracts[operation]
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '')
  const headers = { authorization: 'Bearer+60f4ccc7b1********3dd9a68068', ...lockHeader(lockId) }
  return call({ method, path: query ? `${filled}?${new URLSearchParams(query)}` : filled, body, headers })
}

/** The text at a JSON pointer of a parsed answer. */
function textAt(document: unknown, pointer: string): string {
  const names = pointer.split('/').slice(1)
  return String(names.reduce((value, name) => Object(value)[name], document))
}

t.ok(examples.length > 0)
for (const example of examples) {
  const { page, operation, at, answer, varies = [] } = example
  t.test(titleOf(example), async (t) => {
    for (const devices of ['adopt', 'strict']) {
      const emulator = await emulatorFor(t, { devices })
      emulator.time.now = Date.parse(at)
      await prepare(emulator, example)
      const response = await send(emulator, example)
      t.equal(response.statusCode, 200)
      const asPrinted = varies.reduce((text, pointer) => {
        const [random, printed] = [textAt(response.json(), pointer), textAt(answer, pointer)]
        t.not(random, printed, `${pointer} varies indeed`)
        return text.replace(random, printed)
      }, response.body)
      t.equal(asPrinted, JSON.stringify(answer))
    }
  })

  t.test(`COM-8 COM-9: what "${page}" prints fits its contract, and so does every part of the request`, async (t) => {
    const { params, query, body }: Operation = contracts[operation]
    t.same([...Value.Errors(answerOf(contracts[operation]), answer)], [])
    for (const [schema, part] of [
      [params, example.params],
      [body, example.body],
    ] as const) {
      t.equal(schema === undefined, part === undefined)
      if (schema) t.same([...Value.Errors(schema, part)], [])
    }
    t.same(Object.keys(example.query ?? {}), query?.['required'] ?? [])
  })
}

t.test('every fact that quotes an example has one', async (t) => {
  const quoting = ['SCO-1', 'SCO-6', 'CFG-5', 'DEV-3', 'LOC-1', 'REC-3', 'REC-5', 'FIL-2']
  const cited = new Set(examples.flatMap(({ facts }) => facts))
  for (const fact of quoting) t.ok(cited.has(fact), fact)
})

t.test('COM-12: the documented error body is the catalogue’s', async (t) => {
  const { code, msg } = catalogue.internal
  t.equal(JSON.stringify({ code, msg }), '{"code":13000201,"msg":"inner server invoke failure"}')
})

t.test('COM-2 COM-4: the documented header values are taken', async (t) => {
  const emulator = await emulatorFor(t)
  emulator.time.now = Date.parse('2025-11-03T07:01:40.000Z')
  const headers = { authorization: 'Bearer+60f4ccc7b1********3dd9a68068', 'x-date': '20251103T070140Z' }
  t.equal((await emulator.call({ method: 'GET', path: '/device', headers })).json().code, 0)
})
