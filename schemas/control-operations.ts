import { Type } from '@sinclair/typebox'
import { ChangeList, DiffQuery } from './change.ts'
import * as control from './control.ts'
import { FaultChange, FaultList, FaultMatch, FaultParams, FaultRequest, FaultView } from './control-faults.ts'
import { answers, controlOperation, done, makes, ofWorld } from './control-operation.ts'
import { CoverageView } from './coverage.ts'
import { ExplainRequest, Explanation, ReplayRequest } from './explain.ts'
import { fleetOperations } from './fleet-operations.ts'
import { Archive } from './har.ts'
import { CatalogueView, EventsQuery } from './inspector.ts'
import * as journal from './journal.ts'
import { Seed } from './seed.ts'

/** Every operation of the control plane, by its id. */
export const controlOperations = {
  readHealth: controlOperation({
    method: 'GET',
    path: '/health',
    summary: 'Says that requests are served.',
    responses: answers(control.Health, 'The emulator serves requests.'),
  }),
  ...fleetOperations,
  readCatalogue: controlOperation({
    method: 'GET',
    path: '/catalogue',
    summary: 'Shows operations, refusals, effects, statements and rules of the review.',
    responses: answers(CatalogueView, 'What is the same in all worlds.'),
    isTagged: true,
  }),
  watchEvents: controlOperation({
    method: 'GET',
    path: '/events',
    summary:
      'Tells of everything that happens, in all worlds or in those that are named; what requests change is noted in those that changes names.',
    query: EventsQuery,
    responses: {
      200: { description: 'Events, in batches; with Last-Event-ID, those since then.', mediaType: 'text/event-stream' },
    },
  }),
  listWorlds: controlOperation({
    method: 'GET',
    path: '/worlds',
    summary: 'Shows all worlds or those of a group, and how many there may be.',
    query: control.WorldsQuery,
    responses: answers(control.WorldList, 'All worlds.'),
  }),
  beginWorld: ofWorld('PUT', '', 'Starts a world anew.', {
    body: Type.Optional(control.WorldRequest),
    responses: {
      200: { description: 'It was there before.', schema: control.WorldView },
      201: { description: 'It is new.', schema: control.WorldView },
    },
  }),
  showWorld: ofWorld('GET', '', 'Shows a world, which does not count as use.', {
    query: control.WorldQuery,
    responses: answers(control.WorldView, 'The world.'),
  }),
  deleteWorld: ofWorld('DELETE', '', 'Drops a world; the default one stays.', {
    responses: done,
  }),
  resetWorld: ofWorld('POST', '/reset', 'Keeps the settings of a world and drops everything else.', {
    responses: answers(control.WorldView, 'The world.'),
  }),
  exportState: ofWorld('GET', '/state', 'Shows everything in a world as a seed, credentials left out.', {
    responses: answers(Seed, 'The state.'),
  }),
  importState: ofWorld('PUT', '/state', 'Puts a seed in the place of what a world holds.', {
    body: Seed,
    responses: answers(control.WorldView, 'The world.'),
  }),
  listSnapshots: ofWorld('GET', '/snapshots', 'Shows the snapshots of a world.', {
    responses: answers(control.SnapshotList, 'All snapshots.'),
  }),
  takeSnapshot: ofWorld(
    'POST',
    '/snapshots/{label}',
    'Keeps a world as it is now, in place of an earlier snapshot of this label; `now` is no label.',
    {
      params: control.SnapshotParams,
      responses: makes(control.SnapshotView, 'The snapshot.'),
    },
  ),
  restoreSnapshot: ofWorld('POST', '/snapshots/{label}/restore', 'Goes back to a snapshot.', {
    params: control.SnapshotParams,
    responses: answers(control.WorldView, 'The world.'),
  }),
  dropSnapshot: ofWorld('DELETE', '/snapshots/{label}', 'Drops a snapshot.', {
    params: control.SnapshotParams,
    responses: done,
  }),
  showSnapshot: ofWorld(
    'GET',
    '/snapshots/{label}/state',
    'Shows what a snapshot holds as a seed, credentials left out.',
    {
      params: control.SnapshotParams,
      responses: answers(Seed, 'The state that was kept.'),
    },
  ),
  compareStates: ofWorld('GET', '/diff', 'Says what differs between two states of a world.', {
    query: DiffQuery,
    responses: answers(ChangeList, 'What became of the first to be the second, which is now unless it is named.'),
  }),
  readClock: ofWorld('GET', '/clock', 'Shows both clocks of a world.', {
    responses: answers(control.ClockView, 'The clocks.'),
  }),
  moveClock: ofWorld('PATCH', '/clock', 'Moves the clocks of a world, whole or not at all.', {
    body: control.ClockRequest,
    responses: answers(control.ClockView, 'The clocks.'),
  }),
  issueToken: ofWorld('POST', '/tokens', 'Issues a token; the only time that it is shown.', {
    body: control.TokenRequest,
    responses: makes(control.TokenView, 'The token.'),
  }),
  expireToken: ofWorld('DELETE', '/tokens', 'Makes a token expire now.', {
    body: control.TokenReference,
    responses: done,
  }),
  registerApp: ofWorld('POST', '/apps', 'Registers an app, or gives a registered one another secret.', {
    body: control.AppRequest,
    responses: makes(control.AppView, 'The app, without its secret.'),
  }),
  explainRequest: ofWorld(
    'POST',
    '/explain',
    'Says whether a request would be accepted, and if not, which check refuses it and why.',
    {
      body: ExplainRequest,
      responses: answers(Explanation, 'The answer.'),
    },
  ),
  addFault: ofWorld('POST', '/faults', 'Makes a fault.', {
    body: FaultRequest,
    responses: makes(FaultView, 'The fault.'),
  }),
  listFaults: ofWorld('GET', '/faults', 'Shows the faults of a world with what they did so far.', {
    responses: answers(FaultList, 'All faults.'),
  }),
  clearFaults: ofWorld('DELETE', '/faults', 'Takes all faults away.', {
    responses: done,
  }),
  removeFault: ofWorld('DELETE', '/faults/{id}', 'Takes a fault away.', {
    params: FaultParams,
    responses: done,
  }),
  changeFault: ofWorld(
    'PATCH',
    '/faults/{id}',
    'Lets a fault pause or go on, or puts it in another place of the order.',
    {
      params: FaultParams,
      body: FaultChange,
      responses: answers(FaultView, 'The fault.'),
    },
  ),
  matchFault: ofWorld(
    'POST',
    '/faults/match',
    'Says which requests of the journal a fault would have met, and makes none.',
    {
      body: FaultRequest,
      responses: answers(FaultMatch, 'The requests that it fits, oldest first.'),
    },
  ),
  listRequests: ofWorld('GET', '/requests', 'Shows entries of the journal, oldest first.', {
    query: journal.ListQuery,
    responses: answers(Type.Union([journal.EntryList, journal.SummaryList]), 'The entries that fit, or rows of them.'),
  }),
  clearRequests: ofWorld('DELETE', '/requests', 'Empties the journal, or forgets its entries up to one.', {
    query: journal.ClearQuery,
    responses: done,
  }),
  countRequests: ofWorld('GET', '/requests/count', 'Counts entries of the journal.', {
    query: journal.JournalQuery,
    responses: answers(journal.EntryCount, 'How many fit.'),
  }),
  exportRequests: ofWorld('GET', '/requests.har', 'Shows entries of the journal as an HTTP archive.', {
    query: journal.JournalQuery,
    responses: answers(Archive, 'The archive.'),
  }),
  watchRequests: ofWorld(
    'GET',
    '/requests/stream',
    'Tells of every entry as it is written, of whichever world bears the name.',
    {
      query: journal.WatchQuery,
      responses: { 200: { description: 'One event for each.', mediaType: 'text/event-stream' } },
    },
  ),
  exportRequest: ofWorld('GET', '/requests/{id}.har', 'Shows one entry of the journal as an HTTP archive.', {
    params: journal.EntryParams,
    responses: answers(Archive, 'The archive.'),
  }),
  replayRequest: ofWorld(
    'POST',
    '/requests/{id}/replay',
    'Sends a request of the journal once more, its credential put in by the server.',
    {
      params: journal.EntryParams,
      body: Type.Optional(ReplayRequest),
      responses: answers(journal.Summary, 'The new entry.'),
    },
  ),
  showRequest: ofWorld('GET', '/requests/{id}', 'Shows an entry of the journal with all that is known of it.', {
    params: journal.EntryParams,
    responses: answers(journal.ExchangeDocument, 'The exchange.'),
  }),
  reviewRequests: ofWorld('GET', '/review', 'Says what a reviewer of the client would.', {
    responses: answers(journal.FindingList, 'What was found.'),
    isTagged: true,
  }),
  showCoverage: ofWorld('GET', '/coverage', 'Shows what of the contract was met in a world, and what never was.', {
    responses: answers(CoverageView, 'The coverage.'),
  }),
  clearCoverage: ofWorld('DELETE', '/coverage', 'Counts coverage of a world from nothing again.', {
    responses: done,
  }),
  showAllCoverage: controlOperation({
    method: 'GET',
    path: '/coverage',
    summary: 'Shows what of the contract was met in all worlds, those that are no more included.',
    responses: answers(CoverageView, 'The coverage.'),
  }),
  clearAllCoverage: controlOperation({
    method: 'DELETE',
    path: '/coverage',
    summary: 'Counts coverage of all worlds from nothing again.',
    responses: done,
  }),
} as const

export type ControlOperations = typeof controlOperations
export type ControlOperationId = keyof ControlOperations
