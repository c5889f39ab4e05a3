import { linkKeyOf, presigner } from '../../src/uploads/links.ts'
import type { Call } from '../client.ts'

/** Of the upload whose parts are sent while the emulator is killed. Smaller than a client may announce, for it is sent often. */
const contents = ['milk', ' and', ' tea']
const uploadId = '0000019B2C2E7200C2A63EE0AD2BD0A1'

const multiParts = contents.map(({ length: partSize }, index) => ({
  partNumber: index + 1,
  partSize,
  partOffset: index * partSize,
}))

const file = { fileName: 'in parts', uploadId, size: contents.join('').length, multiParts }

// biome-ignore lint/suspicious/noExplicitAny: a state document
type State = any

/** A state whose one record has the upload, too. */
export function withUpload({ users, ...state }: State): State {
  const { torture } = users
  const records = torture.records.map((record: object) => ({ ...record, files: [file] }))
  return { ...state, users: { ...users, torture: { ...torture, records } } }
}

/** The id that the upload's file was given. */
export const fileIdOf = ({ users }: State): string => users.torture.records[0].files[0].fileId

/**
 * Sends a part by a link as the emulator would answer it.
 *
 * @param origin the emulator's
 * @param millis when the link is made
 */
export function sendPart(origin: string, partNumber: number, millis: number): Call {
  const body = contents[partNumber - 1] ?? ''
  const link = { address: `${origin}/_upload/${uploadId}/${partNumber}`, uploadId, partNumber, from: undefined }
  return { method: 'PUT', path: presigner(linkKeyOf('default', 1), millis)({ ...link, partSize: body.length }), body }
}
