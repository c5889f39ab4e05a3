import { hash } from 'node:crypto'

/** The secret that was hashed last: the other headers of a client change, its credential does not. */
let latest = { secret: '', short: 'sha256:e3b0c44298fc' }

/** Enough of a hash to recognise a secret by, and far too little to guess it from. */
export function shortHash(secret: string): string {
  if (secret !== latest.secret) latest = { secret, short: `sha256:${hash('sha256', secret).slice(0, 12)}` }
  return latest.short
}
