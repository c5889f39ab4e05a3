import workerAddress from 'made:stream.worker.js'
import type { Told, Wish } from './stream.ts'

const address = new URL(workerAddress, import.meta.url).href

interface TrustedTypes {
  createPolicy(name: string, rules: object): { createScriptURL(text: string): string }
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes } // not in every browser

/** The one address of a script that the page may load. */
const trusted =
  trustedTypes
    ?.createPolicy('inspector', {
      createScriptURL(asked: string) {
        if (asked === address) return asked
        throw new TypeError('the inspector loads no other script')
      },
    })
    .createScriptURL(address) ?? address

/** Watches the emulator, together with all other tabs where the browser can. @returns what tells it of wishes */
export function watchEmulator(tell: (told: Told) => void): (wish: Wish) => void {
  let port = portFor(tell)
  let world = ''
  const send = (wish: Wish): void => {
    if (wish.kind === 'watch') world = wish.world
    port.postMessage(wish)
  }
  const comeBack = () => send({ kind: 'watch', world })
  const leave = () => send({ kind: 'bye' })
  addEventListener('pagehide', leave)
  // A page that comes back from where the browser kept it: others were told meanwhile, and who told them may have ended.
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return
    port = portFor(tell)
    comeBack()
    tell({ kind: 'event', name: 'gap', data: { world: null } })
  })
  if (!isShared) document.addEventListener('visibilitychange', () => (document.hidden ? leave() : comeBack()))
  return send
}

const isShared = typeof SharedWorker !== 'undefined'

/** The way to the one stream of all tabs, or to one for this tab alone. */
function portFor(tell: (told: Told) => void): MessagePort {
  const port = isShared ? new SharedWorker(trusted, { type: 'module', name: 'inspector' }).port : portOfOwn()
  port.addEventListener('message', ({ data }: MessageEvent<Told>) => tell(data))
  port.start()
  return port
}

function portOfOwn(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  new Worker(trusted, { type: 'module' }).postMessage(null, [port2])
  return port1
}
