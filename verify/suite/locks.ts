import { Type } from '@sinclair/typebox'
import type { ModuleCode } from '../../schemas/common.ts'
import { LockId } from '../../schemas/lock.ts'
import type { Check } from '../check.ts'
import { accepted, expect, expectForm, refused, refusedAs } from '../expect.ts'
import type { Workbench } from '../workbench.ts'
import { refuseEachAs } from './asking.ts'
import { withRecord } from './backup.ts'

const minute = 60_000
const modules: readonly ModuleCode[] = ['100', '101', '102']

/** A lock id in its form that nobody was ever given. */
const noLock = '00000000-0000-4000-8000-000000000000@102'

/** Whether a lock lives shows where it is needed. */
const use = ({ call }: Workbench, lockId: string, deviceId: string) =>
  call('createBackupRecord', { lockId, body: { moduleCode: '102', deviceId } })

/** Time passes until shortly before a lock dies, and until shortly after that. */
async function expires(bench: Workbench, lockId: string, deviceId: string): Promise<void> {
  await bench.pause(9.5 * minute)
  accepted(await use(bench, lockId, deviceId), 'using a lock of 9:30 minutes')
  await bench.pause(minute)
  refused(await use(bench, lockId, deviceId), 'using a lock of 10:30 minutes')
}

/** The first of all: where a server releases no lock, nothing else is seen under one. */
export const releaseChecks: readonly Check[] = [
  {
    id: 'LOC-3',
    title: 'Releasing a lock is accepted, and the lock is given again then',
    run: async ({ call, locked }) => {
      const release = (lockId: string) => call('releaseBackupLock', { lockId })
      await locked('102', async (lockId) => accepted(await release(lockId), 'releasing a lock'))
      const answer = await call('createBackupLock', { body: { moduleCode: '102' } })
      accepted(answer, 'taking a lock that was just released')
      const { lockId } = expectForm(Type.Object({ lockId: Type.String() }), Object(answer.json).data)
      accepted(await release(lockId), 'releasing it again')
    },
  },
]

export const lockChecks: readonly Check[] = [
  {
    id: 'LOC-1',
    title: 'A lock id is a UUID of version 4, an at sign and the module code',
    run: async ({ locked }) => {
      for (const moduleCode of modules) {
        await locked(moduleCode, async (lockId) => {
          expectForm(LockId, lockId)
          expect(lockId.endsWith(`@${moduleCode}`), `the lock of module ${moduleCode} is ${lockId}`)
        })
      }
    },
  },
  {
    id: 'LOC-1',
    slow: true,
    title: 'A lock lives ten minutes',
    run: async (bench) => {
      const deviceId = await bench.device()
      await bench.locked('102', (lockId) => expires(bench, lockId, deviceId))
    },
  },
  {
    id: 'LOC-2',
    title: 'Renewing a lock is accepted, and the lock lives on',
    run: async (bench) => {
      const deviceId = await bench.device()
      await bench.locked('102', async (lockId) => {
        accepted(await bench.call('renewalBackupLock', { lockId }), 'renewing a lock')
        accepted(await use(bench, lockId, deviceId), 'using a renewed lock')
      })
    },
  },
  {
    id: 'LOC-2',
    slow: true,
    title: 'A renewed lock lives ten minutes from then',
    run: async (bench) => {
      const deviceId = await bench.device()
      await bench.locked('102', async (lockId) => {
        await bench.pause(5 * minute)
        accepted(await bench.call('renewalBackupLock', { lockId }), 'renewing a lock')
        await expires(bench, lockId, deviceId)
      })
    },
  },
]

export const lockDecisionChecks: readonly Check[] = [
  {
    id: 'DEC-25',
    title: 'While a lock lives, no second one of its module is given, but one of another module is',
    run: async ({ call, locked }) => {
      await locked('102', async () => {
        const again = await call('createBackupLock', { body: { moduleCode: '102' } })
        refusedAs('lockHeld', again, 'a second lock of a module')
        await locked('101', async () => undefined)
      })
    },
  },
  {
    id: 'DEC-25',
    title: 'Of eight requests at once for a lock, one is given it',
    run: async ({ call, locked }) => {
      await locked('102', async (lockId) => accepted(await call('releaseBackupLock', { lockId }), 'releasing a lock'))
      const ask = () => call('createBackupLock', { body: { moduleCode: '102' } })
      const answers = await Promise.all(Array.from({ length: 8 }, ask))
      const given = answers.flatMap(({ json }) => {
        const { lockId } = Object(Object(json).data)
        return typeof lockId === 'string' ? lockId : []
      })
      for (const lockId of given) await call('releaseBackupLock', { lockId })
      expect(given.length === 1, `of eight requests at once for a lock, ${given.length} were given one`)
    },
  },
  {
    id: 'DEC-25',
    title: 'A lock that does not live is neither renewed nor released, and creating one takes a moduleCode',
    run: async ({ call, locked }) => {
      const released = await locked('102', async (lockId) => lockId)
      await refuseEachAs('lockNotHeld', {
        'renewing an unknown lock': () => call('renewalBackupLock', { lockId: noLock }),
        'releasing an unknown lock': () => call('releaseBackupLock', { lockId: noLock }),
        'renewing a released lock': () => call('renewalBackupLock', { lockId: released }),
        'releasing a released lock': () => call('releaseBackupLock', { lockId: released }),
      })
      refusedAs('invalid', await call('createBackupLock', { body: {} }), 'creating a lock without moduleCode')
    },
  },
  {
    id: 'DEC-26',
    title: 'Under a lock, the lock is judged before the record, and its module after it',
    run: (bench) =>
      withRecord(bench, async ({ lockId, recordId }) => {
        const complete = (id: string, record: string) =>
          bench.call('completeBackup', { lockId: id, params: { recordId: record }, body: {} })
        refusedAs('lockNotHeld', await complete(noLock, '1'), 'completing no record under no lock')
        refusedAs('notFound', await complete(lockId, '1'), 'completing no record')
        await bench.locked('101', async (other) => {
          refusedAs('lockNotHeld', await complete(other, recordId), "completing a record under another module's lock")
        })
        const view = await bench.call('getBackupRecord', { params: { recordId }, lockId: noLock })
        accepted(view, 'viewing a record with an unknown lock')
      }),
  },
]
