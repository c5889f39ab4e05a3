import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { startEmulator as startHere } from '../../src/index.ts'
import type { Client } from '../client.ts'
import { clientOf, xDate } from '../client.ts'
import type { Emulator } from '../emulator.ts'
import { load, startEmulator } from '../emulator.ts'
import type { Plan } from '../plan.ts'
import { atStatements } from '../statements.ts'
import type { Verdict } from '../verdict.ts'
import { Doubts } from '../verdict.ts'
import type { Word } from '../victim.ts'
import type { Told } from './drive.ts'
import { isWanted, lineCount, nameOf, sendLine } from './drive.ts'
import { contentOf } from './rows.ts'
import { noon } from './scenario.ts'
import type { Reference } from './sweep.ts'

interface Trouble {
  readonly name: string
  readonly begin: Word
  readonly end: Word
  /** What the log must say of its cause. */
  readonly cause: RegExp
}

const failing = (code: string): Trouble => ({
  name: code,
  begin: { failing: code },
  end: { failing: null },
  cause: new RegExp(`"code":"${code}"`),
})

const troubles: readonly Trouble[] = [
  {
    name: 'disk full',
    begin: { sql: 'PRAGMA max_page_count = 1' },
    end: { sql: 'PRAGMA max_page_count = 1000000' },
    cause: /"message":"database or disk is full"/,
  },
  {
    name: 'read-only',
    begin: { sql: 'PRAGMA query_only = ON' },
    end: { sql: 'PRAGMA query_only = OFF' },
    cause: /"message":"attempt to write a readonly database"/,
  },
  ...['SQLITE_BUSY', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_FSYNC', 'SQLITE_FULL'].map(failing),
]

/** A batch too large for pages that are already there. */
const batch = (name: string) => ({
  method: 'POST',
  path: '/device/storage/scope',
  body: {
    moduleCode: '100',
    scopeList: Array.from({ length: 100 }, (_, index) => ({ localPath: `/${name}/${index}/${'x'.repeat(2000)}` })),
  },
})

/** Storage that fails for a while: an envelope, a line in the log, and all is well once it is over. */
export async function failStorage(plan: Plan): Promise<Verdict[]> {
  const doubts = new Doubts()
  const db = join(mkdtempSync(join(plan.folder, 'storage-')), 'emulator.db')
  const emulator = await startEmulator(plan.watch, ['--db', db])
  const client = clientOf(emulator.url, plan.watch)
  let stored = 0
  for (const trouble of troubles) stored = await suffer(trouble, emulator, client, stored, doubts)
  if (!plan.short) await lockedOut(plan, db, client, doubts)
  client.close()
  await emulator.end('SIGTERM')
  for (const damage of contentOf(db, plan.folder).damage) doubts.add(damage)
  const names = `full, read-only, busy, input/output errors${plan.short ? '' : ', locked'}`
  return [{ what: 'crash: storage that fails for a while', much: names, against: doubts.list }]
}

const scopeCount = async (client: Client): Promise<number> =>
  JSON.parse((await client.send({ method: 'GET', path: '/device/storage/scope?moduleCode=100' })).text).scopeList
    ?.length

async function suffer(
  { name, begin, end, cause }: Trouble,
  emulator: Emulator,
  client: Client,
  stored: number,
  doubts: Doubts,
) {
  await client.send(batch(`before ${name}`))
  await emulator.tell(begin)
  const refused = await client.send(batch(name))
  const isEnvelope = refused.status === 500 && refused.text === '{"code":13000201,"msg":"inner server invoke failure"}'
  doubts.claim(isEnvelope, () => `${name}: ${refused.status} ${refused.text}`)
  doubts.claim(await emulator.says(cause), () => `${name}: the log does not say why: ${emulator.output().slice(-500)}`)
  await emulator.tell(end)
  const again = await client.send(batch(name))
  doubts.claim(again.status === 200, () => `once ${name} is over: ${again.status} ${again.text}`)
  const count = await scopeCount(client)
  doubts.claim(count === stored + 200, () => `${name}: ${count} scopes, not ${stored + 200}`)
  return stored + 200
}

/** While an emulator has the file nobody else gets it, and while somebody else has it no emulator starts. */
async function lockedOut(plan: Plan, db: string, client: Client, doubts: Doubts): Promise<void> {
  const second = await (await load(plan.watch)).start({ args: ['--db', db] })
  doubts.claim('code' in second && second.code === 1, () => 'a second emulator started on the same file')
  const intruder = new Sqlite(db, { timeout: 0 })
  try {
    intruder.exec('CREATE TABLE intruder (a)')
    doubts.add('another process wrote to the file')
  } catch (error) {
    doubts.claim(String(error).includes('locked'), () => `another process: ${error}`)
  }
  intruder.close()
  const answer = await client.send(batch('after the intruder'))
  doubts.claim(answer.status === 200, () => `after the intruder: ${answer.status} ${answer.text}`)
  await begunWhileLocked(plan, doubts)
}

async function begunWhileLocked(plan: Plan, doubts: Doubts): Promise<void> {
  const db = join(mkdtempSync(join(plan.folder, 'locked-')), 'emulator.db')
  const holder = new Sqlite(db)
  holder.exec('PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE')
  const refused = await (await load(plan.watch)).start({ args: ['--db', db] })
  doubts.claim('code' in refused && refused.code === 1, () => 'an emulator started on a locked file')
  holder.exec('ROLLBACK')
  holder.close()
  const emulator = await startEmulator(plan.watch, ['--db', db])
  await emulator.end('SIGTERM')
}

/** One statement fails, each in its turn: its line is refused or unharmed, changes nothing then, and goes well afterwards. */
export async function failAtEach(plan: Plan, { statements, rows }: Reference): Promise<Verdict> {
  const doubts = new Doubts()
  const step = plan.short ? 113 : 1
  let failures = 0
  for (let failAt = 0; failAt < statements; failAt += step) {
    await failOnce(plan, failAt, rows, doubts)
    failures += 1
  }
  return { what: 'crash: an error from every statement', much: `${failures} errors`, against: doubts.list }
}

async function failOnce(plan: Plan, failAt: number, rows: readonly string[], doubts: Doubts): Promise<void> {
  const folder = mkdtempSync(join(plan.folder, 'fail-'))
  const db = join(folder, 'emulator.db')
  let [statement, sql] = [0, '']
  const end = atStatements(db, (at) => {
    if (!at.isBefore) return
    const isNow = statement === failAt
    statement += 1
    if (!isNow) return
    sql = at.sql
    throw new Sqlite.SqliteError('made to fail', 'SQLITE_FULL')
  })
  try {
    const emulator = await startHere({ db }).catch(() => startHere({ db }))
    const client = clientOf(emulator.url, plan.watch, () => xDate(noon))
    await playThrough(
      client,
      () => contentOf(db, folder).rows,
      rows,
      () => `failing at ${failAt} (${sql.slice(0, 60)})`,
      doubts,
    )
    client.close()
    await emulator.close()
  } finally {
    end()
  }
  const found = contentOf(db, folder)
  doubts.claim(found.rows === rows.at(-1), () => `failing at ${failAt} (${sql}), the end is another: ${found.damage}`)
}

async function playThrough(
  client: Client,
  look: () => string,
  rows: readonly string[],
  where: () => string,
  doubts: Doubts,
) {
  const told: Told = {}
  for (let line = 0; line < lineCount; line += 1) {
    const answer = await sendLine(client, line, told)
    if (isWanted(line, answer)) continue
    doubts.claim(answer.status === 500, () => `${where()}, ${nameOf(line, told)}: ${answer.status} ${answer.text}`)
    doubts.claim(look() === rows[line], () => `${where()}, ${nameOf(line, told)} was refused and changed the file`)
    const again = await sendLine(client, line, told)
    doubts.claim(isWanted(line, again), () => `${where()}, ${nameOf(line, told)} again: ${again.status} ${again.text}`)
  }
}
