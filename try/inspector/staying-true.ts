import assert from 'node:assert/strict'
import { eventually, goTo, settled, shownIds, textOf } from './bench.ts'
import { clientOf, world } from './scenario.ts'
import type { Story } from './story.ts'

/** What the page shows of a world stays true, whatever happens to that meanwhile. */
export const stayingTrue: readonly Story[] = [
  {
    title: '6 what is cleared is what was shown of the world that was looked at; what comes after the press stays',
    async run({ open, client, summaries }) {
      const page = await open()
      await page.locator('.exchange-row').first().waitFor()
      await page.clock.install()
      await page.getByRole('button', { name: 'Pause' }).click()
      await client.call('GET', '/device')
      await page.locator('.bar .button', { hasText: '1 new' }).waitFor()
      const waiting = (await summaries()).at(-1)?.id ?? 0
      await page.getByRole('button', { name: 'Clear' }).click()
      await page.getByRole('button', { name: 'Resume' }).click()
      await client.call('GET', '/device')
      await eventually(() => shownIds(page), [waiting, waiting + 1], 'what was not shown, and what came later')
      await goTo(page, '?world=default')
      await page.locator('nav footer', { hasText: /^Journal: 1 seen(?!,)/ }).waitFor()
      await settled(page)
      assert.deepEqual(await shownIds(page), [1], 'of another world, nothing is hidden')
      await goTo(page, `?world=${world}`)
      await eventually(() => shownIds(page), [waiting, waiting + 1], 'back in the one that is cleared')
      await page.clock.fastForward(6000)
      await eventually(async () => (await summaries()).map(({ id }) => id), [waiting, waiting + 1], 'they are kept')
      await eventually(() => shownIds(page), [waiting, waiting + 1], 'and shown')
      await page.getByRole('button', { name: 'Clear' }).click()
      client.handle.reset()
      await client.call('GET', '/device')
      await page.locator('#row-1').waitFor()
      await page.clock.fastForward(6000)
      await client.call('GET', '/device')
      await eventually(() => shownIds(page), [1, 2], 'a world that began anew has others of these numbers')
      assert.equal((await summaries()).length, 2)
      await page.close()
    },
  },
  {
    title: 'an exchange that is asked for before there is one is shown once it comes',
    async run({ open, client, summaries }) {
      const next = Number((await summaries()).at(-1)?.id) + 1
      const page = await open(`request=${next}`)
      await page.locator('.exchange', { hasText: `has had no request ${next}` }).waitFor()
      await client.call('GET', '/device')
      await page.locator('.exchange h1', { hasText: 'listBoundDevice' }).waitFor()
      await page.close()
    },
  },
  {
    title: 'where a world that was put back gave an id twice, no exchange is named as its maker',
    async run({ open, emulator }) {
      const handle = emulator.world('twice', { seed: 'none' })
      const { call } = clientOf(handle)
      handle.clock.set({ frozen: true, signing: 'state' })
      handle.snapshot('start')
      const scopeList = [{ localPath: '/DCIM' }]
      const begin = async () => {
        const bound = await call('POST', '/device', { body: { machineCode: 'PIXEL9' } })
        const { deviceId } = Object(bound.body['data'])
        const added = await call('POST', `/device/${deviceId}/scope`, { body: { moduleCode: '100', scopeList } })
        return [deviceId, added.body['scopeList'], (await call('POST', '/lock', { body: { moduleCode: '100' } })).body]
      }
      const by = (list: string, id: number) => page.locator(`${list} a`, { hasText: `#${id}` }).waitFor()
      const page = await open()
      await goTo(page, '?world=twice&view=state')
      const first = await begin()
      handle.snapshot('begun')
      for (const id of [1, 2]) await by('.pairs', id)
      await by('.lock-row', 3)
      handle.restore('start')
      assert.deepEqual(await begin(), first)
      for (const id of [4, 5]) await by('.pairs', id)
      await by('.lock-row', 6)
      handle.restore('begun')
      for (const list of ['.pairs', '.lock-row'])
        await eventually(() => page.locator(`${list} a`).count(), 0, `of ${list}`)
      await page.locator('.lock-row', { hasText: 'until' }).waitFor()
      await page.close()
    },
  },
  {
    title: 'a fault that is being filled in is kept, though a test begins the world anew meanwhile',
    async run({ open, emulator }) {
      const handle = emulator.world('anew', { seed: 'none' })
      const page = await open()
      await goTo(page, '?world=anew&view=faults')
      const device = page.getByRole('combobox', { name: 'Device' })
      await device.fill('phone-1')
      handle.reset()
      await clientOf(handle).call('GET', '/device')
      await page.locator('nav footer', { hasText: 'Journal: 1 seen' }).waitFor()
      assert.equal(await device.inputValue(), 'phone-1')
      await page.close()
    },
  },
  {
    title: 'snapshots are compared as they are now, and with the world as it is now',
    async run({ open, client, ask }) {
      const { handle } = client
      handle.snapshot('again')
      const page = await open('view=snapshots')
      const from = page.getByLabel('From', { exact: true })
      await from.selectOption('again')
      await page.getByText('Nothing differs.').waitFor()
      await client.call('POST', '/lock', { body: { moduleCode: '102' } })
      await page.locator('.change', { hasText: 'lock' }).waitFor()
      handle.snapshot('again')
      await page.getByText('Nothing differs.').waitFor()
      await ask(`worlds/${world}/snapshots/again`, 'DELETE')
      await eventually(() => from.inputValue(), 'bound', 'what was dropped is chosen no more')
      await page.locator('.change').first().waitFor()
      assert.equal(await page.locator('.mistake-note').count(), 0)
      await goTo(page, `?world=${world}&view=state&from=bound`)
      await page.locator('.change').first().waitFor()
      handle.snapshot('bound')
      await page.getByText('nothing differs').waitFor()
      await page.close()
    },
  },
  {
    title: 'state and clocks are read again when a world is put back, imported or dropped',
    async run({ open, client }) {
      const { handle } = client
      const page = await open('view=clocks')
      const ends = page.locator('.card', { hasText: 'What ends when' })
      await ends.locator('.lock-row').first().waitFor()
      handle.snapshot('locked')
      handle.restore('bound')
      await ends.getByText('No lock is held.').waitFor()
      handle.restore('locked')
      await ends.locator('.lock-row').first().waitFor()
      await goTo(page, `?world=${world}&view=state`)
      await page.locator('.lock-row').first().waitFor()
      handle.importState({})
      await page.getByText('Nothing is stored in this world').waitFor()
      handle.restore('locked')
      await page.locator('.lock-row').first().waitFor()
      handle.delete()
      await page.getByText('nothing has called it yet').waitFor()
      await page.close()
    },
  },
  {
    title:
      'a fault that had a hand in a result is told, whatever came of it; what items fail for is of their operation',
    async run({ open, client, summaries, exchange, ask }) {
      await ask(`worlds/${world}/faults/fault-3`, 'PATCH', { paused: true }) // it would throttle every second call
      const page = await open('request=8')
      await page.locator('.why.partial', { hasText: 'batchAddBackupScope judges each by itself' }).waitFor()
      assert.deepEqual(await page.locator('.why .cite').allTextContents(), ['DEC-19'])
      const { id } = client.handle.faults.add({
        operations: ['batchAddBackupScope'],
        effect: { type: 'failItems', indexes: [0], errorCode: '13000309' },
      })
      const scopeList = [{ localPath: '/Made' }, { localPath: '/Other' }]
      const deviceId = (await exchange(8)).path.split('/').at(-2)
      await client.call('POST', `/device/${deviceId}/scope`, { body: { moduleCode: '100', scopeList } })
      client.handle.faults.remove(id)
      const row = page.locator(`#row-${(await summaries('outcome=partial')).at(-1)?.id}`)
      await row.locator(`[aria-label="fault ${id}"]`).waitFor()
      await row.click()
      await page.locator('.why.partial', { hasText: '1 item of 2 failed' }).waitFor()
      assert.match(await textOf(page, '.why.partial'), /a fault had a hand in it/)
      await page.locator('.why.injected', { hasText: `${id} let items fail.` }).waitFor()
      await page.close()
    },
  },
]
