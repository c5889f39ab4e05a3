import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { ScopeAddFailedInfo, ScopeInfo } from '../../schemas/scope.ts'
import type { Check } from '../check.ts'
import { accepted, expect, expectForm, haveSameItems, isRefused, refused } from '../expect.ts'
import { Unobservable } from '../failures.ts'
import type { Answer } from '../target.ts'
import type { Workbench } from '../workbench.ts'
import { acceptEach, refuseEach, someDevice } from './asking.ts'

export interface Item {
  readonly localPath?: unknown
  readonly targetFolderPath?: unknown
}

/** Both lists, whatever stands in them. */
const BatchAnswer = Type.Object({
  scopeList: Type.Array(Type.Partial(ScopeInfo)),
  failedScopeList: Type.Array(Type.Partial(ScopeAddFailedInfo)),
})
const Listed = Type.Object({ scopeList: Type.Array(Type.Partial(ScopeInfo)) })

/** Adds scopes of module 102. */
export const add = ({ call }: Workbench, deviceId: string, scopeList: unknown, more: object = {}): Promise<Answer> =>
  call('batchAddBackupScope', { params: { deviceId }, body: { moduleCode: '102', scopeList, ...more } })

export function outcomeOf(answer: Answer): Static<typeof BatchAnswer> {
  accepted(answer, 'a batch of scopes')
  return expectForm(BatchAnswer, answer.json)
}

/** The scopes that are stored for a module. */
export async function stored({ call }: Workbench, deviceId: string, moduleCode = '102') {
  const answer = await call('listBackupScope', { params: { deviceId }, query: { moduleCode } })
  accepted(answer, 'listing scopes')
  return expectForm(Listed, answer.json).scopeList
}

/** Paths of their own, so many. */
export const paths = (count: number): { localPath: string; targetFolderPath: string }[] =>
  Array.from({ length: count }, (_, index) => ({ localPath: `/from/${index}`, targetFolderPath: `/to/${index}` }))

/** Breaks SCO-2, and nothing else. */
export const brokenPath = '/with\\backslash'

/** What does not change while paths are compared. */
export const localPaths = (list: readonly Item[]): string => JSON.stringify(list.map(({ localPath }) => localPath))

/** Compares them in whatever order: only a decision promises that of the request (DEC-19). */
const haveSamePaths = (one: readonly Item[], other: readonly Item[]): boolean =>
  haveSameItems(
    one.map(({ localPath }) => localPath),
    other.map(({ localPath }) => localPath),
  )

async function neverAdded(bench: Workbench, cases: Readonly<Record<string, Item>>): Promise<void> {
  const deviceId = await bench.device()
  for (const [what, item] of Object.entries(cases)) {
    const answer = await add(bench, deviceId, [item])
    const isAdded = !isRefused(answer) && outcomeOf(answer).scopeList.length > 0
    expect(!isAdded, `${what} was added`)
  }
  expect((await stored(bench, deviceId)).length === 0, 'a scope that was not added is listed')
}

export const scopeChecks: readonly Check[] = [
  {
    id: 'SCO-1',
    title: 'A batch of 100 scopes is accepted, one of 101 is refused and adds nothing',
    run: async (bench) => {
      const deviceId = await bench.device()
      refused(await add(bench, deviceId, paths(101)), 'a batch of 101 scopes')
      expect((await stored(bench, deviceId)).length === 0, 'a batch was refused, and some of its scopes are listed')
      const { scopeList } = outcomeOf(await add(bench, deviceId, paths(100)))
      expect(scopeList.length === 100, `of 100 scopes, ${scopeList.length} were added`)
    },
  },
  {
    id: 'SCO-1',
    title: 'Adding scopes takes a moduleCode and a scopeList',
    run: async (bench) => {
      const deviceId = await bench.device()
      await refuseEach({
        'a batch without moduleCode': () => add(bench, deviceId, paths(1), { moduleCode: undefined }),
        'a batch without scopeList': () => add(bench, deviceId, undefined),
      })
    },
  },
  {
    id: 'SCO-2',
    title: 'A path of up to 10,000 characters is added, either one alone is enough',
    run: async (bench) => {
      const longest = '/'.padEnd(10_000, 'a')
      const items = [{ localPath: longest, targetFolderPath: longest }, { localPath: '/a' }, { targetFolderPath: '/b' }]
      const { scopeList } = outcomeOf(await add(bench, await bench.device(), items))
      expect(scopeList.length === items.length, `of ${items.length} good scopes, ${scopeList.length} were added`)
    },
  },
  {
    id: 'SCO-2',
    title: 'A scope is not added where a path is too long, has a backslash or does not start with a slash, or has none',
    run: (bench) =>
      neverAdded(bench, {
        'a path of 10,001 characters': { localPath: '/'.padEnd(10_001, 'a') },
        'a localPath with a backslash': { localPath: brokenPath },
        'a targetFolderPath with a backslash': { targetFolderPath: brokenPath },
        'a path without a slash at its start': { localPath: 'from' },
        'a scope with two empty paths': { localPath: '', targetFolderPath: '' },
        'a scope without paths': {},
      }),
  },
  {
    id: 'SCO-3',
    title: 'Good scopes are all answered in scopeList, and all are listed',
    run: async (bench) => {
      const deviceId = await bench.device()
      const { scopeList, failedScopeList } = outcomeOf(await add(bench, deviceId, paths(3)))
      expect(failedScopeList.length === 0, 'a good scope was answered as failed')
      expect(haveSamePaths(scopeList, paths(3)), 'scopeList was not what was sent')
      const listed = new Set((await stored(bench, deviceId)).map(({ scopeId }) => scopeId))
      expect(
        scopeList.every(({ scopeId }) => listed.has(scopeId)),
        'a scope was answered as added and is not listed',
      )
    },
  },
  {
    id: 'SCO-3',
    title: 'Where one of 21 scopes fails, it stands in failedScopeList, and the other 20 stand in scopeList',
    run: async (bench) => {
      const deviceId = await bench.device()
      const bad = { localPath: brokenPath, targetFolderPath: '/to' }
      const answer = await add(bench, deviceId, paths(20).toSpliced(10, 0, bad))
      if (isRefused(answer)) throw new Unobservable('a batch with a bad scope is refused whole')
      const { scopeList, failedScopeList } = outcomeOf(answer)
      expect(haveSamePaths(scopeList, paths(20)), 'scopeList is not the 20 good scopes')
      expect(localPaths(failedScopeList) === localPaths([bad]), 'failedScopeList is not the one bad scope')
      const listed = await stored(bench, deviceId)
      expect(listed.length === 20, `20 scopes were answered as added, and ${listed.length} are listed`)
    },
  },
  {
    id: 'SCO-4',
    title: 'An added scope has its paths, scopeId, moduleCode and createTime, all strings',
    run: async (bench) => {
      const deviceId = await bench.device()
      const answered = outcomeOf(await add(bench, deviceId, paths(2)))
      for (const scope of [...answered.scopeList, ...(await stored(bench, deviceId))]) {
        const { moduleCode } = expectForm(ScopeInfo, scope)
        expect(moduleCode === '102', `a scope of module 102 is answered with ${moduleCode}`)
      }
    },
  },
  {
    id: 'SCO-4',
    title: 'A failed scope has its paths, errorCode and msg, all strings',
    run: async (bench) => {
      const answer = await add(bench, await bench.device(), [{ localPath: brokenPath, targetFolderPath: '/to' }])
      if (isRefused(answer)) throw new Unobservable('a batch with a bad scope is refused whole')
      for (const failed of outcomeOf(answer).failedScopeList) expectForm(ScopeAddFailedInfo, failed)
    },
  },
  {
    id: 'SCO-6',
    title: 'Listing answers the scopes of one module at top level',
    run: async (bench) => {
      const deviceId = await bench.device()
      outcomeOf(await add(bench, deviceId, paths(1)))
      const [here, elsewhere] = [await stored(bench, deviceId), await stored(bench, deviceId, '101')]
      expect(localPaths(here) === localPaths(paths(1)), 'the scope of module 102 is not listed there')
      expect(elsewhere.length === 0, 'a scope of module 102 is listed for module 101')
    },
  },
  {
    id: 'SCO-6',
    title: "Scopes of a device are listed for each module's code",
    readOnly: true,
    run: async (bench) => {
      const params = { deviceId: await someDevice(bench) }
      const list = (moduleCode: string) => () => bench.call('listBackupScope', { params, query: { moduleCode } })
      await acceptEach({ 'module 100': list('100'), 'module 101': list('101'), 'module 102': list('102') })
    },
  },
]
