import { existsSync, readFileSync, statSync } from 'node:fs'
import t from 'tap'
import { catalogue } from '../src/errors.ts'
import { readSeed } from '../src/seed.ts'
import type { SettingName } from '../src/settings.ts'
import { definitions, environmentName } from '../src/settings.ts'
import { emulatorFor } from './fixtures/emulator.ts'

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

const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']
const shipped = [...documents, 'Dockerfile', '.dockerignore', 'compose.yaml', '.ci/run', 'package.json', 'LICENSE']

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
      fallback ?? 'unset',
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

t.test('the seed of the README is one', async (t) => {
  const [, text = ''] = /```json\n(\{\n {2}"configCatalogue"[^`]*)```/.exec(readme) ?? []
  const seed = readSeed(`${t.testdir({ 'seed.json': text })}/seed.json`)
  t.same(Object.keys(seed), ['configCatalogue', 'users', 'tokens', 'apps'])
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
