import assert from 'node:assert/strict'
import { eventually } from './bench.ts'
import { world } from './scenario.ts'
import type { Story } from './story.ts'

/** From nothing, and without a mouse. */
export const beginAndKeys: readonly Story[] = [
  {
    title: '20 a world that nobody has called teaches how to, sends a sample backup, and names the one that was called',
    async run({ open, emulator, ask }) {
      const page = await open()
      await page.goto(`${emulator.url}/_emulator/?world=fresh`)
      const call = (await page.locator('.hero pre').textContent()) ?? ''
      assert.ok(call.startsWith(`curl ${emulator.url}/worlds/fresh/koodrive/ose/v1/backup/device`))
      await page.locator('.hero a', { hasText: 'saw' }).waitFor()
      await page.getByRole('button', { name: 'Send a sample backup' }).click()
      await page.locator('.exchange-row', { hasText: 'releaseBackupLock' }).waitFor()
      const { requests } = await ask<{ requests: { outcome: string; operation: string }[] }>(
        'worlds/fresh/requests?view=summary',
      )
      assert.deepEqual(
        requests.map(({ outcome }) => outcome).filter((one) => one !== 'accepted'),
        [],
        'all of it is accepted',
      )
      assert.equal(requests.length, 9)
      await page.close()
    },
  },
  {
    title:
      '21 keys alone: move, open, send again, filter, go to other views; Escape gives the focus back; letters do nothing in fields',
    async run({ open, summaries }) {
      const page = await open()
      await page.locator('.exchange-row').first().waitFor()
      await page.keyboard.press('g')
      await page.keyboard.press('s')
      await eventually(async () => /view=state/.test(page.url()), true, 'g s')
      await page.keyboard.press('g')
      await page.keyboard.press('r')
      await page.locator('.list').focus()
      await page.keyboard.press('Home')
      for (const _ of [1, 2, 3]) await page.keyboard.press('ArrowDown')
      const active = () => page.locator('.list').getAttribute('aria-activedescendant')
      await eventually(active, 'row-4', 'three down')
      await page.keyboard.press('Enter')
      await page.locator('.exchange h1', { hasText: 'createBackupLock' }).waitFor()
      await page.locator('.exchange').focus()
      await page.keyboard.press('Escape')
      await eventually(
        () => page.evaluate(() => document.activeElement?.className ?? ''),
        'list',
        'the focus is in the list',
      )
      await eventually(active, 'row-4', 'where it was')
      const before = (await summaries()).length
      await page.keyboard.press('/')
      await page.keyboard.type('rcge?')
      assert.equal(await page.locator('.search input').inputValue(), 'rcge?')
      await page.keyboard.press('Escape')
      await page.keyboard.press('End')
      await eventually(active, `row-${(await summaries()).at(-1)?.id}`, 'End')
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      assert.equal((await summaries()).length, before, 'nothing was sent')
      await page.goto(`${page.url().split('?')[0]}?world=${world}&shortcuts=false`)
      await page.locator('.exchange-row').first().waitFor()
      await page.keyboard.press('g')
      await page.keyboard.press('s')
      await page.keyboard.press('?')
      assert.equal(await page.getByRole('dialog').count(), 0, 'shortcuts are off by the address')
      assert.doesNotMatch(page.url(), /view=state/)
      await page.close()
    },
  },
  {
    title:
      '21 keys alone, where nothing has the focus: the first Tab skips, arrows are in the list, S sends, Escape closes',
    async run({ open, client, summaries, ask }) {
      await ask(`worlds/${world}/faults/fault-3`, 'PATCH', { paused: true }) // it would throttle every second call
      const page = await open()
      await page.locator('.exchange-row').first().waitFor()
      const focus = () => page.evaluate(() => document.activeElement?.className ?? '')
      const active = () => page.locator('.list').getAttribute('aria-activedescendant')
      const blur = () => page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
      await page.keyboard.press('Tab')
      await eventually(focus, 'button skip', 'the first stop')
      await page.keyboard.press('Enter')
      await eventually(focus, 'list', 'which leads to the list')
      await blur()
      await page.keyboard.press('Home')
      await eventually(active, 'row-1', 'Home')
      await page.keyboard.press('g')
      await page.keyboard.press('s')
      await page.locator('.page').waitFor()
      await page.keyboard.press('g')
      await page.keyboard.press('r')
      await eventually(focus, 'list', 'g r')
      for (const _ of Array.from({ length: 10 })) await page.keyboard.press('ArrowDown')
      await eventually(active, 'row-11', 'ten down')
      await page.keyboard.press('Enter')
      const send = page.getByRole('button', { name: 'Send it so' }).first()
      await send.filter({ hasText: 'S' }).waitFor()
      await send.focus()
      await page.keyboard.press('s')
      await page.locator('.exchange .title', { hasText: 'replay of #11' }).waitFor()
      await eventually(focus, 'exchange', 'what had the focus is gone, the exchange has it')
      const { outcome, id } = (await summaries()).at(-1) ?? { outcome: '', id: 0 }
      assert.equal(outcome, 'accepted')
      await blur()
      await page.keyboard.press('Escape')
      await eventually(focus, 'list', 'Escape from nowhere')
      assert.equal(await page.locator('.exchange').count(), 0)
      await page.keyboard.press('Enter')
      await page.locator('.exchange h1').waitFor()
      await page.setViewportSize({ width: 1440, height: 2000 })
      await client.call('GET', '/device')
      await page.locator(`#row-${id + 1}`).waitFor()
      assert.equal(await page.locator('.pill-below').count(), 0, 'what is in view is not below')
      await page.close()
    },
  },
  {
    title: '21 keys alone, from an empty page to a fault, a replay and a moved clock',
    async run({ open, emulator, ask }) {
      const page = await open()
      await page.goto(`${emulator.url}/_emulator/?world=keys-only`)
      await tabTo(page, 'Send a sample backup')
      await page.keyboard.press('Enter')
      await page.locator('.exchange-row', { hasText: 'releaseBackupLock' }).waitFor()
      await tabTo(page, '+8 min')
      await page.keyboard.press('Enter')
      await page.locator('.toast', { hasText: 'moved' }).waitFor()
      await page.locator('.list').focus()
      await page.keyboard.press('Home')
      await page.keyboard.press('Enter')
      await page.locator('.exchange h1').waitFor()
      await page.keyboard.press('r')
      await page.locator('.exchange .title', { hasText: 'replay of #1' }).waitFor()
      await page.keyboard.press('g')
      await page.keyboard.press('f')
      await tabTo(page, 'Make this fault')
      await page.keyboard.press('Enter')
      await page.locator('.faults-table').waitFor()
      const { faults } = await ask<{ faults: unknown[] }>('worlds/keys-only/faults')
      assert.equal(faults.length, 1)
      await page.close()
    },
  },
]

/** Presses Tab until something of this text has the focus. */
async function tabTo(page: import('playwright-core').Page, text: string): Promise<void> {
  for (let left = 120; left > 0; left -= 1) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => document.activeElement?.textContent ?? '')
    if (focused.includes(text) && focused.length < text.length + 20) return
  }
  assert.fail(`Tab does not lead to ${text}`)
}
