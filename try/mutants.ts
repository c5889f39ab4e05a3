import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import type { Plugin } from 'esbuild'
import type { Browser, BrowserContext } from 'playwright-core'
import { bundleInspector } from '../tools/inspector.ts'
import { explain } from '../tools/usage.ts'
import { browserPath, withoutBrowser } from './browser.ts'
import { limits } from './inspector/bench.ts'
import { modelMutants } from './inspector/model-mutants.ts'
import type { Mutant } from './inspector/mutant.ts'
import type { Story } from './inspector/story.ts'
import { allStories, launch, tell } from './inspector/telling.ts'
import { viewMutants } from './inspector/view-mutants.ts'

/*
 * Breaks the inspector, one thing at a time, and sees that a test or a story notices: `npm run try:mutants [-- WORDS OF A
 * DEFECT]`. Exit status 0 if each was noticed, 1 if not, 2 without a browser.
 */

explain(
  `npm run try:mutants -- [WORDS OF A DEFECT]

Breaks the inspector's page, one thing at a time, and sees that a test in Node.js or a story in a browser notices.
Exit status 0 where each was noticed, 1 where one was not, 2 without a browser.`,
  Number.POSITIVE_INFINITY,
)

const words = process.argv.slice(2).join(' ')

/** Whether a test of what the page computes fails, and in nothing but what it asserts. */
const isFoundInNode = (mutant: Mutant): Promise<boolean> =>
  new Promise((resolve) => {
    const env = { ...process.env, MUTANT: JSON.stringify(mutant), TAP_GREP: mutant.by }
    const args = ['--import', './try/inspector/breaking.ts', 'test/inspector.test.ts']
    execFile(process.execPath, args, { env, maxBuffer: 1e9 }, (_, output) => resolve(/^ {4}not ok/m.test(output)))
  })

const broken = ({ file, from, to }: Mutant): Plugin => ({
  name: 'broken',
  setup({ onLoad }) {
    onLoad({ filter: new RegExp(`/inspector/${file.replaceAll('.', '\\.')}$`) }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(from, () => to),
      loader: extname(path).slice(1) as 'css' | 'ts' | 'tsx', // of what the page is made of
    }))
  },
})

/** Without what its content makes of it. */
const stemOf = (path: string): string => path.replace(/^.*\/(.*)-[A-Z0-9]{8}(\.\w+)$/, '$1$2')

/** Gives a page that is broken in the place of the one that the emulator serves. */
async function breaking(mutant: Mutant): Promise<(context: BrowserContext) => Promise<void>> {
  const files = new Map([...(await bundleInspector([broken(mutant)]))].map(([path, bytes]) => [stemOf(path), bytes]))
  const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' }
  return (context) =>
    context.route(/\/assets\/(main|index)-/, async (route) => {
      const stem = stemOf(new URL(route.request().url()).pathname)
      await route.fulfill({
        body: Buffer.from(files.get(stem) ?? []),
        contentType: types[extname(stem)] ?? 'text/plain',
      })
    })
}

const titled = ({ by }: Mutant): Story => {
  const story = allStories().find(({ title }) => title.startsWith(by))
  if (story) return story
  throw new Error(`no story begins with ${by}`)
}

/** How long each story takes where nothing is broken: what takes longer than that and some seconds never comes. */
const usual = new Map<Story['title'], number>()

async function isFoundByStory(mutant: Mutant, browser: Browser): Promise<boolean> {
  const story = titled(mutant)
  limits.patience = 60_000
  if (!usual.has(story.title)) {
    const begun = performance.now()
    const failure = await tell(story, browser)
    if (failure !== undefined) throw new Error(`${story.title} fails where nothing is broken: ${failure}`)
    usual.set(story.title, performance.now() - begun)
  }
  limits.patience = 3000 + Number(usual.get(story.title))
  return (await tell(story, browser, await breaking(mutant))) !== undefined
}

/** @returns how many nobody noticed */
async function hunt(
  mutants: readonly Mutant[],
  lanes: number,
  isFound: (mutant: Mutant) => Promise<boolean>,
): Promise<number> {
  const waiting = mutants.filter(({ defect }) => defect.includes(words))
  let alive = 0
  const huntNext = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const found = await isFound(mutant)
      if (!found) alive += 1
      const { defect, file, by } = mutant
      process.stdout.write(`${found ? 'ok' : 'not ok'} - a page that ${defect} (${file}): ${by}\n`)
    }
  }
  await Promise.all(Array.from({ length: lanes }, huntNext))
  return alive
}

if (browserPath === undefined) {
  process.stderr.write(withoutBrowser)
  process.exitCode = 2
} else {
  const browser = await launch(browserPath)
  const inNode = await hunt(modelMutants, availableParallelism(), isFoundInNode)
  const alive = inNode + (await hunt(viewMutants, 1, (one) => isFoundByStory(one, browser)))
  await browser.close()
  process.stdout.write(alive === 0 ? 'Each was noticed.\n' : `${alive} were not noticed.\n`)
  process.exitCode = alive === 0 ? 0 : 1
}
