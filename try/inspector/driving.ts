import assert from 'node:assert/strict'
import { eventually, textOf } from './bench.ts'
import { world } from './scenario.ts'
import type { Story } from './story.ts'

/** What is done to a world. */
export const driving: readonly Story[] = [
  {
    title: '14 clocks are moved, frozen and let run, and gone to where a lock matters',
    async run({ open, client }) {
      const page = await open('view=clocks')
      const now = () => Date.parse(client.handle.clock.read().now)
      const before = now()
      await page.locator('.quick button', { hasText: '+1 min' }).first().click()
      await eventually(async () => now() - before, 60_000, 'a minute')
      await eventually(
        () => textOf(page, '.big-time'),
        `${new Date(now()).toISOString().replace('T', ' ').slice(0, -1)} UTC`,
        'is shown',
      )
      const live = page.locator('.lock-row', { hasText: 'Module 101' })
      await live.getByRole('button', { name: 'Go to 80 %' }).click()
      await live.locator('.left', { hasText: '2:00.000' }).waitFor()
      await page.locator('.card', { hasText: 'Signing clock' }).getByRole('button', { name: '+16 min' }).click()
      await eventually(async () => client.handle.clock.read().skew, 'PT16M', 'the skew')
      await page.locator('.pod .x-date .refused').waitFor()
      await page.locator('.card', { hasText: 'Signing clock' }).getByRole('button', { name: 'None' }).click()
      await page.getByLabel('By a duration').and(page.locator('input')).fill('nonsense')
      await page.keyboard.press('Enter')
      await page.locator('.toast', { hasText: 'advance' }).waitFor()
      await page.getByRole('button', { name: 'Let it run' }).click()
      await eventually(async () => client.handle.clock.read().frozen, false, 'it runs')
      await page.locator('.pod .run', { hasText: 'Runs' }).click()
      await eventually(async () => client.handle.clock.read().frozen, true, 'it is frozen')
      await page.close()
    },
  },
  {
    title: '15 a fault is made by a form, with what it would have met, paused, moved and removed',
    async run({ open, client, ask }) {
      const page = await open('view=faults')
      await page.getByRole('button', { name: 'New fault' }).click()
      await page.locator('.options button', { hasText: 'Refuse' }).click()
      await page.getByLabel('error', { exact: true }).and(page.locator('input')).fill('internal')
      await page.getByLabel('Add an operation').selectOption('listBoundDevice')
      const draft = {
        operations: ['listBoundDevice'],
        when: { first: 1 },
        effect: { type: 'refuse', error: 'internal' },
      }
      const { would } = await ask<{ would: { id: number; fires: boolean | null }[] }>(
        `worlds/${world}/faults/match`,
        'POST',
        draft,
      )
      await eventually(
        () => page.locator('.met li a').allTextContents(),
        would.slice(-12).map(({ id }) => `#${id}`),
        'would have met',
      )
      assert.deepEqual(JSON.parse((await page.locator('.code').textContent())?.replace(/^POST \S+/, '') ?? ''), draft)
      await page.getByRole('button', { name: 'Make this fault' }).click()
      await page.locator('.faults-table tbody tr').nth(3).waitFor()
      const made = client.handle.faults.list().at(-1)
      assert.deepEqual(made?.effect, draft.effect)
      const row = page.locator('.faults-table tr', { hasText: String(made?.id) })
      await row.getByRole('button', { name: 'Pause' }).click()
      await row.getByRole('button', { name: 'Go on' }).waitFor()
      assert.equal((await client.call('GET', '/device')).status, 200, 'a fault that is paused lets pass')
      await row.getByRole('button', { name: /earlier/ }).click()
      await eventually(async () => client.handle.faults.list()[2]?.id, made?.id, 'it is tried earlier')
      await row.getByRole('button', { name: /Remove/ }).click()
      await eventually(async () => client.handle.faults.list().length, 3, 'it is gone')
      await page.getByRole('button', { name: 'New fault' }).click()
      await page.locator('.options button', { hasText: 'Truncate' }).click()
      await page.getByRole('button', { name: 'Make this fault' }).click()
      await page.locator('.mistake-note', { hasText: 'body/effect/bytes' }).waitFor()
      await page.close()
    },
  },
]
