import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { RecordDebt } from '../debts.ts'
import { isDone } from '../expect.ts'
import type { Ask, Reply } from '../patience.ts'

const RecordPage = Type.Object({
  data: Type.Array(Type.Object({ recordId: Type.String(), deviceInfo: Type.Object({ deviceId: Type.Unknown() }) })),
  nextCursor: Type.Optional(Type.Union([Type.String(), Type.Null()])),
})

/** A user has records of years; more pages are not read to find one. */
const mostPages = 50

const pageIn = ({ answer }: Reply) =>
  answer && isDone(answer) && Value.Check(RecordPage, answer.json) ? answer.json : undefined

/** The records of a debt's device and module; once the device is unbound, found among all of the module. */
export const recordsOf = async (ask: Ask, debt: RecordDebt): Promise<readonly string[] | undefined> =>
  (await listed(ask, debt, { deviceId: debt.deviceId })) ?? (await listed(ask, debt, {}))

/** `undefined` where the list cannot be read to its end; the debt then says why. */
async function listed(ask: Ask, debt: RecordDebt, narrowed: Readonly<Record<string, string>>) {
  const { user, moduleCode, deviceId } = debt
  const ids: string[] = []
  let cursor: string | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const reply = await ask('listBackupRecord', { user, query: { moduleCode, pageSize: 100, ...narrowed, cursor } })
    debt.state = { isThere: false, why: `the list of records was answered ${reply.said}` }
    const { data, nextCursor } = pageIn(reply) ?? {}
    if (!data) return undefined
    ids.push(...data.filter(({ deviceInfo }) => deviceInfo.deviceId === deviceId).map(({ recordId }) => recordId))
    if (!nextCursor) return ids
    cursor = nextCursor
  }
  return undefined
}
