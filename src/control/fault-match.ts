import type { FaultMatch } from '../../schemas/control-faults.ts'
import { uploadPart } from '../../schemas/index.ts'
import { deviceNamed } from '../../schemas/named-value.ts'
import { parseExactly } from '../http/json.ts'
import { concerns } from '../intercept/fault-injection.ts'
import type { Footing } from '../intercept/meanwhile.ts'
import type { Entry } from '../journal/entry.ts'
import { hasWorked } from '../journal/outcome.ts'
import type { NewFault } from '../world/fault.ts'
import { fits } from '../world/fault-pattern.ts'
import { needsWork } from '../world/fault-plan.ts'
import type { World } from '../world/world.ts'
import { concernsNoted, fitsNoted } from './noted-request.ts'
import type { Perhaps } from './perhaps.ts'
import { allOf } from './perhaps.ts'

type Match = FaultMatch['would'][number]

/** What the next fault of a world would have met, had it been the only one from the beginning of its journal. */
export function matchesOf({ faults, journal }: World, fault: NewFault): FaultMatch['would'] {
  const rehearsal = faults.rehearsal()
  const { when, effect } = fault
  // Which requests are for it is decided here, because of some it is not known.
  rehearsal.add({ operations: '*', effect, ...(when && { when }) })
  let isCountKnown = true
  return journal.entries.flatMap((entry): Match[] => {
    const isMet = meets(fault, entry)
    if (isMet === false) return []
    if (isMet === undefined) {
      isCountKnown &&= !isCounting(fault)
      return [{ id: entry.id, fires: null }]
    }
    const now = entry.wallTime
    const { plan, interlopers, delay } = rehearsal.plan(
      { operation: String(entry.operation), deviceId: undefined, body: undefined, now },
      () => true,
    )
    const isDue = plan.decide('accepted') !== undefined || delay !== undefined || interlopers.length > 0
    const isKnown = isCountKnown && !(isDue && mayBeRefused(effect))
    return [{ id: entry.id, fires: isKnown ? isDue : null }]
  })
}

/** Whether it matters to a fault how many requests were for it before. */
const isCounting = ({ when, effect }: NewFault): boolean =>
  when !== undefined || (effect.type === 'throttle' && effect.perSecond !== undefined)

/** Whether all that somebody else would have done may have been refused by the rules; time passes whatever they say. */
const mayBeRefused = (effect: NewFault['effect']): boolean =>
  effect.type === 'meanwhile' && effect.advance === undefined

/** Whether a fault counts an exchange; `undefined` where too little is known of that. */
function meets(fault: NewFault, entry: Entry): Perhaps {
  const { operation, requestBody } = entry
  if (operation === null || !hasReachedFaults(entry)) return false
  if (fault.operations !== '*' && !fault.operations.includes(operation)) return false
  const footing = footingIn(entry)
  const { effect } = fault
  const facts = requestBody.cut ? entry.facts : null
  return allOf(
    facts ? fitsNoted(fault, facts) : fits(fault, { operation, ...asFaultsSaw(footing), now: entry.wallTime }),
    facts ? concernsNoted(effect, operation, footing, facts) : concerns(effect, operation, footing),
    !needsWork(fault) || wouldWork(entry),
  )
}

/** Who is refused here never meets a fault. */
const before: readonly Entry['check'][] = ['route', 'media type', 'body size', 'syntax', 'world']

/** What has neither a code nor a fault broke off within its body; of an upload, faults are tried when its head has come. */
const hasReachedFaults = ({ operation, check, code, fault }: Entry): boolean =>
  !before.includes(check) && (operation === uploadPart || code !== null || fault !== null)

/** Of what another fault kept from being judged, nobody knows. */
function wouldWork(entry: Entry): Perhaps {
  const wasKept = entry.isInjected || (entry.effect === 'reset' && entry.refusal === null)
  return wasKept ? undefined : hasWorked(entry)
}

const footingIn = ({ requestHeaders, query, params, requestBody }: Entry): Footing => ({
  authorization: requestHeaders.find((_, index) => requestHeaders[index - 1]?.toLowerCase() === 'authorization'),
  body: bodyIn(requestBody),
  query,
  params,
})

const asFaultsSaw = (footing: Footing) => ({ deviceId: deviceNamed(footing), body: footing.body })

/** Whatever came so far was JSON; of parts of uploads no byte is kept. */
const bodyIn = ({ text, cut }: Entry['requestBody']): unknown => (text === '' || cut ? undefined : parseExactly(text))
