import { basePath } from '../schemas/common.ts'
import { xDate } from '../src/http/headers.ts'
import type { Answer } from './connection.ts'
import { Connection, requestText } from './connection.ts'
import type { Workload } from './load.ts'

const device = `${basePath}/device/bench`

const aSecondAgo = (): string => xDate(Date.now() - 1000)

type Headers = Readonly<Record<string, string>>

export const headers = (more: Headers = {}): Headers => ({
  authorization: 'Bearer bench-token',
  'x-user-id': 'bench',
  'x-date': aSecondAgo(),
  'content-type': 'application/json',
  ...more,
})

const change = (name: string, current: string): string =>
  JSON.stringify({ moduleCode: '102', configName: name, currentConfigValue: current, newConfigValue: 'value' })

/** Names as many as the floor's; each is set by the first request that names it. */
const nameOf = (index: number): string => `name${index % 1000}`

/** The same request again and again, its configuration's name aside. */
const changing = (status: number, current: string, more: Headers = {}): Workload => ({
  status,
  of: (connection) => {
    let index = connection * 100
    return () => {
      index += 1
      return requestText('PATCH', `${device}/config`, headers(more), change(nameOf(index), current))
    }
  },
})

export const compareAndSet = changing(200, 'value')
export const mismatch = changing(400, 'other')
export const badHeader = changing(400, 'value', { 'x-date': 'yesterday' })

/** Compare-and-sets that go from one world to the next. */
export const compareAndSetIn = (worlds: number): Workload => ({
  status: 200,
  of: (connection) => {
    let index = connection
    return () => {
      index += 1
      const world = worlds === 1 ? 'default' : `world-${index % worlds}`
      const more = { 'x-emulator-world': world }
      return requestText('PATCH', `${device}/config`, headers(more), change(nameOf(connection), 'value'))
    }
  },
})

let lastPath = 0

export function scopesBody(items: number): string {
  const scopeList = Array.from({ length: items }, () => {
    lastPath += 1
    return { localPath: `/photos/${lastPath}`, targetFolderPath: '/backup' }
  })
  return JSON.stringify({ moduleCode: '102', scopeList })
}

/** Batches of scopes, none of which exists. */
export const batchOf = (items: number): Workload => ({
  status: 200,
  of: () => () => requestText('POST', `${device}/scope`, headers(), scopesBody(items)),
})

/** Records to page through. Answers the headers of who holds their lock. */
export async function addRecords(url: string, count: number): Promise<Headers> {
  const connection = new Connection(url)
  const ask = async (path: string, body: object, more: Headers = {}): Promise<Answer> => {
    const answer = await connection.ask(requestText('POST', basePath + path, headers(more), JSON.stringify(body)))
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`)
    return answer
  }
  const lock = await ask('/lock', { moduleCode: '102' })
  const held = { 'x-backup-lock-id': String(JSON.parse(lock.body).data.lockId) }
  for (let index = 0; index < count; index += 1) await ask('/record', { moduleCode: '102', deviceId: 'bench' }, held)
  connection.close()
  return held
}
