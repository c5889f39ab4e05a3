import type { Browser, BrowserContext } from 'playwright-core'
import { chromium } from 'playwright-core'
import { startEmulator } from '../../src/index.ts'
import { quiet } from '../browser.ts'
import { beginAndKeys } from './begin-and-keys.ts'
import { benchFor } from './bench.ts'
import { hardships } from './hardships.ts'
import { looks } from './looks.ts'
import { otherName, ownEmulators } from './own-emulators.ts'
import { passwords } from './password.ts'
import { preferences } from './preferences.ts'
import { playNight } from './scenario.ts'
import { stories } from './stories.ts'
import type { Story } from './story.ts'

/** The longest first. @param pictures a folder for pictures of all screens */
export const allStories = (pictures?: string): Story[] => [
  ...looks(pictures),
  ...ownEmulators,
  ...hardships,
  ...passwords,
  ...stories,
  ...beginAndKeys,
  ...preferences,
]

export const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    headless: true,
    args: [...quiet, `--host-resolver-rules=MAP ${otherName} 127.0.0.1`],
  })

/**
 * Tells one in an emulator and a context of its own, so that none depends on another.
 *
 * @param prepare what is done to the context before
 * @returns what went wrong
 */
export async function tell(
  story: Story,
  browser: Browser,
  prepare: (context: BrowserContext) => Promise<void> = async () => undefined,
): Promise<string | undefined> {
  const emulator = await startEmulator()
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  try {
    await prepare(context)
    const bench = benchFor(context, emulator, await playNight(emulator))
    const failure = await story.run(bench).then(
      () => undefined,
      (error: Error) => error.message,
    )
    for (const page of context.pages()) await page.close()
    return failure ?? (bench.complaints.join('; ') || undefined)
  } finally {
    await context.close()
    await emulator.close()
  }
}
