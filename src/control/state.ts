import { WorldParams, WorldView } from '../../schemas/control.ts'
import { Seed } from '../../schemas/seed.ts'
import { exportState } from '../world/state.ts'
import type { Control, Panel } from './routes.ts'
import { worldView } from './views.ts'

/** The whole state of a world as one document in the seed's format. */
export function serveState(control: Control, { dials, baseOf }: Panel): void {
  control.get('/worlds/:name/state', { schema: { params: WorldParams } }, async (request) =>
    exportState(dials.find(request.params.name)),
  )
  const put = { params: WorldParams, body: Seed, response: { 200: WorldView } }
  control.put('/worlds/:name/state', { schema: put }, async (request) =>
    worldView(dials.importState(request.params.name, request.body), baseOf(request)),
  )
}
