import { parseExactly } from '../http/json.ts'
import { concerns } from '../intercept/fault-injection.ts'
import { batches } from '../intercept/items.ts'
import type { Footing } from '../intercept/meanwhile.ts'
import { isOpenTo } from '../intercept/meanwhile.ts'
import type { Facts } from '../journal/facts.ts'
import { comparable, digestOfItem, hasAllNames, isDigest } from '../journal/facts.ts'
import type { EffectOf, FaultEffect } from '../world/fault.ts'
import type { FaultPattern } from '../world/fault-pattern.ts'
import { pointerNames, sameJson, valueBelow } from '../world/fault-pattern.ts'
import type { Perhaps } from './perhaps.ts'
import { allOf } from './perhaps.ts'

/** Whether a pattern fits a request of which only a part is kept, by the facts that were noted of it. */
export function fitsNoted({ deviceId, body = {} }: FaultPattern, facts: Facts): Perhaps {
  const isDevice = deviceId === undefined || facts.sent.deviceId === comparable(deviceId)
  return allOf(isDevice, ...Object.entries(body).map(([pointer, value]) => isNotedAt(facts, pointer, value)))
}

function isNotedAt(facts: Facts, pointer: string, value: unknown): Perhaps {
  const [first = '', ...below] = pointerNames(pointer)
  const name = comparable(first)
  const { scalars, sent } = facts
  if (!Object.hasOwn(scalars, name)) return hasAllNames(facts) ? false : undefined
  const text = String(scalars[name])
  const isText = sent[name as keyof Facts['sent']] === text
  if (below.length === 0 && typeof value === 'string') {
    if (text !== comparable(value)) return false
    return isText || !isJsonOfOther(value) ? true : undefined
  }
  if (isText) return false
  // Of what is long there is a digest, and a text is noted like the JSON that it may hold.
  return isDigest(text) || sameJson(valueBelow(readExactly(text), below), value) ? undefined : false
}

/** The value of a JSON text; `undefined` for what is no JSON. */
function readExactly(text: string): unknown {
  try {
    return parseExactly(text)
  } catch {
    return undefined
  }
}

/** Whether a text is noted like a value that is none. */
function isJsonOfOther(text: string): boolean {
  const read = readExactly(text)
  return read !== undefined && typeof read !== 'string'
}

/** Whether an effect has anything to act on in such a request. */
export function concernsNoted(effect: FaultEffect, operation: string, footing: Footing, facts: Facts): Perhaps {
  if (effect.type === 'failItems') return takesNoted(effect, operation, facts)
  if (effect.type !== 'meanwhile') return concerns(effect, operation, footing)
  const isOpen = isOpenTo(effect, operation, { ...footing, body: facts.scalars })
  return hasAllNames(facts) || (isOpen && !effect.again) ? isOpen : undefined
}

function takesNoted({ indexes, match }: EffectOf<'failItems'>, operation: string, { items }: Facts): Perhaps {
  if (!Object.hasOwn(batches, operation)) return false
  if (items === null) return undefined
  if (indexes) return indexes.some((index) => index < items.digests.length)
  return isWholeItem(match) ? items.digests.includes(digestOfItem(match)) : undefined
}

/** Items are noted by what answers repeat of them: an id, or both paths. */
function isWholeItem(match: unknown): boolean {
  if (typeof match === 'string') return true
  const { localPath, targetFolderPath, ...others } = Object(match)
  const isPath = (path: unknown) => typeof path === 'string' && path !== ''
  return isPath(localPath) && isPath(targetFolderPath) && Object.keys(others).length === 0
}
