import type { TObject, TSchema } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import fc from 'fast-check'
import { ArchiveHead } from '../../schemas/archive.ts'
import { DiffQuery } from '../../schemas/change.ts'
import { basePath } from '../../schemas/common.ts'
import * as control from '../../schemas/control.ts'
import { effects, FaultChange, FaultRequest, timings } from '../../schemas/control-faults.ts'
import { ExplainRequest, ReplayRequest } from '../../schemas/explain.ts'
import { contracts } from '../../schemas/index.ts'
import { ClearQuery, ListQuery } from '../../schemas/journal.ts'
import type { Operation } from '../../schemas/operation.ts'
import { Seed } from '../../schemas/seed.ts'
import { xDate } from '../client.ts'
import { canaries } from '../watch.ts'
import { valueFor } from './arbitraries.ts'

/** A request as bytes on the wire, all but its framing. */
export interface Hostile {
  readonly method: string
  readonly target: string
  readonly headers: readonly string[]
  /** `undefined` for no body. */
  readonly body: string | undefined
}

const users = ['user-1', 'user-2']
const devices = ['1842812272691451648', 'device-1', 'device-2']
/** Ids that may well exist, beside those that the contracts make up. */
const known: Readonly<Record<string, readonly string[]>> = {
  deviceId: devices,
  name: ['w1', 'w2', 'w3'],
  label: ['a', 'b'],
  id: ['1', '2', '3', '10', '100', 'fault-1'],
  from: ['a', 'request:1', 'request:5', 'now'],
  to: ['b', 'request:9', 'now'],
}

/** Unpaired surrogates cannot be encoded; a client that writes bytes sends what comes out of `escape`. */
const encode = (text: string): string => {
  try {
    return encodeURIComponent(text)
  } catch {
    return '%ed%a0%80'
  }
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

function partsFor(schema: TObject | undefined): fc.Arbitrary<Record<string, unknown>> {
  const properties: Record<string, TSchema> = schema?.properties ?? {}
  const parts = Object.entries(properties).map(([name, part]) => {
    const usual = known[name]
    const made = valueFor(part)
    return [
      name,
      usual ? fc.oneof({ arbitrary: fc.constantFrom(...usual), weight: 8 }, { arbitrary: made, weight: 1 }) : made,
    ] as const
  })
  return fc.record(Object.fromEntries(parts), { requiredKeys: [] })
}

const targetFor = (template: string, params: TObject | undefined, query: TObject | undefined): fc.Arbitrary<string> =>
  fc.tuple(partsFor(params), partsFor(query)).map(([given, asked]) => {
    const path = template.replace(/\{(\w+)\}/g, (_, name) => encode(asText(given[name] ?? known[name]?.[0] ?? 'none')))
    const pairs = Object.entries(asked).map(([name, value]) => `${name}=${encode(asText(value))}`)
    return pairs.length > 0 ? `${path}?${pairs.join('&')}` : path
  })

/** Header values: whatever a client's library lets through. */
const headerText = fc.string({
  unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 40,
})

const strangeHeader = fc
  .oneof(
    fc.tuple(
      fc.constantFrom(
        'Authorization',
        'X-User-Id',
        'X-Date',
        'x-backup-lock-id',
        'X-traceid',
        'Content-Type',
        'Cookie',
        'X-Emulator-World',
        'Origin',
        'Accept',
        'Expect',
        'Host',
      ),
      headerText,
    ),
    fc.tuple(
      fc
        .stringMatching(/^[A-Za-z-]{1,12}$/)
        .filter((name) => !/^(content-length|transfer-encoding|connection|upgrade|trailer)$/i.test(name)),
      headerText,
    ),
  )
  .map(([name, value]) => `${name}: ${value}`)

const headersFor = (lock: boolean): fc.Arbitrary<string[]> =>
  fc
    .tuple(fc.constantFrom(...users), fc.array(strangeHeader, { maxLength: 2 }), fc.nat({ max: 9 }), fc.nat({ max: 9 }))
    .map(([user, strange, drop, use]) => {
      const honest = [
        `Authorization: Bearer ${canaries.token}`,
        `X-User-Id: ${user}`,
        `X-Date: ${xDate()}`,
        ...(lock ? ['x-backup-lock-id: LOCK'] : []), // the sender puts a live one in its place
      ].filter((_, index) => index !== drop)
      return use < 6 ? honest : [...honest, ...strange]
    })

/** A body as text: JSON, or something that only begins as such. */
const bodyFor = (schema: TSchema | undefined): fc.Arbitrary<string | undefined> => {
  if (schema === undefined) return fc.constantFrom(undefined, undefined, undefined, '', '{}', 'x')
  const whole = valueFor(schema).map(asJson)
  return fc.oneof(
    { arbitrary: whole, weight: 12 },
    { arbitrary: fc.tuple(whole, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1))), weight: 1 },
    {
      arbitrary: fc
        .tuple(whole, fc.nat(), fc.string({ unit: 'binary', maxLength: 4 }))
        .map(([text, at, more]) => text.slice(0, at % (text.length + 1)) + more + text.slice(at % (text.length + 1))),
      weight: 1,
    },
  )
}

/** An unkind world may let every answer wait for a day; nobody waits so long here. */
const asJson = (value: unknown): string => (JSON.stringify(value) ?? '').replace(/("latencyMs":)\d{3,}/g, '$150')

/** Requests of one operation of the emulated API. */
const operationFor = ({ method, path, params, query, body, lock, headers }: Operation): fc.Arbitrary<Hostile> =>
  fc.record({
    method: fc.constant(method),
    target: targetFor(`${basePath}${path}`, params, query),
    headers: headersFor(lock === true || headers !== undefined),
    body: bodyFor(body),
  })

/** A request to the emulator's own routes. */
interface ControlRequest {
  readonly method: string
  readonly path: string
  readonly body?: TSchema
  readonly query?: TObject
}

/** Faults with one of the effects: the frame of a fault does not say what they look like. */
const Fault = Type.Object({
  ...FaultRequest.properties,
  operations: Type.Union([
    Type.Literal('*'),
    Type.Array(Type.Union(Object.keys(contracts).map((id) => Type.Literal(id))), { minItems: 1 }),
  ]),
  when: Type.Optional(Type.Union(Object.values(timings))),
  effect: Type.Union(Object.values(effects)),
})

const search = Type.Object(
  Object.fromEntries(
    [...Object.keys(ListQuery.properties), 'body.moduleCode', 'strange'].map((name) => [
      name,
      Type.Optional(Type.String()),
    ]),
  ),
)

const one = '/worlds/{name}'
/** Every route of the control plane. Faults have worlds of their own, where nobody waits for an answer. */
export const controlRequests: readonly ControlRequest[] = [
  { method: 'GET', path: '/health' },
  { method: 'GET', path: '/openapi.json' },
  { method: 'GET', path: '/docs/' },
  { method: 'GET', path: '/catalogue' },
  { method: 'GET', path: '/ready' },
  { method: 'GET', path: '/metrics' },
  { method: 'GET', path: '/worlds', query: control.WorldsQuery },
  { method: 'DELETE', path: '/worlds', query: control.GroupQuery },
  { method: 'PUT', path: one, body: control.WorldRequest },
  { method: 'GET', path: one, query: control.WorldQuery },
  { method: 'DELETE', path: one },
  { method: 'POST', path: `${one}/reset` },
  { method: 'GET', path: `${one}/state` },
  { method: 'PUT', path: `${one}/state`, body: Seed },
  { method: 'GET', path: `${one}/archive`, query: control.ArchiveQuery },
  { method: 'PUT', path: `${one}/archive`, body: ArchiveHead },
  { method: 'GET', path: `${one}/snapshots` },
  { method: 'POST', path: `${one}/snapshots/{label}` },
  { method: 'DELETE', path: `${one}/snapshots/{label}` },
  { method: 'POST', path: `${one}/snapshots/{label}/restore` },
  { method: 'GET', path: `${one}/snapshots/{label}/state` },
  { method: 'GET', path: `${one}/diff`, query: DiffQuery },
  { method: 'GET', path: `${one}/clock` },
  { method: 'PATCH', path: `${one}/clock`, body: control.ClockRequest },
  { method: 'POST', path: `${one}/tokens`, body: control.TokenRequest },
  { method: 'DELETE', path: `${one}/tokens`, body: control.TokenReference },
  { method: 'POST', path: `${one}/apps`, body: control.AppRequest },
  { method: 'POST', path: `${one}/explain`, body: ExplainRequest },
  { method: 'POST', path: '/worlds/faulty/faults', body: Fault },
  { method: 'GET', path: '/worlds/faulty/faults' },
  { method: 'DELETE', path: '/worlds/faulty/faults' },
  { method: 'DELETE', path: '/worlds/faulty/faults/{id}' },
  { method: 'PATCH', path: '/worlds/faulty/faults/{id}', body: FaultChange },
  { method: 'POST', path: '/worlds/faulty/faults/match', body: Fault },
  { method: 'GET', path: `${one}/requests`, query: search },
  { method: 'GET', path: `${one}/requests/{id}` },
  { method: 'GET', path: `${one}/requests/{id}.har` },
  { method: 'POST', path: `${one}/requests/{id}/replay`, body: ReplayRequest },
  { method: 'GET', path: `${one}/requests/count`, query: search },
  { method: 'GET', path: `${one}/requests.har`, query: search },
  { method: 'DELETE', path: `${one}/requests`, query: ClearQuery },
  { method: 'GET', path: `${one}/review` },
  { method: 'GET', path: `${one}/coverage` },
  { method: 'DELETE', path: `${one}/coverage` },
  { method: 'GET', path: '/coverage' },
  { method: 'DELETE', path: '/coverage' },
]

const hostileControl = ({ method, path, body, query }: ControlRequest): fc.Arbitrary<Hostile> =>
  fc.record({
    method: fc.constant(method),
    target: targetFor(`${control.controlPath}${path}`, control.SnapshotParams, query),
    headers: fc.oneof(
      { arbitrary: fc.constant(['Host: localhost']), weight: 8 },
      { arbitrary: fc.array(strangeHeader, { maxLength: 3 }), weight: 1 },
    ),
    body: bodyFor(body),
  })

const prefixes = ['', '/worlds/w1', '/worlds/w2', '/worlds/w3']

const ofAnyWorld = (contract: Operation): fc.Arbitrary<Hostile> =>
  fc
    .tuple(operationFor(contract), fc.constantFrom(...prefixes))
    .map(([request, prefix]) => ({ ...request, target: `${prefix}${request.target}` }))

/** Any request of any of them: of the emulated API two in three. */
export const anyRequest = (): fc.Arbitrary<Hostile> =>
  fc.oneof(
    { arbitrary: fc.oneof(...Object.values(contracts).map(ofAnyWorld)), weight: 2 },
    { arbitrary: fc.oneof(...controlRequests.map(hostileControl)), weight: 1 },
  )
