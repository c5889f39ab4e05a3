import type { ControlRequest } from '../../schemas/control-operation.ts'
import type { ControlOperationId, ControlOperations } from '../../schemas/control-operations.ts'
import { coverageView } from '../coverage/view.ts'
import { harOf } from '../journal/har.ts'
import { EntryListView } from '../journal/view.ts'
import { exportState } from '../world/state.ts'
import { expireToken, issueToken, registerApp } from '../world/tokens.ts'
import type { World } from '../world/world.ts'
import { setClock } from '../world/world.ts'
import { ArchiveFile } from './archives.ts'
import { catalogueView } from './catalogue.ts'
import { clockChangeOf, clockStateAfter } from './clock.ts'
import { streamOf } from './entry-stream.ts'
import { ExchangeView, entryOf } from './exchange-view.ts'
import { explained, requireWritten } from './explained.ts'
import { checkFault } from './fault-check.ts'
import { matchesOf } from './fault-match.ts'
import { boundedSpanIn, stateInstantIn } from './instants.ts'
import { found, refuseFilters, reviewOf } from './journal.ts'
import type { ControlPlane } from './plane.ts'
import { Problem } from './problem.ts'
import { replayed } from './replayed.ts'
import { present } from './snapshots.ts'
import { clockView, countsOf, snapshotView, snapshotViews, worldView } from './views.ts'

/** What an operation needs beside its request. */
export interface Context {
  readonly plane: ControlPlane
  /** The address at which the request reached the emulator, or its answer's addresses are to. */
  readonly base: string
  /** What a reader of events has had, where it comes back. */
  readonly lastEventId?: string | undefined
  /** Tells that what was asked for was made and not there before. */
  readonly created?: () => void
  /** Tells that what was asked for cannot be had at the moment. */
  readonly unavailable?: () => void
  /** Whether whoever asks may have secrets. */
  readonly isTrusted: boolean
}

const counted = (world: World, { counts }: { readonly counts?: 'true' | 'false' }) =>
  counts === 'true' ? { counts: countsOf(world) } : {}

const noFault = (name: string, id: string) => new Problem(404, `the world ${name} has no fault ${id}`)

type Operations = {
  readonly [Id in ControlOperationId]: (request: ControlRequest<ControlOperations[Id]>, context: Context) => unknown
}

/** What each control operation does, once its request was checked. Nothing that it answers is the world's own. */
export const operations = {
  readHealth: (_, { plane: { version, uptimeSeconds } }) => ({ status: 'ok' as const, version, uptimeSeconds }),

  readReady(_, { plane, unavailable }) {
    if (plane.isReady()) return { status: 'ready' as const }
    unavailable?.()
    return { status: 'draining' as const }
  },
  readMetrics: (_, { plane }) => plane.metrics(),

  readCatalogue: (_, { plane: { version, worlds } }) => catalogueView(version, worlds.main.errors),
  watchEvents: ({ query }, { plane, lastEventId }) => plane.events.read(query, lastEventId ?? query.after).stream,
  listWorlds: ({ query }, { plane: { worlds }, base }) => ({
    worlds: worlds.list(query.group).map((world) => ({ ...worldView(world, base), ...counted(world, query) })),
    limit: worlds.limit,
    ...(worlds.parked && { parked: worlds.parked.length }),
  }),
  deleteGroup: ({ query }, { plane }) => plane.worlds.removeGroup(query.group),
  beginWorld({ params, body }, { plane, base, created }) {
    const { world, isNew } = plane.begin(params.name, body ?? {})
    if (isNew) created?.()
    return worldView(world, base)
  },
  showWorld({ params, query }, { plane, base }) {
    const world = plane.show(params.name)
    return { ...worldView(world, base), ...counted(world, query) }
  },
  deleteWorld: ({ params }, { plane }) => plane.remove(params.name),
  resetWorld: ({ params }, { plane, base }) => worldView(plane.reset(params.name), base),

  exportState: ({ params }, { plane }) => exportState(plane.find(params.name)),
  importState: ({ params, body }, { plane, base }) => worldView(plane.importState(params.name, body), base),

  exportArchive({ params, query }, { plane, isTrusted }) {
    if (query.secrets && !isTrusted)
      throw new Problem(403, 'secrets are for those who show a token; start with --control-token-file')
    return new ArchiveFile(plane.find(params.name), query.secrets !== undefined)
  },
  adoptArchive({ params, body }, { plane, base, created }) {
    if (body === null) throw new Problem(400, 'body is missing; expected an archive')
    const { world, isNew } = plane.adopt(params.name, body)
    if (isNew) created?.()
    return worldView(world, base)
  },

  listSnapshots: ({ params }, { plane }) => ({ snapshots: snapshotViews(plane.find(params.name)) }),
  takeSnapshot({ params: { name, label } }, { plane }) {
    const snapshot = plane.snapshot(name, label)
    plane.events.noteSnapshots(plane.show(name))
    return snapshotView(label, snapshot)
  },
  restoreSnapshot: ({ params: { name, label } }, { plane, base }) => worldView(plane.restore(name, label), base),
  dropSnapshot({ params: { name, label } }, { plane }) {
    plane.dropSnapshot(name, label)
    plane.events.noteSnapshots(plane.show(name))
  },

  compareStates: ({ params, query: { from, to } }, { plane }) => ({
    changes: plane.compare(params.name, from, to ?? present),
  }),
  showSnapshot: ({ params: { name, label } }, { plane }) => plane.snapshotState(name, label),

  readClock: ({ params }, { plane }) => clockView(plane.find(params.name)),
  moveClock({ params, body }, { plane }) {
    const change = clockChangeOf(body)
    const state = clockStateAfter(plane.worlds.find(params.name) ?? plane.worlds.newcomer, change)
    const world = plane.ensure(params.name)
    setClock(world, state)
    plane.events.noteClock(world)
    return clockView(world)
  },

  issueToken({ params, body: { userId, token, lifetime } }, { plane }) {
    const millis = typeof lifetime === 'string' ? boundedSpanIn('body/lifetime', lifetime) : lifetime
    return issueToken(plane.ensure(params.name), userId, token, millis)
  },
  expireToken({ params, body }, { plane }) {
    if (expireToken(plane.find(params.name), body.token)) return
    throw new Problem(404, 'body/token was never issued in this world')
  },
  registerApp({ params, body: { appId, appSecret } }, { plane }) {
    registerApp(plane.ensure(params.name), appId, appSecret)
    return { appId }
  },

  async explainRequest({ params, body }, { plane }) {
    const now = body.now === undefined ? undefined : stateInstantIn('body/now', body.now)
    requireWritten(body)
    const world = body.request === undefined ? plane.ensure(params.name) : plane.find(params.name)
    return explained(world, plane, body, now)
  },
  replayRequest: ({ params, body }, { plane }) =>
    replayed(plane.find(params.name), plane, Number(params.id), body ?? {}),

  addFault({ params, body }, { plane }) {
    const { settings } = plane.worlds.find(params.name) ?? plane.worlds.newcomer
    const fault = checkFault(body, settings)
    const world = plane.ensure(params.name)
    const added = world.faults.add(fault)
    plane.events.noteFaults(world)
    return added
  },
  listFaults: ({ params }, { plane }) => ({ faults: plane.find(params.name).faults.list() }),
  clearFaults({ params }, { plane }) {
    const world = plane.find(params.name)
    world.faults.clear()
    plane.events.noteFaults(world)
  },
  removeFault({ params: { name, id } }, { plane }) {
    const world = plane.find(name)
    if (!world.faults.remove(id)) throw noFault(name, id)
    plane.events.noteFaults(world)
  },

  changeFault({ params: { name, id }, body }, { plane }) {
    const world = plane.find(name)
    const fault = world.faults.change(id, body)
    if (fault === undefined) throw noFault(name, id)
    plane.events.noteFaults(world)
    return fault
  },
  matchFault({ params, body }, { plane }) {
    const world = plane.find(params.name)
    return { would: matchesOf(world, checkFault(body, world.settings)) }
  },

  listRequests({ params, query }, { plane }) {
    const world = plane.find(params.name)
    const { view, ...search } = query
    return new EntryListView(found(world, search), world.journal, view === 'summary')
  },
  showRequest({ params }, { plane }) {
    const world = plane.find(params.name)
    return new ExchangeView(world, entryOf(world, Number(params.id)))
  },
  exportRequest: ({ params }, { plane, base }) => harOf([entryOf(plane.find(params.name), Number(params.id))], base),
  clearRequests({ params, query: { upTo } }, { plane }) {
    const world = plane.find(params.name)
    const newest = upTo === undefined ? undefined : Number(upTo)
    world.journal.clear(newest)
    plane.events.noteCleared(world, newest)
  },
  countRequests: ({ params, query }, { plane }) => ({ count: found(plane.find(params.name), query).length }),
  exportRequests: ({ params, query }, { plane, base }) => harOf(found(plane.find(params.name), query), base),
  watchRequests({ params, query }, { plane, lastEventId }) {
    refuseFilters(query)
    return streamOf(plane.find(params.name), plane.worlds, lastEventId)
  },
  reviewRequests: ({ params }, { plane }) => reviewOf(plane.find(params.name)),

  showCoverage: ({ params }, { plane }) => coverageView(plane.find(params.name).coverage),
  clearCoverage: ({ params }, { plane }) => plane.find(params.name).coverage.clear(),
  showAllCoverage: (_, { plane: { worlds } }) => coverageView(worlds.coverage()),
  clearAllCoverage: (_, { plane: { worlds } }) => worlds.clearCoverage(),
} satisfies Operations
