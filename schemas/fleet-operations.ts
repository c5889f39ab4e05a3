import { Type } from '@sinclair/typebox'
import { archiveType } from './archive.ts'
import * as control from './control.ts'
import { controlOperation, done, ofWorld } from './control-operation.ts'

/** What those ask who run emulators for others: how one is doing, for whole worlds and for groups of them. */
export const fleetOperations = {
  readReady: controlOperation({
    method: 'GET',
    path: '/ready',
    summary: 'Says whether new requests are welcome.',
    responses: {
      200: { description: 'They are.', schema: control.Readiness },
      503: { description: 'The emulator is about to end; they are served all the same.', schema: control.Readiness },
    },
  }),
  readMetrics: controlOperation({
    method: 'GET',
    path: '/metrics',
    summary: 'Shows how the emulator is doing, in Prometheus’ text format.',
    responses: { 200: { description: 'All metrics.', mediaType: 'text/plain; version=0.0.4; charset=utf-8' } },
  }),
  deleteGroup: controlOperation({
    method: 'DELETE',
    path: '/worlds',
    summary: 'Drops the worlds of a group; the default one stays.',
    query: control.GroupQuery,
    responses: done,
  }),
  exportArchive: ofWorld('GET', '/archive', 'Hands out everything that a world is as one file, without its secrets.', {
    query: control.ArchiveQuery,
    responses: { 200: { description: 'The file.', mediaType: archiveType } },
  }),
  adoptArchive: ofWorld('PUT', '/archive', 'Puts an archived world in the place of whatever bears the name.', {
    body: Type.Any(),
    takes: archiveType,
    responses: {
      200: { description: 'There was one before.', schema: control.WorldView },
      201: { description: 'There was none.', schema: control.WorldView },
    },
  }),
} as const
