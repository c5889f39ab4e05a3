import type { Check } from '../check.ts'
import { accepted } from '../expect.ts'
import type { Answer, Call } from '../target.ts'
import { dated } from '../target.ts'
import type { Workbench } from '../workbench.ts'
import { acceptEach, refuseEach, tokenOf } from './asking.ts'
import { withRecord } from './backup.ts'

const minute = 60_000

/** The plainest request there is, with something changed. */
export const list =
  ({ call }: Workbench, changed: Call = {}) =>
  (): Promise<Answer> =>
    call('listBoundDevice', changed)

const without = (name: string): Call => ({ headers: { [name]: undefined } })

export const headerChecks: readonly Check[] = [
  {
    id: 'COM-2',
    title: 'A request without Authorization is refused',
    readOnly: true,
    run: (bench) => refuseEach({ 'a request without Authorization': list(bench, without('authorization')) }),
  },
  {
    id: 'COM-2',
    title: 'An access token is accepted behind Bearer and a plus',
    readOnly: true,
    run: async (bench) => {
      const headers = { authorization: `Bearer+${tokenOf(bench)}` }
      await acceptEach({ 'Bearer, a plus and the token': list(bench, { headers }) })
    },
  },
  {
    id: 'COM-3',
    title: 'A request without X-User-Id is refused',
    readOnly: true,
    run: (bench) => refuseEach({ 'a request without X-User-Id': list(bench, without('x-user-id')) }),
  },
  {
    id: 'COM-4',
    title: 'X-Date is accepted up to 15 minutes later, and not before its time',
    readOnly: true,
    run: async (bench) => {
      await acceptEach({ 'an X-Date of 14:50 minutes ago': list(bench, { datedBy: -14 * minute - 50_000 }) })
      await refuseEach({
        'an X-Date of 15:30 minutes ago': list(bench, { datedBy: -15 * minute - 30_000 }),
        'an X-Date a minute ahead': list(bench, { datedBy: minute }),
      })
    },
  },
  {
    id: 'COM-4',
    title: 'A request without X-Date, or with one in another form, is refused',
    readOnly: true,
    run: async (bench) => {
      const sent = (date: string) => list(bench, { headers: { 'x-date': date } })
      const now = bench.target.now()
      await refuseEach({
        'a request without X-Date': list(bench, without('x-date')),
        'an X-Date as ISO 8601 has it': sent(new Date(now).toISOString()),
        'an X-Date in Unix seconds': sent(`${Math.floor(now / 1000)}`),
        'an X-Date without its Z': sent(dated(now).slice(0, -1)),
      })
    },
  },
  {
    id: 'COM-5',
    title: 'Binding is accepted with an X-traceid of 58 characters',
    run: async ({ call, word }) => {
      const headers = { 'x-traceid': word().padEnd(58, '0') }
      accepted(await call('bindDevice', { headers, body: { machineCode: word() } }), 'binding with X-traceid')
    },
  },
  {
    id: 'COM-6',
    title: 'Without x-backup-lock-id, what needs a lock is refused',
    run: (bench) =>
      withRecord(bench, async ({ deviceId, recordId }) => {
        const params = { recordId }
        const body = { moduleCode: '102', deviceId }
        await refuseEach({
          'renewing a lock without its header': () => bench.call('renewalBackupLock'),
          'releasing a lock without its header': () => bench.call('releaseBackupLock'),
          'creating a record without a lock': () => bench.call('createBackupRecord', { body }),
          'creating a file without a lock': () =>
            bench.call('createBackupFile', { params, body: { fileName: 'verify' } }),
          'completing a record without a lock': () => bench.call('completeBackup', { params, body: {} }),
          'deleting a record without a lock': () => bench.call('deleteBackupRecord', { params }),
        })
      }),
  },
  {
    id: 'COM-6',
    title: 'Viewing a record and listing its files are accepted with x-backup-lock-id',
    run: (bench) =>
      withRecord(bench, async ({ lockId, recordId }) => {
        const params = { recordId }
        await acceptEach({
          'viewing a record with the lock': () => bench.call('getBackupRecord', { params, lockId }),
          'listing files with the lock': () =>
            bench.call('listBackupFile', { params, lockId, query: { pageSize: 10 } }),
        })
      }),
  },
]
