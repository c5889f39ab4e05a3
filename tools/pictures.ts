import { writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { startEmulator } from '../src/index.ts'
import { browserPath, quiet, withoutBrowser } from '../try/browser.ts'
import { playNight, world } from '../try/inspector/scenario.ts'
import { bundleInspector, digestOf } from './inspector.ts'
import { explain } from './usage.ts'

/*
 * Takes the pictures of the inspector that the documents show, of a night that is always the same: `npm run pictures`. Beside
 * them it writes of which page they are; a test fails where the page is another by then. Exit status 2 without a browser.
 */

explain(`npm run pictures

Takes the pictures of the inspector that the documents show. Exit status 2 without a browser.`)

const folder = 'docs/images'

async function takePictures(executablePath: string): Promise<void> {
  const emulator = await startEmulator()
  const browser = await chromium.launch({ executablePath, args: quiet })
  try {
    await playNight(emulator)
    for (const theme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      await page.goto(`${emulator.url}/_emulator/?world=${world}&request=11&theme=${theme}`)
      await page.locator('.advice .verdict').first().waitFor()
      await page.locator('#row-1').waitFor()
      await page.screenshot({ path: `${folder}/inspector-${theme}.png`, animations: 'disabled' })
      await page.close()
    }
  } finally {
    await browser.close()
    await emulator.close()
  }
  const digest = digestOf(await bundleInspector())
  writeFileSync(`${folder}/inspector.json`, `${JSON.stringify({ digest }, null, 2)}\n`)
}

if (browserPath === undefined) {
  process.stderr.write(withoutBrowser)
  process.exitCode = 2
} else await takePictures(browserPath)
