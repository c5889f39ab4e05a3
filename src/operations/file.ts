import type { Contracts } from '../../schemas/index.ts'
import type { PayloadOf } from '../../schemas/operation.ts'
import { refuse } from '../errors.ts'
import type { NewFile, UploadEntity } from '../store/files.ts'
import { folderOf } from '../uploads/folder.ts'
import type { PlannedPart } from '../uploads/parts.ts'
import { offer } from '../uploads/parts.ts'
import { announceAgain, withLength } from '../uploads/plan.ts'
import { stamped } from '../uploads/renaming.ts'
import type { World } from '../world/world.ts'
import { pageOf } from './page.ts'
import { findRecord, openRecord } from './record.ts'
import type { Rule, RuleRequest } from './rule.ts'
import { infoOf, writePlan } from './upload.ts'

type CreateFile = Contracts['createBackupFile']
type Request = RuleRequest<CreateFile>

/** What becomes of a name that is taken (UPL-2). */
const renaming = { always: 2, never: 3, unlessEqual: 4 } as const

/** FIL-1, UPL-2: a file to be uploaded, one whose upload is open already, or one that needs none. */
export const createBackupFile: Rule<CreateFile> = (world, request) => {
  const record = openRecord(world, request)
  const wanted = describeFile(request, record.recordId)
  const there = world.store.files.at(wanted)
  if (there === undefined) return addFile(world, request, wanted)
  if (there.isFinished ? isSameContent(request, there) : isSameUpload(request, there)) {
    if (!there.isFinished) return announceOpen(world, request, there)
    return answerOf(request, { ...there, isWhole: true, exist: true, parts: [] })
  }
  const { autoRename = renaming.never } = request.body
  if (autoRename === renaming.never) throw there.isFinished ? nameTaken() : uploadOfOther(request, there)
  return addFile(world, request, { ...wanted, name: freeName(world, request, wanted) })
}

const nameTaken = () =>
  refuse('duplicateFile', 'body/fileName: the record has a file of this name in this folder already [DEC-34]')

const uploadOfOther = ({ body }: Request, there: UploadEntity) => {
  const names = differing(body, there).map(({ name }) => name)
  const places = names.map((name) => `body/${name}`).join(' and ')
  const others = `another ${names.join(' and another ')}` // which, is a stored value (DEC-15)
  return refuse(
    'duplicateFile',
    `${places}: the upload of this name that is open was announced with ${others} [DEC-33]`,
  )
}

/** UPL-2: with autoRename 4, no second file of the same content is made. */
const isSameContent = ({ body: { autoRename, sha256 } }: Request, there: UploadEntity): boolean =>
  autoRename === renaming.unlessEqual && sha256?.toLowerCase() === there.sha256

/** DEC-33, DEC-34: whether an open upload is this very file's, whose announcement was answered but perhaps not heard. */
function isSameUpload({ body }: Request, there: UploadEntity): boolean {
  const isSure = [body.length, body.sha256, there.length, there.sha256].every((one) => one !== undefined)
  return differing(body, there).length === 0 && (isSure || (body.autoRename ?? renaming.never) === renaming.never)
}

/** What was told of the content both times, and not alike. */
function differing({ length, sha256 }: Request['body'], there: UploadEntity) {
  const contents = [
    { name: 'length', now: length, before: there.length },
    { name: 'sha256', now: sha256?.toLowerCase(), before: there.sha256 },
  ]
  return contents.filter(({ now, before }) => now !== undefined && before !== undefined && now !== before)
}

/** DEC-34: stamped with the time; of equal ones, with that of the next free second. */
function freeName(world: World, { now }: Request, { name, ...place }: NewFile): string {
  let millis = now
  while (world.store.files.at({ ...place, name: stamped(name, millis) })) millis += 1000
  return stamped(name, millis)
}

function describeFile({ userId, body }: Request, recordId: string): NewFile {
  const { fileName, description = '', mimeType = '', fileType = '', sha256, length } = body
  const parent = folderOf(body.parentFolder)
  const told = { description, mimeType, fileType, createdTime: body.createdTime ?? '' }
  const content = { sha256: sha256?.toLowerCase() ?? null, size: length ?? null }
  return { userId, recordId, name: fileName, parent, ...told, ...content, uploadId: null }
}

/** DEC-29: a content that the user has uploaded before needs no upload. */
function addFile(world: World, request: Request, wanted: NewFile): PayloadOf<CreateFile> {
  const { files } = world.store
  const { userId, sha256, size } = wanted
  const isKnown = sha256 !== null && size !== null && files.isKnown(userId, sha256, size)
  const uploadId = isKnown ? null : newUploadId(world, request.now)
  const issued = world.ids.next(request.now)
  files.add(issued, { ...wanted, uploadId })
  const file = { ...wanted, fileId: String(issued.id), uploadId: uploadId ?? '' }
  const parts = isKnown ? [] : planParts(world, request, file)
  world.ids.take(issued)
  return answerOf(request, { ...file, isWhole: isKnown, parts })
}

/** UPL-2: the printed one begins with the milliseconds of its time. */
function newUploadId({ random, store }: World, now: number): string {
  const idOf = (uuid: string): string =>
    `${now.toString(16).padStart(16, '0')}${uuid.replaceAll('-', '').slice(16)}`.toUpperCase()
  return idOf(random.uuid((uuid) => store.files.hasUpload(idOf(uuid))))
}

function planParts(world: World, { body }: Request, { fileId }: Pick<UploadEntity, 'fileId'>): readonly PlannedPart[] {
  const { length, multiParts = [] } = body
  const nothing = { length, parts: [], stored: new Map() }
  const offered = { ...nothing, parts: offer(length) }
  const plan = multiParts.length > 0 ? announceAgain(nothing, multiParts) : announceAgain(offered, undefined)
  return writePlan(world, { fileId }, nothing, plan)
}

/** DEC-33: what was not told before is filled in. */
function announceOpen(world: World, request: Request, there: UploadEntity): PayloadOf<CreateFile> {
  const { files, parts } = world.store
  const { length = there.length, sha256 = there.sha256, multiParts = [] } = request.body
  const id = BigInt(there.fileId)
  files.announce(id, { length, sha256: sha256?.toLowerCase() })
  const before = parts.of(id, there.length)
  const known = length === there.length || length === undefined ? before : withLength(before, length)
  const plan = announceAgain(known, multiParts.length > 0 ? multiParts : undefined)
  return answerOf(request, { ...there, isWhole: false, parts: writePlan(world, there, before, plan) })
}

interface Answered extends Pick<UploadEntity, 'fileId' | 'name' | 'parent' | 'recordId' | 'uploadId'> {
  /** Whether it is there whole; `exist` where it was before. */
  readonly isWhole: boolean
  readonly exist?: boolean
  readonly parts: readonly PlannedPart[]
}

/** UPL-2, DEC-29: what is whole has no upload. */
const answerOf = (
  { linkTo }: Request,
  { isWhole, exist = false, parts, ...file }: Answered,
): PayloadOf<CreateFile> => ({
  fileId: file.fileId,
  rapidUpload: isWhole,
  containerId: file.recordId,
  fileName: file.name,
  ...(isWhole ? {} : { uploadId: file.uploadId }),
  parentFolder: [file.parent],
  exist,
  multiParts: parts.map((part) => infoOf(file, part, linkTo)),
})

/** FIL-2, DEC-28: files whose upload is complete. */
export const listBackupFile: Rule<Contracts['listBackupFile']> = (world, { userId, params: { recordId }, query }) => {
  const record = findRecord(world, userId, recordId)
  return pageOf(
    world,
    ['listBackupFile', userId, record.recordId],
    query,
    ({ fileId }) => fileId,
    (after, limit) => world.store.files.list(record.recordId, after, limit),
  )
}
