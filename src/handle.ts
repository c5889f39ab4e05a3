import type { Static, TSchema } from '@sinclair/typebox'
import type { ClockView } from '../schemas/control.ts'
import { AppRequest, ClockRequest, ExplainRequest, TokenRequest, WorldRequest } from '../schemas/control.ts'
import { FaultRequest } from '../schemas/faults.ts'
import { Seed } from '../schemas/seed.ts'
import type { Dials } from './control/dials.ts'
import { ask, issue, turnClock } from './control/dials.ts'
import type { Explain } from './control/explain.ts'
import { checkFault } from './control/fault-check.ts'
import { Problem } from './control/problem.ts'
import { clockView, worldView } from './control/views.ts'
import type { WorldHandle } from './embedding.ts'
import { compileDefect } from './http/validation.ts'
import { worldUrl } from './http/world-name.ts'
import { entryOf } from './intercept/entry.ts'
import { harOf } from './intercept/har.ts'
import { searchEntries } from './intercept/search.ts'
import { review } from './review/rules.ts'
import { exportState } from './world/state.ts'
import { registerApp } from './world/tokens.ts'

const checks = {
  clock: checkOf(ClockRequest, 'clock'),
  token: checkOf(TokenRequest, 'token'),
  app: checkOf(AppRequest, 'app'),
  fault: checkOf(FaultRequest, 'fault'),
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
  const entries = () => dials.ensure(name).journal.exchanges.map(entryOf)
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
      registerApp(dials.ensure(name), appId, appSecret)
    },
    explain: (question) => ask(explain, dials.ensure(name), checks.question(question)),
    faults: {
      add: (fault) => dials.ensure(name).faults.add(checkFault(checks.fault(fault))),
      list: () => dials.ensure(name).faults.list(),
      remove: (id) => dials.ensure(name).faults.remove(id),
      clear: () => dials.ensure(name).faults.clear(),
    },
    requests: (search = {}) => searchEntries(entries(), search),
    forgetRequests: () => dials.ensure(name).journal.clear(),
    har: (search = {}) => harOf(searchEntries(entries(), search), base),
    review: () => review(entries()),
    delete: () => dials.remove(name),
  }
}
