import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { WorldHandle } from '../../src/index.ts'
import { closedPort } from '../../test/fixtures/wire.ts'
import { complaintsOf } from '../browser.ts'
import { eventually, goTo, limits, settled, shownIds, textOf } from './bench.ts'
import { callOnce, startProcess } from './process.ts'
import { clientOf, world } from './scenario.ts'
import type { Story } from './story.ts'

/** A name of this machine that is not known as such. */
export const otherName = 'koodrive'

const send = (handle: WorldHandle, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${handle.url}/koodrive/ose/v1/backup/lock`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })

const liveIn = (page: Page, words: string) => page.locator('.live', { hasText: words }).waitFor()

/** What befalls emulators, tabs and pages. */
export const hardships: readonly Story[] = [
  {
    title: '19 the emulator is killed and started again under the open page: nothing is lost, and the truth is told',
    async run({ context, complaints }) {
      const port = await closedPort()
      const first = await startProcess(port)
      const address = `http://127.0.0.1:${port}`
      const page = await context.newPage()
      page.setDefaultTimeout(limits.patience)
      const own = complaintsOf(page, address)
      await callOnce(address)
      await page.goto(`${address}/_emulator/`)
      await liveIn(page, 'Live')
      await page.locator('#row-1').waitFor()
      first.kill('SIGKILL')
      await liveIn(page, 'Not reached')
      await page.locator('.banner', { hasText: 'The emulator does not answer since' }).waitFor()
      assert.equal(await page.locator('.exchange-row').count(), 1, 'what was seen stays')
      const second = await startProcess(port)
      try {
        await page
          .getByRole('button', { name: 'Try now' })
          .click()
          .catch(() => undefined)
        await liveIn(page, 'Live')
        await page.locator('.banner', { hasText: 'Another process answers' }).waitFor()
        await page.locator('.hero', { hasText: 'Nothing has called' }).waitFor()
        await callOnce(address)
        await page.locator('#row-1').waitFor()
        await page.getByRole('button', { name: 'Understood' }).click()
        await page.locator('.banner').waitFor({ state: 'detached' })
      } finally {
        await page.close()
        second.kill('SIGKILL')
      }
      complaints.push(...own)
    },
  },
  {
    title:
      'where tokens are known, a world that is not there yet is not said to take any, and the sample brings its own',
    async run({ context, complaints }) {
      const port = await closedPort()
      const emulator = await startProcess(port, '--auth', 'known')
      const address = `http://127.0.0.1:${port}`
      const page = await context.newPage()
      page.setDefaultTimeout(limits.patience)
      const own = complaintsOf(page, address)
      try {
        await page.goto(`${address}/_emulator/?world=fresh&view=tokens`)
        await page.locator('.page-head', { hasText: 'This world is made by its first call.' }).waitFor()
        await goTo(page, '?world=fresh&view=review')
        await page.locator('.page-head', { hasText: 'This world is made by its first call.' }).waitFor()
        await goTo(page, '?world=fresh&view=coverage')
        await page.locator('.page-head', { hasText: 'This world is made by its first call.' }).waitFor()
        await goTo(page, '?world=fresh')
        await page.locator('.hero .code', { hasText: '"Authorization: Bearer $TOKEN"' }).waitFor()
        await page.locator('.hero').getByRole('link', { name: 'Tokens and apps' }).waitFor()
        await page.getByRole('button', { name: 'Send a sample backup' }).click()
        await page.locator('.exchange-row', { hasText: 'releaseBackupLock' }).waitFor()
        assert.equal(await page.locator('.exchange-row .outcome.refused').count(), 0, 'all of it is accepted')
        await goTo(page, '?world=fresh&view=tokens')
        await page.locator('.page-head', { hasText: 'auth is known' }).waitFor()
      } finally {
        await page.close()
        emulator.kill('SIGKILL')
      }
      complaints.push(...own)
    },
  },
  {
    title:
      'a world in a file: it is asked once before a request is sent once more; another name of the machine is remarked on',
    async run({ context, complaints }) {
      const [port, folder] = [await closedPort(), mkdtempSync(join(tmpdir(), 'koodrive-inspector-'))]
      const emulator = await startProcess(port, '--db', join(folder, 'emulator.db'))
      const address = `http://${otherName}:${port}`
      const page = await context.newPage()
      page.setDefaultTimeout(limits.patience)
      const own = complaintsOf(page, address)
      const rows = () => page.locator('.exchange-row').count()
      try {
        await callOnce(`http://127.0.0.1:${port}`)
        await page.goto(`${address}/_emulator/?request=1`)
        await page.locator('nav', { hasText: `Reached as ${otherName}` }).waitFor()
        const again = page.getByRole('button', { name: 'Replay' }).first()
        await again.click()
        await page.getByRole('dialog', { name: 'Send it once more?' }).getByRole('button', { name: 'Leave it' }).click()
        await page.getByRole('dialog').waitFor({ state: 'detached' })
        assert.equal(await rows(), 1, 'nothing was sent')
        await again.click()
        await page.getByRole('dialog').getByRole('button', { name: 'Send it', exact: true }).click()
        await page.locator('.exchange .title', { hasText: 'replay of #1' }).waitFor()
        await again.click()
        await eventually(rows, 3, 'it is asked once')
      } finally {
        await page.close()
        emulator.kill('SIGKILL')
        await once(emulator, 'exit')
        rmSync(folder, { recursive: true, force: true })
      }
      // A browser says so of every page without TLS whose name it does not know as this machine's.
      complaints.push(...own.filter((line) => !line.includes('Cross-Origin-Opener-Policy header has been ignored')))
    },
  },
  {
    title:
      'a world in a file is asked for before it begins anew or goes back; nobody is asked for a world that is left',
    async run({ context, complaints }) {
      const [port, folder] = [await closedPort(), mkdtempSync(join(tmpdir(), 'koodrive-inspector-'))]
      const emulator = await startProcess(port, '--db', join(folder, 'emulator.db'))
      const address = `http://127.0.0.1:${port}`
      const page = await context.newPage()
      page.setDefaultTimeout(limits.patience)
      const own = complaintsOf(page, address)
      const answer = (name: string, word: string) =>
        page.getByRole('dialog', { name }).getByRole('button', { name: word, exact: true }).click()
      const gone = () => page.getByRole('dialog').waitFor({ state: 'detached' })
      const rows = async () => (await (await fetch(`${address}/_emulator/worlds/default/requests/count`)).json()).count
      try {
        await callOnce(address)
        await fetch(`${address}/_emulator/worlds/default/snapshots/one`, { method: 'POST' })
        await callOnce(`${address}/worlds/other`)
        await page.goto(`${address}/_emulator/?view=worlds`)
        const row = (name: string) => page.locator('.worlds-table tr', { has: page.getByRole('link', { name }) })
        await row('default').getByRole('button', { name: 'Reset' }).click()
        await answer('Begin default anew?', 'Leave it')
        await gone()
        await row('other').getByRole('button', { name: 'Reset' }).click()
        await page.locator('.toast', { hasText: 'other begins anew' }).waitFor()
        await goTo(page, '?view=snapshots')
        await page.getByRole('button', { name: 'Restore' }).click()
        await answer('Go back to one?', 'Restore it')
        await page.locator('.toast', { hasText: 'Went back to one' }).waitFor()
        assert.equal(await rows(), 1, 'nothing began anew')
        await goTo(page, '?request=1')
        await page.getByRole('button', { name: 'Replay' }).first().click()
        await page.getByRole('dialog').waitFor()
        await callOnce(`${address}/worlds/other`)
        await goTo(page, '?world=other')
        await page.locator('#row-1').waitFor()
        await answer('Send it once more?', 'Send it')
        await gone()
        await settled(page)
        const { requests } = await (await fetch(`${address}/_emulator/worlds/other/requests`)).json()
        assert.deepEqual([requests.length, await rows()], [1, 1], 'a yes that was meant for another world is none')
        await goTo(page, '?view=worlds')
        await row('default').getByRole('button', { name: 'Reset' }).click()
        await answer('Begin default anew?', 'Reset it')
        await eventually(rows, 0, 'it begins anew')
      } finally {
        await page.close()
        emulator.kill('SIGKILL')
        await once(emulator, 'exit')
        rmSync(folder, { recursive: true, force: true })
      }
      complaints.push(...own)
    },
  },
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
    title: 'what could not be asked while the emulator was away is asked once it is back',
    async run({ context, complaints }) {
      const [port, own] = [await closedPort(), await closedPort()]
      const emulator = await startProcess(port)
      const sockets = new Set<Socket>()
      const front = createServer((socket) => {
        const behind = connect(port, '127.0.0.1')
        sockets.add(socket)
        for (const end of [socket, behind]) end.on('error', () => undefined)
        socket.pipe(behind).pipe(socket)
      })
      const address = `http://127.0.0.1:${own}`
      const page = await context.newPage()
      page.setDefaultTimeout(limits.patience)
      const said = complaintsOf(page, address)
      try {
        await once(front.listen(own, '127.0.0.1'), 'listening')
        await callOnce(address)
        await page.goto(`${address}/_emulator/`)
        await page.locator('#row-1').waitFor()
        const closed = once(front.close(), 'close')
        for (const socket of sockets) socket.destroy()
        await closed
        await liveIn(page, 'Not reached')
        await page.locator('#row-1').click()
        await page.locator('.exchange', { hasText: 'the emulator does not answer' }).waitFor()
        await once(front.listen(own, '127.0.0.1'), 'listening')
        await page.locator('.exchange h1', { hasText: 'listBoundDevice' }).waitFor()
      } finally {
        await page.close()
        for (const socket of sockets) socket.destroy()
        front.close()
        emulator.kill('SIGKILL')
      }
      complaints.push(...said)
    },
  },
  {
    title: 'a world that is parked is taken up by who looks at it, and not said to be one that nothing has called',
    async run({ context, complaints }) {
      const [port, folder] = [await closedPort(), mkdtempSync(join(tmpdir(), 'koodrive-inspector-'))]
      const emulator = await startProcess(port, '--park', folder, '--max-worlds', '2')
      const address = `http://127.0.0.1:${port}`
      const page = await context.newPage()
      page.setDefaultTimeout(limits.patience)
      const own = complaintsOf(page, address)
      const parked = async () => (await (await fetch(`${address}/_emulator/worlds`)).json()).parked
      try {
        for (const name of ['one', 'two', 'three']) await callOnce(`${address}/worlds/${name}`)
        await eventually(parked, 1, 'one of them')
        await page.goto(`${address}/_emulator/?view=worlds`)
        await page.locator('.card .head', { hasText: ', and 1 parked' }).waitFor()
        await goTo(page, '?world=one')
        await page.locator('#row-1').waitFor()
        await goTo(page, '?world=never')
        await page.locator('.hero', { hasText: 'The world is made by its first call' }).waitFor()
      } finally {
        await page.close()
        emulator.kill('SIGKILL')
        await once(emulator, 'exit')
        rmSync(folder, { recursive: true, force: true })
      }
      complaints.push(...own)
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
