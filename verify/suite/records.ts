import { Type } from '@sinclair/typebox'
import { Instant } from '../../schemas/common.ts'
import { BackupRecord } from '../../schemas/record.ts'
import type { Check } from '../check.ts'
import { accepted, expect, expectForm, refused, refusedAs, succeeded } from '../expect.ts'
import type { Answer } from '../target.ts'
import type { Workbench } from '../workbench.ts'
import { refuseEach } from './asking.ts'
import type { Backup } from './backup.ts'
import { announceFile, complete, withRecord } from './backup.ts'
import { walk } from './paging.ts'

/** REC-2, of a completed record; how an open one says that it has no end yet was never seen (DEC-27). */
const Completed = Type.Object({
  data: Type.Object({ ...BackupRecord.properties, version: Type.Integer(), endTime: Instant }),
})
/** What every record is known to have, open or not. */
const Known = Type.Object({ data: Type.Pick(BackupRecord, ['recordId', 'moduleCode', 'status', 'createTime']) })
const OfDevice = Type.Object({ data: Type.Object({ deviceInfo: Type.Object({ deviceId: Type.String() }) }) })

const view = ({ call }: Workbench, { recordId }: Pick<Backup, 'recordId'>): Promise<Answer> =>
  call('getBackupRecord', { params: { recordId } })

function statusOf(answer: Answer): number {
  accepted(answer, 'viewing a record')
  return expectForm(Known, answer.json).data.status
}

export const recordChecks: readonly Check[] = [
  {
    id: 'REC-1',
    title: 'Creating a record takes moduleCode, deviceId and, optionally, properties, and answers the record',
    run: (bench) =>
      withRecord(bench, async ({ lockId, deviceId }) => {
        const properties = '{"verify":[1,"two"]}'
        const body = { moduleCode: '102', deviceId, properties }
        const answer = await bench.call('createBackupRecord', { lockId, body })
        accepted(answer, 'creating a record with properties')
        const { data } = expectForm(Known, answer.json)
        expect(data.status === 0 && data.moduleCode === '102', `a new record of module 102 is ${answer.text}`)
        const { deviceInfo } = expectForm(OfDevice, answer.json).data
        expect(deviceInfo.deviceId === deviceId, `a record of device ${deviceId} is answered with ${answer.text}`)
        expect(Object(data).properties === properties, `${properties} was sent, but ${answer.text} answered`)
        await bench.call('deleteBackupRecord', { lockId, params: { recordId: data.recordId } })
      }),
  },
  {
    id: 'REC-1',
    title: 'A record without moduleCode or deviceId is refused, and so are properties that are no string',
    run: async (bench) => {
      const deviceId = await bench.device()
      await bench.locked('102', (lockId) => {
        const create = (more: object) => () =>
          bench.call('createBackupRecord', { lockId, body: { moduleCode: '102', deviceId, ...more } })
        return refuseEach({
          'a record without moduleCode': create({ moduleCode: undefined }),
          'a record without deviceId': create({ deviceId: undefined }),
          'properties that are an object': create({ properties: { verify: 1 } }),
        })
      })
    },
  },
  {
    id: 'REC-2',
    title: 'A completed record has all its properties, and status 1',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        accepted(await complete(bench, backup, { body: { properties: '{}' } }), 'completing a record')
        const { data } = expectForm(Completed, (await view(bench, backup)).json)
        expect(data.status === 1, `a completed record has status ${data.status}`)
      }),
  },
  {
    id: 'REC-3',
    title: 'Viewing a record answers it',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        expect(statusOf(await view(bench, backup)) === 0, 'an open record does not have status 0')
        const { data } = expectForm(Known, (await view(bench, backup)).json)
        expect(data.recordId === backup.recordId, `${backup.recordId} was asked for, but ${data.recordId} answered`)
      }),
  },
  {
    id: 'REC-5',
    title: 'Completing a record is accepted, with properties and without, and completes it',
    run: async (bench) => {
      for (const body of [{}, { properties: '{"verify":1}' }]) {
        await withRecord(bench, async (backup) => {
          accepted(await complete(bench, backup, { body }), `completing a record with ${JSON.stringify(body)}`)
          expect(statusOf(await view(bench, backup)) === 1, 'a completed record does not have status 1')
        })
      }
    },
  },
  {
    id: 'REC-6',
    title: 'A deleted record is neither viewed nor listed, and its files are gone with it',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { lockId, deviceId, recordId } = backup
        accepted(await announceFile(bench, backup, { fileName: 'verify' }), 'creating a file')
        accepted(await bench.call('deleteBackupRecord', { lockId, params: { recordId } }), 'deleting a record')
        refused(await view(bench, backup), 'viewing a deleted record')
        const files = await bench.call('listBackupFile', { params: { recordId }, query: { pageSize: 10 } })
        refused(files, 'listing files of a deleted record')
        const query = { moduleCode: '102', pageSize: 10, deviceId }
        const left = await walk(bench, 'listBackupRecord', { query }, 'recordId')
        expect(!left.flat().includes(recordId), 'a deleted record is listed')
      }),
  },
]

export const recordDecisionChecks: readonly Check[] = [
  {
    id: 'DEC-27',
    title: 'Versions of a device and module count from 1 and never go back; an open record has every property',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { lockId, deviceId, recordId } = backup
        const first = succeeded('getBackupRecord', await view(bench, backup)).data
        expect(first.version === 1 && first.endTime === '', 'the first record of a device is not open, with version 1')
        accepted(await bench.call('deleteBackupRecord', { lockId, params: { recordId } }), 'deleting a record')
        const second = await bench.record(lockId, '102', deviceId)
        const { version } = succeeded('getBackupRecord', await view(bench, { recordId: second })).data
        expect(version === 2, `after version 1, which was deleted, comes ${version}`)
        await bench.call('deleteBackupRecord', { lockId, params: { recordId: second } })
      }),
  },
  {
    id: 'DEC-27',
    title: 'A completed record is not completed again and takes no files; properties must be JSON',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const broken = await complete(bench, backup, { body: { properties: 'no JSON' } })
        refusedAs('invalid', broken, 'completing with properties that are no JSON')
        accepted(await complete(bench, backup), 'completing a record')
        refusedAs('recordCompleted', await complete(bench, backup), 'completing a record again')
        refusedAs(
          'recordCompleted',
          await announceFile(bench, backup, { fileName: 'late' }),
          'a file of a completed record',
        )
      }),
  },
]
