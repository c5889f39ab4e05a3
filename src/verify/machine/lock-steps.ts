import fc from 'fast-check'
import type { ModuleCode } from '../../../schemas/common.ts'
import { liveLock } from './model.ts'
import type { Step } from './step.ts'
import { moduleOf, steps } from './step.ts'
import { authorityOf, takeLock } from './stock.ts'

/** What is done with the locks of these modules. */
export function lockSteps(modules: readonly ModuleCode[]): fc.Arbitrary<Step>[] {
  const moduleCode = moduleOf(modules)
  const claim = fc.constantFrom('held', 'none', 'unknown', 'released')
  return [
    steps(moduleCode, async (session, moduleCode) => {
      if (liveLock(session.model, moduleCode))
        await session.refused('DEC-25', 'createBackupLock', { body: { moduleCode } })
      else await takeLock(session, moduleCode)
    }),

    steps(fc.record({ moduleCode, claim }), async (session, { moduleCode, claim }) => {
      const { refusal, ...lock } = await authorityOf(session, claim, moduleCode)
      await (refusal ? session.refused(refusal, 'renewalBackupLock', lock) : session.legal('renewalBackupLock', lock))
    }),

    steps(fc.record({ moduleCode, claim }), async (session, { moduleCode, claim }) => {
      const { refusal, ...lock } = await authorityOf(session, claim, moduleCode)
      if (refusal) return session.refused(refusal, 'releaseBackupLock', lock)
      await session.legal('releaseBackupLock', lock)
    }),
  ]
}
