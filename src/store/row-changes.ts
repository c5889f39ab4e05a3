import type { Database } from './database.ts'

/** The tables that are watched, and the columns of each; ids of 64 bits are read as text. */
export const watched = {
  device: ['key', 'user_id', 'device_id', 'machine_code', 'device_name', 'device_os', 'create_millis', 'bound'],
  scope: ['scope_id', 'device', 'module_code', 'local_path', 'target_folder_path'],
  config: ['device', 'module_code', 'name', 'value'],
  lock: ['user_id', 'module_code', 'lock_id', 'expires_millis'],
  record: ['record_id', 'device', 'user_id', 'module_code', 'properties', 'version', 'status', 'end_millis'],
  file: [
    'file_id',
    'user_id',
    'record',
    'name',
    'parent',
    'description',
    'mime_type',
    'file_type',
    'created_time',
    'sha256',
    'size',
    'upload_id',
    'finished',
  ],
  part: ['file', 'number', 'offset', 'size'],
  stored_part: ['file', 'number', 'size', 'etag', 'sha256'],
} as const

export type WatchedTable = keyof typeof watched

const wideIds: readonly string[] = ['scope_id', 'record_id', 'file_id', 'record', 'file']

/** The values of a row, in the order of its table's columns. */
export type RowValues = readonly (string | number | null)[]

/** A row as it is. */
interface Row {
  readonly table: WatchedTable
  readonly values: RowValues
}

/** What became of a row; of one that was added there is no `before`, of one that is gone no `after`. */
export interface RowChange {
  readonly table: WatchedTable
  readonly before: RowValues | null
  readonly after: RowValues | null
}

/** What a piece of work changed: so many of the first, and how many more. */
export interface NotedRows {
  readonly rows: readonly RowChange[]
  readonly omitted: number
}

const mostKept = 1000

const tables = Object.keys(watched) as WatchedTable[] // keys of a constant object are its names

const columnsOf = (table: WatchedTable, of: string): string[] =>
  watched[table].map((column) => (wideIds.includes(column) ? `CAST(${of}${column} AS TEXT)` : `${of}${column}`))

/** What is to be told when, and with which versions of the row. A row is told to be gone before those are that go with it. */
const moments = {
  insert: ['AFTER', ['NEW.']],
  update: ['AFTER', ['OLD.', 'NEW.']],
  delete: ['BEFORE', ['OLD.']],
} as const

const triggers = tables.flatMap((table) =>
  Object.entries(moments).map(([moment, [when, versions]]) => {
    const name = `temp.noted_${table}_${moment}`
    const values = versions.flatMap((of) => columnsOf(table, of)).join(', ')
    const make = `CREATE TEMP TRIGGER IF NOT EXISTS noted_${table}_${moment} ${when} ${moment} ON main.${table}
      BEGIN SELECT note_row('${table}', '${moment}', ${values}); END`
    return { make, drop: `DROP TRIGGER IF EXISTS ${name}` }
  }),
)

/**
 * Notes what becomes of rows, those included that go with others, by triggers of this connection alone. While it is off
 * there are none, and it costs nothing.
 */
export class RowChanges {
  readonly #database: Database
  #isPrepared = false
  #isOn = false
  #wasOn = false
  #rows: RowChange[] = []
  #omitted = 0

  constructor(database: Database) {
    this.#database = database
  }

  get isOn(): boolean {
    return this.#isOn
  }

  start(): void {
    if (!this.#isOn) this.#turn(true)
  }

  stop(): void {
    if (this.#isOn) this.#turn(false)
  }

  /** What was noted since the last time; `null` while nobody notes. */
  take(): NotedRows | null {
    if (!this.#isOn) return null
    const noted = { rows: this.#rows, omitted: this.#omitted }
    this.#forget()
    return noted
  }

  /** A transaction begins: what it does here, too, may be undone. */
  begin(): void {
    this.#wasOn = this.#isOn
  }

  /** The transaction was undone, its triggers with it; a pragma is not. */
  undo(): void {
    if (this.#isOn !== this.#wasOn) {
      this.#isOn = this.#wasOn
      this.#tellOfReplaced()
    }
    this.#forget()
  }

  /** Every row that is there. */
  *all(): Generator<Row> {
    for (const table of tables) {
      const columns = columnsOf(table, '').join(', ')
      const read = this.#database.prepare<[], RowValues>(`SELECT ${columns} FROM ${table}`).raw()
      for (const values of read.iterate()) yield { table, values }
    }
  }

  #turn(isOn: boolean): void {
    this.#prepare()
    for (const { make, drop } of triggers) this.#database.prepare(isOn ? make : drop).run()
    this.#isOn = isOn
    this.#tellOfReplaced()
    this.#forget()
  }

  /** Only where triggers call each other is a row that gives way to another told to be gone. */
  #tellOfReplaced(): void {
    this.#database.pragma(`recursive_triggers = ${this.#isOn ? 'ON' : 'OFF'}`)
  }

  #prepare(): void {
    if (this.#isPrepared) return
    this.#isPrepared = true
    this.#database.pragma('temp_store = MEMORY') // a system may have no place for temporary files
    this.#database.function('note_row', { varargs: true }, (...told) => this.#note(...(told as Told))) // by the triggers above
  }

  #note(table: WatchedTable, moment: keyof typeof moments, ...values: RowValues): void {
    if (this.#rows.length === mostKept) this.#omitted += 1
    else this.#rows.push({ table, ...versionsOf(moment, values) })
  }

  #forget(): void {
    this.#rows = []
    this.#omitted = 0
  }
}

type Told = [table: WatchedTable, moment: keyof typeof moments, ...values: RowValues]

function versionsOf(moment: keyof typeof moments, values: RowValues): Pick<RowChange, 'before' | 'after'> {
  if (moment === 'insert') return { before: null, after: values }
  if (moment === 'delete') return { before: values, after: null }
  const half = values.length / 2
  return { before: values.slice(0, half), after: values.slice(half) }
}
