import { basePath } from '../schemas/common.ts'
import { Connection, requestText } from './connection.ts'
import type { Workload } from './load.ts'
import { addRecords, headers, scopesBody } from './workloads.ts'

/*
 * What clients read most: pages of records and files, and the list of scopes.
 */

const get = (path: string): string => requestText('GET', `${basePath}${path}`, headers())

const reading = (path: string): Workload => ({ status: 200, of: () => () => get(path) })

/** The first twenty records. */
export const page = reading('/record?moduleCode=102&pageSize=20')
/** All scopes, a hundred. */
export const scopeList = reading('/device/bench/scope?moduleCode=102')

/** A hundred files of the record that was there first, once it has been found. */
export const filePage: Workload = {
  status: 200,
  follows: true,
  of: () => {
    let path = ''
    return (before) => {
      if (before === undefined) return get('/record?moduleCode=102&pageSize=1')
      if (path === '') path = `/record/${JSON.parse(before.body).data[0].recordId}/files?pageSize=100`
      return get(path)
    }
  },
}

/** The tenth page of twenty records, by the cursors of the nine before it, and then that one again and again. */
export const tenthPage: Workload = {
  status: 200,
  follows: true,
  of: () => {
    let [pages, cursor] = [0, '']
    return (before) => {
      if (before !== undefined && pages < 10)
        cursor = `&cursor=${encodeURIComponent(JSON.parse(before.body).nextCursor)}`
      pages += 1
      return get(`/record?moduleCode=102&pageSize=20${cursor}`)
    }
  },
}

/** Records for more than ten pages, a hundred files in the first of them, a hundred scopes. */
export async function addLists(url: string): Promise<void> {
  const held = await addRecords(url, 220)
  const connection = new Connection(url)
  const ask = async (method: string, path: string, body: string, more = {}) => {
    const answer = await connection.ask(requestText(method, path, headers(more), body))
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`)
    return answer.body === '' ? {} : JSON.parse(answer.body)
  }
  await ask('POST', `${basePath}/device/bench/scope`, scopesBody(100))
  const [record] = (await ask('GET', `${basePath}/record?moduleCode=102&pageSize=1`, '')).data
  for (let index = 0; index < 100; index += 1) {
    const wanted = { fileName: `photo-${index}.jpg`, length: 8 }
    const file = await ask('POST', `${basePath}/record/${record.recordId}/file`, JSON.stringify(wanted), held)
    const { pathname, search } = new URL(file.multiParts[0].uploadUrl)
    await ask('PUT', `${pathname}${search}`, 'koodrive')
    await ask('POST', basePath.replace(/backup$/, 'files/complete'), JSON.stringify({ fileId: file.fileId }))
  }
  connection.close()
}
