import { readFileSync, realpathSync } from 'node:fs'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { TSchema } from '@sinclair/typebox'
import t from 'tap'
import { basePath } from '../schemas/common.ts'
import { effects } from '../schemas/control-faults.ts'
import type { ControlOperation } from '../schemas/control-operation.ts'
import { controlOperations } from '../schemas/control-operations.ts'
import { contracts } from '../schemas/index.ts'
import type { Operation } from '../schemas/operation.ts'
import { statements } from '../schemas/statements.ts'
import { printOpenApi, usualAddress } from '../src/commands/openapi.ts'
import type { ErrorKey } from '../src/errors.ts'
import { catalogue } from '../src/errors.ts'
import { startEmulator } from '../src/index.ts'
import { controlText } from '../src/openapi/control.ts'
import { openApiText } from '../src/openapi/document.ts'
import { examples, exampleUser } from '../src/openapi/examples.ts'
import { SettingsError } from '../src/settings/settings.ts'
import { driven } from './fixtures/client.ts'
import { pageAt, shownAddress, textsOf } from './fixtures/documents.ts'
import type { Call, TestEmulator } from './fixtures/emulator.ts'
import { emulatorFor, xDate } from './fixtures/emulator.ts'
import type { Documented } from './fixtures/openapi.ts'
import { documented, exampleCall, refusalsIn } from './fixtures/openapi.ts'
import { program, root, runProcess, runToEnd } from './fixtures/process.ts'
import { typedBackup } from './fixtures/typed-backup.ts'

const base = 'https://emulator.example:1/a'

const texts = { 'the API': openApiText(base), 'the control plane': controlText(base) }

for (const [what, text] of Object.entries(texts)) {
  t.test(`an independent validator accepts the document of ${what}, and would refuse another`, async (t) => {
    const validator = new Validator()
    t.same(await validator.validate(JSON.parse(text)), { valid: true })
    t.equal(validator.version, '3.1')
    t.match(await validator.validate({ ...JSON.parse(text), paths: { device: {} } }), { valid: false })
  })

  t.test(`the document of ${what} holds nothing that engines and generators read differently`, async (t) => {
    const seen = { patterns: 0, formats: new Set<string>() }
    JSON.parse(text, (key, value) => {
      if (key === 'pattern') t.notMatch(value, /\(\?[!=<]|\\[1-9]/, 'neither look-around nor references')
      if (key === 'pattern') seen.patterns += 1
      if (key === 'format') seen.formats.add(value)
      if (Number.isInteger(value?.const)) t.equal(value.type, 'integer', JSON.stringify(value))
      if (value?.patternProperties) t.fail(JSON.stringify(value))
      return value
    })
    t.ok(seen.patterns > 4)
    t.same([...seen.formats], ['date-time'])
    const { components, servers } = JSON.parse(text)
    const names = Object.values(components).flatMap((part) => Object.keys(Object(part)))
    t.notOk(names.some((name) => /^(date|string|number|object|array|any)$/i.test(name)))
    for (const { url } of servers) t.ok(url.startsWith(`${base}/`), url)
  })
}

t.test(
  'an independent linter accepts the document under its recommended rules, and would refuse another',
  async (t) => {
    // Every recommended rule is on. One that must be switched off is switched off here, with its reason beside it.
    const config = await createConfig({ extends: ['recommended'] })
    const lint = async (source: string) => {
      const problems = await lintFromString({ source, absoluteRef: `${root}openapi.json`, config })
      return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)
    }
    for (const text of Object.values(texts)) t.same(await lint(text), [])
    t.match(await lint(openApiText(base).replace('"value": {', '"value": { "code": "no",')), [
      /^no-invalid-media-type-examples/,
    ])
  },
)

t.test('every contract is an operation, by its id, method and path', async (t) => {
  t.same(
    documented.map(({ id, method, path }) => [id, method.toUpperCase(), path]).sort(),
    Object.values(contracts)
      .map(({ id, method, path }) => [id, method, path])
      .sort(),
  )
})

t.test('a title names one schema, whatever contracts use it', async (t) => {
  const titled = new Map<string, string>()
  const visit = (part: TSchema) => {
    const text = JSON.stringify(part)
    if (typeof part.title === 'string') t.equal(titled.get(part.title) ?? text, text, part.title)
    if (typeof part.title === 'string') titled.set(part.title, text)
    for (const inner of Object.values<TSchema>(part)) if (typeof inner === 'object' && inner) visit(inner)
  }
  const all: readonly Operation[] = Object.values(contracts)
  for (const { body, payload, params, query } of all)
    for (const part of [body, payload, params, query]) if (part) visit(part)
  t.ok(titled.size > 8)
})

t.test('every id that the document cites is that of a statement', async (t) => {
  const cited = new Set<string>()
  JSON.parse(openApiText(base), (key, value) => {
    if (key === 'x-facts') for (const id of value) cited.add(id)
    return value
  })
  t.ok(cited.size > 50)
  for (const id of cited) t.ok(Object.hasOwn(statements, id), id)
})

t.test('every documented request and answer is an example of its operation', async (t) => {
  for (const { operation: id, body, answer } of examples) {
    const operation = documented.find((one) => one.id === id)?.operation
    const answers = operation?.responses['200']?.content['application/json'].examples
    t.same(answers?.['documented']?.value, answer, id)
    t.same(operation?.requestBody?.content['application/json'].examples?.['documented']?.value, body, id)
  }
})

t.test('every answer has its headers in the document; Authorization is a matter of security', async (t) => {
  for (const { id, operation } of documented) {
    for (const { headers } of Object.values(operation.responses))
      t.match(headers, { 'x-emulator-reason': {}, Date: {} })
    const names = operation.parameters.filter((one) => one.in === 'header').map(({ name }) => name)
    const { lock } = { lock: undefined, ...contracts[id as keyof typeof contracts] } // ids are those of the contracts
    const own = id === 'bindDevice' ? ['X-traceid'] : []
    t.same(names, ['X-User-Id', 'X-Date', ...(lock ? ['x-backup-lock-id'] : []), ...own], id)
  }
})

/** The lock of the documented examples, alive. */
function plantLock({ world, time }: TestEmulator): void {
  const lockId = '78e41c7e-db02-4d55-85b3-8153e4fefd2e@102'
  world.store.locks.put(exampleUser, '102', lockId, time.now + 600_000)
}

/** Where the documented record comes to be: its id is its instant. */
async function plantRecord(emulator: TestEmulator): Promise<void> {
  emulator.time.now = Date.parse('2025-12-17T07:27:27.709Z')
  plantLock(emulator)
  await emulator.call(exampleCall(operationOf('createBackupRecord')))
}

function operationOf(id: string): Documented {
  const found = documented.find((one) => one.id === id)
  if (found === undefined) throw new Error(`there is no ${id}`)
  return found
}

interface Way {
  readonly settings?: Readonly<Record<string, string>>
  readonly prepare?: (emulator: TestEmulator) => unknown
  /** What is sent in place of the example. */
  readonly change?: (call: Required<Call>) => Call
  /** Whether the example itself is sent before. */
  readonly again?: true
}

const withHeader =
  (name: string, value: string | undefined) =>
  (call: Required<Call>): Call => ({ ...call, headers: { ...call.headers, [name]: value } })

const ofLength =
  (length: number) =>
  (call: Required<Call>): Call => ({ ...call, body: { ...Object(call.body), length } })

/** The file that a way has announced. */
let announced = ''

/** How to be refused, by the key of the refusal. */
const ways: Readonly<Partial<Record<ErrorKey, Way>>> = {
  malformed: { change: (call) => ({ ...call, path: `${call.path}${call.path.includes('?') ? '&' : '?'}x=%zz` }) },
  invalid: { change: withHeader('x-user-id', undefined) },
  unauthorized: { change: withHeader('authorization', undefined) },
  tooLarge: { change: (call) => ({ ...call, body: Buffer.alloc(12 * 1024 * 1024 + 1) }) },
  mediaType: { change: (call) => ({ ...withHeader('content-type', 'text/plain')(call), body: call.body ?? 'x' }) },
  internal: { prepare: ({ world }) => world.store.close() },
  throttled: {
    prepare: ({ server }) =>
      server.inject({
        method: 'POST',
        url: '/_emulator/worlds/default/faults',
        payload: { operations: '*', effect: { type: 'throttle' } },
      }),
  },
  tooManyWorlds: { settings: { maxWorlds: '0' }, change: withHeader('x-emulator-world', 'another') },
  unknownWorld: { settings: { newWorlds: 'declared' }, change: withHeader('x-emulator-world', 'another') },
  lockNotHeld: {},
  notFound: { settings: { seed: 'none', devices: 'strict' }, prepare: plantLock },
  valueMismatch: { again: true },
  lockHeld: { again: true },
  recordCompleted: {
    prepare: async (emulator) => {
      await plantRecord(emulator)
      await emulator.call(exampleCall(operationOf('completeBackup')))
    },
  },
  duplicateFile: {
    prepare: async (emulator) => {
      await plantRecord(emulator)
      await emulator.call(ofLength(1)(exampleCall(operationOf('createBackupFile'))))
    },
    change: ofLength(2),
  },
  noUpload: {},
  integrity: {
    prepare: async (emulator) => {
      await plantRecord(emulator)
      const created = await emulator.call(exampleCall(operationOf('createBackupFile')))
      announced = created.json().fileId
    },
    change: (call) => ({ ...call, body: { fileId: announced } }),
  },
}

const keys = Object.keys(catalogue) as ErrorKey[] // keys of a constant object

for (const key of keys) {
  const refusing = documented.filter((one) => refusalsIn(one).some((refusal) => refusal.key === key))
  if (refusing.length === 0) continue
  t.test(`${key} is answered as documented by each of the ${refusing.length} operations that list it`, async (t) => {
    const { settings, prepare, change = (call: Call) => call, again }: Way = ways[key] ?? {}
    const emulator = await emulatorFor(t, settings)
    await prepare?.(emulator)
    for (const one of refusing) {
      if (again) t.equal((await emulator.call(exampleCall(one))).statusCode, 200)
      const answer = await emulator.call(change(exampleCall(one)))
      const refusal = refusalsIn(one).find((listed) => listed.key === key)
      t.same([answer.statusCode, answer.json()], [refusal?.status, refusal?.value], one.id)
      for (const name of Object.keys(one.operation.responses[answer.statusCode]?.headers ?? {}))
        t.type(answer.headers[name.toLowerCase()], 'string', name)
    }
  })
}

t.test('what is no request yet is refused as the document of every operation says', async (t) => {
  const { send } = await driven(t)
  const answer = await send({ headers: { 'x-large': 'x'.repeat(17_000) } })
  t.equal(answer.status, 431)
  for (const { id, operation } of documented) {
    for (const status of [408, 431]) {
      const { value } = operation.responses[status]?.content['application/json'].examples?.['malformed'] ?? {}
      t.same(value, JSON.parse(answer.text), `${id}: ${status}`)
    }
  }
})

t.test(
  'DEC-8 DEC-19: a body that is answered 200 fits the document, with null at any depth and whatever becomes of its items',
  async (t) => {
    const emulator = await emulatorFor(t)
    await plantRecord(emulator)
    const config = await createConfig({ rules: { 'no-invalid-media-type-examples': 'error' } })
    const problemsOf = async (id: string, value: unknown) => {
      const document = JSON.parse(openApiText(base))
      const { method, path } = operationOf(id)
      document.paths[path][method].requestBody.content['application/json'].examples = { tried: { value } }
      return lintFromString({ source: JSON.stringify(document), config })
    }
    const scopeList = [{ localPath: '/a' }, { localPath: 'photos' }, {}, { localPath: null, targetFolderPath: '\\' }]
    const device = { machineCode: 'A', deviceName: null, deviceOS: null }
    const part = { partNumber: 1, partSize: null, partOffset: null, hashCtx: null }
    for (const [id, body] of [
      ['batchAddBackupScope', { moduleCode: '102', scopeList }],
      ['batchAddBackupScope', { moduleCode: '102', scopeList: [{ localPath: 'x'.repeat(10_001) }] }],
      ['bindDevice', device],
      ['createBackupFile', { fileName: 'letter.txt', multiParts: [part] }],
    ] as const) {
      t.equal((await emulator.call({ ...exampleCall(operationOf(id)), body })).statusCode, 200)
      t.same(await problemsOf(id, body), [])
    }
    for (const body of [
      { moduleCode: '102', scopeList: [{ localPath: 1 }] },
      { moduleCode: null, scopeList },
    ]) {
      t.equal((await emulator.call({ ...exampleCall(operationOf('batchAddBackupScope')), body })).statusCode, 400)
      t.ok((await problemsOf('batchAddBackupScope', body)).length > 0)
    }
  },
)

t.test('the document of the control plane has every operation, what it takes and all that it answers', async (t) => {
  const { paths, components } = JSON.parse(controlText(base))
  const all: [string, ControlOperation][] = Object.entries(controlOperations)
  for (const [id, { method, path, responses, body, params, query }] of all) {
    const { operationId, parameters, requestBody, ...operation } = paths[path][method.toLowerCase()]
    t.equal(operationId, id)
    const named = parameters.map(({ name }: { name: string }) => name)
    t.same(named, [...Object.keys(params?.properties ?? {}), ...Object.keys(query?.properties ?? {})], id)
    t.same(Object.keys(operation.responses), [...Object.keys(responses), '400', 'default'].sort(), id)
    t.equal(requestBody !== undefined, body !== undefined, id)
  }
  t.equal(Object.values<object>(paths).flatMap((path) => Object.keys(path)).length, all.length)
  t.same(Object.keys(components.schemas.FaultRequest.properties.effect.discriminator.mapping), Object.keys(effects))

  const { send, fault, steer } = await driven(t)
  await fault({ operations: '*', when: { nth: 2 }, effect: { type: 'latency', ms: 1 } })
  await send({ body: { moduleCode: '102', scopeList: [{ localPath: '/a' }] } })
  const [entry = {}] = JSON.parse((await steer('GET', '/requests')).text).requests
  t.same(Object.keys(entry).sort(), Object.keys(components.schemas.EntryView.properties).sort())
  const [archived = {}] = JSON.parse((await steer('GET', '/requests.har')).text).log.entries
  for (const [part, name] of [
    [archived, 'ArchiveEntry'],
    [archived.request, 'ArchiveRequest'],
    [archived.response, 'ArchiveResponse'],
  ])
    t.same(Object.keys(part).sort(), Object.keys(components.schemas[name].properties).sort(), name)
})

t.test('no refusal is left out: what no operation lists is a route that is none', async (t) => {
  const ofItems = documented.flatMap(({ operation }) => operation['x-item-refusals'] ?? [])
  const listed = new Set([...documented.flatMap(refusalsIn), ...ofItems].map(({ key }) => key))
  t.same(
    keys.filter((key) => !listed.has(key)),
    ['unknownRoute'],
  )
})

t.test('DEC-19 DEC-20: items fail with the codes that the document lists, and each of them occurs', async (t) => {
  const emulator = await emulatorFor(t, { scopesPerModule: '1' })
  const [adding, deleting] = [operationOf('batchAddBackupScope'), operationOf('batchDeleteBackupScope')]
  const scopeList = [{}, { localPath: '/a' }, { localPath: '/a' }, { localPath: '/b' }]
  const added = await emulator.call({ ...exampleCall(adding), body: { moduleCode: '102', scopeList } })
  const deleted = await emulator.call(exampleCall(deleting))
  for (const [{ operation }, answer] of [
    [adding, added],
    [deleting, deleted],
  ] as const) {
    const codes = answer.json().failedScopeList.map(({ errorCode }: { errorCode: string }) => errorCode)
    t.same(
      codes,
      operation['x-item-refusals']?.map(({ errorCode }) => errorCode),
    )
  }
})

/** Of a project that has nothing but strictness. */
const compact = JSON.stringify({
  compilerOptions: {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2024', 'dom'],
    types: [],
    allowImportingTsExtensions: true,
  },
})

t.test('a client with generated types does a whole backup', async (t) => {
  const { url, time } = await driven(t)
  for (const world of ['', '/worlds/typed']) {
    const seen = await typedBackup(`${url}${world}${basePath}`, () => xDate(time.now))
    t.match(seen.added, { scopeList: [{ localPath: '/contacts' }], failedScopeList: [{ errorCode: '13000102' }] })
    t.match(seen.changed, { data: { configValue: 'on' }, code: 0 })
    t.match(seen.files.data, [{ fileName: 'letter.txt', size: 4 }])
    t.match(seen.records.data, [{ status: 1, deviceInfo: { machineCode: 'LAPTOP1' } }])
    t.match(seen.unbound.data, { machineCode: 'LAPTOP1' })
    t.same(seen.refused, { code: catalogue.notFound.code, msg: catalogue.notFound.msg })
  }
})

t.test('the typed client that its page shows compiles and is answered', async (t) => {
  const { url, close } = await startEmulator()
  t.teardown(close)
  const [text = ''] = textsOf(pageAt('docs/guides/openapi.md').text, 'ts')
  const types = readFileSync(`${root}test/fixtures/generated/openapi.ts`, 'utf8')
  const folder = t.testdir({
    'example.ts': text.replace(shownAddress, url),
    'koodrive.ts': types,
    'tsconfig.json': compact,
  })
  const compiled = runProcess(t, process.execPath, [realpathSync(`${root}node_modules/.bin/tsc`), '--project', folder])
  const run = runProcess(t, process.execPath, [`${folder}/example.ts`])
  t.match(await compiled.exited, { code: 0 }, compiled.stdout())
  t.match(await run.exited, { code: 0 }, run.stderr())
  t.match(run.stdout(), /^[0-9a-f-]{36}@102\n$/)
})

t.test('the document and its page are served, each with its type, a tag and a strict policy', async (t) => {
  const { server } = await emulatorFor(t)
  const get = (path: string, headers = {}, method: 'GET' | 'HEAD' = 'GET') =>
    server.inject({ method, url: `/_emulator${path}`, headers })
  const page = await get('/docs')
  const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => link)
  t.ok(links.length > 4)
  for (const [path, text] of [
    ['/openapi.json', openApiText],
    ['/control.json', controlText],
  ] as const) {
    t.equal((await get(path)).body, text('http://localhost:80'))
    t.equal((await get(path, { host: '[::1]:4020' })).body, text('http://[::1]:4020'), 'where it was asked')
    const named = await emulatorFor(t, { publicUrl: `${base}/` })
    t.equal((await named.server.inject(`/_emulator${path}`)).body, text(base), 'where clients are told to ask')
  }
  const types: Readonly<Record<string, string>> = {
    css: 'text/css; charset=utf-8',
    js: 'text/javascript; charset=utf-8',
    json: 'application/json; charset=utf-8',
    png: 'image/png',
    docs: 'text/html; charset=utf-8',
  }
  for (const path of ['docs', 'openapi.json', 'control.json', ...links]) {
    const answer = await get(`/${path}`)
    t.equal(answer.statusCode, 200, path)
    t.equal(answer.headers['content-type'], types[path.split('.').at(-1) ?? ''], path)
    t.match(answer.headers['content-security-policy'], /^default-src 'self';/)
    t.notMatch(answer.headers['content-security-policy'], /unsafe|https?:|\*/)
    const head = await get(`/${path}`, {}, 'HEAD')
    t.same([head.statusCode, head.body, head.headers['content-length']], [200, '', answer.headers['content-length']])
    const same = await get(`/${path}`, { 'if-none-match': answer.headers.etag })
    t.same([same.statusCode, same.body], [304, ''])
  }
  const slash = await get('/docs/')
  t.same([slash.statusCode, slash.headers.location], [308, '../docs'])
  for (const path of ['/docs/package.json', '/docs/..%2Fdocs.html', '/docs/constructor']) {
    t.match(await get(path), { statusCode: 404, headers: { 'content-type': /^application\/problem\+json/ } }, path)
  }
})

t.test('addresses that people open lead a browser to a page, and nobody else', async (t) => {
  const { server } = await emulatorFor(t)
  const accept = 'text/html,application/xhtml+xml,*/*;q=0.8'
  for (const [url, page] of [
    ['/', '/prefix/_emulator/'],
    ['/docs', '/prefix/_emulator/docs'],
  ] as const) {
    for (const method of ['GET', 'HEAD'] as const) {
      const { statusCode, headers } = await server.inject({ method, url, headers: { accept } })
      const leadsTo = new URL(String(headers.location), `http://x/prefix${url}`).pathname
      t.strictSame([statusCode, leadsTo], [302, page], `${method} ${url}`)
    }
    for (const [method, other] of [
      ['GET', '*/*'],
      ['GET', 'application/json'],
      ['POST', accept],
    ] as const) {
      t.match(await server.inject({ method, url, headers: { accept: other } }), { statusCode: 404 }, `${method} ${url}`)
    }
  }
  for (const url of ['/docs/', '/worlds/a/', '/koodrive'])
    t.match(await server.inject({ url, headers: { accept } }), { statusCode: 404 }, url)
  t.match(await server.inject({ url: '/', headers: { accept, host: 'page.example' } }), { statusCode: 403 })
  const noted: { requests: { status: number }[] } = (await server.inject('/_emulator/worlds/default/requests')).json()
  t.ok(noted.requests.length > 0 && noted.requests.every(({ status }) => status === 404), 'visits are in no journal')
  const off = await emulatorFor(t, { control: 'off' })
  for (const url of ['/', '/docs', '/_emulator'])
    t.match(
      await off.server.inject({ url, headers: { accept } }),
      { statusCode: 404 },
      `${url} without a control plane`,
    )
})

t.test('the page and the document belong to the control plane: guarded with it, and gone without it', async (t) => {
  const [on, off] = [await emulatorFor(t), await emulatorFor(t, { control: 'off' })]
  for (const url of [
    '/_emulator/openapi.json',
    '/_emulator/control.json',
    '/_emulator/docs',
    '/_emulator/docs/',
    '/_emulator/docs/docs.js',
  ]) {
    t.match(await on.server.inject({ url, headers: { host: 'page.example' } }), { statusCode: 403 }, url)
    t.match(await off.server.inject({ url }), { statusCode: 404, headers: { 'content-type': /problem/ } }, url)
  }
})

t.test('the command openapi prints either document, with the address that is named, and starts nothing', async (t) => {
  for (const [args, text] of [
    [[], openApiText(usualAddress())],
    [['--public-url', `${base}/`], openApiText(base)],
    [['--control', `--public-url=${base}`], controlText(base)],
  ] as const) {
    const printed = await runToEnd(t, ['openapi', ...args], { counted: true })
    t.same([printed.code, printed.stderr], [0, ''])
    t.ok(printed.stdout === text, args.join(' '))
  }
  t.equal(usualAddress(), shownAddress)
  await t.rejects(printOpenApi(['--port', '1']), { name: 'SettingsError', message: /^openapi: .*'--port'/ })
  await t.rejects(
    printOpenApi(['--public-url', 'example']),
    new SettingsError('openapi --public-url takes an address such as https://emulator.example'),
  )
})

t.test('a reader that has seen enough does not make the command fail', async (t) => {
  const run = runProcess(t, process.execPath, [program, 'openapi'])
  run.child.stdout.destroy()
  t.match(await run.exited, { code: 0 })
  t.equal(run.stderr(), '')
})
