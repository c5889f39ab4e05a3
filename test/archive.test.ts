import { execFileSync, spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import type { Test } from 'tap'
import t from 'tap'
import { archiveType, largestArchive, largestHead } from '../schemas/archive.ts'
import { ArchiveFile, archiveFrom } from '../src/control/archives.ts'
import type { SettingTexts } from '../src/settings/settings.ts'
import { openImage } from '../src/store/image.ts'
import { migrations } from '../src/store/migrations.ts'
import { lastIdMillis, lastMillis, snowflake } from '../src/store/snowflake.ts'
import { archiveOf as archiveIn } from '../src/world/archive.ts'
import type { World } from '../src/world/world.ts'
import type { Control } from './fixtures/control.ts'
import { controlFor, fill, tablesOf, traffic } from './fixtures/control.ts'
import { emulatorFor, exampleDevice, exampleUser, noon } from './fixtures/emulator.ts'
import { inside } from './fixtures/inside.ts'
import { onPosix, startProcess } from './fixtures/process.ts'

interface Archived {
  readonly head: Record<string, unknown>
  readonly images: Buffer
}

/** The archive of a world, as it is handed out. */
async function archiveOf({ server }: Pick<Control, 'server'>, name: string, query = ''): Promise<Buffer> {
  const answer = await server.inject(`/_emulator/worlds/${name}/archive${query}`)
  if (answer.statusCode !== 200) throw new Error(answer.body)
  return answer.rawPayload
}

async function adopt({ server }: Pick<Control, 'server'>, name: string, archive: Buffer | string) {
  const answer = await server.inject({ method: 'PUT', url: `/_emulator/worlds/${name}/archive`, payload: archive })
  return { status: answer.statusCode, body: answer.json() }
}

function apart(archive: Buffer): Archived {
  const end = archive.indexOf('\n')
  return { head: JSON.parse(archive.subarray(0, end).toString()), images: archive.subarray(end + 1) }
}

const together = ({ head, images }: Archived): Buffer =>
  Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), images])

/** The same archive with another world's image in it, as it would be said to be. */
function withImage(archive: Buffer, image: Buffer): Buffer {
  const { head } = apart(archive)
  const place = { bytes: image.length, sha256: hash('sha256', image) }
  return together({ head: { ...head, snapshots: [], image: place }, images: image })
}

/** A latency has to come to its end: nothing else keeps the process alive. */
function keepAlive(t: Test): void {
  const beat = setInterval(() => undefined, 1000)
  t.teardown(() => clearInterval(beat))
}

/** What a world has in every field: settings of its own, clocks that were moved, snapshots, faults that counted, a journal. */
async function wholeWorld(t: Test, texts: SettingTexts = {}): Promise<Control> {
  keepAlive(t)
  const emulator = await controlFor(t, texts)
  const settings = {
    devices: 'adopt',
    auth: 'known',
    scopesPerModule: 50,
    worker: 9,
    random: 5,
    completion: 'explicit',
  }
  const scopes = [
    { moduleCode: '102', scopeId: String(snowflake(noon + 1e9, 9, 0)), localPath: '/from-a-time-to-come' },
  ]
  const users = { [exampleUser]: { devices: [{ deviceId: 'd', machineCode: 'm', scopes }] } }
  const seed = { apps: [{ appId: 'of-the-seed', appSecret: 'canary-of-the-seed' }], users }
  const config = {
    moduleCode: '102',
    configName: 'backend_backup_switch',
    initialValue: '101test2value',
    description: '',
  }
  const whole = { ...seed, configCatalogue: [config], tokens: [{ token: 'canary-token', userId: exampleUser }] }
  await emulator.turn('PUT', '/worlds/t1', {
    ...settings,
    errorStatus: 'ok',
    changes: true,
    unkind: { seed: 3 },
    seed: whole,
  })
  emulator.time.now += 1000
  await fill(emulator, 't1')
  await emulator.turn('POST', '/worlds/t1/snapshots/a')
  await emulator.turn('PATCH', '/worlds/t1/clock', { frozen: true, skew: '-PT1M', signing: 'state' })
  await emulator.turn('POST', '/worlds/t1/snapshots/b')
  await emulator.turn('POST', '/worlds/t1/snapshots/b/restore')
  for (const effect of [
    { type: 'throttle', perSecond: 1 },
    { type: 'latency', min: 0, max: 1 },
  ]) {
    const fault = { operations: ['listBoundDevice'], when: { probability: 0.9 }, effect }
    await emulator.turn('POST', '/worlds/t1/faults', fault)
  }
  for (let count = 0; count < 4; count += 1) {
    await emulator.of('t1', 'GET', '/device', undefined, { authorization: 'Bearer a-token' })
  }
  const long = { moduleCode: '102', note: 'x'.repeat(17_000) }
  await emulator.of('t1', 'POST', `/device/${exampleDevice}/scope`, long, { authorization: 'Bearer a-token' })
  emulator.named('t1').journal.drop()
  return emulator
}

/** Not followed: the rows, which are compared as they lie there, and what belongs to the server or to others. */
const leftOut: Readonly<Record<string, RegExp>> = {
  'rows and images, compared as such': /^\.store$|\.image$/,
  'the seed is in the row of the world': /^\.seed\.document$/,
  'the catalogue of refusals is the server’s': /^\.errors$/,
  'how lists are continued follows from the settings': /^\.cursors$/,
  'of all journals of a process': /\.#budget$/,
  'whoever counts on in its place once it is over': /\.#heir$/,
  'who listens, listens to the name': /\.#listeners$/,
  'the headers that came last, kept once': /\.#lastHeaders$/,
  'who holds it and whether it is over, of this process': /^\.#(holders|isOver|isStoreShared|lastUsedAt)$/,
}

/** What is another value afterwards, and why. */
const changed: Readonly<Record<string, string>> = {
  '.own.auth': 'all settings are its own, wherever it goes',
  '.own.devices': 'likewise',
  '.own.errorStatus': 'likewise',
  '.own.completion': 'likewise',
  '.own.scopesPerModule': 'likewise',
  '.own.worker': 'likewise',
  '.own.random': 'likewise',
  '.own.unkind.seed': 'likewise',
  '.own.changes': 'likewise',
  '.seeded': 'this start planted no seed',
  '.notes.#latest.changes': 'what was changed last is in the journal',
  '.notes.#lastRestored': 'that something is not known is carried along, why it is not is of this process',
  '.journal.#lastGone': 'what no entry tells of is not known elsewhere',
  '.journal.generation': 'which journal of this process it is',
  '.journal.#entries[].connection': 'connections of another process are numbered below zero',
  '.journal.#entries[].clockMoved': 'moves of the clock are counted by each process, this one from the newest entry on',
  '.clock(moved)': 'likewise',
}

/** What has the same value afterwards, and is another in a world that was just begun. */
const carried = [
  '.settings.auth',
  '.settings.errorStatus',
  '.settings.scopesPerModule',
  '.settings.worker',
  '.settings.random',
  '.settings.unkind.seed',
  '.seed.choice',
  '.createdAt',
  '.clock(state).frozenAt',
  '.clock(state).skew',
  '.clock(state).signing',
  '.ids(worker)',
  '.ids(position).lastMillis',
  '.ids(position).lastSequence',
  '.ids(reserved){}.value',
  '.ids(reserved).length',
  '.random(words)[]',
  '.settings.changes',
  '.unkindness.random(words)[]',
  '.snapshots.length',
  '.snapshots{}.key',
  '.snapshots{}.value.clock.frozenAt',
  '.snapshots{}.value.instant',
  '.snapshots{}.value.takenAt',
  '.faults.#made',
  '.faults.#random(words)[]',
  '.faults.#chance',
  '.faults.#faults.length',
  '.faults.#faults{}.value.matched',
  '.faults.#faults{}.value.hits',
  '.faults.#seconds{}.value.second',
  '.faults.#seconds{}.value.count',
  '.journal.#entries.length',
  '.journal.#entries[].id',
  '.journal.#nextId',
  '.journal.#dropped',
  '.journal.#restorations[]',
  '.journal.#lastId',
  '.notes.#latest.order',
  '.coverage.#requests',
  '.coverage.#met.length',
  '.coverage.#met{}.value',
  '.coverage.#calls.length',
  '.coverage.#calls{}.value',
  '.journal.#bytes',
] as const

/** What has the same value afterwards and is the same, or need not be there, in a world that was just begun. */
const steady: readonly RegExp[] = [
  /^\.(name|settings\.(devices|completion))$/,
  /^\.clock\(state\)\.offset$/,
  /^\.(unkindness\.random|random|faults\.#random)\(words\)\.length$/,
  /^\.unkindness\.(pages|order|fields|latencyMs|cursors)$/,
  /^\.snapshots\{\}\.value\.clock\./,
  /^\.faults\.#faults\{\}\.(key$|value\.)/,
  /^\.faults\.#seconds(\.length$|\{\}\.key\.)/,
  /^\.notes\.#((devices|pending)\.length|lastUnknown|latest\.omitted)$/,
  /^\.coverage\.#(met|calls)\{\}\.key/,
  /^\.journal\.#restorations\.length$/,
  /^\.journal\.#entries(\.length$|\[\]\.)/,
]

const placeless = (path: string): string => path.replace(/\{\d+\}/g, '{}').replace(/\.\d+(?=\.|$)/g, '[]')

const contentOf = (world: World) => inside(world, (path) => Object.values(leftOut).some((form) => form.test(path)))

t.test('every field of a world is archived, or in the list of what is not', async (t) => {
  const emulator = await wholeWorld(t)
  const elsewhere = await controlFor(t)
  elsewhere.time.now = emulator.time.now
  const fresh = await controlFor(t)
  const before = contentOf(emulator.named('t1'))
  elsewhere.worlds.adopt('t1', archiveIn(emulator.named('t1')))
  const after = contentOf(elsewhere.named('t1'))
  const untouched = contentOf(fresh.worlds.use('t1'))
  const differing = new Set<string>()
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const place = placeless(path)
    const isSame = before.get(path) === after.get(path) && before.has(path) === after.has(path)
    if (place in changed) continue
    t.ok(isSame, `${path} is archived, or in the list`)
    t.ok(carried.some((one) => one === place) || steady.some((form) => form.test(place)), `${path} is known`)
    if (before.get(path) !== untouched.get(path)) differing.add(place)
  }
  for (const place of carried) t.ok(differing.has(place), `${place} was put to the test`)
  const connections = (content: typeof after) =>
    [...content].filter(([path]) => placeless(path).endsWith('.connection')).map(([, value]) => Number(value))
  t.same(
    connections(after),
    connections(before).map((number) => -number),
  )
  fresh.worlds.adopt('t1', archiveIn(elsewhere.named('t1')))
  t.same(connections(contentOf(fresh.named('t1'))), connections(after), 'and stay what they are from then on')
})

t.test('every table of a world is archived with all its rows; without secrets, all but credentials', async (t) => {
  const emulator = await wholeWorld(t)
  const elsewhere = await controlFor(t)
  elsewhere.time.now = emulator.time.now
  const snapshotTables = (world: World) =>
    [...world.snapshots].map(([label, { image }]) => [label, tablesOf({ store: { image: () => image } } as World)])
  elsewhere.worlds.adopt('t1', archiveIn(emulator.named('t1')))
  const rows = tablesOf(emulator.named('t1'))
  for (const [table, found] of Object.entries(rows)) t.ok(found.length > 0, `${table} was filled`)
  const { world: row, ...others } = tablesOf(elsewhere.named('t1'))
  const { world: own, ...before } = rows
  t.strictSame(others, before)
  t.match(
    row,
    own?.map((one) => ({ ...Object(one), settings: String })),
    'settings apart, which are all its own now',
  )
  t.strictSame(snapshotTables(elsewhere.named('t1')), snapshotTables(emulator.named('t1')))

  const archive = await archiveOf(emulator, 't1')
  for (const secret of ['canary-of-the-seed', 'a-secret', 'canary-token', 'a-token'])
    t.notOk(archive.includes(secret) || archive.includes(hash('sha256', secret, 'buffer')), `${secret} is not in it`)
  t.equal((await adopt(elsewhere, 't1', archive)).status, 200)
  const { token, app, world, ...kept } = tablesOf(elsewhere.named('t1'))
  t.strictSame([token, app], [[], []])
  const { token: _, app: __, ...expected } = before
  t.strictSame(kept, expected)
  const seed = JSON.parse(Object(world?.[0]).seed)
  t.match(seed, { configCatalogue: [{ moduleCode: '102' }] })
  t.notOk('tokens' in seed || 'apps' in seed)
  const [[, image] = []] = snapshotTables(elsewhere.named('t1'))
  t.strictSame([Object(image).token, Object(image).app], [[], []], 'snapshots, too')
  t.ok(Object(image).device.length > 0)
})

t.test('an adopted world goes on where the archived one stands: the same traffic is answered the same', async (t) => {
  for (const [from, to] of [
    ['t1', 't1'],
    ['default', 'default'],
  ] as const) {
    const emulator = await controlFor(t)
    await traffic(emulator, from, 3, 60)
    const db = join(t.testdir(), `${to}.db`)
    const inFile = await controlFor(t, { db })
    const elsewhere = await controlFor(t)
    const archive = await archiveOf(emulator, from)
    t.match(await adopt(elsewhere, to, archive), { status: to === 'default' ? 200 : 201, body: { name: to } })
    t.equal((await adopt(inFile, to, archive)).status, to === 'default' ? 200 : 201)
    const expected = await traffic(emulator, from, 7, 60)
    t.strictSame(await traffic(elsewhere, to, 7, 60), expected)
    t.strictSame(await traffic(inFile, to, 7, 60), expected, 'in a file, too')
    const { journal } = elsewhere.named(to)
    t.equal(journal.entries.length, emulator.named(from).journal.entries.length)
  }
})

t.test(
  'connections of every process before are other ones; what breaks off while it is read is no archive',
  async (t) => {
    let archive: Buffer | undefined
    for (let turn = 1; turn <= 3; turn += 1) {
      const emulator = await controlFor(t)
      if (archive) await adopt(emulator, 't1', archive)
      await emulator.of('t1', 'GET', '/device')
      const numbers = emulator.named('t1').journal.entries.map(({ connection }) => connection)
      t.equal(new Set(numbers).size, turn)
      archive = await archiveOf(emulator, 't1')
    }
    const whole = archive ?? Buffer.alloc(0)
    const pieces = Array.from({ length: Math.ceil(whole.length / 100) }, (_, index) =>
      whole.subarray(index * 100, index * 100 + 100),
    )
    t.strictSame(await archiveFrom(Readable.from(pieces)), await archiveFrom(Readable.from([whole])), 'in any pieces')
    const piece = Buffer.alloc(largestHead / 16, '{')
    const endless = Array.from({ length: 17 }, () => piece)
    await t.rejects(archiveFrom(Readable.from(endless)), {
      message: /^the archive has a first line of more than 268435456/,
    })
    const broken = new Error('broken off')
    const stream = Readable.from(
      (async function* () {
        yield Buffer.from('{')
        throw broken
      })(),
    )
    await t.rejects(archiveFrom(stream), broken)
  },
)

t.test('an unkind world of which the archive says no draws begins them anew, by its seed', async (t) => {
  keepAlive(t)
  const emulator = await controlFor(t)
  await emulator.turn('PUT', '/worlds/t1', { unkind: { seed: 3 } })
  const drawn = () => emulator.named('t1').unkindness?.random.state()
  const none = drawn()
  await emulator.of('t1', 'GET', '/device')
  const some = drawn()
  const archive = await archiveOf(emulator, 't1')
  const { head, images } = apart(archive)
  for (const [sent, expected] of [
    [together({ head: { ...head, unkindness: null }, images }), none],
    [archive, some],
  ] as const) {
    t.equal((await adopt(emulator, 't1', sent)).status, 200)
    t.strictSame(drawn(), expected)
  }
  t.strictNotSame(some, none)
})

t.test('its clocks go on where they stood, however late it is adopted', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PATCH', '/worlds/t1/clock', { advance: 'PT1H' })
  const archive = await archiveOf(emulator, 't1')
  const elsewhere = await controlFor(t)
  elsewhere.time.now += 86_400_000
  t.equal((await adopt(elsewhere, 'another', archive)).status, 201)
  t.match(await elsewhere.turn('GET', '/worlds/another/clock'), {
    now: new Date(noon + 3_600_000).toISOString(),
    frozen: false,
    signingNow: new Date(noon + 86_400_000).toISOString(),
  })
  t.equal((await adopt(elsewhere, 'another', archive)).status, 200, 'in the place of another')
})

t.test(
  'DEC-31: a world whose clock stands at its end, and whose ids have gone on from there, is adopted',
  async (t) => {
    const emulator = await controlFor(t)
    await emulator.turn('PATCH', '/worlds/t1/clock', { frozen: true, now: new Date(lastMillis).toISOString() })
    for (let count = 0; count < 130; count += 1) {
      t.equal(await emulator.code('t1', 'POST', '/device', { machineCode: `m${count}` }), 0)
    }
    t.equal((await adopt(emulator, 't2', await archiveOf(emulator, 't1'))).status, 201)
    t.strictSame(await emulator.state('t2'), await emulator.state('t1'))
  },
)

t.test(
  'what is no archive, or none that this emulator can read, is refused with a sentence and changes nothing',
  async (t) => {
    const emulator = await wholeWorld(t)
    const archive = await archiveOf(emulator, 't1')
    const { head, images } = apart(archive)
    const { image, faults, journal, snapshots } = head as Record<string, Record<string, unknown>>
    const [fault] = Object(faults).faults
    const withHead = (change: object) => together({ head: { ...head, ...change }, images })
    const edited = (edit: (database: ReturnType<typeof openImage>) => void): Buffer => {
      const database = openImage(images.subarray(0, Number(image?.['bytes'])))
      database.pragma('foreign_keys = OFF')
      edit(database)
      const changed = database.serialize()
      database.close()
      for (const byte of [18, 19]) changed[byte] = 1
      return withImage(archive, changed)
    }
    const strange = new Sqlite(':memory:')
    strange.exec('CREATE TABLE t (x)')
    const corrupt = Buffer.from(images.subarray(0, Number(image?.['bytes'])))
    corrupt.fill(0x5a, 4096 * 5)
    const before = contentOf(emulator.named('t1'))
    for (const [sent, detail] of [
      ['', 'body is missing; expected an archive'],
      ['{', 'the archive ends within its first line'],
      ['{"auth":"any"}', 'the archive ends within its first line'],
      ['PK\u0003\u0004\n', 'the archive begins with no line of JSON; it is no archive of a world'],
      ['null\n', 'archive is null; expected an object'],
      [
        withHead({ format: 2, emulator: '9.9.9' }),
        /newer emulator, 9\.9\.9 \(format 2, this one knows 1\); use that one$/,
      ],
      [withHead({ format: 0 }), /^archive\/format is a number; expected/],
      [withHead({ settings: {} }), /^archive\/settings\/auth is missing/],
      [withHead({ image: { ...image, bytes: 2 ** 31 } }), 'the archive is larger than 1073741824 bytes'],
      [withHead({ image: { ...image, sha256: '0'.repeat(64) } }), /^the image of the archive was changed on its way/],
      [
        withHead({
          snapshots: [
            { ...Object(snapshots?.[0]), image: { ...Object(snapshots?.[0]).image, sha256: '0'.repeat(64) } },
            snapshots?.[1],
          ],
        }),
        /^the image of snapshot a was changed on its way/,
      ],
      [archive.subarray(0, -1), 'the archive ends too early; it is not whole'],
      [archive.subarray(0, archive.indexOf('\n') + 1), 'the archive ends too early; it is not whole'],
      [Buffer.concat([archive, Buffer.from('x')]), 'the archive goes on after its last image'],
      [withImage(archive, Buffer.alloc(4096)), /^the image of the archive is /],
      [withImage(archive, strange.serialize()), 'the image of the archive is no database of this emulator'],
      [withImage(archive, corrupt), 'the image of the archive is corrupt'],
      [
        edited((one) => one.pragma('user_version = 99')),
        /newer emulator \(schema 99, this one knows \d+\); use that one$/,
      ],
      [
        edited((one) => one.exec('CREATE TRIGGER t AFTER INSERT ON scope BEGIN DELETE FROM scope; END')),
        /has other tables/,
      ],
      [edited((one) => one.exec('DELETE FROM world')), 'the image of the archive holds no world'],
      [edited((one) => one.exec("UPDATE world SET seed = '{'")), 'the image of the archive holds no world'],
      [edited((one) => one.exec("UPDATE world SET clock = 'noon'")), 'the image of the archive holds no world'],
      [edited((one) => one.exec("UPDATE world SET settings = ''")), 'the image of the archive holds no world'],
      [edited((one) => one.exec('UPDATE world SET last_millis = 1')), 'the image of the archive holds no world'],
      [
        edited((one) => one.exec(`UPDATE world SET last_millis = ${lastIdMillis + 1}`)),
        'the image of the archive holds no world',
      ],
      [edited((one) => one.exec('UPDATE scope SET device = 77')), 'the image of the archive is corrupt'],
      [
        edited((one) => one.exec(`UPDATE world SET seed = '{"users":5}'`)),
        /^the seed of the archive\/users is a number/,
      ],
      [
        withHead({ faults: { ...faults, faults: [{ ...fault, operations: ['nothing'] }] } }),
        /^the fault fault-1 of the archive: body\/operations\/0 is no operation/,
      ],
      [
        withHead({ journal: { ...journal, nextId: 1 } }),
        /^archive\/journal: id 1 does not come after the one before it$/,
      ],
      [
        withHead({ snapshots: Array.from({ length: 101 }, () => ({ ...Object(snapshots?.[0]), label: 'x', image })) }),
        /^the archive ends too early/,
      ],
    ] as const) {
      const { status, body } = await adopt(emulator, 't1', sent)
      t.equal(status, 400, `${detail}`)
      t.match(body.detail, detail)
    }
    t.strictSame(contentOf(emulator.named('t1')), before)
    await emulator.isProblem(
      t,
      ['GET', '/worlds/t1/archive?secrets=include'],
      403,
      /^secrets are for those who show a token/,
    )
    await emulator.isProblem(t, ['GET', '/worlds/t1/archive?secrets=yes'], 400, /^query\/secrets is a string of 3/)
    await emulator.isProblem(t, ['GET', '/worlds/typo/archive'], 404, /^there is no world typo/)
    t.equal((await adopt(emulator, 'a%20b', archive)).status, 400)
  },
)

t.test('whatever byte of an archive is another, it is refused or is still a world', async (t) => {
  const emulator = await controlFor(t)
  await fill(emulator, 't1')
  const archive = await archiveOf(emulator, 't1')
  const end = archive.indexOf('\n')
  const anywhere = fc.oneof(fc.integer({ min: 0, max: end }), fc.integer({ min: 0, max: archive.length - 1 }))
  await fc.assert(
    fc.asyncProperty(anywhere, fc.integer({ min: 1, max: 255 }), async (place, change) => {
      const bytes = Buffer.from(archive)
      bytes[place] = (bytes[place] ?? 0) ^ change
      const { status } = await adopt(emulator, 't2', bytes)
      if (status < 300) await emulator.turn('GET', '/worlds/t2/requests')
      return status < 300 ? place <= end : status === 400
    }),
    { numRuns: 60 },
  )
})

t.test('an archive of an older schema is migrated, its snapshots too', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('POST', '/worlds/t1/snapshots/a')
  const archive = await archiveOf(emulator, 't1')
  for (let version = 1; version < migrations.length; version += 1) {
    const file = readFileSync(`test/fixtures/databases/schema-${version}.db`)
    for (const byte of [18, 19]) file[byte] = 1
    const place = { bytes: file.length, sha256: hash('sha256', file) }
    const { head } = apart(archive)
    const [snapshot] = head['snapshots'] as object[]
    const older = { ...head, schema: version, image: place, snapshots: [{ ...snapshot, image: place }] }
    const name = `v${version}`
    t.match(await adopt(emulator, name, together({ head: older, images: Buffer.concat([file, file]) })), {
      status: 201,
    })
    t.match(await emulator.of(name, 'GET', `/device`), { body: { code: 0, data: [{ deviceId: String }] } })
    const document = await emulator.state(name)
    await emulator.turn('POST', `/worlds/${name}/snapshots/a/restore`)
    t.strictSame(await emulator.state(name), document)
  }
})

t.test('an archive that would be too large to be adopted is refused, and what is too large is named', async (t) => {
  const emulator = await controlFor(t)
  const world = emulator.worlds.use('t1')
  const { journal, snapshots } = world
  const journals = journal.state()
  const withJournal = (entries: unknown) => Object.assign(journal, { state: () => ({ ...journals, entries }) })
  const ofJournal = /^the archive has a first line of more than 268435456 bytes, most of it the journal; clear that/
  const refused = async (detail: RegExp) => {
    await emulator.isProblem(t, ['GET', '/worlds/t1/archive'], 409, detail)
    t.throws(() => new ArchiveFile(world, true), { status: 409, message: detail })
  }
  withJournal(['x'.repeat(largestHead)])
  t.throws(() => new ArchiveFile(world, true), { status: 409, message: ofJournal })
  const tooLong = { toJSON: () => 'x'.repeat(2 ** 30) }
  t.throws(tooLong.toJSON, RangeError, 'no text is so long')
  withJournal([tooLong])
  await refused(ofJournal)
  const broken = new Error('what is wrong otherwise is no matter of size')
  const throws = () => {
    throw broken
  }
  withJournal([{ toJSON: throws }])
  t.throws(() => new ArchiveFile(world, true), broken)
  withJournal(journals.entries)
  const snapshot = world.snapshot()
  snapshots.set('small', snapshot)
  t.equal((await adopt(emulator, 't2', await archiveOf(emulator, 't1'))).status, 201)
  snapshots.set('large', { ...snapshot, image: { length: largestArchive } as Buffer })
  t.throws(() => new ArchiveFile(world, true), {
    status: 409,
    message: 'the archive is larger than 1073741824 bytes, 2 snapshots included; delete some of its world first',
  })
})

t.test('snapshots of an archive count as if they had been taken here', async (t) => {
  const emulator = await controlFor(t)
  for (let count = 0; count < 101; count += 1) {
    const snapshot = emulator.worlds.use('t1').snapshot()
    emulator.named('t1').snapshots.set(`s${count}`, snapshot)
  }
  const archive = await archiveOf(emulator, 't1')
  t.match(await adopt(emulator, 't2', archive), { status: 409, body: { detail: 'a world has at most 100 snapshots' } })
  emulator.named('t1').snapshots.delete('s0')
  const allowed = await archiveOf(emulator, 't1')
  const large = { ...emulator.world.snapshot(), image: { length: 512 * 1024 * 1024 - 1000 } as Buffer }
  emulator.world.snapshots.set('large', large)
  t.match(await adopt(emulator, 't2', allowed), { status: 507, body: { detail: /^all snapshots together would take/ } })
  emulator.world.snapshots.clear()
  t.equal((await adopt(emulator, 't2', allowed)).status, 201)
  t.equal((await adopt(emulator, 't2', allowed)).status, 200)
})

t.test('an archive is a file: it comes with its name, and HEAD says how long it is', async (t) => {
  const { server } = await emulatorFor(t)
  const answer = await server.inject('/_emulator/worlds/default/archive')
  t.match(answer.headers, {
    'content-type': archiveType,
    'content-disposition': 'attachment; filename="default.kwa"',
    'content-length': answer.rawPayload.length,
  })
  t.match(apart(answer.rawPayload).head, { format: 1, emulator: String, name: 'default', secrets: false })
})

t.test('--open prints what it serves, and touches no database', async (t) => {
  const { server } = await emulatorFor(t)
  const folder = t.testdir({ data: {} })
  writeFileSync(join(folder, 'world.kwa'), (await server.inject('/_emulator/worlds/default/archive')).rawPayload)
  const run = await startProcess(t, ['--open', 'world.kwa', '--log-format', 'json'], { cwd: folder, counted: true })
  t.match(run.lines().at(-1), { database: ':memory:', seeded: 'opened (world.kwa)' })
  await run.stop()
  t.match(run.stderr(), 'database  :memory: (the world of world.kwa)')
  t.strictSame(readdirSync(join(folder, 'data')), [])
})

t.test('--open serves an archived world as the default one; what is given now wins over its settings', async (t) => {
  const emulator = await wholeWorld(t)
  const folder = t.testdir()
  const open = join(folder, 'world.kwa')
  writeFileSync(open, await archiveOf(emulator, 't1'))
  const opened = await controlFor(t, { open, auth: 'any' })
  t.match(await opened.turn('GET', '/worlds/default'), { settings: { auth: 'any', worker: 9, errorStatus: 'ok' } })
  t.strictSame(await opened.state('default'), await emulator.state('t1'))
  t.equal(opened.world.journal.entries.length, emulator.named('t1').journal.entries.length)
  await t.rejects(emulatorFor(t, { open: join(folder, 'none.kwa') }), { message: /none\.kwa cannot be opened: ENOENT/ })
  writeFileSync(open, 'no archive\n')
  await t.rejects(emulatorFor(t, { open }), {
    name: 'StartupError',
    message: /world\.kwa cannot be opened: the archive begins with no line of JSON/,
  })
})

t.test('--open takes what comes through a pipe, and reads on no further than an archive goes', onPosix(), async (t) => {
  const emulator = await wholeWorld(t)
  const folder = t.testdir()
  const [file, pipe] = [join(folder, 'world.kwa'), join(folder, 'pipe')]
  writeFileSync(file, await archiveOf(emulator, 't1'))
  execFileSync('mkfifo', [pipe])
  const writing = (from: string) => spawn('sh', ['-c', 'exec cat "$0" > "$1"', from, pipe], { stdio: 'ignore' })
  writing(file)
  const opened = await controlFor(t, { open: pipe })
  t.strictSame(await opened.state('default'), await emulator.state('t1'))
  const message = (what: string) => `the archive ${what} cannot be opened: `
  await t.rejects(emulatorFor(t, { open: '/dev/zero' }), {
    message: `${message('/dev/zero')}the archive begins with no line of JSON; it is no archive of a world`,
  })
  writeFileSync(file, Buffer.concat([await archiveOf(emulator, 't1'), Buffer.alloc(1)]))
  await t.rejects(emulatorFor(t, { open: file }), {
    message: `${message(file)}the archive goes on after its last image`,
  })
  await t.rejects(emulatorFor(t, { open: '/dev/null' }), {
    message: `${message('/dev/null')}the archive ends within its first line`,
  })
})
