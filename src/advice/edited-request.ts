import type { OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import { pathOf } from '../../schemas/operation.ts'
import { jsonOf, parseExactly } from '../http/json.ts'
import { RequestTarget } from '../http/request-target.ts'
import type { WrittenRequest } from '../http/written-request.ts'
import { sentHeaders, withHeader } from '../http/written-request.ts'

/** The body as JSON; `undefined` where there is none, or none that can be read. */
export function bodyOf({ body }: WrittenRequest): unknown {
  try {
    return body.length === 0 ? undefined : parseExactly(body.toString())
  } catch {
    return undefined
  }
}

const stepsOf = (at: string): string[] => at.split('/').slice(1)

/** What stands at a place of a request, such as `header/x-date`, `query/pageSize` or `body/moduleCode`; `null` where nothing does. */
export function valueAt(request: WrittenRequest, operation: string | null, at: string): unknown {
  const [place] = at.split('/')
  const [name = ''] = stepsOf(at)
  if (at === 'method') return request.method
  if (at === 'path') return request.path
  if (place === 'header') return sentHeaders(request)[name.toLowerCase()] ?? null
  if (place === 'query') return new RequestTarget(request.path).parameter(name) ?? null
  if (place === 'path') return segmentsOf(request)[placeOf(request, operation, name)] ?? null
  return stepsOf(at).reduce<unknown>((value, step) => Object(value)[step], bodyOf(request)) ?? null
}

/** The request with another value at a place of it; without one where it is to be `null`. */
export function edited(request: WrittenRequest, operation: string | null, at: string, to: unknown): WrittenRequest {
  const [place] = at.split('/')
  const [name = ''] = stepsOf(at)
  if (at === 'method') return { ...request, method: String(to) }
  if (at === 'path') return { ...request, path: String(to) }
  if (place === 'header') return withHeader(request, name, to === null ? [] : [String(to)])
  if (place === 'query') return { ...request, path: withParameter(request, name, to) }
  if (place === 'path') return { ...request, path: withSegment(request, placeOf(request, operation, name), String(to)) }
  return { ...request, body: Buffer.from(jsonOf(withValue(bodyOf(request), stepsOf(at), to))) }
}

/** A dollar may stand as it is (RFC 3986), and begins the names of what is not known yet. */
const encoded = (text: string): string => encodeURIComponent(text).replaceAll('%24', '$')

const segmentsOf = ({ path }: WrittenRequest): readonly string[] => new RequestTarget(path).segments

/** Where in the path a parameter of the operation stands, whatever names the world before it; -1 where it has none of this name. */
function placeOf(request: WrittenRequest, operation: string | null, name: string): number {
  const template = pathOf(contracts[operation as OperationId])
    .slice(1)
    .split('/') // only operations have such places
  const place = template.indexOf(`{${name}}`)
  return place < 0 ? place : segmentsOf(request).length - template.length + place
}

function withSegment(request: WrittenRequest, index: number, to: string): string {
  const { written, query } = new RequestTarget(request.path)
  const path = written.with(index, encoded(to)).join('/')
  return `/${path}${query === '' ? '' : `?${query}`}`
}

function withParameter(request: WrittenRequest, name: string, to: unknown): string {
  const { path, pairs } = new RequestTarget(request.path)
  const others = pairs.filter(([one]) => one !== name)
  const all = to === null ? others : [...others, [name, String(to)] as const]
  const query = all.map((pair) => pair.map(encoded).join('=')).join('&')
  return query === '' ? path : `${path}?${query}`
}

/** A copy of a document with another value at the end of these steps. */
function withValue(document: unknown, [step, ...steps]: readonly string[], to: unknown): unknown {
  if (step === undefined) return to
  const inner = withValue(Object(document)[step], steps, to)
  if (Array.isArray(document)) return document.with(Number(step), inner)
  const { [step]: _, ...others } = Object(document)
  return inner === null ? others : { ...Object(document), [step]: inner }
}
