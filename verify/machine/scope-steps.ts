import fc from 'fast-check'
import type { ModuleCode } from '../../schemas/common.ts'
import type { Paths, Scope } from './model.ts'
import { outcomesOf, placeInList } from './model.ts'
import { deviceIn } from './preconditions.ts'
import type { SequenceRun } from './sequence-run.ts'
import { chosen, often, perhaps, slot, steps } from './step.ts'

const moduleCode = fc.constantFrom<ModuleCode>('102', '101')

/** SCO-2: some break it. */
const item = fc
  .tuple(
    perhaps('localPath', fc.constantFrom('/a', '/b', '/c', '', 'no slash', '/back\\slash')),
    perhaps('targetFolderPath', fc.constantFrom('/t', '', 'no slash')),
  )
  .map(([local, target]): Paths => ({ ...local, ...target }))

/** SCO-1, DEC-19. */
const wrong = fc.constantFrom(
  { id: 'DEC-19', body: { moduleCode: '102', scopeList: [] } } as const,
  { id: 'SCO-1', body: { moduleCode: '102' } } as const,
  { id: 'SCO-1', body: { scopeList: [{ localPath: '/a' }] } } as const,
  { id: 'COM-7', body: { moduleCode: '103', scopeList: [{ localPath: '/a' }] } } as const,
  {
    id: 'SCO-1',
    body: { moduleCode: '102', scopeList: Array.from({ length: 101 }, (_, index) => ({ localPath: `/${index}` })) },
  } as const,
)

/** What is done with scopes. */
export const scopeSteps = [
  ...often(steps(fc.record({ slot, moduleCode, items: fc.array(item, { minLength: 1, maxLength: 4 }) }), addScopes)),

  steps(fc.record({ slot, wrong }), async (session, { slot, wrong: { id, body } }) => {
    const { id: deviceId } = await deviceIn(session, slot)
    await session.refused(id, 'batchAddBackupScope', { params: { deviceId }, body })
  }),

  ...often(
    steps(fc.record({ slot, moduleCode }), async (session, { slot, moduleCode }) => {
      const device = await deviceIn(session, slot)
      const call = { params: { deviceId: device.id }, query: { moduleCode } }
      const { scopeList } = await session.legal('listBackupScope', call)
      const listed = scopeList.map(({ scopeId }) => scopeId)
      for (const scope of device.scopes) agreeOnScope(session, scope, moduleCode, listed)
    }),
  ),

  steps(slot, async (session, slot) => {
    const { id: deviceId } = await deviceIn(session, slot)
    await session.refused('SCO-6', 'listBackupScope', { params: { deviceId } })
  }),

  ...often(steps(fc.record({ slot, numbers: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }) }), deleteScopes)),
]

interface Addition {
  readonly slot: number
  readonly moduleCode: ModuleCode
  readonly items: readonly Paths[]
}

/** SCO-3, DEC-19: each item by itself. Those that would rest on a difference that is known are not sent. */
async function addScopes(session: SequenceRun, { slot, moduleCode, items }: Addition): Promise<void> {
  const device = await deviceIn(session, slot)
  const isSent = ({ refusal }: { readonly refusal?: string }) => refusal === undefined || session.allows('SCO-3')
  const outcomes = outcomesOf(device, moduleCode, items)
    .filter(isSent)
    .filter(({ refusal }) => refusal === undefined || session.allows(refusal))
  if (outcomes.length === 0) return
  const body = { moduleCode, scopeList: outcomes.map(({ item }) => item) }
  const answer = await session.legal('batchAddBackupScope', { params: { deviceId: device.id }, body })
  const [added, failed] = [answer.scopeList.map(placeInList), answer.failedScopeList.map(placeInList)]
  const due = outcomes.filter(({ refusal }) => refusal === undefined).map(({ item }) => placeInList(item))
  for (const { item, refusal } of outcomes) {
    const place = placeInList(item)
    if (refusal === undefined) session.agree('SCO-3', added.includes(place), `${place} was not added`)
    else if (!due.includes(place)) session.agree(refusal, !added.includes(place), `${place} was added`)
    if (refusal) session.agree('SCO-3', failed.includes(place), `${place} is missing in failedScopeList`)
  }
  session.agree('DEC-19', `${added}` === `${due}`, `${due} were to be added in this order, not ${added}`)
  answer.scopeList.forEach(({ scopeId, localPath, targetFolderPath }, index) => {
    session.capture('SCOPE', scopeId, `.scopeList[${index}].scopeId`)
    device.scopes.push({ id: scopeId, moduleCode, localPath, targetFolderPath, isDeleted: false })
  })
}

function agreeOnScope(session: SequenceRun, scope: Scope, moduleCode: ModuleCode, listed: readonly string[]): void {
  const { id, isDeleted } = scope
  const isDue = scope.moduleCode === moduleCode && !isDeleted
  const count = listed.filter((one) => one === id).length
  if (isDue) session.agree('SCO-6', count === 1, `scope ${id} was added, and is listed ${count} times`)
  else if (isDeleted) session.agree('SCO-5', count === 0, `scope ${id} was deleted, and is listed`)
  else session.agree('SCO-6', count === 0, `scope ${id} is of another module, and is listed`)
}

/** SCO-5, DEC-20: among the scopes ever added there may be some that are gone, and one may be named twice. */
async function deleteScopes(
  session: SequenceRun,
  { slot, numbers }: { readonly slot: number; readonly numbers: readonly number[] },
): Promise<void> {
  const device = await deviceIn(session, slot)
  const ids = numbers.map((number) => chosen(device.scopes, number)?.id ?? '1')
  const alive = new Set(device.scopes.filter(({ isDeleted }) => !isDeleted).map(({ id }) => id))
  const isDue = ids.map((id) => alive.delete(id))
  const scopeIdList = session.allows('DEC-20') ? ids : ids.filter((_, index) => isDue[index])
  if (scopeIdList.length === 0) return
  const call = { params: { deviceId: device.id }, body: { scopeIdList } }
  const { scopeIdList: deleted } = await session.legal('batchDeleteBackupScope', call)
  const due = ids.filter((_, index) => isDue[index])
  for (const id of due) session.agree('SCO-5', deleted.includes(id), `scope ${id} was not deleted`)
  session.agree('DEC-20', deleted.length <= due.length, 'more was deleted than was there')
  for (const scope of device.scopes) scope.isDeleted ||= due.includes(scope.id)
}
