import { Type } from '@sinclair/typebox'
import t from 'tap'
import { basePath, familyPath } from '../schemas/common.ts'
import type { AdviceStep, Explanation } from '../schemas/explain.ts'
import { candidatesFor } from '../src/advice/candidates.ts'
import { edited, valueAt } from '../src/advice/edited-request.ts'
import { bodyBytes } from '../src/http/written-request.ts'
import { copyOf } from '../src/world/copy.ts'
import type { Control } from './fixtures/control.ts'
import { controlFor, signedBy, tablesOf } from './fixtures/control.ts'
import { exampleDevice, exampleUser, noon, xDate } from './fixtures/emulator.ts'

const device = `${basePath}/device/${exampleDevice}`
const traceId = '0'.repeat(58)
const unknownLock = '11111111-1111-4111-8111-111111111111@102'

interface Question {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body?: unknown
  readonly now?: string
}

const usual = { authorization: 'Bearer a-token', 'x-user-id': exampleUser, 'x-date': xDate(noon) }

async function ask(emulator: Control, question: Question & { advice?: boolean }): Promise<Explanation> {
  const headers = Object.entries({ ...usual, ...question.headers }).filter(([, value]) => value !== undefined)
  const whole = { method: 'POST', path: device, advice: true, ...question, headers: Object.fromEntries(headers) }
  return (await emulator.turn('POST', '/worlds/one/explain', whole)) as unknown as Explanation
}

/** The same request with what was advised. */
function following(
  { headers = {}, ...question }: Question,
  { change = {} }: NonNullable<Explanation['advice']>[number],
): Question {
  const { headers: others = {}, ...rest } = change
  const given = Object.entries(others).map(([name, value]) => [name, value === null ? undefined : String(value)])
  const own = Object.entries({ ...usual, ...headers }).map(([name, value]) => [name.toLowerCase(), value])
  return { ...question, ...rest, headers: Object.fromEntries([...own, ...given]) }
}

const at = (place: string, from: unknown, to: unknown): AdviceStep => ({ at: place, from, to })
const call = (method: string, path: string, body?: unknown, headers = {}, gives?: string): AdviceStep => ({
  call: {
    method,
    path,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(gives === undefined ? {} : { gives: { name: `$${gives}`, from: `data/${gives}` } }),
  },
})

t.test('what is advised was tried: the same request with it is accepted', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PUT', '/worlds/one', {})
  const config = { moduleCode: '102', configName: 'backend_backup_switch', newConfigValue: 'on' }
  const rows: [title: string, question: Question, steps: AdviceStep[]][] = [
    [
      'another value than the present one',
      { method: 'PATCH', path: `${device}/config`, body: { ...config, currentConfigValue: 'off' } },
      [at('body/currentConfigValue', 'off', '101test2value')],
    ],
    ['no page size', { method: 'GET', path: `${basePath}/record?moduleCode=102` }, [at('query/pageSize', null, 100)]],
    [
      'nothing at all in the query',
      { method: 'GET', path: `${basePath}/record` },
      [at('query/moduleCode', null, '100'), at('query/pageSize', null, 100)],
    ],
    [
      'a page too large, a cursor of nobody',
      { method: 'GET', path: `${basePath}/record?moduleCode=102&pageSize=1000&cursor=abc` },
      [at('query/pageSize', '1000', 100), at('query/cursor', 'abc', null)],
    ],
    [
      'numbers for texts, one item for a list',
      { path: `${device}/scope`, body: { moduleCode: 102, scopeList: { localPath: '/a' } } },
      [at('body/moduleCode', 102, '102'), at('body/scopeList', { localPath: '/a' }, [{ localPath: '/a' }])],
    ],
    [
      'no body',
      { path: `${device}/scope` },
      [at('body', null, { scopeList: [{ localPath: '/example' }] }), at('body/moduleCode', null, '100')],
    ],
    [
      'too long, and with a blank',
      { path: `${basePath}/device`, body: { machineCode: 'a b', deviceName: 'x'.repeat(50) } },
      [at('body/machineCode', 'a b', 'a_b'), at('body/deviceName', 'x'.repeat(50), 'x'.repeat(32))],
    ],
    [
      'not JSON by its type',
      { path: `${basePath}/device`, body: '{"machineCode":"a"}', headers: { 'content-type': 'text/plain' } },
      [at('header/content-type', 'text/plain', 'application/json')],
    ],
    [
      'under a coding',
      { path: `${basePath}/device`, body: '{"machineCode":"a"}', headers: { 'content-encoding': 'gzip' } },
      [at('header/content-encoding', 'gzip', null)],
    ],
    [
      'a comma too many',
      { path: `${basePath}/device`, body: '{"machineCode":"a",}' },
      [at('body', null, { machineCode: 'a' })],
    ],
    [
      'a stray percent sign',
      { method: 'GET', path: `${basePath}/device?a=%zz` },
      [at('path', `${basePath}/device?a=%zz`, `${basePath}/device?a=%25zz`)],
    ],
    [
      'another method',
      { method: 'PUT', path: `${basePath}/lock`, body: { moduleCode: '100' } },
      [at('method', 'PUT', 'POST')],
    ],
    [
      'a slash at the end',
      { method: 'GET', path: `${basePath}/device/` },
      [at('path', `${basePath}/device/`, `${basePath}/device`)],
    ],
    [
      'a slash doubled, and a query',
      { method: 'GET', path: `${basePath}//device?x=1` },
      [at('path', `${basePath}//device?x=1`, `${basePath}/device?x=1`)],
    ],
    [
      'no slash before all',
      { method: 'GET', path: `${basePath.slice(1)}/device` },
      [at('path', `${basePath.slice(1)}/device`, `${basePath}/device`)],
    ],
    ['no base', { method: 'GET', path: '/device' }, [at('path', '/device', `${basePath}/device`)]],
    [
      'no base, in a world',
      { method: 'GET', path: '/worlds/one/device' },
      [at('path', '/worlds/one/device', `/worlds/one${basePath}/device`)],
    ],
    [
      'another case',
      { method: 'GET', path: `${basePath}/Device/${exampleDevice}/Scope?moduleCode=102` },
      [at('path', `${basePath}/Device/${exampleDevice}/Scope?moduleCode=102`, `${device}/scope?moduleCode=102`)],
    ],
    [
      'no token',
      { method: 'GET', path: `${basePath}/device`, headers: { authorization: undefined } },
      [at('header/Authorization', null, 'Bearer $TOKEN')],
    ],
    [
      'another scheme',
      { method: 'GET', path: `${basePath}/device`, headers: { authorization: 'Token a-canary' } },
      [at('header/Authorization', '(hidden)', 'Bearer $TOKEN')],
    ],
    [
      'no user',
      { method: 'GET', path: `${basePath}/device`, headers: { 'x-user-id': undefined } },
      [at('header/X-User-Id', null, exampleUser)],
    ],
    [
      'a user with a blank',
      { method: 'GET', path: `${basePath}/device`, headers: { 'x-user-id': 'a b' } },
      [at('header/X-User-Id', 'a b', 'ab')],
    ],
    [
      'an old date',
      { method: 'GET', path: `${basePath}/device`, headers: { 'x-date': '20200101T000000Z' } },
      [at('header/X-Date', '20200101T000000Z', xDate(noon))],
    ],
    [
      'a bad id in the path',
      { method: 'GET', path: `${basePath}/device/a.b/scope?moduleCode=102` },
      [at('path/deviceId', 'a.b', exampleDevice)],
    ],
    [
      'a traceid of another length',
      { path: `${basePath}/device`, body: { machineCode: 'a' }, headers: { 'x-traceid': 'x' } },
      [at('header/x-traceid', 'x', null)],
    ],
    [
      'a user twice',
      { method: 'GET', path: `${basePath}/device`, headers: { 'x-user-id': [exampleUser, exampleUser] } },
      [at('header/X-User-Id', `${exampleUser}, ${exampleUser}`, exampleUser)],
    ],
    [
      'a date twice, one of them wrong',
      { method: 'GET', path: `${basePath}/device`, headers: { 'x-date': ['1', xDate(noon)] } },
      [at('header/X-Date', `1, ${xDate(noon)}`, xDate(noon))],
    ],
    [
      'a token twice',
      { method: 'GET', path: `${basePath}/device`, headers: { authorization: ['Bearer a-token', 'Bearer a-token'] } },
      [at('header/Authorization', '(hidden)', 'Bearer $TOKEN')],
    ],
    [
      'a traceid twice',
      { path: `${basePath}/device`, body: { machineCode: 'a' }, headers: { 'x-traceid': [traceId, traceId] } },
      [at('header/x-traceid', `${traceId}, ${traceId}`, traceId)],
    ],
  ]
  const before = [tablesOf(emulator.named('one')), emulator.named('one').random.state()]
  for (const [title, question, steps] of rows) {
    const { accepted, advice = [] } = await ask(emulator, question)
    t.equal(accepted, false, title)
    const [first] = advice
    if (title !== 'a bad id in the path') t.strictSame(first?.steps, steps, title)
    t.match(first, { accepted: true }, title)
    t.match(
      await ask(emulator, following(question, first ?? { steps: [], accepted: false })),
      { accepted: true },
      title,
    )
    t.notMatch(JSON.stringify(advice), /a-canary|a-token/, title)
  }
  t.strictSame(
    [tablesOf(emulator.named('one')), emulator.named('one').random.state()],
    before,
    'and nothing is changed',
  )
})

t.test('calls to make first are made on a copy, and waiting is told by its end', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PUT', '/worlds/one', {})
  const of = (method: string, path: string, body?: unknown, headers = {}) =>
    emulator.of('one', method, path, body, headers)
  const record = { moduleCode: '102', deviceId: exampleDevice }
  const lockPath = `${basePath}/lock`
  const takeLock = call('POST', lockPath, { moduleCode: '102' }, {}, 'lockId')
  const stepsOf = async (question: Question) =>
    (await ask(emulator, question)).advice?.map(({ steps, accepted }) => [accepted, ...steps])

  t.strictSame(await stepsOf({ path: `${basePath}/record`, body: record }), [
    [true, takeLock, at('header/x-backup-lock-id', null, '$lockId')],
  ])
  t.strictSame(
    await stepsOf({
      path: `/worlds/one${basePath}/record`,
      body: record,
      headers: { 'x-backup-lock-id': unknownLock },
    }),
    [
      [
        true,
        call('POST', `/worlds/one${lockPath}`, { moduleCode: '102' }, {}, 'lockId'),
        at('header/x-backup-lock-id', unknownLock, '$lockId'),
      ],
    ],
  )
  t.match(
    await stepsOf({ path: `http://host/worlds/one${basePath}/record`, body: record }),
    [[true, { call: { path: `/worlds/one${lockPath}` } }, {}]],
    'in the world that the target names, whatever its form',
  )
  t.strictSame(
    await stepsOf({
      method: 'PATCH',
      path: `${basePath}/record/7`,
      body: {},
      headers: { 'x-backup-lock-id': unknownLock },
    }),
    [
      [
        true,
        takeLock,
        at('header/x-backup-lock-id', unknownLock, '$lockId'),
        call('POST', `${basePath}/record`, record, { 'x-backup-lock-id': '$lockId' }, 'recordId'),
        at('path/recordId', '7', '$recordId'),
      ],
    ],
  )
  await of('DELETE', `/device/${exampleDevice}`)
  for (const { deviceId } of ((await of('GET', '/device')).body?.['data'] ?? []) as { deviceId: string }[])
    await of('DELETE', `/device/${deviceId}`)
  t.match(await stepsOf({ method: 'GET', path: `${device}/scope?moduleCode=102` }), [
    [true, { call: { method: 'POST', path: `${basePath}/device` } }, at('path/deviceId', exampleDevice, '$deviceId')],
  ])
  const { deviceId } = Object((await of('POST', '/device', { machineCode: 'phone' })).body?.['data'])
  t.match(await stepsOf({ method: 'GET', path: `${device}/scope?moduleCode=102` }), [
    [true, at('path/deviceId', exampleDevice, deviceId)],
    [true, { call: {} }, {}],
  ])
  t.match(
    await stepsOf({ method: 'GET', path: `${basePath}/record?moduleCode=102&pageSize=1&deviceId=${exampleDevice}` }),
    [
      [true, at('query/deviceId', exampleDevice, deviceId)],
      [true, { call: {} }, {}],
    ],
  )

  const { lockId } = Object((await of('POST', '/lock', { moduleCode: '102' })).body?.['data'])
  const held = { 'x-backup-lock-id': lockId }
  t.match(
    await stepsOf({ path: `${basePath}/record`, body: { moduleCode: '102', deviceId: exampleDevice }, headers: held }),
    [
      [true, at('body/deviceId', exampleDevice, deviceId)],
      [true, { call: {} }, {}],
    ],
  )
  t.strictSame(
    await stepsOf({ path: `${basePath}/record`, body: record }),
    [
      [true, at('header/x-backup-lock-id', null, lockId), at('body/deviceId', exampleDevice, deviceId)],
      [true, takeLock, at('header/x-backup-lock-id', null, '$lockId')],
    ].slice(0, 1),
  )
  const twice = { method: 'PATCH', path: lockPath, headers: { 'x-backup-lock-id': [lockId, lockId] } }
  t.strictSame(await stepsOf(twice), [[true, at('header/x-backup-lock-id', `${lockId}, ${lockId}`, lockId)]])
  const again = { path: lockPath, body: { moduleCode: '102' } }
  t.strictSame(await stepsOf(again), [
    [true, { now: '2025-12-17T12:10:00.000Z' }],
    [true, call('DELETE', lockPath, undefined, held)],
  ])
  const late = { ...again, headers: { 'x-date': xDate(noon + 600_000) } }
  t.match(await ask(emulator, { ...late, now: '2025-12-17T12:09:59.999Z' }), { accepted: false })
  t.match(await ask(emulator, { ...late, now: '2025-12-17T12:10:00.000Z' }), { accepted: true, advice: [] })

  const made = Object((await of('POST', '/record', { moduleCode: '102', deviceId }, held)).body?.['data'])
  await of('PATCH', `/record/${made['recordId']}`, {}, held)
  const complete = { method: 'PATCH', path: `${basePath}/record/${made['recordId']}`, body: {}, headers: held }
  t.strictSame(await stepsOf(complete), [
    [
      true,
      call('POST', `${basePath}/record`, { moduleCode: '102', deviceId }, held, 'recordId'),
      at('path/recordId', made['recordId'], '$recordId'),
    ],
  ])
  const open = Object((await of('POST', '/record', { moduleCode: '102', deviceId }, held)).body?.['data'])['recordId']
  t.match(await stepsOf(complete), [
    [true, at('path/recordId', made['recordId'], open)],
    [true, { call: {} }, {}],
  ])
  const file = {
    path: `${basePath}/record/${open}/file`,
    body: { fileName: 'a.txt', sha256: 'ab'.repeat(32), length: 3 },
    headers: held,
  }
  await of('POST', `/record/${open}/file`, file.body, held)
  t.match(await stepsOf({ ...file, body: { fileName: 'a.txt', length: 5 } }), [
    [true, at('body/fileName', 'a.txt', 'a (2).txt')],
  ])
})

t.test('of what a user has not, something is made up', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PUT', '/worlds/one', { completion: 'put' })
  const of = (method: string, path: string, body?: unknown, headers = {}) =>
    emulator.of('one', method, path, body, headers)
  const nobody = { 'x-user-id': 'nobody', 'x-backup-lock-id': unknownLock }
  const { advice } = await ask(emulator, { method: 'PATCH', path: `${basePath}/record/7`, body: {}, headers: nobody })
  t.match(advice, [{ accepted: true, steps: [{}, {}, { call: { body: { moduleCode: '102', deviceId: '1' } } }, {}] }])
  await of(
    'POST',
    '/device/adopted-1/scope',
    { moduleCode: '102', scopeList: [{ localPath: '/a' }] },
    { 'x-user-id': 'u2' },
  )
  await of('DELETE', '/device/adopted-1', undefined, { 'x-user-id': 'u2' })
  const gone = {
    method: 'GET',
    path: `${basePath}/device/adopted-1/scope?moduleCode=102`,
    headers: { 'x-user-id': 'u2' },
  }
  t.match((await ask(emulator, gone)).advice, [{ steps: [{ call: { body: { machineCode: 'example' } } }, {}] }])
  const long = { method: 'GET', path: `${basePath}/record?moduleCode=102&pageSize=1&cursor=${'x'.repeat(2000)}` }
  t.match((await ask(emulator, long)).advice, [{ accepted: true }])

  const { lockId } = Object((await of('POST', '/lock', { moduleCode: '102' })).body?.['data'])
  const held = { 'x-backup-lock-id': lockId }
  const record = { moduleCode: '102', deviceId: exampleDevice, properties: { a: 1 } }
  t.match((await ask(emulator, { path: `${basePath}/record`, body: record, headers: held })).advice, [
    { accepted: true, steps: [at('body/properties', { a: 1 }, '{"a":1}')] },
  ])
  const { recordId } = Object((await of('POST', '/record', { ...record, properties: '{}' }, held)).body?.['data'])
  const { body: file } = await of('POST', `/record/${recordId}/file`, { fileName: 'a', length: 7 }, held)
  const [{ uploadUrl }] = Object(file)['multiParts']
  const { pathname, search } = new URL(uploadUrl)
  await emulator.server.inject({ method: 'PUT', url: `${pathname}${search}`, payload: 'content' })
  const complete = {
    path: `${familyPath}/files/complete`,
    body: { fileId: Object(file)['fileId'], sha256: '0'.repeat(64) },
  }
  t.match((await ask(emulator, complete)).advice, [
    { accepted: true, steps: [{ at: 'body/sha256', from: '0'.repeat(64), to: /^[0-9a-f]{64}$/i }] },
  ])
})

t.test('for a value that is missing, what is stored comes first', async (t) => {
  const emulator = await controlFor(t)
  await emulator.of('one', 'POST', '/lock', { moduleCode: '102' })
  const scope = { path: `${device}/scope`, body: { scopeList: [{ localPath: '/a' }] } }
  t.match((await ask(emulator, scope)).advice, [{ accepted: true, steps: [at('body/moduleCode', null, '102')] }])
  const change = { moduleCode: '102', configName: 'backend_backup_switch', newConfigValue: 'on' }
  await emulator.of('one', 'PATCH', `/device/${exampleDevice}/config`, {
    ...change,
    currentConfigValue: '101test2value',
  })
  const again = { method: 'PATCH', path: `${device}/config`, body: change }
  const steps = [at('body/currentConfigValue', null, 'on')]
  t.match((await ask(emulator, again)).advice, [{ accepted: true, steps }])
})

t.test('of strict worlds that know their tokens', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PUT', '/worlds/one', { auth: 'known', devices: 'strict' })
  await emulator.turn('POST', '/worlds/one/tokens', { userId: exampleUser, token: 'a-token' })
  const list = { method: 'GET', path: `${basePath}/device` }
  const { advice } = await ask(emulator, { ...list, headers: { authorization: 'Bearer other' } })
  t.match(advice, [
    {
      accepted: true,
      steps: [
        {
          call: {
            method: 'POST',
            path: '/_emulator/worlds/one/tokens',
            body: { userId: exampleUser, token: '$TOKEN' },
          },
        },
        at('header/Authorization', '(hidden)', 'Bearer $TOKEN'),
      ],
    },
  ])
  t.match(
    await ask(emulator, { ...list, headers: { authorization: 'Bearer $TOKEN' } }),
    { accepted: false },
    'it was not issued',
  )
  const config = { moduleCode: '102', configName: 'nothing', currentConfigValue: 'a', newConfigValue: 'b' }
  t.match((await ask(emulator, { method: 'PATCH', path: `${device}/config`, body: config })).advice, [
    {
      accepted: true,
      steps: [
        at('body/configName', 'nothing', 'backend_backup_switch'),
        at('body/currentConfigValue', 'a', '101test2value'),
      ],
    },
  ])
  t.match((await ask(emulator, { method: 'GET', path: `${device}/config?moduleCode=102&configName=nothing` })).advice, [
    { accepted: true, steps: [at('query/configName', 'nothing', 'backend_backup_switch')] },
  ])
  await emulator.turn('POST', '/worlds/one/apps', { appId: 'an-app', appSecret: 'a-secret' })
  const path = `${basePath}/record`
  const signed = await ask(emulator, {
    method: 'GET',
    path,
    headers: signedBy({ appId: 'an-app', appSecret: 'a-secret' }, 'GET', path) as Record<string, string>,
  })
  t.match(
    signed.advice,
    [{ accepted: true, steps: [{ at: 'query/moduleCode' }, { at: 'query/pageSize' }] }],
    'signed anew with each step',
  )
  t.notMatch(JSON.stringify(signed.advice), /Signature/)
})

t.test('where nothing helps, nothing is advised; where something is not enough, that is said', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PUT', '/worlds/one', {})
  t.match(await ask(emulator, { method: 'GET', path: '/nowhere' }), { accepted: false, advice: [] })
  t.match(await ask(emulator, { path: `${basePath}/device`, body: '{"a' }), { accepted: false, advice: [] })
  t.match(await ask(emulator, { method: 'GET', path: `${basePath}/device` }), { accepted: true, advice: [] })
  t.notOk('advice' in (await ask(emulator, { method: 'GET', path: '/nowhere', advice: false })))
  const complete = { path: `${familyPath}/files/complete`, body: { fileId: '1' } }
  t.match(await ask(emulator, complete), { accepted: false, check: 'rule', advice: [] })
  const nothing = { authorization: undefined, 'x-user-id': undefined, 'x-date': undefined }
  const { advice = [] } = await ask(emulator, { path: `${basePath}/record/7/file`, body: {}, headers: nothing })
  t.match(advice, [{ accepted: false, otherwise: /^path\/recordId: this user has no such record/ }])
  t.equal(advice[0]?.steps.filter((step) => !('call' in step)).length, 5, 'five things at most')
  t.match(await ask(emulator, { method: 'GET', path: `${basePath}/record/7` }), { check: 'rule', advice: [] })
  t.match(await ask(emulator, { path: `${basePath}/device`, body: '{"a":[1,}' }), { check: 'syntax', advice: [] })
  const part = {
    path: `${familyPath}/files/multipart/uploadUrl`,
    body: { fileId: '1', multiParts: [{ partNumber: 0 }] },
  }
  t.match(await ask(emulator, part), {
    advice: [
      {
        accepted: false,
        otherwise: /^body\/fileId: this user has no such file/,
        steps: [at('body/multiParts/0/partNumber', 0, 1)],
      },
    ],
  })
  const url = await ask(emulator, { method: 'GET', path: 'ht/./tps://a:b@c:1/x' })
  t.match(url, { check: 'syntax', code: 13000101, reason: 'the target must begin with a / (HPE_INVALID_URL) [DEC-12]' })
  const used = await ask(emulator, { method: 'GET', path: `/worlds/a%20b${basePath}/device` })
  t.match(used, { check: 'world', advice: [] })
})

t.test('a world too large to copy is advised on without calls', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PUT', '/worlds/one', {})
  const world = emulator.named('one')
  const own = copyOf(world)
  t.ok(own)
  own?.end()
  Object.assign(world.store, { bytes: () => 9 * 1024 * 1024 })
  t.equal(copyOf(world), undefined)
  const { advice } = await ask(emulator, {
    path: `${basePath}/record`,
    body: { moduleCode: '102', deviceId: exampleDevice },
  })
  t.same(advice, [])
})

t.test('a request of the journal is explained as it is now, dated anew and changed as is asked', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PUT', '/worlds/one', {})
  await emulator.of('one', 'PATCH', `/device/${exampleDevice}/config`, {
    moduleCode: '102',
    configName: 'backend_backup_switch',
    currentConfigValue: 'off',
    newConfigValue: 'on',
  })
  await emulator.of('one', 'GET', '/device', undefined, { 'x-date': '20200101T000000Z' })
  emulator.time.now += 3_600_000
  const of = (question: object) => emulator.turn('POST', '/worlds/one/explain', question)
  t.match(await of({ request: 1, advice: true }), {
    accepted: false,
    facts: ['CFG-2', 'DEC-23'],
    advice: [{ change: { body: { currentConfigValue: '101test2value' } } }],
  })
  t.match(await of({ request: 1, change: { headers: { 'X-Date': '20200101T000000Z' } } }), { check: 'X-Date' })
  t.match(await of({ request: 1, change: { method: 'GET', path: `${basePath}/device`, body: '' } }), { accepted: true })
  t.match(await of({ request: 2 }), { check: 'X-Date' }, 'refused for its date, it keeps that')
  t.match(await of({ request: 1, now: '2026-01-01T00:00:00Z' }), { check: 'rule' })
  for (const headers of [{ 'x-date': '2025-12-17' }, {}])
    await emulator.of('one', 'GET', '/device', undefined, { authorization: 'Basic x', ...headers })
  const misdated = await of({ request: 3, advice: true })
  t.match(
    misdated,
    { advice: [{ accepted: true, steps: [{ at: 'header/Authorization' }, { at: 'header/X-Date' }] }] },
    'a date that was wrong when it came stays, whatever refused it',
  )
  t.match(await of({ request: 4, advice: true }), { advice: [{ accepted: true, steps: { length: 1 } }] })
  for (const [question, status, detail] of [
    [{ request: 9 }, 404, /has had no request 9/],
    [{ request: 1, method: 'GET' }, 400, 'body/method does not go with body/request; put it into body/change'],
    [
      { method: 'GET', path: '/', headers: {}, change: {} },
      400,
      'body/change needs body/request, the id of the entry that it is to change',
    ],
    [{ method: 'GET', path: '/' }, 400, 'body/headers is missing; expected method, path and headers, or request'],
    [{ request: 0 }, 400, /^body\/request is a number/],
  ] as const)
    await emulator.isProblem(t, ['POST', '/worlds/one/explain', question], status, detail)
})

t.test('what may fit a schema is the value mended, and then any that could be one', (t) => {
  const list = Type.Array(Type.String({ pattern: '^[0-9]$' }), { maxItems: 2 })
  t.strictSame(candidatesFor(list, ['1', '2', '3'], false)[0], ['1', '2'], 'a list that is too long')
  t.strictSame(candidatesFor(list, '7', false)[0], ['7'], 'what is no list')
  t.end()
})

t.test('a request is edited where it is said', async (t) => {
  const request = {
    method: 'GET',
    path: `/worlds/one${device}/scope?moduleCode=102&b=1`,
    headers: [['X-Date', 'a']] as [string, string][],
    body: bodyBytes({ a: [{ b: 1 }], c: 2 }),
  }
  for (const [place, value, to] of [
    ['method', 'GET', 'POST'],
    ['path', request.path, '/x'],
    ['header/x-date', 'a', 'b'],
    ['query/moduleCode', '102', '101'],
    ['query/b', '1', 'ü&='],
    ['path/deviceId', exampleDevice, 'a/b'],
    ['body/c', 2, { d: 1 }],
    ['body/a/0/b', 1, 'x'],
    ['body', { a: [{ b: 1 }], c: 2 }, []],
  ] as const) {
    t.strictSame(valueAt(request, 'listBackupScope', place), value, place)
    const changed = edited(request, 'listBackupScope', place, to)
    t.strictSame(valueAt(changed, 'listBackupScope', place), to, place)
  }
  for (const place of ['header/x-date', 'query/b', 'body/c'])
    t.equal(valueAt(edited(request, 'listBackupScope', place, null), 'listBackupScope', place), null, place)
  const headers = ['Host', 'Cookie', 'X-A'].flatMap((name) => [[name, 'a'] as const, [name, 'b'] as const])
  for (const [place, value] of Object.entries({ host: 'a', cookie: 'a; b', 'x-a': 'a, b' }))
    t.equal(valueAt({ ...request, headers }, null, `header/${place}`), value, 'as Node reads what was sent twice')
  t.equal(valueAt({ ...request, body: Buffer.from('{') }, null, 'body/a'), null)
  t.equal(valueAt(request, 'listBackupScope', 'query/none'), null)
  t.equal(edited({ ...request, path: '/x?a=1' }, null, 'query/a', null).path, '/x')
})

t.test('advice is for the world that judges a request; where that does not exist, there is none', async (t) => {
  const emulator = await controlFor(t, { auth: 'known' })
  await emulator.turn('PUT', '/worlds/one', {})
  const questions = [
    { method: 'GET', path: `/worlds/other${basePath}/device` },
    { method: 'GET', path: `${basePath}/device`, headers: { 'x-emulator-world': 'other' } },
  ]
  const refused = { accepted: false, check: 'Authorization' }
  for (const question of questions) t.match(await ask(emulator, question), { ...refused, advice: [] })
  await emulator.turn('PUT', '/worlds/other', {})
  for (const question of questions) {
    const { advice: [way] = [], ...explanation } = await ask(emulator, question)
    t.match(explanation, refused)
    t.match(way, { accepted: true, steps: [{ call: { path: '/_emulator/worlds/other/tokens' } }, {}] })
  }
})
