import type { Check } from '../check.ts'
import { accepted, expect } from '../expect.ts'
import type { Workbench } from '../workbench.ts'
import { refuseEach } from './asking.ts'
import { withRecord } from './backup.ts'
import { askForLinks, begin, content, finish, linksOf, send, smallest, twoParts } from './uploading.ts'

const minute = 60_000

/** What a link has in its query, beside the number of its part (UPL-5). */
const signedQuery: Readonly<Record<string, RegExp>> = {
  uploadId: /./,
  'X-Amz-Algorithm': /^AWS4-HMAC-SHA256$/,
  'X-Amz-Date': /^\d{8}T\d{6}Z$/,
  'X-Amz-SignedHeaders': /^content-length;host$/,
  'X-Amz-Expires': /^3600$/,
  'X-Amz-Credential': /./,
  'X-Amz-Signature': /./,
}

function expectSigned(link: string | undefined, partNumber: number): URLSearchParams {
  expect(URL.canParse(`${link}`), `the link of part ${partNumber} is no address`)
  const { searchParams } = new URL(`${link}`)
  expect(searchParams.get('partNumber') === `${partNumber}`, `the link of part ${partNumber} does not name it`)
  for (const [name, form] of Object.entries(signedQuery)) {
    const values = searchParams.getAll(name)
    expect(
      values.some((value) => form.test(value)),
      `the query of a link has ${name}=${values}`,
    )
  }
  return searchParams
}

/** Keeps a lock for longer than a link lives. */
async function passAnHour({ pause, call }: Workbench, lockId: string): Promise<void> {
  for (let minutes = 0; minutes <= 60; minutes += 5) {
    await pause(5 * minute)
    await call('renewalBackupLock', { lockId })
  }
}

export const linkChecks: readonly Check[] = [
  {
    id: 'UPL-4',
    title: 'Links are answered for further parts and, again, for parts that have one; both arguments are mandatory',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { pieces, sequential, described } = twoParts(bench)
        const upload = await begin(bench, backup, { ...described, multiParts: sequential.slice(0, 1) })
        await send(bench, upload.links[0], pieces[0])
        const ask = () => askForLinks(bench, upload, ...sequential.slice(1))
        const [further] = linksOf(await ask(), 'asking for a further link')
        const [fresh] = linksOf(await ask(), 'asking for a fresh link')
        expect(further !== undefined && fresh !== undefined, 'no link is answered for a part')
        await send(bench, fresh, pieces[1])
        await refuseEach({
          'links without fileId': () => bench.call('getMultipartUploadUrl', { body: { multiParts: sequential } }),
          'links without parts': () => bench.call('getMultipartUploadUrl', { body: { fileId: upload.fileId } }),
        })
        accepted(await finish(bench, upload), 'completing a file of two parts')
      }),
  },
  {
    id: 'UPL-5',
    title: 'Links are presigned addresses that live 3,600 seconds; host, content-length and hashCtx are signed',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { pieces, parallel, described } = twoParts(bench)
        const { links } = await begin(bench, backup, { ...described, multiParts: parallel })
        expectSigned(links[0], 1)
        const states = expectSigned(links[1], 2).getAll('X-Amz-Iteration-Hash-Ctx')
        const state = Buffer.from(states.join(), 'base64').toString().replaceAll(/\s/g, '')
        const isOfPart = [`"h":[${parallel[1].hashCtx}]`, `"nl":${8 * smallest}`].every((text) => state.includes(text))
        expect(isOfPart, 'a link does not have the hashCtx')
        const wrong = {
          'a part of another length': [links[1], pieces[1].subarray(1)],
          'a part at the link of another': [`${links[1]}`.replace('partNumber=2', 'partNumber=1'), pieces[1]],
        } as const
        for (const [what, [link, bytes]] of Object.entries(wrong)) {
          const { status } = await bench.target.upload(`${link}`, bytes)
          expect(status >= 400 && status < 500, `${what} was answered HTTP ${status}`)
        }
        await send(bench, links[1], pieces[1])
      }),
  },
  {
    id: 'UPL-5',
    slow: true,
    title: 'A link is refused after an hour, and a fresh one goes on',
    run: (bench) =>
      withRecord(bench, async (backup) => {
        const { bytes, described } = content(bench)
        const upload = await begin(bench, backup, described)
        await passAnHour(bench, backup.lockId)
        const { status } = await bench.target.upload(`${upload.links[0]}`, bytes)
        expect(status >= 400 && status < 500, `a part was answered HTTP ${status} after more than an hour`)
        const part = { partNumber: 1, partSize: bytes.length }
        const [fresh] = linksOf(await askForLinks(bench, upload, part), 'asking for a fresh link')
        await send(bench, fresh, bytes)
        accepted(await finish(bench, upload), 'completing a file')
      }),
  },
]
