import { basePath, familyPath } from '../../schemas/common.ts'
import { controlPath } from '../../schemas/control.ts'
import type { OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import { pathOf } from '../../schemas/operation.ts'
import type { Refusal } from '../errors.ts'
import { refuse } from '../errors.ts'
import type { RequestTarget } from './request-target.ts'

/** Where the parts of uploads are taken, below a world's address (UPL-5). */
export const uploadPath = '/_upload'

/** What the target of a request leads to. */
export interface Route {
  /** An operation of the API, a part of an upload, the control plane, or nothing that there is. */
  readonly kind: 'operation' | 'upload' | 'control' | 'none'
  readonly id: OperationId | null
  /** Decoded. */
  readonly params: Readonly<Record<string, string>>
  /** Why it leads nowhere. */
  readonly refusal: Refusal | null
  /** The path under which Fastify knows what is there: one without parameters, except in the control plane. */
  readonly dispatch: string
}

interface Template {
  readonly id: OperationId
  readonly method: string
  readonly path: string
  readonly segments: readonly string[]
  /** Which of the segments are parameters, and what they are called. */
  readonly params: readonly (readonly [index: number, name: string])[]
}

const segmentsOf = (path: string): string[] => path.slice(1).split('/')

const templates = Object.values<Operation>(contracts).map((contract): Template => {
  const { id, method } = contract
  const path = pathOf(contract)
  const segments = segmentsOf(path)
  const params = segments.flatMap((segment, index) => {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1]
    return name === undefined ? [] : [[index, name] as const]
  })
  return { id: id as OperationId, method, path, segments, params } // the ids of contracts are these
})

const isParam = (segment: string): boolean => segment.startsWith('{')

/** An empty segment is no parameter: `/record/` is `/record` with a slash too many. */
const fits = ({ segments }: Template, asked: readonly string[]): boolean =>
  segments.length === asked.length &&
  segments.every((segment, index) => segment === asked[index] || (isParam(segment) && asked[index] !== ''))

/**
 * Where a target leads.
 *
 * @param segments those of its path, without what names a world
 */
export function routeOf(method: string, segments: readonly string[], { isReadable }: RequestTarget): Route {
  if (`/${segments[0]}` === controlPath) return toControl(segments, isReadable)
  if (!isReadable) return toNothing(brokenPath)
  const template = templates.find((one) => one.method === method && fits(one, segments))
  if (template) return toOperation(template, segments)
  const [first, uploadId = '', part = ''] = segments
  const isUpload = `/${first}` === uploadPath && segments.length === 3
  if (isUpload && method === 'PUT')
    return { ...nowhere, kind: 'upload', params: { uploadId, part }, dispatch: uploadPath }
  return toNothing(isUpload ? refuse('unknownRoute', onlyPut(method)) : unknownRoute(method, segments))
}

const nowhere = { id: null, params: {}, refusal: null } as const

/** Where nothing is. */
export const toNothing = (refusal: Refusal): Route => ({ ...nowhere, kind: 'none', refusal, dispatch: '/' })

/** The control plane. @param segments those of the path that it is to answer */
export const toControl = (segments: readonly string[], isReadable: boolean): Route => ({
  ...nowhere,
  kind: 'control',
  refusal: isReadable ? null : brokenPath,
  dispatch: `/${segments.map(encodeURIComponent).join('/')}`,
})

const toOperation = ({ id, path, params }: Template, segments: readonly string[]): Route => ({
  kind: 'operation',
  id,
  params: Object.fromEntries(params.map(([index, name]) => [name, String(segments[index])])),
  refusal: null,
  dispatch: path,
})

const brokenPath = refuse('malformed', 'path has a broken percent-encoding; encode it as RFC 3986 says [DEC-12]')

const onlyPut = (method: string): string =>
  `${method} is not taken here; this address takes PUT, of a part of an upload [UPL-5]`

/** DEC-14: no such path, or a known one with a method it does not take; of what is nearly one, what would be right. */
export function unknownRoute(method: string, segments: readonly string[] = []): Refusal {
  const methods = methodsOf(segments)
  if (methods.length > 0)
    return refuse('unknownRoute', `${method} is not taken here; this path takes ${methods.join(', ')} [DEC-12]`)
  const near = nearlyKnown(segments)
  return refuse(
    'unknownRoute',
    `no operation has this path; operations are below ${basePath}/, those of uploads below ${familyPath}/files/${near ? `; ${near}` : ''} [COM-1]`,
  )
}

const methodsOf = (segments: readonly string[]): string[] =>
  templates.filter((template) => fits(template, segments)).map((template) => template.method)

/** Mistakes that people make with base addresses and slashes. The path itself is never repeated: it may hold a secret. */
function nearlyKnown(segments: readonly string[]): string | undefined {
  const bare = segments.filter((segment) => segment !== '')
  const isKnown = (asked: readonly string[]): boolean => methodsOf(asked).length > 0
  if (bare.length < segments.length && isKnown(bare)) {
    const isAtEnd = segments.at(-1) === '' && bare.length === segments.length - 1
    return isAtEnd ? 'drop the / at its end' : 'drop the / that is doubled'
  }
  const template = templates.find((one) =>
    fits(
      lowered(one),
      bare.map((segment) => segment.toLowerCase()),
    ),
  )
  if (template) return `it is written ${template.path}`
  const base = bases.find((one) => isKnown([...segmentsOf(one), ...bare]))
  if (base !== undefined) return `put ${base} before it`
  const behind = afterBase(bare)
  const other = behind && templates.find((one) => bases.some((root) => fits(one, [...segmentsOf(root), ...behind])))
  return other && `it is written ${other.path}`
}

/** COM-1: what operations stand below. */
const bases = [basePath, familyPath] as const

/** What stands behind the base path that a path begins with. */
function afterBase(segments: readonly string[]): readonly string[] | undefined {
  const base = bases.map(segmentsOf).find((root) => root.every((segment, index) => segment === segments[index]))
  return base && segments.slice(base.length)
}

const lowered = (template: Template): Template => ({
  ...template,
  segments: template.segments.map((segment) => (isParam(segment) ? segment : segment.toLowerCase())),
})
