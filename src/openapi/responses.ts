import type { OperationId } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import { answerOf, RefusalBody } from '../../schemas/operation.ts'
import type { ErrorKey } from '../errors.ts'
import { catalogue } from '../errors.ts'
import { exampleOf } from './examples.ts'
import type { Json } from './json.ts'
import { mapValues } from './json.ts'
import { itemRefusalsOf, refusalsOf, refusedUnread } from './refusals.ts'
import type { SchemaWriter } from './schemas.ts'

/** Headers of answers, as components. */
export const answerHeaders: Readonly<Record<string, Json>> = {
  emulatorReason: {
    description: 'What was wrong and what would be right; beside a success, a remark. The emulator’s own (DEC-15).',
    schema: { type: 'string', maxLength: 512 },
  },
  answerDate: { description: 'The signing clock of the world (DEC-30).', schema: { type: 'string' } },
  retryAfter: { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 0 } },
}

const header = (name: string): Json => ({ $ref: `#/components/headers/${name}` })

const headers: Json = { 'x-emulator-reason': header('emulatorReason'), Date: header('answerDate') }

const keys = Object.keys(catalogue) as ErrorKey[] // keys of a constant object

const statusOf = (key: ErrorKey): number => catalogue[key].status

/** Every refusal as an example `{code, msg}`, as components. */
export const refusalExamples: Readonly<Record<string, Json>> = mapValues(catalogue, ({ code, msg }, key) => ({
  summary: `${key}: ${msg}`,
  value: { code, msg },
}))

/** A response that refuses, with an example of each refusal. */
const refused = (writer: SchemaWriter, refusals: readonly ErrorKey[], when = ''): Json => ({
  description: `${refusals.map((key) => `\`${key}\` (${catalogue[key].code})`).join(', ')}${when}`,
  headers: { ...headers, ...(refusals.includes('throttled') && { 'Retry-After': header('retryAfter') }) },
  content: {
    'application/json': {
      schema: writer.write(RefusalBody),
      examples: mapValues(Object.fromEntries(refusals.map((key) => [key, key])), (key) => ({
        $ref: `#/components/examples/${key}`,
      })),
    },
  },
})

/** Refusals that have their status for themselves, as components by their key, and those of what is no request yet. */
export const sharedResponses = (writer: SchemaWriter, used: ReadonlySet<ErrorKey>): Record<string, Json> => ({
  ...Object.fromEntries(
    keys.filter((key) => used.has(key) && isAlone(key)).map((key) => [key, refused(writer, [key])]),
  ),
  ...mapValues(refusedUnread, ({ key, when }) => refused(writer, [key], `: ${when}`)),
})

const response = (name: string): Json => ({ $ref: `#/components/responses/${name}` })

const isAlone = (key: ErrorKey): boolean => keys.filter((other) => statusOf(other) === statusOf(key)).length === 1

/** Every answer of an operation, by HTTP status. */
export function responsesOf(writer: SchemaWriter, contract: Operation & { readonly id: OperationId }): Json {
  const refusals = Object.groupBy(refusalsOf(contract.id), statusOf)
  return {
    200: succeeded(writer, contract),
    ...mapValues(refusals as Record<string, ErrorKey[]>, (group) => refusalResponse(writer, group)), // no status is empty
    ...Object.fromEntries(Object.entries(refusedUnread).map(([name, { status }]) => [status, response(name)])),
  }
}

function refusalResponse(writer: SchemaWriter, group: readonly ErrorKey[]): Json {
  const [first] = group
  if (first !== undefined && isAlone(first)) return response(first)
  return refused(writer, group)
}

function succeeded(writer: SchemaWriter, contract: Operation & { readonly id: OperationId }): Json {
  const documented = exampleOf(contract.id)
  const example = documented && { documented: { summary: documented.page, value: documented.answer } }
  return {
    description: ['Done.', ...itemsSentence(itemRefusalsOf(contract.id))].join(' '),
    headers,
    content: {
      'application/json': { schema: writer.write(answerOf(contract)), ...(example && { examples: example }) },
    },
  }
}

const itemsSentence = (refusals: readonly ErrorKey[]): string[] =>
  refusals.length === 0 ? [] : [`An item that failed says so by its errorCode: ${refusals.map(wordItem).join(', ')}.`]

const wordItem = (key: ErrorKey): string => `\`"${catalogue[key].code}"\` (\`${key}\`)`
