import fc from 'fast-check'
import type { ModuleCode } from '../../schemas/common.ts'
import { heldLock } from './model.ts'
import { authorityOf, takeLock } from './preconditions.ts'
import type { Step } from './step.ts'
import { anyModule, steps } from './step.ts'

/** What is done with the locks of these modules. */
export function lockSteps(modules: readonly ModuleCode[]): fc.Arbitrary<Step>[] {
  const moduleCode = anyModule(modules)
  const claim = fc.constantFrom('held', 'none', 'unknown', 'released')
  return [
    steps(moduleCode, async (session, moduleCode) => {
      if (heldLock(session.model, moduleCode))
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
