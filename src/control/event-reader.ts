import { PassThrough } from 'node:stream'
import type { EventName } from '../../schemas/inspector.ts'
import { jsonOf } from '../http/json.ts'

/** Something that happened; what is told of it is found when it is told, `undefined` where that is nothing any more. */
export interface StreamedEvent {
  readonly name: EventName
  readonly world: string
  readonly dataOf: () => unknown
}

/** Where events are read from, by their numbers. */
interface Source {
  readonly process: string
  readonly version: string
  readonly first: number
  readonly next: number
  at(number: number): StreamedEvent | undefined
}

/** So little is kept for somebody who does not read: what else there is stays where it is read from. */
const mostUnread = 64 * 1024

/** An event as it goes over the wire; JSON has no line breaks of its own. */
export const eventText = (name: string, data: string, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data.replace(/[\r\n]+/g, ' ')}\n\n`

/** Somebody who reads a stream of events, at a pace of their own. */
export class EventReader {
  readonly stream = new PassThrough({ highWaterMark: mostUnread })
  readonly #source: Source
  readonly #worlds: ReadonlySet<string> | undefined
  #place: number

  /**
   * @param worlds only what concerns these
   * @param place of the event to be told first; the next one where it is not known
   */
  constructor(source: Source, worlds: ReadonlySet<string> | undefined, place: number | undefined) {
    this.#source = source
    this.#worlds = worlds
    this.#place = place ?? source.next
    const { process, version } = source
    this.#write('hello', { process, version }, this.#place - 1)
    this.stream.on('drain', () => this.pump())
  }

  /** Tells that what came before is not all there. */
  tellGap(): void {
    this.#write('gap', { world: null }, this.#place - 1)
  }

  /** Tells all that there is to tell, as far as it is taken. */
  pump(): void {
    while (this.#place < this.#source.next && this.stream.writable && !this.stream.writableNeedDrain) {
      if (this.#place < this.#source.first) {
        this.#place = this.#source.first
        this.tellGap()
        continue
      }
      const event = this.#source.at(this.#place)
      this.#place += 1
      if (event && (this.#worlds?.has(event.world) ?? true)) this.#tell(event)
    }
  }

  /** Tells somebody who hears nothing that the stream is not dead. */
  beat(): void {
    if (this.stream.writable && !this.stream.writableNeedDrain) this.stream.write(': beat\n\n')
  }

  #tell({ name, dataOf }: StreamedEvent): void {
    const data = dataOf()
    if (data !== undefined) this.#write(name, data, this.#place - 1)
  }

  #write(name: EventName, data: unknown, number: number): void {
    this.stream.write(eventText(name, jsonOf(data), `${this.#source.process}-${number}`))
  }
}
