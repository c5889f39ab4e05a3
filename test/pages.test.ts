import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Static } from '@sinclair/typebox'
import type { Test } from 'tap'
import t from 'tap'
import { parse } from 'yaml'
import type { WorldList } from '../schemas/control.ts'
import { contracts } from '../schemas/index.ts'
import { catalogue } from '../src/errors.ts'
import { startEmulator } from '../src/index.ts'
import type { SettingName } from '../src/settings.ts'
import { definitions, environmentName } from '../src/settings.ts'
import { examplesOf, paste, textsOf } from './fixtures/documents.ts'
import { emulatorFor } from './fixtures/emulator.ts'
import { root, runProcess } from './fixtures/process.ts'
import { send } from './fixtures/wire.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const names = readdirSync(join(root, 'docs'))
const pages = names.map((name) => ({ name, text: read(`docs/${name}`) }))
const pageOf = (name: string): string => read(`docs/${name}.md`)

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

t.test(
  'the index, and from there every page, is found from the README; each page says how to get what it needs',
  (t) => {
    t.ok(read('README.md').includes('](docs/README.md)'))
    for (const { name, text } of pages.filter((page) => page.name !== 'README.md')) {
      t.match(pageOf('README'), `](${name})`)
      t.equal(text.match(/^Save this as `[\w./-]+`/gm)?.length, 1, `${name} has one file to save`)
      t.match(text, /README\.md#getting-it\)|docker (build|push)/, name)
    }
    t.end()
  },
)

t.test('links of the pages lead to files and headings that are there', (t) => {
  const slug = (title: string) =>
    title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-')
  for (const { name, text } of pages) {
    for (const [, target = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
      const [file = '', heading] = target.split('#')
      const path = join(root, 'docs', file)
      t.ok(existsSync(path), `${name} names ${file}`)
      if (heading === undefined) continue
      const headings = [...readFileSync(path, 'utf8').matchAll(/^##+ (.*)$/gm)].map(([, title = '']) => slug(title))
      t.ok(headings.includes(heading), `${name} names ${target}`)
    }
  }
  t.end()
})

t.test('settings, routes, operations, codes and the version that pages name are there', async (t) => {
  const { server } = await emulatorFor(t)
  const codes = Object.values(catalogue).map(({ code }) => `${code}`)
  const { version } = JSON.parse(read('package.json'))
  for (const { name, text } of pages) {
    for (const [variable] of text.matchAll(/KOODRIVE_EMULATOR_\w+/g))
      t.ok(settings.has(variable), `${name} ${variable}`)
    for (const [code] of text.matchAll(/\b13\d{6}\b/g)) t.ok(codes.includes(code), `${name} ${code}`)
    for (const [, operation = ''] of text.matchAll(/operations["']?: \[["'](\w+)["']\]/g)) {
      t.ok(operation in contracts, `${name} ${operation}`)
    }
    for (const [, shown] of text.matchAll(/koodrive-backup-emulator[-:](\d[\d.]*\d)/g)) t.equal(shown, version, name)
    t.notMatch(text, /(?<![\w.-])\/(work|root|home|Users)\/|\bregistry\.\w+\./, name)
  }
  t.ok(server.hasRoute({ method: 'GET', url: healthPath }))
})

t.test('the page for node:test: its file passes and prints what is shown', { buffered: true }, async (t) => {
  const [code = ''] = textsOf(pageOf('node-test'), 'js')
  const module = code.replace(`'${image}'`, `'${pathToFileURL(`${root}src/index.ts`).href}'`)
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
  { buffered: true },
  async (t) => {
    const emulator = await startEmulator()
    t.teardown(() => emulator.close())
    const [script, command] = examplesOf(pageOf('curl'))
    const save = `cat > backup.sh <<'SAVED'\n${script?.command}SAVED\n`
    const [, printed] = await paste(t, [save, command?.command ?? ''], emulator.url)
    t.equal(printed, command?.shown)
    const left: Static<typeof WorldList> = JSON.parse((await send(`${emulator.url}/_emulator/worlds`)).text)
    t.same(
      left.worlds.map(({ name }) => name),
      ['default'],
    )
  },
)

t.test('the workflow runs the image with settings that there are, where its steps look for it', (t) => {
  const { koodrive } = job.services
  t.match(koodrive?.image, new RegExp(`^[\\w./-]+/${image}:`))
  t.match(pageOf('github-actions'), `docker build -t ${koodrive?.image} .\ndocker push ${koodrive?.image}\n`)
  takesAll(t, koodrive?.env ?? {})
  t.same(koodrive?.ports, [`${exposedPort}:${exposedPort}`])
  t.equal(job.env['KOODRIVE_URL'], `http://127.0.0.1:${exposedPort}`)
  t.equal(job.steps.at(-1)?.run, 'sh backup.sh', 'the file of the page for curl')
  t.match(pageOf('curl'), 'Save this as `backup.sh`')
  t.end()
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

t.test('the page for Testcontainers asks the image for what it has', (t) => {
  const [code = ''] = textsOf(pageOf('testcontainers'), 'ts')
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
  for (const page of ['github-actions', 'compose', 'testcontainers']) {
    t.match(pageOf(page), /KOODRIVE_EMULATOR_DB: ':memory:'/, page)
    t.match(pageOf(page), /KOODRIVE_EMULATOR_DEVICES: '?strict/, page)
  }
  t.end()
})
