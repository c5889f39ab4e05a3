import { readFileSync } from 'node:fs'
import t from 'tap'
import type { OperationId } from '../schemas/index.ts'
import { contracts } from '../schemas/index.ts'
import { emulatorFor } from './fixtures/emulator.ts'

interface Example {
  readonly page: string
  readonly operation: OperationId
  readonly at: string
  readonly params: Readonly<Record<string, string>>
  readonly body: unknown
  readonly answer: unknown
}

const examples: Example[] = JSON.parse(readFileSync('data/examples.json', 'utf8'))

t.ok(examples.length > 0)
for (const { page, operation, at, params, body, answer } of examples) {
  t.test(
    `COM-8 COM-9 COM-10: the example of "${page}" answers as printed, to the letter, ids and times included`,
    async (t) => {
      for (const devices of ['adopt', 'strict']) {
        const emulator = await emulatorFor(t, { devices })
        emulator.time.now = Date.parse(at)
        const { method, path } = contracts[operation]
        const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '')
        const headers = { authorization: 'Bearer+60f4ccc7b1********3dd9a68068' }
        const response = await emulator.call({ method, path: filled, body, headers })
        t.equal(response.statusCode, 200)
        t.equal(response.body, JSON.stringify(answer))
      }
    },
  )
}
