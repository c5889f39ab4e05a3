import type { FastifyInstance, FastifyRequest } from 'fastify'
import { basePath } from '../../schemas/common.ts'
import type { BodyOf, Operation, ParamsOf } from '../../schemas/operation.ts'
import type { Rule } from '../operations/rule.ts'
import type { World } from '../world/world.ts'
import { commit } from '../world/world.ts'
import { authenticate } from './authorization.ts'
import { sendRefusal, sendSuccess } from './envelope.ts'
import { checkDate, userIdOf } from './headers.ts'
import { asRefusal } from './refusals.ts'
import { compileCheck, itemDefects, settle, shapeOf } from './validation.ts'

export type WorldOf = (request: FastifyRequest) => World

/** Joins a contract and its rule into a route: checks in the order of DEC-1, one instant, one transaction, one envelope. */
export function bind<Contract extends Operation>(
  app: FastifyInstance,
  contract: Contract,
  rule: Rule<Contract>,
  worldOf: WorldOf,
): void {
  const check = checksOf(contract)
  app.route({
    method: contract.method,
    url: basePath + contract.path.replace(/\{(\w+)\}/g, ':$1'),
    onRequest(request, _reply, done) {
      request.operation = contract.id
      done()
    },
    handler(request, reply) {
      const world = worldOf(request)
      try {
        const { payload, remark } = perform(world, request)
        return sendSuccess(reply, world, payload, remark)
      } catch (error) {
        return sendRefusal(reply, world, asRefusal(error, request.log))
      }
    },
  })

  function perform(world: World, request: FastifyRequest) {
    const userId = identify(world, request)
    const input = check(request)
    const now = world.clock.stateNow()
    let remark: string | undefined
    const note = (text: string) => {
      remark = text
    }
    const work = () => rule(world, { userId, ...input, now, remark: note })
    const payload: object = contract.method === 'GET' ? work() : commit(world, work)
    return { payload, remark }
  }
}

/** DEC-1: `Authorization`, then `X-User-Id`, then `X-Date`; a credential is held against the user once both are well formed. */
function identify(world: World, request: FastifyRequest): string {
  const head = request.raw
  const authentication = authenticate(world, head)
  const userId = userIdOf(head)
  authentication.confirm(userId)
  checkDate(world, head)
  return userId
}

/** Path and body against the contract, in this order; compiled once. */
function checksOf<Contract extends Operation>(contract: Contract) {
  const checkParams = compileCheck<Contract['params']>(contract.params, 'path')
  const checkBody = compileCheck<Contract['body']>(shapeOf(contract.body), 'body')
  const defects = itemDefects(contract.body)
  const itemDefect = (list: string, item: unknown) => defects.get(list)?.(item)
  return (request: FastifyRequest) => {
    const params: ParamsOf<Contract> = checkParams(request.params)
    if (mayNeedSettling(request.bodyText)) settle(contract.body, request.body, 'body')
    const body: BodyOf<Contract> = checkBody(request.body)
    return { params, body, itemDefect }
  }
}

/** Only a `null` or an escaped surrogate is a reason to walk through a body. */
const mayNeedSettling = (text: string | null): boolean => text !== null && /null|\\u[dD][89a-fA-F]/.test(text)
