import type { Static, TSchema } from '@sinclair/typebox'
import type { ClockView, Explanation, WorldView } from '../schemas/control.ts'
import { AppRequest, ClockRequest, ExplainRequest, TokenRequest, WorldRequest } from '../schemas/control.ts'
import { Seed } from '../schemas/seed.ts'
import type { Dials } from './control/dials.ts'
import { issue, turnClock } from './control/dials.ts'
import type { Explain } from './control/explain.ts'
import { Problem } from './control/problem.ts'
import { clockView, worldView } from './control/views.ts'
import { compileDefect } from './http/validation.ts'
import { worldUrl } from './http/world-name.ts'
import { exportState } from './world/state.ts'
import type { IssuedToken } from './world/tokens.ts'

/** The clocks of a world (DEC-30). */
export interface ClockHandle {
  read(): ClockView
  /** @param duration ISO 8601, such as `PT10M` */
  advance(duration: string): ClockView
  /** @param change an instant to be shown, or any of `frozen`, `now`, `advance`, `skew`, `signing` */
  set(change: string | ClockRequest): ClockView
}

/** One world, driven from the same process; what the control plane does over HTTP. Every mistake is thrown as a `Problem`. */
export interface WorldHandle {
  readonly name: string
  /** The base address for a client of this world. */
  readonly url: string
  readonly clock: ClockHandle
  view(): WorldView
  /** Keeps the settings and drops everything else. */
  reset(): void
  /** Everything in it, in the seed's format, credentials left out. */
  state(): Seed
  importState(document: Seed): void
  snapshot(label: string): void
  restore(label: string): void
  /** The only time that a token is shown. */
  issueToken(request: TokenRequest): IssuedToken
  registerApp(app: AppRequest): void
  /** Whether a request would be accepted, and if not, why. */
  explain(question: ExplainRequest): Explanation
  delete(): void
}

const checks = {
  clock: checkOf(ClockRequest, 'clock'),
  token: checkOf(TokenRequest, 'token'),
  app: checkOf(AppRequest, 'app'),
  question: checkOf(ExplainRequest, 'question'),
  document: checkOf(Seed, 'state'),
}
export const checkWorldRequest = checkOf(WorldRequest, 'world')

/** The same checks that a request over HTTP meets. */
function checkOf<Schema extends TSchema>(schema: Schema, where: string) {
  let defectOf: ReturnType<typeof compileDefect> | undefined
  return (value: Static<Schema>): Static<Schema> => {
    defectOf ??= compileDefect(schema, where)
    const defect = defectOf(value)
    if (defect === undefined) return value
    throw new Problem(400, defect)
  }
}

/** A handle on a world of this name, whichever one bears it at the time. */
export function handleOf(name: string, base: string, dials: Dials, explain: Explain): WorldHandle {
  const turn = (change: ClockRequest): ClockView => {
    const world = dials.ensure(name)
    turnClock(world, checks.clock(change))
    return clockView(world)
  }
  return {
    name,
    url: worldUrl(base, name),
    clock: {
      read: () => clockView(dials.ensure(name)),
      advance: (duration) => turn({ advance: duration }),
      set: (change) => turn(typeof change === 'string' ? { now: change } : change),
    },
    view: () => worldView(dials.find(name), base),
    reset: () => void dials.reset(name),
    state: () => exportState(dials.ensure(name)),
    importState: (document) => void dials.importState(name, checks.document(document)),
    snapshot: (label) => void dials.snapshot(name, label),
    restore: (label) => void dials.restore(name, label),
    issueToken: (request) => issue(dials.ensure(name), checks.token(request)),
    registerApp(app) {
      const { appId, appSecret } = checks.app(app)
      dials.ensure(name).store.credentials.addApp(appId, appSecret)
    },
    explain: (question) => explain(dials.ensure(name), checks.question(question)),
    delete: () => dials.remove(name),
  }
}
