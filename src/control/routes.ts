import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify'
import type { Dials } from './dials.ts'

/** A Fastify instance whose handlers are typed by their TypeBox schemas. */
export type Control = FastifyInstance<
  RawServerDefault,
  FastifyRequest['raw'],
  import('node:http').ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** What the routes of the control plane need of the server around them. */
export interface Panel {
  readonly dials: Dials
  /** The address at which a request reached the emulator, or is to reach it. */
  readonly baseOf: (request: FastifyRequest) => string
}
