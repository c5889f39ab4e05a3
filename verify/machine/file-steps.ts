import fc from 'fast-check'
import type { StatementId } from '../../schemas/statements.ts'
import type { ModelRecord, Upload } from './model.ts'
import type { Claim } from './preconditions.ts'
import { authorityOf, claims } from './preconditions.ts'
import { obstacleToChange } from './record-steps.ts'
import type { SequenceRun } from './sequence-run.ts'
import type { Step } from './step.ts'
import { chosen, number, often, stepsOnRecords } from './step.ts'

/** FIL-1: the last three break it. */
const badNames = ['..', 'with/slash', 'x'.repeat(251)]
const fileName = fc.constantFrom('a.txt', 'a.txt', 'b.txt', 'b.txt', 'c.txt', 'c.txt', 'd.txt', ...badNames)
const announcement = fc.record({ number, claim: fc.constantFrom(...claims), fileName })
const which = fc.record({ number, upload: fc.constantFrom(0, 0, 1, 2) })

interface Announcement {
  readonly claim: Claim
  readonly fileName: string
}

/** What is done with the files of records: all at once, and step by step. */
export const fileSteps: readonly fc.Arbitrary<Step>[] = [
  ...often(stepsOnRecords(announcement, addFile)),
  stepsOnRecords(announcement, async (session, record, drawn) => void (await announce(session, record, drawn))),
  stepsOnUploads(send),
  stepsOnUploads(askForLink),
  stepsOnUploads(complete),
]

function stepsOnUploads(run: (session: SequenceRun, record: ModelRecord, upload: Upload) => Promise<void>) {
  return stepsOnRecords(which, async (session, record, drawn) => {
    const upload = chosen([...record.uploads].reverse(), drawn.upload)
    if (upload) await run(session, record, upload)
  })
}

/** FIL-1, DEC-29: a file is announced, sent to where the answer says, and told complete. */
async function addFile(session: SequenceRun, record: ModelRecord, drawn: Announcement): Promise<void> {
  const upload = await announce(session, record, drawn)
  if (upload === undefined) return
  await send(session, record, upload)
  await complete(session, record, upload)
}

/** DEC-33: a name whose upload is open is answered that upload again. */
async function announce(
  session: SequenceRun,
  record: ModelRecord,
  { claim, fileName }: Announcement,
): Promise<Upload | undefined> {
  const { refusal, ...lock } = await authorityOf(session, claim, record.moduleCode)
  const call = { ...lock, params: { recordId: record.id }, body: { fileName } }
  const nameObstacle = badNames.includes(fileName) ? 'FIL-1' : undefined
  const duplicate = record.files.includes(fileName) ? 'DEC-34' : undefined
  const obstacle = refusal ?? obstacleToChange(record) ?? nameObstacle ?? duplicate
  if (obstacle) {
    await session.refused(obstacle, 'createBackupFile', call)
    return undefined
  }
  const open = record.uploads.find((upload) => upload.fileName === fileName && !upload.isComplete)
  const { fileId, multiParts } = await session.legal('createBackupFile', call)
  session.agree('DEC-29', multiParts.length === 1, `a file has one part to upload, not ${multiParts.length}`)
  session.agree('DEC-33', open === undefined || open.fileId === fileId, 'an open upload is not answered again')
  const upload = open?.fileId === fileId ? open : { fileId, fileName, link: '', isStored: false, isComplete: false }
  if (upload !== open) record.uploads.push(upload)
  session.capture('FILE', fileId, '.fileId')
  takeLink(session, upload, multiParts)
  return upload
}

interface Linked {
  readonly uploadUrl: string
}

function takeLink(session: SequenceRun, upload: Upload, multiParts: readonly Linked[]): void {
  const [{ uploadUrl } = { uploadUrl: '' }] = multiParts
  upload.link = uploadUrl
  session.capture('UPLOAD', upload.link, '.multiParts[0].uploadUrl')
}

/** REC-6, DEC-36, DEC-43: what forbids to go on with an upload; the end of its record does not. */
function obstacleToUpload({ status }: ModelRecord, { isComplete }: Upload): StatementId | undefined {
  if (status === 'deleted') return 'REC-6'
  return isComplete ? 'DEC-43' : undefined
}

async function send(session: SequenceRun, record: ModelRecord, upload: Upload): Promise<void> {
  if (obstacleToUpload(record, upload)) return
  await session.upload('DEC-29', upload.link, `content of ${upload.fileName}`)
  upload.isStored = true
}

/** UPL-4: another link for the same part, which leaves what came of it. */
async function askForLink(session: SequenceRun, record: ModelRecord, upload: Upload): Promise<void> {
  const call = { body: { fileId: upload.fileId, multiParts: [{ partNumber: 1 }] } }
  const obstacle = obstacleToUpload(record, upload)
  if (obstacle) return session.refused(obstacle, 'getMultipartUploadUrl', call)
  const { multiParts } = await session.legal('getMultipartUploadUrl', call, 'DEC-35')
  takeLink(session, upload, multiParts)
}

/** DEC-42: a file is complete when its part is there, and listed then. */
async function complete(session: SequenceRun, record: ModelRecord, upload: Upload): Promise<void> {
  const call = { body: { fileId: upload.fileId } }
  const obstacle = obstacleToUpload(record, upload) ?? (upload.isStored ? undefined : 'DEC-42')
  if (obstacle) return session.refused(obstacle, 'completeFile', call)
  await session.legal('completeFile', call)
  upload.isComplete = true
  record.files.push(upload.fileName)
}
