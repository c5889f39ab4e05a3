import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { pathOf, successMsgOf } from '../../schemas/operation.ts'
import type { Refusal } from '../errors.ts'
import { isRefusal } from '../errors.ts'
import type { World } from '../world/world.ts'
import { sendRefusal, sendSuccess } from './envelope.ts'
import type { Exchange } from './exchange.ts'
import type { BoundOperation, ReadRequest, Success } from './operation.ts'
import { asRefusal } from './refusals.ts'
import { uploadPath } from './route.ts'
import { tried } from './trial.ts'

/** The worlds, as far as the emulated API needs to know of them. */
export interface WorldAccess {
  /** The world of this name, if there is one; asking does not count as use. */
  find(name: string): World | undefined
  /** The same, made on first use. */
  use(name: string): World
  /** Why there is no world of this name and none is made on first use. */
  absence(name: string): Refusal | undefined
  /** A world as a new one would be: judges who may have one made, and speaks for those that are not there. */
  readonly newcomer: World
  /** Speaks where no world is named. */
  readonly main: World
  /** The address under which a client reaches a world. */
  addressOf(worldName: string, request: FastifyRequest): string
}

/** The world in whose name a request is refused. */
export function answeringWorld(access: WorldAccess, { world, worldName }: Exchange): World {
  if (world) return world
  return typeof worldName === 'string' ? (access.find(worldName) ?? access.newcomer) : access.main
}

/** Makes a bound operation a route. */
export function addRoute(app: FastifyInstance, operation: BoundOperation, access: WorldAccess): void {
  app.route({
    method: operation.contract.method,
    url: pathOf(operation.contract), // its parameters are in the exchange
    handler(request, reply) {
      try {
        const outcome = serve(operation, request, access)
        return answer(reply, outcome, answeringWorld(access, request.exchange), successMsgOf(operation.contract))
      } catch (error) {
        return sendRefusal(reply, answeringWorld(access, request.exchange), asRefusal(error, request.log))
      }
    },
  })
}

function serve(operation: BoundOperation, request: FastifyRequest, access: WorldAccess): Success | Refusal {
  const { exchange } = request
  const { worldName, trial } = exchange
  if (typeof worldName !== 'string') throw worldName
  const read = readRequest(request, worldName, access)
  const known = access.find(worldName)
  const admit = (newcomer: World) => {
    operation.admit(newcomer, read, exchange)
    exchange.check = 'world'
    const absence = access.absence(worldName)
    if (absence) throw absence
  }
  if (trial) {
    return tried(trial, known ?? access.newcomer, (world) => {
      if (known === undefined) admit(world)
      return operation.perform(world, read, exchange)
    })
  }
  if (known === undefined) admit(access.newcomer)
  const world = exchange.enter(access.use(worldName))
  return exchange.during(world, () => operation.perform(world, read, exchange))
}

/** Where a part of an upload in a world is taken, as it is printed. */
export const partAddress = (
  { addressOf }: WorldAccess,
  request: FastifyRequest,
  worldName: string,
  uploadId: string,
  part: number | string,
): string => `${addressOf(worldName, request)}${uploadPath}/${encodeURIComponent(uploadId)}/${part}`

function readRequest(request: FastifyRequest, worldName: string, access: WorldAccess): ReadRequest {
  const { method, raw, body, exchange } = request
  return {
    method,
    target: exchange.target,
    headers: raw.headers,
    rawHeaders: raw.rawHeaders,
    params: exchange.route.params,
    body,
    bodyText: exchange.bodyText,
    partAddress: (uploadId, part) => partAddress(access, request, worldName, uploadId, part),
  }
}

function answer(reply: FastifyReply, outcome: Success | Refusal, world: World, msg: string): FastifyReply {
  const { exchange } = reply.request
  if (isRefusal(outcome)) return sendRefusal(reply, world, outcome)
  exchange.rowsWritten = outcome.rowsWritten
  return sendSuccess(reply, world, outcome.payload, outcome.remark, msg)
}
