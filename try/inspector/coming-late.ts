import assert from 'node:assert/strict'
import type { Page, Route } from 'playwright-core'
import { eventually, goTo, limits, settled, shownIds } from './bench.ts'
import { frontOf } from './front.ts'
import { callOnce } from './process.ts'
import { clientOf, world } from './scenario.ts'
import type { Story } from './story.ts'

/** What befalls a page that the browser keeps for Back: it hears nothing meanwhile. */
const leave = (page: Page): Promise<boolean> => page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide')))
const comeBack = (page: Page): Promise<boolean> =>
  page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))

/** Answers that are held back until they are let go. */
function holding(): { hold(route: Route): Promise<void>; letGo(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return {
    async hold(route) {
      const response = await route.fetch()
      await promise
      await route.fulfill({ response })
    },
    letGo: resolve,
  }
}

/** What comes late, or to a page that was away, is shown for what it is. */
export const comingLate: readonly Story[] = [
  {
    title: 'answers are of the words and the world that are asked for now, however late others come',
    async run({ open, summaries }) {
      const found = (await summaries('q=scopeList')).map(({ id }) => id)
      const page = await open()
      await page.locator('.exchange-row').first().waitFor()
      await goTo(page, `?world=${world}&q=scopeList`)
      await eventually(() => shownIds(page), found, 'what was found')
      const nightly = holding()
      await page.route(`**/worlds/${world}/requests?*q=PIXEL9*`, nightly.hold)
      const asked = page.waitForRequest(/q=PIXEL9/)
      await goTo(page, `?world=${world}&q=PIXEL9`)
      await asked
      await page.locator('.hero h1', { hasText: 'Looking through the journal' }).waitFor()
      await goTo(page, `?world=${world}&status=299`)
      await page.locator('.hero h1', { hasText: 'No request fits the filter' }).waitFor()
      const others = page.waitForResponse(/worlds\/default\/requests\?.*q=PIXEL9/)
      await goTo(page, '?world=default&q=PIXEL9')
      await others
      await page.locator('.hero h1', { hasText: 'No request fits the filter' }).waitFor()
      const late = page.waitForResponse(new RegExp(`worlds/${world}/requests\\?.*q=PIXEL9`))
      nightly.letGo()
      await (await late).finished()
      await settled(page)
      assert.equal(await page.locator('.exchange-row').count(), 0, 'what was found in another world is not shown')
      await page.close()
    },
  },
  {
    title: 'who leaves for another world while a request is sent once more stays there, and is told what came of it',
    async run({ open, summaries }) {
      const last = (await summaries()).at(-1)?.id ?? 0
      const page = await open('request=4')
      await page.locator('.exchange h1').waitFor()
      const sending = holding()
      await page.route('**/requests/4/replay', sending.hold)
      const asked = page.waitForRequest(/replay$/)
      await page.getByRole('button', { name: 'Replay' }).first().click()
      await asked
      await goTo(page, '?world=default')
      await page.locator('#row-1').waitFor()
      sending.letGo()
      await page.locator('.toast', { hasText: `${world}: #4 was sent once more, as #${last + 1}` }).waitFor()
      assert.match(page.url(), /\?world=default$/)
      await settled(page)
      assert.deepEqual(await shownIds(page), [1])
      await page.close()
    },
  },
  {
    title: 'what cannot be saved or copied is not said to be',
    async run({ open }) {
      const page = await open('request=4')
      await page.route('**/requests/4.har', (route) => route.abort())
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await page.getByRole('button', { name: 'Save as HTTP archive' }).click()
      await page.locator('.toast', { hasText: 'the emulator does not answer' }).waitFor()
      await page.evaluate(() => {
        navigator.clipboard.writeText = () => Promise.reject(new Error('not here'))
        document.execCommand = () => false
      })
      await page.getByRole('button', { name: 'Copy as curl' }).click()
      await page.locator('.toast', { hasText: 'The browser did not let it be copied' }).waitFor()
      await page.close()
    },
  },
  {
    title: 'clocks are shown as they are now: an honest date is refused some day where the signing clock stands still',
    async run({ context, open, client }) {
      await context.clock.install()
      const soon = new Date(Date.now() + 300_000).toISOString()
      client.handle.clock.set({ frozen: true, now: soon, signing: 'state' })
      const page = await open()
      await page.getByRole('img', { name: 'An honest X-Date is believed' }).waitFor()
      await page.clock.fastForward(600_000)
      await page.getByRole('img', { name: 'An honest X-Date is refused: in the future' }).waitFor()
      await page.close()
    },
  },
  {
    title: 'a page that comes back from where the browser kept it shows what it missed, and what was forgotten no more',
    async run({ open, client, summaries }) {
      const [page, other] = [await open(), await open()]
      await page.locator('.exchange-row').first().waitFor()
      await leave(page)
      client.handle.forgetRequests()
      client.handle.clock.set({ frozen: true, now: '2026-12-24T18:00:00.000Z' })
      await client.call('GET', '/device')
      const last = Number((await summaries()).at(-1)?.id)
      await other.locator(`#row-${last}`).waitFor()
      assert.equal(await page.locator(`#row-${last}`).count(), 0)
      await comeBack(page)
      await eventually(() => shownIds(page), [last], 'all of it')
      await page.locator('.pod time', { hasText: '24 Dec 18:00:00' }).waitFor()
      await client.call('GET', '/device')
      await page.locator(`#row-${last + 1}`).waitFor()
      for (const one of [page, other]) await one.close()
    },
  },
  {
    title: 'another world has the same look and the same keys, as the address said',
    async run({ open, emulator }) {
      const page = await open('theme=dark&shortcuts=false')
      const keeps = (name: string) => {
        const { searchParams } = new URL(page.url())
        assert.deepEqual(
          ['world', 'theme', 'shortcuts'].map((one) => searchParams.get(one)),
          [name, 'dark', 'false'],
        )
      }
      await page.locator('.crumb').click()
      await page.locator('.menu a', { hasText: 'ci-42' }).click()
      await page.locator('.hero', { hasText: 'Nothing has called' }).waitFor()
      keeps('ci-42')
      await page
        .locator('.hero a', { hasText: `${world} saw` })
        .or(page.locator('.hero p a'))
        .first()
        .click()
      await page.locator('.exchange-row').first().waitFor()
      await page.locator('nav a', { hasText: 'Worlds' }).click()
      await page.locator('.worlds-table a', { hasText: 'contract-tests' }).click()
      keeps('contract-tests')
      await page.locator('nav a', { hasText: 'Worlds' }).click()
      await page.getByLabel('Name').fill('fresh')
      await page.getByRole('button', { name: 'Make a world' }).click()
      await page.locator('.hero', { hasText: 'fresh' }).waitFor()
      keeps('fresh')
      emulator.world('fresh').delete()
      await page.close()
    },
  },
  {
    title: 'what happens between the first look at a world and the first word of the stream is shown',
    async run({ context, emulator }) {
      const handle = emulator.world('early', { seed: 'none' })
      const client = clientOf(handle)
      await client.call('GET', '/device')
      const stream = Promise.withResolvers<void>()
      const { address, server } = await frontOf(Number(new URL(emulator.url).port), (path) =>
        path.includes('/events') ? stream.promise : undefined,
      )
      const page = await context.newPage()
      try {
        await page.goto(`${address}/_emulator/?world=early`)
        await page.locator('#row-1').waitFor()
        await client.call('GET', '/device')
        stream.resolve()
        await page.locator('#row-2').waitFor({ timeout: limits.patience })
      } finally {
        await page.close()
        server.close()
        handle.delete()
      }
    },
  },
  {
    title: 'no row of a burst is missing in the end, though reading it again fails at first and the worlds come late',
    async run({ open, emulator }) {
      const handle = emulator.world('bursting', { seed: 'none' })
      const client = clientOf(handle)
      const page = await open()
      const worlds = holding()
      let failures = 0
      await page.route('**/worlds?counts=true', worlds.hold)
      await page.route('**/bursting/requests?view=summary*', async (route) => {
        failures += 1
        await (failures <= 2 ? route.abort() : route.continue())
      })
      await goTo(page, '?world=bursting')
      await client.call('GET', '/device')
      await page.locator('#row-1').waitFor()
      for (let count = 1; count < 401; count += 80)
        await Promise.all(Array.from({ length: 80 }, () => callOnce(handle.url)))
      const count = async () => Number(await page.locator('.list').getAttribute('aria-rowcount'))
      await eventually(count, 402, 'all of them, and the heads')
      worlds.letGo()
      await settled(page)
      assert.equal(await count(), 402)
      assert.ok(failures > 2)
      await page.close()
      handle.delete()
    },
  },
]
