import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { besideDefaults } from '../cli/command-line.ts'
import type { CommandPlace } from '../cli/variables.ts'
import { templateWords, variablesOf } from '../cli/variables.ts'
import { coverageFlags } from '../exec/coverage-command.ts'
import { execExitMeanings } from '../exec/exits.ts'
import { execHelp } from '../exec/help.ts'
import { execFlags } from '../exec/options.ts'
import { gauntletExits } from '../gauntlet/exits.ts'
import { gauntletHelp } from '../gauntlet/help.ts'
import { gauntletFlags } from '../gauntlet/options.ts'
import { WorldRequest } from '../schemas/control.ts'
import { effects } from '../schemas/control-faults.ts'
import { controlOperations } from '../schemas/control-operations.ts'
import { goalKinds } from '../schemas/coverage.ts'
import { contracts } from '../schemas/index.ts'
import { events } from '../schemas/inspector.ts'
import { EntryDocument, ListQuery } from '../schemas/journal.ts'
import type { Operation } from '../schemas/operation.ts'
import { largestPart, lastNumber, linkSeconds, smallestPart } from '../schemas/upload-limits.ts'
import { catalogue } from '../src/errors.ts'
import { largestBody } from '../src/http/body.ts'
import { startEmulator } from '../src/index.ts'
import { reviewRules } from '../src/review/rules.ts'
import { readProfile } from '../src/settings/profile-file.ts'
import { readSeed } from '../src/settings/seed-file.ts'
import type { SettingName } from '../src/settings/settings.ts'
import { definitions, environmentName } from '../src/settings/settings.ts'
import { exits } from '../verify/exits.ts'
import { flags, readOptions } from '../verify/options.ts'
import { pageAt, pages, tableOf, textsOf } from './fixtures/documents.ts'
import { emulatorFor } from './fixtures/emulator.ts'
import { onPosix } from './fixtures/process.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const manifest = JSON.parse(read('package.json'))

interface LockEntry {
  readonly version?: string
  readonly gypfile?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
const lock = read('package-lock.json')
const locked: Readonly<Record<string, LockEntry>> = JSON.parse(lock).packages

/** Every document that people read, with its links. */
const documents = [
  ...pages,
  ...['CONTRIBUTING.md', 'CHANGELOG.md', 'FIDELITY.md', 'RELEASING.md', 'SECURITY.md', 'bench/README.md'].map(pageAt),
]
const shipped = ['Dockerfile', '.dockerignore', 'compose.yaml', '.ci/run', 'package.json', 'LICENSE'].map(pageAt)

t.test('the table of errors is the catalogue', async (t) => {
  const documented = tableOf(pageAt('docs/reference/errors.md'), 'key', 'status', 'code', 'msg', 'when')
  t.same(
    documented.map((cells) => cells.slice(0, 4)),
    Object.entries(catalogue).map(([key, { status, code, msg }]) => [key, `${status}`, `${code}`, msg]),
  )
  for (const cells of documented) t.match(cells, { length: 5, 4: /\.$/ }, `${cells[0]} says when`)
})

t.test('the table of settings is what the command line takes', async (t) => {
  const documented = tableOf(pageAt('docs/reference/settings.md'), 'flag', 'environment variable', 'default', 'meaning')
  t.same(
    documented.map((cells) => cells.slice(0, 3)),
    Object.entries(definitions).map(([name, { flag, fallback, isSecret }]) => [
      isSecret ? '–' : `--${flag}`,
      environmentName(name as SettingName), // keys of a constant object are its names
      fallback === '' ? 'none' : (fallback ?? 'unset'),
    ]),
  )
  for (const cells of documented) t.match(cells, { length: 4, 3: /\.$/ }, `${cells[0]} has a meaning`)
})

t.test('the tables of the conformance kit are its flags and its exits, and its examples can be given', async (t) => {
  const page = pageAt('docs/guides/verify.md')
  t.same(
    tableOf(page, 'option', 'default', 'meaning').map(([usage]) => usage),
    Object.entries(flags).map(([name, flag]) => `--${name}${'takes' in flag ? ` ${flag.takes}` : ''}`),
  )
  t.same(
    tableOf(page, 'status', 'meaning'),
    Object.values(exits).map(({ status, meaning }) => [`${status}`, meaning]),
  )
  const examples = textsOf(page.text, 'bash')
    .join('')
    .matchAll(/main\.js verify (.*)$/gm)
  const given = [...examples].map(([, words = '']) => readOptions(words.split(' '), { KOODRIVE_TOKEN: 'any-token' }))
  t.match(given, { length: 4, 0: { url: 'http://127.0.0.1:4020', userId: '1001' } })
})

const usageOf = ([name, flag]: readonly [string, { readonly help: string; readonly takes?: string }]): string =>
  `--${name}${flag.takes ? ` ${flag.takes}` : ''}`

t.test(
  'the tables of exec, of gauntlet and of coverage are their flags, exits, variables, kinds and defaults',
  async (t) => {
    const page = pageAt('docs/guides/exec.md')
    t.same(
      tableOf(page, 'flag', 'meaning').map(([usage = '']) => usage.replaceAll('\\', '')),
      Object.entries(execFlags).map(usageOf),
    )
    t.same(
      tableOf(page, 'status', 'meaning')
        .map(([status]) => status)
        .toSorted(),
      execExitMeanings.map(({ status }) => `${status}`).toSorted(),
    )
    for (const [name, value] of Object.entries(besideDefaults))
      t.match(page.text, `\`--${definitions[name as SettingName].flag} ${value}\``, name) // they are settings
    for (const word of templateWords) t.match(page.text, `\`{${word}}\``, word)
    const place = Object.fromEntries(templateWords.map((word) => [word, word])) as unknown as CommandPlace // each is a text
    for (const variable of Object.keys(variablesOf(place, [], {})))
      for (const text of [page.text, execHelp(), gauntletHelp()]) t.match(text, variable)
    const gauntlet = pageAt('docs/guides/gauntlet.md').text
    for (const name of Object.keys(gauntletFlags)) t.match(gauntlet, `\`--${name}`, name)
    for (const { status } of Object.values(gauntletExits)) t.match(gauntlet, `\n| ${status} | `)
    const coverage = pageAt('docs/guides/coverage.md')
    t.same(
      tableOf(coverage, 'kind', 'what is met').map(([kind]) => kind),
      goalKinds,
    )
    t.same(
      tableOf(coverage, 'flag of `coverage`', 'meaning').map(([usage]) => usage),
      Object.entries(coverageFlags).map(usageOf),
    )
  },
)

t.test('the table of operations is the contracts', async (t) => {
  const all: readonly Operation[] = Object.values(contracts)
  t.same(
    tableOf(pageAt('docs/reference/operations.md'), 'operation', 'method', 'path', 'lock', 'standing'),
    all.map(({ id, method, path, lock, standing }) => [id, method, path, lock ? 'needed' : '–', standing]),
  )
})

t.test('the table of effects is what a fault may have', async (t) => {
  const documented = tableOf(pageAt('docs/guides/faults.md'), 'effect', 'parameters', 'what happens')
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
    tableOf(pageAt('docs/guides/journal-and-review.md'), 'finding', 'what it says'),
    reviewRules.map(({ rule, message }) => [rule, message]),
  )
})

t.test('the table of the control plane has every route, and every one of them is there', async (t) => {
  const { server } = await emulatorFor(t)
  const documented = tableOf(
    pageAt('docs/reference/control-plane.md'),
    'method',
    'path below `/_emulator`',
    'what it does',
  )
  const rows = documented.flatMap(([methods = '', path = '']) =>
    methods.split(', ').map((method) => ({ method, path })),
  )
  const isIn = (method: string, path: string) => rows.some((row) => row.path === path && row.method === method)
  for (const { method, path } of Object.values(controlOperations))
    t.ok(isIn(method, path), `${method} ${path} has a row`)
  for (const { method, path } of rows) {
    const url = `/_emulator${path.replace(/\{(\w+)\}/g, ':$1')}`
    t.ok(server.hasRoute({ method, url }), `${method} ${url}`)
  }
})

/** What stands in code marks between two texts of a page. */
function namedIn(path: string, from: string, to: string): string[] {
  const [, rest = ''] = pageAt(path).text.split(from, 2)
  return [...(rest.split(to, 1)[0] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name).toSorted()
}

t.test('the settings of a world, the fields of an entry and the changes of a world are named whole', async (t) => {
  const settings = Object.keys(WorldRequest.properties).toSorted()
  t.same(namedIn('docs/guides/worlds.md', 'The body may hold', 'All of it is optional'), settings)
  t.same(namedIn('docs/reference/node-api.md', 'The settings of a world are', 'it begins as'), settings)
  const fields = Object.keys(EntryDocument.properties).toSorted()
  t.same(namedIn('docs/guides/journal-and-review.md', 'An entry has', ';'), fields)
  const changes = events.world.properties.change.anyOf.map((one) => one.const).toSorted()
  t.same(namedIn('docs/reference/control-plane.md', 'what became of it in `change`:', ' |'), changes)
})

t.test('the table of filters is what searches of the journal take', async (t) => {
  const cells = tableOf(pageAt('docs/guides/journal-and-review.md'), 'filter', 'keeps').map(([cell = '']) => cell)
  t.same(
    cells.flatMap((cell) => cell.replaceAll('`', '').split(', ')).toSorted(),
    [...Object.keys(ListQuery.properties).filter((name) => name !== 'view'), 'body.<name>'].toSorted(),
  )
})

t.test('the seed and the profile of their page are ones', async (t) => {
  const [seedText = '', profileText = ''] = textsOf(pageAt('docs/reference/seed-and-profile.md').text, 'json')
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

/** All that the emulator may say, as its sources have it. */
const sayings = ['src', 'schemas', 'cli', 'exec', 'verify']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
  .filter((path) => /\.[jt]s$/.test(path))
  .map(read)
  .join('\n')

t.test('what troubleshooting says that the emulator says, it can say', async (t) => {
  const others = ['It cannot be reached', 'In tests', 'Installing'] // there it quotes npm, Android and others
  const sections = pageAt('docs/troubleshooting.md').text.split('\n## ')
  const own = sections.filter((section) => !others.some((title) => section.startsWith(title)))
  const rows = own.flatMap((section) => [...section.matchAll(/^\| (.*?) \|/gm)].map(([, symptom = '']) => symptom))
  const quoted = rows.flatMap((symptom) => [...symptom.matchAll(/`([^`]+)`/g)].map(([, quote = '']) => quote))
  t.ok(quoted.length > 15)
  for (const quote of quoted) {
    const pieces = quote.replace(/\b4020\b|127\.0\.0\.1|22\.18|--…|KOODRIVE_EMULATOR_…/g, '…').split('…')
    for (const piece of pieces.map((one) => one.trim())) t.ok(sayings.includes(piece), `${quote}: ${piece}`)
  }
})

t.test('the limits of their page are those of the server and of the contracts', async (t) => {
  const { server } = await emulatorFor(t)
  const { headersTimeout, requestTimeout, keepAliveTimeout, maxConnections } = server.server
  const shown = Object.fromEntries(tableOf(pageAt('docs/reference/limits-and-log.md'), 'limit', 'value'))
  t.match(shown, {
    'body of an operation': `${largestBody / 2 ** 20} MiB`,
    'time for the headers to arrive': `${headersTimeout / 1000} seconds`,
    'time for a whole request to arrive, an upload included': `${requestTimeout / 3_600_000} hour`,
    'time that an idle connection is kept': `${keepAliveTimeout / 1000} seconds`,
    'connections at a time; one more is closed without an answer, and logged': maxConnections.toLocaleString('en-US'),
    'items of a batch, and of a page': `${contracts.batchAddBackupScope.body.properties.scopeList.maxItems}`,
    'bytes of a part': `${largestPart / 2 ** 30} GiB`,
    'bytes of each part but the last': `at least ${smallestPart / 2 ** 20} MiB`,
    'parts of a file': lastNumber.toLocaleString('en-US'),
    'life of a link, by the signing clock': `${linkSeconds / 3600} hour`,
  })
})

t.test('commands that no test runs name scripts, flags and files that there are', async (t) => {
  const ofCommands = [flags, execFlags, coverageFlags].flatMap((own) => Object.keys(own))
  const options = [...Object.values(definitions).map(({ flag }) => flag), ...ofCommands]
  const ofTools = [
    'rm',
    'save-dev',
    'no',
    'output',
    'coverage-report',
    'allow-incomplete-coverage',
    'gigabytes',
    'parts',
    'only',
    'quick',
    'guard',
  ]
  const commands = pages
    .concat(pageAt('CONTRIBUTING.md'), pageAt('bench/README.md'))
    .flatMap(({ path, text }) =>
      textsOf(text, 'bash').flatMap((block) => block.split('\n').map((line) => ({ path, line }))),
    )
  t.ok(commands.length > 20)
  for (const { path, line } of commands) {
    for (const [, script = ''] of line.matchAll(/npm run ([\w:]+)/g))
      t.ok(script in manifest.scripts, `${path}: ${script}`)
    for (const [file] of line.matchAll(/\b(src|test|try|bench)\/[\w./-]+\.[jt]s\b/g))
      t.ok(existsSync(file), `${path}: ${file}`)
    for (const [, flag = ''] of line.matchAll(/ --([a-z][\w-]*)/g)) {
      t.ok([...options, ...ofTools, 'strict', 'json'].includes(flag), `${path}: --${flag}`)
    }
  }
})

t.test('the table of a world in Node.js is what its handle has', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const world = emulator.world('handle')
  const table = tableOf(pageAt('docs/reference/node-api.md'), 'handle', 'what it does')
  const cells = table.map(([cell = '']) => cell).join()
  const named = [...Object.keys(world), ...Object.keys(world.faults).map((name) => `faults.${name}`)]
  for (const name of named.filter((one) => one !== 'faults')) {
    t.match(cells, new RegExp(`(world|, \`|\`)\\.${name.replace('faults.', '(faults\\.)?')}\\b`), name)
  }
})

/** The name of a heading in an address, as GitHub and its like make it. */
const slug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-')

t.test('links lead to files and headings that are there', async (t) => {
  for (const { path, text } of documents) {
    const prose = text.replace(/^```\w*\n.*?^```$/gms, '')
    const targets = [...prose.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
      ([, link, picture]) => link ?? picture ?? '',
    )
    for (const target of targets.filter((one) => !/^https:/.test(one))) {
      const [file = '', heading] = target.split('#')
      const found = file === '' ? path : join(dirname(path), file)
      t.ok(existsSync(found), `${path} names ${target}`)
      if (heading === undefined) continue
      const headings = [...read(found).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => slug(title))
      t.ok(headings.includes(heading), `${path} names ${target}`)
    }
  }
})

t.test('every page is found from the map, and the map from the README, which fits on a page', async (t) => {
  const [readme, ...others] = pages
  t.match(readme?.text, '](docs/README.md)')
  t.ok((readme?.text.split('\n').length ?? 0) <= 191, 'at most 190 lines')
  const map = pageAt('docs/README.md').text
  for (const { path } of others.filter((page) => page.path !== 'docs/README.md')) {
    t.ok(map.includes(`](${path.replace('docs/', '')})`), `docs/README.md leads to ${path}`)
  }
})

t.test('the page on the architecture has a row for every room, and fits on two pages', async (t) => {
  const page = read('docs/dev/architecture.md')
  const rooms = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const { name } of rooms) t.match(page, `| \`src/${name}/\` |`)
  const { include }: { include: string[] } = JSON.parse(read('tsconfig.json'))
  const folders = new Set(['inspector', ...include.map((pattern) => pattern.split('/', 1)[0] ?? '')])
  for (const folder of folders) t.match(page, new RegExp(`[ \`]${folder}/[ \`]`))
  t.ok(page.split('\n').length <= 120)
})

t.test('what the pages for developers say that a file has, it has', async (t) => {
  const found = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/`([A-Za-z]\w+)`\s+\(\[[^\]]+\]\(([^)#]+\.ts)\)/g)].map(([, name = '', file = '']) => ({
      name,
      file: join(dirname(path), file),
    })),
  )
  t.ok(found.length > 40)
  for (const { name, file } of found) {
    const declared = new RegExp(`\\b(function\\*?|const|class|interface|type) ${name}\\b|^  ${name}\\(`, 'm')
    t.ok(declared.test(read(file)), `${file} has ${name}`)
  }
})

t.test('the documents name nobody’s own machine and no package registry', async (t) => {
  for (const { path, text } of [...documents, ...shipped]) {
    t.notMatch(text, /(?<![\w.-])\/(work|root|home|Users)\/|\bregistry\.\w+\./, path)
  }
})

t.test('the version is the newest of the changelog', async (t) => {
  const [, newest] = /^## \[(\d.*?)\]/m.exec(read('CHANGELOG.md')) ?? []
  t.equal(manifest.version, newest)
  t.equal(locked['']?.version, newest)
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

t.test('.ci/run does what a newcomer would', onPosix(), async (t) => {
  t.equal(statSync('.ci/run').mode & 0o111, 0o111, 'it is executable')
  const lines = read('.ci/run').trim().split('\n')
  t.same(
    lines.filter((line) => !line.startsWith('# ')),
    [
      '#!/usr/bin/env bash',
      'set -euo pipefail',
      'cd "$(dirname "$0")/.."',
      'npm ci',
      'npm test',
      'export PROCESSES="$(grep -rl fixtures/process.ts test --include=*.test.ts)"',
      "TERM=xterm-256color script -qec 'npm test -- $PROCESSES' /dev/null",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell
      '[ -n "${CHROMIUM:-}" ] || command -v chromium || { apt-get update && apt-get install -y --no-install-recommends chromium; }',
      'npm run try:inspector',
    ],
  )
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
