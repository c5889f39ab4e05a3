import fc from 'fast-check'
import type { ModuleCode } from '../../schemas/common.ts'
import type { StatementId } from '../../schemas/statements.ts'
import type { ModelRecord } from './model.ts'
import type { Claim } from './preconditions.ts'
import { agreeOnRecord, authorityOf, claims, createRecord, deviceIn, lockOf } from './preconditions.ts'
import type { SequenceRun } from './sequence-run.ts'
import type { Step } from './step.ts'
import { anyModule, number, often, perhaps, slot, steps, stepsOnRecords } from './step.ts'

const isKnown = fc.constantFrom(true, true, true, false)
const noRecord = '1'
const noJson = '{'
const claim = fc.constantFrom(...claims)

/** REC-1: a string that holds JSON; one does not. */
const sent = perhaps('properties', fc.constantFrom('{}', '{"size":1}', '[]', noJson))
type Sent = { readonly properties?: string }

/** What is done with records under the locks of these modules. */
export function recordSteps(modules: readonly ModuleCode[]): fc.Arbitrary<Step>[] {
  return [
    ...often(steps(fc.record({ slot, moduleCode: anyModule(modules), claim, sent }), create)),
    ...often(stepsOnRecords(fc.record({ number, claim, sent }), complete)),

    stepsOnRecords(fc.record({ number, isKnown }), async (session, record, { isKnown }) => {
      if (!isKnown) return session.refused('DEC-4', 'getBackupRecord', { params: { recordId: noRecord } })
      const call = { params: { recordId: record.id } }
      if (record.status === 'deleted') return session.refused('REC-6', 'getBackupRecord', call)
      const { data } = await session.legal('getBackupRecord', call)
      agreeOnRecord(session, record, data)
    }),

    stepsOnRecords(fc.record({ number, claim }), async (session, record, { claim }) => {
      const { refusal, ...lock } = await authorityOf(session, claim, record.moduleCode)
      const call = { ...lock, params: { recordId: record.id } }
      const obstacle = refusal ?? (record.status === 'deleted' ? 'REC-6' : undefined)
      if (obstacle) return session.refused(obstacle, 'deleteBackupRecord', call)
      await session.legal('deleteBackupRecord', call)
      record.status = 'deleted'
    }),
  ]
}

interface Creation {
  readonly slot: number
  readonly moduleCode: ModuleCode
  readonly claim: Claim
  readonly sent: Sent
}

async function create(session: SequenceRun, { slot, moduleCode, claim, sent }: Creation): Promise<void> {
  const device = await deviceIn(session, slot)
  const { refusal, ...lock } = await authorityOf(session, claim, moduleCode)
  const obstacle = refusal ?? obstacleIn(sent)
  const call = { ...lock, body: { moduleCode, deviceId: device.id, ...sent } }
  if (obstacle) return session.refused(obstacle, 'createBackupRecord', call)
  await createRecord(session, device, await lockOf(session, moduleCode), sent.properties)
}

async function complete(
  session: SequenceRun,
  record: ModelRecord,
  { claim, sent }: { readonly claim: Claim; readonly sent: Sent },
): Promise<void> {
  const { refusal, ...lock } = await authorityOf(session, claim, record.moduleCode)
  const obstacle = refusal ?? obstacleToChange(record) ?? obstacleIn(sent)
  const call = { ...lock, params: { recordId: record.id }, body: sent }
  if (obstacle) return session.refused(obstacle, 'completeBackup', call)
  await session.legal('completeBackup', call)
  record.status = 'completed'
  record.properties = sent.properties ?? record.properties
}

const obstacleIn = ({ properties }: Sent): StatementId | undefined => (properties === noJson ? 'DEC-27' : undefined)

/** REC-6, DEC-27: what forbids a change of a record, whatever the lock. */
export function obstacleToChange({ status }: ModelRecord): StatementId | undefined {
  if (status === 'deleted') return 'REC-6'
  return status === 'completed' ? 'DEC-27' : undefined
}
