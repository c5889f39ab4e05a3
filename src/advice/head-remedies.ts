import { basePath, familyPath } from '../../schemas/common.ts'
import { controlPath } from '../../schemas/control.ts'
import { xDate } from '../http/headers.ts'
import { parseJson } from '../http/json.ts'
import { RequestTarget } from '../http/request-target.ts'
import { sentHeaders, valuesOfHeader } from '../http/written-request.ts'
import type { RefusedRequest, Remedy } from './remedy.ts'
import { set } from './remedy.ts'
import { userIn } from './stored.ts'

/** What stands for a token that only the client has. */
const someToken = '$TOKEN'

/** What may help a request that its head alone refuses, by the check that refuses it. */
export const headRemedies: Readonly<Record<string, (refused: RefusedRequest) => Remedy[]>> = {
  route: ({ request, reason }) => {
    const [, methods = ''] = /this path takes ([A-Z, ]+) \[/.exec(reason) ?? []
    return [
      ...set('method', ...methods.split(', ').filter(Boolean)),
      ...set('path', ...respelled(request.path, reason)),
    ]
  },
  'media type': ({ request }) => [
    ...set('header/content-type', 'application/json'),
    ...(sentHeaders(request)['content-encoding'] === undefined ? [] : set('header/content-encoding', null)),
  ],
  syntax: ({ request, reason }) => {
    const text = request.body.toString()
    const mended = text.replace(/^\uFEFF/, '').replace(/,(\s*[}\]])/g, '$1')
    const encoded = request.path.replace(/%(?![0-9a-f]{2})/gi, '%25')
    const path = reason.includes('begin with a /') ? `/${encoded}` : encoded
    const value = mended === text ? undefined : parseJson(mended)
    return [...(value === undefined ? [] : set('body', value)), ...(path === request.path ? [] : set('path', path))]
  },
  Authorization: (refused) =>
    refused.world.settings.auth === 'any'
      ? set('header/Authorization', `Bearer ${someToken}`)
      : [
          {
            kind: 'call',
            method: 'POST',
            path: `!${controlPath}/worlds/${refused.world.name}/tokens`,
            body: { userId: userIn(refused), token: someToken },
            gives: { at: 'header/Authorization', name: `Bearer ${someToken}` },
          },
        ],
  'X-User-Id': (refused) => {
    const visible = userIn(refused)
      .replace(/[^\x21-\x7e]/g, '')
      .slice(0, 64)
    return set(
      'header/X-User-Id',
      ...[visible, ...refused.world.store.dump.userIds().slice(0, 3), 'user-1'].filter(Boolean),
    )
  },
  'X-Date': ({ signingNow }) => set('header/X-Date', xDate(signingNow)),
}

/** Of a header that was sent more than once, each of its values alone. A credential is the client's to give. */
export function onceRemedies({ request, check, reason }: RefusedRequest): Remedy[] {
  const [, name] = /^(?:header\/)?([\w-]+) was sent more than once/.exec(reason) ?? []
  if (name === undefined || check === 'Authorization') return []
  return set(`header/${name}`, ...new Set(valuesOfHeader(request, name)))
}

/** What a path may have been meant to be: without slashes too many, below a base, or as its reason writes it. */
function respelled(raw: string, reason: string): string[] {
  const { path, query } = new RequestTarget(raw)
  const rest = query === '' ? '' : `?${query}`
  const bare = path.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1')
  const [, world = '', own = bare] = /^(\/worlds\/[^/]+)(\/.*)$/.exec(bare) ?? []
  const [, template = own] = /it is written (\S+)/.exec(reason) ?? []
  const segments = own.split('/').slice(-(template.split('/').length - 1))
  const filled = template.split('/').map((part, index) => (part.startsWith('{') ? String(segments[index - 1]) : part))
  const based = [basePath, familyPath].map((base) => `${base}${own}`)
  return [own, ...based, filled.join('/')].map((one) => `${world}${one}${rest}`).filter((one) => one !== raw)
}
