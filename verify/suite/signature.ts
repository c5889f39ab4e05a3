import { RequestTarget } from '../../src/http/request-target.ts'
import type { SignedRequest } from '../../src/http/signature.ts'
import type { Check } from '../check.ts'
import { authorizationOf } from '../credentials.ts'
import { Unobservable } from '../failures.ts'
import type { Answer } from '../target.ts'
import type { Workbench } from '../workbench.ts'
import { acceptEach, refuseEach, refuseEachAs } from './asking.ts'
import { list } from './headers.ts'

/** @throws Unobservable where requests are not signed */
function appOf({ target: { credentials } }: Workbench): { readonly appId: string; readonly appSecret: string } {
  if ('appId' in credentials) return credentials
  throw new Unobservable('it takes an app id and its secret to show this')
}

/** A request signed as if it were another one. */
const signedFor =
  (bench: Workbench, change: (request: SignedRequest) => Partial<SignedRequest>) => (): Promise<Answer> =>
    list(bench, { authorize: (request) => authorizationOf(appOf(bench), { ...request, ...change(request) }) })()

/** A request signed by another app than there is. */
const signedBy = (bench: Workbench, app: { readonly appId?: string; readonly appSecret?: string }) => {
  const nobody = { appId: bench.word(), appSecret: bench.word() }
  return list(bench, { authorize: (request) => authorizationOf({ ...nobody, ...app }, request) })
}

export const signatureChecks: readonly Check[] = [
  {
    id: 'COM-15',
    title: 'A request signed by an app is accepted, and refused where it was signed with another secret',
    readOnly: true,
    run: async (bench) => {
      const { appId } = appOf(bench)
      await acceptEach({ 'a signed request': list(bench) })
      await refuseEach({ 'a request signed with another secret': signedBy(bench, { appId }) })
    },
  },
  {
    id: 'COM-16',
    title: 'A signature covers method, path, query, X-Date, X-User-Id and body',
    readOnly: true,
    run: async (bench) => {
      appOf(bench)
      const query = { pageSize: 1, moduleCode: '102', deviceId: bench.word() }
      await acceptEach({ 'a query in another order': () => bench.call('listBackupRecord', { query }) })
      const headed = (name: string) => signedFor(bench, ({ headers }) => ({ headers: { ...headers, [name]: '1' } }))
      await refuseEach({
        'a request signed for another method': signedFor(bench, () => ({ method: 'POST' })),
        'a request signed for another path': signedFor(bench, ({ target }) => ({
          target: new RequestTarget(`${target.raw}/1`),
        })),
        'a request signed for another query': signedFor(bench, ({ target }) => ({
          target: new RequestTarget(`${target.raw}?a=b`),
        })),
        'a request signed for another X-Date': headed('x-date'),
        'a request signed for another user': headed('x-user-id'),
        'a request signed for another body': signedFor(bench, () => ({ body: '{}' })),
      })
    },
  },
  {
    id: 'DEC-3',
    title: 'A signature by an app that is not registered is refused',
    readOnly: true,
    run: (bench) => refuseEachAs('unauthorized', { "an unknown app's signature": signedBy(bench, {}) }),
  },
  {
    id: 'DEC-3',
    title: 'An app may act for any user',
    readOnly: true,
    run: async (bench) => {
      appOf(bench)
      await acceptEach({ "an app's request for another user": list(bench, { user: bench.word() }) })
    },
  },
]
