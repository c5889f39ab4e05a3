import type { OperationId } from '../../schemas/index.ts'
import type { Answer, Call } from '../target.ts'

/** A value that an answer gave, and what becomes of it in a script. */
export interface Capture {
  readonly variable: string
  readonly value: string
  /** What jq takes it out of the answer with. */
  readonly filter: string
}

/** One request of a sequence, with what was to come of it and what came. */
export interface TracedRequest {
  readonly request:
    | { readonly operation: OperationId; readonly call: Call }
    | { readonly upload: string; readonly content: string }
  readonly expected: string
  readonly answered: string
  readonly captures: Capture[]
}

/** Everything that was sent so far, in the order of the answers. */
export interface Trace {
  readonly exchanges: TracedRequest[]
  /** How many variables there are of each name. */
  readonly counts: Map<string, number>
}

export const newTrace = (): Trace => ({ exchanges: [], counts: new Map() })

/** For people. Where something is looked for in a text, that comes first. */
export const shortened = (text: string): string => (text.length > 400 ? `${text.slice(0, 400)}…` : text)

export function note(
  trace: Trace,
  request: TracedRequest['request'],
  expected: string,
  { status, text }: Answer,
): TracedRequest {
  const exchange = { request, expected, answered: `HTTP ${status} ${text}`, captures: [] }
  trace.exchanges.push(exchange)
  return exchange
}

/** Remembers that later requests may send what this answer gave. */
export function capture(trace: Trace, exchange: TracedRequest, name: string, value: string, filter: string): void {
  const count = (trace.counts.get(name) ?? 0) + 1
  trace.counts.set(name, count)
  exchange.captures.push({ variable: `${name}_${count}`, value, filter })
}
