import type { FastifyRequest } from 'fastify'
import { basePath } from '../../schemas/common.ts'
import { nameForm } from '../../schemas/control.ts'
import { refuse } from '../errors.ts'
import { defaultName } from '../world/worlds.ts'
import { originForm } from './target.ts'

const prefix = '/worlds/'

export const worldHeader = 'x-emulator-world'

/** A request target without the prefix that names its world. */
export function withoutWorld(url: string): string {
  if (!url.startsWith(prefix)) return url
  const end = url.slice(prefix.length).search(/[/?#]/)
  return end < 0 ? '/' : originForm(url.slice(prefix.length + end))
}

/** How a world is reached: the default one at the base address, the others below it. */
export const worldUrl = (base: string, name: string): string =>
  name === defaultName ? base : `${base}${prefix}${name}`

/**
 * The world that a request names, by header or by prefix.
 *
 * @throws Refusal `invalid` for a bad name, and where both are given and disagree
 */
export function worldNameOf({ originalUrl, headers }: Pick<FastifyRequest, 'originalUrl' | 'headers'>): string {
  const header = headers[worldHeader]
  if (header === undefined && originalUrl.startsWith(basePath)) return defaultName // by far the most
  const url = originForm(originalUrl)
  const inPath = url.startsWith(prefix) ? url.slice(prefix.length).split(/[/?#]/, 1)[0] : undefined
  const name = inPath ?? header ?? defaultName
  if (typeof name !== 'string' || !nameForm.pattern.test(name)) {
    throw refuse('invalid', `the world is named with ${nameForm.words}`)
  }
  if (header !== undefined && header !== name) {
    throw refuse('invalid', 'X-Emulator-World and the prefix of the path name different worlds; send one of them')
  }
  return name
}

/** The same, `undefined` where it would be refused. */
export function nameIfAny(request: FastifyRequest): string | undefined {
  try {
    return worldNameOf(request)
  } catch {
    return undefined
  }
}

export const tooManyWorlds = (limit: number) =>
  refuse('tooManyWorlds', `there are ${limit} worlds already; delete some, or start with a larger --max-worlds`)
