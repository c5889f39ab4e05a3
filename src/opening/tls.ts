import { createSecureContext } from 'node:tls'
import type { Tls } from '../http/server.ts'
import { messageOf, StartupError } from '../process/startup-error.ts'
import { largestNote, wholeFile } from '../process/whole-file.ts'
import type { Settings } from '../settings/settings.ts'

/** The certificate and key that settings name. @throws StartupError */
export function readTls({ tlsCert, tlsKey }: Settings): Tls | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  try {
    const tls = { cert: wholeFile(tlsCert, largestNote), key: wholeFile(tlsKey, largestNote) }
    createSecureContext(tls)
    return tls
  } catch (error) {
    throw new StartupError(`the TLS certificate and key cannot be used: ${messageOf(error)}`)
  }
}
