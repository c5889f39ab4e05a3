import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Instant } from './common.ts'

const pairs = Type.Array(Type.Object({ name: Type.String(), value: Type.String() }))
const content = {
  mimeType: Type.String(),
  text: Type.String(),
  encoding: Type.Optional(Type.String()),
  comment: Type.Optional(Type.String()),
}
const message = {
  httpVersion: Type.String(),
  cookies: pairs,
  headers: pairs,
  headersSize: Type.Integer(),
  bodySize: Type.Integer(),
}

const ArchiveRequest = Type.Object(
  {
    ...message,
    method: Type.String(),
    url: Type.String(),
    queryString: pairs,
    postData: Type.Optional(Type.Object(content)),
  },
  { title: 'ArchiveRequest' },
)

const ArchiveResponse = Type.Object(
  {
    ...message,
    status: Type.Integer(),
    statusText: Type.String(),
    content: Type.Object({ ...content, size: Type.Integer() }),
    redirectURL: Type.String(),
  },
  { title: 'ArchiveResponse' },
)

const ArchiveEntry = Type.Object(
  {
    startedDateTime: Instant,
    time: Type.Number(),
    request: ArchiveRequest,
    response: ArchiveResponse,
    cache: Type.Object({}),
    timings: Type.Object({ send: Type.Number(), wait: Type.Number(), receive: Type.Number() }),
    comment: Type.String(),
  },
  { title: 'ArchiveEntry' },
)

/** HAR 1.2, as far as it is written here. */
export const Archive = Type.Object(
  {
    log: Type.Object({
      version: Type.String(),
      creator: Type.Object({ name: Type.String(), version: Type.String() }),
      entries: Type.Array(ArchiveEntry),
    }),
  },
  { title: 'Archive' },
)
export type Archive = Static<typeof Archive>
