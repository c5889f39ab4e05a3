import { SnapshotList, SnapshotParams, SnapshotView, WorldParams, WorldView } from '../../schemas/control.ts'
import type { Control, Panel } from './routes.ts'
import { snapshotView, worldView } from './views.ts'

/** Snapshots: taken, listed, restored and dropped. */
export function serveSnapshots(control: Control, { dials, baseOf }: Panel): void {
  control.get(
    '/worlds/:name/snapshots',
    { schema: { params: WorldParams, response: { 200: SnapshotList } } },
    async (request) => {
      const { snapshots } = dials.find(request.params.name)
      return { snapshots: [...snapshots].map(([label, snapshot]) => snapshotView(label, snapshot)) }
    },
  )
  const one = '/worlds/:name/snapshots/:label'
  control.post(one, { schema: { params: SnapshotParams, response: { 201: SnapshotView } } }, async (request, reply) => {
    const { name, label } = request.params
    return reply.code(201).send(snapshotView(label, dials.snapshot(name, label)))
  })
  control.post(
    `${one}/restore`,
    { schema: { params: SnapshotParams, response: { 200: WorldView } } },
    async (request) => worldView(dials.restore(request.params.name, request.params.label), baseOf(request)),
  )
  control.delete(one, { schema: { params: SnapshotParams } }, async (request, reply) => {
    dials.dropSnapshot(request.params.name, request.params.label)
    return reply.code(204).send()
  })
}
