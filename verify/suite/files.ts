import type { Check } from '../check.ts'
import { accepted, expect, haveSameItems, refusedAs, succeeded } from '../expect.ts'
import { Unobservable } from '../failures.ts'
import type { Workbench } from '../workbench.ts'
import { acceptEach, refuseEach } from './asking.ts'
import type { Backup } from './backup.ts'
import { announceFile, withRecord } from './backup.ts'
import { pageLimits } from './pages.ts'
import { walk } from './paging.ts'
import { announced, content, listedFiles, names, send } from './uploading.ts'

/**
 * Creates and uploads a file in the way that is assumed.
 *
 * @throws Unobservable where the target wants it otherwise
 */
async function put(bench: Workbench, backup: Backup, fileName: string): Promise<void> {
  const { bytes, described } = content(bench)
  const answer = await announceFile(bench, backup, { fileName, description: 'verify', ...described })
  const { fileId, links } = announced(answer)
  const { status } = await bench.target.upload(`${links[0]}`, bytes)
  if (status >= 300) throw new Unobservable(`an upload was answered with HTTP ${status}`)
  accepted(await bench.call('completeFile', { body: { fileId } }), 'completing a file')
}

export const fileChecks: readonly Check[] = [
  {
    id: 'FIL-1',
    title: 'A file name of 250 characters is accepted, and everything else about a file is optional',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const file = (body: object) => () => announceFile(bench, backup, body)
        const described = { description: 'd', mimeType: 'text/plain', fileType: 'doc', parentFolder: ['root', 'b'] }
        await acceptEach({
          'a file name of 250 characters': file({ fileName: 'a'.repeat(250) }),
          'a file name of other characters': file({ fileName: '.a b-é&%' }),
          'a file with all its properties': file({ fileName: 'all', ...described, ...content(bench).described }),
        })
      }),
  },
  {
    id: 'FIL-1',
    title: 'A file name that is too long, missing, empty, a dot, two dots, or has a forbidden character is refused',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const file = (fileName: unknown) => () => announceFile(bench, backup, { fileName })
        const forbidden = [...'<>|:"*?/'].map((sign) => [`a file name with ${sign}`, file(`a${sign}b`)])
        await refuseEach({
          'a file name of 251 characters': file('a'.repeat(251)),
          'a file without a name': file(undefined),
          'an empty file name': file(''),
          'the file name .': file('.'),
          'the file name ..': file('..'),
          ...Object.fromEntries(forbidden),
        })
      }),
  },
  {
    id: 'FIL-2',
    title: "Listing a record's files takes a pageSize of 1 to 100, and a cursor of at most 1,000 characters",
    run: (bench) =>
      withRecord(bench, ({ recordId }) =>
        pageLimits(bench, 'listBackupFile', { params: { recordId }, query: { pageSize: 1 } }),
      ),
  },
  {
    id: 'FIL-2',
    title: 'Files are listed page by page, each once, with all their properties',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        for (const name of ['a', 'b', 'c']) await put(bench, backup, name)
        const all = await listedFiles(bench, backup)
        if (all.length === 0) throw new Unobservable('files were uploaded, and none is listed so far')
        expect(all.length === 3, `a, b and c were uploaded, and ${names(all)} listed`)
        const first = { params: { recordId: backup.recordId }, query: { pageSize: 2 } }
        const pages = await walk(bench, 'listBackupFile', first, 'fileName')
        const isWhole = haveSameItems(pages.flat(), ['a', 'b', 'c'])
        expect(isWhole, `a, b and c were to be listed, not ${pages.flat().join()}`)
      }),
  },
]

export const fileDecisionChecks: readonly Check[] = [
  {
    id: 'DEC-29',
    title: 'A file is listed once it is complete, and the upload is held against what was announced',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { bytes, described } = content(bench)
        const answer = await announceFile(bench, backup, { fileName: 'a', ...described })
        succeeded('createBackupFile', answer)
        const { fileId, links } = announced(answer)
        const complete = () => bench.call('completeFile', { body: { fileId } })
        const upload = async (content: Uint8Array) => (await bench.target.upload(`${links[0]}`, content)).status
        refusedAs('integrity', await complete(), 'completing a file before its part is there')
        expect((await upload(Buffer.from('other'))) === 403, 'an upload of another length is taken')
        expect((await upload(bytes.map((byte) => byte ^ 1))) === 200, 'an upload is not taken')
        refusedAs('integrity', await complete(), 'completing a file of other contents')
        expect((await upload(bytes)) === 200, 'an upload is not taken again')
        expect((await listedFiles(bench, backup)).length === 0, 'a file is listed before it is complete')
        accepted(await complete(), 'completing a file')
        expect((await upload(bytes)) === 404, 'an upload is taken after the file is complete')
        refusedAs('noUpload', await complete(), 'completing a file twice')
        const [file] = await listedFiles(bench, backup)
        const isSame = file?.sha256 === described.sha256 && file.size === described.length
        expect(isSame, `${JSON.stringify(described)} was uploaded, but ${JSON.stringify(file)} is listed`)
      }),
  },
  {
    id: 'DEC-29',
    title: 'Known contents need no upload, and a name is taken once in a folder',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { bytes, described } = content(bench)
        const file = (fileName: string) => announceFile(bench, backup, { fileName, ...described })
        const { fileId, links } = announced(await file('a'))
        await send(bench, links[0], bytes)
        accepted(await bench.call('completeFile', { body: { fileId } }), 'completing a file')
        const { rapidUpload, multiParts } = succeeded('createBackupFile', await file('b'))
        expect(rapidUpload && multiParts.length === 0, 'known contents are to be uploaded again')
        expect(names(await listedFiles(bench, backup)) === 'a,b', 'a file of known contents is not listed at once')
        refusedAs('duplicateFile', await file('a'), 'a second file of a name')
      }),
  },
]
