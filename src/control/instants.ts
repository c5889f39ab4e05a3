import { epochMillis, isoInstant, lastMillis } from '../store/snowflake.ts'
import {
  durationMillis,
  instantMillis,
  noInstantText,
  noSpanText,
  signedDurationMillis,
  spanDefect,
} from '../world/duration.ts'
import { Problem } from './problem.ts'

/** What part of a request is in Unix milliseconds, such as `body/now`. @throws Problem 400 for a day or an hour that does not exist */
export function instantIn(place: string, text: string): number {
  const millis = instantMillis(text)
  if (millis !== undefined) return millis
  throw new Problem(400, `${place} ${noInstantText}`)
}

/** The same, of an instant that a state clock can show. @throws Problem 400 */
export function stateInstantIn(place: string, text: string): number {
  const millis = instantIn(place, text)
  if (millis < epochMillis || millis > lastMillis) throw outsideRange()
  return millis
}

export const outsideRange = () =>
  new Problem(400, `the state clock runs from ${isoInstant(epochMillis)} to ${isoInstant(lastMillis)} [DEC-31]`)

/** What part of a request is in milliseconds. @throws Problem 400 */
export const spanIn = (place: string, text: string): number => known(place, durationMillis(text))

/** The same, of a span that may begin with a minus and has an end. @throws Problem 400 */
export const signedSpanIn = (place: string, text: string): number => bounded(place, signedDurationMillis(text))

/** The same, of a span that has an end. @throws Problem 400 */
export const boundedSpanIn = (place: string, text: string): number => bounded(place, durationMillis(text))

function known(place: string, millis: number | undefined): number {
  if (millis !== undefined) return millis
  throw new Problem(400, `${place} ${noSpanText}`)
}

function bounded(place: string, millis: number | undefined): number {
  const defect = spanDefect(millis)
  if (defect) throw new Problem(400, `${place} ${defect}`)
  return known(place, millis)
}
