import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Seen } from '../coverage/met.ts'
import { refusingCheck } from '../http/check.ts'
import { hasBegun, requestHeader } from '../http/envelope.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Replay } from '../http/replay.ts'
import { replayOn } from '../http/replay.ts'
import type { Unreadable } from '../http/server.ts'
import type { World } from '../world/world.ts'
import type { NewEntry } from './entry.ts'
import { keptOf } from './kept.ts'
import { notedFacts } from './reading.ts'

/** What is known when a request arrives, and gone when it is answered. */
interface Arrival {
  readonly time: number
  readonly wallTime: number
  readonly clockMoved: number
  readonly signingTime: number
  readonly begunAfter: number
  readonly connection: number
  readonly isFirstOnConnection: boolean
}

/** When it was over. */
interface End {
  readonly endedAt: number
  readonly endTime: number
}

const endIn = ({ clock }: World): End => ({ endedAt: clock.wallNow(), endTime: clock.stateNow() })

/** Keeps exchanges of the emulated API in the journals of worlds, those that never got an answer included. */
export class Recorder {
  readonly #numbers = new WeakMap<Socket, number>()
  #connections = 0

  /** @param journalOf the world in whose journal an exchange belongs that is served by none */
  follow(app: FastifyInstance, journalOf: (exchange: Exchange) => World): void {
    app.addHook('onRequest', ({ exchange, raw }, reply, done) => {
      if (exchange.route.kind !== 'control' && !exchange.trial) {
        const before = journalOf(exchange)
        const arrival = this.#arrivalAt(before, raw.socket)
        const record = (end: End) => {
          const world = exchange.world ?? before
          // One that was made by this very request has a clock of its own.
          const arrived = world === before ? arrival : this.#arrivalAt(world, raw.socket)
          const entry = world.journal.add(
            entryOf(world, { arrival: arrived, end }, exchange, raw, reply),
            exchange.entry?.id,
          )
          if (exchange.work) world.notes.settle(exchange.work)
          // What is sent once more by somebody who looks is not the client's.
          if (exchange.replay) exchange.replay.conclude({ world, id: entry.id })
          else world.coverage.note(seenIn(entry, world, exchange, reply.request.body))
        }
        exchange.whenSent = (answer) => numberRefusal(exchange, answer, exchange.world ?? before)
        exchange.whenOver = () => {
          const end = endIn(exchange.world ?? before) // a client waits from the answer, not from the end of its body
          if (exchange.arriving) exchange.arriving.whenOver(() => record(end))
          else record(end)
        }
      }
      done()
    })
    app.addHook('onSend', ({ exchange }, reply, _payload, done) => {
      exchange.whenSent?.(reply)
      done()
    })
  }

  /** Keeps what was refused before it was a request. */
  keepUnreadable(world: World, { socket, method, path, status, code, reason, body, entry }: Unreadable): void {
    const arrival = this.#arrivalAt(world, socket)
    world.coverage.noteUnreadable()
    const recorded: NewEntry = {
      ...notKnown,
      ...arrival,
      endedAt: arrival.wallTime,
      endTime: arrival.time,
      method,
      path,
      world: world.name,
      status,
      code,
      reason,
      refusal: 'malformed',
      responseBody: { text: body },
      replayOf: replayOn(socket)?.of ?? null,
      madeFirst: replayOn(socket)?.madeFirst ?? false,
    }
    const { id } = world.journal.add(recorded, entry)
    replayOn(socket)?.conclude({ world, id })
  }

  #arrivalAt({ clock, journal }: World, socket: Socket): Arrival {
    const known = this.#numbers.get(socket)
    if (known === undefined) {
      this.#connections += 1
      this.#numbers.set(socket, this.#connections)
    }
    return {
      time: clock.stateNow(),
      wallTime: clock.wallNow(),
      signingTime: clock.signingNow(),
      clockMoved: clock.moved(),
      begunAfter: journal.lastId,
      connection: known ?? this.#connections,
      isFirstOnConnection: known === undefined,
    }
  }
}

/** Tells whoever is refused the number of the entry. */
function numberRefusal(exchange: Exchange, reply: FastifyReply, { name, journal }: World): void {
  if (exchange.isAccepted && !exchange.isInjected) return
  exchange.entry = { id: journal.reserve(), world: name }
  reply.header(requestHeader, exchange.entry.id)
}

/** What is not known of what Node could not read. */
const notKnown = {
  durationMs: 0,
  operation: null,
  params: {},
  query: [],
  httpVersion: '',
  requestHeaders: [],
  requestBody: { text: '' },
  requestSize: -1,
  responseHeaders: {},
  delivered: true,
  fault: null,
  effect: null,
  isInjected: false,
  retryAfter: null,
  rowsWritten: 0,
  check: 'syntax',
  part: null,
  changes: null,
  changesOmitted: 0,
  workBefore: 0,
  replayOf: null,
  madeFirst: false,
  facts: null,
} as const

function entryOf(
  world: World,
  { arrival, end }: { readonly arrival: Arrival; readonly end: End },
  exchange: Exchange,
  raw: IncomingMessage,
  reply: FastifyReply,
): NewEntry {
  const { redaction } = exchange
  const response = reply.raw
  const isBegun = hasBegun(response)
  // Once for all that is kept of them: answers may be long.
  const answer = raw.method === 'HEAD' ? '' : exchange.answer // of which only the head is sent
  const texts = { sent: redaction.json(exchange.bodyText), told: redaction.json(answer) }
  const kept = keptOf(world, exchange, redaction, texts, answer)
  // Property by property: to spread the arrival among so many costs several times as much.
  return {
    time: arrival.time,
    wallTime: arrival.wallTime,
    signingTime: arrival.signingTime,
    clockMoved: arrival.clockMoved,
    endedAt: end.endedAt,
    endTime: end.endTime,
    begunAfter: arrival.begunAfter,
    durationMs: Math.round(reply.elapsedTime * 1000) / 1000,
    operation: exchange.operation,
    method: String(raw.method),
    httpVersion: raw.httpVersion,
    path: kept.path,
    params: kept.params,
    query: kept.query,
    world: redaction.text(world.name),
    connection: arrival.connection,
    isFirstOnConnection: arrival.isFirstOnConnection,
    requestHeaders: withShown(redaction.headers(raw.rawHeaders), exchange.replay),
    requestBody: kept.requestBody,
    requestSize: exchange.arriving?.size ?? exchange.bodySize,
    status: isBegun ? reply.statusCode : null,
    code: exchange.code,
    reason: exchange.reason,
    refusal: exchange.refusal?.key ?? exchange.storeRefusal,
    responseHeaders: isBegun ? reply.getHeaders() : {},
    responseBody: kept.responseBody,
    delivered: response.writableFinished && !raw.aborted,
    check: exchange.isInjected ? null : refusingCheck(exchange),
    part: exchange.part,
    fault: exchange.fault,
    effect: exchange.effect,
    isInjected: exchange.isInjected,
    retryAfter: reply.hasHeader('retry-after') ? String(reply.getHeader('retry-after')) : null,
    rowsWritten: exchange.rowsWritten,
    changes: changesBy(world, exchange),
    changesOmitted: exchange.work?.omitted ?? 0,
    workBefore: exchange.workBefore ?? world.notes.latest.order,
    replayOf: exchange.replay?.of ?? null,
    madeFirst: exchange.replay?.madeFirst ?? false,
    facts: kept.requestBody.cut || kept.responseBody.cut ? notedFacts(exchange, kept, texts) : null,
  }
}

/** A replay shows the credentials that it had before, not those that stand for them. */
function withShown(lines: readonly string[], replay: Replay | undefined): readonly string[] {
  if (replay === undefined) return lines
  const shown = [...replay.shown]
  return lines.map((line, place) =>
    place % 2 === 1 && lines[place - 1] === 'Authorization' ? (shown.shift() ?? line) : line,
  )
}

/** What did no work changed nothing; where nobody notes, that is not said of it either. */
function changesBy({ store }: World, { work }: Exchange): NewEntry['changes'] {
  if (work) return work.changes
  return store.rowChanges.isOn ? [] : null
}

function seenIn(
  { operation, status, code, refusal, delivered, effect }: NewEntry,
  world: World,
  exchange: Exchange,
  body: unknown,
): Seen {
  const { errors } = world
  const { payload } = exchange
  const query = exchange.queryIn(world)
  return { operation, status, code, refusal, isDelivered: delivered, effect, payload, query, body, errors }
}
