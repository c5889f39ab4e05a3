import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../src/store/database.ts'
import { emulator } from './installed.ts'
import { run } from './processes.ts'
import { addRecords } from './workloads.ts'

/**
 * A database file of so many records of one user and module, there until this process ends. The emulator makes it and a
 * record, of which the others are copies: each was issued a millisecond after the one before it.
 */
export async function filledFile(command: string, records: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  const path = join(folder, 'emulator.db')
  const running = await run(emulator(command, 'an emulator to be filled', '--db', path))
  await addRecords(running.url, 1)
  await running.stop()
  const database = openDatabase(path, 'normal')
  database
    .prepare(
      `WITH RECURSIVE earlier (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM earlier WHERE n < ?)
       INSERT INTO record (record_id, device, user_id, module_code, status, properties, version)
       SELECT record_id - (n << 22), device, user_id, module_code, status, properties, version + n FROM record, earlier`,
    )
    .run(records - 1)
  database.close()
  return path
}
