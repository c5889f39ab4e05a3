import fc from 'fast-check'
import { Unobservable } from '../failures.ts'
import type { HistoryOperation, Objection } from '../linearizable.ts'
import { judge } from '../linearizable.ts'
import type { ConfigInput, ConfigOutput, LockInput, LockOutput } from '../models.ts'
import { configModel, lockModel } from '../models.ts'
import type { Act, Shared } from './concurrent-acts.ts'
import { actAs, configActs, lockActs } from './concurrent-acts.ts'
import { assumedValue, unlisted } from './config-steps.ts'
import { newModel } from './model.ts'
import { conclude } from './outcome.ts'
import { bind } from './preconditions.ts'
import type { Failure } from './script.ts'
import { scriptOf } from './script.ts'
import type { SequenceOptions, SequenceRun } from './sequence-run.ts'
import { beginSequence, Mismatch } from './sequence-run.ts'
import type { Survey } from './survey.ts'

/** What each of several clients does, all at the same time. */
export type Plan = readonly (readonly Act[])[]

const maxActs = 8

/** @throws Unobservable where there is nothing in which clients could be in each other's way */
export function plansOf(survey: Survey, { avoid }: SequenceOptions, clients: number): fc.Arbitrary<Plan> {
  const known = [...(survey.shared ? configActs : []), ...(survey.modules.length > 0 ? lockActs : [])]
  const acts = known.filter(([, id]) => !avoid.has(id)).map(([act]) => act)
  if (acts.length === 0) throw new Unobservable('there is neither a configuration nor a lock for clients to share')
  const some = fc.array(fc.constantFrom(...acts), { maxLength: maxActs, size: 'max' })
  return fc.noBias(fc.array(some, { minLength: clients, maxLength: clients, size: 'max' }))
}

/**
 * Lets all clients of a plan act at once, on a device of their own and the lock of one module, and judges what they saw.
 *
 * @throws Unobservable where it shows nothing, TargetLost where no answer comes
 */
export async function runPlan(surroundings: SequenceOptions, survey: Survey, plan: Plan): Promise<Failure | undefined> {
  const { workbench } = surroundings
  const model = newModel({ ...survey, machineCodes: [workbench.word()] })
  const open = () => beginSequence(surroundings, model)
  const alone = open()
  const together = plan.map((acts) => ({ session: open(), acts }))
  const outcome = await acted(alone, together, survey).catch((error: unknown) => error)
  const traces = together.map(({ session }) => session.trace.exchanges)
  return conclude(outcome, workbench, model, (mismatch) => scriptOf(mismatch, model, alone.trace.exchanges, traces))
}

interface Client {
  readonly session: SequenceRun
  readonly acts: readonly Act[]
}

/** Returns what is wrong with what was seen; throws where it cannot be said. */
async function acted(alone: SequenceRun, together: readonly Client[], survey: Survey): Promise<Mismatch | undefined> {
  const shared = await prepare(alone, survey)
  const ends = await Promise.allSettled(
    together.map(({ session, acts }, index) => actAs(index + 1, session, acts, shared)),
  )
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return configMismatch(shared) ?? lockMismatch(shared)
}

async function prepare(session: SequenceRun, survey: Survey): Promise<Shared> {
  const { id: deviceId } = await bind(session, 0, {})
  const { initial, isListed, ...name } = survey.shared ?? { ...unlisted, initial: assumedValue, isListed: true }
  const body = { ...name, currentConfigValue: initial, newConfigValue: initial }
  if (!isListed) await session.legal('updateConfigInfo', { params: { deviceId }, body }, 'DEC-22')
  let now = 0
  const tick = () => ++now
  return {
    deviceId,
    config: { ...name, initial },
    value: initial,
    moduleCode: survey.modules[0] ?? '100',
    tick,
    configHistory: [],
    lockHistory: [],
  }
}

/** CFG-2, CFG-3. */
function configMismatch({ config, configHistory }: Shared): Mismatch | undefined {
  const model = configModel(config.initial)
  const judgement = judge(model, configHistory)
  if (judgement.linearizable) return undefined
  const sets = configHistory.filter(({ input }) => input.kind === 'set')
  const id = judge(model, sets).linearizable ? 'CFG-3' : 'CFG-2'
  return new Mismatch(id, unexplained(judgement, configDeed))
}

/** DEC-25. */
function lockMismatch({ lockHistory }: Shared): Mismatch | undefined {
  const judgement = judge(lockModel, lockHistory)
  return judgement.linearizable ? undefined : new Mismatch('DEC-25', unexplained(judgement, lockDeed))
}

function unexplained<Input, Output>(
  { inexplicable, around }: Objection<Input, Output>,
  deedOf: (operation: HistoryOperation<Input, Output>) => string,
): string {
  const others = around.map((one) => `, while ${deedOf(one)}`).join('')
  return `no order explains that ${deedOf(inexplicable)}${others}`
}

/** What became of a question, by whether it was granted. */
const fates = ['was refused', 'was granted it']

const configDeed = ({ client, input, output }: HistoryOperation<ConfigInput, ConfigOutput>): string =>
  input.kind === 'read'
    ? `client ${client} read "${output}"`
    : `client ${client} asking to change "${input.current}" to "${input.next}" ${fates[Number(output)]}`

const lockDeed = ({ client, input, output }: HistoryOperation<LockInput, LockOutput>): string =>
  `client ${client} asking to ${input.kind} the lock ${fates[Number(output !== false)]}`
