import { hash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { wayFrom } from '../http/visit.ts'
import { packageFile } from '../process/package.ts'
import { Problem } from './problem.ts'
import type { Control } from './routes.ts'

/** Every file of the page by its path: `index.html`, and what it loads below `assets/`. */
export type PageFiles = ReadonlyMap<string, Uint8Array>

/**
 * Nothing comes from elsewhere, runs in line, is framed or is made of text: the one policy of Trusted Types allows the one
 * address of the worker.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types inspector',
].join('; ')

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  woff2: 'font/woff2',
}

/** The inspector: a page, and what it loads. @param read gives its files as they are now */
export function serveInspector(control: Control, read: () => Promise<PageFiles> = ownFiles): void {
  const method = ['GET', 'HEAD']
  control.route({
    method,
    url: '/',
    prefixTrailingSlash: 'slash',
    handler: async (request, reply) => sendPage(request, reply, await read()),
  })
  // Links of the page are relative, so that it can be reached under any prefix. Browsers come here from other addresses, too.
  control.route({
    method,
    url: '',
    handler: async (request, reply) => {
      const way = wayFrom(request.exchange.target.path, request.method, request.headers)
      return way === undefined ? reply.redirect('_emulator/', 308) : reply.redirect(way)
    },
  })
  control.route({
    method,
    url: '/assets/:file',
    schema: { params: Type.Object({ file: Type.String({ maxLength: 100 }) }) },
    handler: async (request, reply) => sendAsset(reply, request.params.file, await read()),
  })
}

function sendPage(request: FastifyRequest, reply: FastifyReply, files: PageFiles): FastifyReply {
  const content = fileOf(files, 'index.html')
  const etag = `"${hash('sha256', content)}"`
  reply
    .header('etag', etag)
    .header('cache-control', 'no-cache')
    .header('content-security-policy', policy)
    .header('cross-origin-opener-policy', 'same-origin')
    .header('x-content-type-options', 'nosniff')
  if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send()
  return reply.type('text/html; charset=utf-8').send(content)
}

/** Its name changes with its content, so whoever has it need never ask again. */
function sendAsset(reply: FastifyReply, name: string, files: PageFiles): FastifyReply {
  const content = fileOf(files, `assets/${name}`)
  return reply
    .header('cache-control', 'public, max-age=31536000, immutable')
    .header('x-content-type-options', 'nosniff')
    .type(String(types[name.slice(name.lastIndexOf('.') + 1)]))
    .send(content)
}

function fileOf(files: PageFiles, path: string): Buffer {
  const content = files.get(path)
  if (content) return Buffer.from(content)
  throw new Problem(404, 'the inspector has no such file; load the page anew')
}

/** A checkout makes the page of its sources, the package has it at hand. @param running the file that asks */
export const readerFor = (running: string): (() => Promise<PageFiles>) =>
  running.endsWith('.ts') ? madeOnDemand(packageFile('inspector/'), bundle) : readOnce(packageFile('dist/inspector/'))

/** Those of all emulators of this process. */
const ownFiles = readerFor(import.meta.url)

/** Reads what was built when it is first asked for. */
export function readOnce(folder: URL): () => Promise<PageFiles> {
  let files: Promise<PageFiles> | undefined
  return () => {
    files ??= readAll(folder)
    return files
  }
}

async function readAll(folder: URL): Promise<PageFiles> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.includes('.'))
  const read = paths.map(
    async (path) => [path.replaceAll('\\', '/'), await readFile(join(fileURLToPath(folder), path))] as const,
  )
  return new Map(await Promise.all(read))
}

/** Makes it when it is first asked for, and again whenever a source is another, so that a reload shows an edit. */
export function madeOnDemand(sources: URL, make: () => Promise<PageFiles>): () => Promise<PageFiles> {
  let made: { readonly of: number; readonly files: Promise<PageFiles> } | undefined
  return async () => {
    const newest = await newestIn(sources)
    if (made?.of !== newest) made = { of: newest, files: make() }
    return made.files
  }
}

async function newestIn(folder: URL): Promise<number> {
  const paths = await readdir(folder, { recursive: true })
  const times = await Promise.all(paths.map(async (path) => (await stat(join(fileURLToPath(folder), path))).mtimeMs))
  return Math.max(...times)
}

/** Not named outright: what bundles the emulator must not take the bundler along. */
async function bundle(): Promise<PageFiles> {
  const { bundleInspector } = await import(packageFile('tools/inspector.ts').href)
  return bundleInspector()
}
