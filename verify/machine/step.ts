import type { AsyncCommand } from 'fast-check'
import fc from 'fast-check'
import type { ModuleCode } from '../../schemas/common.ts'
import type { Model, ModelRecord } from './model.ts'
import type { SequenceRun } from './sequence-run.ts'

/** One thing to do in a sequence, with all that was drawn for it. */
export type Step = AsyncCommand<Model, SequenceRun>

/**
 * Steps of one kind. They choose among what is there by number, and make what is missing, so that a sequence still makes
 * sense when it is shortened.
 *
 * @param isPossible whether it can be done at all now
 */
export const steps = <Drawn>(
  drawn: fc.Arbitrary<Drawn>,
  run: (session: SequenceRun, drawn: Drawn) => Promise<void>,
  isPossible: (model: Model) => boolean = () => true,
): fc.Arbitrary<Step> => drawn.map((values) => ({ check: isPossible, run: (_model, session) => run(session, values) }))

/** Steps that lead somewhere are drawn more often than those that are refused whatever happened before. */
export const often = (kind: fc.Arbitrary<Step>): readonly fc.Arbitrary<Step>[] => [kind, kind, kind]

/** Which of the records: most often the first that is left, so that something becomes of it. */
export const number = fc.constantFrom(0, 0, 0, 0, 1, 2)

/**
 * Steps on one of the records that are left, or on the one that was deleted last. They do not make one where there is
 * none: that would take too many requests.
 */
export const stepsOnRecords = <Drawn extends { readonly number: number }>(
  drawn: fc.Arbitrary<Drawn>,
  run: (session: SequenceRun, record: ModelRecord, drawn: Drawn) => Promise<void>,
): fc.Arbitrary<Step> =>
  steps(
    drawn,
    async (session, values) => {
      const { records } = session.model
      const left = records.filter(({ status }) => status !== 'deleted')
      const deleted = records.filter(({ status }) => status === 'deleted')
      const record = chosen([...left, ...deleted.slice(-1)], values.number)
      if (record) await run(session, record, values)
    },
    ({ records }) => records.length > 0,
  )

/** Two of each suffice to mix things up, and the first is used more, so that things come together there. */
export const slot = fc.constantFrom(0, 0, 1)

/** The same of modules. */
export const anyModule = (modules: readonly ModuleCode[]): fc.Arbitrary<ModuleCode> =>
  fc.constantFrom(...modules.slice(0, 1), ...modules.slice(0, 2))

/** The one that a number chooses, which need not be below their count. */
export const chosen = <Thing>(things: readonly Thing[], number: number): Thing | undefined =>
  things[number % Math.max(things.length, 1)]

/** A part that may as well be left out. */
export const perhaps = <Value, Name extends string>(name: Name, values: fc.Arbitrary<Value>) =>
  fc.oneof(
    fc.constant({}),
    values.map((value) => ({ [name]: value }) as { readonly [Key in Name]: Value }),
  )
