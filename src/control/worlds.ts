import { Type } from '@sinclair/typebox'
import { WorldList, WorldParams, WorldRequest, WorldView } from '../../schemas/control.ts'
import type { Control, Panel } from './routes.ts'
import { worldView } from './views.ts'

/** Worlds: made anew, looked at, reset and dropped. */
export function serveWorlds(control: Control, { dials, baseOf }: Panel): void {
  control.get('/worlds', { schema: { response: { 200: WorldList } } }, async (request) => ({
    worlds: dials.list().map((world) => worldView(world, baseOf(request))),
    limit: dials.limit,
  }))
  control.get('/worlds/:name', { schema: { params: WorldParams, response: { 200: WorldView } } }, async (request) =>
    worldView(dials.find(request.params.name), baseOf(request)),
  )
  const put = { params: WorldParams, body: Type.Optional(WorldRequest), response: { '2xx': WorldView } }
  control.put('/worlds/:name', { schema: put }, async (request, reply) => {
    const { world, isNew } = dials.begin(request.params.name, request.body ?? {})
    return reply.code(isNew ? 201 : 200).send(worldView(world, baseOf(request)))
  })
  control.delete('/worlds/:name', { schema: { params: WorldParams } }, async (request, reply) => {
    dials.remove(request.params.name)
    return reply.code(204).send()
  })
  control.post(
    '/worlds/:name/reset',
    { schema: { params: WorldParams, response: { 200: WorldView } } },
    async (request) => worldView(dials.reset(request.params.name), baseOf(request)),
  )
}
