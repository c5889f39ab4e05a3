import { readdirSync, readFileSync } from 'node:fs'
import type { TSchema } from '@sinclair/typebox'
import t from 'tap'
import { headers as common } from '../schemas/common.ts'
import { contracts } from '../schemas/index.ts'
import type { Operation } from '../schemas/operation.ts'
import { statements } from '../schemas/statements.ts'
import { pageAt, pages } from './fixtures/documents.ts'
import type { Statements } from './fixtures/fidelity.ts'
import { fidelityTests, fidelityText, mistakesIn } from './fixtures/fidelity.ts'
import { generated } from './fixtures/generate.ts'
import { allTitles, citedIn, titlesIn } from './fixtures/titles.ts'

const read = (path: string): string => readFileSync(path, 'utf8')

/** An id that nobody has, put together so that no text holds it. */
const nowhere = ['SCO', '99'].join('-')

t.test('every fact and decision is shown by a test or says why none can, and no title cites another id', async (t) => {
  for (const mistake of mistakesIn(statements, allTitles())) t.fail(mistake)
})

t.test('sources, tests, examples and documents cite no id that does not exist', async (t) => {
  const folders = ['src', 'schemas', 'verify', 'test', 'bench', 'data'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  )
  const files = folders.filter((path) => /\.(ts|js|cjs|json)$/.test(path) && !/node_modules|package-lock/.test(path))
  t.ok(files.length > 100)
  const documents = [...pages, ...['CONTRIBUTING.md', 'CHANGELOG.md'].map(pageAt)]
  for (const { path: file, text } of [...files.map(pageAt), ...documents]) {
    for (const id of citedIn(text).filter((one) => !Object.hasOwn(statements, one))) {
      t.fail(`${file} cites ${id}, which is neither in schemas/facts.ts nor in schemas/decisions.ts`)
    }
  }
})

t.test('whatever a contract refuses, the reason says what that rests on', async (t) => {
  let seen = 0
  const visit = (schema: TSchema, place: string) => {
    seen += 1
    t.ok(schema['x-facts']?.length, place)
    if (schema['items']) visit(schema['items'], `${place}/0`)
    visitAll(schema['properties'], place)
  }
  const visitAll = (properties: Readonly<Record<string, TSchema>> = {}, place: string) => {
    for (const [name, property] of Object.entries(properties)) visit(property, `${place}/${name}`)
  }
  const operations: readonly Operation[] = Object.values(contracts)
  for (const { id, headers, params, query, body } of operations)
    for (const part of [headers, params, query, body]) visitAll(part?.properties, id)
  visitAll(common, 'headers')
  t.ok(seen > 50)
})

for (const { path, text } of generated) {
  t.test(`${path} is what it is made from`, async (t) => {
    t.ok(read(path) === (await text()), `${path} is out of date: run npm run generate and commit what changed`)
  })
}

t.test('every statement has its row in FIDELITY.md, which fits on 300 lines', async (t) => {
  const text = read('FIDELITY.md')
  for (const id of Object.keys(statements)) t.match(text, `\n| ${id} | `, id)
  t.ok(text.split('\n').length <= 300)
})

t.test('a title is read as it stands, with a mark for what it computes', async (t) => {
  // Put together, so that these are not taken for titles of this very file.
  const source = `
    call('SCO-1: it\\'s plain', async (t) => {})
    await call("SCO-2: so 'is' this", async (t) => {})
    call(
      \`SCO-3 DEC-19: \${id}\${query || 'none'} is \${found}\`,
      async (t) => {},
    )
    call(title, async (t) => {}); other('SCO-4'); t.equal('SCO-5')
  `.replaceAll('call', 't.test')
  t.same(titlesIn(source), ["SCO-1: it's plain", "SCO-2: so 'is' this", 'SCO-3 DEC-19: … is …'])
  t.same(citedIn('SHA-256, UTF-8 and APIGW.0308 are none; (SCO-3, DEC-19) are two'), ['SCO-3', 'DEC-19'])
})

t.test('each mistake is one sentence that names the id and says what would be right', async (t) => {
  const file = 'test/a.test.ts'
  const said: Statements = { 'SCO-1': { standing: 'documented', sentence: 'So it is.' } }
  const untestable: Statements = { 'SCO-1': { standing: 'assumed', sentence: 'So?', untestable: 'Nobody sees it.' } }
  const alone: Statements = { 'DEC-32': { standing: 'assumed', sentence: 'So.' } }
  const shown = [{ file, title: 'SCO-1: so it is' }]
  t.same(mistakesIn(said, shown), [])
  t.same(mistakesIn(untestable, []), [])
  t.same(mistakesIn(said, []), [
    'SCO-1 is cited by no test: cite it in a title, or say why none can show it (untestable)',
  ])
  t.same(mistakesIn(untestable, shown), ['SCO-1 is said to be untestable, yet a test cites it: drop one'])
  t.same(mistakesIn(said, [...shown, { file, title: `${nowhere}: what?` }]), [
    `${file}: "${nowhere}: what?" cites ${nowhere}, which is neither in schemas/facts.ts nor in schemas/decisions.ts`,
  ])
  t.same(mistakesIn(alone, [{ file, title: 'DEC-32: so' }]), [
    'DEC-32 touches nothing: cite it in a contract, or say what it concerns',
  ])
  t.match(fidelityTests(untestable, []), '\n### SCO-1\n\nNo test can show it: Nobody sees it.\n')
})

t.test('what would be markup is text in the table', async (t) => {
  const said: Statements = { 'FIL-1': { standing: 'documented', sentence: 'None of < | * _ [a] ` \\.' } }
  const titles = [{ file: 'test/a.test.ts', title: 'FIL-1: a|b' }]
  t.match(fidelityText(said, titles), '| documented | None of \\< \\| \\* \\_ \\[a\\] \\` \\\\. | ')
  t.match(fidelityTests(said, titles), '- [test/a.test.ts](../../test/a.test.ts)\n  - FIL-1: a\\|b\n')
})
