import type { OperationId } from '../../schemas/index.ts'
import type { Check } from '../check.ts'
import { expect, haveSameItems, succeeded } from '../expect.ts'
import type { Call } from '../target.ts'
import type { Workbench } from '../workbench.ts'
import { acceptEach, refuseEach, refuseEachAs } from './asking.ts'
import { withRecord } from './backup.ts'
import { answersOf, itemsIn, walk } from './paging.ts'

/** The limits that both paged lists have. */
export async function pageLimits({ call }: Workbench, operation: OperationId, good: Call): Promise<void> {
  const ask = (more: Call['query']) => () => call(operation, { ...good, query: { ...good.query, ...more } })
  await acceptEach({ 'a pageSize of 1': ask({ pageSize: 1 }), 'a pageSize of 100': ask({ pageSize: 100 }) })
  await refuseEach({
    'a pageSize of 0': ask({ pageSize: 0 }),
    'a pageSize of 101': ask({ pageSize: 101 }),
    'a pageSize in words': ask({ pageSize: 'ten' }),
    'a list without pageSize': ask({ pageSize: undefined }),
    'a cursor of 1,001 characters': ask({ cursor: 'a'.repeat(1001) }),
  })
}

const records = (deviceId: string, pageSize: number): Call => ({ query: { moduleCode: '102', pageSize, deviceId } })

/** Does something with three records of one device, oldest first. */
async function withRecords(bench: Workbench, work: (deviceId: string, ids: string[]) => Promise<void>): Promise<void> {
  await withRecord(bench, async ({ lockId, deviceId, recordId }) => {
    const more = [await bench.record(lockId, '102', deviceId), await bench.record(lockId, '102', deviceId)]
    await work(deviceId, [recordId, ...more])
    for (const id of more) await bench.call('deleteBackupRecord', { lockId, params: { recordId: id } })
  })
}

export const pageChecks: readonly Check[] = [
  {
    id: 'REC-4',
    title: 'Listing records takes a moduleCode and a pageSize of 1 to 100, and a cursor of at most 1,000 characters',
    readOnly: true,
    run: async (bench) => {
      const good = { query: { moduleCode: '102', pageSize: 1 } }
      await pageLimits(bench, 'listBackupRecord', good)
      const unnamed = () => bench.call('listBackupRecord', { query: { pageSize: 1 } })
      await refuseEach({ 'listing records without moduleCode': unnamed })
    },
  },
  {
    id: 'REC-4',
    title: 'Records of a device are listed page by page, each once, and those of others are not',
    run: (bench) =>
      withRecords(bench, async (deviceId, ids) => {
        const pages = await walk(bench, 'listBackupRecord', records(deviceId, 1), 'recordId')
        expect(haveSameItems(pages.flat(), ids), `${ids.join()} were to be listed, not ${pages.flat().join()}`)
        const sizes = pages.map((page) => page.length)
        expect(Math.max(...sizes) === 1, `pages of 1 hold ${sizes.join()}`)
        const whole = (await walk(bench, 'listBackupRecord', records(deviceId, 100), 'recordId')).flat()
        expect(haveSameItems(whole, ids), `${ids.join()} were to be listed with a pageSize of 100, not ${whole.join()}`)
      }),
  },
]

export const pageDecisionChecks: readonly Check[] = [
  {
    id: 'DEC-28',
    title: 'Lists have the oldest first, and no nextCursor on the last page',
    run: (bench) =>
      withRecords(bench, async (deviceId, ids) => {
        const pages = await walk(bench, 'listBackupRecord', records(deviceId, 2), 'recordId')
        expect(pages.flat().join() === ids.join(), `${ids.join()} were to be listed, not ${pages.flat().join()}`)
        const whole = await answersOf(bench, 'listBackupRecord', records(deviceId, ids.length))
        for (const last of whole.slice(-1)) {
          const isSaid = itemsIn(last).length > 0 && !('nextCursor' in Object(last.json))
          expect(isSaid, 'the page with the last record on it has a nextCursor')
        }
      }),
  },
  {
    id: 'DEC-28',
    title: 'A cursor that was not issued for the list is refused',
    run: (bench) =>
      withRecords(bench, async (deviceId) => {
        const { nextCursor: cursor = '' } = succeeded(
          'listBackupRecord',
          await bench.call('listBackupRecord', records(deviceId, 1)),
        )
        const ask = (more: object) => () =>
          bench.call('listBackupRecord', { query: { ...records(deviceId, 1).query, ...more } })
        await acceptEach({ 'a cursor with another pageSize': ask({ cursor, pageSize: 2 }) })
        await refuseEachAs('invalid', {
          'an invented cursor': ask({ cursor: bench.word() }),
          "another module's cursor": ask({ cursor, moduleCode: '101' }),
        })
      }),
  },
]
