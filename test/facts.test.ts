import t from 'tap'
import { redactionFor } from '../src/http/secrets.ts'
import type { Observed } from '../src/journal/facts.ts'
import { comparable, factsOf } from '../src/journal/facts.ts'
import { notedFacts } from '../src/journal/reading.ts'

const facts = (observed: Partial<Observed>) => {
  const text = observed.bodyText ?? (observed.body === undefined ? '' : JSON.stringify(observed.body))
  return factsOf({
    operation: null,
    params: {},
    query: [],
    body: undefined,
    bodyText: text,
    payload: undefined,
    ...observed,
  })
}

t.test('facts: what a request named is that of its path, then its query, then its body', async (t) => {
  const body = { deviceId: 'b', moduleCode: '100', fileName: 1, currentConfigValue: null }
  t.same(facts({ params: { deviceId: 'p' }, query: [['deviceId', 'q']], body }).sent, {
    deviceId: 'p',
    moduleCode: '100',
  })
  t.same(
    facts({
      query: [
        ['deviceId', 'q'],
        ['cursor', 'a+b'],
      ],
      body,
    }).sent,
    {
      deviceId: 'q',
      moduleCode: '100',
      cursor: 'a+b',
    },
  )
  t.same(facts({ body }).sent, { deviceId: 'b', moduleCode: '100' })
  const twice = ['q', 'r'].map((value) => ['deviceId', value] as const)
  t.same(facts({ query: twice }).sent, { deviceId: 'q' }, 'of a parameter given twice, the first')
  t.same(facts({ params: {}, body: ['d'] }).sent, {})
  t.same(facts({ body: ['a'] }).sent, {})
})

t.test('facts: values at the top of a body are text, as they were written', async (t) => {
  const body = JSON.parse('{"a":"x","n":1842812272691451648,"no":null,"yes":true,"list":[1],"constructor":"c"}')
  t.same(facts({ body }).scalars, {
    a: 'x',
    n: '1842812272691451600',
    no: 'null',
    yes: 'true',
    list: '[1]',
    constructor: 'c',
  })
  t.equal(facts({ body, numberText: (name) => `written ${name}` }).scalars['n'], 'written n')
  for (const none of [['a'], null, 'text', 7, undefined]) t.same(facts({ body: none }).scalars, {})
})

t.test('facts: no secret is in them, and what they take is bounded', async (t) => {
  const { text } = redactionFor(['Authorization', 'Bearer SECRET-TOKEN'])
  const bodyText = JSON.stringify({ machineCode: 'SECRET-TOKEN', 'x SECRET-TOKEN': 'a SECRET-TOKEN' })
  const answering = (deviceId: string) => {
    const payload = { data: { deviceId } }
    const exchange = { operation: 'bindDevice', answer: JSON.stringify({ ...payload, code: 0 }), payload, code: 0 }
    return notedFacts(exchange, { params: {}, query: [] }, { sent: text(bodyText), told: text(exchange.answer) })
  }
  const noted = answering('SECRET-TOKEN')
  t.match(noted.scalars, { machineCode: /^sha256:/ })
  t.match(noted.given, { deviceId: /^sha256:/ }, 'of an answer with a secret, what may be shown is read')
  t.notMatch(JSON.stringify(noted), 'SECRET-TOKEN')
  t.match(answering('7'), { given: { deviceId: '7' }, ids: ['7'], sent: noted.sent })
  const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`name${index}`, 'v'.repeat(2000)]))
  const query = Object.keys(wide).map((name) => [name, ''] as const)
  const large = facts({ operation: 'bindDevice', body: { deviceName: wide, ...wide }, query })
  t.ok(JSON.stringify(large).length < 20_000)
  t.equal(large.scalars['name0'], comparable('v'.repeat(2000)))
  t.match(comparable('v'.repeat(1001)), /^sha256:[\w-]{16}$/)
  t.equal(comparable('v'.repeat(1000)), 'v'.repeat(1000))
  const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`)
  t.same(facts({ operation: 'batchAddBackupScope', body: { scopeList: [deep], deep }, bodyText: 'deep' }).unread, [
    'body/deep',
  ])
})

t.test('facts: what an answer hands out, only where it is one of success', async (t) => {
  const given = (operation: string, payload: object) => facts({ operation, payload: { ...payload, code: 0 } }).given
  t.same(given('bindDevice', { data: { deviceId: '1', machineCode: 'm' } }), { deviceId: '1' })
  t.same(given('createBackupLock', { data: { lockId: 'l@100' } }), { lockId: 'l@100' })
  t.same(given('createBackupRecord', { data: { recordId: '2' } }), { recordId: '2' })
  const parts = [{ partNumber: 1 }, { partNumber: 2 }]
  t.same(given('createBackupFile', { fileId: '3', uploadId: 'u', multiParts: parts }), {
    fileId: '3',
    uploadId: 'u',
    parts: [1, 2],
  })
  t.same(given('createBackupFile', { fileId: '3', uploadId: '', multiParts: [] }), { fileId: '3', parts: [] })
  t.match(given('getMultipartUploadUrl', { multiParts: [parts[0], { partNumber: 2, hashCtx: [1] }] }), {
    parts: [1, 2],
    parallel: [2],
  })
  const many = Array.from({ length: 10_000 }, (_, index) => ({ partNumber: index + 1 }))
  t.equal(given('createBackupFile', { multiParts: many }).parts?.length, 10_000, 'UPL-3: all parts that there may be')
  t.same(given('releaseBackupLock', {}), {})
  const data = [{ recordId: '1', deviceInfo: { deviceId: '2' } }, { recordId: '3' }]
  t.match(facts({ payload: { data, nextCursor: 'c', code: 0 } }), { ids: ['1', '2', '3'], listed: 2, nextCursor: 'c' })
  t.match(facts({ payload: { scopeList: [], code: 0 } }), { listed: 0, nextCursor: null, ids: [] })
  const refused = facts({ operation: 'createBackupLock', payload: { data: { lockId: 'l', deviceId: '1' }, code: 1 } })
  t.match(refused, { given: {}, ids: [], listed: null, items: null, values: {} })
  t.match(facts({ payload: undefined }), { given: {}, listed: null, nextCursor: null })
})

t.test('facts: the values of configurations', async (t) => {
  const values = (data: unknown) => facts({ payload: { data, code: 0 } }).values
  t.same(values({ configName: 'a', configValue: '1' }), { a: '1' })
  t.same(
    values([
      { configName: 'a', configValue: '1' },
      { configName: 'b', configValue: '2' },
    ]),
    { a: '1', b: '2' },
  )
  t.same(values([{ recordId: '1' }]), {})
})

t.test('facts: which items of a batch failed, and of what, in whatever order successes come', async (t) => {
  const scopeList = [{ localPath: '/a' }, { localPath: 'bad' }, { localPath: '/a' }, { targetFolderPath: '/t', x: 1 }]
  const done = (localPath: string, targetFolderPath = '') => ({ localPath, targetFolderPath, scopeId: '1' })
  const payload = {
    scopeList: [done('', '/t'), done('/a')],
    failedScopeList: [{ errorCode: '13000102' }, { errorCode: '13990410' }],
    code: 0,
  }
  const { items } = facts({ operation: 'batchAddBackupScope', body: { scopeList }, payload })
  t.match(items, {
    done: 2,
    failed: [
      { index: 1, code: '13000102' },
      { index: 2, code: '13990410' },
    ],
  })
  const [a, bad, again, target] = items?.digests ?? []
  t.equal(a, again)
  t.equal(new Set([a, bad, target]).size, 3)
  const deleted = { scopeIdList: ['2'], failedScopeList: [{ errorCode: '13000309' }], code: 0 }
  const gone = facts({ operation: 'batchDeleteBackupScope', body: { scopeIdList: ['1', '2'] }, payload: deleted })
  t.match(gone.items, { done: 1, failed: [{ index: 0, code: '13000309' }] })
  const none = { scopeList: [], code: 0 }
  t.match(facts({ operation: 'batchAddBackupScope', body: { scopeList: [{}] }, payload: none }).items, { done: 0 })
  t.equal(facts({ operation: 'batchAddBackupScope', body: {}, payload }).items, null)
  t.equal(facts({ operation: 'bindDevice', body: { scopeList }, payload }).items, null)
})

t.test('facts: a body is known again by its digest', async (t) => {
  t.equal(facts({}).digest, null)
  t.equal(facts({ body: { a: 1 } }).digest, facts({ body: { a: 1 } }).digest)
  t.not(facts({ body: { a: 1 } }).digest, facts({ body: { a: 2 } }).digest)
})

t.test('DEC-8: what no contract knows is unread, once each', async (t) => {
  const unread = (operation: string | null, body: unknown, ...query: string[]) =>
    facts({ operation, body, query: query.map((name) => [name, ''] as const) }).unread
  t.same(unread('renewalBackupLock', { a: 1 }, 'b', 'b'), ['body/a', 'query/b'])
  t.same(unread('listBackupScope', undefined, 'moduleCode', 'constructor'), ['query/constructor'])
  t.same(unread('batchAddBackupScope', { scopeList: [{ localPath: '/a' }, { colour: {} }] }), [
    'body/scopeList/1/colour',
  ])
  t.same(unread('uploadPart', { a: 1 }, 'b'), [])
  t.same(unread(null, { a: 1 }, 'b'), [])
})
