import type { Told, Wish } from './stream.ts'
import { Stream } from './stream.ts'

/*
 * One stream for all tabs: HTTP/1.1 gives a browser six connections to an origin, and with one stream each, the seventh tab
 * would not even load. Where a browser knows no shared workers, each tab has one of its own while it is in view.
 */

const pages = new Map<MessagePort, string>()
const stream = new Stream(new URL('../', location.href).href, (told: Told) => {
  for (const port of pages.keys()) port.postMessage(told)
})

function forget(port: MessagePort): void {
  pages.delete(port)
  if (pages.size === 0) stream.stop()
  else stream.watch(pages.values())
}

// Who connects to a shared worker brings a port, and so does the page that has one for itself.
for (const name of ['connect', 'message']) addEventListener(name, (event) => welcome(event as MessageEvent))

function welcome({ ports: [port] }: MessageEvent): void {
  if (!port) return
  port.addEventListener('message', ({ data }: MessageEvent<Wish>) => {
    if (data.kind === 'bye') return forget(port)
    if (data.kind === 'retry') return stream.retry()
    if (!pages.has(port)) for (const told of stream.last.values()) port.postMessage(told)
    pages.set(port, data.world)
    stream.watch(pages.values())
  })
  port.addEventListener('close', () => forget(port))
  port.start()
}
