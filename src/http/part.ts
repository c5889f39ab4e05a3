import type { UploadEntity } from '../store/files.ts'
import { judgeSize, unknownUpload } from '../uploads/admission.ts'
import { outdatedBy, startOf } from '../uploads/arrival.ts'
import { assemble } from '../uploads/assembly.ts'
import type { DigestPoint, DigestState } from '../uploads/hash-ctx.ts'
import type { OpenUpload, PlannedPart, StoredPart } from '../uploads/parts.ts'
import { endOf, hasRefused } from '../uploads/parts.ts'
import type { StoreRefusal } from '../uploads/store-errors.ts'
import type { World } from '../world/world.ts'
import { commit } from '../world/world.ts'

type Params = Readonly<Record<string, string>>

interface Found {
  readonly file: UploadEntity
  readonly part: PlannedPart
  /** Of it, the part and the one before. */
  readonly upload: OpenUpload
}

interface Remark {
  readonly remark: string
}

/** Another world may have taken the place of this one while the bytes came: nothing of it is left to be stored in. */
function find({ store, isOver }: World, { uploadId = '', part: text = '' }: Params): Found | undefined {
  const number = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0
  const file = isOver ? undefined : store.files.open(uploadId)
  if (file === undefined) return undefined
  const upload = store.parts.around(BigInt(file.fileId), file.length, number)
  const part = upload.parts.find(({ partNumber }) => partNumber === number)
  return part && { file, part, upload }
}

/** The part that a path names, as it is announced now. */
export const partOf = (world: World, params: Params): PlannedPart | undefined => find(world, params)?.part

/** DEC-40: from where a part is hashed that begins to come. */
export function startFor(world: World, params: Params, hashCtx: DigestState | undefined): DigestPoint | undefined {
  const found = find(world, params)
  return found && startOf(found.upload, found.part, hashCtx)
}

const isRefused = (kept: StoreRefusal | Remark | undefined): boolean => kept !== undefined && 'code' in kept

/**
 * Stores a part that came, whole or not at all.
 *
 * @param start where it was hashed from
 * @returns why it is not stored, for the upload may have changed since it began to come; or what there is to remark
 */
export function keepPart(
  world: World,
  params: Params,
  came: StoredPart,
  start: DigestPoint | undefined,
): StoreRefusal | Remark | undefined {
  const kept = commit<StoreRefusal | Remark | undefined>(
    world,
    () => {
      const found = find(world, params)
      if (found === undefined) return { code: 'NoSuchUpload', reason: unknownUpload }
      const refusal = judgeSize(came.size, found.part)
      if (refusal) return refusal
      const isMoved = start !== undefined && start.offset !== found.part.partOffset
      store(world, found, isMoved ? { ...came, digest: undefined } : came)
      return world.settings.completion === 'put' ? finishAlone(world, found.file) : undefined
    },
    isRefused,
  )
  // Of a world that gave its place away meanwhile, nobody will see it.
  if (!isRefused(kept) && !world.isOver) world.notes.add(world.store, true)
  return kept
}

function store({ store: { parts } }: World, { file, part, upload }: Found, came: StoredPart): void {
  const id = BigInt(file.fileId)
  const { partNumber } = part
  if (upload.stored.has(partNumber)) parts.outdate(id, outdatedBy(parts.of(id, file.length), partNumber, came))
  parts.store(id, partNumber, came)
}

/** DEC-43: a file that is one part is complete with it. */
function finishAlone({ store: { files, parts } }: World, file: UploadEntity): StoreRefusal | Remark | undefined {
  const id = BigInt(file.fileId)
  const upload = parts.of(id, file.length)
  const [only, ...others] = upload.parts
  const isAlone = only?.partOffset === 0 && others.length === 0
  if (!isAlone || (file.length ?? endOf(only)) !== endOf(only)) return undefined
  const whole = assemble(upload, { announced: file.sha256, called: undefined })
  if (hasRefused(whole)) return { code: 'BadDigest', reason: whole.refused }
  files.finish(id, whole.sha256, whole.size)
  return { remark: 'the file is complete, for completion=put [DEC-43]' }
}
