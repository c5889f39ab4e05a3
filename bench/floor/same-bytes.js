import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

// Answers what another server answered: of each path's last segment, the headers and the body as they were, without a look
// at the request.
const answers = JSON.parse(readFileSync(process.argv[3], 'utf8'))
createServer((request, response) => {
  const path = request.url.split('?', 1)[0]
  const { headers, body } = answers[path.slice(path.lastIndexOf('/') + 1)]
  response.writeHead(200, headers).end(body)
}).listen(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write('listening\n'))
