import { hash } from 'node:crypto'
import { openDatabase } from '../../src/store/database.ts'

// better-sqlite3 alone: the statements of the emulator with the same tables, keys and transactions, and nothing around them.
const database = openDatabase(process.argv[2] ?? ':memory:', 'normal')
database.exec(`INSERT INTO device (key, user_id, device_id, machine_code, device_name, device_os, create_millis, bound)
               VALUES (1, 'bench', 'bench', '', '', '', 0, 1)`)
const begin = database.prepare('BEGIN IMMEDIATE')
const commit = database.prepare('COMMIT')
const find = database.prepare('SELECT key, bound FROM device WHERE user_id = ? AND device_id = ?')
const insert = database.prepare(
  `INSERT INTO scope (scope_id, device, module_code, paths_digest, local_path, target_folder_path)
   VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (device, module_code, paths_digest) DO NOTHING`,
)
const read = database.prepare('SELECT value FROM config WHERE device = ? AND module_code = ? AND name = ?')
const change = database.prepare('UPDATE config SET value = ? WHERE device = ? AND module_code = ? AND name = ?')
const set = database.prepare("INSERT INTO config (device, module_code, name, value) VALUES (1, '102', ?, 'value')")
const names = Array.from({ length: 1000 }, (_, index) => `name${index}`)
for (const name of names) set.run(name)

let id = 1n << 60n
let path = 0

function addScopes(rows: number): void {
  begin.run()
  find.get('bench', 'bench')
  for (let row = 0; row < rows; row += 1) {
    id += 1n
    path += 1
    const local = `/photos/${path}`
    const digest = hash('sha256', `${local.length}:${local}/backup`, 'buffer').subarray(0, 16)
    insert.run(id, 1, '102', digest, local, '/backup')
  }
  commit.run()
}

function changeConfig(index: number): void {
  begin.run()
  find.get('bench', 'bench')
  read.get(1, '102', names[index % names.length])
  change.run('value', 1, '102', names[index % names.length])
  commit.run()
}

process.on(
  'message',
  ({ batches = 0, rows = 0, changes = 0 }: { batches?: number; rows?: number; changes?: number }) => {
    if (batches + changes === 0) return
    for (let index = 0; index < batches; index += 1) addScopes(rows)
    for (let index = 0; index < changes; index += 1) changeConfig(index)
    process.send?.({ done: true })
  },
)
process.send?.({ ready: true })
