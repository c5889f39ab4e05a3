import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { packageFile } from '../process/package.ts'
import { controlText } from './control.ts'
import { openApiText } from './document.ts'

/** What a browser or a tool is given. */
export interface StaticFile {
  readonly type: string
  readonly content: string | Buffer
  /** Changes with the content. */
  readonly etag: string
}

const prepared = (type: string, content: string | Buffer): StaticFile => ({
  type,
  content,
  etag: `"${hash('sha256', content)}"`,
})

/** Swagger UI as it comes with a package that has neither its installer's telemetry nor anything else of it running. */
const library = (name: string): URL =>
  new URL(`static/${name}`, import.meta.resolve('@fastify/swagger-ui/package.json'))

const own = (name: string): URL => packageFile(`assets/${name}`)

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  png: 'image/png',
} as const

type File = readonly [url: URL, type: string]

const front: File = [own('docs.html'), types.html]

const files: ReadonlyMap<string, File> = new Map([
  ['docs.css', [own('docs.css'), types.css]],
  ['docs.js', [own('docs.js'), types.js]],
  ['swagger-ui.css', [library('swagger-ui.css'), types.css]],
  ['swagger-ui.js', [library('swagger-ui-bundle.js'), types.js]],
  ['favicon.png', [library('favicon-32x32.png'), types.png]],
])

const read = async ([url, type]: File): Promise<StaticFile> => prepared(type, await readFile(url))

const documents = { openapi: openApiText, control: controlText } as const
export type DocumentName = keyof typeof documents

/** A document itself. @param base where clients reach the emulator */
export const documentPage = (name: DocumentName, base: string): StaticFile =>
  prepared('application/json; charset=utf-8', documents[name](base))

/** The documentation, where examples can be tried. */
export const frontPage = (): Promise<StaticFile> => read(front)

/** A file that the documentation loads; `undefined` where it has none of that name. */
export async function fileOf(name: string): Promise<StaticFile | undefined> {
  const file = files.get(name)
  return file && read(file)
}
