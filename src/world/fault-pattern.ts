/** Which requests a fault is for. */
export interface FaultPattern {
  readonly operations: readonly string[] | '*'
  readonly deviceId?: string
  /** Values of the body by JSON pointer. */
  readonly body?: Readonly<Record<string, unknown>>
}

/** What a pattern is held against. */
export interface FaultSubject {
  readonly operation: string
  readonly deviceId: string | undefined
  readonly body: unknown
  /** The wall clock, in Unix milliseconds: rates go by it, because a state clock may stand still. */
  readonly now: number
}

export function fits({ operations, deviceId, body = {} }: FaultPattern, subject: FaultSubject): boolean {
  if (operations !== '*' && !operations.includes(subject.operation)) return false
  if (deviceId !== undefined && deviceId !== subject.deviceId) return false
  return Object.entries(body).every(([pointer, value]) =>
    sameJson(valueBelow(subject.body, pointerNames(pointer)), value),
  )
}

/** The names in a JSON pointer (RFC 6901). */
export const pointerNames = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))

/** The value that stands below these names. */
export const valueBelow = (document: unknown, names: readonly string[]): unknown =>
  names.reduce<unknown>(
    (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
    document,
  )

/** A bigint is an integer that a number cannot hold; one that can is equal to it all the same. */
// biome-ignore lint/suspicious/noDoubleEquals: only between these two, where nothing is coerced but the type
const isSame = (one: unknown, other: unknown): boolean => one === other || (typeof one === 'bigint' && one == other)

/** Whether two JSON values are the same, the order of properties aside. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return isSame(one, other)
  const [names, others] = [Object.keys(one), Object.keys(other)]
  if (Array.isArray(one) !== Array.isArray(other) || names.length !== others.length) return false
  return names.every((name) => Object.hasOwn(other, name) && sameJson(Reflect.get(one, name), Reflect.get(other, name)))
}

/** Whether a JSON value has everything that a pattern has: the same value, or an object with at least its properties. */
export function hasJson(value: unknown, pattern: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) return sameJson(value, pattern)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(pattern).every(([name, part]) => hasJson(Reflect.get(value, name), part))
}
