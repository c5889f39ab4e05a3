import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { eventually } from './bench.ts'
import { screens, wrongWith } from './looks.ts'
import { user } from './scenario.ts'
import type { Story } from './story.ts'

/** What is told by the ground of something alone, by a screen on which it stands. */
const grounds: Readonly<Record<string, readonly string[]>> = {
  'request=11': ['.live i', '.x-date .window i'],
  [`view=state&user=${user}`]: ['.meter > b', '.meter > i'],
}

const groundsOf = (page: Page, selector: string): Promise<string[]> =>
  page.locator(selector).evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor))

/** Whatever moves or fades on the page, and by what. */
const motionsOn = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('*')].flatMap((element) => {
      const { animationName, transitionDuration } = getComputedStyle(element)
      const isStill = animationName === 'none' && /^0s(, 0s)*$/.test(transitionDuration)
      return isStill ? [] : `${element.className}: ${animationName} ${transitionDuration}`
    }),
  )

/** What people ask of their system, and the page keeps to. */
export const preferences: readonly Story[] = [
  {
    title: 'forced colours: axe finds nothing, what is chosen is framed, and bars and marks do not vanish',
    async run({ open }) {
      const page = await open('request=11&tab=request')
      await page.emulateMedia({ forcedColors: 'active' })
      const framed = (selector: string) =>
        page.locator(selector).evaluate((chosen) => getComputedStyle(chosen).outlineStyle)
      for (const selector of [
        '.exchange-row[aria-selected="true"]',
        '.tabs [aria-selected="true"]',
        'nav [aria-current]',
      ])
        await eventually(() => framed(selector), 'solid', selector)
      const canvas = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      for (const [query, selectors] of Object.entries(grounds)) {
        await page.goto(page.url().replace(/(\?world=[^&]*).*/, `$1&${query}`))
        for (const selector of selectors) {
          await page.locator(selector).first().waitFor({ state: 'attached' })
          for (const ground of await groundsOf(page, selector)) {
            assert.ok(ground !== canvas && ground !== 'rgba(0, 0, 0, 0)', `${selector} is ${ground} on ${canvas}`)
          }
        }
        assert.deepEqual(await wrongWith(page), [], query)
      }
      await page.close()
    },
  },
  {
    title: 'reduced motion: nothing moves on any screen; without that wish, an exchange fades in',
    async run({ open }) {
      const page = await open('request=11')
      await page.locator('.exchange .panels').first().waitFor()
      assert.match((await motionsOn(page)).join(), /panels: appear/, 'what the other half would see')
      await page.emulateMedia({ reducedMotion: 'reduce' })
      for (const [name, query] of Object.entries(screens)) {
        await page.goto(page.url().replace(/(\?world=[^&]*).*/, `$1&${query}`))
        await page.locator('.live', { hasText: 'Live' }).waitFor()
        assert.deepEqual(await motionsOn(page), [], name)
      }
      await page.close()
    },
  },
]
