import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { refuse } from '../errors.ts'
import type { World } from '../world/world.ts'
import { commit } from '../world/world.ts'
import { lease } from '../world/worlds.ts'
import type { Surroundings } from './bind.ts'
import { uploadPath } from './bind.ts'
import { sendRefusal, sendSuccess } from './envelope.ts'
import { asRefusal } from './refusals.ts'

interface Target {
  Params: { uploadId: string; part: string }
}

type Announced = NonNullable<ReturnType<World['store']['files']['findUpload']>>

interface Received {
  readonly sha256: string
  readonly size: number
}

/**
 * The emulator's own upload target (DEC-29). It counts and hashes what comes and keeps no byte of it, so that the longest
 * upload takes no more memory than the shortest; what breaks off leaves everything as it was.
 */
export function serveUploads(uploads: FastifyInstance, { worldOf, speakerOf }: Surroundings): void {
  uploads.removeAllContentTypeParsers()
  uploads.addContentTypeParser('*', (_request, _payload, done) => done(null))
  uploads.addHook('preParsing', (request, _reply, _payload, done) => {
    request.headers = { 'content-type': 'application/octet-stream' } // any is taken, one that Fastify cannot read included
    done()
  })
  uploads.put<Target>(`${uploadPath}/:uploadId/:part`, async (request, reply) => {
    try {
      const world = worldOf(request)
      request.world = world
      await receive(world, request.params, request.raw)
      request.rowsWritten = 1
      return sendSuccess(reply, world, {}, undefined)
    } catch (error) {
      return sendRefusal(reply, speakerOf(request), asRefusal(error, request.log))
    }
  })
}

async function receive(world: World, target: Target['Params'], stream: AsyncIterable<Buffer>): Promise<void> {
  requireUpload(world, target)
  const release = lease(world)
  try {
    const received = await digest(stream)
    commit(world, () => finish(world, target, received))
  } finally {
    release()
  }
}

function finish(world: World, target: Target['Params'], received: Received): void {
  const announced = requireUpload(world, target)
  const disagreement = compare(announced, received)
  if (disagreement) throw refuse('integrity', `${disagreement}; the upload may be sent again [DEC-29]`)
  world.store.files.finish(target.uploadId, received.sha256, received.size)
}

function requireUpload(world: World, { uploadId, part }: Target['Params']): Announced {
  const announced = part === '1' && !world.usage.isOverwritten ? world.store.files.findUpload(uploadId) : undefined
  if (announced) return announced
  throw refuse('notFound', 'path: no such upload, or it is finished, or its record was deleted [DEC-29]')
}

async function digest(stream: AsyncIterable<Buffer>): Promise<Received> {
  const sha256 = createHash('sha256')
  let size = 0
  for await (const chunk of stream) {
    sha256.update(chunk)
    size += chunk.length
  }
  return { sha256: sha256.digest('hex'), size }
}

function compare(announced: Announced, received: Received): string | undefined {
  if (announced.size !== null && announced.size !== received.size) {
    return `body is ${received.size} bytes long, not as long as the file was announced`
  }
  if (announced.sha256 !== null && announced.sha256 !== received.sha256) {
    return 'body has another SHA-256 than the file was announced with'
  }
  return undefined
}
