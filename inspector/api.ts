import type { Static } from '@sinclair/typebox'
import type { Change } from '../schemas/change.ts'
import type { ClockRequest, ClockView, WorldRequest, WorldView } from '../schemas/control.ts'
import type { FaultMatch, FaultRequest } from '../schemas/control-faults.ts'
import type { CoverageView } from '../schemas/coverage.ts'
import type { ExplainRequest, Explanation, ReplayRequest } from '../schemas/explain.ts'
import type { CatalogueView, EventData } from '../schemas/inspector.ts'
import type { ExchangeDocument, FindingList, Summary, SummaryList } from '../schemas/journal.ts'
import type { Seed } from '../schemas/seed.ts'

/** Where the control plane is, under whatever prefix the page was reached. */
const base = new URL('../', import.meta.url)

/** The address of the emulator itself. */
export const emulatorAddress = new URL('../', base).href.replace(/\/$/, '')

/** What the control plane refused, in its own words; status 0 where nobody answered. */
export class Refused extends Error {
  readonly status: number

  constructor(status: number, detail: string) {
    super(detail)
    this.status = status
  }
}

export const addressOf = (path: string): string => new URL(path, base).href

/** @throws Refused */
async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const content =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const response = await fetch(addressOf(path), { method, ...content }).catch(() => {
    throw new Refused(0, 'the emulator does not answer')
  })
  const text = await response.text()
  if (!response.ok) throw new Refused(response.status, detailIn(text, response.status))
  return (text === '' ? undefined : JSON.parse(text)) as Answer // as the contract of the operation says
}

function detailIn(text: string, status: number): string {
  try {
    return String(JSON.parse(text).detail)
  } catch {
    return `the answer was ${status}`
  }
}

const get = <Answer>(path: string) => ask<Answer>('GET', path)
/** A name as a segment of a path. */
const inPath = encodeURIComponent
const inWorld = (world: string) => `worlds/${inPath(world)}`

export type ExchangeView = Static<typeof ExchangeDocument>
export type Review = Static<typeof FindingList>
export type FaultView = EventData<'faults'>['faults'][number]
export type SnapshotView = EventData<'snapshots'>['snapshots'][number]

/** The control plane, as far as the page uses it; whatever is refused is thrown as `Refused`. */
export const api = {
  catalogue: () => get<CatalogueView>('catalogue'),
  worlds: () => get<{ worlds: WorldView[]; parked?: number }>('worlds?counts=true'),
  world: (world: string) => get<WorldView>(`${inWorld(world)}?counts=true`),
  beginWorld: (world: string, settings: WorldRequest) => ask<WorldView>('PUT', inWorld(world), settings),
  resetWorld: (world: string) => ask<WorldView>('POST', `${inWorld(world)}/reset`),
  dropWorld: (world: string) => ask<void>('DELETE', inWorld(world)),
  summaries: (world: string, query = '') =>
    get<SummaryList>(`${inWorld(world)}/requests?view=summary${query && `&${query}`}`),
  exchange: (world: string, id: number) => get<ExchangeView>(`${inWorld(world)}/requests/${id}`),
  /** As it is to be saved, or more of it than summaries have. */
  requests: (world: string, rest: string) => get<object>(`${inWorld(world)}/requests${rest}`),
  clear: (world: string, upTo: number) => ask<void>('DELETE', `${inWorld(world)}/requests?upTo=${upTo}`),
  replay: (world: string, id: number, how: ReplayRequest) =>
    ask<Summary>('POST', `${inWorld(world)}/requests/${id}/replay`, how),
  explain: (world: string, question: ExplainRequest) => ask<Explanation>('POST', `${inWorld(world)}/explain`, question),
  clock: (world: string) => get<ClockView>(`${inWorld(world)}/clock`),
  moveClock: (world: string, move: ClockRequest) => ask<ClockView>('PATCH', `${inWorld(world)}/clock`, move),
  faults: (world: string) => get<{ faults: FaultView[] }>(`${inWorld(world)}/faults`),
  addFault: (world: string, fault: FaultRequest) => ask<FaultView>('POST', `${inWorld(world)}/faults`, fault),
  matchFault: (world: string, fault: FaultRequest) => ask<FaultMatch>('POST', `${inWorld(world)}/faults/match`, fault),
  changeFault: (world: string, id: string, change: { paused?: boolean; position?: number }) =>
    ask<FaultView>('PATCH', `${inWorld(world)}/faults/${inPath(id)}`, change),
  removeFault: (world: string, id: string) => ask<void>('DELETE', `${inWorld(world)}/faults/${inPath(id)}`),
  review: (world: string) => get<Review>(`${inWorld(world)}/review`),
  coverage: (world: string) => get<CoverageView>(`${inWorld(world)}/coverage`),
  state: (world: string) => get<Seed>(`${inWorld(world)}/state`),
  snapshots: (world: string) => get<{ snapshots: SnapshotView[] }>(`${inWorld(world)}/snapshots`),
  takeSnapshot: (world: string, label: string) =>
    ask<SnapshotView>('POST', `${inWorld(world)}/snapshots/${inPath(label)}`),
  restore: (world: string, label: string) =>
    ask<WorldView>('POST', `${inWorld(world)}/snapshots/${inPath(label)}/restore`),
  dropSnapshot: (world: string, label: string) => ask<void>('DELETE', `${inWorld(world)}/snapshots/${inPath(label)}`),
  diff: (world: string, from: string, to = 'now') =>
    get<{ changes: Change[] }>(`${inWorld(world)}/diff?${new URLSearchParams({ from, to })}`),
  issueToken: (world: string, userId: string, lifetime: string) =>
    ask<{ token: string; userId: string; expiresAt: string | null }>('POST', `${inWorld(world)}/tokens`, {
      userId,
      ...(lifetime && { lifetime }),
    }),
  expireToken: (world: string, token: string) => ask<void>('DELETE', `${inWorld(world)}/tokens`, { token }),
  registerApp: (world: string, appId: string, appSecret: string) =>
    ask<{ appId: string }>('POST', `${inWorld(world)}/apps`, { appId, appSecret }),
}
