import { WorldParams } from '../../schemas/control.ts'
import { FaultParams, FaultRequest } from '../../schemas/faults.ts'
import { checkFault } from './fault-check.ts'
import { Problem } from './problem.ts'
import type { Control, Panel } from './routes.ts'

/** Faults: made, listed with what they did so far, and taken away. */
export function serveFaults(control: Control, { dials }: Panel): void {
  const all = '/worlds/:name/faults'
  control.post(all, { schema: { params: WorldParams, body: FaultRequest } }, async (request, reply) => {
    const fault = checkFault(request.body)
    return reply.code(201).send(dials.ensure(request.params.name).faults.add(fault))
  })
  control.get(all, { schema: { params: WorldParams } }, async (request) => ({
    faults: dials.find(request.params.name).faults.list(),
  }))
  control.delete(all, { schema: { params: WorldParams } }, async (request, reply) => {
    dials.find(request.params.name).faults.clear()
    return reply.code(204).send()
  })
  control.delete(`${all}/:id`, { schema: { params: FaultParams } }, async (request, reply) => {
    const { name, id } = request.params
    if (!dials.find(name).faults.remove(id)) throw new Problem(404, `the world ${name} has no fault ${id}`)
    return reply.code(204).send()
  })
}
