import { ClockRequest, ClockView, WorldParams } from '../../schemas/control.ts'
import { turnClock } from './dials.ts'
import type { Control, Panel } from './routes.ts'
import { clockView } from './views.ts'

/** The two clocks of a world (DEC-30). */
export function serveClock(control: Control, { dials }: Panel): void {
  const response = { 200: ClockView }
  control.get('/worlds/:name/clock', { schema: { params: WorldParams, response } }, async (request) =>
    clockView(dials.find(request.params.name)),
  )
  const patch = { params: WorldParams, body: ClockRequest, response }
  control.patch('/worlds/:name/clock', { schema: patch }, async (request) => {
    const world = dials.ensure(request.params.name)
    turnClock(world, request.body)
    return clockView(world)
  })
}
