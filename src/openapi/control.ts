import { OptionalKind } from '@sinclair/typebox'
import { controlPath, ProblemBody } from '../../schemas/control.ts'
import type { ControlAnswer, ControlOperation } from '../../schemas/control-operation.ts'
import { controlOperations } from '../../schemas/control-operations.ts'
import { version } from '../process/package.ts'
import type { Json } from './json.ts'
import { mapValues, origin, textOf } from './json.ts'
import { isRequired, parameter } from './parameters.ts'
import { SchemaWriter } from './schemas.ts'

const all: readonly (readonly [id: string, contract: ControlOperation])[] = Object.entries(controlOperations)

/**
 * The control plane as an OpenAPI 3.1 document, made from its contracts.
 *
 * @param base where the emulator is reached, without a final slash
 */
function controlDocument(base: string): Json {
  const writer = new SchemaWriter()
  const paths = pathsOf(writer)
  return {
    openapi: '3.1.1',
    info: {
      title: 'KooDrive backup emulator, control plane',
      version,
      summary: 'What can be done with the worlds of an emulator from outside',
      description: introduction,
      ...origin,
    },
    servers: [{ url: `${base}${controlPath}`, description: 'The emulator that this document comes from' }],
    security: [], // there is no password
    tags: Object.values(tags),
    paths,
    components: { responses: { problem: problem(writer) }, schemas: writer.components },
  }
}

/** The same as text: what is served and printed. */
export const controlText = (base: string): string => textOf(controlDocument(base))

const introduction = `\
Made from the contracts that the emulator itself checks requests against. \`PUT\`, \`POST\` and \`PATCH\` make the world that
they name, if it is not there. \`HEAD\` works wherever \`GET\` does. Where entries of the journal are asked for, a parameter
\`body.<name>\` asks for those whose body has that property.
`

const tags = {
  health: { name: 'Health', description: 'Whether requests are served.' },
  everywhere: { name: 'Everywhere', description: 'What is the same in all worlds, and what happens in any of them.' },
  worlds: { name: 'Worlds', description: 'Making, showing and dropping worlds, their state and their snapshots.' },
  clock: { name: 'Clock', description: 'Time, as a world has it.' },
  credentials: {
    name: 'Credentials',
    description: 'Tokens and apps that a world knows, and what it makes of a request.',
  },
  faults: { name: 'Faults', description: 'What goes wrong on purpose.' },
  journal: { name: 'Journal', description: 'What clients asked and were answered, and what a reviewer says of it.' },
} as const

/** By the first word of a path below its world. */
const tagOf: Readonly<Record<string, keyof typeof tags>> = {
  health: 'health',
  catalogue: 'everywhere',
  events: 'everywhere',
  clock: 'clock',
  tokens: 'credentials',
  apps: 'credentials',
  explain: 'credentials',
  faults: 'faults',
  requests: 'journal',
  review: 'journal',
}

function pathsOf(writer: SchemaWriter): Json {
  const paths = Object.groupBy(all, ([, { path }]) => path)
  return mapValues(
    paths as Record<string, typeof all>,
    (
      ofPath, // no path is empty
    ) =>
      Object.fromEntries(
        ofPath.map(([id, contract]) => [contract.method.toLowerCase(), operationOf(writer, id, contract)]),
      ),
  )
}

function operationOf(writer: SchemaWriter, id: string, contract: ControlOperation): Json {
  const { path, summary, body, takes, responses } = contract
  const [word = ''] = path.replace(/^\/worlds\/\{name\}/, '').match(/\w+/) ?? []
  return {
    operationId: id,
    tags: [tags[tagOf[word] ?? 'worlds'].name],
    summary,
    description: summary,
    parameters: parametersOf(writer, contract),
    ...(body && {
      requestBody: {
        required: !(OptionalKind in body),
        content: takes ? { [takes]: {} } : { 'application/json': { schema: writer.write(body) } },
      },
    }),
    responses: {
      ...mapValues(responses as Record<string, ControlAnswer>, (answer) => responseOf(writer, answer)), // by their status
      400: { $ref: '#/components/responses/problem' },
      default: { $ref: '#/components/responses/problem' },
    },
  }
}

function parametersOf(writer: SchemaWriter, { params, query }: ControlOperation): Json[] {
  const listed = { path: params, query }
  return (['path', 'query'] as const).flatMap((place) => {
    const part = listed[place]
    const properties = Object.entries(part?.properties ?? {})
    return properties.map(([name, schema]) =>
      parameter(writer, name, schema, { in: place, required: part !== undefined && isRequired(part, name) }, undefined),
    )
  })
}

function responseOf(writer: SchemaWriter, { description, schema, mediaType }: ControlAnswer): Json {
  if (mediaType)
    return { description, content: { [mediaType]: isText(mediaType) ? { schema: { type: 'string' } } : {} } }
  return { description, ...(schema && { content: { 'application/json': { schema: writer.write(schema) } } }) }
}

/** Of bytes there is no schema. */
const isText = (mediaType: string): boolean => mediaType.startsWith('text/')

const problem = (writer: SchemaWriter): Json => ({
  description: 'A mistake (RFC 9457): its detail says what was wrong, and what would be right.',
  content: { 'application/problem+json': { schema: writer.write(ProblemBody) } },
})
