import { createHash } from 'node:crypto'
import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { BackupFile } from '../../schemas/file.ts'
import { accepted, expect, expectForm } from '../expect.ts'
import { Unobservable } from '../failures.ts'
import type { Answer } from '../target.ts'
import type { Workbench } from '../workbench.ts'
import type { Backup } from './backup.ts'
import { announceFile } from './backup.ts'
import { answersOf, itemsIn } from './paging.ts'

const Files = Type.Array(BackupFile)

/** Of an answer with links, where parts are to be sent, and which. */
const Linked = Type.Object({
  multiParts: Type.Array(Type.Object({ partNumber: Type.Optional(Type.Integer()), uploadUrl: Type.String() })),
})
const Announced = Type.Object({ fileId: Type.String(), ...Linked.properties })

/** UPL-3: every part but the last has at least so many bytes. */
export const smallest = 5_242_880

const zeros = new Uint8Array(smallest)

/** The state of SHA-256 before any byte. */
export const initialCtx: readonly number[] = [
  1779033703, 3144134277, 1013904242, 2773480762, 1359893119, 2600822924, 528734635, 1541459225,
]

/** The state of SHA-256 after as many zeros as the smallest part has. */
const zerosCtx: readonly number[] = [
  1854778685, 3987521530, 251141858, 896970359, 233686000, 3785332443, 1760633450, 4146121733,
]

const describe = (bytes: Uint8Array) => ({
  sha256: createHash('sha256').update(bytes).digest('hex'),
  length: bytes.length,
})

/** Contents that were never uploaded before. */
export function content(bench: Workbench) {
  const bytes = Buffer.from(bench.word())
  return { bytes, described: describe(bytes) }
}

/** Contents of two parts, the first of which is all zeros, so that the state behind it is known. */
export function twoParts(bench: Workbench) {
  const end = Buffer.from(bench.word())
  const sequential = [
    { partNumber: 1, partSize: smallest },
    { partNumber: 2, partSize: end.length },
  ]
  const [first, second] = [
    { ...sequential[0], partOffset: 0 },
    { ...sequential[1], partOffset: smallest, hashCtx: zerosCtx },
  ]
  const described = describe(Buffer.concat([zeros, end]))
  return { pieces: [zeros, end] as const, sequential, parallel: [first, second] as const, second, described }
}

/** An upload that was announced. */
export interface AnnouncedUpload {
  readonly fileId: string
  readonly links: readonly string[]
}

/** Links by the numbers of their parts, in whatever order they came. */
const inOrder = ({ multiParts }: Static<typeof Linked>): string[] =>
  multiParts
    .toSorted(({ partNumber: one }, { partNumber: other }) => Number(one) - Number(other))
    .map(({ uploadUrl }) => uploadUrl)

/** The links that an answer has. @throws Departure where it has none */
export function linksOf(answer: Answer, what: string): string[] {
  accepted(answer, what)
  return inOrder(expectForm(Linked, answer.json))
}

/** The file that was just announced and where to upload it. @throws Unobservable where the target does not say */
export function announced(answer: Answer): AnnouncedUpload {
  accepted(answer, 'creating a file')
  if (Value.Check(Announced, answer.json) && answer.json.multiParts.length > 0)
    return { fileId: answer.json.fileId, links: inOrder(answer.json) }
  throw new Unobservable('creating a file answers no address to upload it to')
}

/** Announces a file that is to be uploaded. @throws Unobservable where the target does not say where */
export const begin = async (bench: Workbench, backup: Backup, body: object): Promise<AnnouncedUpload> =>
  announced(await announceFile(bench, backup, { fileName: 'a', ...body }))

/** Asks for links of an upload's parts. */
export const askForLinks = (
  { call }: Workbench,
  { fileId }: AnnouncedUpload,
  ...multiParts: object[]
): Promise<Answer> => call('getMultipartUploadUrl', { body: { fileId, multiParts } })

/** Says that all of a file is there. */
export const finish = (
  { call }: Workbench,
  { fileId }: Pick<AnnouncedUpload, 'fileId'>,
  more: object = {},
): Promise<Answer> => call('completeFile', { body: { fileId, ...more } })

/** Sends a part. @throws Departure where it is not taken */
export async function send({ target }: Workbench, link: string | undefined, bytes: Uint8Array): Promise<Answer> {
  const answer = await target.upload(`${link}`, bytes)
  expect(answer.status === 200, `a part was to be taken, but was answered HTTP ${answer.status} ${answer.text}`)
  return answer
}

/** Announces a file of contents that were never uploaded before, and sends them all. */
export async function sendNew(bench: Workbench, backup: Backup, body: object = {}) {
  const { bytes, described } = content(bench)
  const upload = await begin(bench, backup, { ...described, ...body })
  await send(bench, upload.links[0], bytes)
  return { upload, described }
}

/** The files of a record. */
export async function listedFiles(bench: Workbench, { recordId }: Backup) {
  const answers = await answersOf(bench, 'listBackupFile', { params: { recordId }, query: { pageSize: 100 } })
  return expectForm(Files, answers.flatMap(itemsIn))
}

/** In the order of letters. */
export const names = (files: readonly { readonly fileName: string }[]): string =>
  files
    .map(({ fileName }) => fileName)
    .sort()
    .join()
