import assert from 'node:assert/strict'
import type { Page, Route } from 'playwright-core'
import { eventually, settled, shownIds, textOf } from './bench.ts'
import { callOnce } from './process.ts'
import { clientOf, world } from './scenario.ts'
import type { Story } from './story.ts'

/** Goes to an address as Back and Forward do, without loading the page again. */
const goTo = (page: Page, query: string): Promise<void> =>
  page.evaluate((to) => {
    history.pushState(null, '', to)
    dispatchEvent(new PopStateEvent('popstate'))
  }, query)

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

/** What the page shows stays true, whatever happens to the world, to answers and to the page meanwhile. */
export const stayingTrue: readonly Story[] = [
  {
    title: '6 what is cleared is what was shown of the world that was looked at; what comes after the press stays',
    async run({ open, client, summaries }) {
      const page = await open()
      await page.locator('.exchange-row').first().waitFor()
      await page.clock.install()
      await page.getByRole('button', { name: 'Pause' }).click()
      await client.call('GET', '/device')
      await page.locator('.bar .button', { hasText: '1 new' }).waitFor()
      const waiting = (await summaries()).at(-1)?.id ?? 0
      await page.getByRole('button', { name: 'Clear' }).click()
      await page.getByRole('button', { name: 'Resume' }).click()
      await client.call('GET', '/device')
      await eventually(() => shownIds(page), [waiting, waiting + 1], 'what was not shown, and what came later')
      await goTo(page, '?world=default')
      await page.locator('nav footer', { hasText: /^Journal 1[^\d,]/ }).waitFor()
      await settled(page)
      assert.deepEqual(await shownIds(page), [1], 'of another world, nothing is hidden')
      await goTo(page, `?world=${world}`)
      await eventually(() => shownIds(page), [waiting, waiting + 1], 'back in the one that is cleared')
      await page.clock.fastForward(6000)
      await eventually(async () => (await summaries()).map(({ id }) => id), [waiting, waiting + 1], 'they are kept')
      await eventually(() => shownIds(page), [waiting, waiting + 1], 'and shown')
      await page.getByRole('button', { name: 'Clear' }).click()
      client.handle.reset()
      await client.call('GET', '/device')
      await page.locator('#row-1').waitFor()
      await page.clock.fastForward(6000)
      await client.call('GET', '/device')
      await eventually(() => shownIds(page), [1, 2], 'a world that began anew has others of these numbers')
      assert.equal((await summaries()).length, 2)
      await page.close()
    },
  },
  {
    title: 'an exchange that is asked for before there is one is shown once it comes',
    async run({ open, client, summaries }) {
      const next = Number((await summaries()).at(-1)?.id) + 1
      const page = await open(`request=${next}`)
      await page.locator('.exchange', { hasText: `has had no request ${next}` }).waitFor()
      await client.call('GET', '/device')
      await page.locator('.exchange h1', { hasText: 'listBoundDevice' }).waitFor()
      await page.close()
    },
  },
  {
    title: 'snapshots are compared as they are now, and with the world as it is now',
    async run({ open, client, ask }) {
      const { handle } = client
      handle.snapshot('again')
      const page = await open('view=snapshots')
      const from = page.getByLabel('From', { exact: true })
      await from.selectOption('again')
      await page.getByText('Nothing differs.').waitFor()
      await client.call('POST', '/lock', { body: { moduleCode: '102' } })
      await page.locator('.change', { hasText: 'lock' }).waitFor()
      handle.snapshot('again')
      await page.getByText('Nothing differs.').waitFor()
      await ask(`worlds/${world}/snapshots/again`, 'DELETE')
      await eventually(() => from.inputValue(), 'bound', 'what was dropped is chosen no more')
      await page.locator('.change').first().waitFor()
      assert.equal(await page.locator('.mistake-note').count(), 0)
      await goTo(page, `?world=${world}&view=state&from=bound`)
      await page.locator('.change').first().waitFor()
      handle.snapshot('bound')
      await page.getByText('nothing differs').waitFor()
      await page.close()
    },
  },
  {
    title: 'state and clocks are read again when a world is put back, imported or dropped',
    async run({ open, client }) {
      const { handle } = client
      const page = await open('view=clocks')
      const ends = page.locator('.card', { hasText: 'What ends when' })
      await ends.locator('.lock-row').first().waitFor()
      handle.snapshot('locked')
      handle.restore('bound')
      await ends.getByText('No lock is held.').waitFor()
      handle.restore('locked')
      await ends.locator('.lock-row').first().waitFor()
      await goTo(page, `?world=${world}&view=state`)
      await page.locator('.lock-row').first().waitFor()
      handle.importState({})
      await page.getByText('Nothing is stored in this world').waitFor()
      handle.restore('locked')
      await page.locator('.lock-row').first().waitFor()
      handle.delete()
      await page.getByText('nothing has called it yet').waitFor()
      await page.close()
    },
  },
  {
    title:
      'a fault that had a hand in a result is told, whatever came of it; what items fail for is of their operation',
    async run({ open, client, summaries, exchange, ask }) {
      await ask(`worlds/${world}/faults/fault-3`, 'PATCH', { paused: true }) // it would throttle every second call
      const page = await open('request=8')
      await page.locator('.why.partial', { hasText: 'batchAddBackupScope judges each by itself' }).waitFor()
      assert.deepEqual(await page.locator('.why .cite').allTextContents(), ['DEC-19'])
      const { id } = client.handle.faults.add({
        operations: ['batchAddBackupScope'],
        effect: { type: 'failItems', indexes: [0], errorCode: '13000309' },
      })
      const scopeList = [{ localPath: '/Made' }, { localPath: '/Other' }]
      const deviceId = (await exchange(8)).path.split('/').at(-2)
      await client.call('POST', `/device/${deviceId}/scope`, { body: { moduleCode: '100', scopeList } })
      client.handle.faults.remove(id)
      const row = page.locator(`#row-${(await summaries('outcome=partial')).at(-1)?.id}`)
      await row.locator(`[aria-label="fault ${id}"]`).waitFor()
      await row.click()
      await page.locator('.why.partial', { hasText: '1 item of 2 failed' }).waitFor()
      assert.match(await textOf(page, '.why.partial'), /a fault had a hand in it/)
      await page.locator('.why.injected', { hasText: `${id} let items fail.` }).waitFor()
      await page.close()
    },
  },
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
