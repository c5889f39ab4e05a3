import { once } from 'node:events'
import module from 'node:module'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { basePath } from '../schemas/common.ts'
import { explain } from './usage.ts'

explain(`npm run prewarm

Runs what npm run build wrote once, so that the next start finds it compiled: for the image.`)

/*
 * Runs the bundle once, from its start to its end with a request in between, so that src/main.js finds it compiled from then
 * on: by this Node, at this place, for this user.
 */

const dist = new URL('../dist/', import.meta.url)
module.enableCompileCache(fileURLToPath(new URL('.compiled', dist)))
const { main } = await import(new URL('src/main.js', dist).href)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return Object(address).port
}

const port = await freePort()
const { promise: first, resolve: stop } = Promise.withResolvers<NodeJS.Signals>()
const signals = { first, parent: process.ppid, release: () => Promise.resolve() }
const settings = ['--port', String(port), '--db', ':memory:', '--log-format', 'json']
const served = main(settings, signals).then((status: number) => {
  if (status !== 0) process.exit(status) // it could not start, and has said why
})
const url = `http://127.0.0.1:${port}`
while ((await main(['health', '--url', url], signals)) !== 0) await wait(20)
const headers = {
  authorization: 'Bearer token',
  'x-user-id': 'user',
  'x-date': new Date().toISOString().replace(/[-:]|\.\d{3}/g, ''),
}
const answer = await fetch(`${url}${basePath}/device`, { headers })
if (answer.status !== 200) throw new Error(`the bundle answers ${answer.status}`)
stop('SIGTERM')
await served
