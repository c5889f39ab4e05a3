import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { CheckName, ContractPart } from '../../schemas/checks.ts'
import type { Refusal } from '../errors.ts'
import { after } from '../process/real-time.ts'
import type { World } from '../world/world.ts'
import { commit } from '../world/world.ts'
import type { SignedRequest } from './signature.ts'

/** A request that takes the real way, from its first byte on, and of which nothing stays. */
export interface Trial {
  /** The world that is asked, unless the request names another. */
  readonly world: string
  /** What both clocks are to show, in Unix milliseconds; otherwise what they do show. */
  readonly now: number | undefined
  /** A copy of the world, in which what the request does stays. */
  readonly stage?: World | undefined
  readonly conclude: (outcome: TrialOutcome) => void
}

export interface TrialOutcome {
  readonly isAccepted: boolean
  readonly refusal: Refusal | null
  /** The check that refused. */
  readonly check: CheckName | null
  readonly part: ContractPart | null
  readonly operation: string | null
  /** `null` for a part of an upload, whose answers have none. */
  readonly code: number | null
  readonly reason: string | null
  /** The body of the answer. */
  readonly answer: string
  /** The request as a signature would cover it, once it came so far. */
  readonly signed?: SignedRequest
}

const trials = new WeakMap<object, Trial>()

/** The trial that a connection was made for. */
export const trialOn = (connection: Socket): Trial | undefined => trials.get(connection)

/** How long a request that announces more than it brings is waited for. */
const patienceMillis = 100

/** A connection within the process, over which a request arrives as if it came over a network. What comes back goes nowhere. */
export function connectionFor(trial: Trial, request: Buffer): Duplex {
  const connection = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      done()
    },
  })
  connection.push(request)
  const callOff = after(patienceMillis, () => connection.push(null))
  connection.once('close', callOff)
  trials.set(connection, trial)
  return connection
}

/**
 * Does work in a world whose clocks stand where the trial wants them, and undoes all of it: rows, ids and what was drawn;
 * unless the trial has a world of its own.
 */
export function tried<Result>({ now, stage: own }: Trial, world: World, work: (world: World) => Result): Result {
  const stage = (own ?? world).trial({ now })
  if (own) return work(stage)
  return commit(
    stage,
    () => work(stage),
    () => true,
  )
}
