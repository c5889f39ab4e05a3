import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { after } from '../process/real-time.ts'
import type { World } from '../world/world.ts'
import { connectionEvent } from './explain.ts'
import type { WrittenRequest } from './written-request.ts'
import { bytesOf, withHeader } from './written-request.ts'

/** A request of a journal that is sent once more. */
export interface Replay {
  /** The id of its entry. */
  readonly of: number
  /** Whether it is a call that is made before it. */
  readonly madeFirst: boolean
  /** How the journal is to show its credentials, where the server put them in. */
  readonly shown: readonly (string | undefined)[]
  /** Told what was recorded; nothing where the connection ended before there was a request. */
  readonly conclude: (recorded: Recorded | undefined) => void
}

/** Where an entry is, and its id. */
interface Recorded {
  readonly world: World
  readonly id: number
}

/** How long it is waited for what was recorded, once the connection is closed. */
const patienceMillis = 100

const replays = new WeakMap<object, Replay>()

/** The replay that a connection was made for. */
export const replayOn = (connection: Socket): Replay | undefined => replays.get(connection)

/** Sends a request as if it came over the network, and answers what was recorded of it. */
export type Resend = (request: WrittenRequest, replay: Omit<Replay, 'conclude'>) => Promise<Recorded | undefined>

export function resenderOf(server: Server): Resend {
  return (request, replay) =>
    new Promise((conclude) => {
      const bytes = bytesOf(withHeader(request, 'Connection', ['close']))
      server.emit(connectionEvent(server), connectionOf({ ...replay, conclude }, bytes))
    })
}

/** A connection within the process; what comes back goes nowhere. */
function connectionOf(replay: Replay, request: Buffer): Duplex {
  const connection = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      done()
    },
  })
  // What is done to sockets where an answer is cut off.
  const cut = () => connection.destroy()
  Object.assign(connection, { resetAndDestroy: cut, destroySoon: cut })
  connection.push(request)
  replays.set(connection, replay)
  // What is recorded is recorded when the connection has closed.
  connection.once('close', () => after(patienceMillis, () => replay.conclude(undefined)))
  return connection
}
