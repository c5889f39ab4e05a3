import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { closedPort } from '../../test/fixtures/wire.ts'
import { complaintsOf } from '../browser.ts'
import type { Bench } from './bench.ts'
import { eventually, goTo, limits, liveIn, settled } from './bench.ts'
import { callOnce, startProcess } from './process.ts'
import type { Story } from './story.ts'

/** A name of this machine that is not known as such. */
export const otherName = 'koodrive'

interface Own {
  readonly page: Page
  readonly address: string
  readonly port: number
}

/** A page of an emulator in a process of its own, which may keep something in a folder; all of it is gone afterwards. */
async function withOwn(
  { context, complaints }: Pick<Bench, 'context' | 'complaints'>,
  settingsFor: (folder: string) => string[],
  tell: (own: Own) => Promise<void>,
  host = '127.0.0.1',
): Promise<void> {
  const [port, folder] = [await closedPort(), mkdtempSync(join(tmpdir(), 'koodrive-inspector-'))]
  const emulator = await startProcess(port, ...settingsFor(folder))
  const address = `http://${host}:${port}`
  const page = await context.newPage()
  page.setDefaultTimeout(limits.patience)
  const own = complaintsOf(page, address)
  try {
    await tell({ page, address, port })
  } finally {
    await page.close()
    emulator.kill('SIGKILL')
    await once(emulator, 'exit')
    rmSync(folder, { recursive: true, force: true })
  }
  // A browser says so of every page without TLS whose name it does not know as this machine's.
  const isOfName = (line: string) =>
    host === otherName && line.includes('Cross-Origin-Opener-Policy header has been ignored')
  complaints.push(...own.filter((line) => !isOfName(line)))
}

/** What befalls emulators in processes of their own, and is only there in them. */
export const ownEmulators: readonly Story[] = [
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
    run: (bench) =>
      withOwn(
        bench,
        () => ['--auth', 'known'],
        async ({ page, address }) => {
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
        },
      ),
  },
  {
    title:
      'a world in a file: it is asked once before a request is sent once more; another name of the machine is remarked on',
    run: (bench) =>
      withOwn(
        bench,
        (folder) => ['--db', join(folder, 'emulator.db')],
        async ({ page, address, port }) => {
          const rows = () => page.locator('.exchange-row').count()
          await callOnce(`http://127.0.0.1:${port}`)
          await page.goto(`${address}/_emulator/?request=1`)
          await page.locator('nav', { hasText: `Reached as ${otherName}` }).waitFor()
          const again = page.getByRole('button', { name: 'Replay' }).first()
          await again.click()
          await page
            .getByRole('dialog', { name: 'Send it once more?' })
            .getByRole('button', { name: 'Leave it' })
            .click()
          await page.getByRole('dialog').waitFor({ state: 'detached' })
          assert.equal(await rows(), 1, 'nothing was sent')
          await again.click()
          await page.getByRole('dialog').getByRole('button', { name: 'Send it', exact: true }).click()
          await page.locator('.exchange .title', { hasText: 'replay of #1' }).waitFor()
          await again.click()
          await eventually(rows, 3, 'it is asked once')
        },
        otherName,
      ),
  },
  {
    title:
      'a world in a file is asked for before it begins anew or goes back; nobody is asked for a world that is left',
    run: (bench) =>
      withOwn(
        bench,
        (folder) => ['--db', join(folder, 'emulator.db')],
        async ({ page, address }) => {
          const answer = (name: string, word: string) =>
            page.getByRole('dialog', { name }).getByRole('button', { name: word, exact: true }).click()
          const gone = () => page.getByRole('dialog').waitFor({ state: 'detached' })
          const rows = async () =>
            (await (await fetch(`${address}/_emulator/worlds/default/requests/count`)).json()).count
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
        },
      ),
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
    run: (bench) =>
      withOwn(
        bench,
        (folder) => ['--park', folder, '--max-worlds', '2'],
        async ({ page, address }) => {
          const parked = async () => (await (await fetch(`${address}/_emulator/worlds`)).json()).parked
          for (const name of ['one', 'two', 'three']) await callOnce(`${address}/worlds/${name}`)
          await eventually(parked, 1, 'one of them')
          await page.goto(`${address}/_emulator/?view=worlds`)
          await page.locator('.card .head', { hasText: ', and 1 parked' }).waitFor()
          await goTo(page, '?world=one')
          await page.locator('#row-1').waitFor()
          await goTo(page, '?world=never')
          await page.locator('.hero', { hasText: 'The world is made by its first call' }).waitFor()
        },
      ),
  },
]
