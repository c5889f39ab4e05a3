import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { load, startEmulator } from './emulator.ts'
import type { Plan } from './plan.ts'
import { listenTo, look, lookInto, send, views } from './secrets/looking.ts'
import { everything, signed } from './secrets/planted.ts'
import type { Verdict } from './verdict.ts'
import { Doubts } from './verdict.ts'
import { canaries, Watch } from './watch.ts'
import { namesakes, wordy } from './wordy.ts'

const { token, appId, appSecret } = canaries

/** Secrets put wherever a client or a person may put them: nothing that comes out shows one. */
export async function secrets(plan: Plan): Promise<Verdict[]> {
  const doubts = new Doubts()
  const watch = new Watch()
  const seed = join(plan.folder, 'secret-seed.json')
  writeFileSync(seed, JSON.stringify({ tokens: [{ token, userId: 'secret-user' }], apps: [{ appId, appSecret }] }))
  const db = join(plan.folder, 'secrets.db')
  const emulator = await startEmulator(watch, ['--db', db, '--seed', seed, '--auth', 'known', '--log-level', 'trace'])
  const events = await listenTo(emulator, watch)
  let count = 0
  for (const one of everything()) {
    await send(emulator, one, watch)
    count += 1
    // Before the journal lets go of them.
    if (count % 40 === 0) await look(emulator, ['/requests', '/requests.har'], watch)
    if (count % 400 === 0) count += await lookInto(emulator, watch)
  }
  const accepted = await send(
    emulator,
    signed((signature) => signature),
    watch,
  )
  doubts.claim(accepted === 200, () => `a signature made with the canary was answered ${accepted}`)
  await look(emulator, views, watch)
  await lookInto(emulator, watch)
  events.destroy()
  await emulator.end('SIGTERM')
  const open = await startEmulator(watch, ['--db', ':memory:'])
  const others = [await namesakes(open), await wordy(open)]
  await open.end('SIGTERM')
  if (!plan.short) await startWrongly(plan, watch)
  plan.watch.include(watch)
  for (const found of watch.found) doubts.add(found)
  return [
    {
      what: 'secrets: planted wherever one may stand',
      much: `${count} requests, all views, log at trace`,
      against: doubts.list,
    },
    ...others,
  ]
}

/** A seed that is wrong next to its secrets ends the start with a sentence. */
async function startWrongly(plan: Plan, watch: Watch): Promise<void> {
  const seed = join(plan.folder, 'wrong-seed.json')
  for (const text of [
    `{"apps":[{"appId":"${appSecret} ","appSecret":"${appSecret}"}]}`,
    `{"tokens":[{"token":"${token}"}`,
    `{"tokens":[{"token":"${token} ","userId":"a"}]}`,
  ]) {
    writeFileSync(seed, text)
    await (await load(watch)).start({ args: ['--db', ':memory:', '--seed', seed] })
  }
}
