import { hash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { basePath } from '../schemas/common.ts'
import { effects } from '../schemas/faults.ts'
import { contracts } from '../schemas/index.ts'
import type { Operation } from '../schemas/operation.ts'
import { catalogue } from '../src/errors.ts'
import { startEmulator } from '../src/index.ts'
import { readProfile } from '../src/profile.ts'
import { backupRules } from '../src/review/backup-rules.ts'
import { callRules } from '../src/review/call-rules.ts'
import { readSeed } from '../src/seed.ts'
import type { SettingName } from '../src/settings.ts'
import { definitions, environmentName } from '../src/settings.ts'
import { exits } from '../src/verify/exits.ts'
import { flags, readOptions } from '../src/verify/options.ts'
import { examplesOf, paste, sectionOf, textsOf, withoutChance } from './fixtures/documents.ts'
import { emulatorFor } from './fixtures/emulator.ts'
import { root } from './fixtures/process.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const readme = read('README.md')
const manifest = JSON.parse(read('package.json'))

interface LockEntry {
  readonly version?: string
  readonly gypfile?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
const lock = read('package-lock.json')
const locked: Readonly<Record<string, LockEntry>> = JSON.parse(lock).packages

const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'FIDELITY.md']
const shipped = [...documents, 'Dockerfile', '.dockerignore', 'compose.yaml', '.ci/run', 'package.json', 'LICENSE']

// Shell examples spend their time in starting processes; those of one section need not wait for those of another.
t.jobs = 4

/** The rows of the README's table with these column headings, as their cells without code marks. */
function tableOf(...headings: string[]): string[][] {
  const head = `| ${headings.join(' | ')} |\n|${'---|'.repeat(headings.length)}\n`
  const [rows = ''] = (readme.split(head)[1] ?? '').split('\n\n', 1)
  return rows.split('\n').map((row) =>
    row
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.replace(/^`(.*)`$/, '$1')),
  )
}

t.test('the table of errors is the catalogue', async (t) => {
  const documented = tableOf('key', 'status', 'code', 'msg', 'when')
  t.same(
    documented.map((cells) => cells.slice(0, 4)),
    Object.entries(catalogue).map(([key, { status, code, msg }]) => [key, `${status}`, `${code}`, msg]),
  )
  for (const cells of documented) t.match(cells, { length: 5, 4: /\.$/ }, `${cells[0]} says when`)
})

t.test('the table of settings is what the command line takes', async (t) => {
  const documented = tableOf('flag', 'environment variable', 'default', 'meaning')
  t.same(
    documented.map((cells) => cells.slice(0, 3)),
    Object.entries(definitions).map(([name, { flag, fallback }]) => [
      `--${flag}`,
      environmentName(name as SettingName), // keys of a constant object are its names
      fallback === '' ? 'none' : (fallback ?? 'unset'),
    ]),
  )
  for (const cells of documented) t.match(cells, { length: 4, 3: /\.$/ }, `${cells[0]} has a meaning`)
})

t.test('the first session goes as the README shows it', async (t) => {
  const emulator = await emulatorFor(t)
  const request = /curl -X (\w+) http:\/\/127\.0\.0\.1:4020\/koodrive\/ose\/v1\/backup(\S+) [^`]*-d '(.*)'\n/.source
  const steps = [...readme.matchAll(new RegExp(`${request}\`\`\`\n\n\`\`\`json\n(.*)\n`, 'g'))]
  t.equal(steps.length, 3)
  const withoutIds = (body: string): string => body.replace(/"(scopeId|createTime)":"[^"]*"/g, '"$1":""')
  for (const [, method = '', path = '', body = '', shown = ''] of steps) {
    const answer = await emulator.call({ method, path, body })
    t.equal(withoutIds(answer.body), withoutIds(shown))
    if (method !== 'PATCH') continue
    const again = await emulator.call({ method, path, body })
    const [, status, reason, refused] =
      /HTTP\/1\.1 (\d+)[^`]*?x-emulator-reason: (.*)\n[^`]*\n\n(.*)\n```/.exec(readme) ?? []
    t.same([`${again.statusCode}`, again.headers['x-emulator-reason'], again.body], [status, reason, refused])
  }
})

t.test('the tables of the conformance kit are its flags and its exits, and its examples can be given', async (t) => {
  t.same(
    tableOf('option', 'default', 'meaning').map(([usage]) => usage),
    Object.entries(flags).map(([name, flag]) => `--${name}${'takes' in flag ? ` ${flag.takes}` : ''}`),
  )
  t.same(
    tableOf('status', 'meaning'),
    Object.values(exits).map(({ status, meaning }) => [`${status}`, meaning]),
  )
  const examples = textsOf(sectionOf(readme, 'Verifying a server'), 'sh')
    .join('')
    .matchAll(/main\.js verify (.*)$/gm)
  const given = [...examples].map(([, words = '']) => readOptions(words.split(' '), { KOODRIVE_TOKEN: 'any-token' }))
  t.match(given, { length: 4, 0: { url: 'http://127.0.0.1:4020', userId: '1001' } })
})

t.test('the table of operations is the contracts', async (t) => {
  const all: readonly Operation[] = Object.values(contracts)
  t.same(
    tableOf('operation', 'method', 'path', 'lock', 'standing'),
    all.map(({ id, method, path, lock, standing }) => [id, method, path, lock ? 'needed' : '–', standing]),
  )
})

t.test('the table of effects is what a fault may have', async (t) => {
  const documented = tableOf('effect', 'parameters', 'what happens')
  t.same(
    documented.map(([type, parameters = '']) => [type, ...(parameters.match(/\b(?!(none|or|and)\b)\w+/g) ?? [])]),
    Object.entries(effects).map(([type, { properties }]) => [
      type,
      ...Object.keys(properties).filter((name) => name !== 'type'),
    ]),
  )
})

t.test('the table of findings is the rules of the review', async (t) => {
  t.same(
    tableOf('finding', 'what it says'),
    [...backupRules, ...callRules].map(({ rule, message }) => [rule, message]),
  )
})

t.test('every route of the control plane that the README names is there', async (t) => {
  const { server } = await emulatorFor(t)
  const documented = tableOf('method', 'path below `/_emulator`', 'what it does')
  t.ok(documented.length > 15)
  for (const [methods = '', path = ''] of documented) {
    const url = `/_emulator${path.replace(/\{(\w+)\}/g, ':$1')}`
    for (const method of methods.split(', ')) t.ok(server.hasRoute({ method, url }), `${method} ${url}`)
  }
})

t.test('a whole backup goes as the README shows it, and calls every operation', { buffered: true }, async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const [backup] = examplesOf(sectionOf(readme, 'A whole backup'))
  const [printed = ''] = await paste(t, [backup?.command ?? ''], emulator.url)
  t.equal(withoutChance(printed), withoutChance(backup?.shown ?? ''))
  const entries = emulator.world('default').requests()
  const called = new Set(entries.map(({ operation }) => operation).filter((operation) => operation !== null))
  t.same([...called].sort(), Object.keys(contracts).sort())
  t.same(entries.filter(({ operation }) => operation === null).length, 3, 'and three uploads')
  for (const { code, path, unread, reason } of entries)
    t.same({ code, unread, reason }, { code: 0, unread: [], reason: null }, path)
})

for (const title of ['The app signature', 'Testing a client', 'Faults', 'Reading the journal']) {
  t.test(`the shell examples of ${title} print what the README shows`, { buffered: true }, async (t) => {
    const emulator = await startEmulator()
    t.teardown(() => emulator.close())
    const [helpers] = examplesOf(sectionOf(readme, 'Testing a client'))
    const own = examplesOf(sectionOf(readme, title))
    const examples = helpers && own[0]?.command !== helpers.command ? [helpers, ...own] : own
    t.ok(own.length > 0)
    const printed = await paste(
      t,
      examples.map(({ command }) => command),
      emulator.url,
    )
    for (const [index, { command, shown }] of examples.entries()) {
      t.equal(withoutChance(printed[index] ?? ''), withoutChance(shown), command)
    }
  })
}

t.test('every Node.js example holds', async (t) => {
  const titles = ['Testing a client', 'Faults', 'Reading the journal']
  const [preamble = '', ...examples] = titles.flatMap((title) => textsOf(sectionOf(readme, title), 'js'))
  t.ok(examples.length > 9)
  const module = [
    preamble.replace('koodrive-backup-emulator', pathToFileURL(`${root}src/index.ts`).href),
    'export const close = () => emulator.close()',
    `export const examples = [${examples.map((example) => `async () => {\n${example}\n}`).join(',\n')}]`,
  ]
  const folder = t.testdir({ 'examples.mjs': module.join('\n') })
  const loaded: { examples: (() => Promise<void>)[]; close: () => Promise<void> } = await import(
    `${folder}/examples.mjs`
  )
  t.teardown(() => loaded.close())
  for (const [index, example] of loaded.examples.entries()) await t.resolves(example(), `${examples[index]}`)
})

t.test('the worked example of the app signature is right, and is what the emulator computes', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const section = sectionOf(readme, 'The app signature')
  const [, canonical = '', toSign = '', signature = ''] = textsOf(section, 'text').map((text) => text.slice(0, -1))
  const [, xDate = '', userId = ''] = /^x-date:(.*)\nx-user-id:(.*)$/m.exec(canonical) ?? []
  const appId = JSON.parse(read('data/seed.json')).apps[0].appId
  const path = `${basePath}/device/1842812272691451648/configs?moduleCode=102`
  const [code = ''] = textsOf(section, 'js')
  const folder = t.testdir({ 'authorize.mjs': `${code}\nexport { authorize }` })
  const { authorize } = await import(`${folder}/authorize.mjs`)
  const headers = { 'x-date': xDate, 'x-user-id': userId }
  const request = { method: 'GET', url: `http://127.0.0.1:4020${path}`, headers }
  const authorization: string = authorize(request, appId, 'emulator-app-secret')
  t.equal(
    authorization,
    `HMAC-SHA256 AppId=${appId},SignedHeaders=x-date;x-user-id,Signature=${signature}`,
    'by the code shown',
  )
  t.equal(toSign, `HMAC-SHA256\n${hash('sha256', canonical)}`)
  const explained = emulator.world('default').explain({
    method: 'GET',
    path,
    headers: { ...headers, authorization },
    now: '2025-12-17T12:00:00Z',
  })
  t.match(explained, { accepted: true, canonicalRequest: canonical, stringToSign: toSign })
})

t.test('the seed and the profile of the README are ones', async (t) => {
  const [seedText = ''] = textsOf(sectionOf(readme, 'Seed'), 'json')
  const [profileText = ''] = textsOf(sectionOf(readme, 'Profile'), 'json')
  const folder = t.testdir({ 'seed.json': seedText, 'profile.json': profileText })
  const seed = readSeed(`${folder}/seed.json`)
  t.same(Object.keys(seed), ['configCatalogue', 'users', 'tokens', 'apps'])
  const emulator = await startEmulator({ seed: `${folder}/seed.json`, profile: `${folder}/profile.json` })
  t.teardown(() => emulator.close())
  const { records = [] } = emulator.world('default').state().users?.['1001'] ?? {}
  t.match(records, [{ version: 1, endTime: '2025-12-17T08:00:00.000Z', files: [{ fileName: 'cat.jpg', size: 4 }] }])
  const { lockHeld, notFound } = readProfile(`${folder}/profile.json`)
  t.same(lockHeld, { status: 409, code: 1, msg: 'locked' })
  t.same(notFound, { ...catalogue.notFound, status: 404 })
})

t.test('the contents name every section, and links within the documents lead somewhere', async (t) => {
  const slug = (title: string) =>
    title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-')
  const titles = [...readme.matchAll(/^##+ (.*)$/gm)].map(([, title = '']) => slug(title))
  const targets = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, target = '']) => target)
  for (const target of targets) t.ok(titles.includes(target), target)
  const sections = [...readme.matchAll(/^## (.*)$/gm)].map(([, title = '']) => slug(title))
  const before = ['what-it-is-not', 'run-it', 'contents', 'more']
  for (const section of sections.filter((one) => !before.includes(one))) t.ok(targets.includes(section), section)
})

t.test('links lead to files that are there', async (t) => {
  for (const document of documents) {
    const targets = [...read(document).matchAll(/\]\(([^)#]+)/g)].map(([, target = '']) => target)
    t.ok(targets.length > 0, `${document} has links`)
    for (const target of targets) t.ok(/^https:/.test(target) || existsSync(target), `${document} names ${target}`)
  }
})

t.test('the documents name nobody’s own machine and no package registry', async (t) => {
  for (const document of shipped) {
    t.notMatch(read(document), /(?<![\w.-])\/(work|root|home|Users)\/|\bregistry\.\w+\./, document)
  }
})

t.test('the version is the newest of the changelog', async (t) => {
  const [, newest] = /^## \[(\d.*?)\]/m.exec(read('CHANGELOG.md')) ?? []
  t.equal(manifest.version, newest)
  t.equal(locked['']?.version, newest)
  t.match(readme, `koodrive-backup-emulator-${newest}.tgz`)
})

t.test('the licence is the one that package.json names', async (t) => {
  t.equal(manifest.license, 'Apache-2.0')
  t.match(read('LICENSE'), /Apache License\s+Version 2\.0, January 2004/)
})

t.test('a clean install needs neither a compiler nor a registry of one’s own', async (t) => {
  t.notMatch(lock, '"resolved"', 'addresses are left to whoever installs')
  const sqlite = 'node_modules/better-sqlite3'
  t.equal(locked[sqlite]?.gypfile, false, `npm 10: "gypfile": false belongs into the lock file’s entry of ${sqlite}`)
  t.equal(manifest.allowScripts['better-sqlite3'], false, 'npm 11')
  t.equal(manifest.allowScripts['node'], true, 'its binary comes by its install script')
  t.equal(manifest.devDependencies['node'], locked['node_modules/node']?.version, 'exact, for it has no hash')
})

t.test('the lock file has the optional packages of every platform, without which npm ci refuses it', async (t) => {
  for (const [path, { optionalDependencies = {} }] of Object.entries(locked)) {
    for (const name of Object.keys(optionalDependencies)) {
      t.ok(locked[`node_modules/${name}`] ?? locked[`${path}/node_modules/${name}`], `${path} may need ${name}`)
    }
  }
})

t.test('.ci/run does what a newcomer would', async (t) => {
  t.equal(statSync('.ci/run').mode & 0o111, 0o111, 'it is executable')
  const lines = read('.ci/run').trim().split('\n')
  t.same(lines, ['#!/usr/bin/env bash', 'set -euo pipefail', 'cd "$(dirname "$0")/.."', 'npm ci && npm test'])
})

t.test('the image is built in two stages, without scripts, and runs as a user with a number', async (t) => {
  const lines = read('Dockerfile').split('\n')
  const having = (instruction: string) => lines.filter((line) => line.startsWith(`${instruction} `))
  t.same(having('FROM'), ['FROM node:24-bookworm-slim AS build', 'FROM node:24-bookworm-slim AS emulator'])
  t.match(having('USER').at(-1), /^USER [1-9]\d*(:\d+)?$/)
  for (const line of lines.filter((one) => one.includes('npm ci'))) t.match(line, '--ignore-scripts')
  for (const instruction of having('ENTRYPOINT')) t.match(instruction, /^ENTRYPOINT \["node", /)
  t.match(having('HEALTHCHECK'), { length: 1, 0: / CMD \["node", "src\/main\.js", "health"\]$/ })
})
