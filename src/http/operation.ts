import type { IncomingHttpHeaders } from 'node:http'
import type { Operation } from '../../schemas/operation.ts'
import type { Refusal } from '../errors.ts'
import { isRefusal } from '../errors.ts'
import type { Rule, RuleRequest } from '../operations/rule.ts'
import { linkKeyOf, presigner } from '../uploads/links.ts'
import type { World } from '../world/world.ts'
import { commit } from '../world/world.ts'
import { authenticate } from './authorization.ts'
import type { CheckCourse } from './check.ts'
import { checkDate, lockIdOf, requireOnce, userIdOf } from './headers.ts'
import { queryOf, targetIn } from './query.ts'
import type { QueryPairs, RequestTarget } from './request-target.ts'
import { compileCheck, itemDefects, normalize, shapeOf } from './validation.ts'

/** A request whose route is known and whose body, if any, is JSON. */
export interface ReadRequest {
  readonly method: string
  readonly target: RequestTarget
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly params: unknown
  readonly body: unknown
  readonly bodyText: string
  /** The address at which a part of an upload is taken, without a signature (UPL-5). */
  readonly partAddress: (uploadId: string, partNumber: number) => string
}

export interface Success {
  readonly payload: object
  readonly remark: string | undefined
  readonly rowsWritten: number
}

/** A contract whose checks are compiled, joined to its rule. */
export interface BoundOperation {
  readonly contract: Operation
  /**
   * Checks of a request only who sends it, and when: `Authorization`, `X-User-Id` and `X-Date`.
   *
   * @throws Refusal
   */
  admit(world: World, request: ReadRequest, course: CheckCourse): void
  /**
   * Checks a request in the order of DEC-1 and does what it asks for: one instant, one transaction.
   *
   * @returns a refusal where the rule returns one
   * @throws Refusal
   */
  perform(world: World, request: ReadRequest, course: CheckCourse): Success | Refusal
}

/** Joins a contract and its rule. */
export function bindOperation<Contract extends Operation>(contract: Contract, rule: Rule<Contract>): BoundOperation {
  const check = checksOf(contract)
  return {
    contract,
    admit: identify,
    perform(world, request, course) {
      const userId = identify(world, request, course)
      if (contract.lock) course.check = 'lock'
      const lockId = contract.lock ? lockIdOf(request) : ''
      course.check = 'contract'
      const target = targetIn(world, request.target)
      const { params, query, body, itemDefect } = check(request, target.pairs, course)
      course.check = 'rule'
      let remark: string | undefined
      const note = (text: string) => {
        remark = text
      }
      const linkTo = linksOf(world, request)
      const now = world.clock.stateNow()
      const checked = { userId, params, query, body, lockId, now, itemDefect, linkTo, remark: note }
      const work = () => rule(world, checked)
      if (contract.method === 'GET') return outcomeOf(work(), remark, 0)
      // Nothing that can fail stands behind the commit: a refusal would not be true.
      const outcome = commit(
        world,
        () => {
          const before = world.store.rowsWritten()
          const payload = work()
          return outcomeOf(payload, remark, world.store.rowsWritten() - before)
        },
        isRefusal,
      )
      if (!isRefusal(outcome)) world.notes.add(world.store, outcome.rowsWritten > 0)
      return outcome
    },
  }
}

const outcomeOf = (payload: object, remark: string | undefined, rowsWritten: number): Success | Refusal =>
  isRefusal(payload) ? payload : { payload, remark, rowsWritten }

/** Links as the world signs them, all of one instant. */
function linksOf(world: World, { partAddress }: ReadRequest): RuleRequest<Operation>['linkTo'] {
  let presign: ReturnType<typeof presigner> | undefined
  return (uploadId, { partNumber, partSize, partOffset: offset, hashCtx: state }) => {
    presign ??= presigner(linkKeyOf(world.name, world.settings.random), world.clock.signingNow())
    const from = state === undefined ? undefined : { state, offset }
    return presign({ address: partAddress(uploadId, partNumber), uploadId, partNumber, partSize, from })
  }
}

/** DEC-1: `Authorization`, then `X-User-Id`, then `X-Date`; a credential is held against the user once both are well formed. */
function identify(world: World, request: ReadRequest, course: CheckCourse): string {
  course.check = 'Authorization'
  const authentication = authenticate(world, request, request.bodyText)
  course.check = 'X-User-Id'
  const userId = userIdOf(request)
  course.check = 'Authorization'
  authentication.confirm(userId)
  course.check = 'X-Date'
  checkDate(world, request)
  return userId
}

type Checked<Contract extends Operation> = Pick<RuleRequest<Contract>, 'params' | 'query' | 'body' | 'itemDefect'>

/** Headers of the operation's own, path, query and body against the contract, in this order; compiled once. */
function checksOf<Contract extends Operation>(contract: Contract) {
  const { headers, params, query, body } = contract
  const headerNames = Object.keys(headers?.properties ?? {})
  const checkHeaders = headers && compileCheck(headers, 'header')
  const checkParams = params && compileCheck(params, 'path')
  const checkQuery = query && compileCheck(query, 'query')
  const checkBody = body && compileCheck({ ...shapeOf(body), 'x-facts': ['DEC-6'] }, 'body')
  const defects = body ? itemDefects(body) : undefined
  const itemDefect = (list: string, item: unknown) => defects?.get(list)?.(item)
  return (request: ReadRequest, pairs: QueryPairs, course: CheckCourse) => {
    course.part = 'header'
    requireOnce(request, headerNames)
    checkHeaders?.(request.headers)
    course.part = 'path'
    const paramsPart = checkParams?.(request.params)
    course.part = 'query'
    const queryPart = query && checkQuery?.(queryOf(query, pairs))
    course.part = 'body'
    if (body && mayNeedNormalizing(request.bodyText)) normalize(body, request.body, 'body')
    const checked = { params: paramsPart, query: queryPart, body: checkBody?.(request.body), itemDefect }
    return checked as Checked<Contract> // the checks are those of this very contract
  }
}

/** Only a `null` or an escaped surrogate is a reason to walk through a body. */
const mayNeedNormalizing = (text: string): boolean => /null|\\u[dD][89a-fA-F]/.test(text)
