import { basePath, familyPath } from '../schemas/common.ts'
import type { Answer } from './connection.ts'
import { requestText } from './connection.ts'
import type { Next, Workload } from './load.ts'
import { headers } from './workloads.ts'

const content = 'koodrive'

/** Files of one part: announced, sent, told complete, and again. Each connection is a user with a record of its own. */
export const files: Workload = { status: 200, follows: true, of: (connection) => nextOf(`bench-${connection}`) }

function nextOf(user: string): Next {
  const post = (path: string, body: object, more = {}) =>
    requestText('POST', path, headers({ 'x-user-id': user, ...more }), JSON.stringify(body))
  const held = { 'x-backup-lock-id': '' }
  let [files, record, fileId] = [0, '', '']
  const announce = (): string => {
    files += 1
    return post(`${basePath}/record/${record}/file`, { fileName: `${files}`, length: content.length }, held)
  }
  let step: (told: Told) => string
  const steps = {
    lock: ({ data }: Told) => {
      held['x-backup-lock-id'] = `${data?.lockId}`
      step = steps.record
      return post(`${basePath}/record`, { moduleCode: '102', deviceId: 'bench' }, held)
    },
    record: ({ data }: Told) => {
      record = `${data?.recordId}`
      step = steps.announced
      return announce()
    },
    announced: ({ fileId: id, multiParts: [part] = [] }: Told) => {
      fileId = `${id}`
      step = steps.sent
      const { pathname, search } = new URL(`${part?.uploadUrl}`)
      return requestText('PUT', `${pathname}${search}`, {}, content)
    },
    sent: () => {
      step = steps.completed
      return post(`${familyPath}/files/complete`, { fileId })
    },
    completed: () => {
      step = steps.announced
      return announce()
    },
  }
  step = steps.lock
  return (before) => (before === undefined ? post(`${basePath}/lock`, { moduleCode: '102' }) : step(toldBy(before)))
}

interface Told {
  readonly data?: { readonly lockId?: string; readonly recordId?: string }
  readonly fileId?: string
  readonly multiParts?: readonly { readonly uploadUrl: string }[]
}

const toldBy = ({ body }: Answer): Told => (body === '' ? {} : JSON.parse(body))
