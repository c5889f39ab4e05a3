import { hash } from 'node:crypto'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import fc from 'fast-check'
import t from 'tap'
import { AskedPart as AskedPartSchema, CompleteFileBody, UploadUrlBody } from '../schemas/upload.ts'
import { outdatedBy, startOf } from '../src/uploads/arrival.ts'
import type { ToldDigests } from '../src/uploads/assembly.ts'
import { assemble } from '../src/uploads/assembly.ts'
import { hashPart } from '../src/uploads/digest.ts'
import { hashCtxDefect, hashCtxOf, initialState, iterationHashCtx, stateIn, stateOf } from '../src/uploads/hash-ctx.ts'
import type { OpenUpload, PlannedPart, Refused, StoredPart } from '../src/uploads/parts.ts'
import { hasRefused, offer } from '../src/uploads/parts.ts'
import type { Announcement, PartRequest } from '../src/uploads/plan.ts'
import { announce, announceAgain, withLength } from '../src/uploads/plan.ts'

const mebi = 2 ** 20
const least = 5_242_880
const most = 5_368_709_120
const initial = hashCtxOf(initialState)

/** Some hashCtx: which one does not matter until bytes come. */
const some = [1, 2, 3, 4, 5, 6, 7, 8]

const nothing: OpenUpload = { length: undefined, parts: [], stored: new Map() }
const upload = (length?: number, parts: readonly PlannedPart[] = []): OpenUpload => ({ ...nothing, length, parts })

function done(result: Announcement | Refused): Announcement {
  if (hasRefused(result)) throw new Error(result.refused)
  return result
}

/** A file of this length with these parts announced, one request after the other. */
const announced = (length: number | undefined, ...requests: PartRequest[][]): OpenUpload =>
  requests.reduce((before, asked) => upload(length, done(announce(before, asked)).parts), upload(length))

const reasonOf = (result: object): string => (hasRefused(result) ? result.refused : 'not refused')

const places = (parts: readonly PlannedPart[]) =>
  parts.map(({ partNumber, partOffset, partSize }) => [partNumber, partOffset, partSize])

async function* chunksOf(bytes: Uint8Array, size = 1 + (bytes.length >> 2)) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** Sends a part: hashes it from where it begins, and forgets what is no longer true. */
async function send(
  open: OpenUpload,
  partNumber: number,
  bytes: Uint8Array,
  hashCtx = open.parts.find((part) => part.partNumber === partNumber)?.hashCtx,
): Promise<OpenUpload> {
  const part = open.parts.find((one) => one.partNumber === partNumber)
  if (part === undefined) throw new Error(`part ${partNumber} is not announced`)
  const came: StoredPart = {
    ...(await hashPart(chunksOf(bytes), startOf(open, part, hashCtx))),
    hasHashCtx: hashCtx !== undefined,
  }
  const stored = new Map(open.stored)
  for (const number of outdatedBy(open, partNumber, came)) {
    const outdated = stored.get(number)
    if (outdated) stored.set(number, { ...outdated, digest: undefined })
  }
  return { ...open, stored: stored.set(partNumber, came) }
}

const untold: ToldDigests = { announced: undefined, called: undefined }
const toldFor = (bytes: Uint8Array): ToldDigests => ({ ...untold, announced: hash('sha256', bytes) })

/** Bytes that are not the same everywhere. */
function bytesOf(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size)
  let state = seed
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[at] = state >>> 16
  }
  return bytes
}

/** The state after these bytes, as a client with a SHA-256 of its own computes it. */
async function ctxAfter(bytes: Uint8Array): Promise<number[]> {
  const { digest } = await hashPart(chunksOf(bytes), { state: initialState, offset: 0 })
  return hashCtxOf(digest?.end ?? '')
}

t.test('UPL-3 UPL-4 UPL-6: numbers, sizes and lists are taken up to their limits and not beyond', async (t) => {
  const part = TypeCompiler.Compile(AskedPartSchema)
  const links = TypeCompiler.Compile(UploadUrlBody)
  const completion = TypeCompiler.Compile(CompleteFileBody)
  for (const partNumber of [1, 2, 9_999, 10_000]) t.ok(part.Check({ partNumber }), `${partNumber}`)
  for (const partNumber of [0, -1, 10_001, 1.5, '1', null]) t.notOk(part.Check({ partNumber }), `${partNumber}`)
  for (const partSize of [0, 1, most - 1, most]) t.ok(part.Check({ partNumber: 1, partSize }), `${partSize}`)
  for (const partSize of [-1, most + 1, 0.5, '5']) t.notOk(part.Check({ partNumber: 1, partSize }), `${partSize}`)
  t.ok(part.Check({ partNumber: 1, partOffset: 0 }))
  t.notOk(part.Check({ partNumber: 1, partOffset: -64 }))
  t.notOk(part.Check({ partNumber: 1, hashCtx: ['1'] }))
  t.ok(part.Check({ partNumber: 1, uploadUrl: 'http://a', partId: 'x' }), 'an answer can be echoed')
  const list = (count: number) => Array.from({ length: count }, (_, index) => ({ partNumber: (index % 10_000) + 1 }))
  for (const count of [1, 10_000]) t.ok(links.Check({ fileId: 'F', multiParts: list(count) }), `${count}`)
  for (const count of [0, 10_001]) t.notOk(links.Check({ fileId: 'F', multiParts: list(count) }), `${count}`)
  for (const length of [1, 64]) t.ok(completion.Check({ fileId: 'a'.repeat(length) }))
  for (const length of [0, 65]) t.notOk(completion.Check({ fileId: 'a'.repeat(length) }))
  t.ok(completion.Check({ fileId: 'a', sha256: 'aB'.repeat(32) }))
  t.notOk(completion.Check({ fileId: 'a', sha256: 'a'.repeat(63) }))
})

t.test('UPL-3 DEC-38: a hashCtx is eight numbers of 32 bits without a sign', async (t) => {
  const ends = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1, 255, 16]
  t.equal(hashCtxDefect(ends), undefined)
  t.same(hashCtxOf(stateOf(ends)), ends)
  t.match(hashCtxDefect(some.slice(1)), 'holds 7 numbers')
  t.match(hashCtxDefect([...some, 9]), 'holds 9 numbers')
  t.match(hashCtxDefect([2 ** 32, ...some.slice(1)]), 'above 2^32 - 1')
  t.match(hashCtxDefect([-1, ...some.slice(1)]), 'holds signed numbers; add 2^32')
  t.match(hashCtxDefect([-(2 ** 31), ...some.slice(1)]), 'holds signed numbers; add 2^32')
  t.match(hashCtxDefect([-(2 ** 31) - 1, ...some.slice(1)]), 'below 0; expected 32 bits')
})

t.test('UPL-5 DEC-38: a link carries the state as it is printed, and bits beyond 32 in nh', async (t) => {
  const decoded = (offset: number) =>
    Buffer.from(iterationHashCtx({ state: stateOf(some), offset }), 'base64').toString()
  t.equal(
    decoded(471_859_200),
    '{"md_len":32,"num":0,"h":[1,2,3,4,5,6,7,8],"nh":0,"nl":3774873600,"hash_type":"sha256"}',
  )
  t.match(decoded(512 * mebi - 64), '"nh":0,"nl":4294966784')
  t.match(decoded(512 * mebi), '"nh":1,"nl":0')
  t.match(decoded(200 * 2 ** 30), '"nh":400,"nl":0')
  t.equal(stateIn(iterationHashCtx({ state: stateOf(some), offset: 64 })), stateOf(some))
})

t.test('DEC-40: a stream goes on from any state, and its state holds the bytes of the last block alone', async (t) => {
  const bytes = bytesOf(1000)
  for (const cut of [0, 1, 63, 64, 65, 127, 128, 640, 999, 1000]) {
    const before = await hashPart(chunksOf(bytes.subarray(0, cut)), { state: initialState, offset: 0 })
    const state = before.digest?.end ?? ''
    t.equal(state.length, 64 + 2 * (cut % 64), `${cut}`)
    t.equal(state.slice(64), bytes.subarray(cut - (cut % 64), cut).toString('hex'))
    t.equal(before.digest?.sha256, hash('sha256', bytes.subarray(0, cut)))
    const after = await hashPart(chunksOf(bytes.subarray(cut)), { state, offset: cut })
    t.equal(after.digest?.sha256, hash('sha256', bytes))
    t.equal(after.etag, hash('md5', bytes.subarray(cut)))
    t.equal(after.size, 1000 - cut)
  }
  const unknown = await hashPart(chunksOf(bytes), undefined)
  t.same(unknown, { size: 1000, etag: hash('md5', bytes), digest: undefined })
})

t.test('DEC-40: streams that come at the same time do not disturb each other', async (t) => {
  const files = Array.from({ length: 8 }, (_, seed) => bytesOf(3000 + seed, seed))
  const hashed = await Promise.all(
    files.map((bytes) => hashPart(chunksOf(bytes, 97), { state: initialState, offset: 0 })),
  )
  t.same(
    hashed.map(({ digest }) => digest?.sha256),
    files.map((bytes) => hash('sha256', bytes)),
  )
})

t.test('DEC-40: a stream that breaks off throws what it broke with', async (t) => {
  async function* broken() {
    yield Buffer.from('abc')
    throw new Error('cut')
  }
  await t.rejects(hashPart(broken(), undefined), { message: 'cut' })
})

t.test('DEC-35: what nobody asked parts for is offered in as few as it takes', async (t) => {
  t.same(places(offer(undefined)), [[1, 0, undefined]])
  t.same(places(offer(0)), [[1, 0, 0]])
  t.same(places(offer(most)), [[1, 0, most]])
  t.same(places(offer(most + 1)), [
    [1, 0, most],
    [2, most, 1],
  ])
  t.equal(offer(200 * 2 ** 30).length, 40)
  t.same(
    offer(3 * most).map(({ isPlaced }) => isPlaced),
    [true, false, false],
    'only the first carries its offset, so that an echo stays sequential',
  )
})

t.test('what is asked for', async (t) => {
  const length = 30 * mebi
  const ten = { partSize: 10 * mebi }
  const ask = (parts: PartRequest[], of: number | undefined = length) => announce(upload(of), parts)
  const placesOf = (parts: PartRequest[], of = length) => places(done(ask(parts, of)).parts)

  t.test('DEC-36: links are answered by number, in whatever order they were asked for', async (t) => {
    const { asked, parts, dropped } = done(ask([3, 1, 2].map((partNumber) => ({ partNumber, ...ten }))))
    t.same(places(asked), [
      [1, 0, 10 * mebi],
      [2, 10 * mebi, 10 * mebi],
      [3, 20 * mebi, 10 * mebi],
    ])
    t.same(asked, parts)
    t.same(dropped, [])
  })

  t.test('UPL-3: every part but the last has at least 5,242,880 bytes', async (t) => {
    for (const partSize of [least, least + 1]) t.ok(done(ask([{ partNumber: 1, partSize }])))
    t.match(reasonOf(ask([{ partNumber: 1, partSize: least - 1 }])), /^body\/multiParts: part 1 has less than 5242880/)
    for (const last of [0, 1, least - 1, least]) {
      t.ok(
        placesOf(
          [
            { partNumber: 1, partSize: least },
            { partNumber: 2, partSize: last },
          ],
          least + last,
        ),
      )
    }
    t.same(placesOf([{ partNumber: 1, partSize: most }], most), [[1, 0, most]])
  })

  t.test('DEC-37: nothing reaches beyond the length', async (t) => {
    t.ok(placesOf([{ partNumber: 1, partSize: length }]))
    t.match(reasonOf(ask([{ partNumber: 1, partSize: length + 1 }])), /part 1 reaches beyond/)
    t.match(
      reasonOf(announce(announced(length, [{ partNumber: 1, partSize: 25 * mebi }]), [{ partNumber: 2, ...ten }])),
      /part 2 reaches/,
    )
  })

  t.test('DEC-36: one bad part, and none is announced; a number twice is a bad part', async (t) => {
    t.match(
      reasonOf(
        ask([
          { partNumber: 1, ...ten },
          { partNumber: 2, partSize: 1 },
        ]),
      ),
      /part 2 has less/,
    )
    t.match(
      reasonOf(
        ask([
          { partNumber: 1, ...ten },
          { partNumber: 1, ...ten },
        ]),
      ),
      /part 1 is asked for twice/,
    )
    t.match(reasonOf(ask([{ partNumber: 1, ...ten, hashCtx: [-1] }])), /part 1 has a hashCtx that holds 1 numbers/)
    t.match(reasonOf(ask([{ partNumber: 1 }])), /part 1 has no partSize \[UPL-3\]/)
  })

  t.test('UPL-3 DEC-37: sequential parts follow each other and need all lower numbers', async (t) => {
    t.match(reasonOf(ask([{ partNumber: 2, ...ten }])), /part 2 has no partOffset, so the parts of all lower numbers/)
    const two = announced(length, [{ partNumber: 1, ...ten }], [{ partNumber: 2, ...ten }])
    t.same(places(two.parts)[1], [2, 10 * mebi, 10 * mebi])
    t.match(reasonOf(announce(two, [{ partNumber: 4, partSize: 1 }])), /part 4 has no partOffset/)
  })

  t.test('UPL-3: parallel parts have offset and hashCtx both, and are multiples of 64', async (t) => {
    const at = (partOffset: number) => ({ partNumber: 2, ...ten, partOffset, hashCtx: some })
    t.same(placesOf([at(10 * mebi)]), [[2, 10 * mebi, 10 * mebi]])
    for (const off of [-1, 1, 63]) t.match(reasonOf(ask([at(10 * mebi + off)])), /partOffset that is no multiple of 64/)
    t.match(reasonOf(ask([{ ...at(10 * mebi), hashCtx: undefined }])), /a partOffset and no hashCtx/)
    t.match(reasonOf(ask([{ ...at(10 * mebi), partOffset: undefined }])), /a hashCtx and no partOffset/)
    for (const off of [-1, 1, 63]) {
      t.match(reasonOf(ask([{ ...at(10 * mebi), partSize: 9 * mebi + off }])), /partSize that is no multiple of 64/)
    }
    t.ok(placesOf([{ ...at(10 * mebi), partSize: 1 }], 10 * mebi + 1), 'the last may have any size')
  })

  t.test('DEC-37: the first part may be told from 0, and from the initial state alone', async (t) => {
    t.ok(placesOf([{ partNumber: 1, ...ten, partOffset: 0 }]))
    t.ok(placesOf([{ partNumber: 1, ...ten, partOffset: 0, hashCtx: initial }]))
    t.ok(placesOf([{ partNumber: 1, ...ten, hashCtx: initial }]))
    t.match(
      reasonOf(ask([{ partNumber: 1, ...ten, hashCtx: some }])),
      /part 1 is the first and has a hashCtx that is not/,
    )
    t.match(reasonOf(ask([{ partNumber: 1, ...ten, partOffset: 64, hashCtx: some }])), /part 1 has bytes before it/)
  })

  t.test('DEC-37: an odd first part makes the next no parallel one', async (t) => {
    const odd = announced(length, [{ partNumber: 1, partSize: 10 * mebi + 1 }])
    const next = { partNumber: 2, ...ten, hashCtx: some }
    t.match(reasonOf(announce(odd, [{ ...next, partOffset: 10 * mebi + 1 }])), /no multiple of 64/)
    t.ok(done(announce(odd, [{ partNumber: 2, ...ten }])), 'a sequential one it does')
  })

  t.test('DEC-37: numbers rise with offsets, and parallel ones may leave numbers and bytes out', async (t) => {
    const at = (partNumber: number, partOffset: number) => ({ partNumber, ...ten, partOffset, hashCtx: some })
    t.ok(placesOf([at(7, 20 * mebi)]))
    t.ok(placesOf([{ partNumber: 3, ...ten, partOffset: 0 }, at(7, 20 * mebi)]))
    const open = announced(length, [at(7, 20 * mebi)])
    t.match(reasonOf(announce(open, [at(8, 10 * mebi)])), /part 8 begins before the part before it ends/)
    t.match(reasonOf(announce(open, [at(6, 15 * mebi)])), /part 7 begins before/, 'they overlap')
    t.ok(done(announce(open, [at(6, 10 * mebi)])))
  })

  t.test('DEC-37: sequential and parallel parts mix', async (t) => {
    const parts = placesOf([
      { partNumber: 1, ...ten },
      { partNumber: 2, partOffset: 10 * mebi, ...ten, hashCtx: some },
      { partNumber: 3, ...ten },
    ])
    t.same(parts[2], [3, 20 * mebi, 10 * mebi])
  })

  t.test('DEC-37: an empty part may trail; the one before it is no longer the last', async (t) => {
    const whole = [{ partNumber: 1, partSize: least }]
    t.same(placesOf([...whole, { partNumber: 2, partSize: 0 }], least)[1], [2, least, 0])
    t.match(
      reasonOf(
        ask(
          [
            { partNumber: 1, partSize: least - 1 },
            { partNumber: 2, partSize: 0 },
          ],
          least - 1,
        ),
      ),
      /part 1 has less/,
    )
    t.match(
      reasonOf(ask([...whole, { partNumber: 2, partSize: 0 }, { partNumber: 3, partSize: 0 }], least)),
      /part 2 has less/,
    )
    t.same(placesOf([{ partNumber: 1, partSize: 0 }], 0), [[1, 0, 0]], 'an empty file is one empty part')
  })

  t.test(
    'DEC-35: without length there is one part, and a size that was given once stays until another is',
    async (t) => {
      const open = upload(undefined, offer(undefined))
      t.match(reasonOf(announce(open, [{ partNumber: 1 }, { partNumber: 2 }])), /several parts need the file's length/)
      t.match(reasonOf(announce(open, [{ partNumber: 2 }])), /several parts need/)
      t.match(reasonOf(ask([{ partNumber: 2, partOffset: 64, hashCtx: some }], undefined)), /^body/)
      t.match(
        reasonOf(announce(upload(undefined), [{ partNumber: 2, partOffset: 64, hashCtx: some }])),
        /part 2 has bytes before it/,
      )
      const sized = announced(undefined, [{ partNumber: 1 }], [{ partNumber: 1, partSize: 5 }])
      t.same(places(done(announce(sized, [{ partNumber: 1 }])).asked), [[1, 0, 5]])
      t.same(places(done(announce(sized, [{ partNumber: 1, partSize: 7 }])).asked), [[1, 0, 7]])
      const came = await send(sized, 1, bytesOf(5))
      t.same(done(announce(came, [{ partNumber: 1 }])).dropped, [])
      t.same(done(announce(came, [{ partNumber: 1, partSize: 7 }])).dropped, [1], 'what came with another size goes')
      const unsized = await send(open, 1, bytesOf(5))
      t.same(done(announce(unsized, [{ partNumber: 1 }])).dropped, [])
      t.same(assemble(unsized, untold), { size: 5, sha256: hash('sha256', bytesOf(5)) })
    },
  )

  t.test('DEC-35: what was only offered gives way to what is asked for', async (t) => {
    const open = upload(2 * most + 1, offer(2 * most + 1))
    const echoed = done(announce(open, [{ partNumber: 2, partSize: most }]))
    t.equal(echoed.parts.length, 3, 'a part that is as offered leaves the others')
    t.same(places(done(announce(open, [{ partNumber: 1, ...ten }])).parts), [[1, 0, 10 * mebi]])
    const ahead = { partNumber: 3, partOffset: 20 * mebi, ...ten, hashCtx: some }
    t.same(places(done(announce(upload(length, offer(length)), [ahead])).parts), [[3, 20 * mebi, 10 * mebi]])
    t.match(reasonOf(announce(upload(length, offer(length)), [{ partNumber: 2, ...ten }])), /part 2 reaches beyond/)
  })

  t.test('DEC-33: parts that did not come yet may be resized; parts that came may not', async (t) => {
    const open = announced(
      length,
      [1, 2, 3].map((partNumber) => ({ partNumber, ...ten })),
    )
    const resized = done(
      announce(open, [
        { partNumber: 2, partSize: 6 * mebi },
        { partNumber: 3, partSize: 14 * mebi },
      ]),
    )
    t.same(places(resized.parts).slice(1), [
      [2, 10 * mebi, 6 * mebi],
      [3, 16 * mebi, 14 * mebi],
    ])
    const bytes = bytesOf(10 * mebi)
    const came = await send(await send(open, 1, bytes), 2, bytes)
    t.match(reasonOf(announce(came, [{ partNumber: 2, partSize: 6 * mebi }])), /part 2 is stored with another size/)
    t.match(reasonOf(announce(came, [{ partNumber: 1, partSize: 9 * mebi }])), /part 1 is stored with another size/)
    t.ok(done(announce(came, [{ partNumber: 2, ...ten }])), 'a fresh link is no change')
  })
})

t.test('UPL-2 UPL-4: the parts that the pages print are taken', async (t) => {
  const single = announced(22_106_481, [{ partNumber: 1, partSize: 22_106_481, partOffset: 0 }])
  t.same(places(single.parts), [[1, 0, 22_106_481]])
  const further = [46, 47].map((partNumber) => ({
    partNumber,
    partSize: 10_485_760,
    partOffset: (partNumber - 1) * 10_485_760,
    hashCtx: some,
  }))
  t.same(places(announced(2 ** 30, further).parts), [
    [46, 471_859_200, 10_485_760],
    [47, 482_344_960, 10_485_760],
  ])
})

t.test('UPL-3: a file of 10,000 parts is announced', async (t) => {
  const asked = Array.from({ length: 10_000 }, (_, index) => ({ partNumber: index + 1, partSize: least }))
  const { parts } = done(announce(upload(10_000 * least), asked))
  t.same(places(parts.slice(-1)), [[10_000, 9_999 * least, least]])
})

t.test('a hashCtx is held against what came', async (t) => {
  const length = 3 * least
  const bytes = bytesOf(length)
  const cut = (number: number) => bytes.subarray((number - 1) * least, number * least)
  const after = async (parts: number) => ctxAfter(bytes.subarray(0, parts * least))
  const at = async (partNumber: number, hashCtx?: number[]): Promise<PartRequest> => ({
    partNumber,
    partSize: least,
    partOffset: (partNumber - 1) * least,
    hashCtx: hashCtx ?? (partNumber === 1 ? undefined : await after(partNumber - 1)),
  })
  const open = announced(length, [await at(1), await at(2), await at(3)])

  t.test('DEC-39: one that is not what the part before ended in is refused, and both are suspected', async (t) => {
    const came = await send(open, 1, cut(1))
    t.ok(done(announce(came, [await at(2)])))
    t.equal(
      reasonOf(announce(came, [await at(2, some)])),
      'body/multiParts: part 2 has a hashCtx that is not the state after part 1: it is wrong, or that part was sent with other bytes [UPL-3 DEC-39]',
    )
    t.match(reasonOf(announce(await send(open, 1, cut(2)), [await at(2)])), /is not the state after part 1/)
  })

  t.test('DEC-39: it is not judged where the part before is absent, renewed, or not sure itself', async (t) => {
    t.ok(done(announce(open, [await at(2, some)])))
    const came = await send(open, 1, cut(1))
    t.ok(done(announce(came, [await at(1), await at(2, some)])), 'part 1 is renewed')
    t.ok(done(announce(came, [await at(3, some)])), 'part 2 is absent')
    const unsure = await send(came, 2, cut(2), stateOf(some))
    t.ok(done(announce(unsure, [await at(3, some)])), 'part 2 does not chain')
    t.match(reasonOf(announce(await send(came, 2, cut(2)), [await at(3, some)])), /not the state after part 2/)
    const gap = announced(length, [await at(1), await at(3)])
    t.ok(done(announce(await send(gap, 1, cut(1)), [await at(3, some)])), 'bytes are left out')
  })

  t.test(
    'DEC-38: it belongs to the link: another may be asked for, and a part is hashed from that of its own link',
    async (t) => {
      const again = done(announce(open, [await at(2, some)]))
      t.equal(again.asked[0]?.hashCtx, stateOf(some))
      const part = again.asked[0]
      t.same(part && startOf(open, part, initialState), { state: initialState, offset: least })
    },
  )
})

t.test('an open upload is announced again', async (t) => {
  const length = 30 * mebi
  const ten = { partSize: 10 * mebi }
  const tens = [1, 2, 3].map((partNumber) => ({ partNumber, ...ten }))
  const came = await send(announced(length, tens), 1, bytesOf(10 * mebi))

  t.test('DEC-33: without parts, links of all announced ones are answered, of those that came too', async (t) => {
    const { parts, asked, dropped } = done(announceAgain(came, undefined))
    t.same([asked, parts, dropped], [came.parts, came.parts, []])
  })

  t.test(
    'DEC-33: parts that fit leave the plan as it is, so that a first page of links costs no part that came',
    async (t) => {
      const { parts, asked, dropped } = done(announceAgain(came, tens.slice(1, 2)))
      t.same(places(parts), places(came.parts))
      t.same(places(asked), [[2, 10 * mebi, 10 * mebi]])
      t.same(dropped, [])
      const beginning = announced(length, tens.slice(0, 1))
      t.equal(done(announceAgain(beginning, tens)).parts.length, 3, 'or go on from it')
    },
  )

  t.test('DEC-33: other parts replace the plan; of those that came, the same ones stay', async (t) => {
    const both = await send(came, 2, bytesOf(10 * mebi))
    const other = [tens[0], { partNumber: 2, partSize: 20 * mebi }].filter((part) => part !== undefined)
    const resumed = done(announceAgain(both, other))
    t.same(places(resumed.parts), [
      [1, 0, 10 * mebi],
      [2, 10 * mebi, 20 * mebi],
    ])
    t.same(resumed.dropped, [2])
    const fewer = done(announceAgain(announced(length, tens), [{ partNumber: 1, partSize: 6 * mebi }]))
    t.same(places(fewer.parts), [[1, 0, 6 * mebi]], 'though the others would still fit')
    const moved = { partNumber: 2, ...ten, partOffset: 20 * mebi, hashCtx: some }
    t.same(done(announceAgain(both, [moved])).dropped, [1, 2])
    const between = { partNumber: 4, ...ten, partOffset: 15 * mebi + 64, hashCtx: some }
    t.same(
      places(done(announceAgain(came, [between])).parts),
      [[4, 15 * mebi + 64, 10 * mebi]],
      'what overlaps is other',
    )
  })

  t.test('DEC-33: a wrong hashCtx is refused and replaces nothing', async (t) => {
    const next = { partNumber: 2, ...ten, partOffset: 10 * mebi, hashCtx: some }
    t.match(reasonOf(announceAgain(came, [next])), /part 2 has a hashCtx that is not the state after part 1/)
    t.match(reasonOf(announceAgain(came, [{ partNumber: 1, partSize: 1 }])), /part 1 has less/)
  })

  t.test('DEC-33: a length that was absent is filled in', async (t) => {
    const open = upload(undefined, offer(undefined))
    t.same(places(withLength(open, 5).parts), [[1, 0, 5]])
    t.same(places(withLength(open, most + 1).parts), places(offer(most + 1)))
    t.same(places(withLength(announced(undefined, [{ partNumber: 1, partSize: 5 }]), 5).parts), [[1, 0, 5]])
    const full = await send(open, 1, bytesOf(5))
    t.same(places(withLength(full, 5).parts), [[1, 0, 5]])
    t.ok(assemble(withLength(full, 5), untold))
    for (const size of [3, 7]) {
      const other = withLength(await send(open, 1, bytesOf(size)), 5)
      t.same(places(other.parts), [[1, 0, 5]], 'what does not fit gives way to an offer')
      t.match(reasonOf(assemble(other, untold)), 'missing: part 1')
      t.same(done(announceAgain(other, undefined)).dropped, [1])
    }
  })
})

/** A file cut into small parts: what puts parts together does not ask how large they are. */
function cutAt(bytes: Uint8Array, cuts: readonly number[]) {
  const ends = [...cuts, bytes.length]
  return ends.map((end, index) => {
    const partOffset = ends[index - 1] ?? 0
    return { partNumber: index + 1, partOffset, bytes: bytes.subarray(partOffset, end) }
  })
}

type Piece = ReturnType<typeof cutAt>[number]

/** The upload of these pieces, those of `parallel` with their right hashCtx. */
async function planned(bytes: Uint8Array, pieces: readonly Piece[], parallel: (piece: Piece) => boolean) {
  const parts: PlannedPart[] = []
  for (const piece of pieces) {
    const isPlaced = piece.partNumber > 1 && parallel(piece)
    const hashCtx = isPlaced ? stateOf(await ctxAfter(bytes.subarray(0, piece.partOffset))) : undefined
    const { partNumber, partOffset } = piece
    parts.push({ partNumber, partOffset, partSize: piece.bytes.length, hashCtx, isPlaced, isOffered: false })
  }
  return upload(bytes.length, parts)
}

async function sendAll(open: OpenUpload, pieces: readonly Piece[]): Promise<OpenUpload> {
  let after = open
  for (const { partNumber, bytes } of pieces) after = await send(after, partNumber, bytes)
  return after
}

const everyPart = () => true
const noPart = () => false

t.test('UPL-6 DEC-40: parts that came in any order have the digest of one pass', async (t) => {
  const files = fc
    .record({ blocks: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 0, maxLength: 8 }), rest: fc.nat(130) })
    .chain(({ blocks, rest }) => {
      const count = blocks.length + 1
      const order = fc.shuffledSubarray([...Array(count).keys()], { minLength: count })
      return fc.record({ blocks: fc.constant(blocks), rest: fc.constant(rest), order, seed: fc.nat() })
    })
  await fc.assert(
    fc.asyncProperty(files, async ({ blocks, rest, order, seed }) => {
      const cuts = blocks.map((_, index) => 64 * blocks.slice(0, index + 1).reduce((sum, count) => sum + count, 0))
      const bytes = bytesOf((cuts.at(-1) ?? 0) + rest, seed)
      const pieces = cutAt(bytes, cuts)
      const open = await planned(bytes, pieces, everyPart)
      const sent = await sendAll(
        open,
        order.flatMap((index) => pieces[index] ?? []),
      )
      t.same(assemble(sent, toldFor(bytes)), { size: bytes.length, sha256: hash('sha256', bytes) })
    }),
    { numRuns: 60 },
  )
})

t.test('DEC-40: sequential parts may have any size', async (t) => {
  const bytes = bytesOf(1000)
  const pieces = cutAt(bytes, [1, 64, 129, 700, 763])
  const sent = await sendAll(await planned(bytes, pieces, noPart), pieces)
  t.same(assemble(sent, toldFor(bytes)), { size: 1000, sha256: hash('sha256', bytes) })
})

/** With one bit turned. */
function flipped(bytes: Uint8Array, place: number): Buffer {
  const copy = Buffer.from(bytes)
  const bit = place % (copy.length * 8)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}

t.test('one thing is wrong', async (t) => {
  const bytes = bytesOf(64 * 12, 7)
  const pieces = cutAt(
    bytes,
    [1, 3, 4, 8].map((block) => 64 * block),
  )
  const right = await sendAll(await planned(bytes, pieces, everyPart), pieces)
  const turned = fc.record({ piece: fc.constantFrom(...pieces), place: fc.nat() })

  t.test('DEC-42: one flipped bit is blamed on the part that has it', async (t) => {
    const expected = (number: number): string =>
      number === pieces.length
        ? `the file has another SHA-256 than it should have, though every hashCtx agrees: part ${number} or that sha256 is wrong`
        : `part ${number} has other bytes than the hashCtx of part ${number + 1} says`
    await fc.assert(
      fc.asyncProperty(turned, async ({ piece, place }) => {
        const sent = await send(right, piece.partNumber, flipped(piece.bytes, place))
        t.equal(reasonOf(assemble(sent, toldFor(bytes))), `${expected(piece.partNumber)} [DEC-42]`)
      }),
      { numRuns: 40 },
    )
  })

  t.test('DEC-42: one flipped bit in a hashCtx is blamed on that hashCtx', async (t) => {
    await fc.assert(
      fc.asyncProperty(turned, async ({ piece, place }) => {
        const { partNumber } = piece
        const hashCtx = right.parts[partNumber - 1]?.hashCtx
        fc.pre(hashCtx !== undefined)
        const wrong = flipped(Buffer.from(hashCtx, 'hex'), place).toString('hex')
        const sent = await send(right, partNumber, piece.bytes, wrong)
        t.equal(reasonOf(assemble(sent, toldFor(bytes))), `the hashCtx of part ${partNumber} is wrong [DEC-42]`)
      }),
      { numRuns: 40 },
    )
  })

  t.test('DEC-42: where no sha256 tells, the last hashCtx and the bytes before it are both named', async (t) => {
    const sent = await send(right, 4, flipped(pieces[3]?.bytes ?? bytes, 0))
    t.equal(
      reasonOf(assemble(sent, untold)),
      'part 4 has other bytes than the hashCtx of part 5 says, or that hashCtx is wrong; a sha256 would tell [DEC-42]',
    )
    t.same(assemble(right, untold), { size: 768, sha256: hash('sha256', bytes) }, 'what was never told cannot differ')
  })

  t.test('DEC-42: all that is to blame is named at once', async (t) => {
    const two = await send(await send(right, 1, flipped(pieces[0]?.bytes ?? bytes, 0)), 4, bytesOf(64 * 4))
    t.equal(
      reasonOf(assemble(two, toldFor(bytes))),
      'part 1 has other bytes than the hashCtx of part 2 says, part 4 has other bytes than the hashCtx of part 5 says [DEC-42]',
    )
    const ends = await send(await send(right, 1, flipped(pieces[0]?.bytes ?? bytes, 0)), 5, bytesOf(64 * 4))
    t.match(reasonOf(assemble(ends, toldFor(bytes))), 'part 5 has other bytes than sha256 says')
  })
})

t.test('a file is not complete', async (t) => {
  const bytes = bytesOf(64 * 8)
  const pieces = cutAt(
    bytes,
    [1, 2, 3, 4, 5, 6, 7].map((block) => 64 * block),
  )
  const [first, second, third, fourth, fifth, ...others] = pieces
  const of = (...some: (Piece | undefined)[]) => some.filter((piece) => piece !== undefined)
  const sequential = await planned(bytes, pieces, noPart)
  const parallel = await planned(bytes, pieces, everyPart)
  const reason = (open: OpenUpload, told = toldFor(bytes)) => reasonOf(assemble(open, told))

  t.test('DEC-42: missing parts are named as ranges', async (t) => {
    t.equal(reason(parallel), 'missing: parts 1-8 [DEC-42]')
    t.equal(reason(await sendAll(parallel, of(first, fifth))), 'missing: parts 2-4, 6-8 [DEC-42]')
    t.equal(reason(await sendAll(parallel, of(first, second, third, fourth, ...others))), 'missing: part 5 [DEC-42]')
    t.equal(reason(upload(undefined)), 'no part was announced [DEC-42]')
  })

  t.test('DEC-42: of more ranges than a reason has room for, it says how many parts it leaves out', async (t) => {
    const parts = Array.from({ length: 10_000 }, (_, index) => ({
      ...offer(1)[0],
      partNumber: index + 1,
      partOffset: index,
      partSize: 1,
    }))
    const plan = parts.flatMap((part) =>
      part.hashCtx === undefined ? [{ ...part, hashCtx: undefined, isPlaced: true, isOffered: false }] : [],
    )
    const came: StoredPart = { size: 1, etag: '', hasHashCtx: true, digest: { start: '', end: '', sha256: '' } }
    const stored = new Map(plan.filter((_, index) => index % 2 === 0).map(({ partNumber }) => [partNumber, came]))
    t.match(
      reason({ length: 10_000, parts: plan, stored }),
      /^missing: parts 2, 4, 6, .*, 140 and 4930 more \[DEC-42\]$/,
    )
  })

  t.test(
    'DEC-40: a part that came before the one before it must come again, and so must what came behind it',
    async (t) => {
      const sent = await sendAll(sequential, of(first, third, fourth, second, fifth))
      t.equal(
        reason(sent),
        'missing: parts 6-8; to be sent again: parts 3-5, for without hashCtx a part counts only if it comes after the part before it (UPL-3) [DEC-42]',
      )
      t.same(assemble(await sendAll(sent, of(third, fourth, fifth, ...others)), toldFor(bytes)), {
        size: 512,
        sha256: hash('sha256', bytes),
      })
    },
  )

  t.test(
    'DEC-40: the same bytes again change nothing; others make all later ones without hashCtx come again',
    async (t) => {
      const sent = await sendAll(sequential, pieces)
      t.notOk(hasRefused(assemble(await sendAll(sent, of(second)), toldFor(bytes))))
      const other = await send(sent, 2, bytesOf(64, 5))
      t.match(reason(other), 'to be sent again: parts 3-8, ')
      const mixed = await planned(bytes, pieces, ({ partNumber }) => partNumber === 5)
      t.match(
        reason(await send(await sendAll(mixed, pieces), 2, bytesOf(64, 5))),
        'again: parts 3-4, 6-8, ',
        'all of them',
      )
    },
  )

  t.test(
    'DEC-40: a part whose start is not where the part before it ends must come again, whatever led to it',
    async (t) => {
      const sent = await sendAll(sequential, pieces)
      const came = sent.stored.get(2)
      const stored = new Map(sent.stored)
      if (came?.digest) stored.set(2, { ...came, digest: { ...came.digest, end: stateOf(some) } })
      t.match(reason({ ...sent, stored }), 'to be sent again: parts 3-8, ')
    },
  )

  t.test('DEC-40: a part that came keeps where it began while the one before it is away', async (t) => {
    const sent = await sendAll(sequential, pieces)
    const stored = new Map(sent.stored)
    stored.delete(2)
    t.equal(reason({ ...sent, stored }), 'missing: part 2 [DEC-42]')
    const again = await sendAll({ ...sent, stored }, of(third, second))
    t.same(assemble(again, toldFor(bytes)), { size: 512, sha256: hash('sha256', bytes) })
  })

  t.test('DEC-40: behind bytes that are left out nothing is known of where a part begins', async (t) => {
    const parts = sequential.parts.filter(({ partNumber }) => partNumber !== 2)
    const [, part = offer(0)[0]] = parts
    const sent = await send({ ...sequential, parts }, 1, bytes.subarray(0, 64))
    t.equal(part && startOf(sent, part, undefined), undefined)
  })

  t.test('DEC-33: what came with another size than is announced now is missing', async (t) => {
    t.match(
      reason(
        await sendAll(sequential, of(...pieces.slice(0, 7), { partNumber: 8, partOffset: 448, bytes: bytesOf(65) })),
      ),
      'missing: part 8',
    )
  })

  t.test('DEC-42: bytes that were never announced are named, with the number to announce them under', async (t) => {
    const some = { ...parallel, parts: parallel.parts.filter(({ partNumber }) => [3, 5].includes(partNumber)) }
    t.equal(
      reason(await sendAll(some, of(third, fifth))),
      'never announced: bytes 0-127 (too few for a part), bytes 192-255 (too few for a part), bytes 320-511 (as part 6); announce the file again [DEC-42]',
    )
    const close = { ...some, parts: some.parts.map((part, index) => ({ ...part, partNumber: index === 0 ? 3 : 4 })) }
    t.match(
      reason(close),
      'missing: parts 3-4; never announced: bytes 0-127 (too few for a part), bytes 192-255 (no number is left there), bytes 320-511 (as part 5); announce',
    )
    const full = {
      ...some,
      parts: some.parts.map((part, index) => ({ ...part, partNumber: index === 0 ? 3 : 10_000 })),
    }
    t.match(reason(full), 'bytes 320-511 (no number is left there); announce the file again')
  })

  t.test(
    'DEC-42: parts behind a wrong hashCtx come again with it, and bytes that are wrong are in one of a run',
    async (t) => {
      const mixed = await planned(bytes, pieces, ({ partNumber }) => [3, 6].includes(partNumber))
      const sent = await sendAll(mixed, pieces)
      const wrong = await sendAll(await send(sent, 3, third?.bytes ?? bytes, stateOf(some)), of(fourth, fifth))
      t.equal(
        reason(wrong),
        'the hashCtx of part 3 is wrong, and parts 4-5 behind it must be sent again with it [DEC-42]',
      )
      const other = await sendAll(await send(sent, 4, bytesOf(64, 5)), of(fifth, ...others))
      t.equal(reason(other), 'one of parts 3-5 has other bytes than the hashCtx of part 6 says [DEC-42]')
      const end = await send(sent, 8, bytesOf(64, 5))
      t.match(reason(end), 'though every hashCtx agrees: parts 6-8 or that sha256 is wrong')
    },
  )

  t.test('DEC-42: where only the whole differs and no part can be named, the reason says that', async (t) => {
    const sent = await sendAll(sequential, pieces)
    t.equal(
      reason(sent, { ...untold, called: hash('sha256', 'other') }),
      'the file has another SHA-256 than it should have; which part is wrong cannot be told [DEC-42]',
    )
    const one = cutAt(bytes, [])
    const alone = await sendAll(await planned(bytes, one, noPart), one)
    t.equal(
      reason(alone, { ...untold, called: hash('sha256', 'other') }),
      'the file has another SHA-256 than it should have: its one part or that sha256 is wrong [DEC-42]',
      'of one part there is nothing else to tell',
    )
  })

  t.test('DEC-42: an announced and a called sha256 that differ are said to', async (t) => {
    const sent = await sendAll(parallel, pieces)
    const right = hash('sha256', bytes)
    const wrong = hash('sha256', 'other')
    const said = (announcedOne: string, called: string) => reason(sent, { announced: announcedOne, called })
    t.match(said(right, wrong), 'the sha256 of this call is not the one announced; the file has the announced one')
    t.match(said(wrong, right), 'is not the one announced; the file has that of this call')
    t.match(said(wrong, hash('sha256', 'third')), 'is not the one announced; the file has neither')
    t.match(said(wrong, wrong), 'part 8 or that sha256 is wrong')
  })

  t.test(
    'DEC-42: what must be sent comes before what does not chain, that before the size, that before the digest',
    async (t) => {
      const wrong = { ...untold, called: hash('sha256', 'other') }
      const unchained = await send(await sendAll(parallel, pieces.slice(0, 7)), 2, bytesOf(64, 5))
      t.match(reason(unchained, wrong), /^missing: part 8 /)
      const longer = { ...(await sendAll(unchained, of(others.at(-1)))), length: 500 }
      t.match(reason(longer, wrong), /^part 2 has other bytes/)
      const chained = await sendAll(longer, of(second))
      t.match(reason(chained, wrong), /^the file has 512 bytes/)
      t.match(reason({ ...chained, length: 512 }, wrong), /^the file has another SHA-256/)
      t.match(reason({ ...chained, length: undefined }, wrong), /^the file has another SHA-256/)
    },
  )
})

t.test('DEC-37: an empty part that trails changes no digest', async (t) => {
  const bytes = bytesOf(128)
  const parts = [...cutAt(bytes, [64]), { partNumber: 3, partOffset: 128, bytes: bytes.subarray(128) }]
  for (const parallel of [everyPart, noPart]) {
    const sent = await sendAll(await planned(bytes, parts, parallel), parts)
    t.same(assemble(sent, toldFor(bytes)), { size: 128, sha256: hash('sha256', bytes) })
  }
  const empty = await sendAll(
    await planned(bytes.subarray(0, 0), cutAt(bytes.subarray(0, 0), []), noPart),
    cutAt(bytes.subarray(0, 0), []),
  )
  t.same(assemble(empty, untold), { size: 0, sha256: hash('sha256', '') })
})
