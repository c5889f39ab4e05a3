import assert from 'node:assert/strict'
import type { Change } from '../../schemas/change.ts'
import { eventually, goTo, textFrom, textOf } from './bench.ts'
import { user, world } from './scenario.ts'
import type { Story } from './story.ts'

/** A request once more, and what it and others changed. */
export const repeating: readonly Story[] = [
  {
    title: '9 a request is sent once more by one key, or edited before; one lands on what came of it',
    async run({ open, summaries, exchange }) {
      const page = await open('request=9')
      await page.locator('.exchange h1').waitFor()
      await page.locator('.exchange').focus()
      await page.keyboard.press('r')
      await page.locator('.exchange .title', { hasText: 'replay of #9' }).waitFor()
      const again = (await summaries()).at(-1)
      assert.deepEqual([again?.replayOf, again?.operation], [9, 'listBackupScope'])
      await page.goto(
        page
          .url()
          .replace(/request=\d+/, 'request=2')
          .replace(/&tab=\w+/, ''),
      )
      await page.getByRole('button', { name: 'Edit and replay' }).click()
      const body = page.getByLabel('Body', { exact: true }).and(page.locator('textarea'))
      await body.fill((await body.inputValue()).replace('PIXEL 9', 'PIXEL_9'))
      await page.getByRole('button', { name: 'Send it', exact: true }).click()
      await page.locator('.exchange .title', { hasText: 'replay of #2' }).waitFor()
      const edited = (await summaries()).at(-1)
      await page.locator('.toast', { hasText: `#2 was sent changed, as #${edited?.id}` }).waitFor()
      assert.equal(edited?.outcome, 'accepted')
      assert.match((await exchange(edited?.id ?? 0)).requestText, /PIXEL_9/)
      const headers = await page.content()
      assert.doesNotMatch(headers, /a-token-of-ann/)
      await page.close()
    },
  },
  {
    title:
      '10 a request is copied as a command, as code, and as an archive, with $TOKEN for the token; not where its body was cut',
    copies: true,
    async run({ open, client, mayCopy, summaries }) {
      await mayCopy()
      const page = await open('request=5')
      const copied = () => page.evaluate(() => navigator.clipboard.readText())
      await page.getByRole('button', { name: 'Copy as curl' }).click()
      await eventually(
        async () => /^curl -X POST '.*\/lock' \\\n {2}-H "Authorization: Bearer \$TOKEN"/.test(await copied()),
        true,
        'a command',
      )
      assert.match(await copied(), /-H "X-Date: \$\(date -u/)
      await page.getByRole('button', { name: 'More' }).click()
      await page.getByRole('button', { name: 'Copy as fetch' }).click()
      await eventually(async () => (await copied()).startsWith('await fetch('), true, 'code')
      await page.getByRole('button', { name: 'More' }).click()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save as HTTP archive' }).click(),
      ])
      const { log } = JSON.parse(await textFrom(await download.createReadStream()))
      assert.match(log.entries[0].request.url, /\/lock$/)
      const before = await copied()
      await client.call('POST', '/lock', { body: { moduleCode: 'x'.repeat(20_000) } })
      await page.locator(`#row-${(await summaries()).at(-1)?.id}`).click()
      await page.locator('.exchange .card', { hasText: 'The beginning of 20,017 bytes' }).waitFor()
      await page.locator('.exchange').press('c')
      await page.locator('.toast.refused', { hasText: 'only the beginning of its body is kept' }).waitFor()
      assert.equal(await copied(), before)
      await page.close()
    },
  },
  {
    title:
      'a body that is no text, or kept in part, is not shown as one to be edited, and nothing is sent in its place',
    async run({ open, emulator, ask }) {
      const handle = emulator.world('bytes', { seed: 'none' })
      const send = (body: string | Uint8Array<ArrayBuffer>) =>
        fetch(`${handle.url}/koodrive/ose/v1/backup/device`, {
          method: 'POST',
          body,
          headers: { authorization: 'Bearer t', 'x-user-id': user, 'content-type': 'application/json' },
        })
      await send(new Uint8Array([0, 1, 255, 254]))
      await send(JSON.stringify({ machineCode: 'x'.repeat(3_000_000) }))
      const page = await open()
      const body = page.getByLabel('Body', { exact: true }).and(page.locator('textarea'))
      for (const [id, about] of [
        [2, 'only its beginning is kept'],
        [1, 'it is no text'],
      ] as const) {
        await goTo(page, `?world=bytes&request=${id}&tab=replay`)
        await page.locator('.field', { hasText: about }).waitFor()
        assert.equal(await body.inputValue(), '')
      }
      await page.getByRole('button', { name: 'Send it', exact: true }).click()
      await page.locator('.exchange .title', { hasText: 'replay of #1' }).waitFor()
      const sent = await ask<{ requestBody: unknown }>('worlds/bytes/requests/3')
      assert.deepEqual(sent.requestBody, { base64: 'AAH//g==' })
      await page.close()
      handle.delete()
    },
  },
  {
    title: '11 two exchanges stand side by side, what differs marked',
    async run({ open }) {
      const page = await open('request=8')
      await page.getByRole('button', { name: 'Compare' }).click()
      await page.locator('.side-by-side').first().waitFor()
      await page.getByLabel('Compare #8 with').or(page.locator('.exchange select')).first().selectOption('7')
      await page.locator('.side-by-side .differs', { hasText: '/Music' }).first().waitFor()
      assert.match(page.url(), /other=7/)
      await page.close()
    },
  },
  {
    title: '12 what a request changed is shown row by row, and is what the emulator noted',
    async run({ open, exchange }) {
      for (const id of [1, 8, 14, 3]) {
        const page = await open(`request=${id}&tab=changes`)
        const { changes } = await exchange(id)
        await eventually(() => page.locator('.change').count(), changes?.length ?? -1, `changes of #${id}`)
        for (const [index, { entity, key, after }] of (changes ?? []).entries()) {
          const shown = (await page.locator('.change').nth(index).textContent()) ?? ''
          for (const text of [entity, ...Object.values(key)]) assert.ok(shown.includes(text), `${shown} has ${text}`)
          if (entity === 'scope') assert.ok(shown.includes(String(after?.['localPath'])))
        }
        await page.close()
      }
    },
  },
  {
    title: '13 the state is shown by user, each row with the request that made it, and compared with before one',
    async run({ open, ask }) {
      const page = await open(`view=state&user=${user}&from=request:8`)
      await page.locator('.lock-row').first().waitFor()
      const state = await ask<{
        users: Record<string, { locks: unknown[]; devices: { deviceId: string; scopes: unknown[] }[] }>
      }>(`worlds/${world}/state`)
      const own = state.users[user]
      assert.equal(await page.locator('.lock-row').count(), own?.locks.length)
      assert.match(
        await textOf(page, '.card:has(h2:text("Devices")) tbody'),
        new RegExp(`${own?.devices[0]?.deviceId}.*by #1`),
      )
      const { changes } = await ask<{ changes: Change[] }>(`worlds/${world}/diff?from=request:8`)
      const added = changes.filter(({ entity, change }) => entity === 'scope' && change === 'added')
      await eventually(() => page.locator('tr.added').count(), added.length, 'added scopes are marked')
      await page.locator('tr.added', { hasText: 'by #8' }).first().waitFor()
      await page.getByRole('link', { name: /came too late/ }).click()
      assert.match(page.url(), /request=22/)
      await page.close()
    },
  },
]
