import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { notesOf } from '../tools/release-notes.ts'
import { pageFiles } from './fixtures/page-files.ts'
import { root, runProcess } from './fixtures/process.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const manifest = JSON.parse(read('package.json'))

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly if?: string
  readonly with?: Readonly<Record<string, string | boolean>>
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly 'timeout-minutes'?: number
        readonly needs?: string | readonly string[]
        readonly permissions?: Readonly<Record<string, string>>
        readonly strategy?: { readonly matrix: Readonly<Record<string, readonly (string | number)[]>> }
        readonly steps: readonly Step[]
      }
    >
  >
}

const workflows = new Map(
  readdirSync(join(root, '.github/workflows')).map((name): [string, Workflow] => [
    name,
    parse(read(`.github/workflows/${name}`)),
  ]),
)

const workflow = (name: string): Workflow => {
  const found = workflows.get(name)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}

const commandsOf = ({ jobs }: Workflow): string[] =>
  Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run = [] }) => run))

t.test('workflows may read only unless they say why, end at some time, and name versions of actions', async (t) => {
  for (const [name, { permissions, jobs }] of workflows) {
    t.same(permissions, { contents: 'read' }, name)
    for (const [id, { 'timeout-minutes': limit, steps }] of Object.entries(jobs)) {
      t.type(limit, 'number', `${name} ${id}`)
      for (const uses of steps.flatMap(({ uses: action = [] }) => action)) t.match(uses, /^[\w-]+\/[\w-]+@v\d+$/)
    }
  }
})

t.test('what workflows run is there', async (t) => {
  const commands = [...workflows.values()].flatMap(commandsOf)
  t.ok(commands.length > 15)
  for (const command of commands) {
    for (const [, script = ''] of command.matchAll(/npm run (?:-s )?([\w:]+)/g)) t.ok(manifest.scripts[script], command)
    for (const [path = ''] of command.matchAll(/(?<=^| )(\.ci|examples|tools|src)\/[\w./-]+/g)) {
      t.ok(existsSync(join(root, path)), path)
    }
  }
})

t.test(
  'the pipeline tests on each system and Node, keeps what failed, and runs the image and the examples',
  async (t) => {
    const { linux, elsewhere } = workflow('ci.yml').jobs
    t.same(linux?.strategy?.matrix['node'], [22, 24, 26])
    t.same(elsewhere?.strategy?.matrix['os'], ['macos-latest', 'windows-latest'])
    for (const job of [linux, elsewhere]) {
      const kept = job?.steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact@'))
      t.match(kept, { if: 'failure()', with: { path: '.tap/output.tap', 'include-hidden-files': true } })
    }
    t.match(read('test/fixtures/run.ts'), "'.tap/output.tap'")
    const commands = commandsOf(workflow('ci.yml'))
    const named = [
      '.ci/run',
      'npm ci',
      'npm test',
      'npm run try:package',
      'npm run try:clients',
      'sh examples/curl/backup.sh',
    ]
    for (const command of named) t.ok(commands.includes(command), command)
  },
)

t.test('nothing is published before the suite has passed for this tag, nor told before all is published', async (t) => {
  const { check, npm, image, notes } = workflow('release.yml').jobs
  t.match(
    check?.steps.map(({ run }) => run),
    [undefined, undefined, '.ci/run', /release:notes/],
  )
  t.same([npm?.needs, image?.needs, notes?.needs], ['check', 'check', ['npm', 'image']])
  t.match(npm?.permissions, { 'id-token': 'write' })
  const built = image?.steps.find(({ uses }) => uses?.startsWith('docker/build-push-action@'))
  t.match(built?.with, { platforms: 'linux/amd64,linux/arm64', sbom: true, provenance: 'mode=max' })
})

t.test('the notes of a release are its section of the changelog, and its tag is the version', async (t) => {
  const changelog =
    '# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-01-02\n\n- More\n\n## [1.0.0]\n\n- One [1]\n\n[1]: x\n'
  t.equal(notesOf(changelog, '1.1.0'), '- More\n')
  t.equal(notesOf(changelog, '1.0.0'), '- One [1]\n\n[1]: x\n')
  for (const version of ['1.2.0', 'Unreleased', '1.1'])
    t.throws(() => notesOf(changelog, version), { message: `CHANGELOG.md says nothing of ${version}` })
  const notes = async (...args: readonly string[]) => {
    const run = runProcess(t, process.execPath, ['tools/release-notes.ts', ...args], { counted: true })
    return { ...(await run.exited), stdout: run.stdout(), stderr: run.stderr() }
  }
  const { version } = manifest
  t.match(await notes(`v${version}`), { code: 0, stdout: /^### Added\n/, stderr: '' })
  const wrong = (tag: string) => `the tag is ${tag}, but package.json says ${version}: v${version} is right\n`
  t.strictSame(await notes('v0.0.1'), { code: 1, signal: null, stdout: '', stderr: wrong('v0.0.1') })
  t.match(await notes(), { code: 1, stderr: wrong('not given') })
  t.match(await notes('--help'), { code: 0, stdout: /^npm run -s release:notes -- TAG\n/ })
  t.match(await notes(`v${version}`, 'twice'), { code: 2, stdout: '', stderr: /^twice is one argument too many\./ })
})

interface Field {
  readonly type: string
  readonly id?: string
  readonly attributes: { readonly label?: string; readonly value?: string }
}

t.test('the forms for reports ask for what is needed, each thing once', async (t) => {
  const forms = ['real-service', 'bug'].map((name) => parse(read(`.github/ISSUE_TEMPLATE/${name}.yml`)))
  for (const { name, description, body } of forms) {
    t.ok(name && description)
    const fields: readonly Field[] = body
    for (const { type, id, attributes } of fields) {
      t.match(type, /^(markdown|input|textarea)$/)
      t.ok(type === 'markdown' ? attributes.value : id && attributes.label, type)
    }
    const ids = fields.flatMap(({ id = [] }) => id)
    t.equal(new Set(ids).size, ids.length)
    t.ok(ids.includes('version'))
  }
  t.match(read('.github/ISSUE_TEMPLATE/real-service.yml'), 'verify --target URL --user ID --json report.json')
})

t.test('one Node for everybody: what npm ci brings, what .nvmrc names and what the image is made of', async (t) => {
  const major = read('.nvmrc').trim()
  t.match(manifest.devDependencies.node, new RegExp(`^${major}\\.`))
  t.match(read('Dockerfile'), `FROM node:${major}-`)
  t.equal(read('.gitattributes').split('\n')[0], '* text=auto eol=lf')
})

t.test('examples/ holds the files of the pages, and nothing else', async (t) => {
  const files = readdirSync(join(root, 'examples'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length).replaceAll('\\', '/'))
  t.same(
    files.toSorted(),
    pageFiles()
      .map(({ path }) => path)
      .toSorted(),
  )
  t.ok(files.length >= 7)
})
