import { Problem } from './problem.ts'

/** Far more than people write, far less than takes up a stack: what is shown again is written by a function that calls itself. */
const deepest = 100

const isDeeperThan = (levels: number, value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((part) => isDeeperThan(levels - 1, part))
}

/**
 * For a part of a request that may be any JSON at all.
 *
 * @param where the part's place, such as `body/body`
 * @throws Problem 400
 */
export function requireShallow(value: unknown, where: string): void {
  if (isDeeperThan(deepest, value))
    throw new Problem(400, `${where} is nested deeper than ${deepest} levels; expected at most ${deepest}`)
}
