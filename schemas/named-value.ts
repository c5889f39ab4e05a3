/** Where a request may have something by name. */
export interface NamedParts {
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, unknown>>
  /** Of the query, decoded. */
  readonly query: readonly (readonly [name: string, value: string])[]
  /** As JSON; anything that is no object has no names. */
  readonly body: unknown
}

/**
 * What a request has by a name: in its path, in its query, where of a parameter that is given twice the first counts, or at
 * the top of its body; `undefined` where it has nothing.
 */
export function valueNamed(name: string, { params, query, body }: NamedParts): unknown {
  if (Object.hasOwn(params, name)) return params[name]
  const parameter = query.find(([one]) => one === name)
  if (parameter) return parameter[1]
  const hasNames = typeof body === 'object' && body !== null && !Array.isArray(body)
  return hasNames && Object.hasOwn(body, name) ? Object(body)[name] : undefined
}

/** The device that a request names. */
export function deviceNamed(parts: NamedParts): string | undefined {
  const device = valueNamed('deviceId', parts)
  return typeof device === 'string' ? device : undefined
}
