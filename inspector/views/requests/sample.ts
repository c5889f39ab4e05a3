import { api } from '../../api.ts'
import { asXDate } from '../../model/clocks.ts'
import { clockNow } from '../../parts/ticking.ts'
import { place } from '../../place.ts'
import { world } from '../../session.ts'

interface Answer {
  readonly data?: { readonly deviceId?: string; readonly lockId?: string; readonly recordId?: string }
  readonly fileId?: string
  readonly multiParts?: readonly { readonly uploadUrl: string }[]
}

const user = '1001'

/**
 * Backs one file up, as a client would: what the page shows of it is no different from anybody else's calls.
 *
 * @param address of the world
 */
export async function sendSample(address: string): Promise<void> {
  // A world that is not there yet may be one that knows its tokens.
  const isAny = world.peek()?.settings.auth === 'any'
  const { token } = isAny ? { token: 'any-token' } : await api.issueToken(place.peek().world, user, '')
  const call = caller(address, token)
  const bound = await call('POST', '/device', {
    machineCode: 'PIXEL9_4F2A',
    deviceName: 'Ann phone',
    deviceOS: 'Android 17',
  })
  const deviceId = bound.data?.deviceId ?? ''
  const taken = await call('POST', '/lock', { moduleCode: '100' })
  const lock = { 'x-backup-lock-id': taken.data?.lockId ?? '' }
  const scopeList = [{ localPath: '/DCIM/Camera', targetFolderPath: '/Backup/Camera' }]
  await call('POST', `/device/${deviceId}/scope`, { moduleCode: '100', scopeList })
  const begun = await call('POST', '/record', { moduleCode: '100', deviceId }, lock)
  const record = `/record/${begun.data?.recordId ?? ''}`
  const content = new TextEncoder().encode('a photograph, more or less')
  const file = {
    fileName: 'IMG_2041.HEIC',
    parentFolder: ['DCIM'],
    sha256: await sha256(content),
    length: content.length,
  }
  const announced = await call('POST', `${record}/file`, file, lock)
  const [part] = announced.multiParts ?? []
  // Under the address by which the page was reached, wherever the link leads.
  if (part)
    await fetch(`${address}${part.uploadUrl.slice(part.uploadUrl.indexOf('/_upload/'))}`, {
      method: 'PUT',
      body: content,
    })
  await call('POST', '/../files/complete', { fileId: announced.fileId })
  await call('PATCH', record, {}, lock)
  await call('DELETE', '/lock', undefined, lock)
}

const caller =
  (address: string, token: string) =>
  async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const date = asXDate(clockNow('signing'))
    const response = await fetch(new URL(`${address}/koodrive/ose/v1/backup${path}`), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'x-user-id': user,
        'x-date': date,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return response.json() as Promise<Answer> // what was refused is on the page
  }

/** Where the page is not trusted with cryptography (a name without TLS), the digest is left out, and the file is checked by size. */
async function sha256(content: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  if (!globalThis.crypto.subtle) return undefined
  const digest = await crypto.subtle.digest('SHA-256', content)
  return [...new Uint8Array(digest)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()
}
