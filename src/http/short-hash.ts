import { hash } from 'node:crypto'

/** The secret that was hashed last: the other headers of a client change, its credential does not. */
let latest: { readonly secret: string; readonly short: string } | undefined

/** Enough of a hash to recognise a secret by, and far too little to guess it from. */
export function shortHash(secret: string): string {
  if (latest?.secret !== secret) latest = { secret, short: `sha256:${hash('sha256', secret).slice(0, 12)}` }
  return latest.short
}
