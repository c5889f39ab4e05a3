import { basePath, headers } from '../../schemas/common.ts'
import type { OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import type { Statement } from '../../schemas/statement.ts'
import type { StatementId } from '../../schemas/statements.ts'
import { statements } from '../../schemas/statements.ts'
import type { ErrorKey } from '../errors.ts'
import { version } from '../package.ts'
import type { Json } from './json.ts'
import { allTags, pathsOf, statementLine } from './operations.ts'
import { sharedParameters } from './parameters.ts'
import { refusalsOf } from './refusals.ts'
import { answerHeaders, refusalExamples, sharedResponses } from './responses.ts'
import { SchemaWriter } from './schemas.ts'

const ids = Object.keys(statements) as StatementId[] // keys of a constant object
const everywhere = ids.filter((id) => (statements[id] as Statement).concerns === 'every operation') // each is one

/** The emulated API as an OpenAPI 3.1 document, made from the contracts, the catalogue and the statements. */
export function openApiDocument(): Json {
  const writer = new SchemaWriter()
  const paths = pathsOf(writer)
  return {
    openapi: '3.1.1',
    info: {
      title: 'KooDrive backup API, as emulated',
      version,
      summary: 'Huawei KooDrive’s backup API as the KooDrive backup emulator understands it',
      description: introduction,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers,
    security: [{ accessToken: [] }, { appSignature: [] }],
    tags: allTags,
    paths,
    components: componentsOf(writer),
  }
}

/** The same as text: what is served, printed and committed. */
export const openApiText = (): string => `${JSON.stringify(openApiDocument(), null, 2)}\n`

const introduction = `\
Made from the contracts that the emulator itself checks requests against. It is not the vendor’s document: each operation
says whether its form is documented, inferred or assumed, and which statements it rests on.

Every refusal has the body \`{code, msg}\`; the header \`x-emulator-reason\` gives the cause. Codes 13990xxx are the
emulator’s own. Statuses, codes and messages are those without a profile and without \`--error-status ok\`, which puts
200 in place of every 400. What fits no operation is \`unknownRoute\`, 404 with code 13000101.

<details>
<summary>What holds of every operation</summary>

${everywhere.map(statementLine).join('\n')}

</details>
`

const servers: readonly Json[] = [
  { url: basePath, description: 'The default world of the emulator that this document comes from' },
  {
    url: `/worlds/{world}${basePath}`,
    description: 'A world of its own, made on first use',
    variables: { world: { default: 'default', description: 'The name of the world' } },
  },
]

function componentsOf(writer: SchemaWriter): Json {
  const used = new Set((Object.keys(contracts) as OperationId[]).flatMap(refusalsOf)) // keys of a constant object
  const parameters = sharedParameters(writer)
  return {
    securitySchemes,
    parameters,
    headers: answerHeaders,
    examples: Object.fromEntries(Object.entries(refusalExamples).filter(([key]) => used.has(key as ErrorKey))), // they are keys
    responses: sharedResponses(writer, used),
    schemas: writer.components,
  }
}

const securitySchemes: Json = {
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    description: `${headers.authorization.description} (COM-2, DEC-2). Any token will do, unless the emulator runs with \`--auth known\`.`,
  },
  appSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: `${statements['COM-15'].sentence} ${statements['COM-16'].sentence}`,
  },
}
