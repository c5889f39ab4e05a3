import fc from 'fast-check'
import type { OperationId } from '../../schemas/index.ts'
import type { StatementId } from '../../schemas/statements.ts'
import type { Call } from '../target.ts'
import type { Cursor, List, ModelRecord } from './model.ts'
import { contentOf, obstacleTo } from './model.ts'
import type { SequenceRun } from './sequence-run.ts'
import type { Step } from './step.ts'
import { chosen, number, often, steps, stepsOnRecords } from './step.ts'

const pageSize = fc.constantFrom(1, 1, 2, 100)

/** A page that nobody can ask for, and what says so. */
const wrong = fc.constantFrom(
  { pageSize: 0 },
  { pageSize: 101 },
  { pageSize: 1, cursor: 'x'.repeat(1001) },
  { pageSize: 1, cursor: 'nonsense' },
  {},
)

const of = fc.constantFrom<List['of']>('records', 'files')

/** What is done with lists that are read by the page, and with their cursors. */
export const pageSteps: readonly fc.Arbitrary<Step>[] = [
  ...often(
    stepsOnRecords(
      fc.record({ of, number, pageSize, pages: fc.constantFrom(1, 4, 4) }),
      async (session, record, { of, pageSize, pages }) => {
        const list = listOf(of, record)
        let cursor: Cursor | undefined = { text: '', list, seen: [], first: contentOf(session.model, list) }
        for (let page = 0; page < pages && cursor; page += 1) cursor = await readPage(session, cursor, pageSize)
      },
    ),
  ),

  ...often(
    steps(
      fc.record({ number, pageSize }),
      async (session, { number, pageSize }) => {
        const cursor = chosen(session.model.cursors, number)
        if (cursor) await readPage(session, cursor, pageSize)
      },
      ({ cursors }) => cursors.length > 0,
    ),
  ),

  stepsOnRecords(fc.record({ of, number, wrong }), async (session, record, { of, wrong }) => {
    const list = listOf(of, record)
    const id = wrong.cursor === 'nonsense' ? 'DEC-28' : groundOf(list)
    await session.refused(obstacleTo(list) ?? id, ...requestOf(list, wrong))
  }),

  stepsOnRecords(fc.record({ of, number, other: number }), async (session, record, { of, other }) => {
    const cursor = chosen(session.model.cursors, other)
    const list = [listOf(of, record), listOf('files', record), listOf('records', record)].find(
      (one) => cursor && !isSame(cursor.list, one),
    )
    if (cursor && list) await session.refused('DEC-28', ...requestOf(list, { pageSize: 1, cursor: cursor.text }))
  }),
]

/** The files of a record, or all records of its device and module. */
function listOf(of: List['of'], record: ModelRecord): List {
  return of === 'files' ? { of, record } : { of, device: record.device, moduleCode: record.moduleCode }
}

interface PageQuery {
  readonly pageSize?: number
  readonly cursor?: string
}

function requestOf(list: List, query: PageQuery): [OperationId & `list${string}`, Call] {
  if (list.of === 'files') return ['listBackupFile', { params: { recordId: list.record.id }, query: { ...query } }]
  const filters = { moduleCode: list.moduleCode, deviceId: list.device.id }
  return ['listBackupRecord', { query: { ...filters, ...query } }]
}

const isSame = (one: List, other: List): boolean => {
  const [first, second] = [requestOf(one, {}), requestOf(other, {})]
  return JSON.stringify(first) === JSON.stringify(second)
}

/** One page as the names of its items, and where the next one begins. */
async function pageOf(session: SequenceRun, list: List, query: PageQuery) {
  const [operation, call] = requestOf(list, query)
  if (operation === 'listBackupFile') {
    const { data, nextCursor } = await session.legal(operation, call)
    return { items: data.map(({ fileName }) => fileName), nextCursor }
  }
  const { data, nextCursor } = await session.legal('listBackupRecord', call)
  return { items: data.map(({ recordId }) => recordId), nextCursor }
}

/** REC-4, FIL-2, DEC-28. Returns where the next page begins; `undefined` where there is none. */
async function readPage(session: SequenceRun, cursor: Cursor, pageSize: number): Promise<Cursor | undefined> {
  const { text, list, seen, first } = cursor
  const query = text === '' ? { pageSize } : { pageSize, cursor: text }
  const obstacle = obstacleTo(list)
  if (obstacle) {
    await session.refused(obstacle, ...requestOf(list, query))
    return undefined
  }
  const { items, nextCursor } = await pageOf(session, list, query)
  agreeOnPage(session, cursor, items, pageSize)
  if (!nextCursor) {
    session.agree('DEC-28', nextCursor === undefined, `the last page has the nextCursor ${JSON.stringify(nextCursor)}`)
    agreeOnEnd(session, cursor, items)
    return undefined
  }
  session.capture('CURSOR', nextCursor, '.nextCursor | @uri')
  const next = { text: nextCursor, list, seen: [...seen, ...items], first }
  session.model.cursors.push(next)
  return next
}

const groundOf = ({ of }: List): StatementId => (of === 'files' ? 'FIL-2' : 'REC-4')

function agreeOnPage(session: SequenceRun, { list, seen }: Cursor, items: readonly string[], pageSize: number): void {
  const { agree, model } = session
  const id = groundOf(list)
  const content = contentOf(model, list)
  agree(id, items.length <= pageSize, `a page of ${pageSize} has ${items.length} items`)
  for (const item of items) {
    const isDeleted = model.records.some((record) => record.id === item && record.status === 'deleted')
    agree(isDeleted ? 'REC-6' : id, content.includes(item), `${item} is listed, and is not there`)
    agree('DEC-28', !seen.includes(item), `${item} was on an earlier page, and is on this one`)
  }
  const inOrder = content.filter((item) => items.includes(item))
  agree('DEC-28', `${inOrder}` === `${items}`, `${inOrder} was the order, not ${items}`)
}

/** What was made since the first page was read may be on a later one, or on none. */
function agreeOnEnd(
  { agree, model }: SequenceRun,
  { text, list, seen, first }: Cursor,
  items: readonly string[],
): void {
  const content = contentOf(model, list)
  const missing = first.filter((item) => content.includes(item) && ![...seen, ...items].includes(item))
  agree(text === '' ? groundOf(list) : 'DEC-28', missing.length === 0, `${missing} is missing`)
}
