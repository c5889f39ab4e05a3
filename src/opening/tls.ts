import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Tls } from '../http/server.ts'
import { messageOf, StartupError } from '../process/startup-error.ts'
import type { Settings } from '../settings/settings.ts'

/** The certificate and key that settings name. @throws StartupError */
export function readTls({ tlsCert, tlsKey }: Settings): Tls | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  try {
    const tls = { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) }
    createSecureContext(tls)
    return tls
  } catch (error) {
    throw new StartupError(`the TLS certificate and key cannot be used: ${messageOf(error)}`)
  }
}
