import assert from 'node:assert/strict'
import type { WorldView } from '../../schemas/control.ts'
import { eventually, shownIds, textFrom } from './bench.ts'
import { world } from './scenario.ts'
import type { Story } from './story.ts'

const glyphs = { accepted: '●', partial: '◐', refused: '✕', injected: '↯', unanswered: '⊘' } as const

/** What happens, as it happens. */
export const looking: readonly Story[] = [
  {
    title: '1 the number in the header of a refused answer leads to exactly that exchange',
    async run({ client, emulator, open }) {
      const response = await fetch(`${client.handle.url}/koodrive/ose/v1/backup/device`)
      const id = response.headers.get('x-emulator-request')
      assert.equal(response.status, 401)
      assert.match(String(id), /^\d+$/)
      const page = await open(`request=${id}`)
      await page.locator('.exchange h1', { hasText: 'listBoundDevice' }).waitFor()
      assert.match(await page.title(), new RegExp(`^#${id} listBoundDevice Refused 401`))
      await page.goto(`${emulator.url}/`)
      assert.match(page.url(), /\/_emulator\/$/, 'a browser that opens the emulator is led to the page')
      await page.close()
    },
  },
  {
    title: '2 worlds that appear during a run come in live, each with its numbers',
    async run({ open, emulator, ask }) {
      const page = await open()
      const made = emulator.world('made-meanwhile', { seed: 'none' })
      await page.locator('.crumb', { hasText: '5 worlds' }).click()
      await page.locator('.menu a', { hasText: 'made-meanwhile' }).waitFor()
      await page.locator('.menu a', { hasText: 'All worlds' }).click()
      const { worlds } = await ask<{ worlds: WorldView[] }>('worlds?counts=true')
      for (const { name, url, counts } of worlds) {
        const row = page.locator('.worlds-table tbody tr', { hasText: url })
        const cells = await row.locator('td').allTextContents()
        assert.deepEqual(
          cells.slice(2, 6).map(Number),
          [counts?.requests, counts?.refused, counts?.locks, counts?.faults],
          name,
        )
      }
      await page.locator('.worlds-table a', { hasText: 'default' }).click()
      assert.match(page.url(), /world=default/)
      made.delete()
      await page.close()
    },
  },
  {
    title: '3 every row says what the journal says: number, time, operation, outcome, rows; and new ones come in',
    async run({ open, summaries, client }) {
      const page = await open()
      await page.setViewportSize({ width: 1440, height: 1500 })
      const expected = await summaries()
      await eventually(
        () => shownIds(page),
        expected.map(({ id }) => id),
        'all are shown',
      )
      for (const { id, time, method, operation, outcome, status, rowsWritten, items } of expected) {
        const cells = await page.locator(`#row-${id} > *`).allTextContents()
        const [number, shown, what, how, rows] = cells as [string, string, string, string, string]
        assert.deepEqual([number, shown], [String(id), time.slice(11, 23)])
        assert.ok(what.startsWith(`${method}${operation}`), `${what} is ${method} ${operation}`)
        assert.ok(how.startsWith(glyphs[outcome]), `${how} is ${outcome}`)
        if (outcome === 'partial')
          assert.ok(how.includes(`${items?.done} of ${Number(items?.done) + Number(items?.failed)}`))
        if (outcome === 'refused' || outcome === 'accepted') assert.ok(how.includes(String(status)))
        assert.equal(rows, rowsWritten === 0 ? '·' : String(rowsWritten))
      }
      assert.deepEqual(new Set(expected.map(({ outcome }) => outcome)).size, 5, 'all five outcomes')
      assert.deepEqual(await page.locator('.moved b').allTextContents(), ['+8 min 25 s', '+10 min 2 s'])
      await client.call('GET', '/device')
      const last = (await summaries()).at(-1)?.id
      await page.locator(`#row-${last}`).waitFor()
      await page.close()
    },
  },
  {
    title: '4 a filter is a query of the journal: typed, pressed, in the address, and taken away again',
    async run({ open, summaries }) {
      const page = await open()
      const idsOf = async (query: string) => (await summaries(query)).map(({ id }) => id)
      const field = page.getByLabel('Filter requests').and(page.locator('input'))
      await field.fill('status:400')
      await field.press('Enter')
      await eventually(() => shownIds(page), await idsOf('status=400'), 'status=400')
      assert.match(page.url(), /status=400/)
      await field.fill('currentConfigValue')
      await field.press('Enter')
      await eventually(() => shownIds(page), await idsOf('status=400&q=currentConfigValue'), 'with a text')
      await field.press('Backspace')
      await eventually(() => shownIds(page), await idsOf('status=400'), 'the last is taken away')
      await page.getByRole('button', { name: 'Remove status:400' }).click()
      for (const [name, query] of [
        ['Partial', 'outcome=partial'],
        ['Faults', 'fault=any'],
        ['In review', 'finding=any'],
        ['Refused', 'outcome=refused'],
      ] as const) {
        const button = page.locator('.bar .choices button', { hasText: name })
        await button.click()
        const ids = await idsOf(query)
        await eventually(() => shownIds(page), ids, query)
        assert.equal(await button.locator('.count').textContent(), String(ids.length), `${name} is counted`)
      }
      await field.fill('code:1')
      await field.press('Enter')
      await page.getByRole('button', { name: 'Remove the last condition' }).click()
      await page.locator('.exchange-row').first().waitFor()
      await page.close()
    },
  },
  {
    title: '5 pausing keeps the view and counts what comes; resuming shows it',
    async run({ open, client, summaries }) {
      const page = await open()
      const before = (await summaries()).length
      await page.locator('.exchange-row').first().waitFor()
      await page.getByRole('button', { name: 'Pause' }).click()
      for (const _ of [1, 2, 3]) await client.call('GET', '/device')
      await page.locator('.bar .button', { hasText: '3 new' }).waitFor()
      assert.equal(
        await page.locator('.list').getAttribute('aria-rowcount'),
        String(before + 2 + 1),
        'rows, moves and heads',
      )
      await page.getByRole('button', { name: 'Resume' }).click()
      await page.locator(`#row-${before + 3}`).waitFor()
      await page.locator('.list').hover()
      await page.mouse.wheel(0, -5000)
      await eventually(() => page.locator('.list').evaluate((list) => list.scrollTop), 0, 'scrolled up')
      await client.call('GET', '/device')
      await page.getByRole('button', { name: '1 new below' }).click()
      await page.locator(`#row-${before + 4}`).waitFor()
      await page.close()
    },
  },
  {
    title: '6 what the filter shows is exported; what is cleared can be taken back',
    async run({ open, summaries, client }) {
      const page = await open('outcome=refused')
      await page.getByRole('button', { name: 'Export' }).click()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'HTTP archive' }).click(),
      ])
      assert.equal(download.suggestedFilename(), `${world}.har`)
      const { log } = JSON.parse(await textFrom(await download.createReadStream()))
      assert.equal(log.entries.length, (await summaries('outcome=refused')).length)
      const before = (await summaries()).length
      await page.clock.install()
      await page.getByRole('button', { name: 'Clear' }).click()
      await eventually(() => page.locator('.exchange-row').count(), 0, 'nothing is shown')
      await page.getByRole('button', { name: 'Undo' }).click()
      await page.locator('.exchange-row').first().waitFor()
      await page.clock.fastForward(60_000)
      assert.equal((await summaries()).length, before)
      await client.call('GET', '/device')
      await page.close()
    },
  },
]
