import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { ScopeDeleteFailedInfo } from '../../schemas/scope.ts'
import type { ErrorKey } from '../../src/errors.ts'
import { catalogue } from '../../src/errors.ts'
import type { Check } from '../check.ts'
import { accepted, expect, expectForm, haveSameItems, refused, refusedAs, succeeded } from '../expect.ts'
import type { Answer } from '../target.ts'
import type { Workbench } from '../workbench.ts'
import { refuseEach, refuseEachAs } from './asking.ts'
import { add, brokenPath, localPaths, outcomeOf, paths, stored } from './scopes.ts'

const Deleted = Type.Object({ scopeIdList: Type.Array(Type.String()) })
const DeleteFailed = Type.Object({ failedScopeList: Type.Array(ScopeDeleteFailedInfo) })

const remove = ({ call }: Workbench, deviceId: string, scopeIdList: unknown): Promise<Answer> =>
  call('batchDeleteBackupScope', { params: { deviceId }, body: { scopeIdList } })

function formOf<Form extends typeof Deleted | typeof DeleteFailed>(form: Form, answer: Answer): Static<Form> {
  accepted(answer, 'a batch of scopes to delete')
  return expectForm(form, answer.json)
}

/** Adds so many scopes to a device. Returns their ids. */
async function scopesOf(bench: Workbench, deviceId: string, count: number): Promise<string[]> {
  const { scopeList } = outcomeOf(await add(bench, deviceId, paths(count)))
  return scopeList.map(({ scopeId }) => `${scopeId}`)
}

/** No scope of any device. */
const noScopes = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index + 1}`)

/** @throws Departure unless the items failed with these keys of the catalogue, in this order */
function failedAs(keys: readonly ErrorKey[], failures: readonly { errorCode?: string; msg?: string }[]): void {
  const given = failures.map(({ errorCode, msg }) => `${errorCode} ${msg}`).join(', ')
  const expected = keys.map((key) => `${catalogue[key].code} ${catalogue[key].msg}`).join(', ')
  expect(given === expected, `items were to fail with ${expected}, and failed with ${given}`)
}

export const batchChecks: readonly Check[] = [
  {
    id: 'SCO-5',
    title: 'Deleted scopes are answered in scopeIdList, and listed no more',
    run: async (bench) => {
      const deviceId = await bench.device()
      const [kept = '', ...gone] = await scopesOf(bench, deviceId, 3)
      const { scopeIdList } = formOf(Deleted, await remove(bench, deviceId, gone))
      const isWhole = haveSameItems(scopeIdList, gone)
      expect(isWhole, `${gone.join()} were deleted, but ${scopeIdList.join()} answered`)
      const left = (await stored(bench, deviceId)).map(({ scopeId }) => scopeId)
      expect(left.join() === kept, `${kept} alone was to be left, not ${left.join()}`)
    },
  },
  {
    id: 'SCO-5',
    title: 'Up to 100 ids are taken at once, 101 are refused, and so is a body without them',
    run: async (bench) => {
      const deviceId = await bench.device()
      const [scopeId = ''] = await scopesOf(bench, deviceId, 1)
      await refuseEach({
        '101 ids': () => remove(bench, deviceId, [scopeId, ...noScopes(100)]),
        'a body without scopeIdList': () => remove(bench, deviceId, undefined),
      })
      expect((await stored(bench, deviceId)).length === 1, 'a batch was refused, and its scope deleted')
      accepted(await remove(bench, deviceId, [scopeId, ...noScopes(99)]), '100 ids')
    },
  },
  {
    id: 'SCO-5',
    standing: 'inferred',
    title: 'An id that is no scope stands in failedScopeList, with errorCode and msg',
    run: async (bench) => {
      const deviceId = await bench.device()
      const { failedScopeList } = formOf(DeleteFailed, await remove(bench, deviceId, noScopes(1)))
      expect(failedScopeList.map(({ scopeId }) => scopeId).join() === '1', 'failedScopeList is not the one bad id')
    },
  },
]

export const batchDecisionChecks: readonly Check[] = [
  {
    id: 'DEC-19',
    title: 'A misshapen batch is refused whole',
    run: async (bench) => {
      const deviceId = await bench.device()
      await refuseEachAs('invalid', {
        'an empty batch': () => add(bench, deviceId, []),
        'a batch of 101': () => add(bench, deviceId, paths(101)),
        'an item that is no object': () => add(bench, deviceId, [...paths(1), '/a']),
        'a path that is no string': () => add(bench, deviceId, [...paths(1), { localPath: 1 }]),
      })
      expect((await stored(bench, deviceId)).length === 0, 'a batch was refused, and some of its scopes are listed')
    },
  },
  {
    id: 'DEC-19',
    title: 'A bad item of a batch fails alone, each for its reason, and both lists keep their order',
    run: async (bench) => {
      const deviceId = await bench.device()
      accepted(await add(bench, deviceId, paths(1)), 'a first scope')
      const broken = { localPath: brokenPath, targetFolderPath: '' }
      const { scopeList, failedScopeList } = outcomeOf(
        await add(bench, deviceId, [broken, { targetFolderPath: '/alone' }, ...paths(2), ...paths(2)]),
      )
      expect(
        localPaths(scopeList) === localPaths([{ localPath: '' }, ...paths(2).slice(1)]),
        'scopeList is in another order',
      )
      failedAs(['invalid', 'scopeExists', 'scopeExists', 'scopeExists'], failedScopeList)
      expect(failedScopeList[0]?.localPath === brokenPath, 'a failed path is not answered as it was sent')
    },
  },
  {
    id: 'DEC-20',
    title: 'Deleting unknown, foreign and repeated ids fails for each alone; an empty list is refused',
    run: async (bench) => {
      const [deviceId, other] = [await bench.device(), await bench.device()]
      const [[own = ''], [foreign = '']] = [await scopesOf(bench, deviceId, 1), await scopesOf(bench, other, 1)]
      const answer = await remove(bench, deviceId, [own, '1', foreign, own])
      const { scopeIdList, failedScopeList } = succeeded('batchDeleteBackupScope', answer)
      expect(scopeIdList.join() === own, 'another id was deleted than the one of the device')
      failedAs(['notFound', 'notFound', 'notFound'], failedScopeList)
      refusedAs('invalid', await remove(bench, deviceId, []), 'an empty list')
      expect((await stored(bench, other)).length === 1, "another device's scope was deleted")
    },
  },
  {
    id: 'DEC-21',
    title: 'Of a batch, all that is answered as added is stored; of a refused one, nothing',
    run: async (bench) => {
      const deviceId = await bench.device()
      refused(await add(bench, deviceId, [...paths(5), 'no object']), 'a misshapen batch')
      const ids = await scopesOf(bench, deviceId, 50)
      const listed = (await stored(bench, deviceId)).map(({ scopeId }) => scopeId)
      expect(haveSameItems(ids, listed), `${ids.length} were answered as added, and ${listed.length} are listed`)
    },
  },
]
