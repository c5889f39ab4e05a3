import type { TSchema } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { headers, PathId } from '../schemas/common.ts'
import { contracts } from '../schemas/index.ts'
import type { Operation } from '../schemas/operation.ts'
import { catalogue, refuse } from '../src/errors.ts'
import { rawRefusal } from '../src/http/envelope.ts'
import { strangeCharacter } from '../src/http/strange-character.ts'
import { compileDefect } from '../src/http/validation.ts'
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
  [13000401, undefined],
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

t.test('of a text that does not match its pattern, the character that cannot stand there is told', async (t) => {
  const told = (schema: TSchema, text: string, where = 'body/a') =>
    compileDefect(schema, where)(text)?.replace(/;.*$/s, '').replace(`${where} is `, '')
  const body = ({ body }: Operation, name: string): TSchema => Object(body?.properties[name])
  const fileName = body(contracts.createBackupFile, 'fileName')
  const localPath = Object(body(contracts.batchAddBackupScope, 'scopeList')['items']).properties.localPath
  const instant = { ...Type.String({ pattern: '^\\d{4}-\\d{2}(\\.\\d{1,3})?Z$' }) }
  const lockId = Type.String({ pattern: '^[0-9a-f]{2}(-[0-9a-f]{2}){2,3}@10[0-2]$' })
  for (const [schema, text, expected] of [
    [headers['x-user-id'], 'an n', 'a string of 4 with " " at character 3'],
    [headers['x-user-id'], 'a'.repeat(65), 'a string of 65'],
    [headers['x-date'], '20251103 070140Z', 'a string of 16 with " " at character 9'],
    [headers['x-date'], '2025', 'a string of 4'],
    [fileName, 'a/b', 'a string of 3 with "/" at character 2'],
    [fileName, '"', 'a string of 1 with "\\"" at character 1'],
    [fileName, '..', 'a string of 2'],
    [fileName, '..:', 'a string of 3 with ":" at character 3'],
    [localPath, 'C:\\DCIM', 'a string of 7 with "C" at character 1'],
    [localPath, '/DCIM\\a', 'a string of 7 with "\\\\" at character 6'],
    [localPath, `/${'a'.repeat(10_000)}`, 'a string of 10001'],
    [PathId, 'a😀', 'a string of 3 with U+1F600 at character 2'],
    [PathId, 'a\n', 'a string of 2 with U+000A at character 2'],
    [instant, '2025-01.1234Z', 'a string of 13 with "4" at character 12'],
    [instant, '2025-01', 'a string of 7'],
    [lockId, 'aa-bb-cc@109', 'a string of 12 with "9" at character 12'],
    [lockId, 'aa-bb@100', 'a string of 9 with "@" at character 6'],
    [Type.String({ pattern: '^a*b+(c|d)$' }), 'aabbe', 'a string of 5 with "e" at character 5'],
  ] as const)
    t.equal(told(schema, text), expected, text)
  t.equal(
    told(headers.authorization, 'Bearer  a-token', 'Authorization'),
    'a string of 15',
    'but never of a credential',
  )
  t.equal(told(Type.String({ pattern: '^a$' }), 'b', 'body/token'), 'a string of 1')
})

t.test('every pattern of a contract is one of those in which a strange character is found', async (t) => {
  const found = JSON.stringify([contracts, headers]).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)
  const patterns = [...new Set([...found].map(([, text = '']) => String(JSON.parse(text))))]
  t.ok(patterns.length > 9)
  const instants = ['2025-12-17T07:27:27.709Z', '2025-12-17T07:27:27Z', '20251103T070140Z']
  const words = [
    '1',
    'example',
    '/example',
    ...instants,
    'a'.repeat(64),
    'Bearer a-token',
    '00000000-0000-4000-8000-000000000000@102',
  ]
  for (const pattern of patterns) {
    const example = words.find((one) => new RegExp(pattern).test(one)) ?? ''
    t.not(example, '', pattern)
    for (const strange of ['\u0001', '\u{1f600}', 'é']) {
      const text = example.replace(/.$/u, strange)
      t.equal(
        strangeCharacter(pattern, text),
        new RegExp(pattern).test(text) ? undefined : example.length - 1,
        `${pattern} ${text}`,
      )
    }
  }
})

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
