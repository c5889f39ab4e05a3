import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closedPort } from '../../test/fixtures/wire.ts'
import { complaintsOf } from '../browser.ts'
import { eventually, limits } from './bench.ts'
import { frontOf } from './front.ts'
import { callOnce, startProcess } from './process.ts'
import type { Story } from './story.ts'

const password = 'the-token-of-the-control-plane'

async function startLocked(port: number, folder: string): Promise<ChildProcess> {
  const file = join(folder, 'token')
  writeFileSync(file, `${password}\n`, { mode: 0o600 })
  return startProcess(port, '--control-token-file', file)
}

/** What is done behind a password. */
export const passwords: readonly Story[] = [
  {
    title: 'behind a password: one prompt, and page, assets, live rows, replay and export work',
    async run({ context, complaints }) {
      const [port, folder] = [await closedPort(), mkdtempSync(join(tmpdir(), 'koodrive-inspector-'))]
      const emulator = await startLocked(port, folder)
      const { address, refused, server } = await frontOf(port)
      const httpCredentials = { username: 'anybody', password }
      const own = await context.browser()?.newContext({ httpCredentials })
      try {
        const page = await own?.newPage()
        assert.ok(page)
        page.setDefaultTimeout(limits.patience)
        const noted = complaintsOf(page, address)
        await page.goto(`${address}/_emulator/`)
        await page.locator('.live', { hasText: 'Live' }).waitFor()
        await callOnce(address)
        await page.locator('#row-1').click()
        await page.getByRole('button', { name: 'Replay' }).first().click()
        await page.locator('.exchange .title', { hasText: 'replay of #1' }).waitFor()
        await page.getByRole('button', { name: 'Export' }).click()
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: 'HTTP archive' }).click(),
        ])
        assert.equal(download.suggestedFilename(), 'default.har')
        await callOnce(address)
        await eventually(() => page.locator('.exchange-row').count(), 3, 'what comes is shown')
        assert.deepEqual(refused, ['GET /_emulator/'], 'one prompt')
        assert.ok(!(await page.content()).includes(password))
        complaints.push(...noted)
      } finally {
        await own?.close()
        server.close()
        emulator.kill('SIGKILL')
        await once(emulator, 'exit')
        rmSync(folder, { recursive: true, force: true })
      }
    },
  },
]
