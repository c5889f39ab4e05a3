import fc from 'fast-check'
import type { BackupRecord } from './model.ts'
import { obstacleToChange } from './record-steps.ts'
import type { Session } from './session.ts'
import type { Step } from './step.ts'
import { number, often, stepsOnRecords } from './step.ts'
import type { Claim } from './stock.ts'
import { authorityOf, claims } from './stock.ts'

/** FIL-1: the last three break it. */
const badNames = ['..', 'with/slash', 'x'.repeat(251)]
const fileName = fc.constantFrom('a.txt', 'a.txt', 'b.txt', 'b.txt', 'c.txt', 'c.txt', 'd.txt', ...badNames)

/** What is done with the files of records. */
export const fileSteps: readonly fc.Arbitrary<Step>[] = often(
  stepsOnRecords(fc.record({ number, claim: fc.constantFrom(...claims), fileName }), addFile),
)

/** FIL-1, DEC-29: a file is announced, then sent to where the answer says. */
async function addFile(
  session: Session,
  record: BackupRecord,
  { claim, fileName }: { readonly claim: Claim; readonly fileName: string },
): Promise<void> {
  const { refusal, ...lock } = await authorityOf(session, claim, record.moduleCode)
  const call = { ...lock, params: { recordId: record.id }, body: { fileName } }
  const nameObstacle = badNames.includes(fileName) ? 'FIL-1' : undefined
  const duplicate = record.files.includes(fileName) ? 'DEC-29' : undefined
  const obstacle = refusal ?? obstacleToChange(record) ?? nameObstacle ?? duplicate
  if (obstacle) return session.refused(obstacle, 'createBackupFile', call)
  const { multiParts } = await session.legal('createBackupFile', call)
  session.agree('DEC-29', multiParts.length === 1, `a file has one part to upload, not ${multiParts.length}`)
  for (const [index, { uploadUrl }] of multiParts.entries()) {
    session.capture('UPLOAD', uploadUrl, `.multiParts[${index}].uploadUrl`)
    await session.upload('DEC-29', uploadUrl, `content of ${fileName}`)
  }
  record.files.push(fileName)
}
