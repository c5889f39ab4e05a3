import workerAddress from 'made:stream.worker.js'
import type { Told, Wish } from './stream.ts'

const address = new URL(workerAddress, import.meta.url).href

interface TrustedTypes {
  createPolicy(name: string, rules: object): { createScriptURL(text: string): string }
}

/** The one address of a script that the page may load. */
function trusted(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes } // not in every browser
  const createScriptURL = (asked: string) => {
    if (asked === address) return asked
    throw new TypeError('the inspector loads no other script')
  }
  return trustedTypes?.createPolicy('inspector', { createScriptURL }).createScriptURL(address) ?? address
}

/** Watches the emulator, together with all other tabs where the browser can. @returns what tells it of wishes */
export function watchEmulator(tell: (told: Told) => void): (wish: Wish) => void {
  const isShared = typeof SharedWorker !== 'undefined'
  const port = isShared ? new SharedWorker(trusted(), { type: 'module', name: 'inspector' }).port : portOfOwn()
  let world = ''
  const send = (wish: Wish): void => {
    if (wish.kind === 'watch') world = wish.world
    port.postMessage(wish)
  }
  const comeBack = () => send({ kind: 'watch', world })
  const leave = () => send({ kind: 'bye' })
  port.addEventListener('message', ({ data }: MessageEvent<Told>) => tell(data))
  port.start()
  addEventListener('pagehide', leave)
  // A page that comes back from where the browser kept it.
  addEventListener('pageshow', ({ persisted }) => persisted && comeBack())
  if (!isShared) document.addEventListener('visibilitychange', () => (document.hidden ? leave() : comeBack()))
  return send
}

/** A stream for this tab alone. */
function portOfOwn(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  new Worker(trusted(), { type: 'module' }).postMessage(null, [port2])
  return port1
}
