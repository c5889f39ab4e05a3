import type { IncomingHttpHeaders } from 'node:http'
import { nameForm } from '../../schemas/control.ts'
import type { Refusal } from '../errors.ts'
import { refuse } from '../errors.ts'
import type { Absence } from '../world/absence.ts'
import { defaultName } from '../world/worlds.ts'
import type { RequestTarget } from './request-target.ts'

/** What stands before the world's name in a path that names one. */
const prefix = 'worlds'

const worldHeader = 'x-emulator-world'

/** How a world is reached: the default one at the base address, the others below it. */
export const worldUrl = (base: string, name: string): string =>
  name === defaultName ? base : `${base}/${prefix}/${name}`

/** The decoded segments of a path without those that name its world; both of them count as they are written only. */
export const withoutPrefix = ({ written, segments }: RequestTarget): readonly string[] =>
  written[0] === prefix ? segments.slice(2) : segments

/** What stands before a path of the API in a path that names its world; `""` where it names none. */
export const prefixIn = ({ written }: RequestTarget): string =>
  written[0] === prefix ? `/${written.slice(0, 2).join('/')}` : ''

/**
 * The world that a request names by its header or by the prefix of its path.
 *
 * @param usual the world of a request that names none
 * @returns a refusal for a bad name, and where both are given and disagree
 */
export function askedWorld(
  { written }: RequestTarget,
  headers: IncomingHttpHeaders,
  usual: string = defaultName,
): string | Refusal {
  const header = headers[worldHeader]
  const inPath = written[0] === prefix ? (written[1] ?? '') : undefined
  const name = inPath ?? header ?? usual
  if (typeof name !== 'string' || !nameForm.pattern.test(name)) return badName
  return header !== undefined && header !== name ? twoNames : name
}

const badName = refuse('invalid', `the world is named with ${nameForm.words}`)

const twoNames = refuse(
  'invalid',
  'X-Emulator-World and the prefix of the path name different worlds; send one of them',
)

/** Why there is no world that could answer. */
export const absent = ({ kind, reason }: Absence): Refusal =>
  refuse(kind === 'full' ? 'tooManyWorlds' : 'unknownWorld', reason)
