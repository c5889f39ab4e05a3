import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as passing } from 'node:timers/promises'
import { readArchive } from '../../src/archive/reading.ts'
import { clientOf } from '../client.ts'
import { diceOf } from '../dice.ts'
import { load } from '../emulator.ts'
import type { Plan } from '../plan.ts'
import type { Verdict } from '../verdict.ts'
import { Doubts, grouped } from '../verdict.ts'

const worldsPerKill = 40
/** A kill falls this long after the first file is there, at most. */
const longestMillis = 60

/** Emulators that are killed while they park their worlds: a file is whole or is not there. */
export async function killWhileParking(plan: Plan): Promise<Verdict> {
  const doubts = new Doubts()
  const dice = diceOf(plan.seed)
  const kills = Math.ceil(plan.runs / 10)
  let files = 0
  for (let kill = 0; kill < kills; kill += 1) {
    const park = join(mkdtempSync(join(plan.folder, 'park-')), 'worlds')
    const emulator = await (await load(plan.watch)).start({ args: ['--db', ':memory:', '--park', park] })
    if (!('url' in emulator)) throw new Error(`did not start: ${emulator.code}`)
    const client = clientOf(emulator.url, plan.watch)
    for (let world = 0; world < worldsPerKill; world += 1) {
      const path = `!/worlds/w${world}/koodrive/ose/v1/backup/device`
      await client.send({ method: 'POST', path, body: { machineCode: `m${world}` } })
    }
    client.close()
    process.kill(emulator.pid, 'SIGTERM')
    while (!existsSync(park) || readdirSync(park).length === 0) await passing(1)
    await passing(dice.below(longestMillis))
    await emulator.end('SIGKILL')
    files += judge(park, doubts)
    rmSync(park, { recursive: true })
  }
  const much = `${kills} kills, ${grouped(files)} of ${grouped(kills * worldsPerKill)} worlds parked`
  return { what: 'crash: SIGKILL while worlds are parked', much, against: doubts.list }
}

/** Says how many files there are. */
function judge(park: string, doubts: Doubts): number {
  const files = readdirSync(park).filter((file) => file.endsWith('.kwa'))
  for (const file of files) {
    try {
      const { name } = readArchive([readFileSync(join(park, file))])
      doubts.claim(`${name}.kwa` === file, () => `${file} holds ${name}`)
    } catch (error) {
      doubts.add(`${file}: ${error}`)
    }
  }
  return files.length
}
