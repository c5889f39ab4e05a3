import t from 'tap'
import { contracts } from '../schemas/index.ts'
import type { Operation } from '../schemas/operation.ts'
import { catalogue, refuse } from '../src/errors.ts'
import { rawRefusal } from '../src/http/envelope.ts'
import { emulatorFor, exampleDevice } from './fixtures/emulator.ts'

/*
 * What is common to operations beside their headers (headers.test.ts) and HTTP itself (wire.test.ts).
 */

/** A value for every mandatory parameter that stands beside a module code. */
const values: Readonly<Record<string, unknown>> = {
  deviceId: exampleDevice,
  scopeList: [{ localPath: '/a' }],
  configName: 'a',
  currentConfigValue: 'a',
  newConfigValue: 'a',
  pageSize: 1,
}

/** The operations that take a module code, and in which part of the request. */
const ofModules = Object.values<Operation>(contracts).flatMap((contract) =>
  (['body', 'query'] as const)
    .filter((part) => contract[part]?.properties['moduleCode'])
    .map((part) => ({ contract, part, schema: contract[part] })),
)

t.equal(ofModules.length, 8)
const { call, world } = await emulatorFor(t)

for (const { contract, part, schema } of ofModules) {
  t.test(`COM-7: ${contract.id} takes the modules 100, 101 and 102, and none beside`, async (t) => {
    const path = contract.path.replace('{deviceId}', exampleDevice)
    const known = Object.entries(values).filter(([name]) => schema?.required?.includes(name))
    const ask = (moduleCode: string) => {
      const sent = { moduleCode, ...Object.fromEntries(known) }
      const query = new URLSearchParams(
        Object.entries(sent).map(([name, value]): [string, string] => [name, `${value}`]),
      )
      return call({
        method: contract.method,
        path: part === 'query' ? `${path}?${query}` : path,
        headers: { 'x-backup-lock-id': 'any' },
        ...(part === 'body' && { body: sent }),
      })
    }
    for (const moduleCode of ['100', '101', '102']) t.not((await ask(moduleCode)).json().code, 13000102, moduleCode)
    for (const moduleCode of ['99', '099', '103', '0100', '']) {
      const response = await ask(moduleCode)
      t.same(response.json(), { code: 13000102, msg: 'Verify parameters failed.' }, moduleCode)
      t.match(response.headers['x-emulator-reason'], /moduleCode is .*; expected one of "100", "101", "102" \[COM-7\]$/)
    }
  })
}

t.test(
  'COM-11 COM-12 DEC-11: success is 200, what a contract or a rule refuses 400, no authorization 401',
  async (t) => {
    const body = { moduleCode: '102', scopeList: [{ localPath: '/a' }] }
    const wrong = {
      moduleCode: '102',
      configName: 'backend_backup_switch',
      currentConfigValue: 'a',
      newConfigValue: 'a',
    }
    for (const [status, code, response] of [
      [200, 0, await call({ body })],
      [400, 13000102, await call({ body: {} })],
      [400, 13990409, await call({ method: 'PATCH', path: `/device/${exampleDevice}/config`, body: wrong })],
      [401, 13990401, await call({ body, headers: { authorization: undefined } })],
    ] as const) {
      t.equal(response.statusCode, status)
      t.equal(response.json().code, code)
      t.type(response.json().msg, 'string')
      if (code !== 0) t.same(Object.keys(response.json()), ['code', 'msg'])
    }
  },
)

/** The codes of the appendix that fit this API, with the English message where it was seen. */
const appendix = new Map([
  [13000101, 'Bad Request'],
  [13000102, 'Verify parameters failed.'],
  [13000201, 'inner server invoke failure'],
  [13000301, undefined],
  [13000309, undefined],
  [13000311, 'Insufficient space.'],
  [13000402, undefined],
  [13000405, 'Duplicate file name.'],
  [13000410, undefined],
  [13000412, undefined],
])

t.test(
  'COM-13 DEC-12 DEC-13: every refusal has a documented code and its message, or one of the own block',
  async (t) => {
    const entries = Object.entries(catalogue)
    const own = entries.filter(([, { code }]) => code >= 13_990_000 && code <= 13_990_999)
    for (const [key, { code, msg }] of entries.filter((entry) => !own.includes(entry))) {
      t.ok(appendix.has(code), `${key}: ${code}`)
      t.equal(appendix.get(code) ?? msg, msg, key)
    }
    for (const code of appendix.keys()) t.ok(code < 13_990_000, 'no documented code lies in the own block')
    for (const subject of [/^value/, /^scope/, /Scopes$/, /^lock/, /^record/]) {
      t.ok(own.some(([key]) => subject.test(key)))
      for (const [key] of entries.filter(([name]) => subject.test(name))) {
        t.ok(
          own.some(([name]) => name === key),
          `no documented code is specific to ${key}`,
        )
      }
    }
    t.equal(new Set(own.map(([, { code }]) => code)).size, own.length, 'no two of the own block are the same')
  },
)

t.test('DEC-15: a reason is at most 512 characters of printable ASCII', async (t) => {
  for (const [reason, shown] of [
    ['x'.repeat(511), 'x'.repeat(511)],
    ['x'.repeat(512), 'x'.repeat(512)],
    ['x'.repeat(513), 'x'.repeat(512)],
    ['\u00e9\r\n\u007f~ ', '????~ '],
  ] as const) {
    const refusal = rawRefusal(world, refuse('invalid', reason))
    t.equal(refusal.reason, shown)
    t.match(refusal.answer, `\r\nx-emulator-reason: ${shown}\r\n`)
  }
})
