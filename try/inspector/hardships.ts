import assert from 'node:assert/strict'
import type { WorldHandle } from '../../src/index.ts'
import { eventually, goTo, liveIn, settled, shownIds, textOf } from './bench.ts'
import { callOnce } from './process.ts'
import { clientOf, world } from './scenario.ts'
import type { Story } from './story.ts'

const send = (handle: WorldHandle, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${handle.url}/koodrive/ose/v1/backup/lock`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })

/** What befalls tabs and pages. */
export const hardships: readonly Story[] = [
  {
    title: 'a world that no world can be called is said to be one, and takes the stream from no other tab',
    async run({ open, client, summaries }) {
      const page = await open()
      const other = await open()
      await goTo(other, '?world=no%20name')
      await other.locator('h1', { hasText: 'No world can have this name' }).waitFor()
      await client.call('GET', '/device')
      await page.locator(`#row-${(await summaries()).at(-1)?.id}`).waitFor()
      await liveIn(other, 'Live')
      await other.getByRole('link', { name: 'All worlds' }).click()
      await other.locator('.worlds-table').waitFor()
      await other.close()
      await page.close()
    },
  },
  {
    title: 'eight tabs: the eighth loads and answers, and one stream feeds them all',
    async run({ open, client, summaries }) {
      const pages = []
      for (let count = 0; count < 8; count += 1) pages.push(await open())
      await client.call('GET', '/device')
      const last = (await summaries()).at(-1)?.id
      for (const page of pages) await page.locator(`#row-${last}`).waitFor({ state: 'attached' })
      for (const page of pages) await page.close()
    },
  },
  {
    title: 'a browser without shared workers has a stream for each tab',
    async run({ context, open, client, summaries }) {
      await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'))
      const page = await open()
      assert.equal(await page.evaluate(() => typeof SharedWorker), 'undefined')
      await client.call('GET', '/device')
      await page.locator(`#row-${(await summaries()).at(-1)?.id}`).waitFor()
      await page.close()
    },
  },
  {
    title: 'a world that is reset, put back or dropped begins anew on the page, without two of one number',
    async run({ open, emulator }) {
      const handle = emulator.world('restless', { seed: 'none' })
      const client = clientOf(handle)
      for (const _ of [1, 2, 3]) await client.call('GET', '/device')
      const page = await open()
      await page.goto(page.url().replace(world, 'restless'))
      await page.locator('#row-3').waitFor()
      handle.snapshot('three')
      handle.restore('three')
      await client.call('GET', '/device')
      await page.locator('#row-4').waitFor()
      handle.reset()
      await page.locator('.hero').waitFor()
      await client.call('GET', '/device')
      await eventually(() => page.locator('.exchange-row').count(), 1, 'one, and the first')
      handle.forgetRequests()
      await page.locator('.hero').waitFor()
      await client.call('GET', '/device')
      await page.locator('#row-2').waitFor()
      handle.delete()
      await page.locator('.hero', { hasText: 'The world is made by its first call' }).waitFor()
      await page.close()
    },
  },
  {
    title:
      'what a client sends is text: markup, other directions, NUL, lone surrogates, escape codes, twelve megabytes',
    async run({ open, emulator, ask }) {
      const handle = emulator.world('hostile', { seed: 'none' })
      const watching = await open()
      await goTo(watching, '?world=hostile')
      const nasty =
        '<img src=x onerror=alert(1)>\u202Etxt.exe\u2028\u0000\u001B[31mred\u001B[0m</script><script>alert(2)</script>'
      await send(handle, JSON.stringify({ moduleCode: nasty, lone: '\uD800', 'a/b~c': { '': nasty } }))
      await send(handle, `{"moduleCode":"\\ud800"}`)
      await send(handle, nasty)
      await send(handle, JSON.stringify({ moduleCode: 'x'.repeat(12 * 1024 * 1024 - 40) }))
      await send(handle, `${'['.repeat(2000)}${']'.repeat(2000)}`)
      await fetch(`${handle.url}/koodrive/ose/v1/backup/${encodeURIComponent(nasty)}`)
      const page = await open()
      let dialogs = 0
      page.on('dialog', (dialog) => {
        dialogs += 1
        void dialog.dismiss()
      })
      const { requests } = await ask<{ requests: { id: number }[] }>('worlds/hostile/requests?view=summary')
      assert.ok(requests.length >= 6)
      await watching.locator(`#row-${requests.at(-1)?.id}`).waitFor()
      await eventually(
        () => shownIds(watching),
        requests.map(({ id }) => id),
        'all of them, as they came',
      )
      await watching.close()
      for (const { id } of requests) {
        for (const tab of ['request', 'answer', 'headers', 'compare', 'replay']) {
          await page.goto(page.url().replace(/\?.*/, `?world=hostile&request=${id}&tab=${tab}`))
          await page.locator('.exchange [role=tabpanel]').waitFor()
          assert.equal(await page.locator('img, .exchange script').count(), 0)
          assert.equal(await page.getByText('cannot be shown').count(), 0, `#${id} ${tab}`)
        }
      }
      assert.equal(dialogs, 0)
      await page.goto(page.url().replace(/\?.*/, `?world=hostile&request=${requests[0]?.id}`))
      await page.locator('.json').first().waitFor()
      assert.ok((await page.locator('.json').first().textContent())?.includes('<img src=x onerror=alert(1)>'))
      await page.close()
      handle.delete()
    },
  },
  {
    title: 'an entry that nobody foresaw is said to be one, and everything around it stays',
    async run({ open }) {
      const page = await open()
      await page.route('**/requests?view=summary*', async (route) => {
        const response = await route.fetch()
        const answer = await response.json()
        Object.assign(answer.requests[2], { sent: null, items: 7, outcome: 'unheard-of' })
        await route.fulfill({ response, json: answer })
      })
      await page.reload()
      await page.locator('.exchange-row').first().waitFor()
      await page.locator('.list').press('Home')
      await page.locator('#row-5').click()
      await page.locator('.exchange h1', { hasText: 'createBackupLock' }).waitFor()
      assert.match(await textOf(page, '.list'), /This row cannot be shown/)
      await page.close()
    },
  },
  {
    title:
      'five thousand rows at the tail: few nodes, all counted, found by the filter, and the place kept while scrolled up',
    async run({ open, emulator }) {
      const handle = emulator.world('busy', { seed: 'none' })
      const page = await open()
      await page.goto(page.url().replace(world, 'busy'))
      await liveIn(page, 'Live')
      const newest = async () =>
        Number((await page.locator('.exchange-row').last().getAttribute('id'))?.slice('row-'.length))
      // The journal keeps fewer than the page: one that falls behind by more than the journal keeps would rightly miss some.
      for (let count = 400; count <= 5200; count += 400) {
        for (let round = 0; round < 5; round += 1) {
          await Promise.all(Array.from({ length: 80 }, () => callOnce(handle.url)))
        }
        await page.locator('.exchange-row').first().waitFor()
        await eventually(newest, count, 'the newest row is shown')
      }
      const count = async () => Number(await page.locator('.list').getAttribute('aria-rowcount'))
      await eventually(count, 5001, 'five thousand are kept, and the line above them')
      const nodes = await page.evaluate(() => document.querySelectorAll('*').length)
      assert.ok(nodes < 1500, `${nodes} nodes`)
      await page.locator('#row-5200').waitFor()
      await page.locator('.list').evaluate((list) => {
        list.scrollTop = 1000
      })
      await page.locator('.list').focus()
      await settled(page)
      const top = () => page.locator('.exchange-row').first().textContent()
      const before = await top()
      await callOnce(handle.url)
      await page.getByRole('button', { name: '1 new below' }).waitFor()
      assert.equal(await top(), before, 'the place is kept')
      await page.locator('.list').press('End')
      await page.locator('#row-5201').waitFor()
      const field = page.locator('.search input')
      await field.fill('status:401')
      await field.press('Enter')
      await page.getByRole('button', { name: 'Remove the last condition' }).waitFor()
      await page.close()
      handle.delete()
    },
  },
]
