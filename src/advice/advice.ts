import type { Advice, AdviceStep, RequestChange } from '../../schemas/explain.ts'
import { signedAnew } from '../http/credential.ts'
import type { Explain, Tried } from '../http/explain.ts'
import { xDate } from '../http/headers.ts'
import { jsonOf } from '../http/json.ts'
import { readsPlusAsSpace, withSpaces } from '../http/query.ts'
import { redactionFor } from '../http/secrets.ts'
import type { WrittenRequest } from '../http/written-request.ts'
import { sentHeaders, valuesOfHeader, withHeader } from '../http/written-request.ts'
import { isoInstant } from '../store/snowflake.ts'
import { copyOf } from '../world/copy.ts'
import type { World } from '../world/world.ts'
import { valueIn } from './answer-value.ts'
import { requestFor, shownCall } from './calls.ts'
import { contractRemedies } from './contract-remedies.ts'
import { bodyOf, edited, valueAt } from './edited-request.ts'
import { headRemedies, onceRemedies } from './head-remedies.ts'
import type { Remedy } from './remedy.ts'
import { missingLockRemedies, ruleRemedies } from './rule-remedies.ts'

/** So many remedies are taken one after the other. */
const mostSteps = 5

/** How far a way has come. */
interface Way {
  /** What was asked about. */
  readonly first: WrittenRequest
  readonly request: WrittenRequest
  readonly steps: readonly AdviceStep[]
  /** How many remedies were taken: one that calls takes two steps. */
  readonly taken: number
  readonly tried: Tried
  /** What the change of the request is told as; values that a call is yet to give have a name in it. */
  readonly told: WrittenRequest
  /** What calls gave, by what it is called. */
  readonly given: ReadonlyMap<unknown, string>
  readonly now: number | undefined
  /** A copy of the world in which calls were made. */
  readonly stage: World | undefined
}

/** Tries what would make a refused request accepted, on the present state, and undoes it. */
export class Adviser {
  readonly #explain: Explain
  readonly #world: World
  readonly #copies: World[] = []

  constructor(explain: Explain, world: World) {
    this.#explain = explain
    this.#world = world
  }

  /** Ways on which a request is accepted, or else comes furthest; none where nothing helps. */
  async waysOf(request: WrittenRequest, tried: Tried, now: number | undefined): Promise<Advice[]> {
    const begun = { steps: [], taken: 0, given: new Map(), stage: undefined }
    const read = readIn(this.#world, request)
    const start: Way = { first: request, request: read, told: read, tried, now, ...begun }
    try {
      const found: Way[] = []
      for (const group of grouped(remediesFor(start, this.#world))) {
        const way = await this.#follow(start, group)
        if (way) found.push(way)
      }
      const accepted = found.filter(isAccepted)
      return hidden(
        request,
        (accepted.length > 0 ? accepted : found.slice(0, 1)).map((way) => adviceOf(read, way)),
      )
    } finally {
      for (const copy of this.#copies) copy.end()
    }
  }

  /** Takes the first remedy that helps, and goes on from there. */
  async #follow(way: Way, remedies: readonly Remedy[]): Promise<Way | undefined> {
    let furthest: Way | undefined
    for (const remedy of remedies) {
      const next = await this.#take(way, remedy)
      if (next && isAccepted(next)) return next
      if (next && furthest === undefined && isFurther(next, way)) furthest = next
    }
    if (furthest === undefined || furthest.taken >= mostSteps) return furthest
    return (await this.#follow(furthest, remediesFor(furthest, furthest.stage ?? this.#world))) ?? furthest
  }

  async #take(way: Way, remedy: Remedy): Promise<Way | undefined> {
    if (remedy.kind === 'call') return this.#call(way, remedy)
    const { operation } = way.tried
    if (remedy.kind === 'wait') {
      // Whoever waits dates the request anew.
      const request = withHeader(way.request, 'X-Date', [xDate(remedy.until)])
      const step = { now: isoInstant(remedy.until) }
      return this.#try({ ...way, request, now: remedy.until, steps: [...way.steps, step] })
    }
    const step = { at: remedy.at, from: valueAt(way.told, operation, remedy.at), to: remedy.to }
    const change = (request: WrittenRequest) => edited(request, operation, remedy.at, remedy.to)
    return this.#try({ ...way, request: change(way.request), told: change(way.told), steps: [...way.steps, step] })
  }

  async #try(way: Way): Promise<Way> {
    const { first, request, now, stage } = way
    const signed = signedAnew(stage ?? this.#world, first, request)
    return {
      ...way,
      taken: way.taken + 1,
      tried: await this.#explain({ world: this.#world.name, request: signed, now, stage }),
    }
  }

  /** Makes a call on a copy of the world, of which the way has one from then on. */
  async #call(way: Way, call: Remedy & { kind: 'call' }): Promise<Way | undefined> {
    const stage = this.#copyOf(way.stage ?? this.#world)
    if (stage === undefined) return undefined
    const request = signedAnew(stage, way.first, requestFor(way.request, call))
    const answer = await this.#answerTo(request, call, stage, way.now)
    if (answer === undefined) return undefined
    const { operation } = way.tried
    const called = { ...way, stage, steps: [...way.steps, { call: shownCall(request, call, way.given) }] }
    if (call.gives === undefined) return this.#try(called)
    const { at, name, from } = call.gives
    const step = { at, from: valueAt(way.told, operation, at), to: name }
    const value = from === undefined ? name : valueIn(answer, from)
    return this.#try({
      ...called,
      given: new Map(way.given).set(value, name),
      request: edited(way.request, operation, at, value),
      told: edited(way.told, operation, at, name),
      steps: [...called.steps, step],
    })
  }

  /** What the call is answered on the copy; `undefined` where it is refused. */
  async #answerTo(
    request: WrittenRequest,
    call: Remedy & { kind: 'call' },
    stage: World,
    now: number | undefined,
  ): Promise<unknown> {
    if (call.path.startsWith('!')) {
      const { userId, token } = Object(call.body)
      stage.store.access.addToken(token, { userId, lifetimeMillis: null, expiresMillis: null })
      return {}
    }
    const { explanation, answer } = await this.#explain({ world: this.#world.name, request, now, stage })
    return explanation.accepted ? JSON.parse(answer) : undefined
  }

  #copyOf(world: World): World | undefined {
    const copy = copyOf(world)
    if (copy) this.#copies.push(copy)
    return copy
  }
}

/** The request as a world reads it, so that what is changed in its query leaves the rest of that as it was read. */
const readIn = (world: World, request: WrittenRequest): WrittenRequest =>
  readsPlusAsSpace(world) ? { ...request, path: withSpaces(request.path) } : request

const isAccepted = ({ tried }: Way): boolean => tried.explanation.accepted

const passedBy = ({ tried }: Way): number => tried.explanation.checks.filter(({ passed }) => passed).length

/** Whether it is refused later than before, or at the same check for something else. */
const isFurther = (next: Way, way: Way): boolean =>
  passedBy(next) > passedBy(way) ||
  (passedBy(next) === passedBy(way) && next.tried.explanation.reason !== way.tried.explanation.reason)

function remediesFor({ request, tried, now }: Way, world: World): Remedy[] {
  const { explanation, operation, refusal } = tried
  const { check, reason } = explanation
  const clocks = { now: now ?? world.clock.stateNow(), signingNow: now ?? world.clock.signingNow() }
  const refused = { world, request, operation, refusal, check, reason: String(reason), ...clocks }
  const once = onceRemedies(refused)
  if (once.length > 0) return once
  if (check === 'contract') return contractRemedies(refused)
  if (check === 'lock') return missingLockRemedies(refused)
  if (check === 'rule') return ruleRemedies[String(refusal)]?.(refused) ?? []
  return headRemedies[String(check)]?.(refused) ?? []
}

/** Values for one place are tried in turn; waiting and each call are ways of their own. */
function grouped(remedies: readonly Remedy[]): Remedy[][] {
  const values = remedies.filter(({ kind }) => kind === 'set')
  const others = remedies.filter(({ kind }) => kind !== 'set').map((one) => [one])
  return values.length > 0 ? [values, ...others] : others
}

function adviceOf(request: WrittenRequest, { steps, told, tried }: Way): Advice {
  const { accepted, reason } = tried.explanation
  const otherwise = accepted || reason === null ? {} : { otherwise: reason }
  return { steps: steps.map(withoutCredential), accepted, ...otherwise, change: changeOf(request, told) }
}

function withoutCredential(step: AdviceStep): AdviceStep {
  return 'at' in step && /^header\/authorization$/i.test(step.at) && step.from !== null
    ? { ...step, from: '(hidden)' }
    : step
}

/** What is another in one request than in the other. */
function changeOf(before: WrittenRequest, after: WrittenRequest): RequestChange {
  const are = sentHeaders(after)
  const linesOf = (request: WrittenRequest, name: string) => jsonOf(valuesOfHeader(request, name))
  const names = Object.keys({ ...sentHeaders(before), ...are }).filter(
    (name) => linesOf(before, name) !== linesOf(after, name),
  )
  const headers = Object.fromEntries(names.map((name) => [name, String(are[name] ?? '') || null]))
  return {
    ...(before.method === after.method ? {} : { method: after.method }),
    ...(before.path === after.path ? {} : { path: after.path }),
    ...(names.length === 0 ? {} : { headers }),
    ...(before.body.equals(after.body) ? {} : { body: bodyOf(after) }),
  }
}

/** What is told holds no more of the request's secrets than a journal does. */
const hidden = ({ headers }: WrittenRequest, advice: readonly Advice[]): Advice[] =>
  JSON.parse(redactionFor(headers.flat()).json(jsonOf(advice)))
