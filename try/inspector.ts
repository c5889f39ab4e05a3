import { explain } from '../tools/usage.ts'
import { browserPath, withoutBrowser } from './browser.ts'
import type { Story } from './inspector/story.ts'
import { allStories, launch, tell } from './inspector/telling.ts'

/*
 * Tells the inspector's stories in a real browser, compares what the page shows with what the journal says, and then looks at
 * every screen: `npm run try:inspector [-- WORDS OF A TITLE] [--pictures FOLDER]`. Exit status 0 if all went well, 1 if not, 2
 * without a browser.
 */

explain(
  `npm run try:inspector -- [WORDS OF A TITLE] [--pictures FOLDER]

Tells the inspector's stories in Debian's chromium or its like, or the browser that CHROMIUM names, and looks at all
screens.
Exit status 0 where all went well, 1 where not, 2 without a browser.`,
  Number.POSITIVE_INFINITY,
)

const [pictures, words] = argumentsIn(process.argv.slice(2))

function argumentsIn(args: readonly string[]): readonly [pictures: string | undefined, words: string] {
  const at = args.indexOf('--pictures')
  const rest = at < 0 ? args : args.toSpliced(at, 2)
  return [at < 0 ? undefined : args[at + 1], rest.join(' ')]
}

/** So many are told at the same time: a story mostly waits for its page. */
const lanes = 3

async function tellAll(executablePath: string): Promise<number> {
  const waiting = allStories(pictures).filter(({ title }) => title.includes(words))
  if (waiting.length === 0) {
    process.stderr.write(`No story has “${words}” in its title.\n`)
    return 1
  }
  const browser = await launch(executablePath)
  let [failed, copying] = [0, Promise.resolve<unknown>(undefined)]
  const tellNext = async (): Promise<void> => {
    for (let story = waiting.shift(); story; story = waiting.shift()) {
      const begun = performance.now()
      const failure = await (story.copies ? alone(story) : tell(story, browser))
      if (failure !== undefined) failed += 1
      const about = `${failure === undefined ? 'ok' : 'not ok'} - ${story.title}`
      const seconds = ((performance.now() - begun) / 1000).toFixed(1)
      process.stdout.write(`${about} (${seconds} s)\n${failure ? `  ${failure.replaceAll('\n', '\n  ')}\n` : ''}`)
    }
  }
  /** A browser has one clipboard for all of its contexts. */
  const alone = (story: Story): Promise<string | undefined> => {
    const told = copying.then(() => tell(story, browser))
    copying = told.catch(() => undefined)
    return told
  }
  try {
    await Promise.all(Array.from({ length: lanes }, tellNext))
  } finally {
    await browser.close()
  }
  return failed
}

if (browserPath === undefined) {
  process.stderr.write(withoutBrowser)
  process.exitCode = 2
} else {
  const failed = await tellAll(browserPath)
  process.stdout.write(failed === 0 ? 'The inspector does what its stories say.\n' : `${failed} failed.\n`)
  process.exitCode = failed === 0 ? 0 : 1
}
