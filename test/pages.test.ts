import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Static } from '@sinclair/typebox'
import type { Test } from 'tap'
import t from 'tap'
import { parse } from 'yaml'
import { readExecOptions } from '../exec/options.ts'
import { basePath } from '../schemas/common.ts'
import type { WorldList } from '../schemas/control.ts'
import { contracts, operationNames, uploadPart } from '../schemas/index.ts'
import { catalogue } from '../src/errors.ts'
import type { WorldHandle } from '../src/index.ts'
import { startEmulator } from '../src/index.ts'
import type { SettingName } from '../src/settings/settings.ts'
import { definitions, environmentName } from '../src/settings/settings.ts'
import { blocksOf, examplesOf, pageAt, pages, paste, savedFiles, textsOf, withoutChance } from './fixtures/documents.ts'
import { emulatorFor } from './fixtures/emulator.ts'
import { onPosix, root, runProcess } from './fixtures/process.ts'
import { exampleApp } from './fixtures/signing.ts'
import { hardRequests, isHere, languageNames, signedBy } from './fixtures/signing-samples.ts'
import { send } from './fixtures/wire.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
/** Pages with a whole file to copy, which is run by tests of its own. */
const isForTests = ({ path }: { readonly path: string }): boolean => path.startsWith('docs/tests/')
const pageOf = (name: string): string => pageAt(`docs/tests/${name}.md`).text
const source = pathToFileURL(`${root}src/index.ts`).href

const dockerfile = read('Dockerfile')
const [, exposedPort = ''] = /^EXPOSE (\d+)$/m.exec(dockerfile) ?? []
const image = 'koodrive-backup-emulator'
const healthPath = '/_emulator/health'

t.jobs = 4

/** What a service of a compose file or a workflow says, as far as it is looked at. */
interface Service {
  readonly image?: string
  readonly build?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
}
type Services = Readonly<Record<string, Service>>

const composeOf = (text: string): Services => parse(text).services
const yamlOf = (page: string): string => textsOf(pageOf(page), 'yaml').join()

interface Job {
  readonly services: Services
  readonly env: Readonly<Record<string, string>>
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[]
}
const job: Job = parse(yamlOf('github-actions')).jobs.test

/** Settings by the names of their environment variables. */
const settings = new Map(
  Object.entries(definitions).map(([name, definition]) => [environmentName(name as SettingName), definition] as const),
)

/** Says of each variable of the emulator's whether there is such a setting and it takes the value. */
function takesAll(t: Test, variables: Readonly<Record<string, string>>): void {
  for (const [variable, value] of Object.entries(variables)) {
    t.doesNotThrow(() => settings.get(variable)?.parse(value), `${variable} takes ${value}`)
    t.ok(settings.has(variable), `${variable} is a setting`)
  }
}

t.test('each page for tests has a whole file to save, and says how to get what it needs', (t) => {
  for (const page of pages.filter(isForTests)) {
    t.ok(savedFiles(page).length > 0, `${page.path} has a file to save`)
    t.match(page.text, /\]\(\.\.\/install\.md|docker (build|push)/, page.path)
  }
  t.end()
})

t.test('settings, routes, operations, codes and the version that pages name are there', async (t) => {
  const { server } = await emulatorFor(t)
  const codes = Object.values(catalogue).map(({ code }) => `${code}`)
  const { version } = JSON.parse(read('package.json'))
  const shards = 'docs/fleet/kubernetes/shards.yaml'
  for (const { path: name, text } of [...pages, { path: shards, text: read(shards) }]) {
    for (const [variable] of text.matchAll(/KOODRIVE_EMULATOR_\w+/g))
      t.ok(settings.has(variable), `${name} ${variable}`)
    for (const [code] of text.matchAll(/\b13\d{6}\b/g)) t.ok(codes.includes(code), `${name} ${code}`)
    for (const [, operation = ''] of text.matchAll(/operations["']?: \[["'](\w+)["']\]/g)) {
      t.ok(operation in contracts, `${name} ${operation}`)
    }
    for (const [, shown] of text.matchAll(/koodrive-backup-emulator[-:](\d[\d.]*\d)/g)) t.equal(shown, version, name)
  }
  t.ok(server.hasRoute({ method: 'GET', url: healthPath }))
})

/** Blocks that are not run by a test for all pages, by page: what runs them, or holds them to something, is named. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  'README.md': ['js'],
  'docs/guides/app-signature.md': ['js', 'python', 'kotlin', 'go'],
  'docs/guides/exec.md': ['js', 'yaml'], // test/exec.test.ts
  'docs/guides/gauntlet.md': ['js', 'yaml'], // test/gauntlet/page.test.ts
  'docs/guides/openapi.md': ['ts'], // test/openapi.test.ts
  'docs/install.md': ['json', 'powershell'], // npm's setting, and what nothing here can run
  'docs/reference/seed-and-profile.md': ['json'], // test/documents.test.ts
  'docs/tests/android-kotlin.md': ['kotlin', 'xml'], // npm run try:clients; the XML is Android's
  'docs/tests/compose.md': ['yaml'],
  'docs/tests/curl.md': ['sh'],
  'docs/tests/github-actions.md': ['yaml'],
  'docs/tests/gitlab-ci.md': ['yaml'],
  'docs/tests/jest.md': ['js'], // npm run try:clients
  'docs/tests/junit-testcontainers.md': ['java', 'groovy'], // npm run try:clients; the Groovy is Gradle's
  'docs/tests/node-test.md': ['js'],
  'docs/tests/pytest.md': ['python'], // npm run try:clients
  'docs/tests/testcontainers.md': ['ts', 'python'], // npm run try:clients
  'docs/tests/vitest.md': ['ts'], // npm run try:clients
}

const isPreamble = (code: string): boolean => code.startsWith("import assert from 'node:assert/strict'\n")

t.test('every example is run, or is held to something', (t) => {
  for (const { path, text } of pages) {
    const blocks = blocksOf(text)
    const isRun = blocks.some((block) => block.language === 'js' && isPreamble(block.text))
    const shown = ['sh', 'bash', 'text', ...(isRun ? ['js'] : []), ...(elsewhere[path] ?? [])]
    for (const [index, { language, text: code }] of blocks.entries()) {
      const isAnswer = /^(json|http)$/.test(language) && /^(sh|json)$/.test(blocks[index - 1]?.language ?? '')
      t.ok(isAnswer || shown.includes(language), `${path}: ${language} ${code}`)
    }
  }
  t.end()
})

for (const { path, text } of pages.filter((page) => !isForTests(page) && textsOf(page.text, 'sh').length > 0)) {
  t.test(`${path}: its shell examples print what it shows`, { buffered: true, ...onPosix() }, async (t) => {
    const emulator = await startEmulator()
    t.teardown(() => emulator.close())
    const examples = examplesOf(text)
    const printed = await paste(
      t,
      examples.map(({ command }) => command),
      emulator.url,
    )
    for (const [index, { command, shown }] of examples.entries()) {
      t.equal(withoutChance(printed[index] ?? ''), withoutChance(shown), command)
    }
    const isWhole = path === 'docs/whole-backup.md'
    if (isWhole) callsEverything(t, emulator.world('default').requests())
  })
}

/** A whole backup calls every operation, without a mistake. */
function callsEverything(t: Test, entries: ReturnType<WorldHandle['requests']>): void {
  const called = new Set(entries.map(({ operation }) => operation))
  t.same([...called].sort(), operationNames.toSorted())
  t.equal(entries.filter(({ operation }) => operation === uploadPart).length, 3, 'and three uploads')
  for (const { operation, code, path, unread, reason } of entries) {
    const none = operation === uploadPart ? null : 0
    t.same({ code, unread, reason }, { code: none, unread: [], reason: null }, path)
  }
}

t.test('the same change sent again is refused as pages show it', async (t) => {
  const showing = pages.filter(({ text }) => textsOf(text, 'http').length > 0)
  t.ok(showing.length > 1)
  for (const { path, text } of showing) {
    const emulator = await emulatorFor(t)
    const [, method = '', url = '', body = ''] =
      /curl -X (PATCH) http:\/\/127\.0\.0\.1:4020\/koodrive\/ose\/v1\/backup(\S+) [^`]*-d '(.*)'\n```/.exec(text) ?? []
    await emulator.call({ method, path: url, body })
    const again = await emulator.call({ method, path: url, body })
    const [, status, reason, refused] =
      /HTTP\/1\.1 (\d+)[^`]*?x-emulator-reason: (.*)\n(?:[^`]*\n)?\n(.*)\n```/.exec(text) ?? []
    t.same([`${again.statusCode}`, again.headers['x-emulator-reason'], again.body], [status, reason, refused], path)
  }
})

for (const { path, text } of pages.filter((page) => textsOf(page.text, 'js').some(isPreamble))) {
  if (path === 'README.md' || isForTests({ path })) continue
  t.test(`${path}: its examples in Node.js hold`, async (t) => {
    const [preamble = '', ...examples] = textsOf(text, 'js')
    t.ok(examples.length > 0)
    const module = [
      preamble.replace('koodrive-backup-emulator', source),
      'export const close = () => emulator.close()',
      `export const examples = [${examples.map((example) => `async () => {\n${example}\n}`).join(',\n')}]`,
    ]
    const folder = t.testdir({ 'examples.mjs': module.join('\n') })
    const loaded: { examples: (() => Promise<void>)[]; close: () => Promise<void> } = await import(
      pathToFileURL(`${folder}/examples.mjs`).href
    )
    t.teardown(() => loaded.close())
    for (const [index, example] of loaded.examples.entries()) await t.resolves(example(), `${examples[index]}`)
  })
}

t.test(
  'pages that use the same shell functions and the same lines before their examples show the same',
  onPosix(),
  (t) => {
    const guides = pages.filter(({ path }) => path.startsWith('docs/guides/'))
    const distinct = (language: string, first: RegExp) =>
      new Set(guides.flatMap(({ text }) => textsOf(text, language)).filter((code) => first.test(code)))
    t.equal(distinct('sh', /^host=/).size, 1)
    t.equal(distinct('js', /^import assert/).size, 1)
    t.end()
  },
)

t.test('the test in the README passes with a client that does as it says', async (t) => {
  const [code = ''] = textsOf(pageAt('README.md').text, 'js')
  const client = `
    async function addPhotos(url) {
      const call = async (method, path, body) => {
        const headers = {
          authorization: 'Bearer any-token',
          'x-user-id': '1001',
          'x-date': new Date().toISOString().replace(/[-:]|\\.\\d{3}/g, ''),
          'content-type': 'application/json',
        }
        const init = { method, headers, body: body && JSON.stringify(body) }
        return (await fetch(url + '/koodrive/ose/v1/backup' + path, init)).json()
      }
      const { deviceId } = (await call('POST', '/device', { machineCode: 'LAPTOP1' })).data
      const path = '/device/' + deviceId + '/scope'
      const batch = { moduleCode: '100', scopeList: [{ localPath: '/photos' }] }
      await call('POST', path, batch).catch(() => call('GET', path + '?moduleCode=100'))
    }`
  const folder = t.testdir({ 'test.mjs': code.replace('koodrive-backup-emulator', source) + client })
  await t.resolves(import(`${folder}/test.mjs`))
})

/** The function of the page on the app signature, in JavaScript. */
async function authorizeOf(t: Test): Promise<(request: object, appId: string, appSecret: string) => string> {
  const [code = ''] = textsOf(pageAt('docs/guides/app-signature.md').text, 'js')
  return (await import(pathToFileURL(`${t.testdir({ 'authorize.mjs': code })}/authorize.mjs`).href)).authorize
}

t.test('the worked example of the app signature is right, and is what the emulator computes', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const { text } = pageAt('docs/guides/app-signature.md')
  const [, canonical = '', toSign = '', signature = ''] = textsOf(text, 'text').map((block) => block.slice(0, -1))
  const [, xDate = '', userId = ''] = /^x-date:(.*)\nx-user-id:(.*)$/m.exec(canonical) ?? []
  const { appId, appSecret } = exampleApp
  const target = `${basePath}/device/1842812272691451648/configs?moduleCode=102`
  const headers = { 'x-date': xDate, 'x-user-id': userId }
  const authorize = await authorizeOf(t)
  const authorization = authorize({ method: 'GET', target, headers }, appId, appSecret)
  t.equal(
    authorization,
    `HMAC-SHA256 AppId=${appId},SignedHeaders=x-date;x-user-id,Signature=${signature}`,
    'by the code shown',
  )
  t.equal(toSign, `HMAC-SHA256\n${hash('sha256', canonical)}`)
  const explained = await emulator.world('default').explain({
    method: 'GET',
    path: target,
    headers: { ...headers, authorization },
    now: '2025-12-17T12:00:00Z',
  })
  t.match(explained, { accepted: true, canonicalRequest: canonical, stringToSign: toSign })
})

t.test('COM-16 DEC-3: hard requests, signed by the page’s function in JavaScript, are accepted', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const authorize = await authorizeOf(t)
  const { appId, appSecret } = exampleApp
  for (const { method, target, xDate, userId, body } of hardRequests()) {
    const headers = { 'x-date': xDate, 'x-user-id': userId }
    const authorization = authorize({ method, target, headers, body }, appId, appSecret)
    const now = '2025-12-17T12:00:00Z'
    const { check, reason } = await emulator
      .world('default')
      .explain({ method, path: target, now, headers: { ...headers, authorization }, ...(body && { body }) })
    t.not(check, 'Authorization', `${target}: ${reason}`)
  }
})

for (const language of languageNames) {
  const skip = isHere(language) ? false : `there is no ${language} on this machine`
  t.test(`the page’s function in ${language} signs hard requests as that in JavaScript does`, { skip }, async (t) => {
    const [code = ''] = textsOf(pageAt('docs/guides/app-signature.md').text, language)
    const authorize = await authorizeOf(t)
    const requests = hardRequests()
    const { appId, appSecret } = exampleApp
    const expected = requests.map(({ method, target, xDate, userId, body }) =>
      authorize({ method, target, headers: { 'x-date': xDate, 'x-user-id': userId }, body }, appId, appSecret),
    )
    const signed = await signedBy(t, language, code, requests)
    t.equal(signed.length, requests.length)
    for (const [index, { target }] of requests.entries()) t.equal(signed[index], expected[index], target)
  })
}

/** A command line as whoever has the package writes it, for this checkout. */
function inCheckout(command: string): string {
  const installed = `npx --no -- ${image} `
  t.ok(command.startsWith(installed), command)
  return command.replace(installed, `'${process.execPath}' '${join(root, 'src/main.js')}' `)
}

t.test('pages start the emulator by exec where their language has no better habit', (t) => {
  for (const name of ['android-kotlin', 'curl', 'pytest'])
    t.match(textsOf(pageOf(name), 'sh').at(-1), new RegExp(`^npx --no -- ${image} exec -- .+\n$`), name)
  for (const name of ['github-actions', 'gitlab-ci']) {
    const lines = [...pageOf(name).matchAll(/`npx --no -- koodrive-backup-emulator exec (.+?)`/gs)]
    t.equal(lines.length, 1, name)
    for (const [, words = ''] of lines)
      t.match(readExecOptions(words.split(/\s+/), {}), { command: ['sh', 'backup.sh'] })
  }
  t.end()
})

t.test('the page for node:test: its file passes and prints what is shown', { buffered: true }, async (t) => {
  const [code = ''] = textsOf(pageOf('node-test'), 'js')
  const module = code.replace(`'${image}'`, `'${source}'`)
  const run = runProcess(t, process.execPath, [
    '--test-reporter=spec',
    `${t.testdir({ 'backup.mjs': module })}/backup.mjs`,
  ])
  t.match(await run.exited, { code: 0 }, run.stdout())
  const [shown = ''] = textsOf(pageOf('node-test'), 'text')
  const titles = (output: string) => [...output.matchAll(/^✔ ([^(\n]*\w)/gm)].map(([, title]) => title)
  t.same(titles(run.stdout()), titles(shown))
  t.equal(titles(shown).length, 4)
})

t.test(
  'the page for curl: its script prints what is shown, and leaves no world behind',
  { buffered: true, ...onPosix() },
  async (t) => {
    const emulator = await startEmulator()
    t.teardown(() => emulator.close())
    const [script, command] = examplesOf(pageOf('curl'))
    const save = `cat > backup.sh <<'SAVED'\n${script?.command}SAVED\n`
    const beside = inCheckout(command?.command ?? '')
    const [, withAddress = ''] = /`(KOODRIVE_URL=\S+ sh backup\.sh)`/.exec(pageOf('curl')) ?? []
    const [, ...printed] = await paste(t, [save, beside, `${withAddress}\n`], emulator.url)
    t.same(printed, [command?.shown, command?.shown])
    const left: Static<typeof WorldList> = JSON.parse((await send(`${emulator.url}/_emulator/worlds`)).text)
    t.same(
      left.worlds.map(({ name }) => name),
      ['default'],
    )
  },
)

t.test('a failing script for curl leaves its world where the workflow takes it from', onPosix(), async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const { KOODRIVE_WORLD: name = '' } = job.env
  const [script = ''] = textsOf(pageOf('curl'), 'sh')
  const spoilt = script.replace('"code":13990409', '"code":0')
  const save = `cat > backup.sh <<'SAVED'\n${spoilt}SAVED\n`
  const [, printed] = await paste(t, [save, `KOODRIVE_WORLD=${name} sh backup.sh || echo "status $?"\n`], emulator.url)
  t.match(printed, /^not ok - a stale value is refused: .*\nstatus 1\n$/)
  t.match(job.steps[2]?.run, ' "$KOODRIVE_URL/_emulator/worlds/$KOODRIVE_WORLD/archive" ')
  const kept = await startEmulator()
  t.teardown(() => kept.close())
  const world = kept.world('failed')
  world.adopt(emulator.world(name).archive())
  t.match(world.requests(), [{ operation: 'updateConfigInfo', code: 13990409 }])
})

t.test('the workflow runs the image with settings that there are, where its steps look for it', (t) => {
  const { koodrive } = job.services
  t.match(koodrive?.image, new RegExp(`^[\\w./-]+/${image}:`))
  t.match(pageOf('github-actions'), `docker build -t ${koodrive?.image} .\ndocker push ${koodrive?.image}\n`)
  takesAll(t, koodrive?.env ?? {})
  t.same(koodrive?.ports, [`${exposedPort}:${exposedPort}`])
  t.equal(job.env['KOODRIVE_URL'], `http://127.0.0.1:${exposedPort}`)
  t.equal(job.steps[1]?.run, 'sh backup.sh', 'the file of the page for curl')
  t.match(pageOf('curl'), 'Save this as `backup.sh`')
  t.end()
})

t.test('the job for GitLab runs the image with settings that there are, where its script looks for it', (t) => {
  const { contract } = parse(yamlOf('gitlab-ci'))
  const [koodrive] = contract.services
  const [, name = ''] = /^\$CI_REGISTRY_IMAGE(\/.*)$/.exec(koodrive.name) ?? []
  t.match(name, new RegExp(`^/${image}:`))
  t.match(pageOf('gitlab-ci'), new RegExp(`docker build -t \\S+${name} \\.\ndocker push \\S+${name}\n`))
  takesAll(t, koodrive.variables)
  t.equal(contract.variables.KOODRIVE_URL, `http://${koodrive.alias}:${exposedPort}`)
  t.same(contract.script, ['sh backup.sh'], 'the file of the page for curl')
  t.end()
})

t.test('every address that the page for Android names reaches the API and the control plane', async (t) => {
  const { server, call } = await emulatorFor(t)
  const addresses = [...pageOf('android-kotlin').matchAll(/`http:\/\/([\d.]+:\d+)`/g)].map(([, host = '']) => host)
  t.ok(addresses.includes(`10.0.2.2:${exposedPort}`))
  for (const host of addresses) {
    t.equal((await call({ method: 'GET', path: '/device', headers: { host } })).statusCode, 200, host)
    t.equal((await server.inject({ url: '/_emulator/worlds', headers: { host } })).statusCode, 200, host)
  }
})

t.test('the compose files start the image, and a client that waits for its health', (t) => {
  const page = composeOf(yamlOf('compose'))
  t.equal(page['koodrive']?.image, image)
  takesAll(t, page['koodrive']?.environment ?? {})
  t.same(page['client-tests']?.depends_on, { koodrive: { condition: 'service_healthy' } })
  t.match(page['client-tests']?.environment, { KOODRIVE_URL: `http://koodrive:${exposedPort}` })
  t.match(pageOf('curl'), 'KOODRIVE_URL')
  t.match(dockerfile, /^HEALTHCHECK /m)
  const own = read('compose.yaml')
  const { koodrive } = composeOf(own)
  t.equal(koodrive?.build, '.')
  t.same(koodrive?.ports, [`127.0.0.1:${exposedPort}:${exposedPort}`])
  // What is commented out there is for readers to use: it has to be right as well.
  const uncommented = own.replace(
    /^( +)# ?(?=( *(environment|KOODRIVE_\w+|client-tests|build|depends_on|koodrive|condition):))/gm,
    '$1',
  )
  const all = composeOf(uncommented)
  takesAll(t, all['koodrive']?.environment ?? {})
  t.same(all['client-tests']?.depends_on, page['client-tests']?.depends_on)
  t.end()
})

t.test('the pages for Testcontainers ask the image for what it has', (t) => {
  const [code = ''] = textsOf(pageOf('testcontainers'), 'ts')
  const [java = ''] = textsOf(pageOf('junit-testcontainers'), 'java')
  const [python = ''] = textsOf(pageOf('testcontainers'), 'python')
  t.match(java, `DockerImageName.parse("${image}")`)
  t.match(java, `Wait.forHttp("${healthPath}").forPort(${exposedPort})`)
  for (const other of [java, python]) {
    t.match(other, exposedPort)
    const given = other.matchAll(/[wW]ith_?[eE]nv\("(KOODRIVE_EMULATOR_\w+)", "([^"]*)"\)/g)
    const pairs = [...given].map(([, name = '', value = '']) => [name, value])
    t.ok(pairs.length > 0)
    takesAll(t, Object.fromEntries(pairs))
  }
  t.match(code, `new GenericContainer('${image}')`)
  t.match(code, `.withExposedPorts(${exposedPort})`)
  t.match(code, `Wait.forHttp('${healthPath}', ${exposedPort})`)
  const variables = [...code.matchAll(/(KOODRIVE_EMULATOR_\w+): '([^']*)'/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ])
  t.equal(variables.length, 2)
  takesAll(t, Object.fromEntries(variables))
  t.equal(exposedPort, definitions.port.fallback)
  t.end()
})

t.test('every page that starts the image forgets everything and binds nothing by itself', (t) => {
  for (const page of ['github-actions', 'gitlab-ci', 'compose', 'testcontainers']) {
    t.match(pageOf(page), /KOODRIVE_EMULATOR_DB: ':memory:'/, page)
    t.match(pageOf(page), /KOODRIVE_EMULATOR_DEVICES: '?strict/, page)
  }
  t.end()
})
