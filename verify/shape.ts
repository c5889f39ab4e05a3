import { contracts } from '../schemas/index.ts'
import type { Operation } from '../schemas/operation.ts'
import { pathOf } from '../schemas/operation.ts'
import type { Baseline } from './baseline.ts'

type BaselineEvidence = Baseline['facts'][number]['evidence'][number]

/** What is the same of an answer each time it is given: no ids, no times, no values. */
export interface Shape {
  readonly operation: string
  /** Status, code and message, or that there was no answer. */
  readonly verdict: string
  /** The properties of the body as paths, those of items as `data[].deviceId`. */
  readonly names: ReadonlySet<string>
  /** Lists that had no items, so that nothing is known of what their items have. */
  readonly empty: ReadonlySet<string>
}

const paths = Object.values<Operation>(contracts).map((contract) => ({
  id: contract.id,
  method: contract.method,
  form: new RegExp(`${pathOf(contract).replace(/\{\w+\}/g, '[^/]*')}$`),
}))

function operationOf({ method, url }: BaselineEvidence['request']): string {
  const pathname = URL.canParse(url) ? new URL(url).pathname : url
  const contract = paths.find((one) => one.method === method && one.form.test(pathname))
  return contract?.id ?? `${method} ${withoutChance(pathname)}`
}

/** Ids, words and times differ from run to run. */
const withoutChance = (text: string): string =>
  text.replace(/v?[0-9a-f-]{16,}(@\d+)?|\d{4}-\d\d-\d\dT[\d:.]+Z|\d{6,}/g, '…')

export function answerShape({ request, response }: BaselineEvidence): Shape {
  const operation = operationOf(request)
  const names = new Set<string>()
  const empty = new Set<string>()
  if ('error' in response) return { operation, verdict: 'no answer', names, empty }
  const body = parsed(response.body)
  collect(body, '', names, empty)
  const { code, msg } = Object(body)
  const said =
    body === undefined
      ? 'no JSON'
      : `${JSON.stringify(code)} ${JSON.stringify(typeof msg === 'string' ? withoutChance(msg) : msg)}`
  return { operation, verdict: `HTTP ${response.status} ${said}`, names, empty }
}

function collect(value: unknown, place: string, names: Set<string>, empty: Set<string>): void {
  if (Array.isArray(value)) {
    if (value.length === 0) empty.add(`${place}[]`)
    for (const item of value) collect(item, `${place}[]`, names, empty)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) {
      const path = place === '' ? name : `${place}.${name}`
      names.add(path)
      collect(part, path, names, empty)
    }
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
