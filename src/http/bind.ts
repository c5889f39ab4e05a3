import type { FastifyInstance, FastifyRequest } from 'fastify'
import { basePath } from '../../schemas/common.ts'
import type { Operation, PartOf } from '../../schemas/operation.ts'
import type { Rule } from '../operations/rule.ts'
import type { World } from '../world/world.ts'
import { commit } from '../world/world.ts'
import { authenticate } from './authorization.ts'
import { sendRefusal, sendSuccess } from './envelope.ts'
import { checkDate, lockIdOf, userIdOf } from './headers.ts'
import { queryOf, queryPairs } from './query.ts'
import { asRefusal } from './refusals.ts'
import { compileCheck, itemDefects, settle, shapeOf } from './validation.ts'

export type WorldOf = (request: FastifyRequest) => World

/** What binding needs to know of the server around it. */
export interface Surroundings {
  readonly worldOf: WorldOf
  /** The address at which a part of an upload is taken (DEC-29). */
  readonly uploadUrl: (world: World, request: FastifyRequest, uploadId: string, partNumber: number) => string
}

/** Joins a contract and its rule into a route: checks in the order of DEC-1, one instant, one transaction, one envelope. */
export function bind<Contract extends Operation>(
  app: FastifyInstance,
  contract: Contract,
  rule: Rule<Contract>,
  { worldOf, uploadUrl }: Surroundings,
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
    const lockId = contract.lock ? lockIdOf(request.raw) : ''
    const input = check(request)
    let remark: string | undefined
    const work = () =>
      rule(world, {
        userId,
        lockId,
        ...input,
        now: world.clock.stateNow(),
        uploadUrl: (uploadId, partNumber) => uploadUrl(world, request, uploadId, partNumber),
        remark: (text) => {
          remark = text
        },
      })
    const payload: object = contract.method === 'GET' ? work() : commit(world, work)
    return { payload, remark }
  }
}

/** DEC-1: `Authorization`, then `X-User-Id`, then `X-Date`; a credential is held against the user once both are well formed. */
function identify(world: World, { raw, bodyText }: FastifyRequest): string {
  const authentication = authenticate(world, raw, bodyText ?? '')
  const userId = userIdOf(raw)
  authentication.confirm(userId)
  checkDate(world, raw)
  return userId
}

type Parts<Contract extends Operation> = { readonly [Part in 'params' | 'query' | 'body']: PartOf<Contract, Part> }

/** Headers of the operation's own, path, query and body against the contract, in this order; compiled once. */
function checksOf<Contract extends Operation>(contract: Contract) {
  const { headers, params, query, body } = contract
  const checkHeaders = headers && compileCheck(headers, 'header')
  const checkParams = params && compileCheck(params, 'path')
  const checkQuery = query && compileCheck(query, 'query')
  const checkBody = body && compileCheck(shapeOf(body), 'body')
  const defects = body ? itemDefects(body) : undefined
  const itemDefect = (list: string, item: unknown) => defects?.get(list)?.(item)
  return (request: FastifyRequest) => {
    checkHeaders?.(request.headers)
    if (body && mayNeedSettling(request.bodyText)) settle(body, request.body, 'body')
    const parts = {
      params: checkParams?.(request.params),
      query: query && checkQuery?.(queryOf(query, queryPairs(request.url))),
      body: checkBody?.(request.body),
    }
    return { ...(parts as Parts<Contract>), itemDefect } // the checks are those of this very contract
  }
}

/** Only a `null` or an escaped surrogate is a reason to walk through a body. */
const mayNeedSettling = (text: string | null): boolean => text !== null && /null|\\u[dD][89a-fA-F]/.test(text)
