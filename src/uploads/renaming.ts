import { longestFileName } from '../../schemas/upload-limits.ts'

/** The times of printed names are those of GMT+8 (UPL-2). */
const zoneMillis = 8 * 60 * 60 * 1000

/**
 * UPL-2, DEC-34: a name with a timestamp appended to its stem, which is cut where the whole would be too long.
 *
 * @param millis Unix milliseconds
 */
export function stamped(name: string, millis: number): string {
  const stamp = `_${new Date(millis + zoneMillis)
    .toISOString()
    .replace(/[-:]|\..*/g, '')
    .replace('T', '_')}`
  const dot = name.lastIndexOf('.')
  const hasExtension = dot > 0 && name.length - dot + stamp.length < longestFileName
  const [stem, extension] = hasExtension ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  // Half a character at the cut could not be stored.
  const cut = stem.slice(0, longestFileName - stamp.length - extension.length).replace(/[\ud800-\udbff]$/, '')
  return `${cut}${stamp}${extension}`
}
