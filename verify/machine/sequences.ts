import fc from 'fast-check'
import { configSteps } from './config-steps.ts'
import { deviceSteps } from './device-steps.ts'
import { fileSteps } from './file-steps.ts'
import { lockSteps } from './lock-steps.ts'
import { newModel } from './model.ts'
import { conclude } from './outcome.ts'
import { pageSteps } from './page-steps.ts'
import { recordSteps } from './record-steps.ts'
import { scopeSteps } from './scope-steps.ts'
import type { Failure } from './script.ts'
import { scriptOf } from './script.ts'
import type { SequenceOptions } from './sequence-run.ts'
import { beginSequence } from './sequence-run.ts'
import type { Step } from './step.ts'
import type { Survey } from './survey.ts'

export type Sequence = Iterable<Step>

const maxCommands = 40

/**
 * Sequences of steps for one client. Most are about a few kinds of things, so that these come into deeper states than all
 * kinds together do. Without the lock of any module there are none with records.
 */
export function sequencesOf({ modules, names }: Survey): fc.Arbitrary<Sequence> {
  const free = [
    [...deviceSteps, ...scopeSteps],
    [...deviceSteps, ...configSteps(names)],
  ]
  const underLock = () => {
    const records = recordSteps(modules)
    return [
      [...lockSteps(modules), ...records],
      [...records, ...fileSteps],
      [...records, ...fileSteps, ...pageSteps],
      [...deviceSteps, ...records, ...pageSteps],
    ]
  }
  const themes = modules.length > 0 ? [...free, ...underLock()] : free
  const sequences = [...themes, themes.flat()].map((steps) => fc.commands(steps, { maxCommands, size: 'max' }))
  return fc.noBias(fc.oneof(...sequences))
}

/**
 * Runs a sequence on devices of its own, and takes away what it made.
 *
 * @throws Unobservable where it shows nothing, TargetLost where no answer comes
 */
export async function runSequence(
  surroundings: SequenceOptions,
  survey: Survey,
  sequence: Sequence,
): Promise<Failure | undefined> {
  const { workbench } = surroundings
  const word = workbench.word()
  const model = newModel({ ...survey, machineCodes: [`${word}_1`, `${word}_2`] })
  const session = beginSequence(surroundings, model)
  const outcome = await fc.asyncModelRun(() => ({ model, real: session }), sequence).catch((error: unknown) => error)
  return conclude(outcome, workbench, model, (mismatch) => scriptOf(mismatch, model, session.trace.exchanges, []))
}
