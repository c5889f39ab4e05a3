import { parse } from 'secure-json-parse'

/** Told of each number in a document: the object or list that it stands in, its name there, and how it is written. */
type OnNumber = (holder: unknown, name: string, source: string) => void

const options = { protoAction: 'error', constructorAction: 'ignore' } as const

/** What becomes of a key `__proto__`: an error, or a key like any other. */
type ProtoAction = 'error' | 'ignore'

/**
 * The value of a JSON text, as the API reads it: a byte order mark is passed over, and a `__proto__` key is none.
 *
 * @throws SyntaxError
 */
export const parseStrictly = (text: string, protoAction: ProtoAction = 'error'): unknown =>
  parse(text, { ...options, protoAction })

/** Digits that a number of JavaScript may not hold all of. */
const manyDigits = /\d{16}/

/**
 * The same, integers that a number of JavaScript cannot hold as bigints.
 *
 * @throws SyntaxError
 */
export const parseExactly = (text: string, protoAction: ProtoAction = 'error'): unknown =>
  manyDigits.test(text) ? parse(text, exact, { ...options, protoAction }) : parseStrictly(text, protoAction)

function exact(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = String(context?.source)
  return /^-?\d+$/.test(source) ? BigInt(source) : value
}

/** TypeScript does not know it yet. */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown }

/** The JSON of a value in which bigints may stand. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? rawJSON(String(part)) : part))
  }
}

/** The value of a JSON text; `undefined` for what is no JSON. */
export function parseJson(text: string, onNumber?: OnNumber): unknown {
  if (text === '') return undefined
  try {
    return onNumber ? parse(text, tellingNumbers(onNumber), options) : parse(text, options)
  } catch {
    return undefined
  }
}

function tellingNumbers(onNumber: OnNumber) {
  return function tell(this: unknown, name: string, value: unknown, context?: { readonly source?: string }): unknown {
    if (typeof value === 'number' && context?.source !== undefined) onNumber(this, name, context.source)
    return value
  }
}
