import type { ClockRequest, ClockView, WorldRequest } from '../../schemas/control.ts'
import type { ControlOperationId } from '../../schemas/control-operations.ts'
import { archiveIn } from '../control/archives.ts'
import { pastWorld, searchQuery, tell } from '../control/journal.ts'
import type { Parts } from '../control/perform.ts'
import { check, perform } from '../control/perform.ts'
import type { ControlPlane } from '../control/plane.ts'
import { Problem } from '../control/problem.ts'
import { requireListener, tellOf } from '../control/telling.ts'
import { worldUrl } from '../http/world-name.ts'
import type { Search } from '../journal/search.ts'
import type { Emulator, WorldHandle } from './types.ts'

/** Where handles work: in an emulator of this process, as long as it is open. */
export interface Home {
  readonly plane: ControlPlane
  /** The base address of worlds. */
  readonly base: string
  isClosed(): boolean
}

/**
 * A handle on a world of this name, whichever one bears it at the time; made if it is not there.
 *
 * @param settings start it anew with these
 * @throws Problem
 */
export function openWorld(home: Home, name: string, settings: WorldRequest | undefined): WorldHandle {
  const handle = handleOf(home, name)
  if (settings !== undefined) call(home, 'beginWorld', { params: { name }, body: settings })
  else {
    requireOpen(home)
    check('showWorld', { params: { name }, query: {} })
    home.plane.ensure(name, true)
  }
  return handle
}

/** What is asked of all worlds together. */
export const ofAllWorlds = (
  home: Home,
): Pick<Emulator, 'worlds' | 'onWorldBegin' | 'onWorldEnd' | 'coverage' | 'forgetCoverage'> => ({
  worlds: () => call(home, 'listWorlds', {}).worlds.map(({ name }) => handleOf(home, name)),
  onWorldEnd(listener) {
    requireOpen(home)
    requireListener(listener, 'a world')
    return home.plane.worlds.ended.add((world) => tellOf(pastWorld(world, home.base), listener))
  },
  onWorldBegin(listener) {
    requireOpen(home)
    requireListener(listener, 'a world')
    return home.plane.worlds.begun.add(({ name }) => tellOf(handleOf(home, name), listener))
  },
  coverage: () => call(home, 'showAllCoverage', {}),
  forgetCoverage: () => call(home, 'clearAllCoverage', {}),
})

/** What a request for it would be answered over HTTP; nothing of the caller's is kept. */
function call<Id extends ControlOperationId>({ plane, base, isClosed }: Home, id: Id, { params, query, body }: Parts) {
  requireOpen({ isClosed })
  const parts = { params, query: copyOf(query ?? {}, 'query'), body: copyOf(body, 'body') }
  return perform(id, parts, { plane, base, isTrusted: true })
}

function requireOpen({ isClosed }: Pick<Home, 'isClosed'>): void {
  if (isClosed()) throw new Problem(503, 'the emulator is closed; start another one')
}

/** What arrives when it is sent as JSON: properties that are undefined are not given. */
function copyOf(value: unknown, place: string): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null')
  } catch {
    throw new Problem(400, `${place} cannot be written as JSON; expected what can be sent over HTTP`)
  }
}

type OfWorld = <Id extends ControlOperationId>(id: Id, parts?: Parts) => ReturnType<typeof call<Id>>

const faultsOf = (of: OfWorld): WorldHandle['faults'] => ({
  add: (fault) => of('addFault', { body: fault }),
  list: () => of('listFaults').faults,
  change: (id, change) => of('changeFault', { params: { id }, body: change }),
  match: (fault) => of('matchFault', { body: fault }).would,
  remove(id) {
    const isThere = of('listFaults').faults.some((fault) => fault.id === id)
    if (isThere) of('removeFault', { params: { id } })
    return isThere
  },
  clear: () => of('clearFaults'),
})

function handleOf(home: Home, name: string): WorldHandle {
  const of: OfWorld = (id, parts = {}) => call(home, id, { ...parts, params: { name, ...Object(parts.params) } })
  const move = (change: ClockRequest): ClockView => of('moveClock', { body: change })
  const searched = (search: Search) => ({ query: searchQuery(copyOf(search, 'query') as Search) }) // judged as a query
  return {
    name,
    url: worldUrl(home.base, name),
    clock: {
      read: () => of('readClock'),
      advance: (duration) => move({ advance: duration ?? null }), // a variable without a value moves nothing unnoticed
      set: (change) => move(typeof change === 'string' ? { now: change } : change),
    },
    view: () => of('showWorld'),
    reset: () => void of('resetWorld'),
    state: () => of('exportState'),
    importState: (document) => void of('importState', { body: document }),
    archive: (options = {}) => Buffer.concat(of('exportArchive', { query: options }).pieces),
    adopt(archive) {
      requireOpen(home)
      perform('adoptArchive', { params: { name }, body: archiveIn(archive) }, { ...home, isTrusted: true })
    },
    snapshot: (label) => void of('takeSnapshot', { params: { label } }),
    restore: (label) => void of('restoreSnapshot', { params: { label } }),
    issueToken: (request) => of('issueToken', { body: request }),
    expireToken: (token) => of('expireToken', { body: { token } }),
    registerApp: (app) => void of('registerApp', { body: app }),
    explain: async (question) => of('explainRequest', { body: question }),
    faults: faultsOf(of),
    requests: (search = {}) => of('listRequests', searched(search)).requests,
    onRequest(listener) {
      requireOpen(home)
      return tell(home.plane.worlds, name, listener)
    },
    forgetRequests: () => of('clearRequests'),
    har: (search = {}) => of('exportRequests', searched(search)),
    exchange: (id) => of('showRequest', { params: { id: String(id) } }).value,
    changes: (id) => of('showRequest', { params: { id: String(id) } }).value.changes,
    diff: (from, to) => of('compareStates', { query: { from, to } }).changes,
    replay: async (id, change) => of('replayRequest', { params: { id: String(id) }, body: change }),
    review: () => of('reviewRequests').findings,
    get dropped() {
      return of('listRequests', searched({ limit: 0 })).dropped
    },
    coverage: () => of('showCoverage'),
    forgetCoverage: () => of('clearCoverage'),
    delete: () => of('deleteWorld'),
  }
}
