import type { TObject } from '@sinclair/typebox'
import type { Contracts, OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import type { Statement } from '../../schemas/statement.ts'
import type { StatementId } from '../../schemas/statements.ts'
import { statements } from '../../schemas/statements.ts'
import { catalogue } from '../errors.ts'
import { acceptedOf } from './accepted.ts'
import { exampleBody, exampleOf } from './examples.ts'
import type { Json } from './json.ts'
import { parametersOf } from './parameters.ts'
import { itemRefusalsOf } from './refusals.ts'
import { responsesOf } from './responses.ts'
import type { SchemaWriter } from './schemas.ts'

type Contract = Operation & { readonly id: OperationId }

const all = Object.values(contracts) as readonly Contracts[OperationId][] // as each of them is

/** What operations are about, by a word of their path; the last one that a path has is its own. */
const tags: Readonly<Record<string, Json>> = {
  device: { name: 'Devices', description: 'Binding, listing and unbinding a user’s devices.' },
  scope: { name: 'Scopes', description: 'What of a device is backed up.' },
  config: { name: 'Configuration', description: 'Values that devices agree on, changed by compare-and-set.' },
  lock: { name: 'Locks', description: 'One client at a time writes the backups of a module.' },
  record: { name: 'Records', description: 'Backups, begun and completed under a lock.' },
  file: { name: 'Files', description: 'What a record holds.' },
}

export const allTags: readonly Json[] = Object.values(tags)

const tagsOf = (path: string): unknown[] =>
  Object.entries(tags)
    .filter(([word]) => path.includes(`/${word}`))
    .slice(-1)
    .map(([, { name }]) => name)

/** A statement as an item of a list. */
export function statementLine(id: StatementId): string {
  const { standing, sentence }: Statement = statements[id]
  return `- **${id}** (${standing}): ${sentence}`
}

/** Every path with its operations, at an emulator of this address. */
export function pathsOf(writer: SchemaWriter, base: string): Json {
  const paths = Object.groupBy(all, ({ path }) => path)
  return Object.fromEntries(
    Object.entries(paths).map(([path, ofPath = []]) => [
      path,
      {
        ...serversOf(base, ofPath[0]),
        ...Object.fromEntries(ofPath.map((contract) => [contract.method.toLowerCase(), operationOf(writer, contract)])),
      },
    ]),
  )
}

/** COM-1: what stands beside the family has servers of its own. */
const serversOf = (base: string, contract: Operation | undefined): Json =>
  contract?.base === undefined ? {} : { servers: serversAt(base, contract.base) }

/**
 * Where paths begin: in the default world, and in others.
 *
 * @param base the address of the emulator
 * @param path what stands before the paths
 */
export const serversAt = (base: string, path: string): Json[] => [
  { url: `${base}${path}`, description: 'The default world of the emulator that this document comes from' },
  {
    url: `${base}/worlds/{world}${path}`,
    description: 'A world of that name, made on first use',
    variables: { world: { default: 'default' } },
  },
]

function operationOf(writer: SchemaWriter, contract: Contract): Json {
  const { id, path, summary, standing, facts, body } = contract
  const items = itemRefusalsOf(id)
  return {
    operationId: id,
    tags: tagsOf(path),
    summary,
    description: `Its form is ${standing}. It rests on:\n\n${facts.map(statementLine).join('\n')}`,
    'x-standing': standing,
    'x-facts': facts,
    ...(items.length > 0 && { 'x-item-refusals': items.map((key) => ({ key, errorCode: `${catalogue[key].code}` })) }),
    parameters: parametersOf(writer, contract),
    ...(body && { requestBody: requestBodyOf(writer, id, body) }),
    responses: responsesOf(writer, contract),
  }
}

function requestBodyOf(writer: SchemaWriter, id: OperationId, body: TObject): Json {
  const documented = exampleOf(id)
  const example = documented
    ? { documented: { summary: documented.page, value: documented.body } }
    : { usual: { summary: 'Put together from documented values', value: exampleBody(id, body) } }
  return {
    required: true,
    content: { 'application/json': { schema: writer.write(acceptedOf(body)), examples: example } },
  }
}
