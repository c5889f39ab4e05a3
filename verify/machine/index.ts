import { statements } from '../../schemas/statements.ts'
import { Departure, Unobservable } from '../failures.ts'
import { plansOf, runPlan } from './concurrent.ts'
import type { MachineReport } from './report.ts'
import type { Failure } from './script.ts'
import type { SequenceOptions } from './sequence-run.ts'
import type { Sequence } from './sequences.ts'
import { runSequence, sequencesOf } from './sequences.ts'
import { shortestFailure } from './shrinking.ts'
import type { Survey } from './survey.ts'
import { survey } from './survey.ts'
import { shortened } from './trace.ts'

export type { MachineReport } from './report.ts'

export interface MachineOptions extends SequenceOptions {
  readonly seed: number
  /** How many sequences are tried. */
  readonly runs: number
  /** One acts alone, on everything; several act at once, on one configuration and one lock. */
  readonly clients: number
}

/**
 * Does random things, allowed and forbidden ones, to devices that it binds for it, and compares what comes of them with
 * a model of all statements. What went wrong is reported with the fewest requests that show it.
 *
 * @throws TargetLost where no answer comes
 */
export async function runMachine(options: MachineOptions): Promise<MachineReport> {
  const { seed, runs, clients, workbench } = options
  try {
    const known = await survey(workbench)
    const failure = await (clients > 1 ? failureTogether : failureAlone)(options, known)
    return { seed, runs, clients, ...(failure ? reportOf(failure) : { result: 'passed' }) }
  } catch (error) {
    if (!(error instanceof Departure || error instanceof Unobservable)) throw error
    return { seed, runs, clients, result: 'not observable', reason: shortened(error.message) }
  }
}

function reportOf({
  mismatch: { id, message },
  script,
}: Failure): Pick<MachineReport, 'result' | 'id' | 'reason' | 'script'> {
  return {
    result: statements[id].standing === 'documented' ? 'failed' : 'differs',
    id,
    reason: shortened(message),
    script,
  }
}

/** What cannot be seen a second time may have been somebody else's doing. @throws Unobservable for that */
async function failureAlone(options: MachineOptions, known: Survey): Promise<Failure | undefined> {
  const attempt = (sequence: Sequence) => runSequence(options, known, sequence)
  const found = await shortestFailure(sequencesOf(known), attempt, options)
  if (!found || (await attempt(found.plan).catch(() => undefined))) return found?.failure
  const { id, message } = found.failure.mismatch
  throw new Unobservable(`seen once, and not again: ${message} [${id}]`)
}

/** So many times a part of a plan is tried that failed: clients do not always meet. */
const attempts = 3

async function failureTogether(options: MachineOptions, known: Survey): Promise<Failure | undefined> {
  const plans = plansOf(known, options, options.clients)
  const found = await shortestFailure(
    plans,
    async (plan, isPart) => {
      for (let attempt = isPart ? attempts : 1; attempt > 0; attempt -= 1) {
        const failure = await runPlan(options, known, plan)
        if (failure) return failure
      }
      return undefined
    },
    options,
  )
  return found?.failure
}
