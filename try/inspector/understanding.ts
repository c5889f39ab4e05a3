import assert from 'node:assert/strict'
import { eventually, goTo, shownIds, textOf } from './bench.ts'
import { world } from './scenario.ts'
import type { Story } from './story.ts'

/** Why a request was refused, and what would be right. */
export const understanding: readonly Story[] = [
  {
    title: '7 an exchange says why: reason, what it rests on, checks, and marks in place',
    async run({ open, exchange }) {
      const page = await open('request=11')
      const { reason, checks, facts } = await exchange(11)
      await page.locator('.why').waitFor()
      const why = await textOf(page, '.why > p')
      assert.equal(why, String(reason).replace(/ \[.*\]$/, ''))
      assert.deepEqual(await page.locator('.why .cite').allTextContents(), facts)
      assert.match(await textOf(page, '.why .cites'), /Documented\..*Assumed\./)
      const words = { true: 'passed', false: 'failed', null: 'unreached' } as const
      const shown = await page.locator('.checks li').evaluateAll((items) => items.map((item) => item.className))
      assert.deepEqual(
        shown,
        checks.map(({ passed }) => words[`${passed}`]),
      )
      assert.match(await textOf(page, '.json .refused'), /"currentConfigValue": "off",refused here/)
      await page.goto(page.url().replace('request=11', 'request=1'))
      await page.locator('.json .unread', { hasText: 'osPatch' }).waitFor()
      await page.goto(page.url().replace('request=1', 'request=8'))
      const failed = page.locator('.json .failed')
      await failed.waitFor()
      const { items } = await exchange(8)
      assert.equal(await failed.getAttribute('data-pointer'), `/scopeList/${items?.failed[0]?.index}`)
      await page.goto(page.url().replace('request=8', 'request=18'))
      assert.match(String(await page.locator('.why svg').getAttribute('aria-label')), /at −16 min/)
      const early = (await exchange(18)).checks.map(({ passed }) => words[`${passed}`])
      assert.ok(early.includes('unreached'))
      await eventually(
        () => page.locator('.checks li').evaluateAll((items) => items.map((item) => item.className)),
        early,
        'what was not reached is said to be so',
      )
      await page.goto(page.url().replace('request=18', 'request=6'))
      await page
        .locator('.why', {
          hasText: 'fault-2 lost the answer. The work is done: 2 rows are stored, and the client does not know it.',
        })
        .waitFor()
      await page.close()
    },
  },
  {
    title: 'a fact leads to the requests whose reason names it, and not to those of a longer number',
    async run({ open, exchange, summaries }) {
      const page = await open('request=11')
      const [fact = ''] = (await exchange(11)).facts
      await page.locator('.why .cite').first().click()
      await page.locator('.search .tag', { hasText: `fact:${fact}` }).waitFor()
      const ids = (await summaries(`fact=${fact}`)).map(({ id }) => id)
      assert.ok(ids.includes(11))
      await eventually(() => shownIds(page), ids, 'those')
      await goTo(page, `?world=${world}&fact=DEC-99999`)
      await page.locator('.hero p', { hasText: 'query/fact is no fact or decision' }).waitFor()
      await page.close()
    },
  },
  {
    title: 'a condition that the journal would refuse is said to be wrong, and not that nothing fits it',
    async run({ open }) {
      const page = await open('status=4xx')
      await page.locator('.hero p', { hasText: 'query/status is a string of 3 with "x"' }).waitFor()
      await page.getByRole('button', { name: 'Remove the last condition' }).click()
      const field = page.getByRole('combobox', { name: 'Filter requests' })
      await field.fill('since:2026-11-25')
      await field.press('Enter')
      await page.locator('.hero p', { hasText: 'query/since is a string of 10' }).waitFor()
      await page.getByRole('button', { name: 'Remove all' }).click()
      await page.locator('.exchange-row').first().waitFor()
      await page.close()
    },
  },
  {
    title: 'an exchange is explained as it was or changed, and what was said of another is not left beside it',
    async run({ open }) {
      const page = await open('view=explain&request=11')
      const body = page.getByLabel('Body', { exact: true }).and(page.locator('textarea'))
      const answer = page.getByRole('region', { name: 'Answer' })
      await answer.filter({ hasText: 'body/currentConfigValue' }).waitFor()
      await eventually(async () => (await body.inputValue()).includes('currentConfigValue'), true, 'its body')
      await body.fill('{"moduleCode":"102"}')
      await page.getByRole('button', { name: 'Explain it' }).click()
      await answer.filter({ hasText: 'body/configName' }).waitFor()
      await goTo(page, `?world=${world}&view=explain&request=9999`)
      await page.getByText('has had no request 9999').waitFor()
      assert.equal(await answer.count(), 0, 'of another request')
      await page.getByRole('link', { name: 'Explain a request' }).click()
      await page.getByText('has had no request 9999').waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'Explain it' }).click()
      await answer.filter({ hasText: 'It would be accepted.' }).waitFor()
      await page.getByLabel('method', { exact: true }).fill('')
      await page.getByRole('button', { name: 'Explain it' }).click()
      await page.getByText('body/method is empty').waitFor()
      assert.equal(await answer.count(), 0, 'of what it was before')
      await page.close()
    },
  },
  {
    title: '8 three clicks from a refused request to one that is accepted, by what was tried',
    async run({ open, summaries, ask }) {
      const pause = (paused: boolean) => ask(`worlds/${world}/faults/fault-3`, 'PATCH', { paused })
      await pause(true) // it would throttle every second call of this device
      const page = await open()
      await page.locator('.exchange-row').first().waitFor()
      await page.locator('.list').press('Home')
      await page.locator('#row-11').click()
      await page.locator('.advice .verdict', { hasText: 'accepted' }).first().waitFor()
      assert.match(await textOf(page, '.advice li'), /body\/currentConfigValue "off" → "101test2value"/)
      await page.getByRole('button', { name: 'Send it so' }).first().click()
      await page.locator('.exchange .pill.accepted').waitFor()
      const last = (await summaries()).at(-1)
      assert.deepEqual([last?.replayOf, last?.outcome, last?.operation], [11, 'accepted', 'updateConfigInfo'])
      await pause(false)
      await page.close()
    },
  },
  {
    title: '8b advice with a call first is followed by one press: the lock is taken, and shown',
    async run({ open, client, summaries, ask }) {
      const pause = (paused: boolean) => ask(`worlds/${world}/faults/fault-3`, 'PATCH', { paused })
      await pause(true) // it would throttle every second call of this device
      client.handle.snapshot('before-advice')
      const dead = '11111111-1111-4111-8111-111111111111@102'
      await client.call('PATCH', '/record/7', { body: {}, lock: dead })
      const id = (await summaries()).at(-1)?.id ?? 0
      const page = await open(`request=${id}`)
      await page.locator('.advice .verdict', { hasText: 'accepted' }).first().waitFor()
      assert.match(await textOf(page, '.checks .failed'), /lock held/)
      const way = page.locator('.advice li', { hasText: 'backup/lock with' })
      assert.match(String(await way.textContent()), /first POST \S+\/lock .*first POST \S+\/record/)
      await way.getByRole('button', { name: 'Call first, then send it so' }).click()
      await page.locator('.exchange .pill.accepted').waitFor()
      const made = (await summaries()).slice(-3)
      assert.deepEqual(
        made.map(({ replayOf, outcome, operation }) => [replayOf, outcome, operation]),
        ['createBackupLock', 'createBackupRecord', 'completeBackup'].map((name) => [id, 'accepted', name]),
      )
      const [taken, , last] = made.map((one) => one.id)
      const toast = page.locator('.toast.accepted', {
        hasText: `#${id} was sent changed, as #${last}, after #${taken}`,
      })
      await toast.waitFor()
      assert.match(String(await toast.textContent()), new RegExp(`The lock of #${taken} is held for 10 min`))
      await page.locator(`#row-${taken} [aria-label="made before the replay of #${id}"]`).waitFor()
      await page.locator(`#row-${id}`).click()
      await page.locator('.exchange .title', { hasText: `sent again as #${last}` }).waitFor()
      assert.ok(!(await textOf(page, '.exchange .title')).includes(`#${taken}`), 'a call before it is no replay')
      await page.getByRole('tab', { name: 'Headers' }).click()
      assert.match(await textOf(page, '.headers .removed'), /^x-backup-lock-id ?11111111.* refused here$/)
      await page.getByRole('tab', { name: 'Changes 0' }).click()
      await page.locator('.panels', { hasText: 'It changed nothing: 0 rows were written.' }).waitFor()
      await page.close()
      client.handle.restore('before-advice')
      await pause(false)
    },
  },
  {
    title: '8c advice is tried again when the world became another, and says whose value it gives; a refusal says why',
    async run({ open, client, summaries, exchange, ask }) {
      await ask(`worlds/${world}/faults/fault-3`, 'PATCH', { paused: true }) // it would throttle every second call
      const { requestText, path } = await exchange(11)
      const page = await open('request=11')
      await page.locator('.advice li', { hasText: '"101test2value"' }).waitFor()
      const change = { ...JSON.parse(requestText), currentConfigValue: '101test2value', newConfigValue: 'third' }
      await client.call('PATCH', path.slice(path.indexOf('/device/')), { body: change })
      const last = (await summaries()).at(-1)
      assert.equal(last?.outcome, 'accepted')
      await page.locator('.advice li', { hasText: `"third" the present value, set by #${last?.id}` }).waitFor()
      await page.getByRole('button', { name: 'Replay R' }).click()
      const toast = page.locator('.toast.refused', { hasText: `#11 was sent once more, as #${Number(last?.id) + 1}` })
      await toast.waitFor()
      assert.match(String(await toast.textContent()), /: refused, body\/currentConfigValue/)
      await page.close()
    },
  },
]
