import type { Check } from '../check.ts'
import { accepted, expect, isRefused, refused, refusedAs, succeeded } from '../expect.ts'
import { acceptEach, padded, refuseEach } from './asking.ts'
import { announceFile, withRecord } from './backup.ts'
import {
  askForLinks,
  begin,
  content,
  finish,
  listedFiles,
  names,
  send,
  sendNew,
  smallest,
  twoParts,
} from './uploading.ts'

/** UPL-3: no part is larger. */
const largest = 5_368_709_120

/** More bytes than any file has here, of which none is sent. */
const huge = 3 * largest

export const uploadChecks: readonly Check[] = [
  {
    id: 'UPL-1',
    title: 'A file is listed once its parts were sent and it was told complete; its content needs no upload again',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { upload, described } = await sendNew(bench, backup)
        accepted(await finish(bench, upload), 'completing a file')
        expect(names(await listedFiles(bench, backup)) === 'a', 'a file that is complete is not listed')
        const again = await announceFile(bench, backup, { fileName: 'b', ...described })
        const { rapidUpload } = succeeded('createBackupFile', again)
        expect(rapidUpload, 'content that is known is to be uploaded again')
      }),
  },
  {
    id: 'UPL-2',
    // Of the sibling it is documented.
    standing: 'inferred',
    title: 'Creating a file takes what files/create takes, and answers what that answers',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const told = { createdTime: '2023-08-18T05:43:49Z', description: padded('d', 512), mimeType: 'text/plain' }
        const way = { uploadMode: 'multipart', uploadType: 1, autoRename: 3, parentFolder: ['root'] }
        const multiParts = [{ partNumber: 1, partSize: 25 }]
        const body = { fileName: 'a.txt', ...told, ...way, ...content(bench).described, multiParts }
        const made = succeeded('createBackupFile', await announceFile(bench, backup, body))
        expect(made.uploadId !== undefined, 'a file that is to be uploaded has no uploadId')
        expect(!made.rapidUpload && made.fileName === 'a.txt', 'a new file is not answered as it was announced')
        expect(made.multiParts[0]?.partSize === 25, 'the part is not answered as it was asked for')
      }),
  },
  {
    id: 'UPL-2',
    standing: 'inferred',
    title: 'A description of 513 characters, 200 GB and a byte, and other times, modes and types are refused',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const file = (body: object) => () => announceFile(bench, backup, { fileName: 'a', ...body })
        await acceptEach({ 'a file of 200 GB': file({ length: 200e9 }) })
        await refuseEach({
          'a description of 513 characters': file({ description: padded('d', 513) }),
          'a file of 200 GB and a byte': file({ length: 200 * 2 ** 30 + 1 }),
          'a negative length': file({ length: -1 }),
          'a createdTime with milliseconds': file({ createdTime: '2023-08-18T05:43:49.000Z' }),
          'the uploadMode put': file({ uploadMode: 'put' }),
          'the uploadType 0': file({ uploadType: 0 }),
          'the autoRename 1': file({ autoRename: 1 }),
        })
      }),
  },
  {
    id: 'UPL-3',
    title: 'Parts have numbers from 1 to 10,000, and 5,242,880 to 5,368,709,120 bytes, the last one fewer, too',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const upload = await begin(bench, backup, { length: huge })
        const links = (...sizes: number[]) =>
          askForLinks(bench, upload, ...sizes.map((partSize, index) => ({ partNumber: index + 1, partSize })))
        await refuseEach({
          'a part of 5,242,879 bytes': () => links(smallest - 1),
          'a part of 5,368,709,121 bytes': () => links(largest + 1),
          'the part 0': () => askForLinks(bench, upload, { partNumber: 0, partSize: smallest }),
          'the part 10,001': () => askForLinks(bench, upload, { partNumber: 10_001, partSize: smallest }),
        })
        await acceptEach({
          'a part of 5,242,880 bytes': () => links(smallest),
          'a part of 5,368,709,120 bytes': () => links(largest),
        })
        const small = await begin(bench, backup, { fileName: 'b', length: smallest + 1 })
        accepted(
          await askForLinks(bench, small, { partNumber: 1, partSize: smallest }, { partNumber: 2, partSize: 1 }),
          'a last part of 1 byte',
        )
      }),
  },
  {
    id: 'UPL-3',
    title: 'Parts sent in parallel come in any order, each but the first with partOffset and hashCtx',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { pieces, parallel, second, described } = twoParts(bench)
        const upload = await begin(bench, backup, { ...described, multiParts: parallel })
        await refuseEach({
          'a parallel part without hashCtx': () => askForLinks(bench, upload, { ...second, hashCtx: undefined }),
          'a hashCtx of seven numbers': () =>
            askForLinks(bench, upload, { ...second, hashCtx: second.hashCtx.slice(1) }),
          'a number of more than 32 bits': () =>
            askForLinks(bench, upload, { ...second, hashCtx: [2 ** 32, ...second.hashCtx.slice(1)] }),
        })
        for (const index of [1, 0] as const) await send(bench, upload.links[index], pieces[index])
        accepted(await finish(bench, upload), 'completing parts that came in reverse')
        const [file] = await listedFiles(bench, backup)
        expect(file?.sha256 === described.sha256, 'parts that came in reverse have another digest')
      }),
  },
  {
    id: 'UPL-3',
    title: 'Parallel parts before the last are multiples of 64 bytes',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { second } = twoParts(bench)
        const upload = await begin(bench, backup, { length: huge })
        const first = { partNumber: 1, partSize: smallest + 1, partOffset: 0 }
        const odd = { ...second, partSize: smallest, partOffset: smallest + 1 }
        refused(await askForLinks(bench, upload, first, odd), 'a parallel part of 5,242,881 bytes')
      }),
  },
  {
    id: 'UPL-6',
    title: 'Completing a file takes fileId and optionally the sha256 of the whole; msg has a full stop',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        for (const [fileName, isTold] of Object.entries({ a: false, b: true })) {
          const { upload, described } = await sendNew(bench, backup, { fileName })
          const answer = await finish(bench, upload, isTold ? { sha256: described.sha256 } : {})
          accepted(answer, 'completing a file')
          const { msg } = Object(answer.json)
          expect(msg === 'success.', `completing a file answers the msg ${JSON.stringify(msg)}`)
        }
        refused(await bench.call('completeFile', { body: {} }), 'completing without fileId')
      }),
  },
  {
    id: 'UPL-7',
    title: 'An unknown upload is 13000401, a failed check 13000402, a name that is taken 13000405',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { bytes, described } = content(bench)
        const upload = await begin(bench, backup, described)
        const cases = {
          13000401: await finish(bench, { fileId: 'unknown' }),
          13000402: await finish(bench, upload),
        }
        await send(bench, upload.links[0], bytes)
        accepted(await finish(bench, upload), 'completing a file')
        const taken = await announceFile(bench, backup, { fileName: 'a', autoRename: 3 })
        for (const [code, answer] of Object.entries({ ...cases, 13000405: taken })) {
          const given = Object(answer.json).code
          expect(isRefused(answer) && `${given}` === code, `${given} was answered in place of ${code}`)
        }
        refusedAs('duplicateFile', taken, 'a name that is taken')
      }),
  },
]
