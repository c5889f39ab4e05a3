import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { basePath, familyPath } from '../schemas/common.ts'
import { contracts } from '../schemas/index.ts'
import { catalogue } from '../src/errors.ts'
import type { Emulator } from '../src/index.ts'
import { startEmulator } from '../src/index.ts'
import { controlText } from '../src/openapi/control.ts'
import { openApiText } from '../src/openapi/document.ts'
import { xDate } from '../test/fixtures/emulator.ts'
import { root, runProcess } from '../test/fixtures/process.ts'
import { typedBackup } from '../test/fixtures/typed-backup.ts'
import { closedPort } from '../test/fixtures/wire.ts'
import type { Cleanup, Place } from './place.ts'
import { npm, pack, placeAt, succeed } from './place.ts'
import type { Trial } from './verdicts.ts'
import { NotHere } from './verdicts.ts'

/** Where a tool works: a folder that holds it and both documents, and an emulator of its own. */
interface Bench extends Place {
  readonly emulator: Emulator
}

/** One trial a tool. */
export function documentTrials(folder: string, cleanup: Cleanup): Trial[] {
  const bench = async (name: string, ...packages: string[]): Promise<Bench> => {
    const place = placeAt(join(folder, name), process.execPath, cleanup, { type: 'module' })
    await install(place, packages)
    const emulator = await startEmulator({ db: ':memory:' })
    cleanup.teardown(() => emulator.close())
    writeFileSync(join(place.folder, 'api.json'), openApiText(emulator.url))
    writeFileSync(join(place.folder, 'control.json'), controlText(emulator.url))
    return { ...place, emulator }
  }
  const tarball = () => pack(folder, cleanup)
  return [
    of('swagger-parser: valid', async () => validate(await bench('parser', '@apidevtools/swagger-parser'))),
    of('Spectral: no remark', async () => lint(await bench('spectral', '@stoplight/spectral-cli'))),
    of('Prism: proxy over a whole backup', async () => proxy(await bench('prism', '@stoplight/prism-cli'))),
    of('hey-api: compiles, answers', async () =>
      generate(await bench('hey', '@hey-api/openapi-ts', ...compiler), 'hey'),
    ),
    of('orval: compiles, answers', async () => generate(await bench('orval', 'orval', ...compiler), 'orval')),
    of('newman: every request is understood', async () =>
      collect(await bench('newman', 'newman', 'openapi-to-postmanv2')),
    ),
    of('har-validator: valid', async () => archive(await bench('har', 'har-validator'))),
    of('publint: no remark', async () => publint(await bench('publint', 'publint'), await tarball())),
    of('are-the-types-wrong: no', async () => attw(await bench('attw', '@arethetypeswrong/cli'), await tarball())),
  ]
}

const of = (what: string, make: () => Promise<unknown>): Trial => ({ what, make: () => make().then(() => undefined) })

const compiler = ['typescript@5', '@types/node']

async function install(place: Place, packages: readonly string[]): Promise<void> {
  try {
    await npm(place, 'install', '--ignore-scripts', ...packages)
  } catch (error) {
    throw new NotHere(`The registry did not give ${packages.join(', ')}: ${String(error).slice(0, 200)}`)
  }
}

const tool = (bench: Bench, name: string, ...args: string[]) =>
  succeed(bench, join(bench.folder, 'node_modules/.bin', name), args)

/** Runs a script with the bench's own modules. */
async function script(bench: Bench, text: string): Promise<string> {
  writeFileSync(join(bench.folder, 'script.mjs'), text)
  return (await succeed(bench, bench.node, ['script.mjs'])).stdout
}

const validate = (bench: Bench) =>
  script(
    bench,
    `import SwaggerParser from '@apidevtools/swagger-parser'
     for (const name of ['api.json', 'control.json']) await SwaggerParser.validate(name)`,
  )

async function lint(bench: Bench): Promise<void> {
  writeFileSync(join(bench.folder, '.spectral.yaml'), 'extends: ["spectral:oas"]\n')
  await tool(bench, 'spectral', 'lint', '--fail-severity=hint', 'api.json', 'control.json')
}

const backup = (url: string) => typedBackup(url, () => xDate(Date.now()))

/**
 * Prism and the converter for Postman have one server for all paths: what a path says of its own goes into the paths, or
 * siblings of the backup family would be sought below it.
 */
function withOneServer(text: string): string {
  const document = JSON.parse(text)
  const items = Object.entries<{ servers?: unknown }>(document.paths)
  const [sibling] = items.flatMap(([, { servers = [] }]) => servers)
  assert.ok(sibling, 'paths with a server of their own')
  const own = basePath.slice(familyPath.length)
  const paths = items.map(([path, { servers, ...item }]) => [servers ? path : `${own}${path}`, item])
  return JSON.stringify({ ...document, servers: [sibling], paths: Object.fromEntries(paths) })
}

/** A backup passes, and under a document that is not ours it does not. */
async function proxy(bench: Bench): Promise<void> {
  const own = openApiText(bench.emulator.url)
  const spoilt = own.replace('"const": 0', '"const": 1')
  writeFileSync(join(bench.folder, 'one-server.json'), withOneServer(own))
  writeFileSync(join(bench.folder, 'spoilt.json'), withOneServer(spoilt))
  await backup(await prism(bench, 'one-server.json'))
  await assert.rejects(backup(await prism(bench, 'spoilt.json')), /refused/)
}

async function prism(bench: Bench, document: string): Promise<string> {
  const port = await closedPort()
  const args = ['proxy', document, `${bench.emulator.url}${familyPath}`, '--errors', '--port', `${port}`]
  const run = runProcess(bench.cleanup, join(bench.folder, 'node_modules/.bin/prism'), args, {
    cwd: bench.folder,
    env: bench.env,
  })
  await run.until((stdout) => (/listening/.test(stdout) ? true : undefined))
  return `http://127.0.0.1:${port}${basePath.slice(familyPath.length)}`
}

/** Generates clients of both documents, compiles them strictly and uses them. */
async function generate(bench: Bench, generator: 'hey' | 'orval'): Promise<void> {
  for (const name of ['api', 'control']) {
    if (generator === 'hey') await tool(bench, 'openapi-ts', '-i', `${name}.json`, '-o', `${name}-client`)
    else {
      const output = {
        target: `${name}-client/index.ts`,
        client: 'fetch',
        baseUrl: { getBaseUrlFromSpecification: true },
      }
      writeFileSync(
        join(bench.folder, `${name}.config.mjs`),
        `export default ${JSON.stringify({ [name]: { input: `${name}.json`, output } })}`,
      )
      await tool(bench, 'orval', '--config', `${name}.config.mjs`)
    }
  }
  copyFileSync(join(root, `try/consumer/${generator}.ts`), join(bench.folder, 'use.ts'))
  writeFileSync(join(bench.folder, 'tsconfig.json'), strict)
  await tool(bench, 'tsc', '-p', '.')
  await succeed(bench, join(root, 'node_modules/.bin/esbuild'), [
    'use.ts',
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--outfile=use.mjs',
  ])
  await succeed(bench, bench.node, ['use.mjs'], { env: { EMULATOR: bench.emulator.url } })
}

const strict = JSON.stringify({
  compilerOptions: {
    strict: true,
    noEmit: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    target: 'es2023',
    lib: ['es2024', 'dom', 'dom.iterable'],
    types: ['node'],
    skipLibCheck: true,
  },
  files: ['use.ts'],
})

/** Every request of the converted collection reaches its operation and is well-formed. */
async function collect(bench: Bench): Promise<void> {
  writeFileSync(join(bench.folder, 'one-server.json'), withOneServer(openApiText(bench.emulator.url)))
  await tool(
    bench,
    'openapi2postmanv2',
    '-s',
    'one-server.json',
    '-o',
    'collection.json',
    '-O',
    'folderStrategy=Tags,parametersResolution=Example',
  )
  const stamp = [
    "const now = new Date().toISOString().replace(/[-:]|\\.\\d{3}/g, '')",
    "pm.request.headers.upsert({ key: 'X-Date', value: now })",
    "pm.request.headers.upsert({ key: 'Authorization', value: 'Bearer any-token' })",
  ]
  await script(
    bench,
    `import { readFileSync, writeFileSync } from 'node:fs'
     const collection = JSON.parse(readFileSync('collection.json', 'utf8'))
     collection.event = [{ listen: 'prerequest', script: { type: 'text/javascript', exec: ${JSON.stringify(stamp)} } }]
     writeFileSync('collection.json', JSON.stringify(collection))`,
  )
  await tool(bench, 'newman', 'run', 'collection.json')
  const entries = bench.emulator.world('default').requests()
  assert.deepEqual([...new Set(entries.map(({ operation }) => operation))].sort(), Object.keys(contracts).sort())
  const misunderstood = [catalogue.malformed.code, catalogue.invalid.code, catalogue.unauthorized.code]
  assert.deepEqual(
    entries.filter(({ code }) => misunderstood.some((one) => one === code)).map(({ path, reason }) => [path, reason]),
    [],
  )
}

async function archive(bench: Bench): Promise<void> {
  await backup(`${bench.emulator.url}${basePath}`)
  writeFileSync(join(bench.folder, 'archive.har'), JSON.stringify(bench.emulator.world('default').har()))
  await script(
    bench,
    `import { readFileSync } from 'node:fs'
     import * as validator from 'har-validator/lib/promise.js'
     await validator.har(JSON.parse(readFileSync('archive.har', 'utf8')))`,
  )
}

const publint = (bench: Bench, tarball: string) => tool(bench, 'publint', 'run', tarball, '--strict')

/** What it says of `require` is out of date: every Node that the package takes can require it. */
const attw = (bench: Bench, tarball: string) => tool(bench, 'attw', tarball, '--ignore-rules', 'cjs-resolves-to-esm')
