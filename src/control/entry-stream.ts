import { PassThrough } from 'node:stream'
import type { Journal } from '../journal/journal.ts'
import { entryText } from '../journal/view.ts'
import type { World } from '../world/world.ts'
import type { Worlds } from '../world/worlds.ts'
import { eventText } from './event-reader.ts'

/** So little is kept for somebody who does not read; of what else there is, so many numbers of entries. */
const mostUnread = 64 * 1024
const mostWaiting = 1000

/** An entry that is to be told, for as long as its journal keeps it. */
interface Waiting {
  readonly journal: Journal
  readonly id: number
}

/**
 * Every entry as it comes, as a server-sent event, for people who watch; of whichever world bears the name. Whoever reads
 * slowly is told of what is still kept by then, and that the rest is not.
 *
 * @param lastId of the entry that was told last; those since are told first
 */
export function streamOf({ name, journal: present }: World, worlds: Worlds, lastId: string | undefined): PassThrough {
  const stream = new PassThrough({ highWaterMark: mostUnread })
  const waiting: Waiting[] = []
  let hasGap = false
  function tell({ journal, id }: Waiting): void {
    const entry = journal.find(id)
    if (entry === undefined) {
      hasGap = true
      return
    }
    if (hasGap) stream.write(eventText('gap', JSON.stringify({ world: name })))
    hasGap = false
    stream.write(eventText('request', entryText(entry), String(id)))
  }
  function pump(): void {
    while (stream.writable && !stream.writableNeedDrain) {
      const next = waiting.shift()
      if (next === undefined) return
      tell(next)
    }
  }
  const forget = worlds.watch(name, ({ id }, journal) => {
    waiting.push({ journal, id })
    if (waiting.length > mostWaiting) hasGap = waiting.shift() !== undefined
    pump()
  })
  stream.once('close', forget).on('drain', pump)
  stream.write(': watching\n\n')
  if (lastId !== undefined) {
    const { isWhole, ids } = since(present, Number(lastId))
    hasGap = !isWhole
    waiting.push(...ids.map((id) => ({ journal: present, id })))
    pump()
  }
  return stream
}

/** What a journal keeps of what came after an entry, and whether that is all; of one that it does not know, all it has. */
function since({ entries, lastId }: Journal, id: number): { isWhole: boolean; ids: number[] } {
  const before = (entries[0]?.id ?? lastId + 1) - 1
  const isWhole = id >= before && id <= lastId
  return { isWhole, ids: entries.map((entry) => entry.id).filter((one) => !isWhole || one > id) }
}
