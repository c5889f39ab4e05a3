/** An event of a stream of server-sent events; a beat is a comment, by which one knows that the other side is there. */
export type StreamEvent =
  | { readonly kind: 'event'; readonly id: string; readonly name: string; readonly data: string }
  | { readonly kind: 'beat' }

/** Reads server-sent events from whatever pieces they arrive in. */
export class EventReader {
  #rest = ''

  /** @returns what is complete by now */
  read(piece: string): StreamEvent[] {
    const all = (this.#rest + piece).replaceAll('\r\n', '\n')
    const end = all.lastIndexOf('\n\n')
    this.#rest = end < 0 ? all : all.slice(end + 2)
    return end < 0 ? [] : all.slice(0, end).split('\n\n').map(eventOf)
  }
}

function eventOf(block: string): StreamEvent {
  const fields = new Map<string, string>()
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^(\w+): ?(.*)$/s.exec(line) ?? [] // JSON may hold what JavaScript takes for the end of a line
    fields.set(name, value)
  }
  const data = fields.get('data')
  if (data === undefined) return { kind: 'beat' }
  return { kind: 'event', id: fields.get('id') ?? '', name: fields.get('event') ?? 'message', data }
}
