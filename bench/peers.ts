import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Connection, requestText } from './connection.ts'
import type { Workload } from './load.ts'
import type { Program } from './processes.ts'

/*
 * Emulators with a state of their own, each with what comes nearest to a compare-and-set, in memory and without a log.
 */

export interface Peer extends Program {
  /** Whether it changes on condition only. */
  readonly compares: boolean
  /** Makes what the workload changes. */
  readonly prepare: (url: string) => Promise<void>
  readonly workload: Workload
}

const folder = fileURLToPath(new URL('peers/', import.meta.url))

/** By which an installation is known to be one of today's. */
const newest = ['dynalite', 'nock', 'msw']

/** Installs them, the first time, as their own lock file says. */
export function installPeers(): void {
  if (newest.every((name) => existsSync(`${folder}node_modules/${name}`))) return
  process.stderr.write('installing the peers …\n')
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'ignore' })
}

async function expect(url: string, status: number, ...requests: readonly string[]): Promise<void> {
  const connection = new Connection(url)
  for (const request of requests) {
    const answer = await connection.ask(request)
    if (answer.status !== status) throw new Error(`${answer.status} ${answer.body}`)
  }
  connection.close()
}

const dynamo = (operation: string, body: object): string =>
  requestText(
    'POST',
    '/',
    {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20250101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=bench/20250101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0',
    },
    JSON.stringify(body),
  )

const item = (connection: number) => ({ id: { S: `item${connection}` }, value: { S: 'v' } })

const dynalite: Peer = {
  name: 'dynalite, conditional put',
  compares: true,
  args: (port) => [`${folder}dynalite.cjs`, String(port)],
  prepare: async (url) => {
    const attribute = { AttributeName: 'id' }
    const table = {
      TableName: 'bench',
      AttributeDefinitions: [{ ...attribute, AttributeType: 'S' }],
      KeySchema: [{ ...attribute, KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }
    const puts = Array.from({ length: 10 }, (_, index) => dynamo('PutItem', { TableName: 'bench', Item: item(index) }))
    await expect(url, 200, dynamo('CreateTable', table))
    const connection = new Connection(url)
    const isActive = async () =>
      (await connection.ask(dynamo('DescribeTable', { TableName: 'bench' }))).body.includes('"ACTIVE"')
    while (!(await isActive())) await new Promise(setImmediate)
    connection.close()
    await expect(url, 200, ...puts)
  },
  workload: {
    status: 200,
    of: (connection) => {
      const request = dynamo('PutItem', {
        TableName: 'bench',
        Item: item(connection),
        ConditionExpression: '#value = :current',
        ExpressionAttributeNames: { '#value': 'value' },
        ExpressionAttributeValues: { ':current': { S: 'v' } },
      })
      return () => request
    },
  },
}

/** The account that every Azurite knows, and its key: both are published. */
const account = 'devstoreaccount1'
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

function azure(method: string, path: string, body: object, more: Readonly<Record<string, string>> = {}): string {
  const date = new Date().toUTCString()
  const signature = createHmac('sha256', Buffer.from(key, 'base64'))
    .update(`${date}\n/${account}/${account}${path}`)
    .digest('base64')
  const headers = {
    'x-ms-date': date,
    'x-ms-version': '2019-02-02',
    'content-type': 'application/json',
    accept: 'application/json;odata=nometadata',
    authorization: `SharedKeyLite ${account}:${signature}`,
    ...more,
  }
  return requestText(method, `/${account}${path}`, headers, JSON.stringify(body))
}

const entityPath = (connection: number): string => `/bench(PartitionKey='p',RowKey='r${connection}')`
const entity = (connection: number) => ({ PartitionKey: 'p', RowKey: `r${connection}`, value: 'v' })

const azurite: Peer = {
  name: 'Azurite, entity with If-Match',
  compares: true,
  args: (port) => [
    `${folder}node_modules/azurite/dist/src/table/main.js`,
    ...['--silent', '--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry'],
    ...['--tableHost', '127.0.0.1', '--tablePort', String(port)],
  ],
  prepare: async (url) => {
    await expect(url, 201, azure('POST', '/Tables', { TableName: 'bench' }))
    const inserts = Array.from({ length: 10 }, (_, index) => azure('POST', '/bench', entity(index)))
    await expect(url, 201, ...inserts)
  },
  workload: {
    status: 204,
    follows: true,
    of: (connection) => {
      const [path, value] = [entityPath(connection), entity(connection)]
      return (before) =>
        azure('PUT', path, value, { 'if-match': /^etag: *(.*)$/im.exec(before?.head ?? '')?.[1] ?? '*' })
    },
  },
}

const jsonServer: Peer = {
  name: 'json-server, PATCH without a condition',
  compares: false,
  args: (port) => [`${folder}json-server.cjs`, String(port)],
  prepare: async () => undefined,
  workload: {
    status: 200,
    of: (connection) => {
      const request = requestText(
        'PATCH',
        `/configs/${connection}`,
        { 'content-type': 'application/json' },
        '{"value":"v"}',
      )
      return () => request
    },
  },
}

export const peers: readonly Peer[] = [dynalite, azurite, jsonServer]
