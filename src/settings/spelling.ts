import { closestMatch } from 'leven'

/**
 * What may have been meant by a name that nobody knows, and where to look otherwise.
 *
 * @param prefix what all names begin with, and does not count
 */
export function advice(unknown: string, known: readonly string[], prefix: string): string {
  const bare = (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name)
  const maxDistance = Math.max(1, Math.ceil(bare(unknown).length / 3))
  const meant = closestMatch(bare(unknown), known.map(bare), { maxDistance })
  return meant === undefined ? '--help lists them' : `did you mean ${prefix}${meant}?`
}
