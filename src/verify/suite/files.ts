import { createHash } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { BackupFile } from '../../../schemas/file.ts'
import type { Check } from '../check.ts'
import { Unobservable } from '../check.ts'
import { accepted, expect, expectForm, refusedAs, succeeded } from '../expect.ts'
import type { Answer } from '../target.ts'
import type { Workbench } from '../workbench.ts'
import { acceptEach, refuseEach } from './asking.ts'
import type { Backup } from './backup.ts'
import { announce, withRecord } from './backup.ts'
import { pageLimits, walk } from './pages.ts'

const Listed = Type.Object({ data: Type.Array(BackupFile) })

/** DEC-29: of the answer to a file, where its one part is to be uploaded. */
const Announced = Type.Object({ multiParts: Type.Array(Type.Object({ uploadUrl: Type.String() })) })

/** Contents that were never uploaded before. */
function content(bench: Workbench) {
  const bytes = Buffer.from(bench.word())
  return { bytes, described: { sha256: createHash('sha256').update(bytes).digest('hex'), length: bytes.length } }
}

/** Where to upload a file that was just announced. @throws Unobservable where the target does not say */
function uploadUrl(answer: Answer): string {
  accepted(answer, 'creating a file')
  const [part] = Value.Check(Announced, answer.json) ? answer.json.multiParts : []
  if (part) return part.uploadUrl
  throw new Unobservable('creating a file answers no address to upload it to')
}

async function listed({ call }: Workbench, { recordId }: Backup) {
  const answer = await call('listBackupFile', { params: { recordId }, query: { pageSize: 100 } })
  accepted(answer, 'listing files')
  return expectForm(Listed, answer.json).data
}

const names = (files: readonly { readonly fileName: string }[]): string => files.map((file) => file.fileName).join()

/**
 * Creates and uploads a file in the way that is assumed.
 *
 * @throws Unobservable where the target wants it otherwise
 */
async function put(bench: Workbench, backup: Backup, fileName: string): Promise<void> {
  const { bytes, described } = content(bench)
  const answer = await announce(bench, backup, { fileName, description: 'verify', ...described })
  const { status } = await bench.target.upload(uploadUrl(answer), bytes)
  if (status >= 300) throw new Unobservable(`an upload was answered with HTTP ${status}`)
}

export const fileChecks: readonly Check[] = [
  {
    id: 'FIL-1',
    title: 'A file name of 250 characters is accepted, and everything else about a file is optional',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const file = (body: object) => () => announce(bench, backup, body)
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
        const file = (fileName: unknown) => () => announce(bench, backup, { fileName })
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
        const all = await listed(bench, backup)
        if (all.length === 0) throw new Unobservable('files were uploaded, and none is listed so far')
        expect(all.length === 3, `a, b and c were uploaded, and ${names(all)} listed`)
        const first = { params: { recordId: backup.recordId }, query: { pageSize: 2 } }
        const pages = await walk(bench, 'listBackupFile', first, 'fileName')
        expect(pages.flat().sort().join() === 'a,b,c', `a, b and c were to be listed, not ${pages.flat().join()}`)
      }),
  },
]

export const fileDecisionChecks: readonly Check[] = [
  {
    id: 'DEC-29',
    title: 'A file is listed once it is uploaded, and the upload is held against what was announced',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { bytes, described } = content(bench)
        const answer = await announce(bench, backup, { fileName: 'a', ...described })
        succeeded('createBackupFile', answer)
        const url = uploadUrl(answer)
        expect((await listed(bench, backup)).length === 0, 'a file is listed before it is uploaded')
        refusedAs('integrity', await bench.target.upload(url, Buffer.from('other')), 'an upload of other contents')
        accepted(await bench.target.upload(url, bytes), 'an upload')
        refusedAs('notFound', await bench.target.upload(url, bytes), 'a second upload')
        const [file] = await listed(bench, backup)
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
        const file = (fileName: string) => announce(bench, backup, { fileName, ...described })
        accepted(await bench.target.upload(uploadUrl(await file('a')), bytes), 'an upload')
        const { rapidUpload, multiParts } = succeeded('createBackupFile', await file('b'))
        expect(rapidUpload && multiParts.length === 0, 'known contents are to be uploaded again')
        expect(names(await listed(bench, backup)) === 'a,b', 'a file of known contents is not listed at once')
        refusedAs('duplicateFile', await file('a'), 'a second file of a name')
      }),
  },
]
