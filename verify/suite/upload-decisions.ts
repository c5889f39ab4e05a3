import { createHash } from 'node:crypto'
import type { Check } from '../check.ts'
import { accepted, expect, refused, refusedAs, succeeded } from '../expect.ts'
import { padded, refuseEachAs } from './asking.ts'
import { announceFile, withRecord } from './backup.ts'
import {
  askForLinks,
  begin,
  content,
  finish,
  initialCtx,
  linksOf,
  listedFiles,
  send,
  sendNew,
  smallest,
  twoParts,
} from './uploading.ts'

/** Of a file of two parts, each as small as it may be and one byte more. */
const three = 2 * smallest + 1

export const uploadDecisionChecks: readonly Check[] = [
  {
    id: 'DEC-33',
    title: 'Announcing a name whose upload is open answers that upload, unless length or sha256 disagree',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { described } = content(bench)
        const file = (body: object) => announceFile(bench, backup, { fileName: 'a', ...body })
        const { fileId, uploadId } = succeeded('createBackupFile', await file({ length: described.length }))
        const again = succeeded('createBackupFile', await file(described))
        expect(again.fileId === fileId && again.uploadId === uploadId, 'another upload is begun for the same name')
        refusedAs('duplicateFile', await file({ length: described.length + 1 }), 'the name with another length')
        refusedAs('duplicateFile', await file({ sha256: padded('', 64).replaceAll('_', '0') }), 'with another sha256')
      }),
  },
  {
    id: 'DEC-34',
    title: 'A taken name is refused, with autoRename 2 stamped, and with 4 and an equal sha256 the file that is there',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { upload, described } = await sendNew(bench, backup, { fileName: 'a.txt' })
        accepted(await finish(bench, upload), 'completing a file')
        const file = (body: object) => announceFile(bench, backup, { fileName: 'a.txt', ...body })
        refusedAs('duplicateFile', await file(described), 'a taken name')
        refusedAs('duplicateFile', await file({ autoRename: 3 }), 'a taken name with autoRename 3')
        const renamed = succeeded('createBackupFile', await file({ autoRename: 2, ...described }))
        expect(/^a_\d.*\.txt$/.test(renamed.fileName), `a file is renamed to ${renamed.fileName}`)
        const same = succeeded('createBackupFile', await file({ autoRename: 4, ...described }))
        const isThere = same.exist && same.rapidUpload && same.multiParts.length === 0 && same.fileId === upload.fileId
        expect(isThere, 'the file of an equal sha256 is not answered')
      }),
  },
  {
    id: 'DEC-35',
    title: 'Parts are offered, as few as it takes; without length there is one, of open size',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const file = async (fileName: string, body: object) =>
          succeeded('createBackupFile', await announceFile(bench, backup, { fileName, ...body })).multiParts
        expect((await file('a', { length: three })).length === 1, 'a file that fits into one part is offered others')
        expect((await file('b', { length: 5_368_709_121 })).length === 2, 'a file that takes two parts has others')
        const [open, ...others] = await file('c', {})
        expect(
          open?.partSize === undefined && others.length === 0,
          'a file without length has no one part of open size',
        )
        const { sequential } = twoParts(bench)
        refusedAs('invalid', await announceFile(bench, backup, { fileName: 'd', multiParts: sequential }), 'no length')
      }),
  },
  {
    id: 'DEC-36',
    title: 'Links are answered for all parts that are asked for or none, by number, for open uploads alone',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const upload = await begin(bench, backup, { length: three })
        const [first, second] = [1, 2].map((partNumber) => ({ partNumber, partSize: smallest }))
        const links = (...parts: (object | undefined)[]) => askForLinks(bench, upload, ...parts.map(Object))
        await refuseEachAs('invalid', {
          'a part twice': () => links(first, first),
          'no part': () => links(),
          'a part that is too small': () => links(first, { ...second, partSize: 1 }),
        })
        const answer = succeeded(
          'getMultipartUploadUrl',
          await links(second, { ...first, uploadUrl: 'any', partId: 'any' }),
        )
        const numbers = answer.multiParts.map(({ partNumber }) => partNumber).join()
        expect(numbers === '1,2', `parts 2 and 1 were asked for, and ${numbers} answered`)
        refusedAs('noUpload', await askForLinks(bench, { ...upload, fileId: 'unknown' }, Object(first)), 'no upload')
      }),
  },
  {
    id: 'DEC-37',
    title: 'Sequential parts need all lower numbers; the last ends at length, and an empty one may trail it',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { pieces, sequential, described } = twoParts(bench)
        const [first = {}, second = {}] = sequential
        const upload = await begin(bench, backup, described)
        const further = { ...second, partNumber: 3 }
        refusedAs('invalid', await askForLinks(bench, upload, first, further), 'part 3 behind part 1')
        const trailing = { partNumber: 3, partSize: 0 }
        const small = { partNumber: 2, partSize: smallest }
        refusedAs(
          'invalid',
          await askForLinks(bench, upload, first, second, trailing),
          'a small part before an empty one',
        )
        refusedAs('invalid', await askForLinks(bench, upload, first, small), 'a part beyond the length')
        const started = { ...first, hashCtx: initialCtx }
        const links = linksOf(await askForLinks(bench, upload, started, second), 'the initial state for part 1')
        for (const index of [0, 1] as const) await send(bench, links[index], pieces[index])
        accepted(await finish(bench, upload), 'completing a file')
      }),
  },
  {
    id: 'DEC-38',
    title: 'hashCtx is unsigned, and belongs to the link: another may be asked for',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { pieces, parallel, second, described } = twoParts(bench)
        const other = { ...second, hashCtx: initialCtx }
        const upload = await begin(bench, backup, { ...described, multiParts: [parallel[0], other] })
        const signed = { ...second, hashCtx: second.hashCtx.map((number) => number | 0) }
        refusedAs('invalid', await askForLinks(bench, upload, signed), 'a hashCtx of signed numbers')
        const [right] = linksOf(await askForLinks(bench, upload, second), 'another hashCtx')
        await send(bench, right, pieces[1])
        await send(bench, upload.links[0], pieces[0])
        accepted(await finish(bench, upload), 'completing parts with the right hashCtx')
      }),
  },
  {
    id: 'DEC-39',
    title: 'A hashCtx is refused that is not what the part before ended in',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { pieces, parallel, second, described } = twoParts(bench)
        const upload = await begin(bench, backup, { ...described, multiParts: parallel.slice(0, 1) })
        await send(bench, upload.links[0], pieces[0])
        refusedAs('invalid', await askForLinks(bench, upload, { ...second, hashCtx: initialCtx }), 'a wrong hashCtx')
        accepted(await askForLinks(bench, upload, second), 'the right hashCtx')
      }),
  },
  {
    id: 'DEC-40',
    title: 'A part without hashCtx that comes before its predecessor is taken, and must come again',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { pieces, sequential, described } = twoParts(bench)
        const upload = await begin(bench, backup, { ...described, multiParts: sequential })
        for (const index of [1, 0] as const) await send(bench, upload.links[index], pieces[index])
        refusedAs('integrity', await finish(bench, upload), 'completing parts out of order, without hashCtx')
        await send(bench, upload.links[1], pieces[1])
        await send(bench, upload.links[0], pieces[0])
        accepted(await finish(bench, upload), 'completing parts, the first of which came again unchanged')
      }),
  },
  {
    id: 'DEC-41',
    title: 'The store answers the MD5 as ETag and no body, and refuses in XML',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { bytes, described } = content(bench)
        const upload = await begin(bench, backup, described)
        const expectXml = async (link: string, sent: Uint8Array, status: number, code: string) => {
          const answer = await bench.target.upload(link, sent)
          const isSo = answer.status === status && answer.text.includes(`<Code>${code}</Code>`)
          expect(isSo, `${status} ${code} was expected, but HTTP ${answer.status} answered: ${answer.text}`)
        }
        const link = `${upload.links[0]}`
        await expectXml(link, Buffer.from('other'), 403, 'SignatureDoesNotMatch')
        await expectXml(link.replace(/(Signature=)./, '$1_'), bytes, 403, 'SignatureDoesNotMatch')
        const { headers, text } = await send(bench, link, bytes)
        const etag = `"${createHash('md5').update(bytes).digest('hex')}"`
        expect(headers.etag === etag && text === '', `a part is answered with the ETag ${headers.etag}: ${text}`)
        accepted(await finish(bench, upload), 'completing a file')
        await expectXml(link, bytes, 404, 'NoSuchUpload')
      }),
  },
  {
    id: 'DEC-42',
    title: 'A completion is refused for what is missing or other, changes nothing then, and can be tried again',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { pieces, parallel, described } = twoParts(bench)
        const upload = await begin(bench, backup, { ...described, multiParts: parallel })
        await send(bench, upload.links[0], pieces[0])
        refusedAs('integrity', await finish(bench, upload), 'completing a file without its second part')
        await send(
          bench,
          upload.links[1],
          pieces[1].map((byte) => byte ^ 1),
        )
        refusedAs('integrity', await finish(bench, upload), 'completing a file with a wrong second part')
        await send(bench, upload.links[1], pieces[1])
        const sha256 = createHash('sha256').update(pieces[1]).digest('hex')
        refusedAs('integrity', await finish(bench, upload, { sha256 }), 'completing a file with another sha256')
        expect((await listedFiles(bench, backup)).length === 0, 'a file is listed whose completion was refused')
        accepted(await finish(bench, upload), 'completing a file after refusals')
      }),
  },
  {
    id: 'DEC-43',
    title: 'Completing takes any fileId of up to 64 characters and no lock, and a file once',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { upload } = await sendNew(bench, backup)
        accepted(await finish(bench, upload), 'completing a file without a lock')
        refusedAs('noUpload', await finish(bench, upload), 'completing a file twice')
        refusedAs('noUpload', await finish(bench, { fileId: padded('f', 64) }), 'a fileId of 64 characters')
        refused(await finish(bench, { fileId: padded('f', 65) }), 'a fileId of 65 characters')
      }),
  },
]
