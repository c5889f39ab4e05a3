import { createServer } from 'node:http'

// The least that a server in Node can do for a configuration change: read the JSON, answer the same JSON.
createServer((request, response) => {
  const pieces = []
  request.on('data', (piece) => pieces.push(piece))
  request.on('end', () => {
    const { moduleCode, configName, newConfigValue } = JSON.parse(Buffer.concat(pieces).toString() || '{}')
    const deviceId = request.url.split('/')[6]
    const data = { deviceId, moduleCode, configName, configValue: newConfigValue }
    const body = JSON.stringify({ data, code: 0, msg: 'success' })
    const type = 'application/json; charset=utf-8'
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
  })
}).listen(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write('listening\n'))
