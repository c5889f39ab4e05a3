import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/*
 * The least that a server can be: it reads JSON and answers some. What it does at a time, the machine does to every server.
 */

const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8').on('data', (piece) => {
    text += piece
  })
  request.on('end', () => {
    const value: unknown = text === '' ? null : JSON.parse(text)
    const body = JSON.stringify({ data: value, code: 0, msg: 'success' })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
  })
})
process.once('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port)) // it listens on a port
