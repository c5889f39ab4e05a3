import type { Contracts } from '../../schemas/index.ts'
import type { PayloadOf } from '../../schemas/operation.ts'
import { refuse } from '../errors.ts'
import type { UploadEntity } from '../store/files.ts'
import { assemble } from '../uploads/assembly.ts'
import { hashCtxOf } from '../uploads/hash-ctx.ts'
import type { OpenUpload, PlannedPart, Refused } from '../uploads/parts.ts'
import { hasRefused } from '../uploads/parts.ts'
import type { Announcement } from '../uploads/plan.ts'
import { announce } from '../uploads/plan.ts'
import type { World } from '../world/world.ts'
import type { Rule, RuleRequest } from './rule.ts'

type MultiPartInfo = PayloadOf<Contracts['getMultipartUploadUrl']>['multiParts'][number]

/** UPL-4, DEC-36: all of the parts are announced, or none. */
export const getMultipartUploadUrl: Rule<Contracts['getMultipartUploadUrl']> = (world, request) => {
  const { userId, body, linkTo } = request
  const file = findFile(world, userId, body.fileId, 'DEC-36')
  if (file.isFinished) throw noUpload(takesNoMore)
  const upload = world.store.parts.of(BigInt(file.fileId), file.length)
  const asked = writePlan(world, file, upload, announce(upload, body.multiParts))
  return { multiParts: asked.map((part) => infoOf(file, part, linkTo)) }
}

/** UPL-6, DEC-42: a refused completion changes nothing. */
export const completeFile: Rule<Contracts['completeFile']> = (world, { userId, body }) => {
  const file = findFile(world, userId, body.fileId, 'DEC-43')
  const called = body.sha256?.toLowerCase()
  if (!file.isFinished) finishFile(world, file, called)
  else if (world.settings.completion === 'explicit') throw noUpload(isComplete)
  else if (called !== undefined && called !== file.sha256) throw refuse('integrity', otherDigest)
  return {}
}

/**
 * Lists a file whose parts are all there and make up what was announced.
 *
 * @throws Refusal `integrity`
 */
function finishFile(world: World, file: UploadEntity, called: string | undefined): void {
  const { files, parts } = world.store
  const id = BigInt(file.fileId)
  const whole = assemble(parts.of(id, file.length), { announced: file.sha256, called })
  if (hasRefused(whole)) throw refuse('integrity', whole.refused)
  files.finish(id, whole.sha256, whole.size)
}

/** @throws Refusal `noUpload` for what is no file of this user */
function findFile(world: World, userId: string, fileId: string, source: 'DEC-36' | 'DEC-43'): UploadEntity {
  const file = world.store.files.own(userId, fileId)
  if (file) return file
  throw noUpload(`body/fileId: this user has no such file, or its record was deleted; add it anew [${source}]`)
}

const noUpload = (reason: string) => refuse('noUpload', reason)

const takesNoMore =
  'body/fileId: the file is complete and takes no more parts; add another file for other content [DEC-36]'

const isComplete = 'body/fileId: the file is complete already; take it as stored, and do not complete it again [DEC-43]'

const otherDigest = 'body/sha256: the file is complete, with another SHA-256 [DEC-42 DEC-43]'

/**
 * Makes a plan the upload's own.
 *
 * @returns the parts to be answered
 * @throws Refusal `invalid`
 */
export function writePlan(
  world: World,
  { fileId }: Pick<UploadEntity, 'fileId'>,
  before: OpenUpload,
  plan: Announcement | Refused,
): readonly PlannedPart[] {
  if (hasRefused(plan)) throw refuse('invalid', plan.refused)
  const { parts } = world.store
  parts.replan(BigInt(fileId), before.parts, plan.parts)
  parts.drop(BigInt(fileId), plan.dropped)
  return plan.asked
}

/** UPL-3, DEC-36: a part as answers show it. */
export function infoOf(
  { fileId, uploadId }: Pick<UploadEntity, 'fileId' | 'uploadId'>,
  part: PlannedPart,
  linkTo: RuleRequest<Contracts['getMultipartUploadUrl']>['linkTo'],
): MultiPartInfo {
  const { partNumber, partSize, partOffset, hashCtx, isPlaced } = part
  return {
    partNumber,
    ...(partSize === undefined ? {} : { partSize }),
    ...(isPlaced ? { partOffset } : {}),
    ...(hashCtx === undefined ? {} : { hashCtx: hashCtxOf(hashCtx) }),
    uploadUrl: linkTo(uploadId, part),
    partId: `${fileId}.${partNumber}`,
  }
}
