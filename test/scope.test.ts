import t from 'tap'
import { emulatorFor } from './fixtures/emulator.ts'

t.test('SCO-1 SCO-3: one good item is added', async (t) => {
  const emulator = await emulatorFor(t)
  const response = await emulator.call({ body: { moduleCode: '102', scopeList: [{ localPath: '/a' }] } })
  t.equal(response.statusCode, 200)
})
