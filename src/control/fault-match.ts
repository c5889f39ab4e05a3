import { deviceNamed } from '../../schemas/named-value.ts'
import { parseExactly } from '../http/json.ts'
import { concerns } from '../intercept/fault-injection.ts'
import type { Footing } from '../intercept/meanwhile.ts'
import type { Entry } from '../journal/entry.ts'
import { hasWorked } from '../journal/outcome.ts'
import type { NewFault } from '../world/fault.ts'
import type { FaultSubject } from '../world/fault-pattern.ts'
import type { World } from '../world/world.ts'

/** What the next fault of a world would have met, had it been the only one from the beginning of its journal. */
export function matchesOf({ faults, journal }: World, fault: NewFault): { id: number; fires: boolean }[] {
  const rehearsal = faults.rehearsal()
  rehearsal.add(fault)
  return journal.entries.flatMap((entry) => {
    const subject = subjectIn(entry)
    if (subject === undefined) return []
    const [was] = rehearsal.list()
    const footing = footingIn(entry, subject.body)
    const { plan, interlopers, delay } = rehearsal.plan(subject, (effect) =>
      concerns(effect, subject.operation, footing),
    )
    const fired = plan.decide(hasWorked(entry) ? 'accepted' : 'refused')
    const [is] = rehearsal.list()
    const fires = fired !== undefined || delay !== undefined || interlopers.length > 0
    return is?.matched === was?.matched ? [] : [{ id: entry.id, fires }]
  })
}

/** Who is refused here never meets a fault. */
const before: readonly Entry['check'][] = ['route', 'media type', 'body size', 'syntax', 'world']

/** An exchange as faults saw it; of a body that is kept in part, nothing fits. */
function subjectIn({ operation, check, params, query, requestBody, wallTime }: Entry): FaultSubject | undefined {
  if (operation === null || before.includes(check)) return undefined
  const body = bodyIn(requestBody)
  return { operation, deviceId: deviceNamed({ params, query, body }), body, now: wallTime }
}

const footingIn = ({ requestHeaders, query, params }: Entry, body: unknown): Footing => ({
  authorization: requestHeaders.find((_, index) => requestHeaders[index - 1]?.toLowerCase() === 'authorization'),
  body,
  query,
  params,
})

/** Whatever came so far was JSON. */
const bodyIn = ({ text, cut }: Entry['requestBody']): unknown => (text === '' || cut ? undefined : parseExactly(text))
