import { basePath, headers } from '../../schemas/common.ts'
import type { OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import type { Statement } from '../../schemas/statement.ts'
import type { StatementId } from '../../schemas/statements.ts'
import { statements } from '../../schemas/statements.ts'
import type { ErrorKey } from '../errors.ts'
import { version } from '../process/package.ts'
import type { Json } from './json.ts'
import { origin, textOf } from './json.ts'
import { allTags, pathsOf, serversAt, statementLine } from './operations.ts'
import { sharedParameters } from './parameters.ts'
import { refusalsOf } from './refusals.ts'
import { answerHeaders, refusalExamples, sharedResponses } from './responses.ts'
import { SchemaWriter } from './schemas.ts'

const ids = Object.keys(statements) as StatementId[] // keys of a constant object
const everywhere = ids.filter((id) => (statements[id] as Statement).concerns === 'every operation') // each is one

/**
 * The emulated API as an OpenAPI 3.1 document, made from the contracts, the catalogue and the statements.
 *
 * @param base where clients reach the emulator, without a final slash: tools read the document far from where it came from
 */
export function openApiDocument(base: string): Json {
  const writer = new SchemaWriter()
  const paths = pathsOf(writer, base)
  return {
    openapi: '3.1.1',
    info: {
      title: 'KooDrive backup API, as emulated',
      version,
      summary: 'Huawei KooDrive’s backup API as the KooDrive backup emulator understands it',
      description: introduction,
      ...origin,
    },
    servers: serversAt(base, basePath),
    security: [{ accessToken: [] }, { appSignature: [] }],
    tags: allTags,
    paths,
    components: componentsOf(writer),
  }
}

/** The same as text: what is served, printed and committed. */
export const openApiText = (base: string): string => textOf(openApiDocument(base))

const introduction = `\
Made from the contracts that the emulator itself checks requests against. It is not the vendor’s document: each operation
says whether its form is documented, inferred or assumed, and which statements it rests on.

Every refusal has the body \`{code, msg}\`; the header \`x-emulator-reason\` gives the cause. Codes 13990xxx are the
emulator’s own. Statuses, codes and messages are those without a profile and without \`--error-status ok\`, which puts
200 in place of every 400. What fits no operation is \`unknownRoute\`, 404 with code 13000101.

Parts of files go to the \`uploadUrl\` that is answered with them: \`PUT\` its bytes there, with \`Content-Length\` and none of
the headers of operations. The answer is 200 with an \`ETag\` and no body, or a refusal as S3 has it, in XML (UPL-5, DEC-41).

<details>
<summary>What holds of every operation</summary>

${everywhere.map(statementLine).join('\n')}

</details>
`

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
