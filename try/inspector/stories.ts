import assert from 'node:assert/strict'
import { capital } from '../../inspector/model/wording.ts'
import type { Change } from '../../schemas/change.ts'
import type { WorldView } from '../../schemas/control.ts'
import type { Bench } from './bench.ts'
import { eventually, shownIds, textOf } from './bench.ts'
import { user, world } from './scenario.ts'

/** What somebody does with the page, and what the journal says to it. */
export interface Story {
  readonly title: string
  /** Whether it needs the clipboard, which is one for all. */
  readonly copies?: boolean
  run(bench: Bench): Promise<void>
}

const glyphs = { accepted: '●', partial: '◐', refused: '✕', injected: '↯', unanswered: '⊘' } as const

const look: Story[] = [
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

async function textFrom(stream: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const piece of stream) text += String(piece)
  return text
}

const understand: Story[] = [
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
    title: '10 a request is copied as a command, as code, and as an archive, with $TOKEN for the token',
    copies: true,
    async run({ open, mayCopy }) {
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
      await page.close()
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

const drive: Story[] = [
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
      const { would } = await ask<{ would: { id: number; fires: boolean }[] }>(
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
      await eventually(async () => (await copied()).startsWith(`curl "${address}" -d '`), true, 'a call')
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

export const stories: readonly Story[] = [...look, ...understand, ...drive]
