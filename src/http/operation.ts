import type { IncomingHttpHeaders } from 'node:http'
import type { Operation } from '../../schemas/operation.ts'
import type { Refusal } from '../errors.ts'
import { isRefusal } from '../errors.ts'
import type { Rule, RuleRequest } from '../operations/rule.ts'
import type { World } from '../world/world.ts'
import { commit } from '../world/world.ts'
import { authenticate } from './authorization.ts'
import { checkDate, lockIdOf, userIdOf } from './headers.ts'
import { queryOf, queryPairs } from './query.ts'
import { compileCheck, itemDefects, settle, shapeOf } from './validation.ts'

/** A request whose route is known and whose body, if any, is JSON. */
export interface ReadRequest {
  readonly method: string
  /** Path and query as received, a world's prefix included: what a signature covers. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly params: unknown
  readonly body: unknown
  readonly bodyText: string
  /** The address at which a part of an upload is taken (DEC-29). */
  readonly uploadUrl: (uploadId: string, partNumber: number) => string
}

/** The checks of DEC-1 that follow the body's syntax, in their order. */
export type Check = 'Authorization' | 'X-User-Id' | 'X-Date' | 'lock' | 'contract' | 'rule'

export interface Outcome {
  readonly payload: object
  readonly remark: string | undefined
  readonly rowsWritten: number
}

/** A contract whose checks are compiled, joined to its rule. */
export interface BoundOperation {
  readonly contract: Operation
  /**
   * Checks a request in the order of DEC-1 and does what it asks for: one instant, one transaction.
   *
   * @param enter told of each check before it is made
   * @returns a refusal where the rule returns one
   * @throws Refusal
   */
  perform(world: World, request: ReadRequest, enter?: (check: Check) => void): Outcome | Refusal
}

/** Joins a contract and its rule. */
export function bindOperation<Contract extends Operation>(contract: Contract, rule: Rule<Contract>): BoundOperation {
  const check = checksOf(contract)
  return {
    contract,
    perform(world, request, enter) {
      const userId = identify(world, request, enter)
      if (contract.lock) enter?.('lock')
      const lockId = contract.lock ? lockIdOf(request) : ''
      enter?.('contract')
      const { params, query, body, itemDefect } = check(request)
      enter?.('rule')
      let remark: string | undefined
      const note = (text: string) => {
        remark = text
      }
      const { uploadUrl } = request
      const now = world.clock.stateNow()
      const checked = { userId, params, query, body, lockId, now, itemDefect, uploadUrl, remark: note }
      const work = () => rule(world, checked)
      const outcome = (payload: object, rowsWritten: number) =>
        isRefusal(payload) ? payload : { payload, remark, rowsWritten }
      if (contract.method === 'GET') return outcome(work(), 0)
      // Nothing that can fail stands behind the commit: a refusal would not be true.
      return commit(
        world,
        () => {
          const before = world.store.rowsWritten()
          const payload = work()
          return outcome(payload, world.store.rowsWritten() - before)
        },
        isRefusal,
      )
    },
  }
}

/** DEC-1: `Authorization`, then `X-User-Id`, then `X-Date`; a credential is held against the user once both are well formed. */
function identify(world: World, request: ReadRequest, enter?: (check: Check) => void): string {
  enter?.('Authorization')
  const authentication = authenticate(world, request, request.bodyText)
  enter?.('X-User-Id')
  const userId = userIdOf(request)
  enter?.('Authorization')
  authentication.confirm(userId)
  enter?.('X-Date')
  checkDate(world, request)
  return userId
}

type Checked<Contract extends Operation> = Pick<RuleRequest<Contract>, 'params' | 'query' | 'body' | 'itemDefect'>

/** Headers of the operation's own, path, query and body against the contract, in this order; compiled once. */
function checksOf<Contract extends Operation>(contract: Contract) {
  const { headers, params, query, body } = contract
  const checkHeaders = headers && compileCheck(headers, 'header')
  const checkParams = params && compileCheck(params, 'path')
  const checkQuery = query && compileCheck(query, 'query')
  const checkBody = body && compileCheck(shapeOf(body), 'body')
  const defects = body ? itemDefects(body) : undefined
  const itemDefect = (list: string, item: unknown) => defects?.get(list)?.(item)
  return (request: ReadRequest) => {
    checkHeaders?.(request.headers)
    const paramsPart = checkParams?.(request.params)
    const queryPart = query && checkQuery?.(queryOf(query, queryPairs(request.url)))
    if (body && mayNeedSettling(request.bodyText)) settle(body, request.body, 'body')
    const checked = { params: paramsPart, query: queryPart, body: checkBody?.(request.body), itemDefect }
    return checked as Checked<Contract> // the checks are those of this very contract
  }
}

/** Only a `null` or an escaped surrogate is a reason to walk through a body. */
const mayNeedSettling = (text: string): boolean => /null|\\u[dD][89a-fA-F]/.test(text)
