import type { AdvisedCall, ReplayRequest } from '../../schemas/explain.ts'
import type { Summary } from '../../schemas/journal.ts'
import { valueIn } from '../advice/answer-value.ts'
import { credited } from '../http/credential.ts'
import { jsonOf, parseExactly, parseJson } from '../http/json.ts'
import type { WrittenRequest } from '../http/written-request.ts'
import type { Entry } from '../journal/entry.ts'
import { summaryOf } from '../journal/summary.ts'
import type { World } from '../world/world.ts'
import { entryOf } from './exchange-view.ts'
import { callBeside, replayedRequest, sentFirst } from './journalled-request.ts'
import type { ControlPlane } from './plane.ts'
import { Problem } from './problem.ts'

/**
 * Sends a request of a journal once more, after the calls that it needs; answers the new entry, once it is over.
 *
 * @throws Problem 400, 404; 409 where not all of it is kept, or where a call before it was refused
 */
export async function replayed(world: World, plane: ControlPlane, id: number, asked: ReplayRequest): Promise<Summary> {
  const entry = entryOf(world, id)
  const { first = [], ...how } = asked
  const calls = first.map((call, index) => ({ call, place: `body/first/${index}` }))
  // What cannot be sent is said before anything is; a lock may be one that is yet to be created.
  for (const { call, place } of calls) callBeside(world, entry, call, place)
  replayedRequest(world, entry, first.length > 0 ? { ...how, lock: 'same' } : how)
  world.retain()
  try {
    const given = new Map<string, string>()
    const { resend } = plane
    for (const { call, place } of calls) await makeCall({ world, resend, entry, given }, filled(call, given), place)
    const request = replayedRequest(world, entry, filled(how, given))
    return summaryOf(await resent({ world, resend, entry }, false, request))
  } finally {
    world.release()
  }
}

/** What is made in another world that bears the name by now has nothing to do with the request. @throws Problem 409 */
function requireSame({ name, isOver }: World): void {
  if (isOver) throw new Problem(409, `the world ${name} became another, or went, while requests were sent to it again`)
}

/** Where requests are sent again; whoever sends them holds the world. */
interface Stage {
  readonly world: World
  readonly resend: ControlPlane['resend']
  /** Whose client sends. */
  readonly entry: Entry
}

async function makeCall(
  { given, ...stage }: Stage & { readonly given: Map<string, string> },
  call: AdvisedCall,
  place: string,
): Promise<void> {
  const request = callBeside(stage.world, stage.entry, call, place)
  const made = await resent(stage, true, request)
  const which = `the call before it, #${made.id} ${call.method} ${call.path},`
  if (made.code !== 0) throw new Problem(409, `${which} was refused: ${made.reason ?? 'a fault answered it'}`)
  if (call.gives === undefined) return
  const { name, from } = call.gives
  const value = valueIn(parseJson(made.responseBody.text), from)
  if (typeof value !== 'string') throw new Problem(409, `${which} gave nothing at ${from}`)
  given.set(name, value)
}

/** With the values that calls gave in place of what stands for them: whole texts, and whole segments or values of a path. */
function filled<Asked extends { readonly path?: string }>(asked: Asked, given: ReadonlyMap<string, string>): Asked {
  const { path, ...rest } = asked
  const text = [...given].reduce(
    (now, [name, value]) => now.replaceAll(jsonOf(name), () => jsonOf(value)),
    jsonOf(rest),
  )
  const whole = path
    ?.split(/([/?&=])/)
    .map((part) => (given.has(part) ? encodeURIComponent(String(given.get(part))) : part))
  // Of the form that it had: texts alone were filled in.
  return { ...(parseExactly(text) as Asked), ...(whole && { path: whole.join('') }) }
}

async function resent(
  { world, resend, entry: { id: of }, entry }: Stage,
  madeFirst: boolean,
  written: WrittenRequest,
): Promise<Entry> {
  requireSame(world)
  const { request, shown, release } = credited(world, written, sentFirst(entry))
  try {
    const recorded = await resend(request, { of, madeFirst, shown })
    const made = recorded?.world.journal.find(recorded.id)
    if (made) return made
    requireSame(world)
    /* c8 ignore next 4 -- every request so far was recorded, but nobody is to wait for ever for one that is not */
    throw new Problem(
      409,
      `the request ${of} ended before it was one; give what it has in place of what cannot be sent`,
    )
  } finally {
    release()
  }
}
