import { PassThrough } from 'node:stream'
import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { WorldParams } from '../../schemas/control.ts'
import { entryOf } from '../intercept/entry.ts'
import { harOf } from '../intercept/har.ts'
import type { Search } from '../intercept/search.ts'
import { searchEntries } from '../intercept/search.ts'
import type { World } from '../world/world.ts'
import { Problem } from './problem.ts'
import type { Control, Panel } from './routes.ts'

const digits = Type.Optional(Type.String({ pattern: '^[0-9]{1,10}$', description: 'a whole number' }))
const instant = Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,3})?Z$' }))
const name = Type.Optional(Type.String())

/** `body.<name>` beside these. */
const JournalQuery = Type.Object({
  operation: name,
  deviceId: name,
  status: digits,
  code: digits,
  since: instant,
  until: instant,
  limit: digits,
})

/** The journal of a world: what its clients did and what they were told. */
export function serveJournal(control: Control, { dials, baseOf }: Panel): void {
  const all = '/worlds/:name/requests'
  const schema = { params: WorldParams, querystring: JournalQuery }
  control.get(all, { schema }, async ({ params, query }) => {
    const world = dials.find(params.name)
    return { requests: found(world, query), dropped: world.journal.dropped }
  })
  control.get(`${all}/count`, { schema }, async ({ params, query }) => ({
    count: found(dials.find(params.name), query).length,
  }))
  control.get(`${all}.har`, { schema }, async (request) =>
    harOf(found(dials.find(request.params.name), request.query), baseOf(request)),
  )
  control.delete(all, { schema: { params: WorldParams } }, async (request, reply) => {
    dials.find(request.params.name).journal.clear()
    return reply.code(204).send()
  })
  serveStream(control, { dials, baseOf }, `${all}/stream`)
}

const known = new Set(Object.keys(JournalQuery.properties))

function found(world: World, query: Static<typeof JournalQuery>) {
  return searchEntries(world.journal.exchanges.map(entryOf), searchOf(query))
}

function searchOf(query: Static<typeof JournalQuery>): Search {
  const others = Object.entries(query).filter(([key]) => !known.has(key))
  const unknown = others.find(([key]) => !key.startsWith('body.'))
  if (unknown)
    throw new Problem(400, `query/${unknown[0]} is not known; expected ${[...known].join(', ')} or body.<name>`)
  for (const name of ['since', 'until'] as const) {
    const instant = query[name]
    if (instant === undefined || !Number.isNaN(Date.parse(instant))) continue
    throw new Problem(400, `query/${name} is no instant of the calendar; expected one such as 2025-12-17T07:27:27.709Z`)
  }
  const body = Object.fromEntries(others.map(([key, value]) => [key.slice('body.'.length), String(value)]))
  return { ...query, status: number(query.status), code: number(query.code), limit: number(query.limit), body }
}

const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))

/** How much is kept for somebody who watches and does not read, in bytes. */
const mostUnread = 512 * 1024

/** Every entry as it comes, as a server-sent event, for people who watch. */
function serveStream(control: Control, { dials }: Panel, path: string): void {
  const open = new Set<PassThrough>()
  control.addHook('preClose', (done) => {
    for (const stream of open) stream.end()
    done()
  })
  control.get(path, { schema: { params: WorldParams } }, (request, reply) => {
    const stream = new PassThrough({ highWaterMark: mostUnread })
    const forget = dials.ensure(request.params.name).journal.watch((exchange) => {
      const entry = entryOf(exchange)
      if (stream.writableNeedDrain)
        stream.destroy() // whoever does not read what comes has stopped watching
      else stream.write(`id: ${entry.id}\nevent: request\ndata: ${JSON.stringify(entry)}\n\n`)
    })
    open.add(stream)
    reply.raw.once('close', () => {
      forget()
      open.delete(stream)
    })
    stream.write(': watching\n\n')
    reply.header('content-type', 'text/event-stream').header('cache-control', 'no-store').send(stream)
  })
}
