import assert from 'node:assert/strict'
import { capital } from '../../inspector/model/wording.ts'
import type { Change } from '../../schemas/change.ts'
import { eventually } from './bench.ts'
import { user, world } from './scenario.ts'
import type { Story } from './story.ts'

/** What is to be said of a whole run. */
export const judging: readonly Story[] = [
  {
    title: '16 the review is the one of the emulator, with its evidence, and can be copied for an issue',
    copies: true,
    async run({ open, client, mayCopy }) {
      await mayCopy()
      const page = await open('view=review')
      const findings = client.handle.review()
      await eventually(() => page.locator('.finding').count(), findings.length, 'all findings')
      for (const [index, { rule, message, requests }] of findings.entries()) {
        const shown = page.locator('.finding').nth(index)
        const text = (await shown.textContent()) ?? ''
        assert.ok(text.includes(rule) && text.includes(message))
        assert.deepEqual(
          await shown.locator('.chip code').allTextContents(),
          requests.slice(0, 12).map((id) => `#${id}`),
        )
      }
      await page.getByRole('button', { name: 'Copy as Markdown' }).click()
      await eventually(
        async () =>
          (await page.evaluate(() => navigator.clipboard.readText()))
            .split('\n')
            .filter((line) => line.startsWith('- **')).length,
        findings.length,
        'as Markdown',
      )
      await page.locator('.chip').first().click()
      await page.locator('.exchange h1').waitFor()
      await page.close()
    },
  },
  {
    title:
      'coverage: shares and what was never met are the emulator’s, each with a call that has the next request meet it',
    copies: true,
    async run({ open, client, emulator, mayCopy }) {
      await mayCopy()
      const page = await open('view=coverage')
      const { neverMet, neverCalled, shares } = client.handle.coverage()
      await eventually(
        () => page.locator('.finding h2').allTextContents(),
        neverMet.map(({ what, kind }) => `${capital(what)}${kind}`),
        'what was never met',
      )
      assert.deepEqual(
        await page.locator('.shares dd').allTextContents(),
        Object.values(shares).map(({ met, of }) => `${met} of ${of}`),
      )
      assert.ok((await page.getByText(neverCalled.join(', ')).count()) === 1)
      const group = page.locator('.finding', { hasText: 'An answer that never came' })
      await group.locator('.chip', { hasText: 'createBackupLock' }).click()
      await group.getByRole('button', { name: 'Copy the call' }).click()
      const copied = () => page.evaluate(() => navigator.clipboard.readText())
      const address = `${emulator.url}/_emulator/worlds/${world}/faults`
      await eventually(async () => (await copied()).startsWith(`curl "${address}" -H `), true, 'a call')
      const body = /-d '(.*)'$/.exec(await copied())?.[1] ?? ''
      const made = await fetch(address, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
      assert.equal(made.status, 201)
      assert.equal((await client.call('POST', '/lock', { body: { moduleCode: '102' } })).status, 0, 'it is lost')
      await group.locator('.chip', { hasText: 'createBackupLock' }).waitFor({ state: 'detached' })
      await page.close()
    },
  },
  {
    title: '17 snapshots are taken, compared and gone back to',
    async run({ open, client, ask }) {
      const page = await open('view=snapshots')
      await page.getByLabel('Label').fill('now-here')
      await page.getByRole('button', { name: 'Take snapshot' }).click()
      await page.locator('tbody tr', { hasText: 'now-here' }).waitFor()
      const { changes } = await ask<{ changes: Change[] }>(`worlds/${world}/diff?from=bound&to=now`)
      await page.getByLabel('From', { exact: true }).selectOption('bound')
      await eventually(() => page.locator('.change').count(), Math.min(200, changes.length), 'since bound')
      const before = client.handle.state()
      await client.call('POST', '/lock', { body: { moduleCode: '102' } })
      await page.locator('tr', { hasText: 'now-here' }).getByRole('button', { name: 'Restore' }).click()
      await eventually(
        async () => client.handle.state().users?.[user]?.locks?.length,
        before.users?.[user]?.locks?.length,
        'as it was',
      )
      await page.goto(page.url().replace('view=snapshots', 'view=timeline'))
      await page.locator('.lanes .undone-text').first().waitFor()
      await page.close()
    },
  },
  {
    title: '18 the whole run lies on lanes; pointing at a dot points at its row',
    async run({ open, summaries }) {
      const page = await open('view=timeline')
      await eventually(() => page.locator('.lanes .dot').count(), (await summaries()).length, 'a dot for each')
      for (const name of ['Wall clock', 'Even spacing', 'State clock']) await page.getByRole('button', { name }).click()
      await page.getByRole('button', { name: 'Idle time folded' }).click()
      assert.ok((await page.locator('.lanes .held').count()) >= 2)
      await page.goto(page.url().replace('view=timeline', ''))
      await page.locator('.strip [data-request="5"]').hover()
      await page.locator('.list').press('Home')
      await page.locator('.strip [data-request="5"]').hover()
      await page.locator('#row-5.pointed').waitFor()
      await page.locator('#row-3').hover()
      await page.locator('.strip [data-request="3"] .ring').waitFor()
      await page.locator('.strip [data-request="4"]').click()
      assert.match(page.url(), /request=4/)
      await page.close()
    },
  },
]
