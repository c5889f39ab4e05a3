import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import type { Place, Term } from '../inspector/address.ts'
import { placeOf, queryOf, start, tabs, termNames, views } from '../inspector/address.ts'
import { besideChanges, changeWords, fieldsOf, keyOf, shown, summed } from '../inspector/model/changes.ts'
import { asXDate, clockAt, dateWindow, placeInWindow, readXDate } from '../inspector/model/clocks.ts'
import { chancesIn, sharesIn, shareWords } from '../inspector/model/coverage.ts'
import { EventReader } from '../inspector/model/event-stream.ts'
import { Exchanges, mostKept, movedBetween, rowsOf } from '../inspector/model/exchanges.ts'
import { formFields, valueOfField, valuesOf } from '../inspector/model/fault-form.ts'
import {
  effectSaid,
  effectWords,
  effectWordsOf,
  firingSaid,
  isSpent,
  timingSaid,
  timingWords,
  uploads,
} from '../inspector/model/fault-words.ts'
import { fits, isDecidable, searchOf, termsIn, termValue, withoutTerm, withTerm } from '../inspector/model/filter.ts'
import { linesOf, placed, textOfLine } from '../inspector/model/json-lines.ts'
import { readJson } from '../inspector/model/json-tree.ts'
import { keptBody } from '../inspector/model/kept-body.ts'
import { Scale, withRoom } from '../inspector/model/lanes.ts'
import { latest } from '../inspector/model/latest.ts'
import { locksIn } from '../inspector/model/locks.ts'
import { madeBy, originOf } from '../inspector/model/made-by.ts'
import { decisionsOnItems, marksIn, refusedHeader } from '../inspector/model/marks.ts'
import { shownOutcome, subjectOf } from '../inspector/model/outcome.ts'
import { isLoopback } from '../inspector/model/reach.ts'
import { pointerIn, readReason } from '../inspector/model/reason.ts'
import { isOfUse, replayWord, sentAs, whyNotAgain } from '../inspector/model/resending.ts'
import { endOfView, rowHeight, rowsInView, topToShow } from '../inspector/model/rows-in-view.ts'
import { runOf } from '../inspector/model/run.ts'
import { curlOf, fetchOf, whyNotCopied } from '../inspector/model/snippets.ts'
import { diffOf } from '../inspector/model/text-diff.ts'
import {
  capital,
  countdown,
  counted,
  dayAndTime,
  grouped,
  signed,
  span,
  timeOf,
  took,
} from '../inspector/model/wording.ts'
import { isWorldName } from '../inspector/model/world-names.ts'
import { icons } from '../inspector/parts/icons.ts'
import type { Change } from '../schemas/change.ts'
import { nameForm } from '../schemas/control.ts'
import { effects, timings } from '../schemas/control-faults.ts'
import { contracts, operationNames } from '../schemas/index.ts'
import type { Outcome, Summary } from '../schemas/journal.ts'
import { ListQuery } from '../schemas/journal.ts'
import { batchListOf } from '../schemas/operation.ts'
import { madeOnDemand, readerFor, readOnce } from '../src/control/inspector.ts'
import { Coverage } from '../src/coverage/coverage.ts'
import { titles } from '../src/coverage/text.ts'
import { coverageView } from '../src/coverage/view.ts'
import { bundleInspector, digestOf, writeInspector } from '../tools/inspector.ts'
import { controlFor, traffic } from './fixtures/control.ts'
import { emulatorFor, noon } from './fixtures/emulator.ts'
import { curl, send } from './fixtures/wire.ts'

const second = 1000
const minute = 60 * second

const at = (millis: number): string => new Date(noon + millis).toISOString()

/** A row of the list, as plain as can be. */
const summary = (id: number, part: Partial<Summary> = {}): Summary => ({
  id,
  time: at(id * second),
  wallTime: at(id * second),
  durationMs: 1,
  operation: 'listBoundDevice',
  method: 'GET',
  path: '/koodrive/ose/v1/backup/device',
  world: 'default',
  userId: 'ann',
  lockId: null,
  sent: {},
  given: {},
  status: 200,
  code: 0,
  refusal: null,
  reason: null,
  outcome: 'accepted',
  worked: true,
  items: null,
  delivered: true,
  fault: null,
  retryAfter: null,
  rowsWritten: 0,
  unread: 0,
  connection: 1,
  isFirstOnConnection: false,
  replayOf: null,
  madeFirst: false,
  clockMoved: 0,
  ...part,
})

const text = fc.string({ unit: 'binary', maxLength: 12 }).map((drawn) => drawn.toWellFormed())
const term: fc.Arbitrary<Term> = fc.record({
  name: fc.oneof(
    fc.constantFrom(...termNames),
    text.map((name) => `body.${name || 'x'}`),
  ),
  value: text,
})
const place: fc.Arbitrary<Place> = fc.record({
  view: fc.constantFrom(...views),
  world: text.map((name) => name || 'w'),
  request: fc.option(fc.integer({ min: 1, max: 1e9 })),
  tab: fc.constantFrom(...tabs),
  other: fc.option(fc.integer({ min: 1, max: 1e9 })),
  filter: fc.array(term, { maxLength: 4 }),
  from: text,
  user: text,
  theme: text,
  shortcuts: text,
})

t.test('an address and what it shows are one: each can be had of the other', async (t) => {
  fc.assert(fc.property(place, (drawn) => t.same(placeOf(queryOf(drawn)), drawn)))
  t.same(placeOf(''), start)
  t.same(placeOf('?view=nowhere&tab=none&request=0x1&other=-1&world='), start)
  const sentence = 'request=11&operation=updateConfigInfo&status=400'
  const shownBy = placeOf(`?world=nightly-backup&${sentence}&utm_source=chat`)
  t.equal(shownBy.request, 11)
  t.equal(searchOf(shownBy.filter), 'operation=updateConfigInfo&status=400', 'which is a query of the journal')
  t.equal(queryOf(shownBy), `?world=nightly-backup&${sentence}`)
})

t.test('a text that is typed is taken apart into conditions', async (t) => {
  t.same(termsIn('status:400  body.moduleCode:100'), [
    { name: 'status', value: '400' },
    { name: 'body.moduleCode', value: '100' },
  ])
  t.same(termsIn('camera outcome:refused "a b" nobody:x q:y'), [
    { name: 'outcome', value: 'refused' },
    { name: 'q', value: 'camera a b nobody:x q:y' },
  ])
  t.same(termsIn('userId:"Ann Smith"'), [{ name: 'userId', value: 'Ann Smith' }])
  t.same(termsIn('body.name:"a\u2028b"'), [{ name: 'body.name', value: 'a\u2028b' }])
  t.same(termsIn('  '), [])
  const filter = [
    { name: 'status', value: '400' },
    { name: 'q', value: 'x' },
  ]
  t.same(withTerm(filter, { name: 'status', value: '200' }), [filter[1], { name: 'status', value: '200' }])
  t.same(withoutTerm(filter, 'q'), [filter[0]])
  t.equal(termValue(filter, 'status'), '400')
  t.equal(termValue(filter, 'code'), undefined)
})

t.test('a filter keeps what the journal keeps, whoever decides', async (t) => {
  const emulator = await controlFor(t)
  const fault = { operations: ['listBoundDevice'], effect: { type: 'throttle' } }
  await emulator.turn('POST', '/worlds/w/faults', fault)
  await traffic(emulator, 'w', 7, 150)
  const listed = async (query: string) =>
    (await emulator.turn('GET', `/worlds/w/requests?view=summary&${query}`))['requests'] as Summary[]
  const all = await listed('')
  t.ok(all.length >= 150)
  const values: Readonly<Record<string, readonly string[]>> = {
    operation: [...new Set(all.map(({ operation }) => String(operation)))],
    status: ['200', '400', '429'],
    code: ['0', '13000102'],
    outcome: ['accepted', 'partial', 'refused', 'injected', 'unanswered'],
    userId: [String(all[0]?.userId), 'nobody'],
    deviceId: all.slice(0, 20).flatMap(({ sent }) => sent['deviceId'] ?? []),
    fault: ['any', 'fault-1', 'fault-2'],
    fact: ['DEV-1', 'DEC-1', 'DEC-12', ...all.flatMap(({ reason }) => readReason(reason ?? '').citations).slice(0, 5)],
    unread: ['true', 'false'],
    since: all.slice(10, 12).map(({ time }) => time),
    until: all.slice(10, 12).map(({ time }) => time),
    q: ['SCOPE', 'nothing has this'],
    finding: ['any'],
    'body.moduleCode': ['100'],
  }
  for (const [name, ones] of Object.entries(values)) {
    for (const value of ones) {
      const filter = [{ name, value }]
      const expected = (await listed(searchOf(filter))).map(({ id }) => id)
      const found = isDecidable(filter) ? new Set<number>() : new Set(expected)
      t.same(
        all.filter((one) => fits(one, filter, found)).map(({ id }) => id),
        expected,
        `${name}:${value}`,
      )
    }
  }
  const refused: Readonly<Record<string, readonly string[]>> = {
    operation: ['bind'],
    status: ['', '0xc8', '2e2', ' 200', '00000000200'],
    code: ['', '-0', '0.0'],
    outcome: ['Accepted'],
    fact: ['', 'DEC', 'dec-1', 'DEC1'],
    unread: ['', '0', 'no'],
    since: ['2020', '2020-01-01', '2020-01-01T00:00:00', '2020-01-01T00:00:00+00:00'],
    until: ['2090', '2090-01-01', '2090-01-01T00:00:00', '2090-01-01T00:00:00+00:00'],
  }
  for (const [name, ones] of Object.entries(refused)) {
    for (const value of ones) {
      const filter = [{ name, value }]
      const { status } = await emulator.ask('GET', `/worlds/w/requests?view=summary&${searchOf(filter)}`)
      t.equal(status, 400, `${name}:${value}`)
      t.notOk(
        all.some((one) => fits(one, filter, new Set())),
        `what the journal refuses, no row fits: ${name}:${value}`,
      )
    }
  }
  const two = [
    { name: 'status', value: '200' },
    { name: 'q', value: 'scope' },
  ]
  const expected = (await listed(searchOf(two))).map(({ id }) => id)
  t.ok(expected.length > 0)
  t.same(
    all.filter((one) => fits(one, two, new Set(expected))).map(({ id }) => id),
    expected,
  )
})

t.test('exchanges are kept in their order, each once, by generation', async (t) => {
  const ids = fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { maxLength: 40 })
  fc.assert(
    fc.property(ids, ids, (one, other) => {
      const exchanges = new Exchanges()
      const rows = (drawn: readonly number[]) => drawn.map((id) => summary(id))
      const count = exchanges.add(1, rows(one)) + exchanges.add(1, rows(other)) + exchanges.add(1, rows(one))
      const expected = [...new Set([...one, ...other])].toSorted((left, right) => left - right)
      t.same(
        exchanges.all.map(({ id }) => id),
        expected,
      )
      t.equal(count, expected.length)
    }),
  )
  const exchanges = new Exchanges()
  t.equal(exchanges.generation, null)
  exchanges.add(3, [summary(1), summary(2)])
  t.equal(exchanges.add(2, [summary(9)]), 0, 'what comes late of an earlier generation is none of it')
  t.equal(exchanges.lastId, 2)
  t.equal(exchanges.find(2)?.id, 2)
  t.equal(exchanges.find(3), undefined)
  exchanges.pause()
  t.ok(exchanges.isPaused)
  exchanges.add(3, [summary(3), summary(4)])
  exchanges.pause()
  t.same([exchanges.shown.length, exchanges.waiting, exchanges.all.length], [2, 2, 4])
  exchanges.resume()
  t.same([exchanges.shown.length, exchanges.waiting], [4, 0])
  exchanges.pause()
  exchanges.dropped = 5
  exchanges.add(4, [summary(1)])
  t.same(
    [exchanges.all.length, exchanges.shown.length, exchanges.dropped],
    [1, 0, 0],
    'a world that begins anew stays paused',
  )
  exchanges.restorations = [1]
  exchanges.clear()
  t.same([exchanges.lastId, exchanges.generation, exchanges.restorations], [0, 4, []])
  exchanges.resume()
  exchanges.add(
    4,
    Array.from({ length: mostKept + 10 }, (_, index) => summary(index + 1)),
  )
  t.same([exchanges.all.length, exchanges.all[0]?.id], [mostKept, 11])
})

t.test(
  'what was missed is read again: rows that were forgotten meanwhile go, those that were given up stay',
  async (t) => {
    const answered = (ids: readonly number[], dropped = 0) => ({
      requests: ids.map((id) => summary(id)),
      dropped,
      restorations: [3, 5],
    })
    const readAgain = (answer: ReturnType<typeof answered>, known = 6) => {
      const exchanges = new Exchanges()
      exchanges.add(
        1,
        [1, 2, 3, 4, 5, 6].map((id) => summary(id)),
      )
      exchanges.read(1, answer, known)
      return exchanges.all.map(({ id }) => id)
    }
    t.same(readAgain(answered([5, 6, 7], 4)), [1, 2, 3, 4, 5, 6, 7], 'four were given up, and are still shown')
    t.same(readAgain(answered([5, 6, 7])), [5, 6, 7], 'up to the fourth they were forgotten')
    t.same(readAgain(answered([5, 6, 7], 2)), [3, 4, 5, 6, 7])
    t.same(readAgain(answered([])), [])
    t.same(readAgain(answered([], 6)), [1, 2, 3, 4, 5, 6])
    t.same(readAgain(answered([9]), 0), [1, 2, 3, 4, 5, 6, 9], 'of what came after one, nothing follows for others')
    t.same(readAgain(answered([]), 4), [5, 6], 'what came after it was asked for is not in the answer')
    const exchanges = new Exchanges()
    exchanges.read(2, answered([4, 5, 6], 3), 0)
    t.same([exchanges.generation, exchanges.dropped, exchanges.restorations], [2, 3, [3, 5]])
    exchanges.read(1, answered([7], 9), 0)
    t.same([exchanges.lastId, exchanges.dropped], [6, 3], 'what comes late of an earlier generation is none of it')
    exchanges.clear(4)
    t.same([exchanges.all.map(({ id }) => id), exchanges.restorations], [[5, 6], [5]])
  },
)

t.test('an answer that was overtaken by one to a later question is of no use', async (t) => {
  const begin = latest()
  const [first, second, third] = [begin(), begin(), begin()]
  t.ok(second())
  t.notOk(first())
  t.ok(third())
  t.notOk(second())
})

t.test('a row says by how much the state clock was moved, whatever passed meanwhile', async (t) => {
  const moved = (before: number, after: number) =>
    movedBetween(summary(1, { clockMoved: before }), summary(2, { clockMoved: after, time: at(minute) }))
  t.equal(moved(minute, minute + 999), 0)
  t.equal(moved(minute, 9 * minute), 8 * minute)
  t.equal(moved(minute, 0), -minute)
  const rows = rowsOf([summary(1), summary(2), summary(3, { clockMoved: 20 * minute, time: at(21 * minute) })])
  t.same(
    rows.map((row) => (row.kind === 'moved' ? [row.before, row.by] : row.summary.id)),
    [1, 2, [3, 20 * minute], 3],
  )
  t.same(rowsOf([]), [])
})

t.test('outcomes have a shape, a word and what follows it', async (t) => {
  const said = (outcome: Outcome, part: Partial<Summary> = {}) => {
    const { glyph, word, detail, spoken } = shownOutcome(summary(1, { outcome, ...part }))
    return [glyph, word, detail, spoken]
  }
  t.same(said('accepted'), ['●', '200', '', 'Accepted 200'])
  const items = { done: 2, failed: 1 }
  t.same(said('partial', { items }), ['◐', 'Partial', '2 of 3', 'Partial 2 of 3'])
  t.equal(
    shownOutcome({ ...summary(1, { outcome: 'partial' }), items: { done: 0, failed: [{}, {}] } }).detail,
    '0 of 2',
  )
  t.same(said('partial'), ['◐', 'Partial', '', 'Partial'])
  t.same(said('refused', { status: 400, code: 13000102 }), ['✕', '400', '13000102', 'Refused 400 13000102'])
  t.same(said('refused', { status: 403, code: null }), ['✕', '403', '', 'Refused 403'])
  t.same(said('injected', { status: 500, code: 13000201 }), ['↯', '500', '13000201', 'Injected 500 13000201'])
  t.same(said('injected', { status: 429, code: null }), ['↯', '429', '', 'Injected 429'])
  t.same(said('unanswered', { status: null }), ['⊘', 'No answer', 'work done', 'No answer work done'])
  t.same(said('unanswered', { worked: false })[2], 'nothing done')
  t.same(said('accepted', { status: null })[1], 'Accepted')
  const subject = (operation: string, sent: Record<string, string>) => subjectOf(summary(1, { operation, sent }))
  t.equal(subject('bindDevice', { machineCode: 'm', moduleCode: '100' }), 'm')
  t.equal(subject('createBackupFile', { recordId: '1', fileName: 'f' }), 'f')
  t.equal(subject('listBackupScope', { moduleCode: '100' }), '100')
  t.equal(subject('listBoundDevice', {}), '')
})

t.test('the rows that are made cover what is in view, whatever it is', async (t) => {
  const count = fc.integer({ min: 0, max: 6000 })
  const pixels = fc.integer({ min: -200, max: 250_000 })
  const height = fc.integer({ min: 0, max: 3000 })
  fc.assert(
    fc.property(count, pixels, height, (rows, top, view) => {
      const { first, end } = rowsInView(rows, top, view)
      t.ok(first >= 0 && first <= end && end <= rows)
      t.ok(end - first <= view / rowHeight + 18)
      const [upper, lower] = [Math.max(0, top), Math.min(rows * rowHeight, Math.max(0, top) + view)]
      if (lower > upper) t.ok(first * rowHeight <= upper && end * rowHeight >= lower)
    }),
  )
  t.equal(endOfView(rowHeight, 10 * rowHeight), 11)
  t.equal(endOfView(0, 10.4 * rowHeight), 10, 'less than half of a row is not in view')
  t.equal(endOfView(0, 10.6 * rowHeight), 11)
  fc.assert(
    fc.property(count, fc.nat(250_000), fc.integer({ min: rowHeight, max: 3000 }), (row, top, view) => {
      const now = topToShow(row, top, view)
      t.ok(now <= row * rowHeight && (row + 1) * rowHeight <= now + view)
      t.equal(topToShow(row, now, view), now)
    }),
  )
})

t.test('JSON is printed line by line as JSON.stringify prints it', async (t) => {
  const printed = (source: string) => {
    const root = readJson(source)
    return root && linesOf(root).map(textOfLine).join('\n')
  }
  fc.assert(
    fc.property(fc.json({ noUnicodeString: false }), (source) => {
      const value = JSON.parse(source)
      t.equal(printed(JSON.stringify(value)), JSON.stringify(value, null, 2))
      t.equal(printed(JSON.stringify(value, null, 4)), JSON.stringify(value, null, 2))
    }),
  )
  t.equal(
    printed('{"b":1.50,"a":12345678901234567890,"b":-0e1}'),
    '{\n  "b": 1.50,\n  "a": 12345678901234567890,\n  "b": -0e1\n}',
  )
  t.equal(printed('{"a":[],"b":{}}'), '{\n  "a": [],\n  "b": {}\n}')
  for (const broken of ['', '{', '[1,]', 'nothing', '{"a":1} x', "{'a':1}", '\u0000'])
    t.equal(readJson(broken), undefined, broken)
  t.equal(readJson(`${'['.repeat(600)}${']'.repeat(600)}`), undefined, 'deeper than anybody reads')
  t.equal(readJson(`${'{"a":'.repeat(600)}1${'}'.repeat(600)}`), undefined)
  const lines = linesOf(readJson('{"list":[{"a":1},2],"x/y":{"z":null}}') ?? { kind: 'literal', text: '' })
  t.same(
    lines.map(({ pointer, end }) => [pointer, end]),
    [
      ['', 9],
      ['/list', 5],
      ['/list/0', 4],
      ['/list/0/a', null],
      ['/list/0', null],
      ['/list/1', null],
      ['/list', null],
      ['/x/y', 9],
      ['/x/y/z', null],
      ['/x/y', null],
      ['', null],
    ].map(([pointer, end], index) => [pointer, index === 0 ? 10 : index === 1 ? 6 : end]),
  )
})

t.test('marks stand at the lines that they speak of, or at what something is missing in', async (t) => {
  const lines = linesOf(readJson('{"a":{"b":1},"c":2}') ?? { kind: 'literal', text: '' })
  const mark = (pointer: string) => ({ kind: 'refused', pointer, note: '' }) as const
  const at = placed(lines, [mark('/a/b'), mark('/a/missing/deep'), mark('/d'), mark('/c'), mark('/c')])
  t.same([...at].map(([line, marks]) => [line, marks.length]).toSorted(), [
    [0, 1],
    [1, 1],
    [2, 1],
    [4, 2],
  ])
  const exchange = {
    reason: 'body/scopeList/1/localPath is a number; expected a string [DEC-19]',
    outcome: 'refused',
    unread: ['body/osPatch', 'query/x'],
    items: null,
  }
  t.same(
    marksIn(exchange, 'scopeList').map(({ kind, pointer }) => [kind, pointer]),
    [
      ['refused', '/scopeList/1/localPath'],
      ['unread', '/osPatch'],
    ],
  )
  const items = { failed: [{ index: 2, code: '13000108' }] }
  t.same(
    marksIn({ reason: null, outcome: 'partial', unread: [], items }, 'scopeList').map(({ pointer, note }) => [
      pointer,
      note,
    ]),
    [['/scopeList/2', 'failed, 13000108']],
  )
  t.same(marksIn({ reason: 'X-Date is missing', outcome: 'refused', unread: [], items }, null), [])
  const headerOf = (reason: string | null, outcome = 'refused') => refusedHeader({ reason, outcome })
  t.equal(headerOf('x-backup-lock-id: the lock has expired [DEC-25]'), 'x-backup-lock-id')
  t.equal(headerOf('X-Date is missing'), 'x-date')
  t.same([headerOf(null), headerOf('X-Date is odd', 'accepted')], ['', ''])
  t.same(marksIn({ reason: null, outcome: 'partial', unread: [], items: null }, 'scopeList'), [])
  t.same(
    marksIn({ reason: 'body/a is odd', outcome: 'accepted', unread: [], items: null }, null),
    [],
    'a remark refuses nothing',
  )
})

t.test('a reason is taken apart into what it speaks of, its sentence and what it rests on', async (t) => {
  const read = (reason: string) => {
    const { subject, sentence, citations } = readReason(reason)
    return [subject, sentence, citations]
  }
  t.same(read('body/currentConfigValue is not the present value [CFG-2 DEC-23]'), [
    'body/currentConfigValue',
    ' is not the present value',
    ['CFG-2', 'DEC-23'],
  ])
  t.same(read('X-Date is too early [COM-4 DEC-5]')[0], 'X-Date')
  t.same(read('x-backup-lock-id: the lock has expired [DEC-25]').slice(0, 2), [
    'x-backup-lock-id',
    ': the lock has expired',
  ])
  t.same(read('no operation has this path [DEC-14] [DEC-14]'), ['', 'no operation has this path', ['DEC-14']])
  t.same(read('body is a number; expected an object')[0], 'body')
  t.same(read(''), ['', '', []])
  const pointer = (reason: string) => pointerIn(readReason(reason))
  t.equal(pointer('body/a~1b/0 is odd'), '/a/b/0')
  t.equal(pointer('body is odd'), '')
  t.equal(pointer('query/a is odd'), undefined)
})

t.test('names are those of worlds that there can be, for the stream tells of none where one is not', async (t) => {
  const emulator = await controlFor(t)
  const names = [
    'w',
    'a.b-C_9',
    'x'.repeat(64),
    '...',
    '.a',
    '-',
    '',
    '.',
    '..',
    'x'.repeat(65),
    'BAD NAME',
    'a/b',
    'ü',
    'a\n',
  ]
  for (const name of names) {
    t.equal(isWorldName(name), nameForm.pattern.test(name), name)
    if (isWorldName(name)) continue
    const { status } = await emulator.ask('GET', `/events?${new URLSearchParams({ changes: name })}`)
    t.equal(status, 400, name)
  }
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'aZ0._- /') }), (name) => {
      t.equal(isWorldName(name), nameForm.pattern.test(name), name)
    }),
  )
})

t.test('a page knows whether others can reach what it was loaded from', async (t) => {
  for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.1.2.3', '[::1]']) t.ok(isLoopback(host), host)
  for (const host of ['koodrive', '192.168.1.5', '127.evil.example', '[::]', 'localhost.example', 'x127.0.0.1']) {
    t.notOk(isLoopback(host), host)
  }
})

t.test('spans and amounts are worded', async (t) => {
  for (const [millis, rough, exact] of [
    [0, '0 s', '0:00.000'],
    [440, '0.4 s', '0:00.440'],
    [9_900, '9.9 s', '0:09.900'],
    [12_345, '12 s', '0:12.345'],
    [505_443, '8 min 25 s', '8:25.443'],
    [600_000, '10 min', '10:00.000'],
    [12 * 60 * minute + 4 * minute, '12 h 4 min', '12:04:00.000'],
    [26 * 60 * minute, '1 d 2 h', '26:00:00.000'],
    [59_600, '1 min', '0:59.600'],
    [59_999.6, '1 min', '1:00.000'],
    [9_960, '10 s', '0:09.960'],
    [60 * minute - 400, '1 h', '59:59.600'],
    [24 * 60 * minute - 400, '1 d', '23:59:59.600'],
  ] as const) {
    t.equal(span(millis), rough)
    t.equal(countdown(millis), exact)
  }
  t.equal(countdown(-5), '0:00.000')
  t.equal(signed(-961_000), '−16 min 1 s')
  t.equal(signed(505_443), '+8 min 25 s')
  t.equal(timeOf('2026-11-25T02:18:33.766Z'), '02:18:33.766')
  t.equal(dayAndTime('2026-11-05T02:18:33.766Z'), '5 Nov 02:18:33.766')
  t.equal(counted(1, 'device'), '1 device')
  t.equal(counted(2000, 'box', 'boxes'), '2,000 boxes')
  t.equal(capital('a success'), 'A success')
  t.equal(grouped(12_582_912), '12,582,912')
  t.same([took(0.44), took(99.94), took(99.96), took(1234.5)], ['0.4', '99.9', '100', '1,235'])
})

t.test('clocks go on between two answers, unless they stand still', async (t) => {
  const view = { now: at(0), frozen: false, signingNow: at(minute), signing: 'state', skew: 'PT0S' } as const
  const running = { view, readAt: 1000 }
  t.equal(clockAt(running, 'state', 3500), noon + 2500)
  t.equal(clockAt(running, 'signing', 3500), noon + minute + 2500)
  t.equal(clockAt(running, 'state', 900), noon, 'and never back behind what was read')
  const frozen = { view: { ...view, frozen: true }, readAt: 1000 }
  t.equal(clockAt(frozen, 'state', 3500), noon)
  t.equal(clockAt(frozen, 'signing', 3500), noon + minute)
  const byWall = { view: { ...view, frozen: true, signing: 'wall' }, readAt: 1000 } as const
  t.equal(clockAt(byWall, 'signing', 3500), noon + minute + 2500)
  t.equal(clockAt(byWall, 'state', 3500), noon)
  t.equal(readXDate('20251217T120000Z'), noon)
  t.equal(readXDate('20251317T120000Z'), undefined)
  t.equal(readXDate('today'), undefined)
  t.equal(asXDate(noon + 123), '20251217T120000Z')
  t.equal(placeInWindow(noon - dateWindow, noon), 0)
  t.equal(placeInWindow(noon, noon), 1)
  t.ok(placeInWindow(noon - dateWindow - 1, noon) < 0)
})

t.test('a stream of events is read in whatever pieces it comes', async (t) => {
  const data = '{"a":1,"sent":"\u2028\u2029\u0085"}'
  const source = `: watching\n\nid: p-1\nevent: hello\ndata: ${data}\n\n: beat\r\n\r\ndata: plain\n\nid: p-2\nevent: x\ndata: cut`
  const expected = [
    { kind: 'beat' },
    { kind: 'event', id: 'p-1', name: 'hello', data },
    { kind: 'beat' },
    { kind: 'event', id: '', name: 'message', data: 'plain' },
  ]
  t.same(new EventReader().read(source), expected)
  const reader = new EventReader()
  t.same(
    [...source].flatMap((letter) => reader.read(letter)),
    expected,
  )
  t.same(reader.read('\n\n').length, 1)
})

const lockId = 'l@100'
const lockCalls = [
  summary(1, { operation: 'createBackupLock', sent: { moduleCode: '100' }, given: { lockId }, time: at(0) }),
  summary(2, { operation: 'createBackupLock', sent: { moduleCode: '100' }, worked: false, time: at(second) }),
  summary(3, { operation: 'renewalBackupLock', lockId, time: at(9 * minute) }),
  summary(4, { operation: 'renewalBackupLock', lockId: 'unknown', worked: false, time: at(9 * minute + 1) }),
  summary(5, { operation: 'listBoundDevice', time: at(9 * minute + 2) }),
]

t.test('locks are held from when they were taken until they were released or ran out', async (t) => {
  const [held, ...others] = locksIn(lockCalls, [])
  t.same(others, [])
  t.match(held, { moduleCode: '100', userId: 'ann', end: noon + 19 * minute, over: null })
  t.same(
    held?.begun.map(({ by }) => by),
    [1, 3],
  )
  const release = summary(6, { operation: 'releaseBackupLock', lockId, time: at(10 * minute) })
  t.match(locksIn([...lockCalls, release], [])[0], { end: noon + 10 * minute, over: 'released' })
  const bare = summary(1, { operation: 'createBackupLock', userId: null, given: { lockId: 'x@101' } })
  t.match(locksIn([bare], [])[0], { moduleCode: '101', userId: '' })
  t.match(locksIn([{ ...bare, given: {} }], [])[0], { lockId: '' }, 'nobody heard its id')
  const unheard = [summary(1, { operation: 'renewalBackupLock', lockId: 'x@101' }), { ...release, lockId: 'y@102' }]
  t.match(locksIn(unheard, []), [{ moduleCode: '101', begun: [{ by: 1 }] }], 'whoever renews a lock holds it')
})

t.test('a lock that was held when the world was put back is undone there, and not drawn as held', async (t) => {
  const overs = (restorations: readonly number[], more: readonly Summary[] = []) =>
    locksIn([...lockCalls, ...more], restorations).map(({ over, end }) => [over, (end - noon) / minute])
  const last = 9 * minute + 2
  t.same(overs([5]), [['undone', last / minute]], 'with what was seen last')
  t.same(overs([9]), [['undone', last / minute]])
  t.same(overs([0]), [[null, 19]], 'what came after is untouched')
  const later = summary(6, { time: at(30 * minute) })
  t.same(overs([6], [later]), [['expired', 19]], 'what had run out before had run out')
  const renewed = summary(7, { operation: 'renewalBackupLock', lockId, time: at(5 * minute) })
  const releasedThen = summary(8, { operation: 'releaseBackupLock', lockId, time: at(6 * minute) })
  t.same(
    overs([5, 6, 8], [renewed, releasedThen]),
    [
      ['undone', last / minute],
      ['released', 6],
    ],
    'one that is renewed in the other state is held there, as another',
  )
  const locks = locksIn([...lockCalls, later], [6])
  const run = runOf({ exchanges: [...lockCalls, later], locks, now: noon + 5 * minute, spacing: 'clock', labelRoom: 0 })
  t.equal(run.lanes[0]?.bars[0]?.end, 'expired', 'also where the clock was put back')
})

t.test('places on a line never cross: what was later stands no earlier', async (t) => {
  const instants = fc.array(fc.integer({ min: 0, max: 1e7 }), { maxLength: 30 })
  const spacing = fc.constantFrom('folded', 'clock', 'even' as const)
  fc.assert(
    fc.property(instants, spacing, fc.integer({ min: -10, max: 2e7 }), (drawn, how, other) => {
      const scale = new Scale(drawn, how)
      const sorted = [...drawn, other].toSorted((one, two) => one - two)
      const places = sorted.map((instant) => scale.place(instant))
      t.ok(places.every((place, index) => place >= 0 && place <= 1 && place >= (places[index - 1] ?? 0)))
    }),
  )
  const even = new Scale([0, 1, 1000], 'even')
  t.same(
    [0, 1, 1000].map((instant) => even.place(instant)),
    [0, 0.5, 1],
  )
  const folded = new Scale([0, 1, 2, 1_000_000], 'folded')
  t.ok(folded.place(1) > 0.1, 'a long idle time leaves room for the rest')
  const labels = [{ x: 0 }, { x: 0.05 }, { x: 0.5 }]
  t.same(
    withRoom(labels, () => 0.2),
    [{ x: 0 }, { x: 0.5 }],
  )
})

t.test('a run is laid out: a lane for each lock, moves of the clock, and where it is now', async (t) => {
  const late = summary(7, {
    time: at(25 * minute),
    wallTime: at(20 * second),
    operation: 'renewalBackupLock',
    lockId,
    worked: false,
  })
  const wall = (id: number) => ({ wallTime: at(id * second) })
  const moved = (time: string) => ({ clockMoved: Math.floor((Date.parse(time) - noon) / minute) * minute })
  const dated = [...lockCalls.map((one) => ({ ...one, ...wall(one.id) })), late]
  const exchanges = dated.map((one) => ({ ...one, ...moved(one.time) }))
  const laid = (shown: readonly Summary[]) => ({ exchanges: shown, locks: locksIn(shown, []), labelRoom: 0 })
  const asked = { ...laid(exchanges), now: noon + 25 * minute, labelRoom: 0.05 } as const
  const run = runOf({ ...asked, spacing: 'folded' })
  t.same(
    run.lanes.map(({ moduleCode, userId }) => [moduleCode, userId]),
    [['100', 'ann']],
  )
  const [bar] = run.lanes[0]?.bars ?? []
  t.equal(bar?.end, 'expired')
  t.equal(bar?.begun.length, 2)
  t.equal(bar?.due.length, 2)
  t.ok((bar?.from ?? 1) < (bar?.to ?? 0))
  t.same(
    run.moves.map(({ text: words }) => words),
    ['+9 min', '+16 min'],
  )
  t.equal(run.now, 1)
  t.equal(run.times[0]?.text, '12:00:00')
  const early = runOf({ ...laid(lockCalls.slice(0, 2)), now: noon + minute, spacing: 'even' })
  t.equal(early.lanes[0]?.bars[0]?.end, 'held')
  t.same(early.lanes[0]?.bars[0]?.due, [], 'what is due later is not drawn yet')
  const released = summary(8, { operation: 'releaseBackupLock', lockId, time: at(10 * minute) })
  const again = summary(9, {
    operation: 'createBackupLock',
    sent: { moduleCode: '100' },
    given: { lockId: 'm@100' },
    time: at(11 * minute),
  })
  const twice = runOf({ ...laid([...lockCalls, released, again]), now: noon, spacing: 'clock' })
  t.same(
    twice.lanes[0]?.bars.map(({ end }) => end),
    ['released', 'held'],
  )
  const byWall = runOf({ ...asked, spacing: 'wall' })
  t.same([byWall.lanes, byWall.now], [[], 1])
  t.equal(byWall.times.at(-1)?.text, '12:00:20')
  const filtered = [again]
  const some = runOf({
    ...laid([...lockCalls, released, again]),
    exchanges: filtered,
    now: undefined,
    spacing: 'folded',
  })
  t.same(
    some.lanes[0]?.bars.map(({ end }) => end),
    ['held'],
    'of what the filter hides, no lock is drawn; none that it released is drawn as held',
  )
  const hidden = runOf({
    ...laid([...lockCalls, released, again]),
    exchanges: lockCalls,
    now: undefined,
    spacing: 'folded',
  })
  t.equal(hidden.lanes[0]?.bars[0]?.end, 'released', 'by an exchange that is not shown')
  const nothing = runOf({ ...laid(lockCalls), exchanges: [], now: undefined, spacing: 'folded' })
  t.same([nothing.requests, nothing.lanes], [[], []])
})

t.test('changes are shown by what differs', async (t) => {
  const change = (part: Partial<Change>): Change => ({
    entity: 'scope',
    change: 'added',
    userId: 'ann',
    key: { scopeId: '1', deviceId: '2' },
    before: null,
    after: null,
    ...part,
  })
  t.same(
    fieldsOf(change({ after: { localPath: '/a', targetFolderPath: '', size: null } })).map(({ name }) => name),
    ['localPath'],
  )
  t.same(fieldsOf(change({ before: { localPath: '/a' } })), [
    { name: 'localPath', before: '/a', after: null, isSame: false },
  ])
  const both = { before: { a: 1, b: [1] }, after: { a: 2, b: [1], c: 3 } }
  t.same(
    fieldsOf(change(both)).map(({ name }) => name),
    ['a', 'c'],
  )
  t.equal(
    summed([change({}), change({}), change({ entity: 'lock', change: 'changed' })]),
    '2 scopes added, 1 lock changed',
  )
  t.equal(summed([]), '')
  t.equal(keyOf('scope', { b: '2', a: '1' }), 'scope a=1 b=2')
  t.same([shown(null), shown(''), shown('x'), shown(['x'])], ['none', 'none', 'x', '["x"]'])
  t.equal(changeWords.removed.sign, '−')
})

t.test('what is stored names the exchange that made it', async (t) => {
  const exchanges = [
    summary(1, { operation: 'bindDevice', given: { deviceId: 'd' } }),
    summary(2, { operation: 'getBackupRecord', given: { recordId: 'r' } }),
    summary(3, { operation: 'createBackupRecord', given: { recordId: 'r' } }),
    summary(4, { operation: 'updateConfigInfo', sent: { deviceId: 'd', moduleCode: '102', configName: 'c' } }),
    summary(5, { operation: 'bindDevice', given: { deviceId: 'd' }, worked: false }),
    summary(6, { operation: 'getBackupRecord', given: { recordId: 'r' } }),
  ]
  const makers = madeBy(exchanges, [3])
  t.equal(madeBy(exchanges, []).get('d 102 c'), makers.get('d 102 c'))
  t.equal(madeBy(exchanges, [4]).get('d 102 c'), undefined, 'nobody says who gave a value that came with another state')
  t.same(
    [...makers],
    [
      ['d', 1],
      ['r', 3],
      ['d 102 c', 4],
    ],
  )
  const bind = (id: number) => summary(id, { operation: 'bindDevice', given: { deviceId: 'd' } })
  t.equal(madeBy([bind(1), bind(2)], [1, 2]).get('d'), undefined, 'which of two it was put back to, nobody says')
  t.equal(madeBy([bind(1), bind(2)], [1]).get('d'), 2, 'what was made since is there')
  const refused = summary(7, { sent: { deviceId: 'd', moduleCode: '102', configName: 'c' } })
  const present = { at: 'body/currentConfigValue', to: 'on' }
  t.same(originOf(present, refused, makers), ['the present value, set by', 4])
  t.equal(originOf(present, summary(8), makers), undefined, 'a value that nobody set')
  t.same(originOf({ at: 'path/recordId', to: 'r' }, refused, makers), ['given by', 3])
  t.equal(originOf({ at: 'query/pageSize', to: 100 }, refused, makers), undefined)
})

t.test('what was sent once more says what came of it, what was made before it, and what that leaves', async (t) => {
  const lock = summary(9, { operation: 'createBackupLock', replayOf: 4, madeFirst: true })
  const others = [summary(8, { replayOf: 4 }), lock, summary(10, { replayOf: 5, madeFirst: true })]
  const made = summary(11, { operation: 'completeBackup', replayOf: 4 })
  t.equal(
    sentAs(4, made, true, [...others, made, { ...lock, id: 12 }]),
    '#4 was sent changed, as #11, after #9 createBackupLock: accepted. The lock of #9 is held for 10 min',
  )
  t.equal(
    sentAs(4, { ...made, operation: 'releaseBackupLock' }, false, others),
    '#4 was sent once more, as #11, after #9 createBackupLock: accepted',
  )
  const reason = 'body/currentConfigValue is "off"; expected "on" [CFG-3]'
  t.equal(
    sentAs(2, summary(15, { outcome: 'refused', reason }), true, []),
    '#2 was sent changed, as #15: refused, body/currentConfigValue is "off"; expected "on"',
  )
  t.same([replayWord(true), replayWord(false)], ['made before the replay of', 'replay of'])
})

t.test('rows that were written beside the changes are accounted for', async (t) => {
  t.match(besideChanges(0, 0), /changed nothing: 0 rows/)
  t.match(besideChanges(0, 1), /changed nothing: it wrote 1 row with the same content/)
  t.match(besideChanges(1, 3), /wrote 2 more rows: a counter/)
  t.equal(besideChanges(2, 2), '')
  t.equal(besideChanges(3, 2), '', 'what goes with a row that is removed')
})

t.test('forms are made of the contracts of effects and timings', async (t) => {
  const fieldNames = (schema: unknown) =>
    formFields(schema).map(({ name, kind, isRequired }) => [name, kind, isRequired])
  t.same(fieldNames(effects.truncate), [['bytes', 'number', true]])
  t.same(fieldNames(effects.throttle), [
    ['perSecond', 'number', false],
    ['retryAfter', 'number', false],
    ['retryAfterForm', 'choice', false],
  ])
  t.same(fieldNames(effects.failItems), [
    ['indexes', 'numbers', false],
    ['match', 'json', false],
    ['errorCode', 'text', true],
    ['msg', 'text', false],
  ])
  t.equal(formFields(effects.throttle)[1]?.hint, '0 to 86400, seconds')
  t.equal(formFields(timings.probability)[0]?.hint, 'above 0 to 1')
  t.same(formFields(undefined), [])
  const texts = { bytes: ' 12 ' }
  t.same(valuesOf(formFields(effects.truncate), texts), { bytes: 12 })
  t.same(valuesOf(formFields(effects.truncate), {}), {})
  const [status] = formFields(effects.redirect)
  t.equal(status && valueOfField(status, '307'), 307)
  const [, , form] = formFields(effects.throttle)
  t.equal(form && valueOfField(form, 'date'), 'date')
  const [indexes, match, code] = formFields(effects.failItems)
  t.same(indexes && valueOfField(indexes, '0, 2 x'), [0, 2, 'x'], 'what is wrong is for the emulator to say')
  t.same(match && valueOfField(match, '{"localPath":"/a"}'), { localPath: '/a' })
  t.same(match && valueOfField(match, '1842'), 1842)
  t.same(match && valueOfField(match, 'a b'), 'a b')
  t.equal(code && valueOfField(code, '12'), '12')
  t.same(fieldNames(effects.meanwhile), [
    ['advance', 'text', false],
    ['expireToken', 'choice', false],
    ['again', 'json', false],
    ['requests', 'json', false],
  ])
  const entered = { expireToken: 'true', requests: '[{"method":"GET","path":"/device"}]' }
  t.same(valuesOf(formFields(effects.meanwhile), entered), {
    expireToken: true,
    requests: [{ method: 'GET', path: '/device' }],
  })
  t.equal(status && valueOfField(status, '999'), '999', 'what is no choice is for the emulator to say')
})

t.test('whatever the contracts know, the page has words for', async (t) => {
  t.same(Object.keys(effectWords).toSorted(), Object.keys(effects).toSorted())
  t.same(Object.keys(timingWords), Object.keys(timings))
  t.same([...Object.keys(contracts), uploads], operationNames)
  t.same(shareWords, titles)
  const {
    world: _,
    view: _view,
    limit: _limit,
    after: _after,
    ...searched
  } = ListQuery.properties as object as Record<string, unknown>
  t.same([...termNames].toSorted(), Object.keys(searched).toSorted(), 'every filter of the journal')
  const said = Object.keys(timings).map((name) => timingSaid({ [name]: 2 }))
  t.same(said, ['first 2', 'each 2nd', 'only the 2nd', 'from the 2nd on', '200 % of them'])
  t.same([true, false, null].map(firingSaid), [
    'would fire',
    'matches, does not fire',
    'may match: too little of it is kept',
  ])
  t.same([timingSaid({ every: 1 }), timingSaid({ from: 1 })], ['each', 'each'])
  t.same(
    [timingSaid({ nth: 11 }), timingSaid({ nth: 103 }), timingSaid({ nth: 1 })],
    ['only the 11th', 'only the 103rd', 'only the 1st'],
  )
  t.same([timingSaid({ probability: 0.005 }), timingSaid({ probability: 0.5 })], ['0.5 % of them', '50 % of them'])
  t.equal(timingSaid(undefined), 'always')
  t.equal(timingSaid({ later: 3 }), 'later 3', 'one that is unheard of is not said to be always')
  t.equal(effectSaid({ type: 'failItems', indexes: [0], errorCode: '1' }), 'fail items, indexes [0], errorCode 1')
  t.equal(effectSaid({ type: 'unheard' }), 'unheard')
  t.equal(effectWordsOf('meanwhile')?.deed, 'let somebody else act first')
  t.equal(effectWordsOf(null), undefined)
})

t.test('what says how items fail is that of the operation', async (t) => {
  t.same(decisionsOnItems(contracts.batchAddBackupScope.facts), ['DEC-19'])
  t.same(decisionsOnItems(contracts.batchDeleteBackupScope.facts), ['DEC-20'])
  for (const contract of Object.values(contracts))
    t.equal(decisionsOnItems(contract.facts).length, batchListOf(contract) === undefined ? 0 : 1, contract.id)
})

t.test('a fault is spent once it can never fire again', async (t) => {
  t.ok(isSpent({ when: { first: 2 }, hits: 2 }))
  t.notOk(isSpent({ when: { first: 2 }, hits: 1 }))
  t.ok(isSpent({ when: { nth: 5 }, hits: 1 }))
  t.notOk(isSpent({ when: { nth: 5 }, hits: 0 }))
  for (const when of [{ from: 1 }, { every: 1 }, { probability: 1 }]) t.notOk(isSpent({ when, hits: 1000 }))
  t.notOk(isSpent({ hits: 1000 }))
})

t.test('what was never met is told by where, each with the call that has it met', async (t) => {
  const emulator = await controlFor(t)
  const none = coverageView(new Coverage())
  t.same(
    sharesIn(none).map(({ words }) => words),
    [shareWords.operations],
    'of what was not called there is nothing',
  )
  await traffic(emulator, 'w', 7, 60)
  const view = (await emulator.turn('GET', '/worlds/w/coverage')) as unknown as typeof none
  t.same(
    sharesIn(view).map(({ met, of }) => ({ met, of })),
    Object.values(view.shares).filter(({ of }) => of > 0),
  )
  const address = 'http://localhost/_emulator/worlds/w'
  for (const gap of view.neverMet) {
    const chances = chancesIn(gap, address)
    t.same(
      [...new Set(chances.map(({ operation }) => operation))],
      [...new Set(gap.at.map(({ operation }) => operation))],
      'no operation is lost',
    )
    for (const { call } of chances) t.ok(call === null || call.includes(` "${address}`), call ?? 'none')
  }
  const fields = { kind: 'fields', what: 'an optional field', at: [], gauntlet: null } as const
  const at = (operation: string, what: string) => ({ operation, what, line: null })
  t.same(chancesIn({ ...fields, at: [at('a', 'body/x'), at('b', 'body/y'), at('a', 'body/z')] }, address), [
    { operation: 'a', what: 'body/x, body/z', call: null },
    { operation: 'b', what: 'body/y', call: null },
  ])
  const refused = (what: string) => ({ operation: 'a', what, line: `curl "$KOODRIVE_CONTROL_URL/faults" -d '${what}'` })
  t.same(
    chancesIn(
      { kind: 'refusals', what: 'x', at: [refused('lockHeld'), refused('lockNotHeld')], gauntlet: null },
      address,
    ),
    [
      { operation: 'a', what: 'lockHeld', call: `curl "${address}/faults" -d 'lockHeld'` },
      { operation: 'a', what: 'lockNotHeld', call: `curl "${address}/faults" -d 'lockNotHeld'` },
    ],
  )
  const mishap = { ...refused('answerLost'), line: null }
  t.equal(
    chancesIn({ kind: 'mishaps', what: 'x', at: [mishap], gauntlet: null }, address)[0]?.what,
    '',
    'its title says it',
  )
})

t.test('two texts are laid side by side', async (t) => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
  fc.assert(
    fc.property(lines, lines, (left, right) => {
      const diff = diffOf(left, right)
      t.same(
        diff.flatMap(({ left: one }) => one ?? []),
        left,
      )
      t.same(
        diff.flatMap(({ right: one }) => one ?? []),
        right,
      )
      t.ok(diff.every((line) => line.isSame === (line.left !== null && line.left === line.right)))
      if (left.join() === right.join() && left.length === right.length) t.ok(diff.every(({ isSame }) => isSame))
    }),
  )
  t.same(diffOf(['{', '"a": 1', '}'], ['{', '"a": 2', '}'])[1], { left: '"a": 1', right: '"a": 2', isSame: false })
  const long = Array.from({ length: 700 }, (_, index) => String(index))
  const diff = diffOf(long, [...long.slice(0, 5), 'other'])
  t.same(
    [diff.length, diff[4]?.isSame, diff[5], diff[6]?.right],
    [700, true, { left: '5', right: 'other', isSame: false }, null],
  )
})

t.test('a command that is copied makes the same entry again', async (t) => {
  const emulator = await emulatorFor(t)
  await emulator.server.listen()
  const address = emulator.server.listeningOrigin
  emulator.time.now = Date.now()
  const body = '{"moduleCode":"100","scopeList":[{"localPath":"/it\'s $HOME `x` \\u00fc"}], "n": 1.50}'
  const headers = { ...emulator.headers(), 'content-type': 'application/json', 'x-odd': '"quoted" $x' }
  const path = '/koodrive/ose/v1/backup/device/1842812272691451648/scope'
  await send(`${address}${path}`, { method: 'POST', headers, body })
  await send(`${address}/koodrive/ose/v1/backup/device?a=%20b`, { headers: emulator.headers() })
  // What curl would take for the name of a file, and what it would give a type.
  await send(`${address}${path}`, { method: 'POST', headers: emulator.headers(), body: '@/etc/hostname' })
  const listed = async () =>
    (await send(`${address}/_emulator/worlds/default/requests`)).json() as { requests: { id: number }[] }
  for (const { id } of (await listed()).requests) {
    const exchange = async (one: number) =>
      (await send(`${address}/_emulator/worlds/default/requests/${one}`)).json() as Parameters<typeof curlOf>[0]
    const sent = await exchange(id)
    emulator.time.now = Date.now()
    await curl(curlOf(sent, address), { TOKEN: 'some-token' })
    const copied = await exchange((await listed()).requests.at(-1)?.id ?? 0)
    const ofUse = (headers: Readonly<Record<string, string>>) =>
      Object.entries(headers).filter(([name]) => isOfUse(name) && name !== 'x-date')
    t.same(Object.fromEntries(ofUse(copied.requestHeaders)), Object.fromEntries(ofUse(sent.requestHeaders)))
    t.equal('x-date' in copied.requestHeaders, 'x-date' in sent.requestHeaders)
    t.same([copied.method, copied.path, copied.requestText], [sent.method, sent.path, sent.requestText])
  }
})

t.test('snippets leave out what is made anew, and quote the rest', async (t) => {
  const sent = { method: 'GET', path: '/a', requestHeaders: {}, requestText: '' }
  t.equal(curlOf(sent, 'http://h'), "curl 'http://h/a'")
  t.equal(curlOf({ ...sent, method: 'HEAD' }, 'http://h'), "curl -I 'http://h/a'")
  t.match(curlOf({ ...sent, path: '/../x[1]' }, 'http://h'), /^curl -g --path-as-is 'http:\/\/h\/\.\.\/x\[1\]'$/)
  t.match(curlOf({ ...sent, path: 'http://other/a' }, 'http://h'), /'http:\/\/other\/a'/)
  t.match(curlOf({ ...sent, requestHeaders: { 'x-empty': '', host: 'h' } }, 'http://h'), /-H 'x-empty;'$/)
  t.match(curlOf({ ...sent, requestText: "it's" }, 'http://h'), /-X GET .*--data-raw 'it'\\''s'$/s)
  const whole = {
    ...sent,
    method: 'POST',
    requestHeaders: {
      authorization: 'x',
      'x-date': 'y',
      'x-backup-lock-id': 'z',
      accept: '*/*',
      'sec-ch-ua': 'q',
      'content-type': 'application/json',
    },
    requestText: '{}',
  }
  const code = fetchOf(whole, 'http://h')
  t.match(code, /^await fetch\("http:\/\/h\/a", \{\n {2}method: "POST",/)
  t.match(code, /Bearer \$\{token\}/)
  t.match(code, /'x-date': new Date\(\)/)
  t.match(code, /"x-backup-lock-id": "z"/)
  for (const noise of ['accept', 'sec-ch-ua']) t.notMatch(code, noise, 'what nobody reads is left out')
  t.match(code, / {2}body: "\{\}",\n\}\)$/)
  t.match(fetchOf({ ...sent, requestText: '{}' }, 'http://h'), / {2}body: new Blob\(\["\{\}"\]\),/, 'which has no type')
  t.equal(fetchOf(sent, 'http://h'), 'await fetch("http://h/a", {\n  method: "GET",\n  headers: {\n  },\n})')
})

t.test('a body that is not kept whole, or is no text, is not copied as if it were', async (t) => {
  const emulator = await emulatorFor(t)
  const keptOf = async (body: string | Buffer) => {
    const headers = { ...emulator.headers(), 'content-type': 'application/json' }
    await emulator.server.inject({ method: 'POST', url: '/koodrive/ose/v1/backup/lock', headers, payload: body })
    const id = emulator.world.journal.lastId
    const { requestText, requestBody } = (
      await emulator.server.inject(`/_emulator/worlds/default/requests/${id}`)
    ).json<{ requestText: string; requestBody: unknown }>()
    return { why: whyNotCopied(requestText, requestBody), ...keptBody(requestText, requestBody) }
  }
  const long = await keptOf(JSON.stringify({ moduleCode: 'x'.repeat(20_000) }))
  t.match(long, { why: /only the beginning of its body is kept/, isBinary: false, whole: { bytes: 20_017 } })
  t.match(await keptOf(Buffer.from([0xff, 0xfe, 0x00])), { why: /is no text/, isBinary: true, whole: undefined })
  t.match(await keptOf(Buffer.alloc(20_000, 0xff)), {
    why: /only the beginning/,
    isBinary: true,
    whole: { bytes: 20_000 },
  })
  t.match(whyNotCopied('a\0b', 'a\0b'), /is no text/, 'which no shell can hold')
  for (const lookalike of [{ base64: 'eA==' }, { beginning: 'x', bytes: 1, sha256: 'y' }, [], null, 'x'])
    t.same(await keptOf(JSON.stringify(lookalike)), { why: undefined, isBinary: false, whole: undefined })
})

t.test('what cannot be sent once more says why', async (t) => {
  t.equal(whyNotAgain({ operation: 'bindDevice', method: 'POST' }), undefined)
  t.equal(whyNotAgain({ operation: null, method: 'GET' }), undefined)
  t.match(whyNotAgain({ operation: 'uploadPart', method: 'PUT' }), /bytes of a part are not kept/)
  t.match(whyNotAgain({ operation: null, method: '' }), /nothing of it could be read/)
})

/** What the page is and loads, written out: whoever changes it has to say so here. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
  'trusted-types inspector'

/** What the whole page may weigh, in bytes. */
const heaviest = 250_000

t.test('the page is served with all that it loads, and loads nothing from elsewhere', async (t) => {
  const { server } = await emulatorFor(t)
  const get = (url: string, headers = {}, method: 'GET' | 'HEAD' = 'GET') => server.inject({ method, url, headers })
  const page = await get('/_emulator/')
  t.equal(page.statusCode, 200)
  t.equal(page.headers['content-type'], 'text/html; charset=utf-8')
  t.equal(page.headers['content-security-policy'], policy)
  t.equal(page.headers['cache-control'], 'no-cache')
  t.equal(page.headers['cross-origin-opener-policy'], 'same-origin')
  t.equal(page.headers['x-content-type-options'], 'nosniff')
  const known = await get('/_emulator/', { 'if-none-match': String(page.headers.etag) })
  t.same([known.statusCode, known.body], [304, ''])
  const head = await get('/_emulator/', {}, 'HEAD')
  t.same([head.statusCode, head.body, head.headers.etag], [200, '', page.headers.etag])
  const links = [...page.body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link = '']) => link)
  t.equal(links.length, 5)
  t.ok(
    links.every((link) => /^assets\/[\w-]+-[A-Z0-9]{8}\.\w+$/.test(link)),
    'relative, and named by their content',
  )
  const files = await bundleInspector()
  const paths = [...files.keys()].filter((path) => path !== 'index.html')
  t.ok(links.every((link) => paths.includes(link)))
  for (const path of paths) {
    const asset = await get(`/_emulator/${path}`)
    t.equal(asset.statusCode, 200, path)
    t.same(asset.rawPayload, Buffer.from(files.get(path) ?? ''), path)
    t.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable')
    t.match(
      asset.headers['content-type'],
      /^(text\/(javascript|css|plain); charset=utf-8|image\/svg\+xml|font\/woff2)$/,
    )
    t.equal((await get(`/_emulator/${path}`, {}, 'HEAD')).body, '')
  }
  const contentOf = (name: RegExp) => String(Buffer.from(files.get(paths.find((path) => name.test(path)) ?? '') ?? ''))
  for (const name of icons) t.match(contentOf(/sprite/), `<g id="${name}"><`)
  t.notMatch(contentOf(/sprite/), / d="m/, 'where a path begins, it says so by a capital')
  for (const name of ['Preact Team', 'The Inter Project', 'The JetBrains Mono Project', 'Lucide Icons', 'Cole Bemis'])
    t.match(contentOf(/licences/), new RegExp(`^Copyright .*${name}`, 'm'))
  const ofFeather =
    contentOf(/licences/)
      .match(/^alert-triangle, .*$/m)?.[0]
      .split(', ') ?? []
  t.ok(ofFeather.includes('help-circle') && ofFeather.includes('x'), 'under the names that they had there')
  t.ok(ofFeather.length <= icons.length)
  const weight = [...files.values()].reduce((sum, { length }) => sum + length, 0)
  t.ok(weight < heaviest, `it weighs ${weight}`)
  for (const missing of ['main.js', '../index.html', '..%2findex.html', 'x'.repeat(101)]) {
    const answer = await get(`/_emulator/assets/${missing}`)
    t.ok(answer.statusCode === 404 || answer.statusCode === 400, missing)
  }
})

t.test('the ways to the page: its address without a slash, and whoever opens the emulator in a browser', async (t) => {
  const emulator = await emulatorFor(t)
  const html = { accept: 'text/html,application/xhtml+xml;q=0.9' }
  const get = (url: string, headers: Record<string, string> = html) => emulator.server.inject({ url, headers })
  for (const [url, headers, status, location] of [
    ['/_emulator', {}, 308, '_emulator/'],
    ['/_emulator', html, 302, './_emulator/'],
    ['/', html, 302, './_emulator/'],
    ['/?x=1', html, 302, './_emulator/'],
  ] as const) {
    const answer = await get(url, headers)
    // Relative, so that it holds under any prefix.
    t.same([answer.statusCode, answer.headers.location], [status, location], url)
  }
  t.same(emulator.world.journal.entries, [], 'which is no exchange of the API')
  t.equal((await get('/', { accept: '*/*' })).statusCode, 404)
  t.equal((await get('/', {})).statusCode, 404)
  t.equal((await emulator.server.inject({ method: 'POST', url: '/', headers: html })).statusCode, 404)
  t.equal(emulator.world.journal.entries.length, 3)
  t.equal(
    (await get('/_emulator/', { host: 'rebound.example.com' })).statusCode,
    403,
    'guarded like all of the control plane',
  )
})

t.test('where the control plane is off, there is no page and no way to it', async (t) => {
  const { server } = await emulatorFor(t, { control: 'off' })
  for (const url of ['/', '/_emulator', '/_emulator/', '/_emulator/assets/main.js']) {
    t.equal((await server.inject({ url, headers: { accept: 'text/html' } })).statusCode, 404, url)
  }
})

t.test('what the package carries is what a checkout makes', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'inspector-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  await writeInspector(folder)
  const read = readOnce(pathToFileURL(`${folder}/`))
  const [built, made] = [await read(), await readerFor('src/control/inspector.ts')()]
  t.same([...built.keys()].toSorted(), [...made.keys()].toSorted())
  for (const [path, content] of made) t.same(Buffer.from(built.get(path) ?? ''), Buffer.from(content), path)
  t.equal(await read(), built, 'read once')
  t.type(readerFor('dist/src/chunk.js'), 'function')
})

t.test('the pictures in the documents are of this page', async (t) => {
  const { digest } = JSON.parse(readFileSync('docs/images/inspector.json', 'utf8'))
  t.equal(digestOf(await bundleInspector()), digest, 'pictures are of another page; run npm run pictures')
  for (const theme of ['light', 'dark']) t.ok(existsSync(`docs/images/inspector-${theme}.png`))
})

t.test('a checkout makes the page again once a source is newer', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'inspector-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const source = join(folder, 'a.ts')
  writeFileSync(source, '')
  let count = 0
  const made = madeOnDemand(pathToFileURL(`${folder}/`), async () => {
    count += 1
    return new Map()
  })
  const first = await made()
  t.equal(await made(), first)
  utimesSync(source, new Date(), new Date(Date.now() + 60_000))
  t.not(await made(), first)
  t.equal(count, 2)
})
